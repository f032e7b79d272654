#include "suite.h"

#include "cluster/eigen.h"
#include "cluster/kmeans.h"
#include "cluster/krylov.h"
#include "cluster/spectral.h"

typedef trnnsf_status (*eigen_function)(trnnsf_context *, size_t, double *, double *);

/* A v = lambda v, orthonormal, descending. */
static void check_eigen(eigen_function function, size_t n, uint64_t seed)
{
    double *a = malloc(n * n * sizeof *a), *v = malloc(n * n * sizeof *v);
    double *value = malloc(n * sizeof *value);
    struct trn_random random;

    trn_random_init(&random, seed, TRN_RANDOM_TEST, 3);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j <= i; j++)
            a[i * n + j] = a[j * n + i] = trn_random_normal(&random);
    }
    memcpy(v, a, n * n * sizeof *v);
    ck_assert_int_eq(function(ctx, n, v, value), TRNNSF_OK);
    for (size_t i = 0; i < n; i++) {
        ck_assert(i == 0 || value[i] <= value[i - 1]);
        for (size_t j = 0; j < n; j++) {
            double product = 0, dot = 0;

            for (size_t l = 0; l < n; l++) {
                product += a[j * n + l] * v[i * n + l];
                dot += v[i * n + l] * v[j * n + l];
            }
            ck_assert_double_eq_tol(product, value[i] * v[i * n + j], 1e-10 * (double)(n + 1));
            ck_assert_double_eq_tol(dot, i == j, 1e-11 * (double)(n + 1));
        }
    }
    free(value);
    free(v);
    free(a);
}

START_TEST(eigenvectors_are_such)
{
    static const size_t orders[] = {1, 2, 3, 17, 60};

    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        check_eigen(trn_eigen_symmetric, orders[i], i);
        check_eigen(trn_eigen_jacobi, orders[i], i);
    }
}
END_TEST

START_TEST(eigen_of_what_is_not_finite)
{
    double a[4] = {1, NAN, NAN, 1}, value[2];

    ck_assert_int_eq(trn_eigen_jacobi(ctx, 2, a, value), TRNNSF_E_NUMERIC);
}
END_TEST

/* Krylov iteration against the dense eigenproblem of A^T A. */
static void check_singular(size_t n_rows, size_t n_columns, double density, size_t k)
{
    trnnsf_matrix *matrix = random_matrix(7, n_rows, n_columns, density), *transposed;
    size_t n = n_columns;
    double *gram = calloc(n * n, sizeof *gram), *value = calloc(n, sizeof *value);
    double *left = calloc(n_rows * k, sizeof *left), *right = calloc(n * k, sizeof *right);
    double sigma[16];
    size_t above;
    bool converged;

    for (size_t i = 0; i < n_rows; i++) {
        for (size_t e = matrix->row_start[i]; e < matrix->row_start[i + 1]; e++) {
            for (size_t f = matrix->row_start[i]; f < matrix->row_start[i + 1]; f++)
                gram[matrix->column[e] * n + matrix->column[f]] +=
                    (double)matrix->value[e] * (double)matrix->value[f];
        }
    }
    ck_assert_int_eq(trn_eigen_symmetric(ctx, n, gram, value), TRNNSF_OK);
    ck_assert_int_eq(trn_sparse_transpose(ctx, matrix, NULL, &transposed), TRNNSF_OK);
    ck_assert_int_eq(trn_krylov_singular(ctx, matrix, transposed, k, 0, 40, 1, 0, left, right,
                                         sigma, &above, &converged),
                     TRNNSF_OK);
    ck_assert(converged);
    ck_assert_uint_eq(above, k);
    for (size_t j = 0; j < k; j++) {
        double residual = 0;

        ck_assert_double_eq_tol(sigma[j], sqrt(value[j] > 0 ? value[j] : 0), 1e-3 * sqrt(value[0]));
        for (size_t i = 0; i < n_rows; i++) {
            double product = 0;

            for (size_t e = matrix->row_start[i]; e < matrix->row_start[i + 1]; e++)
                product += (double)matrix->value[e] * right[matrix->column[e] * k + j];
            product -= sigma[j] * left[i * k + j];
            residual += product * product;
        }
        ck_assert_double_le(sqrt(residual), 2e-3 * sigma[0]);
    }
    free(gram);
    free(value);
    free(left);
    free(right);
    trnnsf_matrix_free(transposed);
    trnnsf_matrix_free(matrix);
}

START_TEST(singular_vectors_are_such)
{
    check_singular(300, 200, 0.1, 6);
    check_singular(150, 260, 0.1, 6);
    check_singular(40, 30, 0.3, 10);
    check_singular(5, 9, 1.0, 5);
}
END_TEST

START_TEST(kmeans_finds_far_groups)
{
    enum { N = 600, K = 6, D = 3 };
    static double points[N * D];
    uint32_t group[N];
    struct trn_random random;

    trn_random_init(&random, 1, TRN_RANDOM_TEST, 4);
    for (size_t i = 0; i < N; i++) {
        for (size_t d = 0; d < D; d++)
            points[i * D + d] =
                50.0 * (double)((i % K + 1) * (d + 1) % 7) + trn_random_normal(&random);
    }
    ck_assert_int_eq(trn_kmeans(ctx, N, K, D, points, 3, 0, 4, group), TRNNSF_OK);
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < N; j++)
            ck_assert((group[i] == group[j]) == (i % K == j % K));
    }
}
END_TEST

START_TEST(kmeans_leaves_no_group_empty)
{
    double same[8] = {1, 1, 1, 1, 1, 1, 1, 1}, bad[3] = {0, 1, NAN};
    uint32_t group[8];
    unsigned seen = 0;

    ck_assert_int_eq(trn_kmeans(ctx, 8, 8, 1, same, 1, 0, 1, group), TRNNSF_OK);
    for (size_t i = 0; i < 8; i++)
        seen |= 1u << group[i];
    ck_assert_uint_eq(seen, 0xff);
    ck_assert_int_eq(trn_kmeans(ctx, 3, 4, 1, same, 1, 0, 1, group), TRNNSF_E_NUMERIC);
    ck_assert_int_eq(trn_kmeans(ctx, 3, 2, 1, bad, 1, 0, 1, group), TRNNSF_E_NUMERIC);
}
END_TEST

/* Components of a graph come out whole, whatever the multiplicity of the largest singular value. */
START_TEST(disconnected_components)
{
    static const struct planted planted = {60, 48, 6, 10, 8, 1.0, 0, 2};
    unsigned char cells[60 * 48];
    trnnsf_matrix *matrix = planted_matrix(&planted, cells);
    uint32_t row_group[60], column_group[48];

    for (int points = 0; points < 2; points++) {
        struct trn_spectral_options options = {.k = 6, .groups = 6, .cycles = 10, .restarts = 8};
        struct trn_submatrix part;

        options.points = points ? TRN_SPECTRAL_UNIT_ROWS : TRN_SPECTRAL_RANDOM_WALK;
        ck_assert_int_eq(trn_submatrix_take(ctx, matrix, NULL, NULL, 0, &part), TRNNSF_OK);
        ck_assert_int_eq(trn_spectral_group(ctx, &part, &options, row_group, column_group),
                         TRNNSF_OK);
        trn_submatrix_free(ctx, &part);
        for (size_t i = 0; i < 60; i++) {
            for (size_t j = 0; j < 48; j++)
                ck_assert((row_group[i] == column_group[j]) == cells[i * 48 + j]);
        }
    }
    trnnsf_matrix_free(matrix);
}
END_TEST

TCase *spectral_tests(void)
{
    TCase *tests = tcase_create("spectral");

    tcase_add_test(tests, eigenvectors_are_such);
    tcase_add_test(tests, eigen_of_what_is_not_finite);
    tcase_add_test(tests, singular_vectors_are_such);
    tcase_add_test(tests, kmeans_finds_far_groups);
    tcase_add_test(tests, kmeans_leaves_no_group_empty);
    tcase_add_test(tests, disconnected_components);
    return tests;
}
