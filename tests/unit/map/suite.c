/* map/: counts, tiny mappings worked out by hand, the check, arguments. Properties are in
 * properties.c. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "map/cases.h"
#include "map/convolutions.h"
#include "map/packing.h"
#include "map/properties.h"

trnnsf_context *ctx;

static void setup(void)
{
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;

    options.threads = 3;
    ck_assert_int_eq(trnnsf_context_create(&options, &ctx), TRNNSF_OK);
}

static void teardown(void)
{
    trnnsf_context_free(ctx);
}

/* The paper's three networks at five MCA sizes: sum of ceil(in / N) ceil(out / N). */
START_TEST(dense_counts_of_the_paper)
{
    static const size_t sizes[3][6] = {
        {784, 1200, 1200, 10}, {1024, 1200, 1200, 1200, 10}, {1024, 1200, 1200, 1200, 1200, 10}};
    static const size_t side[5] = {16, 32, 64, 128, 256};
    static const uint64_t expected[3][5] = {
        {9375, 2432, 627, 180, 50}, {16125, 4142, 1045, 290, 75}, {21750, 5586, 1406, 390, 100}};

    for (size_t n = 0; n < 3; n++) {
        uint64_t dense[5] = {0};

        for (size_t l = 0; l + 1 < n + 4; l++) {
            struct trn_mask *mask;

            ck_assert_int_eq(trn_mask_create(ctx, sizes[n][l + 1], sizes[n][l], &mask), TRNNSF_OK);
            for (size_t s = 0; s < 5; s++) {
                struct trn_map_shape shape = {side[s], side[s], 0};
                struct trn_map_counts counts;

                ck_assert_int_eq(trn_map_count_matrix(ctx, mask, 1, &shape, &counts), TRNNSF_OK);
                ck_assert_uint_eq(counts.pruned, 0);
                dense[s] += counts.dense;
            }
            trn_mask_free(ctx, mask);
        }
        for (size_t s = 0; s < 5; s++)
            ck_assert_uint_eq(dense[s], expected[n][s]);
    }
}
END_TEST

static trnnsf_matrix *matrix_of(size_t n_rows, size_t n_columns, const float *values)
{
    trnnsf_matrix *matrix;

    ck_assert_int_eq(trnnsf_matrix_from_dense(ctx, n_rows, n_columns, values, &matrix), TRNNSF_OK);
    return matrix;
}

/* 4 outputs x 6 inputs; input 3 and output 2 are dead. Cluster: outputs 0, 1 x inputs 0, 2, 4. */
static const float tiny[24] = {1, 0, 2, 0, 3, 0, /**/ 4, 0, 5, 0, 0, 9,
                               0, 0, 0, 0, 0, 0, /**/ 0, 7, 0, 0, 0, 8};

static trnnsf_mapping *map_tiny(const char *shapes, uint32_t rule)
{
    static const size_t output_start[] = {0, 2}, input_start[] = {0, 3};
    static const uint32_t outputs[] = {0, 1}, inputs[] = {0, 2, 4};
    struct trnnsf_map_options options = TRNNSF_MAP_OPTIONS_INIT;
    trnnsf_tech *tech = make_tech(shapes);
    trnnsf_matrix *matrix = matrix_of(4, 6, tiny);
    trnnsf_clusters *clusters;
    trnnsf_mapping *mapping;

    options.rule = rule;
    ck_assert_int_eq(
        trnnsf_clusters_create(ctx, 4, 6, 1, output_start, outputs, input_start, inputs, &clusters),
        TRNNSF_OK);
    ck_assert_int_eq(trnnsf_mapping_from_matrix(ctx, matrix, clusters, tech, &options, &mapping),
                     TRNNSF_OK);
    trnnsf_clusters_free(clusters);
    trnnsf_matrix_free(matrix);
    trnnsf_tech_free(tech);
    return mapping;
}

static void expect_counts(uint32_t rule, uint64_t clustered, uint64_t residue)
{
    trnnsf_mapping *mapping = map_tiny("3x2", rule);
    struct trnnsf_crossbar_counts counts = count_all(mapping);

    ck_assert_uint_eq(counts.clustered, clustered);
    ck_assert_uint_eq(counts.residue, residue);
    ck_assert_uint_eq(counts.dense, 4); /* 2 x 2 tiles of 3 inputs x 2 outputs */
    ck_assert_uint_eq(counts.pruned,
                      4); /* inputs 0 1 2 | 4 5, outputs 0 1 | 3: all four hold some */
    ck_assert_uint_eq(counts.synapses, 8);
    ck_assert_uint_eq(counts.synapses_dense, 24);
    ck_assert_uint_eq(counts.inputs_used, 5);
    ck_assert_uint_eq(counts.outputs_used, 3);
    ck_assert_uint_eq(counts.lower_bound, 2); /* 8 synapses, 6 cells */
    ck_assert_double_eq_tol(counts.utilisation, 8.0 / (6.0 * (double)(clustered + residue)), 1e-12);
    trnnsf_mapping_free(mapping);
}

START_TEST(tiny_counts)
{
    expect_counts(TRNNSF_MAP_DENSE, 4, 0);
    expect_counts(TRNNSF_MAP_PRUNED, 4, 0);
    expect_counts(TRNNSF_MAP_TILES, 4, 0);
    expect_counts(TRNNSF_MAP_CLUSTERED, 1, 1); /* 9 at (1, 5), 7 at (3, 1), 8 at (3, 5) share one */
    expect_counts(TRNNSF_MAP_PUBLISHED, 1, 3); /* windows at (1, 5), (3, 1), (3, 5) */
}
END_TEST

START_TEST(tiny_crossbars)
{
    static const float cluster[] = {1, 2, 3, 4, 5, 0}, residue[] = {0, 9, 7, 8};
    struct trnnsf_crossbar crossbar = {.struct_size = sizeof crossbar};
    trnnsf_mapping *mapping = map_tiny("3x2", TRNNSF_MAP_CLUSTERED);

    ck_assert_int_eq(trnnsf_mapping_crossbar(ctx, mapping, 0, &crossbar), TRNNSF_OK);
    ck_assert_uint_eq(crossbar.n_inputs, 3);
    ck_assert_uint_eq(crossbar.n_outputs, 2);
    ck_assert_uint_eq(crossbar.synapses, 5);
    ck_assert_uint_eq(crossbar.residue, 0);
    ck_assert_mem_eq(crossbar.weights, cluster, sizeof cluster);
    ck_assert_int_eq(trnnsf_mapping_crossbar(ctx, mapping, 1, &crossbar), TRNNSF_OK);
    ck_assert_uint_eq(crossbar.residue, 1);
    ck_assert_uint_eq(crossbar.synapses, 3);
    ck_assert_uint_eq(crossbar.n_inputs, 2);
    ck_assert_uint_eq(crossbar.inputs[0], 1);
    ck_assert_uint_eq(crossbar.inputs[1], 5);
    ck_assert_uint_eq(crossbar.outputs[0], 1);
    ck_assert_uint_eq(crossbar.outputs[1], 3);
    ck_assert_mem_eq(crossbar.weights, residue, sizeof residue);
    trnnsf_mapping_free(mapping);

    /* A pool: the cluster takes the small MCA that holds it, tiles are cut by the first. */
    mapping = map_tiny("6x4,3x2,3x3", TRNNSF_MAP_CLUSTERED);
    ck_assert_int_eq(trnnsf_mapping_crossbar(ctx, mapping, 0, &crossbar), TRNNSF_OK);
    ck_assert_uint_eq(crossbar.shape_inputs, 3);
    ck_assert_uint_eq(crossbar.shape_outputs, 2);
    trnnsf_mapping_free(mapping);

    /* A cluster larger than every MCA is tiled; a tile without synapses takes none: the cluster's
     * cell at output 1, input 4 is no synapse. */
    mapping = map_tiny("1x1", TRNNSF_MAP_CLUSTERED);
    ck_assert_uint_eq(count_all(mapping).clustered, 5);
    trnnsf_mapping_free(mapping);
    mapping = map_tiny("1x1", TRNNSF_MAP_PUBLISHED);
    ck_assert_uint_eq(count_all(mapping).clustered, 6);
    trnnsf_mapping_free(mapping);
}
END_TEST

START_TEST(empty_layers_take_nothing)
{
    static const float none[12] = {0};
    trnnsf_tech *tech = make_tech("2x2");
    trnnsf_matrix *matrix = matrix_of(3, 4, none);

    for (uint32_t rule = 0; rule <= TRNNSF_MAP_TILES; rule++) {
        struct trnnsf_map_options options = TRNNSF_MAP_OPTIONS_INIT;
        trnnsf_mapping *mapping;

        options.rule = rule;
        ck_assert_int_eq(trnnsf_mapping_from_matrix(ctx, matrix, NULL, tech, &options, &mapping),
                         TRNNSF_OK);
        ck_assert_uint_eq(trnnsf_mapping_crossbars(mapping), rule == TRNNSF_MAP_DENSE ? 4 : 0);
        ck_assert_uint_eq(count_all(mapping).lower_bound, 0);
        trnnsf_mapping_free(mapping);
    }
    trnnsf_matrix_free(matrix);
    trnnsf_tech_free(tech);
}
END_TEST

/* Blocks of 16x16 under shuffled lines: compaction alone fills every tile, windows find the blocks.
 */
START_TEST(residue_windows_find_blocks)
{
    enum { SIDE = 256, BLOCK = 16 };
    struct trn_random random;
    uint32_t rows[SIDE], columns[SIDE];
    struct trn_mask *mask;
    struct trn_map_counts counts;

    trn_random_init(&random, 8, TRN_RANDOM_TEST, 0);
    for (uint32_t i = 0; i < SIDE; i++)
        rows[i] = columns[i] = i;
    trn_random_shuffle(&random, rows, SIDE);
    trn_random_shuffle(&random, columns, SIDE);
    ck_assert_int_eq(trn_mask_create(ctx, SIDE, SIDE, &mask), TRNNSF_OK);
    for (size_t i = 0; i < SIDE; i++) {
        for (size_t j = i / BLOCK * BLOCK; j < i / BLOCK * BLOCK + BLOCK; j++)
            trn_mask_set(mask, rows[i], columns[j]);
    }
    ck_assert_int_eq(trn_map_count(ctx, mask, NULL, BLOCK, BLOCK, &counts), TRNNSF_OK);
    ck_assert_uint_gt(counts.pruned, 150);
    ck_assert_uint_eq(counts.total, SIDE / BLOCK);
    ck_assert_uint_eq(counts.lower_bound, SIDE / BLOCK);
    trn_mask_free(ctx, mask);
}
END_TEST

/* One broken thing after the other; the check finds each and names it. */
START_TEST(check_finds_what_is_wrong)
{
    struct trn_random random;
    size_t sizes[] = {20, 30, 10};
    trnnsf_tech *tech = make_tech("8x8");

    trn_random_init(&random, 9, TRN_RANDOM_TEST, 0);
    trnnsf_network *network = make_network(&random, sizes, 3, 0.3, 4);
    for (int fault = 0; fault < 12; fault++) {
        trnnsf_mapping *mapping = make_mapping(network, tech, TRNNSF_MAP_CLUSTERED);
        struct trn_crossbar *crossbar = &mapping->crossbars[mapping->n_crossbars / 2];
        size_t at = crossbar->weight_start;

        switch (fault) {
        case 0:
            mapping->weights[at] += 1;
            break;
        case 1:
            mapping->weights[at] = (float)NAN;
            break;
        case 2:
            crossbar->synapses--;
            break;
        case 3:
            crossbar->n_inputs = 9;
            break;
        case 4:
            crossbar->shape_inputs = crossbar->n_inputs - 1;
            break;
        case 5:
            crossbar->n_inputs = 0;
            break;
        case 6:
            crossbar->layer = 2;
            break;
        case 7:
            mapping->index[crossbar->input_start] = UINT32_MAX;
            break;
        case 8:
            crossbar->weight_start = SIZE_MAX;
            break;
        case 9:
            mapping->layers[0].n_crossbars--;
            break;
        case 10:
            mapping->columns_per_output = 100;
            break;
        case 11:
            mapping->layers[1].first = 0;
            break;
        }
        ck_assert_msg(trnnsf_mapping_check(ctx, mapping, network) == TRNNSF_E_CHECK, "fault %d",
                      fault);
        trnnsf_mapping_free(mapping);
    }
    trnnsf_network_free(network);
    trnnsf_tech_free(tech);
}
END_TEST

/* A synapse that the network has gained is on no crossbar. */
START_TEST(check_finds_a_missing_synapse)
{
    static const float weights[4] = {1, 2, 3, 4};
    static const uint8_t less[4] = {1, 1, 0, 1}, all[4] = {1, 1, 1, 1};
    size_t sizes[] = {2, 2};
    trnnsf_network *network;
    trnnsf_tech *tech = make_tech("1x1");

    ck_assert_int_eq(trnnsf_network_create(ctx, sizes, 2, NULL, &network), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_set_weights(ctx, network, 0, weights), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_set_mask(ctx, network, 0, less), TRNNSF_OK);
    trnnsf_mapping *mapping = make_mapping(network, tech, TRNNSF_MAP_CLUSTERED);
    ck_assert_uint_eq(trnnsf_mapping_crossbars(mapping), 3);
    ck_assert_int_eq(trnnsf_mapping_check(ctx, mapping, network), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_set_mask(ctx, network, 0, all), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_mapping_check(ctx, mapping, network), TRNNSF_E_CHECK);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "1 synapses of layer 0"));
    trnnsf_mapping_free(mapping);
    trnnsf_tech_free(tech);
    trnnsf_network_free(network);
}
END_TEST

START_TEST(threads_change_nothing)
{
    enum { SAMPLES = 300 };
    struct trn_random random;
    size_t sizes[] = {50, 70, 10};
    float *inputs = malloc(SAMPLES * 50 * sizeof *inputs);
    float *outputs[2] = {malloc(SAMPLES * 10 * sizeof(float)),
                         malloc(SAMPLES * 10 * sizeof(float))};
    trnnsf_tech *tech = make_tech("16x16");

    trn_random_init(&random, 10, TRN_RANDOM_TEST, 0);
    trnnsf_network *network = make_network(&random, sizes, 3, 0.3, 4);
    trnnsf_mapping *mapping = make_mapping(network, tech, TRNNSF_MAP_CLUSTERED);
    for (size_t i = 0; i < SAMPLES * 50; i++)
        inputs[i] = (float)trn_random_normal(&random);
    for (uint32_t i = 0; i < 2; i++) {
        struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
        trnnsf_context *other;

        options.threads = 1 + 3 * i;
        ck_assert_int_eq(trnnsf_context_create(&options, &other), TRNNSF_OK);
        ck_assert_int_eq(
            trnnsf_mapping_forward(other, mapping, network, SAMPLES, inputs, outputs[i]),
            TRNNSF_OK);
        trnnsf_context_free(other);
    }
    ck_assert_mem_eq(outputs[0], outputs[1], SAMPLES * 10 * sizeof(float));
    trnnsf_mapping_free(mapping);
    trnnsf_network_free(network);
    trnnsf_tech_free(tech);
    free(inputs);
    free(outputs[0]);
    free(outputs[1]);
}
END_TEST

/* A device's converters belong to what is computed. Sums that are rounded in another order may end
 * in another level now and then. */
START_TEST(converters_of_a_device)
{
    enum { SAMPLES = 200, INPUTS = 30, OUTPUTS = 10 };
    struct trnnsf_quantise_options options = TRNNSF_QUANTISE_OPTIONS_INIT;
    size_t sizes[] = {INPUTS, 40, OUTPUTS}, differ = 0, moved = 0;
    static float inputs[SAMPLES * INPUTS], outputs[3][SAMPLES * OUTPUTS];
    static const uint32_t labels[SAMPLES];
    trnnsf_tech *tech = make_tech("16x16");
    trnnsf_dataset *dataset;
    struct trn_random random;

    trn_random_init(&random, 12, TRN_RANDOM_TEST, 0);
    trnnsf_network *network = make_network(&random, sizes, 3, 0.3, 4);
    for (size_t i = 0; i < SAMPLES * INPUTS; i++)
        inputs[i] = trn_random_float(&random);
    ck_assert_int_eq(trnnsf_dataset_create(ctx, 1, 1, INPUTS, OUTPUTS, &dataset), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_dataset_set(ctx, dataset, TRNNSF_PART_TRAIN, SAMPLES, inputs, labels),
                     TRNNSF_OK);
    options.activation_bits = 3;
    options.activation_range = 0.7;
    ck_assert_int_eq(trnnsf_network_forward(ctx, network, SAMPLES, inputs, outputs[0]), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_quantise(ctx, network, dataset, &options), TRNNSF_OK);
    trnnsf_mapping *mapping = make_mapping(network, tech, TRNNSF_MAP_CLUSTERED);
    ck_assert_int_eq(trnnsf_network_forward(ctx, network, SAMPLES, inputs, outputs[1]), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_mapping_forward(ctx, mapping, network, SAMPLES, inputs, outputs[2]),
                     TRNNSF_OK);
    for (size_t i = 0; i < SAMPLES * OUTPUTS; i++) {
        moved += fabsf(outputs[0][i] - outputs[1][i]) > 1e-4f;
        differ += fabsf(outputs[1][i] - outputs[2][i]) > 1e-4f;
    }
    ck_assert_uint_gt(moved, SAMPLES * OUTPUTS / 5);
    ck_assert_uint_le(differ, SAMPLES * OUTPUTS / 100);
    trnnsf_dataset_free(dataset);
    trnnsf_mapping_free(mapping);
    trnnsf_network_free(network);
    trnnsf_tech_free(tech);
}
END_TEST

START_TEST(hostile_arguments)
{
    struct trnnsf_map_options options = TRNNSF_MAP_OPTIONS_INIT, defaults;
    struct trnnsf_crossbar crossbar = {.struct_size = sizeof crossbar};
    struct trnnsf_crossbar_counts counts = {.struct_size = sizeof counts};
    size_t sizes[] = {3, 2}, wider[] = {4, 2};
    float in[3] = {1, 2, (float)INFINITY}, out[2] = {-1, -1};
    trnnsf_network *network, *other;
    trnnsf_mapping *mapping = NULL, *good;
    trnnsf_tech *tech = make_tech("2x2");

    ck_assert_int_eq(trnnsf_network_create(ctx, sizes, 2, NULL, &network), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_create(ctx, wider, 2, NULL, &other), TRNNSF_OK);
    good = make_mapping(network, tech, TRNNSF_MAP_DENSE);
    trnnsf_map_options_init(&defaults);
    trnnsf_map_options_init(NULL);
    ck_assert_mem_eq(&defaults, &options, sizeof options);

    options.rule = 5;
    ck_assert_int_eq(trnnsf_mapping_create(ctx, network, tech, &options, &mapping),
                     TRNNSF_E_INVALID);
    options.rule = 0;
    options.cost = 3;
    ck_assert_int_eq(trnnsf_mapping_create(ctx, network, tech, &options, &mapping),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_mapping_create(NULL, network, tech, NULL, &mapping), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_mapping_create(ctx, NULL, tech, NULL, &mapping), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_mapping_create(ctx, network, NULL, NULL, &mapping), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_mapping_create(ctx, network, tech, NULL, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_mapping_from_matrix(ctx, NULL, NULL, tech, NULL, &mapping),
                     TRNNSF_E_INVALID);
    ck_assert_ptr_null(mapping);

    ck_assert_int_eq(trnnsf_mapping_crossbar(ctx, good, 2, &crossbar), TRNNSF_E_INVALID);
    crossbar.struct_size = 4;
    ck_assert_int_eq(trnnsf_mapping_crossbar(ctx, good, 0, &crossbar), TRNNSF_E_INVALID);
    crossbar.struct_size = sizeof crossbar + 8;
    ck_assert_int_eq(trnnsf_mapping_crossbar(ctx, good, 0, &crossbar), TRNNSF_E_INVALID);
    crossbar.struct_size = offsetof(struct trnnsf_crossbar, synapses);
    crossbar.synapses = 77;
    ck_assert_int_eq(trnnsf_mapping_crossbar(ctx, good, 0, &crossbar), TRNNSF_OK);
    ck_assert_uint_eq(crossbar.n_inputs, 2);
    ck_assert_uint_eq(crossbar.synapses, 77);
    ck_assert_int_eq(trnnsf_mapping_counts(ctx, good, 1, &counts), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_mapping_counts(ctx, NULL, 0, &counts), TRNNSF_E_INVALID);

    ck_assert_int_eq(trnnsf_mapping_check(ctx, good, other), TRNNSF_E_MISMATCH);
    ck_assert_int_eq(trnnsf_mapping_forward(ctx, good, other, 1, in, out), TRNNSF_E_MISMATCH);
    ck_assert_int_eq(trnnsf_mapping_forward(ctx, good, network, 0, in, out), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_mapping_forward(ctx, good, network, SIZE_MAX, in, out),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_mapping_forward(ctx, good, network, 1, in, out), TRNNSF_E_NUMERIC);
    ck_assert_int_eq(trnnsf_mapping_forward(ctx, good, network, 1, NULL, out), TRNNSF_E_INVALID);
    ck_assert_float_eq(out[0], -1);
    ck_assert_uint_eq(trnnsf_mapping_layers(NULL), 0);
    ck_assert_uint_eq(trnnsf_mapping_crossbars(NULL), 0);
    trnnsf_mapping_free(NULL);
    trnnsf_mapping_free(good);
    trnnsf_network_free(network);
    trnnsf_network_free(other);
    trnnsf_tech_free(tech);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("map");
    TCase *tcase = tcase_create("map"), *properties = property_cases(), *packing = packing_case();
    TCase *convolutions = convolution_cases();

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_checked_fixture(properties, setup, teardown);
    tcase_add_checked_fixture(packing, setup, teardown);
    tcase_add_checked_fixture(convolutions, setup, teardown);
    tcase_add_test(tcase, dense_counts_of_the_paper);
    tcase_add_test(tcase, tiny_counts);
    tcase_add_test(tcase, tiny_crossbars);
    tcase_add_test(tcase, empty_layers_take_nothing);
    tcase_add_test(tcase, residue_windows_find_blocks);
    tcase_add_test(tcase, check_finds_what_is_wrong);
    tcase_add_test(tcase, check_finds_a_missing_synapse);
    tcase_add_test(tcase, threads_change_nothing);
    tcase_add_test(tcase, converters_of_a_device);
    tcase_add_test(tcase, hostile_arguments);
    suite_add_tcase(suite, tcase);
    suite_add_tcase(suite, properties);
    suite_add_tcase(suite, convolutions);
    suite_add_tcase(suite, packing);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
