#include "map/sheet.h"

#include <string.h>

#include "base/context.h"
#include "cluster/clusters.h"

void trn_sheet_free(struct trn_sheet *sheet)
{
    if (!sheet->ctx)
        return;
    trn_mask_free(sheet->ctx, sheet->own_mask);
    trn_clusters_free(sheet->own_clusters);
    trn_free(sheet->ctx, sheet->own_dense);
}

float trn_sheet_value(const struct trn_sheet *sheet, size_t output, size_t input)
{
    const struct trnnsf_matrix *sparse = sheet->sparse;

    if (sheet->dense)
        return sheet->dense[output * sheet->mask->n_columns + input];

    size_t low = sparse->row_start[output], high = sparse->row_start[output + 1];
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (sparse->column[middle] < input)
            low = middle + 1;
        else
            high = middle;
    }
    return sparse->value[low];
}

/* The rows of one group: channels first … first + n_rows - 1 of the layer. */
static trnnsf_status slice_mask(const struct trn_map_source *source, size_t first, size_t n_rows,
                                size_t n_columns, struct trn_sheet *sheet)
{
    const struct trn_mask *mask = source->mask;

    if (mask && mask->n_rows == n_rows) {
        sheet->mask = mask;
        return TRNNSF_OK;
    }
    TRN_TRY(trn_mask_create(sheet->ctx, n_rows, n_columns, &sheet->own_mask));
    if (mask)
        memcpy(sheet->own_mask->words, mask->words + first * mask->stride,
               n_rows * mask->stride * sizeof *mask->words);
    else
        trn_mask_fill(sheet->own_mask, true);
    sheet->mask = sheet->own_mask;
    return TRNNSF_OK;
}

/* Each cluster's part in the group's rows; the parts of those without any are left out. */
static trnnsf_status slice_clusters(const struct trnnsf_clusters *from, size_t first, size_t n_rows,
                                    struct trn_sheet *sheet)
{
    trnnsf_context *ctx = sheet->ctx;
    trnnsf_status status = TRNNSF_OK;
    const struct trn_blocks *b = from->blocks;
    size_t *row_start = TRN_NEW_ARRAY(ctx, size_t, b->count + 1);
    size_t *column_start = TRN_NEW_ARRAY(ctx, size_t, b->count + 1);
    uint32_t *rows = trn_malloc(ctx, b->row_start[b->count], sizeof *rows);
    uint32_t *columns = trn_malloc(ctx, b->column_start[b->count], sizeof *columns);
    size_t count = 0;

    TRN_NEED_OUT(row_start);
    TRN_NEED_OUT(column_start);
    TRN_NEED_OUT(rows);
    TRN_NEED_OUT(columns);
    for (size_t c = 0; c < b->count; c++) {
        size_t n = row_start[count], width = trn_block_columns(b, c);

        for (size_t i = b->row_start[c]; i < b->row_start[c + 1]; i++) {
            if (b->row[i] >= first && b->row[i] - first < n_rows)
                rows[n++] = (uint32_t)(b->row[i] - first);
        }
        if (n == row_start[count])
            continue;
        memcpy(columns + column_start[count], b->column + b->column_start[c],
               width * sizeof *columns);
        column_start[count + 1] = column_start[count] + width;
        row_start[++count] = n;
    }
    TRN_TRY_OUT(trn_clusters_create(ctx, n_rows, b->n_columns, count, row_start, rows, column_start,
                                    columns, &sheet->own_clusters));
    sheet->clusters = sheet->own_clusters;
out:
    trn_free(ctx, row_start);
    trn_free(ctx, column_start);
    trn_free(ctx, rows);
    trn_free(ctx, columns);
    return status;
}

/* A patch of several places. */
struct spread {
    const struct trn_map_source *source;
    const struct trn_map_lines *patch;
    size_t first; /* output channel of the group */
    size_t kernel[2], places[2], cells[2];
    size_t *cell[2]; /* of a side [places x kernel] */
};

static trnnsf_status find_cells(trnnsf_context *ctx, struct spread *spread)
{
    for (int s = 0; s < 2; s++) {
        size_t kernel = spread->kernel[s] = (size_t)spread->patch->geometry.side[s].kernel;
        size_t places = spread->places[s] = (size_t)spread->patch->geometry.side[s].window;

        spread->cells[s] = spread->patch->cells[s].count;
        spread->cell[s] = TRN_NEW_ARRAY(ctx, size_t, places * kernel);
        if (!spread->cell[s])
            return TRN_NO_MEMORY;
        for (size_t i = 0; i < places * kernel; i++)
            spread->cell[s][i] = trn_map_cell_of(spread->patch, s, i / kernel, i % kernel);
    }
    return TRNNSF_OK;
}

/* The column that a column of the layer's matrix becomes at place (y, x). */
static size_t spread_column(const struct spread *s, size_t column, size_t y, size_t x)
{
    size_t channel = column / (s->kernel[0] * s->kernel[1]);
    size_t ky = column / s->kernel[1] % s->kernel[0], kx = column % s->kernel[1];

    return (channel * s->cells[0] + s->cell[0][y * s->kernel[0] + ky]) * s->cells[1] +
           s->cell[1][x * s->kernel[1] + kx];
}

/* The kernels of output channel o of the group at all places. */
static void spread_kernel(const struct spread *s, size_t o, struct trn_sheet *sheet)
{
    const struct trn_mask *mask = s->source->mask;
    size_t fan_in = (size_t)trn_map_fan_in(&s->patch->geometry), area = s->places[0] * s->places[1];
    const float *from = s->source->dense ? s->source->dense + (s->first + o) * fan_in : NULL;

    for (size_t place = 0; place < area; place++) {
        size_t row = o * area + place;

        for (size_t i = 0; i < fan_in; i++) {
            if (mask && !trn_mask_get(mask, s->first + o, i))
                continue;
            size_t column = spread_column(s, i, place / s->places[1], place % s->places[1]);

            trn_mask_set(sheet->own_mask, row, column);
            if (from)
                sheet->own_dense[row * sheet->own_mask->n_columns + column] = from[i];
        }
    }
}

static trnnsf_status spread_places(const struct trn_map_source *source,
                                   const struct trn_map_lines *patch, size_t first,
                                   struct trn_sheet *sheet)
{
    trnnsf_context *ctx = sheet->ctx;
    trnnsf_status status = TRNNSF_OK;
    size_t groups = (size_t)patch->geometry.groups, n_cells;
    struct spread spread = {.source = source, .patch = patch, .first = first};

    TRN_TRY_OUT(find_cells(ctx, &spread));
    TRN_TRY_OUT(
        trn_mask_create(ctx, patch->n_out / groups, patch->n_in / groups, &sheet->own_mask));
    sheet->mask = sheet->own_mask;
    if (source->dense) {
        if (!trn_size_multiply(sheet->mask->n_rows, sheet->mask->n_columns, &n_cells))
            n_cells = SIZE_MAX;
        sheet->dense = sheet->own_dense = TRN_NEW_ARRAY(ctx, float, n_cells);
        TRN_NEED_OUT(sheet->own_dense);
    }
    for (size_t o = 0; o < (size_t)patch->geometry.outputs / groups; o++)
        spread_kernel(&spread, o, sheet);
out:
    trn_free(ctx, spread.cell[0]);
    trn_free(ctx, spread.cell[1]);
    return status;
}

trnnsf_status trn_sheet_create(trnnsf_context *ctx, const struct trn_map_source *source,
                               const struct trn_map_lines *patch, size_t group,
                               struct trn_sheet *sheet)
{
    const struct trn_map_geometry *g = &patch->geometry;
    size_t n_rows = (size_t)(g->outputs / g->groups), n_columns = (size_t)trn_map_fan_in(g);

    *sheet = (struct trn_sheet){.ctx = ctx, .sparse = source->sparse};
    if (g->side[0].window * g->side[1].window > 1)
        return spread_places(source, patch, group * n_rows, sheet);
    if (source->dense)
        sheet->dense = source->dense + group * n_rows * n_columns;
    TRN_TRY(slice_mask(source, group * n_rows, n_rows, n_columns, sheet));
    if (source->clusters && g->groups > 1)
        return slice_clusters(source->clusters, group * n_rows, n_rows, sheet);
    sheet->clusters = source->clusters;
    return TRNNSF_OK;
}
