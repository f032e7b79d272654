/* Runs that train for a device: every method, keys, checkpoints. */
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "schedule/cases.h"

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

static const char *const methods[] = {"dense",     "prune", "transform",
                                      "transform", "pack",  "offline"};
static const char *const variants[] = {"corrected", "corrected", "corrected",
                                       "published", "corrected", "corrected"};
enum { METHODS = 6 };

static trnnsf_schedule *device_schedule(size_t i, const char *unipolar, double first)
{
    trnnsf_schedule *schedule = make_schedule(ctx, methods[i], variants[i]);

    set(ctx, schedule, "device.weight_levels", 15);
    set(ctx, schedule, "device.activation_bits", 6);
    set(ctx, schedule, "device.noise", 0.02);
    set(ctx, schedule, "device.uniform", 1);
    set(ctx, schedule, "device.first", first);
    set(ctx, schedule, "device.rate", 0.5);
    ck_assert_int_eq(trnnsf_schedule_set_word(ctx, schedule, "device.unipolar", unipolar),
                     TRNNSF_OK);
    return schedule;
}

/* Weights are levels at the end, also where a packed network is retrained; and it has learned. */
START_TEST(methods_learn_on_devices)
{
    trnnsf_schedule *schedule = device_schedule((size_t)_i, "none", 0.8);
    trnnsf_network *network = make_network(ctx);
    trnnsf_run *run = make_run(ctx, network, dataset, schedule);
    struct trnnsf_step step = {.struct_size = sizeof step};

    ck_assert_msg(trnnsf_run_finish(ctx, run) == TRNNSF_OK, "%s", trnnsf_context_error(ctx));
    for (size_t l = 0; l < trnnsf_network_layers(network); l++) {
        struct trnnsf_layer_device device = {.struct_size = sizeof device};
        const float *weights = trnnsf_network_weights(network, l);
        size_t n = trnnsf_network_inputs(network, l) * trnnsf_network_outputs(network, l);

        ck_assert_int_eq(trnnsf_network_device(ctx, network, l, &device), TRNNSF_OK);
        ck_assert_uint_eq(device.weight_levels, 15);
        ck_assert_uint_eq(device.input_bits, 6);
        ck_assert_double_gt(device.input_range, 0);
        for (size_t i = 0; i < n; i++) {
            double at = (double)weights[i] / device.weight_range * 7;

            ck_assert_double_eq_tol(at, floor(at + 0.5), 1e-4);
        }
    }
    ck_assert_int_eq(trnnsf_run_history(ctx, run, trnnsf_run_steps(run) - 1, &step), TRNNSF_OK);
    ck_assert_double_gt(step.validation_accuracy, 0.7);
    trnnsf_run_free(run);
    trnnsf_network_free(network);
    trnnsf_schedule_free(schedule);
}
END_TEST

/* Saved after each epoch, restored into a fresh run, continued: the same bits at the end. */
START_TEST(resumed_equals_uninterrupted)
{
    static const char *const words[] = {"output", "none", "matrix", "none", "block", "none"};
    const char *path = "run-device.safetensors";
    trnnsf_schedule *schedule = device_schedule((size_t)_i, words[_i], 0.8);
    trnnsf_network *whole = make_network(ctx), *network;
    trnnsf_run *run;
    size_t epochs = 0;

    set(ctx, schedule, "train.shift", _i % 2);
    run = make_run(ctx, whole, dataset, schedule);

    for (; !trnnsf_run_done(run); epochs++)
        ck_assert_int_eq(trnnsf_run_step(ctx, run, NULL), TRNNSF_OK);
    trnnsf_run_free(run);
    network = run_in_pieces(ctx, NULL, dataset, schedule, epochs, path);
    same_bits(whole, network);
    trnnsf_network_free(network);
    trnnsf_network_free(whole);
    trnnsf_schedule_free(schedule);
}
END_TEST

START_TEST(keys)
{
    trnnsf_schedule *schedule = make_schedule(ctx, "dense", NULL);
    trnnsf_network *network = make_network(ctx);
    trnnsf_tech *tech = make_tech(ctx);
    trnnsf_run *run = NULL;

    ck_assert_int_eq(trnnsf_schedule_set(ctx, schedule, "device.noise", 1.5), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_schedule_set(ctx, schedule, "device.uniform", 0.5), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_schedule_set(ctx, schedule, "device.weight_levels", -2),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_schedule_set_word(ctx, schedule, "device.unipolar", "both"),
                     TRNNSF_E_INVALID);
    set(ctx, schedule, "device.weight_levels", 1);
    ck_assert_int_eq(trnnsf_run_create(ctx, network, dataset, schedule, tech, 0, &run),
                     TRNNSF_E_INVALID);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "device.weight_levels 1"));
    set(ctx, schedule, "device.weight_levels", 3);
    ck_assert_int_eq(trnnsf_schedule_set_word(ctx, schedule, "method", "prune"), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_run_create(ctx, network, dataset, schedule, tech, 0, &run),
                     TRNNSF_E_INVALID);
    set(ctx, schedule, "device.first", 0.6);
    ck_assert_int_eq(trnnsf_schedule_set_word(ctx, schedule, "method", "pack"), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_run_create(ctx, network, dataset, schedule, tech, 0, &run),
                     TRNNSF_E_INVALID);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "device.first 0.6 is below"));
    trnnsf_tech_free(tech);
    trnnsf_network_free(network);
    trnnsf_schedule_free(schedule);
}
END_TEST

TCase *device_case(void)
{
    TCase *tests = tcase_create("device");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, methods_learn_on_devices, 0, METHODS);
    tcase_add_loop_test(tests, resumed_equals_uninterrupted, 0, METHODS);
    tcase_add_test(tests, keys);
    return tests;
}
