/* What the files of this suite share. */
#ifndef TESTS_ANALOG_COMMON_H
#define TESTS_ANALOG_COMMON_H

#include <check.h>
#include <stdbool.h>
#include <trnnsf/trnnsf.h>

extern trnnsf_context *ctx;

#define OK(call) ck_assert_msg((call) == TRNNSF_OK, "%s", trnnsf_context_error(ctx))

/* A constant of the technology; the list ends with a NULL. */
struct constant {
    const char *key;
    double value;
};

struct design {
    trnnsf_network *network;
    trnnsf_mapping *mapping;
    trnnsf_tech *tech;
    size_t n_in, n_out;
};

/* Devices of 10 kilo-ohm to 1 mega-ohm, pairs side by side, 0.2 V; then `constants`. */
trnnsf_tech *make_tech(const char *shapes, const struct constant *constants);
/* A network of sizes[n_sizes], rectified and with biases, its mapping in dense tiles. */
struct design make_design(const size_t *sizes, size_t n_sizes, const char *shapes,
                          const struct constant *constants);
/* One linear layer on one crossbar with weights[n_out x n_in]. */
struct design make_layer(size_t n_in, size_t n_out, const float *weights,
                         const struct constant *constants);
void free_design(struct design *design);

trnnsf_analog *make_chip(const struct design *design, const struct trnnsf_analog_options *options,
                         size_t n_calibration, const float *inputs);
/* A chip of that design and its effects alone. */
trnnsf_analog *chip_of(const struct design *design, uint32_t effects, size_t n_calibration,
                       const float *inputs);
float *run(const trnnsf_analog *chip, const struct design *design, size_t n, const float *inputs,
           uint64_t read);
/* Devices of array 0 of crossbar 0 over the conductance of an on device. */
double *devices(const trnnsf_analog *chip, double ohm);

/* n values in [low, high). */
float *values(size_t n, double low, double high, uint64_t seed);
double largest_difference(size_t n, const float *a, const float *b);
double largest_value(size_t n, const float *a);

/* Mean and standard deviation within `sigmas` standard errors of a normal law, and as many values
 * as it says beyond 1, 2 and 3 standard deviations. */
void check_normal(size_t n, const double *x, double mean, double deviation);
double mean_of(size_t n, const double *x);
double deviation_of(size_t n, const double *x);
/* `count` of n is what probability p gives, within 4.5 standard deviations. */
void check_count(size_t n, size_t count, double p);

TCase *schemes_case(void);
TCase *writing_case(void);
TCase *time_case(void);
TCase *reading_case(void);
TCase *converters_case(void);
TCase *device_case(void);
TCase *driven_case(void);
TCase *wires_case(void);
TCase *study_case(void);
TCase *hostile_case(void);
TCase *assignment_case(void);
TCase *faults_case(void);
TCase *graph_case(void);
TCase *remap_case(void);
TCase *remap_hostile_case(void);

#endif
