/* The mapping rules: counts of the released code, and the library's own. */
#include <string.h>

#include "base/context.h"
#include "map/bits.h"
#include "map/plan.h"

/* All lines, or only those that hold something. */
static trnnsf_status tile_matrix(struct trn_plan *plan, bool compact, unsigned flags)
{
    trnnsf_context *ctx = plan->ctx;
    trnnsf_status status = TRNNSF_OK;
    size_t n_outputs = plan->kept->n_rows, n_inputs = plan->kept->n_columns;
    uint32_t *outputs = trn_malloc(ctx, n_outputs, sizeof *outputs);
    uint32_t *inputs = trn_malloc(ctx, n_inputs, sizeof *inputs);

    TRN_NEED_OUT(outputs);
    TRN_NEED_OUT(inputs);
    for (size_t o = 0; o < n_outputs; o++)
        outputs[o] = (uint32_t)o;
    for (size_t i = 0; i < n_inputs; i++)
        inputs[i] = (uint32_t)i;
    if (compact)
        trn_plan_live(plan->kept, outputs, &n_outputs, inputs, &n_inputs);
    TRN_TRY_OUT(trn_plan_tile(plan, outputs, n_outputs, inputs, n_inputs, flags));
out:
    trn_free(ctx, outputs);
    trn_free(ctx, inputs);
    return status;
}

static bool fits_some_shape(const struct trn_plan *plan, size_t n_inputs, size_t n_outputs)
{
    for (size_t i = 0; i < plan->n_shapes; i++) {
        if (n_inputs <= plan->shapes[i].inputs && n_outputs <= plan->shapes[i].outputs)
            return true;
    }
    return false;
}

/* Each cluster a crossbar, or as many tiles as it needs. */
static trnnsf_status place_clusters(struct trn_plan *plan, const struct trn_blocks *blocks)
{
    for (size_t c = 0; c < blocks->count; c++) {
        const uint32_t *outputs = blocks->row + blocks->row_start[c];
        const uint32_t *inputs = blocks->column + blocks->column_start[c];
        size_t n_outputs = trn_block_rows(blocks, c), n_inputs = trn_block_columns(blocks, c);

        if (fits_some_shape(plan, n_inputs, n_outputs))
            TRN_TRY(trn_plan_place(plan, outputs, n_outputs, inputs, n_inputs, TRN_PLACE_TRIM));
        else
            TRN_TRY(trn_plan_tile(plan, outputs, n_outputs, inputs, n_inputs, TRN_PLACE_TRIM));
    }
    return TRNNSF_OK;
}

/* Whether any cell of the rectangle still remains. */
static bool rectangle_live(const struct trn_mask *mask, const uint32_t *outputs, size_t n_outputs,
                           const uint32_t *inputs, size_t n_inputs)
{
    for (size_t o = 0; o < n_outputs; o++) {
        for (size_t i = 0; i < n_inputs; i++) {
            if (trn_mask_get(mask, outputs[o], inputs[i]))
                return true;
        }
    }
    return false;
}

/* ceil(num_in / N) ceil(num_out / N) over live clusters: Aayush-Ankit/traNNsformers:
 * NN/NN_withPrune/get_hardware_params.m */
static trnnsf_status place_published_clusters(struct trn_plan *plan,
                                              const struct trn_blocks *blocks)
{
    for (size_t c = 0; c < blocks->count; c++) {
        const uint32_t *outputs = blocks->row + blocks->row_start[c];
        const uint32_t *inputs = blocks->column + blocks->column_start[c];
        size_t n_outputs = trn_block_rows(blocks, c), n_inputs = trn_block_columns(blocks, c);

        if (rectangle_live(plan->remaining, outputs, n_outputs, inputs, n_inputs))
            TRN_TRY(trn_plan_tile(plan, outputs, n_outputs, inputs, n_inputs,
                                  TRN_PLACE_EMPTY | TRN_PLACE_DEFAULT));
    }
    return TRNNSF_OK;
}

static void count_up(uint32_t *lines, size_t first, size_t n)
{
    for (size_t i = 0; i < n; i++)
        lines[i] = (uint32_t)(first + i);
}

/* Row-major scan; each first live synapse opens a window at its own position, cut off at the edge:
 * map_unclustered.m of the same folder. */
static trnnsf_status place_published_windows(struct trn_plan *plan)
{
    trnnsf_context *ctx = plan->ctx;
    trnnsf_status status = TRNNSF_OK;
    const struct trn_mask *left = plan->remaining;
    struct trn_map_shape shape = plan->shapes[0];
    uint32_t *outputs = trn_malloc(ctx, shape.outputs, sizeof *outputs);
    uint32_t *inputs = trn_malloc(ctx, shape.inputs, sizeof *inputs);

    TRN_NEED_OUT(outputs);
    TRN_NEED_OUT(inputs);
    for (size_t row = 0; row < left->n_rows; row++) {
        struct trn_bits bits;

        trn_bits_start(&bits, left, row);
        while (trn_bits_next(&bits)) {
            size_t n_o = left->n_rows - row, n_i = left->n_columns - bits.column;

            n_o = n_o < shape.outputs ? n_o : shape.outputs;
            n_i = n_i < shape.inputs ? n_i : shape.inputs;
            count_up(outputs, row, n_o);
            count_up(inputs, bits.column, n_i);
            TRN_TRY_OUT(trn_plan_place(plan, outputs, n_o, inputs, n_i,
                                       TRN_PLACE_RESIDUE | TRN_PLACE_DEFAULT));
            trn_bits_start(&bits, left, row);
        }
    }
out:
    trn_free(ctx, outputs);
    trn_free(ctx, inputs);
    return status;
}

static trnnsf_status run_rule(struct trn_plan *plan, uint32_t rule,
                              const struct trnnsf_clusters *clusters)
{
    switch (rule) {
    case TRNNSF_MAP_DENSE:
        return tile_matrix(plan, false, TRN_PLACE_EMPTY);
    case TRNNSF_MAP_PRUNED:
        return tile_matrix(plan, true, TRN_PLACE_TRIM);
    case TRNNSF_MAP_TILES:
        return tile_matrix(plan, false, TRN_PLACE_TRIM);
    case TRNNSF_MAP_CLUSTERED:
        if (clusters)
            TRN_TRY(place_clusters(plan, clusters->blocks));
        return trn_plan_residue(plan);
    case TRNNSF_MAP_PUBLISHED:
        if (clusters)
            TRN_TRY(place_published_clusters(plan, clusters->blocks));
        return place_published_windows(plan);
    default:
        return trn_fail(plan->ctx, TRNNSF_E_INVALID, "map: rule %u is not in [0, 4]", rule);
    }
}

trnnsf_status trn_plan_create(trnnsf_context *ctx, uint32_t rule, const struct trn_mask *kept,
                              const struct trnnsf_clusters *clusters, size_t n_shapes,
                              const struct trn_map_shape *shapes, struct trn_plan **out_plan)
{
    trnnsf_status status = TRNNSF_OK;

    if (clusters && (clusters->blocks->n_rows != kept->n_rows ||
                     clusters->blocks->n_columns != kept->n_columns))
        return trn_fail(ctx, TRNNSF_E_MISMATCH,
                        "map: the clusters are of a %zux%zu matrix, the layer is %zux%zu",
                        clusters->blocks->n_rows, clusters->blocks->n_columns, kept->n_rows,
                        kept->n_columns);
    struct trn_plan *plan = TRN_NEW(ctx, struct trn_plan);
    if (!plan)
        return TRNNSF_E_NO_MEMORY;
    plan->ctx = ctx;
    plan->kept = kept;
    plan->n_shapes = n_shapes;
    plan->shapes = shapes;
    plan->row = trn_malloc(ctx, 2 * (kept->n_columns / 64 + 1), sizeof *plan->row);
    TRN_NEED_OUT(plan->row);
    TRN_TRY_OUT(trn_mask_copy(ctx, kept, &plan->remaining));
    TRN_TRY_OUT(run_rule(plan, rule, clusters));
out:
    if (status == TRNNSF_OK)
        *out_plan = plan;
    else
        trn_plan_free(plan);
    return status;
}
