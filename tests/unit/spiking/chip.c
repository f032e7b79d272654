#include "spiking/chip.h"

#include <stdlib.h>

#include "sim/spiking/run.h"

const struct design designs[DESIGNS] = {
    {{"devices_per_sign", "columns_per_output"}, {2, 2}, TRNNSF_ANALOG_CURRENTS, false},
    {{"devices_per_sign", "columns_per_output"}, {2, 2}, TRNNSF_ANALOG_CODES, false},
    {{"devices_per_sign"}, {1}, TRNNSF_ANALOG_CURRENTS, false},
    {{"devices_per_sign"}, {1}, TRNNSF_ANALOG_CODES, false},
    {{"unipolar_weights"}, {1}, TRNNSF_ANALOG_CURRENTS, true},
    {{"devices_per_sign", "weight_slices", "slice_bits"}, {2, 3, 2}, TRNNSF_ANALOG_CODES, false},
    {{"weight_slices", "slice_bits"}, {2, 4}, TRNNSF_ANALOG_CURRENTS, false},
    {{"devices_per_sign", "analog_sums"}, {2, 1}, TRNNSF_ANALOG_CURRENTS, false},
};
void set_value(trnnsf_tech **tech, const char *key, double value)
{
    trnnsf_tech *changed;

    OK(trnnsf_tech_with_value(ctx, *tech, key, value, &changed));
    trnnsf_tech_free(*tech);
    *tech = changed;
}

trnnsf_tech *make_tech(const struct design *design)
{
    trnnsf_tech *tech, *shaped;

    OK(trnnsf_tech_preset(ctx, "resparc-45nm", &tech));
    set_value(&tech, "resistance_off_ohm", 1e6);
    for (size_t k = 0; design && k < SETTINGS && design->key[k]; k++)
        set_value(&tech, design->key[k], design->value[k]);
    OK(trnnsf_tech_with_shapes(ctx, tech, "24x24", &shaped));
    trnnsf_tech_free(tech);
    return shaped;
}

struct chip make_chip(const struct scene *scene, trnnsf_tech *tech, uint32_t subtraction,
                      const struct trnnsf_spike_run_options *way)
{
    struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;
    struct chip chip = {.tech = tech};

    options.subtraction = subtraction;
    OK(trnnsf_mapping_create(ctx, scene->network, tech, NULL, &chip.mapping));
    OK(trnnsf_analog_create(ctx, scene->network, chip.mapping, tech, &options, SAMPLES,
                            scene->inputs, &chip.analog));
    OK(trnnsf_spiking_on_chip(ctx, scene->spiking, chip.analog, SAMPLES, scene->inputs, way,
                              &chip.spiking));
    return chip;
}

void free_chip(struct chip *chip)
{
    trnnsf_spiking_free(chip->spiking);
    trnnsf_analog_free(chip->analog);
    trnnsf_mapping_free(chip->mapping);
    trnnsf_tech_free(chip->tech);
}

/* Currents of a layer at all steps, over the threshold. */
struct seen_currents {
    const struct trn_spiking_layer *layer;
    size_t steps;
    double *values; /* [samples x steps x n_out] */
};

static void note(void *user, size_t sample, size_t step, const int32_t *sums, const float *drive)
{
    const struct seen_currents *seen = user;
    size_t n_out = seen->layer->n_out;

    ck_assert_ptr_null(drive);
    for (size_t o = 0; o < n_out; o++)
        seen->values[(sample * seen->steps + step) * n_out + o] =
            (double)sums[o] * (double)seen->layer->unit;
}

double *currents_of(const trnnsf_spiking *spiking, size_t n_samples, const float *inputs,
                    const struct trnnsf_spike_run_options *way)
{
    struct seen_currents seen = {&spiking->layers[0], way->steps, NULL};
    const struct trn_spike_watch watch = {.currents = note, .layer = 0, .user = &seen};
    trnnsf_spike_record *record;

    seen.values = calloc(n_samples * way->steps * seen.layer->n_out, sizeof *seen.values);
    OK(trn_spiking_run(ctx, spiking, n_samples, inputs, NULL, way, &watch, &record));
    trnnsf_spike_record_free(record);
    return seen.values;
}

struct scene make_layer(size_t n_in, size_t n_out, const float *weights, size_t n,
                        const float *inputs)
{
    struct trnnsf_network_options network = TRNNSF_NETWORK_OPTIONS_INIT;
    const size_t sizes[] = {n_in, n_out};
    struct scene scene = {.n_in = n_in, .n_out = n_out, .inputs = inputs};
    uint32_t *labels = calloc(n, sizeof *labels);

    network.bias = 0;
    OK(trnnsf_network_create(ctx, sizes, 2, &network, &scene.network));
    OK(trnnsf_network_set_weights(ctx, scene.network, 0, weights));
    OK(trnnsf_dataset_create(ctx, 1, 1, n_in, n_out, &scene.dataset));
    OK(trnnsf_dataset_set(ctx, scene.dataset, TRNNSF_PART_TRAIN, n, inputs, labels));
    OK(trnnsf_spiking_convert(ctx, scene.network, scene.dataset, NULL, &scene.spiking));
    free(labels);
    return scene;
}
