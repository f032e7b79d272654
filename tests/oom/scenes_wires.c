/* Crossbars with resistive wires. */
#include "makes.h"

enum { ROWS = 9, COLUMNS = 7, VECTORS = 2 };

static const double *cells(void)
{
    static double values[ROWS * COLUMNS];

    for (size_t k = 0; k < ROWS * COLUMNS; k++)
        values[k] = 1e-6 * (double)(1 + (k * 37) % 101);
    return values;
}

static const double *inputs(void)
{
    static double values[VECTORS * ROWS];

    for (size_t k = 0; k < VECTORS * ROWS; k++)
        values[k] = 0.1 * (double)(k % 5);
    return values;
}

MAKES(create, wires, trnnsf_wires_create(s->ctx, ROWS, COLUMNS, cells(), NULL, &out))

static trnnsf_status solve(struct stage *s, double alpha)
{
    struct trnnsf_wires_options options = TRNNSF_WIRES_OPTIONS_INIT;
    double word[VECTORS * ROWS * COLUMNS], bit[VECTORS * ROWS * COLUMNS];
    double currents[VECTORS * COLUMNS] = {0}, error = 0;
    trnnsf_wires *wires = NULL;

    options.alpha_per_volt = alpha;
    trnnsf_status status = trnnsf_wires_create(s->ctx, ROWS, COLUMNS, cells(), &options, &wires);
    if (status == TRNNSF_OK)
        status = trnnsf_wires_voltages(s->ctx, wires, VECTORS, inputs(), word, bit, NULL);
    if (status == TRNNSF_OK)
        status = trnnsf_wires_currents(s->ctx, wires, VECTORS, inputs(), currents);
    s->result = currents[VECTORS * COLUMNS - 1];
    if (status == TRNNSF_OK)
        status = trnnsf_wires_approximate(s->ctx, wires, VECTORS, inputs(), 2, currents);
    if (status == TRNNSF_OK)
        status = trnnsf_wires_approximation_error(s->ctx, wires, VECTORS, inputs(), 2, &error);
    s->result += error;
    trnnsf_wires_free(wires);
    return status;
}

static trnnsf_status linear(struct stage *s)
{
    return solve(s, 0);
}

static trnnsf_status sinh_law(struct stage *s)
{
    return solve(s, 3);
}

static trnnsf_status netlist(struct stage *s)
{
    trnnsf_wires *wires = NULL;
    trnnsf_status status = trnnsf_wires_create(s->ctx, ROWS, COLUMNS, cells(), NULL, &wires);

    if (status == TRNNSF_OK)
        status = trnnsf_wires_netlist(s->ctx, wires, inputs(), stage_path(s, "crossbar.cir"));
    trnnsf_wires_free(wires);
    return status;
}

const struct scene wires_scenes[] = {
    {"wires_create", 0, create, NULL, NULL},
    {"wires linear", 0, linear, NULL, NULL},
    {"wires sinh", 0, sinh_law, NULL, NULL},
    {"wires netlist", NEED_FILES, netlist, NULL, NULL},
    {NULL, 0, NULL, NULL, NULL},
};
