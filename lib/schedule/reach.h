/* Neurons that lie on a path of blocks from an input to an output of the network. What ends at any other
 * neuron, or begins there, computes a constant or nothing at all: its cells are wasted. */
#ifndef TRN_SCHEDULE_REACH_H
#define TRN_SCHEDULE_REACH_H

#include "cluster/clusters.h"

struct trn_reach {
    size_t n_layers;
    size_t *width; /* [n_layers + 1]: the inputs, then each layer's outputs */
    bool **fed;    /* [n_layers + 1][width]: a path leads there from an input */
    bool **alive;  /* the same, and on to an output */
    bool whole;    /* some path leads through all layers */
};

/* clusters[n_layers], one set a layer. trn_reach_free() is fine after a failure. */
trnnsf_status trn_reach_find(trnnsf_context *ctx, struct trnnsf_clusters *const *clusters,
                             size_t n_layers, struct trn_reach *out_reach);
void trn_reach_free(trnnsf_context *ctx, struct trn_reach *reach);

/* For layers that are chosen anew from the last to the first: alive is what is fed, and all outputs of
 * the last, until each layer's new clusters tell which of its inputs are read. Where none of these is
 * fed, they are what the layer below has to feed. */
void trn_reach_forget_reads(struct trn_reach *reach);
void trn_reach_read(struct trn_reach *reach, size_t index, const struct trnnsf_clusters *clusters);

/* Takes the salience off a layer's cells between neurons of which one is not alive; where none would be
 * left, off those whose output is not; where none would be left then, nothing changes. */
void trn_reach_filter(const struct trn_reach *reach, size_t index, struct trnnsf_matrix *salience);
/* A layer's clusters without the lines that are on no path. */
trnnsf_status trn_reach_trim(trnnsf_context *ctx, const struct trn_reach *reach, size_t index,
                             const struct trnnsf_clusters *clusters,
                             struct trnnsf_clusters **out_clusters);

#endif
