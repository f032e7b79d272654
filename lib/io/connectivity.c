#include "io/connectivity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/context.h"

enum { MAGNITUDE_BINS = 1024 };

/* One neuron and the clusters that hold it, largest first. */
struct member {
    const uint32_t *ranks;
    size_t n_ranks;
    uint32_t neuron;
    bool live;
};

static int compare_members(const void *left, const void *right)
{
    const struct member *a = left, *b = right;

    if (a->live != b->live)
        return a->live ? -1 : 1;
    if ((a->n_ranks == 0) != (b->n_ranks == 0))
        return a->n_ranks ? -1 : 1;
    for (size_t i = 0; i < a->n_ranks && i < b->n_ranks; i++) {
        if (a->ranks[i] != b->ranks[i])
            return a->ranks[i] < b->ranks[i] ? -1 : 1;
    }
    if (a->n_ranks != b->n_ranks)
        return a->n_ranks < b->n_ranks ? -1 : 1;
    return a->neuron < b->neuron ? -1 : a->neuron > b->neuron;
}

struct ranked {
    size_t area;
    uint32_t cluster;
};

static int compare_ranked(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;

    if (a->area != b->area)
        return a->area > b->area ? -1 : 1;
    return a->cluster < b->cluster ? -1 : a->cluster > b->cluster;
}

static const uint32_t *side(const trnnsf_clusters *clusters, bool rows, size_t i, size_t *out_n)
{
    return rows ? trnnsf_clusters_outputs(clusters, i, out_n)
                : trnnsf_clusters_inputs(clusters, i, out_n);
}

/* Ranks of all clusters by area: by_rank[0] is the largest. */
static void rank_clusters(const trnnsf_clusters *clusters, size_t count, struct ranked *by_rank)
{
    for (size_t i = 0; i < count; i++) {
        size_t n_rows, n_columns;

        side(clusters, true, i, &n_rows);
        side(clusters, false, i, &n_columns);
        by_rank[i] = (struct ranked){n_rows * n_columns, (uint32_t)i};
    }
    qsort(by_rank, count, sizeof *by_rank, compare_ranked);
}

trnnsf_status trn_connectivity_order(trnnsf_context *ctx, const trnnsf_clusters *clusters,
                                     bool rows, const uint8_t *live, size_t n, uint32_t *order)
{
    size_t count = clusters ? trnnsf_clusters_count(clusters) : 0, all = 0, size;
    trnnsf_status status = TRNNSF_OK;
    struct ranked *by_rank = TRN_NEW_ARRAY(ctx, struct ranked, count);
    struct member *members = TRN_NEW_ARRAY(ctx, struct member, n);
    size_t *start = TRN_NEW_ARRAY(ctx, size_t, n + 1);
    uint32_t *ranks = NULL;

    TRN_NEED_OUT(by_rank);
    TRN_NEED_OUT(members);
    TRN_NEED_OUT(start);
    rank_clusters(clusters, count, by_rank);
    for (size_t i = 0; i < count; i++) {
        const uint32_t *items = side(clusters, rows, i, &size);

        for (size_t k = 0; k < size; k++)
            start[items[k] + 1]++;
        all += size;
    }
    for (size_t i = 0; i < n; i++)
        start[i + 1] += start[i];
    ranks = TRN_NEW_ARRAY(ctx, uint32_t, all);
    TRN_NEED_OUT(ranks);
    for (size_t i = 0; i < n; i++)
        members[i] = (struct member){ranks + start[i], 0, (uint32_t)i, live[i] != 0};
    for (size_t rank = 0; rank < count; rank++) {
        const uint32_t *items = side(clusters, rows, by_rank[rank].cluster, &size);

        for (size_t k = 0; k < size; k++)
            ranks[start[items[k]] + members[items[k]].n_ranks++] = (uint32_t)rank;
    }
    qsort(members, n, sizeof *members, compare_members);
    for (size_t i = 0; i < n; i++)
        order[i] = members[i].neuron;
out:
    trn_free(ctx, ranks);
    trn_free(ctx, start);
    trn_free(ctx, members);
    trn_free(ctx, by_rank);
    return status;
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
    double *cells;
};

static trnnsf_status start_sketch(struct sketch *sketch, const struct trn_connectivity *picture)
{
    trnnsf_context *ctx = sketch->ctx;
    size_t n_rows = picture->n_rows, n_columns = picture->n_columns;

    sketch->covered = trn_calloc(ctx, n_rows, n_columns);
    sketch->live_rows = TRN_NEW_ARRAY(ctx, uint8_t, n_rows);
    sketch->live_columns = TRN_NEW_ARRAY(ctx, uint8_t, n_columns);
    sketch->row_order = TRN_NEW_ARRAY(ctx, uint32_t, n_rows);
    sketch->row_position = TRN_NEW_ARRAY(ctx, uint32_t, n_rows);
    sketch->column_order = TRN_NEW_ARRAY(ctx, uint32_t, n_columns);
    sketch->column_position = TRN_NEW_ARRAY(ctx, uint32_t, n_columns);
    sketch->cells = TRN_NEW_ARRAY(ctx, double, picture->width * picture->height);
    return sketch->covered && sketch->live_rows && sketch->live_columns && sketch->row_order &&
                   sketch->row_position && sketch->column_order && sketch->column_position &&
                   sketch->cells
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
    trn_free(sketch->ctx, sketch->cells);
}

static double cell_size(const struct trn_connectivity *picture, size_t y, size_t x)
{
    size_t rows = picture->n_rows - y * picture->bin,
           columns = picture->n_columns - x * picture->bin;

    rows = rows < picture->bin ? rows : picture->bin;
    columns = columns < picture->bin ? columns : picture->bin;
    return (double)rows * (double)columns;
}

/* cells[height x width]: mean of `values` (bytes 0 or 1, or weights) over each cell, ordered. */
static void mean_bytes(const struct sketch *sketch, const struct trn_connectivity *picture,
                       bool in_mask, bool in_cover, bool not_in_cover, uint8_t *out)
{
    double *cells = sketch->cells;

    memset(cells, 0, picture->width * picture->height * sizeof *cells);
    for (size_t i = 0; i < picture->n_rows; i++) {
        const uint8_t *mask = sketch->mask + i * picture->n_columns;
        const uint8_t *covered = sketch->covered + i * picture->n_columns;
        double *line = cells + sketch->row_position[i] / picture->bin * picture->width;

        for (size_t j = 0; j < picture->n_columns; j++) {
            if ((in_mask && !mask[j]) || (in_cover && !covered[j]) || (not_in_cover && covered[j]))
                continue;
            line[sketch->column_position[j] / picture->bin] += 1.0;
        }
    }
    for (size_t y = 0; y < picture->height; y++) {
        for (size_t x = 0; x < picture->width; x++) {
            size_t cell = y * picture->width + x;

            out[cell] = (uint8_t)(255.0 * cells[cell] / cell_size(picture, y, x) + 0.5);
        }
    }
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
    size_t n_cells = picture->width * picture->height;
    double *cells = sketch->cells;

    memset(cells, 0, n_cells * sizeof *cells);
    for (size_t i = 0; i < picture->n_rows; i++) {
        const float *weights = sketch->weights + i * picture->n_columns;
        double *line = cells + i / picture->bin * picture->width;

        for (size_t j = 0; j < picture->n_columns; j++)
            line[j / picture->bin] += fabs((double)weights[j]);
    }
    for (size_t i = 0; i < n_cells; i++)
        cells[i] /= cell_size(picture, i / picture->width, i % picture->width);

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

static trnnsf_status order_sides(struct sketch *sketch, struct trn_connectivity *picture)
{
    size_t n_rows = picture->n_rows, n_columns = picture->n_columns;

    for (size_t i = 0; i < n_rows; i++) {
        for (size_t j = 0; j < n_columns; j++) {
            sketch->live_rows[i] |= sketch->mask[i * n_columns + j];
            sketch->live_columns[j] |= sketch->mask[i * n_columns + j];
        }
    }
    picture->live_rows = count_live(sketch->live_rows, n_rows);
    picture->live_columns = count_live(sketch->live_columns, n_columns);
    TRN_TRY(trn_connectivity_order(sketch->ctx, sketch->clusters, true, sketch->live_rows, n_rows,
                                   sketch->row_order));
    TRN_TRY(trn_connectivity_order(sketch->ctx, sketch->clusters, false, sketch->live_columns,
                                   n_columns, sketch->column_order));
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

/* Runs of neighbouring positions: run i is first[i] … end[i] - 1. Returns how many. */
static size_t find_runs(const uint32_t *items, size_t n, const uint32_t *position, uint32_t *sorted,
                        uint32_t *first, uint32_t *end)
{
    size_t runs = 0;

    for (size_t i = 0; i < n; i++)
        sorted[i] = position[items[i]];
    qsort(sorted, n, sizeof *sorted, compare_positions);
    for (size_t i = 0; i < n; i++) {
        if (runs == 0 || sorted[i] != end[runs - 1])
            first[runs++] = sorted[i];
        end[runs - 1] = sorted[i] + 1;
    }
    return runs;
}

static trnnsf_status outline_clusters(struct sketch *sketch, struct trn_connectivity *picture)
{
    trnnsf_context *ctx = sketch->ctx;
    size_t rows, columns, longest = picture->n_rows + picture->n_columns;
    uint32_t *room = TRN_NEW_ARRAY(ctx, uint32_t, 5 * longest);

    if (!room)
        return TRNNSF_E_NO_MEMORY;
    uint32_t *row_first = room + longest, *row_end = room + 2 * longest;
    uint32_t *column_first = room + 3 * longest, *column_end = room + 4 * longest;
    for (size_t i = 0; i < picture->clusters; i++) {
        const uint32_t *row = side(sketch->clusters, true, i, &rows);
        const uint32_t *column = side(sketch->clusters, false, i, &columns);

        rows = find_runs(row, rows, sketch->row_position, room, row_first, row_end);
        columns =
            find_runs(column, columns, sketch->column_position, room, column_first, column_end);
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
    size_t longer = picture->n_rows > picture->n_columns ? picture->n_rows : picture->n_columns;
    size_t cells;

    picture->bin = (longer + TRN_CONNECTIVITY_CELLS - 1) / TRN_CONNECTIVITY_CELLS;
    picture->height = (picture->n_rows + picture->bin - 1) / picture->bin;
    picture->width = (picture->n_columns + picture->bin - 1) / picture->bin;
    cells = picture->height * picture->width;
    picture->magnitude = TRN_NEW_ARRAY(ctx, uint8_t, cells);
    picture->clustered = TRN_NEW_ARRAY(ctx, uint8_t, cells);
    picture->residue = TRN_NEW_ARRAY(ctx, uint8_t, cells);
    picture->covered = TRN_NEW_ARRAY(ctx, uint8_t, cells);
    picture->outlines = TRN_NEW_ARRAY(ctx, struct trn_outline, TRN_CONNECTIVITY_OUTLINES);
    return picture->magnitude && picture->clustered && picture->residue && picture->covered &&
                   picture->outlines
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
    picture->n_rows = n_rows;
    picture->n_columns = n_columns;
    picture->clusters = clusters ? trnnsf_clusters_count(clusters) : 0;
    TRN_TRY_OUT(allocate(ctx, picture));
    TRN_TRY_OUT(start_sketch(&sketch, picture));
    mark_covered(&sketch, picture->n_columns);
    TRN_TRY_OUT(order_sides(&sketch, picture));
    draw_magnitude(&sketch, picture);
    mean_bytes(&sketch, picture, true, true, false, picture->clustered);
    mean_bytes(&sketch, picture, true, false, true, picture->residue);
    mean_bytes(&sketch, picture, false, true, false, picture->covered);
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
    trn_free(ctx, connectivity->outlines);
    trn_free(ctx, connectivity);
}
