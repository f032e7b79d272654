/* SCIC with the released code's faults mended. A round of spectral grouping goes down until every
 * group fits the MCA on each side, not by the sum of both; groups too thin for the quality are
 * still taken apart as long as they are too large; dead neurons are left out and mapped back. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/context.h"
#include "cluster/leaf.h"
#include "cluster/scic.h"
#include "cluster/spectral.h"

enum {
    GROUPS_MAX = 64,     /* a round: the eigenproblem grows with its cube */
    KMEANS_RESTARTS = 3, /* chosen here: one start in a few merges two groups */
    KRYLOV_CYCLES = 3, /* chosen here: vectors that need more are noise's, and stand for no group */
    DEPTH_MAX = 24,
    ROUNDS_MAX = 200
};
/* A rung is done when a round takes a smaller share of what is left: dense corners of a few neurons
 * turn up in any noise, and each round costs as much as the first. Chosen here. */
#define ROUND_SHARE_MIN 0.02

struct corrected {
    trnnsf_context *ctx;
    const struct trnnsf_cluster_options *options;
    struct trn_leaves leaves;
    uint32_t stream;
    /* The live part of what is left when a round begins. */
    size_t rest_rows, rest_columns;
    double rest_density;
};

static size_t parts_needed(size_t count, size_t limit)
{
    return (count + limit - 1) / limit;
}

static bool fits(const struct corrected *s, const struct trn_submatrix *part)
{
    return part->matrix->n_rows <= s->options->outputs &&
           part->matrix->n_columns <= s->options->inputs;
}

/* As many groups as the larger side needs MCAs; k at least in a round's first grouping. */
static size_t group_count(const struct corrected *s, const struct trn_submatrix *part, int depth)
{
    size_t rows = parts_needed(part->matrix->n_rows, s->options->outputs);
    size_t columns = parts_needed(part->matrix->n_columns, s->options->inputs);
    size_t groups = rows > columns ? rows : columns;
    size_t least = depth == 0 ? s->options->k : 2;
    size_t most = part->matrix->n_rows < part->matrix->n_columns ? part->matrix->n_rows
                                                                 : part->matrix->n_columns;

    if (groups < least)
        groups = least;
    if (groups > GROUPS_MAX)
        groups = GROUPS_MAX;
    return groups < most ? groups : most;
}

/* Not below ln of (n over k): n times the entropy of k / n. */
static double log_choices(size_t n, size_t k)
{
    double share = (double)k / (double)n;

    if (k == 0 || k == n)
        return 0;
    return -(double)n * (share * log(share) + (1 - share) * log(1 - share));
}

/* Relative entropy of densities q and p; 0 where q is not above p. */
static double divergence(double q, double p)
{
    if (q <= p)
        return 0;
    return q * log(q / p) + (q < 1 ? (1 - q) * log((1 - q) / (1 - p)) : 0);
}

/* Whether chance alone would offer no rows x columns this dense anywhere in a matrix of this
 * density: the Chernoff bound on one choice times the number of choices is below 1. Without it,
 * noise yields corners of a few neurons for ever. Chosen here. */
static bool beyond_chance(const struct corrected *s, size_t rows, size_t columns, double density)
{
    return (double)rows * (double)columns * divergence(density, s->rest_density) >
           log_choices(s->rest_rows, rows) + log_choices(s->rest_columns, columns);
}

/* A neuron of a leaf must share half the last rung's density: the rest dilutes it. Chosen here. */
static trnnsf_status add_leaf(struct corrected *s, const struct trn_submatrix *part)
{
    return trn_leaves_add(&s->leaves, part, 0.5 * s->options->quality_last);
}

/* Cuts a dense part that has no groups into a grid of equal pieces. They are as dense as the part,
 * whatever each happens to have: otherwise a rung near that density would scatter them. */
static trnnsf_status tile(struct corrected *s, const struct trn_submatrix *part,
                          uint32_t *row_group, uint32_t *column_group)
{
    size_t n_rows = part->matrix->n_rows, n_columns = part->matrix->n_columns;
    size_t rows = parts_needed(n_rows, s->options->outputs);
    size_t columns = parts_needed(n_columns, s->options->inputs);
    size_t first = s->leaves.sets.count;

    for (size_t a = 0; a < rows; a++) {
        TRN_TRY(trn_cancelled(s->ctx, "cluster"));
        for (size_t b = 0; b < columns; b++) {
            struct trn_submatrix piece;

            for (size_t i = 0; i < n_rows; i++)
                row_group[i] = i * rows / n_rows == a;
            for (size_t j = 0; j < n_columns; j++)
                column_group[j] = j * columns / n_columns == b;
            TRN_TRY(trn_submatrix_take(s->ctx, part->matrix, row_group, column_group, 1, &piece));
            if (!piece.matrix)
                continue;
            trn_submatrix_map_back(&piece, part);
            trnnsf_status status = add_leaf(s, &piece);
            trn_submatrix_free(s->ctx, &piece);
            TRN_TRY(status);
        }
    }
    for (; first < s->leaves.sets.count; first++)
        s->leaves.density[first] = trn_submatrix_density(part);
    return TRNNSF_OK;
}

/* A thin part without groups may be one cluster among noise: what is left when its thin neurons are
 * peeled off, if that fits. */
static trnnsf_status peel(struct corrected *s, const struct trn_submatrix *part)
{
    struct trn_cluster_builder *sets = &s->leaves.sets;
    size_t last = sets->count;

    TRN_TRY(add_leaf(s, part));
    if (sets->count > last &&
        (sets->row_start[last + 1] - sets->row_start[last] > s->options->outputs ||
         sets->column_start[last + 1] - sets->column_start[last] > s->options->inputs))
        sets->count = last;
    return TRNNSF_OK;
}

/* Connections whose ends are in the same group. */
static size_t captured(const struct trn_submatrix *part, const uint32_t *row_group,
                       const uint32_t *column_group)
{
    const struct trnnsf_matrix *matrix = part->matrix;
    size_t count = 0;

    for (size_t i = 0; i < matrix->n_rows; i++) {
        for (size_t e = matrix->row_start[i]; e < matrix->row_start[i + 1]; e++)
            count += row_group[i] == column_group[matrix->column[e]];
    }
    return count;
}

/* Groups of a dense part are worth having where they keep more than half way from what chance keeps
 * (1 / groups) to all; otherwise it has no groups and a grid covers it. Chosen here. */
static bool worth_grouping(const struct corrected *s, const struct trn_submatrix *part,
                           size_t groups, const uint32_t *row_group, const uint32_t *column_group)
{
    double share = (double)captured(part, row_group, column_group) /
                   (double)trn_sparse_nonzeros(part->matrix);

    if (trn_submatrix_density(part) <= s->options->quality_last)
        return true;
    return share >= 0.5 * (1.0 + 1.0 / (double)groups);
}

static trnnsf_status split(struct corrected *s, struct trn_submatrix *part, int depth);

static trnnsf_status split_groups(struct corrected *s, const struct trn_submatrix *part,
                                  size_t groups, const uint32_t *row_group,
                                  const uint32_t *column_group, int depth)
{
    for (uint32_t g = 0; g < groups; g++) {
        struct trn_submatrix inner;

        TRN_TRY(trn_submatrix_take(s->ctx, part->matrix, row_group, column_group, g, &inner));
        if (!inner.matrix)
            continue;
        trn_submatrix_map_back(&inner, part);
        trnnsf_status status = split(s, &inner, depth + 1);
        trn_submatrix_free(s->ctx, &inner);
        TRN_TRY(status);
    }
    return TRNNSF_OK;
}

/* Takes a part that fits as a leaf. It is to be split further where it is too thin as a whole, yet
 * too dense for chance: it holds several clusters, then. The first grouping has nothing to compare
 * with. */
static trnnsf_status settle(struct corrected *s, const struct trn_submatrix *part, int depth,
                            bool *out_settled)
{
    size_t count = s->leaves.sets.count;
    double density = trn_submatrix_density(part);

    *out_settled = true;
    TRN_TRY(add_leaf(s, part));
    if (s->leaves.sets.count > count &&
        s->leaves.density[count] > s->options->quality_last)
        return TRNNSF_OK;
    *out_settled = depth > 0 && !beyond_chance(s, part->matrix->n_rows, part->matrix->n_columns,
                                               density);
    if (!*out_settled)
        s->leaves.sets.count = count;
    return TRNNSF_OK;
}

/* Leaves of a part: itself where it fits, else those of its groups. */
static trnnsf_status split(struct corrected *s, struct trn_submatrix *part, int depth)
{
    struct trn_spectral_options options = {.points = TRN_SPECTRAL_UNIT_ROWS,
                                           .above_noise = true,
                                           .cycles = KRYLOV_CYCLES,
                                           .restarts = KMEANS_RESTARTS,
                                           .seed = s->options->seed,
                                           .stream = s->stream++};
    uint32_t *row_group, *column_group;
    bool settled = false;
    trnnsf_status status;

    TRN_TRY(trn_cancelled(s->ctx, "cluster"));
    if (fits(s, part))
        TRN_TRY(settle(s, part, depth, &settled));
    if (settled)
        return TRNNSF_OK;
    options.k = options.groups = group_count(s, part, depth);
    row_group = TRN_NEW_ARRAY(s->ctx, uint32_t, part->matrix->n_rows);
    column_group = TRN_NEW_ARRAY(s->ctx, uint32_t, part->matrix->n_columns);
    TRN_NEED_OUT(row_group);
    TRN_NEED_OUT(column_group);
    status = TRNNSF_E_NUMERIC;
    if (options.groups >= 2 && depth < DEPTH_MAX)
        status = trn_spectral_group(s->ctx, part, &options, row_group, column_group);
    if (status != TRNNSF_OK && status != TRNNSF_E_NUMERIC)
        goto out;
    if (status == TRNNSF_OK && worth_grouping(s, part, options.groups, row_group, column_group))
        status = split_groups(s, part, options.groups, row_group, column_group, depth);
    else if (trn_submatrix_density(part) > s->options->quality_last)
        status = tile(s, part, row_group, column_group);
    else
        status = peel(s, part);
out:
    trn_free(s->ctx, column_group);
    trn_free(s->ctx, row_group);
    return status;
}

/* A leaf's density is an estimate from its cells: one that a cluster of density `quality` shows by
 * chance (two standard deviations) need not wait for a lower rung, which costs a round. Chosen
 * here. */
static double threshold(const struct corrected *s, double quality, size_t n_rows, size_t n_columns)
{
    double slack = 2 * sqrt(quality * (1 - quality) / ((double)n_rows * (double)n_columns));

    return quality - slack > s->options->quality_last ? quality - slack : s->options->quality_last;
}

/* The leaves above `quality` become clusters and leave the matrix. */
static trnnsf_status accept(struct corrected *s, double quality, struct trnnsf_matrix *rest,
                            struct trn_cluster_builder *builder)
{
    const struct trn_cluster_builder *sets = &s->leaves.sets;
    trnnsf_status status = TRNNSF_OK;
    unsigned char *mark = TRN_NEW_ARRAY(s->ctx, unsigned char, rest->n_columns);

    TRN_NEED_OUT(mark);
    for (size_t i = 0; i < sets->count; i++) {
        const uint32_t *rows = sets->row + sets->row_start[i];
        const uint32_t *columns = sets->column + sets->column_start[i];
        size_t n_rows = sets->row_start[i + 1] - sets->row_start[i];
        size_t n_columns = sets->column_start[i + 1] - sets->column_start[i];

        if (!(s->leaves.density[i] > threshold(s, quality, n_rows, n_columns)) ||
            !(s->rest_density > s->options->quality_last ||
              beyond_chance(s, n_rows, n_columns, s->leaves.density[i])))
            continue;
        TRN_TRY_OUT(trn_builder_add(builder, rows, n_rows, columns, n_columns));
        trn_scic_blank(rest, rows, n_rows, columns, n_columns, mark);
        s->leaves.density[i] = 0;
    }
out:
    trn_free(s->ctx, mark);
    return status;
}

static trnnsf_status find_leaves(struct corrected *s, const struct trnnsf_matrix *rest)
{
    struct trn_submatrix part;

    trn_leaves_free(&s->leaves);
    TRN_TRY(trn_submatrix_take(s->ctx, rest, NULL, NULL, 0, &part));
    s->rest_rows = part.matrix->n_rows;
    s->rest_columns = part.matrix->n_columns;
    s->rest_density = trn_submatrix_density(&part);
    trnnsf_status status = split(s, &part, 0);
    trn_submatrix_free(s->ctx, &part);
    return status;
}

/* The leaves at the present rung and, as long as they are too few, at lower ones: the grouping does
 * not depend on the rung. False where the ladder ends. */
static trnnsf_status take_leaves(struct corrected *s, struct trnnsf_matrix *rest,
                                 struct trn_cluster_builder *builder, double *quality,
                                 bool *out_more)
{
    const struct trnnsf_cluster_options *options = s->options;
    size_t before = trn_sparse_nonzeros(rest);

    *out_more = true;
    for (;;) {
        TRN_TRY(accept(s, *quality, rest, builder));
        size_t taken = before - trn_sparse_nonzeros(rest);
        if ((double)taken >= ROUND_SHARE_MIN * (double)before)
            return TRNNSF_OK;
        *quality -= options->quality_step;
        if (*quality < options->quality_last - 0.5 * options->quality_step)
            break;
    }
    *out_more = false;
    return TRNNSF_OK;
}

static trnnsf_status rounds(struct corrected *s, struct trnnsf_matrix *rest,
                            struct trn_cluster_builder *builder)
{
    size_t total = trn_sparse_nonzeros(rest);
    double quality = s->options->quality_first;
    bool more = true;

    for (int i = 0; i < ROUNDS_MAX && more && trn_sparse_nonzeros(rest) > 0; i++) {
        size_t clustered = total - trn_sparse_nonzeros(rest);

        TRN_TRY(trn_progress(s->ctx, "cluster", NULL, clustered * TRN_SCIC_PROGRESS / total,
                             TRN_SCIC_PROGRESS + 1));
        TRN_TRY(find_leaves(s, rest));
        TRN_TRY(take_leaves(s, rest, builder, &quality, &more));
    }
    return TRNNSF_OK;
}

trnnsf_status trn_scic_corrected(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                 const struct trnnsf_cluster_options *options,
                                 struct trn_cluster_builder *builder)
{
    struct corrected s = {.ctx = ctx, .options = options};
    struct trnnsf_matrix *rest = NULL;
    trnnsf_status status;

    trn_leaves_init(&s.leaves, ctx);
    TRN_TRY_OUT(trn_clusters_residue_matrix(ctx, NULL, matrix, &rest));
    TRN_TRY_OUT(rounds(&s, rest, builder));
out:
    trnnsf_matrix_free(rest);
    trn_leaves_free(&s.leaves);
    return status;
}
