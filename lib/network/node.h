/* A network's graph: its nodes, what they compute and in which shape. Node 0 is the input, the last one
 * the output, and each reads earlier ones. */
#ifndef TRN_NETWORK_NODE_H
#define TRN_NETWORK_NODE_H

#include <stdbool.h>
#include <stdint.h>
#include <trnnsf/graph.h>

enum { TRN_NORM_VALUES = 4 }; /* enum trnnsf_norm_value */

/* Limits, chosen here: products of two values fit 64 bits, and indices 32. */
enum {
    TRN_NODE_VALUES_MOST = 1 << 24, /* of a node */
    TRN_NODE_WEIGHTS_MOST = 1 << 28,
    TRN_NODE_WINDOW_MOST = 65535, /* sides, strides, dilations and padding of a window */
    TRN_NODE_INPUTS_MOST = 1024,  /* that a sum or join reads */
    TRN_GRAPH_NODES_MOST = 4096
};

#define TRN_NO_LAYER SIZE_MAX
#define TRN_NO_NODE SIZE_MAX

struct trn_shape {
    size_t channels;
    size_t height;
    size_t width;
};

struct trn_node {
    struct trnnsf_node_options options;
    struct trn_shape shape; /* of what it computes */
    uint32_t *inputs;
    size_t n_inputs;
    size_t layer;                 /* of the network; TRN_NO_LAYER */
    float *norm[TRN_NORM_VALUES]; /* of a batch norm [channels] */
};

struct trn_graph {
    size_t n_nodes;
    size_t capacity;
    struct trn_node *nodes;
};

struct trnnsf_graph {
    trnnsf_context *ctx; /* held */
    struct trn_graph graph;
};

static inline size_t trn_shape_pixels(const struct trn_shape *shape)
{
    return shape->height * shape->width;
}

static inline size_t trn_shape_size(const struct trn_shape *shape)
{
    return shape->channels * trn_shape_pixels(shape);
}

static inline bool trn_node_has_weights(const struct trn_node *node)
{
    return node->options.kind == TRNNSF_NODE_DENSE || node->options.kind == TRNNSF_NODE_CONVOLUTION;
}

/* Inputs of a layer's matrix, given what its node reads. */
uint64_t trn_node_fan_in(const struct trn_node *node, const struct trn_shape *input);

/* Checks ranges of `options` and sets the whole image's window where it is meant; `at` names the node
 * in texts. node_options.c */
trnnsf_status trn_node_check(trnnsf_context *ctx, size_t at, struct trnnsf_node_options *options);
/* The shape of `node`, whose options and inputs are set. node_shape.c */
trnnsf_status trn_node_infer(trnnsf_context *ctx, const struct trn_graph *graph, size_t at,
                             struct trn_node *node);

/* graph.c: what fails leaves `graph` as it was. */

/* Of an empty graph. TRNNSF_E_INVALID: a side of 0, more than 2^24 values. */
trnnsf_status trn_graph_begin(trnnsf_context *ctx, struct trn_graph *graph, size_t channels,
                              size_t height, size_t width);
/* Adds a node as trnnsf_graph_add() does, of options and inputs that may be anything. */
trnnsf_status trn_graph_add(trnnsf_context *ctx, struct trn_graph *graph, const uint32_t *inputs,
                            size_t n_inputs, const struct trnnsf_node_options *options);
trnnsf_status trn_graph_copy(trnnsf_context *ctx, const struct trn_graph *graph,
                             struct trn_graph *out_graph);
void trn_graph_clear(trnnsf_context *ctx, struct trn_graph *graph);
/* Takes out the nodes i with numbers[i] other than i, which none of the others reads; those of the
 * others become their new ones. Not the input, nor a layer. */
void trn_graph_take_out(trnnsf_context *ctx, struct trn_graph *graph, uint32_t *numbers);
/* The node of a layer; TRN_NO_NODE. */
size_t trn_graph_layer_node(const struct trn_graph *graph, size_t layer);

#endif
