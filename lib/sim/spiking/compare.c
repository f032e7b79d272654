/* Firing rates against activations. */
#include <math.h>

#include "base/context.h"
#include "network/node_pass.h"
#include "sim/spiking/run.h"

enum { BATCH = 256, GRAPH_BATCH = 16 }; /* samples at once: chosen here */

struct counts {
    size_t neurons;
    uint32_t *spikes; /* [n_samples x neurons] */
};

static void count_masks(void *user, size_t sample, size_t step, size_t count, const uint32_t *masks)
{
    const struct counts *counts = user;
    uint32_t *spikes = counts->spikes + sample * counts->neurons;

    (void)step;
    (void)count;
    for (size_t i = 0; i < counts->neurons; i++)
        spikes[i] += (uint32_t)__builtin_popcount(masks[i]);
}

/* Sums over all neurons and samples of a layer. */
struct sums {
    double n, x, y, xx, yy, xy, difference, square, clipped, positive, silent;
};

static void add_pair(struct sums *sums, double rate, double activation)
{
    double difference = rate - (activation > 1 ? 1 : activation);

    sums->n += 1;
    sums->x += rate;
    sums->y += activation;
    sums->xx += rate * rate;
    sums->yy += activation * activation;
    sums->xy += rate * activation;
    sums->difference += difference;
    sums->square += difference * difference;
    sums->clipped += activation > 1;
    sums->positive += activation > 0;
    sums->silent += activation > 0 && rate == 0;
}

static void report_sums(const struct sums *sums, struct trnnsf_rate_report *report)
{
    double n = sums->n,
           spread = (sums->xx - sums->x * sums->x / n) * (sums->yy - sums->y * sums->y / n);

    report->rate = sums->x / n;
    report->activation = sums->y / n;
    report->error = sqrt(sums->square / n);
    report->bias = sums->difference / n;
    report->clipped = sums->clipped / n;
    report->silent = sums->positive > 0 ? sums->silent / sums->positive : 0;
    report->correlation =
        spread > 0 ? (sums->xy - sums->x * sums->y / n) / sqrt(spread) : (double)NAN;
}

/* The network's values that spiking layer l's neurons read, or of a graph those before them. */
static const float *panel_of(const struct trnnsf_spiking *spiking, const struct trn_pass *pass,
                             size_t l)
{
    return pass->nodes ? pass->nodes->states[spiking->layers[l - 1].node].values : pass->panel[l];
}

static void add_batch(const struct trnnsf_spiking *spiking, const struct trn_pass *pass,
                      const struct trnnsf_spike_record *record, const struct counts *counts,
                      size_t first, struct sums *sums)
{
    for (size_t l = 1; l < spiking->n_layers; l++) {
        double scale = spiking->layers[l].scale;
        const float *panel = panel_of(spiking, pass, l);

        for (size_t i = 0; i < spiking->layers[l].n_in; i++) {
            for (size_t s = 0; s < pass->n; s++) {
                const uint32_t *spikes = counts->spikes + (first + s) * counts->neurons;
                double rate =
                    (double)spikes[record->start[l] + i] / (double)record->steps[first + s];

                add_pair(&sums[l], rate, (double)panel[i * pass->capacity + s] / scale);
            }
        }
    }
}

static trnnsf_status compare_samples(trnnsf_context *ctx, const struct trnnsf_spiking *spiking,
                                     const struct trnnsf_network *network, size_t n_samples,
                                     const float *inputs, const struct trnnsf_spike_record *record,
                                     const struct counts *counts, struct sums *sums)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_pass *pass = NULL;
    size_t n_in = trn_network_inputs(network);
    size_t batch = trn_network_is_chain(network) ? BATCH : GRAPH_BATCH;

    /* A pass that does not train reads the network only. */
    TRN_TRY(trn_pass_create(ctx, (struct trnnsf_network *)network,
                            n_samples < batch ? n_samples : batch, false, &pass));
    for (size_t s = 0; s < n_samples; s += batch) {
        TRN_TRY_OUT(trn_cancelled(ctx, "spikes"));
        trn_pass_load(pass, n_samples - s < batch ? n_samples - s : batch, inputs + s * n_in, NULL,
                      NULL);
        TRN_TRY_OUT(trn_pass_forward(pass, NULL));
        add_batch(spiking, pass, record, counts, s, sums);
    }
out:
    trn_pass_free(pass);
    return status;
}

bool trn_spiking_fits(const struct trnnsf_spiking *spiking, const struct trnnsf_network *network)
{
    const struct trn_graph *graph = &network->graph;
    bool chain = !trn_spiking_is_graph(spiking);
    bool fit = trn_network_is_chain(network) == chain &&
               trn_network_inputs(network) == spiking->layers[0].n_in &&
               (!chain || network->n_layers == spiking->n_layers);

    for (size_t l = 0; fit && l < spiking->n_layers; l++) {
        const struct trn_spiking_layer *layer = &spiking->layers[l];

        if (chain)
            fit = network->layers[l].n_in == layer->n_in &&
                  network->layers[l].n_out == layer->n_out;
        else
            fit = layer->node < graph->n_nodes &&
                  trn_shape_size(&graph->nodes[layer->node].shape) == layer->n_out;
    }
    return fit;
}

trnnsf_status trn_spiking_compare(trnnsf_context *ctx, const struct trnnsf_spiking *spiking,
                                  const struct trnnsf_network *network, size_t n_samples,
                                  const float *inputs,
                                  const struct trnnsf_spike_run_options *options,
                                  struct trnnsf_rate_report *reports)
{
    trnnsf_status status = TRNNSF_OK;
    struct trnnsf_spike_record *record = NULL;
    struct counts counts = {0};
    const struct trn_spike_watch watch = {.masks = count_masks, .user = &counts};
    struct sums *sums = TRN_NEW_ARRAY(ctx, struct sums, spiking->n_layers);
    size_t room;

    TRN_NEED_OUT(sums);
    for (size_t l = 0; l <= spiking->n_layers; l++)
        counts.neurons += trn_spiking_neurons(spiking, l);
    if (!trn_size_multiply(counts.neurons, n_samples, &room)) {
        status = trn_fail(ctx, TRNNSF_E_LIMIT, "trnnsf_spiking_compare: %zu samples of %zu neurons",
                          n_samples, counts.neurons);
        goto out;
    }
    counts.spikes = TRN_NEW_ARRAY(ctx, uint32_t, room);
    TRN_NEED_OUT(counts.spikes);
    TRN_TRY_OUT(trn_spiking_run(ctx, spiking, n_samples, inputs, NULL, options, &watch, &record));
    TRN_TRY_OUT(compare_samples(ctx, spiking, network, n_samples, inputs, record, &counts, sums));
    for (size_t l = 1; l < spiking->n_layers; l++)
        report_sums(&sums[l], &reports[l - 1]);
out:
    trn_spike_record_free(record);
    trn_free(ctx, counts.spikes);
    trn_free(ctx, sums);
    return status;
}
