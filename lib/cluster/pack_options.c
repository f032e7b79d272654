#include "cluster/pack_options.h"

#include <float.h>
#include <math.h>

#include "base/context.h"
#include "base/options.h"
#include "cluster/clusters.h"

enum { EFFORT_MAX = 9, SIDE_MAX = 65536, SIDE_DEFAULT = 64 };
/* Sums of costs stay far from the end of doubles. */
#define COST_MAX 1e100

static trnnsf_status read_shape(trnnsf_context *ctx, const char *function,
                                const struct trnnsf_pack_options *o, size_t s,
                                struct trn_pack_shape *shape)
{
    double cost = o->cost ? o->cost[s] : 1;

    if (o->inputs[s] < 1 || o->inputs[s] > SIDE_MAX || o->outputs[s] < 1 ||
        o->outputs[s] > SIDE_MAX)
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: shape %zu: %u x %u is not in [1, %d]", function,
                        s, o->inputs[s], o->outputs[s], SIDE_MAX);
    if (!(cost > 0) || cost > COST_MAX)
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: shape %zu: cost %g is not in (0, %g]", function,
                        s, cost, COST_MAX);
    *shape = (struct trn_pack_shape){o->outputs[s], o->inputs[s], cost};
    return TRNNSF_OK;
}

trnnsf_status trn_pack_read_pool(trnnsf_context *ctx, const char *function,
                                 const struct trnnsf_pack_options *o, struct trn_pack_pool *pool)
{
    TRN_TRY(trn_option_number(ctx, function, "salience", o->salience, TRNNSF_PACK_MAGNITUDE,
                         TRNNSF_PACK_EQUAL));
    if (o->reserved != 0)
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: reserved %u is not 0", function, o->reserved);
    TRN_TRY(trn_option_number(ctx, function, "shapes", (double)o->shapes, 0, TRN_PACK_SHAPES_MAX));
    if (o->shapes == 0) {
        pool->count = 1;
        pool->shape[0] = (struct trn_pack_shape){SIDE_DEFAULT, SIDE_DEFAULT, 1};
        return TRNNSF_OK;
    }
    if (!o->inputs || !o->outputs)
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: %s is NULL, but shapes is %zu", function,
                        o->inputs ? "outputs" : "inputs", o->shapes);
    pool->count = o->shapes;
    for (size_t s = 0; s < o->shapes; s++)
        TRN_TRY(read_shape(ctx, function, o, s, &pool->shape[s]));
    return TRNNSF_OK;
}

trnnsf_status trn_pack_read_goal(trnnsf_context *ctx, const char *function,
                                 const struct trnnsf_pack_options *o, struct trn_pack_goal *goal)
{
    TRN_TRY(trn_option_number(ctx, function, "goal", o->goal, TRNNSF_PACK_BUDGET, TRNNSF_PACK_BOUND));
    TRN_TRY(trn_option_number(ctx, function, "effort", o->effort, 0, EFFORT_MAX));
    TRN_TRY(trn_option_number(ctx, function, "cost_limit", o->cost_limit, 0, COST_MAX));
    if (!(o->discard >= 0 && o->discard < 1))
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: discard %g is not in [0, 1)", function,
                        o->discard);
    if (o->goal == TRNNSF_PACK_BUDGET && o->crossbars == 0 && o->cost_limit == 0)
        return trn_fail(ctx, TRNNSF_E_INVALID,
                        "%s: crossbars 0 and cost_limit 0: a budget needs one of them", function);
    *goal = (struct trn_pack_goal){.bounded = o->goal == TRNNSF_PACK_BOUND,
                                   .crossbars = o->crossbars ? o->crossbars : SIZE_MAX,
                                   .cost = o->cost_limit > 0 ? o->cost_limit : INFINITY,
                                   .discard = o->discard,
                                   .effort = o->effort,
                                   .seed = o->seed};
    if (goal->bounded) {
        goal->crossbars = SIZE_MAX;
        goal->cost = INFINITY;
    }
    return TRNNSF_OK;
}

static trnnsf_status check_values(trnnsf_context *ctx, const char *function,
                                  const struct trnnsf_matrix *matrix)
{
    for (size_t e = 0; e < trn_sparse_nonzeros(matrix); e++) {
        if (!isfinite(matrix->value[e]))
            return trn_fail(ctx, TRNNSF_E_INVALID, "%s: value[%zu] is not finite", function, e);
    }
    return TRNNSF_OK;
}

/* The squares, the largest being 1; none becomes 0. */
static void square(struct trnnsf_matrix *matrix)
{
    double largest = 0;

    for (size_t e = 0; e < trn_sparse_nonzeros(matrix); e++)
        largest = fmax(largest, trn_salience(matrix, e));
    for (size_t e = 0; e < trn_sparse_nonzeros(matrix); e++) {
        double share = trn_salience(matrix, e) / largest;

        if (share > 0)
            matrix->value[e] = (float)fmax(share * share, (double)FLT_MIN);
    }
}

void trn_pack_weigh(struct trnnsf_matrix *matrix, uint32_t kind)
{
    if (kind == TRNNSF_PACK_SQUARE)
        square(matrix);
    for (size_t e = 0; kind == TRNNSF_PACK_EQUAL && e < trn_sparse_nonzeros(matrix); e++)
        matrix->value[e] = 1;
}

/* Measured at 64 x 64 on the ten matrices of doc/pack.md: 980 blocks in sum, 1011 by magnitudes. */
uint32_t trn_pack_kind(const struct trn_pack_goal *goal, uint32_t salience)
{
    return goal->bounded && !(goal->discard > 0) ? TRNNSF_PACK_EQUAL : salience;
}

trnnsf_status trn_pack_saliences(trnnsf_context *ctx, const char *function, uint32_t kind,
                                 const struct trnnsf_matrix *matrix, struct trnnsf_matrix **out_own)
{
    TRN_TRY(check_values(ctx, function, matrix));
    *out_own = NULL;
    if (kind == TRNNSF_PACK_MAGNITUDE)
        return TRNNSF_OK;
    TRN_TRY(trn_clusters_residue_matrix(ctx, NULL, matrix, out_own)); /* a copy */
    trn_pack_weigh(*out_own, kind);
    return TRNNSF_OK;
}
