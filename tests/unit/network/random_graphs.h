/* Graphs of nodes drawn at random, that fit together. */
#ifndef TEST_NETWORK_RANDOM_GRAPHS_H
#define TEST_NETWORK_RANDOM_GRAPHS_H

#include <stdbool.h>
#include <trnnsf/trnnsf.h>

/* Of images [3 x 6 x 6], up to ten nodes of all kinds without dropout, then a fully connected one. All
 * activations and pools keep what is above 0 above 0. `plain`: no pool takes a maximum, and no reshape
 * makes a channel of parts of others. */
trnnsf_network *random_graph(trnnsf_context *ctx, uint32_t number, bool grouped, bool plain);

#endif
