#include "sim/wires/front.h"

#include <math.h>

#include "tensor/rank_update.h"

/* Chosen here: the rows eliminated before the rest of the front is updated at once, and the size
 * below which fronts hold so many zeros that these are worth looking for. */
enum { PANEL = 32, SPARSE = 80 };

/* A node that hangs on nothing has no row: it keeps 0 V. */
static void scale_row(size_t count, double *row)
{
    double sum[4] = {0}, root, inverse;
    size_t j = 1;

    for (; j + 4 <= count; j += 4) {
        for (size_t l = 0; l < 4; l++)
            sum[l] += row[j + l];
    }
    for (; j < count; j++)
        sum[0] += row[j];
    root = sqrt((sum[0] + sum[1]) + (sum[2] + sum[3]));
    inverse = root > 0 ? 1.0 / root : 0.0;
    for (j = 1; j < count; j++)
        row[j] *= inverse;
    row[0] = root > 0 ? root : 1.0;
}

static void add_row(size_t count, double factor, const double *restrict row, double *restrict to)
{
    for (size_t j = 0; j < count; j++)
        to[j] += factor * row[j];
}

/* Updates rows k+1 … end-1 at once. */
static void eliminate_one(size_t size, size_t k, size_t end, double *a)
{
    const double *row = a + k * size;

    scale_row(size - k, a + k * size + k);
    for (size_t i = k + 1; i < end; i++) {
        if (row[i] != 0)
            add_row(size - i - 1, row[i], row + i + 1, a + i * size + i + 1);
    }
}

void trn_front_eliminate(bool cblas, size_t size, size_t inner, double *a)
{
    if (size <= SPARSE) {
        for (size_t k = 0; k < inner; k++)
            eliminate_one(size, k, size, a);
        return;
    }
    for (size_t first = 0; first < inner; first += PANEL) {
        size_t end = inner - first < PANEL ? inner : first + PANEL;

        for (size_t k = first; k < end; k++)
            eliminate_one(size, k, end, a);
        trn_rank_update(cblas, size - end, end - first, a + first * size + end, size,
                        a + end * size + end, size);
    }
}
