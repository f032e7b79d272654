#include "sim/wires/wires.h"

#include <string.h>

#include "base/context.h"
#include "sim/wires/elimination.h"
#include "sim/wires/newton.h"

static double conductance(double ohm)
{
    return ohm > 0 ? 1 / ohm : 0;
}

static struct trn_grid make_grid(size_t n, size_t m, const struct trnnsf_wires_options *options)
{
    return (struct trn_grid){.n = n,
                             .m = m,
                             .word = conductance(options->word_ohm),
                             .bit = conductance(options->bit_ohm),
                             .driver = conductance(options->driver_ohm),
                             .sense = conductance(options->sense_ohm),
                             .two_drivers = options->driver_ends == 2,
                             .two_senses = options->sense_ends == 2};
}

void trn_wires_free(struct trnnsf_wires *wires)
{
    if (!wires)
        return;

    trnnsf_context *ctx = wires->ctx;

    trn_free(ctx, wires->transfer);
    trn_free(ctx, wires->cells);
    trn_free(ctx, wires);
    trn_context_release(ctx);
}

/* What linear cells and their series resistances conduct together. */
static trnnsf_status cells_with_series(trnnsf_context *ctx, const struct trnnsf_wires *wires,
                                       double **out_cells)
{
    size_t count = wires->grid.n * wires->grid.m;
    double *cells = trn_malloc(ctx, count, sizeof *cells);

    if (!cells)
        return TRNNSF_E_NO_MEMORY;
    for (size_t k = 0; k < count; k++)
        cells[k] = trn_cell_secant(&wires->law, wires->cells[k], 0);
    *out_cells = cells;
    return TRNNSF_OK;
}

/* Eliminates all inner nodes of linear cells' network, and keeps how where wanted. */
static trnnsf_status eliminate(trnnsf_context *ctx, const struct trnnsf_wires *wires,
                               double *transfer, struct trn_elimination **out_elimination)
{
    struct trn_elimination *elimination = NULL;
    trnnsf_status status = TRNNSF_OK;
    double *cells = NULL;

    TRN_TRY_OUT(cells_with_series(ctx, wires, &cells));
    TRN_TRY_OUT(trn_elimination_create(ctx, &wires->grid, &elimination));
    TRN_TRY_OUT(trn_eliminate(elimination, cells, out_elimination != NULL, transfer));
out:
    trn_free(ctx, cells);
    if (status == TRNNSF_OK && out_elimination)
        *out_elimination = elimination;
    else
        trn_elimination_free(elimination);
    return status;
}

trnnsf_status trn_wires_create(trnnsf_context *ctx, size_t n, size_t m, const double *cells,
                               const struct trnnsf_wires_options *options,
                               struct trnnsf_wires **out_wires)
{
    trnnsf_status status = TRNNSF_OK;
    struct trnnsf_wires *wires = TRN_NEW(ctx, struct trnnsf_wires);

    if (!wires)
        return TRNNSF_E_NO_MEMORY;
    wires->ctx = trn_context_retain(ctx);
    wires->options = *options;
    wires->grid = make_grid(n, m, options);
    wires->law = (struct trn_cell_law){options->alpha_per_volt, options->cell_ohm};
    wires->cells = trn_copy(ctx, cells, n * m, sizeof *cells);
    TRN_NEED_OUT(wires->cells);
    if (options->alpha_per_volt == 0) {
        wires->transfer = trn_malloc(ctx, n * m, sizeof *wires->transfer);
        TRN_NEED_OUT(wires->transfer);
        TRN_TRY_OUT(trn_progress(ctx, "wires", NULL, 0, 1));
        TRN_TRY_OUT(eliminate(ctx, wires, wires->transfer, NULL));
        TRN_TRY_OUT(trn_progress(ctx, "wires", NULL, 1, 1));
    }
out:
    if (status == TRNNSF_OK)
        *out_wires = wires;
    else
        trn_wires_free(wires);
    return status;
}

/* Eight partial sums. */
static double dot(size_t n, const double *a, const double *b)
{
    double sum[8] = {0};
    size_t i = 0;

    for (; i + 8 <= n; i += 8) {
        for (size_t l = 0; l < 8; l++)
            sum[l] += a[i + l] * b[i + l];
    }
    for (; i < n; i++)
        sum[0] += a[i] * b[i];
    return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

static void transfer_currents(const struct trnnsf_wires *wires, size_t n_vectors,
                              const double *inputs, double *currents)
{
    size_t n = wires->grid.n, m = wires->grid.m;

    for (size_t v = 0; v < n_vectors; v++) {
        for (size_t j = 0; j < m; j++)
            currents[v * m + j] = dot(n, wires->transfer + j * n, inputs + v * n);
    }
}

/* From lane `lane` of `lanes` by node number. */
static void read_voltages(const struct trn_grid *grid, size_t lanes, size_t lane,
                          const double *voltage, size_t vector,
                          const struct trn_wires_results *results)
{
    size_t cells = grid->n * grid->m;

    for (size_t i = 0; i < grid->n; i++) {
        for (size_t j = 0; j < grid->m; j++) {
            size_t to = vector * cells + i * grid->m + j;

            if (results->word)
                results->word[to] = voltage[trn_grid_word(grid, i, j) * lanes + lane];
            if (results->bit)
                results->bit[to] = voltage[trn_grid_bit(grid, i, j) * lanes + lane];
        }
    }
}

static void sweep_lanes(const struct trn_grid *grid, const struct trn_elimination *elimination,
                        size_t first, size_t count, const double *inputs, double *voltage,
                        const struct trn_wires_results *results)
{
    size_t lanes = count > 1 ? TRN_LANES : 1;

    memset(voltage, 0, (grid->n + grid->m) * lanes * sizeof *voltage);
    for (size_t l = 0; l < count; l++) {
        for (size_t i = 0; i < grid->n; i++)
            voltage[i * lanes + l] = inputs[(first + l) * grid->n + i];
    }
    trn_elimination_down(elimination, lanes, NULL, voltage);
    for (size_t l = 0; l < count; l++)
        read_voltages(grid, lanes, l, voltage, first + l, results);
}

static trnnsf_status linear_voltages(trnnsf_context *ctx, const struct trnnsf_wires *wires,
                                     size_t n_vectors, const double *inputs,
                                     const struct trn_wires_results *results)
{
    struct trn_elimination *elimination = NULL;
    double *voltage = NULL, *transfer = NULL;
    trnnsf_status status = TRNNSF_OK;

    transfer = trn_malloc(ctx, wires->grid.n * wires->grid.m, sizeof *transfer);
    TRN_NEED_OUT(transfer);
    TRN_TRY_OUT(eliminate(ctx, wires, transfer, &elimination));
    voltage = TRN_NEW_ARRAY(ctx, double,
                            trn_grid_numbers(&wires->grid) * (n_vectors > 1 ? TRN_LANES : 1));
    TRN_NEED_OUT(voltage);
    for (size_t v = 0; v < n_vectors; v += TRN_LANES)
        sweep_lanes(&wires->grid, elimination, v,
                    n_vectors - v < TRN_LANES ? n_vectors - v : TRN_LANES, inputs, voltage,
                    results);
out:
    trn_free(ctx, voltage);
    trn_free(ctx, transfer);
    trn_elimination_free(elimination);
    return status;
}

/* Results of all vectors, until the last of them has converged. */
static trnnsf_status results_new(trnnsf_context *ctx, const struct trn_grid *grid, size_t n_vectors,
                                 const struct trn_wires_results *wanted,
                                 struct trn_wires_results *out)
{
    size_t cells = grid->n * grid->m;

    *out = (struct trn_wires_results){0};
    out->currents = TRN_NEW_ARRAY(ctx, double, n_vectors * grid->m);
    out->word = wanted->word ? TRN_NEW_ARRAY(ctx, double, n_vectors *cells) : NULL;
    out->bit = wanted->bit ? TRN_NEW_ARRAY(ctx, double, n_vectors *cells) : NULL;
    if (!out->currents || (wanted->word && !out->word) || (wanted->bit && !out->bit))
        return TRNNSF_E_NO_MEMORY;
    return TRNNSF_OK;
}

static void results_copy(const struct trn_grid *grid, size_t n_vectors,
                         const struct trn_wires_results *from, const struct trn_wires_results *to)
{
    size_t voltages = n_vectors * grid->n * grid->m;

    if (to->currents)
        memcpy(to->currents, from->currents, n_vectors * grid->m * sizeof *to->currents);
    if (to->word)
        memcpy(to->word, from->word, voltages * sizeof *to->word);
    if (to->bit)
        memcpy(to->bit, from->bit, voltages * sizeof *to->bit);
}

static trnnsf_status solve_by_newton(trnnsf_context *ctx, const char *function,
                                     const struct trnnsf_wires *wires, size_t n_vectors,
                                     const double *inputs, const struct trn_wires_results *results)
{
    size_t n = wires->grid.n, m = wires->grid.m;
    struct trn_wires_results all = {0};
    struct trn_newton *newton = NULL;
    trnnsf_status status = TRNNSF_OK;

    TRN_TRY_OUT(results_new(ctx, &wires->grid, n_vectors, results, &all));
    TRN_TRY_OUT(trn_newton_create(ctx, wires, &newton));
    for (size_t v = 0; v < n_vectors; v++) {
        TRN_TRY_OUT(trn_progress(ctx, "wires", NULL, v, n_vectors));
        TRN_TRY_OUT(trn_newton_solve(newton, function, v, inputs + v * n, all.currents + v * m));
        read_voltages(&wires->grid, 1, 0, trn_newton_voltages(newton), v, &all);
    }
    TRN_TRY_OUT(trn_progress(ctx, "wires", NULL, n_vectors, n_vectors));
    results_copy(&wires->grid, n_vectors, &all, results);
out:
    trn_newton_free(newton);
    trn_free(ctx, all.bit);
    trn_free(ctx, all.word);
    trn_free(ctx, all.currents);
    return status;
}

trnnsf_status trn_wires_solve(trnnsf_context *ctx, const char *function,
                              const struct trnnsf_wires *wires, size_t n_vectors,
                              const double *inputs, const struct trn_wires_results *results)
{
    if (wires->law.alpha > 0)
        return solve_by_newton(ctx, function, wires, n_vectors, inputs, results);
    if (results->word || results->bit)
        TRN_TRY(linear_voltages(ctx, wires, n_vectors, inputs, results));
    if (results->currents)
        transfer_currents(wires, n_vectors, inputs, results->currents);
    return TRNNSF_OK;
}
