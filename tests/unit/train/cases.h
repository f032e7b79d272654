/* The cases of the train suite, and what they share. */
#ifndef TEST_TRAIN_CASES_H
#define TEST_TRAIN_CASES_H

#include <check.h>
#include <trnnsf/trnnsf.h>

TCase *optimisers_case(void);
TCase *trouble_case(void);
TCase *augment_case(void);
TCase *crop_case(void);
TCase *average_case(void);
TCase *device_case(void);
TCase *noise_case(void);
TCase *signs_case(void);

/* NULL where the backend is not built. */
trnnsf_context *open_context(uint32_t threads, const char *backend);
/* Random features and labels, no sense in them. */
trnnsf_dataset *make_dataset(trnnsf_context *ctx, size_t n, size_t features, uint32_t classes);
/* 40-48-44-5, softmax outputs; layer 0 clustered and layer 1 masked where `masks`. */
trnnsf_network *make_network(trnnsf_context *ctx, uint32_t output, uint32_t masks);
void cluster_layer(trnnsf_context *ctx, trnnsf_network *network, size_t layer);
void mask_layer(trnnsf_context *ctx, trnnsf_network *network, size_t layer, double density,
                uint32_t stream);

/* Batches of 32, cross-entropy, some dropout. */
struct trnnsf_trainer_options small_options(uint32_t optimiser);
void train(trnnsf_context *ctx, trnnsf_trainer *trainer, uint32_t epochs);
void assert_masked_zero(const trnnsf_network *network);

#endif
