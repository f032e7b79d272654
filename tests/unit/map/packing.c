/* Whole networks by the packer, and what mappings make of pools of shapes. */
#include "map/packing.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <trnnsf/trnnsf.h>

#include "map/cases.h"

enum { LAYERS = 3 };
static const size_t sizes[LAYERS + 1] = {60, 50, 40, 7};

static trnnsf_network *dense_network(uint64_t seed)
{
    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;
    trnnsf_network *network;

    options.seed = seed;
    ck_assert_int_eq(trnnsf_network_create(ctx, sizes, LAYERS + 1, &options, &network), TRNNSF_OK);
    return network;
}

/* Some dense, some with masks and clusters. */
static trnnsf_network *network_for(uint64_t seed)
{
    struct trn_random random;

    if (seed % 2 == 0)
        return dense_network(seed);
    trn_random_init(&random, seed, TRN_RANDOM_TEST, 3);
    return make_network(&random, sizes, LAYERS + 1, 0.3, 4);
}

static const uint32_t side[] = {16};

static struct trnnsf_pack_options one_shape(void)
{
    struct trnnsf_pack_options options = TRNNSF_PACK_OPTIONS_INIT;

    options.shapes = 1;
    options.inputs = side;
    options.outputs = side;
    options.effort = 1;
    return options;
}

static struct trnnsf_pack_report pack(trnnsf_network *network,
                                      const struct trnnsf_pack_options *options)
{
    struct trnnsf_pack_report report = {.struct_size = sizeof report};

    ck_assert_msg(trnnsf_network_pack(ctx, network, options, &report) == TRNNSF_OK, "%s",
                  trnnsf_context_error(ctx));
    return report;
}

/* The mapping has a crossbar a block, and nothing else. */
static void check_mapping(const trnnsf_network *network, const char *shapes, uint64_t blocks)
{
    trnnsf_tech *tech = make_tech(shapes);
    trnnsf_mapping *mapping = make_mapping(network, tech, TRNNSF_MAP_CLUSTERED);
    struct trnnsf_crossbar_counts counts = count_all(mapping);

    ck_assert_msg(trnnsf_mapping_check(ctx, mapping, network) == TRNNSF_OK, "%s",
                  trnnsf_context_error(ctx));
    ck_assert_uint_eq(counts.residue, 0);
    ck_assert_uint_eq(counts.total, blocks);
    ck_assert_uint_le(counts.lower_bound, counts.total);
    trnnsf_mapping_free(mapping);
    trnnsf_tech_free(tech);
}

static void connectivity(const trnnsf_network *network, trnnsf_matrix **matrices)
{
    for (size_t l = 0; l < LAYERS; l++)
        ck_assert_int_eq(trnnsf_network_connectivity(ctx, network, l, &matrices[l]), TRNNSF_OK);
}

static void free_matrices(trnnsf_matrix **matrices)
{
    for (size_t l = 0; l < LAYERS; l++)
        trnnsf_matrix_free(matrices[l]);
}

static double worth(uint32_t salience, float value)
{
    return salience == TRNNSF_PACK_EQUAL    ? 1
           : salience == TRNNSF_PACK_SQUARE ? (double)value * (double)value
                                            : fabs((double)value);
}

/* What is kept of a layer, from its matrix before. */
static double share_kept(const trnnsf_matrix *before, const trnnsf_network *after, size_t layer,
                         uint32_t salience)
{
    const float *weights = trnnsf_network_weights(after, layer);
    double all = 0, kept = 0;

    for (size_t i = 0; i < before->n_rows; i++) {
        for (size_t e = before->row_start[i]; e < before->row_start[i + 1]; e++) {
            float now = weights[i * before->n_columns + before->column[e]];

            ck_assert(now == 0 || now == before->value[e]);
            all += worth(salience, before->value[e]);
            kept += now == 0 ? 0 : worth(salience, before->value[e]);
        }
    }
    return all > 0 ? kept / all : 1;
}

static int falling(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x < y) - (x > y);
}

enum { WIDE = 8, TILES = WIDE * WIDE };

/* Shares of a layer in tiles in natural order without empty lines, the largest first. */
static void tile(const trnnsf_matrix *m, uint32_t salience, double *share)
{
    size_t place[64] = {0}, across = 0, down = 0;
    double all = 0;

    for (size_t e = 0; e < trnnsf_matrix_nonzeros(m); e++) {
        place[m->column[e]] = 1;
        all += worth(salience, m->value[e]);
    }
    for (size_t j = 0; j < m->n_columns; j++)
        place[j] = place[j] ? across++ : 0;
    for (size_t i = 0; i < m->n_rows; i++) {
        for (size_t e = m->row_start[i]; e < m->row_start[i + 1]; e++)
            share[down / side[0] * WIDE + place[m->column[e]] / side[0]] +=
                worth(salience, m->value[e]) / all;
        down += m->row_start[i + 1] > m->row_start[i];
    }
    qsort(share, TILES, sizeof *share, falling);
}

/* The judge: the least share of a layer, when each tile is one of the layer with the least. */
static double tiling_keeps(trnnsf_matrix *const *matrices, size_t budget, uint32_t salience)
{
    double share[LAYERS][TILES] = {{0}}, kept[LAYERS] = {0};
    size_t taken[LAYERS] = {0}, least;

    for (size_t l = 0; l < LAYERS; l++)
        tile(matrices[l], salience, share[l]);
    for (size_t t = 0; t < budget; t++) {
        least = LAYERS;
        for (size_t l = 0; l < LAYERS; l++) {
            if (taken[l] < TILES && share[l][taken[l]] > 0 &&
                (least == LAYERS || kept[l] < kept[least]))
                least = l;
        }
        if (least == LAYERS)
            break;
        kept[least] += share[least][taken[least]];
        taken[least]++;
    }
    least = kept[0] < kept[1] ? 0 : 1;
    return kept[least] < kept[2] ? kept[least] : kept[2];
}

START_TEST(budgets_are_shared)
{
    for (uint64_t seed = 0; seed < 6; seed++) {
        for (size_t budget = 3; budget < 40; budget = 2 * budget + 1) {
            trnnsf_network *network = network_for(seed);
            struct trnnsf_pack_options options = one_shape();
            trnnsf_matrix *before[LAYERS];
            double kept = 0, least = 1;

            options.crossbars = budget;
            options.salience = (uint32_t)(seed % 3);
            options.seed = seed;
            connectivity(network, before);
            struct trnnsf_pack_report report = pack(network, &options);
            ck_assert_uint_le(report.blocks, budget);
            ck_assert_double_eq(report.cost, (double)report.blocks);
            for (size_t l = 0; l < LAYERS; l++) {
                ck_assert_uint_ge(trnnsf_clusters_count(trnnsf_network_clusters(network, l)), 1);
                double share = share_kept(before[l], network, l, options.salience);
                kept += share / LAYERS;
                least = fmin(least, share);
            }
            ck_assert_double_eq_tol(report.kept, kept, 1e-5);
            ck_assert_double_le(report.kept, report.kept_most);
            ck_assert_double_le(report.cost_least, report.cost);
            ck_assert_double_ge(report.kept, tiling_keeps(before, budget, options.salience) - 1e-5);
            check_mapping(network, "16x16", report.blocks);
            free_matrices(before);
            trnnsf_network_free(network);
        }
    }
}
END_TEST

START_TEST(bounds_hold_in_each_layer)
{
    static const double shares[] = {0, 0.01, 0.2, 0.7};

    for (uint64_t seed = 0; seed < 4; seed++) {
        uint64_t least = UINT64_MAX;

        for (size_t i = 0; i < 4; i++) {
            trnnsf_network *network = network_for(seed);
            struct trnnsf_pack_options options = one_shape();
            struct trnnsf_pack_report part = {.struct_size = sizeof part};
            trnnsf_matrix *before[LAYERS];
            double cost = 0;

            options.goal = TRNNSF_PACK_BOUND;
            options.discard = shares[i];
            options.salience = (uint32_t)(seed % 3);
            connectivity(network, before);
            struct trnnsf_pack_report report = pack(network, &options);
            for (size_t l = 0; l < LAYERS; l++) {
                double kept = share_kept(before[l], network, l, options.salience);

                ck_assert_double_ge(kept, 1 - shares[i] - 1e-6);
                ck_assert(i > 0 || kept == 1);
                ck_assert_int_eq(trnnsf_pack_measure(ctx, before[l], &options,
                                                     trnnsf_network_clusters(network, l), &part),
                                 TRNNSF_OK);
                ck_assert_double_eq_tol(part.kept, kept, 1e-5);
                cost += part.cost;
            }
            ck_assert_double_eq(cost, report.cost);
            ck_assert_double_eq(i > 0 ? 1 : report.kept, 1);
            ck_assert_uint_le(report.blocks, least + least / 10);
            least = report.blocks;
            check_mapping(network, "16x16", report.blocks);
            free_matrices(before);
            trnnsf_network_free(network);
        }
    }
}
END_TEST

static bool same_network(const trnnsf_network *a, const trnnsf_network *b)
{
    bool same = true;

    for (size_t l = 0; l < LAYERS; l++) {
        size_t cells = sizes[l] * sizes[l + 1];
        uint8_t *mask = malloc(2 * cells);

        ck_assert_int_eq(trnnsf_network_get_mask(ctx, a, l, mask), TRNNSF_OK);
        ck_assert_int_eq(trnnsf_network_get_mask(ctx, b, l, mask + cells), TRNNSF_OK);
        same = same && memcmp(mask, mask + cells, cells) == 0 &&
               memcmp(trnnsf_network_weights(a, l), trnnsf_network_weights(b, l),
                      cells * sizeof(float)) == 0 &&
               trnnsf_clusters_count(trnnsf_network_clusters(a, l)) ==
                   trnnsf_clusters_count(trnnsf_network_clusters(b, l));
        free(mask);
    }
    return same;
}

START_TEST(any_number_of_threads)
{
    trnnsf_network *networks[2];

    for (uint32_t i = 0; i < 2; i++) {
        struct trnnsf_context_options threads = TRNNSF_CONTEXT_OPTIONS_INIT;
        struct trnnsf_pack_options options = one_shape();
        trnnsf_context *other;

        threads.threads = 1 + 3 * i;
        ck_assert_int_eq(trnnsf_context_create(&threads, &other), TRNNSF_OK);
        networks[i] = dense_network(5);
        options.crossbars = 11;
        ck_assert_int_eq(trnnsf_network_pack(other, networks[i], &options, NULL), TRNNSF_OK);
        trnnsf_context_free(other);
    }
    ck_assert(same_network(networks[0], networks[1]));
    trnnsf_network_free(networks[0]);
    trnnsf_network_free(networks[1]);
}
END_TEST

/* Two shapes, the larger one better by the cell, and a limit on cost. */
START_TEST(cost_limits_hold)
{
    static const uint32_t inputs[] = {8, 16, 32}, outputs[] = {8, 16, 24};
    static const double cost[] = {1.1e-3, 3.5e-3, 9e-3};

    for (uint64_t seed = 0; seed < 4; seed++) {
        for (double limit = 3 * 1.1e-3; limit < 0.08; limit *= 2) {
            trnnsf_network *network = network_for(seed);
            struct trnnsf_pack_options options = one_shape();

            options.shapes = 3;
            options.inputs = inputs;
            options.outputs = outputs;
            options.cost = cost;
            options.cost_limit = limit;
            struct trnnsf_pack_report report = pack(network, &options);
            ck_assert_double_le(report.cost, limit * (1 + 1e-6));
            ck_assert_double_le(report.kept, report.kept_most);
            ck_assert_double_gt(report.kept, 0);
            for (size_t l = 0; l < LAYERS; l++)
                ck_assert_uint_ge(trnnsf_clusters_count(trnnsf_network_clusters(network, l)), 1);
            check_mapping(network, "8x8,16x16,32x24", report.blocks);
            trnnsf_network_free(network);
        }
    }
}
END_TEST

START_TEST(empty_layers_stay_empty)
{
    trnnsf_network *network = dense_network(1);
    struct trnnsf_pack_options options = one_shape();
    float *zeros = calloc(sizes[1] * sizes[2], sizeof *zeros);

    ck_assert_int_eq(trnnsf_network_set_weights(ctx, network, 1, zeros), TRNNSF_OK);
    options.crossbars = 2; /* two layers are left */
    struct trnnsf_pack_report report = pack(network, &options);
    ck_assert_uint_eq(report.blocks, 2);
    ck_assert_uint_eq(trnnsf_network_synapses(network, 1), 0);
    check_mapping(network, "16x16", 2);
    for (size_t l = 0; l < LAYERS; l += 2)
        ck_assert_int_eq(trnnsf_network_set_mask(ctx, network, l, (const uint8_t *)zeros),
                         TRNNSF_OK);
    report = pack(network, &options);
    ck_assert_uint_eq(report.blocks, 0);
    ck_assert_double_eq(report.kept, 1);
    check_mapping(network, "16x16", 0);
    free(zeros);
    trnnsf_network_free(network);
}
END_TEST

static int stop(const struct trnnsf_progress *progress, void *user)
{
    (void)progress;
    return ++*(int *)user > 2;
}

START_TEST(failure_changes_nothing)
{
    struct trnnsf_context_options stopping = TRNNSF_CONTEXT_OPTIONS_INIT;
    struct trnnsf_pack_options options = one_shape(), bad;
    struct trnnsf_pack_report report = {.struct_size = sizeof report, .kept = 7};
    trnnsf_network *network = network_for(1), *as_before;
    trnnsf_context *other;
    int calls = 0;

    ck_assert_int_eq(trnnsf_network_copy(ctx, network, &as_before), TRNNSF_OK);
    options.crossbars = 9;
    ck_assert_int_eq(trnnsf_network_pack(NULL, network, &options, &report), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_network_pack(ctx, NULL, &options, &report), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_network_pack(ctx, network, NULL, &report), TRNNSF_E_INVALID);
#define WITH(field, wrong, text)                                                                   \
    bad = options;                                                                                 \
    bad.field = (wrong);                                                                           \
    ck_assert_int_eq(trnnsf_network_pack(ctx, network, &bad, &report), TRNNSF_E_INVALID);          \
    ck_assert_msg(strstr(trnnsf_context_error(ctx), text) != NULL, "%s", trnnsf_context_error(ctx))
    WITH(crossbars, 2, "3 layers need one each");
    WITH(cost_limit, 2.5, "3 layers need 3 at least");
    WITH(cost_limit, NAN, "cost_limit");
    WITH(salience, 3, "salience 3");
    WITH(reserved, 1, "reserved 1");
    WITH(shapes, 17, "shapes 17");
    WITH(inputs, NULL, "inputs is NULL");
    WITH(effort, 10, "effort 10");
    report.struct_size = 4;
    ck_assert_int_eq(trnnsf_network_pack(ctx, network, &options, &report), TRNNSF_E_INVALID);
    ck_assert_double_eq(report.kept, 7);
    stopping.progress = stop;
    stopping.progress_user = &calls;
    ck_assert_int_eq(trnnsf_context_create(&stopping, &other), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_pack(other, network, &options, NULL), TRNNSF_E_CANCELLED);
    trnnsf_context_free(other);
    ck_assert(same_network(network, as_before));
    trnnsf_network_free(network);
    trnnsf_network_free(as_before);
}
END_TEST

/* Each crossbar of a pool is on the shape that costs least of those with room. */
static void check_pool(const trnnsf_mapping *mapping, const trnnsf_tech *tech, uint32_t cost)
{
    size_t shapes = trnnsf_tech_shapes(tech), sum = 0;

    for (size_t c = 0; c < trnnsf_mapping_crossbars(mapping); c++) {
        struct trnnsf_crossbar bar = {.struct_size = sizeof bar};
        double own = NAN, least = INFINITY;

        ck_assert_int_eq(trnnsf_mapping_crossbar(ctx, mapping, c, &bar), TRNNSF_OK);
        for (size_t s = 0; s < shapes; s++) {
            size_t inputs = trnnsf_tech_shape_inputs(tech, s);
            size_t outputs = trnnsf_tech_shape_outputs(tech, s);
            double one = cost == TRNNSF_MAP_COST_AREA     ? trnnsf_tech_shape_area(tech, s)
                         : cost == TRNNSF_MAP_COST_ENERGY ? trnnsf_tech_shape_energy(tech, s)
                                                          : (double)(inputs * outputs);

            if (bar.shape_inputs == inputs && bar.shape_outputs == outputs)
                own = one;
            if (bar.n_inputs <= inputs && bar.n_outputs <= outputs)
                least = fmin(least, one);
        }
        ck_assert_double_eq(own, least);
    }
    for (size_t s = 0; s < shapes; s++)
        sum += trnnsf_mapping_shape_crossbars(mapping, TRNNSF_ALL_LAYERS,
                                              trnnsf_tech_shape_inputs(tech, s),
                                              trnnsf_tech_shape_outputs(tech, s));
    ck_assert_uint_eq(sum, trnnsf_mapping_crossbars(mapping));
}

/* Packed for the technology's own costs, a mapping costs what the packer said. */
START_TEST(pools_by_cost)
{
    trnnsf_tech *tech = make_tech("8x8,16x16,32x8,8x40,32x32");
    uint32_t inputs[5], outputs[5];
    double price[5];

    for (uint32_t cost = 0; cost < 3; cost++) {
        trnnsf_network *network = network_for(cost);
        struct trnnsf_pack_options options = one_shape();
        struct trnnsf_map_options by = TRNNSF_MAP_OPTIONS_INIT;
        trnnsf_mapping *mapping;
        double sum = 0;

        for (size_t s = 0; s < 5; s++) {
            inputs[s] = (uint32_t)trnnsf_tech_shape_inputs(tech, s);
            outputs[s] = (uint32_t)trnnsf_tech_shape_outputs(tech, s);
            price[s] = cost == 0   ? inputs[s] * outputs[s]
                       : cost == 1 ? trnnsf_tech_shape_area(tech, s)
                                   : trnnsf_tech_shape_energy(tech, s);
            ck_assert_double_gt(price[s], 0);
        }
        options.shapes = 5;
        options.inputs = inputs;
        options.outputs = outputs;
        options.cost = price;
        options.goal = TRNNSF_PACK_BOUND;
        options.discard = 0.1;
        struct trnnsf_pack_report report = pack(network, &options);
        by.cost = cost;
        ck_assert_int_eq(trnnsf_mapping_create(ctx, network, tech, &by, &mapping), TRNNSF_OK);
        ck_assert_int_eq(trnnsf_mapping_check(ctx, mapping, network), TRNNSF_OK);
        check_pool(mapping, tech, cost);
        for (size_t s = 0; s < 5; s++)
            sum += price[s] * (double)trnnsf_mapping_shape_crossbars(mapping, TRNNSF_ALL_LAYERS,
                                                                     inputs[s], outputs[s]);
        ck_assert_double_eq_tol(sum, report.cost, 1e-9 * sum);
        trnnsf_mapping_free(mapping);
        trnnsf_network_free(network);
    }
    trnnsf_tech_free(tech);
}
END_TEST

/* 2 shapes of which neither holds the other: 12 inputs of each of 8 outputs take two 8 x 4 MCAs (a
 * quarter each) or a 12 x 2 (half a one): 8 / 2 = 4 crossbars, not the two of a 12 x 4. */
START_TEST(pool_bounds_are_of_its_shapes)
{
    float full[8 * 12];
    trnnsf_tech *tech = make_tech("8x4,12x2");
    trnnsf_matrix *matrix;
    trnnsf_mapping *mapping;

    for (size_t i = 0; i < 8 * 12; i++)
        full[i] = 1;
    ck_assert_int_eq(trnnsf_matrix_from_dense(ctx, 8, 12, full, &matrix), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_mapping_from_matrix(ctx, matrix, NULL, tech, NULL, &mapping),
                     TRNNSF_OK);
    ck_assert_uint_eq(count_all(mapping).lower_bound, 4);
    ck_assert_uint_eq(count_all(mapping).total, 4);
    ck_assert_uint_eq(trnnsf_mapping_shape_crossbars(mapping, 0, 8, 4), 4);
    ck_assert_uint_eq(trnnsf_mapping_shape_crossbars(mapping, 1, 8, 4), 0);
    ck_assert_uint_eq(trnnsf_mapping_shape_crossbars(NULL, 0, 8, 4), 0);
    trnnsf_mapping_free(mapping);
    trnnsf_matrix_free(matrix);
    trnnsf_tech_free(tech);
}
END_TEST

TCase *packing_case(void)
{
    TCase *tests = tcase_create("packing");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, budgets_are_shared);
    tcase_add_test(tests, bounds_hold_in_each_layer);
    tcase_add_test(tests, any_number_of_threads);
    tcase_add_test(tests, cost_limits_hold);
    tcase_add_test(tests, empty_layers_stay_empty);
    tcase_add_test(tests, failure_changes_nothing);
    tcase_add_test(tests, pools_by_cost);
    tcase_add_test(tests, pool_bounds_are_of_its_shapes);
    return tests;
}
