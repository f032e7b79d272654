/* Chips that the tests of spikes on chips share. */
#ifndef TESTS_SPIKING_CHIP_H
#define TESTS_SPIKING_CHIP_H

#include "spiking/common.h"

enum { LAYERS = 3, SETTINGS = 8, DESIGNS = 8 };

/* One design: constants of resparc-45nm that are others. */
struct design {
    const char *key[SETTINGS];
    double value[SETTINGS];
    uint32_t subtraction;
    bool is_positive; /* weights */
};

extern const struct design designs[DESIGNS];

/* A chip of a scene's network on small crossbars, and the network on it. */
struct chip {
    trnnsf_tech *tech;
    trnnsf_mapping *mapping;
    trnnsf_analog *analog;
    trnnsf_spiking *spiking;
};

void set_value(trnnsf_tech **tech, const char *key, double value);
trnnsf_tech *make_tech(const struct design *design);
/* With the technology's read noise and ADC; the chip keeps the technology. */
struct chip make_chip(const struct scene *scene, trnnsf_tech *tech, uint32_t subtraction,
                      const struct trnnsf_spike_run_options *way);
void free_chip(struct chip *chip);

/* One layer of given weights [n_out x n_in] and inputs [n x n_in] that also train. */
struct scene make_layer(size_t n_in, size_t n_out, const float *weights, size_t n,
                        const float *inputs);
/* Currents of the first layer at all steps, over the threshold: [samples x steps x n_out]. */
double *currents_of(const trnnsf_spiking *spiking, size_t n_samples, const float *inputs,
                    const struct trnnsf_spike_run_options *way);

#endif
