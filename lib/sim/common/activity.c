#include "sim/common/activity.h"

#include <math.h>
#include <stdbool.h>

#include "base/context.h"
#include "base/pool.h"
#include "network/pass.h"

/* Samples at once, fewer of wide networks, and inputs a task: chosen here, a task has 64 KiB of
 * activations, and a panel at most about 2^24 values. */
enum { BATCH = 256, FEWEST = 16, TASK_INPUTS = 64, PANEL_VALUES = 1 << 24 };

void trn_activity_free(struct trnnsf_activity *activity)
{
    if (!activity)
        return;

    trnnsf_context *ctx = activity->ctx;
    trn_free(ctx, activity->start);
    trn_free(ctx, activity->rate);
    trn_free(ctx, activity->nonzero);
    trn_free(ctx, activity->crossbar_start);
    trn_free(ctx, activity->reads);
    trn_free(ctx, activity->output_start);
    trn_free(ctx, activity->updates);
    trn_free(ctx, activity);
    trn_context_release(ctx);
}

trnnsf_status trn_activity_new(trnnsf_context *ctx, size_t n_layers, const size_t *sizes,
                               struct trnnsf_activity **out_activity)
{
    trnnsf_status status = TRNNSF_OK;
    struct trnnsf_activity *activity = TRN_NEW(ctx, struct trnnsf_activity);

    if (!activity)
        return TRNNSF_E_NO_MEMORY;
    activity->ctx = trn_context_retain(ctx);
    activity->n_layers = n_layers;
    activity->start = TRN_NEW_ARRAY(ctx, size_t, n_layers + 1);
    TRN_NEED_OUT(activity->start);
    for (size_t l = 0; l < n_layers; l++)
        activity->start[l + 1] = activity->start[l] + sizes[l];
    activity->rate = TRN_NEW_ARRAY(ctx, float, activity->start[n_layers]);
    TRN_NEED_OUT(activity->rate);
    activity->nonzero = TRN_NEW_ARRAY(ctx, float, activity->start[n_layers]);
    TRN_NEED_OUT(activity->nonzero);
out:
    if (status == TRNNSF_OK)
        *out_activity = activity;
    else
        trn_activity_free(activity);
    return status;
}

size_t trn_activity_values(const struct trnnsf_network *network, size_t layer)
{
    const struct trn_graph *graph = &network->graph;
    size_t node = trn_graph_layer_node(graph, layer);

    return node == TRN_NO_NODE ? network->layers[layer].n_in
                               : trn_shape_size(&graph->nodes[graph->nodes[node].inputs[0]].shape);
}

static trnnsf_status make_parts(trnnsf_context *ctx, size_t n_layers, const size_t *sizes,
                                size_t **out_start, float **out_values)
{
    size_t *start = *out_start = TRN_NEW_ARRAY(ctx, size_t, n_layers + 1);

    if (!start)
        return TRN_NO_MEMORY;
    for (size_t l = 0; l < n_layers; l++)
        start[l + 1] = start[l] + sizes[l];
    *out_values = TRN_NEW_ARRAY(ctx, float, start[n_layers]);
    return *out_values ? TRNNSF_OK : TRN_NO_MEMORY;
}

trnnsf_status trn_activity_add_traffic(struct trnnsf_activity *activity, const size_t *crossbars,
                                       const size_t *outputs)
{
    TRN_TRY(make_parts(activity->ctx, activity->n_layers, crossbars, &activity->crossbar_start,
                       &activity->reads));
    return make_parts(activity->ctx, activity->n_layers, outputs, &activity->output_start,
                      &activity->updates);
}

/* Of one input neuron, over all samples so far. */
struct tally {
    double sum; /* of |x| */
    float most; /* largest |x| */
    bool finite;
    uint64_t nonzero;
};

struct tally_work {
    const float *x; /* [n_in x ld] */
    size_t n_in, n, ld;
    struct tally *tally; /* [n_in] */
};

static void tally_task(void *argument, size_t task, size_t worker)
{
    const struct tally_work *work = argument;
    size_t first = task * TASK_INPUTS;
    size_t end = work->n_in - first < TASK_INPUTS ? work->n_in : first + TASK_INPUTS;

    (void)worker;
    for (size_t i = first; i < end; i++) {
        const float *x = work->x + i * work->ld;
        struct tally *tally = &work->tally[i];

        for (size_t s = 0; s < work->n; s++) {
            float size = fabsf(x[s]);

            tally->sum += (double)size;
            tally->most = size > tally->most ? size : tally->most;
            tally->nonzero += size > 0;
        }
        tally->finite = tally->finite && isfinite(tally->sum);
    }
}

static void add_batch(const struct trn_pass *pass, const size_t *start, struct tally *tallies)
{
    for (size_t l = 0; l < pass->network->n_layers; l++) {
        struct tally_work work = {.x = pass->panel[l],
                                  .n_in = start[l + 1] - start[l],
                                  .n = pass->n,
                                  .ld = pass->capacity,
                                  .tally = tallies + start[l]};

        trn_parallel(pass->ctx, (work.n_in + TASK_INPUTS - 1) / TASK_INPUTS, tally_task, &work);
    }
}

static trnnsf_status finish_layer(trnnsf_context *ctx, struct trnnsf_activity *activity,
                                  size_t layer, size_t n_samples, const struct tally *tallies)
{
    size_t first = activity->start[layer], end = activity->start[layer + 1];
    float most = 0;

    for (size_t i = first; i < end; i++) {
        if (!tallies[i].finite)
            return trn_fail(ctx, TRNNSF_E_NUMERIC,
                            "trnnsf_activity_measure: input %zu of layer %zu is not finite",
                            i - first, layer);
        most = tallies[i].most > most ? tallies[i].most : most;
    }
    for (size_t i = first; i < end; i++) {
        double rate = most > 0 ? tallies[i].sum / ((double)n_samples * (double)most) : 0;

        activity->rate[i] = rate > 1 ? 1.0f : (float)rate; /* rounding may exceed 1 */
        activity->nonzero[i] = (float)((double)tallies[i].nonzero / (double)n_samples);
    }
    return TRNNSF_OK;
}

static trnnsf_status tally_samples(trnnsf_context *ctx, const struct trnnsf_network *network,
                                   size_t n_samples, size_t stride, const float *inputs,
                                   const size_t *start, struct tally *tallies)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_pass *pass = NULL;
    size_t n_in = trn_network_inputs(network);
    size_t batch = trn_pass_batch(network, BATCH, FEWEST, PANEL_VALUES, n_samples);
    uint32_t index[BATCH];

    for (size_t s = 0; s < BATCH; s++)
        index[s] = (uint32_t)(s * stride);
    /* A pass that does not train reads the network only. */
    TRN_TRY(trn_pass_create(ctx, (struct trnnsf_network *)network, batch, false, &pass));
    for (size_t s = 0; s < n_samples; s += batch) {
        size_t n = n_samples - s < batch ? n_samples - s : batch;

        TRN_TRY_OUT(trn_progress(ctx, "activity", NULL, s, n_samples));
        trn_pass_load(pass, n, inputs + s * stride * n_in, index, NULL);
        TRN_TRY_OUT(trn_pass_forward(pass, NULL));
        add_batch(pass, start, tallies);
    }
    TRN_TRY_OUT(trn_progress(ctx, "activity", NULL, n_samples, n_samples));
out:
    trn_pass_free(pass);
    return status;
}

trnnsf_status trn_activity_measure(trnnsf_context *ctx, const struct trnnsf_network *network,
                                   size_t n_samples, size_t stride, const float *inputs,
                                   struct trnnsf_activity **out_activity)
{
    trnnsf_status status = TRNNSF_OK;
    struct trnnsf_activity *activity = NULL;
    struct tally *tallies = NULL;
    size_t *sizes = trn_malloc(ctx, network->n_layers, sizeof *sizes);

    TRN_NEED_OUT(sizes);
    for (size_t l = 0; l < network->n_layers; l++)
        sizes[l] = trn_activity_values(network, l);
    TRN_TRY_OUT(trn_activity_new(ctx, network->n_layers, sizes, &activity));
    tallies = TRN_NEW_ARRAY(ctx, struct tally, activity->start[network->n_layers]);
    TRN_NEED_OUT(tallies);
    for (size_t i = 0; i < activity->start[network->n_layers]; i++)
        tallies[i].finite = true;
    TRN_TRY_OUT(tally_samples(ctx, network, n_samples, stride, inputs, activity->start, tallies));
    for (size_t l = 0; l < network->n_layers; l++)
        TRN_TRY_OUT(finish_layer(ctx, activity, l, n_samples, tallies));
out:
    trn_free(ctx, tallies);
    trn_free(ctx, sizes);
    if (status == TRNNSF_OK)
        *out_activity = activity;
    else
        trn_activity_free(activity);
    return status;
}
