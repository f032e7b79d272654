#include <trnnsf/pack.h>

#include "base/context.h"
#include "base/options.h"
#include "cluster/pack_measure.h"
#include "cluster/pack_options.h"
#include "cluster/packer.h"

void trnnsf_pack_options_init(struct trnnsf_pack_options *options)
{
    static const struct trnnsf_pack_options defaults = TRNNSF_PACK_OPTIONS_INIT;

    if (options)
        *options = defaults;
}

trnnsf_status trnnsf_clusters_pack(trnnsf_context *context, const trnnsf_matrix *matrix,
                                   const struct trnnsf_pack_options *options,
                                   trnnsf_clusters **out_clusters)
{
    static const char function[] = "trnnsf_clusters_pack";
    struct trnnsf_pack_options given = TRNNSF_PACK_OPTIONS_INIT;
    struct trn_pack_pool pool;
    struct trn_pack_goal goal;
    trnnsf_matrix *own;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!matrix)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: matrix is NULL", function);
    if (!out_clusters)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: out_clusters is NULL", function);
    TRN_TRY(trn_options_read(context, function, options, &given, sizeof given));
    TRN_TRY(trn_pack_read_pool(context, function, &given, &pool));
    TRN_TRY(trn_pack_read_goal(context, function, &given, &goal));
    TRN_TRY(
        trn_pack_saliences(context, function, trn_pack_kind(&goal, given.salience), matrix, &own));
    trnnsf_status status = trn_pack(context, own ? own : matrix, &pool, &goal, out_clusters);
    trnnsf_matrix_free(own);
    return status;
}

trnnsf_status trnnsf_pack_measure(trnnsf_context *context, const trnnsf_matrix *matrix,
                                  const struct trnnsf_pack_options *options,
                                  const trnnsf_clusters *clusters,
                                  struct trnnsf_pack_report *out_report)
{
    static const char function[] = "trnnsf_pack_measure";
    struct trnnsf_pack_options given = TRNNSF_PACK_OPTIONS_INIT;
    struct trnnsf_pack_report report = {.struct_size = sizeof report};
    struct trn_pack_pool pool;
    trnnsf_matrix *own;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!matrix || !clusters || !out_report)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        !matrix     ? "matrix"
                        : !clusters ? "clusters"
                                    : "out_report");
    if (matrix->n_rows != clusters->blocks->n_rows ||
        matrix->n_columns != clusters->blocks->n_columns)
        return trn_fail(context, TRNNSF_E_INVALID,
                        "%s: clusters are of %zu x %zu, the matrix is %zu x %zu", function,
                        clusters->blocks->n_rows, clusters->blocks->n_columns, matrix->n_rows,
                        matrix->n_columns);
    TRN_TRY(trn_result_check(context, function, out_report, sizeof report));
    TRN_TRY(trn_options_read(context, function, options, &given, sizeof given));
    TRN_TRY(trn_pack_read_pool(context, function, &given, &pool));
    TRN_TRY(trn_pack_saliences(context, function, given.salience, matrix, &own));
    trnnsf_status status =
        trn_pack_measure(context, function, own ? own : matrix, &pool, clusters, &report);
    trnnsf_matrix_free(own);
    TRN_TRY(status);
    trn_result_write(out_report, &report);
    return TRNNSF_OK;
}
