/* ONNX files. protobuf-c allocates through the context. */
#include "makes.h"

/* 1 x 4 x 3: convolution, batch norm, pooled with padding, joined, hard swish, classes. */
static trnnsf_status build(struct stage *s, trnnsf_network **out)
{
    static const struct {
        uint32_t kind, activation, inputs[2], n_inputs, outputs, kernel;
    } nodes[] = {{TRNNSF_NODE_CONVOLUTION, TRNNSF_ACTIVATION_LEAKY_RELU, {0, 0}, 1, 2, 2},
                 {TRNNSF_NODE_BATCH_NORM, TRNNSF_ACTIVATION_RELU6, {1, 0}, 1, 0, 1},
                 {TRNNSF_NODE_MEAN_POOL, TRNNSF_ACTIVATION_LINEAR, {2, 0}, 1, 0, 2},
                 {TRNNSF_NODE_ACTIVATION, TRNNSF_ACTIVATION_HARD_SWISH, {3, 0}, 1, 0, 1},
                 {TRNNSF_NODE_CONCAT, TRNNSF_ACTIVATION_LINEAR, {3, 4}, 2, 0, 1},
                 {TRNNSF_NODE_DENSE, TRNNSF_ACTIVATION_SOFTMAX, {5, 0}, 1, 3, 1}};
    trnnsf_graph *graph = NULL;
    uint32_t node = 0;
    trnnsf_status status = trnnsf_graph_create(s->ctx, 1, 4, 3, &graph);

    for (size_t i = 0; status == TRNNSF_OK && i < sizeof nodes / sizeof *nodes; i++) {
        struct trnnsf_node_options o = TRNNSF_NODE_OPTIONS_INIT;

        o.kind = nodes[i].kind;
        o.activation = nodes[i].activation;
        o.outputs = nodes[i].outputs;
        o.kernel_height = o.kernel_width = nodes[i].kernel;
        o.pad_top = o.count_pad = o.kind == TRNNSF_NODE_MEAN_POOL;
        status = trnnsf_graph_add(s->ctx, graph, nodes[i].inputs, nodes[i].n_inputs, &o, &node);
    }
    if (status == TRNNSF_OK)
        status = trnnsf_network_build(s->ctx, graph, NULL, out);
    trnnsf_graph_free(graph);
    return status;
}

/* Written and read; without ONNX there is nothing to fail. */
static trnnsf_status files(struct stage *s)
{
    struct trnnsf_onnx_options options = TRNNSF_ONNX_OPTIONS_INIT;
    trnnsf_network *network = NULL, *again = NULL;
    trnnsf_status status = build(s, &network);

    options.mask_zeros = 1;
    if (status == TRNNSF_OK)
        status = trnnsf_network_save_onnx(s->ctx, network, stage_path(s, "network.onnx"));
    if (status == TRNNSF_E_UNSUPPORTED) {
        trnnsf_network_free(network);
        return TRNNSF_OK;
    }
    if (status == TRNNSF_OK)
        status = trnnsf_network_load_onnx(s->ctx, stage_path(s, "network.onnx"), &options, &again);
    expect((status == TRNNSF_OK) == (again != NULL), "a result without success, or the reverse");
    s->result = (double)trnnsf_network_nodes(again);
    trnnsf_network_free(again);
    trnnsf_network_free(network);
    return status;
}

const struct scene onnx_scenes[] = {{"onnx-files", 0, files, NULL, NULL},
                                    {NULL, 0, NULL, NULL, NULL}};
