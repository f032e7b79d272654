/* Graphs that tests share, and how their nodes are put together. */
#ifndef TEST_NETWORK_GRAPH_SCENES_H
#define TEST_NETWORK_GRAPH_SCENES_H

#include "network/cases.h"

/* Of 2 x 7 x 6 values, with softmax at the end: a chain of layers, one with a residual block and
 * batch norms, one with grouped convolutions and a join. */
enum { GRAPH_SCENES = 3, GRAPH_CLASSES = 4, GRAPH_INPUTS = 84 };

/* Weights, biases and batch norms are random. */
trnnsf_network *build_graph(trnnsf_context *ctx, size_t scene);

struct trnnsf_node_options node_of_kind(uint32_t kind, uint32_t activation);
struct trnnsf_node_options node_convolution(uint32_t outputs, uint32_t kernel, uint32_t pad,
                                            uint32_t activation);
struct trnnsf_node_options node_pool(uint32_t kind, uint32_t kernel, uint32_t stride);
struct trnnsf_node_options node_dense(uint32_t outputs, uint32_t activation);
/* The new node's number. */
uint32_t add_node(trnnsf_context *ctx, trnnsf_graph *graph, uint32_t input,
                  struct trnnsf_node_options o);
uint32_t join_nodes(trnnsf_context *ctx, trnnsf_graph *graph, uint32_t kind, uint32_t activation,
                    uint32_t a, uint32_t b);

#endif
