/* Rollback: a run with a floor of accuracy ends in a packed network that kept it. */
#include <stdio.h>
#include <string.h>

#include "network/network.h"
#include "schedule/cases.h"
#include "schedule/rollback.h"

enum { DENSE_EPOCHS = 12, PACK_EPOCHS = 14, PATIENCE = 2 };
static const double loss_points = 4;

static trnnsf_context *ctx;
static trnnsf_dataset *dataset;
static trnnsf_tech *tech;
static trnnsf_schedule *schedule;
static trnnsf_network *network;
static double reference;

static void setup(void)
{
    trnnsf_schedule *dense;
    struct trnnsf_step last = {.struct_size = sizeof last};
    trnnsf_run *run;

    ctx = make_context(1);
    dataset = make_dataset(ctx);
    tech = make_tech(ctx);
    network = make_network(ctx);
    dense = make_schedule(ctx, "dense", "corrected");
    set(ctx, dense, "train.epochs", DENSE_EPOCHS);
    run = make_run(ctx, network, dataset, dense);
    ck_assert_int_eq(trnnsf_run_finish(ctx, run), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_run_history(ctx, run, DENSE_EPOCHS - 1, &last), TRNNSF_OK);
    reference = last.validation_accuracy;
    ck_assert_double_gt(reference, 0.8);
    trnnsf_run_free(run);
    trnnsf_schedule_free(dense);
    schedule = make_schedule(ctx, "pack", "corrected");
    set(ctx, schedule, "train.epochs", PACK_EPOCHS);
    set(ctx, schedule, "cluster.first", 0);
    set(ctx, schedule, "cluster.until", 0.9);
    set(ctx, schedule, "target.crossbars", 1); /* three are reached long before the end */
    set(ctx, schedule, "target.loss", loss_points);
    set(ctx, schedule, "pack.patience", PATIENCE);
    set(ctx, schedule, "pack.rate", 1e-5); /* too low to recover */
}

static void teardown(void)
{
    trnnsf_schedule_free(schedule);
    trnnsf_network_free(network);
    trnnsf_tech_free(tech);
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
}

static trnnsf_run *begin(trnnsf_network *begun)
{
    trnnsf_run *run;

    ck_assert_int_eq(trnnsf_run_create(ctx, begun, dataset, schedule, tech, reference, &run),
                     TRNNSF_OK);
    return run;
}

static struct trnnsf_step step_of(trnnsf_run *run)
{
    struct trnnsf_step step = {.struct_size = sizeof step};

    ck_assert_int_eq(trnnsf_run_step(ctx, run, &step), TRNNSF_OK);
    return step;
}

/* One crossbar a layer is too few for the floor: the run goes back while others still shrink, and stays
 * with what it went back to. */
START_TEST(goes_back_to_what_kept_the_floor)
{
    trnnsf_run *run = begin(network);
    double floor = reference - 0.01 * loss_points;
    uint64_t crossbars = 0;
    int low = 0, back = 0;

    for (int e = 1; e <= PACK_EPOCHS; e++) {
        struct trnnsf_step step = step_of(run);

        if (strcmp(step.phase, "rollback") == 0) {
            ck_assert_int_eq(back, 0);
            back = e;
            crossbars = step.crossbars;
        }
        if (back == 0 && low == 0 && step.validation_accuracy < floor)
            low = e;
        if (back > 0) {
            ck_assert_double_ge(step.validation_accuracy, floor);
            ck_assert_uint_eq(step.crossbars, crossbars);
        }
    }
    /* Before the round that was too much it kept the floor. */
    ck_assert_int_gt(low, 1);
    ck_assert_int_eq(back, low + PATIENCE);
    ck_assert_int_lt(back, PACK_EPOCHS);
    ck_assert_uint_gt(crossbars, 3);
    trnnsf_run_free(run);
}
END_TEST

/* Where a checkpoint is taken makes no difference, after a step below the floor included. */
START_TEST(checkpoints_remember_it)
{
    const char *path = "rollback.checkpoint";
    trnnsf_network *whole, *resumed;
    trnnsf_run *run;

    ck_assert_int_eq(trnnsf_network_copy(ctx, network, &whole), TRNNSF_OK);
    run = begin(whole);
    ck_assert_int_eq(trnnsf_run_finish(ctx, run), TRNNSF_OK);
    trnnsf_run_free(run);
    for (int at = 1; at < PACK_EPOCHS; at++) {
        ck_assert_int_eq(trnnsf_network_copy(ctx, network, &resumed), TRNNSF_OK);
        run = begin(resumed);
        for (int e = 0; e < at; e++)
            step_of(run);
        trnnsf_status status = trnnsf_run_save(ctx, run, path);
        trnnsf_run_free(run);
        trnnsf_network_free(resumed);
        if (status == TRNNSF_E_UNSUPPORTED) /* a build without JSON */
            break;
        ck_assert_int_eq(status, TRNNSF_OK);
        ck_assert_int_eq(trnnsf_network_copy(ctx, network, &resumed), TRNNSF_OK);
        run = begin(resumed);
        ck_assert_msg(trnnsf_run_restore(ctx, run, path) == TRNNSF_OK, "%s",
                      trnnsf_context_error(ctx));
        ck_assert_int_eq(trnnsf_run_finish(ctx, run), TRNNSF_OK);
        same_bits(whole, resumed);
        trnnsf_run_free(run);
        trnnsf_network_free(resumed);
    }
    remove(path);
    trnnsf_network_free(whole);
}
END_TEST

/* By the book: what is remembered, for how long, and when it is time. */
START_TEST(when_it_is_due)
{
    trnnsf_run *run = begin(network);

    run->reference_accuracy = 0.9;
    ck_assert(trn_keeps_floor(run, 0.87) && !trn_keeps_floor(run, 0.85));
    ck_assert_int_eq(trn_rollback_note(ctx, run, 1, 0.9), TRNNSF_OK);
    ck_assert_ptr_null(run->good); /* nothing is packed so far */
    run->budget_first = 9;
    ck_assert_int_eq(trn_rollback_note(ctx, run, 2, 0.85), TRNNSF_OK);
    ck_assert(!run->good && !trn_rollback_due(run, PACK_EPOCHS));
    ck_assert_int_eq(trn_rollback_note(ctx, run, 3, 0.9), TRNNSF_OK);
    ck_assert(run->good && run->good_epoch == 3);
    ck_assert(!trn_rollback_due(run, 3) && !trn_rollback_due(run, 4) && trn_rollback_due(run, 5));
    /* Polishing has until the end to recover. */
    ck_assert(!trn_rollback_due(run, PACK_EPOCHS - 1) && trn_rollback_due(run, PACK_EPOCHS));
    network->layers[0].weights[0] += 1;
    ck_assert_int_eq(trn_rollback(ctx, run), TRNNSF_OK);
    same_bits(network, run->good);
    ck_assert(run->went_back && !trn_rollback_due(run, 6) && trn_rollback_due(run, PACK_EPOCHS));
    set(ctx, schedule, "target.loss", 0);
    trnnsf_run_free(run);
    run = begin(network);
    ck_assert(trn_keeps_floor(run, 0));
    trnnsf_run_free(run);
}
END_TEST

TCase *rollback_case(void)
{
    TCase *tests = tcase_create("rollback");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, goes_back_to_what_kept_the_floor);
    tcase_add_test(tests, checkpoints_remember_it);
    tcase_add_test(tests, when_it_is_due);
    return tests;
}
