/* Search: trials bisect, the floor decides, the cheapest that met it is kept. */
#include <stdlib.h>

#include "schedule/cases.h"

static trnnsf_context *ctx;
static trnnsf_dataset *dataset;
static trnnsf_tech *tech;
static trnnsf_schedule *schedule;
static trnnsf_network *dense;

static void setup(void)
{
    ctx = make_context(2);
    dataset = make_dataset(ctx);
    tech = make_tech(ctx);
    schedule = make_schedule(ctx, "dense", "corrected");
    dense = make_network(ctx);

    trnnsf_run *run = make_run(ctx, dense, dataset, schedule);
    ck_assert_int_eq(trnnsf_run_finish(ctx, run), TRNNSF_OK);
    trnnsf_run_free(run);
}

static void teardown(void)
{
    trnnsf_network_free(dense);
    trnnsf_schedule_free(schedule);
    trnnsf_tech_free(tech);
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
}

static trnnsf_search *make_search(double floor, uint32_t trials)
{
    trnnsf_search *search;

    ck_assert_msg(trnnsf_search_create(ctx, dense, dataset, schedule, tech, floor, trials,
                                       &search) == TRNNSF_OK,
                  "%s", trnnsf_context_error(ctx));
    return search;
}

static double validate(const trnnsf_network *network)
{
    struct trnnsf_evaluation result = {.struct_size = sizeof result};

    ck_assert_int_eq(trnnsf_network_evaluate(ctx, network, dataset, TRNNSF_PART_VALIDATION,
                                             TRNNSF_LOSS_SQUARED, &result),
                     TRNNSF_OK);
    return result.accuracy;
}

/* Every trial obeys its budget, `met` is what it says, and budgets stay between those known. */
static void check_trials(const trnnsf_search *search, double floor)
{
    uint64_t failed = 0, met = UINT64_MAX;

    for (size_t i = 0; i < trnnsf_search_trials(search); i++) {
        struct trnnsf_trial trial = {.struct_size = sizeof trial};

        ck_assert_int_eq(trnnsf_search_trial(ctx, search, i, &trial), TRNNSF_OK);
        ck_assert_uint_le(trial.crossbars, trial.budget);
        ck_assert_uint_eq(trial.met, trial.validation_accuracy >= floor);
        ck_assert_uint_gt(trial.budget, failed);
        ck_assert_uint_lt(trial.budget, met);
        if (trial.met)
            met = trial.budget;
        else
            failed = trial.budget;
    }
    if (met == UINT64_MAX) {
        ck_assert_ptr_null(trnnsf_search_network(search));
        ck_assert_ptr_null(trnnsf_search_run(search));
        return;
    }
    ck_assert_double_ge(validate(trnnsf_search_network(search)), floor);
    ck_assert_ptr_nonnull(trnnsf_search_run(search));
}

START_TEST(finds_the_fewest)
{
    /* None is too low a floor, all too high a one. */
    static const double floors[] = {0, 0.9, 1};
    uint64_t last = 0;

    for (size_t i = 0; i < 3; i++) {
        trnnsf_search *search = make_search(floors[i], 12);
        struct trnnsf_trial trial = {.struct_size = sizeof trial};
        size_t steps = 0;

        while (!trnnsf_search_done(search)) {
            ck_assert_msg(trnnsf_search_step(ctx, search, &trial) == TRNNSF_OK, "%s",
                          trnnsf_context_error(ctx));
            ck_assert_uint_eq(trnnsf_search_trials(search), ++steps);
        }
        ck_assert_int_eq(trnnsf_search_step(ctx, search, &trial), TRNNSF_E_STATE);
        check_trials(search, floors[i]);
        if (i == 0)
            ck_assert_uint_eq(trial.budget, 3); /* one a layer */
        if (trnnsf_search_network(search)) {
            struct trnnsf_step step = {.struct_size = sizeof step};
            const trnnsf_run *run = trnnsf_search_run(search);

            ck_assert_int_eq(trnnsf_run_history(ctx, run, trnnsf_run_steps(run) - 1, &step),
                             TRNNSF_OK);
            ck_assert_uint_ge(step.crossbars, last);
            last = step.crossbars;
        }
        trnnsf_search_free(search);
    }
}
END_TEST

START_TEST(does_not_touch_the_start)
{
    trnnsf_network *before;
    trnnsf_search *a = make_search(0.9, 1), *b = make_search(0.9, 1);

    ck_assert_int_eq(trnnsf_network_copy(ctx, dense, &before), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_search_step(ctx, a, NULL), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_search_step(ctx, b, NULL), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_search_done(a), 1);
    same_bits(dense, before);
    ck_assert_ptr_nonnull(trnnsf_search_network(a));
    same_bits(trnnsf_search_network(a), trnnsf_search_network(b));
    trnnsf_search_free(a);
    trnnsf_search_free(b);
    trnnsf_network_free(before);
}
END_TEST

static int stop_in_an_epoch(const struct trnnsf_progress *progress, void *user)
{
    int *left = user;

    (void)progress;
    return --*left == 0;
}

START_TEST(cancelled_and_gone_on)
{
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
    trnnsf_context *context;
    int left = 100;

    options.progress = stop_in_an_epoch;
    options.progress_user = &left;
    ck_assert_int_eq(trnnsf_context_create(&options, &context), TRNNSF_OK);
    trnnsf_dataset *data = make_dataset(context);
    trnnsf_network *network = make_network(context);
    trnnsf_search *search;
    ck_assert_int_eq(
        trnnsf_search_create(context, network, data, schedule, tech, 0, 1, &search), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_search_step(context, search, NULL), TRNNSF_E_CANCELLED);
    ck_assert_uint_eq(trnnsf_search_trials(search), 0);
    ck_assert_ptr_null(trnnsf_search_network(search));
    ck_assert_int_eq(trnnsf_search_step(context, search, NULL), TRNNSF_OK);
    ck_assert_ptr_nonnull(trnnsf_search_network(search));
    trnnsf_search_free(search);
    trnnsf_network_free(network);
    trnnsf_dataset_free(data);
    trnnsf_context_free(context);
}
END_TEST

START_TEST(hostile_arguments)
{
    struct trnnsf_trial trial = {.struct_size = sizeof trial};
    trnnsf_search *search = NULL;

    ck_assert_int_eq(trnnsf_search_create(NULL, dense, dataset, schedule, tech, 0, 1, &search),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_search_create(ctx, NULL, dataset, schedule, tech, 0, 1, &search),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_search_create(ctx, dense, dataset, schedule, tech, 1.5, 1, &search),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_search_create(ctx, dense, dataset, schedule, tech, 0, 0, &search),
                     TRNNSF_E_INVALID);
    ck_assert_ptr_null(search);
    ck_assert_int_eq(trnnsf_search_step(ctx, NULL, &trial), TRNNSF_E_INVALID);
    search = make_search(0.5, 1);
    ck_assert_int_eq(trnnsf_search_trial(ctx, search, 0, &trial), TRNNSF_E_INVALID);
    trial.struct_size = 3;
    ck_assert_int_eq(trnnsf_search_step(ctx, search, &trial), TRNNSF_E_INVALID);
    ck_assert_uint_eq(trnnsf_search_trials(search), 0);
    ck_assert_int_eq(trnnsf_search_done(NULL), 1);
    ck_assert_uint_eq(trnnsf_search_trials(NULL), 0);
    ck_assert_ptr_null(trnnsf_search_run(NULL));
    ck_assert_ptr_null(trnnsf_search_network(NULL));
    trnnsf_search_free(search);
    trnnsf_search_free(NULL);
}
END_TEST

TCase *search_case(void)
{
    TCase *tests = tcase_create("search");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, finds_the_fewest);
    tcase_add_test(tests, does_not_touch_the_start);
    tcase_add_test(tests, cancelled_and_gone_on);
    tcase_add_test(tests, hostile_arguments);
    return tests;
}
