/* Regrowth: a budget's rest goes to blocks between live neurons, and to nothing else. */
#include <stdlib.h>
#include <string.h>

#include "cluster/builder.h"
#include "cluster/clusters.h"
#include "network/network.h"
#include "schedule/cases.h"
#include "schedule/regrow.h"

/* 8 inputs, 8 hidden neurons and 4 outputs; both layers have outputs 0 … 3 from inputs 0 … 3. */
enum { INPUTS = 8, HIDDEN = 8, OUTPUTS = 4, SIDE = 4 };

static trnnsf_context *ctx;
static struct trnnsf_network *network;
static struct trnnsf_run run;
static struct trn_joint joint;
static float inputs[2][8], outputs[2][8];
static float *input_moments[] = {inputs[0], inputs[1]}, *output_moments[] = {outputs[0], outputs[1]};
static const struct trn_moments moments = {input_moments, output_moments};

static void setup(void)
{
    const size_t sizes[] = {INPUTS, HIDDEN, OUTPUTS};
    const uint32_t lines[] = {0, 1, 2, 3};

    ctx = make_context(1);
    ck_assert_int_eq(trnnsf_network_create(ctx, sizes, 3, NULL, &network), TRNNSF_OK);
    run = (struct trnnsf_run){.ctx = ctx,
                              .network = network,
                              .schedule = make_schedule(ctx, "pack", "corrected"),
                              .inputs = SIDE,
                              .outputs = SIDE,
                              .pool = {.count = 1, .shape = {{SIDE, SIDE, 1}}}};
    run.layers = calloc(2, sizeof *run.layers);
    run.layers[0].chosen = run.layers[1].chosen = true;
    ck_assert_int_eq(trn_links_create(ctx, network, &run.links), TRNNSF_OK);
    joint = (struct trn_joint){.ctx = ctx, .run = &run, .epoch = 1};
    for (size_t l = 0; l < 2; l++) {
        struct trn_cluster_builder builder;
        struct trnnsf_clusters *clusters;

        trn_builder_init(&builder, ctx);
        ck_assert_int_eq(trn_builder_add(&builder, lines, SIDE, lines, SIDE), TRNNSF_OK);
        ck_assert_int_eq(trn_builder_finish(&builder, sizes[l + 1], sizes[l], &clusters), TRNNSF_OK);
        ck_assert_int_eq(trn_joint_apply(&joint, l, clusters), TRNNSF_OK);
        trn_builder_free(&builder);
        trn_clusters_free(clusters);
        for (size_t i = 0; i < 8; i++)
            inputs[l][i] = outputs[l][i] = 1;
    }
}

static void teardown(void)
{
    free(run.layers);
    trn_links_free(ctx, run.links);
    trnnsf_schedule_free(run.schedule);
    trnnsf_network_free(network);
    trnnsf_context_free(ctx);
}

static size_t regrown(double budget, size_t first)
{
    joint.budget = budget;
    ck_assert_int_eq(trn_joint_regrow(&joint, &moments, first), TRNNSF_OK);
    return trn_clusters_count(network->layers[0].clusters) +
           trn_clusters_count(network->layers[1].clusters) - 2;
}

/* Hidden neurons 4 … 7 are read by nothing, so that only inputs 4 … 7 of the others are open: one
 * block, and no other however large the budget. */
START_TEST(the_rest_of_a_budget)
{
    const uint32_t *side;
    size_t n;

    ck_assert_uint_eq(regrown(2, 0), 0);
    ck_assert_uint_eq(regrown(2.9, 0), 0);
    ck_assert_uint_eq(regrown(30, 1), 0);
    ck_assert_uint_eq(regrown(3, 0), 1);
    ck_assert_uint_eq(trn_layer_synapses(&network->layers[0]), 32);
    ck_assert_uint_eq(trn_layer_synapses(&network->layers[1]), 16);
    side = trnnsf_clusters_inputs(network->layers[0].clusters, 1, &n);
    ck_assert(n == 4 && side[0] == 4 && side[3] == 7);
    side = trnnsf_clusters_outputs(network->layers[0].clusters, 1, &n);
    ck_assert(n == 4 && side[0] == 0 && side[3] == 3);
    ck_assert_uint_eq(regrown(30, 0), 1);
}
END_TEST

/* What never varies or is not learnt through gets nothing; a block of three cells is not worth it. */
START_TEST(dead_lines_stay)
{
    for (size_t i = 4; i < 8; i++)
        inputs[0][i] = 0;
    ck_assert_uint_eq(regrown(9, 0), 0);
    inputs[0][4] = 1;
    outputs[0][0] = 0;
    ck_assert_uint_eq(regrown(9, 0), 0);
    outputs[0][0] = 1;
    ck_assert_uint_eq(regrown(9, 0), 1);
}
END_TEST

TCase *regrow_case(void)
{
    TCase *tests = tcase_create("regrow");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, the_rest_of_a_budget);
    tcase_add_test(tests, dead_lines_stay);
    return tests;
}
