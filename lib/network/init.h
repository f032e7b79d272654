/* Initial weights. */
#ifndef TRN_NETWORK_INIT_H
#define TRN_NETWORK_INIT_H

#include "network/network.h"

/* Options are checked. */
trnnsf_status trn_network_create(trnnsf_context *ctx, const size_t *sizes, size_t n_sizes,
                                 const struct trnnsf_network_options *options,
                                 struct trnnsf_network **out_network);
/* Are init and init_scale in their ranges? */
trnnsf_status trn_network_check_init(trnnsf_context *ctx, const char *function,
                                     const struct trnnsf_network_options *options);
/* Draws the weights of all layers by init, init_scale and seed. */
void trn_network_draw_weights(trnnsf_context *ctx, const struct trnnsf_network_options *options,
                              struct trnnsf_network *network);

#endif
