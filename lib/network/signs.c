/* Signs of weights that share a crossbar, an output or a matrix: from the weights, and by local search. */
#include "base/context.h"
#include "base/random.h"
#include "cluster/clusters.h"
#include "network/device.h"
#include "tensor/blocks.h"

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
    if (device->unipolar == TRNNSF_UNIPOLAR_MATRIX || device->unipolar == TRNNSF_UNIPOLAR_POSITIVE)
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
    bool turns = device->unipolar != TRNNSF_UNIPOLAR_POSITIVE;
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
        signs[i] = turns && sum[group[i]] < 0 ? -1.0f : 1.0f;
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

/* ---- local search ---- */

/* One group of one layer. */
struct candidate {
    uint32_t layer;
    uint32_t group;
};

struct search {
    trnnsf_context *ctx;
    const struct trnnsf_network *network;
    const struct trn_sign_search *how;
    float **signs;
    struct trnnsf_network *trial; /* with the weights that the signs leave */
    uint32_t **group;             /* [n_layers] of each cell */
    size_t *count;                /* [n_layers] groups */
    struct candidate *candidate;
    uint32_t *order;
    size_t n_candidates;
    double loss;
};

static void end_search(struct search *search)
{
    for (size_t l = 0; search->group && l < search->network->n_layers; l++)
        trn_free(search->ctx, search->group[l]);
    trn_free(search->ctx, search->group);
    trn_free(search->ctx, search->count);
    trn_free(search->ctx, search->candidate);
    trn_free(search->ctx, search->order);
    trn_network_free(search->trial);
}

static void apply_sign(struct search *search, size_t l, size_t i)
{
    float w = search->network->layers[l].weights[i];

    search->trial->layers[l].weights[i] = w * search->signs[l][i] > 0.0f ? w : 0.0f;
}

static trnnsf_status find_candidates(struct search *search, const struct trn_device *device)
{
    const struct trnnsf_network *network = search->network;

    for (size_t l = 0; l < network->n_layers; l++) {
        const struct trn_layer *layer = &network->layers[l];

        search->group[l] = TRN_NEW_ARRAY(search->ctx, uint32_t, layer->n_in * layer->n_out);
        if (!search->group[l])
            return TRN_NO_MEMORY;
        search->count[l] = group_cells(layer, device, search->group[l]);
        search->n_candidates += search->count[l];
        for (size_t i = 0; i < layer->n_in * layer->n_out; i++)
            apply_sign(search, l, i);
    }
    search->candidate = TRN_NEW_ARRAY(search->ctx, struct candidate, search->n_candidates);
    search->order = TRN_NEW_ARRAY(search->ctx, uint32_t, search->n_candidates);
    if (!search->candidate || !search->order)
        return TRN_NO_MEMORY;
    for (size_t l = 0, at = 0; l < network->n_layers; l++) {
        for (size_t g = 0; g < search->count[l]; g++)
            search->candidate[at++] = (struct candidate){(uint32_t)l, (uint32_t)g};
    }
    return TRNNSF_OK;
}

static void flip(struct search *search, struct candidate which)
{
    const struct trn_layer *layer = &search->network->layers[which.layer];

    for (size_t i = 0; i < layer->n_in * layer->n_out; i++) {
        if (search->group[which.layer][i] != which.group)
            continue;
        search->signs[which.layer][i] = -search->signs[which.layer][i];
        apply_sign(search, which.layer, i);
    }
    trn_layer_drop_ready(search->trial, which.layer);
}

static trnnsf_status measure(struct search *search, double *out_loss)
{
    const struct trn_sign_search *how = search->how;
    struct trnnsf_evaluation result = {.struct_size = sizeof result};

    TRN_TRY(trn_network_evaluate(search->ctx, search->trial, how->n_samples, how->inputs,
                                 how->labels, how->loss, &result));
    *out_loss = result.loss;
    return TRNNSF_OK;
}

/* Every group once, in an order drawn anew: what lowers the loss stays. */
static trnnsf_status search_round(struct search *search, uint32_t round, bool *out_better)
{
    struct trn_random random;

    *out_better = false;
    for (size_t i = 0; i < search->n_candidates; i++)
        search->order[i] = (uint32_t)i;
    trn_random_init(&random, search->how->seed, TRN_RANDOM_SIGNS, round);
    trn_random_shuffle(&random, search->order, search->n_candidates);
    for (size_t i = 0; i < search->n_candidates; i++) {
        struct candidate which = search->candidate[search->order[i]];
        double loss;

        flip(search, which);
        TRN_TRY(measure(search, &loss));
        if (loss < search->loss) {
            search->loss = loss;
            *out_better = true;
        } else {
            flip(search, which);
        }
    }
    return TRNNSF_OK;
}

trnnsf_status trn_device_search_signs(trnnsf_context *ctx, const struct trnnsf_network *network,
                                      const struct trn_device *device,
                                      const struct trn_sign_search *how, float **signs)
{
    struct search search = {.ctx = ctx, .network = network, .how = how, .signs = signs};
    bool better = true;
    trnnsf_status status;

    TRN_TRY_OUT(trn_network_copy(ctx, network, &search.trial));
    search.group = TRN_NEW_ARRAY(ctx, uint32_t *, network->n_layers);
    TRN_NEED_OUT(search.group);
    search.count = TRN_NEW_ARRAY(ctx, size_t, network->n_layers);
    TRN_NEED_OUT(search.count);
    TRN_TRY_OUT(find_candidates(&search, device));
    TRN_TRY_OUT(measure(&search, &search.loss));
    for (uint32_t round = 0; better && round < how->rounds; round++)
        TRN_TRY_OUT(search_round(&search, round, &better));
out:
    end_search(&search);
    return status;
}
