/* Read noise of chips against its formula, and what it hangs on. */
#include <math.h>
#include <stdlib.h>

#include "sim/spiking/run.h"
#include "spiking/chip.h"

enum { STEPS = 40 };

struct moments {
    double mean, variance, fourth;
};

static struct moments moments_of(const double *values, size_t n, size_t stride)
{
    struct moments m = {0, 0, 0};

    for (size_t k = 0; k < n; k++)
        m.mean += values[k * stride] / (double)n;
    for (size_t k = 0; k < n; k++)
        m.variance += pow(values[k * stride] - m.mean, 2) / (double)n;
    for (size_t k = 0; k < n; k++)
        m.fourth += pow(values[k * stride] - m.mean, 4) / (double)n / (m.variance * m.variance);
    return m;
}

static double correlation(const double *a, const double *b, size_t n, size_t stride)
{
    struct moments x = moments_of(a, n, stride), y = moments_of(b, n, stride);
    double sum = 0;

    for (size_t k = 0; k < n; k++)
        sum += (a[k * stride] - x.mean) * (b[k * stride] - y.mean) / (double)n;
    return sum / sqrt(x.variance * y.variance);
}

enum { IN = 30, OUT = 5, TIMES = 20000 };

/* sum of v_i^2 (read_sigma^2 x_i^2 + read_sigma_on^2) over an output's devices of one column, times
 * the square of what a conductance stands for. */
static double variance_of(const struct chip *chip, size_t column, const float *v)
{
    const double sigma = 0.1, on = 0.02;
    size_t columns = trnnsf_analog_columns(chip->analog, 0);
    size_t crossbars = trnnsf_analog_crossbars(chip->analog);
    const struct trn_analog_plan *plan = chip->analog->plan;
    double coefficient = trn_analog_coefficient(plan, 0, 0), sum = 0;

    for (size_t c = 0; c < crossbars; c++) {
        const struct trn_analog_crossbar *crossbar = &plan->crossbars[c];
        double *conductances = calloc(crossbar->n_in * columns, sizeof *conductances);

        OK(trnnsf_analog_conductances(ctx, chip->analog, c, 0, conductances));
        for (size_t i = 0; i < crossbar->n_in; i++) {
            double x = conductances[i * columns + column] * plan->value[TRN_TECH_RESISTANCE_ON];

            sum += pow((double)v[crossbar->inputs[i]], 2) * (sigma * sigma * x * x + on * on);
        }
        free(conductances);
    }
    return sum * coefficient * coefficient;
}

/* Mean, variance, kurtosis; independent of other steps and columns, but for what a shared reference
 * adds to all. Pairs, and references in the middle. */
START_TEST(noise_of_formula)
{
    struct trnnsf_spike_run_options way = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    bool is_pair = _i == 0;
    float weights[IN * OUT], inputs[IN];

    for (size_t k = 0; k < IN * OUT; k++)
        weights[k] = (float)sin((double)k * 1.7);
    for (size_t i = 0; i < IN; i++)
        inputs[i] = i % 3 == 2 ? 0 : (float)(i + 1) / IN;
    struct scene scene = make_layer(IN, OUT, weights, 1, inputs);
    trnnsf_tech *tech = make_tech(&designs[is_pair ? 0 : 2]);
    struct chip chip = {.tech = tech};
    const float *w = scene.network->layers[0].weights;

    way.steps = TIMES;
    set_value(&chip.tech, "read_sigma", 0.1);
    set_value(&chip.tech, "read_sigma_on", 0.02);
    OK(trnnsf_mapping_create(ctx, scene.network, chip.tech, NULL, &chip.mapping));
    OK(trnnsf_analog_create(ctx, scene.network, chip.mapping, chip.tech, NULL, 0, NULL,
                            &chip.analog));
    OK(trnnsf_spiking_on_chip(ctx, scene.spiking, chip.analog, 0, NULL, &way, &chip.spiking));
    ck_assert_uint_gt(trnnsf_analog_crossbars(chip.analog), 1);

    double scale = trnnsf_spiking_scale(chip.spiking, 1);
    double *currents = currents_of(chip.spiking, 1, inputs, &way);
    double reference = is_pair ? 0 : variance_of(&chip, OUT, inputs);
    for (size_t o = 0; o < OUT; o++) {
        struct moments m = moments_of(currents + o, TIMES, OUT);
        double own = is_pair
                         ? variance_of(&chip, 2 * o, inputs) + variance_of(&chip, 2 * o + 1, inputs)
                         : variance_of(&chip, o, inputs);
        double mean = 0, variance = own + reference;

        for (size_t i = 0; i < IN; i++)
            mean += (double)w[o * IN + i] * (double)inputs[i];
        ck_assert_double_eq_tol(m.mean * scale, mean, 5 * sqrt(variance / TIMES) + 1e-3);
        ck_assert_double_eq_tol(m.variance * scale * scale / variance, 1, 0.05);
        ck_assert_double_eq_tol(m.fourth, 3, 0.2);
        ck_assert_double_eq_tol(correlation(currents + o, currents + OUT + o, TIMES - 1, OUT), 0,
                                0.035);
        if (o > 0)
            ck_assert_double_eq_tol(correlation(currents, currents + o, TIMES, OUT),
                                    reference / variance, is_pair ? 0.035 : 0.15);
    }
    free(currents);
    free_chip(&chip);
    free_scene(&scene);
}
END_TEST

/* Noise hangs on chip, seed and sample, not on threads or on what else is run. */
START_TEST(noise_of_counters)
{
    struct trnnsf_spike_run_options way = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    struct trnnsf_context_options threads = TRNNSF_CONTEXT_OPTIONS_INIT;
    struct scene scene = make_scene((uint32_t)_i, 20, NULL);
    trnnsf_tech *tech = make_tech(&designs[_i]);
    trnnsf_context *three, *own = ctx;

    way.coding = (uint32_t)_i % 3;
    way.steps = STEPS;
    set_value(&tech, "read_sigma", 0.1);
    set_value(&tech, "adc_bits", 6);
    struct chip chip = make_chip(&scene, tech, designs[_i].subtraction, &way);
    trnnsf_spike_record *one = run(chip.spiking, &scene, &way), *other;

    threads.threads = 3;
    OK(trnnsf_context_create(&threads, &three));
    ctx = three;
    trnnsf_spiking *again;
    OK(trnnsf_spiking_on_chip(ctx, scene.spiking, chip.analog, SAMPLES, scene.inputs, &way,
                              &again));
    other = run(again, &scene, &way);
    assert_same(one, other, LAYERS);
    trnnsf_spike_record_free(other);
    trnnsf_spiking_free(again);
    ctx = own;
    OK(trnnsf_spiking_run(ctx, chip.spiking, 5, scene.inputs, scene.labels, &way, &other));
    ck_assert_mem_eq(trnnsf_spike_record_classes(one), trnnsf_spike_record_classes(other), 5 * 4);
    trnnsf_spike_record_free(other);
    way.seed = 9;
    other = run(chip.spiking, &scene, &way);
    ck_assert_double_ne(trnnsf_spike_record_rate(one), trnnsf_spike_record_rate(other));
    trnnsf_spike_record_free(other);
    trnnsf_spike_record_free(one);
    free_chip(&chip);
    trnnsf_context_free(three);
    free_scene(&scene);
}
END_TEST

TCase *chip_noise_case(void)
{
    TCase *tcase = tcase_create("chip noise");

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, noise_of_formula, 0, 2);
    tcase_add_loop_test(tcase, noise_of_counters, 0, 3);
    return tcase;
}
