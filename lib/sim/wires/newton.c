#include "sim/wires/newton.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/context.h"
#include "sim/wires/elimination.h"

/* Largest change of a cell's current over the largest current, at the end; and what rounding may
 * add to the co-content, beside its size. Chosen here. */
static const double TOLERANCE = 1e-12, ROUNDING = 1e-12;
enum { HALVINGS_MAX = 60 };

struct trn_newton {
    trnnsf_context *ctx;
    const struct trnnsf_wires *wires;
    struct trn_elimination *elimination;
    double *transfer;  /* [m x n] */
    double *slope;     /* [n x m], of the network that is solved */
    double *current;   /* [n x m], of the cells at `voltage` */
    double *injection; /* by node number */
    double *voltage;   /* by node number: the best so far */
    double *next;      /* and the linearised network's */
};

trnnsf_status trn_newton_create(trnnsf_context *ctx, const struct trnnsf_wires *wires,
                                struct trn_newton **out_newton)
{
    size_t cells = wires->grid.n * wires->grid.m, numbers = trn_grid_numbers(&wires->grid);
    trnnsf_status status = TRNNSF_OK;
    struct trn_newton *newton = TRN_NEW(ctx, struct trn_newton);

    if (!newton)
        return TRNNSF_E_NO_MEMORY;
    newton->ctx = trn_context_retain(ctx);
    newton->wires = wires;
    double **arrays[] = {&newton->transfer,  &newton->slope,   &newton->current,
                         &newton->injection, &newton->voltage, &newton->next};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
        *arrays[i] = TRN_NEW_ARRAY(ctx, double, i < 3 ? cells : numbers);
        TRN_NEED_OUT(*arrays[i]);
    }
    TRN_TRY_OUT(trn_elimination_create(ctx, &wires->grid, &newton->elimination));
out:
    if (status == TRNNSF_OK)
        *out_newton = newton;
    else
        trn_newton_free(newton);
    return status;
}

void trn_newton_free(struct trn_newton *newton)
{
    if (!newton)
        return;

    trnnsf_context *ctx = newton->ctx;

    trn_elimination_free(newton->elimination);
    trn_free(ctx, newton->next);
    trn_free(ctx, newton->voltage);
    trn_free(ctx, newton->injection);
    trn_free(ctx, newton->current);
    trn_free(ctx, newton->slope);
    trn_free(ctx, newton->transfer);
    trn_free(ctx, newton);
    trn_context_release(ctx);
}

const double *trn_newton_voltages(const struct trn_newton *newton)
{
    return newton->voltage;
}

static void set_terminals(const struct trn_grid *grid, const double *input, double *voltage)
{
    memcpy(voltage, input, grid->n * sizeof *voltage);
    memset(voltage + grid->n, 0, grid->m * sizeof *voltage);
}

/* Between two nodes, on the line from `voltage` (step 0) to `next` (step 1). */
static double drop_at(const struct trn_newton *newton, const struct trn_edge *edge, double step)
{
    double here = newton->voltage[edge->a] - newton->voltage[edge->b];
    double there = newton->next[edge->a] - newton->next[edge->b];

    return here + step * (there - here);
}

static double energy_at(const struct trn_newton *newton, double step)
{
    const struct trnnsf_wires *wires = newton->wires;
    const struct trn_grid *grid = &wires->grid;
    struct trn_edge edges[TRN_CELL_EDGES];
    double energy = 0;

    for (size_t i = 0; i < grid->n; i++) {
        double row = 0;

        for (size_t j = 0; j < grid->m; j++) {
            double cell = wires->cells[i * grid->m + j];
            size_t count = trn_grid_edges(grid, i, j, cell, edges);

            row += trn_cell_at(&wires->law, cell, drop_at(newton, &edges[0], step)).energy;
            for (size_t k = 1; k < count; k++) {
                double drop = drop_at(newton, &edges[k], step);

                row += 0.5 * edges[k].conductance * drop * drop;
            }
        }
        energy += row;
    }
    return energy;
}

/* Moves on by the longest step 1, 1/2, … that does not make the co-content grow. */
static double move(struct trn_newton *newton)
{
    size_t numbers = trn_grid_numbers(&newton->wires->grid);
    double before = energy_at(newton, 0), step = 1;
    int halvings = 0;

    while (!(energy_at(newton, step) <= before * (1 + ROUNDING)) && halvings++ < HALVINGS_MAX)
        step *= 0.5;
    for (size_t k = 0; k < numbers; k++)
        newton->voltage[k] =
            step == 1 ? newton->next[k]
                      : newton->voltage[k] + step * (newton->next[k] - newton->voltage[k]);
    return step;
}

/* Sets the cells' currents and slopes at `voltage`, and the currents that make up, in the network
 * of the slopes, for the curves' not passing through 0. Returns the largest change of a current
 * over the largest current. */
static double linearise(struct trn_newton *newton)
{
    const struct trnnsf_wires *wires = newton->wires;
    const struct trn_grid *grid = &wires->grid;
    double change = 0, largest = 0;

    memset(newton->injection, 0, trn_grid_numbers(grid) * sizeof *newton->injection);
    for (size_t i = 0; i < grid->n; i++) {
        for (size_t j = 0; j < grid->m; j++) {
            size_t cell = i * grid->m + j;
            uint32_t word = trn_grid_word(grid, i, j), bit = trn_grid_bit(grid, i, j);
            double voltage = newton->voltage[word] - newton->voltage[bit];
            struct trn_cell_state state = trn_cell_at(&wires->law, wires->cells[cell], voltage);
            double source = state.slope * voltage - state.current;

            change = fmax(change, fabs(state.current - newton->current[cell]));
            largest = fmax(largest, fabs(state.current));
            newton->current[cell] = state.current;
            newton->slope[cell] = state.slope;
            newton->injection[word] += source;
            newton->injection[bit] -= source;
        }
    }
    return largest > 0 ? change / largest : 0;
}

/* The linear network whose cells have the conductance that they show under their row's voltage. */
static trnnsf_status start(struct trn_newton *newton, const double *input)
{
    const struct trnnsf_wires *wires = newton->wires;
    const struct trn_grid *grid = &wires->grid;

    for (size_t i = 0; i < grid->n; i++) {
        for (size_t j = 0; j < grid->m; j++)
            newton->slope[i * grid->m + j] =
                trn_cell_secant(&wires->law, wires->cells[i * grid->m + j], input[i]);
    }
    TRN_TRY(trn_eliminate(newton->elimination, newton->slope, true, newton->transfer));
    set_terminals(grid, input, newton->voltage);
    trn_elimination_down(newton->elimination, 1, NULL, newton->voltage);
    linearise(newton);
    return TRNNSF_OK;
}

static void read_currents(const struct trn_newton *newton, const double *input, double *currents)
{
    const struct trn_grid *grid = &newton->wires->grid;

    for (size_t j = 0; j < grid->m; j++) {
        currents[j] = newton->injection[trn_grid_sense(grid, j)];
        for (size_t i = 0; i < grid->n; i++)
            currents[j] += newton->transfer[j * grid->n + i] * input[i];
    }
}

trnnsf_status trn_newton_solve(struct trn_newton *newton, const char *function, size_t vector,
                               const double *input, double *currents)
{
    uint32_t most = newton->wires->options.iterations;
    double change = 0;

    TRN_TRY(start(newton, input));
    for (uint32_t iteration = 0; iteration < most; iteration++) {
        TRN_TRY(trn_eliminate(newton->elimination, newton->slope, true, newton->transfer));
        trn_elimination_up(newton->elimination, newton->injection);
        set_terminals(&newton->wires->grid, input, newton->next);
        trn_elimination_down(newton->elimination, 1, newton->injection, newton->next);
        read_currents(newton, input, currents);

        double step = move(newton);

        change = linearise(newton);
        if (step == 1 && change <= TOLERANCE)
            return TRNNSF_OK;
    }
    return trn_fail(newton->ctx, TRNNSF_E_NUMERIC,
                    "%s: vector %zu: after %u iterations a cell's current still changes by %g of "
                    "the largest one, not by %g",
                    function, vector, most, change, TOLERANCE);
}
