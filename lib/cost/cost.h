/* Area, energy and latency of mappings. doc/cost-model.md has every formula and symbol. */
#ifndef TRN_COST_COST_H
#define TRN_COST_COST_H

#include <trnnsf/cost.h>

#include "map/mapping.h"
#include "sim/common/activity.h"
#include "tech/tech.h"

enum { TRN_COST_PARTS = TRNNSF_COST_TOTAL + 1 };

struct trn_layer_cost {
    double area[TRN_COST_PARTS];   /* square metres */
    double energy[TRN_COST_PARTS]; /* joules an inference */
    double latency;                /* seconds an inference */
};

struct trnnsf_cost {
    trnnsf_context *ctx; /* held */
    size_t n_layers;
    struct trn_layer_cost *layers; /* n_layers, then the sum of all */
};

/* Where a layer's crossbars lie: PEs one after the other, column by column on a square mesh. */
struct trn_placement {
    double pes;
    double mean_hops; /* of an input packet from the layer before */
    double most_hops;
};

/* placements[n_layers] */
void trn_cost_place(const struct trnnsf_mapping *mapping, const struct trnnsf_tech *tech,
                    struct trn_placement *placements);

/* How the partial sums of one layer's outputs lie. */
struct trn_spread {
    uint32_t *crossbars; /* [n_out] that have the output */
    uint32_t *pes;       /* [n_out] that these are on */
    uint32_t *last_pe;   /* [n_out] scratch */
};

/* Counts for layer `layer`; the arrays are zero before. */
void trn_cost_spread(const struct trnnsf_mapping *mapping, size_t layer,
                     const struct trnnsf_tech *tech, const struct trn_spread *spread);

void trn_cost_area(const struct trnnsf_mapping *mapping, size_t layer,
                   const struct trnnsf_tech *tech, const struct trn_placement *placement,
                   double *area);
/* Layers work one after another, so that converters with one range can serve them all in turn: of
 * all layers' converters those of the layer that has most are left. */
void trn_cost_share_converters(const struct trnnsf_mapping *mapping, const struct trnnsf_tech *tech,
                               struct trn_layer_cost *layers);
double trn_cost_latency(const struct trnnsf_mapping *mapping, size_t layer,
                        const struct trnnsf_tech *tech, const struct trn_placement *placement,
                        const struct trn_spread *spread);
trnnsf_status trn_cost_energy(trnnsf_context *ctx, const struct trnnsf_mapping *mapping,
                              size_t layer, const struct trnnsf_tech *tech,
                              const struct trnnsf_activity *activity,
                              const struct trn_placement *placement,
                              const struct trn_spread *spread, double *energy);

/* The mapping, the technology and the activity fit each other. */
trnnsf_status trn_cost_evaluate(trnnsf_context *ctx, const struct trnnsf_mapping *mapping,
                                const struct trnnsf_tech *tech,
                                const struct trnnsf_activity *activity,
                                struct trnnsf_cost **out_cost);
void trn_cost_free(struct trnnsf_cost *cost);

#endif
