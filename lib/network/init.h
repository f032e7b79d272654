/* Initial weights. */
#ifndef TRN_NETWORK_INIT_H
#define TRN_NETWORK_INIT_H

#include "network/network.h"

/* Options are checked. */
trnnsf_status trn_network_create(trnnsf_context *ctx, const size_t *sizes, size_t n_sizes,
                                 const struct trnnsf_network_options *options,
                                 struct trnnsf_network **out_network);

#endif
