/* Layers as text: the papers' notation, options, random texts against the graphs they stand for, and what
 * is no text of layers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "network/cases.h"
#include "network/network.h"

static trnnsf_context *ctx;

static void setup(void)
{
    ctx = open_context(1, "reference");
}

static void teardown(void)
{
    trnnsf_context_free(ctx);
}

static trnnsf_graph *parse(const char *text, size_t channels, size_t side)
{
    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;
    trnnsf_graph *graph = NULL;

    options.output_activation = TRNNSF_ACTIVATION_SOFTMAX;
    ck_assert_msg(
        trnnsf_graph_parse(ctx, text, channels, side, side, &options, &graph) == TRNNSF_OK, "%s",
        trnnsf_context_error(ctx));
    return graph;
}

static const struct trn_node *node(const trnnsf_graph *graph, size_t at)
{
    ck_assert_uint_lt(at, graph->graph.n_nodes);
    return &graph->graph.nodes[at];
}

static void check_shape(const struct trn_node *at, uint32_t kind, size_t channels, size_t height,
                        size_t width)
{
    ck_assert_uint_eq(at->options.kind, kind);
    ck_assert_uint_eq(at->shape.channels, channels);
    ck_assert_uint_eq(at->shape.height, height);
    ck_assert_uint_eq(at->shape.width, width);
}

/* 28 less 4, halved, less 4, halved: 64 maps of 4 x 4 feed the first of 1200. */
START_TEST(papers_network)
{
    trnnsf_graph *graph = parse("12c5-2s-64c5-2s-1200-1200-10", 1, 28);
    trnnsf_network *network;

    ck_assert_uint_eq(trnnsf_graph_nodes(graph), 8);
    check_shape(node(graph, 1), TRNNSF_NODE_CONVOLUTION, 12, 24, 24);
    check_shape(node(graph, 2), TRNNSF_NODE_MEAN_POOL, 12, 12, 12);
    check_shape(node(graph, 3), TRNNSF_NODE_CONVOLUTION, 64, 8, 8);
    check_shape(node(graph, 4), TRNNSF_NODE_MEAN_POOL, 64, 4, 4);
    check_shape(node(graph, 5), TRNNSF_NODE_DENSE, 1200, 1, 1);
    check_shape(node(graph, 7), TRNNSF_NODE_DENSE, 10, 1, 1);
    ck_assert_uint_eq(node(graph, 1)->options.activation, TRNNSF_ACTIVATION_RELU);
    ck_assert_uint_eq(node(graph, 2)->options.activation, TRNNSF_ACTIVATION_LINEAR);
    ck_assert_uint_eq(node(graph, 7)->options.activation, TRNNSF_ACTIVATION_SOFTMAX);
    ck_assert_uint_eq(node(graph, 1)->options.bias, 0);
    ck_assert_int_eq(trnnsf_network_build(ctx, graph, NULL, &network), TRNNSF_OK);
    ck_assert_uint_eq(trnnsf_network_inputs(network, 1), 12 * 25);
    ck_assert_uint_eq(trnnsf_network_inputs(network, 2), 1024);
    trnnsf_network_free(network);
    trnnsf_graph_free(graph);
}
END_TEST

START_TEST(options_of_layers)
{
    trnnsf_graph *graph = parse("8c3x1:pad2x0:stride2x1:dilate1x2:bias:leaky:drop0.25-"
                                "8c3:depthwise:same:stride2:norm:swish-"
                                "2m:same:relu6-16c1:groups4:nobias:linear-3x2s:stride1-"
                                "12:norm:tanh-m",
                                3 + 1, 19);
    const struct trnnsf_node_options *o = &node(graph, 1)->options;

    check_shape(node(graph, 1), TRNNSF_NODE_CONVOLUTION, 8, 11, 19);
    ck_assert(o->kernel_height == 3 && o->kernel_width == 1 && o->pad_top == 2 && o->pad_left == 0);
    ck_assert(o->stride_height == 2 && o->stride_width == 1 && o->dilation_width == 2 && o->bias);
    ck_assert_uint_eq(o->activation, TRNNSF_ACTIVATION_LEAKY_RELU);
    ck_assert_double_eq_tol(o->dropout, 0.25, 1e-12);
    o = &node(graph, 2)->options;
    check_shape(node(graph, 2), TRNNSF_NODE_CONVOLUTION, 8, 6, 10);
    ck_assert(o->groups == 8 && o->bias == 0 && o->activation == TRNNSF_ACTIVATION_LINEAR);
    ck_assert(o->pad_top == 1 && o->pad_bottom == 1 && o->pad_left == 1 && o->pad_right == 1);
    check_shape(node(graph, 3), TRNNSF_NODE_BATCH_NORM, 8, 6, 10);
    check_shape(node(graph, 4), TRNNSF_NODE_ACTIVATION, 8, 6, 10);
    ck_assert_uint_eq(node(graph, 4)->options.activation, TRNNSF_ACTIVATION_HARD_SWISH);
    check_shape(node(graph, 5), TRNNSF_NODE_MAX_POOL, 8, 3, 5);
    ck_assert_uint_eq(node(graph, 5)->options.activation, TRNNSF_ACTIVATION_RELU6);
    check_shape(node(graph, 6), TRNNSF_NODE_CONVOLUTION, 16, 3, 5);
    ck_assert_uint_eq(node(graph, 6)->options.groups, 4);
    check_shape(node(graph, 7), TRNNSF_NODE_MEAN_POOL, 16, 1, 4);
    check_shape(node(graph, 8), TRNNSF_NODE_DENSE, 12, 1, 1);
    ck_assert_uint_eq(node(graph, 9)->options.activation, TRNNSF_ACTIVATION_TANH);
    ck_assert_uint_eq(node(graph, 10)->options.activation, TRNNSF_ACTIVATION_SOFTMAX);
    ck_assert_uint_eq(trnnsf_graph_nodes(graph), 11);
    trnnsf_graph_free(graph);
}
END_TEST

/* Random layers written as text come back as they were meant, with ceil(side / stride) places. */
START_TEST(texts_mean_what_they_say)
{
    struct trn_random random;

    trn_random_init(&random, 7, TRN_RANDOM_TEST, (uint32_t)_i);
    for (int round = 0; round < 40; round++) {
        size_t side = 5 + trn_random_below(&random, 30), layers = 1 + trn_random_below(&random, 6);
        uint32_t kinds[6], sizes[6], kernels[6], strides[6];
        char text[512] = "";
        size_t length = 0;

        for (size_t i = 0; i < layers; i++) {
            kinds[i] = trn_random_below(&random, 3);
            sizes[i] = 1 + trn_random_below(&random, 9);
            kernels[i] = 1 + trn_random_below(&random, 5);
            strides[i] = 1 + trn_random_below(&random, 3);
            if (kinds[i] == 0)
                length += (size_t)sprintf(text + length, "%s%uc%u:stride%u:same", i ? "-" : "",
                                          sizes[i], kernels[i], strides[i]);
            else
                length += (size_t)sprintf(text + length, "%s%u%c:same:stride%u", i ? "-" : "",
                                          kernels[i], kinds[i] == 1 ? 's' : 'm', strides[i]);
        }

        trnnsf_graph *graph = parse(text, 2, side);
        size_t channels = 2;

        for (size_t i = 0; i < layers; i++) {
            static const uint32_t of[3] = {TRNNSF_NODE_CONVOLUTION, TRNNSF_NODE_MEAN_POOL,
                                           TRNNSF_NODE_MAX_POOL};

            side = (side + strides[i] - 1) / strides[i];
            channels = kinds[i] == 0 ? sizes[i] : channels;
            check_shape(node(graph, i + 1), of[kinds[i]], channels, side, side);
            ck_assert_uint_eq(node(graph, i + 1)->options.kernel_width, kernels[i]);
        }
        trnnsf_graph_free(graph);
    }
}
END_TEST

START_TEST(no_texts)
{
    static const struct {
        const char *text;
        trnnsf_status status;
        const char *says;
    } cases[] = {
        {"", TRNNSF_E_INVALID, "at character 1, \"\": a layer is missing"},
        {"12c5-", TRNNSF_E_INVALID, "at character 6, \"\": a layer is missing"},
        {"-10", TRNNSF_E_INVALID, "at character 1, \"\": a layer is missing"},
        {"12c5--10", TRNNSF_E_INVALID, "at character 6, \"\": a layer is missing"},
        {"12c", TRNNSF_E_INVALID, "at character 4, \"\": a number is missing"},
        {"c5-10", TRNNSF_E_INVALID, "at character 1, \"c5\": a number is missing"},
        {"12c5 -10", TRNNSF_E_INVALID, "at character 5, \" \": expected"},
        {"12c5-2q-10", TRNNSF_E_INVALID, "at character 7, \"q\": expected"},
        {"12c5-3x10", TRNNSF_E_INVALID, "at character 6, \"3x10\": a layer's size"},
        {"3x12c5-10", TRNNSF_E_INVALID, "at character 1, \"3x12c5\": a layer's size"},
        {"12c5-0s-10", TRNNSF_E_INVALID, "at character 6, \"0s\": a window of 0"},
        {"0c5-10", TRNNSF_E_INVALID, "at character 1, \"0c5\": node 1 (convolution): outputs 0"},
        {"12c0:same-10", TRNNSF_E_INVALID, "node 1 (convolution): kernel_height 0"},
        {"12c3:stride0:same-10", TRNNSF_E_INVALID, "node 1 (convolution): stride_height 0"},
        {"12c29-10", TRNNSF_E_MISMATCH, "at character 1, \"12c29\": node 1: a window 29 high"},
        {"12c5-10c25-10", TRNNSF_E_MISMATCH, "at character 6, \"10c25\": node 2"},
        {"12c5:soft-10", TRNNSF_E_INVALID, "at character 6, \"soft\": no option of layers"},
        {"12c5:pad-10", TRNNSF_E_INVALID, "at character 6, \"pad\": no option of layers"},
        {"12c5:-10", TRNNSF_E_INVALID, "at character 6, \"\": no option"},
        {"12c5-2s:norm-10", TRNNSF_E_INVALID, "at character 9, \"norm\": no option of this kind"},
        {"12c5-10:pad1", TRNNSF_E_INVALID, "at character 9, \"pad1\": no option of this kind"},
        {"12c5-8c1:groups5-10", TRNNSF_E_MISMATCH, "5 groups do not divide"},
        {"12c5-13c3:depthwise-10", TRNNSF_E_MISMATCH, "12 groups do not divide"},
        {"12c5:drop1-10", TRNNSF_E_INVALID, "dropout 1 is not in [0, 1)"},
        {"12c5:drop.5-10", TRNNSF_E_INVALID, "at character 6, \"drop.5\": no option"},
        {"12c5-99999999999999999999", TRNNSF_E_INVALID, "at character 6, \"9999999999999999999999"},
        {"16777216c5-10", TRNNSF_E_LIMIT, "at character 1, \"16777216c5\": node 1"},
        {"12c5:same:dilate65536-10", TRNNSF_E_INVALID, "dilation_height 65536"},
        {"12c60000:same:dilate60000-10", TRNNSF_E_INVALID, "pad_top"},
    };
    trnnsf_graph *graph = NULL;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        trnnsf_status status = trnnsf_graph_parse(ctx, cases[i].text, 1, 28, 28, NULL, &graph);

        if (strstr(cases[i].says, "99999999"))
            ck_assert_int_eq(status, TRNNSF_E_INVALID);
        else
            ck_assert_msg(status == cases[i].status &&
                              strstr(trnnsf_context_error(ctx), cases[i].says),
                          "\"%s\": %d, \"%s\"", cases[i].text, (int)status,
                          trnnsf_context_error(ctx));
        ck_assert_ptr_null(graph);
    }
    ck_assert_int_eq(trnnsf_graph_parse(NULL, "10", 1, 2, 2, NULL, &graph), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_graph_parse(ctx, NULL, 1, 2, 2, NULL, &graph), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_graph_parse(ctx, "10", 1, 2, 2, NULL, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_graph_parse(ctx, "10", 0, 2, 2, NULL, &graph), TRNNSF_E_INVALID);

    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;
    options.hidden_activation = TRNNSF_ACTIVATION_SOFTMAX;
    ck_assert_int_eq(trnnsf_graph_parse(ctx, "10", 1, 2, 2, &options, &graph), TRNNSF_E_INVALID);
    ck_assert_ptr_null(graph);
}
END_TEST

/* Anything of the notation's characters is a graph or refused with its place. */
START_TEST(random_texts)
{
    static const char letters[] = "0123459cx:-smc-:pad-same:stride:dilate:groups:depthwise:norm-"
                                  "bias:drop0.5:relu:tanh:swish:softmax";
    struct trn_random random;
    size_t good = 0;

    trn_random_init(&random, 8, TRN_RANDOM_TEST, (uint32_t)_i);
    for (int round = 0; round < 4000; round++) {
        size_t length = 1 + trn_random_below(&random, 14);
        char text[16] = "";
        trnnsf_graph *graph = NULL;

        for (size_t i = 0; i < length; i++)
            text[i] = letters[trn_random_below(&random, (uint32_t)sizeof letters - 1)];
        if (trnnsf_graph_parse(ctx, text, 3, 9, 9, NULL, &graph) == TRNNSF_OK) {
            good++;
            trnnsf_graph_free(graph);
            continue;
        }
        ck_assert_ptr_null(graph);
        ck_assert_msg(strstr(trnnsf_context_error(ctx), "at character ") != NULL, "%s: %s", text,
                      trnnsf_context_error(ctx));
    }
    ck_assert_uint_gt(good, 10);
}
END_TEST

TCase *layers_text_case(void)
{
    TCase *tc = tcase_create("layers as text");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, papers_network);
    tcase_add_test(tc, options_of_layers);
    tcase_add_loop_test(tc, texts_mean_what_they_say, 0, 5);
    tcase_add_test(tc, no_texts);
    tcase_add_loop_test(tc, random_texts, 0, 4);
    return tc;
}
