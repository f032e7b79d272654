/* What stands between a graph's firing nodes: each node's values as sums over those of its sources,
 * which are neurons that fire and the sums of layers of weights. */
#ifndef TRN_SIM_SPIKING_LINEAR_H
#define TRN_SIM_SPIKING_LINEAR_H

#include "network/network.h"
#include "network/norm.h"

/* Values from a source's: row i is the sum of gain times value over [start[i], start[i + 1]). */
struct trn_linear_map {
    size_t n;
    size_t *start; /* [n + 1]; NULL: the same values */
    uint32_t *index;
    double *gain;
};

/* The entries of row i are first(i) … first(i + 1) - 1. */
static inline size_t trn_linear_first(const struct trn_linear_map *map, size_t row)
{
    return map->start ? map->start[row] : row;
}

static inline size_t trn_linear_index(const struct trn_linear_map *map, size_t entry)
{
    return map->start ? map->index[entry] : entry;
}

static inline double trn_linear_gain(const struct trn_linear_map *map, size_t entry)
{
    return map->start ? map->gain[entry] : 1.0;
}

struct trn_linear_term {
    bool is_layer; /* the source is a layer of the network, before biases; else neurons */
    size_t source; /* its number, or the neurons': 0 the inputs, then firing nodes in order */
    struct trn_linear_map map;
};

/* A node before its activation. */
struct trn_linear_node {
    size_t n_terms;
    struct trn_linear_term *terms;
    double *constant; /* [values] what does not hang on any source; NULL: 0 */
    size_t neurons;   /* the number of those that it is; TRN_NO_LAYER: none */
};

struct trn_linear {
    const struct trn_graph *graph;
    const struct trnnsf_network *network;
    struct trn_linear_node *nodes; /* [n_nodes] */
    size_t n_neurons;              /* firing nodes, the input and the last one */
    uint32_t *neurons;             /* [n_neurons] their nodes */
};

/* Of a folded graph. TRNNSF_E_UNSUPPORTED, TRNNSF_E_LIMIT: a node that spikes cannot stand for,
 * which the text names. */
trnnsf_status trn_linear_create(trnnsf_context *ctx, const struct trnnsf_network *network,
                                struct trn_linear *linear);
void trn_linear_clear(trnnsf_context *ctx, struct trn_linear *linear);

/* The k-th of the terms that a reader of the node sees: of neurons, themselves. */
size_t trn_linear_terms(const struct trn_linear *linear, size_t node);
struct trn_linear_term trn_linear_term(const struct trn_linear *linear, size_t node, size_t k);

#endif
