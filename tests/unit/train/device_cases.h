/* What the tests of training for devices share. */
#ifndef TEST_TRAIN_DEVICE_CASES_H
#define TEST_TRAIN_DEVICE_CASES_H

#include "train/cases.h"

enum { DEVICE_LAYERS = 3 };

/* 7 levels, converters of 4 bits, noise and dropout. */
struct trnnsf_trainer_options device_options(uint32_t optimiser);
/* 40-48-44-5 with biases; layer 0 clustered and layer 1 masked where `masks`. */
trnnsf_network *hidden_network(trnnsf_context *ctx, uint32_t hidden, uint32_t masks);
/* The weights of layer l are among `levels` values evenly apart. */
void assert_levels(const trnnsf_network *network, size_t l, uint32_t levels);

#endif
