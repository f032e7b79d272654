/** \file cost.h
 * Measured activity, and area, energy and latency of a mapping. Both results are immutable once
 * made, and so may be shared between threads and contexts. doc/cost-model.md has every formula.
 */
#ifndef TRNNSF_COST_H
#define TRNNSF_COST_H

#include <trnnsf/mapping.h>

TRNNSF_BEGIN_DECLS

typedef struct trnnsf_activity trnnsf_activity;
typedef struct trnnsf_cost trnnsf_cost;

/** Measures how active the input neurons of every layer are on one part of a dataset. A neuron's
 * rate is the mean of |x| over the samples, divided by the largest |x| in its layer: the spike rate
 * of a rate-coded neuron, in [0, 1]. Beside it, the fraction of the samples in which x is not 0. The
 * inputs of a convolution are all values of the image that it reads, however it is mapped.
 * \param part enum trnnsf_part; must have samples.
 * \param out_activity the result; the caller owns it.
 * TRNNSF_E_INVALID: a NULL argument or no such part; TRNNSF_E_STATE: the part is empty;
 * TRNNSF_E_MISMATCH: features are not the network's inputs; TRNNSF_E_NUMERIC: an activation is not
 * finite; TRNNSF_E_CANCELLED; TRNNSF_E_NO_MEMORY. Progress phase: "activity". The same bits for any
 * number of threads. Cost: one forward pass.
 * Source: chosen here; the normalisation by the layer's maximum is that of Diehl et al., IJCNN
 * 2015, for turning trained networks into spiking ones. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_activity_measure(trnnsf_context *context,
                                                 const trnnsf_network *network,
                                                 const trnnsf_dataset *dataset, uint32_t part,
                                                 trnnsf_activity **out_activity);
/** Frees an activity; NULL is fine. Since 0.1. */
TRNNSF_API void trnnsf_activity_free(trnnsf_activity *activity);
/** Mean rate in [0, 1] of each input neuron of a layer; their number in *out_count (may be NULL).
 * Belongs to the activity; NULL for no such layer, *out_count then unchanged. Since 0.1. */
TRNNSF_API const float *trnnsf_activity_rate(const trnnsf_activity *activity, size_t layer,
                                             size_t *out_count);
/** Fraction of the samples in which each input neuron of a layer is not 0; as above. Since 0.1. */
TRNNSF_API const float *trnnsf_activity_nonzero(const trnnsf_activity *activity, size_t layer,
                                                size_t *out_count);

/** Steps a sample of the spiking run that the activity comes from took in the mean; NaN where it
 * comes from none. A cost then counts so many steps of spikes, whatever the technology's time_steps
 * and input_coding are. Any thread. Since 0.1. */
TRNNSF_API double trnnsf_activity_steps(const trnnsf_activity *activity);

/** What a cost is split into. */
enum trnnsf_cost_part {
    TRNNSF_COST_ARRAY = 0,     /**< the memristors */
    TRNNSF_COST_PERIPHERY = 1, /**< row drivers, DACs, column sensing, ADCs, partial-sum adders */
    TRNNSF_COST_NEURON = 2,
    TRNNSF_COST_BUFFER = 3,        /**< buffers of the MCAs, shared memory of the PEs */
    TRNNSF_COST_COMMUNICATION = 4, /**< routers, links, switches */
    TRNNSF_COST_TOTAL = 5
};

/** Area, energy and latency of a mapping by doc/cost-model.md. A convolution is read as often as its
 * windows have it (trnnsf_mapping_layer()); a graph's nodes without weights are not counted.
 * \param mapping made for the same columns_per_output as `tech` has.
 * \param activity of a network with the mapping's layer sizes. That of a spiking run
 *        (trnnsf_spike_record_activity()) gives the cost as a spiking network: its steps, its
 *        spikes, and, of a run on this very mapping that recorded its traffic, in how many steps
 *        each crossbar was driven and each neuron had something to do, instead of what follows for
 *        neurons that spike independently.
 * \param out_cost the result; the caller owns it.
 * TRNNSF_E_INVALID: a NULL argument; TRNNSF_E_MISMATCH: the three do not fit each other;
 * TRNNSF_E_CANCELLED; TRNNSF_E_NO_MEMORY. The same bits for any number of threads.
 * Source: doc/cost-model.md, and each constant's own. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_cost_evaluate(trnnsf_context *context,
                                              const trnnsf_mapping *mapping,
                                              const trnnsf_tech *tech,
                                              const trnnsf_activity *activity,
                                              trnnsf_cost **out_cost);
/** Frees a cost; NULL is fine. Since 0.1. */
TRNNSF_API void trnnsf_cost_free(trnnsf_cost *cost);
/** Square metres of one part (enum trnnsf_cost_part) of one layer, or of TRNNSF_ALL_LAYERS; NaN for
 * a part or layer that is none. Since 0.1. */
TRNNSF_API double trnnsf_cost_area(const trnnsf_cost *cost, size_t layer, uint32_t part);
/** Joules an inference, likewise. Since 0.1. */
TRNNSF_API double trnnsf_cost_energy(const trnnsf_cost *cost, size_t layer, uint32_t part);
/** Seconds an inference, layers one after the other; NaN for no such layer. Since 0.1. */
TRNNSF_API double trnnsf_cost_latency(const trnnsf_cost *cost, size_t layer);

TRNNSF_END_DECLS

#endif
