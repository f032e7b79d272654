/* schedule/: the methods on a small problem, cancel. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include <trnnsf/trnnsf.h>

#include "base/random.h"
#include "schedule/cases.h"

enum { FEATURES = 36, CLASSES = 4, TRAIN = 320, HELD_BACK = 80 };

static trnnsf_context *ctx;
static trnnsf_dataset *dataset;
static trnnsf_tech *tech;

/* Class k lights up its quarter of the features, noisily. */
static void make_samples(uint32_t stream, size_t n, float *values, uint32_t *labels)
{
    struct trn_random random;

    trn_random_init(&random, 5, TRN_RANDOM_TEST, stream);
    for (size_t s = 0; s < n; s++) {
        labels[s] = trn_random_below(&random, CLASSES);
        for (size_t i = 0; i < FEATURES; i++) {
            float lit = i / (FEATURES / CLASSES) == labels[s] ? 0.6f : 0.1f;

            values[s * FEATURES + i] = lit + 0.4f * trn_random_float(&random);
        }
    }
}

trnnsf_context *make_context(uint32_t threads)
{
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
    trnnsf_context *made;

    options.threads = threads;
    ck_assert_int_eq(trnnsf_context_create(&options, &made), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_backend_select(made, "reference"), TRNNSF_OK);
    return made;
}

trnnsf_dataset *make_dataset(trnnsf_context *context)
{
    static float values[TRAIN * FEATURES];
    static uint32_t labels[TRAIN];
    trnnsf_dataset *made;

    ck_assert_int_eq(trnnsf_dataset_create(context, 1, 6, 6, CLASSES, &made), TRNNSF_OK);
    make_samples(0, TRAIN, values, labels);
    ck_assert_int_eq(trnnsf_dataset_set(context, made, TRNNSF_PART_TRAIN, TRAIN, values, labels),
                     TRNNSF_OK);
    make_samples(1, HELD_BACK, values, labels);
    ck_assert_int_eq(
        trnnsf_dataset_set(context, made, TRNNSF_PART_VALIDATION, HELD_BACK, values, labels),
        TRNNSF_OK);
    return made;
}

trnnsf_tech *make_tech(trnnsf_context *context)
{
    trnnsf_tech *preset, *made;

    ck_assert_int_eq(trnnsf_tech_preset(context, "resparc-45nm", &preset), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_tech_with_shapes(context, preset, "16x8", &made), TRNNSF_OK);
    trnnsf_tech_free(preset);
    return made;
}

static void setup(void)
{
    ctx = make_context(2);
    dataset = make_dataset(ctx);
    tech = make_tech(ctx);
}

static void teardown(void)
{
    trnnsf_tech_free(tech);
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
}

void set(trnnsf_context *context, trnnsf_schedule *schedule, const char *key, double value)
{
    ck_assert_msg(trnnsf_schedule_set(context, schedule, key, value) == TRNNSF_OK, "%s",
                  trnnsf_context_error(context));
}

trnnsf_schedule *make_schedule(trnnsf_context *context, const char *method, const char *variant)
{
    trnnsf_schedule *schedule;

    ck_assert_int_eq(trnnsf_schedule_create(context, method, variant, &schedule), TRNNSF_OK);
    set(context, schedule, "train.epochs", 20);
    set(context, schedule, "train.batch", 16);
    set(context, schedule, "train.hidden_dropout", 0.1);
    set(context, schedule, "network.init_scale", 0.2);
    set(context, schedule, "prune.slowdown", 20);
    set(context, schedule, "pack.distil", 0.3);
    return schedule;
}

trnnsf_network *make_network(trnnsf_context *context)
{
    const size_t sizes[] = {FEATURES, 40, 24, CLASSES};
    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;
    trnnsf_network *network;

    options.init = TRNNSF_INIT_UNIFORM;
    options.init_scale = 0.2;
    ck_assert_int_eq(trnnsf_network_create(context, sizes, 4, &options, &network), TRNNSF_OK);
    return network;
}

trnnsf_run *make_run(trnnsf_context *context, trnnsf_network *network, const trnnsf_dataset *data,
                     const trnnsf_schedule *schedule)
{
    trnnsf_tech *shape = make_tech(context);
    trnnsf_run *run;

    ck_assert_msg(trnnsf_run_create(context, network, data, schedule, shape, 0, &run) == TRNNSF_OK,
                  "%s", trnnsf_context_error(context));
    trnnsf_tech_free(shape);
    return run;
}

static double accuracy(trnnsf_network *network)
{
    struct trnnsf_evaluation result = {.struct_size = sizeof result};

    ck_assert_int_eq(trnnsf_network_evaluate(ctx, network, dataset, TRNNSF_PART_VALIDATION,
                                             TRNNSF_LOSS_SQUARED, &result),
                     TRNNSF_OK);
    return result.accuracy;
}

/* Masked weights are exactly 0, clusters fit, every step is recorded. */
static void check_network(const trnnsf_network *network)
{
    uint8_t mask[40 * FEATURES];

    for (size_t l = 0; l < trnnsf_network_layers(network); l++) {
        size_t cells = trnnsf_network_inputs(network, l) * trnnsf_network_outputs(network, l);
        const float *weights = trnnsf_network_weights(network, l);
        const trnnsf_clusters *clusters = trnnsf_network_clusters(network, l);

        ck_assert_int_eq(trnnsf_network_get_mask(ctx, network, l, mask), TRNNSF_OK);
        for (size_t i = 0; i < cells; i++)
            ck_assert(mask[i] || weights[i] == 0.0f);
        if (clusters)
            ck_assert_msg(trnnsf_clusters_check(ctx, clusters, 16, 8) == TRNNSF_OK, "%s",
                          trnnsf_context_error(ctx));
    }
}

static uint64_t last_crossbars(const trnnsf_run *run)
{
    struct trnnsf_step step = {.struct_size = sizeof step};

    ck_assert_int_eq(trnnsf_run_history(ctx, run, trnnsf_run_steps(run) - 1, &step), TRNNSF_OK);
    return step.crossbars;
}

void same_bits(const trnnsf_network *a, const trnnsf_network *b)
{
    for (size_t l = 0; l < trnnsf_network_layers(a); l++) {
        size_t n_out = trnnsf_network_outputs(a, l), cells = trnnsf_network_inputs(a, l) * n_out;

        ck_assert_mem_eq(trnnsf_network_weights(a, l), trnnsf_network_weights(b, l),
                         cells * sizeof(float));
        ck_assert_uint_eq(trnnsf_network_synapses(a, l), trnnsf_network_synapses(b, l));
        if (trnnsf_network_biases(a, l))
            ck_assert_mem_eq(trnnsf_network_biases(a, l), trnnsf_network_biases(b, l),
                             n_out * sizeof(float));
    }
}

START_TEST(methods_learn)
{
    static const char *const methods[] = {"dense", "prune", "offline", "transform", "pack"};
    uint64_t dense = 0;

    for (size_t i = 0; i < 5; i++) {
        trnnsf_network *network = make_network(ctx);
        trnnsf_schedule *schedule = make_schedule(ctx, methods[i], "corrected");
        trnnsf_run *run = make_run(ctx, network, dataset, schedule);
        struct trnnsf_step step = {.struct_size = sizeof step};

        ck_assert_msg(trnnsf_run_finish(ctx, run) == TRNNSF_OK, "%s", trnnsf_context_error(ctx));
        ck_assert_int_eq(trnnsf_run_done(run), 1);
        ck_assert_int_eq(trnnsf_run_step(ctx, run, &step), TRNNSF_E_STATE);
        ck_assert_uint_eq(trnnsf_run_steps(run), 20);
        ck_assert_double_gt(accuracy(network), 0.9);
        check_network(network);
        if (i == 0)
            dense = last_crossbars(run);
        else
            ck_assert_uint_le(last_crossbars(run), dense);
        if (i >= 3) {
            ck_assert_uint_lt(last_crossbars(run), dense / 2);
            ck_assert_ptr_nonnull(trnnsf_network_clusters(network, 0));
        }
        trnnsf_run_free(run);
        trnnsf_schedule_free(schedule);
        trnnsf_network_free(network);
    }
}
END_TEST

START_TEST(offline_of_a_pruned_network)
{
    trnnsf_network *network = make_network(ctx), *pruned;
    trnnsf_schedule *prune = make_schedule(ctx, "prune", "corrected");
    trnnsf_schedule *offline = make_schedule(ctx, "offline", "corrected");
    trnnsf_run *run = make_run(ctx, network, dataset, prune);

    ck_assert_int_eq(trnnsf_run_finish(ctx, run), TRNNSF_OK);
    trnnsf_run_free(run);
    ck_assert_int_eq(trnnsf_network_copy(ctx, network, &pruned), TRNNSF_OK);
    set(ctx, offline, "train.epochs", 0);
    run = make_run(ctx, pruned, dataset, offline);
    ck_assert_msg(trnnsf_run_finish(ctx, run) == TRNNSF_OK, "%s", trnnsf_context_error(ctx));
    ck_assert_uint_eq(trnnsf_run_steps(run), 1);
    ck_assert_int_eq(trnnsf_run_done(run), 1);
    same_bits(network, pruned);
    trnnsf_run_free(run);

    trnnsf_network *dense = make_network(ctx);
    run = make_run(ctx, dense, dataset, offline);
    ck_assert_int_eq(trnnsf_run_step(ctx, run, NULL), TRNNSF_E_STATE);
    trnnsf_run_free(run);
    set(ctx, prune, "train.epochs", 0);
    ck_assert_int_eq(trnnsf_run_create(ctx, dense, dataset, prune, tech, 0, &run),
                     TRNNSF_E_INVALID);
    trnnsf_network_free(dense);
    trnnsf_network_free(network);
    trnnsf_network_free(pruned);
    trnnsf_schedule_free(prune);
    trnnsf_schedule_free(offline);
}
END_TEST

START_TEST(budget_is_met)
{
    static const char *const methods[] = {"transform", "pack"};
    trnnsf_network *network = make_network(ctx);
    trnnsf_schedule *schedule = make_schedule(ctx, methods[_i], "corrected");

    set(ctx, schedule, "target.crossbars", 9);
    trnnsf_run *run = make_run(ctx, network, dataset, schedule);
    ck_assert_int_eq(trnnsf_run_finish(ctx, run), TRNNSF_OK);
    ck_assert_uint_le(last_crossbars(run), 9);
    trnnsf_run_free(run);
    trnnsf_schedule_free(schedule);
    trnnsf_network_free(network);
}
END_TEST

START_TEST(published_is_soft)
{
    trnnsf_network *network = make_network(ctx);
    trnnsf_schedule *schedule = make_schedule(ctx, "transform", "published");
    trnnsf_run *run = make_run(ctx, network, dataset, schedule);
    struct trnnsf_step step = {.struct_size = sizeof step};
    size_t cells = trnnsf_network_inputs(network, 0) * trnnsf_network_outputs(network, 0);

    ck_assert_int_eq(trnnsf_run_step(ctx, run, &step), TRNNSF_OK);
    /* Between epochs nothing is masked, so that what was pruned may regrow. */
    ck_assert_uint_eq(trnnsf_network_synapses(network, 0), cells);
    ck_assert_double_gt(step.sparsity, 0);
    ck_assert_int_eq(trnnsf_run_finish(ctx, run), TRNNSF_OK);
    ck_assert_uint_lt(trnnsf_network_synapses(network, 0), cells);
    trnnsf_run_free(run);
    trnnsf_schedule_free(schedule);
    trnnsf_network_free(network);
}
END_TEST

trnnsf_network *run_alone(trnnsf_context *context, const char *method, const char *variant)
{
    trnnsf_dataset *data = make_dataset(context);
    trnnsf_network *network = make_network(context);
    trnnsf_schedule *schedule = make_schedule(context, method, variant);
    trnnsf_run *run = make_run(context, network, data, schedule);

    ck_assert_int_eq(trnnsf_run_finish(context, run), TRNNSF_OK);
    trnnsf_run_free(run);
    trnnsf_schedule_free(schedule);
    trnnsf_dataset_free(data);
    return network;
}

START_TEST(threads_do_not_matter)
{
    static const char *const methods[] = {"transform", "transform", "pack"};
    static const char *const variants[] = {"corrected", "published", "corrected"};

    for (size_t i = 0; i < 3; i++) {
        trnnsf_context *one = make_context(1), *three = make_context(3);
        trnnsf_network *a = run_alone(one, methods[i], variants[i]);
        trnnsf_network *b = run_alone(three, methods[i], variants[i]);

        same_bits(a, b);
        trnnsf_network_free(a);
        trnnsf_network_free(b);
        trnnsf_context_free(one);
        trnnsf_context_free(three);
    }
}
END_TEST

static int stop_at_third(const struct trnnsf_progress *progress, void *user)
{
    int *calls = user;

    (void)progress;
    return ++*calls == 3;
}

START_TEST(cancelled_run_goes_on)
{
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
    trnnsf_context *context;
    int calls = 0;

    options.progress = stop_at_third;
    options.progress_user = &calls;
    ck_assert_int_eq(trnnsf_context_create(&options, &context), TRNNSF_OK);
    trnnsf_dataset *data = make_dataset(context);
    trnnsf_network *network = make_network(context);
    trnnsf_schedule *schedule = make_schedule(context, "transform", "corrected");
    trnnsf_run *run = make_run(context, network, data, schedule);
    ck_assert_int_eq(trnnsf_run_finish(context, run), TRNNSF_E_CANCELLED);
    ck_assert_int_eq(trnnsf_run_finish(context, run), TRNNSF_OK);
    trnnsf_run_free(run);
    trnnsf_schedule_free(schedule);
    trnnsf_network_free(network);
    trnnsf_dataset_free(data);
    trnnsf_context_free(context);
}
END_TEST

START_TEST(hostile_arguments)
{
    trnnsf_network *network = make_network(ctx);
    trnnsf_schedule *schedule = make_schedule(ctx, "dense", NULL);
    trnnsf_run *run = NULL;
    trnnsf_dataset *empty;

    ck_assert_int_eq(trnnsf_run_create(NULL, network, dataset, schedule, tech, 0, &run),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_run_create(ctx, NULL, dataset, schedule, tech, 0, &run),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_run_create(ctx, network, dataset, schedule, tech, NAN, &run),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_run_create(ctx, network, dataset, schedule, tech, 1.5, &run),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_dataset_create(ctx, 1, 6, 6, CLASSES, &empty), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_run_create(ctx, network, empty, schedule, tech, 0, &run),
                     TRNNSF_E_MISMATCH);
    trnnsf_dataset_free(empty);
    ck_assert_ptr_null(run);
    ck_assert_int_eq(trnnsf_run_step(ctx, NULL, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_run_done(NULL), 1);
    trnnsf_run_free(NULL);
    trnnsf_schedule_free(schedule);
    trnnsf_network_free(network);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("schedule");
    TCase *tests = tcase_create("schedule");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, methods_learn);
    tcase_add_test(tests, offline_of_a_pruned_network);
    tcase_add_loop_test(tests, budget_is_met, 0, 2);
    tcase_add_test(tests, published_is_soft);
    tcase_add_test(tests, threads_do_not_matter);
    tcase_add_test(tests, cancelled_run_goes_on);
    tcase_add_test(tests, hostile_arguments);
    suite_add_tcase(suite, keys_case());
    suite_add_tcase(suite, tests);
    suite_add_tcase(suite, checkpoints_case());
    suite_add_tcase(suite, device_case());
    suite_add_tcase(suite, search_case());
    suite_add_tcase(suite, search_vary_case());
    suite_add_tcase(suite, joint_case());
    suite_add_tcase(suite, reach_case());
    suite_add_tcase(suite, graph_moments_case());
    suite_add_tcase(suite, graph_reach_case());
    suite_add_tcase(suite, graph_runs_case());
    suite_add_tcase(suite, regrow_case());
    suite_add_tcase(suite, teachers_case());
    suite_add_tcase(suite, traffic_case());
    suite_add_tcase(suite, traffic_runs_case());
    suite_add_tcase(suite, widen_case());
    suite_add_tcase(suite, rollback_case());
    suite_add_tcase(suite, pack_round_case());
    suite_add_tcase(suite, pack_properties_case());
    suite_add_tcase(suite, pack_interrupted_case());

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
