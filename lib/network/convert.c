#include "network/convert.h"

#include "base/pool.h"
#include "network/device.h"

/* As in activation.c. */
enum { TASK_VALUES = 16384, SEGMENT = 512 };

struct work {
    uint32_t activation;
    const struct trn_converter *converter;
    struct trn_steps steps;
    const struct trn_dropout *dropout;
    const struct trn_panel *panel;
    float *slope; /* written by trn_convert(), read by trn_convert_backward() */
    float *gradient;
    size_t rows; /* a task */
};

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* A signed converter has a level less than 2^bits, so that 0 is one; of one bit: ±range. */
static struct trn_steps converter_steps(const struct trn_converter *converter)
{
    uint32_t levels = converter->bits ? UINT32_C(1) << converter->bits : 0;

    if (!converter->is_signed)
        return trn_steps_unsigned(converter->range, levels);
    return trn_steps_signed(converter->range, levels > 2 ? levels - 1 : levels);
}

static void slopes(uint32_t activation, size_t n, const float *a, float *slope)
{
    for (size_t i = 0; i < n; i++) {
        switch (activation) {
        case TRNNSF_ACTIVATION_RELU:
            slope[i] = a[i] > 0.0f ? 1.0f : 0.0f;
            break;
        case TRNNSF_ACTIVATION_SIGMOID:
            slope[i] = a[i] * (1.0f - a[i]);
            break;
        case TRNNSF_ACTIVATION_TANH:
            slope[i] = 1.0f - a[i] * a[i];
            break;
        default:
            slope[i] = 1.0f;
            break;
        }
    }
}

/* Comparisons that a NaN fails let it through: the loss must not hide it. */
static void convert_values(const struct work *work, size_t n, float *x)
{
    const struct trn_steps steps = work->steps;
    float lowest = work->converter->is_signed ? -steps.range : 0.0f;

    for (size_t i = 0; i < n; i++) {
        float value = x[i] > steps.range ? steps.range : x[i];
        x[i] = value < lowest ? lowest : value;
    }
    if (!(steps.step > 0.0f))
        return;
    for (size_t i = 0; i < n; i++) {
        float size = x[i] < 0.0f ? -x[i] : x[i];
        float value = size <= steps.range ? trn_nearest(steps, size) : size;
        x[i] = x[i] < 0.0f ? -value : value;
    }
}

static void convert_row(const struct work *work, size_t feature)
{
    const struct trn_panel *panel = work->panel;
    float range = work->steps.range, factor[SEGMENT];

    for (size_t first = 0; first < panel->n; first += SEGMENT) {
        size_t n = smaller(panel->n - first, SEGMENT), at = feature * panel->ld + first;
        float *x = panel->values + at, *slope = work->slope ? work->slope + at : NULL;

        if (slope) {
            slopes(work->activation, n, x, slope);
            for (size_t i = 0; i < n; i++)
                slope[i] = x[i] < range && x[i] > -range ? slope[i] : 0.0f;
        }
        convert_values(work, n, x);
        if (!work->dropout)
            continue;
        trn_dropout_segment(work->dropout, feature, first, n, panel->ld, factor);
        for (size_t i = 0; i < n; i++)
            x[i] *= factor[i];
        for (size_t i = 0; slope && i < n; i++)
            slope[i] *= factor[i];
    }
}

static void convert_task(void *argument, size_t task, size_t worker)
{
    const struct work *work = argument;
    size_t first = task * work->rows;
    size_t end = smaller(first + work->rows, work->panel->n_features);

    (void)worker;
    for (size_t feature = first; feature < end; feature++) {
        if (trn_panel_uses(work->panel, feature))
            convert_row(work, feature);
    }
}

static void backward_task(void *argument, size_t task, size_t worker)
{
    const struct work *work = argument;
    const struct trn_panel *panel = work->panel;
    size_t first = task * work->rows;
    size_t end = smaller(first + work->rows, panel->n_features);

    (void)worker;
    for (size_t feature = first; feature < end; feature++) {
        const float *slope = panel->values + feature * panel->ld;
        float *gradient = work->gradient + feature * panel->ld;

        for (size_t i = 0; trn_panel_uses(panel, feature) && i < panel->n; i++)
            gradient[i] *= slope[i];
    }
}

static size_t rows_a_task(size_t n)
{
    size_t rows = n ? TASK_VALUES / n : 1;

    return rows ? rows : 1;
}

void trn_convert(trnnsf_context *ctx, uint32_t activation, const struct trn_converter *converter,
                 const struct trn_dropout *dropout, const struct trn_panel *panel, float *slope)
{
    struct work work = {.activation = activation,
                        .converter = converter,
                        .steps = converter_steps(converter),
                        .dropout = dropout && dropout->rate > 0.0f ? dropout : NULL,
                        .panel = panel,
                        .slope = slope,
                        .rows = rows_a_task(panel->n)};

    trn_parallel(ctx, (panel->n_features + work.rows - 1) / work.rows, convert_task, &work);
}

const struct trn_converter *trn_converter_of(const struct trnnsf_network *network, size_t layer)
{
    const struct trn_converter *converter = layer < network->n_layers
                                                ? &network->layers[layer].input
                                                : &network->layers[network->n_layers - 1].output;

    return converter->range > 0.0f ? converter : NULL;
}

void trn_activate_converted(trnnsf_context *ctx, uint32_t activation, const float *biases,
                            const struct trn_converter *converter, bool is_last,
                            const struct trn_dropout *dropout, const struct trn_panel *panel,
                            float *slope)
{
    if (!converter) {
        trn_activate(ctx, activation, biases, dropout, panel);
    } else if (!is_last) {
        trn_activate(ctx, activation, biases, NULL, panel);
        trn_convert(ctx, activation, converter, dropout, panel, slope);
    } else {
        trn_activate(ctx, TRNNSF_ACTIVATION_LINEAR, biases, NULL, panel);
        trn_convert(ctx, TRNNSF_ACTIVATION_LINEAR, converter, NULL, panel, slope);
        trn_activate(ctx, activation, NULL, NULL, panel);
    }
}

void trn_activate_layer(trnnsf_context *ctx, const struct trnnsf_network *network, size_t index,
                        const struct trn_dropout *dropout, const struct trn_panel *panel,
                        float *slope)
{
    const struct trn_layer *layer = &network->layers[index];

    trn_activate_converted(ctx, layer->activation, layer->biases,
                           trn_converter_of(network, index + 1), index + 1 == network->n_layers,
                           dropout, panel, slope);
}

void trn_convert_backward(trnnsf_context *ctx, const struct trn_panel *slope, float *gradient)
{
    struct work work = {.panel = slope, .gradient = gradient, .rows = rows_a_task(slope->n)};

    trn_parallel(ctx, (slope->n_features + work.rows - 1) / work.rows, backward_task, &work);
}
