/* cost/ and sim/common/: activity, costs worked out by hand (hand.c), invariants, refusals. */
#include "cost/common.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"

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

trnnsf_tech *make_tech(const char *name, const char *shapes)
{
    trnnsf_tech *tech, *shaped;

    ck_assert_int_eq(trnnsf_tech_preset(ctx, name, &tech), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_tech_with_shapes(ctx, tech, shapes, &shaped), TRNNSF_OK);
    trnnsf_tech_free(tech);
    return shaped;
}

/* Changes a constant; the old descriptor is freed. */
void set_value(trnnsf_tech **tech, const char *key, double value)
{
    trnnsf_tech *changed;

    ck_assert_int_eq(trnnsf_tech_with_value(ctx, *tech, key, value, &changed), TRNNSF_OK);
    trnnsf_tech_free(*tech);
    *tech = changed;
}

trnnsf_network *make_network(const size_t *sizes, size_t n_sizes, uint32_t activation)
{
    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;
    trnnsf_network *network;

    options.hidden_activation = activation;
    options.output_activation = activation;
    ck_assert_int_eq(trnnsf_network_create(ctx, sizes, n_sizes, &options, &network), TRNNSF_OK);
    return network;
}

trnnsf_dataset *make_dataset(size_t width, size_t classes, size_t n, const float *features)
{
    trnnsf_dataset *dataset;
    uint32_t *labels = calloc(n, sizeof *labels);

    ck_assert_int_eq(trnnsf_dataset_create(ctx, 1, 1, width, classes, &dataset), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_dataset_set(ctx, dataset, TRNNSF_PART_TEST, n, features, labels),
                     TRNNSF_OK);
    free(labels);
    return dataset;
}

trnnsf_activity *measure(const trnnsf_network *network, size_t n, const float *features)
{
    trnnsf_activity *activity;
    trnnsf_dataset *dataset = make_dataset(
        trnnsf_network_inputs(network, 0),
        trnnsf_network_outputs(network, trnnsf_network_layers(network) - 1), n, features);

    ck_assert_int_eq(trnnsf_activity_measure(ctx, network, dataset, TRNNSF_PART_TEST, &activity),
                     TRNNSF_OK);
    trnnsf_dataset_free(dataset);
    return activity;
}

trnnsf_mapping *make_mapping(const trnnsf_network *network, const trnnsf_tech *tech, uint32_t rule)
{
    struct trnnsf_map_options options = TRNNSF_MAP_OPTIONS_INIT;
    trnnsf_mapping *mapping;

    options.rule = rule;
    ck_assert_int_eq(trnnsf_mapping_create(ctx, network, tech, &options, &mapping), TRNNSF_OK);
    return mapping;
}

trnnsf_cost *evaluate(const trnnsf_network *network, const trnnsf_tech *tech, uint32_t rule,
                      const trnnsf_activity *activity)
{
    trnnsf_mapping *mapping = make_mapping(network, tech, rule);
    trnnsf_cost *cost;

    ck_assert_int_eq(trnnsf_cost_evaluate(ctx, mapping, tech, activity, &cost), TRNNSF_OK);
    trnnsf_mapping_free(mapping);
    return cost;
}

/* Every input at the same rate. */
trnnsf_activity *constant_activity(const trnnsf_network *network, float rate, float nonzero)
{
    size_t sizes[8];
    trnnsf_activity *activity;

    for (size_t l = 0; l < network->n_layers; l++)
        sizes[l] = network->layers[l].n_in;
    ck_assert_int_eq(trn_activity_new(ctx, network->n_layers, sizes, &activity), TRNNSF_OK);
    for (size_t i = 0; i < activity->start[network->n_layers]; i++) {
        activity->rate[i] = rate;
        activity->nonzero[i] = nonzero;
    }
    return activity;
}

double energy_all(const trnnsf_cost *cost, uint32_t part)
{
    return trnnsf_cost_energy(cost, TRNNSF_ALL_LAYERS, part);
}

double area_all(const trnnsf_cost *cost, uint32_t part)
{
    return trnnsf_cost_area(cost, TRNNSF_ALL_LAYERS, part);
}

/* Hidden values: x0 - x1 and 2 x1; the hidden layer's largest magnitude is 2. */
START_TEST(activity_by_hand)
{
    static const float weights[] = {1, -1, 0, 2}, last[] = {1, 1};
    static const float features[] = {1, 0, /**/ 0.5f, 1, /**/ 0, 0, /**/ 0.5f, 1};
    size_t sizes[] = {2, 2, 1}, count = 0;
    trnnsf_network *network = make_network(sizes, 3, TRNNSF_ACTIVATION_LINEAR);

    ck_assert_int_eq(trnnsf_network_set_weights(ctx, network, 0, weights), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_set_weights(ctx, network, 1, last), TRNNSF_OK);
    trnnsf_activity *activity = measure(network, 4, features);
    const float *rate = trnnsf_activity_rate(activity, 0, &count);
    ck_assert_uint_eq(count, 2);
    ck_assert_float_eq(rate[0], 0.5f);
    ck_assert_float_eq(rate[1], 0.5f);
    ck_assert_float_eq(trnnsf_activity_nonzero(activity, 0, NULL)[0], 0.75f);
    ck_assert_float_eq(trnnsf_activity_nonzero(activity, 0, NULL)[1], 0.5f);
    rate = trnnsf_activity_rate(activity, 1, &count); /* |1|, |-0.5|, 0, |-0.5| and 0, 2, 0, 2 */
    ck_assert_float_eq_tol(rate[0], 2.0f / 4 / 2, 1e-6f);
    ck_assert_float_eq_tol(rate[1], 4.0f / 4 / 2, 1e-6f);
    ck_assert_float_eq(trnnsf_activity_nonzero(activity, 1, NULL)[0], 0.75f);
    ck_assert_ptr_null(trnnsf_activity_rate(activity, 2, &count));
    ck_assert_ptr_null(trnnsf_activity_rate(NULL, 0, &count));
    trnnsf_activity_free(activity);
    trnnsf_activity_free(NULL);
    trnnsf_network_free(network);
}
END_TEST

START_TEST(activity_refusals)
{
    static const float features[] = {1, 2, 3};
    size_t sizes[] = {3, 2};
    trnnsf_network *network = make_network(sizes, 2, TRNNSF_ACTIVATION_RELU);
    trnnsf_dataset *dataset = make_dataset(3, 2, 1, features);
    trnnsf_dataset *wider = make_dataset(1, 2, 3, features);
    trnnsf_activity *out = NULL;

    ck_assert_int_eq(trnnsf_activity_measure(NULL, network, dataset, 2, &out), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_activity_measure(ctx, NULL, dataset, 2, &out), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_activity_measure(ctx, network, NULL, 2, &out), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_activity_measure(ctx, network, dataset, 2, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_activity_measure(ctx, network, dataset, 3, &out), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_activity_measure(ctx, network, dataset, 0, &out), TRNNSF_E_STATE);
    ck_assert_int_eq(trnnsf_activity_measure(ctx, network, wider, 2, &out), TRNNSF_E_MISMATCH);
    trnnsf_context_cancel(ctx);
    ck_assert_int_eq(trnnsf_activity_measure(ctx, network, dataset, 2, &out), TRNNSF_E_CANCELLED);
    ck_assert_ptr_null(out);
    trnnsf_dataset_free(dataset);
    trnnsf_dataset_free(wider);
    trnnsf_network_free(network);
}
END_TEST

static trnnsf_network *random_network(uint32_t stream, double density)
{
    struct trn_random random;
    size_t sizes[] = {90, 120, 10};
    trnnsf_network *network = make_network(sizes, 3, TRNNSF_ACTIVATION_RELU);

    trn_random_init(&random, 3, TRN_RANDOM_TEST, stream);
    for (size_t l = 0; l < 2; l++) {
        size_t n = sizes[l] * sizes[l + 1];
        uint8_t *mask = malloc(n);

        for (size_t i = 0; i < n; i++)
            mask[i] = i / sizes[l] % 3 != 0 && trn_random_double(&random) < density;
        ck_assert_int_eq(trnnsf_network_set_mask(ctx, network, l, mask), TRNNSF_OK);
        free(mask);
    }
    return network;
}

/* The same network on fewer crossbars costs less; a silent network costs area only. */
START_TEST(costs_are_monotone)
{
    static const char *const names[] = {"resparc-45nm", "puma-32nm"};

    for (uint32_t i = 0; i < 8; i++) {
        trnnsf_network *network = random_network(i, 0.02 + 0.05 * i);
        trnnsf_tech *tech = make_tech(names[i % 2], "16x16");
        trnnsf_activity *activity = constant_activity(network, 0.3f, 0.5f);
        trnnsf_activity *half = constant_activity(network, 0.15f, 0.25f);
        trnnsf_activity *silent = constant_activity(network, 0, 0);
        trnnsf_cost *dense = evaluate(network, tech, TRNNSF_MAP_DENSE, activity);
        trnnsf_cost *pruned = evaluate(network, tech, TRNNSF_MAP_PRUNED, activity);
        trnnsf_cost *windows = evaluate(network, tech, TRNNSF_MAP_CLUSTERED, activity);
        trnnsf_cost *less = evaluate(network, tech, TRNNSF_MAP_PRUNED, half);
        trnnsf_cost *nothing = evaluate(network, tech, TRNNSF_MAP_PRUNED, silent);

        for (uint32_t part = 0; part <= TRNNSF_COST_TOTAL; part++) {
            ck_assert_double_le(area_all(pruned, part), area_all(dense, part));
            ck_assert_double_le(area_all(windows, part), area_all(pruned, part));
            ck_assert_double_le(energy_all(pruned, part), energy_all(dense, part) * (1 + 1e-12));
            ck_assert_double_lt(energy_all(less, part), energy_all(pruned, part));
            ck_assert_double_eq(energy_all(nothing, part), 0);
            ck_assert_double_eq(area_all(nothing, part), area_all(pruned, part));
        }
        trnnsf_cost_free(dense);
        trnnsf_cost_free(pruned);
        trnnsf_cost_free(windows);
        trnnsf_cost_free(less);
        trnnsf_cost_free(nothing);
        trnnsf_activity_free(activity);
        trnnsf_activity_free(half);
        trnnsf_activity_free(silent);
        trnnsf_tech_free(tech);
        trnnsf_network_free(network);
    }
}
END_TEST

START_TEST(energy_is_proportional_to_time_steps)
{
    trnnsf_network *network = random_network(1, 0.2);
    trnnsf_tech *tech = make_tech("resparc-45nm", "16x16");
    trnnsf_activity *activity = constant_activity(network, 0.2f, 0.5f);
    trnnsf_cost *one = evaluate(network, tech, TRNNSF_MAP_CLUSTERED, activity);

    set_value(&tech, "time_steps", 64);
    trnnsf_cost *two = evaluate(network, tech, TRNNSF_MAP_CLUSTERED, activity);
    for (uint32_t part = 0; part <= TRNNSF_COST_TOTAL; part++)
        ASSERT_CLOSE(energy_all(two, part), 2 * energy_all(one, part));
    ASSERT_CLOSE(trnnsf_cost_latency(two, 1), 2 * trnnsf_cost_latency(one, 1));
    trnnsf_cost_free(one);
    trnnsf_cost_free(two);
    trnnsf_activity_free(activity);
    trnnsf_tech_free(tech);
    trnnsf_network_free(network);
}
END_TEST

START_TEST(threads_change_nothing)
{
    enum { SAMPLES = 600 };
    struct trn_random random;
    trnnsf_network *network = random_network(2, 0.3);
    trnnsf_tech *tech = make_tech("resparc-45nm", "16x16");
    trnnsf_mapping *mapping = make_mapping(network, tech, TRNNSF_MAP_CLUSTERED);
    float *features = malloc(SAMPLES * 90 * sizeof *features);
    trnnsf_activity *activity[2];
    trnnsf_cost *cost[2];

    trn_random_init(&random, 4, TRN_RANDOM_TEST, 0);
    for (size_t i = 0; i < SAMPLES * 90; i++)
        features[i] = trn_random_float(&random);
    trnnsf_dataset *dataset = make_dataset(90, 10, SAMPLES, features);
    for (uint32_t i = 0; i < 2; i++) {
        struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
        trnnsf_context *other;

        options.threads = 1 + 4 * i;
        ck_assert_int_eq(trnnsf_context_create(&options, &other), TRNNSF_OK);
        ck_assert_int_eq(trnnsf_activity_measure(other, network, dataset, 2, &activity[i]),
                         TRNNSF_OK);
        ck_assert_int_eq(trnnsf_cost_evaluate(other, mapping, tech, activity[i], &cost[i]),
                         TRNNSF_OK);
        trnnsf_context_free(other);
    }
    ck_assert_mem_eq(activity[0]->rate, activity[1]->rate, 210 * sizeof(float));
    ck_assert_mem_eq(activity[0]->nonzero, activity[1]->nonzero, 210 * sizeof(float));
    ck_assert_mem_eq(cost[0]->layers, cost[1]->layers, 3 * sizeof *cost[0]->layers);
    for (int i = 0; i < 2; i++) {
        trnnsf_activity_free(activity[i]);
        trnnsf_cost_free(cost[i]);
    }
    free(features);
    trnnsf_dataset_free(dataset);
    trnnsf_mapping_free(mapping);
    trnnsf_tech_free(tech);
    trnnsf_network_free(network);
}
END_TEST

START_TEST(cost_refusals)
{
    size_t sizes[] = {3, 2}, others[] = {4, 2}, more[] = {3, 2, 2};
    trnnsf_network *network = make_network(sizes, 2, TRNNSF_ACTIVATION_RELU);
    trnnsf_network *wider = make_network(others, 2, TRNNSF_ACTIVATION_RELU);
    trnnsf_network *deeper = make_network(more, 3, TRNNSF_ACTIVATION_RELU);
    trnnsf_tech *tech = make_tech("resparc-45nm", "2x2");
    trnnsf_mapping *mapping = make_mapping(network, tech, TRNNSF_MAP_DENSE);
    trnnsf_activity *good = constant_activity(network, 1, 1);
    trnnsf_activity *wide = constant_activity(wider, 1, 1), *deep = constant_activity(deeper, 1, 1);
    trnnsf_cost *out = NULL;

    ck_assert_int_eq(trnnsf_cost_evaluate(NULL, mapping, tech, good, &out), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_cost_evaluate(ctx, NULL, tech, good, &out), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_cost_evaluate(ctx, mapping, NULL, good, &out), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_cost_evaluate(ctx, mapping, tech, NULL, &out), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_cost_evaluate(ctx, mapping, tech, good, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_cost_evaluate(ctx, mapping, tech, wide, &out), TRNNSF_E_MISMATCH);
    ck_assert_int_eq(trnnsf_cost_evaluate(ctx, mapping, tech, deep, &out), TRNNSF_E_MISMATCH);
    set_value(&tech, "devices_per_sign", 2);
    set_value(&tech, "columns_per_output", 2);
    ck_assert_int_eq(trnnsf_cost_evaluate(ctx, mapping, tech, good, &out), TRNNSF_E_MISMATCH);
    ck_assert_ptr_null(out);
    ck_assert(isnan(trnnsf_cost_area(NULL, 0, 0)));
    set_value(&tech, "columns_per_output", 1);
    ck_assert_int_eq(trnnsf_cost_evaluate(ctx, mapping, tech, good, &out), TRNNSF_OK);
    ck_assert(isnan(trnnsf_cost_energy(out, 1, 0)));
    ck_assert(isnan(trnnsf_cost_area(out, 0, TRNNSF_COST_TOTAL + 1)));
    ck_assert(isnan(trnnsf_cost_latency(out, 1)));
    ck_assert(!isnan(trnnsf_cost_latency(out, TRNNSF_ALL_LAYERS)));
    trnnsf_cost_free(out);
    trnnsf_cost_free(NULL);
    trnnsf_activity_free(good);
    trnnsf_activity_free(wide);
    trnnsf_activity_free(deep);
    trnnsf_mapping_free(mapping);
    trnnsf_tech_free(tech);
    trnnsf_network_free(network);
    trnnsf_network_free(wider);
    trnnsf_network_free(deeper);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cost");
    TCase *tcase = tcase_create("cost");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, activity_by_hand);
    tcase_add_test(tcase, activity_refusals);
    tcase_add_test(tcase, costs_are_monotone);
    tcase_add_test(tcase, energy_is_proportional_to_time_steps);
    tcase_add_test(tcase, threads_change_nothing);
    tcase_add_test(tcase, cost_refusals);
    suite_add_tcase(suite, tcase);
    tcase = hand_case();
    tcase_add_checked_fixture(tcase, setup, teardown);
    suite_add_tcase(suite, tcase);
    tcase = convolution_case();
    tcase_add_checked_fixture(tcase, setup, teardown);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
