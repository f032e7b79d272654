#include "cluster/refine.h"

#include <stdlib.h>

#include "base/context.h"
#include "cluster/builder.h"

/* The matrix by rows and by columns, and which entries stronger clusters have. */
struct refiner {
    trnnsf_context *ctx;
    const struct trnnsf_matrix *rows;
    struct trnnsf_matrix *columns; /* the transpose */
    size_t *order;                 /* entry of `rows` of each entry of `columns` */
    bool *taken;                   /* [nonzeros], by entries of `rows` */
    double *sum;                   /* [longer side], 0 between uses */
    uint32_t *touched;             /* [longer side] */
    bool *chosen;                  /* [longer side], false between uses */
    uint32_t *best_rows;           /* [outputs] */
    uint32_t *best_columns;        /* [inputs] */
};

struct ranked {
    double score;
    uint32_t index;
};

static int strongest_first(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    return (x->index > y->index) - (x->index < y->index);
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static bool is_free(const struct refiner *refiner, const struct trnnsf_matrix *matrix, size_t entry)
{
    return !refiner->taken[matrix == refiner->columns ? refiner->order[entry] : entry];
}

/* The `limit` lines across `matrix` with the largest sums over its lines[n], ascending in `best`. */
static size_t best_lines(struct refiner *refiner, const struct trnnsf_matrix *matrix,
                         const uint32_t *lines, size_t n, size_t limit, struct ranked *ranked,
                         uint32_t *best)
{
    size_t n_touched = 0;

    for (size_t i = 0; i < n; i++) {
        for (size_t e = matrix->row_start[lines[i]]; e < matrix->row_start[lines[i] + 1]; e++) {
            uint32_t across = matrix->column[e];

            if (!is_free(refiner, matrix, e) || !(matrix->value[e] > 0))
                continue;
            if (!refiner->chosen[across]) {
                refiner->chosen[across] = true;
                refiner->touched[n_touched++] = across;
            }
            refiner->sum[across] += (double)matrix->value[e];
        }
    }
    for (size_t i = 0; i < n_touched; i++) {
        uint32_t across = refiner->touched[i];

        ranked[i] = (struct ranked){refiner->sum[across], across};
        refiner->sum[across] = 0;
        refiner->chosen[across] = false;
    }
    qsort(ranked, n_touched, sizeof *ranked, strongest_first);
    if (n_touched > limit)
        n_touched = limit;
    for (size_t i = 0; i < n_touched; i++)
        best[i] = ranked[i].index;
    qsort(best, n_touched, sizeof *best, ascending);
    return n_touched;
}

/* Marks the free entries of the rectangle as taken. */
static void take(struct refiner *refiner, size_t n_rows, size_t n_columns)
{
    const struct trnnsf_matrix *matrix = refiner->rows;

    for (size_t i = 0; i < n_columns; i++)
        refiner->chosen[refiner->best_columns[i]] = true;
    for (size_t i = 0; i < n_rows; i++) {
        uint32_t row = refiner->best_rows[i];

        for (size_t e = matrix->row_start[row]; e < matrix->row_start[row + 1]; e++) {
            if (refiner->chosen[matrix->column[e]])
                refiner->taken[e] = true;
        }
    }
    for (size_t i = 0; i < n_columns; i++)
        refiner->chosen[refiner->best_columns[i]] = false;
}

static trnnsf_status refiner_init(struct refiner *refiner, trnnsf_context *ctx,
                                  const struct trnnsf_matrix *matrix, size_t inputs, size_t outputs)
{
    size_t nonzeros = trn_sparse_nonzeros(matrix);
    size_t side = matrix->n_rows > matrix->n_columns ? matrix->n_rows : matrix->n_columns;

    *refiner = (struct refiner){.ctx = ctx, .rows = matrix};
    refiner->order = TRN_NEW_ARRAY(ctx, size_t, nonzeros);
    refiner->taken = TRN_NEW_ARRAY(ctx, bool, nonzeros);
    refiner->sum = TRN_NEW_ARRAY(ctx, double, side);
    refiner->touched = TRN_NEW_ARRAY(ctx, uint32_t, side);
    refiner->chosen = TRN_NEW_ARRAY(ctx, bool, side);
    refiner->best_rows = TRN_NEW_ARRAY(ctx, uint32_t, outputs);
    refiner->best_columns = TRN_NEW_ARRAY(ctx, uint32_t, inputs);
    if (!refiner->order || !refiner->taken || !refiner->sum || !refiner->touched ||
        !refiner->chosen || !refiner->best_rows || !refiner->best_columns)
        return TRNNSF_E_NO_MEMORY;
    return trn_sparse_transpose(ctx, matrix, refiner->order, &refiner->columns);
}

static void refiner_free(struct refiner *refiner)
{
    trnnsf_context *ctx = refiner->ctx;

    trnnsf_matrix_free(refiner->columns);
    trn_free(ctx, refiner->order);
    trn_free(ctx, refiner->taken);
    trn_free(ctx, refiner->sum);
    trn_free(ctx, refiner->touched);
    trn_free(ctx, refiner->chosen);
    trn_free(ctx, refiner->best_rows);
    trn_free(ctx, refiner->best_columns);
}

static trnnsf_status refine_one(struct refiner *refiner, const struct trn_blocks *blocks,
                                size_t cluster, size_t inputs, size_t outputs,
                                struct ranked *scratch, struct trn_cluster_builder *builder)
{
    const uint32_t *columns = blocks->column + blocks->column_start[cluster];
    size_t n_rows = best_lines(refiner, refiner->columns, columns, trn_block_columns(blocks, cluster),
                               outputs, scratch, refiner->best_rows);
    size_t n_columns = best_lines(refiner, refiner->rows, refiner->best_rows, n_rows, inputs,
                                  scratch, refiner->best_columns);

    if (n_rows == 0 || n_columns == 0)
        return TRNNSF_OK;
    take(refiner, n_rows, n_columns);
    return trn_builder_add(builder, refiner->best_rows, n_rows, refiner->best_columns, n_columns);
}

/* Clusters by their salience, strongest first. */
static trnnsf_status rank_clusters(trnnsf_context *ctx, const struct trnnsf_clusters *clusters,
                                   const struct trnnsf_matrix *matrix, struct ranked *ranked)
{
    size_t count = trn_clusters_count(clusters);
    double *score = TRN_NEW_ARRAY(ctx, double, count);

    if (!score)
        return TRNNSF_E_NO_MEMORY;
    trn_clusters_score(clusters, matrix, score, NULL);
    for (size_t i = 0; i < count; i++)
        ranked[i] = (struct ranked){score[i], (uint32_t)i};
    qsort(ranked, count, sizeof *ranked, strongest_first);
    trn_free(ctx, score);
    return TRNNSF_OK;
}

trnnsf_status trn_clusters_refine(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                  const struct trnnsf_clusters *clusters, size_t inputs,
                                  size_t outputs, struct trnnsf_clusters **out_clusters)
{
    size_t count = trn_clusters_count(clusters);
    size_t side = matrix->n_rows > matrix->n_columns ? matrix->n_rows : matrix->n_columns;
    struct refiner refiner;
    struct trn_cluster_builder builder;
    struct ranked *ranked = NULL, *scratch = NULL;
    trnnsf_status status;

    trn_builder_init(&builder, ctx);
    TRN_TRY_OUT(refiner_init(&refiner, ctx, matrix, inputs, outputs));
    ranked = TRN_NEW_ARRAY(ctx, struct ranked, count);
    TRN_NEED_OUT(ranked);
    scratch = TRN_NEW_ARRAY(ctx, struct ranked, side);
    TRN_NEED_OUT(scratch);
    TRN_TRY_OUT(rank_clusters(ctx, clusters, matrix, ranked));
    for (size_t i = 0; i < count; i++)
        TRN_TRY_OUT(refine_one(&refiner, clusters->blocks, ranked[i].index, inputs, outputs,
                               scratch, &builder));
    status = trn_builder_finish(&builder, matrix->n_rows, matrix->n_columns, out_clusters);
out:
    trn_free(ctx, ranked);
    trn_free(ctx, scratch);
    trn_builder_free(&builder);
    refiner_free(&refiner);
    return status;
}
