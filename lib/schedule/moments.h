/* Second moments on training samples: E[x^2] of each layer's inputs and E[d^2] of the loss gradient at its
 * outputs. w^2 E[x^2] E[d^2] estimates how much the loss changes when a synapse goes: the diagonal of the
 * Fisher matrix with both factors taken as independent (Theis et al., "Faster gaze prediction with dense
 * networks and Fisher pruning", arXiv 1801.05787, eq. 7; the factoring is Martens and Grosse's, arXiv
 * 1503.05671). Of a convolution, whose places share their weights, E[x^2] is the mean over places and
 * E[d^2] the sum over them: gradients at different places are taken as uncorrelated and alike (Grosse and
 * Martens, "A Kronecker-factored approximate Fisher matrix for convolution layers", arXiv 1602.01407,
 * section 3). */
#ifndef TRN_SCHEDULE_MOMENTS_H
#define TRN_SCHEDULE_MOMENTS_H

#include "data/dataset.h"
#include "network/network.h"

struct trn_moments {
    float **input;  /* [n_layers][n_in] */
    float **output; /* [n_layers][n_out] */
};

/* At most 4096 training samples are looked at, spread evenly, without dropout, batch norms as they are
 * in use. */
trnnsf_status trn_moments_measure(trnnsf_context *ctx, struct trnnsf_network *network,
                                  const struct trnnsf_dataset *dataset, uint32_t loss,
                                  struct trn_moments *out_moments);
void trn_moments_free(trnnsf_context *ctx, const struct trnnsf_network *network,
                      struct trn_moments *moments);

#endif
