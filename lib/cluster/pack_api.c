#include <math.h>
#include <trnnsf/pack.h>

#include "base/alloc.h"
#include "base/context.h"
#include "base/options.h"
#include "cluster/pack_bound.h"
#include "cluster/packer.h"

enum { EFFORT_MAX = 9, SIDE_MAX = 65536, SIDE_DEFAULT = 64 };
/* Sums of costs stay far from the end of doubles. */
#define COST_MAX 1e100

void trnnsf_pack_options_init(struct trnnsf_pack_options *options)
{
    static const struct trnnsf_pack_options defaults = TRNNSF_PACK_OPTIONS_INIT;

    if (options)
        *options = defaults;
}

static trnnsf_status check_number(trnnsf_context *ctx, const char *function, const char *name,
                                  double value, double minimum, double maximum)
{
    if (value >= minimum && value <= maximum)
        return TRNNSF_OK;
    return trn_fail(ctx, TRNNSF_E_INVALID, "%s: %s %g is not in [%g, %g]", function, name, value,
                    minimum, maximum);
}

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

static trnnsf_status read_pool(trnnsf_context *ctx, const char *function,
                               const struct trnnsf_pack_options *o, struct trn_pack_pool *pool)
{
    TRN_TRY(check_number(ctx, function, "shapes", (double)o->shapes, 0, TRN_PACK_SHAPES_MAX));
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

static trnnsf_status read_goal(trnnsf_context *ctx, const char *function,
                               const struct trnnsf_pack_options *o, struct trn_pack_goal *goal)
{
    TRN_TRY(check_number(ctx, function, "goal", o->goal, TRNNSF_PACK_BUDGET, TRNNSF_PACK_BOUND));
    TRN_TRY(check_number(ctx, function, "effort", o->effort, 1, EFFORT_MAX));
    TRN_TRY(check_number(ctx, function, "cost_limit", o->cost_limit, 0, COST_MAX));
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
                                  const trnnsf_matrix *matrix)
{
    for (size_t e = 0; e < trn_sparse_nonzeros(matrix); e++) {
        if (!isfinite(matrix->value[e]))
            return trn_fail(ctx, TRNNSF_E_INVALID, "%s: value[%zu] is not finite", function, e);
    }
    return TRNNSF_OK;
}

trnnsf_status trnnsf_clusters_pack(trnnsf_context *context, const trnnsf_matrix *matrix,
                                   const struct trnnsf_pack_options *options,
                                   trnnsf_clusters **out_clusters)
{
    static const char function[] = "trnnsf_clusters_pack";
    struct trnnsf_pack_options given = TRNNSF_PACK_OPTIONS_INIT;
    struct trn_pack_pool pool;
    struct trn_pack_goal goal;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!matrix)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: matrix is NULL", function);
    if (!out_clusters)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: out_clusters is NULL", function);
    TRN_TRY(trn_options_read(context, function, options, &given, sizeof given));
    TRN_TRY(read_pool(context, function, &given, &pool));
    TRN_TRY(read_goal(context, function, &given, &goal));
    TRN_TRY(check_values(context, function, matrix));
    return trn_pack(context, matrix, &pool, &goal, out_clusters);
}

/* Cost and cells of the blocks, each on its cheapest shape. */
static trnnsf_status price(trnnsf_context *ctx, const char *function,
                           const struct trn_pack_pool *pool, const trnnsf_clusters *clusters,
                           double *cost, double *cells)
{
    *cost = *cells = 0;
    for (size_t i = 0; i < trn_clusters_count(clusters); i++) {
        size_t rows = trn_block_rows(clusters->blocks, i);
        size_t columns = trn_block_columns(clusters->blocks, i);
        uint32_t s = trn_pack_cheapest(pool, rows, columns);

        if (s == TRN_PACK_NO_SHAPE)
            return trn_fail(ctx, TRNNSF_E_CHECK,
                            "%s: cluster %zu: %zu inputs x %zu outputs fit no shape", function, i,
                            columns, rows);
        *cost += pool->shape[s].cost;
        *cells += (double)pool->shape[s].rows * (double)pool->shape[s].columns;
    }
    return TRNNSF_OK;
}

static trnnsf_status measure(trnnsf_context *ctx, const char *function, const trnnsf_matrix *matrix,
                             const struct trn_pack_pool *pool, const trnnsf_clusters *clusters,
                             struct trnnsf_pack_report *report)
{
    size_t nonzeros = trn_sparse_nonzeros(matrix), held = 0, out = 0;
    struct trn_pack_bounds bounds;
    double cells, kept = 0, total = 0;

    TRN_TRY(price(ctx, function, pool, clusters, &report->cost, &cells));
    uint32_t *owner = TRN_NEW_ARRAY(ctx, uint32_t, nonzeros);
    if (!owner)
        return TRNNSF_E_NO_MEMORY;
    trn_clusters_owners(ctx, clusters, matrix, owner);
    for (size_t e = 0; e < nonzeros; e++) {
        bool in = owner[e] != TRN_NO_CLUSTER;

        held += in;
        out += !in && trn_salience(matrix, e) > 0;
        kept += in ? trn_salience(matrix, e) : 0;
        total += trn_salience(matrix, e);
    }
    trn_free(ctx, owner);
    report->blocks = trn_clusters_count(clusters);
    report->kept = out == 0 ? 1 : kept / total;
    report->fill = cells > 0 ? (double)held / cells : 0;
    TRN_TRY(trn_pack_bound(ctx, matrix, pool, (size_t)report->blocks, report->cost, report->kept,
                           out == 0, &bounds));
    report->kept_most = fmax(bounds.kept_most, report->kept); /* by rounding at most */
    report->cost_least = fmin(bounds.cost_least, report->cost);
    return TRNNSF_OK;
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
    TRN_TRY(read_pool(context, function, &given, &pool));
    TRN_TRY(check_values(context, function, matrix));
    TRN_TRY(measure(context, function, matrix, &pool, clusters, &report));
    trn_result_write(out_report, &report);
    return TRNNSF_OK;
}
