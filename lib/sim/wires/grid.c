#include "sim/wires/grid.h"

bool trn_grid_inside(const struct trn_grid *grid, uint32_t node,
                     const struct trn_rectangle *rectangle)
{
    size_t terminals = grid->n + grid->m, cells = grid->n * grid->m;
    size_t first_row, last_row, first_column, last_column;

    if (node < terminals)
        return false;
    bool word = node - terminals < cells;
    size_t place = node - terminals - (word ? 0 : cells);

    first_row = last_row = place / grid->m;
    first_column = last_column = place % grid->m;
    if (word) {
        if (grid->word == 0)
            last_column = grid->m - 1;
        else if (last_column + 1 < grid->m)
            last_column++;
    } else {
        if (grid->bit == 0)
            last_row = grid->n - 1;
        else if (first_row > 0)
            first_row--;
    }
    return first_row >= rectangle->first_row && last_row < rectangle->end_row &&
           first_column >= rectangle->first_column && last_column < rectangle->end_column;
}

size_t trn_grid_edges(const struct trn_grid *grid, size_t i, size_t j, double cell,
                      struct trn_edge edges[TRN_CELL_EDGES])
{
    uint32_t word = trn_grid_word(grid, i, j), bit = trn_grid_bit(grid, i, j);
    size_t count = 0;

    edges[count++] = (struct trn_edge){word, bit, cell};
    if (j > 0 && grid->word != 0)
        edges[count++] = (struct trn_edge){trn_grid_word(grid, i, j - 1), word, grid->word};
    if (j == 0 && grid->driver != 0)
        edges[count++] = (struct trn_edge){trn_grid_source(grid, i), word, grid->driver};
    if (j + 1 == grid->m && grid->two_drivers && grid->driver != 0)
        edges[count++] = (struct trn_edge){trn_grid_source(grid, i), word, grid->driver};
    if (i + 1 < grid->n && grid->bit != 0)
        edges[count++] = (struct trn_edge){bit, trn_grid_bit(grid, i + 1, j), grid->bit};
    if (i + 1 == grid->n && grid->sense != 0)
        edges[count++] = (struct trn_edge){bit, trn_grid_sense(grid, j), grid->sense};
    if (i == 0 && grid->two_senses && grid->sense != 0)
        edges[count++] = (struct trn_edge){bit, trn_grid_sense(grid, j), grid->sense};
    return count;
}
