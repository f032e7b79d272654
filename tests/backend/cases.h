/* The one list of cases that every backend must pass: an operation at a shape, its inputs, and its
 * result in double precision from the formula. */
#ifndef CASES_H
#define CASES_H

#include "backend/backend.h"

struct shape {
    size_t m, n, k;
    uint32_t transpose_a, transpose_b;
    float alpha, beta;
    size_t pad;  /* added to each leading dimension */
    double fill; /* share of mask bits and sparse entries */
    bool runs;   /* index lists are runs rather than shuffled */
};

/* Inputs of all operations at a shape; each takes what it needs. Padding holds NaN. */
struct inputs {
    float *a;      /* op(A)[m x k]; a block's values; Y of the gradients, by rows below */
    float *b;      /* op(B)[k x n] */
    float *tall_x; /* [2k+3 x n], rows picked by columns[] */
    float *tall_y; /* [2m+3 x n], rows picked by rows[] */
    float *packed; /* V[m x k] without padding */
    size_t lda, ldb, ld;
    uint32_t *rows;    /* m of them, below 2m+3 */
    uint32_t *columns; /* k of them, below 2k+3 */
    uint32_t *picked;  /* n columns of tall_x, repeats allowed */
    uint64_t *mask;    /* [m x n] */
    size_t mask_stride;
    size_t *row_start; /* m + 1 */
    uint32_t *column;  /* below k */
    float *value;
    double *points;  /* [m x n] */
    double *centres; /* [k x n], on a coarse grid with repeats, so that there are ties */
    float *scratch;
    float *initial; /* what the output holds before the call */
    size_t n_out;
};

struct operation {
    const char *name;
    /* Floats of the output, padding included. */
    size_t (*size)(const struct shape *shape);
    trnnsf_status (*run)(const struct trn_backend *backend, const struct shape *shape,
                         const struct inputs *inputs, float *out);
    /* `out` holds the initial values; cells that the kernel leaves alone stay so. */
    void (*truth)(const struct shape *shape, const struct inputs *inputs, double *out);
    /* Rounding errors allowed in an element, in units of FLT_EPSILON: terms are in [-1, 1], so a
     * sum of t of them in any order errs by less than t * t / 2 units, and in practice by about t.
     */
    double (*tolerance)(const struct shape *shape);
};

extern const struct operation operations[];
extern const size_t n_operations;
extern const struct shape shapes[];
extern const size_t n_shapes;

void make_inputs(const struct operation *operation, const struct shape *shape,
                 struct inputs *inputs);
void free_inputs(struct inputs *inputs);

#endif
