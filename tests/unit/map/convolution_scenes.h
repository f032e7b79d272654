/* Networks with a convolution of any geometry. */
#ifndef TEST_MAP_CONVOLUTION_SCENES_H
#define TEST_MAP_CONVOLUTION_SCENES_H

#include "map/cases.h"

/* A convolution's input image; what a graph's node does not say. */
struct image {
    size_t channels, height, width;
};

/* An input image, `convolution`, and a fully connected layer of 3 outputs. */
trnnsf_network *network_of(struct image image, const struct trnnsf_node_options *convolution);
/* Keeps some of a layer's synapses; no weight is 0. */
void prune_layer(struct trn_random *random, trnnsf_network *network, size_t layer, double density);
/* Of strides, dilations, paddings and groups that go together; `masked`: pruned. */
trnnsf_network *draw_convolution(struct trn_random *random, bool masked);

trnnsf_mapping *map_by_scheme(const trnnsf_network *network, const trnnsf_tech *tech, uint32_t rule,
                              uint32_t scheme, uint32_t height, uint32_t width);
struct trnnsf_mapped_layer mapped_layer(const trnnsf_mapping *mapping, size_t layer);
struct trnnsf_crossbar_counts count_layer(const trnnsf_mapping *mapping, size_t layer);

#endif
