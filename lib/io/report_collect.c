/* Computing a report's entry: accuracies, counts, costs, utilisation, history, pictures. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/context.h"
#include "io/report.h"
#include "network/network.h"

static trnnsf_status collect_accuracy(trnnsf_context *ctx, const struct trnnsf_report_entry *from,
                                      struct trn_report_entry *entry)
{
    for (uint32_t part = 0; part < 3; part++) {
        struct trnnsf_evaluation result = {.struct_size = sizeof result};

        entry->accuracy[part] = NAN;
        if (!from->dataset || trnnsf_dataset_samples(from->dataset, part) == 0)
            continue;
        TRN_TRY(trnnsf_network_evaluate(ctx, from->network, from->dataset, part,
                                        TRNNSF_LOSS_SQUARED, &result));
        entry->accuracy[part] = result.accuracy;
    }
    return TRNNSF_OK;
}

static trnnsf_status collect_counts(trnnsf_context *ctx, const struct trnnsf_report_entry *from,
                                    size_t layer, struct trn_report_part *part)
{
    size_t shapes = trnnsf_tech_shapes(from->tech);

    for (size_t s = 0; s < shapes && s < TRN_REPORT_SHAPES; s++)
        part->by_shape[s] = trnnsf_mapping_shape_crossbars(
            from->mapping, layer, trnnsf_tech_shape_inputs(from->tech, s),
            trnnsf_tech_shape_outputs(from->tech, s));
    part->counts.struct_size = sizeof part->counts;
    return trnnsf_mapping_counts(ctx, from->mapping, layer, &part->counts);
}

static trnnsf_status collect_connectivity(trnnsf_context *ctx, const trnnsf_network *network,
                                          size_t layer, struct trn_connectivity **out_connectivity)
{
    size_t n_rows = trnnsf_network_outputs(network, layer);
    size_t n_columns = trnnsf_network_inputs(network, layer);
    uint8_t *mask = trn_calloc(ctx, n_rows, n_columns);
    trnnsf_status status = TRNNSF_OK;

    TRN_NEED_OUT(mask);
    TRN_TRY_OUT(trnnsf_network_get_mask(ctx, network, layer, mask));
    TRN_TRY_OUT(trn_connectivity_create(ctx, n_rows, n_columns,
                                        trnnsf_network_weights(network, layer), mask,
                                        trnnsf_network_clusters(network, layer), out_connectivity));
out:
    trn_free(ctx, mask);
    return status;
}

static trnnsf_status collect_layers(trnnsf_context *ctx, const struct trnnsf_report_entry *from,
                                    struct trn_report_entry *entry)
{
    TRN_TRY(collect_counts(ctx, from, TRNNSF_ALL_LAYERS, &entry->total));
    for (size_t i = 0; i < entry->n_layers; i++) {
        struct trn_report_part *part = &entry->layers[i];
        const trnnsf_clusters *clusters = trnnsf_network_clusters(from->network, i);

        part->n_inputs = trnnsf_network_inputs(from->network, i);
        part->n_outputs = trnnsf_network_outputs(from->network, i);
        part->clusters = clusters ? trnnsf_clusters_count(clusters) : 0;
        entry->total.clusters += part->clusters;
        TRN_TRY(collect_counts(ctx, from, i, part));
        part->mapped.struct_size = sizeof part->mapped;
        TRN_TRY(trnnsf_mapping_layer(ctx, from->mapping, i, &part->mapped));
        TRN_TRY(collect_connectivity(ctx, from->network, i, &entry->connectivity[i]));
    }
    entry->total.n_inputs = trn_network_inputs(from->network);
    entry->total.n_outputs = trn_network_outputs(from->network);
    return TRNNSF_OK;
}

static void copy_cost(const trnnsf_cost *cost, size_t layer, bool with_energy,
                      struct trn_report_part *part)
{
    for (uint32_t i = 0; i < TRN_REPORT_COSTS; i++) {
        part->area[i] = trnnsf_cost_area(cost, layer, i);
        part->energy[i] = with_energy ? trnnsf_cost_energy(cost, layer, i) : NAN;
    }
    part->latency = trnnsf_cost_latency(cost, layer);
}

/* One black sample: area and latency need no activity, but the cost model asks for one. */
static trnnsf_status blank_dataset(trnnsf_context *ctx, const trnnsf_network *network,
                                   trnnsf_dataset **out_dataset)
{
    size_t features = trn_network_inputs(network), classes = trn_network_outputs(network);
    uint32_t label = 0;
    trnnsf_status status = TRNNSF_OK;
    trnnsf_dataset *dataset = NULL;
    float *values = TRN_NEW_ARRAY(ctx, float, features);

    TRN_NEED_OUT(values);
    TRN_TRY_OUT(trnnsf_dataset_create(ctx, 1, 1, features, classes, &dataset));
    TRN_TRY_OUT(trnnsf_dataset_set(ctx, dataset, TRNNSF_PART_TEST, 1, values, &label));
    *out_dataset = dataset;
    dataset = NULL;
out:
    trnnsf_dataset_free(dataset);
    trn_free(ctx, values);
    return status;
}

/* What neurons do on the test images, as a spiking network where it was run as one; without images
 * nothing is known. */
static trnnsf_status collect_costs(trnnsf_context *ctx, const struct trnnsf_report_entry *from,
                                   struct trn_report_entry *entry)
{
    bool measured = from->spikes ||
                    (from->dataset && trnnsf_dataset_samples(from->dataset, TRNNSF_PART_TEST) > 0);
    trnnsf_dataset *blank = NULL;
    trnnsf_activity *activity = NULL;
    trnnsf_cost *cost = NULL;
    trnnsf_status status = TRNNSF_OK;

    if (!measured)
        TRN_TRY_OUT(blank_dataset(ctx, from->network, &blank));
    if (from->spikes)
        TRN_TRY_OUT(trnnsf_spike_record_activity(ctx, from->spikes, &activity));
    else
        TRN_TRY_OUT(trnnsf_activity_measure(ctx, from->network, measured ? from->dataset : blank,
                                            TRNNSF_PART_TEST, &activity));
    TRN_TRY_OUT(trnnsf_cost_evaluate(ctx, from->mapping, from->tech, activity, &cost));
    copy_cost(cost, TRNNSF_ALL_LAYERS, measured, &entry->total);
    for (size_t i = 0; i < entry->n_layers; i++)
        copy_cost(cost, i, measured, &entry->layers[i]);
out:
    trnnsf_cost_free(cost);
    trnnsf_activity_free(activity);
    trnnsf_dataset_free(blank);
    return status;
}

static void collect_spiking(const trnnsf_spike_record *spikes, struct trn_report_spiking *spiking)
{
    size_t steps;
    const double *accuracy = trnnsf_spike_record_accuracy(spikes, &steps);

    if (!spikes)
        return;
    spiking->steps = trnnsf_spike_record_mean_steps(spikes);
    spiking->accuracy = accuracy[steps - 1];
    spiking->spikes = trnnsf_spike_record_rate(spikes);
}

static trnnsf_status collect_utilisation(trnnsf_context *ctx,
                                         const struct trnnsf_report_entry *from,
                                         struct trn_report_entry *entry)
{
    size_t count = trnnsf_mapping_crossbars(from->mapping);

    for (size_t i = 0; i < count; i++) {
        struct trnnsf_crossbar crossbar = {.struct_size = sizeof crossbar};
        double cells;
        size_t bin;

        TRN_TRY(trnnsf_mapping_crossbar(ctx, from->mapping, i, &crossbar));
        cells = (double)crossbar.shape_inputs * (double)crossbar.shape_outputs;
        bin = (size_t)((double)crossbar.synapses / cells * TRN_REPORT_BINS);
        entry->utilisation[crossbar.residue ? 1 : 0]
                          [bin < TRN_REPORT_BINS ? bin : TRN_REPORT_BINS - 1]++;
    }
    return TRNNSF_OK;
}

static trnnsf_status collect_history(trnnsf_context *ctx, const trnnsf_run *run,
                                     struct trn_report_entry *entry)
{
    size_t count = run ? trnnsf_run_steps(run) : 0;

    entry->steps = TRN_NEW_ARRAY(ctx, struct trnnsf_step, count);
    if (!entry->steps)
        return TRNNSF_E_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        entry->steps[i].struct_size = sizeof entry->steps[i];
        TRN_TRY(trnnsf_run_history(ctx, run, i, &entry->steps[i]));
    }
    entry->n_steps = count;
    return TRNNSF_OK;
}

static trnnsf_status collect_trials(trnnsf_context *ctx, const trnnsf_search *search,
                                    struct trn_report_entry *entry)
{
    size_t count = trnnsf_search_trials(search);

    if (!search)
        return TRNNSF_OK;
    entry->trials = TRN_NEW_ARRAY(ctx, struct trnnsf_trial, count);
    if (!entry->trials)
        return TRNNSF_E_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        entry->trials[i].struct_size = sizeof entry->trials[i];
        TRN_TRY(trnnsf_search_trial(ctx, search, i, &entry->trials[i]));
    }
    entry->n_trials = count;
    return TRNNSF_OK;
}

static char *shapes_text(trnnsf_context *ctx, const trnnsf_tech *tech)
{
    size_t count = trnnsf_tech_shapes(tech), room = 48 * (count + 1), used = 0;
    char *text = trn_calloc(ctx, room, 1);

    for (size_t i = 0; text && i < count; i++) {
        int length =
            snprintf(text + used, room - used, "%s%zux%zu", i ? "," : "",
                     trnnsf_tech_shape_inputs(tech, i), trnnsf_tech_shape_outputs(tech, i));
        used += length > 0 ? (size_t)length : 0;
    }
    return text;
}

trnnsf_status trn_report_collect(trnnsf_context *ctx, const struct trnnsf_report_entry *from,
                                 struct trn_report_entry **out_entry)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_report_entry *entry = TRN_NEW(ctx, struct trn_report_entry);
    const char *technology = trnnsf_tech_name(from->tech);

    if (!entry)
        return TRNNSF_E_NO_MEMORY;
    entry->seed = from->seed;
    entry->seconds = from->seconds;
    entry->n_layers = trnnsf_network_layers(from->network);
    TRN_NEED_OUT(entry->method = trn_copy_text(ctx, from->method));
    TRN_NEED_OUT(entry->technology = trn_copy_text(ctx, technology ? technology : ""));
    TRN_NEED_OUT(entry->shapes = shapes_text(ctx, from->tech));
    TRN_NEED_OUT(entry->layers = TRN_NEW_ARRAY(ctx, struct trn_report_part, entry->n_layers));
    TRN_NEED_OUT(entry->connectivity =
                     TRN_NEW_ARRAY(ctx, struct trn_connectivity *, entry->n_layers));
    TRN_TRY_OUT(collect_accuracy(ctx, from, entry));
    TRN_TRY_OUT(collect_layers(ctx, from, entry));
    TRN_TRY_OUT(collect_costs(ctx, from, entry));
    collect_spiking(from->spikes, &entry->spiking);
    TRN_TRY_OUT(collect_utilisation(ctx, from, entry));
    TRN_TRY_OUT(collect_history(ctx, from->run, entry));
    TRN_TRY_OUT(collect_trials(ctx, from->search, entry));
    *out_entry = entry;
    entry = NULL;
out:
    trn_report_entry_free(ctx, entry);
    return status;
}

void trn_report_entry_free(trnnsf_context *ctx, struct trn_report_entry *entry)
{
    if (!entry)
        return;
    for (size_t i = 0; entry->connectivity && i < entry->n_layers; i++)
        trn_connectivity_free(ctx, entry->connectivity[i]);
    trn_free(ctx, entry->connectivity);
    trn_free(ctx, entry->layers);
    trn_free(ctx, entry->steps);
    trn_free(ctx, entry->trials);
    trn_free(ctx, entry->shapes);
    trn_free(ctx, entry->technology);
    trn_free(ctx, entry->method);
    trn_free(ctx, entry);
}

const struct trn_report_entry *trn_report_find(const trnnsf_report *report, const char *method)
{
    for (size_t i = 0; i < report->n_entries; i++) {
        if (strcmp(report->entries[i]->method, method) == 0)
            return report->entries[i];
    }
    return NULL;
}
