/* Seconds of a spiking 784-100-10 on 10 000 samples: the half of spiking_torch.py that is ours.
 *
 *     bench-spiking FOLDER [STEPS]
 *
 * Samples are as MNIST's: a fifth of the inputs are not 0. Prints "name value" lines; leaves
 * weights over their scales, biases and inputs (floats) in FOLDER.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <trnnsf/trnnsf.h>

#include "clock.h"

enum { SAMPLES = 10000, INPUTS = 784, HIDDEN = 100, OUTPUTS = 10, TIMES = 5 };

static trnnsf_context *ctx;
static uint32_t labels[SAMPLES];

static void check(trnnsf_status status)
{
    if (status == TRNNSF_OK)
        return;
    fprintf(stderr, "%s: %s\n", trnnsf_status_name(status), trnnsf_context_error(ctx));
    exit(1);
}

static double uniform(void)
{
    static uint64_t state = 1;

    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 11) / 9007199254740992.0;
}

static float *draw(size_t count, double low, double high, double share)
{
    float *values = malloc(count * sizeof *values);

    if (!values)
        exit(1);
    for (size_t k = 0; k < count; k++) {
        float value = (float)(low + (high - low) * uniform());

        values[k] = uniform() < share ? value : 0.0f;
    }
    return values;
}

static void save(const char *folder, const char *name, size_t count, const float *values,
                 double factor)
{
    char path[512];

    snprintf(path, sizeof path, "%s/%s.bin", folder, name);
    FILE *file = fopen(path, "wb");
    if (!file)
        exit(1);
    for (size_t k = 0; k < count; k++) {
        float value = (float)((double)values[k] * factor);

        if (fwrite(&value, sizeof value, 1, file) != 1)
            exit(1);
    }
    if (fclose(file) != 0)
        exit(1);
}

static trnnsf_dataset *make_dataset(const float *inputs)
{
    trnnsf_dataset *dataset;

    check(trnnsf_dataset_create(ctx, 1, 28, 28, OUTPUTS, &dataset));
    check(trnnsf_dataset_set(ctx, dataset, TRNNSF_PART_TRAIN, 1000, inputs, labels));
    check(trnnsf_dataset_set(ctx, dataset, TRNNSF_PART_TEST, SAMPLES, inputs, labels));
    return dataset;
}

/* The best of some runs. */
static double time_run(const trnnsf_spiking *spiking, const trnnsf_dataset *dataset, uint32_t steps,
                       uint32_t coding, double *out_rate)
{
    struct trnnsf_spike_run_options options = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    double best = INFINITY;

    options.steps = steps;
    options.coding = coding;
    for (int k = 0; k < TIMES; k++) {
        trnnsf_spike_record *record;
        double start = seconds();

        check(trnnsf_spiking_evaluate(ctx, spiking, dataset, TRNNSF_PART_TEST, &options, &record));
        best = fmin(best, seconds() - start);
        *out_rate = trnnsf_spike_record_rate(record);
        trnnsf_spike_record_free(record);
    }
    return best;
}

static double time_network(const trnnsf_network *network, const float *inputs)
{
    static float outputs[SAMPLES * OUTPUTS];
    double best = INFINITY;

    for (int k = 0; k < TIMES; k++) {
        double start = seconds();

        check(trnnsf_network_forward(ctx, network, SAMPLES, inputs, outputs));
        best = fmin(best, seconds() - start);
    }
    return best;
}

int main(int argc, char **argv)
{
    static const size_t sizes[] = {INPUTS, HIDDEN, OUTPUTS};
    uint32_t steps = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 32;
    struct trnnsf_spiking_options options = TRNNSF_SPIKING_OPTIONS_INIT;
    trnnsf_network *network;
    trnnsf_spiking *spiking;

    if (argc < 2)
        return 2;
    check(trnnsf_context_create(NULL, &ctx));
    check(trnnsf_network_create(ctx, sizes, 3, NULL, &network));
    float *first = draw(INPUTS * HIDDEN, -0.1, 0.1, 1), *inputs = draw(SAMPLES * INPUTS, 0, 1, 0.2);
    float *second = draw(HIDDEN * OUTPUTS, -0.3, 0.3, 1);
    check(trnnsf_network_set_weights(ctx, network, 0, first));
    check(trnnsf_network_set_weights(ctx, network, 1, second));
    trnnsf_dataset *dataset = make_dataset(inputs);

    printf("network %.9f\n", time_network(network, inputs));
    check(trnnsf_spiking_convert(ctx, network, dataset, &options, &spiking));
    double rate, scale[3];
    for (size_t l = 0; l < 3; l++)
        scale[l] = trnnsf_spiking_scale(spiking, l);
    save(argv[1], "first", INPUTS * HIDDEN, first, scale[0] / scale[1]);
    save(argv[1], "second", HIDDEN * OUTPUTS, second, scale[1] / scale[2]);
    save(argv[1], "inputs", SAMPLES * INPUTS, inputs, 1 / scale[0]);
    printf("current %.9f\n", time_run(spiking, dataset, steps, TRNNSF_CODING_CURRENT, &rate));
    printf("current_spikes %.9f\n", rate);
    /* Inputs made smaller: the time follows the spikes. */
    for (int k = 0; k < 3; k++) {
        for (size_t i = 0; k > 0 && i < SAMPLES * INPUTS; i++)
            inputs[i] /= 4;
        check(trnnsf_dataset_set(ctx, dataset, TRNNSF_PART_TEST, SAMPLES, inputs, labels));
        printf("poisson_%d %.9f\n", k,
               time_run(spiking, dataset, steps, TRNNSF_CODING_POISSON, &rate));
        printf("poisson_%d_spikes %.9f\n", k, rate);
    }
    trnnsf_spiking_free(spiking);
    free(inputs);
    free(second);
    free(first);
    trnnsf_dataset_free(dataset);
    trnnsf_network_free(network);
    trnnsf_context_free(ctx);
    return 0;
}
