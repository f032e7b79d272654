#include <math.h>

#include "base/context.h"
#include "base/options.h"
#include "cluster/scic.h"

#define FUNCTION "trnnsf_clusters_find"

enum { K_MIN = 2, K_MAX = 64, SIDE_MAX = 65536 };
/* A finer ladder would only repeat itself: a leaf's density has a few thousand values at most. */
#define QUALITY_STEP_MIN 0.001

void trnnsf_cluster_options_init(struct trnnsf_cluster_options *options)
{
    static const struct trnnsf_cluster_options defaults = TRNNSF_CLUSTER_OPTIONS_INIT;

    if (options)
        *options = defaults;
}

static trnnsf_status check_options(trnnsf_context *ctx, const struct trnnsf_cluster_options *o)
{
    TRN_TRY(trn_option_number(ctx, FUNCTION, "variant", o->variant, TRNNSF_CLUSTER_PUBLISHED,
                         TRNNSF_CLUSTER_CORRECTED));
    TRN_TRY(trn_option_number(ctx, FUNCTION, "k", o->k, K_MIN, K_MAX));
    TRN_TRY(trn_option_number(ctx, FUNCTION, "inputs", o->inputs, 1, SIDE_MAX));
    TRN_TRY(trn_option_number(ctx, FUNCTION, "outputs", o->outputs, 1, SIDE_MAX));
    TRN_TRY(trn_option_number(ctx, FUNCTION, "quality_first", o->quality_first, 0, 1));
    TRN_TRY(trn_option_number(ctx, FUNCTION, "quality_last", o->quality_last, 0, o->quality_first));
    TRN_TRY(trn_option_number(ctx, FUNCTION, "quality_step", o->quality_step, QUALITY_STEP_MIN, 1));
    TRN_TRY(trn_option_number(ctx, FUNCTION, "merge", o->merge, 0, 1));
    return trn_option_number(ctx, FUNCTION, "grow", o->grow, 0, 1);
}

/* Saliences are summed and compared. */
static trnnsf_status check_values(trnnsf_context *ctx, const trnnsf_matrix *matrix)
{
    for (size_t e = 0; e < trn_sparse_nonzeros(matrix); e++) {
        if (!isfinite(matrix->value[e]))
            return trn_fail(ctx, TRNNSF_E_INVALID, FUNCTION ": value[%zu] is not finite", e);
    }
    return TRNNSF_OK;
}

trnnsf_status trnnsf_clusters_find(trnnsf_context *context, const trnnsf_matrix *matrix,
                                   const struct trnnsf_cluster_options *options,
                                   trnnsf_clusters **out_clusters)
{
    struct trnnsf_cluster_options given = TRNNSF_CLUSTER_OPTIONS_INIT;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!matrix)
        return trn_fail(context, TRNNSF_E_INVALID, FUNCTION ": matrix is NULL");
    if (!out_clusters)
        return trn_fail(context, TRNNSF_E_INVALID, FUNCTION ": out_clusters is NULL");
    TRN_TRY(trn_options_read(context, FUNCTION, options, &given, sizeof given));
    TRN_TRY(check_options(context, &given));
    TRN_TRY(check_values(context, matrix));
    return trn_scic_find(context, matrix, &given, out_clusters);
}
