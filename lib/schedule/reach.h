/* Neurons that lie on a path of blocks from the samples to an output of the network. What ends at any
 * other neuron, or begins there, computes a constant or nothing at all: its cells are wasted. A
 * convolution's channel is one neuron. */
#ifndef TRN_SCHEDULE_REACH_H
#define TRN_SCHEDULE_REACH_H

#include "cluster/clusters.h"
#include "network/links.h"

struct trn_reach {
    const struct trnnsf_network *network;
    const struct trn_links *links;
    /* [n_layers][outputs of the layer] */
    bool **fed_outputs; /* a path leads there from a sample */
    bool **outputs;     /* alive: the same, and on to an output */
    /* [n_layers + 1][lines of the layer]; the last ones are the network's outputs */
    bool **fed_lines;
    bool **lines; /* alive */
    bool whole;   /* some path leads through each layer */
};

/* clusters[n_layers]; a layer without is taken by its mask. `links` of `network`; both outlive the
 * result. trn_reach_free() is fine after a failure. */
trnnsf_status trn_reach_find(trnnsf_context *ctx, const struct trnnsf_network *network,
                             const struct trn_links *links,
                             struct trnnsf_clusters *const *clusters, struct trn_reach *out_reach);
void trn_reach_free(trnnsf_context *ctx, struct trn_reach *reach);

/* For layers that are chosen anew from the last to the first: lines are alive where they are fed, and
 * outputs of the last where they are the network's, until each layer's new clusters tell which of its
 * lines are read. Where none of these is fed, they are what the layers below have to feed. */
void trn_reach_forget_reads(struct trn_reach *reach);
/* `clusters` NULL: by the layer's mask. */
void trn_reach_read(struct trn_reach *reach, size_t index, const struct trnnsf_clusters *clusters);

/* Takes the salience off a layer's cells between neurons of which one is not alive; where none would be
 * left, off those whose output is not; where none would be left then, nothing changes. */
void trn_reach_filter(const struct trn_reach *reach, size_t index, struct trnnsf_matrix *salience);
/* A layer's clusters without the rows and columns that are on no path. */
trnnsf_status trn_reach_trim(trnnsf_context *ctx, const struct trn_reach *reach, size_t index,
                             const struct trnnsf_clusters *clusters,
                             struct trnnsf_clusters **out_clusters);

#endif
