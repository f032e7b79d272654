/* Look-up by path, JSON text, hostile arguments, entries computed from real objects. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <trnnsf/graph.h>
#include <unistd.h>

#include "suite.h"
#include "synthetic.h"

static trnnsf_context *ctx;
static trnnsf_report *report;
static const size_t sizes[] = {30, 20, 10};

static void setup(void)
{
    ck_assert_int_eq(trnnsf_context_create(NULL, &ctx), TRNNSF_OK);
    report = synthetic_report(ctx, sizes, 3, NULL);
}

static void teardown(void)
{
    trnnsf_report_free(report);
    trnnsf_context_free(ctx);
}

static double number(const char *path)
{
    double value = -1;

    ck_assert_msg(trnnsf_report_number(ctx, report, path, &value) == TRNNSF_OK, "%s", path);
    return value;
}

START_TEST(numbers_by_path)
{
    static const char *const missing[] = {"",
                                          ".",
                                          "crossbars",
                                          "crossbars.",
                                          "crossbars.totals",
                                          "crossbars.total.",
                                          "layers.2.inputs",
                                          "layers.-1.inputs",
                                          "layers.x",
                                          "method",
                                          "network",
                                          "compared.offline.sparsity",
                                          "compared.transform.sparsity",
                                          "history.2.loss",
                                          "trials.2.met",
                                          "compared.prune.trials.0.met",
                                          "mca.0",
                                          "total",
                                          "sparsit",
                                          "sparsity2"};
    double value = 42;

    ck_assert_double_eq(number("seed"), 3);
    ck_assert_double_eq(number("seconds"), 1.5);
    ck_assert_double_eq(number("crossbars.total"), (double)report->entries[0]->total.counts.total);
    ck_assert_double_eq(number("layers.1.inputs"), 20);
    ck_assert_double_eq(number("network.0"), 30);
    ck_assert_double_eq(number("network.2"), 10);
    ck_assert_double_eq(number("history.1.loss"), 0.25);
    ck_assert_double_eq(number("trials.0.crossbars"), 18);
    ck_assert_double_eq(number("trials.0.area_m2"), 2e-8);
    ck_assert_double_eq(number("trials.0.met"), 1);
    ck_assert_double_eq(number("trials.1.budget"), 6);
    ck_assert_double_eq(number("trials.1.energy_j"), 3e-9);
    ck_assert_double_eq(number("trials.1.validation_accuracy"), 0.93);
    ck_assert_double_eq(number("compared.prune.accuracy.test"), 0.9 + 0.05 * 0.62);
    ck_assert_double_eq(number("compared.dense.layers.0.area_m2.array"), 1e-6);
    ck_assert_double_eq(number("dense.energy_j.total"), number("compared.dense.energy_j.total"));
    ck_assert_double_eq_tol(number("savings.area_vs_dense"), 0.89, 1e-12);
    ck_assert_double_eq_tol(number("savings.energy_vs_prune"), 1 - 0.11 / 0.62, 1e-12);
    ck_assert(isnan(number("accuracy.validation")));
    for (size_t i = 0; i < sizeof missing / sizeof missing[0]; i++) {
        ck_assert_int_eq(trnnsf_report_number(ctx, report, missing[i], &value), TRNNSF_E_NOT_FOUND);
        ck_assert_double_eq(value, 42);
    }
}
END_TEST

START_TEST(savings_of_nothing)
{
    ck_assert_double_eq(trn_report_saving(1, 4), 0.75);
    ck_assert_double_eq(trn_report_saving(6, 4), -0.5);
    ck_assert(isnan(trn_report_saving(1, 0)));
    ck_assert(isnan(trn_report_saving(NAN, 1)));
    ck_assert(isnan(trn_report_saving(1, INFINITY)));
}
END_TEST

#if TRN_HAVE_JANSSON

/* The text after `key` in the report. */
static const char *after(const char *text, const char *key)
{
    const char *place = strstr(text, key);

    ck_assert_msg(place != NULL, "%s", key);
    return place + strlen(key);
}

START_TEST(json_text)
{
    const char *text = trnnsf_report_text(ctx, report);

    ck_assert_ptr_nonnull(text);
    ck_assert_ptr_eq(text, trnnsf_report_text(ctx, report));
    ck_assert_ptr_null(strstr(text, "nan"));
    ck_assert_ptr_null(strstr(text, "inf"));
    ck_assert(strncmp(after(text, "\"validation\": "), "null", 4) == 0);
    ck_assert(strncmp(after(text, "\"seed\": "), "3,", 2) == 0);
    ck_assert_ptr_nonnull(strstr(text, "\"64x64\",\n    \"32x32\""));
    /* Every digit of a double comes back. */
    ck_assert_double_eq(strtod(after(text, "\"test\": "), NULL), 0.9 + 0.05 * 0.11);
    ck_assert_ptr_eq(strstr(text, "\"version\""), strchr(text, '"'));
    ck_assert_str_eq(text + strlen(text) - 2, "}\n");
}
END_TEST

START_TEST(json_without_seconds_or_entries)
{
    trnnsf_report *empty = NULL;

    report->entries[0]->seconds = -1;
    ck_assert(strncmp(after(trnnsf_report_text(ctx, report), "\"seconds\": "), "null", 4) == 0);
    ck_assert_int_eq(trnnsf_report_create(ctx, &empty), TRNNSF_OK);
    ck_assert_ptr_nonnull(strstr(trnnsf_report_text(ctx, empty), "\"version\""));
    trnnsf_report_free(empty);
}
END_TEST

START_TEST(json_file_is_the_text)
{
    char path[] = "report-XXXXXX", read[200000];
    int descriptor = mkstemp(path);

    ck_assert_int_ge(descriptor, 0);
    close(descriptor);
    ck_assert_int_eq(trnnsf_report_save(ctx, report, path), TRNNSF_OK);
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    size_t size = fread(read, 1, sizeof read - 1, file);
    fclose(file);
    read[size] = '\0';
    remove(path);
    ck_assert_str_eq(read, trnnsf_report_text(ctx, report));
    ck_assert_int_eq(trnnsf_report_save(ctx, report, "/no/such/folder/report.json"),
                     TRNNSF_E_NOT_FOUND);
}
END_TEST

#endif

/* A real network, mapping and technology. */
struct real {
    trnnsf_network *network;
    trnnsf_tech *tech;
    trnnsf_mapping *mapping;
    trnnsf_dataset *dataset;
};

static struct real make_real(void)
{
    static const size_t real_sizes[] = {6, 5, 3};
    static const float features[12] = {0.5f, 1, 0, 0.25f, 1, 0, 0, 1, 1, 0, 0.5f, 0.75f};
    static const uint32_t labels[2] = {0, 2};
    struct real real = {NULL, NULL, NULL, NULL};

    ck_assert_int_eq(trnnsf_network_create(ctx, real_sizes, 3, NULL, &real.network), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_tech_preset(ctx, "resparc-45nm", &real.tech), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_mapping_create(ctx, real.network, real.tech, NULL, &real.mapping),
                     TRNNSF_OK);
    ck_assert_int_eq(trnnsf_dataset_create(ctx, 1, 1, 6, 3, &real.dataset), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_dataset_set(ctx, real.dataset, TRNNSF_PART_TEST, 2, features, labels),
                     TRNNSF_OK);
    return real;
}

static void free_real(struct real *real)
{
    trnnsf_dataset_free(real->dataset);
    trnnsf_mapping_free(real->mapping);
    trnnsf_tech_free(real->tech);
    trnnsf_network_free(real->network);
}

static struct trnnsf_report_entry entry_of(const struct real *real)
{
    return (struct trnnsf_report_entry){.struct_size = sizeof(struct trnnsf_report_entry),
                                        .method = "mine",
                                        .network = real->network,
                                        .mapping = real->mapping,
                                        .tech = real->tech,
                                        .dataset = real->dataset,
                                        .seed = 9,
                                        .seconds = -1};
}

START_TEST(entries_are_computed)
{
    struct real real = make_real();
    struct trnnsf_report_entry entry = entry_of(&real);
    struct trnnsf_evaluation test = {.struct_size = sizeof test};
    trnnsf_report *own = NULL;
    double value;

    ck_assert_int_eq(trnnsf_report_create(ctx, &own), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_report_add(ctx, own, &entry), TRNNSF_OK);
    entry.method = "blind";
    entry.dataset = NULL;
    ck_assert_int_eq(trnnsf_report_add(ctx, own, &entry), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_evaluate(ctx, real.network, real.dataset, TRNNSF_PART_TEST,
                                             TRNNSF_LOSS_SQUARED, &test),
                     TRNNSF_OK);
    /* All was copied. */
    free_real(&real);
    ck_assert_int_eq(trnnsf_report_number(ctx, own, "accuracy.test", &value), TRNNSF_OK);
    ck_assert_double_eq(value, test.accuracy);
    ck_assert_int_eq(trnnsf_report_number(ctx, own, "sparsity", &value), TRNNSF_OK);
    ck_assert_double_eq(value, 0);
    ck_assert_int_eq(trnnsf_report_number(ctx, own, "crossbars.total", &value), TRNNSF_OK);
    ck_assert_double_eq(value, 2);
    ck_assert_int_eq(trnnsf_report_number(ctx, own, "energy_j.total", &value), TRNNSF_OK);
    ck_assert(value > 0);
    ck_assert_int_eq(trnnsf_report_number(ctx, own, "compared.blind.energy_j.total", &value),
                     TRNNSF_OK);
    ck_assert(isnan(value));
    ck_assert_int_eq(trnnsf_report_number(ctx, own, "savings.area_vs_blind", &value), TRNNSF_OK);
    ck_assert_double_eq(value, 0);
    ck_assert_int_eq(trnnsf_report_number(ctx, own, "compared.blind.accuracy.test", &value),
                     TRNNSF_OK);
    ck_assert(isnan(value));
    trnnsf_report_free(own);
}
END_TEST

/* The same samples as images of 2 x 3: a convolution of 2 x 2, unrolled. */
static void make_convolution(struct real *real)
{
    struct trnnsf_node_options node = TRNNSF_NODE_OPTIONS_INIT;
    struct trnnsf_map_options options = TRNNSF_MAP_OPTIONS_INIT;
    trnnsf_graph *graph;
    uint32_t last = 0;

    trnnsf_mapping_free(real->mapping);
    trnnsf_network_free(real->network);
    node.kind = TRNNSF_NODE_CONVOLUTION;
    node.outputs = node.kernel_height = node.kernel_width = 2;
    ck_assert_int_eq(trnnsf_graph_create(ctx, 1, 2, 3, &graph), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_graph_add(ctx, graph, &last, 1, &node, &last), TRNNSF_OK);
    node.kind = TRNNSF_NODE_DENSE;
    node.outputs = 3;
    ck_assert_int_eq(trnnsf_graph_add(ctx, graph, &last, 1, &node, &last), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_build(ctx, graph, NULL, &real->network), TRNNSF_OK);
    trnnsf_graph_free(graph);
    options.scheme = TRNNSF_MAP_UNROLLED;
    ck_assert_int_eq(
        trnnsf_mapping_create(ctx, real->network, real->tech, &options, &real->mapping), TRNNSF_OK);
}

START_TEST(entries_of_graphs)
{
    static const struct {
        const char *path;
        double value;
    } cases[] = {{"network.0", 6},         {"layers.0.inputs", 4},   {"layers.0.synapses", 16},
                 {"layers.0.reads", 1},    {"layers.0.window.0", 1}, {"layers.0.window.1", 2},
                 {"layers.0.groups", 1},   {"layers.1.reads", 1},    {"layers.1.inputs", 4},
                 {"layers.0.sparsity", 0}, {"sparsity", 0},          {"layers.0.full_crossbars", 1}};
    struct real real = make_real();
    trnnsf_report *own = NULL;
    double value;

    make_convolution(&real);
    struct trnnsf_report_entry entry = entry_of(&real);
    ck_assert_int_eq(trnnsf_report_create(ctx, &own), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_report_add(ctx, own, &entry), TRNNSF_OK);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_msg(trnnsf_report_number(ctx, own, cases[i].path, &value) == TRNNSF_OK, "%s",
                      cases[i].path);
        ck_assert_double_eq(value, cases[i].value);
    }
    ck_assert_int_eq(trnnsf_report_number(ctx, own, "energy_j.total", &value), TRNNSF_OK);
    ck_assert(value > 0);
    /* Without samples, too: one black image. */
    entry.method = "blind";
    entry.dataset = NULL;
    ck_assert_int_eq(trnnsf_report_add(ctx, own, &entry), TRNNSF_OK);
#if TRN_HAVE_JANSSON
    ck_assert_ptr_nonnull(strstr(trnnsf_report_text(ctx, own), "\"scheme\": \"unrolled\""));
#endif
    free_real(&real);
    trnnsf_report_free(own);
}
END_TEST

/* With a spiking run energy and latency are those of its activity, and the run is told. */
START_TEST(entries_of_spiking_runs)
{
    struct real real = make_real();
    struct trnnsf_report_entry entry = entry_of(&real);
    struct trnnsf_spike_run_options way = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    static const float features[6] = {1, 1, 1, 1, 1, 1};
    static const uint32_t label = 1;
    trnnsf_report *own = NULL;
    trnnsf_spiking *spiking, *mapped;
    trnnsf_activity *activity;
    trnnsf_cost *cost;
    trnnsf_spike_record *record;
    double value;

    way.steps = 7;
    way.traffic = 1;
    ck_assert_int_eq(trnnsf_dataset_set(ctx, real.dataset, TRNNSF_PART_TRAIN, 1, features, &label),
                     TRNNSF_OK);
    ck_assert_int_eq(trnnsf_spiking_convert(ctx, real.network, real.dataset, NULL, &spiking),
                     TRNNSF_OK);
    ck_assert_int_eq(trnnsf_spiking_map(ctx, spiking, real.mapping, &mapped), TRNNSF_OK);
    ck_assert_int_eq(
        trnnsf_spiking_evaluate(ctx, mapped, real.dataset, TRNNSF_PART_TEST, &way, &record),
        TRNNSF_OK);
    ck_assert_int_eq(trnnsf_spike_record_activity(ctx, record, &activity), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_cost_evaluate(ctx, real.mapping, real.tech, activity, &cost),
                     TRNNSF_OK);

    ck_assert_int_eq(trnnsf_report_create(ctx, &own), TRNNSF_OK);
    entry.spikes = record;
    ck_assert_int_eq(trnnsf_report_add(ctx, own, &entry), TRNNSF_OK);
    entry.spikes = NULL;
    entry.method = "still";
    ck_assert_int_eq(trnnsf_report_add(ctx, own, &entry), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_report_number(ctx, own, "energy_j.total", &value), TRNNSF_OK);
    ck_assert_double_eq(value, trnnsf_cost_energy(cost, TRNNSF_ALL_LAYERS, TRNNSF_COST_TOTAL));
    ck_assert_int_eq(trnnsf_report_number(ctx, own, "latency_s", &value), TRNNSF_OK);
    ck_assert_double_eq(value, trnnsf_cost_latency(cost, TRNNSF_ALL_LAYERS));
    ck_assert_int_eq(trnnsf_report_number(ctx, own, "spiking.steps", &value), TRNNSF_OK);
    ck_assert_double_eq(value, 7);
    ck_assert_int_eq(trnnsf_report_number(ctx, own, "spiking.accuracy", &value), TRNNSF_OK);
    ck_assert_double_eq(value, trnnsf_spike_record_accuracy(record, NULL)[6]);
    ck_assert_int_eq(trnnsf_report_number(ctx, own, "spiking.spikes", &value), TRNNSF_OK);
    ck_assert_double_eq(value, trnnsf_spike_record_rate(record));
    ck_assert_int_eq(trnnsf_report_number(ctx, own, "compared.still.spiking.steps", &value),
                     TRNNSF_E_NOT_FOUND);
    trnnsf_report_free(own);
    trnnsf_cost_free(cost);
    trnnsf_activity_free(activity);
    trnnsf_spike_record_free(record);
    trnnsf_spiking_free(mapped);
    trnnsf_spiking_free(spiking);
    free_real(&real);
}
END_TEST

/* `entry` is refused and the report stays as it was. */
static void refuse(const struct trnnsf_report_entry *entry, trnnsf_status expected)
{
    size_t before = report->n_entries;

    ck_assert_int_eq(trnnsf_report_add(ctx, report, entry), expected);
    ck_assert_uint_eq(report->n_entries, before);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "trnnsf_report_add"));
}

START_TEST(bad_entries)
{
    char too_long[TRN_REPORT_METHOD_MAX + 2] = {0};
    const char *const bad_names[] = {"", "a.b", "a b", "naïve", "quote\"", too_long};
    struct real real = make_real();
    struct trnnsf_report_entry entry = entry_of(&real), good = entry;

    memset(too_long, 'a', sizeof too_long - 1);
    refuse(NULL, TRNNSF_E_INVALID);
    for (size_t i = 0; i < sizeof bad_names / sizeof bad_names[0]; i++) {
        entry.method = bad_names[i];
        refuse(&entry, TRNNSF_E_INVALID);
    }
    entry = good, entry.method = NULL;
    refuse(&entry, TRNNSF_E_INVALID);
    entry = good, entry.network = NULL;
    refuse(&entry, TRNNSF_E_INVALID);
    entry = good, entry.mapping = NULL;
    refuse(&entry, TRNNSF_E_INVALID);
    entry = good, entry.tech = NULL;
    refuse(&entry, TRNNSF_E_INVALID);
    entry = good, entry.seconds = NAN;
    refuse(&entry, TRNNSF_E_INVALID);
    entry = good, entry.struct_size = 3;
    refuse(&entry, TRNNSF_E_INVALID);
    entry = good, entry.method = "prune";
    refuse(&entry, TRNNSF_E_STATE);
    free_real(&real);
}
END_TEST

START_TEST(null_arguments)
{
    trnnsf_report *out = NULL;
    double value;

    ck_assert_int_eq(trnnsf_report_create(NULL, &out), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_report_create(ctx, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_report_add(NULL, report, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_report_number(ctx, NULL, "seed", &value), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_report_number(ctx, report, NULL, &value), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_report_number(ctx, report, "seed", NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_report_number(NULL, report, "seed", &value), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_report_save(ctx, report, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_report_save(NULL, report, "x"), TRNNSF_E_INVALID);
    ck_assert_ptr_null(trnnsf_report_text(ctx, NULL));
    ck_assert_ptr_null(trnnsf_report_text(NULL, report));
    ck_assert_int_eq(trnnsf_report_figure(ctx, NULL, "x.svg"), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_report_figure(ctx, report, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_report_figure(NULL, report, "x.svg"), TRNNSF_E_INVALID);
    trnnsf_report_free(NULL);
}
END_TEST

TCase *report_tests(void)
{
    TCase *tests = tcase_create("report");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, numbers_by_path);
    tcase_add_test(tests, savings_of_nothing);
#if TRN_HAVE_JANSSON
    tcase_add_test(tests, json_text);
    tcase_add_test(tests, json_without_seconds_or_entries);
    tcase_add_test(tests, json_file_is_the_text);
#endif
    tcase_add_test(tests, entries_are_computed);
    tcase_add_test(tests, entries_of_graphs);
    tcase_add_test(tests, entries_of_spiking_runs);
    tcase_add_test(tests, bad_entries);
    tcase_add_test(tests, null_arguments);
    return tests;
}
