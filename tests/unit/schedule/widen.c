/* Widening: idle neurons fill spare lines on both sides, without a crossbar more and without
 * changing what the network computes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "cluster/builder.h"
#include "cluster/clusters.h"
#include "network/network.h"
#include "schedule/cases.h"
#include "schedule/widen.h"

enum { LAYERS = 3, ROWS = 5, COLUMNS = 6, SAMPLES = 7 };
static const size_t sizes[LAYERS + 1] = {14, 24, 20, 5};

static trnnsf_context *ctx;
static struct trnnsf_network *network;
static struct trnnsf_run run;
static struct trn_joint joint;

static void setup(void)
{
    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;

    ctx = make_context(2);
    options.init_scale = 0.5;
    options.bias = 1;
    options.hidden_activation = TRNNSF_ACTIVATION_SIGMOID;
    ck_assert_int_eq(trnnsf_network_create(ctx, sizes, LAYERS + 1, &options, &network), TRNNSF_OK);
    run = (struct trnnsf_run){.ctx = ctx,
                              .network = network,
                              .schedule = make_schedule(ctx, "pack", "corrected"),
                              .pool = {.count = 1, .shape = {{ROWS, COLUMNS, 1}}}};
    run.layers = calloc(LAYERS, sizeof *run.layers);
    joint = (struct trn_joint){.ctx = ctx, .run = &run, .epoch = 1};
}

static void teardown(void)
{
    free(run.layers);
    trnnsf_schedule_free(run.schedule);
    trnnsf_network_free(network);
    trnnsf_context_free(ctx);
}

/* Some of `lines`, ascending, `most` at most. */
static size_t draw_lines(struct trn_random *random, size_t lines, size_t most, uint32_t *out)
{
    size_t wanted = 1 + trn_random_below(random, (uint32_t)most), count = 0;

    for (size_t i = 0; i < lines && count < wanted; i++) {
        if (trn_random_below(random, (uint32_t)(lines - i)) < wanted - count)
            out[count++] = (uint32_t)i;
    }
    return count;
}

/* Random blocks; every other one has the outputs of the one before it. */
static void cluster_layer(struct trn_random *random, size_t layer)
{
    struct trn_cluster_builder builder;
    struct trnnsf_clusters *clusters;
    uint32_t row[ROWS], column[COLUMNS];
    size_t n_rows = 0;

    trn_builder_init(&builder, ctx);
    for (size_t i = 0; i < 4; i++) {
        if (i % 2 == 0)
            n_rows = draw_lines(random, sizes[layer + 1], ROWS, row);
        size_t n_columns = draw_lines(random, sizes[layer], COLUMNS, column);
        ck_assert_int_eq(trn_builder_add(&builder, row, n_rows, column, n_columns), TRNNSF_OK);
    }
    ck_assert_int_eq(trn_builder_finish(&builder, sizes[layer + 1], sizes[layer], &clusters),
                     TRNNSF_OK);
    ck_assert_int_eq(trn_joint_apply(&joint, layer, clusters), TRNNSF_OK);
    trn_builder_free(&builder);
    trn_clusters_free(clusters);
}

static void random_blocks(uint64_t seed)
{
    struct trn_random random;

    trn_random_init(&random, seed, TRN_RANDOM_TEST, 0);
    for (size_t l = 0; l < LAYERS; l++)
        cluster_layer(&random, l);
}

static void compute(float *outputs)
{
    struct trn_random random;
    float inputs[SAMPLES * 14];

    trn_random_init(&random, 99, TRN_RANDOM_TEST, 0);
    for (size_t i = 0; i < SAMPLES * sizes[0]; i++)
        inputs[i] = trn_random_float(&random);
    ck_assert_int_eq(trnnsf_network_forward(ctx, network, SAMPLES, inputs, outputs), TRNNSF_OK);
}

static bool has(const uint32_t *lines, size_t count, uint32_t line)
{
    for (size_t i = 0; i < count; i++) {
        if (lines[i] == line)
            return true;
    }
    return false;
}

/* As many blocks, each with the lines it had, within the crossbar. */
static void check_grown(const struct trnnsf_clusters *before, const struct trnnsf_clusters *after)
{
    ck_assert_uint_eq(trnnsf_clusters_count(before), trnnsf_clusters_count(after));
    ck_assert_int_eq(trnnsf_clusters_check(ctx, after, COLUMNS, ROWS), TRNNSF_OK);
    for (size_t c = 0; c < trnnsf_clusters_count(before); c++) {
        size_t n, m;
        const uint32_t *was = trnnsf_clusters_outputs(before, c, &n);
        const uint32_t *is = trnnsf_clusters_outputs(after, c, &m);

        for (size_t i = 0; i < n; i++)
            ck_assert(has(is, m, was[i]));
        was = trnnsf_clusters_inputs(before, c, &n);
        is = trnnsf_clusters_inputs(after, c, &m);
        for (size_t i = 0; i < n; i++)
            ck_assert(has(is, m, was[i]));
    }
}

static bool is_read(const struct trnnsf_clusters *clusters, uint32_t neuron)
{
    const struct trn_blocks *blocks = clusters->blocks;

    return has(blocks->column, blocks->column_start[blocks->count], neuron);
}

/* Neurons of the gap that joined did so on both sides, to change nothing at first; those that did
 * not had no room on one side. */
static void check_gap(const struct trnnsf_clusters *fed_before,
                      const struct trnnsf_clusters *read_before, size_t layer)
{
    const struct trn_layer *lower = &network->layers[layer], *upper = &network->layers[layer + 1];
    bool room_below = false, room_above = false, idle = false;

    for (uint32_t i = 0; i < sizes[layer + 1]; i++) {
        bool was = trn_clusters_has_row(fed_before, i) || is_read(read_before, i);
        bool fed = trn_clusters_has_row(lower->clusters, i), read = is_read(upper->clusters, i);

        if (was)
            continue;
        ck_assert_int_eq(fed, read);
        idle = idle || !fed;
        for (size_t k = 0; k < upper->n_out; k++)
            ck_assert(!trn_clusters_has_row(read_before, k) ||
                      fabsf(upper->weights[k * upper->n_in + i]) <= 0);
        ck_assert(!fed || fabsf(lower->biases[i]) <= 0);
    }
    for (size_t c = 0; c < trnnsf_clusters_count(lower->clusters); c++) {
        size_t n;

        trnnsf_clusters_outputs(lower->clusters, c, &n);
        room_below = room_below || n < ROWS;
        trnnsf_clusters_inputs(upper->clusters, c, &n);
        room_above = room_above || n < COLUMNS;
    }
    /* Pairs of blocks with the same outputs have the same room here. */
    ck_assert(!idle || !room_below || !room_above);
}

START_TEST(spare_lines_are_filled)
{
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct trnnsf_clusters *before[LAYERS];
        float was[SAMPLES * 5], is[SAMPLES * 5];

        random_blocks(seed);
        for (size_t l = 0; l < LAYERS; l++)
            ck_assert_int_eq(trn_clusters_copy(ctx, network->layers[l].clusters, &before[l]),
                             TRNNSF_OK);
        compute(was);
        ck_assert_int_eq(trn_joint_widen(&joint), TRNNSF_OK);
        compute(is);
        for (size_t i = 0; i < SAMPLES * sizes[LAYERS]; i++)
            ck_assert_float_eq_tol(was[i], is[i], 1e-5f);
        for (size_t l = 0; l < LAYERS; l++)
            check_grown(before[l], network->layers[l].clusters);
        for (size_t l = 0; l + 1 < LAYERS; l++)
            check_gap(before[l], before[l + 1], l);
        for (size_t l = 0; l < LAYERS; l++)
            trn_clusters_free(before[l]);
        teardown();
        setup();
    }
}
END_TEST

/* Weights are drawn for what joined: outputs of the new neurons differ, and with the seed alone. */
START_TEST(new_neurons_can_learn)
{
    const struct trn_layer *layer = &network->layers[0];
    float first[24];

    for (int turn = 0; turn < 2; turn++) {
        random_blocks(5);
        for (size_t i = 0; i < layer->n_out; i++)
            first[i] = turn == 0 ? 0 : first[i];
        ck_assert_int_eq(trn_joint_widen(&joint), TRNNSF_OK);
        for (size_t i = 0; i < layer->n_out; i++) {
            float sum = 0;

            for (size_t j = 0; j < layer->n_in; j++)
                sum += fabsf(layer->weights[i * layer->n_in + j]);
            ck_assert_int_eq(sum > 0, trn_clusters_has_row(layer->clusters, i));
            if (turn == 1)
                ck_assert(first[i] >= sum && first[i] <= sum);
            first[i] = sum;
        }
        teardown();
        setup();
        layer = &network->layers[0];
    }
}
END_TEST

TCase *widen_case(void)
{
    TCase *tests = tcase_create("widen");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, spare_lines_are_filled);
    tcase_add_test(tests, new_neurons_can_learn);
    return tests;
}
