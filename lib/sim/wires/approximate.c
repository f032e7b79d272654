/* Line relaxation: each line solved by itself, the lines across it held. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/context.h"
#include "sim/wires/wires.h"

/* One line: nodes joined by wire, cells to the nodes of the lines across. */
struct line {
    size_t count, stride;         /* of nodes; from one node to the next in the arrays below */
    double wire, end;             /* siemens; 0: an ideal connection */
    bool first_ended, last_ended; /* which nodes are joined to the terminal */
    double terminal;              /* its voltage */
    const double *cells, *across; /* conductances, and voltages on the other side */
    double *voltage;              /* the result */
    double *weight;               /* [count] scratch */
};

static void solve_ideal(const struct line *line)
{
    double ends = line->end * (line->first_ended + line->last_ended);
    double sum = ends * line->terminal, total = ends, voltage;

    for (size_t k = 0; k < line->count; k++) {
        total += line->cells[k * line->stride];
        sum += line->cells[k * line->stride] * line->across[k * line->stride];
    }
    voltage = line->end == 0 ? line->terminal : sum / total;
    for (size_t k = 0; k < line->count; k++)
        line->voltage[k * line->stride] = voltage;
}

/* Forward, voltage[k] = weight[k] voltage[k + 1] + voltage[k]; then back. */
static void solve_wire(const struct line *line)
{
    for (size_t k = 0; k < line->count; k++) {
        size_t at = k * line->stride;
        bool first = k == 0, last = k + 1 == line->count;
        int ends = (first && line->first_ended) + (last && line->last_ended);

        if (ends > 0 && line->end == 0) {
            line->weight[k] = 0;
            line->voltage[at] = line->terminal;
            continue;
        }

        double left = first ? 0 : line->wire, right = last ? 0 : line->wire;
        double total = left * (first ? 0 : 1 - line->weight[k - 1]) + right + line->cells[at] +
                       ends * line->end;
        double sum = left * (first ? 0 : line->voltage[at - line->stride]) +
                     line->cells[at] * line->across[at] + ends * line->end * line->terminal;

        line->weight[k] = right / total;
        line->voltage[at] = sum / total;
    }
    for (size_t k = line->count - 1; k-- > 0;)
        line->voltage[k * line->stride] += line->weight[k] * line->voltage[(k + 1) * line->stride];
}

static void solve_line(const struct line *line)
{
    if (line->wire == 0)
        solve_ideal(line);
    else
        solve_wire(line);
}

struct relaxation {
    const struct trnnsf_wires *wires;
    double *cells;      /* [n x m] conductances in this pass */
    double *word, *bit; /* [n x m] */
    double *weight;     /* [max(n, m)] */
};

static void pass(struct relaxation *r, const double *input)
{
    const struct trn_grid *grid = &r->wires->grid;

    for (size_t k = 0; k < grid->n * grid->m; k++)
        r->cells[k] = trn_cell_secant(&r->wires->law, r->wires->cells[k], r->word[k] - r->bit[k]);
    for (size_t i = 0; i < grid->n; i++)
        solve_line(&(struct line){.count = grid->m,
                                  .stride = 1,
                                  .wire = grid->word,
                                  .end = grid->driver,
                                  .first_ended = true,
                                  .last_ended = grid->two_drivers,
                                  .terminal = input[i],
                                  .cells = r->cells + i * grid->m,
                                  .across = r->bit + i * grid->m,
                                  .voltage = r->word + i * grid->m,
                                  .weight = r->weight});
    for (size_t j = 0; j < grid->m; j++)
        solve_line(&(struct line){.count = grid->n,
                                  .stride = grid->m,
                                  .wire = grid->bit,
                                  .end = grid->sense,
                                  .first_ended = grid->two_senses,
                                  .last_ended = true,
                                  .terminal = 0,
                                  .cells = r->cells + j,
                                  .across = r->word + j,
                                  .voltage = r->bit + j,
                                  .weight = r->weight});
}

static void relax(struct relaxation *r, const double *input, uint32_t passes, double *currents)
{
    size_t n = r->wires->grid.n, m = r->wires->grid.m;

    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < m; j++)
            r->word[i * m + j] = input[i];
    }
    memset(r->bit, 0, n * m * sizeof *r->bit);
    for (uint32_t p = 0; p < passes; p++)
        pass(r, input);
    memset(currents, 0, m * sizeof *currents);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < m; j++)
            currents[j] += r->cells[i * m + j] * (r->word[i * m + j] - r->bit[i * m + j]);
    }
}

trnnsf_status trn_wires_approximate(trnnsf_context *ctx, const struct trnnsf_wires *wires,
                                    size_t n_vectors, const double *inputs, uint32_t passes,
                                    double *currents)
{
    size_t n = wires->grid.n, m = wires->grid.m;
    struct relaxation r = {.wires = wires};
    trnnsf_status status = TRNNSF_OK;
    double *all = NULL;

    r.cells = TRN_NEW_ARRAY(ctx, double, n *m);
    TRN_NEED_OUT(r.cells);
    r.word = TRN_NEW_ARRAY(ctx, double, n *m);
    TRN_NEED_OUT(r.word);
    r.bit = TRN_NEW_ARRAY(ctx, double, n *m);
    TRN_NEED_OUT(r.bit);
    all = TRN_NEW_ARRAY(ctx, double, n_vectors *m);
    TRN_NEED_OUT(all);
    r.weight = TRN_NEW_ARRAY(ctx, double, n > m ? n : m);
    TRN_NEED_OUT(r.weight);
    for (size_t v = 0; v < n_vectors; v++) {
        TRN_TRY_OUT(trn_cancelled(ctx, "wires"));
        relax(&r, inputs + v * n, passes, all + v * m);
    }
    memcpy(currents, all, n_vectors * m * sizeof *currents);
out:
    trn_free(ctx, all);
    trn_free(ctx, r.weight);
    trn_free(ctx, r.bit);
    trn_free(ctx, r.word);
    trn_free(ctx, r.cells);
    return status;
}
