#include "tensor/gemm.h"

/* Each task packs its operands anew: eight of them cost a product of a thousand rows five parts in
 * a hundred, sixteen cost nine. So a product has eight tasks at most, or one for each large_task
 * where that is more, and fewer where a task would do less than small_task, which is about what
 * handing it out costs (measured with tests/bench/kernels.c; chosen here). Floating-point
 * operations. */
static const double small_task = 3e6, large_task = 2e8;
enum { USUAL_TASKS = 8, MOST_TASKS = 64, TILE = 64 };

struct product {
    struct trn_run run;
    struct trn_cut rows;
    struct trn_cut columns;
    uint32_t transpose_a;
    uint32_t transpose_b;
    size_t k;
    float alpha;
    const float *a;
    size_t lda;
    const float *b;
    size_t ldb;
    float beta;
    float *c;
    size_t ldc;
    const struct trn_mask *mask; /* NULL: none */
};

static void multiply_task(void *argument, size_t task, size_t worker)
{
    struct product *p = argument;
    size_t row = task / p->columns.count, column = task % p->columns.count;
    size_t i = trn_cut_start(&p->rows, row), m = trn_cut_length(&p->rows, row);
    size_t j = trn_cut_start(&p->columns, column), n = trn_cut_length(&p->columns, column);
    const float *a = p->a + (p->transpose_a ? i : i * p->lda);
    const float *b = p->b + (p->transpose_b ? j * p->ldb : j);
    float *c = p->c + i * p->ldc + j;

    (void)worker;
    if (p->mask)
        trn_run_note(&p->run, trn_kernel_masked_gemm(
                                  p->run.backend, p->transpose_a, p->transpose_b, m, n, p->k,
                                  p->alpha, a, p->lda, b, p->ldb, p->beta, c, p->ldc,
                                  p->mask->words + i * p->mask->stride + j / 64, p->mask->stride));
    else
        trn_run_note(&p->run,
                     trn_kernel_gemm(p->run.backend, p->transpose_a, p->transpose_b, m, n, p->k,
                                     p->alpha, a, p->lda, b, p->ldb, p->beta, c, p->ldc));
}

static size_t wanted_tasks(size_t m, size_t n, size_t k)
{
    double flops = 2.0 * (double)m * (double)n * (double)k;
    double tasks = flops / large_task;

    if (tasks > MOST_TASKS)
        return MOST_TASKS;
    if (tasks > USUAL_TASKS)
        return (size_t)tasks;
    tasks = flops / small_task;
    if (tasks > USUAL_TASKS)
        return USUAL_TASKS;
    return tasks < 1 ? 1 : (size_t)tasks;
}

/* The grid hangs on m, n and k alone, and k is never cut: no sum depends on the thread count. Rows
 * first, in steps that are whole tiles of the usual kernels; columns where rows do not suffice. */
static void cut_product(struct product *p, size_t m, size_t n, size_t k, size_t column_multiple)
{
    size_t tasks = wanted_tasks(m, n, k);
    size_t pieces = m / TILE;

    if (pieces > tasks)
        pieces = tasks;
    /* Where rows do not suffice and columns are more, columns alone. */
    if (pieces < tasks && m < n)
        pieces = 1;
    p->rows = trn_cut_into(m, pieces ? pieces : 1, 8);
    pieces = p->rows.count ? tasks / p->rows.count : 1;
    p->columns = trn_cut_into(n, pieces ? pieces : 1, column_multiple);
}

static trnnsf_status run_product(trnnsf_context *ctx, struct product *p)
{
    return trn_run_tasks(ctx, p->mask ? "masked_gemm" : "gemm", p->rows.count * p->columns.count,
                         multiply_task, &p->run);
}

trnnsf_status trn_gemm(trnnsf_context *ctx, enum trn_transpose transpose_a,
                       enum trn_transpose transpose_b, size_t m, size_t n, size_t k, float alpha,
                       const float *a, size_t lda, const float *b, size_t ldb, float beta, float *c,
                       size_t ldc)
{
    struct product p = {.transpose_a = transpose_a,
                        .transpose_b = transpose_b,
                        .k = k,
                        .alpha = alpha,
                        .a = a,
                        .lda = lda,
                        .b = b,
                        .ldb = ldb,
                        .beta = beta,
                        .c = c,
                        .ldc = ldc};

    cut_product(&p, m, n, k, 16);
    return run_product(ctx, &p);
}

void trn_run_gemm(struct trn_run *run, size_t m, size_t n, size_t k, const float *a, size_t lda,
                  const float *b, size_t ldb, float *c, size_t ldc)
{
    trn_run_note(run, trn_kernel_gemm(run->backend, TRN_NO_TRANSPOSE, TRN_NO_TRANSPOSE, m, n, k, 1,
                                      a, lda, b, ldb, 0, c, ldc));
}

trnnsf_status trn_masked_gemm(trnnsf_context *ctx, enum trn_transpose transpose_a,
                              enum trn_transpose transpose_b, size_t m, size_t n, size_t k,
                              float alpha, const float *a, size_t lda, const float *b, size_t ldb,
                              float beta, float *c, size_t ldc, const struct trn_mask *mask)
{
    struct product p = {.transpose_a = transpose_a,
                        .transpose_b = transpose_b,
                        .k = k,
                        .alpha = alpha,
                        .a = a,
                        .lda = lda,
                        .b = b,
                        .ldb = ldb,
                        .beta = beta,
                        .c = c,
                        .ldc = ldc,
                        .mask = mask};

    /* Column cuts fall between mask words. */
    cut_product(&p, m, n, k, 64);
    return run_product(ctx, &p);
}
