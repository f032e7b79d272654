/* The graph of a network in a safetensors file. Tensors, of n nodes:
 *     graph.shape        U64 [3]: channels, height and width of a sample
 *     graph.options      U32 [n, 18]: of each node the whole numbers of struct trnnsf_node_options in
 *                        their order, kind to count_pad; the first row is the input's
 *     graph.reals        F64 [n, 4]: slope, epsilon, momentum and dropout
 *     graph.input_start  U64 [n + 1], graph.inputs U32: what each node reads
 *     node.I.norm        F32 [4, channels] of node I, a batch norm: enum trnnsf_norm_value */
#ifndef TRN_IO_NETWORK_GRAPH_FILE_H
#define TRN_IO_NETWORK_GRAPH_FILE_H

#include "io/safetensors.h"
#include "network/network.h"

/* The writer keeps the first failure. */
void trn_network_graph_add(struct trn_safetensors_writer *writer, const char *prefix,
                           const struct trn_graph *graph);

bool trn_network_graph_is_in(const struct trn_safetensors *file, const char *prefix);
/* A network of the graph, with its batch norms and weights of 0. */
trnnsf_status trn_network_graph_read(trnnsf_context *ctx, const struct trn_safetensors *file,
                                     const char *prefix, struct trnnsf_network **out_network);
/* How many tensors of a file, whose names have no prefix, are its graph's. */
size_t trn_network_graph_tensors(const struct trn_safetensors *file,
                                 const struct trnnsf_network *network);

#endif
