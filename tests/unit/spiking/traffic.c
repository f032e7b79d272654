/* What spikes meet on crossbars, against plain loops over spike trains, and what it costs. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "spiking/common.h"

enum { LAYERS = 3, WIDEST = 150, STEPS = 45 };

struct placed {
    trnnsf_tech *tech;
    trnnsf_mapping *mapping;
    trnnsf_spiking *spiking;
};

static struct placed place(const struct scene *scene, const char *mca, uint32_t rule)
{
    struct trnnsf_map_options map = TRNNSF_MAP_OPTIONS_INIT;
    struct placed placed;
    trnnsf_tech *tech;

    map.rule = rule;
    OK(trnnsf_tech_preset(ctx, "resparc-45nm", &tech));
    OK(trnnsf_tech_with_shapes(ctx, tech, mca, &placed.tech));
    OK(trnnsf_mapping_create(ctx, scene->network, placed.tech, &map, &placed.mapping));
    OK(trnnsf_spiking_map(ctx, scene->spiking, placed.mapping, &placed.spiking));
    trnnsf_tech_free(tech);
    return placed;
}

static void free_placed(struct placed *placed)
{
    trnnsf_spiking_free(placed->spiking);
    trnnsf_mapping_free(placed->mapping);
    trnnsf_tech_free(placed->tech);
}

/* One layer's, step by step. */
struct judge {
    uint64_t reads[400], updates[WIDEST], spikes, rows, messages;
    size_t crossbars;
};

static void judge_crossbar(const struct trnnsf_crossbar *crossbar, const uint8_t *trains,
                           size_t steps, uint64_t *reads, uint8_t *arrives)
{
    for (size_t t = 0; t < steps; t++) {
        bool is_read = false;

        for (size_t i = 0; i < crossbar->n_inputs; i++) {
            if (!trains[crossbar->inputs[i] * steps + t])
                continue;
            is_read = true;
            for (size_t o = 0; o < crossbar->n_outputs; o++)
                arrives[crossbar->outputs[o] * steps + t] |=
                    crossbar->weights[o * crossbar->n_inputs + i] != 0;
        }
        *reads += is_read;
    }
}

static void judge_layer(const struct placed *placed, size_t layer, const uint8_t *trains,
                        size_t steps, struct judge *judge)
{
    double per_pe;
    uint8_t *arrives = calloc(WIDEST * steps, 1), *seen = calloc(WIDEST * 400, 1);

    memset(judge, 0, sizeof *judge);
    OK(trnnsf_tech_value(ctx, placed->tech, "mcas_per_pe", &per_pe));
    for (size_t c = 0; c < trnnsf_mapping_crossbars(placed->mapping); c++) {
        struct trnnsf_crossbar crossbar = {.struct_size = sizeof crossbar};

        OK(trnnsf_mapping_crossbar(ctx, placed->mapping, c, &crossbar));
        if (crossbar.layer != layer)
            continue;
        judge_crossbar(&crossbar, trains, steps, &judge->reads[judge->crossbars], arrives);
        for (size_t i = 0; i < crossbar.n_inputs; i++) {
            size_t input = crossbar.inputs[i], pe = judge->crossbars / (size_t)per_pe;

            for (size_t t = 0; t < steps; t++) {
                judge->rows += trains[input * steps + t];
                judge->messages += trains[input * steps + t] && !seen[input * 400 + pe];
            }
            seen[input * 400 + pe] = 1;
        }
        judge->crossbars++;
    }
    for (size_t k = 0; k < WIDEST * steps; k++)
        judge->updates[k / steps] += arrives[k];
    free(arrives);
    free(seen);
}

static void assert_layer(const struct placed *placed, const trnnsf_spike_record *record,
                         size_t layer, const struct judge *judge)
{
    struct trnnsf_spike_traffic traffic = {.struct_size = sizeof traffic};
    size_t count;
    uint64_t reads = 0, updates = 0;
    const uint64_t *counts = trnnsf_spike_record_reads(record, layer, &count);

    ck_assert_uint_eq(count, judge->crossbars);
    ck_assert_mem_eq(counts, judge->reads, count * sizeof *counts);
    for (size_t c = 0; c < count; c++)
        reads += counts[c];
    counts = trnnsf_spike_record_updates(record, layer, &count);
    ck_assert_mem_eq(counts, judge->updates, count * sizeof *counts);
    for (size_t o = 0; o < count; o++)
        updates += counts[o];
    OK(trnnsf_spike_record_traffic(ctx, record, placed->mapping, placed->tech, layer, &traffic));
    ck_assert_double_eq(traffic.rows, (double)judge->rows);
    ck_assert_double_eq(traffic.messages, (double)judge->messages);
    ck_assert_double_eq(traffic.reads, (double)reads);
    ck_assert_double_eq(traffic.updates, (double)updates);
}

/* All kinds of networks on tiles and clusters, with and without an early end; one sample. */
START_TEST(equals_plain_loops)
{
    struct trnnsf_spike_run_options way = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    struct scene scene = make_scene((uint32_t)_i % KINDS, 40 + (uint64_t)_i, NULL);
    struct placed placed = place(&scene, _i % 2 ? "16x24" : "24x16",
                                 _i % 3 ? TRNNSF_MAP_CLUSTERED : TRNNSF_MAP_PRUNED);
    uint8_t *trains = malloc((size_t)WIDEST * STEPS);
    struct judge *judge = malloc(sizeof *judge);
    trnnsf_spike_record *record, *plain;

    way.steps = STEPS;
    way.coding = TRNNSF_CODING_POISSON;
    way.patience = _i / KINDS % 2 ? 6 : 0;
    OK(trnnsf_spiking_run(ctx, placed.spiking, 1, scene.inputs, scene.labels, &way, &plain));
    ck_assert_ptr_null(trnnsf_spike_record_reads(plain, 0, NULL));
    way.traffic = 1;
    OK(trnnsf_spiking_run(ctx, placed.spiking, 1, scene.inputs, scene.labels, &way, &record));
    assert_same(plain, record, LAYERS);
    for (size_t l = 0; l < LAYERS; l++) {
        OK(trnnsf_spiking_trains(ctx, placed.spiking, scene.inputs, &way, l, trains));
        judge_layer(&placed, l, trains, STEPS, judge);
        assert_layer(&placed, record, l, judge);
    }
    trnnsf_spike_record_free(plain);
    trnnsf_spike_record_free(record);
    free(judge);
    free(trains);
    free_placed(&placed);
    free_scene(&scene);
}
END_TEST

static double value_of(const trnnsf_tech *tech, const char *key)
{
    double value;

    OK(trnnsf_tech_value(ctx, tech, key, &value));
    return value;
}

/* Energy of buffers and neurons by doc/cost-model.md with what was met: each read brings a
 * crossbar's inputs, each update computes a neuron. Steps are those of the run, whatever the
 * technology has. */
static void assert_cost(const struct placed *placed, const trnnsf_spike_record *record,
                        const trnnsf_cost *cost, size_t layer)
{
    double bits = value_of(placed->tech, "value_bits"), buffer = 0, neuron = 0;
    double factor = value_of(placed->tech, "digital_voltage_factor");
    double write = value_of(placed->tech, "buffer_write_energy_joule_per_bit");
    double read = value_of(placed->tech, "buffer_read_energy_joule_per_bit");
    double shared = value_of(placed->tech, "shared_memory_energy_joule_per_bit");
    double samples = (double)trnnsf_spike_record_samples(record);
    size_t count, c = 0;
    const uint64_t *reads = trnnsf_spike_record_reads(record, layer, NULL);
    const uint64_t *updates = trnnsf_spike_record_updates(record, layer, &count);

    for (size_t k = 0; k < trnnsf_mapping_crossbars(placed->mapping); k++) {
        struct trnnsf_crossbar crossbar = {.struct_size = sizeof crossbar};

        OK(trnnsf_mapping_crossbar(ctx, placed->mapping, k, &crossbar));
        if (crossbar.layer == layer)
            buffer += (double)reads[c++] / samples * (double)crossbar.n_inputs * bits *
                      (write + read + shared);
    }
    for (size_t o = 0; o < count; o++) {
        buffer += (double)updates[o] / samples * bits * (write + shared);
        neuron += (double)updates[o] / samples * value_of(placed->tech, "neuron_energy_joule");
    }
    ck_assert_double_eq_tol(trnnsf_cost_energy(cost, layer, TRNNSF_COST_BUFFER) / (buffer * factor),
                            1, 1e-5);
    ck_assert_double_eq_tol(trnnsf_cost_energy(cost, layer, TRNNSF_COST_NEURON) / neuron, 1, 1e-5);
}

static trnnsf_cost *cost_of(const struct placed *placed, const trnnsf_spike_record *record)
{
    trnnsf_activity *activity;
    trnnsf_cost *cost;

    OK(trnnsf_spike_record_activity(ctx, record, &activity));
    ck_assert_double_eq(trnnsf_activity_steps(activity), trnnsf_spike_record_mean_steps(record));
    OK(trnnsf_cost_evaluate(ctx, placed->mapping, placed->tech, activity, &cost));
    trnnsf_activity_free(activity);
    return cost;
}

START_TEST(costs)
{
    struct trnnsf_spike_run_options way = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    struct scene scene = make_scene((uint32_t)_i, 11, NULL);
    struct placed placed = place(&scene, "16x24", TRNNSF_MAP_CLUSTERED);
    struct placed other = place(&scene, "24x16", TRNNSF_MAP_CLUSTERED);
    trnnsf_tech *changed;
    trnnsf_activity *activity;

    way.steps = STEPS;
    way.coding = TRNNSF_CODING_POISSON;
    way.traffic = 1;
    way.patience = _i % 2 ? 6 : 0;
    trnnsf_spike_record *record = run(placed.spiking, &scene, &way);
    way.traffic = 0;
    trnnsf_spike_record *plain = run(placed.spiking, &scene, &way);
    trnnsf_cost *cost = cost_of(&placed, record), *independent = cost_of(&placed, plain);

    for (size_t l = 0; l < LAYERS; l++)
        assert_cost(&placed, record, cost, l);
    ck_assert_double_ne(
        trnnsf_cost_energy(cost, TRNNSF_ALL_LAYERS, TRNNSF_COST_COMMUNICATION),
        trnnsf_cost_energy(independent, TRNNSF_ALL_LAYERS, TRNNSF_COST_COMMUNICATION));
    ck_assert_double_eq(trnnsf_cost_energy(cost, TRNNSF_ALL_LAYERS, TRNNSF_COST_ARRAY),
                        trnnsf_cost_energy(independent, TRNNSF_ALL_LAYERS, TRNNSF_COST_ARRAY));
    trnnsf_cost_free(independent);
    /* The technology's own steps do not count. */
    OK(trnnsf_tech_with_value(ctx, placed.tech, "time_steps", 3, &changed));
    OK(trnnsf_spike_record_activity(ctx, record, &activity));
    OK(trnnsf_cost_evaluate(ctx, placed.mapping, changed, activity, &independent));
    ck_assert_double_eq(trnnsf_cost_energy(cost, TRNNSF_ALL_LAYERS, TRNNSF_COST_TOTAL),
                        trnnsf_cost_energy(independent, TRNNSF_ALL_LAYERS, TRNNSF_COST_TOTAL));
    ck_assert_double_eq(trnnsf_cost_latency(cost, TRNNSF_ALL_LAYERS),
                        trnnsf_cost_latency(independent, TRNNSF_ALL_LAYERS));
    trnnsf_cost_free(independent);
    trnnsf_cost_free(cost);
    /* What was met on other crossbars says nothing of these. */
    cost = cost_of(&other, record);
    independent = cost_of(&other, plain);
    ck_assert_double_eq(trnnsf_cost_energy(cost, TRNNSF_ALL_LAYERS, TRNNSF_COST_TOTAL),
                        trnnsf_cost_energy(independent, TRNNSF_ALL_LAYERS, TRNNSF_COST_TOTAL));
    trnnsf_cost_free(independent);
    trnnsf_cost_free(cost);
    trnnsf_activity_free(activity);
    trnnsf_tech_free(changed);
    trnnsf_spike_record_free(plain);
    trnnsf_spike_record_free(record);
    free_placed(&other);
    free_placed(&placed);
    free_scene(&scene);
}
END_TEST

START_TEST(of_all_layers)
{
    struct trnnsf_spike_run_options way = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    struct scene scene = make_scene(1, 5, NULL), another = make_scene(1, 6, NULL);
    struct placed placed = place(&scene, "16x16", TRNNSF_MAP_PRUNED);
    struct placed other = place(&another, "16x16", TRNNSF_MAP_PRUNED);
    struct trnnsf_spike_traffic all = {.struct_size = sizeof all}, one = all;
    static const size_t narrow[] = {70, 5};
    double rows = 0;
    trnnsf_network *network;
    trnnsf_mapping *mapping;

    way.traffic = 1;
    trnnsf_spike_record *record = run(placed.spiking, &scene, &way);
    OK(trnnsf_spike_record_traffic(ctx, record, placed.mapping, placed.tech, TRNNSF_ALL_LAYERS,
                                   &all));
    for (size_t l = 0; l < LAYERS; l++) {
        OK(trnnsf_spike_record_traffic(ctx, record, placed.mapping, placed.tech, l, &one));
        rows += one.rows;
    }
    ck_assert_double_eq_tol(all.rows, rows, 1e-9);
    ck_assert_double_eq_tol(all.spikes, trnnsf_spike_record_rate(record), 1e-9);
    OK(trnnsf_spike_record_traffic(ctx, record, other.mapping, other.tech, 1, &one));
    ck_assert(isnan(one.reads) && isnan(one.updates) && one.rows > 0);

    OK(trnnsf_network_create(ctx, narrow, 2, NULL, &network));
    OK(trnnsf_mapping_create(ctx, network, placed.tech, NULL, &mapping));
    ck_assert_int_eq(trnnsf_spike_record_traffic(ctx, record, mapping, placed.tech, 0, &one),
                     TRNNSF_E_MISMATCH);
    ck_assert_int_eq(trnnsf_spike_record_traffic(ctx, record, placed.mapping, placed.tech, 3, &one),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_spike_record_traffic(ctx, NULL, mapping, placed.tech, 0, &one),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_spike_record_traffic(ctx, record, NULL, placed.tech, 0, &one),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_spike_record_traffic(ctx, record, mapping, NULL, 0, &one),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_spike_record_traffic(ctx, record, mapping, placed.tech, 0, NULL),
                     TRNNSF_E_INVALID);
    one.struct_size = 3;
    ck_assert_int_eq(trnnsf_spike_record_traffic(ctx, record, placed.mapping, placed.tech, 0, &one),
                     TRNNSF_E_INVALID);
    ck_assert_ptr_null(trnnsf_spike_record_reads(record, LAYERS, NULL));
    ck_assert_ptr_null(trnnsf_spike_record_updates(NULL, 0, NULL));
    ck_assert(isnan(trnnsf_activity_steps(NULL)));
    way.traffic = 2;
    ck_assert_int_eq(trnnsf_spiking_evaluate(ctx, placed.spiking, scene.dataset, 2, &way, &record),
                     TRNNSF_E_INVALID);
    trnnsf_mapping_free(mapping);
    trnnsf_network_free(network);
    trnnsf_spike_record_free(record);
    free_placed(&other);
    free_placed(&placed);
    free_scene(&another);
    free_scene(&scene);
}
END_TEST

TCase *traffic_case(void)
{
    TCase *tcase = tcase_create("traffic");

    tcase_add_loop_test(tcase, equals_plain_loops, 0, 4 * KINDS);
    tcase_add_loop_test(tcase, costs, 0, KINDS);
    tcase_add_test(tcase, of_all_layers);
    return tcase;
}
