#include "cluster/refine.h"

#include <stdlib.h>

#include "base/context.h"
#include "base/sort.h"
#include "cluster/builder.h"
#include "cluster/field.h"

struct refining {
    trnnsf_context *ctx;
    struct trn_field field;
    size_t inputs, outputs;
    uint32_t *row, *column; /* [outputs], [inputs]: the cluster as it becomes */
    unsigned char *mark;    /* [n_columns], all 0 between clusters */
    struct trn_cluster_builder builder;
};

static int strongest_first(const void *a, const void *b)
{
    const struct trn_ranked *x = a, *y = b;

    if (x->gain != y->gain)
        return x->gain < y->gain ? 1 : -1;
    return (x->index > y->index) - (x->index < y->index);
}

/* The first `limit` of what is ranked, ascending; how many. */
static size_t take_leading(const struct trn_field *field, size_t ranked, size_t limit,
                           uint32_t *items)
{
    size_t count = ranked < limit ? ranked : limit;

    for (size_t i = 0; i < count; i++)
        items[i] = field->ranked[i].index;
    trn_sort_indices(items, count);
    return count;
}

static trnnsf_status refine_one(struct refining *r, const struct trn_blocks *blocks, size_t cluster)
{
    struct trn_field *field = &r->field;
    const uint32_t *columns = blocks->column + blocks->column_start[cluster];
    size_t ranked = trn_field_rank_rows(field, columns, trn_block_columns(blocks, cluster), NULL,
                                        r->outputs);
    size_t n_rows = take_leading(field, ranked, r->outputs, r->row);

    ranked = trn_field_rank_columns(field, r->row, n_rows, NULL, r->inputs);
    size_t n_columns = take_leading(field, ranked, r->inputs, r->column);
    if (n_rows == 0 || n_columns == 0)
        return TRNNSF_OK;
    for (size_t i = 0; i < n_columns; i++)
        r->mark[r->column[i]] = 1;
    trn_field_take(field, r->row, n_rows, r->mark);
    for (size_t i = 0; i < n_columns; i++)
        r->mark[r->column[i]] = 0;
    return trn_builder_add(&r->builder, r->row, n_rows, r->column, n_columns);
}

/* Clusters by their salience, strongest first. */
static trnnsf_status rank_clusters(trnnsf_context *ctx, const struct trnnsf_clusters *clusters,
                                   const struct trnnsf_matrix *matrix, struct trn_ranked *ranked)
{
    size_t count = trn_clusters_count(clusters);
    double *score = TRN_NEW_ARRAY(ctx, double, count);

    if (!score)
        return TRNNSF_E_NO_MEMORY;
    trn_clusters_score(clusters, matrix, score, NULL);
    for (size_t i = 0; i < count; i++)
        ranked[i] = (struct trn_ranked){score[i], (uint32_t)i};
    qsort(ranked, count, sizeof *ranked, strongest_first);
    trn_free(ctx, score);
    return TRNNSF_OK;
}

trnnsf_status trn_clusters_refine(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                  const struct trnnsf_clusters *clusters, size_t inputs,
                                  size_t outputs, struct trnnsf_clusters **out_clusters)
{
    size_t count = trn_clusters_count(clusters);
    struct refining r = {.ctx = ctx, .inputs = inputs, .outputs = outputs};
    struct trn_ranked *ranked = NULL;
    trnnsf_status status;

    trn_builder_init(&r.builder, ctx);
    TRN_TRY_OUT(trn_field_init(&r.field, ctx, matrix));
    r.row = TRN_NEW_ARRAY(ctx, uint32_t, outputs);
    TRN_NEED_OUT(r.row);
    r.column = TRN_NEW_ARRAY(ctx, uint32_t, inputs);
    TRN_NEED_OUT(r.column);
    r.mark = TRN_NEW_ARRAY(ctx, unsigned char, matrix->n_columns);
    TRN_NEED_OUT(r.mark);
    ranked = TRN_NEW_ARRAY(ctx, struct trn_ranked, count);
    TRN_NEED_OUT(ranked);
    TRN_TRY_OUT(rank_clusters(ctx, clusters, matrix, ranked));
    for (size_t i = 0; i < count; i++)
        TRN_TRY_OUT(refine_one(&r, clusters->blocks, ranked[i].index));
    status = trn_builder_finish(&r.builder, matrix->n_rows, matrix->n_columns, out_clusters);
out:
    trn_free(ctx, ranked);
    trn_free(ctx, r.row);
    trn_free(ctx, r.column);
    trn_free(ctx, r.mark);
    trn_builder_free(&r.builder);
    trn_field_free(&r.field);
    return status;
}
