/* Interruptions of method `pack` on random small problems: resumed or cancelled anywhere, runs end
 * in the same bits, or without a checkpoint in as good a network. */
#include <stdlib.h>
#include <unistd.h>

#include "schedule/pack_jobs.h"

enum { CANCELS = 3 };

static const char *const saved = "pack-interrupted.safetensors";

/* Each step by another run, made anew from the checkpoint of the one before. */
START_TEST(resumed_equals_uninterrupted)
{
    struct problem p = draw_problem(_i);
    trnnsf_context *ctx = make_context(2);
    struct job uninterrupted = begin(ctx, &p), job = {0};

    go_on(&uninterrupted);
    for (size_t steps = 0; steps < trnnsf_run_steps(uninterrupted.run); steps++) {
        end(&job);
        job = begin(ctx, &p);
        if (steps > 0)
            ck_assert_msg(trnnsf_run_restore(ctx, job.run, saved) == TRNNSF_OK, "%s",
                          trnnsf_context_error(ctx));
        ck_assert_int_eq(trnnsf_run_step(ctx, job.run, NULL), TRNNSF_OK);

        trnnsf_status status = trnnsf_run_save(ctx, job.run, saved);
        if (status == TRNNSF_E_UNSUPPORTED)
            go_on(&job);
        if (status == TRNNSF_E_UNSUPPORTED)
            break;
        ck_assert_msg(status == TRNNSF_OK, "%s", trnnsf_context_error(ctx));
    }
    if (trnnsf_run_steps(uninterrupted.run) > 0)
        same_history(uninterrupted.run, ctx, job.run, ctx);
    if (trnnsf_run_done(uninterrupted.run))
        same_bits(uninterrupted.network, job.network);
    end(&job);
    end(&uninterrupted);
    trnnsf_context_free(ctx);
    unlink(saved);
}
END_TEST

/* Counts progress calls and allocations, and cancels at one of them: allocations stand for what
 * another thread or a signal may hit. */
struct moments {
    trnnsf_context *ctx;
    uint64_t seen, cancel_at;
};

static int count_progress(const struct trnnsf_progress *progress, void *user)
{
    struct moments *moments = user;

    (void)progress;
    return ++moments->seen == moments->cancel_at;
}

static void count_allocation(struct moments *moments)
{
    if (++moments->seen == moments->cancel_at)
        trnnsf_context_cancel(moments->ctx);
}

static void *allocate(size_t size, void *user)
{
    count_allocation(user);
    return malloc(size);
}

static void *reallocate(void *pointer, size_t size, void *user)
{
    count_allocation(user);
    return realloc(pointer, size);
}

static void release(void *pointer, void *user)
{
    (void)user;
    free(pointer);
}

static trnnsf_context *make_counting_context(struct moments *moments)
{
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
    const struct trnnsf_allocator allocator = {.struct_size = sizeof allocator,
                                               .allocate = allocate,
                                               .reallocate = reallocate,
                                               .release = release,
                                               .user = moments};

    options.threads = 2;
    options.allocator = &allocator;
    options.progress = count_progress;
    options.progress_user = moments;
    ck_assert_int_eq(trnnsf_context_create(&options, &moments->ctx), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_backend_select(moments->ctx, "reference"), TRNNSF_OK);
    return moments->ctx;
}

/* From now on, cancels at one of the next `all` moments. */
static void cancel_at_one(struct moments *moments, struct trn_random *random, uint64_t all)
{
    moments->seen = 0;
    moments->cancel_at = 1 + trn_random_below(random, (uint32_t)all);
}

static bool may_end_a_step(trnnsf_status status)
{
    return status == TRNNSF_OK || status == TRNNSF_E_NUMERIC || status == TRNNSF_E_CANCELLED;
}

/* Steps with a checkpoint before each, so that a cancelled one can be taken back; false where there
 * are no checkpoints. */
static bool go_on_with_checkpoints(struct job *job, struct moments *moments)
{
    while (!trnnsf_run_done(job->run)) {
        size_t steps = trnnsf_run_steps(job->run);
        uint64_t seen = moments->seen;
        trnnsf_status status = trnnsf_run_save(job->ctx, job->run, saved);

        if (status == TRNNSF_E_UNSUPPORTED)
            return false;
        ck_assert_int_eq(status, TRNNSF_OK);
        moments->seen = seen; /* saving does not count */
        status = trnnsf_run_step(job->ctx, job->run, NULL);
        ck_assert_msg(may_end_a_step(status), "%s", trnnsf_context_error(job->ctx));
        if (status == TRNNSF_E_NUMERIC)
            return true;
        if (status == TRNNSF_E_CANCELLED && trnnsf_run_steps(job->run) == steps)
            ck_assert_msg(trnnsf_run_restore(job->ctx, job->run, saved) == TRNNSF_OK, "%s",
                          trnnsf_context_error(job->ctx));
        else
            ck_assert_uint_eq(trnnsf_run_steps(job->run), steps + 1);
    }
    return true;
}

/* Cancelled anywhere: what a checkpoint brings back ends in the same bits. */
START_TEST(cancelled_and_restored)
{
    struct problem p = draw_problem(_i);
    struct moments moments = {0};
    trnnsf_context *ctx = make_counting_context(&moments);
    struct job uninterrupted = begin(ctx, &p);
    struct trn_random r = problem_stream(p.number, 20);

    moments.seen = 0;
    go_on(&uninterrupted);
    uint64_t all = moments.seen;
    for (size_t i = 0; i < CANCELS && all > 0; i++) {
        struct job job = begin(ctx, &p);

        cancel_at_one(&moments, &r, all);
        if (go_on_with_checkpoints(&job, &moments)) {
            same_history(uninterrupted.run, ctx, job.run, ctx);
            same_bits(uninterrupted.network, job.network);
        }
        moments.cancel_at = 0;
        end(&job);
    }
    end(&uninterrupted);
    trnnsf_context_free(ctx);
    unlink(saved);
}
END_TEST

/* Without a checkpoint the cancelled epoch is trained again: other bits, but as good a network, and
 * the planned number of steps, one epoch each. */
START_TEST(cancelled_and_gone_on)
{
    struct problem p = draw_problem(_i);
    struct moments moments = {0};
    trnnsf_context *ctx = make_counting_context(&moments);
    struct trn_random r = problem_stream(p.number, 21);
    struct job first = begin(ctx, &p);

    moments.seen = 0;
    go_on(&first);
    uint64_t all = moments.seen;
    end(&first);
    for (size_t i = 0; i < CANCELS && all > 0; i++) {
        struct job job = begin(ctx, &p);
        struct trnnsf_step step = {.struct_size = sizeof step};
        trnnsf_status status = TRNNSF_OK;

        cancel_at_one(&moments, &r, all);
        while (!trnnsf_run_done(job.run) && status != TRNNSF_E_NUMERIC) {
            size_t steps = trnnsf_run_steps(job.run);

            status = trnnsf_run_step(ctx, job.run, &step);
            ck_assert_msg(may_end_a_step(status), "%s", trnnsf_context_error(ctx));
            if (trnnsf_run_steps(job.run) == steps)
                continue;
            moments.cancel_at = status == TRNNSF_E_CANCELLED ? 0 : moments.cancel_at;
            ck_assert_int_eq(trnnsf_run_history(ctx, job.run, steps, &step), TRNNSF_OK);
            ck_assert_uint_eq(step.epoch, steps + 1);
        }
        moments.cancel_at = 0;
        check_step(&job, &p, &step);
        end(&job);
    }
    trnnsf_context_free(ctx);
}
END_TEST

TCase *pack_interrupted_case(void)
{
    TCase *tests = tcase_create("pack-interrupted");

    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, resumed_equals_uninterrupted, FIRST_POOL,
                        FIRST_POOL + some_of(POOLS / 6));
    tcase_add_loop_test(tests, cancelled_and_restored, FIRST_POOL, FIRST_POOL + some_of(POOLS / 6));
    tcase_add_loop_test(tests, resumed_equals_uninterrupted, 0, some_of(PROBLEMS / 5));
    tcase_add_loop_test(tests, cancelled_and_restored, 0, some_of(PROBLEMS / 5));
    tcase_add_loop_test(tests, cancelled_and_gone_on, 0, some_of(PROBLEMS / 5));
    return tests;
}
