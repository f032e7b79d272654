#include <string.h>

#include "base/alloc.h"
#include "base/context.h"
#include "cluster/builder.h"
#include "cluster/field.h"
#include "cluster/pack.h"

/* One cluster's two sides, as lists and as marks. */
struct sides {
    uint32_t *row, *column;
    size_t rows, columns;
    unsigned char *row_mark, *column_mark;
};

static trnnsf_status sides_init(trnnsf_context *ctx, struct sides *sides, size_t n_rows,
                                size_t n_columns)
{
    *sides = (struct sides){.rows = 0};
    sides->row = TRN_NEW_ARRAY(ctx, uint32_t, n_rows);
    sides->column = TRN_NEW_ARRAY(ctx, uint32_t, n_columns);
    sides->row_mark = TRN_NEW_ARRAY(ctx, unsigned char, n_rows);
    sides->column_mark = TRN_NEW_ARRAY(ctx, unsigned char, n_columns);
    if (!sides->row || !sides->column || !sides->row_mark || !sides->column_mark)
        return TRNNSF_E_NO_MEMORY;
    return TRNNSF_OK;
}

static void sides_free(trnnsf_context *ctx, struct sides *sides)
{
    trn_free(ctx, sides->row);
    trn_free(ctx, sides->column);
    trn_free(ctx, sides->row_mark);
    trn_free(ctx, sides->column_mark);
}

static void load_side(uint32_t *out, size_t *out_count, unsigned char *mark,
                      const uint32_t *items, size_t count)
{
    memcpy(out, items, count * sizeof *out);
    for (size_t i = 0; i < count; i++)
        mark[items[i]] = 1;
    *out_count = count;
}

/* Half of the spare places, so that the other side has its say before the rest is given away. */
static size_t turn(size_t used, size_t limit)
{
    return used < limit ? (limit - used + 1) / 2 : 0;
}

static size_t add_ranked(const struct trn_field *field, size_t ranked, size_t wanted,
                         uint32_t *items, size_t *count, unsigned char *mark)
{
    size_t added = ranked < wanted ? ranked : wanted;

    for (size_t i = 0; i < added; i++) {
        items[(*count)++] = field->ranked[i].index;
        mark[field->ranked[i].index] = 1;
    }
    return added;
}

static void grow_one(struct trn_field *field, struct sides *s, size_t inputs, size_t outputs)
{
    size_t added;

    do {
        size_t wanted = turn(s->rows, outputs);

        added = 0;
        if (wanted > 0)
            added += add_ranked(field,
                                trn_field_rank_rows(field, s->column, s->columns, s->row_mark,
                                                    wanted),
                                wanted, s->row, &s->rows, s->row_mark);
        wanted = turn(s->columns, inputs);
        if (wanted > 0)
            added += add_ranked(field,
                                trn_field_rank_columns(field, s->row, s->rows, s->column_mark,
                                                       wanted),
                                wanted, s->column, &s->columns, s->column_mark);
    } while (added > 0);
}

/* Ascending lists from the marks, which become 0. */
static size_t unload_side(uint32_t *out, unsigned char *mark, size_t dimension)
{
    size_t count = 0;

    for (size_t i = 0; i < dimension; i++) {
        if (mark[i])
            out[count++] = (uint32_t)i;
        mark[i] = 0;
    }
    return count;
}

static trnnsf_status grow_all(const struct trnnsf_clusters *clusters, size_t inputs,
                              size_t outputs, struct trn_field *field, struct sides *s,
                              struct trn_cluster_builder *builder)
{
    const struct trn_blocks *blocks = clusters->blocks;

    for (size_t b = 0; b < blocks->count; b++) {
        TRN_TRY(trn_cancelled(builder->ctx, "cluster"));
        load_side(s->row, &s->rows, s->row_mark, blocks->row + blocks->row_start[b],
                  trn_block_rows(blocks, b));
        load_side(s->column, &s->columns, s->column_mark, blocks->column + blocks->column_start[b],
                  trn_block_columns(blocks, b));
        grow_one(field, s, inputs, outputs);
        trn_field_take(field, s->row, s->rows, s->column_mark);
        s->rows = unload_side(s->row, s->row_mark, blocks->n_rows);
        s->columns = unload_side(s->column, s->column_mark, blocks->n_columns);
        TRN_TRY(trn_builder_add(builder, s->row, s->rows, s->column, s->columns));
    }
    return TRNNSF_OK;
}

trnnsf_status trn_clusters_grow(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                const struct trnnsf_clusters *clusters, size_t inputs,
                                size_t outputs, struct trnnsf_clusters **out_clusters)
{
    struct trn_field field = {.ctx = ctx};
    struct sides sides = {.rows = 0};
    struct trnnsf_matrix *residue = NULL;
    struct trn_cluster_builder builder;
    trnnsf_status status;

    trn_builder_init(&builder, ctx);
    TRN_TRY_OUT(trn_clusters_residue_matrix(ctx, clusters, matrix, &residue));
    TRN_TRY_OUT(trn_field_init(&field, ctx, residue));
    TRN_TRY_OUT(sides_init(ctx, &sides, matrix->n_rows, matrix->n_columns));
    TRN_TRY_OUT(grow_all(clusters, inputs, outputs, &field, &sides, &builder));
    status = trn_builder_finish(&builder, matrix->n_rows, matrix->n_columns, out_clusters);
out:
    sides_free(ctx, &sides);
    trn_field_free(&field);
    trnnsf_matrix_free(residue);
    trn_builder_free(&builder);
    return status;
}
