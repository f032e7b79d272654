/* Matrices with known clusters. */
#ifndef PLANTED_H
#define PLANTED_H

#include <stdlib.h>
#include <trnnsf/matrix.h>

#include "base/random.h"

struct planted {
    size_t n_rows, n_columns; /* of the whole */
    size_t blocks;            /* of equal size, on the diagonal before the shuffle */
    size_t rows, columns;     /* of a block */
    double inside, outside;   /* densities */
    uint64_t seed;
};

/* dense[n_rows x n_columns] gets 0 or 1; planted[n_rows x n_columns] tells the block's cells. Rows
 * and columns are shuffled. */
static inline void plant(const struct planted *p, float *dense, unsigned char *planted)
{
    uint32_t *row = malloc(p->n_rows * sizeof *row),
             *column = malloc(p->n_columns * sizeof *column);
    struct trn_random random;

    trn_random_init(&random, p->seed, TRN_RANDOM_TEST, 0);
    for (size_t i = 0; i < p->n_rows; i++)
        row[i] = (uint32_t)i;
    for (size_t j = 0; j < p->n_columns; j++)
        column[j] = (uint32_t)j;
    trn_random_shuffle(&random, row, p->n_rows);
    trn_random_shuffle(&random, column, p->n_columns);
    for (size_t i = 0; i < p->n_rows; i++) {
        for (size_t j = 0; j < p->n_columns; j++) {
            size_t cell = row[i] * p->n_columns + column[j];
            int in = i / p->rows == j / p->columns && i / p->rows < p->blocks;
            /* Block cells have the noise of the others on top. */
            int live = trn_random_double(&random) < p->outside;

            live |= in && trn_random_double(&random) < p->inside;
            planted[cell] = (unsigned char)in;
            dense[cell] = (float)live;
        }
    }
    free(row);
    free(column);
}

/* The matrix that SCIC is measured on. */
#define PLANTED_BENCHMARK {1200, 784, 20, 60, 39, 0.70, 0.03, 1}

#endif
