#include <string.h>

#include "base/context.h"
#include "base/options.h"
#include "cluster/cover.h"
#include "cluster/reorder.h"

enum { SIDE_MAX = 65536, EFFORT_MAX = 1000 };

void trnnsf_reorder_options_init(struct trnnsf_reorder_options *options)
{
    static const struct trnnsf_reorder_options defaults = TRNNSF_REORDER_OPTIONS_INIT;

    if (options)
        *options = defaults;
}

/* What all functions here ask of the matrix and the options. */
static trnnsf_status read_options(trnnsf_context *ctx, const char *function,
                                  const trnnsf_matrix *matrix,
                                  const struct trnnsf_reorder_options *options,
                                  struct trnnsf_reorder_options *out)
{
    *out = (struct trnnsf_reorder_options)TRNNSF_REORDER_OPTIONS_INIT;
    if (!matrix)
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: matrix is NULL", function);
    TRN_TRY(trn_options_read(ctx, function, options, out, sizeof *out));
    TRN_TRY(trn_option_count(ctx, function, "inputs", out->inputs, 1, SIDE_MAX));
    TRN_TRY(trn_option_count(ctx, function, "outputs", out->outputs, 1, SIDE_MAX));
    TRN_TRY(trn_option_count(ctx, function, "effort", out->effort, 0, EFFORT_MAX));
    return trn_option_count(ctx, function, "gaps", out->gaps, 0, 1);
}

static trnnsf_status check_out(trnnsf_context *ctx, const char *function, const char *name,
                               const void *out)
{
    return out ? TRNNSF_OK : trn_fail(ctx, TRNNSF_E_INVALID, "%s: %s is NULL", function, name);
}

trnnsf_status trnnsf_reorder_find(trnnsf_context *context, const trnnsf_matrix *matrix,
                                  const struct trnnsf_reorder_options *options, uint32_t *out_rows,
                                  uint32_t *out_columns)
{
    static const char function[] = "trnnsf_reorder_find";
    struct trnnsf_reorder_options given;

    if (!context)
        return TRNNSF_E_INVALID;
    TRN_TRY(read_options(context, function, matrix, options, &given));
    TRN_TRY(check_out(context, function, "out_rows", out_rows));
    TRN_TRY(check_out(context, function, "out_columns", out_columns));
    return trn_reorder_find(context, matrix, &given, out_rows, out_columns);
}

/* Each index below `n` once, and gaps, in the places of whole stripes. */
static trnnsf_status check_places(trnnsf_context *ctx, const char *function, const char *name,
                                  const uint32_t *index, size_t n, size_t limit)
{
    size_t places = (n + limit - 1) / limit * limit, found = 0;
    trnnsf_status status = TRNNSF_OK;
    unsigned char *seen = TRN_NEW_ARRAY(ctx, unsigned char, n);

    if (!seen)
        return TRNNSF_E_NO_MEMORY;
    for (size_t p = 0; p < places && status == TRNNSF_OK; p++) {
        if (index[p] == TRNNSF_NO_LINE)
            continue;
        if (index[p] >= n)
            status = trn_fail(ctx, TRNNSF_E_INVALID, "%s: %s[%zu] %u is not in [0, %zu)", function,
                              name, p, index[p], n);
        else if (seen[index[p]])
            status = trn_fail(ctx, TRNNSF_E_INVALID, "%s: %s[%zu] %u was there before", function,
                              name, p, index[p]);
        else
            found += ++seen[index[p]];
    }
    if (status == TRNNSF_OK && found < n)
        status = trn_fail(ctx, TRNNSF_E_INVALID, "%s: %s has %zu of %zu lines", function, name,
                          found, n);
    trn_free(ctx, seen);
    return status;
}

trnnsf_status trnnsf_reorder_tiles(trnnsf_context *context, const trnnsf_matrix *matrix,
                                   const struct trnnsf_reorder_options *options,
                                   const uint32_t *rows, const uint32_t *columns,
                                   trnnsf_clusters **out_clusters)
{
    static const char function[] = "trnnsf_reorder_tiles";
    struct trnnsf_reorder_options given;

    if (!context)
        return TRNNSF_E_INVALID;
    TRN_TRY(read_options(context, function, matrix, options, &given));
    TRN_TRY(check_out(context, function, "rows", rows));
    TRN_TRY(check_out(context, function, "columns", columns));
    TRN_TRY(check_out(context, function, "out_clusters", out_clusters));
    TRN_TRY(check_places(context, function, "rows", rows, matrix->n_rows, given.outputs));
    TRN_TRY(check_places(context, function, "columns", columns, matrix->n_columns, given.inputs));
    return trn_reorder_tiles(context, matrix, &given, rows, columns, out_clusters);
}

trnnsf_status trnnsf_reorder_bound(trnnsf_context *context, const trnnsf_matrix *matrix,
                                   const struct trnnsf_reorder_options *options, size_t *out_bound)
{
    static const char function[] = "trnnsf_reorder_bound";
    struct trnnsf_reorder_options given;

    if (!context)
        return TRNNSF_E_INVALID;
    TRN_TRY(read_options(context, function, matrix, options, &given));
    TRN_TRY(check_out(context, function, "out_bound", out_bound));
    return trn_reorder_bound(context, matrix, &given, out_bound);
}

trnnsf_status trnnsf_clusters_cover(trnnsf_context *context, const trnnsf_matrix *matrix,
                                    const struct trnnsf_reorder_options *options,
                                    trnnsf_clusters **out_clusters)
{
    static const char function[] = "trnnsf_clusters_cover";
    struct trnnsf_reorder_options given;

    if (!context)
        return TRNNSF_E_INVALID;
    TRN_TRY(read_options(context, function, matrix, options, &given));
    TRN_TRY(check_out(context, function, "out_clusters", out_clusters));
    return trn_cover_find(context, matrix, &given, out_clusters);
}
