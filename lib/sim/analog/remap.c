#include "sim/analog/remap.h"

#include "base/context.h"
#include "base/pool.h"
#include "sim/analog/fit.h"

enum { SIDE_MAX = 4096 };

static trnnsf_status remap_new(trnnsf_context *ctx, const struct trn_analog_plan *plan,
                               uint32_t means, struct trnnsf_remap **out_remap)
{
    trnnsf_status status = TRNNSF_OK;
    struct trnnsf_remap *remap = TRN_NEW(ctx, struct trnnsf_remap);
    size_t lines = 0;

    if (!remap)
        return TRN_NO_MEMORY;
    remap->ctx = trn_context_retain(ctx);
    remap->means = means;
    remap->n_crossbars = plan->n_crossbars;
    remap->crossbars = TRN_NEW_ARRAY(ctx, struct trn_remap_crossbar, remap->n_crossbars);
    TRN_NEED_OUT(remap->crossbars);
    for (size_t c = 0; c < remap->n_crossbars; c++) {
        const struct trn_analog_crossbar *from = &plan->crossbars[c];

        remap->crossbars[c] = (struct trn_remap_crossbar){from->n_in,   from->n_out, from->rows,
                                                          from->places, lines,       {0, 0, 0, 0}};
        lines += from->n_in + from->n_out;
    }
    remap->place = TRN_NEW_ARRAY(ctx, uint32_t, lines);
    TRN_NEED_OUT(remap->place);
out:
    if (status == TRNNSF_OK)
        *out_remap = remap;
    else
        trn_remap_free(remap);
    return status;
}

void trn_remap_free(struct trnnsf_remap *remap)
{
    if (!remap)
        return;

    trnnsf_context *ctx = remap->ctx;
    trn_free(ctx, remap->crossbars);
    trn_free(ctx, remap->place);
    trn_free(ctx, remap);
    trn_context_release(ctx);
}

struct solving {
    trnnsf_context *ctx;
    const struct trn_analog_plan *plan;
    const struct trnnsf_fault_map *faults;
    const struct trnnsf_remap_options *options;
    struct trnnsf_remap *remap;
    struct trn_fit *fits; /* [threads] */
    size_t first;
};

static void solve_task(void *argument, size_t task, size_t worker)
{
    const struct solving *solving = argument;
    size_t c = solving->first + task;
    struct trn_remap_crossbar *crossbar = &solving->remap->crossbars[c];

    trn_fit_crossbar(solving->ctx, &solving->fits[worker], solving->plan, c, solving->faults,
                     solving->options, solving->remap->place + crossbar->start, &crossbar->sums);
}

static trnnsf_status solve_all(trnnsf_context *ctx, struct solving *solving)
{
    size_t n = solving->plan->n_crossbars, most = 4 * (size_t)ctx->threads;

    for (; solving->first < n; solving->first += most) {
        size_t count = n - solving->first < most ? n - solving->first : most;

        TRN_TRY(trn_cancelled(ctx, "remap"));
        trn_parallel(ctx, count, solve_task, solving);
    }
    return trn_cancelled(ctx, "remap");
}

trnnsf_status trn_remap_solve(trnnsf_context *ctx, const char *function,
                              const struct trn_analog_plan *plan,
                              const struct trnnsf_fault_map *faults,
                              const struct trnnsf_remap_options *options,
                              struct trnnsf_remap **out_remap)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_fit_size size = {0, 0, 0, 0, 0};
    struct trnnsf_remap *remap = NULL;
    struct solving solving = {.ctx = ctx, .plan = plan, .faults = faults, .options = options};

    for (size_t c = 0; c < plan->n_crossbars; c++) {
        const struct trn_analog_crossbar *crossbar = &plan->crossbars[c];

        if (crossbar->rows > SIDE_MAX || crossbar->places > SIDE_MAX)
            return trn_fail(ctx, TRNNSF_E_LIMIT,
                            "%s: crossbar %zu has %zu rows and room for %zu outputs: above %d",
                            function, c, crossbar->rows, crossbar->places, SIDE_MAX);
        trn_fit_size_add(plan, crossbar, &size);
    }
    solving.fits = TRN_NEW_ARRAY(ctx, struct trn_fit, ctx->threads);
    TRN_NEED_OUT(solving.fits);
    for (size_t w = 0; w < ctx->threads; w++)
        TRN_TRY_OUT(trn_fit_init(ctx, &size, &solving.fits[w]));
    TRN_TRY_OUT(remap_new(ctx, plan, options->means, &remap));
    solving.remap = remap;
    TRN_TRY_OUT(solve_all(ctx, &solving));
    *out_remap = remap;
    remap = NULL;
out:
    for (size_t w = 0; solving.fits && w < ctx->threads; w++)
        trn_fit_clear(ctx, &solving.fits[w]);
    trn_free(ctx, solving.fits);
    trn_remap_free(remap);
    return status;
}

trnnsf_status trn_remap_fits(trnnsf_context *ctx, const char *function,
                             const struct trn_analog_plan *plan, const struct trnnsf_remap *remap)
{
    bool is_same = remap->n_crossbars == plan->n_crossbars;

    for (size_t c = 0; is_same && c < plan->n_crossbars; c++) {
        const struct trn_analog_crossbar *a = &plan->crossbars[c];
        const struct trn_remap_crossbar *b = &remap->crossbars[c];

        is_same = a->n_in == b->n_in && a->n_out == b->n_out && a->rows == b->rows &&
                  a->places == b->places;
    }
    return is_same
               ? TRNNSF_OK
               : trn_fail(ctx, TRNNSF_E_MISMATCH,
                          "%s: the remapping is for other crossbars than the mapping's", function);
}
