#include "cluster/scic.h"

#include "base/alloc.h"
#include "base/context.h"
#include "cluster/pack.h"

size_t trn_scic_blank(struct trnnsf_matrix *matrix, const uint32_t *rows, size_t n_rows,
                      const uint32_t *columns, size_t n_columns, unsigned char *mark)
{
    size_t before = trn_sparse_nonzeros(matrix), kept = 0, next = 0;

    for (size_t c = 0; c < n_columns; c++)
        mark[columns[c]] = 1;
    for (size_t i = 0, begin = 0; i < matrix->n_rows; i++) {
        size_t end = matrix->row_start[i + 1];
        bool inside = next < n_rows && rows[next] == i;

        next += inside;
        for (size_t e = begin; e < end; e++) {
            if (inside && mark[matrix->column[e]])
                continue;
            matrix->column[kept] = matrix->column[e];
            matrix->value[kept++] = matrix->value[e];
        }
        begin = end;
        matrix->row_start[i + 1] = kept;
    }
    for (size_t c = 0; c < n_columns; c++)
        mark[columns[c]] = 0;
    return before - kept;
}

/* Replaces *clusters by what `step` makes of it. */
static trnnsf_status improve(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                             const struct trnnsf_cluster_options *options,
                             trnnsf_status (*step)(trnnsf_context *, const struct trnnsf_matrix *,
                                                   const struct trnnsf_clusters *, size_t, size_t,
                                                   struct trnnsf_clusters **),
                             struct trnnsf_clusters **clusters)
{
    struct trnnsf_clusters *better;

    TRN_TRY(step(ctx, matrix, *clusters, options->inputs, options->outputs, &better));
    trn_clusters_free(*clusters);
    *clusters = better;
    return TRNNSF_OK;
}

trnnsf_status trn_scic_find(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                            const struct trnnsf_cluster_options *options,
                            struct trnnsf_clusters **out_clusters)
{
    bool corrected = options->variant == TRNNSF_CLUSTER_CORRECTED;
    struct trn_cluster_builder builder;
    struct trnnsf_clusters *clusters = NULL;
    trnnsf_status status;

    trn_builder_init(&builder, ctx);
    TRN_TRY_OUT(trn_progress(ctx, "cluster", NULL, 0, TRN_SCIC_PROGRESS));
    if (corrected)
        TRN_TRY_OUT(trn_scic_corrected(ctx, matrix, options, &builder));
    else
        TRN_TRY_OUT(trn_scic_published(ctx, matrix, options, &builder));
    TRN_TRY_OUT(trn_builder_finish(&builder, matrix->n_rows, matrix->n_columns, &clusters));
    if (corrected && options->merge)
        TRN_TRY_OUT(improve(ctx, matrix, options, trn_clusters_merge, &clusters));
    if (corrected && options->grow)
        TRN_TRY_OUT(improve(ctx, matrix, options, trn_clusters_grow, &clusters));
    TRN_TRY_OUT(trn_progress(ctx, "cluster", NULL, TRN_SCIC_PROGRESS, TRN_SCIC_PROGRESS));
    *out_clusters = clusters;
    clusters = NULL;
out:
    trn_clusters_free(clusters);
    trn_builder_free(&builder);
    return status;
}
