/* What trnnsf-spike does: load, convert, run, compare, show. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../common/networks.h"
#include "nir.h"

enum { CALIBRATION = 500 }; /* samples from which a chip's converters get their ranges */

/* Batch norms folded: fully connected layers alone are then a chain. */
static trnnsf_status load_network(struct work *work)
{
    trnnsf_context *context = work->program.context;
    trnnsf_network *network = NULL;
    trnnsf_status status = networks_load(context, work->file, &network);

    if (status == TRNNSF_OK)
        status = trnnsf_network_fold(context, network, &work->network);
    trnnsf_network_free(network);
    return status;
}

static trnnsf_status load(struct work *work)
{
    trnnsf_context *context = work->program.context;
    trnnsf_status status = load_network(work);

    if (status == TRNNSF_OK)
        status = data_load(&work->program, work->data, &work->samples, &work->dataset);
    if (status != TRNNSF_OK)
        return status;
    if (work->mapping_file)
        return trnnsf_mapping_load(context, work->mapping_file, &work->mapping);
    return trnnsf_mapping_create(context, work->network, work->tech, NULL, &work->mapping);
}

/* Accuracy on the devices of one chip. */
static trnnsf_status run_chip(struct work *work, const trnnsf_spiking *spiking, uint32_t number,
                              double *out_accuracy)
{
    trnnsf_context *context = work->program.context;
    struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;
    const float *inputs = trnnsf_dataset_values(work->dataset, TRNNSF_PART_TRAIN);
    size_t samples = trnnsf_dataset_samples(work->dataset, TRNNSF_PART_TRAIN), steps;
    trnnsf_analog *analog = NULL;
    trnnsf_spiking *written = NULL;
    trnnsf_spike_record *record = NULL;
    trnnsf_status status;

    options.seed = work->program.seed;
    options.chip = number;
    options.effects &= ~(uint32_t)TRNNSF_ANALOG_DAC;
    options.sum_percentile = work->sum_percentile;
    samples = samples < CALIBRATION ? samples : CALIBRATION;
    status = trnnsf_analog_create(context, work->network, work->mapping, work->tech, &options,
                                  samples, inputs, &analog);
    if (status == TRNNSF_OK)
        status =
            trnnsf_spiking_on_chip(context, spiking, analog, samples, inputs, &work->run, &written);
    if (status == TRNNSF_OK)
        status = trnnsf_spiking_evaluate(context, written, work->dataset, TRNNSF_PART_TEST,
                                         &work->run, &record);
    if (status == TRNNSF_OK) {
        const double *accuracy = trnnsf_spike_record_accuracy(record, &steps);

        *out_accuracy = accuracy[steps - 1];
        for (size_t l = 0; l < trnnsf_spiking_layers(written); l++)
            work->saturation += trnnsf_spike_record_saturation(record, l) /
                                (double)(trnnsf_spiking_layers(written) * work->n_chips);
    }
    trnnsf_spike_record_free(record);
    trnnsf_spiking_free(written);
    trnnsf_analog_free(analog);
    return status;
}

static trnnsf_status convert(struct work *work)
{
    trnnsf_context *context = work->program.context;
    trnnsf_spiking *spiking = NULL;
    trnnsf_status status =
        trnnsf_spiking_convert(context, work->network, work->dataset, &work->options, &spiking);

    if (status == TRNNSF_OK && work_is_graph(work)) {
        work->spiking = spiking;
        return TRNNSF_OK;
    }
    if (status == TRNNSF_OK)
        status = trnnsf_spiking_map(context, spiking, work->mapping, &work->spiking);
    work->chips = calloc(work->n_chips + 1, sizeof *work->chips);
    if (!work->chips)
        status = TRNNSF_E_NO_MEMORY;
    for (uint32_t k = 0; status == TRNNSF_OK && k < work->n_chips; k++)
        status = run_chip(work, spiking, k, &work->chips[k]);
    trnnsf_spiking_free(spiking);
    return status;
}

static trnnsf_status evaluate(struct work *work)
{
    trnnsf_context *context = work->program.context;
    struct trnnsf_evaluation result = {.struct_size = sizeof result};
    double began = program_now();
    trnnsf_status status;

    status = trnnsf_spiking_evaluate(context, work->spiking, work->dataset, TRNNSF_PART_TEST,
                                     &work->run, &work->record);
    work->seconds = program_now() - began;
    if (status == TRNNSF_OK)
        status = trnnsf_network_evaluate(context, work->network, work->dataset, TRNNSF_PART_TEST,
                                         TRNNSF_LOSS_SQUARED, &result);
    work->network_accuracy = result.accuracy;
    if (status == TRNNSF_OK)
        status = trnnsf_spike_record_activity(context, work->record, &work->activity);
    if (status == TRNNSF_OK)
        status =
            trnnsf_cost_evaluate(context, work->mapping, work->tech, work->activity, &work->cost);
    work->traffic.struct_size = sizeof work->traffic;
    if (status != TRNNSF_OK || work_is_graph(work))
        return status;
    if (status == TRNNSF_OK)
        status = trnnsf_spike_record_traffic(context, work->record, work->mapping, work->tech,
                                             TRNNSF_ALL_LAYERS, &work->traffic);
    return status == TRNNSF_OK ? work_count_traffic(work) : status;
}

int work_is_graph(const struct work *work)
{
    return trnnsf_network_nodes(work->network) > 0;
}

static trnnsf_status put_on_tiles(struct work *work)
{
    if (!work->tiles.given)
        return TRNNSF_OK;
    return tiles_run(&work->tiles, work->program.context, work->spiking, work->record,
                     work->dataset, &work->run);
}

static trnnsf_status compare(struct work *work)
{
    size_t n = trnnsf_dataset_samples(work->dataset, TRNNSF_PART_TEST);

    work->hidden = trnnsf_spiking_layers(work->spiking) - 1;
    if (work->hidden > LAYERS_MAX) {
        work->hidden = 0;
        return TRNNSF_OK;
    }
    for (size_t l = 0; l < work->hidden; l++)
        work->reports[l].struct_size = sizeof work->reports[l];
    return trnnsf_spiking_compare(
        work->program.context, work->spiking, work->network, n < RATE_SAMPLES ? n : RATE_SAMPLES,
        trnnsf_dataset_values(work->dataset, TRNNSF_PART_TEST), &work->run, work->reports);
}

/* A network on its crossbars. */
static int run_network(struct work *work)
{
    struct program *program = &work->program;

    work->run.traffic = 1;
    if (data_load_tech(program, work->tech_name, work->mca, &work->tech) != TRNNSF_OK)
        return program_failed(program);
    for (size_t k = 0; k < work->n_settings; k++) {
        int result = data_set_constant(program, &work->tech, "--set", work->settings[k]);

        if (result != EXIT_GO_ON)
            return result;
    }
    if (load(work) != TRNNSF_OK)
        return program_failed(program);
    if (work_is_graph(work) && (work->n_chips > 0 || work->tiles.given))
        return options_error(program->usage, "--chips and --tiles need a network of fully "
                                             "connected layers");
    work->rows = work->packets = work_is_graph(work) ? (double)NAN : 0;
    if (convert(work) != TRNNSF_OK || evaluate(work) != TRNNSF_OK ||
        compare(work) != TRNNSF_OK || put_on_tiles(work) != TRNNSF_OK)
        return program_failed(program);
    return EXIT_GO_ON;
}

int work_run(struct work *work)
{
    struct program *program = &work->program;
    int result;

    work->run.seed = program->seed;
    result = nir_is_file(work->file) ? nir_run(work) : run_network(work);
    if (result != EXIT_GO_ON)
        return result;
    if (work->nir_file && nir_write(work) != TRNNSF_OK)
        return program_failed(program);
    program_bar_end(program);
    if (work->sample >= trnnsf_dataset_samples(work->dataset, TRNNSF_PART_TEST))
        return options_error(work->program.usage, "--sample %llu is not below %zu",
                             (unsigned long long)work->sample,
                             trnnsf_dataset_samples(work->dataset, TRNNSF_PART_TEST));
    if (!program->quiet && !(program->json && strcmp(program->json, "-") == 0))
        work_print(work);
    if (work->figure && work_draw(work) != TRNNSF_OK)
        return program_failed(program);
    return program->json ? work_write_json(work) : EXIT_DONE;
}
