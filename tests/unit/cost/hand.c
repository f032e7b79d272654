/* Costs worked out by hand, and the source's own figures. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cost/common.h"

/* One 2x2 MCA; rates 0.75 and 0.5, weights 1, -0.5 to output 0 and 0, 0.25 to output 1. */
START_TEST(resparc_by_hand)
{
    static const float weights[] = {1, -0.5f, 0, 0.25f};
    static const float features[] = {1, 0, /**/ 0.5f, 1};
    size_t sizes[] = {2, 2};
    trnnsf_network *network = make_network(sizes, 2, TRNNSF_ACTIVATION_RELU);
    trnnsf_tech *tech = make_tech("resparc-45nm", "2x2");
    const double steps = 32, any = 1 - 0.25 * 0.5, updates = any + 0.5;

    ck_assert_int_eq(trnnsf_network_set_weights(ctx, network, 0, weights), TRNNSF_OK);
    trnnsf_activity *activity = measure(network, 2, features);
    trnnsf_cost *cost = evaluate(network, tech, TRNNSF_MAP_DENSE, activity);
    double row0 = 50e-6 + 5e-6, row1 = 27.5e-6 + 16.25e-6;
    double hop = (2 * 23.1e-3 + 3e-3) / 4 * 57.29e-9 / 5.54;
    double bit = 0.84e-12 / 64 * 0.49;

    ASSERT_CLOSE(energy_all(cost, TRNNSF_COST_ARRAY),
                 steps * 0.25 * 5e-9 * (0.75 * row0 + 0.5 * row1));
    ASSERT_CLOSE(energy_all(cost, TRNNSF_COST_PERIPHERY),
                 steps * 1.25 * 3.896875e-6 * 45 / 32 * 5e-9);
    ASSERT_CLOSE(energy_all(cost, TRNNSF_COST_NEURON), steps * updates * 2e-12 * 45 / 65);
    ASSERT_CLOSE(energy_all(cost, TRNNSF_COST_BUFFER), steps * (any * 2 + updates) * bit);
    ASSERT_CLOSE(energy_all(cost, TRNNSF_COST_COMMUNICATION),
                 steps * any * (16.0 / 128 * hop + 2.31e-12 * 0.49));
    ASSERT_CLOSE(trnnsf_cost_latency(cost, 0), steps * (100e-9 + 57.29e-9 / 5.54));
    double sum = 0;
    for (uint32_t part = 0; part < TRNNSF_COST_TOTAL; part++)
        sum += energy_all(cost, part);
    ASSERT_CLOSE(energy_all(cost, TRNNSF_COST_TOTAL), sum);
    ASSERT_CLOSE(trnnsf_cost_energy(cost, 0, TRNNSF_COST_TOTAL), sum);
    trnnsf_cost_free(cost);
    trnnsf_activity_free(activity);
    trnnsf_tech_free(tech);
    trnnsf_network_free(network);
}
END_TEST

/* What a constant adds to an area and an energy of the two layers' mapping. */
static void added(const trnnsf_network *network, const trnnsf_activity *activity, const char *name,
                  double *area, double *energy)
{
    trnnsf_tech *tech = make_tech(name, "2x2");

    set_value(&tech, "adc_energy_joule", 1e-12);
    for (int k = 0; k < 2; k++) {
        trnnsf_cost *cost = evaluate(network, tech, TRNNSF_MAP_DENSE, activity);

        for (uint32_t part = 0; part <= TRNNSF_COST_TOTAL; part++) {
            area[part] = area_all(cost, part) - (k ? area[part] : 0);
            energy[part] = energy_all(cost, part) - (k ? energy[part] : 0);
        }
        trnnsf_cost_free(cost);
        set_value(&tech, "reference_columns", 3);
    }
    trnnsf_tech_free(tech);
}

/* Three columns an array: cells, sensing and conversions, and nothing else. */
START_TEST(references_by_hand)
{
    static const float weights[] = {1, -0.5f, 0, 0.25f};
    static const char *const names[] = {"resparc-45nm", "puma-32nm"};
    size_t sizes[] = {2, 2};
    trnnsf_network *network = make_network(sizes, 2, TRNNSF_ACTIVATION_RELU);
    const double any = 1 - 0.25 * 0.5, arrays = _i ? 8 : 1;
    double area[TRN_COST_PARTS], energy[TRN_COST_PARTS], cell, column, sense, shift, off, steps,
        volt, time;
    trnnsf_tech *tech = make_tech(names[_i], "2x2");
    const struct {
        const char *key;
        double *value;
    } keys[] = {{"cell_area_square_metre", &cell}, {"column_area_square_metre", &column},
                {"column_energy_joule", &sense},   {"shift_add_energy_joule", &shift},
                {"resistance_off_ohm", &off},      {"time_steps", &steps},
                {"read_voltage_volt", &volt},      {"read_time_second", &time}};

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        ck_assert_int_eq(trnnsf_tech_value(ctx, tech, keys[i].key, keys[i].value), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_set_weights(ctx, network, 0, weights), TRNNSF_OK);
    trnnsf_activity *activity = constant_activity(network, 0, 0);
    activity->rate[0] = activity->nonzero[0] = 0.75f;
    activity->rate[1] = activity->nonzero[1] = 0.5f;
    added(network, activity, names[_i], area, energy);
    ASSERT_CLOSE(area[TRNNSF_COST_ARRAY], 3 * arrays * 2 * cell);
    ASSERT_CLOSE(area[TRNNSF_COST_PERIPHERY], 3 * arrays * column);
    ASSERT_CLOSE(area[TRNNSF_COST_TOTAL], 3 * arrays * (2 * cell + column));
    ASSERT_CLOSE(energy[TRNNSF_COST_ARRAY],
                 3 * arrays * steps * volt * volt * time * (_i ? 0.625 : 1.25) / off);
    ASSERT_CLOSE(energy[TRNNSF_COST_PERIPHERY], 3 * arrays * steps * any * (sense + shift + 1e-12));
    ck_assert_double_eq(energy[TRNNSF_COST_COMMUNICATION], 0);
    ck_assert_double_eq(area[TRNNSF_COST_NEURON] + area[TRNNSF_COST_BUFFER], 0);
    trnnsf_activity_free(activity);
    trnnsf_tech_free(tech);
    trnnsf_network_free(network);
}
END_TEST

/* Of three layers with 6, 2 and 1 arrays the last two use the first one's converters. */
START_TEST(shared_converters)
{
    size_t sizes[] = {6, 4, 2, 2};
    trnnsf_network *network = make_network(sizes, 4, TRNNSF_ACTIVATION_RELU);
    trnnsf_activity *activity = constant_activity(network, 0.5f, 0.5f);
    trnnsf_tech *tech = make_tech("resparc-45nm", "2x2");
    const double adc = 1.5e-11;

    set_value(&tech, "reference_columns", 1);
    set_value(&tech, "adc_area_square_metre", adc);
    trnnsf_cost *own = evaluate(network, tech, TRNNSF_MAP_DENSE, activity);
    set_value(&tech, "shared_converters", 1);
    trnnsf_cost *shared = evaluate(network, tech, TRNNSF_MAP_DENSE, activity);
    ck_assert_double_eq(trnnsf_cost_area(own, 0, TRNNSF_COST_TOTAL),
                        trnnsf_cost_area(shared, 0, TRNNSF_COST_TOTAL));
    for (size_t l = 1; l < 3; l++)
        ASSERT_CLOSE(trnnsf_cost_area(own, l, TRNNSF_COST_PERIPHERY) -
                         trnnsf_cost_area(shared, l, TRNNSF_COST_PERIPHERY),
                     (l == 1 ? 2 : 1) * 3 * adc);
    ASSERT_CLOSE(area_all(own, TRNNSF_COST_TOTAL) - area_all(shared, TRNNSF_COST_TOTAL),
                 3 * 3 * adc);
    ck_assert_double_eq(energy_all(own, TRNNSF_COST_TOTAL), energy_all(shared, TRNNSF_COST_TOTAL));
    trnnsf_cost_free(own);
    trnnsf_cost_free(shared);
    trnnsf_activity_free(activity);
    trnnsf_tech_free(tech);
    trnnsf_network_free(network);
}
END_TEST

/* What shapes cost is what a mapping does that uses them in full: 4 MCAs, which fill a PE, and half
 * of the weights 0, which conducts as much as half of the largest. */
static void full_use(const char *name, float nonzero)
{
    enum { N = 8 };
    float weights[4 * N * N];
    size_t sizes[] = {N, 4 * N};
    trnnsf_tech *tech = make_tech(name, "8x8");
    trnnsf_network *network = make_network(sizes, 2, TRNNSF_ACTIVATION_RELU);
    trnnsf_activity *activity = constant_activity(network, 1, nonzero);
    double bits, sums, steps, write, shared, factor, adder, coding, per_pe;

    for (size_t i = 0; i < 4 * N * N; i++)
        weights[i] = (i / N + i) % 2 == 0 ? 0.75f : 0;
    ck_assert_int_eq(trnnsf_network_set_weights(ctx, network, 0, weights), TRNNSF_OK);
    trnnsf_cost *cost = evaluate(network, tech, TRNNSF_MAP_DENSE, activity);
    struct {
        const char *key;
        double *value;
    } keys[] = {{"value_bits", &bits},
                {"mcas_per_pe", &per_pe},
                {"sum_bits", &sums},
                {"time_steps", &steps},
                {"buffer_write_energy_joule_per_bit", &write},
                {"shared_memory_energy_joule_per_bit", &shared},
                {"digital_voltage_factor", &factor},
                {"adder_energy_joule", &adder},
                {"input_coding", &coding}};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        ck_assert_int_eq(trnnsf_tech_value(ctx, tech, keys[i].key, keys[i].value), TRNNSF_OK);
    double transfers = coding > 0 ? 1 : steps;
    double updates = transfers * 4 * N;
    double other =
        energy_all(cost, TRNNSF_COST_NEURON) + updates * bits * factor * (write + shared);
    ASSERT_CLOSE(4 * trnnsf_tech_shape_energy(tech, 0),
                 energy_all(cost, TRNNSF_COST_TOTAL) - other + updates * adder);
    if (per_pe == 4)
        ASSERT_CLOSE(4 * trnnsf_tech_shape_area(tech, 0), area_all(cost, TRNNSF_COST_TOTAL));
    trnnsf_cost_free(cost);
    trnnsf_activity_free(activity);
    trnnsf_network_free(network);
    trnnsf_tech_free(tech);
}

START_TEST(shapes_in_full_use)
{
    full_use("resparc-45nm", 1);
    trnnsf_tech *tech = make_tech("puma-32nm", "32x32,64x64,128x128");
    for (size_t s = 1; s < 3; s++) {
        ck_assert_double_gt(trnnsf_tech_shape_area(tech, s), trnnsf_tech_shape_area(tech, s - 1));
        ck_assert_double_gt(trnnsf_tech_shape_energy(tech, s),
                            trnnsf_tech_shape_energy(tech, s - 1));
    }
    trnnsf_tech_free(tech);
}
END_TEST

/* Four 1x1 MCAs: each output is the sum of two partial sums, in one PE or in two. */
START_TEST(partial_sums_by_hand)
{
    static const float weights[] = {1, 1, 1, 1};
    size_t sizes[] = {2, 2};
    trnnsf_network *network = make_network(sizes, 2, TRNNSF_ACTIVATION_RELU);
    trnnsf_tech *tech = make_tech("resparc-45nm", "1x1");
    const double adder = 32 * 2 * 0.373e-12 / 4;
    const double local = 32 * 2 * 4.0 / 128 * (23.1e-3 + 3e-3) / 4 * 14.86e-9;

    ck_assert_int_eq(trnnsf_network_set_weights(ctx, network, 0, weights), TRNNSF_OK);
    trnnsf_activity *activity = constant_activity(network, 1, 1);
    set_value(&tech, "row_energy_joule", 0);
    trnnsf_cost *one = evaluate(network, tech, TRNNSF_MAP_DENSE, activity);
    ASSERT_CLOSE(energy_all(one, TRNNSF_COST_PERIPHERY), adder);
    double travel = energy_all(one, TRNNSF_COST_COMMUNICATION);
    set_value(&tech, "mcas_per_pe", 1);
    trnnsf_cost *two = evaluate(network, tech, TRNNSF_MAP_DENSE, activity);
    ASSERT_CLOSE(energy_all(two, TRNNSF_COST_PERIPHERY), adder);
    /* Four PEs are a mesh of side 2: two columns, (1 + 2) / 2 hops in the mean. */
    double hops = 32 * 4 * 16.0 / 128 * 0.5 * (2 * 23.1e-3 + 3e-3) / 4 * 57.29e-9 / 5.54;
    ASSERT_CLOSE(energy_all(two, TRNNSF_COST_COMMUNICATION), travel + local + hops);
    ASSERT_CLOSE(trnnsf_cost_latency(two, 0),
                 32 * (100e-9 + 2 * 57.29e-9 / 5.54 + 4.0 / 128 * 14.86e-9));
    trnnsf_cost_free(one);
    trnnsf_cost_free(two);
    trnnsf_activity_free(activity);
    trnnsf_tech_free(tech);
    trnnsf_network_free(network);
}
END_TEST

/* Bits of 16-bit numbers, 8 slices of 2 bits, converters. */
START_TEST(puma_by_hand)
{
    size_t sizes[] = {128, 128};
    trnnsf_network *network = make_network(sizes, 2, TRNNSF_ACTIVATION_RELU);
    trnnsf_tech *tech = make_tech("puma-32nm", "128x128");
    float *weights = malloc(128 * 128 * sizeof *weights);

    for (size_t i = 0; i < 128 * 128; i++)
        weights[i] = i % 2 ? 0.3f : -0.3f;
    ck_assert_int_eq(trnnsf_network_set_weights(ctx, network, 0, weights), TRNNSF_OK);
    trnnsf_activity *activity = constant_activity(network, 0.1f, 1);
    trnnsf_cost *cost = evaluate(network, tech, TRNNSF_MAP_DENSE, activity);
    double read = 0.3e-3 * 100e-9 * 2 * 20000 / (20000 + 1333.0); /* all cells on */

    ASSERT_CLOSE(energy_all(cost, TRNNSF_COST_ARRAY), 16 * 8 * 0.5 * read);
    ASSERT_CLOSE(energy_all(cost, TRNNSF_COST_PERIPHERY),
                 16 * 8 * 128 * (0.5 * 3.896875e-13 + 9.7e-16 + 1.5625e-12 + 0.05e-12));
    ASSERT_CLOSE(energy_all(cost, TRNNSF_COST_NEURON), 128 * 0.26e-12);
    ASSERT_CLOSE(area_all(cost, TRNNSF_COST_ARRAY), 8 * 2.5e-11);
    ASSERT_CLOSE(area_all(cost, TRNNSF_COST_PERIPHERY),
                 8 * (128 * 1.67e-13 + 1.2e-9 + 6e-11 + 5e-12));
    ck_assert_double_lt(trnnsf_cost_latency(cost, 0), 16 * 100e-9 + 1e-7);
    free(weights);
    trnnsf_cost_free(cost);
    trnnsf_activity_free(activity);
    trnnsf_tech_free(tech);
    trnnsf_network_free(network);
}
END_TEST

/* 784-800-800-10 with every input spiking, one step, against what the script
 * Aayush-Ankit/RESPARC-plc:src/compute_energy_latency_mlp.py prints for it: 351 MCAs, 131.5 nJ, of
 * which compute 20 %, within layers 16 %, between layers 64 %. Its PE has 0.0196 mm2, router and
 * link 0.00897 mm2 a PE. */
START_TEST(resparc_script)
{
    size_t sizes[] = {784, 800, 800, 10};
    trnnsf_network *network = make_network(sizes, 4, TRNNSF_ACTIVATION_RELU);
    trnnsf_tech *tech = make_tech("resparc-45nm", "64x64");
    trnnsf_activity *activity = constant_activity(network, 1, 1);
    const double compute = 351 / 4.0 * 3.0187e-3 * 100e-9, total = 131.5e-9;

    set_value(&tech, "time_steps", 1);
    trnnsf_mapping *mapping = make_mapping(network, tech, TRNNSF_MAP_DENSE);
    ck_assert_uint_eq(trnnsf_mapping_crossbars(mapping), 351);
    trnnsf_mapping_free(mapping);
    trnnsf_cost *cost = evaluate(network, tech, TRNNSF_MAP_DENSE, activity);
    double travel = energy_all(cost, TRNNSF_COST_COMMUNICATION);
    double inside = energy_all(cost, TRNNSF_COST_TOTAL) - travel;
    ck_assert_double_lt(fabs(travel / (0.8 * total) - 1), 0.25);
    ck_assert_double_lt(inside, 2 * compute);
    ck_assert_double_gt(inside, compute / 2);
    ck_assert_double_gt(travel / energy_all(cost, TRNNSF_COST_TOTAL), 0.6);
    ASSERT_CLOSE(area_all(cost, TRNNSF_COST_TOTAL) - area_all(cost, TRNNSF_COST_COMMUNICATION),
                 351 / 4.0 * 0.0196e-6);
    ASSERT_CLOSE(area_all(cost, TRNNSF_COST_COMMUNICATION),
                 (43 + 43 + 4) * (0.0259e-6 + 0.00996e-6) / 4);
    trnnsf_cost_free(cost);
    trnnsf_activity_free(activity);
    trnnsf_tech_free(tech);
    trnnsf_network_free(network);
}
END_TEST

TCase *hand_case(void)
{
    TCase *tcase = tcase_create("hand");

    tcase_add_test(tcase, resparc_by_hand);
    tcase_add_test(tcase, partial_sums_by_hand);
    tcase_add_test(tcase, shapes_in_full_use);
    tcase_add_test(tcase, puma_by_hand);
    tcase_add_loop_test(tcase, references_by_hand, 0, 2);
    tcase_add_test(tcase, shared_converters);
    tcase_add_test(tcase, resparc_script);
    return tcase;
}
