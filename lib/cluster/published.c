/* The released code's SCIC (Aayush-Ankit/traNNsformers: cluster.m, subcluster.m,
 * size_constrained_cluster.m, prunewt.m), its rules kept as they are:
 * - the sum rule: inputs + outputs of a cluster at most inputs + outputs of the MCA;
 * - an oversize cluster whose k-means cannot be done stays; one whose parts are all too thin
 *   dissolves;
 * - after dead neurons are left out, their places are not mapped back, so that clusters of a matrix
 *   with dead rows or columns are misplaced.
 * k-means++ stands where MATLAB starts from a clustered sample. */
#include <string.h>

#include "base/alloc.h"
#include "base/context.h"
#include "cluster/submatrix.h"
#include "cluster/scic.h"
#include "cluster/spectral.h"

enum {
    /* Chosen here: the released loops end by chance alone where a group stays what it was. */
    DEPTH_MAX = 40,
    KRYLOV_CYCLES = 12,
    ROUNDS_MAX = 1000
};

struct published {
    trnnsf_context *ctx;
    const struct trnnsf_cluster_options *options;
    double quality;
    uint32_t stream;
};

static size_t count_inside(const struct trnnsf_matrix *matrix, const uint32_t *rows, size_t n_rows,
                           const uint32_t *columns, size_t n_columns, unsigned char *mark)
{
    size_t count = 0;

    for (size_t c = 0; c < n_columns; c++)
        mark[columns[c]] = 1;
    for (size_t r = 0; r < n_rows; r++) {
        for (size_t e = matrix->row_start[rows[r]]; e < matrix->row_start[rows[r] + 1]; e++)
            count += mark[matrix->column[e]];
    }
    for (size_t c = 0; c < n_columns; c++)
        mark[columns[c]] = 0;
    return count;
}

static trnnsf_status copy_matrix(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                 struct trnnsf_matrix **out_matrix)
{
    return trn_clusters_residue_matrix(ctx, NULL, matrix, out_matrix);
}

/* What one round works with: sizes are those of the untrimmed matrix. */
struct workspace {
    uint32_t *row_group, *column_group;
    uint32_t *rows, *columns;
    unsigned char *mark;
};

static trnnsf_status workspace_init(trnnsf_context *ctx, struct workspace *w,
                                    const struct trnnsf_matrix *matrix)
{
    w->row_group = TRN_NEW_ARRAY(ctx, uint32_t, matrix->n_rows);
    w->column_group = TRN_NEW_ARRAY(ctx, uint32_t, matrix->n_columns);
    w->rows = TRN_NEW_ARRAY(ctx, uint32_t, matrix->n_rows);
    w->columns = TRN_NEW_ARRAY(ctx, uint32_t, matrix->n_columns);
    w->mark = TRN_NEW_ARRAY(ctx, unsigned char, matrix->n_columns);
    if (!w->row_group || !w->column_group || !w->rows || !w->columns || !w->mark)
        return TRNNSF_E_NO_MEMORY;
    return TRNNSF_OK;
}

static void workspace_free(trnnsf_context *ctx, struct workspace *w)
{
    trn_free(ctx, w->mark);
    trn_free(ctx, w->columns);
    trn_free(ctx, w->rows);
    trn_free(ctx, w->column_group);
    trn_free(ctx, w->row_group);
}

static size_t members(const uint32_t *group, size_t count, uint32_t wanted, uint32_t *out)
{
    size_t found = 0;

    for (size_t i = 0; i < count; i++) {
        if (group[i] == wanted)
            out[found++] = (uint32_t)i;
    }
    return found;
}

/* cluster.m: one spectral round; groups above the quality are added and blanked. */
static trnnsf_status round_of_groups(struct published *s, struct trnnsf_matrix *matrix,
                                     struct workspace *w, struct trn_cluster_builder *found)
{
    struct trn_spectral_options options = {.points = TRN_SPECTRAL_RANDOM_WALK,
                                           .k = s->options->k,
                                           .groups = s->options->k,
                                           .cycles = KRYLOV_CYCLES,
                                           .restarts = 1,
                                           .seed = s->options->seed,
                                           .stream = s->stream++};
    struct trn_submatrix part;

    TRN_TRY(trn_submatrix_take(s->ctx, matrix, NULL, NULL, 0, &part));
    size_t n_rows = part.matrix->n_rows, n_columns = part.matrix->n_columns;
    trnnsf_status status =
        trn_spectral_group(s->ctx, &part, &options, w->row_group, w->column_group);
    trn_submatrix_free(s->ctx, &part);
    TRN_TRY(status);
    for (uint32_t g = 0; g < s->options->k; g++) {
        size_t rows = members(w->row_group, n_rows, g, w->rows);
        size_t columns = members(w->column_group, n_columns, g, w->columns);

        if (rows == 0 || columns == 0)
            continue;
        size_t inside = count_inside(matrix, w->rows, rows, w->columns, columns, w->mark);
        if (!((double)inside / ((double)rows * (double)columns) > s->quality))
            continue;
        TRN_TRY(trn_builder_add(found, w->rows, rows, w->columns, columns));
        trn_scic_blank(matrix, w->rows, rows, w->columns, columns, w->mark);
    }
    return TRNNSF_OK;
}

/* cluster.m: rounds until nothing is left or nothing changes. *out_whole is false where a round
 * could not be done (the released status 0). Empties `matrix`. */
static trnnsf_status rounds(struct published *s, struct trnnsf_matrix *matrix,
                            struct trn_cluster_builder *found, bool *out_whole)
{
    struct workspace w = {NULL, NULL, NULL, NULL, NULL};
    trnnsf_status status;

    *out_whole = true;
    TRN_TRY_OUT(workspace_init(s->ctx, &w, matrix));
    for (int i = 0; i < ROUNDS_MAX && trn_sparse_nonzeros(matrix) > 0; i++) {
        size_t before = trn_sparse_nonzeros(matrix);

        TRN_TRY_OUT(trn_cancelled(s->ctx, "cluster"));
        status = round_of_groups(s, matrix, &w, found);
        if (status == TRNNSF_E_NUMERIC) {
            *out_whole = false;
            status = TRNNSF_OK;
            break;
        }
        if (status != TRNNSF_OK || trn_sparse_nonzeros(matrix) == before)
            break;
    }
out:
    workspace_free(s->ctx, &w);
    return status;
}

/* The rectangle's entries as a matrix of its own, untrimmed. */
static trnnsf_status take_rectangle(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                    const uint32_t *rows, size_t n_rows, const uint32_t *columns,
                                    size_t n_columns, struct trnnsf_matrix **out_matrix)
{
    struct trnnsf_matrix *inside = NULL;
    size_t nonzeros = 0;
    trnnsf_status status;
    uint32_t *place = TRN_NEW_ARRAY(ctx, uint32_t, matrix->n_columns);

    TRN_NEED_OUT(place);
    for (size_t c = 0; c < n_columns; c++)
        place[columns[c]] = (uint32_t)c + 1;
    for (size_t r = 0; r < n_rows; r++) {
        for (size_t e = matrix->row_start[rows[r]]; e < matrix->row_start[rows[r] + 1]; e++)
            nonzeros += place[matrix->column[e]] != 0;
    }
    TRN_TRY_OUT(trn_sparse_create(ctx, n_rows, n_columns, nonzeros, &inside));
    nonzeros = 0;
    for (size_t r = 0; r < n_rows; r++) {
        for (size_t e = matrix->row_start[rows[r]]; e < matrix->row_start[rows[r] + 1]; e++) {
            if (place[matrix->column[e]] == 0)
                continue;
            inside->column[nonzeros] = place[matrix->column[e]] - 1;
            inside->value[nonzeros++] = 1.0f;
        }
        inside->row_start[r + 1] = nonzeros;
    }
    *out_matrix = inside;
out:
    trn_free(ctx, place);
    return status;
}

static trnnsf_status constrain(struct published *s, const struct trnnsf_matrix *matrix,
                               const uint32_t *rows, size_t n_rows, const uint32_t *columns,
                               size_t n_columns, int depth, struct trn_cluster_builder *builder);

/* Each cluster of `found` (places within `rows` x `columns`) down to its final parts. A cluster's
 * own entries are those that were left when it was found. */
static trnnsf_status constrain_all(struct published *s, struct trnnsf_matrix *matrix,
                                   const struct trn_cluster_builder *found, const uint32_t *rows,
                                   const uint32_t *columns, int depth,
                                   struct trn_cluster_builder *builder)
{
    trnnsf_status status = TRNNSF_OK;
    unsigned char *mark = TRN_NEW_ARRAY(s->ctx, unsigned char, matrix->n_columns);
    uint32_t *outer_row = TRN_NEW_ARRAY(s->ctx, uint32_t, matrix->n_rows);
    uint32_t *outer_column = TRN_NEW_ARRAY(s->ctx, uint32_t, matrix->n_columns);

    TRN_NEED_OUT(mark);
    TRN_NEED_OUT(outer_row);
    TRN_NEED_OUT(outer_column);
    for (size_t i = 0; i < found->count; i++) {
        const uint32_t *r = found->row + found->row_start[i];
        const uint32_t *c = found->column + found->column_start[i];
        size_t n_rows = found->row_start[i + 1] - found->row_start[i];
        size_t n_columns = found->column_start[i + 1] - found->column_start[i];
        struct trnnsf_matrix *own;

        TRN_TRY_OUT(take_rectangle(s->ctx, matrix, r, n_rows, c, n_columns, &own));
        trn_scic_blank(matrix, r, n_rows, c, n_columns, mark);
        for (size_t e = 0; e < n_rows; e++)
            outer_row[e] = rows ? rows[r[e]] : r[e];
        for (size_t e = 0; e < n_columns; e++)
            outer_column[e] = columns ? columns[c[e]] : c[e];
        status = constrain(s, own, outer_row, n_rows, outer_column, n_columns, depth, builder);
        trnnsf_matrix_free(own);
        if (status != TRNNSF_OK)
            goto out;
    }
out:
    trn_free(s->ctx, outer_column);
    trn_free(s->ctx, outer_row);
    trn_free(s->ctx, mark);
    return status;
}

/* subcluster.m: a cluster that keeps the sum rule stays, one that can be clustered again becomes
 * its parts, one that cannot stays oversize. */
static trnnsf_status constrain(struct published *s, const struct trnnsf_matrix *matrix,
                               const uint32_t *rows, size_t n_rows, const uint32_t *columns,
                               size_t n_columns, int depth, struct trn_cluster_builder *builder)
{
    struct trn_cluster_builder found;
    struct trnnsf_matrix *rest = NULL;
    bool whole = true;
    trnnsf_status status;

    if (n_rows + n_columns <= (size_t)s->options->inputs + s->options->outputs ||
        depth == DEPTH_MAX)
        return trn_builder_add(builder, rows, n_rows, columns, n_columns);
    trn_builder_init(&found, s->ctx);
    TRN_TRY_OUT(copy_matrix(s->ctx, matrix, &rest));
    TRN_TRY_OUT(rounds(s, rest, &found, &whole));
    if (!whole) {
        status = trn_builder_add(builder, rows, n_rows, columns, n_columns);
        goto out;
    }
    trnnsf_matrix_free(rest);
    rest = NULL;
    TRN_TRY_OUT(copy_matrix(s->ctx, matrix, &rest));
    TRN_TRY_OUT(constrain_all(s, rest, &found, rows, columns, depth + 1, builder));
out:
    trnnsf_matrix_free(rest);
    trn_builder_free(&found);
    return status;
}

/* size_constrained_cluster.m at one quality. */
static trnnsf_status at_quality(struct published *s, const struct trnnsf_matrix *matrix,
                                struct trn_cluster_builder *builder)
{
    struct trn_cluster_builder found;
    struct trnnsf_matrix *rest = NULL;
    bool whole;
    trnnsf_status status;

    trn_builder_init(&found, s->ctx);
    TRN_TRY_OUT(copy_matrix(s->ctx, matrix, &rest));
    TRN_TRY_OUT(rounds(s, rest, &found, &whole));
    trnnsf_matrix_free(rest);
    rest = NULL;
    TRN_TRY_OUT(copy_matrix(s->ctx, matrix, &rest));
    TRN_TRY_OUT(constrain_all(s, rest, &found, NULL, NULL, 0, builder));
out:
    trnnsf_matrix_free(rest);
    trn_builder_free(&found);
    return status;
}

trnnsf_status trn_scic_published(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                 const struct trnnsf_cluster_options *options,
                                 struct trn_cluster_builder *builder)
{
    struct published s = {.ctx = ctx, .options = options};

    /* prunewt.m: the ladder goes down until a rung has clusters. Half a step forgives rounding. */
    for (uint32_t rung = 0; builder->count == 0; rung++) {
        s.quality = options->quality_first - rung * options->quality_step;
        if (s.quality < options->quality_last - 0.5 * options->quality_step)
            break;
        TRN_TRY(trn_progress(ctx, "cluster", NULL, 0, TRN_SCIC_PROGRESS));
        TRN_TRY(at_quality(&s, matrix, builder));
    }
    return TRNNSF_OK;
}
