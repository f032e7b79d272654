#include "schedule/pack_jobs.h"

#include <math.h>

#include "cluster/clusters.h"
#include "network/network.h"
#include "schedule/reach.h"
#include "schedule/run.h"

double mapped_cost(trnnsf_context *ctx, const struct problem *p, const trnnsf_tech *tech,
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

struct job begin(trnnsf_context *ctx, const struct problem *p)
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

void end(struct job *job)
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

/* Some path leads through the network, and no block has an output that nobody reads or an input that
 * nobody feeds. */
static void check_paths(const struct job *job, const struct problem *p)
{
    struct trnnsf_clusters *clusters[LAYERS_MAX];
    struct trn_reach reach;

    for (size_t l = 0; l < p->n_layers; l++)
        clusters[l] = job->network->layers[l].clusters;
    ck_assert_int_eq(trn_reach_find(job->ctx, job->network, job->run->links, clusters,
                                    &reach), TRNNSF_OK);
    ck_assert_msg(reach.whole, "no path leads through the network");
    for (size_t l = 0; l < p->n_layers; l++) {
        const struct trn_blocks *blocks = clusters[l]->blocks;

        for (size_t r = 0; r < blocks->row_start[blocks->count]; r++)
            ck_assert_msg(reach.outputs[l][blocks->row[r]], "layer %zu: output %u is not read", l,
                          (unsigned)blocks->row[r]);
        for (size_t c = 0; c < blocks->column_start[blocks->count]; c++)
            ck_assert_msg(reach.lines[l][blocks->column[c]], "layer %zu: input %u is not fed", l,
                          (unsigned)blocks->column[c]);
    }
    trn_reach_free(job->ctx, &reach);
}

bool is_alive(const struct job *job, const struct problem *p)
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

void check_step(const struct job *job, const struct problem *p, const struct trnnsf_step *step)
{
    trnnsf_tech *tech = shapes_of(job->ctx, p, 0, p->n_shapes);
    trnnsf_mapping *mapping;

    check_clusters(job, p);
    if (all_clustered(job->network))
        check_paths(job, p);
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

void same_history(const trnnsf_run *a, trnnsf_context *ctx, const trnnsf_run *b,
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

void go_on(const struct job *job)
{
    trnnsf_status status = trnnsf_run_finish(job->ctx, job->run);

    ck_assert_msg(status == TRNNSF_OK || status == TRNNSF_E_NUMERIC, "%s",
                  trnnsf_context_error(job->ctx));
}
