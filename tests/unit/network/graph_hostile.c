/* Graphs that are refused, and what a graph tells of itself. */
#include <math.h>
#include <string.h>

#include "network/graph_scenes.h"

static trnnsf_context *ctx;

static void setup(void)
{
    ctx = open_context(2, "reference");
}

static void teardown(void)
{
    trnnsf_context_free(ctx);
}

/* One call that must fail with `status`, its text naming `what`. */
static void refuse(trnnsf_graph *graph, uint32_t input, struct trnnsf_node_options o,
                   trnnsf_status status, const char *what)
{
    size_t before = trnnsf_graph_nodes(graph);
    uint32_t node = 77;

    ck_assert_int_eq(trnnsf_graph_add(ctx, graph, &input, 1, &o, &node), status);
    ck_assert_msg(strstr(trnnsf_context_error(ctx), what) != NULL, "%s", trnnsf_context_error(ctx));
    ck_assert_uint_eq(node, 77);
    ck_assert_uint_eq(trnnsf_graph_nodes(graph), before);
}

START_TEST(hostile_nodes)
{
    struct trnnsf_node_options o = node_convolution(4, 3, 0, TRNNSF_ACTIVATION_LINEAR);
    trnnsf_graph *graph;

    ck_assert_int_eq(trnnsf_graph_create(ctx, 4097, 4096, 1, &graph), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_graph_create(ctx, 0, 1, 1, &graph), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_graph_create(ctx, SIZE_MAX, SIZE_MAX, 2, &graph), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_graph_create(ctx, 6, 8, 8, &graph), TRNNSF_OK);
    refuse(graph, 1, o, TRNNSF_E_INVALID, "inputs[0] 1 is not in [0, 1)");
    o.groups = 4;
    refuse(graph, 0, o, TRNNSF_E_MISMATCH, "4 groups do not divide 6 input");
    o = node_convolution(4, 9, 0, TRNNSF_ACTIVATION_LINEAR);
    refuse(graph, 0, o, TRNNSF_E_MISMATCH, "9 high does not fit an image of 8");
    o.kernel_height = o.kernel_width = o.dilation_height = o.dilation_width = 65535;
    refuse(graph, 0, o, TRNNSF_E_MISMATCH, "4294770691 high");
    o = node_convolution(1u << 24, 60, 60, TRNNSF_ACTIVATION_LINEAR);
    refuse(graph, 0, o, TRNNSF_E_LIMIT, "are more than 16777216");
    o = node_convolution(4, 0, 0, TRNNSF_ACTIVATION_LINEAR);
    refuse(graph, 0, o, TRNNSF_E_INVALID, "node 1 (convolution): kernel_height 0");
    o = node_dense(1u << 24, TRNNSF_ACTIVATION_LINEAR);
    refuse(graph, 0, o, TRNNSF_E_LIMIT, "16777216x384 weights are more than 268435456");
    o = node_dense(4, TRNNSF_ACTIVATION_HARD_SWISH);
    refuse(graph, 0, o, TRNNSF_E_INVALID, "hard swish");
    o = node_dense(4, 8);
    refuse(graph, 0, o, TRNNSF_E_INVALID, "activation 8 is not in [0, 7]");
    o = node_pool(TRNNSF_NODE_MAX_POOL, 2, 2);
    o.pad_right = 2;
    refuse(graph, 0, o, TRNNSF_E_INVALID, "pad_right 2 is not in [0, 1]");
    o = node_of_kind(TRNNSF_NODE_RESHAPE, 0);
    o.outputs = 5;
    refuse(graph, 0, o, TRNNSF_E_MISMATCH, "384 values cannot be 5 channels of 1 x 1");
    o.outputs = 0;
    o.height = o.width = 1u << 24;
    refuse(graph, 0, o, TRNNSF_E_MISMATCH, "384 values cannot be");
    o = node_of_kind(TRNNSF_NODE_BATCH_NORM, 0);
    o.epsilon = NAN;
    refuse(graph, 0, o, TRNNSF_E_INVALID, "epsilon nan");
    o = node_of_kind(TRNNSF_NODE_INPUT, 0);
    refuse(graph, 0, o, TRNNSF_E_INVALID, "kind 0 is not in [1, 9]");
    o = node_dense(4, 0);
    o.struct_size = 1;
    refuse(graph, 0, o, TRNNSF_E_INVALID, "struct_size");
    trnnsf_graph_free(graph);
}
END_TEST

START_TEST(hostile_graphs)
{
    trnnsf_graph *graph;
    trnnsf_network *network = NULL;

    ck_assert_int_eq(trnnsf_graph_create(ctx, 2, 4, 4, &graph), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_build(ctx, graph, NULL, &network), TRNNSF_E_STATE);
    add_node(ctx, graph, 0, node_dense(4, TRNNSF_ACTIVATION_SOFTMAX));
    add_node(ctx, graph, 0, node_dense(4, TRNNSF_ACTIVATION_LINEAR));
    ck_assert_int_eq(trnnsf_network_build(ctx, graph, NULL, &network), TRNNSF_E_STATE);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "no node reads node 1"));
    join_nodes(ctx, graph, TRNNSF_NODE_ADD, TRNNSF_ACTIVATION_LINEAR, 1, 2);
    ck_assert_int_eq(trnnsf_network_build(ctx, graph, NULL, &network), TRNNSF_E_STATE);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "node 1 has softmax outputs"));
    ck_assert_ptr_null(network);
    trnnsf_graph_free(graph);
}
END_TEST

START_TEST(getters)
{
    trnnsf_network *network = build_graph(ctx, 1);
    struct trnnsf_node_options o = {.struct_size = sizeof o};
    size_t count = 9;

    ck_assert_uint_eq(trnnsf_network_nodes(network), 10);
    ck_assert_uint_eq(trnnsf_network_layers(network), 4);
    ck_assert_uint_eq(trnnsf_network_inputs(network, 1), 4 * 9);
    ck_assert_uint_eq(trnnsf_network_layer_node(network, 2), 5);
    ck_assert_uint_eq(trnnsf_network_layer_node(network, 4), UINT32_MAX);
    ck_assert_int_eq(trnnsf_network_node(ctx, network, 6, &o), TRNNSF_OK);
    ck_assert_uint_eq(o.kind, TRNNSF_NODE_ADD);
    ck_assert_uint_eq(trnnsf_network_node_inputs(network, 6, &count)[1], 5);
    ck_assert_uint_eq(count, 2);
    ck_assert_ptr_null(trnnsf_network_node_inputs(network, 0, &count));
    ck_assert_uint_eq(count, 0);
    ck_assert_int_eq(trnnsf_network_node(ctx, network, 10, &o), TRNNSF_E_INVALID);
    ck_assert_ptr_null(trnnsf_network_norm(network, 2, 4));
    ck_assert_ptr_null(trnnsf_network_norm(network, 1, 0));
    trnnsf_network_free(network);
}
END_TEST

TCase *graph_hostile_case(void)
{
    TCase *tc = tcase_create("hostile graphs");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, hostile_nodes);
    tcase_add_test(tc, hostile_graphs);
    tcase_add_test(tc, getters);
    return tc;
}
