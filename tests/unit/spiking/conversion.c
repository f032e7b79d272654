/* Scales, rates against activations, activity and cost. */
#include <math.h>
#include <stdlib.h>

#include "network/network.h"
#include "spiking/common.h"

/* Activations [n_out] of the first `layers` layers, in double precision. */
static void forward(const trnnsf_network *network, size_t layers, const float *inputs, double *out)
{
    double x[150], y[150];

    for (size_t i = 0; i < network->layers[0].n_in; i++)
        x[i] = (double)inputs[i];
    for (size_t l = 0; l < layers; l++) {
        const struct trn_layer *layer = &network->layers[l];

        for (size_t o = 0; o < layer->n_out; o++) {
            y[o] = layer->biases ? (double)layer->biases[o] : 0;
            for (size_t i = 0; i < layer->n_in; i++)
                y[o] += (double)layer->weights[o * layer->n_in + i] * x[i];
        }
        for (size_t o = 0; o < layer->n_out; o++)
            x[o] = y[o] > 0 || l + 1 == network->n_layers ? y[o] : 0;
    }
    for (size_t o = 0; o < network->layers[layers - 1].n_out; o++)
        out[o] = x[o];
}

START_TEST(scales_are_the_largest)
{
    struct trnnsf_spiking_options options = TRNNSF_SPIKING_OPTIONS_INIT;
    double values[150];

    options.percentile = 100;
    struct scene scene = make_scene((uint32_t)_i, 21, &options);
    ck_assert_uint_eq(trnnsf_spiking_layers(scene.spiking), 3);
    for (size_t l = 0; l <= 3; l++) {
        double most = 0;

        for (size_t s = 0; s < SAMPLES; s++) {
            const float *inputs = scene.inputs + s * scene.n_in;

            for (size_t i = 0; l == 0 && i < scene.n_in; i++)
                most = fmax(most, (double)fabsf(inputs[i]));
            if (l > 0)
                forward(scene.network, l, inputs, values);
            for (size_t o = 0; l > 0 && o < scene.network->layers[l - 1].n_out; o++)
                most = fmax(most, values[o]);
        }
        ck_assert_double_eq_tol(trnnsf_spiking_scale(scene.spiking, l), most > 0 ? most : 1,
                                1e-5 * (1 + most));
    }
    ck_assert(isnan(trnnsf_spiking_scale(scene.spiking, 4)));
    free_scene(&scene);
}
END_TEST

/* Constant currents, nothing above the scale, reset by subtraction: the first layer's spikes are
 * the charge to within one, so rates are activations to within one spike of the run. */
START_TEST(rates_are_activations)
{
    struct trnnsf_spiking_options options = TRNNSF_SPIKING_OPTIONS_INIT;
    struct trnnsf_spike_run_options way = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    uint8_t *trains = malloc(150 * 400);
    double values[150];

    options.percentile = 100;
    way.steps = 400;
    struct scene scene = make_scene(0, 33, &options);
    for (size_t s = 0; s < SAMPLES; s++) {
        const float *inputs = scene.inputs + s * scene.n_in;

        forward(scene.network, 1, inputs, values);
        OK(trnnsf_spiking_trains(ctx, scene.spiking, inputs, &way, 1, trains));
        for (size_t o = 0; o < 150; o++) {
            double spikes = 0;

            for (size_t t = 0; t < way.steps; t++)
                spikes += trains[o * way.steps + t];
            double exact = values[o] / trnnsf_spiking_scale(scene.spiking, 1) * way.steps;
            ck_assert_double_le(fabs(spikes - exact), 0.5 + 0.15);
        }
    }
    free(trains);
    free_scene(&scene);
}
END_TEST

/* The report of rates: what trains and activations give by themselves. */
START_TEST(compares)
{
    struct trnnsf_spike_run_options way = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    struct trnnsf_rate_report reports[2] = {{.struct_size = sizeof reports[0]},
                                            {.struct_size = sizeof reports[0]}};
    struct scene scene = make_scene(1, 40, NULL);
    uint8_t trains[150 * 30];
    double values[150];

    way.steps = 30;
    OK(trnnsf_spiking_compare(ctx, scene.spiking, scene.network, SAMPLES, scene.inputs, &way,
                              reports));
    for (size_t l = 1; l < 3; l++) {
        size_t n = scene.network->layers[l].n_in;
        double rates = 0, activations = 0, square = 0, clipped = 0;

        for (size_t s = 0; s < SAMPLES; s++) {
            const float *inputs = scene.inputs + s * scene.n_in;

            forward(scene.network, l, inputs, values);
            OK(trnnsf_spiking_trains(ctx, scene.spiking, inputs, &way, l, trains));
            for (size_t i = 0; i < n; i++) {
                double rate = 0, a = values[i] / trnnsf_spiking_scale(scene.spiking, l);

                for (size_t t = 0; t < way.steps; t++)
                    rate += trains[i * way.steps + t] / (double)way.steps;
                rates += rate;
                activations += a;
                clipped += a > 1;
                square += (rate - fmin(a, 1)) * (rate - fmin(a, 1));
            }
        }
        n *= SAMPLES;
        ck_assert_double_eq_tol(reports[l - 1].rate, rates / (double)n, 1e-9);
        ck_assert_double_eq_tol(reports[l - 1].activation, activations / (double)n, 1e-5);
        ck_assert_double_eq_tol(reports[l - 1].error, sqrt(square / (double)n), 1e-5);
        ck_assert_double_eq_tol(reports[l - 1].clipped, clipped / (double)n, 1e-3);
        ck_assert(reports[l - 1].correlation > 0.5 && reports[l - 1].correlation <= 1);
        ck_assert(reports[l - 1].silent >= 0 && reports[l - 1].silent < 1);
        ck_assert_double_le(fabs(reports[l - 1].bias), reports[l - 1].error);
    }
    free_scene(&scene);
}
END_TEST

/* Thresholds from currents: no neuron meets more than its threshold on the samples that set it. */
START_TEST(balanced_by_currents)
{
    struct trnnsf_spiking_options options = TRNNSF_SPIKING_OPTIONS_INIT;
    struct trnnsf_spike_run_options way = TRNNSF_SPIKE_RUN_OPTIONS_INIT;

    options.percentile = 100;
    options.balance = TRNNSF_BALANCE_CURRENTS;
    way.steps = 64;
    struct scene scene = make_scene(0, 50, &options);
    options.balance = TRNNSF_BALANCE_ACTIVATIONS;
    struct scene other = make_scene(0, 50, &options);
    /* The first layer's currents are its activations; later ones come in bursts. */
    ck_assert_double_eq_tol(trnnsf_spiking_scale(scene.spiking, 1),
                            trnnsf_spiking_scale(other.spiking, 1), 1e-3);
    ck_assert_double_gt(trnnsf_spiking_scale(scene.spiking, 2),
                        trnnsf_spiking_scale(other.spiking, 2));
    trnnsf_spike_record *record = run(scene.spiking, &scene, &way);
    size_t count;
    const uint64_t *spikes = trnnsf_spike_record_spikes(record, 2, &count);
    for (size_t i = 0; i < count; i++)
        ck_assert_uint_le(spikes[i], SAMPLES * way.steps);
    trnnsf_spike_record_free(record);
    free_scene(&other);
    free_scene(&scene);
}
END_TEST

/* What a cost is computed from is what was counted. */
START_TEST(activity_is_what_was_met)
{
    struct trnnsf_spike_run_options way = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    struct scene scene = make_scene(0, 60, NULL);
    double scale = trnnsf_spiking_scale(scene.spiking, 0);
    trnnsf_activity *activity;

    way.steps = 50;
    way.coding = (uint32_t)_i;
    trnnsf_spike_record *record = run(scene.spiking, &scene, &way);
    OK(trnnsf_spike_record_activity(ctx, record, &activity));
    for (size_t l = 0; l < 3; l++) {
        size_t count;
        const float *rate = trnnsf_activity_rate(activity, l, &count);
        const uint64_t *spikes = trnnsf_spike_record_spikes(record, l, NULL);

        for (size_t i = 0; i < count; i++) {
            double met = (double)spikes[i] / (50.0 * SAMPLES), some = 0;

            for (size_t s = 0; l == 0 && way.coding == TRNNSF_CODING_CURRENT && s < SAMPLES; s++) {
                met += (double)scene.inputs[s * scene.n_in + i] / scale / SAMPLES;
                some += (double)scene.inputs[s * scene.n_in + i] / scale * 4096 > 0.5;
            }
            ck_assert_double_eq_tol((double)rate[i], met, 2e-4);
            float nonzero = trnnsf_activity_nonzero(activity, l, NULL)[i];
            ck_assert((nonzero > 0) == (met > 0));
            if (some > 0)
                ck_assert_double_eq_tol((double)nonzero, some / SAMPLES, 1e-6);
        }
    }
    trnnsf_activity_free(activity);
    trnnsf_spike_record_free(record);
    free_scene(&scene);
}
END_TEST

TCase *conversion_case(void)
{
    TCase *tcase = tcase_create("conversion");

    tcase_add_loop_test(tcase, scales_are_the_largest, 0, KINDS);
    tcase_add_test(tcase, rates_are_activations);
    tcase_add_test(tcase, compares);
    tcase_add_test(tcase, balanced_by_currents);
    tcase_add_loop_test(tcase, activity_is_what_was_met, 0, 3);
    return tcase;
}
