/* Neurons with many synapses become units with few. */
#include <math.h>
#include <string.h>

#include "base/context.h"
#include "tile/cut.h"

static const char function[] = "trnnsf_spike_graph_decompose";

/* What a unit reads: a synapse of the neuron, or an earlier unit of it. */
struct item {
    bool is_unit;
    size_t index; /* of the synapse, or of the unit among the neuron's */
};

struct work {
    trnnsf_context *ctx;
    const struct trnnsf_spike_graph *graph;
    const struct trnnsf_decompose_options *options;
    size_t n_samples;
    const double *samples; /* or NULL: the graph's spikes */
    struct trnnsf_spike_graph *out;
    uint32_t *ids;    /* [n] of the neurons in `out` */
    size_t next_unit; /* ids and synapses of `out` in use */
    size_t next_synapse;
    struct item *items; /* [fan_in + units of one neuron] */
    /* [units of one neuron x (samples + 1)], the last one the spikes' own; of sums the steps in
     * which they are not 0. */
    double *activation;
    double *scale;      /* [units of one neuron] */
    struct trn_cut cut; /* of SHARED */
};

static size_t units_of(size_t m, size_t fan_in)
{
    return m <= fan_in ? 1 : (m - fan_in + fan_in - 2) / (fan_in - 1) + 1;
}

/* A part of each of so many groups is a unit, the last one the neuron; of a tree, those beyond
 * `fan_in` are read through units that read units alone. */
static size_t units_of_parts(const struct trnnsf_decompose_options *options, size_t parts)
{
    size_t fan_in = options->fan_in;

    if (parts < 2)
        return 1;
    if (options->form == TRNNSF_DECOMPOSE_CHAIN || parts - 1 <= fan_in)
        return parts;
    return parts + (parts - 1 - fan_in + fan_in - 2) / (fan_in - 1);
}

static bool is_shared(const struct work *work)
{
    return work->options->cut != TRNNSF_DECOMPOSE_OWN;
}

/* By the sums' size, so that the neuron itself reads most; units that spike, by what drives them,
 * so that they pass on nothing below 0 but at the end. */
static void cut_neuron(struct work *work, size_t neuron)
{
    trn_cut_neuron(&work->cut, neuron,
                   work->options->rule == TRNNSF_DECOMPOSE_SPIKING ? TRN_BY_DRIVE
                   : work->options->cut == TRNNSF_DECOMPOSE_BUSY   ? TRN_BY_GROUP
                                                                   : TRN_BY_COUNT);
}

static size_t units_for(struct work *work, size_t neuron)
{
    if (!is_shared(work))
        return units_of(trn_spike_fan_in(work->graph, neuron), work->options->fan_in);
    cut_neuron(work, neuron);
    return units_of_parts(work->options, work->cut.n_segments);
}

/* The neuron's synapses in the order in which they are dealt. */
static void deal(const struct work *work, size_t neuron)
{
    const struct trnnsf_spike_graph *graph = work->graph;
    size_t first = graph->starts[neuron], end = graph->starts[neuron + 1], next = 0;

    if (work->options->order == TRNNSF_DECOMPOSE_GIVEN) {
        for (size_t s = first; s < end; s++)
            work->items[next++] = (struct item){false, s};
        return;
    }
    for (int negative = 0; negative < 2; negative++) {
        for (size_t s = first; s < end; s++) {
            if ((graph->weights[s] < 0) == (negative == 1))
                work->items[next++] = (struct item){false, s};
        }
    }
}

/* Spikes an inference of a source in a sample; sample n_samples is the graph's own traffic. */
static double source_spikes(const struct work *work, size_t sample, size_t source)
{
    return sample < work->n_samples ? work->samples[sample * work->graph->n + source]
                                    : work->graph->spikes[source];
}

/* a, S and the spikes of a spiking unit. */
static double rate_unit(struct work *work, size_t unit, const struct item *items, size_t count)
{
    const struct trnnsf_spike_graph *graph = work->graph;
    size_t columns = work->n_samples + 1;
    double steps = work->options->steps, most = 0;

    for (size_t k = 0; k < columns; k++) {
        double sum = 0;

        for (size_t i = 0; i < count; i++)
            sum += items[i].is_unit ? work->activation[items[i].index * columns + k]
                                    : (double)graph->weights[items[i].index] / steps *
                                          source_spikes(work, k, graph->sources[items[i].index]);
        sum = fmax(0, sum);
        work->activation[unit * columns + k] = sum;
        if (sum > most && (k < work->n_samples || work->n_samples == 0))
            most = sum;
    }
    work->scale[unit] = most > 0 ? work->options->k * most : 1;
    return fmin(steps, steps * work->activation[unit * columns + columns - 1] / work->scale[unit]);
}

/* Steps of a sample in which a sum has something to pass on. */
static double union_in(const struct work *work, size_t sample, const struct item *items,
                       size_t count)
{
    size_t columns = work->n_samples + 1;
    double steps = work->options->steps, sum = 0, silent = 1;

    for (size_t i = 0; i < count; i++) {
        double spikes =
            items[i].is_unit
                ? work->activation[items[i].index * columns + sample]
                : source_spikes(work, sample, work->graph->sources[items[i].index]);
        sum += spikes;
        silent *= 1 - fmin(1, spikes / (steps > 0 ? steps : 1));
    }
    return steps > 0 ? steps * (1 - silent) : sum;
}

/* A sum's spikes: the samples' mean, or by the graph's own spikes where there are none. */
static double rate_sum(struct work *work, size_t unit, const struct item *items, size_t count)
{
    size_t columns = work->n_samples + 1;
    double *activation = work->activation + unit * columns, mean = 0;

    for (size_t k = 0; k < columns; k++) {
        activation[k] = union_in(work, k, items, count);
        mean += k < work->n_samples ? activation[k] / (double)work->n_samples : 0;
    }
    return work->n_samples > 0 ? mean : activation[0];
}

static void write_synapses(struct work *work, size_t first, size_t unit, const struct item *items,
                           size_t count, double scale)
{
    const struct trnnsf_spike_graph *graph = work->graph;
    struct trnnsf_spike_graph *out = work->out;
    bool exact = work->options->rule == TRNNSF_DECOMPOSE_EXACT;

    for (size_t i = 0; i < count; i++) {
        size_t s = work->next_synapse++;

        if (items[i].is_unit) {
            out->sources[s] = (uint32_t)(first + items[i].index);
            out->weights[s] = exact ? 1 : (float)(work->scale[items[i].index] / scale);
            continue;
        }
        uint32_t source = graph->sources[items[i].index];
        double weight = (double)graph->weights[items[i].index];

        out->sources[s] = work->ids[source];
        out->weights[s] = exact || scale == 1 ? (float)weight : (float)(weight / scale);
    }
    out->starts[first + unit + 1] = work->next_synapse;
}

/* One unit that reads items[0 … count - 1]; not the neuron itself. */
static void write_unit(struct work *work, size_t first, size_t unit, size_t neuron,
                       const struct item *items, size_t count)
{
    struct trnnsf_spike_graph *out = work->out;
    bool exact = work->options->rule == TRNNSF_DECOMPOSE_EXACT;
    size_t id = first + unit;

    out->kinds[id] = exact ? TRNNSF_SPIKE_SUM : TRNNSF_SPIKE_NEURON;
    out->origins[id] = (uint32_t)neuron;
    /* A unit's threshold is 1. */
    out->initials[id] = exact ? 0 : work->graph->initials[neuron] / work->graph->thresholds[neuron];
    out->spikes[id] =
        exact ? rate_sum(work, unit, items, count) : rate_unit(work, unit, items, count);
    write_synapses(work, first, unit, items, count, exact ? 1 : work->scale[unit]);
}

static void write_last(struct work *work, size_t neuron, const struct item *items, size_t count)
{
    const struct trnnsf_spike_graph *graph = work->graph;
    struct trnnsf_spike_graph *out = work->out;
    size_t id = work->ids[neuron], first = work->next_unit;

    work->next_unit = id + 1;
    out->kinds[id] = graph->kinds[neuron];
    out->origins[id] = (uint32_t)neuron;
    out->spikes[id] = graph->spikes[neuron];
    out->thresholds[id] = graph->thresholds[neuron];
    out->biases[id] = graph->biases[neuron];
    out->initials[id] = graph->initials[neuron];
    write_synapses(work, first, id - first, items, count, 1);
}

/* Items of a part behind the one before, with a place for a unit in front of it. */
static struct item *lay_part(struct work *work, size_t part)
{
    const struct trn_segment *segment = &work->cut.segments[part];
    struct item *items = work->items + segment->first + part;

    if (part > 0)
        items[0] = (struct item){true, part - 1};
    for (size_t k = 0; k < segment->count; k++)
        items[1 + k] = (struct item){false, work->cut.synapses[segment->first + k]};
    return items;
}

/* Cut where all neurons are that read the same. */
static void write_shared(struct work *work, size_t neuron)
{
    bool chain = work->options->form == TRNNSF_DECOMPOSE_CHAIN;
    size_t first = work->next_unit, fan_in = work->options->fan_in, front = 0, end = 0, unit = 0;

    cut_neuron(work, neuron);
    size_t parts = work->cut.n_segments, last = parts ? work->cut.segments[parts - 1].count : 0;
    for (; unit + 1 < parts; unit++) {
        size_t linked = chain && unit > 0;

        write_unit(work, first, unit, neuron, lay_part(work, unit) + 1 - linked,
                   work->cut.segments[unit].count + linked);
    }
    struct item *items = parts ? lay_part(work, unit) : work->items;
    if (chain || parts < 2) {
        write_last(work, neuron, items + (parts < 2), last + (parts > 1));
        return;
    }
    /* Sums stand behind the last part; that part's place in front is no item of a tree. */
    struct item *sums = items + 1 + last;
    for (; end < unit; end++)
        sums[end] = (struct item){true, end};
    for (; end - front > fan_in; front += fan_in) {
        write_unit(work, first, unit, neuron, sums + front, fan_in);
        sums[end++] = (struct item){true, unit++};
    }
    for (size_t k = front; k < end; k++)
        sums[k - front] = sums[k];
    write_last(work, neuron, items + 1, last + end - front);
}

static void write_neuron(struct work *work, size_t neuron)
{
    const struct trnnsf_spike_graph *graph = work->graph;
    size_t m = trn_spike_fan_in(graph, neuron), fan_in = work->options->fan_in;
    size_t n_units = units_of(m, fan_in), first = work->next_unit, front = 0, end = m;

    deal(work, neuron);
    for (size_t unit = 0; unit + 1 < n_units; unit++) {
        bool chain = work->options->form == TRNNSF_DECOMPOSE_CHAIN;

        write_unit(work, first, unit, neuron, work->items + front, fan_in);
        front += fan_in;
        if (chain) /* the unit is the next one's first item, in a place that is free by now */
            work->items[--front] = (struct item){true, unit};
        else
            work->items[end++] = (struct item){true, unit};
    }
    write_last(work, neuron, work->items + front, end - front);
}

/* Ids, and the sizes of what is made. */
static trnnsf_status plan(struct work *work, size_t *out_units, size_t *out_links, size_t *out_most)
{
    const struct trnnsf_spike_graph *graph = work->graph;
    size_t n_units = 0, n_links = 0, most = 0;

    for (size_t i = 0; i < graph->n; i++) {
        size_t units = units_for(work, i);

        if (units > TRN_SPIKE_NEURONS_MAX - n_units)
            return trn_fail(work->ctx, TRNNSF_E_LIMIT,
                            "%s: fan_in %u makes more than 2^31 - 1 units", function,
                            work->options->fan_in);
        n_units += units;
        n_links += units - 1;
        work->ids[i] = (uint32_t)(n_units - 1);
        most = units > most ? units : most;
    }
    if (graph->starts[graph->n] + n_links > UINT32_MAX)
        return trn_fail(work->ctx, TRNNSF_E_LIMIT,
                        "%s: fan_in %u makes more than 2^32 - 1 synapses", function,
                        work->options->fan_in);
    *out_units = n_units;
    *out_links = n_links;
    *out_most = most;
    return TRNNSF_OK;
}

trnnsf_status trn_spike_graph_decompose(trnnsf_context *ctx, const struct trnnsf_spike_graph *graph,
                                        const struct trnnsf_decompose_options *options,
                                        size_t n_samples, const double *samples,
                                        struct trnnsf_spike_graph **out_graph)
{
    trnnsf_status status;
    struct work work = {
        .ctx = ctx, .graph = graph, .options = options, .n_samples = n_samples, .samples = samples};
    size_t n_units = 0, n_links = 0, most = 0;

    TRN_NEED_OUT(work.ids = TRN_NEW_ARRAY(ctx, uint32_t, graph->n));
    if (is_shared(&work))
        TRN_TRY_OUT(trn_cut_create(ctx, graph, options, &work.cut));
    TRN_TRY_OUT(plan(&work, &n_units, &n_links, &most));
    TRN_NEED_OUT(work.items = TRN_NEW_ARRAY(ctx, struct item, graph->fan_in + 2 * most));
    TRN_NEED_OUT(work.activation = trn_calloc(ctx, most, (n_samples + 1) * sizeof(double)));
    TRN_NEED_OUT(work.scale = TRN_NEW_ARRAY(ctx, double, most));
    TRN_TRY_OUT(trn_spike_graph_new(ctx, n_units, graph->starts[graph->n] + n_links, &work.out));
    for (size_t i = 0; i < graph->n; i++) {
        if (i % 256 == 0)
            TRN_TRY_OUT(trn_cancelled(ctx, "decomposition"));
        if (is_shared(&work))
            write_shared(&work, i);
        else
            write_neuron(&work, i);
    }
    TRN_TRY_OUT(trn_spike_graph_finish(ctx, function, work.out));
    *out_graph = work.out;
    work.out = NULL;
out:
    trn_cut_clear(ctx, &work.cut);
    trn_spike_graph_free(work.out);
    trn_free(ctx, work.scale);
    trn_free(ctx, work.activation);
    trn_free(ctx, work.items);
    trn_free(ctx, work.ids);
    return status;
}
