/* Spiking networks as NIR graphs and back: the same spikes; what is not simulated is refused. */
#include <stdlib.h>
#include <string.h>

#include "sim/spiking/run.h"
#include "spiking/common.h"

enum { LAYERS = 3 };

static trnnsf_spiking *round_trip(const trnnsf_spiking *spiking, uint32_t readout,
                                  uint32_t precision)
{
    struct trnnsf_nir_export_options way = TRNNSF_NIR_EXPORT_OPTIONS_INIT;
    trnnsf_nir *nir;
    trnnsf_spiking *again;

    way.readout = readout;
    way.precision = precision;
    OK(trnnsf_nir_of_spiking(ctx, spiking, &way, &nir));
    OK(trnnsf_nir_to_spiking(ctx, nir, NULL, &again));
    trnnsf_nir_free(nir);
    return again;
}

/* All kinds of synapses, resets, leaks, codes and readouts; twice there and back is once. */
START_TEST(same_spikes_again)
{
    static const double leaks[] = {0, 0.125, 0.1, 1.0 / 3};
    struct trnnsf_spiking_options options = TRNNSF_SPIKING_OPTIONS_INIT;
    struct trnnsf_spike_run_options way = TRNNSF_SPIKE_RUN_OPTIONS_INIT;

    options.leak = leaks[_i / KINDS];
    options.reset = (uint32_t)_i % 2;
    options.initial = _i % 3 ? 0.5 : 0;
    way.steps = 75;
    way.coding = (uint32_t)_i % 3;
    way.readout = (uint32_t)_i / 2 % 2;
    struct scene scene = make_scene((uint32_t)_i % KINDS, 91, &options);
    trnnsf_spiking *once = round_trip(scene.spiking, way.readout, TRNNSF_NIR_PRECISION_EXACT);
    trnnsf_spiking *twice = round_trip(once, way.readout, TRNNSF_NIR_PRECISION_FLOAT64);
    trnnsf_spike_record *own = run(scene.spiking, &scene, &way), *a = run(once, &scene, &way),
                        *b = run(twice, &scene, &way);

    ck_assert_double_gt(trnnsf_spike_record_rate(own), 10);
    assert_same(own, a, LAYERS);
    assert_same(own, b, LAYERS);
    for (size_t l = 0; l <= LAYERS; l++)
        ck_assert_double_eq(trnnsf_spiking_scale(twice, l), trnnsf_spiking_scale(scene.spiking, l));
    trnnsf_spike_record_free(own);
    trnnsf_spike_record_free(a);
    trnnsf_spike_record_free(b);
    trnnsf_spiking_free(once);
    trnnsf_spiking_free(twice);
    free_scene(&scene);
}
END_TEST

/* Rounded weights change few spikes. */
START_TEST(float32)
{
    struct scene scene = make_scene((uint32_t)_i, 5, NULL);
    trnnsf_spiking *rounded = round_trip(scene.spiking, 0, TRNNSF_NIR_PRECISION_FLOAT32);
    trnnsf_spike_record *a = run(scene.spiking, &scene, NULL), *b = run(rounded, &scene, NULL);

    ck_assert_double_eq_tol(trnnsf_spike_record_rate(a), trnnsf_spike_record_rate(b),
                            0.01 * trnnsf_spike_record_rate(a));
    trnnsf_spike_record_free(a);
    trnnsf_spike_record_free(b);
    trnnsf_spiking_free(rounded);
    free_scene(&scene);
}
END_TEST

static void vector(trnnsf_nir *nir, const char *node, const char *member, size_t n, double value,
                   double more)
{
    double *values = malloc(n * sizeof *values);

    for (size_t i = 0; i < n; i++)
        values[i] = value + more * (double)(i % 7);
    OK(trnnsf_nir_set_values(ctx, nir, node, member, TRNNSF_NIR_FLOAT64, 1, &n, values));
    free(values);
}

static void matrix(trnnsf_nir *nir, const char *node, size_t n_out, size_t n_in)
{
    const size_t shape[] = {n_out, n_in};
    double *values = malloc(n_out * n_in * sizeof *values);

    for (size_t k = 0; k < n_out * n_in; k++)
        values[k] = (double)(k * 37 % 64) / 128 - 0.12;
    OK(trnnsf_nir_set_values(ctx, nir, node, "weight", TRNNSF_NIR_FLOAT64, 2, shape, values));
    free(values);
}

static void port(trnnsf_nir *nir, const char *name, const char *type, size_t n)
{
    const size_t one = 1;
    double length = (double)n;

    OK(trnnsf_nir_add_node(ctx, nir, name, type));
    OK(trnnsf_nir_set_values(ctx, nir, name, "shape", TRNNSF_NIR_INT64, 1, &one, &length));
}

enum { NEURONS = 70, CLASSES = 5 };

static trnnsf_nir *cuba_graph(void)
{
    static const char *const names[] = {"in", "a", "cuba", "late", "b", "lif", "out"};
    trnnsf_nir *nir;

    OK(trnnsf_nir_create(ctx, &nir));
    port(nir, "in", "Input", NEURONS);
    OK(trnnsf_nir_add_node(ctx, nir, "a", "Linear"));
    matrix(nir, "a", NEURONS, NEURONS);
    OK(trnnsf_nir_add_node(ctx, nir, "cuba", "CubaLIF"));
    vector(nir, "cuba", "tau_syn", NEURONS, 2, 0.5);
    vector(nir, "cuba", "tau_mem", NEURONS, 3, 1);
    vector(nir, "cuba", "r", NEURONS, 2, 0.1);
    vector(nir, "cuba", "v_leak", NEURONS, 0.1, 0.01);
    vector(nir, "cuba", "v_threshold", NEURONS, 1, 0.2);
    vector(nir, "cuba", "w_in", NEURONS, 1, 0.1);
    OK(trnnsf_nir_add_node(ctx, nir, "late", "Delay"));
    vector(nir, "late", "delay", NEURONS, 0, 13);
    OK(trnnsf_nir_add_node(ctx, nir, "b", "Linear"));
    matrix(nir, "b", CLASSES, NEURONS);
    OK(trnnsf_nir_add_node(ctx, nir, "lif", "LIF"));
    vector(nir, "lif", "tau", CLASSES, 4, 1);
    vector(nir, "lif", "r", CLASSES, 1, 0);
    vector(nir, "lif", "v_leak", CLASSES, 0, 0);
    vector(nir, "lif", "v_threshold", CLASSES, 1, 0.1);
    vector(nir, "lif", "v_reset", CLASSES, -0.25, 0.05);
    port(nir, "out", "Output", CLASSES);
    for (size_t k = 0; k + 1 < sizeof names / sizeof names[0]; k++)
        OK(trnnsf_nir_add_edge(ctx, nir, names[k], names[k + 1]));
    OK(trnnsf_nir_check(ctx, nir));
    return nir;
}

/* Currents of synapses, delays over several chunks, own resets: the same with any number of
 * threads, and when written and read; samples that end early do not disturb the others. */
START_TEST(own_parameters)
{
    struct trnnsf_nir_import_options import = TRNNSF_NIR_IMPORT_OPTIONS_INIT;
    struct trnnsf_spike_run_options way = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    struct trnnsf_context_options threads = TRNNSF_CONTEXT_OPTIONS_INIT;
    struct scene scene = make_scene(0, 17, NULL);
    trnnsf_nir *nir = cuba_graph();
    trnnsf_context *three, *own = ctx;
    trnnsf_spiking *spiking, *again;

    import.dt = 1;
    way.steps = 150;
    way.readout = TRNNSF_READOUT_SPIKES;
    way.coding = (uint32_t)_i % 3;
    way.patience = _i < 3 ? 0 : 40;
    OK(trnnsf_nir_to_spiking(ctx, nir, &import, &spiking));
    again = round_trip(spiking, 0, TRNNSF_NIR_PRECISION_FLOAT64);
    trnnsf_spike_record *one = run(spiking, &scene, &way);
    ck_assert_uint_gt(trnnsf_spike_record_spikes(one, 2, NULL)[0], 0);
    threads.threads = 3;
    OK(trnnsf_context_create(&threads, &three));
    ctx = three;
    trnnsf_spike_record *other = run(spiking, &scene, &way);
    assert_same(one, other, 2);
    trnnsf_spike_record_free(other);
    ctx = own;
    other = run(again, &scene, &way);
    ck_assert_double_eq_tol(trnnsf_spike_record_rate(one), trnnsf_spike_record_rate(other), 1);
    trnnsf_spike_record_free(other);
    trnnsf_spike_record_free(one);
    trnnsf_context_free(three);
    trnnsf_spiking_free(again);
    trnnsf_spiking_free(spiking);
    trnnsf_nir_free(nir);
    free_scene(&scene);
}
END_TEST

static void expect_refusal(trnnsf_nir *nir, const struct trnnsf_nir_import_options *options,
                           trnnsf_status status, const char *words)
{
    trnnsf_spiking *spiking = NULL;

    OK(trnnsf_nir_check(ctx, nir));
    ck_assert_int_eq(trnnsf_nir_to_spiking(ctx, nir, options, &spiking), status);
    ck_assert_ptr_null(spiking);
    ck_assert_msg(strstr(trnnsf_context_error(ctx), words) != NULL, "%s",
                  trnnsf_context_error(ctx));
}

START_TEST(not_simulated)
{
    struct trnnsf_nir_import_options step = TRNNSF_NIR_IMPORT_OPTIONS_INIT;
    trnnsf_nir *nir = cuba_graph();

    expect_refusal(nir, NULL, TRNNSF_E_INVALID, "node \"cuba\" (CubaLIF) has times");
    step.dt = 2.5;
    expect_refusal(nir, &step, TRNNSF_E_UNSUPPORTED, "node \"cuba\": tau_syn[0] 2 is shorter");
    step.dt = 1e-4;
    expect_refusal(nir, &step, TRNNSF_E_LIMIT, "node \"late\": delay[");
    step.dt = 1;
    vector(nir, "cuba", "v_reset", NEURONS, 1, 0.2);
    expect_refusal(nir, &step, TRNNSF_E_UNSUPPORTED,
                   "node \"cuba\": v_threshold[0] 1 is not above v_reset");
    vector(nir, "cuba", "v_reset", NEURONS, 0, 0);
    vector(nir, "cuba", "metadata/initial", 3, 0, 0);
    expect_refusal(nir, &step, TRNNSF_E_FORMAT, "node \"cuba\": metadata/initial has 3 values");
    vector(nir, "cuba", "metadata/initial", NEURONS, 0, 0);
    OK(trnnsf_nir_add_edge(ctx, nir, "in", "b"));
    expect_refusal(nir, &step, TRNNSF_E_UNSUPPORTED, "node \"in\" (Input): more than one edge");
    ck_assert_int_eq(trnnsf_nir_add_edge(ctx, nir, "in", "cuba"), TRNNSF_OK);
    trnnsf_spiking *spiking = NULL;
    ck_assert_int_eq(trnnsf_nir_to_spiking(ctx, nir, &step, &spiking), TRNNSF_E_STATE);
    trnnsf_nir_free(nir);

    OK(trnnsf_nir_create(ctx, &nir));
    port(nir, "in", "Input", 3);
    OK(trnnsf_nir_add_node(ctx, nir, "late", "Delay"));
    vector(nir, "late", "delay", 3, 1, 0);
    port(nir, "out", "Output", 3);
    OK(trnnsf_nir_add_edge(ctx, nir, "in", "late"));
    OK(trnnsf_nir_add_edge(ctx, nir, "late", "out"));
    expect_refusal(nir, &step, TRNNSF_E_UNSUPPORTED, "node \"late\" (Delay): only spikes");
    trnnsf_nir_free(nir);
}
END_TEST

/* No mapping and no chip for them; options out of range. */
START_TEST(hostile_nir)
{
    struct trnnsf_nir_export_options export = TRNNSF_NIR_EXPORT_OPTIONS_INIT;
    struct trnnsf_nir_import_options import = TRNNSF_NIR_IMPORT_OPTIONS_INIT;
    struct scene scene = make_scene(0, 3, NULL);
    trnnsf_spiking *again = round_trip(scene.spiking, 0, 0), *out = NULL;
    trnnsf_mapping *mapping;
    trnnsf_tech *tech;
    trnnsf_nir *nir = NULL;

    OK(trnnsf_tech_preset(ctx, "resparc-45nm", &tech));
    OK(trnnsf_mapping_create(ctx, scene.network, tech, NULL, &mapping));
    ck_assert_int_eq(trnnsf_spiking_map(ctx, again, mapping, &out), TRNNSF_E_UNSUPPORTED);
    export.precision = 3;
    ck_assert_int_eq(trnnsf_nir_of_spiking(ctx, again, &export, &nir), TRNNSF_E_INVALID);
    export = (struct trnnsf_nir_export_options)TRNNSF_NIR_EXPORT_OPTIONS_INIT;
    export.dt = 0;
    ck_assert_int_eq(trnnsf_nir_of_spiking(ctx, again, &export, &nir), TRNNSF_E_INVALID);
    ck_assert_ptr_null(nir);
    nir = cuba_graph();
    import.reset = 3;
    ck_assert_int_eq(trnnsf_nir_to_spiking(ctx, nir, &import, &out), TRNNSF_E_INVALID);
    import.reset = 0;
    import.dt = -1;
    ck_assert_int_eq(trnnsf_nir_to_spiking(ctx, nir, &import, &out), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_nir_to_spiking(ctx, NULL, NULL, &out), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_nir_to_spiking(NULL, nir, NULL, &out), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_nir_of_spiking(ctx, NULL, NULL, &nir), TRNNSF_E_INVALID);
    ck_assert_ptr_null(out);
    trnnsf_nir_free(nir);
    trnnsf_mapping_free(mapping);
    trnnsf_tech_free(tech);
    trnnsf_spiking_free(again);
    free_scene(&scene);
}
END_TEST

TCase *nir_case(void)
{
    TCase *tcase = tcase_create("nir");

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, same_spikes_again, 0, 4 * KINDS);
    tcase_add_loop_test(tcase, float32, 0, KINDS);
    tcase_add_loop_test(tcase, own_parameters, 0, 6);
    tcase_add_test(tcase, not_simulated);
    tcase_add_test(tcase, hostile_nir);
    return tcase;
}
