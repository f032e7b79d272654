#include "tensor/gemm.h"
#include "tensor/run.h"

/* A 32 x 32 tile of both sides fits a first-level cache. */
enum { TILE = 32 };

struct transposition {
    size_t rows;
    size_t columns;
    const float *in;
    size_t ld_in;
    float *out;
    size_t ld_out;
    struct trn_cut cut;
};

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void transpose_task(void *argument, size_t task, size_t worker)
{
    const struct transposition *t = argument;
    size_t first = trn_cut_start(&t->cut, task);
    size_t last = first + trn_cut_length(&t->cut, task);

    (void)worker;
    for (size_t i0 = first; i0 < last; i0 += TILE) {
        for (size_t j0 = 0; j0 < t->columns; j0 += TILE) {
            for (size_t i = i0; i < smaller(i0 + TILE, last); i++) {
                for (size_t j = j0; j < smaller(j0 + TILE, t->columns); j++)
                    t->out[j * t->ld_out + i] = t->in[i * t->ld_in + j];
            }
        }
    }
}

void trn_transpose(trnnsf_context *ctx, size_t rows, size_t columns, const float *in, size_t ld_in,
                   float *out, size_t ld_out)
{
    struct transposition t = {
        .rows = rows, .columns = columns, .in = in, .ld_in = ld_in, .out = out, .ld_out = ld_out};

    /* Strips of 64 rows: their cells of `out` are whole cache lines. */
    t.cut = trn_cut_into(rows, rows / 64 + 1, 64);
    trn_parallel(ctx, t.cut.count, transpose_task, &t);
}
