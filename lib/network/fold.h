/* A network without what inference can do without: batch norms that a layer's weights can take in, and
 * nodes that compute nothing. */
#ifndef TRN_NETWORK_FOLD_H
#define TRN_NETWORK_FOLD_H

#include "network/network.h"

/* As trnnsf_network_fold(). */
trnnsf_status trn_network_fold(trnnsf_context *ctx, const struct trnnsf_network *network,
                               struct trnnsf_network **out_network);

#endif
