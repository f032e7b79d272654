/* What spikes meet on the crossbars of a mapping: which are driven, which neurons have something to
 * do, how many copies of a spike are sent. */
#include <math.h>
#include <string.h>

#include "base/context.h"
#include "base/wide.h"
#include "sim/common/activity.h"
#include "sim/spiking/run.h"

enum { TILE = TRN_SPIKE_TILE };

TRN_INLINE void arrive_tile(const struct trn_spike_block *block, size_t first, size_t n,
                            size_t n_events, const struct trn_spike_event *events,
                            uint32_t *arrived)
{
    uint32_t steps[TILE] = {0};

    for (size_t e = 0; e < n_events; e++) {
        const int32_t *weights = block->weights + events[e].row * block->width + first;
        uint32_t mask = events[e].mask;

        for (size_t o = 0; o < n; o++)
            steps[o] |= weights[o] != 0 ? mask : 0;
    }
    for (size_t o = 0; o < n; o++)
        arrived[block->outputs[first + o]] |= steps[o];
}

TRN_WIDE static void arrive_tile_wide(const struct trn_spike_block *block, size_t first, size_t n,
                                      size_t n_events, const struct trn_spike_event *events,
                                      uint32_t *arrived)
{
    arrive_tile(block, first, n, n_events, events, arrived);
}

uint32_t trn_spike_arrive(const struct trn_spike_block *block, size_t n_events,
                          const struct trn_spike_event *events, uint32_t *arrived)
{
    uint32_t any = 0;

    for (size_t first = 0; first < block->n_out; first += TILE) {
        size_t n = block->n_out - first < TILE ? block->n_out - first : TILE;

        if (trn_is_wide())
            arrive_tile_wide(block, first, n, n_events, events, arrived);
        else
            arrive_tile(block, first, n, n_events, events, arrived);
    }
    for (size_t e = 0; e < n_events; e++)
        any |= events[e].mask;
    return any;
}

/* Parts of all steps of all samples; NaN where inputs were no spikes. */
static void set_parts(const uint64_t *counts, size_t n, double steps, float *parts)
{
    for (size_t i = 0; i < n; i++)
        parts[i] = counts ? (float)((double)counts[i] / steps) : NAN;
}

trnnsf_status trn_spike_record_add_traffic(const struct trnnsf_spike_record *record,
                                           struct trnnsf_activity *activity)
{
    trnnsf_context *ctx = activity->ctx;
    size_t n = record->n_layers, *sizes = TRN_NEW_ARRAY(ctx, size_t, 2 * n);
    double steps = trn_spike_record_steps_sum(record);

    if (!sizes)
        return TRN_NO_MEMORY;
    for (size_t l = 0; l < n; l++) {
        sizes[l] = record->crossbars[l + 1] - record->crossbars[l];
        sizes[n + l] = record->start[l + 2] - record->start[l + 1];
    }
    trnnsf_status status = trn_activity_add_traffic(activity, sizes, sizes + n);
    trn_free(ctx, sizes);
    TRN_TRY(status);
    activity->mapping = record->mapping;
    for (size_t l = 0; l < n; l++) {
        bool are_spikes = l > 0 || !record->currents;
        const struct trn_spike_totals *totals = &record->totals;

        set_parts(are_spikes ? totals->reads + record->crossbars[l] : NULL,
                  record->crossbars[l + 1] - record->crossbars[l], steps,
                  activity->reads + activity->crossbar_start[l]);
        set_parts(are_spikes ? totals->updates + record->start[l + 1] : NULL,
                  record->start[l + 2] - record->start[l + 1], steps,
                  activity->updates + activity->output_start[l]);
    }
    return TRNNSF_OK;
}

/* The last PE that an input was seen on is kept beside its count, so each PE counts once. */
struct copies {
    uint32_t crossbars, pes, last_pe;
};

static void count_copies(const struct trnnsf_mapping *mapping, size_t layer, size_t per_pe,
                         struct copies *copies)
{
    const struct trn_map_layer *mapped = &mapping->layers[layer];

    for (size_t c = 0; c < mapped->n_crossbars; c++) {
        const struct trn_crossbar *crossbar = &mapping->crossbars[mapped->first + c];
        const uint32_t *inputs = mapping->index + crossbar->input_start;
        uint32_t pe = (uint32_t)(c / per_pe) + 1;

        for (size_t i = 0; i < crossbar->n_inputs; i++) {
            struct copies *of = &copies[inputs[i]];

            of->crossbars++;
            of->pes += of->last_pe != pe;
            of->last_pe = pe;
        }
    }
}

static double sum_of(const uint64_t *counts, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += (double)counts[i];
    return sum;
}

static void add_layer(const struct trnnsf_spike_record *record, bool is_same, size_t layer,
                      const struct copies *copies, struct trnnsf_spike_traffic *traffic)
{
    const struct trn_spike_totals *totals = &record->totals;
    size_t n = record->start[layer + 1] - record->start[layer];
    double samples = (double)record->n_samples;

    for (size_t i = 0; i < n; i++) {
        double spikes = (double)totals->spikes[record->start[layer] + i] / samples;

        traffic->spikes += spikes;
        traffic->rows += spikes * copies[i].crossbars;
        traffic->messages += spikes * copies[i].pes;
    }
    if (!is_same) {
        traffic->reads = traffic->updates = NAN;
        return;
    }
    traffic->reads += sum_of(totals->reads + record->crossbars[layer],
                             record->crossbars[layer + 1] - record->crossbars[layer]) /
                      samples;
    traffic->updates += sum_of(totals->updates + record->start[layer + 1],
                               record->start[layer + 2] - record->start[layer + 1]) /
                        samples;
}

trnnsf_status trn_spike_record_traffic(trnnsf_context *ctx,
                                       const struct trnnsf_spike_record *record,
                                       const struct trnnsf_mapping *mapping,
                                       const struct trnnsf_tech *tech, size_t layer,
                                       struct trnnsf_spike_traffic *traffic)
{
    bool is_same = record->mapping && record->mapping == trn_mapping_fingerprint(mapping);
    size_t first = layer == TRNNSF_ALL_LAYERS ? 0 : layer;
    size_t end = layer == TRNNSF_ALL_LAYERS ? record->n_layers : layer + 1;

    for (size_t l = first; l < end; l++) {
        struct copies *copies = TRN_NEW_ARRAY(ctx, struct copies, (size_t)mapping->layers[l].n_in);

        if (!copies)
            return TRN_NO_MEMORY;
        count_copies(mapping, l, (size_t)tech->value[TRN_TECH_MCAS_PER_PE], copies);
        add_layer(record, is_same, l, copies, traffic);
        trn_free(ctx, copies);
    }
    return TRNNSF_OK;
}
