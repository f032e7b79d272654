/* Method `pack` on random small problems: what must hold after every step, whatever network, shape,
 * data and keys; and that neither threads nor interruptions change a bit. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cluster/clusters.h"
#include "schedule/pack_problems.h"

enum { CANCELS = 3 };

static const char *const saved = "pack-properties.safetensors";

/* What belongs to one run of a problem. */
struct job {
    trnnsf_context *ctx;
    trnnsf_dataset *dataset;
    trnnsf_network *network;
    trnnsf_run *run;
    double begun_with; /* cost of the pruned tiling on the best shape */
};

/* Each crossbar on the shape that costs least of those that hold it. */
static double mapped_cost(trnnsf_context *ctx, const struct problem *p, const trnnsf_tech *tech,
                          const trnnsf_mapping *mapping)
{
    double sum = 0;

    for (size_t i = 0; i < trnnsf_mapping_crossbars(mapping); i++) {
        struct trnnsf_crossbar crossbar = {.struct_size = sizeof crossbar};
        double least = INFINITY;

        ck_assert_int_eq(trnnsf_mapping_crossbar(ctx, mapping, i, &crossbar), TRNNSF_OK);
        for (size_t s = 0; s < p->n_shapes; s++) {
            if (crossbar.n_inputs <= p->inputs[s] && crossbar.n_outputs <= p->outputs[s])
                least = fmin(least, shape_cost(p, tech, s));
        }
        ck_assert(isfinite(least));
        sum += least;
    }
    return sum;
}

static double pruned_cost(trnnsf_context *ctx, const struct problem *p, const trnnsf_tech *tech,
                          const trnnsf_network *network)
{
    double least = INFINITY;

    for (size_t s = 0; s < p->n_shapes; s++) {
        struct trnnsf_crossbar_counts counts = {.struct_size = sizeof counts};
        trnnsf_tech *one = shapes_of(ctx, p, s, s + 1);
        trnnsf_mapping *mapping;

        ck_assert_int_eq(trnnsf_mapping_create(ctx, network, one, NULL, &mapping), TRNNSF_OK);
        ck_assert_int_eq(trnnsf_mapping_counts(ctx, mapping, TRNNSF_ALL_LAYERS, &counts),
                         TRNNSF_OK);
        least = fmin(least, (double)counts.pruned * shape_cost(p, tech, s));
        trnnsf_mapping_free(mapping);
        trnnsf_tech_free(one);
    }
    return least;
}

static struct job begin(trnnsf_context *ctx, const struct problem *p)
{
    struct job job = {.ctx = ctx, .dataset = draw_dataset(ctx, p), .network = draw_network(ctx, p)};
    trnnsf_schedule *schedule = draw_schedule(ctx, p);
    trnnsf_tech *tech = shapes_of(ctx, p, 0, p->n_shapes);

    job.begun_with = pruned_cost(ctx, p, tech, job.network);
    ck_assert_msg(trnnsf_run_create(ctx, job.network, job.dataset, schedule, tech, 0.5, &job.run) ==
                      TRNNSF_OK,
                  "%s", trnnsf_context_error(ctx));
    trnnsf_tech_free(tech);
    trnnsf_schedule_free(schedule);
    return job;
}

static void end(struct job *job)
{
    trnnsf_run_free(job->run);
    trnnsf_network_free(job->network);
    trnnsf_dataset_free(job->dataset);
}

static bool fits(const struct problem *p, const trnnsf_clusters *clusters, size_t cluster)
{
    size_t n_outputs = trn_block_rows(clusters->blocks, cluster);
    size_t n_inputs = trn_block_columns(clusters->blocks, cluster);

    for (size_t s = 0; s < p->n_shapes; s++) {
        if (n_inputs <= p->inputs[s] && n_outputs <= p->outputs[s])
            return true;
    }
    return false;
}

/* Bounds hold: each cluster is one, and within a shape. */
static void check_clusters(const struct job *job, const struct problem *p)
{
    for (size_t l = 0; l < p->n_layers; l++) {
        const trnnsf_clusters *clusters = trnnsf_network_clusters(job->network, l);

        if (!clusters)
            continue;
        ck_assert_msg(trnnsf_clusters_check(job->ctx, clusters, 64, 64) == TRNNSF_OK,
                      "layer %zu: %s", l, trnnsf_context_error(job->ctx));
        for (size_t i = 0; i < trnnsf_clusters_count(clusters); i++)
            ck_assert_msg(fits(p, clusters, i), "layer %zu: cluster %zu fits no shape", l, i);
    }
}

/* The crossbars alone compute what the network does, up to rounding: sums of at most SIDE_MAX
 * terms in another order, layer after layer. */
static void check_outputs(const struct job *job, const struct problem *p,
                          const trnnsf_mapping *mapping)
{
    enum { SAMPLES = 5 };
    struct trn_random r = problem_stream(p->number, 2);
    float inputs[SAMPLES * SIDE_MAX], expected[SAMPLES * SIDE_MAX], got[SAMPLES * SIDE_MAX];
    size_t n_out = p->sizes[p->n_layers];

    for (size_t i = 0; i < SAMPLES * p->sizes[0]; i++)
        inputs[i] = trn_random_float(&r);
    ck_assert_int_eq(trnnsf_network_forward(job->ctx, job->network, SAMPLES, inputs, expected),
                     TRNNSF_OK);
    ck_assert_int_eq(trnnsf_mapping_forward(job->ctx, mapping, job->network, SAMPLES, inputs, got),
                     TRNNSF_OK);
    for (size_t i = 0; i < SAMPLES * n_out; i++)
        ck_assert_float_eq_tol(got[i], expected[i], 1e-5f * (1.0f + fabsf(expected[i])));
}

static bool all_clustered(const trnnsf_network *network)
{
    for (size_t l = 0; l < trnnsf_network_layers(network); l++) {
        if (!trnnsf_network_clusters(network, l))
            return false;
    }
    return true;
}

/* A layer where no connection carries salience is left as it is: that of a network whose outputs
 * have died, whatever comes in. */
static bool is_alive(const struct job *job, const struct problem *p)
{
    float outputs[SAMPLES_MAX * 6], inputs[SAMPLES_MAX * SIDE_MAX];
    struct trn_random r = problem_stream(p->number, 2);
    size_t n_out = p->sizes[p->n_layers];

    for (size_t i = 0; i < SAMPLES_MAX * p->sizes[0]; i++)
        inputs[i] = 1.1f * trn_random_float(&r) - 0.1f;
    ck_assert_int_eq(trnnsf_network_forward(job->ctx, job->network, SAMPLES_MAX, inputs, outputs),
                     TRNNSF_OK);
    for (size_t i = n_out; i < SAMPLES_MAX * n_out; i++) {
        if (outputs[i] != outputs[i % n_out])
            return true;
    }
    return false;
}

static void check_step(const struct job *job, const struct problem *p,
                       const struct trnnsf_step *step)
{
    trnnsf_tech *tech = shapes_of(job->ctx, p, 0, p->n_shapes);
    trnnsf_mapping *mapping;

    check_clusters(job, p);
    ck_assert_int_eq(trnnsf_mapping_create(job->ctx, job->network, tech, NULL, &mapping),
                     TRNNSF_OK);
    ck_assert_msg(trnnsf_mapping_check(job->ctx, mapping, job->network) == TRNNSF_OK, "%s",
                  trnnsf_context_error(job->ctx));
    check_outputs(job, p, mapping);
    /* The step counts a layer without a mask as its dense tiling; a mapping may do with fewer. */
    if (all_clustered(job->network))
        ck_assert_uint_eq(trnnsf_mapping_crossbars(mapping), step->crossbars);
    else
        ck_assert_uint_le(trnnsf_mapping_crossbars(mapping), step->crossbars);
    if (p->n_shapes == 1)
        ck_assert_msg((double)step->crossbars <= job->begun_with, "%llu crossbars, begun with %g",
                      (unsigned long long)step->crossbars, job->begun_with);
    else if (all_clustered(job->network))
        ck_assert_msg(mapped_cost(job->ctx, p, tech, mapping) <= job->begun_with * (1 + 1e-6),
                      "cost %g, begun with %g", mapped_cost(job->ctx, p, tech, mapping),
                      job->begun_with);
    trnnsf_mapping_free(mapping);
    trnnsf_tech_free(tech);
}

static bool is_same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static void same_history(const trnnsf_run *a, trnnsf_context *ctx, const trnnsf_run *b,
                         trnnsf_context *other)
{
    ck_assert_uint_eq(trnnsf_run_steps(a), trnnsf_run_steps(b));
    for (size_t i = 0; i < trnnsf_run_steps(a); i++) {
        struct trnnsf_step x = {.struct_size = sizeof x}, y = {.struct_size = sizeof y};

        ck_assert_int_eq(trnnsf_run_history(ctx, a, i, &x), TRNNSF_OK);
        ck_assert_int_eq(trnnsf_run_history(other, b, i, &y), TRNNSF_OK);
        ck_assert_uint_eq(x.epoch, y.epoch);
        ck_assert_uint_eq(x.crossbars, y.crossbars);
        ck_assert(x.loss == y.loss && x.sparsity == y.sparsity);
        ck_assert(is_same(x.validation_accuracy, y.validation_accuracy));
        ck_assert_str_eq(x.phase, y.phase);
    }
}

/* Steps until done; a loss that is not finite may end it. */
static void go_on(const struct job *job)
{
    trnnsf_status status = trnnsf_run_finish(job->ctx, job->run);

    ck_assert_msg(status == TRNNSF_OK || status == TRNNSF_E_NUMERIC, "%s",
                  trnnsf_context_error(job->ctx));
}

START_TEST(every_step_keeps_its_word)
{
    struct problem p = draw_problem(_i);
    trnnsf_context *ctx = make_context(2);
    struct job job = begin(ctx, &p);
    struct trnnsf_step step = {.struct_size = sizeof step};

    while (!trnnsf_run_done(job.run)) {
        trnnsf_status status = trnnsf_run_step(ctx, job.run, &step);

        if (status == TRNNSF_E_NUMERIC)
            break;
        ck_assert_msg(status == TRNNSF_OK, "%s", trnnsf_context_error(ctx));
        check_step(&job, &p, &step);
    }
    end(&job);
    trnnsf_context_free(ctx);
}
END_TEST

static double cost_now(const struct job *job, const struct problem *p)
{
    trnnsf_tech *tech = shapes_of(job->ctx, p, 0, p->n_shapes);
    trnnsf_mapping *mapping;

    ck_assert_int_eq(trnnsf_mapping_create(job->ctx, job->network, tech, NULL, &mapping),
                     TRNNSF_OK);
    double cost = mapped_cost(job->ctx, p, tech, mapping);
    trnnsf_mapping_free(mapping);
    trnnsf_tech_free(tech);
    return cost;
}

/* Whatever the plan, where accuracy does not hold it: at least one crossbar a layer can be had. */
START_TEST(target_is_met)
{
    struct problem p = draw_problem(_i);
    trnnsf_context *ctx = make_context(2);

    p.target_loss = 0;
    if (p.target_crossbars <= 0)
        p.target_crossbars = (double)p.n_layers;
    struct job job = begin(ctx, &p);
    go_on(&job);
    if (trnnsf_run_done(job.run) && is_alive(&job, &p))
        ck_assert_msg(cost_now(&job, &p) <= p.target_crossbars * (1 + 1e-6),
                      "%g crossbars of %g, %u epochs, packed from %g to %g", cost_now(&job, &p),
                      p.target_crossbars, p.epochs, p.first, p.until);
    end(&job);
    trnnsf_context_free(ctx);
}
END_TEST

START_TEST(threads_do_not_matter)
{
    struct problem p = draw_problem(_i);
    trnnsf_context *one = make_context(1);
    struct job alone = begin(one, &p);

    go_on(&alone);
    for (uint32_t threads = 2; threads <= 3; threads++) {
        trnnsf_context *ctx = make_context(threads);
        struct job job = begin(ctx, &p);

        go_on(&job);
        same_bits(alone.network, job.network);
        same_history(alone.run, one, job.run, ctx);
        end(&job);
        trnnsf_context_free(ctx);
    }
    end(&alone);
    trnnsf_context_free(one);
}
END_TEST

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

TCase *pack_properties_case(void)
{
    TCase *tests = tcase_create("pack-properties");

    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, every_step_keeps_its_word, 0, FIRST_POOL + POOLS);
    tcase_add_loop_test(tests, target_is_met, 0, PROBLEMS);
    tcase_add_loop_test(tests, target_is_met, FIRST_POOL, FIRST_POOL + POOLS);
    tcase_add_loop_test(tests, threads_do_not_matter, FIRST_POOL, FIRST_POOL + POOLS / 6);
    tcase_add_loop_test(tests, resumed_equals_uninterrupted, FIRST_POOL, FIRST_POOL + POOLS / 6);
    tcase_add_loop_test(tests, cancelled_and_restored, FIRST_POOL, FIRST_POOL + POOLS / 6);
    tcase_add_loop_test(tests, threads_do_not_matter, 0, PROBLEMS / 3);
    tcase_add_loop_test(tests, resumed_equals_uninterrupted, 0, PROBLEMS / 5);
    tcase_add_loop_test(tests, cancelled_and_restored, 0, PROBLEMS / 5);
    tcase_add_loop_test(tests, cancelled_and_gone_on, 0, PROBLEMS / 5);
    return tests;
}
