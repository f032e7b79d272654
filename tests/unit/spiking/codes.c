/* Input codes, early end, trains of single samples. */
#include <math.h>
#include <stdlib.h>

#include "spiking/common.h"

/* Spikes of each input in Bernoulli trials: mean and variance over samples of one and the same
 * input, and no two steps or inputs alike. */
START_TEST(poisson_moments)
{
    enum { N = 400, STEPS = 64 };
    struct trnnsf_spike_run_options way = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    struct scene scene = make_scene(0, 3, NULL);
    double scale = trnnsf_spiking_scale(scene.spiking, 0), mean = 0, square = 0, expected = 0;
    uint32_t *labels = calloc(N, sizeof *labels);
    float *inputs = calloc(N * scene.n_in, sizeof *inputs);
    trnnsf_spike_record *record;

    way.coding = TRNNSF_CODING_POISSON;
    way.steps = STEPS;
    way.seed = 11;
    for (size_t s = 0; s < N; s++) {
        for (size_t i = 0; i < scene.n_in; i++)
            inputs[s * scene.n_in + i] = (float)(scale * (double)(i % 8) / 8);
    }
    OK(trnnsf_spiking_run(ctx, scene.spiking, N, inputs, labels, &way, &record));
    const uint64_t *spikes = trnnsf_spike_record_spikes(record, 0, NULL);
    for (size_t i = 0; i < scene.n_in; i++) {
        double p = (double)(i % 8) / 8, sigma = sqrt(N * STEPS * p * (1 - p));
        double off = (double)spikes[i] - N * STEPS * p;

        ck_assert(fabs(off) <= 4.5 * sigma);
        mean += sigma > 0 ? off / sigma : 0;
        square += sigma > 0 ? off * off / (sigma * sigma) : 0;
        expected += sigma > 0;
    }
    ck_assert_double_lt(fabs(mean), 3 * sqrt(expected));
    ck_assert_double_lt(fabs(square / expected - 1), 4 * sqrt(2 / expected));
    trnnsf_spike_record_free(record);
    free(inputs);
    free(labels);
    free_scene(&scene);
}
END_TEST

/* Each input spikes once at most, the larger the earlier, and of a run's steps it leaves the share
 * that it is of the largest. */
START_TEST(first_spikes)
{
    struct trnnsf_spike_run_options way = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    struct scene scene = make_scene(0, 4, NULL);
    double scale = trnnsf_spiking_scale(scene.spiking, 0);
    uint8_t *trains = malloc(scene.n_in * 101);

    way.coding = TRNNSF_CODING_FIRST_SPIKE;
    way.steps = 101;
    for (size_t s = 0; s < SAMPLES; s++) {
        const float *inputs = scene.inputs + s * scene.n_in;

        OK(trnnsf_spiking_trains(ctx, scene.spiking, inputs, &way, 0, trains));
        for (size_t i = 0; i < scene.n_in; i++) {
            size_t count = 0, at = 0;

            for (size_t t = 0; t < way.steps; t++) {
                count += trains[i * way.steps + t];
                at = trains[i * way.steps + t] ? t : at;
            }
            ck_assert_uint_eq(count, inputs[i] > 0);
            if (count > 0)
                ck_assert_double_le(fabs((100.0 - (double)at) / 100 - (double)inputs[i] / scale),
                                    0.0052);
        }
    }
    free(trains);
    free_scene(&scene);
}
END_TEST

/* A run that ends early is the beginning of the whole one. */
START_TEST(patience_ends_a_sample)
{
    struct trnnsf_spike_run_options way = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    struct scene scene = make_scene(1, 8, NULL);
    trnnsf_spike_record *part;

    way.steps = 90;
    way.patience = 20;
    part = run(scene.spiking, &scene, &way);
    way.patience = 0;
    for (size_t s = 0; s < SAMPLES; s++) {
        uint32_t steps = trnnsf_spike_record_steps(part)[s], stood = 0, last = 0;

        ck_assert_uint_ge(steps, 20);
        for (uint32_t t = 1; t <= steps; t++) {
            trnnsf_spike_record *whole;

            way.steps = t;
            OK(trnnsf_spiking_run(ctx, scene.spiking, 1, scene.inputs + s * scene.n_in,
                                  scene.labels + s, &way, &whole));
            uint32_t class = trnnsf_spike_record_classes(whole)[0];
            stood = t > 1 && class == last ? stood + 1 : 1;
            last = class;
            ck_assert(t == steps || stood < 20);
            trnnsf_spike_record_free(whole);
        }
        ck_assert(stood == 20 || steps == 90);
        ck_assert_uint_eq(trnnsf_spike_record_classes(part)[s], last);
    }
    ck_assert_double_lt(trnnsf_spike_record_mean_steps(part), 90);
    trnnsf_spike_record_free(part);
    free_scene(&scene);
}
END_TEST

/* Trains of each sample add up to the record's spikes. */
START_TEST(trains_are_the_spikes)
{
    struct trnnsf_spike_run_options way = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    struct scene scene = make_scene(2, 6, NULL);
    uint8_t trains[150 * 45];

    way.steps = 45;
    way.readout = TRNNSF_READOUT_SPIKES;
    trnnsf_spike_record *record = run(scene.spiking, &scene, &way);
    double all = 0;
    for (size_t l = 0; l <= 3; l++) {
        uint64_t sums[150] = {0};
        size_t count;
        const uint64_t *spikes = trnnsf_spike_record_spikes(record, l, &count);

        for (size_t s = 0; s < SAMPLES; s++) {
            OK(trnnsf_spiking_trains(ctx, scene.spiking, scene.inputs + s * scene.n_in, &way, l,
                                     trains));
            for (size_t k = 0; k < count * way.steps; k++)
                sums[k / way.steps] += trains[k];
        }
        for (size_t i = 0; i < count; i++) {
            ck_assert_uint_eq(sums[i], spikes[i]);
            all += (double)spikes[i];
        }
    }
    ck_assert_double_gt(all, 0);
    ck_assert_double_eq_tol(trnnsf_spike_record_rate(record), all / SAMPLES, 1e-9);
    trnnsf_spike_record_free(record);
    free_scene(&scene);
}
END_TEST

TCase *codes_case(void)
{
    TCase *tcase = tcase_create("codes");

    tcase_add_test(tcase, poisson_moments);
    tcase_add_test(tcase, first_spikes);
    tcase_add_test(tcase, patience_ends_a_sample);
    tcase_add_test(tcase, trains_are_the_spikes);
    return tcase;
}
