/* How many synapses the lines of a mapped matrix have, without making the matrix. */
#include "base/context.h"
#include "map/count.h"

/* Which lines a layer's kernels connect. */
struct connections {
    const struct trn_map_lines *lines;
    size_t area;         /* cells of a kernel */
    uint32_t *by_output; /* [outputs x area] input channels kept at a cell of a kernel */
    uint32_t *by_input;  /* [inputs x area] output channels, likewise */
    size_t *cell[2];     /* [places x kernel] of a side */
};

static void count_channels(const struct trn_mask *mask, const struct connections *c)
{
    const struct trn_map_geometry *g = &c->lines->geometry;
    size_t n_in = (size_t)(g->inputs / g->groups), n_out = (size_t)(g->outputs / g->groups);

    for (size_t o = 0; o < g->outputs; o++) {
        for (size_t i = 0; i < n_in * c->area; i++) {
            if (mask && !trn_mask_get(mask, o, i))
                continue;
            c->by_output[o * c->area + i % c->area]++;
            c->by_input[o / n_out * n_in * c->area + i]++;
        }
    }
}

/* Adds what a channel connects at a place, or with `input` to the cells of a place. */
static void add_place(const struct connections *c, const uint32_t *channel, size_t y, size_t x,
                      bool input, uint32_t *fan)
{
    const struct trn_map_side *side = c->lines->geometry.side;
    size_t height = (size_t)side[0].kernel, width = (size_t)side[1].kernel;

    for (size_t k = 0; k < c->area; k++) {
        size_t row = c->cell[0][y * height + k / width], column = c->cell[1][x * width + k % width];

        if (row != TRN_NO_CELL && column != TRN_NO_CELL)
            fan[input ? row * c->lines->cells[1].count + column : 0] += channel[k];
    }
}

static void add_places(const struct connections *c, uint32_t *fan_in, uint32_t *fan_out)
{
    const struct trn_map_geometry *g = &c->lines->geometry;
    size_t width = (size_t)g->side[1].window, places = (size_t)g->side[0].window * width;
    size_t cells = c->lines->cells[0].count * c->lines->cells[1].count;

    for (size_t place = 0; place < places; place++) {
        for (size_t o = 0; o < g->outputs; o++)
            add_place(c, c->by_output + o * c->area, place / width, place % width, false,
                      fan_in + o * places + place);
        for (size_t i = 0; i < g->inputs; i++)
            add_place(c, c->by_input + i * c->area, place / width, place % width, true,
                      fan_out + i * cells);
    }
}

static trnnsf_status connect(trnnsf_context *ctx, const struct trn_mask *mask,
                             const struct trn_map_lines *lines, uint32_t *fan_in, uint32_t *fan_out)
{
    trnnsf_status status = TRNNSF_OK;
    const struct trn_map_geometry *g = &lines->geometry;
    struct connections c = {.lines = lines,
                            .area = (size_t)(g->side[0].kernel * g->side[1].kernel)};

    c.by_output = TRN_NEW_ARRAY(ctx, uint32_t, (size_t)g->outputs * c.area);
    c.by_input = TRN_NEW_ARRAY(ctx, uint32_t, (size_t)g->inputs * c.area);
    TRN_NEED_OUT(c.by_output);
    TRN_NEED_OUT(c.by_input);
    for (int s = 0; s < 2; s++) {
        size_t kernel = (size_t)g->side[s].kernel, n = (size_t)g->side[s].window * kernel;

        c.cell[s] = TRN_NEW_ARRAY(ctx, size_t, n);
        TRN_NEED_OUT(c.cell[s]);
        for (size_t i = 0; i < n; i++)
            c.cell[s][i] = trn_map_cell_of(lines, s, i / kernel, i % kernel);
    }
    count_channels(mask, &c);
    add_places(&c, fan_in, fan_out);
out:
    trn_free(ctx, c.by_output);
    trn_free(ctx, c.by_input);
    trn_free(ctx, c.cell[0]);
    trn_free(ctx, c.cell[1]);
    return status;
}

trnnsf_status trn_map_count_lines(trnnsf_context *ctx, const struct trn_mask *mask,
                                  const struct trn_map_lines *lines, size_t n_shapes,
                                  const struct trn_map_shape *shapes,
                                  struct trn_map_counts *out_counts)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_map_counts counts = {0};
    uint32_t *fan_in = TRN_NEW_ARRAY(ctx, uint32_t, lines->n_out);
    uint32_t *fan_out = TRN_NEW_ARRAY(ctx, uint32_t, lines->n_in);

    TRN_NEED_OUT(fan_in);
    TRN_NEED_OUT(fan_out);
    TRN_TRY_OUT(connect(ctx, mask, lines, fan_in, fan_out));
    for (size_t o = 0; o < lines->n_out; o++) {
        counts.synapses += fan_in[o];
        counts.outputs_used += fan_in[o] > 0;
    }
    for (size_t i = 0; i < lines->n_in; i++)
        counts.inputs_used += fan_out[i] > 0;
    TRN_TRY_OUT(trn_map_bound(ctx, n_shapes, shapes, fan_in, lines->n_out, fan_out, lines->n_in,
                              &counts.lower_bound));
    *out_counts = counts;
out:
    trn_free(ctx, fan_in);
    trn_free(ctx, fan_out);
    return status;
}
