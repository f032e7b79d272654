/* Fan-in and cut by trial. */
#ifndef TRN_TILE_CHOOSE_H
#define TRN_TILE_CHOOSE_H

#include "tile/tile_map.h"

trnnsf_status trn_decompose_options_check(trnnsf_context *ctx, const char *function,
                                          const struct trnnsf_spike_graph *graph,
                                          const struct trnnsf_decompose_options *options,
                                          size_t n_samples, const double *samples,
                                          struct trnnsf_decompose_options *given);

/* What is to be decomposed and mapped; fan_in and cut of `decompose` are not looked at. */
struct trn_tile_fit {
    const struct trnnsf_spike_graph *graph;
    const struct trnnsf_decompose_options *decompose;
    size_t n_samples;
    const double *samples;
    const struct trnnsf_tile_map_options *map;
};
trnnsf_status trn_tile_fit(trnnsf_context *ctx, const struct trn_tile_fit *fit,
                           struct trnnsf_decompose_options *chosen,
                           struct trnnsf_spike_graph **out_graph, struct trnnsf_tile_map **out_map);

#endif
