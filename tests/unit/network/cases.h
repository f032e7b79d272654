/* The cases of the network suite, and what they share. */
#ifndef TEST_NETWORK_CASES_H
#define TEST_NETWORK_CASES_H

#include <check.h>
#include <trnnsf/trnnsf.h>

TCase *gradients_case(void);
TCase *soft_targets_case(void);
TCase *forward_case(void);
TCase *fold_case(void);
TCase *graph_case(void);
TCase *links_case(void);
TCase *layers_text_case(void);
TCase *graph_hostile_case(void);
TCase *quantise_case(void);
TCase *quantise_graph_case(void);

/* NULL where the backend is not built. */
trnnsf_context *open_context(uint32_t threads, const char *backend);
/* Layers of at least 39 inputs and 34 outputs get overlapping clusters and a sparse mask. */
void cluster_layer(trnnsf_context *ctx, trnnsf_network *network, size_t layer);
void mask_layer(trnnsf_context *ctx, trnnsf_network *network, size_t layer, double density);

#endif
