#include "io/connectivity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/context.h"

enum { MAGNITUDE_BINS = 1024 };

static const uint32_t *side(const trnnsf_clusters *clusters, bool rows, size_t i, size_t *out_n)
{
    return rows ? trnnsf_clusters_outputs(clusters, i, out_n)
                : trnnsf_clusters_inputs(clusters, i, out_n);
}

/* What the pictures are made from, for the time of making them. */
struct sketch {
    trnnsf_context *ctx;
    const trnnsf_clusters *clusters; /* may be NULL */
    const float *weights;
    const uint8_t *mask; /* [n_rows x n_columns] kept */
    uint8_t *covered;    /* in a rectangle */
    uint8_t *live_rows;
    uint8_t *live_columns;
    uint32_t *row_order;
    uint32_t *column_order;
    uint32_t *row_position; /* the inverse of row_order */
    uint32_t *column_position;
    uint32_t *rank; /* of the clusters */
    double *cells;
};

static void lay_raster(struct trn_raster *raster, size_t n_rows, size_t n_columns)
{
    size_t longer = n_rows > n_columns ? n_rows : n_columns;

    raster->n_rows = n_rows;
    raster->n_columns = n_columns;
    raster->bin = (longer + TRN_CONNECTIVITY_CELLS - 1) / TRN_CONNECTIVITY_CELLS;
    raster->height = (n_rows + raster->bin - 1) / raster->bin;
    raster->width = (n_columns + raster->bin - 1) / raster->bin;
}

static size_t raster_cells(const struct trn_raster *raster)
{
    return raster->height * raster->width;
}

static trnnsf_status start_sketch(struct sketch *sketch, const struct trn_connectivity *picture)
{
    trnnsf_context *ctx = sketch->ctx;
    size_t n_rows = picture->natural.n_rows, n_columns = picture->natural.n_columns;

    sketch->covered = trn_calloc(ctx, n_rows, n_columns);
    sketch->live_rows = TRN_NEW_ARRAY(ctx, uint8_t, n_rows);
    sketch->live_columns = TRN_NEW_ARRAY(ctx, uint8_t, n_columns);
    sketch->row_order = TRN_NEW_ARRAY(ctx, uint32_t, n_rows);
    sketch->row_position = TRN_NEW_ARRAY(ctx, uint32_t, n_rows);
    sketch->column_order = TRN_NEW_ARRAY(ctx, uint32_t, n_columns);
    sketch->column_position = TRN_NEW_ARRAY(ctx, uint32_t, n_columns);
    sketch->rank = TRN_NEW_ARRAY(ctx, uint32_t, picture->clusters);
    sketch->cells =
        trn_calloc(ctx, TRN_CONNECTIVITY_CELLS * TRN_CONNECTIVITY_CELLS, sizeof *sketch->cells);
    return sketch->covered && sketch->live_rows && sketch->live_columns && sketch->row_order &&
                   sketch->row_position && sketch->column_order && sketch->column_position &&
                   sketch->rank && sketch->cells
               ? TRNNSF_OK
               : TRNNSF_E_NO_MEMORY;
}

static void end_sketch(struct sketch *sketch)
{
    trn_free(sketch->ctx, sketch->covered);
    trn_free(sketch->ctx, sketch->live_rows);
    trn_free(sketch->ctx, sketch->live_columns);
    trn_free(sketch->ctx, sketch->row_order);
    trn_free(sketch->ctx, sketch->row_position);
    trn_free(sketch->ctx, sketch->column_order);
    trn_free(sketch->ctx, sketch->column_position);
    trn_free(sketch->ctx, sketch->rank);
    trn_free(sketch->ctx, sketch->cells);
}

static double cell_size(const struct trn_raster *raster, size_t cell)
{
    size_t rows = raster->n_rows - cell / raster->width * raster->bin;
    size_t columns = raster->n_columns - cell % raster->width * raster->bin;

    rows = rows < raster->bin ? rows : raster->bin;
    columns = columns < raster->bin ? columns : raster->bin;
    return (double)rows * (double)columns;
}

/* What part of a synapse's cell is looked for. */
enum share { SHARE_CLUSTERED, SHARE_RESIDUE, SHARE_COVERED };

static bool counts_as(enum share share, uint8_t kept, uint8_t covered)
{
    return share == SHARE_CLUSTERED ? kept && covered
           : share == SHARE_RESIDUE ? kept && !covered
                                    : covered;
}

/* out[height x width]: the share of each cell of the ordered matrix, 255 for all of it. */
static void draw_share(const struct sketch *sketch, const struct trn_connectivity *picture,
                       enum share share, uint8_t *out)
{
    const struct trn_raster *live = &picture->live;
    size_t n_columns = picture->natural.n_columns;
    double *cells = sketch->cells;

    memset(cells, 0, raster_cells(live) * sizeof *cells);
    for (size_t i = 0; i < live->n_rows; i++) {
        const uint8_t *mask = sketch->mask + sketch->row_order[i] * n_columns;
        const uint8_t *covered = sketch->covered + sketch->row_order[i] * n_columns;
        double *line = cells + i / live->bin * live->width;

        for (size_t j = 0; j < live->n_columns; j++) {
            uint32_t column = sketch->column_order[j];

            if (counts_as(share, mask[column], covered[column]))
                line[j / live->bin] += 1.0;
        }
    }
    for (size_t cell = 0; cell < raster_cells(live); cell++)
        out[cell] = (uint8_t)(255.0 * cells[cell] / cell_size(live, cell) + 0.5);
}

/* The 99th percentile of the cells (so that a few large weights do not make all others pale), or
 * the largest where fewer than 1 % are not zero. */
static double upper_magnitude(const double *cells, size_t n)
{
    size_t counts[MAGNITUDE_BINS] = {0}, above = 0;
    double largest = 0;

    for (size_t i = 0; i < n; i++)
        largest = cells[i] > largest ? cells[i] : largest;
    if (!(largest > 0))
        return 1;
    for (size_t i = 0; i < n; i++)
        counts[(size_t)(cells[i] / largest * (MAGNITUDE_BINS - 1))]++;
    for (size_t bin = MAGNITUDE_BINS - 1; bin > 0; bin--) {
        above += counts[bin];
        if (above * 100 >= n)
            return largest * (double)(bin + 1) / MAGNITUDE_BINS;
    }
    return largest;
}

static void draw_magnitude(const struct sketch *sketch, struct trn_connectivity *picture)
{
    const struct trn_raster *raster = &picture->natural;
    size_t n_cells = raster_cells(raster);
    double *cells = sketch->cells;

    memset(cells, 0, n_cells * sizeof *cells);
    for (size_t i = 0; i < raster->n_rows; i++) {
        const float *weights = sketch->weights + i * raster->n_columns;
        double *line = cells + i / raster->bin * raster->width;

        for (size_t j = 0; j < raster->n_columns; j++)
            line[j / raster->bin] += fabs((double)weights[j]);
    }
    for (size_t i = 0; i < n_cells; i++)
        cells[i] /= cell_size(raster, i);

    double upper = upper_magnitude(cells, n_cells);
    for (size_t i = 0; i < n_cells; i++)
        picture->magnitude[i] = (uint8_t)(255.0 * fmin(1.0, cells[i] / upper) + 0.5);
}

static void mark_covered(struct sketch *sketch, size_t n_columns)
{
    size_t count = sketch->clusters ? trnnsf_clusters_count(sketch->clusters) : 0;

    for (size_t i = 0; i < count; i++) {
        size_t rows, columns;
        const uint32_t *row = side(sketch->clusters, true, i, &rows);
        const uint32_t *column = side(sketch->clusters, false, i, &columns);

        for (size_t r = 0; r < rows; r++) {
            for (size_t c = 0; c < columns; c++)
                sketch->covered[row[r] * n_columns + column[c]] = 1;
        }
    }
}

static size_t count_live(const uint8_t *live, size_t n)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += live[i];
    return count;
}

static void find_live(struct sketch *sketch, struct trn_connectivity *picture)
{
    size_t n_rows = picture->natural.n_rows, n_columns = picture->natural.n_columns;

    for (size_t i = 0; i < n_rows; i++) {
        for (size_t j = 0; j < n_columns; j++) {
            sketch->live_rows[i] |= sketch->mask[i * n_columns + j];
            sketch->live_columns[j] |= sketch->mask[i * n_columns + j];
        }
    }

    size_t live_rows = count_live(sketch->live_rows, n_rows);
    size_t live_columns = count_live(sketch->live_columns, n_columns);
    lay_raster(&picture->live, live_rows ? live_rows : n_rows,
               live_columns ? live_columns : n_columns);
}

static trnnsf_status order_sides(struct sketch *sketch, struct trn_connectivity *picture)
{
    size_t n_rows = picture->natural.n_rows, n_columns = picture->natural.n_columns;

    if (sketch->clusters)
        TRN_TRY(trn_connectivity_rank(sketch->ctx, sketch->clusters, sketch->rank));
    TRN_TRY(trn_connectivity_order(sketch->ctx, sketch->clusters, sketch->rank, true,
                                   sketch->live_rows, n_rows, sketch->row_order));
    TRN_TRY(trn_connectivity_order(sketch->ctx, sketch->clusters, sketch->rank, false,
                                   sketch->live_columns, n_columns, sketch->column_order));
    for (size_t i = 0; i < n_rows; i++)
        sketch->row_position[sketch->row_order[i]] = (uint32_t)i;
    for (size_t j = 0; j < n_columns; j++)
        sketch->column_position[sketch->column_order[j]] = (uint32_t)j;
    return TRNNSF_OK;
}

static int compare_positions(const void *left, const void *right)
{
    const uint32_t *a = left, *b = right;

    return *a < *b ? -1 : *a > *b;
}

/* Runs of neighbouring positions below n_live: run i is first[i] … end[i] - 1. Returns how many. */
static size_t find_runs(const uint32_t *items, size_t n, const uint32_t *position, size_t n_live,
                        uint32_t *sorted, uint32_t *first, uint32_t *end)
{
    size_t runs = 0;

    for (size_t i = 0; i < n; i++)
        sorted[i] = position[items[i]];
    qsort(sorted, n, sizeof *sorted, compare_positions);
    for (size_t i = 0; i < n && sorted[i] < n_live; i++) {
        if (runs == 0 || sorted[i] != end[runs - 1])
            first[runs++] = sorted[i];
        end[runs - 1] = sorted[i] + 1;
    }
    return runs;
}

/* Later ranks first, so that a cell in several clusters shows its first. */
static void shade_clusters(const struct sketch *sketch, struct trn_connectivity *picture,
                           const uint32_t *by_rank)
{
    const struct trn_raster *live = &picture->live;

    for (size_t place = picture->clusters; place-- > 0;) {
        size_t rows, columns;
        const uint32_t *row = side(sketch->clusters, true, by_rank[place], &rows);
        const uint32_t *column = side(sketch->clusters, false, by_rank[place], &columns);

        for (size_t r = 0; r < rows; r++) {
            size_t y = sketch->row_position[row[r]];

            for (size_t c = 0; c < columns && y < live->n_rows; c++) {
                size_t x = sketch->column_position[column[c]];

                if (x < live->n_columns)
                    picture->shade[y / live->bin * live->width + x / live->bin] =
                        (uint8_t)(place % TRN_CONNECTIVITY_SHADES);
            }
        }
    }
}

static trnnsf_status shade_picture(const struct sketch *sketch, struct trn_connectivity *picture)
{
    uint32_t *by_rank = TRN_NEW_ARRAY(sketch->ctx, uint32_t, picture->clusters);

    if (!by_rank)
        return TRNNSF_E_NO_MEMORY;
    for (size_t i = 0; i < picture->clusters; i++)
        by_rank[sketch->rank[i]] = (uint32_t)i;
    shade_clusters(sketch, picture, by_rank);
    trn_free(sketch->ctx, by_rank);
    return TRNNSF_OK;
}

static trnnsf_status outline_clusters(struct sketch *sketch, struct trn_connectivity *picture)
{
    trnnsf_context *ctx = sketch->ctx;
    size_t rows, columns, longest = picture->natural.n_rows + picture->natural.n_columns;
    uint32_t *room = TRN_NEW_ARRAY(ctx, uint32_t, 5 * longest);

    if (!room)
        return TRNNSF_E_NO_MEMORY;
    uint32_t *row_first = room + longest, *row_end = room + 2 * longest;
    uint32_t *column_first = room + 3 * longest, *column_end = room + 4 * longest;
    for (size_t i = 0; i < picture->clusters; i++) {
        const uint32_t *row = side(sketch->clusters, true, i, &rows);
        const uint32_t *column = side(sketch->clusters, false, i, &columns);

        rows = find_runs(row, rows, sketch->row_position, picture->live.n_rows, room, row_first,
                         row_end);
        columns = find_runs(column, columns, sketch->column_position, picture->live.n_columns, room,
                            column_first, column_end);
        for (size_t r = 0; r < rows; r++) {
            for (size_t c = 0; c < columns && picture->n_outlines < TRN_CONNECTIVITY_OUTLINES; c++)
                picture->outlines[picture->n_outlines++] =
                    (struct trn_outline){row_first[r], row_end[r], column_first[c], column_end[c]};
        }
    }
    trn_free(ctx, room);
    return TRNNSF_OK;
}

static trnnsf_status allocate(trnnsf_context *ctx, struct trn_connectivity *picture)
{
    size_t cells = raster_cells(&picture->live);

    picture->magnitude = TRN_NEW_ARRAY(ctx, uint8_t, raster_cells(&picture->natural));
    picture->clustered = TRN_NEW_ARRAY(ctx, uint8_t, cells);
    picture->residue = TRN_NEW_ARRAY(ctx, uint8_t, cells);
    picture->covered = TRN_NEW_ARRAY(ctx, uint8_t, cells);
    picture->shade = TRN_NEW_ARRAY(ctx, uint8_t, cells);
    picture->outlines = TRN_NEW_ARRAY(ctx, struct trn_outline, TRN_CONNECTIVITY_OUTLINES);
    return picture->magnitude && picture->clustered && picture->residue && picture->covered &&
                   picture->shade && picture->outlines
               ? TRNNSF_OK
               : TRNNSF_E_NO_MEMORY;
}

trnnsf_status trn_connectivity_create(trnnsf_context *ctx, size_t n_rows, size_t n_columns,
                                      const float *weights, const uint8_t *mask,
                                      const trnnsf_clusters *clusters,
                                      struct trn_connectivity **out_connectivity)
{
    struct sketch sketch = {.ctx = ctx, .clusters = clusters, .weights = weights, .mask = mask};
    struct trn_connectivity *picture = TRN_NEW(ctx, struct trn_connectivity);
    trnnsf_status status = TRNNSF_OK;

    if (!picture)
        return TRNNSF_E_NO_MEMORY;
    picture->clusters = clusters ? trnnsf_clusters_count(clusters) : 0;
    lay_raster(&picture->natural, n_rows, n_columns);
    TRN_TRY_OUT(start_sketch(&sketch, picture));
    mark_covered(&sketch, n_columns);
    find_live(&sketch, picture);
    TRN_TRY_OUT(order_sides(&sketch, picture));
    TRN_TRY_OUT(allocate(ctx, picture));
    draw_magnitude(&sketch, picture);
    draw_share(&sketch, picture, SHARE_CLUSTERED, picture->clustered);
    draw_share(&sketch, picture, SHARE_RESIDUE, picture->residue);
    draw_share(&sketch, picture, SHARE_COVERED, picture->covered);
    TRN_TRY_OUT(shade_picture(&sketch, picture));
    TRN_TRY_OUT(outline_clusters(&sketch, picture));
    *out_connectivity = picture;
    picture = NULL;
out:
    end_sketch(&sketch);
    trn_connectivity_free(ctx, picture);
    return status;
}

void trn_connectivity_free(trnnsf_context *ctx, struct trn_connectivity *connectivity)
{
    if (!connectivity)
        return;
    trn_free(ctx, connectivity->magnitude);
    trn_free(ctx, connectivity->clustered);
    trn_free(ctx, connectivity->residue);
    trn_free(ctx, connectivity->covered);
    trn_free(ctx, connectivity->shade);
    trn_free(ctx, connectivity->outlines);
    trn_free(ctx, connectivity);
}
