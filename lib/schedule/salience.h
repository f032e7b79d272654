/* What a synapse is worth, measured on training samples. */
#ifndef TRN_SCHEDULE_SALIENCE_H
#define TRN_SCHEDULE_SALIENCE_H

#include "schedule/moments.h"
#include "tensor/mask.h"
#include "tensor/sparse.h"

/* In the order of the schedule's words. */
enum trn_salience_kind {
    TRN_SALIENCE_LOSS = 0,       /* w^2 E[x^2] E[d^2]: what the loss rises by (moments.h) */
    TRN_SALIENCE_ACTIVATION = 1, /* w^2 E[x^2]: what the outputs change by */
    TRN_SALIENCE_MAGNITUDE = 2   /* |w| */
};

/* Saliences of a layer's synapses in `live` (NULL: all), as the values of a sparse matrix; with
 * `share` they sum to 1. */
trnnsf_status trn_layer_salience(trnnsf_context *ctx, const struct trnnsf_network *network,
                                 size_t index, const struct trn_moments *moments,
                                 enum trn_salience_kind kind, const struct trn_mask *live,
                                 bool share, struct trnnsf_matrix **out_matrix);

#endif
