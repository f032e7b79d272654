#include "cluster/krylov.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/context.h"
#include "base/random.h"
#include "cluster/eigen.h"
#include "cluster/product.h"

/* Chosen here: products are float, so residuals stall near 1e-6; k-means needs far less than
 * 1e-4. */
#define RESIDUAL_TOLERANCE 1e-4
/* Rounding of float products leaves zero singular values of a normalised matrix about here. */
#define SIGMA_ZERO 1e-5
enum {
    GUARD_VECTORS = 4,    /* beyond k, so that the k-th converges as if it had a gap */
    BASIS_TARGET = 112,   /* columns before a restart: the dense eigenproblem stays below 10 ms */
    BLOCKS_MIN = 3
};

struct krylov {
    trnnsf_context *ctx;
    const struct trnnsf_matrix *first;  /* applied first: M = second first */
    const struct trnnsf_matrix *second; /* its transpose */
    size_t n;     /* order of M: the smaller side */
    size_t wide;  /* the larger side */
    size_t block; /* columns of a block */
    size_t room;  /* columns of the basis */
    double *q;    /* basis [n x room] */
    double *w;    /* M q */
    double *ritz; /* [n x block] */
    double *ritz_w;
    double *t;     /* [room x room], then eigenvectors in its rows */
    double *value; /* [room] */
    double *dots;  /* [room x block] */
    float *panel_in, *panel_middle, *panel_out;
    struct trn_random random;
};

static trnnsf_status krylov_init(struct krylov *s)
{
    trnnsf_context *ctx = s->ctx;

    s->q = TRN_NEW_ARRAY(ctx, double, s->n * s->room);
    s->w = TRN_NEW_ARRAY(ctx, double, s->n * s->room);
    s->ritz = TRN_NEW_ARRAY(ctx, double, s->n * s->block);
    s->ritz_w = TRN_NEW_ARRAY(ctx, double, s->n * s->block);
    s->t = TRN_NEW_ARRAY(ctx, double, s->room * s->room);
    s->value = TRN_NEW_ARRAY(ctx, double, s->room);
    s->dots = TRN_NEW_ARRAY(ctx, double, s->room * s->block);
    s->panel_in = TRN_NEW_ARRAY(ctx, float, s->n * s->block);
    s->panel_middle = TRN_NEW_ARRAY(ctx, float, s->wide * s->block);
    s->panel_out = TRN_NEW_ARRAY(ctx, float, s->n * s->block);
    if (!s->q || !s->w || !s->ritz || !s->ritz_w || !s->t || !s->value || !s->dots ||
        !s->panel_in || !s->panel_middle || !s->panel_out)
        return TRNNSF_E_NO_MEMORY;
    return TRNNSF_OK;
}

static void krylov_free(struct krylov *s)
{
    void *owned[] = {s->q,     s->w,    s->ritz,     s->ritz_w,       s->t,
                     s->value, s->dots, s->panel_in, s->panel_middle, s->panel_out};

    for (size_t i = 0; i < sizeof owned / sizeof owned[0]; i++)
        trn_free(s->ctx, owned[i]);
}

/* w[:, from … from + count) = M q[:, from … from + count) */
static trnnsf_status apply(struct krylov *s, size_t from, size_t count)
{
    for (size_t i = 0; i < s->n; i++) {
        for (size_t j = 0; j < count; j++)
            s->panel_in[i * count + j] = (float)s->q[i * s->room + from + j];
    }
    TRN_TRY(trn_sparse_multiply(s->ctx, s->first, s->first->value, count, s->panel_in, count, 0.0f,
                                s->panel_middle, count));
    TRN_TRY(trn_sparse_multiply(s->ctx, s->second, s->second->value, count, s->panel_middle, count,
                                0.0f, s->panel_out, count));
    for (size_t i = 0; i < s->n; i++) {
        for (size_t j = 0; j < count; j++)
            s->w[i * s->room + from + j] = (double)s->panel_out[i * count + j];
    }
    return TRNNSF_OK;
}

/* q[:, from … from + count) -= Q Q^T of it, Q the columns first … from. */
static void project_out(struct krylov *s, size_t first, size_t from, size_t count)
{
    struct trn_operand q = {s->q + first, s->room, false}, qt = {s->q + first, s->room, true};
    struct trn_operand x = {s->q + from, s->room, false}, dots = {s->dots, count, false};

    trn_product(from - first, count, s->n, 1.0, qt, x, 0.0, s->dots, count);
    trn_product(s->n, count, from - first, -1.0, q, dots, 1.0, s->q + from, s->room);
}

static double column_norm(const struct krylov *s, size_t column)
{
    double sum = 0;

    for (size_t i = 0; i < s->n; i++)
        sum += s->q[i * s->room + column] * s->q[i * s->room + column];
    return sqrt(sum);
}

static void draw_column(struct krylov *s, size_t column)
{
    for (size_t i = 0; i < s->n; i++)
        s->q[i * s->room + column] = trn_random_normal(&s->random);
}

/* Makes column j orthonormal to those from `first` on; one that lies in their span is drawn anew,
 * and has yet to be freed of all the columns before. */
static void normalise_column(struct krylov *s, size_t first, size_t j)
{
    double before = column_norm(s, j);

    for (int attempt = 0; attempt < 4; attempt++) {
        project_out(s, first, j, 1);
        project_out(s, first, j, 1);

        double norm = column_norm(s, j);
        if (norm > 1e-7 * before && norm > 0) {
            for (size_t i = 0; i < s->n; i++)
                s->q[i * s->room + j] /= norm;
            return;
        }
        draw_column(s, j);
        before = column_norm(s, j);
        first = 0;
    }
    for (size_t i = 0; i < s->n; i++)
        s->q[i * s->room + j] = 0;
}

/* The block is freed of the columns before it as a whole, then each column of those in the block;
 * twice is enough (Parlett, The Symmetric Eigenvalue Problem, section 6.9). */
static void orthonormalise(struct krylov *s, size_t from, size_t count)
{
    project_out(s, 0, from, count);
    project_out(s, 0, from, count);
    for (size_t j = from; j < from + count; j++)
        normalise_column(s, from, j);
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Fills the basis from its first block on. */
static trnnsf_status build_basis(struct krylov *s)
{
    size_t done = smaller(s->block, s->room);

    orthonormalise(s, 0, done);
    TRN_TRY(apply(s, 0, done));
    for (size_t last = done; done < s->room;) {
        size_t count = smaller(last, s->room - done);

        for (size_t i = 0; i < s->n; i++)
            memcpy(s->q + i * s->room + done, s->w + i * s->room + done - last,
                   count * sizeof *s->q);
        orthonormalise(s, done, count);
        TRN_TRY(apply(s, done, count));
        done += count;
        last = count;
    }
    return TRNNSF_OK;
}

/* t = Q^T W, symmetric but for rounding, then its eigenvectors. */
static trnnsf_status project_operator(struct krylov *s)
{
    struct trn_operand qt = {s->q, s->room, true}, w = {s->w, s->room, false};

    trn_product(s->room, s->room, s->n, 1.0, qt, w, 0.0, s->t, s->room);
    return trn_eigen_symmetric(s->ctx, s->room, s->t, s->value);
}

/* out[n x block] = basis times the leading eigenvectors. */
static void combine(const struct krylov *s, const double *basis, double *out)
{
    struct trn_operand q = {basis, s->room, false}, leading = {s->t, s->room, true};

    trn_product(s->n, s->block, s->room, 1.0, q, leading, 0.0, out, s->block);
}

static bool residuals_small(const struct krylov *s, size_t k)
{
    double scale = s->value[0] > 0 ? s->value[0] : 1.0;

    for (size_t j = 0; j < k; j++) {
        double sum = 0;

        for (size_t i = 0; i < s->n; i++) {
            double r = s->ritz_w[i * s->block + j] - s->value[j] * s->ritz[i * s->block + j];

            sum += r * r;
        }
        if (!(sqrt(sum) <= RESIDUAL_TOLERANCE * scale))
            return false;
    }
    return true;
}

/* How many of the k leading values count: sigma is the root of M's. */
static size_t count_above(const struct krylov *s, size_t k, double floor)
{
    size_t above = 0;

    while (above < k && s->value[above] > floor * floor)
        above++;
    return above;
}

static trnnsf_status iterate(struct krylov *s, size_t k, double floor, uint32_t cycles,
                             size_t *out_above, bool *out_converged)
{
    *out_above = 0;
    *out_converged = false;
    for (size_t j = 0; j < s->block; j++)
        draw_column(s, j);
    for (uint32_t cycle = 0; cycle < cycles; cycle++) {
        TRN_TRY(trn_cancelled(s->ctx, "cluster"));
        TRN_TRY(build_basis(s));
        TRN_TRY(project_operator(s));
        combine(s, s->q, s->ritz);
        combine(s, s->w, s->ritz_w);
        *out_above = count_above(s, k, floor);
        if (s->room == s->n || residuals_small(s, *out_above)) {
            *out_converged = true;
            break;
        }
        for (size_t i = 0; i < s->n; i++)
            memcpy(s->q + i * s->room, s->ritz + i * s->block, s->block * sizeof *s->q);
    }
    return TRNNSF_OK;
}

/* A singular value of 0 has no partner on the far side: any unit vector that the ones before have
 * no part in serves, as an eigensolver of the whole graph would find it. */
static void draw_partner(struct krylov *s, size_t k, size_t column, double *far_side)
{
    double norm = 0;

    for (size_t i = 0; i < s->wide; i++)
        far_side[i * k + column] = trn_random_normal(&s->random);
    for (size_t before = 0; before < column; before++) {
        double dot = 0;

        for (size_t i = 0; i < s->wide; i++)
            dot += far_side[i * k + before] * far_side[i * k + column];
        for (size_t i = 0; i < s->wide; i++)
            far_side[i * k + column] -= dot * far_side[i * k + before];
    }
    for (size_t i = 0; i < s->wide; i++)
        norm += far_side[i * k + column] * far_side[i * k + column];
    double inverse = norm > 0 ? 1.0 / sqrt(norm) : 0.0;
    for (size_t i = 0; i < s->wide; i++)
        far_side[i * k + column] *= inverse;
}

/* near = the Ritz vectors, far = first * near / sigma. */
static trnnsf_status unfold(struct krylov *s, size_t k, double *near_side, double *far_side,
                            double *sigma)
{
    for (size_t i = 0; i < s->n; i++) {
        for (size_t j = 0; j < k; j++) {
            near_side[i * k + j] = s->ritz[i * s->block + j];
            s->panel_in[i * k + j] = (float)s->ritz[i * s->block + j];
        }
    }
    TRN_TRY(trn_sparse_multiply(s->ctx, s->first, s->first->value, k, s->panel_in, k, 0.0f,
                                s->panel_middle, k));
    for (size_t j = 0; j < k; j++) {
        double sum = 0;

        for (size_t i = 0; i < s->wide; i++)
            sum += (double)s->panel_middle[i * k + j] * (double)s->panel_middle[i * k + j];
        sigma[j] = sqrt(sum);
        if (sigma[j] < SIGMA_ZERO) {
            sigma[j] = 0;
            draw_partner(s, k, j, far_side);
            continue;
        }
        for (size_t i = 0; i < s->wide; i++)
            far_side[i * k + j] = (double)s->panel_middle[i * k + j] / sigma[j];
    }
    return TRNNSF_OK;
}

trnnsf_status trn_krylov_singular(trnnsf_context *ctx, const struct trnnsf_matrix *a,
                                  const struct trnnsf_matrix *at, size_t k, double floor,
                                  uint32_t cycles, uint64_t seed, uint32_t stream, double *left,
                                  double *right, double *sigma, size_t *out_above,
                                  bool *out_converged)
{
    bool tall = a->n_rows >= a->n_columns;
    struct krylov s = {.ctx = ctx, .first = tall ? a : at, .second = tall ? at : a};
    trnnsf_status status;

    s.n = s.first->n_columns;
    s.wide = s.first->n_rows;
    s.block = smaller(k + GUARD_VECTORS, s.n);
    s.room = BLOCKS_MIN * s.block > BASIS_TARGET ? BLOCKS_MIN * s.block : BASIS_TARGET;
    s.room = smaller(s.room, s.n);
    trn_random_init(&s.random, seed, TRN_RANDOM_EIGEN, stream);
    TRN_TRY_OUT(krylov_init(&s));
    TRN_TRY_OUT(iterate(&s, k, floor, cycles, out_above, out_converged));
    TRN_TRY_OUT(unfold(&s, k, tall ? right : left, tall ? left : right, sigma));
out:
    krylov_free(&s);
    return status;
}
