/* Shared by the tensor room's tests: contexts, random arrays, comparison. */
#ifndef TENSOR_COMMON_H
#define TENSOR_COMMON_H

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <trnnsf/backend.h>

#include "base/context.h"
#include "base/random.h"
#include "tensor/mask.h"

/* A context of `threads` on a backend. */
static inline trnnsf_context *make_context(uint32_t threads, const char *backend)
{
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
    trnnsf_context *ctx;

    options.threads = threads;
    ck_assert_int_eq(trnnsf_context_create(&options, &ctx), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_backend_select(ctx, backend), TRNNSF_OK);
    return ctx;
}

static inline float *random_floats(uint32_t stream, size_t count)
{
    struct trn_random random;
    float *values = calloc(count + 1, sizeof *values);

    ck_assert_ptr_nonnull(values);
    trn_random_init(&random, 7, TRN_RANDOM_TEST, stream);
    for (size_t i = 0; i < count; i++)
        values[i] = 2.0f * trn_random_float(&random) - 1.0f;
    return values;
}

static inline void expect_close(const float *got, const float *expected, size_t count,
                                float allowed)
{
    /* Check talks to its parent at each assertion, held or not: too slow for each element. */
    for (size_t i = 0; i < count; i++) {
        if (!(fabsf(got[i] - expected[i]) <= allowed))
            ck_abort_msg("element %zu is %.9g, not %.9g", i, (double)got[i], (double)expected[i]);
    }
}

static inline struct trn_mask *random_mask(trnnsf_context *ctx, uint32_t stream, size_t n_rows,
                                           size_t n_columns, double fill)
{
    struct trn_random random;
    struct trn_mask *mask;

    trn_random_init(&random, 11, TRN_RANDOM_TEST, stream);
    ck_assert_int_eq(trn_mask_create(ctx, n_rows, n_columns, &mask), TRNNSF_OK);
    for (size_t i = 0; i < n_rows; i++) {
        for (size_t j = 0; j < n_columns; j++) {
            if (trn_random_double(&random) < fill)
                trn_mask_set(mask, i, j);
        }
    }
    return mask;
}

TCase *mask_tests(void);
TCase *sparse_tests(void);
TCase *matrix_tests(void);
TCase *blocks_tests(void);
TCase *gemm_tests(void);
TCase *winograd_tests(void);

#endif
