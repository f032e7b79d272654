/* Whole runs that weigh synapses by the spikes of their sources: what equal traffic and other traffic
 * do to networks, threads, checkpoints, and who may give it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "network/network.h"
#include "schedule/traffic.h"
#include "schedule/traffic_cases.h"
#include "sim/common/activity.h"

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

/* Of a network as make_network() makes them. */
static trnnsf_activity *make_activity(const float *rates)
{
    static const size_t sizes[] = {FEATURES, 40, 24};
    struct trnnsf_activity *activity;

    ck_assert_int_eq(trn_activity_new(ctx, 3, sizes, &activity), TRNNSF_OK);
    memcpy(activity->rate, rates, INPUTS * sizeof *rates);
    return activity;
}

/* The network after a whole run; rates NULL: measured. */
static trnnsf_network *run_with(trnnsf_context *context, const trnnsf_dataset *data,
                                const char *method, double weight, const float *rates)
{
    trnnsf_schedule *schedule = weighing(context, method, weight);
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
        trnnsf_schedule *schedule = weighing(ctx, methods[m], 10);
        trnnsf_network *whole = run_with(ctx, dataset, methods[m], 10, NULL);
        trnnsf_network *pieces =
            run_in_pieces(ctx, NULL, dataset, schedule, WEIGHED_EPOCHS, "run-traffic.safetensors");

        same_bits(whole, pieces);
        trnnsf_network_free(whole);
        trnnsf_network_free(pieces);
        trnnsf_schedule_free(schedule);
    }
}
END_TEST

/* A checkpoint has the rates, and whoever restores it need not give them again; one without them
 * takes away those that were given. */
START_TEST(given_traffic_is_resumed)
{
    const char *path = "run-rates.safetensors";
    trnnsf_schedule *schedule = weighing(ctx, "pack", 10);
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
    trnnsf_schedule *schedule = weighing(ctx, "pack", 10);
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
    trnnsf_schedule *schedule = weighing(ctx, "pack", 1), *none = weighing(ctx, "pack", 0);
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

TCase *traffic_runs_case(void)
{
    TCase *tests = tcase_create("traffic runs");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, equal_traffic_changes_nothing);
    tcase_add_test(tests, unequal_traffic_changes_something);
    tcase_add_test(tests, same_bits_on_any_number_of_threads);
    tcase_add_test(tests, measured_traffic_is_resumed);
    tcase_add_test(tests, given_traffic_is_resumed);
    tcase_add_test(tests, checkpoints_with_impossible_rates);
    tcase_add_test(tests, hostile_activities);
    return tests;
}
