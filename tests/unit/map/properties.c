/* What must hold of every mapping of every network. */
#include "map/properties.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "map/cases.h"

enum { SAMPLES = 37 };

static const char *const pools[] = {"1x1",  "3x5",         "8x8",       "5x3",
                                    "16x4", "8x8,4x4,2x9", "4x4,32x32", "64x64"};

static void same_outputs(struct trn_random *random, const trnnsf_network *network,
                         const trnnsf_mapping *mapping)
{
    size_t n_in = trnnsf_network_inputs(network, 0);
    size_t n_out = trnnsf_network_outputs(network, trnnsf_network_layers(network) - 1);
    float *inputs = malloc(SAMPLES * n_in * sizeof *inputs);
    float *expected = malloc(SAMPLES * n_out * sizeof *expected);
    float *outputs = malloc(SAMPLES * n_out * sizeof *outputs);

    for (size_t i = 0; i < SAMPLES * n_in; i++)
        inputs[i] = trn_random_float(random);
    ck_assert_int_eq(trnnsf_network_forward(ctx, network, SAMPLES, inputs, expected), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_mapping_forward(ctx, mapping, network, SAMPLES, inputs, outputs),
                     TRNNSF_OK);
    for (size_t i = 0; i < SAMPLES * n_out; i++)
        ck_assert_float_eq_tol(outputs[i], expected[i], 1e-4f);
    free(inputs);
    free(expected);
    free(outputs);
}

/* Synapses of crossbars add up, and none is larger than its MCA. */
static void sums_hold(const trnnsf_network *network, const trnnsf_mapping *mapping,
                      const trnnsf_tech *tech)
{
    uint64_t synapses = 0, kept = 0;
    double columns;

    ck_assert_int_eq(trnnsf_tech_value(ctx, tech, "columns_per_output", &columns), TRNNSF_OK);
    for (size_t i = 0; i < trnnsf_mapping_crossbars(mapping); i++) {
        struct trnnsf_crossbar crossbar = {.struct_size = sizeof crossbar};
        bool known = false;

        ck_assert_int_eq(trnnsf_mapping_crossbar(ctx, mapping, i, &crossbar), TRNNSF_OK);
        ck_assert_uint_le(crossbar.n_inputs, crossbar.shape_inputs);
        ck_assert_double_le((double)crossbar.n_outputs * columns, (double)crossbar.shape_outputs);
        for (size_t s = 0; s < trnnsf_tech_shapes(tech); s++)
            known = known || (trnnsf_tech_shape_inputs(tech, s) == crossbar.shape_inputs &&
                              trnnsf_tech_shape_outputs(tech, s) == crossbar.shape_outputs);
        ck_assert(known);
        synapses += crossbar.synapses;
    }
    for (size_t l = 0; l < trnnsf_network_layers(network); l++)
        kept += trnnsf_network_synapses(network, l);
    ck_assert_uint_eq(synapses, kept);
    ck_assert_uint_eq(count_all(mapping).synapses, kept);
}

static void try_rules(struct trn_random *random, const trnnsf_network *network,
                      const trnnsf_tech *tech)
{
    struct trnnsf_crossbar_counts counts[TRNNSF_MAP_TILES + 1];

    for (uint32_t rule = 0; rule <= TRNNSF_MAP_TILES; rule++) {
        trnnsf_mapping *mapping = make_mapping(network, tech, rule);

        ck_assert_msg(trnnsf_mapping_check(ctx, mapping, network) == TRNNSF_OK, "rule %u: %s", rule,
                      trnnsf_context_error(ctx));
        sums_hold(network, mapping, tech);
        same_outputs(random, network, mapping);
        counts[rule] = count_all(mapping);
        ck_assert_uint_eq(counts[rule].total, trnnsf_mapping_crossbars(mapping));
        ck_assert_uint_eq(counts[rule].total, counts[rule].clustered + counts[rule].residue);
        ck_assert_uint_le(counts[rule].lower_bound, counts[rule].total);
        ck_assert_uint_eq(counts[rule].dense, counts[0].dense);
        ck_assert_uint_eq(counts[rule].pruned, counts[0].pruned);
        ck_assert_uint_eq(counts[rule].lower_bound, counts[0].lower_bound);
        trnnsf_mapping_free(mapping);
    }
    ck_assert_uint_eq(counts[TRNNSF_MAP_DENSE].total, counts[0].dense);
    ck_assert_uint_eq(counts[TRNNSF_MAP_PRUNED].total, counts[0].pruned);
    ck_assert_uint_le(counts[0].pruned, counts[0].dense);
    ck_assert_uint_le(counts[TRNNSF_MAP_TILES].total, counts[0].dense);
}

/* trn_map_count() says what the mapping has. */
static void count_agrees(const trnnsf_network *network, const trnnsf_tech *tech)
{
    trnnsf_mapping *mapping = make_mapping(network, tech, TRNNSF_MAP_CLUSTERED);

    for (size_t l = 0; l < network->n_layers && trnnsf_tech_shapes(tech) == 1; l++) {
        const struct trn_layer *layer = &network->layers[l];
        struct trn_map_counts counts;

        ck_assert_int_eq(
            trn_map_count(ctx, layer->mask, layer->clusters, trnnsf_tech_shape_inputs(tech, 0),
                          trn_tech_outputs(tech, trnnsf_tech_shape_outputs(tech, 0)), &counts),
            TRNNSF_OK);
        ck_assert_int_eq(memcmp(&counts, &mapping->layers[l].counts, sizeof counts), 0);
    }
    trnnsf_mapping_free(mapping);
}

START_TEST(random_networks)
{
    static const double densities[] = {0, 0.02, 0.1, 0.4, 1};
    struct trn_random random;

    trn_random_init(&random, 5, TRN_RANDOM_TEST, (uint32_t)_i);
    for (int round = 0; round < 4; round++) {
        size_t sizes[3];

        for (int i = 0; i < 3; i++)
            sizes[i] = 1 + trn_random_below(&random, 70);
        trnnsf_network *network =
            make_network(&random, sizes, 3, densities[trn_random_below(&random, 5)], 6);
        trnnsf_tech *tech = make_tech(pools[_i]);

        try_rules(&random, network, tech);
        count_agrees(network, tech);
        trnnsf_tech_free(tech);
        trnnsf_network_free(network);
    }
}
END_TEST

/* A differential pair in one array halves the outputs that it serves. */
START_TEST(pairs_of_columns)
{
    struct trn_random random;
    size_t sizes[] = {40, 50, 10};
    trnnsf_tech *one = make_tech("16x16,8x4"), *two, *pair;

    ck_assert_int_eq(trnnsf_tech_with_value(ctx, one, "devices_per_sign", 2, &two), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_tech_with_value(ctx, two, "columns_per_output", 2, &pair), TRNNSF_OK);
    trn_random_init(&random, 6, TRN_RANDOM_TEST, 0);
    trnnsf_network *network = make_network(&random, sizes, 3, 0.2, 5);
    try_rules(&random, network, pair);
    count_agrees(network, pair);
    trnnsf_mapping *mapping = make_mapping(network, pair, TRNNSF_MAP_DENSE);
    ck_assert_uint_eq(count_all(mapping).dense, 3 * 7 + 4 * 2);
    trnnsf_mapping_free(mapping);
    trnnsf_network_free(network);
    trnnsf_tech_free(pair);
    trnnsf_tech_free(two);
    trnnsf_tech_free(one);
}
END_TEST

TCase *property_cases(void)
{
    TCase *tcase = tcase_create("properties");

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, random_networks, 0, (int)(sizeof pools / sizeof pools[0]));
    tcase_add_test(tcase, pairs_of_columns);
    return tcase;
}
