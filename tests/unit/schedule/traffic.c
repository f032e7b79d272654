/* What synapses cost for the spikes of their sources: the definition, its properties, and where the
 * rates come from. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "cluster/packer.h"
#include "schedule/traffic.h"
#include "schedule/traffic_cases.h"

static trnnsf_context *ctx;
static trnnsf_dataset *dataset;

static void setup(void)
{
    ctx = make_context(2);
    dataset = make_dataset(ctx);
}

static void teardown(void)
{
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
}

trnnsf_schedule *weighing(trnnsf_context *context, const char *method, double weight)
{
    trnnsf_schedule *schedule = make_schedule(context, method, "corrected");

    set(context, schedule, "train.epochs", WEIGHED_EPOCHS);
    set(context, schedule, "traffic.weight", weight);
    return schedule;
}

void draw_rates(uint32_t stream, float *rates)
{
    struct trn_random random;

    trn_random_init(&random, 48, TRN_RANDOM_TEST, stream);
    for (size_t i = 0; i < INPUTS; i++)
        rates[i] = trn_random_below(&random, 5) == 0 ? 0.0f : trn_random_float(&random);
}

/* What the first layer's synapses, all of salience 1, are worth; worth[FEATURES]. */
static void weigh_sources(trnnsf_run *run, float *rates, float *worth)
{
    size_t row_start[] = {0, FEATURES};
    uint32_t column[FEATURES];
    struct trnnsf_matrix row = {.n_rows = 1,
                                .n_columns = FEATURES,
                                .row_start = row_start,
                                .column = column,
                                .value = worth};
    struct trn_traffic traffic;

    for (uint32_t j = 0; j < FEATURES; j++) {
        column[j] = j;
        worth[j] = 1;
    }
    ck_assert_int_eq(trn_traffic_give(ctx, run, rates), TRNNSF_OK);
    ck_assert_int_eq(trn_traffic_measure(ctx, run, &traffic), TRNNSF_OK);
    trn_traffic_charge(&traffic, 0, &row);
    trn_traffic_free(ctx, &traffic);
}

/* Twice the spikes never raise what a source's synapses are worth beside any other's. */
START_TEST(busier_is_never_preferred)
{
    trnnsf_network *network = make_network(ctx);

    for (uint32_t trial = 0; trial < 60; trial++) {
        trnnsf_schedule *schedule = weighing(ctx, "pack", exp(trial / 10.0) - 0.99);
        trnnsf_run *run = make_run(ctx, network, dataset, schedule);
        float rates[INPUTS], before[FEATURES], after[FEATURES];
        size_t source = trial % FEATURES;

        draw_rates(trial, rates);
        rates[source] /= 2;
        weigh_sources(run, rates, before);
        rates[source] *= 2;
        weigh_sources(run, rates, after);
        for (size_t j = 0; j < FEATURES; j++) {
            double was = (double)before[source] / (double)before[j];
            double is = (double)after[source] / (double)after[j];

            ck_assert_double_le(is, was * (1 + 1e-6));
            ck_assert(isfinite(is) && after[j] > 0);
            ck_assert((rates[j] < rates[source]) <= (after[j] >= after[source]));
        }
        trnnsf_run_free(run);
        trnnsf_schedule_free(schedule);
    }
    trnnsf_network_free(network);
}
END_TEST

/* The definition, written down once more. */
START_TEST(salience_for_place_and_spikes)
{
    trnnsf_schedule *schedule = weighing(ctx, "transform", 3);
    trnnsf_network *network = make_network(ctx);
    trnnsf_run *run = make_run(ctx, network, dataset, schedule);
    float rates[INPUTS], worth[FEATURES];
    double mean = 0;

    draw_rates(7, rates);
    for (size_t j = 0; j < FEATURES; j++)
        mean += (double)rates[j] / FEATURES;
    weigh_sources(run, rates, worth);
    for (size_t j = 0; j < FEATURES; j++)
        ck_assert_double_eq_tol((double)worth[j], 4 / (1 + 3 * (double)rates[j] / mean), 1e-6);
    trnnsf_run_free(run);
    trnnsf_network_free(network);
    trnnsf_schedule_free(schedule);
}
END_TEST

/* All synapses are equally useful, and one crossbar has room for half of them: the quiet ones. */
START_TEST(busy_sources_go_first)
{
    enum { OUTPUTS = 4, SIDE = FEATURES / 2 };
    const struct trn_pack_pool pool = {.count = 1, .shape = {{OUTPUTS, SIDE, 1}}};
    const struct trn_pack_goal goal = {.crossbars = 1, .cost = INFINITY, .effort = 1, .seed = 1};
    trnnsf_schedule *schedule = weighing(ctx, "pack", 1);
    trnnsf_network *network = make_network(ctx);
    trnnsf_run *run = make_run(ctx, network, dataset, schedule);
    float rates[INPUTS] = {0}, value[OUTPUTS * FEATURES], worth[FEATURES];
    size_t row_start[OUTPUTS + 1] = {0};
    uint32_t column[OUTPUTS * FEATURES];
    struct trnnsf_matrix matrix = {.ctx = ctx,
                                   .n_rows = OUTPUTS,
                                   .n_columns = FEATURES,
                                   .row_start = row_start,
                                   .column = column,
                                   .value = value};
    struct trnnsf_clusters *clusters;

    for (size_t j = 0; j < FEATURES; j++)
        rates[j] = j % 2 == 0 ? 0.2f : 0.1f;
    weigh_sources(run, rates, worth);
    for (size_t e = 0; e < OUTPUTS * FEATURES; e++) {
        column[e] = (uint32_t)(e % FEATURES);
        value[e] = worth[e % FEATURES];
        row_start[e / FEATURES + 1] = e + 1;
    }
    ck_assert_int_eq(trn_pack(ctx, &matrix, &pool, &goal, &clusters), TRNNSF_OK);
    ck_assert_uint_eq(trn_clusters_count(clusters), 1);
    ck_assert_uint_eq(clusters->blocks->column_start[1], SIDE);
    for (size_t c = 0; c < SIDE; c++)
        ck_assert_uint_eq(clusters->blocks->column[c] % 2, 1);
    trn_clusters_free(clusters);
    trnnsf_run_free(run);
    trnnsf_network_free(network);
    trnnsf_schedule_free(schedule);
}
END_TEST

/* Training samples spread evenly, alone. */
static trnnsf_dataset *some_of(size_t samples)
{
    static float values[TRAIN * FEATURES];
    static uint32_t labels[TRAIN];
    size_t stride = TRAIN / samples;
    trnnsf_dataset *made;

    for (size_t s = 0; s < samples; s++) {
        memcpy(values + s * FEATURES,
               trnnsf_dataset_values(dataset, TRNNSF_PART_TRAIN) + s * stride * FEATURES,
               FEATURES * sizeof *values);
        labels[s] = 0;
    }
    ck_assert_int_eq(trnnsf_dataset_create(ctx, 1, 6, 6, CLASSES, &made), TRNNSF_OK);
    ck_assert_int_eq(
        trnnsf_dataset_set(ctx, made, TRNNSF_PART_TRAIN, samples, values, labels), TRNNSF_OK);
    return made;
}

/* Measured: what trnnsf_activity_measure() says of the samples looked at. */
START_TEST(traffic_is_the_activity)
{
    static const size_t samples[] = {1, 10, TRAIN};
    trnnsf_schedule *schedule = weighing(ctx, "pack", 1);
    trnnsf_network *network = make_network(ctx);

    for (size_t i = 0; i < 3; i++) {
        set(ctx, schedule, "traffic.samples", i < 2 ? (double)samples[i] : 65536);
        trnnsf_run *run = make_run(ctx, network, dataset, schedule);
        trnnsf_dataset *some = some_of(samples[i]);
        trnnsf_activity *activity;
        struct trn_traffic traffic;

        ck_assert_int_eq(trn_traffic_measure(ctx, run, &traffic), TRNNSF_OK);
        ck_assert_int_eq(
            trnnsf_activity_measure(ctx, network, some, TRNNSF_PART_TRAIN, &activity), TRNNSF_OK);
        for (size_t l = 0; l < 3; l++) {
            size_t count;
            const float *rate = trnnsf_activity_rate(activity, l, &count);
            double mean = 0;

            for (size_t j = 0; j < count; j++)
                mean += (double)rate[j] / (double)count;
            for (size_t j = 0; j < count; j++)
                ck_assert_double_eq_tol(traffic.price[traffic.first[l] + j],
                                        (1 + (double)rate[j] / mean) / 2, 1e-12);
        }
        trn_traffic_free(ctx, &traffic);
        trnnsf_activity_free(activity);
        trnnsf_dataset_free(some);
        trnnsf_run_free(run);
    }
    trnnsf_network_free(network);
    trnnsf_schedule_free(schedule);
}
END_TEST

/* Of a spiking run of the network itself: what it would measure, but for rates being rounded to
 * spikes. */
START_TEST(traffic_of_a_spiking_run)
{
    struct trnnsf_spike_run_options options = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    trnnsf_schedule *schedule = weighing(ctx, "pack", 5);
    trnnsf_network *network = make_network(ctx);
    trnnsf_run *run = make_run(ctx, network, dataset, schedule);
    trnnsf_spiking *spiking;
    trnnsf_spike_record *record;
    trnnsf_activity *activity;
    struct trn_traffic spikes, activations;

    options.steps = 512;
    ck_assert_int_eq(trnnsf_spiking_convert(ctx, network, dataset, NULL, &spiking), TRNNSF_OK);
    ck_assert_int_eq(
        trnnsf_spiking_evaluate(ctx, spiking, dataset, TRNNSF_PART_TRAIN, &options, &record),
        TRNNSF_OK);
    ck_assert_int_eq(trnnsf_spike_record_activity(ctx, record, &activity), TRNNSF_OK);
    ck_assert_int_eq(trn_traffic_measure(ctx, run, &activations), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_run_set_activity(ctx, run, activity), TRNNSF_OK);
    ck_assert_int_eq(trn_traffic_measure(ctx, run, &spikes), TRNNSF_OK);
    for (size_t i = 0; i < INPUTS; i++)
        ck_assert_double_eq_tol(spikes.price[i], activations.price[i], 0.02);
    ck_assert_int_eq(trnnsf_run_finish(ctx, run), TRNNSF_OK);
    trn_traffic_free(ctx, &spikes);
    trn_traffic_free(ctx, &activations);
    trnnsf_activity_free(activity);
    trnnsf_spike_record_free(record);
    trnnsf_spiking_free(spiking);
    trnnsf_run_free(run);
    trnnsf_network_free(network);
    trnnsf_schedule_free(schedule);
}
END_TEST

/* Silent sources make saliences that no float holds: they become the largest one. */
START_TEST(saliences_stay_finite)
{
    trnnsf_schedule *schedule = weighing(ctx, "pack", 1000);
    trnnsf_network *network = make_network(ctx);
    trnnsf_run *run = make_run(ctx, network, dataset, schedule);
    float rates[INPUTS] = {0}, value[] = {FLT_MAX, FLT_MAX, 0};
    size_t row_start[] = {0, 3};
    uint32_t column[] = {0, 1, 2};
    struct trnnsf_matrix row = {.n_rows = 1,
                                .n_columns = FEATURES,
                                .row_start = row_start,
                                .column = column,
                                .value = value};
    struct trn_traffic traffic;

    rates[1] = 1;
    ck_assert_int_eq(trn_traffic_give(ctx, run, rates), TRNNSF_OK);
    ck_assert_int_eq(trn_traffic_measure(ctx, run, &traffic), TRNNSF_OK);
    trn_traffic_charge(&traffic, 0, &row);
    ck_assert_float_eq(value[0], FLT_MAX);
    ck_assert(value[1] > 0 && value[1] < FLT_MAX / 30);
    ck_assert_float_eq(value[2], 0);
    trn_traffic_free(ctx, &traffic);
    trnnsf_run_free(run);
    trnnsf_network_free(network);
    trnnsf_schedule_free(schedule);
}
END_TEST

TCase *traffic_case(void)
{
    TCase *tests = tcase_create("traffic");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, busier_is_never_preferred);
    tcase_add_test(tests, salience_for_place_and_spikes);
    tcase_add_test(tests, busy_sources_go_first);
    tcase_add_test(tests, traffic_is_the_activity);
    tcase_add_test(tests, traffic_of_a_spiking_run);
    tcase_add_test(tests, saliences_stay_finite);
    return tests;
}
