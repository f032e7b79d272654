#include <string.h>

#include "base/alloc.h"
#include "base/context.h"
#include "cluster/builder.h"
#include "cluster/pack.h"

/* Beyond this the table of gains would be large (32 MiB); neurons in common decide alone then. */
enum { GAINS_MAX = 2048 };
#define NO_PARTNER SIZE_MAX

struct pair {
    size_t partner; /* above the first one, or NO_PARTNER */
    double gain;    /* residue salience that the union takes in */
    size_t common;  /* neurons in both */
    size_t size;    /* of the union */
};

struct merging {
    trnnsf_context *ctx;
    size_t count, inputs, outputs;
    size_t row_words, column_words;
    uint64_t *row_bits; /* [count x row_words] */
    uint64_t *column_bits;
    size_t *rows, *columns;
    unsigned char *gone;
    double *gain; /* [count x count]: rows of one, columns of the other; NULL: not known */
    struct pair *best;
};

static size_t count_bits(uint64_t word)
{
    size_t count = 0;

    for (; word; word &= word - 1)
        count++;
    return count;
}

static size_t union_size(const uint64_t *a, const uint64_t *b, size_t words)
{
    size_t size = 0;

    for (size_t w = 0; w < words; w++)
        size += count_bits(a[w] | b[w]);
    return size;
}

static trnnsf_status merging_init(struct merging *s, const struct trn_blocks *blocks)
{
    trnnsf_context *ctx = s->ctx;
    size_t count = blocks->count;

    s->count = count;
    s->row_words = (blocks->n_rows + 63) / 64;
    s->column_words = (blocks->n_columns + 63) / 64;
    s->row_bits = trn_calloc(ctx, count, s->row_words * sizeof *s->row_bits);
    s->column_bits = trn_calloc(ctx, count, s->column_words * sizeof *s->column_bits);
    s->rows = TRN_NEW_ARRAY(ctx, size_t, count);
    s->columns = TRN_NEW_ARRAY(ctx, size_t, count);
    s->gone = TRN_NEW_ARRAY(ctx, unsigned char, count);
    s->best = TRN_NEW_ARRAY(ctx, struct pair, count);
    if (!s->row_bits || !s->column_bits || !s->rows || !s->columns || !s->gone || !s->best)
        return TRNNSF_E_NO_MEMORY;
    if (count <= GAINS_MAX) {
        s->gain = TRN_NEW_ARRAY(ctx, double, count *count);
        if (!s->gain)
            return TRNNSF_E_NO_MEMORY;
    }
    for (size_t b = 0; b < count; b++) {
        s->rows[b] = trn_block_rows(blocks, b);
        s->columns[b] = trn_block_columns(blocks, b);
        for (size_t e = blocks->row_start[b]; e < blocks->row_start[b + 1]; e++)
            s->row_bits[b * s->row_words + blocks->row[e] / 64] |= UINT64_C(1)
                                                                   << (blocks->row[e] % 64);
        for (size_t e = blocks->column_start[b]; e < blocks->column_start[b + 1]; e++)
            s->column_bits[b * s->column_words + blocks->column[e] / 64] |=
                UINT64_C(1) << (blocks->column[e] % 64);
    }
    return TRNNSF_OK;
}

static void merging_free(struct merging *s)
{
    void *owned[] = {s->row_bits, s->column_bits, s->rows, s->columns, s->gone, s->gain, s->best};

    for (size_t i = 0; i < sizeof owned / sizeof owned[0]; i++)
        trn_free(s->ctx, owned[i]);
}

/* gain[a][b]: residue in a's rows and b's columns. */
static void measure_gains(struct merging *s, const struct trnnsf_clusters *clusters,
                          const struct trnnsf_matrix *matrix)
{
    for (size_t i = 0; s->gain && i < matrix->n_rows; i++) {
        size_t begin = clusters->row_at[i], end = clusters->row_at[i + 1];

        if (begin == end)
            continue;
        for (size_t e = matrix->row_start[i]; e < matrix->row_start[i + 1]; e++) {
            uint32_t column = matrix->column[e];

            if (trn_clusters_owner(clusters, i, column) != TRN_NO_CLUSTER)
                continue;
            for (size_t b = 0; b < s->count; b++) {
                if (!(s->column_bits[b * s->column_words + column / 64] >> (column % 64) & 1))
                    continue;
                for (size_t at = begin; at < end; at++)
                    s->gain[clusters->at[at] * s->count + b] += trn_salience(matrix, e);
            }
        }
    }
}

static bool better(const struct pair *a, const struct pair *b)
{
    if (b->partner == NO_PARTNER || a->partner == NO_PARTNER)
        return a->partner != NO_PARTNER;
    if (a->gain != b->gain)
        return a->gain > b->gain;
    if (a->common != b->common)
        return a->common > b->common;
    return a->size > b->size;
}

static struct pair weigh(const struct merging *s, size_t a, size_t b)
{
    struct pair pair = {.partner = NO_PARTNER};

    /* No union is smaller than its larger member. */
    if (s->rows[a] > s->outputs || s->rows[b] > s->outputs || s->columns[a] > s->inputs ||
        s->columns[b] > s->inputs)
        return pair;
    size_t rows = union_size(s->row_bits + a * s->row_words, s->row_bits + b * s->row_words,
                             s->row_words);
    if (rows > s->outputs)
        return pair;
    size_t columns = union_size(s->column_bits + a * s->column_words,
                                s->column_bits + b * s->column_words, s->column_words);
    if (columns > s->inputs)
        return pair;
    pair.partner = b;
    pair.common = s->rows[a] + s->rows[b] - rows + s->columns[a] + s->columns[b] - columns;
    pair.size = rows + columns;
    if (s->gain)
        pair.gain = s->gain[a * s->count + b] + s->gain[b * s->count + a];
    return pair;
}

/* The best partner above `a`. */
static void find_partner(struct merging *s, size_t a)
{
    s->best[a] = (struct pair){.partner = NO_PARTNER};
    for (size_t b = a + 1; b < s->count; b++) {
        struct pair pair;

        if (s->gone[b])
            continue;
        pair = weigh(s, a, b);
        if (better(&pair, &s->best[a]))
            s->best[a] = pair;
    }
}

/* b joins a. Gains add up: what both had in common rows or columns counts twice, which only affects
 * the order of later merges. */
static void unite(struct merging *s, size_t a, size_t b)
{
    for (size_t w = 0; w < s->row_words; w++)
        s->row_bits[a * s->row_words + w] |= s->row_bits[b * s->row_words + w];
    for (size_t w = 0; w < s->column_words; w++)
        s->column_bits[a * s->column_words + w] |= s->column_bits[b * s->column_words + w];
    s->rows[a] = union_size(s->row_bits + a * s->row_words, s->row_bits + a * s->row_words,
                            s->row_words);
    s->columns[a] = union_size(s->column_bits + a * s->column_words,
                               s->column_bits + a * s->column_words, s->column_words);
    s->gone[b] = 1;
    for (size_t c = 0; s->gain && c < s->count; c++) {
        s->gain[a * s->count + c] += s->gain[b * s->count + c];
        s->gain[c * s->count + a] += s->gain[c * s->count + b];
    }
}

static void refresh(struct merging *s, size_t a, size_t b)
{
    find_partner(s, a);
    for (size_t c = 0; c < s->count; c++) {
        if (s->gone[c] || c == a)
            continue;
        if (s->best[c].partner == a || s->best[c].partner == b) {
            find_partner(s, c);
        } else if (c < a) {
            struct pair pair = weigh(s, c, a);

            if (better(&pair, &s->best[c]))
                s->best[c] = pair;
        }
    }
}

static trnnsf_status merge_all(struct merging *s)
{
    for (size_t a = 0; a < s->count; a++)
        find_partner(s, a);
    for (;;) {
        size_t first = NO_PARTNER;

        TRN_TRY(trn_cancelled(s->ctx, "cluster"));
        for (size_t a = 0; a < s->count; a++) {
            if (!s->gone[a] && s->best[a].partner != NO_PARTNER &&
                (first == NO_PARTNER || better(&s->best[a], &s->best[first])))
                first = a;
        }
        if (first == NO_PARTNER)
            return TRNNSF_OK;
        size_t second = s->best[first].partner;
        unite(s, first, second);
        refresh(s, first, second);
    }
}

static size_t list_bits(const uint64_t *bits, size_t words, uint32_t *out)
{
    size_t count = 0;

    for (size_t i = 0; i < words * 64; i++) {
        if (bits[i / 64] >> (i % 64) & 1)
            out[count++] = (uint32_t)i;
    }
    return count;
}

static trnnsf_status collect(const struct merging *s, struct trn_cluster_builder *builder)
{
    trnnsf_status status = TRNNSF_OK;
    uint32_t *rows = TRN_NEW_ARRAY(s->ctx, uint32_t, s->row_words * 64);
    uint32_t *columns = TRN_NEW_ARRAY(s->ctx, uint32_t, s->column_words * 64);

    TRN_NEED_OUT(rows);
    TRN_NEED_OUT(columns);
    for (size_t a = 0; a < s->count; a++) {
        if (s->gone[a])
            continue;
        size_t n_rows = list_bits(s->row_bits + a * s->row_words, s->row_words, rows);
        size_t n_columns =
            list_bits(s->column_bits + a * s->column_words, s->column_words, columns);

        TRN_TRY_OUT(trn_builder_add(builder, rows, n_rows, columns, n_columns));
    }
out:
    trn_free(s->ctx, columns);
    trn_free(s->ctx, rows);
    return status;
}

trnnsf_status trn_clusters_merge(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                 const struct trnnsf_clusters *clusters, size_t inputs,
                                 size_t outputs, struct trnnsf_clusters **out_clusters)
{
    struct merging s = {.ctx = ctx, .inputs = inputs, .outputs = outputs};
    struct trn_cluster_builder builder;
    trnnsf_status status;

    trn_builder_init(&builder, ctx);
    TRN_TRY_OUT(merging_init(&s, clusters->blocks));
    measure_gains(&s, clusters, matrix);
    TRN_TRY_OUT(merge_all(&s));
    TRN_TRY_OUT(collect(&s, &builder));
    status = trn_builder_finish(&builder, matrix->n_rows, matrix->n_columns, out_clusters);
out:
    merging_free(&s);
    trn_builder_free(&builder);
    return status;
}
