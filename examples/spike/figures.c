/* Accuracy over time, a raster of one sample, spikes of neurons, traffic of tiles. */
#include <stdio.h>
#include <stdlib.h>

#include "work.h"

static trnnsf_status draw_accuracy(const struct work *work, trnnsf_plot *plot)
{
    struct trnnsf_plot_lines_options options = TRNNSF_PLOT_LINES_OPTIONS_INIT;
    size_t steps;
    const double *accuracy = trnnsf_spike_record_accuracy(work->record, &steps);
    double *x = malloc(steps * sizeof *x), *y = malloc(steps * sizeof *y);
    struct trnnsf_plot_series series = {
        .struct_size = sizeof series, .count = steps, .x = x, .y = y};
    trnnsf_status status = TRNNSF_E_NO_MEMORY;

    for (size_t t = 0; x && y && t < steps; t++) {
        x[t] = (double)t + 1;
        y[t] = 100 * accuracy[t];
    }
    options.title = "accuracy over time";
    options.x_label = "step";
    options.y_label = "accuracy";
    options.y_unit = "%";
    options.x_scale = TRNNSF_PLOT_LOGARITHMIC;
    options.level = 100 * work->network_accuracy;
    options.level_name = work->network ? "network" : NULL;
    if (x && y)
        status = trnnsf_plot_lines(work->program.context, plot, 1, &series, &options);
    free(x);
    free(y);
    return status;
}

/* Neurons of a layer that the raster shows, from the first one on; 0 where the layer does not
 * spike. */
static size_t raster_rows(const struct work *work, size_t layer)
{
    enum { ROWS_MAX = 64 };
    size_t count = 0;
    const uint64_t *spikes = trnnsf_spike_record_spikes(work->record, layer, &count);

    for (size_t i = 0; i < count; i++) {
        if (spikes[i] > 0)
            return count < ROWS_MAX ? count : ROWS_MAX;
    }
    return 0;
}

/* Layers one below the other, an empty line after each. */
static trnnsf_status draw_raster(const struct work *work, trnnsf_plot *plot)
{
    struct trnnsf_plot_map_options options = TRNNSF_PLOT_MAP_OPTIONS_INIT;
    size_t layers = trnnsf_spiking_layers(work->spiking), rows = 0, widest = 0, count;
    size_t steps = work->run.steps, n_in = trnnsf_dataset_features(work->dataset);
    const float *inputs =
        trnnsf_dataset_values(work->dataset, TRNNSF_PART_TEST) + work->sample * n_in;
    trnnsf_status status = TRNNSF_OK;

    for (size_t l = 0; l <= layers; l++) {
        trnnsf_spike_record_spikes(work->record, l, &count);
        rows += raster_rows(work, l) ? raster_rows(work, l) + 1 : 0;
        widest = count > widest ? count : widest;
    }
    double *values = calloc(rows * steps, sizeof *values), *to = values;
    uint8_t *trains = malloc(widest * steps);
    for (size_t l = 0; values && trains && status == TRNNSF_OK && l <= layers; l++) {
        size_t shown = raster_rows(work, l);

        status = trnnsf_spiking_trains(work->program.context, work->spiking, inputs, &work->run, l,
                                       trains);
        for (size_t k = 0; k < shown * steps; k++)
            to[k] = trains[k];
        to += shown > 0 ? (shown + 1) * steps : 0;
    }
    options.title = "spikes of one sample";
    options.x_label = "step";
    options.y_label = "neuron, layer by layer";
    if (!values || !trains)
        status = TRNNSF_E_NO_MEMORY;
    if (status == TRNNSF_OK && rows > 0)
        status = trnnsf_plot_map(work->program.context, plot, rows, steps, values, &options);
    free(values);
    free(trains);
    return status;
}

/* Spikes a step of each neuron, a group for each layer that spikes. */
static trnnsf_status draw_rates(const struct work *work, trnnsf_plot *plot)
{
    enum { GROUPS_MAX = 8 };
    struct trnnsf_plot_histogram_options options = TRNNSF_PLOT_HISTOGRAM_OPTIONS_INIT;
    struct trnnsf_plot_group groups[GROUPS_MAX];
    char names[GROUPS_MAX][32];
    double *samples[GROUPS_MAX] = {NULL};
    double steps = trnnsf_spike_record_mean_steps(work->record) *
                   (double)trnnsf_spike_record_samples(work->record);
    size_t n = 0;
    trnnsf_status status = TRNNSF_OK;

    for (size_t l = 0; l <= trnnsf_spiking_layers(work->spiking) && n < GROUPS_MAX; l++) {
        size_t count;
        const uint64_t *spikes = trnnsf_spike_record_spikes(work->record, l, &count);
        uint64_t all = 0;

        samples[n] = malloc(count * sizeof *samples[n]);
        if (!samples[n]) {
            status = TRNNSF_E_NO_MEMORY;
            break;
        }
        for (size_t i = 0; i < count; i++) {
            all += spikes[i];
            samples[n][i] = (double)spikes[i] / steps;
        }
        if (all == 0) {
            free(samples[n]);
            samples[n] = NULL;
            continue;
        }
        snprintf(names[n], sizeof names[n], l ? "layer %zu" : "inputs", l);
        groups[n] = (struct trnnsf_plot_group){.struct_size = sizeof groups[n],
                                               .name = names[n],
                                               .count = count,
                                               .samples = samples[n]};
        n++;
    }
    options.title = "firing rates of neurons";
    options.x_label = "spikes a step";
    options.shares = 1;
    if (status == TRNNSF_OK && n > 0)
        status = trnnsf_plot_histogram(work->program.context, plot, n, groups, &options);
    for (size_t k = 0; k < GROUPS_MAX; k++)
        free(samples[k]);
    return status;
}

trnnsf_status work_draw(const struct work *work)
{
    struct trnnsf_plot_options options = TRNNSF_PLOT_OPTIONS_INIT;
    trnnsf_plot *plot = NULL;
    trnnsf_status status;

    options.columns = 3;
    status = trnnsf_plot_create(work->program.context, &options, &plot);
    if (status == TRNNSF_OK)
        status = draw_accuracy(work, plot);
    if (status == TRNNSF_OK)
        status = draw_raster(work, plot);
    if (status == TRNNSF_OK)
        status = draw_rates(work, plot);
    if (status == TRNNSF_OK && work->tiles.given)
        status = tiles_draw(&work->tiles, work->program.context, plot);
    if (status == TRNNSF_OK)
        status = trnnsf_plot_save(work->program.context, plot, work->figure);
    trnnsf_plot_free(plot);
    return status;
}
