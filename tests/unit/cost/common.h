/* What the files of this suite share. */
#ifndef TESTS_COST_COMMON_H
#define TESTS_COST_COMMON_H

#include <check.h>

#include "cost/cost.h"

extern trnnsf_context *ctx;

#define ASSERT_CLOSE(a, b) ck_assert_double_eq_tol((a) / (b), 1.0, 1e-6)

trnnsf_tech *make_tech(const char *name, const char *shapes);
/* Changes a constant; the old descriptor is freed. */
void set_value(trnnsf_tech **tech, const char *key, double value);
trnnsf_network *make_network(const size_t *sizes, size_t n_sizes, uint32_t activation);
trnnsf_dataset *make_dataset(size_t width, size_t classes, size_t n, const float *features);
trnnsf_activity *measure(const trnnsf_network *network, size_t n, const float *features);
trnnsf_mapping *make_mapping(const trnnsf_network *network, const trnnsf_tech *tech, uint32_t rule);
trnnsf_cost *evaluate(const trnnsf_network *network, const trnnsf_tech *tech, uint32_t rule,
                      const trnnsf_activity *activity);
/* Every input at the same rate. */
trnnsf_activity *constant_activity(const trnnsf_network *network, float rate, float nonzero);
double energy_all(const trnnsf_cost *cost, uint32_t part);
double area_all(const trnnsf_cost *cost, uint32_t part);

TCase *hand_case(void);
TCase *convolution_case(void);

#endif
