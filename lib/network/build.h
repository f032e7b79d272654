/* A network of a graph. */
#ifndef TRN_NETWORK_BUILD_H
#define TRN_NETWORK_BUILD_H

#include "network/network.h"

/* Of checked options. TRNNSF_E_STATE, TRNNSF_E_LIMIT: as trnnsf_network_build(). */
trnnsf_status trn_network_build(trnnsf_context *ctx, const struct trn_graph *graph,
                                const struct trnnsf_network_options *options,
                                struct trnnsf_network **out_network);

#endif
