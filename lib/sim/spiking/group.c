/* One group of samples from the first step to the last: a task. */
#include <string.h>

#include "sim/spiking/group.h"
#include "sim/spiking/links.h"

static float *potential_of(const struct trn_group *group, size_t s, size_t layer)
{
    const struct trn_spike_job *job = group->job;

    return group->scratch->potential + s * job->neurons + job->record->start[layer];
}

/* Of a layer with currents, and of its neurons. */
static float *current_of(const struct trn_group *group, size_t s, size_t layer)
{
    const struct trn_spike_job *job = group->job;

    return group->scratch->current + s * job->neurons + job->record->start[layer];
}

static int32_t *sums_of(const struct trn_group *group, size_t s)
{
    return group->scratch->sums + s * CHUNK * group->job->widest_out;
}

/* Constant currents that are summed once; a chip reads them at each step. */
static bool is_driven(const struct trn_group *group, size_t l)
{
    return group->job->drive_start[l] != SIZE_MAX && trn_group_has_currents(group) &&
           !group->spiking->layers[l].reads;
}

static bool gets_spikes(const struct trn_group *group, size_t l)
{
    const struct trn_spiking_layer *layer = &group->spiking->layers[l];
    bool gets = !layer->links && !is_driven(group, l);

    for (size_t k = 0; k < layer->n_links; k++)
        gets = gets || layer->links[k].source > 0 || !trn_group_has_currents(group);
    return gets;
}

static float *drive_of(const struct trn_group *group, size_t s, size_t l)
{
    return group->scratch->drive + s * group->job->drives + group->job->drive_start[l];
}

static void start_drive(const struct trn_group *group, size_t s, size_t l, const float *sizes)
{
    const struct trn_spiking_layer *layer = &group->spiking->layers[l];
    struct trn_spike_scratch *scratch = group->scratch;
    float *drive = drive_of(group, s, l);

    memset(scratch->charges, 0, layer->n_out * sizeof *scratch->charges);
    if (!layer->links)
        trn_spike_charge(&layer->synapses, layer->n_in, sizes, scratch->charges);
    for (size_t k = 0; k < layer->n_links; k++) {
        if (layer->links[k].source == 0)
            trn_spike_link_charge(&layer->links[k], sizes, scratch->columns, scratch->rows,
                            scratch->charges);
    }
    for (size_t o = 0; o < layer->n_out; o++)
        drive[o] = (float)(scratch->charges[o] * (double)layer->unit);
}

/* Neurons with parameters of their own. */
static void start_dynamics(const struct trn_group *group, size_t s)
{
    for (size_t l = 0; l < group->spiking->n_layers; l++) {
        const struct trn_dynamics *dynamics = group->spiking->layers[l].dynamics;

        if (!dynamics)
            continue;
        memcpy(potential_of(group, s, l + 1), dynamics->initial,
               dynamics->n_out * sizeof *dynamics->initial);
        if (dynamics->keep_current)
            memset(current_of(group, s, l + 1), 0, dynamics->n_out * sizeof(float));
    }
}

static void start_sample(const struct trn_group *group, size_t s)
{
    const struct trn_spike_job *job = group->job;
    const struct trn_spiking_layer *first = &group->spiking->layers[0];
    struct trn_spike_scratch *scratch = group->scratch;
    float *sizes = scratch->sizes + s * first->n_in;
    float *potential = potential_of(group, s, 0);

    trn_spike_sizes(group->spiking, job->inputs + (group->sample + s) * first->n_in, sizes);
    for (size_t i = 0; i < job->neurons; i++)
        potential[i] = (float)group->spiking->options.initial;
    start_dynamics(group, s);
    memset(scratch->seen + s * job->neurons, 0, job->neurons * sizeof *scratch->seen);
    memset(scratch->carry + s * first->n_out, 0, first->n_out * sizeof *scratch->carry);
    memset(scratch->counts + s * trn_spiking_neurons(group->spiking, group->spiking->n_layers), 0,
           trn_spiking_neurons(group->spiking, group->spiking->n_layers) * sizeof *scratch->counts);
    if (!trn_group_has_currents(group))
        return;
    memset(trn_group_masks(group, s, 0), 0, first->n_in * sizeof(uint32_t));
    for (size_t l = 0; l < group->spiking->n_layers; l++) {
        if (is_driven(group, l))
            start_drive(group, s, l, sizes);
    }
}

/* The spikes that reach a layer's synapses in this chunk. */
static const uint32_t *arriving(const struct trn_group *group, size_t s, size_t layer)
{
    const struct trn_spike_job *job = group->job;
    const struct trn_dynamics *dynamics = group->spiking->layers[layer].dynamics;

    return trn_dynamics_words(dynamics) == 0
               ? trn_group_masks(group, s, layer)
               : group->scratch->late + s * job->neurons + job->record->start[layer];
}

static void delay_spikes(const struct trn_group *group, size_t l)
{
    const struct trn_spike_job *job = group->job;
    const struct trn_dynamics *dynamics = group->spiking->layers[l].dynamics;

    for (size_t s = 0; trn_dynamics_words(dynamics) > 0 && s < group->n; s++) {
        if (group->active[s])
            trn_dynamics_delay(
                dynamics, trn_group_masks(group, s, l), group->step / CHUNK,
                group->scratch->history + s * job->history + job->history_start[l],
                group->scratch->late + s * job->neurons + job->record->start[l]);
    }
}

static size_t find_events(const struct trn_group *group, size_t s, size_t layer, size_t n,
                          const uint32_t *inputs, struct trn_spike_event *events)
{
    const uint32_t *masks = arriving(group, s, layer);
    const float *sizes = group->scratch->sizes + s * group->spiking->layers[0].n_in;
    size_t count = 0;

    for (size_t i = 0; i < n; i++) {
        size_t input = inputs ? inputs[i] : i;

        if (masks[input])
            events[count++] =
                (struct trn_spike_event){(uint32_t)i, masks[input], layer == 0 && sizes[input] < 0};
    }
    return count;
}

/* Of the events of one block. */
static void note_arrivals(const struct trn_group *group, size_t s, size_t l, size_t b,
                          size_t n_events)
{
    const struct trn_spike_job *job = group->job;
    const struct trnnsf_spike_record *record = job->record;
    struct trn_spike_scratch *scratch = group->scratch;
    uint32_t *reached =
        scratch->reached + s * record->crossbars[record->n_layers] + record->crossbars[l];

    reached[b] = trn_spike_arrive(&group->spiking->layers[l].synapses.blocks[b], n_events,
                                  scratch->events + s * job->room,
                                  scratch->arrived + s * job->neurons + record->start[l + 1]);
}

static void add_currents(const struct trn_group *group, size_t l)
{
    const struct trn_synapses *synapses = &group->spiking->layers[l].synapses;
    size_t n_in = group->spiking->layers[l].n_in, ld = group->job->widest_out;
    size_t room = group->job->room, n_events[GROUP] = {0};
    struct trn_spike_event *events = group->scratch->events;

    for (size_t b = 0; b < synapses->n_blocks; b++) {
        const struct trn_spike_block *block = &synapses->blocks[b];

        for (size_t s = 0; s < group->n; s++)
            n_events[s] = group->active[s] ? find_events(group, s, l, block->n_in, block->inputs,
                                                         events + s * room)
                                           : 0;
        for (size_t s = 0; group->job->record->mapping && s < group->n; s++)
            note_arrivals(group, s, l, b, n_events[s]);
        for (size_t tile = 0; tile < trn_spike_tiles(block); tile++) {
            for (size_t s = 0; s < group->n; s++) {
                if (n_events[s] > 0)
                    trn_spike_tile_add(block, tile, n_events[s], events + s * room, group->count,
                                       sums_of(group, s), ld);
            }
        }
    }
    for (size_t s = 0; synapses->start && s < group->n; s++) {
        size_t n = group->active[s] ? find_events(group, s, l, n_in, NULL, events) : 0;

        for (size_t e = 0; e < n; e++)
            trn_spike_scattered_add(synapses, &events[e], sums_of(group, s), ld);
    }
}

/* Where a spike's current stays on: from the spike, or since an earlier chunk. */
static const uint32_t *keep_driving(const struct trn_group *group, size_t s)
{
    const uint32_t *masks = trn_group_masks(group, s, 0);
    const uint32_t *seen = group->scratch->seen + s * group->job->neurons;
    uint32_t all = group->count < CHUNK ? (UINT32_C(1) << group->count) - 1 : UINT32_MAX;

    for (size_t i = 0; i < group->spiking->layers[0].n_in; i++)
        group->scratch->driven[i] = seen[i] ? all : masks[i] ? all & -(masks[i] & -masks[i]) : 0;
    return group->scratch->driven;
}

/* Of a graph: each link's spikes. Where an input's current stays on after its spike, so does it. */
static void add_links(const struct trn_group *group, size_t l)
{
    const struct trn_spike_job *job = group->job;
    const struct trn_spiking_layer *layer = &group->spiking->layers[l];
    bool stays_on = job->options->coding == TRNNSF_CODING_FIRST_SPIKE;

    for (size_t k = 0; k < layer->n_links; k++) {
        size_t source = layer->links[k].source;

        for (size_t s = 0; s < group->n; s++) {
            struct trn_spike_trains spikes = {trn_group_masks(group, s, source), NULL,
                                              group->count};

            if (!group->active[s] || (source == 0 && trn_group_has_currents(group)))
                continue;
            if (source == 0)
                spikes.sizes = group->scratch->sizes + s * layer->links[k].n_in;
            if (source == 0 && stays_on)
                spikes.masks = keep_driving(group, s);
            trn_spike_link_add(&layer->links[k], &spikes, group->scratch->events, sums_of(group, s),
                         job->widest_out);
        }
    }
}

static void read_currents(const struct trn_group *group, size_t l)
{
    const struct trn_spike_job *job = group->job;
    const struct trnnsf_spiking *spiking = group->spiking;
    struct trn_spike_scratch *scratch = group->scratch;
    const struct trn_survey *survey = job->watch ? job->watch->survey : NULL;
    size_t worker = (size_t)(scratch - job->scratch), n_in = spiking->layers[0].n_in;
    bool stays_on = l == 0 && job->options->coding == TRNNSF_CODING_FIRST_SPIKE;

    for (size_t s = 0; s < group->n; s++) {
        struct trn_spike_reading reading = {.layer = &spiking->layers[l],
                                            .noise_seed = job->noise_seed,
                                            .sample = group->sample + s,
                                            .step = group->step,
                                            .count = group->count,
                                            .sizes = l == 0 ? scratch->sizes + s * n_in : NULL,
                                            .is_constant = l == 0 && trn_group_has_currents(group),
                                            .events = scratch->events,
                                            .scratch = &scratch->read,
                                            .conversions = scratch->conversions +
                                                           (s * spiking->n_layers + l) * CHUNK,
                                            .sums = sums_of(group, s),
                                            .ld = job->widest_out};

        if (!group->active[s])
            continue;
        if (survey)
            reading.seen =
                &survey->seen[worker * survey->things + l * reading.layer->reads->groups];
        reading.masks = stays_on ? keep_driving(group, s) : trn_group_masks(group, s, l);
        memset(reading.conversions, 0, CHUNK * sizeof *reading.conversions);
        trn_spike_read(&reading);
    }
}

/* Where a spike's current stays on, sums become those of all spikes so far. */
static void carry_currents(const struct trn_group *group, size_t s, size_t n_out)
{
    int32_t *carry = group->scratch->carry + s * n_out, *sums = sums_of(group, s);

    for (size_t t = 0; t < group->count; t++) {
        for (size_t o = 0; o < n_out; o++) {
            carry[o] += sums[t * group->job->widest_out + o];
            sums[t * group->job->widest_out + o] = carry[o];
        }
    }
}

static uint32_t largest(const float *potential, const uint32_t *counts, size_t n)
{
    uint32_t best = 0;

    for (uint32_t o = 1; o < n; o++) {
        if (counts ? counts[o] > counts[best] ||
                         (counts[o] == counts[best] && potential[o] > potential[best])
                   : potential[o] > potential[best])
            best = o;
    }
    return best;
}

/* After a step of the last layer. */
static void decide(struct trn_group *group, size_t s, size_t t, const float *potential,
                   const uint32_t *counts)
{
    const struct trn_spike_job *job = group->job;
    size_t last = group->spiking->n_layers;
    uint32_t class = largest(potential, counts, trn_spiking_neurons(group->spiking, last));
    bool is_right = job->labels && job->labels[group->sample + s] == class;

    group->stood[s] = group->step + t > 0 && class == group->class[s] ? group->stood[s] + 1 : 1;
    group->class[s] = class;
    group->end[s] = t + 1;
    group->scratch->totals.correct[group->step + t] += is_right;
    if (job->options->patience == 0 || group->stood[s] < job->options->patience)
        return;
    group->active[s] = false;
    for (size_t later = group->step + t + 1; later < job->options->steps; later++)
        group->scratch->totals.correct[later] += is_right;
}

static void run_neurons(struct trn_group *group, size_t l, size_t s)
{
    const struct trn_spike_job *job = group->job;
    const struct trn_spiking_layer *layer = &group->spiking->layers[l];
    const struct trnnsf_spiking_options *options = &group->spiking->options;
    bool is_last = l + 1 == group->spiking->n_layers;
    bool driven = is_driven(group, l), by_spikes = gets_spikes(group, l);
    bool can_fire = !layer->dynamics || !layer->dynamics->is_silent;
    bool fires = can_fire && (!is_last || job->options->readout == TRNNSF_READOUT_SPIKES);
    bool watched = job->watch && job->watch->currents && job->watch->layer == l;
    const struct trn_neurons neurons = {layer->n_out,
                                        layer->unit,
                                        (float)(1 - options->leak),
                                        options->reset == TRNNSF_RESET_ZERO,
                                        layer->biases,
                                        driven ? drive_of(group, s, l) : NULL};
    float *potential = potential_of(group, s, l + 1);
    uint32_t *masks = trn_group_masks(group, s, l + 1),
             *counts = group->scratch->counts + s * layer->n_out;

    memset(masks, 0, layer->n_out * sizeof *masks);
    for (size_t t = 0; t < group->count && group->active[s]; t++) {
        const int32_t *sums = by_spikes ? sums_of(group, s) + t * job->widest_out : NULL;

        if (watched)
            job->watch->currents(job->watch->user, group->sample + s, group->step + t, sums,
                                 neurons.drive);
        if (layer->dynamics)
            trn_dynamics_step(layer->dynamics, &neurons, sums, fires, t, potential,
                              job->has_currents ? current_of(group, s, l + 1) : NULL, masks);
        else if (fires)
            trn_neurons_fire(&neurons, sums, t, potential, masks);
        else
            trn_neurons_integrate(&neurons, sums, potential);
        if (!is_last)
            continue;
        for (size_t o = 0; fires && o < layer->n_out; o++)
            counts[o] += masks[o] >> t & 1;
        decide(group, s, t, potential, fires ? counts : NULL);
    }
}

static void run_layer(struct trn_group *group, size_t l)
{
    const struct trn_spiking_layer *layer = &group->spiking->layers[l];
    bool by_spikes = gets_spikes(group, l);
    bool stays_on = l == 0 && !layer->links &&
                    group->job->options->coding == TRNNSF_CODING_FIRST_SPIKE;

    for (size_t s = 0; by_spikes && s < group->n; s++)
        memset(sums_of(group, s), 0, group->count * group->job->widest_out * sizeof(int32_t));
    if (layer->reads) {
        read_currents(group, l);
    } else if (layer->links) {
        add_links(group, l);
    } else if (by_spikes) {
        delay_spikes(group, l);
        add_currents(group, l);
    }
    for (size_t s = 0; s < group->n; s++) {
        if (stays_on && !layer->reads && group->active[s])
            carry_currents(group, s, layer->n_out);
        run_neurons(group, l, s);
    }
}

static void run_chunk(struct trn_group *group)
{
    const struct trn_spike_job *job = group->job;
    bool was_active[GROUP];
    size_t n_in = group->spiking->layers[0].n_in, n_layers = group->spiking->n_layers;

    if (job->watch && job->watch->currents)
        n_layers = job->watch->layer + 1;
    for (size_t s = 0; s < group->n; s++) {
        was_active[s] = group->active[s];
        group->end[s] = group->count;
        if (group->active[s] && !trn_group_has_currents(group))
            trn_spike_encode(job, group->sample + s, group->scratch->sizes + s * n_in, group->step,
                             group->count, trn_group_masks(group, s, 0));
    }
    for (size_t l = 0; l < n_layers; l++)
        run_layer(group, l);
    for (size_t s = 0; s < group->n; s++) {
        if (was_active[s]) {
            trn_group_count(group, s);
        }
        if (was_active[s] && !group->active[s])
            job->record->steps[group->sample + s] = (uint32_t)(group->step + group->end[s]);
    }
}

static void finish_sample(const struct trn_group *group, size_t s)
{
    const struct trn_spike_job *job = group->job;
    const float *sizes = group->scratch->sizes + s * group->spiking->layers[0].n_in;
    const uint32_t *seen = group->scratch->seen + s * job->neurons;
    struct trn_spike_totals *totals = &group->scratch->totals;
    const float one = (float)(1 << TRN_SPIKE_INPUT_BITS);

    job->record->classes[group->sample + s] = group->class[s];
    if (group->active[s])
        job->record->steps[group->sample + s] = job->options->steps;
    for (size_t i = 0; i < job->neurons; i++)
        totals->seen[i] += seen[i] != 0;
    for (size_t i = 0; trn_group_has_currents(group) && i < group->spiking->layers[0].n_in; i++) {
        float size = sizes[i] < 0 ? -sizes[i] : sizes[i];

        totals->charge[i] += (uint64_t)(size * one);
        totals->seen[i] += size > 0;
    }
}

void trn_spike_group(void *argument, size_t task, size_t worker)
{
    const struct trn_spike_job *job = argument;
    struct trn_group group = {.job = job,
                          .spiking = job->spiking,
                          .scratch = &job->scratch[worker],
                          .sample = job->first + task * GROUP};
    bool goes_on = true;

    group.n = job->n_samples - group.sample < GROUP ? job->n_samples - group.sample : GROUP;
    for (size_t s = 0; s < group.n; s++) {
        group.active[s] = true;
        start_sample(&group, s);
    }
    for (size_t step = 0; goes_on && step < job->options->steps; step += CHUNK) {
        size_t left = job->options->steps - step;

        group.step = step;
        group.count = left < CHUNK ? left : CHUNK;
        run_chunk(&group);
        goes_on = false;
        for (size_t s = 0; s < group.n; s++)
            goes_on = goes_on || group.active[s];
    }
    for (size_t s = 0; s < group.n; s++)
        finish_sample(&group, s);
}
