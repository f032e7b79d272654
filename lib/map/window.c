/* Windows by counting what they take. The product of crossbars and reads is the cost of mapping in
 * Rhe, Moon and Ko, "VW-SDK: Efficient convolutional weight mapping using variable windows for
 * processing-in-memory architectures", DATE 2022, who count arrays x windows; kernels that share
 * the rows of a window are of Zhang et al., "Efficient and robust RRAM-based convolutional neural
 * network with shifted and duplicated kernels", IEEE TCAD 2020. Here channels are not cut at whole
 * windows: tiles are those of the patch's matrix. */
#include "map/window.h"

#include "base/context.h"

/* cells[n]: different pixels along a side that the kernels of n neighbouring places read, n from 1
 * to `most`. */
static trnnsf_status count_cells(trnnsf_context *ctx, const struct trn_map_side *side, size_t most,
                                 uint64_t *cells)
{
    size_t extent = (size_t)((most - 1) * side->stride + (side->kernel - 1) * side->dilation + 1);
    uint8_t *read = trn_calloc(ctx, extent, 1);
    uint64_t count = 0;

    if (!read)
        return TRN_NO_MEMORY;
    for (size_t place = 0; place < most; place++) {
        for (size_t k = 0; k < side->kernel; k++) {
            uint8_t *cell = &read[place * side->stride + k * side->dilation];

            count += *cell == 0;
            *cell = 1;
        }
        cells[place + 1] = count;
    }
    trn_free(ctx, read);
    return TRNNSF_OK;
}

static uint64_t ceil_divide(uint64_t a, uint64_t b)
{
    return (a + b - 1) / b;
}

/* Crossbars of a patch: several groups share one where they fit. */
static uint64_t count_crossbars(const struct trn_map_geometry *g, struct trn_map_shape shape,
                                uint64_t cells, uint64_t places)
{
    uint64_t rows = g->inputs / g->groups * cells, columns = g->outputs / g->groups * places;

    if (rows > 0 && rows <= shape.inputs && columns > 0 && columns <= shape.outputs) {
        uint64_t by_rows = shape.inputs / rows, by_columns = shape.outputs / columns;

        return ceil_divide(g->groups, by_rows < by_columns ? by_rows : by_columns);
    }
    return g->groups * ceil_divide(rows, shape.inputs) * ceil_divide(columns, shape.outputs);
}

struct choice {
    const struct trn_map_geometry *geometry;
    struct trn_map_shape shape;
    uint64_t span[2]; /* places that windows or patches are to cover, by side */
    size_t most[2];
    uint64_t *cells[2];
    struct trn_map_patch best;
    uint64_t cost;
};

static void weigh(struct choice *c, size_t height, size_t width)
{
    uint64_t cells = c->cells[0][height] * c->cells[1][width];
    uint64_t crossbars = count_crossbars(c->geometry, c->shape, cells, height * width);
    uint64_t cost = crossbars * ceil_divide(c->span[0], height) * ceil_divide(c->span[1], width);

    if (c->cost > 0 && (cost > c->cost || (cost == c->cost && crossbars >= c->best.crossbars)))
        return;
    c->best = (struct trn_map_patch){{height, width}, crossbars};
    c->cost = cost;
}

/* Of all rectangles whose outputs of a channel fit a crossbar's columns and whose cells of a
 * channel fit its rows. */
static trnnsf_status choose(trnnsf_context *ctx, struct choice *c, bool fixed)
{
    trnnsf_status status = TRNNSF_OK;

    for (int s = 0; s < 2; s++) {
        c->most[s] = fixed ? 1 : c->shape.outputs;
        c->most[s] = c->span[s] < c->most[s] ? (size_t)c->span[s] : c->most[s];
        c->cells[s] = TRN_NEW_ARRAY(ctx, uint64_t, c->most[s] + 1);
        TRN_NEED_OUT(c->cells[s]);
        TRN_TRY_OUT(count_cells(ctx, &c->geometry->side[s], c->most[s], c->cells[s]));
    }
    weigh(c, 1, 1);
    for (size_t h = 1; h <= c->most[0]; h++) {
        for (size_t w = 1; w <= c->most[1] && h * w <= c->shape.outputs; w++) {
            if (c->cells[0][h] * c->cells[1][w] <= c->shape.inputs)
                weigh(c, h, w);
        }
    }
out:
    trn_free(ctx, c->cells[0]);
    trn_free(ctx, c->cells[1]);
    return status;
}

trnnsf_status trn_map_patch_find(trnnsf_context *ctx, const struct trn_map_geometry *geometry,
                                 struct trn_map_shape shape, bool fixed,
                                 struct trn_map_patch *out_patch)
{
    struct choice choice = {.geometry = geometry,
                            .shape = shape,
                            .span = {geometry->side[0].window, geometry->side[1].window}};

    TRN_TRY(choose(ctx, &choice, fixed));
    *out_patch = choice.best;
    return TRNNSF_OK;
}

trnnsf_status trn_map_window_set(trnnsf_context *ctx, uint32_t scheme, const uint32_t window[2],
                                 struct trn_map_shape shape, bool fixed,
                                 struct trn_map_geometry *geometry)
{
    struct choice choice = {.geometry = geometry, .shape = shape};

    for (int s = 0; s < 2; s++) {
        choice.span[s] = geometry->side[s].places;
        geometry->side[s].window = 1;
    }
    if (scheme == TRNNSF_MAP_DUPLICATED && window[0] == 0)
        TRN_TRY(choose(ctx, &choice, fixed));

    bool whole = true, single = true, kernel = false;
    for (int s = 0; scheme != TRNNSF_MAP_KERNEL_COLUMN && s < 2; s++) {
        struct trn_map_side *side = &geometry->side[s];
        uint64_t wanted = scheme == TRNNSF_MAP_UNROLLED ? side->places
                          : window[0] > 0               ? window[s]
                                                        : choice.best.places[s];

        side->window = wanted < side->places ? wanted : side->places;
        whole = whole && side->window == side->places;
        single = single && side->window == 1;
        kernel = kernel || side->kernel > 1;
    }
    if (scheme == TRNNSF_MAP_KERNEL_COLUMN ||
        (single && (scheme == TRNNSF_MAP_DUPLICATED || !kernel)))
        geometry->scheme = TRNNSF_MAP_KERNEL_COLUMN;
    else
        geometry->scheme = whole ? TRNNSF_MAP_UNROLLED : TRNNSF_MAP_DUPLICATED;
    return TRNNSF_OK;
}
