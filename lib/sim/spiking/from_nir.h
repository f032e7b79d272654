/* NIR graphs as spiking networks, and back. */
#ifndef TRN_SIM_SPIKING_FROM_NIR_H
#define TRN_SIM_SPIKING_FROM_NIR_H

#include "nir/map.h"
#include "sim/spiking/dynamics.h"

/* Metadata that our graphs have, and that is honoured where a graph has it: doc/nir.md. */
#define TRN_NIR_DT "metadata/dt"
#define TRN_NIR_SCALE_OF "metadata/scale"
#define TRN_NIR_RESET "metadata/reset"
#define TRN_NIR_INITIAL "metadata/initial"
#define TRN_NIR_AT_THRESHOLD "metadata/fires_at_threshold"

/* One neuron's parameters, potentials counted as in struct trn_dynamics. */
struct trn_nir_fold {
    double keep;         /* of the potential a step */
    double keep_current; /* of the synapses' current */
    double gain;         /* potential, or current, for an input of 1 */
    double rest;         /* added to the potential a step */
    double initial;
};
bool trn_nir_is_neuron(uint32_t type);
bool trn_nir_can_fire(uint32_t type);
bool trn_nir_has_currents(uint32_t type);
/* Whether time has a meaning to it. */
bool trn_nir_has_time(uint32_t type);
/* Neuron i of a checked node; `subtract`: how it is reset. Refuses what would not be stable. */
trnnsf_status trn_nir_fold(const struct trnnsf_nir *nir, const struct trn_nir_node *node,
                           double dt, bool subtract, size_t i, struct trn_nir_fold *fold);

/* Synapses map.value times gain[n_out] as whole units; sets unit and factor. */
trnnsf_status trn_synapses_of_map(trnnsf_context *ctx, const struct trn_nir_map *map,
                                  const double *gain, struct trn_spiking_layer *layer);
/* weights[n_out x n_in] over the threshold. */
void trn_synapses_to_dense(const struct trn_spiking_layer *layer, double *weights);

trnnsf_status trn_nir_to_spiking(trnnsf_context *ctx, const struct trnnsf_nir *nir,
                                 const struct trnnsf_nir_import_options *options,
                                 struct trnnsf_spiking **out_spiking);
trnnsf_status trn_nir_of_spiking(trnnsf_context *ctx, const struct trnnsf_spiking *spiking,
                                 const struct trnnsf_nir_export_options *options,
                                 struct trnnsf_nir **out_nir);

#endif
