/* Checkpoints of runs: what is resumed ends in the same bits, and other runs' are refused. */
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

/* Saved after each epoch, restored into a fresh run, continued: the same bits at the end. */
trnnsf_network *run_in_pieces(trnnsf_context *context, trnnsf_network *(*make)(trnnsf_context *),
                              const trnnsf_dataset *data, const trnnsf_schedule *schedule,
                              size_t epochs, const char *path)
{
    trnnsf_network *network = NULL;
    trnnsf_run *run = NULL;

    for (size_t epoch = 0; epoch < epochs; epoch++) {
        trnnsf_run_free(run);
        trnnsf_network_free(network);
        network = make ? make(context) : make_network(context);
        run = make_run(context, network, data, schedule);
        if (epoch > 0) {
            trnnsf_status status = trnnsf_run_restore(context, run, path);
            ck_assert_msg(status == TRNNSF_OK, "%s", trnnsf_context_error(context));
            ck_assert_uint_eq(trnnsf_run_steps(run), epoch);
        }
        ck_assert_int_eq(trnnsf_run_step(context, run, NULL), TRNNSF_OK);
        trnnsf_status status = trnnsf_run_save(context, run, path);
        if (status == TRNNSF_E_UNSUPPORTED) {
            ck_assert_int_eq(trnnsf_run_finish(context, run), TRNNSF_OK);
            break;
        }
        ck_assert_msg(status == TRNNSF_OK, "%s", trnnsf_context_error(context));
    }
    trnnsf_run_free(run);
    unlink(path);
    return network;
}

START_TEST(resumed_equals_uninterrupted)
{
    static const char *const methods[] = {"prune", "transform", "transform", "pack"};
    static const char *const variants[] = {"corrected", "corrected", "published", "corrected"};
    const char *path = "run-test.safetensors";

    for (size_t i = 0; i < 4; i++) {
        trnnsf_network *whole = run_alone(ctx, methods[i], variants[i]);
        trnnsf_schedule *schedule = make_schedule(ctx, methods[i], variants[i]);
        trnnsf_network *network = run_in_pieces(ctx, NULL, dataset, schedule, 20, path);

        same_bits(whole, network);
        trnnsf_network_free(network);
        trnnsf_network_free(whole);
        trnnsf_schedule_free(schedule);
    }
}
END_TEST

START_TEST(foreign_checkpoints)
{
    const char *path = "run-foreign.safetensors";
    trnnsf_network *network = make_network(ctx), *other = make_network(ctx);
    trnnsf_schedule *schedule = make_schedule(ctx, "prune", "corrected");
    trnnsf_run *run = make_run(ctx, network, dataset, schedule), *changed;

    ck_assert_int_eq(trnnsf_run_step(ctx, run, NULL), TRNNSF_OK);
    if (trnnsf_run_save(ctx, run, path) == TRNNSF_OK) {
        set(ctx, schedule, "train.rate", 0.25);
        changed = make_run(ctx, other, dataset, schedule);
        ck_assert_int_eq(trnnsf_run_restore(ctx, changed, path), TRNNSF_E_MISMATCH);
        ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "another schedule"));
        ck_assert_uint_eq(trnnsf_run_steps(changed), 0);
        trnnsf_run_free(changed);
        ck_assert_int_eq(trnnsf_network_save(ctx, network, path), TRNNSF_OK);
        ck_assert_int_eq(trnnsf_run_restore(ctx, run, path), TRNNSF_E_FORMAT);
    }
    ck_assert_int_eq(trnnsf_run_restore(ctx, run, "no-such-file"), TRNNSF_E_NOT_FOUND);
    trnnsf_run_free(run);
    trnnsf_network_free(network);
    trnnsf_network_free(other);
    trnnsf_schedule_free(schedule);
    unlink(path);
}
END_TEST

static trnnsf_run *make_pack_run(trnnsf_network *network, trnnsf_schedule *schedule,
                                 const char *shapes, double mcas_per_pe)
{
    trnnsf_tech *tech = make_tech(ctx), *shaped, *pool;
    trnnsf_run *run;

    ck_assert_int_eq(trnnsf_tech_with_shapes(ctx, tech, shapes, &shaped), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_tech_with_value(ctx, shaped, "mcas_per_pe", mcas_per_pe, &pool),
                     TRNNSF_OK);
    trnnsf_tech_free(tech);
    trnnsf_tech_free(shaped);
    ck_assert_int_eq(trnnsf_run_create(ctx, network, dataset, schedule, pool, 0, &run), TRNNSF_OK);
    trnnsf_tech_free(pool);
    return run;
}

START_TEST(checkpoints_of_other_technologies)
{
    static const struct {
        const char *shapes;
        double mcas_per_pe;
    } others[] = {
        {"16x8", 4}, {"16x8,8x16", 4}, {"16x8,32x8,8x8", 4}, {"8x8,32x8", 4}, {"16x8,32x8", 8}};
    const char *path = "run-pool.safetensors";
    trnnsf_network *network = make_network(ctx);
    trnnsf_schedule *schedule = make_schedule(ctx, "pack", "corrected");
    trnnsf_run *run = make_pack_run(network, schedule, "16x8,32x8", 4);

    ck_assert_int_eq(trnnsf_run_step(ctx, run, NULL), TRNNSF_OK);
    if (trnnsf_run_save(ctx, run, path) == TRNNSF_OK) {
        for (size_t i = 0; i < 5; i++) {
            trnnsf_run *other =
                make_pack_run(network, schedule, others[i].shapes, others[i].mcas_per_pe);

            ck_assert_int_eq(trnnsf_run_restore(ctx, other, path), TRNNSF_E_MISMATCH);
            trnnsf_run_free(other);
        }
        trnnsf_run *same = make_pack_run(network, schedule, "16x8,32x8", 4);
        ck_assert_int_eq(trnnsf_run_restore(ctx, same, path), TRNNSF_OK);
        trnnsf_run_free(same);
    }
    trnnsf_run_free(run);
    trnnsf_network_free(network);
    trnnsf_schedule_free(schedule);
    unlink(path);
}
END_TEST

TCase *checkpoints_case(void)
{
    TCase *tests = tcase_create("checkpoints");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, resumed_equals_uninterrupted);
    tcase_add_test(tests, foreign_checkpoints);
    tcase_add_test(tests, checkpoints_of_other_technologies);
    return tests;
}
