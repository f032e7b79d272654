/* How active the neurons of a network are on real samples. */
#ifndef TRN_SIM_COMMON_ACTIVITY_H
#define TRN_SIM_COMMON_ACTIVITY_H

#include <trnnsf/cost.h>

#include "data/dataset.h"
#include "network/network.h"

struct trnnsf_activity {
    trnnsf_context *ctx; /* held */
    size_t n_layers;
    /* n_layers + 1: where each layer's inputs begin in rate[] and nonzero[]: of a convolution all
     * values of the image that it reads. */
    size_t *start;
    float *rate;    /* mean of |x| over the layer's largest |x|, in [0, 1] */
    float *nonzero; /* fraction of the samples in which x is not 0 */
    double steps;   /* of a spiking run, a sample's mean; 0: neurons were not spiking */
    /* What that run met on the crossbars of a mapping, fractions of its steps; NULL: nothing is
     * known. NaN in layers whose inputs were no spikes. */
    uint64_t mapping;       /* its fingerprint */
    size_t *crossbar_start; /* n_layers + 1 */
    float *reads;           /* a crossbar had an input that spiked */
    size_t *output_start;   /* n_layers + 1 */
    float *updates;         /* an output had one over a synapse */
};

/* Values that feed a layer: those of a convolution's whole input image. */
size_t trn_activity_values(const struct trnnsf_network *network, size_t layer);

/* All zero; sizes[n_layers] are the layers' inputs. */
trnnsf_status trn_activity_new(trnnsf_context *ctx, size_t n_layers, const size_t *sizes,
                               struct trnnsf_activity **out_activity);
/* Makes room for what crossbars[n_layers] and outputs[n_layers] met. */
trnnsf_status trn_activity_add_traffic(struct trnnsf_activity *activity, const size_t *crossbars,
                                       const size_t *outputs);
void trn_activity_free(struct trnnsf_activity *activity);

/* Of `inputs`, sample-major, each `stride`-th from the first on, n_samples (at least 1) of them.
 * The same bits for any thread count. TRNNSF_E_NUMERIC where an activation is not finite. */
trnnsf_status trn_activity_measure(trnnsf_context *ctx, const struct trnnsf_network *network,
                                   size_t n_samples, size_t stride, const float *inputs,
                                   struct trnnsf_activity **out_activity);

#endif
