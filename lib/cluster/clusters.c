#include "cluster/clusters.h"

#include <string.h>

#include "base/alloc.h"
#include "base/context.h"
#include "base/pool.h"

enum { ROWS_A_TASK = 64 };

/* Counting sort of the blocks by row: at[] is ascending in each row as blocks come in order. */
static trnnsf_status index_rows(struct trnnsf_clusters *clusters)
{
    const struct trn_blocks *blocks = clusters->blocks;
    size_t total = blocks->row_start[blocks->count];

    clusters->row_at = TRN_NEW_ARRAY(clusters->ctx, size_t, blocks->n_rows + 2);
    clusters->at = TRN_NEW_ARRAY(clusters->ctx, uint32_t, total);
    if (!clusters->row_at || !clusters->at)
        return TRNNSF_E_NO_MEMORY;

    size_t *next = clusters->row_at + 1;
    for (size_t e = 0; e < total; e++)
        next[blocks->row[e] + 1]++;
    for (size_t i = 1; i <= blocks->n_rows; i++)
        next[i] += next[i - 1];
    for (size_t b = 0; b < blocks->count; b++) {
        for (size_t e = blocks->row_start[b]; e < blocks->row_start[b + 1]; e++)
            clusters->at[next[blocks->row[e]]++] = (uint32_t)b;
    }
    return TRNNSF_OK;
}

static trnnsf_status wrap(trnnsf_context *ctx, struct trn_blocks *blocks,
                          struct trnnsf_clusters **out_clusters)
{
    struct trnnsf_clusters *clusters = TRN_NEW(ctx, struct trnnsf_clusters);

    if (!clusters) {
        trn_blocks_free(ctx, blocks);
        return TRNNSF_E_NO_MEMORY;
    }
    clusters->ctx = trn_context_retain(ctx);
    clusters->blocks = blocks;

    trnnsf_status status = index_rows(clusters);
    if (status != TRNNSF_OK) {
        trn_clusters_free(clusters);
        return status;
    }
    *out_clusters = clusters;
    return TRNNSF_OK;
}

trnnsf_status trn_clusters_create(trnnsf_context *ctx, size_t n_rows, size_t n_columns,
                                  size_t count, const size_t *row_start, const uint32_t *row,
                                  const size_t *column_start, const uint32_t *column,
                                  struct trnnsf_clusters **out_clusters)
{
    static const size_t none = 0;
    struct trn_blocks *blocks;

    TRN_TRY(trn_blocks_create(ctx, n_rows, n_columns, count, count ? row_start : &none, row,
                              count ? column_start : &none, column, &blocks));
    return wrap(ctx, blocks, out_clusters);
}

trnnsf_status trn_clusters_copy(trnnsf_context *ctx, const struct trnnsf_clusters *clusters,
                                struct trnnsf_clusters **out_clusters)
{
    struct trn_blocks *blocks;

    TRN_TRY(trn_blocks_copy(ctx, clusters->blocks, &blocks));
    return wrap(ctx, blocks, out_clusters);
}

void trn_clusters_free(struct trnnsf_clusters *clusters)
{
    if (!clusters)
        return;
    trnnsf_context *ctx = clusters->ctx;

    trn_free(ctx, clusters->at);
    trn_free(ctx, clusters->row_at);
    trn_blocks_free(ctx, clusters->blocks);
    trn_free(ctx, clusters);
    trn_context_release(ctx);
}

static bool has(const uint32_t *items, size_t count, uint32_t item)
{
    size_t low = 0;

    while (count > 0) {
        size_t half = count / 2;

        if (items[low + half] < item) {
            low += half + 1;
            count -= half + 1;
        } else if (items[low + half] == item) {
            return true;
        } else {
            count = half;
        }
    }
    return false;
}

uint32_t trn_clusters_owner(const struct trnnsf_clusters *clusters, size_t row, uint32_t column)
{
    const struct trn_blocks *blocks = clusters->blocks;

    for (size_t e = clusters->row_at[row]; e < clusters->row_at[row + 1]; e++) {
        uint32_t b = clusters->at[e];

        if (has(blocks->column + blocks->column_start[b], trn_block_columns(blocks, b), column))
            return b;
    }
    return TRN_NO_CLUSTER;
}

struct owners_job {
    const struct trnnsf_clusters *clusters;
    const struct trnnsf_matrix *matrix;
    uint32_t *owner;
};

static void owners_task(void *argument, size_t task, size_t worker)
{
    const struct owners_job *job = argument;
    const struct trnnsf_matrix *matrix = job->matrix;
    size_t end = (task + 1) * ROWS_A_TASK;

    (void)worker;
    if (end > matrix->n_rows)
        end = matrix->n_rows;
    for (size_t i = task * ROWS_A_TASK; i < end; i++) {
        for (size_t e = matrix->row_start[i]; e < matrix->row_start[i + 1]; e++)
            job->owner[e] = trn_clusters_owner(job->clusters, i, matrix->column[e]);
    }
}

void trn_clusters_owners(trnnsf_context *ctx, const struct trnnsf_clusters *clusters,
                         const struct trnnsf_matrix *matrix, uint32_t *owner)
{
    struct owners_job job = {clusters, matrix, owner};

    trn_parallel(ctx, (matrix->n_rows + ROWS_A_TASK - 1) / ROWS_A_TASK, owners_task, &job);
}

double trn_clusters_score(const struct trnnsf_clusters *clusters,
                          const struct trnnsf_matrix *matrix, double *score, size_t *synapses)
{
    size_t count = trn_clusters_count(clusters);
    double residue = 0;

    memset(score, 0, count * sizeof *score);
    if (synapses)
        memset(synapses, 0, count * sizeof *synapses);
    for (size_t i = 0; i < matrix->n_rows; i++) {
        for (size_t e = matrix->row_start[i]; e < matrix->row_start[i + 1]; e++) {
            uint32_t b = trn_clusters_owner(clusters, i, matrix->column[e]);

            if (b == TRN_NO_CLUSTER) {
                residue += trn_salience(matrix, e);
                continue;
            }
            score[b] += trn_salience(matrix, e);
            if (synapses)
                synapses[b]++;
        }
    }
    return residue;
}

trnnsf_status trn_clusters_cover_mask(trnnsf_context *ctx, const struct trnnsf_clusters *clusters,
                                      struct trn_mask **out_mask)
{
    const struct trn_blocks *blocks = clusters->blocks;

    TRN_TRY(trn_mask_create(ctx, blocks->n_rows, blocks->n_columns, out_mask));
    trn_blocks_cover(blocks, *out_mask);
    return TRNNSF_OK;
}

trnnsf_status trn_clusters_residue_mask(trnnsf_context *ctx,
                                        const struct trnnsf_clusters *clusters,
                                        const struct trn_mask *mask, struct trn_mask **out_mask)
{
    struct trn_mask *cover;
    struct trn_mask *residue;

    TRN_TRY(trn_clusters_cover_mask(ctx, clusters, &cover));
    trnnsf_status status = trn_mask_copy(ctx, mask, &residue);
    if (status == TRNNSF_OK) {
        trn_mask_and_not(residue, cover);
        *out_mask = residue;
    }
    trn_mask_free(ctx, cover);
    return status;
}

/* The entries that clusters own, or the others. */
static trnnsf_status part_of_matrix(trnnsf_context *ctx, const struct trnnsf_clusters *clusters,
                                    const struct trnnsf_matrix *matrix, bool owned,
                                    struct trnnsf_matrix **out_matrix)
{
    size_t nonzeros = trn_sparse_nonzeros(matrix), kept = 0;
    struct trnnsf_matrix *part = NULL;
    trnnsf_status status;
    uint32_t *owner = TRN_NEW_ARRAY(ctx, uint32_t, nonzeros);

    TRN_NEED_OUT(owner);
    memset(owner, 0xff, nonzeros * sizeof *owner);
    if (clusters)
        trn_clusters_owners(ctx, clusters, matrix, owner);
    for (size_t e = 0; e < nonzeros; e++)
        kept += (owner[e] != TRN_NO_CLUSTER) == owned;
    TRN_TRY_OUT(trn_sparse_create(ctx, matrix->n_rows, matrix->n_columns, kept, &part));
    kept = 0;
    for (size_t i = 0; i < matrix->n_rows; i++) {
        for (size_t e = matrix->row_start[i]; e < matrix->row_start[i + 1]; e++) {
            if ((owner[e] != TRN_NO_CLUSTER) != owned)
                continue;
            part->column[kept] = matrix->column[e];
            part->value[kept++] = matrix->value[e];
        }
        part->row_start[i + 1] = kept;
    }
    *out_matrix = part;
out:
    trn_free(ctx, owner);
    return status;
}

trnnsf_status trn_clusters_residue_matrix(trnnsf_context *ctx,
                                          const struct trnnsf_clusters *clusters,
                                          const struct trnnsf_matrix *matrix,
                                          struct trnnsf_matrix **out_matrix)
{
    return part_of_matrix(ctx, clusters, matrix, false, out_matrix);
}

trnnsf_status trn_clusters_held_matrix(trnnsf_context *ctx, const struct trnnsf_clusters *clusters,
                                       const struct trnnsf_matrix *matrix,
                                       struct trnnsf_matrix **out_matrix)
{
    return part_of_matrix(ctx, clusters, matrix, true, out_matrix);
}
