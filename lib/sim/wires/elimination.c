#include "sim/wires/elimination.h"

#include <string.h>

#include "base/alloc.h"
#include "base/context.h"
#include "sim/wires/front.h"
#include "tensor/rank_update.h"

/* Cells that are eliminated in one front at the bottom; chosen here by time. */
enum { LEAF_CELLS = 8 };
#define NO_PLACE UINT32_MAX

/* The rows of one front. Fronts are listed in the order of elimination. */
struct rows {
    struct rows *previous, *next;
    size_t inner, size;
    uint32_t *node; /* size */
    double *value;  /* row k has size - k: its root, then c / root of the nodes after it */
};

struct trn_elimination {
    trnnsf_context *ctx;
    struct trn_grid grid;
    bool cblas;
    struct rows *first, *last;
    struct rows *reuse; /* the next of an earlier elimination, which had the same fronts */
    uint32_t *place;    /* of each node in the front at hand */
    /* Two stacks: networks that wait for their neighbour, and the front at hand on top. */
    uint32_t *nodes;
    double *values;
    size_t n_nodes, n_values;
    /* Of the elimination that runs. */
    const double *cells;
    bool keep;
};

/* What is left of a rectangle: conductances between the nodes at its rim. */
struct piece {
    size_t size;
    uint32_t *nodes;
    double *values; /* [size x size], above the diagonal */
};

static size_t height(const struct trn_rectangle *r)
{
    return r->end_row - r->first_row;
}

static size_t width(const struct trn_rectangle *r)
{
    return r->end_column - r->first_column;
}

/* Halves the longer side; false for a leaf. */
static bool split(const struct trn_rectangle *r, struct trn_rectangle parts[2])
{
    if (height(r) * width(r) <= LEAF_CELLS)
        return false;
    parts[0] = parts[1] = *r;
    if (height(r) > width(r))
        parts[0].end_row = parts[1].first_row = r->first_row + (height(r) + 1) / 2;
    else
        parts[0].end_column = parts[1].first_column = r->first_column + (width(r) + 1) / 2;
    return true;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* The most that the two stacks hold while the rectangle is reduced. A rim has at most two nodes for
 * each row and column; a front in addition one for each wire cut. */
static void stack_bounds(const struct trn_rectangle *r, size_t *out_nodes, size_t *out_values)
{
    size_t front = 2 * (height(r) + width(r)), rim[2] = {0}, nodes[2] = {0}, values[2] = {0};
    struct trn_rectangle parts[2];

    if (split(r, parts)) {
        front += height(r) > width(r) ? width(r) : height(r);
        for (size_t p = 0; p < 2; p++) {
            stack_bounds(&parts[p], &nodes[p], &values[p]);
            rim[p] = 2 * (height(&parts[p]) + width(&parts[p]));
        }
    } else {
        front += 2 * height(r) * width(r);
    }
    /* The second part is reduced on top of what is left of the first one. */
    *out_nodes = larger(larger(nodes[0], rim[0] + nodes[1]), rim[0] + rim[1] + front);
    *out_values = larger(larger(values[0], rim[0] * rim[0] + values[1]),
                         rim[0] * rim[0] + rim[1] * rim[1] + front * front);
}

trnnsf_status trn_elimination_create(trnnsf_context *ctx, const struct trn_grid *grid,
                                     struct trn_elimination **out_elimination)
{
    struct trn_rectangle all = {0, grid->n, 0, grid->m};
    trnnsf_status status = TRNNSF_OK;
    size_t n_nodes, n_values;
    struct trn_elimination *elimination = TRN_NEW(ctx, struct trn_elimination);

    if (!elimination)
        return TRNNSF_E_NO_MEMORY;
    elimination->ctx = trn_context_retain(ctx);
    elimination->grid = *grid;
    TRN_TRY_OUT(trn_rank_update_choose(ctx, &elimination->cblas));
    stack_bounds(&all, &n_nodes, &n_values);
    elimination->nodes = trn_malloc(ctx, n_nodes, sizeof *elimination->nodes);
    TRN_NEED_OUT(elimination->nodes);
    /* Not cleared: most of a bound is never touched. */
    elimination->values = trn_malloc(ctx, n_values, sizeof *elimination->values);
    TRN_NEED_OUT(elimination->values);
    elimination->place = trn_malloc(ctx, trn_grid_numbers(grid), sizeof *elimination->place);
    TRN_NEED_OUT(elimination->place);
    memset(elimination->place, 0xff, trn_grid_numbers(grid) * sizeof *elimination->place);
out:
    if (status == TRNNSF_OK)
        *out_elimination = elimination;
    else
        trn_elimination_free(elimination);
    return status;
}

static void rows_free(trnnsf_context *ctx, struct rows *rows)
{
    if (!rows)
        return;
    trn_free(ctx, rows->node);
    trn_free(ctx, rows->value);
    trn_free(ctx, rows);
}

void trn_elimination_free(struct trn_elimination *elimination)
{
    if (!elimination)
        return;

    trnnsf_context *ctx = elimination->ctx;

    for (struct rows *rows = elimination->first, *next; rows; rows = next) {
        next = rows->next;
        rows_free(ctx, rows);
    }
    trn_free(ctx, elimination->place);
    trn_free(ctx, elimination->values);
    trn_free(ctx, elimination->nodes);
    trn_free(ctx, elimination);
    trn_context_release(ctx);
}

/* Takes nodes that have no place yet into the front: those inside the rectangle, or the others. */
static void take(struct trn_elimination *e, const struct trn_rectangle *r, bool inside,
                 size_t count, const uint32_t *nodes, struct piece *front)
{
    for (size_t i = 0; i < count; i++) {
        if (e->place[nodes[i]] == NO_PLACE && trn_grid_inside(&e->grid, nodes[i], r) == inside) {
            e->place[nodes[i]] = (uint32_t)front->size;
            front->nodes[front->size++] = nodes[i];
        }
    }
}

static void begin_front(struct trn_elimination *e, struct piece *front)
{
    front->size = 0;
    front->nodes = e->nodes + e->n_nodes;
    front->values = e->values + e->n_values;
}

static void clear_front(const struct piece *front)
{
    memset(front->values, 0, front->size * front->size * sizeof *front->values);
}

static void add(const struct piece *front, size_t a, size_t b, double conductance)
{
    if (a != b)
        front->values[a < b ? a * front->size + b : b * front->size + a] += conductance;
}

static void take_cells(struct trn_elimination *e, const struct trn_rectangle *r, bool inside,
                       struct piece *front)
{
    struct trn_edge edges[TRN_CELL_EDGES];

    for (size_t i = r->first_row; i < r->end_row; i++) {
        for (size_t j = r->first_column; j < r->end_column; j++) {
            size_t count = trn_grid_edges(&e->grid, i, j, 0, edges);

            for (size_t k = 0; k < count; k++) {
                take(e, r, inside, 1, &edges[k].a, front);
                take(e, r, inside, 1, &edges[k].b, front);
            }
        }
    }
}

/* The front of a leaf, from its cells; returns how many of its nodes come first as inner ones. */
static size_t leaf_front(struct trn_elimination *e, const struct trn_rectangle *r,
                         struct piece *front)
{
    struct trn_edge edges[TRN_CELL_EDGES];
    size_t inner;

    begin_front(e, front);
    take_cells(e, r, true, front);
    inner = front->size;
    take_cells(e, r, false, front);
    clear_front(front);
    for (size_t i = r->first_row; i < r->end_row; i++) {
        for (size_t j = r->first_column; j < r->end_column; j++) {
            size_t count = trn_grid_edges(&e->grid, i, j, e->cells[i * e->grid.m + j], edges);

            for (size_t k = 0; k < count; k++)
                add(front, e->place[edges[k].a], e->place[edges[k].b], edges[k].conductance);
        }
    }
    return inner;
}

/* Takes the piece's nodes for their places: the front has its own list of them. */
static void add_piece(const struct trn_elimination *e, const struct piece *part,
                      const struct piece *front)
{
    for (size_t i = 0; i < part->size; i++)
        part->nodes[i] = e->place[part->nodes[i]];
    for (size_t i = 0; i < part->size; i++) {
        size_t a = part->nodes[i];
        const double *row = part->values + i * part->size;

        for (size_t j = i + 1; j < part->size; j++)
            add(front, a, part->nodes[j], row[j]);
    }
}

static size_t merged_front(struct trn_elimination *e, const struct trn_rectangle *r,
                           const struct piece parts[2], struct piece *front)
{
    size_t inner;

    begin_front(e, front);
    for (size_t p = 0; p < 2; p++)
        take(e, r, true, parts[p].size, parts[p].nodes, front);
    inner = front->size;
    for (size_t p = 0; p < 2; p++)
        take(e, r, false, parts[p].size, parts[p].nodes, front);
    clear_front(front);
    for (size_t p = 0; p < 2; p++)
        add_piece(e, &parts[p], front);
    return inner;
}

static trnnsf_status rows_new(struct trn_elimination *e, const struct piece *front, size_t inner,
                              struct rows **out_rows)
{
    size_t n_values = inner * front->size - inner * (inner - 1) / 2;
    trnnsf_status status = TRNNSF_OK;
    struct rows *rows = TRN_NEW(e->ctx, struct rows);

    if (!rows)
        return TRNNSF_E_NO_MEMORY;
    rows->inner = inner;
    rows->size = front->size;
    rows->node = trn_copy(e->ctx, front->nodes, front->size, sizeof *rows->node);
    TRN_NEED_OUT(rows->node);
    rows->value = trn_malloc(e->ctx, n_values, sizeof *rows->value);
    TRN_NEED_OUT(rows->value);
out:
    if (status == TRNNSF_OK)
        *out_rows = rows;
    else
        rows_free(e->ctx, rows);
    return status;
}

static trnnsf_status keep_rows(struct trn_elimination *e, const struct piece *front, size_t inner)
{
    struct rows *rows = e->reuse;
    double *to;

    if (inner == 0)
        return TRNNSF_OK;
    if (rows) {
        e->reuse = rows->next;
    } else {
        TRN_TRY(rows_new(e, front, inner, &rows));
        rows->previous = e->last;
        if (e->last)
            e->last->next = rows;
        else
            e->first = rows;
        e->last = rows;
    }
    to = rows->value;
    for (size_t k = 0; k < inner; k++) {
        memcpy(to, front->values + k * front->size + k, (front->size - k) * sizeof *to);
        to += front->size - k;
    }
    return TRNNSF_OK;
}

/* Moves the outer part of the front down to where the stacks stood before the rectangle. */
static void settle(struct trn_elimination *e, const struct piece *front, size_t inner,
                   size_t nodes_before, size_t values_before, struct piece *out)
{
    for (size_t i = 0; i < front->size; i++)
        e->place[front->nodes[i]] = NO_PLACE;
    out->size = front->size - inner;
    out->nodes = e->nodes + nodes_before;
    out->values = e->values + values_before;
    memmove(out->nodes, front->nodes + inner, out->size * sizeof *out->nodes);
    for (size_t i = 0; i < out->size; i++)
        memmove(out->values + i * out->size + i,
                front->values + (inner + i) * front->size + inner + i,
                (out->size - i) * sizeof *out->values);
    e->n_nodes = nodes_before + out->size;
    e->n_values = values_before + out->size * out->size;
}

/* The depth is the logarithm of the sides. */
static trnnsf_status reduce(struct trn_elimination *e, const struct trn_rectangle *r,
                            struct piece *out)
{
    size_t nodes_before = e->n_nodes, values_before = e->n_values, inner;
    struct trn_rectangle halves[2];
    struct piece parts[2], front;

    if (split(r, halves)) {
        TRN_TRY(reduce(e, &halves[0], &parts[0]));
        TRN_TRY(reduce(e, &halves[1], &parts[1]));
        TRN_TRY(trn_cancelled(e->ctx, "wires"));
        inner = merged_front(e, r, parts, &front);
    } else {
        inner = leaf_front(e, r, &front);
    }
    trn_front_eliminate(e->cblas, front.size, inner, front.values);
    if (e->keep)
        TRN_TRY(keep_rows(e, &front, inner));
    settle(e, &front, inner, nodes_before, values_before, out);
    return TRNNSF_OK;
}

/* All that is left are terminals. */
static void read_transfer(const struct trn_elimination *e, const struct piece *rest,
                          double *transfer)
{
    size_t n = e->grid.n, m = e->grid.m;

    memset(transfer, 0, n * m * sizeof *transfer);
    for (size_t a = 0; a < rest->size; a++) {
        for (size_t b = a + 1; b < rest->size; b++) {
            size_t low = rest->nodes[a], high = rest->nodes[b];

            if (low > high) {
                low = high;
                high = rest->nodes[a];
            }
            if (low < n && high >= n)
                transfer[(high - n) * n + low] = rest->values[a * rest->size + b];
        }
    }
}

trnnsf_status trn_eliminate(struct trn_elimination *elimination, const double *cells, bool keep,
                            double *transfer)
{
    struct trn_rectangle all = {0, elimination->grid.n, 0, elimination->grid.m};
    trnnsf_status status;
    struct piece rest;

    elimination->cells = cells;
    elimination->keep = keep;
    elimination->reuse = elimination->first;
    elimination->n_nodes = elimination->n_values = 0;
    status = reduce(elimination, &all, &rest);
    if (status == TRNNSF_OK)
        read_transfer(elimination, &rest, transfer);
    return status;
}

void trn_elimination_up(const struct trn_elimination *elimination, double *current)
{
    for (const struct rows *rows = elimination->first; rows; rows = rows->next) {
        const double *row = rows->value;

        for (size_t k = 0; k < rows->inner; k++) {
            double scaled = current[rows->node[k]] / row[0];

            current[rows->node[k]] = scaled;
            for (size_t j = k + 1; j < rows->size; j++)
                current[rows->node[j]] += row[j - k] * scaled;
            row += rows->size - k;
        }
    }
}

/* Four partial sums. */
static double weighted_sum(size_t count, const double *weight, const double *voltage,
                           const uint32_t *node)
{
    double sum[4] = {0};
    size_t j = 0;

    for (; j + 4 <= count; j += 4) {
        for (size_t l = 0; l < 4; l++)
            sum[l] += weight[j + l] * voltage[node[j + l]];
    }
    for (; j < count; j++)
        sum[0] += weight[j] * voltage[node[j]];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static void weighted_sums(size_t count, const double *weight, const double *voltage,
                          const uint32_t *node, double *restrict out)
{
    double sum[TRN_LANES] = {0};

    for (size_t j = 0; j < count; j++) {
        const double *from = voltage + (size_t)node[j] * TRN_LANES;

        for (size_t l = 0; l < TRN_LANES; l++)
            sum[l] += weight[j] * from[l];
    }
    memcpy(out, sum, sizeof sum);
}

void trn_elimination_down(const struct trn_elimination *elimination, size_t lanes,
                          const double *current, double *voltage)
{
    for (const struct rows *rows = elimination->last; rows; rows = rows->previous) {
        const double *row =
            rows->value + rows->inner * rows->size - rows->inner * (rows->inner - 1) / 2;

        for (size_t k = rows->inner; k-- > 0;) {
            size_t count = rows->size - k - 1, number = rows->node[k];
            const uint32_t *node = rows->node + k + 1;

            row -= count + 1;
            if (lanes == 1) {
                double sum = weighted_sum(count, row + 1, voltage, node);

                voltage[number] = (sum + (current ? current[number] : 0)) / row[0];
            } else {
                double sums[TRN_LANES];

                weighted_sums(count, row + 1, voltage, node, sums);
                for (size_t l = 0; l < TRN_LANES; l++)
                    voltage[number * TRN_LANES + l] = sums[l] / row[0];
            }
        }
    }
}
