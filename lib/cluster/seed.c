#include <string.h>

#include "base/alloc.h"
#include "base/context.h"
#include "base/random.h"
#include "cluster/builder.h"
#include "cluster/field.h"
#include "cluster/pack.h"

/* Alternation only ever gains; it settles within a few turns. */
enum { TURNS_MAX = 30 };

/* Salience of a row-set x column-set block. */
struct block {
    uint32_t *row, *column;
    size_t rows, columns;
    double salience;
};

struct seeding {
    trnnsf_context *ctx;
    struct trn_field field;
    size_t inputs, outputs;
    struct block now, best;
    uint32_t *all;       /* 0, 1, 2 … */
    unsigned char *mark; /* [n_columns] */
    struct trn_random random;
};

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static trnnsf_status seeding_init(struct seeding *s, const struct trnnsf_matrix *residue)
{
    size_t rows = smaller(s->outputs, residue->n_rows);
    size_t columns = smaller(s->inputs, residue->n_columns);

    TRN_TRY(trn_field_init(&s->field, s->ctx, residue));
    s->now.row = TRN_NEW_ARRAY(s->ctx, uint32_t, rows);
    s->now.column = TRN_NEW_ARRAY(s->ctx, uint32_t, columns);
    s->best.row = TRN_NEW_ARRAY(s->ctx, uint32_t, rows);
    s->best.column = TRN_NEW_ARRAY(s->ctx, uint32_t, columns);
    s->all = TRN_NEW_ARRAY(s->ctx, uint32_t, residue->n_rows);
    s->mark = TRN_NEW_ARRAY(s->ctx, unsigned char, residue->n_columns);
    if (!s->now.row || !s->now.column || !s->best.row || !s->best.column || !s->all || !s->mark)
        return TRNNSF_E_NO_MEMORY;
    for (size_t i = 0; i < residue->n_rows; i++)
        s->all[i] = (uint32_t)i;
    return TRNNSF_OK;
}

static void seeding_free(struct seeding *s)
{
    void *owned[] = {s->now.row,     s->now.column, s->best.row,
                     s->best.column, s->all,        s->mark};

    trn_field_free(&s->field);
    for (size_t i = 0; i < sizeof owned / sizeof owned[0]; i++)
        trn_free(s->ctx, owned[i]);
}

/* The leading `limit` of what is ranked; their sum. */
static double take_leading(const struct trn_field *field, size_t ranked, size_t limit,
                           uint32_t *items, size_t *count)
{
    double sum = 0;

    *count = smaller(ranked, limit);
    for (size_t i = 0; i < *count; i++) {
        items[i] = field->ranked[i].index;
        sum += field->ranked[i].gain;
    }
    return sum;
}

/* From now.column: best rows for them, best columns for those, until the salience stops rising. */
static void alternate(struct seeding *s)
{
    struct trn_field *field = &s->field;

    s->now.salience = 0;
    for (int turn = 0; turn < TURNS_MAX; turn++) {
        size_t ranked = trn_field_rank_rows(field, s->now.column, s->now.columns, NULL,
                                            s->outputs);

        take_leading(field, ranked, s->outputs, s->now.row, &s->now.rows);
        ranked = trn_field_rank_columns(field, s->now.row, s->now.rows, NULL, s->inputs);
        double salience =
            take_leading(field, ranked, s->inputs, s->now.column, &s->now.columns);
        if (!(salience > s->now.salience * (1.0 + 1e-12)))
            break;
        s->now.salience = salience;
    }
}

/* Start 0: the columns with most salience; others: those of a row drawn by its salience. */
static void start_columns(struct seeding *s, uint32_t start)
{
    struct trn_field *field = &s->field;
    size_t n_rows = field->by_row->n_rows;
    size_t ranked = trn_field_rank_columns(field, s->all, n_rows, NULL, s->inputs);

    if (start > 0 && ranked > 0) {
        double wanted = 0;
        uint32_t row = 0;

        take_leading(field, ranked, s->inputs, s->now.column, &s->now.columns);
        ranked = trn_field_rank_rows(field, s->now.column, s->now.columns, NULL, SIZE_MAX);
        for (size_t i = 0; i < ranked; i++)
            wanted += field->ranked[i].gain;
        wanted *= trn_random_double(&s->random);
        for (size_t i = 0; i < ranked; i++) {
            row = field->ranked[i].index;
            wanted -= field->ranked[i].gain;
            if (wanted < 0)
                break;
        }
        ranked = trn_field_rank_columns(field, &row, 1, NULL, s->inputs);
    }
    take_leading(field, ranked, s->inputs, s->now.column, &s->now.columns);
}

static void keep_best(struct seeding *s)
{
    struct block swap = s->best;

    if (s->now.salience <= s->best.salience)
        return;
    s->best = s->now;
    s->now = swap;
}

static void sort_side(uint32_t *items, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        uint32_t item = items[i];
        size_t j = i;

        for (; j > 0 && items[j - 1] > item; j--)
            items[j] = items[j - 1];
        items[j] = item;
    }
}

/* One cluster; none where no salience is left. */
static trnnsf_status seed_one(struct seeding *s, uint32_t starts,
                              struct trn_cluster_builder *builder)
{
    s->best.salience = 0;
    for (uint32_t start = 0; start < (starts ? starts : 1); start++) {
        TRN_TRY(trn_cancelled(s->ctx, "cluster"));
        start_columns(s, start);
        alternate(s);
        keep_best(s);
    }
    if (!(s->best.salience > 0))
        return TRNNSF_OK;
    for (size_t c = 0; c < s->best.columns; c++)
        s->mark[s->best.column[c]] = 1;
    trn_field_take(&s->field, s->best.row, s->best.rows, s->mark);
    for (size_t c = 0; c < s->best.columns; c++)
        s->mark[s->best.column[c]] = 0;
    sort_side(s->best.row, s->best.rows);
    sort_side(s->best.column, s->best.columns);
    return trn_builder_add(builder, s->best.row, s->best.rows, s->best.column, s->best.columns);
}

trnnsf_status trn_clusters_seed(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                size_t inputs, size_t outputs, size_t count, uint32_t starts,
                                uint64_t seed, struct trnnsf_clusters **out_clusters)
{
    struct seeding s = {.ctx = ctx, .inputs = inputs, .outputs = outputs, .field = {.ctx = ctx}};
    struct trn_cluster_builder builder;
    trnnsf_status status;

    trn_builder_init(&builder, ctx);
    trn_random_init(&s.random, seed, TRN_RANDOM_KMEANS, UINT32_MAX);
    TRN_TRY_OUT(seeding_init(&s, matrix));
    for (size_t i = 0; i < count; i++) {
        size_t before = builder.count;

        TRN_TRY_OUT(seed_one(&s, starts, &builder));
        if (builder.count == before)
            break;
    }
    status = trn_builder_finish(&builder, matrix->n_rows, matrix->n_columns, out_clusters);
out:
    seeding_free(&s);
    trn_builder_free(&builder);
    return status;
}
