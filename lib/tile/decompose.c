/* Neurons with many synapses become units with few. */
#include <math.h>
#include <string.h>

#include "base/context.h"
#include "tile/graph.h"

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
    double *activation; /* [units of one neuron x (samples + 1)], the last one the spikes' own */
    double *scale;      /* [units of one neuron] */
};

static size_t units_of(size_t m, size_t fan_in)
{
    return m <= fan_in ? 1 : (m - fan_in + fan_in - 2) / (fan_in - 1) + 1;
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

/* Steps in which a sum has something to pass on. */
static double union_of(const struct work *work, size_t first, const struct item *items,
                       size_t count)
{
    double steps = work->options->steps, sum = 0, silent = 1;

    for (size_t i = 0; i < count; i++) {
        double spikes = items[i].is_unit
                            ? work->out->spikes[first + items[i].index]
                            : work->graph->spikes[work->graph->sources[items[i].index]];
        sum += spikes;
        silent *= 1 - fmin(1, spikes / (steps > 0 ? steps : 1));
    }
    return steps > 0 ? steps * (1 - silent) : sum;
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
    out->spikes[id] =
        exact ? union_of(work, first, items, count) : rate_unit(work, unit, items, count);
    write_synapses(work, first, unit, items, count, exact ? 1 : work->scale[unit]);
}

static void write_neuron(struct work *work, size_t neuron)
{
    const struct trnnsf_spike_graph *graph = work->graph;
    struct trnnsf_spike_graph *out = work->out;
    size_t m = trn_spike_fan_in(graph, neuron), fan_in = work->options->fan_in;
    size_t n_units = units_of(m, fan_in), first = work->next_unit, front = 0, end = m;
    size_t id = work->ids[neuron];

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
    work->next_unit = id + 1;
    out->kinds[id] = graph->kinds[neuron];
    out->origins[id] = (uint32_t)neuron;
    out->spikes[id] = graph->spikes[neuron];
    out->thresholds[id] = graph->thresholds[neuron];
    out->biases[id] = graph->biases[neuron];
    write_synapses(work, first, n_units - 1, work->items + front, end - front, 1);
}

/* Ids, and the sizes of what is made. */
static trnnsf_status plan(struct work *work, size_t *out_units, size_t *out_links,
                          size_t *out_items)
{
    const struct trnnsf_spike_graph *graph = work->graph;
    size_t n_units = 0, n_links = 0, most = 0;

    for (size_t i = 0; i < graph->n; i++) {
        size_t m = trn_spike_fan_in(graph, i), units = units_of(m, work->options->fan_in);

        if (units > TRN_SPIKE_NEURONS_MAX - n_units)
            return trn_fail(work->ctx, TRNNSF_E_LIMIT,
                            "%s: fan_in %u makes more than 2^31 - 1 units", function,
                            work->options->fan_in);
        n_units += units;
        n_links += units - 1;
        work->ids[i] = (uint32_t)(n_units - 1);
        most = m + units > most ? m + units : most;
    }
    if (graph->starts[graph->n] + n_links > UINT32_MAX)
        return trn_fail(work->ctx, TRNNSF_E_LIMIT,
                        "%s: fan_in %u makes more than 2^32 - 1 synapses", function,
                        work->options->fan_in);
    *out_units = n_units;
    *out_links = n_links;
    *out_items = most;
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
    size_t n_units = 0, n_links = 0, n_items = 0, most = units_of(graph->fan_in, options->fan_in);

    TRN_NEED_OUT(work.ids = TRN_NEW_ARRAY(ctx, uint32_t, graph->n));
    TRN_TRY_OUT(plan(&work, &n_units, &n_links, &n_items));
    TRN_NEED_OUT(work.items = TRN_NEW_ARRAY(ctx, struct item, n_items));
    TRN_NEED_OUT(work.activation = trn_calloc(ctx, most, (n_samples + 1) * sizeof(double)));
    TRN_NEED_OUT(work.scale = TRN_NEW_ARRAY(ctx, double, most));
    TRN_TRY_OUT(trn_spike_graph_new(ctx, n_units, graph->starts[graph->n] + n_links, &work.out));
    for (size_t i = 0; i < graph->n; i++) {
        if (i % 256 == 0)
            TRN_TRY_OUT(trn_cancelled(ctx, "decomposition"));
        write_neuron(&work, i);
    }
    TRN_TRY_OUT(trn_spike_graph_finish(ctx, function, work.out));
    *out_graph = work.out;
    work.out = NULL;
out:
    trn_spike_graph_free(work.out);
    trn_free(ctx, work.scale);
    trn_free(ctx, work.activation);
    trn_free(ctx, work.items);
    trn_free(ctx, work.ids);
    return status;
}
