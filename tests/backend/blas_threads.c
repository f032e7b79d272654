/* Products on several threads at once are those of one thread: shows a BLAS that cannot be called so, which
 * the library must then not do. Two threads start each product together, as the worker pool does. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <trnnsf/trnnsf.h>

#include "base/random.h"
#include "tensor/gemm.h"

enum { ROWS = 1216, COLUMNS = 56, INNER = 160, REPEATS = 300 };

static float *random_values(uint32_t stream, size_t count)
{
    float *values = malloc(count * sizeof *values);
    struct trn_random random;

    trn_random_init(&random, 1, TRN_RANDOM_TEST, stream);
    for (size_t i = 0; values && i < count; i++)
        values[i] = trn_random_float(&random) - 0.5f;
    return values;
}

static trnnsf_context *make_context(uint32_t threads)
{
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
    trnnsf_context *ctx = NULL;

    options.threads = threads;
    return trnnsf_context_create(&options, &ctx) == TRNNSF_OK ? ctx : NULL;
}

static int multiply(trnnsf_context *ctx, const float *a, const float *b, float *c)
{
    return trn_gemm(ctx, TRN_NO_TRANSPOSE, TRN_NO_TRANSPOSE, ROWS, COLUMNS, INNER, 1, a, INNER, b,
                    COLUMNS, 0, c, COLUMNS) == TRNNSF_OK;
}

int main(void)
{
    trnnsf_context *one = make_context(1), *two = make_context(2);
    float *a = random_values(1, ROWS * INNER), *b = random_values(2, INNER * COLUMNS);
    float *expected = malloc(ROWS * COLUMNS * sizeof *expected);
    float *c = malloc(ROWS * COLUMNS * sizeof *c);
    int wrong = 0;

    if (!one || !two || !a || !b || !expected || !c || !multiply(one, a, b, expected))
        return 1;
    for (int i = 0; i < REPEATS; i++) {
        if (!multiply(two, a, b, c))
            return 1;
        wrong += memcmp(c, expected, ROWS * COLUMNS * sizeof *c) != 0;
    }
    printf("%d of %d products on two threads differ from one thread's\n", wrong, REPEATS);
    free(a);
    free(b);
    free(c);
    free(expected);
    trnnsf_context_free(one);
    trnnsf_context_free(two);
    return wrong ? 1 : 0;
}
