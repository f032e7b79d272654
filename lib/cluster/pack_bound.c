#include "cluster/pack_bound.h"

#include <string.h>

#include "base/alloc.h"
#include "base/context.h"

/* Rounding of sums must not make a bound of what it is not. */
static const double slack = 1e-9;

/* Saliences by the leading 16 bits of their float: few enough to count, fine enough to within 1 %,
 * and that only in the one bin where a count ends. */
enum { BINS = 65536 };

struct bins {
    uint64_t *count; /* the most salient first */
    double *sum, *largest;
    double total;
};

static size_t bin_of(float salience)
{
    uint32_t bits;

    memcpy(&bits, &salience, sizeof bits);
    return BINS - 1 - (bits >> 16);
}

static trnnsf_status make_bins(trnnsf_context *ctx, struct bins *bins)
{
    bins->count = TRN_NEW_ARRAY(ctx, uint64_t, BINS);
    bins->sum = TRN_NEW_ARRAY(ctx, double, BINS);
    bins->largest = TRN_NEW_ARRAY(ctx, double, BINS);
    return bins->count && bins->sum && bins->largest ? TRNNSF_OK : TRN_NO_MEMORY;
}

static void free_bins(trnnsf_context *ctx, struct bins *bins)
{
    trn_free(ctx, bins->count);
    trn_free(ctx, bins->sum);
    trn_free(ctx, bins->largest);
}

static void fill_bins(const struct trnnsf_matrix *matrix, double scale, struct bins *bins)
{
    for (size_t e = 0; e < trn_sparse_nonzeros(matrix); e++) {
        double salience = trn_salience(matrix, e) * scale;
        size_t bin = bin_of((float)salience);

        if (!(salience > 0))
            continue;
        bins->count[bin]++;
        bins->sum[bin] += salience;
        bins->largest[bin] = fmax(bins->largest[bin], salience);
        bins->total += salience;
    }
}

/* At least the sum of the `cells` largest. */
static double most_of(const struct bins *bins, double cells)
{
    double sum = 0;

    for (size_t b = 0; b < BINS && cells > 0; b++) {
        double count = (double)bins->count[b];

        sum += count <= cells ? bins->sum[b] : fmin(bins->sum[b], cells * bins->largest[b]);
        cells -= count;
    }
    return fmin(sum, bins->total);
}

/* At most as many as it takes to reach `wanted`. */
static double fewest_for(const struct bins *bins, double wanted)
{
    double cells = 0;

    for (size_t b = 0; b < BINS && wanted > 0; b++) {
        if (bins->count[b] == 0)
            continue;
        cells += bins->sum[b] <= wanted ? (double)bins->count[b] : ceil(wanted / bins->largest[b]);
        wanted -= bins->sum[b];
    }
    return cells;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Cells of a shape that lie on the matrix. */
static double cells_of(const struct trn_pack_shape *shape, const struct trnnsf_matrix *matrix)
{
    return (double)smaller(shape->rows, matrix->n_rows) *
           (double)smaller(shape->columns, matrix->n_columns);
}

/* Where all shapes cost the same, costs come in multiples of that. */
static double whole(const struct trn_pack_pool *pool, double cost)
{
    double unit = pool->shape[0].cost;

    for (size_t s = 1; s < pool->count; s++) {
        if (pool->shape[s].cost < unit || pool->shape[s].cost > unit)
            return cost;
    }
    return ceil(cost / unit * (1 - slack)) * unit;
}

/* The least cost of crossbars that hold `counts[lines]` connections: least[d] is what a line with d
 * of them takes at least, its share of each crossbar it is on counted (a covering knapsack).
 * `across`: lines are inputs. */
static trnnsf_status cost_by_lines(trnnsf_context *ctx, const struct trn_pack_pool *pool,
                                   const uint32_t *counts, size_t lines, bool across, double *out)
{
    uint32_t longest = 0;
    double cost = 0;

    for (size_t i = 0; i < lines; i++)
        longest = counts[i] > longest ? counts[i] : longest;
    double *least = trn_malloc(ctx, (size_t)longest + 1, sizeof *least);
    if (!least)
        return TRNNSF_E_NO_MEMORY;
    least[0] = 0;
    for (size_t d = 1; d <= longest; d++) {
        least[d] = INFINITY;
        for (size_t s = 0; s < pool->count; s++) {
            const struct trn_pack_shape *shape = &pool->shape[s];
            size_t length = across ? shape->rows : shape->columns;
            size_t sharers = smaller(across ? shape->columns : shape->rows, lines);
            size_t rest = d > length ? d - length : 0;

            least[d] = fmin(least[d], least[rest] + shape->cost / (double)sharers);
        }
    }
    for (size_t i = 0; i < lines; i++)
        cost += least[counts[i]];
    trn_free(ctx, least);
    *out = cost;
    return TRNNSF_OK;
}

trnnsf_status trn_pack_bound_lines(trnnsf_context *ctx, const struct trn_pack_pool *pool,
                                   const uint32_t *row_counts, size_t rows,
                                   const uint32_t *column_counts, size_t columns, double *out)
{
    double by_rows, by_columns;

    TRN_TRY(cost_by_lines(ctx, pool, row_counts, rows, false, &by_rows));
    TRN_TRY(cost_by_lines(ctx, pool, column_counts, columns, true, &by_columns));
    *out = whole(pool, fmax(by_rows, by_columns));
    return TRNNSF_OK;
}

static trnnsf_status cost_of_all(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                 const struct trn_pack_pool *pool, double *out)
{
    trnnsf_status status;
    uint32_t *rows = TRN_NEW_ARRAY(ctx, uint32_t, matrix->n_rows);
    uint32_t *columns = TRN_NEW_ARRAY(ctx, uint32_t, matrix->n_columns);

    TRN_NEED_OUT(rows);
    TRN_NEED_OUT(columns);
    for (size_t i = 0; i < matrix->n_rows; i++) {
        for (size_t e = matrix->row_start[i]; e < matrix->row_start[i + 1]; e++) {
            if (!(trn_salience(matrix, e) > 0))
                continue;
            rows[i]++;
            columns[matrix->column[e]]++;
        }
    }
    TRN_TRY_OUT(trn_pack_bound_lines(ctx, pool, rows, matrix->n_rows, columns, matrix->n_columns,
                                     out));
out:
    trn_free(ctx, rows);
    trn_free(ctx, columns);
    return status;
}

static double least_cost(const struct trn_pack_pool *pool)
{
    double least = pool->shape[0].cost;

    for (size_t s = 1; s < pool->count; s++)
        least = fmin(least, pool->shape[s].cost);
    return least;
}

/* Cells of the largest shape, and the least cost of a cell. */
static void size_up(const struct trnnsf_matrix *matrix, const struct trn_pack_pool *pool,
                    double *largest, double *cheapest)
{
    for (size_t s = 0; s < pool->count; s++) {
        double cells = cells_of(&pool->shape[s], matrix);

        *largest = fmax(*largest, cells);
        *cheapest = fmin(*cheapest, pool->shape[s].cost / cells);
    }
}

static void bound_by_cells(const struct bins *bins, const struct trnnsf_matrix *matrix,
                           const struct trn_pack_pool *pool, size_t blocks, double cost,
                           double kept, struct trn_pack_bounds *out)
{
    double largest = 0, cheapest = INFINITY;

    size_up(matrix, pool, &largest, &cheapest);
    double cells = fmin((double)blocks * largest, cost / cheapest * (1 + slack));
    out->kept_most = bins->total > 0 ? most_of(bins, cells) / bins->total : 1;
    out->cost_least = fewest_for(bins, kept * bins->total * (1 - slack)) * cheapest;
    if (out->cost_least > 0)
        out->cost_least = fmax(out->cost_least, least_cost(pool)); /* one block, at least */
}

trnnsf_status trn_pack_bound(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                             const struct trn_pack_pool *pool, size_t blocks, double cost,
                             double kept, bool all, struct trn_pack_bounds *out)
{
    struct bins bins = {0};
    struct trn_pack_bounds bounds;
    double exact = 0;
    trnnsf_status status;

    TRN_TRY_OUT(make_bins(ctx, &bins));
    fill_bins(matrix, 1, &bins);
    if (all)
        TRN_TRY_OUT(cost_of_all(ctx, matrix, pool, &exact));
    bound_by_cells(&bins, matrix, pool, blocks, cost, kept, &bounds);
    bounds.cost_least = whole(pool, fmax(bounds.cost_least, exact));
    *out = bounds;
out:
    free_bins(ctx, &bins);
    return status;
}

trnnsf_status trn_pack_bound_joint(trnnsf_context *ctx, struct trnnsf_matrix *const *matrices,
                                   const double *totals, size_t count,
                                   const struct trn_pack_pool *pool, size_t blocks, double cost,
                                   double *out_kept_most)
{
    struct bins bins = {0};
    double largest = 0, cheapest = INFINITY;
    trnnsf_status status;

    TRN_TRY_OUT(make_bins(ctx, &bins));
    for (size_t i = 0; i < count; i++) {
        if (!(totals[i] > 0))
            continue;
        fill_bins(matrices[i], 1 / totals[i], &bins);
        size_up(matrices[i], pool, &largest, &cheapest);
    }
    double cells = fmin((double)blocks * largest, cost / cheapest * (1 + slack));
    *out_kept_most = bins.total > 0 ? most_of(&bins, cells) / bins.total : 1;
out:
    free_bins(ctx, &bins);
    return status;
}
