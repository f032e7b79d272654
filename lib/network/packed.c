#include "network/packed.h"

#include <string.h>

#include "base/context.h"
#include "base/pool.h"
#include "cluster/clusters.h"
#include "tensor/gemm.h"

/* Time of a cell of a packed rectangle, and of a residue synapse, over that of a cell of the dense
 * product, forward and both gradients together. Measured on 1200 x 1200 weights with rectangles of
 * 64 x 64 and 16 x 16, 3 % residue, 100 and 400 samples, cblas backend: 1.1 to 1.7, and 5.3 to 6.7.
 * The packed form is taken where it is at least a tenth faster (chosen here). */
static const double block_cost = 1.4;
static const double residue_cost = 6.0;
static const double dense_margin = 0.9;

enum { CHUNK = 16384 }; /* values a task, chosen here: 64 KiB stay in the second-level cache */

void trn_packed_free(trnnsf_context *ctx, struct trn_packed *packed)
{
    if (!packed)
        return;
    trn_free(ctx, packed->scratch);
    if (packed->borrowed) {
        trn_free(ctx, packed);
        return;
    }
    if (!packed->dense)
        trn_free(ctx, packed->values);
    trn_free(ctx, packed->keep);
    trn_blocks_free(ctx, packed->blocks);
    trnnsf_matrix_free(packed->residue);
    trnnsf_matrix_free(packed->reversed);
    trn_free(ctx, packed->order);
    trn_free(ctx, packed->reversed_values);
    trn_free(ctx, packed->gradient);
    trn_free(ctx, packed->reads);
    trn_free(ctx, packed->writes);
    trn_free(ctx, packed);
}

/* The kept synapses that no rectangle holds; `mask` NULL keeps all. */
static trnnsf_status residue_mask(trnnsf_context *ctx, const struct trn_layer *layer,
                                  struct trn_mask **out_mask)
{
    struct trn_mask *cover = NULL, *residue = NULL;
    trnnsf_status status = trn_mask_create(ctx, layer->n_out, layer->n_in, &cover);

    if (status == TRNNSF_OK && layer->clusters)
        trn_blocks_cover(layer->clusters->blocks, cover);
    if (status == TRNNSF_OK)
        status = trn_mask_copy(ctx, layer->mask, &residue);
    if (status == TRNNSF_OK) {
        trn_mask_and_not(residue, cover);
        *out_mask = residue;
    }
    trn_mask_free(ctx, cover);
    return status;
}

static bool packed_is_faster(const struct trn_layer *layer, size_t block_cells, size_t residue)
{
    double dense = (double)layer->n_in * (double)layer->n_out;

    return !layer->grouped && block_cost * (double)block_cells + residue_cost * (double)residue <
                                  dense_margin * dense;
}

/* A byte a value: does the mask keep it, and is its cell in no earlier rectangle? */
static trnnsf_status make_block_keep(trnnsf_context *ctx, const struct trn_layer *layer,
                                     const struct trn_blocks *blocks, uint8_t *keep)
{
    struct trn_mask *free_cells;

    TRN_TRY(trn_mask_copy(ctx, layer->mask, &free_cells));
    for (size_t b = 0; b < blocks->count; b++) {
        for (size_t i = blocks->row_start[b]; i < blocks->row_start[b + 1]; i++) {
            for (size_t j = blocks->column_start[b]; j < blocks->column_start[b + 1]; j++) {
                *keep++ = trn_mask_get(free_cells, blocks->row[i], blocks->column[j]);
                trn_mask_clear(free_cells, blocks->row[i], blocks->column[j]);
            }
        }
    }
    trn_mask_free(ctx, free_cells);
    return TRNNSF_OK;
}

static void drop_keep_if_whole(trnnsf_context *ctx, struct trn_packed *packed)
{
    if (memchr(packed->keep, 0, packed->n_values))
        return;
    trn_free(ctx, packed->keep);
    packed->keep = NULL;
}

static trnnsf_status create_dense(trnnsf_context *ctx, const struct trn_layer *layer, bool training,
                                  struct trn_packed *packed)
{
    packed->dense = true;
    packed->n_values = layer->n_in * layer->n_out;
    packed->values = layer->weights;
    if (!layer->mask || !training)
        return TRNNSF_OK;
    packed->keep = TRN_NEW_ARRAY(ctx, uint8_t, packed->n_values);
    if (!packed->keep)
        return TRN_NO_MEMORY;
    for (size_t i = 0; i < layer->n_out; i++) {
        for (size_t j = 0; j < layer->n_in; j++)
            packed->keep[i * layer->n_in + j] = trn_mask_get(layer->mask, i, j);
    }
    drop_keep_if_whole(ctx, packed);
    return TRNNSF_OK;
}

static trnnsf_status create_training(trnnsf_context *ctx, struct trn_packed *packed)
{
    packed->gradient = TRN_NEW_ARRAY(ctx, float, packed->n_values);
    if (!packed->gradient)
        return TRN_NO_MEMORY;
    if (!packed->residue)
        return TRNNSF_OK;

    size_t count = trn_sparse_nonzeros(packed->residue);
    packed->order = TRN_NEW_ARRAY(ctx, size_t, count);
    packed->reversed_values = TRN_NEW_ARRAY(ctx, float, count);
    if (!packed->order || !packed->reversed_values)
        return TRN_NO_MEMORY;
    return trn_sparse_transpose(ctx, packed->residue, packed->order, &packed->reversed);
}

static trnnsf_status create_scratch(trnnsf_context *ctx, size_t capacity, struct trn_packed *packed)
{
    if (!packed->blocks || capacity == 0)
        return TRNNSF_OK;
    packed->scratch =
        trn_malloc(ctx, trn_blocks_scratch(ctx, packed->blocks, capacity), sizeof *packed->scratch);
    return packed->scratch ? TRNNSF_OK : TRN_NO_MEMORY;
}

/* NULL where all flags are set. */
static uint8_t *drop_flags_if_all(trnnsf_context *ctx, uint8_t *flags, size_t n)
{
    if (memchr(flags, 0, n))
        return flags;
    trn_free(ctx, flags);
    return NULL;
}

static trnnsf_status flag_lines(trnnsf_context *ctx, struct trn_packed *packed)
{
    const struct trn_blocks *blocks = packed->blocks;
    const struct trnnsf_matrix *residue = packed->residue;

    packed->reads = TRN_NEW_ARRAY(ctx, uint8_t, packed->n_in);
    packed->writes = TRN_NEW_ARRAY(ctx, uint8_t, packed->n_out);
    if (!packed->reads || !packed->writes)
        return TRN_NO_MEMORY;
    for (size_t i = 0; blocks && i < blocks->row_start[blocks->count]; i++)
        packed->writes[blocks->row[i]] = 1;
    for (size_t j = 0; blocks && j < blocks->column_start[blocks->count]; j++)
        packed->reads[blocks->column[j]] = 1;
    for (size_t i = 0; residue && i < packed->n_out; i++) {
        if (residue->row_start[i] < residue->row_start[i + 1])
            packed->writes[i] = 1;
        for (size_t e = residue->row_start[i]; e < residue->row_start[i + 1]; e++)
            packed->reads[residue->column[e]] = 1;
    }
    packed->reads = drop_flags_if_all(ctx, packed->reads, packed->n_in);
    packed->writes = drop_flags_if_all(ctx, packed->writes, packed->n_out);
    return TRNNSF_OK;
}

/* `residue` has at least the shape of the layer; `block_cells` are the cells of all rectangles. */
static trnnsf_status create_packed(trnnsf_context *ctx, const struct trn_layer *layer,
                                   const struct trn_mask *residue, size_t block_cells,
                                   size_t capacity, bool training, struct trn_packed *packed)
{
    size_t n_residue = trn_mask_count(residue);

    packed->n_values = block_cells + n_residue;
    packed->values = TRN_NEW_ARRAY(ctx, float, packed->n_values);
    packed->keep = trn_malloc(ctx, packed->n_values, 1);
    if (!packed->values || !packed->keep)
        return TRN_NO_MEMORY;
    memset(packed->keep, 1, packed->n_values);
    if (block_cells > 0) {
        TRN_TRY(trn_blocks_copy(ctx, layer->clusters->blocks, &packed->blocks));
        TRN_TRY(make_block_keep(ctx, layer, packed->blocks, packed->keep));
        TRN_TRY(create_scratch(ctx, capacity, packed));
    }
    drop_keep_if_whole(ctx, packed);
    if (n_residue > 0)
        TRN_TRY(trn_sparse_from_mask(ctx, residue, NULL, 0, &packed->residue));
    TRN_TRY(flag_lines(ctx, packed));
    if (training)
        TRN_TRY(create_training(ctx, packed));
    trn_packed_from_dense(packed, layer->weights, packed->values);
    return TRNNSF_OK;
}

static size_t count_block_cells(const struct trn_layer *layer)
{
    const struct trn_blocks *blocks = layer->clusters ? layer->clusters->blocks : NULL;

    return blocks ? blocks->value_start[blocks->count] : 0;
}

trnnsf_status trn_packed_create(trnnsf_context *ctx, struct trn_layer *layer, size_t capacity,
                                bool training, struct trn_packed **out_packed)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_mask *residue = NULL;
    size_t block_cells = count_block_cells(layer);
    struct trn_packed *packed = TRN_NEW(ctx, struct trn_packed);

    TRN_NEED_OUT(packed);
    packed->n_in = layer->n_in;
    packed->n_out = layer->n_out;
    if (layer->mask)
        TRN_TRY_OUT(residue_mask(ctx, layer, &residue));
    if (residue && packed_is_faster(layer, block_cells, trn_mask_count(residue)))
        status = create_packed(ctx, layer, residue, block_cells, capacity, training, packed);
    else
        status = create_dense(ctx, layer, training, packed);
    if (status == TRNNSF_OK) {
        *out_packed = packed;
        packed = NULL;
    }
out:
    trn_mask_free(ctx, residue);
    trn_packed_free(ctx, packed);
    return status;
}

trnnsf_status trn_packed_borrow(trnnsf_context *ctx, struct trn_layer *layer, size_t capacity,
                                struct trn_packed **out_packed)
{
    struct trn_packed *packed;
    trnnsf_status status;

    if (!layer->ready || layer->ready_revision != layer->revision) {
        TRN_TRY(trn_packed_create(ctx, layer, 0, false, &packed));
        trn_packed_free(ctx, layer->ready);
        layer->ready = packed;
        layer->ready_revision = layer->revision;
    }
    packed = TRN_NEW(ctx, struct trn_packed);
    if (!packed)
        return TRN_NO_MEMORY;
    *packed = *layer->ready;
    packed->borrowed = true;
    status = create_scratch(ctx, capacity, packed);
    if (status == TRNNSF_OK)
        *out_packed = packed;
    else
        trn_packed_free(ctx, packed);
    return status;
}

static size_t residue_begin(const struct trn_packed *packed)
{
    return packed->blocks ? packed->blocks->value_start[packed->blocks->count] : 0;
}

void trn_packed_from_dense(const struct trn_packed *packed, const float *dense, float *values)
{
    if (packed->dense) {
        if (values != dense)
            memcpy(values, dense, packed->n_values * sizeof(float));
    } else {
        const struct trnnsf_matrix *residue = packed->residue;
        float *value = values + residue_begin(packed);

        if (packed->blocks)
            trn_blocks_pack(packed->blocks, dense, values);
        for (size_t i = 0; residue && i < packed->n_out; i++) {
            for (size_t e = residue->row_start[i]; e < residue->row_start[i + 1]; e++)
                value[e] = dense[i * packed->n_in + residue->column[e]];
        }
    }
    for (size_t v = 0; packed->keep && v < packed->n_values; v++)
        values[v] = packed->keep[v] ? values[v] : 0.0f;
}

void trn_packed_to_dense(const struct trn_packed *packed, const float *values, float *dense)
{
    if (packed->dense) {
        if (values != dense)
            memcpy(dense, values, packed->n_values * sizeof(float));
        return;
    }

    const struct trnnsf_matrix *residue = packed->residue;
    const float *value = values + residue_begin(packed);

    memset(dense, 0, packed->n_in * packed->n_out * sizeof(float));
    if (packed->blocks)
        trn_blocks_unpack(packed->blocks, values, dense);
    for (size_t i = 0; residue && i < packed->n_out; i++) {
        for (size_t e = residue->row_start[i]; e < residue->row_start[i + 1]; e++)
            dense[i * packed->n_in + residue->column[e]] = value[e];
    }
}

trnnsf_status trn_packed_multiply(trnnsf_context *ctx, const struct trn_packed *packed, size_t n,
                                  const float *x, size_t ldx, const uint8_t *wanted, float *y,
                                  size_t ldy)
{
    if (packed->dense)
        return trn_gemm(ctx, TRN_NO_TRANSPOSE, TRN_NO_TRANSPOSE, packed->n_out, n, packed->n_in,
                        1.0f, packed->values, packed->n_in, x, ldx, 0.0f, y, ldy);

    const struct trn_fresh_rows fresh = {packed->writes, wanted};

    if (packed->residue)
        TRN_TRY(trn_sparse_multiply(ctx, packed->residue, packed->values + residue_begin(packed), n,
                                    x, ldx, 0.0f, y, ldy));
    else if (!packed->blocks)
        trn_clear_rows(&fresh, packed->n_out, n, y, ldy);
    if (packed->blocks)
        TRN_TRY(trn_blocks_multiply(ctx, packed->blocks, packed->values, n, x, ldx,
                                    packed->residue ? NULL : &fresh, y, ldy, packed->scratch));
    return TRNNSF_OK;
}

trnnsf_status trn_packed_multiply_transposed(trnnsf_context *ctx, const struct trn_packed *packed,
                                             size_t n, const float *y, size_t ldy,
                                             const uint8_t *wanted, float *x, size_t ldx)
{
    if (packed->dense)
        return trn_gemm(ctx, TRN_TRANSPOSE, TRN_NO_TRANSPOSE, packed->n_in, n, packed->n_out, 1.0f,
                        packed->values, packed->n_in, y, ldy, 0.0f, x, ldx);

    const struct trn_fresh_rows fresh = {packed->reads, wanted};

    if (packed->residue) {
        const float *value = packed->values + residue_begin(packed);

        for (size_t e = 0; e < trn_sparse_nonzeros(packed->residue); e++)
            packed->reversed_values[e] = value[packed->order[e]];
        TRN_TRY(trn_sparse_multiply(ctx, packed->reversed, packed->reversed_values, n, y, ldy, 0.0f,
                                    x, ldx));
    } else if (!packed->blocks) {
        trn_clear_rows(&fresh, packed->n_in, n, x, ldx);
    }
    if (packed->blocks)
        TRN_TRY(trn_blocks_multiply_transposed(ctx, packed->blocks, packed->values, n, y, ldy,
                                               packed->residue ? NULL : &fresh, x, ldx,
                                               packed->scratch));
    return TRNNSF_OK;
}

struct add {
    size_t n;
    float beta;
    const float *from;
    float *to;
};

static void add_task(void *argument, size_t task, size_t worker)
{
    const struct add *work = argument;
    size_t end = (task + 1) * CHUNK < work->n ? (task + 1) * CHUNK : work->n;

    (void)worker;
    for (size_t i = task * CHUNK; i < end; i++)
        work->to[i] = work->beta * work->to[i] + work->from[i];
}

trnnsf_status trn_packed_gradient(trnnsf_context *ctx, const struct trn_packed *packed, float alpha,
                                  size_t n, const float *y, size_t ldy, const float *x, size_t ldx,
                                  float beta, float *g)
{
    if (packed->dense)
        return trn_gemm(ctx, TRN_NO_TRANSPOSE, TRN_TRANSPOSE, packed->n_out, packed->n_in, n, alpha,
                        y, ldy, x, ldx, beta, g, packed->n_in);

    float *into = beta != 0.0f ? packed->gradient : g; /* kernels overwrite */
    if (packed->blocks)
        TRN_TRY(trn_blocks_gradient(ctx, packed->blocks, alpha, n, y, ldy, x, ldx, into,
                                    packed->scratch));
    if (packed->residue)
        TRN_TRY(trn_sparse_gradient(ctx, packed->residue, alpha, n, y, ldy, x, ldx,
                                    into + residue_begin(packed)));
    if (into != g) {
        struct add work = {packed->n_values, beta, into, g};

        trn_parallel(ctx, (packed->n_values + CHUNK - 1) / CHUNK, add_task, &work);
    }
    return TRNNSF_OK;
}
