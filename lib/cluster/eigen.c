#include "cluster/eigen.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/context.h"

/* Cyclic Jacobi needs 6 to 10 sweeps (Golub and Van Loan, Matrix Computations, section 8.5). */
enum {
    SWEEPS_MAX = 60,
    ORDER_MAX = 32000 /* dsyevd's workspace of 1 + 6 n + 2 n^2 is counted by an int */
};

static void mirror_lower(size_t n, double *a)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++)
            a[j * n + i] = a[i * n + j];
    }
}

static double off_diagonal(size_t n, const double *a)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++)
            sum += a[i * n + j] * a[i * n + j];
    }
    return sum;
}

static void rotate_rows(size_t n, double *p, double *q, double c, double s)
{
    for (size_t i = 0; i < n; i++) {
        double x = p[i], y = q[i];

        p[i] = c * x - s * y;
        q[i] = s * x + c * y;
    }
}

/* Makes a[p][q] zero; rows of `vectors` become the eigenvectors. */
static void rotate(size_t n, double *a, double *vectors, size_t p, size_t q)
{
    double theta = (a[q * n + q] - a[p * n + p]) / (2.0 * a[p * n + q]);
    double t = (theta >= 0 ? 1.0 : -1.0) / (fabs(theta) + sqrt(theta * theta + 1.0));
    double c = 1.0 / sqrt(t * t + 1.0), s = t * c;

    rotate_rows(n, a + p * n, a + q * n, c, s);
    for (size_t i = 0; i < n; i++) {
        double x = a[i * n + p], y = a[i * n + q];

        a[i * n + p] = c * x - s * y;
        a[i * n + q] = s * x + c * y;
    }
    a[p * n + q] = a[q * n + p] = 0;
    rotate_rows(n, vectors + p * n, vectors + q * n, c, s);
}

static void swap_rows(size_t n, double *a, double *b)
{
    for (size_t i = 0; i < n; i++) {
        double x = a[i];

        a[i] = b[i];
        b[i] = x;
    }
}

static void sort_descending(size_t n, double *vectors, double *value)
{
    for (size_t i = 0; i + 1 < n; i++) {
        size_t best = i;

        for (size_t j = i + 1; j < n; j++) {
            if (value[j] > value[best])
                best = j;
        }
        if (best == i)
            continue;
        double x = value[i];

        value[i] = value[best];
        value[best] = x;
        swap_rows(n, vectors + i * n, vectors + best * n);
    }
}

trnnsf_status trn_eigen_jacobi(trnnsf_context *ctx, size_t n, double *a, double *value)
{
    double *vectors = TRN_NEW_ARRAY(ctx, double, n * n);
    double scale = 0;
    int sweep = 0;

    if (!vectors)
        return TRNNSF_E_NO_MEMORY;
    mirror_lower(n, a);
    for (size_t i = 0; i < n * n; i++)
        scale += a[i] * a[i];
    for (size_t i = 0; i < n; i++)
        vectors[i * n + i] = 1;
    while (sweep < SWEEPS_MAX && off_diagonal(n, a) > 1e-28 * scale) {
        for (size_t p = 0; p + 1 < n; p++) {
            for (size_t q = p + 1; q < n; q++) {
                if (a[p * n + q] * a[p * n + q] > 1e-36 * scale)
                    rotate(n, a, vectors, p, q);
            }
        }
        sweep++;
    }
    for (size_t i = 0; i < n; i++)
        value[i] = a[i * n + i];
    memcpy(a, vectors, n * n * sizeof *a);
    trn_free(ctx, vectors);
    if (!(scale < HUGE_VAL) || sweep == SWEEPS_MAX)
        return trn_fail(ctx, TRNNSF_E_NUMERIC, "eigenvalues of a %zu x %zu matrix: no convergence",
                        n, n);
    sort_descending(n, a, value);
    return TRNNSF_OK;
}

#if TRN_HAVE_CBLAS
/* LAPACK's Fortran interface; a row-major lower triangle is its column-major upper one. */
extern void dsyevd_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda,
                    double *w, double *work, const int *lwork, int *iwork, const int *liwork,
                    int *info);

static trnnsf_status by_lapack(trnnsf_context *ctx, size_t n, double *a, double *value)
{
    int order = (int)n, length = -1, whole_length = -1, whole_wanted = 0, info = 0;
    double wanted = 0;

    dsyevd_("V", "U", &order, a, &order, value, &wanted, &length, &whole_wanted, &whole_length,
            &info);
    if (info != 0)
        return TRNNSF_E_NUMERIC;
    length = (int)wanted;
    whole_length = whole_wanted;

    double *work = TRN_NEW_ARRAY(ctx, double, (size_t)length);
    int *whole = TRN_NEW_ARRAY(ctx, int, (size_t)whole_length);
    if (work && whole)
        dsyevd_("V", "U", &order, a, &order, value, work, &length, whole, &whole_length, &info);
    bool no_room = !work || !whole;
    trn_free(ctx, whole);
    trn_free(ctx, work);
    if (no_room)
        return TRNNSF_E_NO_MEMORY;
    if (info != 0)
        return TRNNSF_E_NUMERIC;
    for (size_t i = 0; i < n / 2; i++) {
        double x = value[i];

        value[i] = value[n - 1 - i];
        value[n - 1 - i] = x;
        swap_rows(n, a + i * n, a + (n - 1 - i) * n);
    }
    return TRNNSF_OK;
}

trnnsf_status trn_eigen_symmetric(trnnsf_context *ctx, size_t n, double *a, double *value)
{
    if (n > ORDER_MAX)
        return trn_fail(ctx, TRNNSF_E_LIMIT, "eigenvalues: order %zu exceeds %d", n, ORDER_MAX);

    double *kept = trn_copy(ctx, a, n * n, sizeof *a);
    if (!kept)
        return TRNNSF_E_NO_MEMORY;
    trnnsf_status status = by_lapack(ctx, n, a, value);
    if (status == TRNNSF_E_NUMERIC) {
        memcpy(a, kept, n * n * sizeof *a);
        status = trn_eigen_jacobi(ctx, n, a, value);
    }
    trn_free(ctx, kept);
    return status;
}
#else
trnnsf_status trn_eigen_symmetric(trnnsf_context *ctx, size_t n, double *a, double *value)
{
    return trn_eigen_jacobi(ctx, n, a, value);
}
#endif
