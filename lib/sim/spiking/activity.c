/* What a run has met, as the activity that costs are computed from. */
#include <math.h>
#include <string.h>

#include "base/context.h"
#include "sim/common/activity.h"
#include "sim/spiking/links.h"
#include "sim/spiking/run.h"

double trn_spike_record_steps_sum(const struct trnnsf_spike_record *record)
{
    double sum = 0;

    for (size_t s = 0; s < record->n_samples; s++)
        sum += record->steps[s];
    return sum;
}

static bool is_current(const struct trnnsf_spike_record *record, size_t i)
{
    return record->currents && i < record->start[1];
}

/* A step's current over the scale. */
static double charge_of(const struct trnnsf_spike_record *record, size_t i)
{
    return (double)record->totals.charge[i] /
           ((double)(1 << TRN_SPIKE_INPUT_BITS) * (double)record->n_samples);
}

/* What a link's neurons bring to the values that its layer reads. */
static void add_image(const struct trnnsf_spike_record *record, const struct trn_spike_link *link,
                      double per_step, float *rate, float *nonzero)
{
    size_t n = trn_spike_link_values(link), samples = record->n_samples;
    const size_t *start = &record->start[link->source];

    for (size_t v = 0; v < n; v++) {
        size_t end = link->tap_start ? link->tap_start[v + 1] : v + 1;
        double sum = 0, seen = 0;

        for (size_t t = link->tap_start ? link->tap_start[v] : v; t < end; t++) {
            size_t neuron = *start + (link->tap_start ? link->taps[t] : t);

            sum += is_current(record, neuron) ? charge_of(record, neuron)
                                              : (double)record->totals.spikes[neuron] * per_step;
            seen += (double)record->totals.seen[neuron] / (double)samples;
        }
        rate[v] = (float)fmin(1, (double)rate[v] + sum);
        nonzero[v] = (float)fmin(1, (double)nonzero[v] + seen);
    }
}

static size_t count_images(const struct trnnsf_spiking *spiking)
{
    size_t count = 0;

    for (size_t l = 0; l < spiking->n_layers; l++) {
        for (size_t k = 0; k < spiking->layers[l].n_links; k++) {
            size_t layer = spiking->layers[l].links[k].layer;

            count = layer != TRN_NO_LAYER && layer >= count ? layer + 1 : count;
        }
    }
    return count;
}

/* The spiking layer whose links a layer of weights is looked at in: the first that has it. */
static const struct trn_spiking_layer *reader_of(const struct trnnsf_spiking *spiking,
                                                 size_t layer)
{
    for (size_t l = 0; l < spiking->n_layers; l++) {
        for (size_t k = 0; k < spiking->layers[l].n_links; k++) {
            if (spiking->layers[l].links[k].layer == layer)
                return &spiking->layers[l];
        }
    }
    return NULL;
}

static size_t image_values(const struct trn_spiking_layer *reader, size_t layer)
{
    for (size_t k = 0; reader && k < reader->n_links; k++) {
        if (reader->links[k].layer == layer)
            return trn_spike_link_values(&reader->links[k]);
    }
    return 0;
}

trnnsf_status trn_spike_record_images(trnnsf_context *ctx, const struct trnnsf_spiking *spiking,
                                      struct trnnsf_spike_record *record)
{
    size_t n = count_images(spiking);
    double per_step = 1 / trn_spike_record_steps_sum(record);

    record->n_images = n;
    record->image_start = TRN_NEW_ARRAY(ctx, size_t, n + 1);
    if (!record->image_start)
        return TRN_NO_MEMORY;
    for (size_t l = 0; l < n; l++)
        record->image_start[l + 1] =
            record->image_start[l] + image_values(reader_of(spiking, l), l);
    record->image_rate = TRN_NEW_ARRAY(ctx, float, record->image_start[n]);
    record->image_nonzero = TRN_NEW_ARRAY(ctx, float, record->image_start[n]);
    if (!record->image_rate || !record->image_nonzero)
        return TRN_NO_MEMORY;
    for (size_t l = 0; l < n; l++) {
        const struct trn_spiking_layer *reader = reader_of(spiking, l);

        for (size_t k = 0; reader && k < reader->n_links; k++) {
            if (reader->links[k].layer == l)
                add_image(record, &reader->links[k], per_step,
                          record->image_rate + record->image_start[l],
                          record->image_nonzero + record->image_start[l]);
        }
    }
    return TRNNSF_OK;
}

static trnnsf_status graph_activity(trnnsf_context *ctx, const struct trnnsf_spike_record *record,
                                    struct trnnsf_activity **out_activity)
{
    size_t n = record->n_images, *sizes = TRN_NEW_ARRAY(ctx, size_t, n);
    struct trnnsf_activity *activity = NULL;

    if (!sizes)
        return TRN_NO_MEMORY;
    for (size_t l = 0; l < n; l++)
        sizes[l] = record->image_start[l + 1] - record->image_start[l];
    trnnsf_status status = trn_activity_new(ctx, n, sizes, &activity);
    trn_free(ctx, sizes);
    TRN_TRY(status);
    memcpy(activity->rate, record->image_rate, record->image_start[n] * sizeof(float));
    memcpy(activity->nonzero, record->image_nonzero, record->image_start[n] * sizeof(float));
    activity->steps = trn_spike_record_steps_sum(record) / (double)record->n_samples;
    *out_activity = activity;
    return TRNNSF_OK;
}

trnnsf_status trn_spike_record_activity(trnnsf_context *ctx,
                                        const struct trnnsf_spike_record *record,
                                        struct trnnsf_activity **out_activity)
{
    struct trnnsf_activity *activity = NULL;
    double steps = trn_spike_record_steps_sum(record), samples = (double)record->n_samples;

    if (record->is_graph)
        return graph_activity(ctx, record, out_activity);

    size_t *sizes = TRN_NEW_ARRAY(ctx, size_t, record->n_layers);

    if (!sizes)
        return TRN_NO_MEMORY;
    for (size_t l = 0; l < record->n_layers; l++)
        sizes[l] = record->start[l + 1] - record->start[l];
    trnnsf_status status = trn_activity_new(ctx, record->n_layers, sizes, &activity);
    trn_free(ctx, sizes);
    TRN_TRY(status);
    for (size_t i = 0; i < record->start[record->n_layers]; i++) {
        double rate = is_current(record, i) ? charge_of(record, i)
                                            : (double)record->totals.spikes[i] / steps;

        activity->rate[i] = rate > 1 ? 1.0f : (float)rate;
        activity->nonzero[i] = (float)((double)record->totals.seen[i] / samples);
    }
    activity->steps = steps / samples;
    status = record->mapping ? trn_spike_record_add_traffic(record, activity) : TRNNSF_OK;
    if (status != TRNNSF_OK) {
        trn_activity_free(activity);
        return status;
    }
    *out_activity = activity;
    return TRNNSF_OK;
}
