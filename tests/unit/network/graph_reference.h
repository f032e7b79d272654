/* The judge of graphs: each node by its formula, in double precision, pixel by pixel. */
#ifndef TEST_NETWORK_GRAPH_REFERENCE_H
#define TEST_NETWORK_GRAPH_REFERENCE_H

#include "network/network.h"

struct graph_reference {
    const struct trnnsf_network *network;
    bool training; /* batch norms by the batch */
    size_t n;
    double **values;         /* [n_nodes], each [n samples x size] */
    double **weights;        /* [n_layers] */
    double **biases;         /* [n_layers]; NULL: none */
    double **scale, **shift; /* [n_nodes] of batch norms */
};

void graph_reference_init(struct graph_reference *reference, const struct trnnsf_network *network,
                          size_t n, bool training);
void graph_reference_free(struct graph_reference *reference);
/* The values of one node from those of its inputs. */
void graph_reference_node(struct graph_reference *reference, size_t node);
/* Mean cross-entropy of the last node's softmax; values of all nodes. */
double graph_reference_loss(struct graph_reference *reference, const float *inputs,
                            const uint32_t *labels);

#endif
