/* sim/analog/: every effect against its formula, schemes against each other, the ideal chip against
 * its network, wires against their own solver, hostile arguments. */
#include "analog/common.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"

trnnsf_context *ctx;

static void setup(void)
{
    OK(trnnsf_context_create(NULL, &ctx));
}

static void teardown(void)
{
    trnnsf_context_free(ctx);
}

static void *room(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);

    ck_assert_ptr_nonnull(memory);
    return memory;
}

static trnnsf_tech *with(trnnsf_tech *tech, const char *key, double value)
{
    trnnsf_tech *changed = NULL;

    OK(trnnsf_tech_with_value(ctx, tech, key, value, &changed));
    trnnsf_tech_free(tech);
    return changed;
}

trnnsf_tech *make_tech(const char *shapes, const struct constant *constants)
{
    trnnsf_tech *tech = NULL, *shaped = NULL;

    OK(trnnsf_tech_preset(ctx, "resparc-45nm", &tech));
    OK(trnnsf_tech_with_shapes(ctx, tech, shapes, &shaped));
    trnnsf_tech_free(tech);
    shaped = with(shaped, "resistance_off_ohm", 1e6);
    shaped = with(shaped, "resistance_on_ohm", 1e4);
    shaped = with(shaped, "read_voltage_volt", 0.2);
    shaped = with(shaped, "devices_per_sign", 2);
    shaped = with(shaped, "columns_per_output", 2);
    for (; constants && constants->key; constants++)
        shaped = with(shaped, constants->key, constants->value);
    return shaped;
}

static void map(struct design *design)
{
    struct trnnsf_map_options options = TRNNSF_MAP_OPTIONS_INIT;

    options.rule = TRNNSF_MAP_DENSE;
    OK(trnnsf_mapping_create(ctx, design->network, design->tech, &options, &design->mapping));
}

struct design make_design(const size_t *sizes, size_t n_sizes, const char *shapes,
                          const struct constant *constants)
{
    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;
    struct design design = {.n_in = sizes[0], .n_out = sizes[n_sizes - 1]};

    options.bias = 1;
    options.output_activation = TRNNSF_ACTIVATION_LINEAR;
    OK(trnnsf_network_create(ctx, sizes, n_sizes, &options, &design.network));
    for (size_t l = 0; l + 1 < n_sizes; l++) {
        float *biases = values(sizes[l + 1], -0.1, 0.1, l);

        OK(trnnsf_network_set_biases(ctx, design.network, l, biases));
        free(biases);
    }
    design.tech = make_tech(shapes, constants);
    map(&design);
    return design;
}

struct design make_layer(size_t n_in, size_t n_out, const float *weights,
                         const struct constant *constants)
{
    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;
    struct design design = {.n_in = n_in, .n_out = n_out};
    const size_t sizes[] = {n_in, n_out};

    options.output_activation = TRNNSF_ACTIVATION_LINEAR;
    OK(trnnsf_network_create(ctx, sizes, 2, &options, &design.network));
    OK(trnnsf_network_set_weights(ctx, design.network, 0, weights));
    design.tech = make_tech("1024x1024", constants);
    map(&design);
    return design;
}

void free_design(struct design *design)
{
    trnnsf_mapping_free(design->mapping);
    trnnsf_tech_free(design->tech);
    trnnsf_network_free(design->network);
}

trnnsf_analog *make_chip(const struct design *design, const struct trnnsf_analog_options *options,
                         size_t n_calibration, const float *inputs)
{
    trnnsf_analog *chip = NULL;

    OK(trnnsf_analog_create(ctx, design->network, design->mapping, design->tech, options,
                            n_calibration, inputs, &chip));
    return chip;
}

trnnsf_analog *chip_of(const struct design *design, uint32_t effects, size_t n_calibration,
                       const float *inputs)
{
    struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;

    options.effects = effects;
    return make_chip(design, &options, n_calibration, inputs);
}

float *run(const trnnsf_analog *chip, const struct design *design, size_t n, const float *inputs,
           uint64_t read)
{
    float *outputs = room(n * design->n_out, sizeof *outputs);

    OK(trnnsf_analog_forward(ctx, chip, n, inputs, read, outputs));
    return outputs;
}

double *devices(const trnnsf_analog *chip, double ohm)
{
    size_t count = trnnsf_analog_rows(chip, 0) * trnnsf_analog_columns(chip, 0);
    double *x = room(count, sizeof *x);

    OK(trnnsf_analog_conductances(ctx, chip, 0, 0, x));
    for (size_t k = 0; k < count; k++)
        x[k] *= ohm;
    return x;
}

float *values(size_t n, double low, double high, uint64_t seed)
{
    struct trn_random random;
    float *made = room(n, sizeof *made);

    trn_random_init(&random, seed, TRN_RANDOM_TEST, 77);
    for (size_t k = 0; k < n; k++)
        made[k] = (float)(low + (high - low) * trn_random_double(&random));
    return made;
}

double largest_difference(size_t n, const float *a, const float *b)
{
    double most = 0;

    for (size_t k = 0; k < n; k++)
        most = isfinite(a[k]) && isfinite(b[k]) ? fmax(most, fabs((double)a[k] - (double)b[k]))
                                                : INFINITY;
    return most;
}

double largest_value(size_t n, const float *a)
{
    double most = 0;

    for (size_t k = 0; k < n; k++)
        most = fmax(most, fabs((double)a[k]));
    return most;
}

double mean_of(size_t n, const double *x)
{
    double sum = 0;

    for (size_t k = 0; k < n; k++)
        sum += x[k];
    return sum / (double)n;
}

double deviation_of(size_t n, const double *x)
{
    double mean = mean_of(n, x), sum = 0;

    for (size_t k = 0; k < n; k++)
        sum += (x[k] - mean) * (x[k] - mean);
    return sqrt(sum / (double)(n - 1));
}

void check_count(size_t n, size_t count, double p)
{
    double spread = sqrt((double)n * p * (1 - p));

    ck_assert_double_le(fabs((double)count - (double)n * p), 4.5 * spread + 1);
}

void check_normal(size_t n, const double *x, double mean, double deviation)
{
    static const double beyond[] = {0.31731050786, 0.045500263896, 0.0026997960633};
    double error = deviation / sqrt((double)n);

    ck_assert_double_le(fabs(mean_of(n, x) - mean), 4.5 * error + 1e-6 * fabs(mean));
    ck_assert_double_le(fabs(deviation_of(n, x) - deviation), 4.5 * error / sqrt(2));
    for (int k = 0; k < 3; k++) {
        size_t above = 0, below = 0;

        for (size_t i = 0; i < n; i++) {
            above += x[i] > mean + (k + 1) * deviation;
            below += x[i] < mean - (k + 1) * deviation;
        }
        check_count(n, above, beyond[k] / 2);
        check_count(n, below, beyond[k] / 2);
    }
}

int main(void)
{
    Suite *suite = suite_create("analog");
    TCase *cases[] = {schemes_case(),    writing_case(),      time_case(),       reading_case(),
                      converters_case(), device_case(),       driven_case(),     wires_case(),
                      study_case(),      hostile_case(),      assignment_case(), faults_case(),
                      graph_case(),
                      remap_case(),      remap_hostile_case()};

    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        tcase_add_checked_fixture(cases[k], setup, teardown);
        tcase_set_timeout(cases[k], 60);
        suite_add_tcase(suite, cases[k]);
    }

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
