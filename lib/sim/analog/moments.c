/* What the inputs of each layer weigh: mean squares over samples. */
#include "base/context.h"
#include "base/pool.h"
#include "sim/analog/places.h"
#include "sim/analog/remap.h"

enum { BATCH = 2 * TRN_ANALOG_CHUNK };

struct panel_work {
    size_t n, ld;
    const float *x;
    double share, *moments;
};

static void panel_task(void *argument, size_t task, size_t worker)
{
    const struct panel_work *work = argument;
    const float *x = work->x + task * work->ld;
    double sum = 0;

    (void)worker;
    for (size_t s = 0; s < work->n; s++)
        sum += (double)x[s] * (double)x[s];
    work->moments[task] += work->share * sum;
}

/* From an image's values to the rows that they drive, read after read. */
static trnnsf_status spread(trnnsf_context *ctx, struct trn_analog_layer *layer)
{
    const struct trn_map_lines *lines = &layer->lines;
    uint64_t reads = trn_map_reads(&lines->geometry);
    double *moments = TRN_NEW_ARRAY(ctx, double, layer->n_in);

    if (!moments)
        return TRN_NO_MEMORY;
    for (size_t i = 0; i < layer->n_in; i++) {
        struct trn_map_line line = trn_map_input(lines, i);

        for (uint64_t r = 0; r < reads; r++) {
            uint32_t value = trn_map_input_value(lines, &line, r);

            moments[i] += value == TRN_NO_VALUE ? 0 : layer->moments[value] / (double)reads;
        }
    }
    trn_free(ctx, layer->moments);
    layer->moments = moments;
    return TRNNSF_OK;
}

trnnsf_status trn_analog_set_moments(trnnsf_context *ctx, struct trn_analog_plan *plan,
                                     const struct trnnsf_network *network, size_t n_samples,
                                     const float *inputs)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_pass *pass = NULL;
    size_t n_in = plan->n_features;

    for (size_t l = 0; l < plan->n_layers; l++) {
        plan->layers[l].moments = TRN_NEW_ARRAY(ctx, double, trn_analog_values(plan, l));
        TRN_NEED_OUT(plan->layers[l].moments);
    }
    /* A pass that does not train reads the network only. */
    TRN_TRY_OUT(trn_pass_create(ctx, (struct trnnsf_network *)network,
                                trn_places_batch(network, BATCH, n_samples), false, &pass));
    for (size_t s = 0; s < n_samples; s += pass->capacity) {
        TRN_TRY_OUT(trn_cancelled(ctx, "analog"));
        trn_pass_load(pass, n_samples - s < pass->capacity ? n_samples - s : pass->capacity,
                      inputs + s * n_in, NULL, NULL);
        TRN_TRY_OUT(trn_pass_forward(pass, NULL));
        for (size_t l = 0; l < plan->n_layers; l++) {
            struct panel_work work = {pass->n, pass->capacity, pass->panel[l],
                                      1 / (double)n_samples, plan->layers[l].moments};

            trn_parallel(ctx, trn_analog_values(plan, l), panel_task, &work);
        }
    }
    for (size_t l = 0; plan->graph && l < plan->n_layers; l++)
        TRN_TRY_OUT(spread(ctx, &plan->layers[l]));
out:
    trn_pass_free(pass);
    return status;
}
