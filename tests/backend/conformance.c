/* Every operation, at every shape, on every backend: against the reference, and the reference
 * against the formula in double precision. */
#include <check.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"
#include "outside.h"

static trnnsf_context *ctx;
static struct outside_state counting, refusing;

static void setup(void)
{
    struct trnnsf_backend_ops ops;

    ck_assert_int_eq(trnnsf_context_create(NULL, &ctx), TRNNSF_OK);
    outside_counting(&ops, &counting);
    ck_assert_int_eq(trnnsf_backend_register(ctx, &ops), TRNNSF_OK);
    outside_refusing(&ops, &refusing);
    ck_assert_int_eq(trnnsf_backend_register(ctx, &ops), TRNNSF_OK);
}

static void teardown(void)
{
    trnnsf_context_free(ctx);
}

static const struct trn_backend *backend_at(size_t index)
{
    struct trn_backends *backends;

    ck_assert_int_eq(trn_backends_get(ctx, &backends), TRNNSF_OK);
    ck_assert_uint_lt(index, backends->count);
    return backends->entries[index];
}

/* A NaN is as far as can be. */
static double distance(double a, double b)
{
    double d = fabs(a - b);

    return isnan(d) ? INFINITY : d;
}

static void expect_near(const char *who, const struct operation *operation, const struct shape *s,
                        const float *got, const double *expected, size_t n)
{
    double allowed = operation->tolerance(s) * FLT_EPSILON, furthest = -1;
    size_t worst = 0;

    for (size_t i = 0; i < n; i++) {
        if (distance(got[i], expected[i]) > furthest) {
            furthest = distance(got[i], expected[i]);
            worst = i;
        }
    }
    if (furthest > allowed)
        ck_abort_msg("%s %s m %zu n %zu k %zu transposes %u%u alpha %g beta %g: worst is element "
                     "%zu of %zu, %.9g for %.9g, off by %.3g where %.3g is allowed",
                     who, operation->name, s->m, s->n, s->k, s->transpose_a, s->transpose_b,
                     (double)s->alpha, (double)s->beta, worst, n, (double)got[worst],
                     expected[worst], furthest, allowed);
}

static float *run(const struct trn_backend *backend, const struct operation *operation,
                  const struct shape *s, const struct inputs *in)
{
    float *out = calloc(in->n_out + 1, sizeof *out);

    ck_assert_ptr_nonnull(out);
    memcpy(out, in->initial, in->n_out * sizeof *out);
    ck_assert_int_eq(operation->run(backend, s, in, out), TRNNSF_OK);
    return out;
}

static void widen(const float *from, size_t n, double *to)
{
    for (size_t i = 0; i < n; i++)
        to[i] = from[i];
}

START_TEST(reference_matches_the_formula)
{
    const struct operation *operation = &operations[_i];

    for (size_t shape = 0; shape < n_shapes; shape++) {
        const struct shape *s = &shapes[shape];
        struct inputs in;

        make_inputs(operation, s, &in);

        float *got = run(backend_at(0), operation, s, &in);
        double *expected = calloc(in.n_out + 1, sizeof *expected);
        ck_assert_ptr_nonnull(expected);
        widen(in.initial, in.n_out, expected);
        operation->truth(s, &in, expected);
        expect_near("reference", operation, s, got, expected, in.n_out);
        free(expected);
        free(got);
        free_inputs(&in);
    }
}
END_TEST

/* Twice: the second call must give the same bits where the backend says so. */
static void compare(const struct trn_backend *backend, const struct operation *operation,
                    const struct shape *s)
{
    struct inputs in;

    make_inputs(operation, s, &in);

    float *judge = run(backend_at(0), operation, s, &in);
    float *first = run(backend, operation, s, &in);
    float *second = run(backend, operation, s, &in);
    double *expected = calloc(in.n_out + 1, sizeof *expected);
    ck_assert_ptr_nonnull(expected);
    widen(judge, in.n_out, expected);
    expect_near(backend->name, operation, s, first, expected, in.n_out);
    if (backend->ops.flags & TRNNSF_BACKEND_DETERMINISTIC)
        ck_assert_mem_eq(first, second, in.n_out * sizeof *first);
    free(expected);
    free(second);
    free(first);
    free(judge);
    free_inputs(&in);
}

START_TEST(backends_match_the_reference)
{
    for (size_t b = 1; b < trnnsf_backend_count(ctx); b++) {
        for (size_t shape = 0; shape < n_shapes; shape++)
            compare(backend_at(b), &operations[_i], &shapes[shape]);
    }
}
END_TEST

/* C's old values may be NaN where beta is 0. */
START_TEST(beta_zero_reads_nothing)
{
    const float a[4] = {1, 2, 3, 4}, b[4] = {1, 0, 0, 1};
    const size_t row_start[3] = {0, 1, 1};
    const uint32_t column[1] = {0};
    const uint64_t mask[2] = {3, 1};

    for (size_t i = 0; i < trnnsf_backend_count(ctx); i++) {
        float c[4] = {NAN, NAN, NAN, NAN};

        ck_assert_int_eq(trn_kernel_gemm(backend_at(i), 0, 0, 2, 2, 2, 1, a, 2, b, 2, 0, c, 2), 0);
        ck_assert_mem_eq(c, a, sizeof c);
        c[0] = c[3] = NAN;
        ck_assert_int_eq(
            trn_kernel_masked_gemm(backend_at(i), 0, 0, 2, 2, 2, 1, a, 2, b, 2, 0, c, 2, mask, 1),
            0);
        ck_assert_float_eq(c[0], 1);
        ck_assert_float_eq(c[3], 0);
        c[1] = c[2] = NAN;
        ck_assert_int_eq(
            trn_kernel_sparse_multiply(backend_at(i), 2, 2, row_start, column, a, b, 2, 0, c, 2),
            0);
        ck_assert_float_eq(c[1], 0);
        ck_assert_float_eq(c[2], 0);
    }
}
END_TEST

/* What a backend lacks or refuses is done all the same, and counted. */
START_TEST(fallbacks_are_counted)
{
    struct inputs in;
    uint64_t before;

    for (size_t o = 0; o < n_operations; o++) {
        make_inputs(&operations[o], &shapes[1], &in);
        for (size_t b = trnnsf_backend_count(ctx) - 2; b < trnnsf_backend_count(ctx); b++) {
            bool has = strcmp(backend_at(b)->name, "counting") == 0 &&
                       strcmp(operations[o].name, "gemm") == 0;

            before = trnnsf_backend_fallbacks(ctx);
            free(run(backend_at(b), &operations[o], &shapes[1], &in));
            ck_assert_uint_eq(trnnsf_backend_fallbacks(ctx) - before, has ? 0 : 1);
        }
        free_inputs(&in);
    }
    ck_assert_uint_eq(atomic_load(&counting.calls), 1);
    ck_assert_uint_eq(atomic_load(&refusing.calls), n_operations);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conformance");
    TCase *cases = tcase_create("conformance");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, reference_matches_the_formula, 0, (int)n_operations);
    tcase_add_loop_test(cases, backends_match_the_reference, 0, (int)n_operations);
    tcase_add_test(cases, beta_zero_reads_nothing);
    tcase_add_test(cases, fallbacks_are_counted);
    suite_add_tcase(suite, cases);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
