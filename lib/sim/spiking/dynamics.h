/* Neurons with parameters of their own, as NIR has them; converted networks need none. Potentials
 * are counted from where they fall back to, over the threshold's distance from there. */
#ifndef TRN_SIM_SPIKING_DYNAMICS_H
#define TRN_SIM_SPIKING_DYNAMICS_H

#include "sim/spiking/kernel.h"

enum { TRN_DELAY_MAX = 65536 }; /* steps: chosen here */

struct trn_dynamics {
    size_t n_in, n_out;
    bool to_zero;   /* reset; else the threshold is subtracted */
    bool is_strict; /* fires above the threshold, not at it */
    bool is_silent; /* never fires */
    float *keep, *initial;      /* [n_out] */
    float *keep_current, *rest; /* [n_out] of synapses with currents of their own; or NULL */
    uint32_t *delay;            /* [n_in] steps by which inputs' spikes come later; or NULL */
    size_t longest;             /* of the delays */
};

trnnsf_status trn_dynamics_new(trnnsf_context *ctx, size_t n_in, size_t n_out, bool has_currents,
                               struct trn_dynamics **out_dynamics);
void trn_dynamics_free(trnnsf_context *ctx, struct trn_dynamics *dynamics);

/* One step, as trn_neurons_fire(); current[n] where synapses have them. */
void trn_dynamics_step(const struct trn_dynamics *dynamics, const struct trn_neurons *neurons,
                       const int32_t *sums, bool fires, size_t step, float *potential,
                       float *current, uint32_t *masks);

/* Words a neuron of trn_dynamics_delay()'s history. */
static inline size_t trn_dynamics_words(const struct trn_dynamics *dynamics)
{
    return dynamics && dynamics->delay ? dynamics->longest / TRN_SPIKE_CHUNK + 2 : 0;
}
/* late[n_in]: the spikes that arrive in a chunk; history[words x n_in] keeps what is on its way. */
void trn_dynamics_delay(const struct trn_dynamics *dynamics, const uint32_t *masks, size_t chunk,
                        uint32_t *history, uint32_t *late);

#endif
