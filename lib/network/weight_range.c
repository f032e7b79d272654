#include "network/weight_range.h"

#include <math.h>

/* Weights and ranges tried, chosen here: an error of the range of a sixty-fourth changes the error of 4
 * to 256 levels by less than a hundredth. */
enum { WEIGHTS = 65536, RANGES = 64 };

static float largest(const struct trn_layer *layer)
{
    float most = 0.0f;

    for (size_t i = 0; i < layer->n_in * layer->n_out; i++)
        most = fmaxf(most, fabsf(layer->weights[i]));
    return most;
}

/* Of the weights times `factor`: sum (w - level of w)^2 / sum w^2 over at most WEIGHTS of the
 * layer's weights that are not 0. */
static double grid_error(const struct trn_layer *layer, const struct trn_level_grid *grid,
                         float factor)
{
    size_t n = layer->n_in * layer->n_out, stride = (n + WEIGHTS - 1) / WEIGHTS;
    struct trn_steps steps = grid->unipolar ? trn_steps_unsigned(grid->range, grid->levels)
                                            : trn_steps_signed(grid->range, grid->levels);
    double error = 0, all = 0;

    for (size_t i = 0; i < n; i += stride) {
        float size = factor * fabsf(layer->weights[i]);
        float clipped = fminf(size, grid->range);
        float level = steps.step > 0.0f ? trn_nearest(steps, clipped) : clipped;

        if (size == 0.0f)
            continue;
        error += (double)(size - level) * (double)(size - level);
        all += (double)size * (double)size;
    }
    return all > 0 ? error / all : 0;
}

float trn_weight_range(const struct trnnsf_network *network, size_t first, size_t end,
                       struct trn_level_grid grid, const float *factor, double *out_error)
{
    float most = 0.0f, best = 0.0f;
    double least = INFINITY;

    for (size_t l = first; l < end; l++)
        most = fmaxf(most, factor[l] * largest(&network->layers[l]));
    *out_error = 0;
    if (!(most > 0.0f))
        return 1.0f;
    for (int k = 1; grid.levels > 0 && k <= RANGES; k++) {
        double error = 0;

        grid.range = most * (float)k / (float)RANGES;
        for (size_t l = first; l < end; l++)
            error += grid_error(&network->layers[l], &grid, factor[l]);
        if (error < least) {
            least = *out_error = error;
            best = grid.range;
        }
    }
    return best > 0.0f ? best : most;
}

struct trn_level_grid trn_device_grid(const struct trn_device *device)
{
    return (struct trn_level_grid){.range = (float)device->weight_range,
                                   .levels = device->levels,
                                   .unipolar = device->unipolar != TRNNSF_UNIPOLAR_NONE};
}

void trn_calibrate_weights(struct trnnsf_network *network, const struct trn_device *device,
                           float *factor)
{
    struct trn_level_grid grid = trn_device_grid(device);
    double error;

    for (size_t l = 0; l < network->n_layers; l++)
        factor[l] = 1.0f;
    if (device->uniform && !(grid.range > 0.0f))
        grid.range = trn_weight_range(network, 0, network->n_layers, grid, factor, &error);
    for (size_t l = 0; l < network->n_layers; l++) {
        struct trn_level_grid *own = &network->layers[l].grid;

        *own = grid;
        if (!(grid.range > 0.0f))
            own->range = trn_weight_range(network, l, l + 1, grid, factor, &error);
    }
}
