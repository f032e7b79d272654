/* What each linear type computes, as PyTorch's layers of the same names do. */
#include <string.h>

#include "base/context.h"
#include "nir/map.h"

bool trn_nir_is_linear(uint32_t type)
{
    switch (type) {
    case TRN_NIR_AFFINE:
    case TRN_NIR_AVG_POOL_2D:
    case TRN_NIR_CONV_1D:
    case TRN_NIR_CONV_2D:
    case TRN_NIR_LINEAR:
    case TRN_NIR_SCALE:
    case TRN_NIR_SUM_POOL_2D:
        return true;
    default:
        return false;
    }
}

static trnnsf_status of_matrix(const struct trn_nir_node *node,
                               struct trn_nir_map_builder *builder)
{
    const double *weights = trn_nir_member(node, "weight")->values;
    const struct trn_nir_map *map = &builder->map;

    for (size_t o = 0; o < map->n_out; o++) {
        for (size_t i = 0; i < map->n_in; i++)
            TRN_TRY(trn_nir_map_add(builder, i, weights[o * map->n_in + i]));
        trn_nir_map_end_row(builder);
    }
    return TRNNSF_OK;
}

static trnnsf_status of_scale(const struct trn_nir_node *node, struct trn_nir_map_builder *builder)
{
    const struct trn_nir_member *scale = trn_nir_member(node, "scale");

    for (size_t i = 0; i < builder->map.n_out; i++) {
        TRN_TRY(trn_nir_map_add(builder, i, scale->values[scale->count > 1 ? i : 0]));
        trn_nir_map_end_row(builder);
    }
    return TRNNSF_OK;
}

/* A window that slides over two axes; the first has length 1 where there is one only. */
struct window {
    size_t in[2], out[2], kernel[2], stride[2], dilation[2], padding[2];
};

static void set_window(const struct trn_nir_node *node, struct window *window)
{
    const struct trn_nir_member *weight = trn_nir_member(node, "weight");
    size_t axes = node->input.rank - 1, skip = 2 - axes;

    for (size_t k = 0; k < 2; k++) {
        size_t axis = k < skip ? 0 : k - skip;
        bool is_one = k < skip;

        window->in[k] = is_one ? 1 : node->input.length[axis + 1];
        window->out[k] = is_one ? 1 : node->output.length[axis + 1];
        window->kernel[k] = is_one   ? 1
                            : weight ? weight->shape.length[axis + 2]
                                     : trn_nir_whole(node, "kernel_size", axis, 1);
        window->stride[k] = is_one ? 1 : trn_nir_whole(node, "stride", axis, 1);
        window->dilation[k] = is_one ? 1 : trn_nir_whole(node, "dilation", axis, 1);
        window->padding[k] =
            is_one ? 0 : trn_nir_padding(node, axis, window->kernel[k], window->dilation[k]);
    }
}

/* False where the place lies in the padding. */
static bool place_in(const struct window *window, size_t axis, size_t out, size_t kernel,
                     size_t *in)
{
    size_t at = out * window->stride[axis] + kernel * window->dilation[axis];

    *in = at - window->padding[axis];
    return at >= window->padding[axis] && *in < window->in[axis];
}

/* One channel's part of the row of output (y, x). `weights` [kernel], or NULL: `each` for all. */
static trnnsf_status add_window(const struct window *window, size_t channel, size_t y, size_t x,
                                const double *weights, double each,
                                struct trn_nir_map_builder *builder)
{
    size_t row, column;

    for (size_t i = 0; i < window->kernel[0]; i++) {
        if (!place_in(window, 0, y, i, &row))
            continue;
        for (size_t j = 0; j < window->kernel[1]; j++) {
            if (place_in(window, 1, x, j, &column))
                TRN_TRY(trn_nir_map_add(
                    builder, (channel * window->in[0] + row) * window->in[1] + column,
                    weights ? weights[i * window->kernel[1] + j] : each));
        }
    }
    return TRNNSF_OK;
}

static trnnsf_status of_convolution(const struct trn_nir_node *node,
                                    struct trn_nir_map_builder *builder)
{
    const struct trn_nir_member *weight = trn_nir_member(node, "weight");
    size_t n_out = weight->shape.length[0], n_in = weight->shape.length[1];
    size_t per_group = n_out / trn_nir_whole(node, "groups", 0, 1);
    struct window window;

    set_window(node, &window);
    size_t size = window.kernel[0] * window.kernel[1];
    for (size_t o = 0; o < n_out; o++) {
        for (size_t at = 0; at < window.out[0] * window.out[1]; at++) {
            for (size_t c = 0; c < n_in; c++)
                TRN_TRY(add_window(&window, o / per_group * n_in + c, at / window.out[1],
                                   at % window.out[1], weight->values + (o * n_in + c) * size, 0,
                                   builder));
            trn_nir_map_end_row(builder);
        }
    }
    return TRNNSF_OK;
}

/* Averages count the padding. */
static trnnsf_status of_pool(const struct trn_nir_node *node, struct trn_nir_map_builder *builder)
{
    struct window window;

    set_window(node, &window);
    double cells = (double)window.kernel[0] * (double)window.kernel[1];
    double each = node->type == TRN_NIR_AVG_POOL_2D ? 1 / cells : 1;
    for (size_t c = 0; c < node->output.length[0]; c++) {
        for (size_t at = 0; at < window.out[0] * window.out[1]; at++) {
            TRN_TRY(add_window(&window, c, at / window.out[1], at % window.out[1], NULL, each,
                               builder));
            trn_nir_map_end_row(builder);
        }
    }
    return TRNNSF_OK;
}

static trnnsf_status rows_of(const struct trn_nir_node *node, struct trn_nir_map_builder *builder)
{
    switch (node->type) {
    case TRN_NIR_SCALE:
        return of_scale(node, builder);
    case TRN_NIR_CONV_1D:
    case TRN_NIR_CONV_2D:
        return of_convolution(node, builder);
    case TRN_NIR_AVG_POOL_2D:
    case TRN_NIR_SUM_POOL_2D:
        return of_pool(node, builder);
    default:
        return of_matrix(node, builder);
    }
}

/* Biases are one an output, or one a channel. */
static trnnsf_status bias_of(trnnsf_context *ctx, const struct trn_nir_node *node,
                             struct trn_nir_map *map)
{
    const struct trn_nir_member *bias = trn_nir_member(node, "bias");

    if (!bias)
        return TRNNSF_OK;
    map->bias = TRN_NEW_ARRAY(ctx, double, map->n_out);
    if (!map->bias)
        return TRN_NO_MEMORY;
    for (size_t o = 0; o < map->n_out; o++)
        map->bias[o] = bias->values[o / (map->n_out / bias->count)];
    return TRNNSF_OK;
}

trnnsf_status trn_nir_map_of_node(const struct trnnsf_nir *nir, const struct trn_nir_node *node,
                                  struct trn_nir_map *map)
{
    struct trn_nir_map_builder builder = {.ctx = nir->ctx};
    size_t n_in = 1, n_out = 1;
    trnnsf_status status;

    if ((node->type == TRN_NIR_AFFINE || node->type == TRN_NIR_LINEAR) && node->input.rank != 1)
        return trn_fail(nir->ctx, TRNNSF_E_UNSUPPORTED,
                        "node \"%s\": weights of more than two axes", node->name);
    trn_nir_shape_count(&node->input, &n_in);
    trn_nir_shape_count(&node->output, &n_out);
    status = trn_nir_map_begin(nir->ctx, n_in, n_out, &builder);
    if (status == TRNNSF_OK)
        status = rows_of(node, &builder);
    if (status == TRNNSF_OK)
        status = bias_of(nir->ctx, node, &builder.map);
    if (status == TRNNSF_E_LIMIT)
        status = trn_fail_in(nir->ctx, status, "node \"%s\"", node->name);
    return trn_nir_map_finish(&builder, status, map);
}
