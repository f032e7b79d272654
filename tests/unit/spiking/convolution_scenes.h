/* Small random networks that are graphs, of each kind of node that spikes can stand for. */
#ifndef TESTS_SPIKING_CONVOLUTION_SCENES_H
#define TESTS_SPIKING_CONVOLUTION_SCENES_H

#include "spiking/common.h"

/* A chain with pools; a residual block with batch norms, grouped and depthwise convolutions with a
 * join and a batch norm that cannot be folded; convolutions of one dimension up to the end, with
 * sums that have no activation; what NIR has words for. */
enum { GRAPH_KINDS = 5, GRAPH_KIND_NIR = 4, IMAGE = 2 * 8 * 8, GRAPH_OUTPUTS = 4 };

/* Inputs of both signs where `seed` is odd; of the second and later kinds some weights are masked. */
struct scene make_graph_scene(uint32_t kind, uint64_t seed,
                              const struct trnnsf_spiking_options *options);

#endif
