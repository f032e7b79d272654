/* The nodes of one crossbar and the conductances between them. */
#ifndef TRN_SIM_WIRES_GRID_H
#define TRN_SIM_WIRES_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Nodes are numbered: n sources, m sense terminals, then n x m word-line and n x m bit-line nodes.
 * Where a wire is ideal its nodes share the number of one of them, so some numbers stay unused. */
struct trn_grid {
    size_t n, m;
    double word, bit, driver, sense; /* siemens; 0: an ideal connection */
    bool two_drivers, two_senses;
};

static inline size_t trn_grid_numbers(const struct trn_grid *grid)
{
    return grid->n + grid->m + 2 * grid->n * grid->m;
}

static inline uint32_t trn_grid_source(const struct trn_grid *grid, size_t i)
{
    (void)grid;
    return (uint32_t)i;
}

static inline uint32_t trn_grid_sense(const struct trn_grid *grid, size_t j)
{
    return (uint32_t)(grid->n + j);
}

static inline uint32_t trn_grid_word(const struct trn_grid *grid, size_t i, size_t j)
{
    bool driven = j == 0 || (grid->two_drivers && j + 1 == grid->m);

    if (grid->driver == 0 && (driven || grid->word == 0))
        return trn_grid_source(grid, i);
    return (uint32_t)(grid->n + grid->m + i * grid->m + (grid->word == 0 ? 0 : j));
}

static inline uint32_t trn_grid_bit(const struct trn_grid *grid, size_t i, size_t j)
{
    bool sensed = i + 1 == grid->n || (grid->two_senses && i == 0);

    if (grid->sense == 0 && (sensed || grid->bit == 0))
        return trn_grid_sense(grid, j);
    return (uint32_t)(grid->n + grid->m + grid->n * grid->m + (grid->bit == 0 ? 0 : i) * grid->m +
                      j);
}

/* Rows first_row … end_row-1, columns first_column … end_column-1. */
struct trn_rectangle {
    size_t first_row, end_row, first_column, end_column;
};

/* Whether all that meets in the node belongs to cells of the rectangle, so that the node can be
 * eliminated there; never a terminal. A cell owns itself and the wire to its left and below it. */
bool trn_grid_inside(const struct trn_grid *grid, uint32_t node,
                     const struct trn_rectangle *rectangle);

struct trn_edge {
    uint32_t a, b;
    double conductance;
};

/* The most edges that a cell owns: itself, two on its word line, two on its bit line. */
enum { TRN_CELL_EDGES = 5 };

/* The edges that a cell owns, the cell first; returns their number. The nodes of an edge may be the
 * same. */
size_t trn_grid_edges(const struct trn_grid *grid, size_t i, size_t j, double cell,
                      struct trn_edge edges[TRN_CELL_EDGES]);

#endif
