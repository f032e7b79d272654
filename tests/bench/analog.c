/* Seconds of reads of analog chips: the half of analog_numpy.py that is ours.
 *
 *     bench-analog product|network FOLDER
 *
 * product: 256 x 256 weights on one crossbar, noise of every cell at each read, 8-bit ADC, 1000 inputs.
 * network: 784-100-10 on 64 x 64 pairs, written with the error of a phase-change memory, 8-bit DAC and
 * ADC, 2000 inputs; the chip is written anew each time. inputs.bin in FOLDER [2000 x 784] is read where
 * there is one; otherwise inputs are uniform numbers.
 * Prints "name value" lines, best of several; leaves weights, inputs and outputs (float32) in FOLDER.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <trnnsf/trnnsf.h>

enum { REPEATS = 15, CALIBRATION = 200 };

static trnnsf_context *ctx;

static void check(trnnsf_status status)
{
    if (status == TRNNSF_OK)
        return;
    fprintf(stderr, "%s: %s\n", trnnsf_status_name(status), trnnsf_context_error(ctx));
    exit(1);
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Of this process, all threads: what a busy machine does not blur. */
static double processor_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static float *array(size_t count, double low, double high)
{
    static uint64_t state = 1;
    float *values = malloc(count * sizeof *values);

    if (!values)
        exit(1);
    for (size_t k = 0; k < count; k++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        values[k] = (float)(low + (high - low) * (double)(state >> 11) / 9007199254740992.0);
    }
    return values;
}

static void save(const char *folder, const char *name, size_t count, const float *values)
{
    char path[512];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(values, sizeof *values, count, file) != count || fclose(file) != 0)
        exit(1);
}

static float *load_or_make(const char *folder, const char *name, size_t count)
{
    float *values = array(count, 0, 1);
    char path[512];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (file && (fread(values, sizeof *values, count, file) != count || fclose(file) != 0))
        exit(1);
    return values;
}

static trnnsf_tech *with(trnnsf_tech *tech, const char *key, double value)
{
    trnnsf_tech *changed = NULL;

    check(trnnsf_tech_with_value(ctx, tech, key, value, &changed));
    trnnsf_tech_free(tech);
    return changed;
}

/* Pairs of 40 kilo-ohm to 1 giga-ohm in two arrays. */
static trnnsf_tech *make_tech(const char *shapes)
{
    trnnsf_tech *tech = NULL, *shaped = NULL;

    check(trnnsf_tech_preset(ctx, "resparc-45nm", &tech));
    check(trnnsf_tech_with_shapes(ctx, tech, shapes, &shaped));
    trnnsf_tech_free(tech);
    shaped = with(shaped, "resistance_off_ohm", 1e9);
    shaped = with(shaped, "resistance_on_ohm", 4e4);
    shaped = with(shaped, "devices_per_sign", 2);
    return with(shaped, "adc_bits", 8);
}

struct job {
    trnnsf_network *network;
    trnnsf_mapping *mapping;
    trnnsf_tech *tech;
    size_t n, n_in, n_out;
    float *inputs, *outputs;
};

static void map(struct job *job)
{
    struct trnnsf_map_options options = TRNNSF_MAP_OPTIONS_INIT;

    options.rule = TRNNSF_MAP_DENSE;
    check(trnnsf_mapping_create(ctx, job->network, job->tech, &options, &job->mapping));
}

static void set_weights(const struct job *job, size_t layer, const char *folder, const char *name)
{
    size_t n_in = trnnsf_network_inputs(job->network, layer);
    size_t n_out = trnnsf_network_outputs(job->network, layer);
    float *weights = array(n_in * n_out, -1, 1);

    check(trnnsf_network_set_weights(ctx, job->network, layer, weights));
    save(folder, name, n_in * n_out, weights);
    free(weights);
}

static struct job make_product(const char *folder)
{
    static const size_t sizes[] = {256, 256};
    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;
    struct job job = {.n = 1000, .n_in = 256, .n_out = 256};

    options.output_activation = TRNNSF_ACTIVATION_LINEAR;
    check(trnnsf_network_create(ctx, sizes, 2, &options, &job.network));
    set_weights(&job, 0, folder, "weights0.bin");
    job.tech = with(make_tech("256x256"), "read_sigma", 0.05);
    job.inputs = array(job.n * job.n_in, 0, 1);
    map(&job);
    return job;
}

/* Nandakumar et al. 2019 as IBM/aihwkit has it: over 25 uS. */
static struct job make_network(const char *folder)
{
    static const size_t sizes[] = {784, 100, 10};
    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;
    struct job job = {.n = 2000, .n_in = 784, .n_out = 10};

    options.output_activation = TRNNSF_ACTIVATION_LINEAR;
    check(trnnsf_network_create(ctx, sizes, 3, &options, &job.network));
    set_weights(&job, 0, folder, "weights0.bin");
    set_weights(&job, 1, folder, "weights1.bin");
    job.tech = with(make_tech("64x64"), "dac_bits", 8);
    job.tech = with(job.tech, "programming_sigma_constant", 0.26348 / 25);
    job.tech = with(job.tech, "programming_sigma_linear", 1.9650 / 25);
    job.tech = with(job.tech, "programming_sigma_square", -1.1731 / 25);
    job.inputs = load_or_make(folder, "inputs.bin", job.n * job.n_in);
    map(&job);
    return job;
}

static trnnsf_analog *make_chip(const struct job *job, uint32_t number)
{
    struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;
    trnnsf_analog *chip = NULL;

    options.chip = number;
    check(trnnsf_analog_create(ctx, job->network, job->mapping, job->tech, &options, CALIBRATION,
                               job->inputs, &chip));
    return chip;
}

/* Written alone: without converters nothing is calibrated. */
static void run_write(const struct job *job)
{
    struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;
    double write = INFINITY, processor = INFINITY;

    options.effects = TRNNSF_ANALOG_PROGRAMMING;
    for (uint32_t k = 0; k < REPEATS; k++) {
        double start = seconds(), used = processor_seconds();
        trnnsf_analog *chip = NULL;

        options.chip = k;
        check(trnnsf_analog_create(ctx, job->network, job->mapping, job->tech, &options, 0, NULL,
                                   &chip));
        write = fmin(write, seconds() - start);
        processor = fmin(processor, processor_seconds() - used);
        trnnsf_analog_free(chip);
    }
    printf("write %.9f\nwrite_processor %.9f\n", write, processor);
}

static void run(struct job *job)
{
    double create = INFINITY, made = INFINITY, forward = INFINITY, processor = INFINITY;

    for (uint32_t k = 0; k < REPEATS; k++) {
        double start = seconds(), used = processor_seconds();
        trnnsf_analog *chip = make_chip(job, k);

        create = fmin(create, seconds() - start);
        made = fmin(made, processor_seconds() - used);
        start = seconds();
        used = processor_seconds();
        check(trnnsf_analog_forward(ctx, chip, job->n, job->inputs, k, job->outputs));
        forward = fmin(forward, seconds() - start);
        processor = fmin(processor, processor_seconds() - used);
        trnnsf_analog_free(chip);
    }
    printf("create %.9f\ncreate_processor %.9f\nforward %.9f\nforward_processor %.9f\n", create, made,
           forward, processor);
}

/* A study writes a chip for each number; ranges are found once. */
static void run_study(const struct job *job, double *out_seconds)
{
    struct trnnsf_analog_study_options options = TRNNSF_ANALOG_STUDY_OPTIONS_INIT;
    trnnsf_analog_study *study = NULL;
    trnnsf_dataset *dataset = NULL;
    uint32_t *labels = calloc(job->n, sizeof *labels);

    check(trnnsf_dataset_create(ctx, 1, 1, job->n_in, job->n_out, &dataset));
    check(trnnsf_dataset_set(ctx, dataset, TRNNSF_PART_TEST, job->n, job->inputs, labels));
    options.chips = 20;
    double start = seconds();
    check(trnnsf_analog_study_run(ctx, job->network, job->mapping, job->tech, NULL, &options,
                                  CALIBRATION, job->inputs, dataset, TRNNSF_PART_TEST,
                                  TRNNSF_LOSS_SQUARED, &study));
    *out_seconds = (seconds() - start) / 20;
    trnnsf_analog_study_free(study);
    trnnsf_dataset_free(dataset);
    free(labels);
}

int main(int argc, char **argv)
{
    if (argc != 3 || (strcmp(argv[1], "product") != 0 && strcmp(argv[1], "network") != 0))
        return 2;
    check(trnnsf_context_create(NULL, &ctx));

    int is_network = strcmp(argv[1], "network") == 0;
    struct job job = is_network ? make_network(argv[2]) : make_product(argv[2]);
    job.outputs = array(job.n * job.n_out, 0, 1);
    run(&job);
    if (is_network) {
        double a_chip;

        run_write(&job);
        run_study(&job, &a_chip);
        printf("study_chip %.9f\n", a_chip);
    }
    save(argv[2], "inputs.bin", job.n * job.n_in, job.inputs);
    save(argv[2], "outputs.bin", job.n * job.n_out, job.outputs);
    free(job.inputs);
    free(job.outputs);
    trnnsf_mapping_free(job.mapping);
    trnnsf_tech_free(job.tech);
    trnnsf_network_free(job.network);
    trnnsf_context_free(ctx);
    return 0;
}
