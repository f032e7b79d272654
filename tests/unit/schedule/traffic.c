/* Synapses weighed by the spikes of their sources: what equal traffic, more of it and none of it do,
 * where it comes from, and who may give it. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "cluster/packer.h"
#include "network/network.h"
#include "schedule/cases.h"
#include "schedule/traffic.h"
#include "sim/common/activity.h"

enum { FEATURES = 36, TRAIN = 320, CLASSES = 4, INPUTS = FEATURES + 40 + 24 };

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

static trnnsf_schedule *weighing(const char *method, double weight)
{
    trnnsf_schedule *schedule = make_schedule(ctx, method, "corrected");

    set(ctx, schedule, "train.epochs", 10);
    set(ctx, schedule, "traffic.weight", weight);
    return schedule;
}

/* Of a network as make_network() makes them. */
static trnnsf_activity *make_activity(const float *rates)
{
    static const size_t sizes[] = {FEATURES, 40, 24};
    struct trnnsf_activity *activity;

    ck_assert_int_eq(trn_activity_new(ctx, 3, sizes, &activity), TRNNSF_OK);
    memcpy(activity->rate, rates, INPUTS * sizeof *rates);
    return activity;
}

static void draw_rates(uint32_t stream, float *rates)
{
    struct trn_random random;

    trn_random_init(&random, 48, TRN_RANDOM_TEST, stream);
    for (size_t i = 0; i < INPUTS; i++)
        rates[i] = trn_random_below(&random, 5) == 0 ? 0.0f : trn_random_float(&random);
}

/* The network after a whole run; rates NULL: measured. */
static trnnsf_network *run_with(trnnsf_context *context, const trnnsf_dataset *data,
                                const char *method, double weight, const float *rates)
{
    trnnsf_schedule *schedule = weighing(method, weight);
    trnnsf_network *network = make_network(context);
    trnnsf_run *run = make_run(context, network, data, schedule);

    if (rates) {
        trnnsf_activity *activity = make_activity(rates);

        ck_assert_msg(trnnsf_run_set_activity(context, run, activity) == TRNNSF_OK, "%s",
                      trnnsf_context_error(context));
        trnnsf_activity_free(activity);
    }
    ck_assert_msg(trnnsf_run_finish(context, run) == TRNNSF_OK, "%s",
                  trnnsf_context_error(context));
    trnnsf_run_free(run);
    trnnsf_schedule_free(schedule);
    return network;
}

static const char *const methods[] = {"transform", "pack"};

/* The same bits as without weighing, at any weight and any common rate, 0 and 1 included. */
START_TEST(equal_traffic_changes_nothing)
{
    static const float levels[] = {0, 0.1f, 1};
    static const double weights[] = {0.3, 1000};
    float rates[INPUTS];

    for (size_t m = 0; m < 2; m++) {
        trnnsf_network *plain = run_with(ctx, dataset, methods[m], 0, NULL);

        for (size_t level = 0; level < 3; level++) {
            for (size_t i = 0; i < INPUTS; i++)
                rates[i] = levels[level];
            trnnsf_network *equal = run_with(ctx, dataset, methods[m], weights[level % 2], rates);
            same_bits(plain, equal);
            trnnsf_network_free(equal);
        }
        trnnsf_network_free(plain);
    }
}
END_TEST

static bool same_masks(const trnnsf_network *a, const trnnsf_network *b)
{
    for (size_t l = 0; l < a->n_layers; l++) {
        const struct trn_layer *x = &a->layers[l], *y = &b->layers[l];

        for (size_t i = 0; i < x->n_out; i++) {
            for (size_t j = 0; j < x->n_in; j++) {
                if (trn_mask_get(x->mask, i, j) != trn_mask_get(y->mask, i, j))
                    return false;
            }
        }
    }
    return true;
}

START_TEST(unequal_traffic_changes_something)
{
    float rates[INPUTS];

    draw_rates(0, rates);
    for (size_t m = 0; m < 2; m++) {
        trnnsf_network *plain = run_with(ctx, dataset, methods[m], 0, NULL);
        trnnsf_network *weighed = run_with(ctx, dataset, methods[m], 20, rates);

        ck_assert(!same_masks(plain, weighed));
        trnnsf_network_free(plain);
        trnnsf_network_free(weighed);
    }
}
END_TEST

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
        trnnsf_schedule *schedule = weighing("pack", exp(trial / 10.0) - 0.99);
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
    trnnsf_schedule *schedule = weighing("transform", 3);
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

/* All synapses are equally useful, and one crossbar has room for half of them: quiet sources stay. */
START_TEST(busy_sources_go_first)
{
    enum { OUTPUTS = 4, SIDE = FEATURES / 2 };
    const struct trn_pack_pool pool = {.count = 1, .shape = {{OUTPUTS, SIDE, 1}}};
    const struct trn_pack_goal goal = {.crossbars = 1, .cost = INFINITY, .effort = 1, .seed = 1};
    trnnsf_schedule *schedule = weighing("pack", 1);
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

/* Each 32nd training sample alone. */
static trnnsf_dataset *tenth(size_t samples)
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
    trnnsf_schedule *schedule = weighing("pack", 1);
    trnnsf_network *network = make_network(ctx);

    for (size_t i = 0; i < 3; i++) {
        set(ctx, schedule, "traffic.samples", i < 2 ? (double)samples[i] : 65536);
        trnnsf_run *run = make_run(ctx, network, dataset, schedule);
        trnnsf_dataset *some = tenth(samples[i]);
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

/* Of a spiking run of the network itself: what it would measure, but for the rounding of rates to spikes. */
START_TEST(traffic_of_a_spiking_run)
{
    struct trnnsf_spike_run_options options = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    trnnsf_schedule *schedule = weighing("pack", 5);
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

START_TEST(same_bits_on_any_number_of_threads)
{
    trnnsf_context *one = make_context(1), *four = make_context(4);

    for (size_t m = 0; m < 2; m++) {
        trnnsf_network *a = run_with(one, dataset, methods[m], 10, NULL);
        trnnsf_network *b = run_with(four, dataset, methods[m], 10, NULL);

        same_bits(a, b);
        trnnsf_network_free(a);
        trnnsf_network_free(b);
    }
    trnnsf_context_free(one);
    trnnsf_context_free(four);
}
END_TEST

START_TEST(measured_traffic_is_resumed)
{
    for (size_t m = 0; m < 2; m++) {
        trnnsf_schedule *schedule = weighing(methods[m], 10);
        trnnsf_network *whole = run_with(ctx, dataset, methods[m], 10, NULL);
        trnnsf_network *pieces =
            run_in_pieces(ctx, dataset, schedule, 10, "run-traffic.safetensors");

        same_bits(whole, pieces);
        trnnsf_network_free(whole);
        trnnsf_network_free(pieces);
        trnnsf_schedule_free(schedule);
    }
}
END_TEST

/* A checkpoint has the rates, and whoever restores it need not give them again; one without them takes
 * away those that were given. */
START_TEST(given_traffic_is_resumed)
{
    const char *path = "run-rates.safetensors";
    trnnsf_schedule *schedule = weighing("pack", 10);
    trnnsf_network *network = make_network(ctx), *other = make_network(ctx), *whole;
    trnnsf_run *run = make_run(ctx, network, dataset, schedule);
    trnnsf_run *resumed = make_run(ctx, other, dataset, schedule);
    float rates[INPUTS];
    trnnsf_activity *activity;

    draw_rates(3, rates);
    activity = make_activity(rates);
    ck_assert_int_eq(trnnsf_run_set_activity(ctx, resumed, activity), TRNNSF_OK);
    if (trnnsf_run_save(ctx, run, path) == TRNNSF_OK) {
        ck_assert_int_eq(trnnsf_run_restore(ctx, resumed, path), TRNNSF_OK);
        ck_assert_ptr_null(resumed->rates);
        ck_assert_int_eq(trnnsf_run_set_activity(ctx, run, activity), TRNNSF_OK);
        for (size_t i = 0; i < 4; i++)
            ck_assert_int_eq(trnnsf_run_step(ctx, run, NULL), TRNNSF_OK);
        ck_assert_int_eq(trnnsf_run_save(ctx, run, path), TRNNSF_OK);
        ck_assert_int_eq(trnnsf_run_restore(ctx, resumed, path), TRNNSF_OK);
        ck_assert_mem_eq(resumed->rates, rates, sizeof rates);
        ck_assert_int_eq(trnnsf_run_finish(ctx, resumed), TRNNSF_OK);
        whole = run_with(ctx, dataset, "pack", 10, rates);
        same_bits(whole, other);
        trnnsf_network_free(whole);
        remove(path);
    }
    trnnsf_activity_free(activity);
    trnnsf_run_free(run);
    trnnsf_run_free(resumed);
    trnnsf_network_free(network);
    trnnsf_network_free(other);
    trnnsf_schedule_free(schedule);
}
END_TEST

START_TEST(checkpoints_with_impossible_rates)
{
    static const float wrong[] = {-0.1f, 1.5f, NAN, INFINITY};
    const char *path = "run-wrong-rates.safetensors";
    trnnsf_schedule *schedule = weighing("pack", 10);
    trnnsf_network *network = make_network(ctx);
    trnnsf_run *run = make_run(ctx, network, dataset, schedule);
    float rates[INPUTS] = {0};

    for (size_t i = 0; i < 4; i++) {
        rates[INPUTS - 1] = wrong[i];
        ck_assert_int_eq(trn_traffic_give(ctx, run, rates), TRNNSF_OK);
        if (trnnsf_run_save(ctx, run, path) == TRNNSF_OK) {
            ck_assert_int_eq(trn_traffic_give(ctx, run, NULL), TRNNSF_OK);
            ck_assert_int_eq(trnnsf_run_restore(ctx, run, path),
                             i < 2 ? TRNNSF_E_FORMAT : TRNNSF_E_NUMERIC);
            ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "run.rates"));
            ck_assert_ptr_null(run->rates);
        }
    }
    remove(path);
    trnnsf_run_free(run);
    trnnsf_network_free(network);
    trnnsf_schedule_free(schedule);
}
END_TEST

static void refuses(trnnsf_run *run, const trnnsf_activity *activity, trnnsf_status expected,
                    const char *text)
{
    ck_assert_int_eq(trnnsf_run_set_activity(ctx, run, activity), expected);
    ck_assert_msg(strstr(trnnsf_context_error(ctx), text) != NULL, "%s",
                  trnnsf_context_error(ctx));
}

START_TEST(hostile_activities)
{
    static const size_t sizes[] = {FEATURES, 40, 23};
    trnnsf_schedule *schedule = weighing("pack", 1), *none = weighing("pack", 0);
    trnnsf_network *network = make_network(ctx);
    trnnsf_run *run = make_run(ctx, network, dataset, schedule);
    trnnsf_run *without = make_run(ctx, network, dataset, none);
    trnnsf_context *elsewhere = make_context(1);
    float rates[INPUTS] = {0};
    trnnsf_activity *fits = make_activity(rates), *narrow, *shallow;

    ck_assert_int_eq(trn_activity_new(ctx, 3, sizes, &narrow), TRNNSF_OK);
    ck_assert_int_eq(trn_activity_new(ctx, 2, sizes, &shallow), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_run_set_activity(NULL, run, fits), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_run_set_activity(ctx, NULL, fits), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_run_set_activity(elsewhere, run, fits), TRNNSF_E_INVALID);
    refuses(run, narrow, TRNNSF_E_MISMATCH, "layer 2 has 23 inputs in the activity, 24");
    refuses(run, shallow, TRNNSF_E_MISMATCH, "2 layers, the network 3");
    refuses(without, fits, TRNNSF_E_STATE, "traffic.weight");
    ck_assert_ptr_null(run->rates);
    ck_assert_int_eq(trnnsf_run_set_activity(ctx, run, fits), TRNNSF_OK);
    ck_assert_ptr_nonnull(run->rates);
    ck_assert_int_eq(trnnsf_run_set_activity(ctx, run, NULL), TRNNSF_OK);
    ck_assert_ptr_null(run->rates);
    ck_assert_int_eq(trnnsf_schedule_set(ctx, schedule, "traffic.weight", -1), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_schedule_set(ctx, schedule, "traffic.weight", 1001), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_schedule_set(ctx, schedule, "traffic.samples", 0), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_schedule_set(ctx, schedule, "traffic.samples", 1.5), TRNNSF_E_INVALID);
    trnnsf_activity_free(fits);
    trnnsf_activity_free(narrow);
    trnnsf_activity_free(shallow);
    trnnsf_run_free(run);
    trnnsf_run_free(without);
    trnnsf_network_free(network);
    trnnsf_schedule_free(schedule);
    trnnsf_schedule_free(none);
    trnnsf_context_free(elsewhere);
}
END_TEST

/* Silent sources make saliences that no float holds: they become the largest one. */
START_TEST(saliences_stay_finite)
{
    trnnsf_schedule *schedule = weighing("pack", 1000);
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
    tcase_add_test(tests, equal_traffic_changes_nothing);
    tcase_add_test(tests, unequal_traffic_changes_something);
    tcase_add_test(tests, busier_is_never_preferred);
    tcase_add_test(tests, salience_for_place_and_spikes);
    tcase_add_test(tests, busy_sources_go_first);
    tcase_add_test(tests, traffic_is_the_activity);
    tcase_add_test(tests, traffic_of_a_spiking_run);
    tcase_add_test(tests, same_bits_on_any_number_of_threads);
    tcase_add_test(tests, measured_traffic_is_resumed);
    tcase_add_test(tests, given_traffic_is_resumed);
    tcase_add_test(tests, checkpoints_with_impossible_rates);
    tcase_add_test(tests, hostile_activities);
    tcase_add_test(tests, saliences_stay_finite);
    return tests;
}
