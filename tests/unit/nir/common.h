/* What the files of this suite share. */
#ifndef TESTS_NIR_COMMON_H
#define TESTS_NIR_COMMON_H

#include <check.h>
#include <stdbool.h>
#include <trnnsf/nir.h>

#include "base/random.h"

extern trnnsf_context *ctx;

#define OK(call) ck_assert_msg((call) == TRNNSF_OK, "%s", trnnsf_context_error(ctx))
/* The call fails so, and the context says these words. */
#define FAILS(call, status, words)                                                                 \
    do {                                                                                           \
        ck_assert_int_eq(call, status);                                                            \
        ck_assert_msg(strstr(trnnsf_context_error(ctx), words) != NULL, "%s",                      \
                      trnnsf_context_error(ctx));                                                  \
    } while (0)

/* rank lengths, then values that count up from `first` by `step`. */
void put(trnnsf_nir *nir, const char *node, const char *member, double first, double step,
         size_t rank, const size_t *shape);
/* One whole number, or two. */
void put_whole(trnnsf_nir *nir, const char *node, const char *member, size_t a);
void put_pair(trnnsf_nir *nir, const char *node, const char *member, size_t a, size_t b);
void put_port(trnnsf_nir *nir, const char *name, const char *type, size_t rank,
              const size_t *shape);
/* Input [2, 8, 8], Conv2d, IF, SumPool2d, Flatten, Affine, LIF, Output, by their lower-case
 * names. */
trnnsf_nir *make_graph(void);

TCase *files_case(void);
TCase *maps_case(void);

#endif
