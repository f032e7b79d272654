/** \file cost.h
 * Measured activity, and area, energy and latency of a mapping. Immutable results.
 */
#ifndef TRNNSF_COST_H
#define TRNNSF_COST_H

#include <trnnsf/mapping.h>

TRNNSF_BEGIN_DECLS

typedef struct trnnsf_activity trnnsf_activity;
typedef struct trnnsf_cost trnnsf_cost;

/** Measures each neuron's activity on one part of a dataset: mean activation over the layer's
 * maximum (the rate of a rate-coded spiking neuron), and how often it is not zero. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_activity_measure(trnnsf_context *context,
                                                 const trnnsf_network *network,
                                                 const trnnsf_dataset *dataset, uint32_t part,
                                                 trnnsf_activity **out_activity);
TRNNSF_API void trnnsf_activity_free(trnnsf_activity *activity);
/** Mean rate [0, 1] of each input neuron of a layer; the count in *out_count. */
TRNNSF_API const float *trnnsf_activity_rate(const trnnsf_activity *activity, size_t layer,
                                             size_t *out_count);
TRNNSF_API const float *trnnsf_activity_nonzero(const trnnsf_activity *activity, size_t layer,
                                                size_t *out_count);

enum trnnsf_cost_part {
    TRNNSF_COST_ARRAY = 0,
    TRNNSF_COST_PERIPHERY = 1, /**< row drivers, DACs, column sensing, ADCs, partial-sum adders */
    TRNNSF_COST_NEURON = 2,
    TRNNSF_COST_BUFFER = 3,
    TRNNSF_COST_COMMUNICATION = 4,
    TRNNSF_COST_TOTAL = 5
};

/** Costs a mapping; doc/cost-model.md has every formula. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_cost_evaluate(trnnsf_context *context,
                                              const trnnsf_mapping *mapping,
                                              const trnnsf_tech *tech,
                                              const trnnsf_activity *activity,
                                              trnnsf_cost **out_cost);
TRNNSF_API void trnnsf_cost_free(trnnsf_cost *cost);
/** Square metres, of a layer or TRNNSF_ALL_LAYERS; NaN for a part or layer that is none. */
TRNNSF_API double trnnsf_cost_area(const trnnsf_cost *cost, size_t layer, uint32_t part);
/** Joules an inference. */
TRNNSF_API double trnnsf_cost_energy(const trnnsf_cost *cost, size_t layer, uint32_t part);
/** Seconds an inference (layers one after the other). */
TRNNSF_API double trnnsf_cost_latency(const trnnsf_cost *cost, size_t layer);

TRNNSF_END_DECLS

#endif
