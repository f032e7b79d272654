/* Random layers for the mapping tests. */
#ifndef TRN_TESTS_MAP_CASES_H
#define TRN_TESTS_MAP_CASES_H

#include "base/random.h"
#include "map/mapping.h"

extern trnnsf_context *ctx;

/* resparc-45nm with other shapes. */
trnnsf_tech *make_tech(const char *shapes);
/* Sizes, density of the mask and up to `clusters` overlapping clusters a layer, all drawn;
 * rectangles join the mask. Some kept weights are 0. */
trnnsf_network *make_network(struct trn_random *random, const size_t *sizes, size_t n_sizes,
                             double density, uint32_t clusters);
trnnsf_mapping *make_mapping(const trnnsf_network *network, const trnnsf_tech *tech, uint32_t rule);
struct trnnsf_crossbar_counts count_all(const trnnsf_mapping *mapping);

#endif
