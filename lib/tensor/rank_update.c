#include "tensor/rank_update.h"

#include <string.h>

#include "backend/backend.h"

#if TRN_HAVE_CBLAS
#include <cblas.h>
#endif

/* Chosen here: a block of P, PANEL x BLOCK doubles, stays in the second-level cache. */
enum { BLOCK = 256, PANEL = 32, SMALL = 24 };

trnnsf_status trn_rank_update_choose(trnnsf_context *ctx, bool *out_cblas)
{
    const struct trn_backend *backend;

    TRN_TRY(trn_backend_current(ctx, &backend));
    *out_cblas = TRN_HAVE_CBLAS && strcmp(backend->name, "reference") != 0;
    return TRNNSF_OK;
}

/* c[first … end-1] += sum over k of p[k, i] p[k, first … end-1], four k at a time: c is loaded and
 * stored once for them. */
static void update_row(size_t first, size_t end, size_t k, const double *p, size_t ldp, size_t i,
                       double *restrict c)
{
    size_t e = 0;

    for (; e + 4 <= k; e += 4) {
        const double *p0 = p + e * ldp, *p1 = p0 + ldp, *p2 = p1 + ldp, *p3 = p2 + ldp;
        double a0 = p0[i], a1 = p1[i], a2 = p2[i], a3 = p3[i];

        for (size_t j = first; j < end; j++)
            c[j] += a0 * p0[j] + a1 * p1[j] + a2 * p2[j] + a3 * p3[j];
    }
    for (; e < k; e++) {
        const double *p0 = p + e * ldp;
        double a0 = p0[i];

        for (size_t j = first; j < end; j++)
            c[j] += a0 * p0[j];
    }
}

static void by_loops(size_t n, size_t k, const double *p, size_t ldp, double *c, size_t ldc)
{
    for (size_t e = 0; e < k; e += PANEL) {
        size_t depth = k - e < PANEL ? k - e : PANEL;

        for (size_t first = 0; first < n; first += BLOCK) {
            size_t end = n - first < BLOCK ? n : first + BLOCK;

            for (size_t i = 0; i < end; i++)
                update_row(i > first ? i : first, end, depth, p + e * ldp, ldp, i, c + i * ldc);
        }
    }
}

void trn_rank_update(bool cblas, size_t n, size_t k, const double *p, size_t ldp, double *c,
                     size_t ldc)
{
#if TRN_HAVE_CBLAS
    if (cblas && n > SMALL) {
        cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, (int)n, (int)k, 1.0, p, (int)ldp, 1.0, c,
                    (int)ldc);
        return;
    }
#endif
    (void)cblas;
    by_loops(n, k, p, ldp, c, ldc);
}
