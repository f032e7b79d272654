/* The rate of each product against that of sgemm at 1024^3 on the same threads, measured in turn in
 * one process. The fastest of the rounds counts: what else the machine does only slows.
 *
 *     bench-kernels [threads] [rounds] [backend]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <trnnsf/trnnsf.h>

#include "clock.h"
#include "base/random.h"
#include "tensor/blocks.h"
#include "tensor/gemm.h"
#include "tensor/sparse.h"

enum { SIDE = 1024, INPUTS = 784, HIDDEN = 1200, CLASSES = 10, BATCH = 400, TILE = 64 };
enum { MOST_BLOCKS = 200 };

/* What all cases work on: sides up to 1200 x 1200. */
struct stage {
    trnnsf_context *ctx;
    float *a, *b, *c, *values, *scratch;
    struct trn_blocks *blocks[2];
    struct trn_mask *mask;
    struct trnnsf_matrix *sparse;
};

struct measure {
    const char *name;
    trnnsf_status (*run)(const struct stage *stage, const struct measure *measure);
    int transpose_a, transpose_b;
    size_t m, n, k;
    size_t set; /* which blocks */
};

static trnnsf_status run_gemm(const struct stage *s, const struct measure *p)
{
    return trn_gemm(s->ctx, p->transpose_a ? TRN_TRANSPOSE : TRN_NO_TRANSPOSE,
                    p->transpose_b ? TRN_TRANSPOSE : TRN_NO_TRANSPOSE, p->m, p->n, p->k, 1.0f, s->a,
                    p->transpose_a ? p->m : p->k, s->b, p->transpose_b ? p->k : p->n, 0.0f, s->c,
                    p->n);
}

static trnnsf_status run_masked(const struct stage *s, const struct measure *p)
{
    return trn_masked_gemm(s->ctx, TRN_NO_TRANSPOSE, TRN_TRANSPOSE, p->m, p->n, p->k, 1.0f, s->a,
                           p->k, s->b, p->k, 0.0f, s->c, p->n, s->mask);
}

static trnnsf_status run_forward(const struct stage *s, const struct measure *p)
{
    return trn_blocks_multiply(s->ctx, s->blocks[p->set], s->values, p->n, s->b, p->n, NULL, s->c,
                               p->n, s->scratch);
}

static trnnsf_status run_backward(const struct stage *s, const struct measure *p)
{
    return trn_blocks_multiply_transposed(s->ctx, s->blocks[p->set], s->values, p->n, s->b, p->n,
                                          NULL, s->c, p->n, s->scratch);
}

static trnnsf_status run_gradient(const struct stage *s, const struct measure *p)
{
    return trn_blocks_gradient(s->ctx, s->blocks[p->set], 1.0f, p->n, s->a, p->n, s->b, p->n,
                               s->values, s->scratch);
}

static trnnsf_status run_sparse(const struct stage *s, const struct measure *p)
{
    return trn_sparse_multiply(s->ctx, s->sparse, s->sparse->value, p->n, s->b, p->n, 0.0f, s->c,
                               p->n);
}

static trnnsf_status run_sparse_gradient(const struct stage *s, const struct measure *p)
{
    return trn_sparse_gradient(s->ctx, s->sparse, 1.0f, p->n, s->a, p->n, s->b, p->n, s->values);
}

/* Blocks count their own cells as k; m is unused there. */
static const struct measure measures[] = {
    {"gemm 1024 x 1024 x 1024", run_gemm, 0, 0, SIDE, SIDE, SIDE, 0},
    {"gemm 1200 x 400 x 784", run_gemm, 0, 0, HIDDEN, BATCH, INPUTS, 0},
    {"gemm 1200 x 400 x 1200, A^T", run_gemm, 1, 0, HIDDEN, BATCH, HIDDEN, 0},
    {"gemm 1200 x 1200 x 400, B^T", run_gemm, 0, 1, HIDDEN, HIDDEN, BATCH, 0},
    {"gemm 10 x 400 x 1200", run_gemm, 0, 0, CLASSES, BATCH, HIDDEN, 0},
    {"gemm 1200 x 400 x 10, A^T", run_gemm, 1, 0, HIDDEN, BATCH, CLASSES, 0},
    {"gemm 10 x 1200 x 400, B^T", run_gemm, 0, 1, CLASSES, HIDDEN, BATCH, 0},
    {"gemm 32 x 32 x 32", run_gemm, 0, 0, 32, 32, 32, 0},
    {"masked_gemm 1200 x 1200 x 400, 20 blocks", run_masked, 0, 1, HIDDEN, HIDDEN, BATCH, 0},
    {"20 blocks 64 x 64, n 400", run_forward, 0, 0, 0, BATCH, 0, 0},
    {"200 blocks 64 x 64, n 400", run_forward, 0, 0, 0, BATCH, 0, 1},
    {"200 blocks transposed", run_backward, 0, 0, 0, BATCH, 0, 1},
    {"20 blocks gradient", run_gradient, 0, 0, 0, BATCH, 0, 0},
    {"200 blocks gradient", run_gradient, 0, 0, 0, BATCH, 0, 1},
    {"sparse 1200 x 1200, 5 %, n 400", run_sparse, 0, 0, 0, BATCH, 0, 0},
    {"sparse gradient", run_sparse_gradient, 0, 0, 0, BATCH, 0, 0},
};
enum { N_MEASURES = sizeof measures / sizeof measures[0] };

static void check(trnnsf_context *ctx, trnnsf_status status)
{
    if (status == TRNNSF_OK)
        return;
    fprintf(stderr, "%s: %s\n", trnnsf_status_name(status), trnnsf_context_error(ctx));
    exit(1);
}

static float *random_values(uint32_t stream, size_t count)
{
    struct trn_random random;
    float *values = malloc(count * sizeof *values);

    if (!values)
        exit(1);
    trn_random_init(&random, 1, TRN_RANDOM_TEST, stream);
    for (size_t i = 0; i < count; i++)
        values[i] = trn_random_float(&random) - 0.5f;
    return values;
}

/* Blocks at random rows and columns, as clusters are. */
static struct trn_blocks *random_blocks(trnnsf_context *ctx, size_t count)
{
    static size_t start[MOST_BLOCKS + 1];
    static uint32_t row[MOST_BLOCKS * TILE], column[MOST_BLOCKS * TILE];
    uint32_t order[HIDDEN];
    struct trn_random random;
    struct trn_blocks *blocks;

    trn_random_init(&random, 1, TRN_RANDOM_TEST, 99);
    for (uint32_t i = 0; i < HIDDEN; i++)
        order[i] = i;
    for (size_t b = 0; b < count; b++) {
        trn_random_shuffle(&random, order, HIDDEN);
        memcpy(row + b * TILE, order, TILE * sizeof *row);
        memcpy(column + b * TILE, order + TILE, TILE * sizeof *column);
        start[b + 1] = (b + 1) * TILE;
    }
    check(ctx, trn_blocks_create(ctx, HIDDEN, HIDDEN, count, start, row, start, column, &blocks));
    return blocks;
}

static void set_stage(struct stage *s, uint32_t threads, const char *backend)
{
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
    struct trn_random random;
    struct trn_mask *mask;

    options.threads = threads;
    check(NULL, trnnsf_context_create(&options, &s->ctx));
    if (backend)
        check(s->ctx, trnnsf_backend_select(s->ctx, backend));
    s->a = random_values(1, HIDDEN * HIDDEN);
    s->b = random_values(2, HIDDEN * HIDDEN);
    s->c = random_values(3, HIDDEN * HIDDEN);
    s->values = random_values(4, MOST_BLOCKS * TILE * TILE);
    s->blocks[0] = random_blocks(s->ctx, 20);
    s->blocks[1] = random_blocks(s->ctx, MOST_BLOCKS);
    s->scratch = random_values(5, trn_blocks_scratch(s->ctx, s->blocks[1], BATCH));
    check(s->ctx, trn_mask_create(s->ctx, HIDDEN, HIDDEN, &s->mask));
    for (uint32_t b = 0; b < 20; b++) {
        for (uint32_t i = 0; i < TILE * TILE; i++)
            trn_mask_set(s->mask, b * 56 + i / TILE, (b * 7 % 18) * TILE + i % TILE);
    }
    check(s->ctx, trn_mask_create(s->ctx, HIDDEN, HIDDEN, &mask));
    trn_random_init(&random, 1, TRN_RANDOM_TEST, 98);
    for (size_t i = 0; i < HIDDEN * HIDDEN / 20; i++)
        trn_mask_set(mask, trn_random_below(&random, HIDDEN), trn_random_below(&random, HIDDEN));
    check(s->ctx, trn_sparse_from_mask(s->ctx, mask, s->a, HIDDEN, &s->sparse));
    trn_mask_free(s->ctx, mask);
}

static void clear_stage(struct stage *s)
{
    trnnsf_matrix_free(s->sparse);
    trn_mask_free(s->ctx, s->mask);
    trn_blocks_free(s->ctx, s->blocks[1]);
    trn_blocks_free(s->ctx, s->blocks[0]);
    free(s->scratch);
    free(s->values);
    free(s->c);
    free(s->b);
    free(s->a);
    trnnsf_context_free(s->ctx);
}

/* Multiplications and additions that the kept cells ask for. */
static double flops(const struct stage *s, const struct measure *p)
{
    double n = (double)p->n;

    if (p->run == run_gemm)
        return 2.0 * (double)p->m * n * (double)p->k;
    if (p->run == run_masked)
        return 2.0 * (double)trn_mask_count(s->mask) * (double)p->k;
    if (p->run == run_sparse || p->run == run_sparse_gradient)
        return 2.0 * (double)trn_sparse_nonzeros(s->sparse) * n;
    return 2.0 * (double)s->blocks[p->set]->value_start[s->blocks[p->set]->count] * n;
}

/* Seconds of one call; as many calls as make half a millisecond. */
static double time_of(const struct stage *s, const struct measure *p)
{
    size_t calls = 1 + (size_t)(5e7 / flops(s, p)), call;
    double start = seconds();

    for (call = 0; call < calls; call++)
        check(s->ctx, p->run(s, p));
    return (seconds() - start) / (double)calls;
}

int main(int count, char **arguments)
{
    double best[N_MEASURES];
    uint32_t threads = count > 1 ? (uint32_t)strtoul(arguments[1], NULL, 10) : 0;
    size_t rounds = count > 2 ? strtoul(arguments[2], NULL, 10) : 20;
    struct stage stage;

    if (rounds < 1)
        return 2;
    set_stage(&stage, threads, count > 3 ? arguments[3] : NULL);
    for (size_t round = 0; round < rounds; round++) {
        for (size_t i = 0; i < N_MEASURES; i++) {
            double time = time_of(&stage, &measures[i]);

            best[i] = round == 0 || time < best[i] ? time : best[i];
        }
    }

    double sgemm = flops(&stage, &measures[0]) / best[0];
    printf("backend %s, %u threads\n%-42s %12s %10s %8s\n", trnnsf_backend_selected(stage.ctx),
           trnnsf_context_threads(stage.ctx), "product", "microseconds", "GFLOP/s", "ratio");
    for (size_t i = 0; i < N_MEASURES; i++) {
        double rate = flops(&stage, &measures[i]) / best[i];

        printf("%-42s %12.1f %10.2f %8.3f\n", measures[i].name, best[i] * 1e6, rate * 1e-9,
               rate / sgemm);
    }
    clear_stage(&stage);
    return 0;
}
