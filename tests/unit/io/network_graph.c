/* Networks that are graphs, in files. */
#include <math.h>
#include <stdio.h>

#include <trnnsf/graph.h>

#include "io/network_file.h"
#include "io/suite.h"

#if TRN_HAVE_JANSSON

enum { WHOLES = 18, NODES = 6 };

static uint32_t add(trnnsf_graph *graph, const uint32_t *inputs, size_t n_inputs,
                    struct trnnsf_node_options options)
{
    uint32_t node = 0;

    EXPECT_OK(trnnsf_graph_add(ctx, graph, inputs, n_inputs, &options, &node));
    return node;
}

/* 2 x 5 x 4: a convolution, a batch norm, both joined, pooled and classified. */
static trnnsf_network *sample_graph(void)
{
    struct trnnsf_node_options o = TRNNSF_NODE_OPTIONS_INIT;
    const float norm[3] = {0.5f, 2.0f, 3.0f};
    trnnsf_graph *graph = NULL;
    trnnsf_network *network = NULL;
    uint32_t inputs[2] = {0, 0};

    EXPECT_OK(trnnsf_graph_create(ctx, 2, 5, 4, &graph));
    o.kind = TRNNSF_NODE_CONVOLUTION;
    o.outputs = 3;
    o.kernel_height = 2;
    o.kernel_width = 3;
    o.pad_left = 1;
    o.bias = 0;
    inputs[0] = add(graph, inputs, 1, o);
    trnnsf_node_options_init(&o);
    o.kind = TRNNSF_NODE_BATCH_NORM;
    o.activation = TRNNSF_ACTIVATION_LEAKY_RELU;
    o.slope = 0.2;
    inputs[1] = add(graph, inputs, 1, o);
    trnnsf_node_options_init(&o);
    o.kind = TRNNSF_NODE_CONCAT;
    inputs[0] = add(graph, inputs, 2, o);
    o.kind = TRNNSF_NODE_MAX_POOL;
    o.kernel_height = o.kernel_width = 0;
    inputs[0] = add(graph, inputs, 1, o);
    trnnsf_node_options_init(&o);
    o.kind = TRNNSF_NODE_DENSE;
    o.outputs = 4;
    o.activation = TRNNSF_ACTIVATION_SOFTMAX;
    add(graph, inputs, 1, o);
    EXPECT_OK(trnnsf_network_build(ctx, graph, NULL, &network));
    trnnsf_graph_free(graph);
    EXPECT_OK(trnnsf_network_set_norm(ctx, network, 2, TRNNSF_NORM_MEAN, norm));
    EXPECT_OK(trnnsf_network_set_norm(ctx, network, 2, TRNNSF_NORM_VARIANCE, norm));
    return network;
}

START_TEST(saved_is_loaded)
{
    trnnsf_network *network = sample_graph(), *loaded = NULL;
    float inputs[3 * 40], outputs[2][3 * 4];
    size_t size = 0, again = 0;

    for (size_t i = 0; i < 3 * 40; i++)
        inputs[i] = sinf((float)i);
    EXPECT_OK(trnnsf_network_save(ctx, network, in_folder("a")));
    EXPECT_OK(trnnsf_network_load(ctx, in_folder("a"), &loaded));
    ck_assert_uint_eq(trnnsf_network_nodes(loaded), NODES);
    for (uint32_t i = 0; i < NODES; i++) {
        struct trnnsf_node_options a = {.struct_size = sizeof a}, b = {.struct_size = sizeof b};

        EXPECT_OK(trnnsf_network_node(ctx, network, i, &a));
        EXPECT_OK(trnnsf_network_node(ctx, loaded, i, &b));
        ck_assert_mem_eq(&a, &b, sizeof a);
    }
    EXPECT_OK(trnnsf_network_forward(ctx, network, 3, inputs, outputs[0]));
    EXPECT_OK(trnnsf_network_forward(ctx, loaded, 3, inputs, outputs[1]));
    ck_assert_mem_eq(outputs[0], outputs[1], sizeof outputs[0]);
    EXPECT_OK(trnnsf_network_save(ctx, loaded, in_folder("b")));
    uint8_t *first = read_bytes(in_folder("a"), &size), *second = read_bytes(in_folder("b"), &again);
    ck_assert_uint_eq(size, again);
    ck_assert_mem_eq(first, second, size);
    free(first);
    free(second);
    trnnsf_network_free(network);
    trnnsf_network_free(loaded);
}
END_TEST

/* The bytes of a tensor in the saved sample. */
static uint8_t *tensor_in(uint8_t *bytes, size_t size, const char *name)
{
    struct trn_safetensors *file = NULL;
    const struct trn_tensor *tensor;
    uint8_t *at = NULL;

    EXPECT_OK(trn_safetensors_parse(ctx, "f", bytes, size, &file));
    tensor = trn_safetensors_find(file, name);
    ck_assert_ptr_nonnull(tensor);
    for (size_t i = 0; !at && i + tensor->size <= size; i++) {
        if (memcmp(bytes + i, tensor->data, tensor->size) == 0)
            at = bytes + i;
    }
    trn_safetensors_free(file);
    ck_assert_ptr_nonnull(at);
    return at;
}

/* Loads the sample with element `index` of a tensor of 32-bit or 64-bit numbers set. */
static trnnsf_status load_with(const char *name, size_t width, size_t index, uint64_t value)
{
    trnnsf_network *network = sample_graph(), *loaded = NULL;
    const uint32_t narrow = (uint32_t)value;
    uint8_t *bytes;
    size_t size = 0;

    EXPECT_OK(trnnsf_network_save(ctx, network, in_folder("a")));
    trnnsf_network_free(network);
    bytes = read_bytes(in_folder("a"), &size);
    memcpy(tensor_in(bytes, size, name) + index * width, width == 4 ? (const void *)&narrow : &value,
           width);
    write_bytes("a", bytes, size);
    free(bytes);
    trnnsf_status status = trnnsf_network_load(ctx, in_folder("a"), &loaded);
    trnnsf_network_free(loaded);
    return status;
}

START_TEST(wrong_contents)
{
    static const struct {
        const char *name;
        size_t width, index;
        uint64_t value;
        trnnsf_status status;
        const char *fragment;
    } cases[] = {
        {"graph.shape", 8, 0, 0, TRNNSF_E_FORMAT, "channels 0 is not in [1, 16777216]"},
        {"graph.shape", 8, 1, 1u << 30, TRNNSF_E_LIMIT, "is 1073741824, above 16777216"},
        {"graph.shape", 8, 1, 6, TRNNSF_E_FORMAT, "'layer.1.weight' is 6, not 12"},
        {"graph.options", 4, 1 * WHOLES, 77, TRNNSF_E_FORMAT, "node 1 (): kind 77"},
        {"graph.options", 4, 1 * WHOLES + 3, 1u << 24, TRNNSF_E_LIMIT, "node 1"},
        {"graph.options", 4, 1 * WHOLES + 3, 4, TRNNSF_E_FORMAT, "'layer.0.weight'"},
        {"graph.options", 4, 5 * WHOLES + 1, 8, TRNNSF_E_FORMAT, "activation 8"},
        {"graph.options", 4, 5 * WHOLES + 2, 0, TRNNSF_E_FORMAT, "its node has no bias"},
        {"graph.options", 4, 4 * WHOLES + 6, 9, TRNNSF_E_FORMAT, "node 4: a window 9 high"},
        {"graph.inputs", 4, 0, 1, TRNNSF_E_FORMAT, "node 1: inputs[0] 1 is not in [0, 1)"},
        {"graph.inputs", 4, 2, 5, TRNNSF_E_FORMAT, "node 3: inputs[0] 5 is not in [0, 3)"},
        {"graph.inputs", 4, 5, 3, TRNNSF_E_FORMAT, "'layer.1.weight' is 6, not 72"},
        {"graph.input_start", 8, 0, 1, TRNNSF_E_FORMAT, "does not go from 0"},
        {"graph.input_start", 8, 3, 9, TRNNSF_E_LIMIT, "'graph.input_start' is 9, above 6"},
        {"graph.input_start", 8, 3, 0, TRNNSF_E_FORMAT, "falls at node 2"},
        {"graph.reals", 8, 2 * 4 + 1, 0x7FF8000000000000u, TRNNSF_E_FORMAT, "epsilon nan"},
        {"node.2.norm", 4, 3 * 3, 0xBF800000u, TRNNSF_E_FORMAT, "the variance of channel 0"},
        {"node.2.norm", 4, 1, 0x7F800000u, TRNNSF_E_NUMERIC, "'node.2.norm' is not finite"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        EXPECT(load_with(cases[i].name, cases[i].width, cases[i].index, cases[i].value),
               cases[i].status, cases[i].fragment);
}
END_TEST

START_TEST(damaged_files)
{
    trnnsf_network *network = sample_graph();

    load_damaged(network, 5);
    trnnsf_network_free(network);
}
END_TEST

#endif

TCase *network_graph_tests(void)
{
    TCase *tests = tcase_create("network graph");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 30);
#if TRN_HAVE_JANSSON
    tcase_add_test(tests, saved_is_loaded);
    tcase_add_test(tests, wrong_contents);
    tcase_add_test(tests, damaged_files);
#endif
    return tests;
}
