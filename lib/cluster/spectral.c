#include "cluster/spectral.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/context.h"
#include "cluster/kmeans.h"
#include "cluster/krylov.h"

enum { MESSAGE_EIGENVECTORS = 301, DEGREE_MIN = 10 };

struct embedding {
    size_t n_rows, n_columns, k;
    double *row_scale; /* D1^-1/2 */
    double *column_scale;
    double *points; /* [n_rows + n_columns, k], rows first */
    double *sigma;
    uint32_t *group;
};

static trnnsf_status embedding_init(trnnsf_context *ctx, struct embedding *s)
{
    size_t n = s->n_rows + s->n_columns;

    s->row_scale = TRN_NEW_ARRAY(ctx, double, s->n_rows);
    s->column_scale = TRN_NEW_ARRAY(ctx, double, s->n_columns);
    s->points = TRN_NEW_ARRAY(ctx, double, n *s->k);
    s->sigma = TRN_NEW_ARRAY(ctx, double, s->k);
    s->group = TRN_NEW_ARRAY(ctx, uint32_t, n);
    if (!s->row_scale || !s->column_scale || !s->points || !s->sigma || !s->group)
        return TRNNSF_E_NO_MEMORY;
    return TRNNSF_OK;
}

static void embedding_free(trnnsf_context *ctx, struct embedding *s)
{
    trn_free(ctx, s->group);
    trn_free(ctx, s->sigma);
    trn_free(ctx, s->points);
    trn_free(ctx, s->column_scale);
    trn_free(ctx, s->row_scale);
}

/* The part's values become those of D1^-1/2 A D2^-1/2. */
static void normalise(struct trnnsf_matrix *matrix, struct embedding *s)
{
    for (size_t e = 0; e < trn_sparse_nonzeros(matrix); e++)
        s->column_scale[matrix->column[e]] += 1.0;
    for (size_t j = 0; j < s->n_columns; j++)
        s->column_scale[j] = 1.0 / sqrt(s->column_scale[j]);
    for (size_t i = 0; i < s->n_rows; i++) {
        size_t begin = matrix->row_start[i], end = matrix->row_start[i + 1];

        s->row_scale[i] = 1.0 / sqrt((double)(end - begin));
        for (size_t e = begin; e < end; e++)
            matrix->value[e] = (float)(s->row_scale[i] * s->column_scale[matrix->column[e]]);
    }
}

static void scale_random_walk(struct embedding *s)
{
    for (size_t i = 0; i < s->n_rows + s->n_columns; i++) {
        double scale = i < s->n_rows ? s->row_scale[i] : s->column_scale[i - s->n_rows];

        for (size_t d = 0; d < s->k; d++)
            s->points[i * s->k + d] *= scale;
    }
    /* Unit eigenvectors, as eigs returns them: k-means sees their scales. */
    for (size_t d = 0; d < s->k; d++) {
        double sum = 0;

        for (size_t i = 0; i < s->n_rows + s->n_columns; i++)
            sum += s->points[i * s->k + d] * s->points[i * s->k + d];
        double inverse = sum > 0 ? 1.0 / sqrt(sum) : 0.0;
        for (size_t i = 0; i < s->n_rows + s->n_columns; i++)
            s->points[i * s->k + d] *= inverse;
    }
}

static void scale_unit_rows(struct embedding *s)
{
    for (size_t i = 0; i < s->n_rows + s->n_columns; i++) {
        double sum = 0;

        for (size_t d = 0; d < s->k; d++)
            sum += s->points[i * s->k + d] * s->points[i * s->k + d];
        double inverse = sum > 0 ? 1.0 / sqrt(sum) : 0.0;
        for (size_t d = 0; d < s->k; d++)
            s->points[i * s->k + d] *= inverse;
    }
}

/* Drops the trailing coordinates. */
static void keep_leading(struct embedding *s, size_t k)
{
    for (size_t i = 0; i < s->n_rows + s->n_columns; i++)
        memmove(s->points + i * k, s->points + i * s->k, k * sizeof *s->points);
    s->k = k;
}

/* 0, no gate, below the degree from which the edge holds: sparser graphs' spectra have tails beyond
 * it (hubs, trees). Chosen here. */
static double noise_edge(const struct trnnsf_matrix *matrix)
{
    double nonzeros = (double)trn_sparse_nonzeros(matrix);
    size_t longer = matrix->n_rows > matrix->n_columns ? matrix->n_rows : matrix->n_columns;

    if (nonzeros < DEGREE_MIN * (double)longer)
        return 0;
    return sqrt((double)matrix->n_rows / nonzeros) + sqrt((double)matrix->n_columns / nonzeros);
}

trnnsf_status trn_spectral_group(trnnsf_context *ctx, struct trn_submatrix *part,
                                 const struct trn_spectral_options *options, uint32_t *row_group,
                                 uint32_t *column_group)
{
    struct trnnsf_matrix *matrix = part->matrix, *transposed = NULL;
    size_t n = matrix->n_rows + matrix->n_columns, k = options->k;
    size_t above;
    double floor = options->above_noise ? noise_edge(matrix) : 0.0;
    struct embedding s = {.n_rows = matrix->n_rows, .n_columns = matrix->n_columns};
    bool converged;
    trnnsf_status status;

    if (n < options->groups)
        return trn_fail(ctx, TRNNSF_E_NUMERIC, "clusters: %zu groups of %zu neurons",
                        options->groups, n);
    if (k > matrix->n_rows)
        k = matrix->n_rows;
    if (k > matrix->n_columns)
        k = matrix->n_columns;
    s.k = k;
    TRN_TRY_OUT(embedding_init(ctx, &s));
    normalise(matrix, &s);
    TRN_TRY_OUT(trn_sparse_transpose(ctx, matrix, NULL, &transposed));
    TRN_TRY_OUT(trn_krylov_singular(ctx, matrix, transposed, k, floor, options->cycles,
                                    options->seed, options->stream, s.points,
                                    s.points + s.n_rows * k, s.sigma, &above, &converged));
    if (!converged)
        trn_log(ctx, TRNNSF_LOG_DEBUG, MESSAGE_EIGENVECTORS,
                "clusters: eigenvectors of %zu x %zu stay above the tolerance", s.n_rows,
                s.n_columns);
    if (options->above_noise && above < k) {
        if (above < 2) {
            status = trn_fail(ctx, TRNNSF_E_NUMERIC, "clusters: %zu x %zu is noise", s.n_rows,
                              s.n_columns);
            goto out;
        }
        keep_leading(&s, above);
    }
    if (options->points == TRN_SPECTRAL_RANDOM_WALK)
        scale_random_walk(&s);
    else
        scale_unit_rows(&s);
    TRN_TRY_OUT(trn_kmeans(ctx, n, options->groups, s.k, s.points, options->seed, options->stream,
                           options->restarts, s.group));
    memcpy(row_group, s.group, s.n_rows * sizeof *row_group);
    memcpy(column_group, s.group + s.n_rows, s.n_columns * sizeof *column_group);
out:
    trnnsf_matrix_free(transposed);
    embedding_free(ctx, &s);
    return status;
}
