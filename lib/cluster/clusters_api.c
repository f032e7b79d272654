#include "base/context.h"
#include "cluster/clusters.h"

/* Starts ascend from 0, no side is empty or longer than its dimension, indices ascend below it. */
static trnnsf_status check_lists(trnnsf_context *ctx, const char *side, size_t dimension,
                                 size_t count, const size_t *start, const uint32_t *index)
{
    if (start[0] != 0)
        return trn_fail(ctx, TRNNSF_E_INVALID,
                        "trnnsf_clusters_create: %s_start[0] %zu is not 0", side, start[0]);
    for (size_t i = 0; i < count; i++) {
        if (start[i + 1] <= start[i] || start[i + 1] - start[i] > dimension)
            return trn_fail(ctx, TRNNSF_E_INVALID,
                            "trnnsf_clusters_create: cluster %zu: %s_start from %zu to %zu is not "
                            "a length in [1, %zu]",
                            i, side, start[i], start[i + 1], dimension);
        for (size_t e = start[i]; e < start[i + 1]; e++) {
            if (index[e] >= dimension)
                return trn_fail(
                    ctx, TRNNSF_E_INVALID,
                    "trnnsf_clusters_create: cluster %zu: %s[%zu] %u is not in [0, %zu)", i, side,
                    e, index[e], dimension);
            if (e > start[i] && index[e] <= index[e - 1])
                return trn_fail(ctx, TRNNSF_E_INVALID,
                                "trnnsf_clusters_create: cluster %zu: %s[%zu] %u is not above %u",
                                i, side, e, index[e], index[e - 1]);
        }
    }
    return TRNNSF_OK;
}

trnnsf_status trnnsf_clusters_create(trnnsf_context *context, size_t n_outputs, size_t n_inputs,
                                     size_t count, const size_t *output_start,
                                     const uint32_t *output, const size_t *input_start,
                                     const uint32_t *input, trnnsf_clusters **out_clusters)
{
    if (!context)
        return TRNNSF_E_INVALID;
    if (n_outputs == 0 || n_outputs > UINT32_MAX || n_inputs == 0 || n_inputs > UINT32_MAX)
        return trn_fail(context, TRNNSF_E_INVALID,
                        "trnnsf_clusters_create: shape %zu x %zu is not in [1, %u]", n_outputs,
                        n_inputs, UINT32_MAX);
    if (count >= TRN_NO_CLUSTER)
        return trn_fail(context, TRNNSF_E_INVALID,
                        "trnnsf_clusters_create: count %zu is not in [0, %u)", count,
                        TRN_NO_CLUSTER);
    if (count > 0 && (!output_start || !output || !input_start || !input))
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_clusters_create: an index list is NULL");
    if (!out_clusters)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_clusters_create: out_clusters is NULL");
    if (count > 0) {
        TRN_TRY(check_lists(context, "output", n_outputs, count, output_start, output));
        TRN_TRY(check_lists(context, "input", n_inputs, count, input_start, input));
    }
    return trn_clusters_create(context, n_outputs, n_inputs, count, output_start, output,
                               input_start, input, out_clusters);
}

void trnnsf_clusters_free(trnnsf_clusters *clusters)
{
    trn_clusters_free(clusters);
}

size_t trnnsf_clusters_count(const trnnsf_clusters *clusters)
{
    return clusters ? clusters->blocks->count : 0;
}

size_t trnnsf_clusters_rows(const trnnsf_clusters *clusters)
{
    return clusters ? clusters->blocks->n_rows : 0;
}

size_t trnnsf_clusters_columns(const trnnsf_clusters *clusters)
{
    return clusters ? clusters->blocks->n_columns : 0;
}

static const uint32_t *side(const trnnsf_clusters *clusters, size_t index, const size_t *start,
                            const uint32_t *items, size_t *out_count)
{
    bool valid = clusters && index < clusters->blocks->count;

    if (out_count)
        *out_count = valid ? start[index + 1] - start[index] : 0;
    return valid ? items + start[index] : NULL;
}

const uint32_t *trnnsf_clusters_outputs(const trnnsf_clusters *clusters, size_t index,
                                        size_t *out_count)
{
    return side(clusters, index, clusters ? clusters->blocks->row_start : NULL,
                clusters ? clusters->blocks->row : NULL, out_count);
}

const uint32_t *trnnsf_clusters_inputs(const trnnsf_clusters *clusters, size_t index,
                                       size_t *out_count)
{
    return side(clusters, index, clusters ? clusters->blocks->column_start : NULL,
                clusters ? clusters->blocks->column : NULL, out_count);
}

static bool fits(const trnnsf_clusters *clusters, const trnnsf_matrix *matrix)
{
    return clusters && matrix && matrix->n_rows == clusters->blocks->n_rows &&
           matrix->n_columns == clusters->blocks->n_columns;
}

/* Entries of row i whose owner is `owner`. */
static size_t owned_in_row(const trnnsf_clusters *clusters, const trnnsf_matrix *matrix, size_t i,
                           uint32_t owner)
{
    size_t count = 0;

    for (size_t e = matrix->row_start[i]; e < matrix->row_start[i + 1]; e++)
        count += trn_clusters_owner(clusters, i, matrix->column[e]) == owner;
    return count;
}

size_t trnnsf_clusters_synapses(const trnnsf_clusters *clusters, const trnnsf_matrix *matrix,
                                size_t index)
{
    size_t count = 0;

    if (!fits(clusters, matrix) || index >= clusters->blocks->count)
        return 0;
    for (size_t e = clusters->blocks->row_start[index]; e < clusters->blocks->row_start[index + 1];
         e++)
        count += owned_in_row(clusters, matrix, clusters->blocks->row[e], (uint32_t)index);
    return count;
}

size_t trnnsf_clusters_residue(const trnnsf_clusters *clusters, const trnnsf_matrix *matrix)
{
    size_t count = 0;

    if (!fits(clusters, matrix))
        return 0;
    for (size_t i = 0; i < matrix->n_rows; i++)
        count += owned_in_row(clusters, matrix, i, TRN_NO_CLUSTER);
    return count;
}

trnnsf_status trnnsf_clusters_held(trnnsf_context *context, const trnnsf_clusters *clusters,
                                   const trnnsf_matrix *matrix, trnnsf_matrix **out_matrix)
{
    static const char function[] = "trnnsf_clusters_held";

    if (!context)
        return TRNNSF_E_INVALID;
    if (!clusters || !matrix || !out_matrix)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        !clusters ? "clusters"
                        : !matrix ? "matrix"
                                  : "out_matrix");
    if (!fits(clusters, matrix))
        return trn_fail(context, TRNNSF_E_MISMATCH,
                        "%s: clusters are of %zu x %zu, the matrix is %zu x %zu", function,
                        clusters->blocks->n_rows, clusters->blocks->n_columns, matrix->n_rows,
                        matrix->n_columns);
    return trn_clusters_held_matrix(context, clusters, matrix, out_matrix);
}

trnnsf_status trnnsf_clusters_check(trnnsf_context *context, const trnnsf_clusters *clusters,
                                    size_t max_inputs, size_t max_outputs)
{
    if (!context)
        return TRNNSF_E_INVALID;
    if (!clusters)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_clusters_check: clusters is NULL");
    if (max_inputs == 0 || max_outputs == 0)
        return trn_fail(context, TRNNSF_E_INVALID,
                        "trnnsf_clusters_check: limit %zu x %zu is not in [1, %zu]", max_inputs,
                        max_outputs, SIZE_MAX);
    return trn_clusters_check(context, "trnnsf_clusters_check", clusters, max_inputs, max_outputs);
}
