/* What the files of this suite share. */
#ifndef TESTS_WIRES_COMMON_H
#define TESTS_WIRES_COMMON_H

#include <check.h>
#include <trnnsf/backend.h>
#include <trnnsf/wires.h>

#include "base/random.h"

extern trnnsf_context *ctx;

#define OK(call) ck_assert_msg((call) == TRNNSF_OK, "%s", trnnsf_context_error(ctx))

double uniform(struct trn_random *random, double low, double high);
/* Evenly on a logarithmic scale. */
double logarithmic(struct trn_random *random, double low, double high);
/* calloc() that does not fail. */
double *zeros(size_t count);
double *random_cells(struct trn_random *random, size_t n, size_t m);
double *random_input(struct trn_random *random, size_t n, double low, double high);
double largest(size_t count, const double *values);
double difference(size_t count, const double *a, const double *b);
trnnsf_wires *make(size_t n, size_t m, const double *cells,
                   const struct trnnsf_wires_options *options);

TCase *properties_case(void);
TCase *newton_case(void);
TCase *hostile_case(void);

#endif
