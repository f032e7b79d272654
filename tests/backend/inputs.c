#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "cases.h"

const struct shape shapes[] = {
    {1, 1, 1, 0, 0, 1.0f, 0.0f, 0, 1.0, false},
    {3, 5, 7, 0, 0, 1.0f, 0.0f, 3, 0.5, false},
    {3, 5, 7, 1, 0, 0.5f, 1.0f, 2, 0.5, true},
    {3, 5, 7, 0, 1, -1.0f, 0.5f, 1, 0.3, false},
    {3, 5, 7, 1, 1, 2.0f, 0.0f, 0, 0.0, true},
    {64, 64, 64, 0, 0, 1.0f, 1.0f, 0, 0.1, true},
    {65, 63, 129, 0, 1, 1.0f, 0.0f, 5, 0.02, false},
    {65, 130, 17, 1, 0, 0.25f, -1.0f, 5, 0.9, true},
    {1, 200, 33, 1, 1, 1.0f, 1.0f, 0, 0.5, false},
    {200, 1, 33, 0, 0, 1.0f, 0.0f, 0, 0.5, false},
    {10, 100, 300, 0, 1, 0.01f, 0.0f, 7, 0.05, false},
    {4, 6, 0, 0, 0, 1.0f, 0.5f, 1, 0.5, false},
    {4, 6, 0, 1, 1, 1.0f, 0.0f, 1, 0.5, false},
    {0, 6, 4, 0, 0, 1.0f, 0.0f, 0, 0.5, false},
    {4, 0, 6, 0, 1, 1.0f, 1.0f, 0, 0.5, false},
    {5, 6, 7, 0, 0, 0.0f, 1.0f, 0, 0.5, true},
    {130, 104, 70, 0, 0, 1.0f, 1.0f, 0, 0.004, false},
    {70, 270, 20, 1, 1, 1.0f, 0.0f, 2, 0.05, false},
};
const size_t n_shapes = sizeof shapes / sizeof shapes[0];

static void *room(size_t count, size_t size)
{
    void *pointer = calloc(count + 1, size);

    if (!pointer)
        abort();
    return pointer;
}

static float *matrix(struct trn_random *random, size_t rows, size_t columns, size_t ld)
{
    float *values = room(rows * ld, sizeof *values);

    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < ld; j++)
            values[i * ld + j] = j < columns ? 2.0f * trn_random_float(random) - 1.0f : NAN;
    }
    return values;
}

static uint32_t *list(struct trn_random *random, size_t count, size_t below, bool run)
{
    uint32_t *all = room(below, sizeof *all);

    for (size_t i = 0; i < below; i++)
        all[i] = (uint32_t)(run ? i + 1 : i);
    if (!run)
        trn_random_shuffle(random, all, below);
    (void)count;
    return all;
}

static void make_mask(struct trn_random *random, const struct shape *s, struct inputs *in)
{
    in->mask_stride = s->n / 64 + 2;
    in->mask = room(s->m * in->mask_stride, sizeof *in->mask);
    for (size_t i = 0; i < s->m; i++) {
        for (size_t j = 0; j < s->n; j++) {
            /* Thin masks leave out every second tile of 64 x 64, the first one among them. */
            if (s->fill < 0.1 && (i / 64 + j / 64) % 2 == 0)
                continue;
            if (trn_random_double(random) < s->fill)
                in->mask[i * in->mask_stride + j / 64] |= UINT64_C(1) << j % 64;
        }
    }
}

static void make_sparse(struct trn_random *random, const struct shape *s, struct inputs *in)
{
    size_t count = 0;

    in->row_start = room(s->m + 1, sizeof *in->row_start);
    in->column = room(s->m * s->k, sizeof *in->column);
    in->value = room(s->m * s->k, sizeof *in->value);
    for (size_t i = 0; i < s->m; i++) {
        for (size_t j = 0; j < s->k; j++) {
            if (trn_random_double(random) >= s->fill)
                continue;
            in->column[count] = (uint32_t)j;
            in->value[count++] = 2.0f * trn_random_float(random) - 1.0f;
        }
        in->row_start[i + 1] = count;
    }
}

static double *grid_points(struct trn_random *random, size_t count, size_t dimension)
{
    double *points = room(count * dimension, sizeof *points);

    for (size_t i = 0; i < count * dimension; i++)
        points[i] = (double)trn_random_below(random, 3) - 1.0;
    return points;
}

void make_inputs(const struct operation *operation, const struct shape *s, struct inputs *in)
{
    struct trn_random random;
    size_t a_rows = s->transpose_a ? s->k : s->m, a_columns = s->transpose_a ? s->m : s->k;
    size_t b_rows = s->transpose_b ? s->n : s->k, b_columns = s->transpose_b ? s->k : s->n;

    trn_random_init(&random, s->m * 1000003 + s->n * 1009 + s->k, TRN_RANDOM_TEST, 1);
    memset(in, 0, sizeof *in);
    in->lda = a_columns + s->pad;
    in->ldb = b_columns + s->pad;
    in->ld = s->n + s->pad;
    in->a = matrix(&random, a_rows, a_columns, in->lda);
    in->b = matrix(&random, b_rows, b_columns, in->ldb);
    in->tall_x = matrix(&random, 2 * s->k + 3, s->n, in->ld);
    in->tall_y = matrix(&random, 2 * s->m + 3, s->n, in->ld);
    in->packed = matrix(&random, s->m, s->k, s->k);
    in->rows = list(&random, s->m, 2 * s->m + 3, s->runs);
    in->columns = list(&random, s->k, 2 * s->k + 3, s->runs);
    in->picked = room(s->n, sizeof *in->picked);
    for (size_t j = 0; j < s->n; j++)
        in->picked[j] = trn_random_below(&random, (uint32_t)s->n);
    make_mask(&random, s, in);
    make_sparse(&random, s, in);
    in->points = grid_points(&random, s->m, s->n);
    in->centres = grid_points(&random, s->k, s->n);
    in->scratch = room((s->m + s->k) * s->n, sizeof *in->scratch);
    in->n_out = operation->size(s);
    /* Finite everywhere, so that a write into the padding shows as a difference. */
    in->initial = matrix(&random, 1, in->n_out, in->n_out);
}

void free_inputs(struct inputs *in)
{
    void *all[] = {in->a,       in->b,       in->tall_x,  in->tall_y, in->packed,    in->rows,
                   in->columns, in->picked,  in->mask,    in->value,  in->row_start, in->column,
                   in->points,  in->centres, in->scratch, in->initial};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        free(all[i]);
}
