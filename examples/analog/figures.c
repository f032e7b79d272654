/* Accuracy over a sweep, and what one chip looks like. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "work.h"

enum { LAYERS_MAX = 63, GROUPS_MAX = 16 };
/* Axes run logarithmically from this ratio of their ends. */
static const double LOGARITHMIC_FROM = 16;

int figures_read(struct work *work, const char *option, const char *text, const char **out_path)
{
    static const char *const endings[] = {".svg", ".png", ".pdf", ".SVG", ".PNG", ".PDF"};
    const char *dot = strrchr(text, '.');

    for (size_t k = 0; dot && k < sizeof endings / sizeof endings[0]; k++) {
        if (strcmp(dot, endings[k]) == 0) {
            *out_path = text;
            return EXIT_GO_ON;
        }
    }
    return options_error(work->program.usage,
                         "%s %s: expected a name that ends in .svg, .png or .pdf", option, text);
}

/* What is drawn of a network: place, mean, least and most of each value. */
struct curve {
    double x[VALUES_MAX], mean[VALUES_MAX], least[VALUES_MAX], most[VALUES_MAX];
};

static trnnsf_status fill_curve(const struct work *work, size_t network, struct curve *curve)
{
    for (size_t v = 0; v < work->sweep.n_values; v++) {
        const struct point *point = &work->points[network * work->sweep.n_values + v];
        struct trnnsf_analog_summary summary;
        trnnsf_status status = work_summary(work, point, 0, &summary);

        if (status != TRNNSF_OK)
            return status;
        curve->x[v] = sweep_place(work, v);
        curve->mean[v] = 100 * summary.mean;
        curve->least[v] = 100 * summary.least;
        curve->most[v] = 100 * summary.most;
    }
    return TRNNSF_OK;
}

static bool is_wide(const struct work *work)
{
    double least = INFINITY, most = 0;

    for (size_t v = 0; v < work->sweep.n_values; v++) {
        least = fmin(least, sweep_place(work, v));
        most = fmax(most, sweep_place(work, v));
    }
    return least > 0 && most / least >= LOGARITHMIC_FROM;
}

static trnnsf_status draw_curves(struct work *work, trnnsf_plot *plot, struct curve *curves)
{
    struct trnnsf_plot_lines_options axes = TRNNSF_PLOT_LINES_OPTIONS_INIT;
    struct trnnsf_plot_series series[NETWORKS_MAX];

    for (size_t n = 0; n < work->n_networks; n++) {
        trnnsf_status status = fill_curve(work, n, &curves[n]);

        if (status != TRNNSF_OK)
            return status;
        series[n] = (struct trnnsf_plot_series){.struct_size = sizeof series[n],
                                                .name = work->networks[n].name,
                                                .count = work->sweep.n_values,
                                                .x = curves[n].x,
                                                .y = curves[n].mean,
                                                .low = curves[n].least,
                                                .high = curves[n].most,
                                                .spread = TRNNSF_PLOT_BARS};
    }
    axes.x_label = strcmp(work->sweep.keys, "mca") == 0 ? "inputs of a crossbar" : work->sweep.keys;
    axes.y_label = "accuracy / %";
    if (work->floor >= 0) {
        axes.y_low = work->floor;
        axes.y_high = 100;
    }
    axes.x_scale = is_wide(work) ? TRNNSF_PLOT_LOGARITHMIC : TRNNSF_PLOT_LINEAR;
    return trnnsf_plot_lines(work->program.context, plot, work->n_networks, series, &axes);
}

trnnsf_status figures_sweep(struct work *work)
{
    trnnsf_context *context = work->program.context;
    struct curve *curves = calloc(work->n_networks, sizeof *curves);
    trnnsf_plot *plot = NULL;
    trnnsf_status status = curves ? TRNNSF_OK : TRNNSF_E_NO_MEMORY;

    if (status == TRNNSF_OK)
        status = trnnsf_plot_create(context, NULL, &plot);
    if (status == TRNNSF_OK)
        status = draw_curves(work, plot, curves);
    if (status == TRNNSF_OK)
        status = trnnsf_plot_save(context, plot, work->figure);
    trnnsf_plot_free(plot);
    free(curves);
    return status;
}

/* lost[rows x columns]: percent of the read voltage that a cell does not see where all rows have
 * it. */
static trnnsf_status voltage_lost(struct work *work, const trnnsf_wires *wires, double *lost)
{
    trnnsf_context *context = work->program.context;
    size_t rows = trnnsf_wires_rows(wires), n = rows * trnnsf_wires_columns(wires);
    double *volts = calloc(rows, sizeof *volts), *bits = calloc(n, sizeof *bits), voltage = 0;
    trnnsf_status status = volts && bits ? TRNNSF_OK : TRNNSF_E_NO_MEMORY;

    if (status == TRNNSF_OK)
        status = trnnsf_tech_value(context, work->tech, "read_voltage_volt", &voltage);
    for (size_t i = 0; status == TRNNSF_OK && i < rows; i++)
        volts[i] = voltage;
    if (status == TRNNSF_OK)
        status = trnnsf_wires_voltages(context, wires, 1, volts, lost, bits, NULL);
    for (size_t k = 0; status == TRNNSF_OK && k < n; k++)
        lost[k] = 100 * (1 - (lost[k] - bits[k]) / voltage);
    free(volts);
    free(bits);
    return status;
}

static trnnsf_status draw_wires(struct work *work, const trnnsf_analog *chip, trnnsf_plot *plot)
{
    trnnsf_context *context = work->program.context;
    struct trnnsf_plot_map_options axes = TRNNSF_PLOT_MAP_OPTIONS_INIT;
    size_t rows = trnnsf_analog_rows(chip, work->crossbar);
    size_t columns = trnnsf_analog_columns(chip, work->crossbar);
    trnnsf_wires *wires = NULL;
    double *lost = NULL;
    char title[96];
    trnnsf_status status = trnnsf_analog_wires(context, chip, work->crossbar, 0, &wires);

    if (status == TRNNSF_OK && !(lost = calloc(rows * columns, sizeof *lost)))
        status = TRNNSF_E_NO_MEMORY;
    if (status == TRNNSF_OK)
        status = voltage_lost(work, wires, lost);
    snprintf(title, sizeof title, "crossbar %u of %s, all rows driven", (unsigned)work->crossbar,
             work->networks[0].name);
    axes.title = title;
    axes.value_label = "voltage lost / %";
    if (status == TRNNSF_OK)
        status = trnnsf_plot_map(context, plot, rows, columns, lost, &axes);
    trnnsf_wires_free(wires);
    free(lost);
    return status;
}

/* Conductances of all devices, layer by layer. */
struct written {
    double *siemens;
    size_t start[LAYERS_MAX + 1]; /* where layers begin */
    size_t n_layers;
};

/* Crossbars come layer by layer. */
static trnnsf_status collect(struct work *work, const trnnsf_analog *chip, struct written *written)
{
    size_t arrays = trnnsf_analog_arrays(chip), crossbars = trnnsf_analog_crossbars(chip), n = 0;
    struct trnnsf_crossbar crossbar = {.struct_size = sizeof crossbar};
    trnnsf_status status = TRNNSF_OK;

    for (size_t k = 0; k < crossbars; k++)
        n += arrays * trnnsf_analog_rows(chip, k) * trnnsf_analog_columns(chip, k);
    written->n_layers = trnnsf_analog_layers(chip);
    written->siemens = calloc(n ? n : 1, sizeof *written->siemens);
    if (!written->siemens)
        return TRNNSF_E_NO_MEMORY;
    n = 0;
    for (size_t k = 0; status == TRNNSF_OK && k < crossbars; k++) {
        status = trnnsf_mapping_crossbar(work->program.context, work->mapping, k, &crossbar);
        for (size_t a = 0; status == TRNNSF_OK && a < arrays; a++) {
            status =
                trnnsf_analog_conductances(work->program.context, chip, k, a, written->siemens + n);
            n += trnnsf_analog_rows(chip, k) * trnnsf_analog_columns(chip, k);
        }
        for (size_t l = (size_t)crossbar.layer + 1; l <= written->n_layers; l++)
            written->start[l] = n;
    }
    return status;
}

static trnnsf_status draw_written(struct work *work, const struct written *written,
                                  trnnsf_plot *plot)
{
    struct trnnsf_plot_histogram_options axes = TRNNSF_PLOT_HISTOGRAM_OPTIONS_INIT;
    size_t n_groups = written->n_layers <= GROUPS_MAX ? written->n_layers : 1;
    struct trnnsf_plot_group groups[GROUPS_MAX];
    char names[GROUPS_MAX][32];

    for (size_t g = 0; g < n_groups; g++) {
        size_t end = n_groups > 1 ? written->start[g + 1] : written->start[written->n_layers];
        size_t first = n_groups > 1 ? written->start[g] : 0;

        snprintf(names[g], sizeof names[g], n_groups > 1 ? "layer %zu" : "all devices", g);
        groups[g] = (struct trnnsf_plot_group){.struct_size = sizeof groups[g],
                                               .name = names[g],
                                               .count = end - first,
                                               .samples = written->siemens + first};
    }
    axes.x_label = "conductance";
    axes.x_unit = "S";
    axes.y_scale = TRNNSF_PLOT_LOGARITHMIC;
    axes.bins = 100;
    return trnnsf_plot_histogram(work->program.context, plot, n_groups, groups, &axes);
}

static trnnsf_status save_wires(struct work *work, const trnnsf_analog *chip)
{
    trnnsf_plot *plot = NULL;
    trnnsf_status status = trnnsf_plot_create(work->program.context, NULL, &plot);

    if (status == TRNNSF_OK)
        status = draw_wires(work, chip, plot);
    if (status == TRNNSF_OK)
        status = trnnsf_plot_save(work->program.context, plot, work->wires_map);
    trnnsf_plot_free(plot);
    return status;
}

static trnnsf_status save_written(struct work *work, const trnnsf_analog *chip)
{
    struct written written = {0};
    trnnsf_plot *plot = NULL;
    trnnsf_status status = trnnsf_plot_create(work->program.context, NULL, &plot);

    if (status == TRNNSF_OK)
        status = collect(work, chip, &written);
    if (status == TRNNSF_OK)
        status = draw_written(work, &written, plot);
    if (status == TRNNSF_OK)
        status = trnnsf_plot_save(work->program.context, plot, work->conductances);
    trnnsf_plot_free(plot);
    free(written.siemens);
    return status;
}

trnnsf_status figures_chip(struct work *work)
{
    trnnsf_context *context = work->program.context;
    trnnsf_analog *chip = NULL;
    trnnsf_status status = trnnsf_analog_create(
        context, work->network, work->mapping, work->tech, &work->options, work_calibration(work),
        trnnsf_dataset_values(work->dataset, TRNNSF_PART_TRAIN), &chip);

    if (status == TRNNSF_OK && work->wires_map)
        status = save_wires(work, chip);
    if (status == TRNNSF_OK && work->conductances)
        status = save_written(work, chip);
    trnnsf_analog_free(chip);
    return status;
}
