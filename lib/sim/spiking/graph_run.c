/* Samples through a graph: each spike goes to its readers, in whole numbers. A sample is a task. */
#include <string.h>

#include "base/context.h"
#include "base/pool.h"
#include "sim/spiking/graph.h"
#include "tile/fixed.h"

enum { TASKS = 64, ONE = 1 << TRN_SPIKE_INPUT_BITS }; /* tasks between two looks at cancel */

/* Of one worker. */
struct scratch {
    int64_t *potentials; /* [n] */
    int64_t *sums;       /* [n] of this step */
    int64_t *values;     /* [inputs] what each passes on in this step, over 2^12 */
    float *sizes;        /* [inputs] */
    uint32_t *masks;     /* [inputs] */
    uint32_t *counts;    /* [n] of this sample */
    uint64_t *spikes;    /* [n] of all samples; of inputs that are currents over 2^12 */
};

struct job {
    const struct trnnsf_spike_graph *graph;
    const struct trnnsf_spike_run_options *options;
    struct trn_spike_job coding; /* what the coder of inputs reads */
    struct trn_spike_fixed fixed;
    size_t *starts;    /* who reads each neuron */
    uint32_t *readers; /* [synapses] */
    int64_t *weights;  /* [synapses] beside them */
    uint32_t *input;   /* [n] of the inputs: which one */
    uint32_t *outputs; /* [n_out] */
    uint8_t *silent;   /* [n] does not fire */
    size_t n_in, n_out;
    struct scratch *scratch; /* [threads] */
    const struct trn_graph_results *results;
};

trnnsf_status trn_spiking_graph_outputs(trnnsf_context *ctx, const char *function,
                                        const struct trnnsf_spiking *spiking,
                                        const struct trnnsf_spike_graph *graph, uint32_t *outputs)
{
    size_t n_out = trn_spiking_neurons(spiking, spiking->n_layers), n = n_out, n_found = 0;

    for (size_t l = 0; l < spiking->n_layers; l++)
        n += spiking->layers[l].n_in;
    for (uint32_t i = 0; i < graph->n; i++) {
        size_t origin = graph->origins[i];
        bool ends = i + 1 == graph->n || graph->origins[i + 1] != origin;

        if (ends && origin < n && origin >= n - n_out && graph->kinds[i] == TRNNSF_SPIKE_NEURON) {
            outputs[origin - (n - n_out)] = i;
            n_found++;
        }
    }
    if (n_found != n_out || graph->n_inputs != spiking->layers[0].n_in)
        return trn_fail(ctx, TRNNSF_E_MISMATCH,
                        "%s: the graph has %zu inputs and %zu of the network's %zu outputs",
                        function, graph->n_inputs, n_found, n_out);
    return TRNNSF_OK;
}

static void send(const struct job *job, struct scratch *scratch, uint32_t i, int64_t value)
{
    size_t first = job->starts[i], end = job->starts[i + 1];

    switch (job->graph->kinds[i]) {
    case TRNNSF_SPIKE_SUM:
        for (size_t r = first; r < end; r++)
            scratch->sums[job->readers[r]] += value;
        break;
    case TRNNSF_SPIKE_INPUT: /* rounded for each synapse, whoever else is read */
        for (size_t r = first; r < end; r++)
            scratch->sums[job->readers[r]] += job->weights[r] * value / ONE;
        break;
    default:
        for (size_t r = first; r < end; r++)
            scratch->sums[job->readers[r]] += job->weights[r];
        break;
    }
}

static void step(const struct job *job, struct scratch *scratch)
{
    const struct trnnsf_spike_graph *graph = job->graph;

    for (size_t k = 0; k < graph->n; k++) {
        uint32_t i = graph->order[k];

        if (graph->kinds[i] == TRNNSF_SPIKE_INPUT) {
            if (scratch->values[job->input[i]] != 0)
                send(job, scratch, i, scratch->values[job->input[i]]);
            continue;
        }
        int64_t sum = scratch->sums[i];

        scratch->sums[i] = 0;
        if (graph->kinds[i] == TRNNSF_SPIKE_SUM) {
            scratch->counts[i] += sum != 0;
            if (sum != 0)
                send(job, scratch, i, sum);
            continue;
        }
        scratch->potentials[i] += sum + job->fixed.biases[i];
        if (job->silent[i] || scratch->potentials[i] < job->fixed.thresholds[i])
            continue;
        scratch->potentials[i] -= job->fixed.thresholds[i];
        scratch->counts[i]++;
        send(job, scratch, i, 0);
    }
}

/* What inputs pass on in the step whose spikes are the lowest bits of the masks. */
static void set_values(const struct job *job, struct scratch *scratch)
{
    for (size_t i = 0; i < job->n_in; i++) {
        int64_t value = scratch->sizes[i] < 0 ? -ONE : ONE;
        bool fires = scratch->masks[i] & 1;

        if (job->options->coding == TRNNSF_CODING_CURRENT)
            scratch->values[i] = (int64_t)(scratch->sizes[i] * (float)ONE);
        else if (fires || job->options->coding == TRNNSF_CODING_POISSON)
            scratch->values[i] = fires ? value : 0;
    }
}

static uint32_t class_of(const struct job *job, const struct scratch *scratch)
{
    uint32_t best = 0;

    for (uint32_t o = 1; o < job->n_out; o++) {
        uint32_t a = job->outputs[o], b = job->outputs[best];
        bool more = scratch->counts[a] > scratch->counts[b];
        bool as_many = scratch->counts[a] == scratch->counts[b];

        if (more || (as_many && scratch->potentials[a] > scratch->potentials[b]))
            best = o;
    }
    return best;
}

static void finish(const struct job *job, struct scratch *scratch, size_t sample)
{
    const struct trn_graph_results *results = job->results;

    if (results->classes)
        results->classes[sample] = class_of(job, scratch);
    for (size_t o = 0; results->counts && o < job->n_out; o++)
        results->counts[sample * job->n_out + o] = scratch->counts[job->outputs[o]];
    for (size_t i = 0; i < job->graph->n; i++)
        scratch->spikes[i] += scratch->counts[i];
}

static void count_inputs(const struct job *job, struct scratch *scratch)
{
    for (size_t i = 0; i < job->graph->n; i++) {
        if (job->graph->kinds[i] != TRNNSF_SPIKE_INPUT)
            continue;
        int64_t value = scratch->values[job->input[i]];

        if (job->options->coding == TRNNSF_CODING_CURRENT)
            scratch->spikes[i] += (uint64_t)(value < 0 ? -value : value);
        else
            scratch->spikes[i] += scratch->masks[job->input[i]] & 1;
    }
}

static void run_sample(void *argument, size_t task, size_t worker)
{
    const struct job *job = argument;
    struct scratch *scratch = &job->scratch[worker];
    size_t sample = job->coding.first + task, n = job->graph->n;

    memcpy(scratch->potentials, job->fixed.initials, n * sizeof *scratch->potentials);
    memset(scratch->sums, 0, n * sizeof *scratch->sums);
    memset(scratch->counts, 0, n * sizeof *scratch->counts);
    memset(scratch->values, 0, job->n_in * sizeof *scratch->values);
    trn_spike_sizes(job->coding.spiking, job->coding.inputs + sample * job->n_in, scratch->sizes);
    for (size_t first = 0; first < job->options->steps; first += TRN_SPIKE_CHUNK) {
        size_t left = job->options->steps - first;
        size_t count = left < TRN_SPIKE_CHUNK ? left : TRN_SPIKE_CHUNK;

        trn_spike_encode(&job->coding, sample, scratch->sizes, first, count, scratch->masks);
        for (size_t t = 0; t < count; t++) {
            set_values(job, scratch);
            count_inputs(job, scratch);
            step(job, scratch);
            for (size_t i = 0; i < job->n_in; i++)
                scratch->masks[i] >>= 1;
        }
    }
    finish(job, scratch, sample);
}

/* Outgoing synapses with their weights. */
static trnnsf_status turn_round(trnnsf_context *ctx, struct job *job)
{
    const struct trnnsf_spike_graph *graph = job->graph;
    size_t *next = NULL;

    TRN_TRY(trn_spike_graph_readers(ctx, graph, &job->starts, &job->readers));
    job->weights = TRN_NEW_ARRAY(ctx, int64_t, graph->starts[graph->n]);
    next = trn_copy(ctx, job->starts, graph->n + 1, sizeof *next);
    if (!job->weights || !next) {
        trn_free(ctx, next);
        return TRN_NO_MEMORY;
    }
    for (size_t i = 0; i < graph->n; i++) {
        for (size_t s = graph->starts[i]; s < graph->starts[i + 1]; s++)
            job->weights[next[graph->sources[s]]++] = job->fixed.weights[s];
    }
    trn_free(ctx, next);
    return TRNNSF_OK;
}

static trnnsf_status new_scratch(trnnsf_context *ctx, struct job *job)
{
    trnnsf_status status = TRNNSF_OK;
    size_t n = job->graph->n;

    TRN_NEED_OUT(job->scratch = TRN_NEW_ARRAY(ctx, struct scratch, ctx->threads));
    for (size_t w = 0; w < ctx->threads; w++) {
        struct scratch *scratch = &job->scratch[w];

        TRN_NEED_OUT(scratch->potentials = TRN_NEW_ARRAY(ctx, int64_t, n));
        TRN_NEED_OUT(scratch->sums = TRN_NEW_ARRAY(ctx, int64_t, n));
        TRN_NEED_OUT(scratch->values = TRN_NEW_ARRAY(ctx, int64_t, job->n_in));
        TRN_NEED_OUT(scratch->sizes = TRN_NEW_ARRAY(ctx, float, job->n_in));
        TRN_NEED_OUT(scratch->masks = TRN_NEW_ARRAY(ctx, uint32_t, job->n_in));
        TRN_NEED_OUT(scratch->counts = TRN_NEW_ARRAY(ctx, uint32_t, n));
        TRN_NEED_OUT(scratch->spikes = TRN_NEW_ARRAY(ctx, uint64_t, n));
    }
out:
    return status;
}

static void free_job(trnnsf_context *ctx, struct job *job)
{
    for (size_t w = 0; job->scratch && w < ctx->threads; w++) {
        trn_free(ctx, job->scratch[w].potentials);
        trn_free(ctx, job->scratch[w].sums);
        trn_free(ctx, job->scratch[w].values);
        trn_free(ctx, job->scratch[w].sizes);
        trn_free(ctx, job->scratch[w].masks);
        trn_free(ctx, job->scratch[w].counts);
        trn_free(ctx, job->scratch[w].spikes);
    }
    trn_free(ctx, job->scratch);
    trn_free(ctx, job->silent);
    trn_free(ctx, job->outputs);
    trn_free(ctx, job->input);
    trn_free(ctx, job->weights);
    trn_free(ctx, job->readers);
    trn_free(ctx, job->starts);
    trn_spike_fixed_clear(ctx, &job->fixed);
}

static void sum_spikes(trnnsf_context *ctx, const struct job *job)
{
    const struct trnnsf_spike_graph *graph = job->graph;

    for (size_t i = 0; job->results->spikes && i < graph->n; i++) {
        bool is_current =
            graph->kinds[i] == TRNNSF_SPIKE_INPUT && job->options->coding == TRNNSF_CODING_CURRENT;
        uint64_t sum = 0;

        for (size_t w = 0; w < ctx->threads; w++)
            sum += job->scratch[w].spikes[i];
        job->results->spikes[i] =
            (double)sum / (is_current ? ONE : 1) / (double)job->coding.n_samples;
    }
}

static trnnsf_status prepare(trnnsf_context *ctx, struct job *job)
{
    static const char function[] = "trnnsf_spiking_graph_run";
    trnnsf_status status = TRNNSF_OK;
    const struct trnnsf_spike_graph *graph = job->graph;
    uint32_t n_inputs = 0;

    TRN_NEED_OUT(job->outputs = TRN_NEW_ARRAY(ctx, uint32_t, job->n_out));
    TRN_NEED_OUT(job->input = TRN_NEW_ARRAY(ctx, uint32_t, graph->n));
    TRN_NEED_OUT(job->silent = TRN_NEW_ARRAY(ctx, uint8_t, graph->n));
    TRN_TRY_OUT(trn_spiking_graph_outputs(ctx, function, job->coding.spiking, graph, job->outputs));
    for (size_t i = 0; i < graph->n; i++) {
        if (graph->kinds[i] == TRNNSF_SPIKE_INPUT)
            job->input[i] = n_inputs++;
    }
    for (size_t o = 0; o < job->n_out; o++)
        job->silent[job->outputs[o]] = job->options->readout == TRNNSF_READOUT_POTENTIAL;
    TRN_TRY_OUT(trn_spike_fixed_create(ctx, function, graph, job->options->steps, &job->fixed));
    TRN_TRY_OUT(turn_round(ctx, job));
    TRN_TRY_OUT(new_scratch(ctx, job));
out:
    return status;
}

trnnsf_status trn_spiking_graph_run(trnnsf_context *ctx, const struct trnnsf_spiking *spiking,
                                    const struct trnnsf_spike_graph *graph, size_t n_samples,
                                    const float *inputs,
                                    const struct trnnsf_spike_run_options *options,
                                    const struct trn_graph_results *results)
{
    trnnsf_status status;
    struct job job = {.graph = graph,
                      .options = options,
                      .coding = {.spiking = spiking,
                                 .options = options,
                                 .n_samples = n_samples,
                                 .inputs = inputs},
                      .n_in = spiking->layers[0].n_in,
                      .n_out = trn_spiking_neurons(spiking, spiking->n_layers),
                      .results = results};
    size_t *first = &job.coding.first;

    TRN_TRY_OUT(prepare(ctx, &job));
    for (*first = 0; *first < n_samples; *first += TASKS) {
        size_t left = n_samples - *first;

        TRN_TRY_OUT(trn_progress(ctx, "spikes", NULL, *first, n_samples));
        trn_parallel(ctx, left < TASKS ? left : TASKS, run_sample, &job);
    }
    TRN_TRY_OUT(trn_progress(ctx, "spikes", NULL, n_samples, n_samples));
    sum_spikes(ctx, &job);
out:
    free_job(ctx, &job);
    return status;
}
