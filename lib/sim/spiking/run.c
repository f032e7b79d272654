#include "sim/spiking/run.h"

#include "base/context.h"
#include "base/pool.h"
#include "sim/analog/read.h"
#include "sim/spiking/links.h"

enum { GROUPS = 64 }; /* tasks between two looks at progress and cancel: chosen here */

static void totals_free(trnnsf_context *ctx, struct trn_spike_totals *totals)
{
    trn_free(ctx, totals->correct);
    trn_free(ctx, totals->spikes);
    trn_free(ctx, totals->seen);
    trn_free(ctx, totals->charge);
    trn_free(ctx, totals->reads);
    trn_free(ctx, totals->updates);
    trn_free(ctx, totals->made);
    trn_free(ctx, totals->beyond);
}

static trnnsf_status totals_new(trnnsf_context *ctx, const struct trnnsf_spike_record *record,
                                struct trn_spike_totals *totals)
{
    size_t n_layers = record->n_layers, neurons = record->start[n_layers + 1];

    totals->correct = TRN_NEW_ARRAY(ctx, uint64_t, record->n_steps);
    totals->spikes = TRN_NEW_ARRAY(ctx, uint64_t, neurons);
    totals->seen = TRN_NEW_ARRAY(ctx, uint64_t, neurons);
    totals->charge = TRN_NEW_ARRAY(ctx, uint64_t, record->start[1]);
    totals->made = TRN_NEW_ARRAY(ctx, uint64_t, n_layers);
    totals->beyond = TRN_NEW_ARRAY(ctx, uint64_t, n_layers);
    if (!totals->correct || !totals->spikes || !totals->seen || !totals->charge || !totals->made ||
        !totals->beyond)
        return TRN_NO_MEMORY;
    if (record->mapping == 0)
        return TRNNSF_OK;
    totals->reads = TRN_NEW_ARRAY(ctx, uint64_t, record->crossbars[n_layers]);
    totals->updates = TRN_NEW_ARRAY(ctx, uint64_t, neurons);
    return totals->reads && totals->updates ? TRNNSF_OK : TRN_NO_MEMORY;
}

void trn_spike_record_free(struct trnnsf_spike_record *record)
{
    if (!record)
        return;

    trnnsf_context *ctx = record->ctx;
    totals_free(ctx, &record->totals);
    trn_free(ctx, record->start);
    trn_free(ctx, record->crossbars);
    trn_free(ctx, record->image_start);
    trn_free(ctx, record->image_rate);
    trn_free(ctx, record->image_nonzero);
    trn_free(ctx, record->accuracy);
    trn_free(ctx, record->classes);
    trn_free(ctx, record->steps);
    trn_free(ctx, record);
    trn_context_release(ctx);
}

trnnsf_status trn_spike_record_new(trnnsf_context *ctx, const struct trnnsf_spiking *spiking,
                                   size_t n_samples, const struct trnnsf_spike_run_options *options,
                                   struct trnnsf_spike_record **out_record)
{
    trnnsf_status status = TRNNSF_OK;
    struct trnnsf_spike_record *record = TRN_NEW(ctx, struct trnnsf_spike_record);

    if (!record)
        return TRN_NO_MEMORY;
    record->ctx = trn_context_retain(ctx);
    record->n_layers = spiking->n_layers;
    record->n_samples = n_samples;
    record->n_steps = options->steps;
    record->currents = options->coding == TRNNSF_CODING_CURRENT;
    record->is_graph = trn_spiking_is_graph(spiking);
    record->mapping = options->traffic && !record->is_graph ? spiking->mapping : 0;
    record->start = TRN_NEW_ARRAY(ctx, size_t, spiking->n_layers + 2);
    TRN_NEED_OUT(record->start);
    for (size_t l = 0; l <= spiking->n_layers; l++)
        record->start[l + 1] = record->start[l] + trn_spiking_neurons(spiking, l);
    record->crossbars = TRN_NEW_ARRAY(ctx, size_t, spiking->n_layers + 1);
    TRN_NEED_OUT(record->crossbars);
    for (size_t l = 0; l < spiking->n_layers; l++)
        record->crossbars[l + 1] = record->crossbars[l] + spiking->layers[l].synapses.n_blocks;
    TRN_TRY_OUT(totals_new(ctx, record, &record->totals));
    record->accuracy = TRN_NEW_ARRAY(ctx, double, options->steps);
    TRN_NEED_OUT(record->accuracy);
    record->classes = TRN_NEW_ARRAY(ctx, uint32_t, n_samples);
    TRN_NEED_OUT(record->classes);
    record->steps = TRN_NEW_ARRAY(ctx, uint32_t, n_samples);
    TRN_NEED_OUT(record->steps);
out:
    if (status == TRNNSF_OK)
        *out_record = record;
    else
        trn_spike_record_free(record);
    return status;
}

void trn_spike_scratch_free(trnnsf_context *ctx, struct trn_spike_job *job)
{
    for (size_t w = 0; job->scratch && w < ctx->threads; w++) {
        struct trn_spike_scratch *scratch = &job->scratch[w];

        trn_free(ctx, scratch->masks);
        trn_free(ctx, scratch->seen);
        trn_free(ctx, scratch->potential);
        trn_free(ctx, scratch->sums);
        trn_free(ctx, scratch->carry);
        trn_free(ctx, scratch->sizes);
        trn_free(ctx, scratch->charges);
        trn_free(ctx, scratch->rows);
        trn_free(ctx, scratch->columns);
        trn_free(ctx, scratch->drive);
        trn_free(ctx, scratch->counts);
        trn_free(ctx, scratch->events);
        trn_free(ctx, scratch->conversions);
        trn_free(ctx, scratch->driven);
        trn_free(ctx, scratch->reached);
        trn_free(ctx, scratch->arrived);
        trn_spike_read_scratch_clear(ctx, &scratch->read);
        trn_free(ctx, scratch->current);
        trn_free(ctx, scratch->late);
        trn_free(ctx, scratch->history);
        totals_free(ctx, &scratch->totals);
    }
    trn_free(ctx, job->scratch);
    trn_free(ctx, job->history_start);
    trn_free(ctx, job->drive_start);
}

/* What neurons with parameters of their own need. */
static trnnsf_status dynamics_init(trnnsf_context *ctx, const struct trn_spike_job *job,
                                   struct trn_spike_scratch *scratch)
{
    const size_t group = TRN_SPIKE_GROUP;

    if (job->has_currents) {
        scratch->current = TRN_NEW_ARRAY(ctx, float, group * job->neurons);
        if (!scratch->current)
            return TRN_NO_MEMORY;
    }
    if (job->history > 0) {
        scratch->late = TRN_NEW_ARRAY(ctx, uint32_t, group * job->neurons);
        scratch->history = TRN_NEW_ARRAY(ctx, uint32_t, group * job->history);
        if (!scratch->late || !scratch->history)
            return TRN_NO_MEMORY;
    }
    return TRNNSF_OK;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* What constant currents need. */
static trnnsf_status drive_init(trnnsf_context *ctx, const struct trn_spike_job *job,
                                struct trn_spike_scratch *scratch)
{
    size_t widest = 0, rows = 0, columns = 0;

    for (size_t l = 0; l < job->spiking->n_layers; l++) {
        const struct trn_spiking_layer *layer = &job->spiking->layers[l];

        if (job->drive_start[l] != SIZE_MAX)
            widest = larger(widest, layer->n_out);
        for (size_t k = 0; k < layer->n_links; k++) {
            rows = larger(rows, trn_spike_link_rows(&layer->links[k]));
            columns = larger(columns, trn_spike_link_columns(&layer->links[k]));
        }
    }
    scratch->charges = TRN_NEW_ARRAY(ctx, double, widest);
    scratch->rows = TRN_NEW_ARRAY(ctx, double, rows);
    scratch->columns = TRN_NEW_ARRAY(ctx, float, columns);
    scratch->drive = TRN_NEW_ARRAY(ctx, float, TRN_SPIKE_GROUP * job->drives);
    return scratch->charges && scratch->rows && scratch->columns && scratch->drive ? TRNNSF_OK
                                                                                   : TRN_NO_MEMORY;
}

static trnnsf_status scratch_init(trnnsf_context *ctx, const struct trn_spike_job *job,
                                  struct trn_spike_scratch *scratch)
{
    const struct trn_spiking_layer *first = &job->spiking->layers[0];
    const size_t group = TRN_SPIKE_GROUP;
    size_t n_last = trn_spiking_neurons(job->spiking, job->spiking->n_layers);

    scratch->masks = TRN_NEW_ARRAY(ctx, uint32_t, group * job->neurons);
    scratch->seen = TRN_NEW_ARRAY(ctx, uint32_t, group * job->neurons);
    scratch->potential = TRN_NEW_ARRAY(ctx, float, group * job->neurons);
    scratch->sums = TRN_NEW_ARRAY(ctx, int32_t, group * TRN_SPIKE_CHUNK * job->widest_out);
    scratch->carry = TRN_NEW_ARRAY(ctx, int32_t, group * first->n_out);
    scratch->sizes = TRN_NEW_ARRAY(ctx, float, group * first->n_in);
    scratch->counts = TRN_NEW_ARRAY(ctx, uint32_t, group * n_last);
    scratch->events = TRN_NEW_ARRAY(ctx, struct trn_spike_event, group * job->room);
    scratch->conversions = TRN_NEW_ARRAY(ctx, struct trn_spike_conversions,
                                         group * job->spiking->n_layers * TRN_SPIKE_CHUNK);
    scratch->driven = TRN_NEW_ARRAY(ctx, uint32_t, first->n_in);
    if (!scratch->masks || !scratch->seen || !scratch->potential || !scratch->sums ||
        !scratch->carry || !scratch->sizes || !scratch->counts || !scratch->events ||
        !scratch->conversions || !scratch->driven)
        return TRN_NO_MEMORY;
    TRN_TRY(drive_init(ctx, job, scratch));
    TRN_TRY(trn_spike_read_scratch_init(ctx, job->spiking, &scratch->read));
    TRN_TRY(dynamics_init(ctx, job, scratch));
    TRN_TRY(totals_new(ctx, job->record, &scratch->totals));
    if (job->record->mapping == 0)
        return TRNNSF_OK;
    scratch->reached =
        TRN_NEW_ARRAY(ctx, uint32_t, group * job->record->crossbars[job->record->n_layers]);
    scratch->arrived = TRN_NEW_ARRAY(ctx, uint32_t, group * job->neurons);
    return scratch->reached && scratch->arrived ? TRNNSF_OK : TRN_NO_MEMORY;
}

trnnsf_status trn_spike_scratch_new(trnnsf_context *ctx, struct trn_spike_job *job)
{
    job->scratch = TRN_NEW_ARRAY(ctx, struct trn_spike_scratch, ctx->threads);
    if (!job->scratch)
        return TRN_NO_MEMORY;
    for (size_t w = 0; w < ctx->threads; w++)
        TRN_TRY(scratch_init(ctx, job, &job->scratch[w]));
    return TRNNSF_OK;
}

static void add(uint64_t *to, const uint64_t *from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] += from[i];
}

/* Whole numbers: the same whoever counted them. */
static void sum_up(trnnsf_context *ctx, const struct trn_spike_job *job)
{
    struct trnnsf_spike_record *record = job->record;

    for (size_t w = 0; w < ctx->threads; w++) {
        const struct trn_spike_totals *from = &job->scratch[w].totals;

        add(record->totals.correct, from->correct, record->n_steps);
        add(record->totals.spikes, from->spikes, job->neurons);
        add(record->totals.seen, from->seen, job->neurons);
        add(record->totals.charge, from->charge, job->spiking->layers[0].n_in);
        add(record->totals.made, from->made, record->n_layers);
        add(record->totals.beyond, from->beyond, record->n_layers);
        if (record->mapping == 0)
            continue;
        add(record->totals.reads, from->reads, record->crossbars[record->n_layers]);
        add(record->totals.updates, from->updates, job->neurons);
    }
    for (size_t t = 0; t < record->n_steps; t++)
        record->accuracy[t] = (double)record->totals.correct[t] / (double)record->n_samples;
}

static bool reads_inputs(const struct trn_spiking_layer *layer, size_t l)
{
    bool reads = !layer->links && l == 0;

    for (size_t k = 0; k < layer->n_links; k++)
        reads = reads || layer->links[k].source == 0;
    return reads;
}

static void measure_layer(struct trn_spike_job *job, size_t l)
{
    const struct trn_spiking_layer *layer = &job->spiking->layers[l];

    job->has_currents = job->has_currents || (layer->dynamics && layer->dynamics->keep_current);
    job->history_start[l] = job->history;
    job->history += layer->n_in * trn_dynamics_words(layer->dynamics);
    job->drive_start[l] = SIZE_MAX;
    if (reads_inputs(layer, l)) {
        job->drive_start[l] = job->drives;
        job->drives += layer->n_out;
    }
    job->room = larger(job->room, layer->n_in);
    for (size_t k = 0; k < layer->n_links; k++)
        job->room = larger(job->room, trn_spike_link_events(&layer->links[k]));
    job->widest_out = larger(job->widest_out, layer->n_out);
}

trnnsf_status trn_spiking_run(trnnsf_context *ctx, const struct trnnsf_spiking *spiking,
                              size_t n_samples, const float *inputs, const uint32_t *labels,
                              const struct trnnsf_spike_run_options *options,
                              const struct trn_spike_watch *watch,
                              struct trnnsf_spike_record **out_record)
{
    trnnsf_status status = TRNNSF_OK;
    const size_t samples = (size_t)GROUPS * TRN_SPIKE_GROUP;
    struct trn_spike_job job = {.spiking = spiking,
                                .options = options,
                                .watch = watch,
                                .n_samples = n_samples,
                                .inputs = inputs,
                                .labels = labels};

    job.noise_seed = trn_read_noise_seed(spiking->noise_seed, spiking->chip, options->seed);
    TRN_TRY(trn_spike_record_new(ctx, spiking, n_samples, options, &job.record));
    job.neurons = job.record->start[spiking->n_layers + 1];
    job.history_start = TRN_NEW_ARRAY(ctx, size_t, spiking->n_layers);
    TRN_NEED_OUT(job.history_start);
    job.drive_start = TRN_NEW_ARRAY(ctx, size_t, spiking->n_layers);
    TRN_NEED_OUT(job.drive_start);
    for (size_t l = 0; l < spiking->n_layers; l++)
        measure_layer(&job, l);
    TRN_TRY_OUT(trn_spike_scratch_new(ctx, &job));
    for (job.first = 0; job.first < n_samples; job.first += samples) {
        size_t left = n_samples - job.first;
        size_t tasks = left < samples ? (left + TRN_SPIKE_GROUP - 1) / TRN_SPIKE_GROUP : GROUPS;

        TRN_TRY_OUT(trn_progress(ctx, "spikes", NULL, job.first, n_samples));
        trn_parallel(ctx, tasks, trn_spike_group, &job);
    }
    TRN_TRY_OUT(trn_progress(ctx, "spikes", NULL, n_samples, n_samples));
    sum_up(ctx, &job);
    if (job.record->is_graph)
        TRN_TRY_OUT(trn_spike_record_images(ctx, spiking, job.record));
out:
    trn_spike_scratch_free(ctx, &job);
    if (status == TRNNSF_OK)
        *out_record = job.record;
    else
        trn_spike_record_free(job.record);
    return status;
}
