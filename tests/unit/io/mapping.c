/* Mapping files. */
#include "io/mapping_file.h"

#include <math.h>
#include <stdio.h>
#include <trnnsf/graph.h>

#include "base/random.h"
#include "io/suite.h"

#if TRN_HAVE_JANSSON

/* 90-70-20: a random mask, two overlapping clusters on layer 0. */
static trnnsf_network *sample_network(void)
{
    static const size_t sizes[3] = {90, 70, 20};
    trnnsf_network *network = NULL;
    trnnsf_clusters *clusters = NULL;
    struct trn_random random;
    uint8_t *mask = malloc(90 * 70);
    size_t output_start[3] = {0, 40, 70}, input_start[3] = {0, 30, 60};
    uint32_t output[70], input[60];

    trn_random_init(&random, 9, TRN_RANDOM_TEST, 0);
    for (size_t i = 0; i < 90 * 70; i++)
        mask[i] = trn_random_below(&random, 4) == 0;
    for (uint32_t i = 0; i < 40; i++)
        output[i] = i;
    for (uint32_t i = 0; i < 30; i++) {
        output[40 + i] = 20 + i;
        input[i] = 2 * i;
        input[30 + i] = 10 + 2 * i;
    }
    EXPECT_OK(trnnsf_network_create(ctx, sizes, 3, NULL, &network));
    EXPECT_OK(trnnsf_network_set_mask(ctx, network, 0, mask));
    EXPECT_OK(trnnsf_clusters_create(ctx, 70, 90, 2, output_start, output, input_start, input,
                                     &clusters));
    EXPECT_OK(trnnsf_network_set_clusters(ctx, network, 0, clusters));
    trnnsf_clusters_free(clusters);
    free(mask);
    return network;
}

static trnnsf_mapping *sample_mapping(const trnnsf_network *network, uint32_t rule)
{
    struct trnnsf_map_options options = TRNNSF_MAP_OPTIONS_INIT;
    trnnsf_mapping *mapping = NULL;
    trnnsf_tech *tech = NULL, *shaped = NULL;

    options.rule = rule;
    EXPECT_OK(trnnsf_tech_preset(ctx, "resparc-45nm", &tech));
    EXPECT_OK(trnnsf_tech_with_shapes(ctx, tech, "32x32,16x64", &shaped));
    EXPECT_OK(trnnsf_mapping_create(ctx, network, shaped, &options, &mapping));
    trnnsf_tech_free(tech);
    trnnsf_tech_free(shaped);
    return mapping;
}

static void expect_same(const trnnsf_mapping *a, const trnnsf_mapping *b)
{
    ck_assert_uint_eq(trnnsf_mapping_layers(a), trnnsf_mapping_layers(b));
    ck_assert_uint_eq(trnnsf_mapping_crossbars(a), trnnsf_mapping_crossbars(b));
    for (size_t l = 0; l < 2; l++) {
        struct trnnsf_crossbar_counts x = {.struct_size = sizeof x}, y = {.struct_size = sizeof y};

        EXPECT_OK(trnnsf_mapping_counts(ctx, a, l, &x));
        EXPECT_OK(trnnsf_mapping_counts(ctx, b, l, &y));
        ck_assert_mem_eq(&x, &y, sizeof x);
    }
    for (size_t i = 0; i < trnnsf_mapping_crossbars(a); i++) {
        struct trnnsf_crossbar x = {.struct_size = sizeof x}, y = {.struct_size = sizeof y};

        EXPECT_OK(trnnsf_mapping_crossbar(ctx, a, i, &x));
        EXPECT_OK(trnnsf_mapping_crossbar(ctx, b, i, &y));
        ck_assert_mem_eq(&x, &y, offsetof(struct trnnsf_crossbar, inputs));
        ck_assert_mem_eq(x.inputs, y.inputs, x.n_inputs * sizeof *x.inputs);
        ck_assert_mem_eq(x.outputs, y.outputs, x.n_outputs * sizeof *x.outputs);
        ck_assert_mem_eq(x.weights, y.weights, x.n_inputs * x.n_outputs * sizeof *x.weights);
    }
}

START_TEST(saved_is_loaded)
{
    trnnsf_network *network = sample_network();
    trnnsf_mapping *mapping = sample_mapping(network, (uint32_t)_i), *loaded = NULL;

    EXPECT_OK(trnnsf_mapping_save(ctx, mapping, in_folder("a")));
    EXPECT_OK(trnnsf_mapping_load(ctx, in_folder("a"), &loaded));
    expect_same(mapping, loaded);
    EXPECT_OK(trnnsf_mapping_check(ctx, loaded, network));
    trnnsf_mapping_free(mapping);
    trnnsf_mapping_free(loaded);
    trnnsf_network_free(network);
}
END_TEST

/* A convolution of two groups, and a fully connected layer. */
static trnnsf_network *convolution_network(void)
{
    struct trnnsf_node_options node = TRNNSF_NODE_OPTIONS_INIT;
    trnnsf_network *network = NULL;
    trnnsf_graph *graph = NULL;
    uint32_t last = 0;

    node.kind = TRNNSF_NODE_CONVOLUTION;
    node.outputs = node.kernel_height = node.stride_width = node.dilation_height = 2;
    node.kernel_width = node.pad_left = 3;
    node.groups = 2;
    EXPECT_OK(trnnsf_graph_create(ctx, 4, 6, 7, &graph));
    EXPECT_OK(trnnsf_graph_add(ctx, graph, &last, 1, &node, &last));
    node.kind = TRNNSF_NODE_DENSE;
    EXPECT_OK(trnnsf_graph_add(ctx, graph, &last, 1, &node, &last));
    EXPECT_OK(trnnsf_network_build(ctx, graph, NULL, &network));
    trnnsf_graph_free(graph);
    return network;
}

static trnnsf_mapping *convolution_mapping(const trnnsf_network *network, uint32_t scheme)
{
    struct trnnsf_map_options options = TRNNSF_MAP_OPTIONS_INIT;
    trnnsf_mapping *mapping = NULL;
    trnnsf_tech *tech = NULL;

    options.scheme = scheme;
    EXPECT_OK(trnnsf_tech_preset(ctx, "resparc-45nm", &tech));
    EXPECT_OK(trnnsf_mapping_create(ctx, network, tech, &options, &mapping));
    trnnsf_tech_free(tech);
    return mapping;
}

START_TEST(windows_are_loaded)
{
    trnnsf_network *network = convolution_network();
    trnnsf_mapping *mapping = convolution_mapping(network, (uint32_t)_i), *loaded = NULL;

    EXPECT_OK(trnnsf_mapping_save(ctx, mapping, in_folder("a")));
    EXPECT_OK(trnnsf_mapping_load(ctx, in_folder("a"), &loaded));
    expect_same(mapping, loaded);
    for (size_t l = 0; l < 2; l++) {
        struct trnnsf_mapped_layer a = {.struct_size = sizeof a}, b = a;

        EXPECT_OK(trnnsf_mapping_layer(ctx, mapping, l, &a));
        EXPECT_OK(trnnsf_mapping_layer(ctx, loaded, l, &b));
        ck_assert_mem_eq(&a, &b, sizeof a);
    }
    EXPECT_OK(trnnsf_mapping_check(ctx, loaded, network));
    trnnsf_mapping_free(mapping);
    trnnsf_mapping_free(loaded);
    trnnsf_network_free(network);
}
END_TEST

/* Windows that were changed at random are refused, or are those of some other convolution. */
START_TEST(damaged_windows)
{
    static const char *const names[] = {
        "scheme",       "groups",        "in_channels",     "out_channels",   "in_height",
        "out_height",   "kernel_height", "stride_height",   "window_height",  "pad_top",
        "in_width",     "out_width",     "dilation_height", "dilation_width", "kernel_width",
        "window_width", "pad_left",      "stride_width"};
    static const uint64_t values[] = {
        0, 1, 2, 3, 5, 7, 255, 65535, 65536, 1 << 24, UINT32_MAX, UINT64_C(1) << 40, UINT64_MAX};
    trnnsf_network *network = convolution_network();
    trnnsf_mapping *mapping = convolution_mapping(network, TRNNSF_MAP_DUPLICATED);
    struct trn_random random;

    trn_random_init(&random, 14, TRN_RANDOM_TEST, 0);
    EXPECT_OK(trnnsf_mapping_save(ctx, mapping, in_folder("a")));
    for (int round = 0; round < 300; round++) {
        struct trn_safetensors *file = NULL;
        trnnsf_mapping *loaded = NULL;

        EXPECT_OK(trn_safetensors_open(ctx, in_folder("a"), &file));
        for (uint32_t i = trn_random_below(&random, 3) + 1; i > 0; i--) {
            char name[32];

            snprintf(name, sizeof name, "layer.%s",
                     names[trn_random_below(&random, sizeof names / sizeof *names)]);
            const struct trn_tensor *found = trn_safetensors_find(file, name);
            ck_assert_ptr_nonnull(found);
            ((uint64_t *)(uintptr_t)found->data)[trn_random_below(&random, 2)] =
                values[trn_random_below(&random, sizeof values / sizeof *values)];
        }
        trnnsf_status status = trn_mapping_file_parse(ctx, file, &loaded);
        ck_assert_msg(status == TRNNSF_OK || status == TRNNSF_E_FORMAT || status == TRNNSF_E_LIMIT,
                      "%s", trnnsf_context_error(ctx));
        if (status == TRNNSF_OK)
            trnnsf_mapping_check(ctx, loaded, network); /* refuses most, too, and ends */
        trnnsf_mapping_free(loaded);
        trn_safetensors_free(file);
    }
    trnnsf_mapping_free(mapping);
    trnnsf_network_free(network);
}
END_TEST

/* The saved sample with one element of a U64 tensor, or a metadata text, changed. */
static trnnsf_status load_changed(const char *tensor, size_t element, uint64_t value)
{
    trnnsf_network *network = sample_network();
    trnnsf_mapping *mapping = sample_mapping(network, TRNNSF_MAP_CLUSTERED), *loaded = NULL;
    struct trn_safetensors *file = NULL;
    const struct trn_tensor *found;
    trnnsf_status status;

    EXPECT_OK(trnnsf_mapping_save(ctx, mapping, in_folder("a")));
    trnnsf_mapping_free(mapping);
    trnnsf_network_free(network);
    EXPECT_OK(trn_safetensors_open(ctx, in_folder("a"), &file));
    found = trn_safetensors_find(file, tensor);
    ck_assert_ptr_nonnull(found);
    /* The reader's copy is its own. */
    ((uint64_t *)(uintptr_t)found->data)[element] = value;
    status = trn_mapping_file_parse(ctx, file, &loaded);
    trnnsf_mapping_free(loaded);
    trn_safetensors_free(file);
    return status;
}

START_TEST(changed_contents)
{
    static const struct {
        const char *tensor;
        size_t element;
        uint64_t value;
        trnnsf_status status;
        const char *fragment;
    } cases[] = {
        {"layer.n_in", 0, UINT64_C(1) << 63, TRNNSF_E_LIMIT, "layer 0 of 70 x 9223372036854775808"},
        {"layer.n_out", 1, 19, TRNNSF_E_FORMAT, "not in the layer"},
        {"layer.first", 1, UINT64_MAX, TRNNSF_E_FORMAT, "do not follow"},
        {"layer.n_crossbars", 0, UINT64_MAX, TRNNSF_E_FORMAT, "do not follow"},
        {"layer.counts.total", 0, 1, TRNNSF_E_FORMAT, "layer 0 counts 1 crossbars"},
        {"layer.counts.synapses", 1, 7, TRNNSF_E_FORMAT, "and 7 synapses"},
        {"crossbar.layer", 0, 2, TRNNSF_E_FORMAT, "crossbar 0 (layer 2"},
        {"crossbar.layer", 0, 1, TRNNSF_E_FORMAT, "crossbar 0"},
        {"crossbar.n_inputs", 0, UINT64_MAX, TRNNSF_E_FORMAT, "does not fit"},
        {"crossbar.n_inputs", 0, 0, TRNNSF_E_FORMAT, "does not fit"},
        {"crossbar.shape_inputs", 0, UINT64_MAX, TRNNSF_E_FORMAT, "above 4096"},
        {"crossbar.input_start", 0, UINT64_MAX, TRNNSF_E_FORMAT, "points outside"},
        {"crossbar.weight_start", 0, UINT64_MAX, TRNNSF_E_FORMAT, "points outside"},
        {"crossbar.synapses", 0, UINT64_MAX, TRNNSF_E_FORMAT, "more synapses than cells"},
        {"crossbar.residue", 0, 2, TRNNSF_E_FORMAT, "crossbar 0"},
        {"index", 0, UINT64_MAX, TRNNSF_E_FORMAT, "not ascending"},
        {"weights", 0, UINT64_MAX, TRNNSF_E_NUMERIC, "element 0 of tensor 'weights' is not finite"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        EXPECT(load_changed(cases[i].tensor, cases[i].element, cases[i].value), cases[i].status,
               cases[i].fragment);
}
END_TEST

START_TEST(hostile_arguments)
{
    trnnsf_mapping *none = NULL;

    ck_assert_int_eq(trnnsf_mapping_save(NULL, NULL, "x"), TRNNSF_E_INVALID);
    EXPECT(trnnsf_mapping_save(ctx, NULL, "x"), TRNNSF_E_INVALID, "mapping is NULL");
    ck_assert_int_eq(trnnsf_mapping_load(NULL, "x", &none), TRNNSF_E_INVALID);
    EXPECT(trnnsf_mapping_load(ctx, NULL, &none), TRNNSF_E_INVALID, "path is NULL");
    EXPECT(trnnsf_mapping_load(ctx, "x", NULL), TRNNSF_E_INVALID, "out_mapping is NULL");
    EXPECT(trnnsf_mapping_load(ctx, in_folder("x"), &none), TRNNSF_E_NOT_FOUND,
           "trnnsf_mapping_load: cannot open");
}
END_TEST

#endif

TCase *mapping_tests(void)
{
    TCase *tests = tcase_create("mapping");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 30);
#if TRN_HAVE_JANSSON
    tcase_add_loop_test(tests, saved_is_loaded, TRNNSF_MAP_DENSE, TRNNSF_MAP_TILES + 1);
    tcase_add_loop_test(tests, windows_are_loaded, 0, 3);
    tcase_add_test(tests, damaged_windows);
    tcase_add_test(tests, changed_contents);
    tcase_add_test(tests, hostile_arguments);
#endif
    return tests;
}
