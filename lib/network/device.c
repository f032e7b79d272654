#include "network/device.h"

#include <string.h>

#include "base/context.h"
#include "base/pool.h"
#include "cluster/clusters.h"
#include "tensor/blocks.h"

enum { CHUNK = 16384 }; /* values a task, chosen here: 64 KiB stay in a second-level cache */

struct work {
    const struct trn_grid *grid;
    const float *signs;
    const uint8_t *keep;
    const float *from;
    size_t n;
    float *to;
};

static size_t end_of(const struct work *work, size_t task)
{
    return work->n - task * CHUNK < CHUNK ? work->n : (task + 1) * CHUNK;
}

static void clip_task(void *argument, size_t task, size_t worker)
{
    const struct work *work = argument;
    const float *signs = work->signs;
    float range = work->grid->range, *to = work->to;
    size_t end = end_of(work, task);

    (void)worker;
    for (size_t i = task * CHUNK; i < end; i++) {
        float value = to[i] > range ? range : to[i];
        to[i] = value < -range ? -range : value;
    }
    for (size_t i = task * CHUNK; signs && i < end; i++)
        to[i] = to[i] * signs[i] > 0.0f ? to[i] : 0.0f;
}

static void levels_task(void *argument, size_t task, size_t worker)
{
    const struct work *work = argument;
    size_t first = task * CHUNK, end = end_of(work, task);
    struct work clip = *work;
    struct trn_steps steps = work->grid->unipolar
                                 ? trn_steps_unsigned(work->grid->range, work->grid->levels)
                                 : trn_steps_signed(work->grid->range, work->grid->levels);
    float *to = work->to;

    if (to != work->from)
        memcpy(to + first, work->from + first, (end - first) * sizeof *to);
    clip_task(&clip, task, worker);
    for (size_t i = first; steps.step > 0.0f && i < end; i++) {
        float value = trn_nearest(steps, to[i] < 0.0f ? -to[i] : to[i]);
        to[i] = to[i] < 0.0f ? -value : value;
    }
    for (size_t i = first; i < end; i++)
        to[i] = (work->keep && !work->keep[i]) || to[i] == 0.0f ? 0.0f : to[i]; /* no -0 */
}

void trn_device_levels(trnnsf_context *ctx, const struct trn_grid *grid, const float *signs,
                       const uint8_t *keep, size_t n, const float *from, float *to)
{
    struct work work = {grid, signs, keep, from, n, to};

    trn_parallel(ctx, (n + CHUNK - 1) / CHUNK, levels_task, &work);
}

void trn_device_clip(trnnsf_context *ctx, const struct trn_grid *grid, const float *signs, size_t n,
                     float *values)
{
    struct work work = {grid, signs, NULL, values, n, values};

    trn_parallel(ctx, (n + CHUNK - 1) / CHUNK, clip_task, &work);
}

/* ---- signs ---- */

/* Cells by tiles of the layer's natural order: those of a mapping without clusters. */
static size_t group_tiles(const struct trn_layer *layer, size_t rows, size_t columns,
                          uint32_t *group)
{
    size_t across = (layer->n_in + columns - 1) / columns;

    for (size_t i = 0; i < layer->n_out; i++) {
        for (size_t j = 0; j < layer->n_in; j++)
            group[i * layer->n_in + j] = (uint32_t)(i / rows * across + j / columns);
    }
    return (layer->n_out + rows - 1) / rows * across;
}

/* A cell that lies in several clusters is the first one's, as in the mapping. */
static size_t group_clusters(const struct trn_layer *layer, size_t groups, uint32_t *group)
{
    const struct trn_blocks *blocks = layer->clusters->blocks;

    for (size_t b = blocks->count; b-- > 0;) {
        for (size_t i = blocks->row_start[b]; i < blocks->row_start[b + 1]; i++) {
            for (size_t j = blocks->column_start[b]; j < blocks->column_start[b + 1]; j++)
                group[blocks->row[i] * layer->n_in + blocks->column[j]] = (uint32_t)(groups + b);
        }
    }
    return groups + blocks->count;
}

static size_t side(size_t tile, size_t whole)
{
    return tile > 0 && tile < whole ? tile : whole;
}

static size_t group_cells(const struct trn_layer *layer, const struct trn_device *device,
                          uint32_t *group)
{
    if (device->unipolar == TRNNSF_UNIPOLAR_MATRIX)
        return group_tiles(layer, layer->n_out, layer->n_in, group);
    if (device->unipolar == TRNNSF_UNIPOLAR_OUTPUT)
        return group_tiles(layer, 1, layer->n_in, group);

    size_t tiles = group_tiles(layer, side(device->tile_outputs, layer->n_out),
                               side(device->tile_inputs, layer->n_in), group);
    return layer->clusters ? group_clusters(layer, tiles, group) : tiles;
}

trnnsf_status trn_device_signs(trnnsf_context *ctx, const struct trn_layer *layer,
                               const float *weights, const struct trn_device *device,
                               float *signs)
{
    size_t n = layer->n_in * layer->n_out, groups;
    uint32_t *group = TRN_NEW_ARRAY(ctx, uint32_t, n);
    double *sum;

    if (!group)
        return TRN_NO_MEMORY;
    groups = group_cells(layer, device, group);
    sum = TRN_NEW_ARRAY(ctx, double, groups);
    if (!sum) {
        trn_free(ctx, group);
        return TRN_NO_MEMORY;
    }
    for (size_t i = 0; i < n; i++) {
        double w = (double)weights[i];

        sum[group[i]] += w < 0 ? -w * w : w * w;
    }
    for (size_t i = 0; i < n; i++)
        signs[i] = sum[group[i]] < 0 ? -1.0f : 1.0f;
    trn_free(ctx, sum);
    trn_free(ctx, group);
    return TRNNSF_OK;
}

void trn_device_free_signs(trnnsf_context *ctx, const struct trnnsf_network *network, float **signs)
{
    for (size_t l = 0; signs && l < network->n_layers; l++)
        trn_free(ctx, signs[l]);
    trn_free(ctx, signs);
}

trnnsf_status trn_device_all_signs(trnnsf_context *ctx, const struct trnnsf_network *network,
                                   const struct trn_device *device, float ***out_signs)
{
    float **signs = TRN_NEW_ARRAY(ctx, float *, network->n_layers);
    trnnsf_status status = TRNNSF_OK;

    TRN_NEED_OUT(signs);
    for (size_t l = 0; device->unipolar != TRNNSF_UNIPOLAR_NONE && l < network->n_layers; l++) {
        const struct trn_layer *layer = &network->layers[l];

        signs[l] = trn_malloc(ctx, layer->n_in * layer->n_out, sizeof **signs);
        TRN_NEED_OUT(signs[l]);
        TRN_TRY_OUT(trn_device_signs(ctx, layer, layer->weights, device, signs[l]));
    }
    *out_signs = signs;
    return TRNNSF_OK;
out:
    trn_device_free_signs(ctx, network, signs);
    return status;
}
