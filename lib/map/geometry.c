#include "map/geometry.h"

#include <inttypes.h>
#include <string.h>

#include "base/context.h"

/* Lines are numbered by 32 bits, and the last number means none. */
static const uint64_t lines_most = UINT32_MAX;

static const struct trn_map_side one_place = {1, 1, 1, 1, 1, 0, 1};

struct trn_map_geometry trn_map_geometry_of_matrix(uint64_t n_in, uint64_t n_out)
{
    return (struct trn_map_geometry){.scheme = TRNNSF_MAP_KERNEL_COLUMN,
                                     .inputs = n_in,
                                     .outputs = n_out,
                                     .groups = 1,
                                     .side = {one_place, one_place}};
}

struct trn_map_geometry trn_map_geometry_of(const struct trnnsf_network *network, size_t layer)
{
    struct trn_map_geometry geometry =
        trn_map_geometry_of_matrix(network->layers[layer].n_in, network->layers[layer].n_out);
    size_t at = trn_graph_layer_node(&network->graph, layer);

    if (at == TRN_NO_NODE || network->graph.nodes[at].options.kind != TRNNSF_NODE_CONVOLUTION)
        return geometry;

    const struct trn_node *node = &network->graph.nodes[at];
    const struct trnnsf_node_options *o = &node->options;
    const struct trn_shape *input = &network->graph.nodes[node->inputs[0]].shape;

    geometry.inputs = input->channels;
    geometry.groups = o->groups;
    geometry.side[0] = (struct trn_map_side){input->height,
                                             node->shape.height,
                                             o->kernel_height,
                                             o->stride_height,
                                             o->dilation_height,
                                             o->pad_top,
                                             1};
    geometry.side[1] = (struct trn_map_side){input->width,
                                             node->shape.width,
                                             o->kernel_width,
                                             o->stride_width,
                                             o->dilation_width,
                                             o->pad_left,
                                             1};
    return geometry;
}

static bool side_valid(const struct trn_map_side *side)
{
    return side->pixels >= 1 && side->pixels <= TRN_NODE_VALUES_MOST && side->places >= 1 &&
           side->places <= TRN_NODE_VALUES_MOST && side->kernel >= 1 &&
           side->kernel <= TRN_NODE_WINDOW_MOST && side->stride >= 1 &&
           side->stride <= TRN_NODE_WINDOW_MOST && side->dilation >= 1 &&
           side->dilation <= TRN_NODE_WINDOW_MOST && side->pad <= TRN_NODE_WINDOW_MOST &&
           side->window >= 1 && side->window <= side->places &&
           /* so that no more padding stands behind the image than a node can have */
           (side->places - 1) * side->stride + (side->kernel - 1) * side->dilation <
               side->pixels + side->pad + TRN_NODE_WINDOW_MOST + side->stride;
}

trnnsf_status trn_map_geometry_check(trnnsf_context *ctx, const char *function, size_t layer,
                                     const struct trn_map_geometry *g)
{
    const struct trn_map_side *rows = &g->side[0], *columns = &g->side[1];

    if (!side_valid(rows) || !side_valid(columns))
        return trn_fail(ctx, TRNNSF_E_CHECK,
                        "%s: layer %zu: a kernel of %" PRIu64 "x%" PRIu64 " does not give %" PRIu64
                        "x%" PRIu64 " places in windows of %" PRIu64 "x%" PRIu64,
                        function, layer, rows->kernel, columns->kernel, rows->places,
                        columns->places, rows->window, columns->window);
    if (g->scheme > TRNNSF_MAP_DUPLICATED || g->groups < 1 || g->inputs < 1 || g->outputs < 1 ||
        g->inputs % g->groups != 0 || g->outputs % g->groups != 0)
        return trn_fail(ctx, TRNNSF_E_CHECK,
                        "%s: layer %zu: scheme %" PRIu64 ", %" PRIu64 " groups of %" PRIu64
                        " and %" PRIu64 " channels are not possible",
                        function, layer, g->scheme, g->groups, g->inputs, g->outputs);
    if (g->inputs > lines_most / (rows->pixels * columns->pixels) ||
        g->outputs > lines_most / (rows->places * columns->places))
        return trn_fail(ctx, TRNNSF_E_LIMIT, "%s: layer %zu has more than 2^32 - 1 values",
                        function, layer);
    return TRNNSF_OK;
}

uint64_t trn_map_side_reads(const struct trn_map_side *side)
{
    return (side->places + side->window - 1) / side->window;
}

uint64_t trn_map_reads(const struct trn_map_geometry *geometry)
{
    return trn_map_side_reads(&geometry->side[0]) * trn_map_side_reads(&geometry->side[1]);
}

uint64_t trn_map_values(const struct trn_map_geometry *geometry)
{
    return geometry->inputs * geometry->side[0].pixels * geometry->side[1].pixels;
}

uint64_t trn_map_fan_in(const struct trn_map_geometry *geometry)
{
    return geometry->inputs / geometry->groups * geometry->side[0].kernel *
           geometry->side[1].kernel;
}

/* Where one window is the whole side, its padding is always 0 and no row. Not of a kernel's column,
 * which is a row of the layer's own matrix. */
static bool drops_padding(const struct trn_map_geometry *geometry, const struct trn_map_side *side)
{
    return geometry->scheme != TRNNSF_MAP_KERNEL_COLUMN && side->window == side->places;
}

/* age[i], i < extent: at the i-th pixel from the window's first one, with which row or column of a
 * kernel some place reads, the first of them; at least the kernel's size where none does. */
static void mark_cells(const struct trn_map_side *side, size_t extent, uint32_t *age)
{
    size_t dilation = (size_t)side->dilation;

    for (size_t i = 0; i < extent; i++) {
        bool starts = i % side->stride == 0 && i / side->stride < side->window;

        age[i] = starts                                            ? 0
                 : i < dilation || age[i - dilation] == UINT32_MAX ? UINT32_MAX
                                                                   : age[i - dilation] + 1;
    }
}

static bool inside(const struct trn_map_side *side, size_t i)
{
    return i >= side->pad && i - side->pad < side->pixels;
}

static trnnsf_status make_cells(trnnsf_context *ctx, const struct trn_map_geometry *geometry,
                                int index, struct trn_map_cells *cells)
{
    trnnsf_status status = TRNNSF_OK;
    const struct trn_map_side *side = &geometry->side[index];
    size_t extent =
        (size_t)((side->window - 1) * side->stride + (side->kernel - 1) * side->dilation + 1);
    size_t count[2] = {0, 0}; /* of all, of those inside the image */
    uint32_t *age = trn_malloc(ctx, extent, sizeof *age);

    TRN_NEED_OUT(age);
    mark_cells(side, extent, age);
    for (size_t i = 0; i < extent; i++) {
        count[0] += age[i] < side->kernel;
        count[1] += age[i] < side->kernel && inside(side, i);
    }
    /* A matrix has at least one line. */
    cells->inside = drops_padding(geometry, side) && count[1] > 0;
    cells->pixel = TRN_NEW_ARRAY(ctx, int32_t, count[cells->inside]);
    TRN_NEED_OUT(cells->pixel);
    for (size_t i = 0; i < extent; i++) {
        if (age[i] < side->kernel && (inside(side, i) || !cells->inside))
            cells->pixel[cells->count++] = (int32_t)i - (int32_t)side->pad;
    }
out:
    trn_free(ctx, age);
    return status;
}

trnnsf_status trn_map_lines_create(trnnsf_context *ctx, const struct trn_map_geometry *geometry,
                                   struct trn_map_lines *lines)
{
    trnnsf_status status = TRNNSF_OK;

    *lines = (struct trn_map_lines){.ctx = ctx, .geometry = *geometry};
    for (int side = 0; side < 2; side++)
        TRN_TRY_OUT(make_cells(ctx, geometry, side, &lines->cells[side]));

    uint64_t cells = (uint64_t)lines->cells[0].count * lines->cells[1].count;
    uint64_t places = geometry->side[0].window * geometry->side[1].window;
    if (geometry->inputs > lines_most / cells || geometry->outputs > lines_most / places) {
        status = trn_fail(ctx, TRNNSF_E_LIMIT,
                          "map: windows of %" PRIu64 "x%" PRIu64
                          " places give a matrix of more than 2^32 - 1 lines",
                          geometry->side[0].window, geometry->side[1].window);
        goto out;
    }
    lines->n_in = (size_t)(geometry->inputs * cells);
    lines->n_out = (size_t)(geometry->outputs * places);
out:
    if (status != TRNNSF_OK)
        trn_map_lines_free(lines);
    return status;
}

void trn_map_lines_free(struct trn_map_lines *lines)
{
    for (int side = 0; side < 2; side++) {
        if (lines->cells[side].pixel)
            trn_free(lines->ctx, lines->cells[side].pixel);
        lines->cells[side].pixel = NULL;
    }
}

static struct trn_map_line split(size_t line, size_t rows, size_t columns)
{
    size_t row = line / columns;

    return (struct trn_map_line){row / rows, {row % rows, line % columns}};
}

struct trn_map_line trn_map_input(const struct trn_map_lines *lines, size_t input)
{
    return split(input, lines->cells[0].count, lines->cells[1].count);
}

struct trn_map_line trn_map_output(const struct trn_map_lines *lines, size_t output)
{
    return split(output, (size_t)lines->geometry.side[0].window,
                 (size_t)lines->geometry.side[1].window);
}

/* Which read of its side, by rows and then by columns. */
static uint64_t read_of(const struct trn_map_geometry *geometry, int side, uint64_t read)
{
    uint64_t columns = trn_map_side_reads(&geometry->side[1]);

    return side == 0 ? read / columns : read % columns;
}

uint32_t trn_map_input_value(const struct trn_map_lines *lines, const struct trn_map_line *input,
                             uint64_t read)
{
    const struct trn_map_geometry *g = &lines->geometry;
    uint64_t value = input->channel;

    for (int s = 0; s < 2; s++) {
        const struct trn_map_side *side = &g->side[s];
        int64_t pixel = lines->cells[s].pixel[input->at[s]] +
                        (int64_t)(read_of(g, s, read) * side->window * side->stride);

        if (pixel < 0 || pixel >= (int64_t)side->pixels)
            return TRN_NO_VALUE;
        value = value * side->pixels + (uint64_t)pixel;
    }
    return (uint32_t)value;
}

uint32_t trn_map_output_value(const struct trn_map_lines *lines, const struct trn_map_line *output,
                              uint64_t read)
{
    const struct trn_map_geometry *g = &lines->geometry;
    uint64_t value = output->channel;

    for (int s = 0; s < 2; s++) {
        uint64_t place = read_of(g, s, read) * g->side[s].window + output->at[s];

        if (place >= g->side[s].places)
            return TRN_NO_VALUE;
        value = value * g->side[s].places + place;
    }
    return (uint32_t)value;
}

uint64_t trn_map_output_reads(const struct trn_map_geometry *geometry,
                              const struct trn_map_line *output)
{
    uint64_t reads = 1;

    for (int s = 0; s < 2; s++) {
        const struct trn_map_side *side = &geometry->side[s];

        reads *= (side->places - output->at[s] + side->window - 1) / side->window;
    }
    return reads;
}

size_t trn_map_cell_at(const struct trn_map_lines *lines, int side, int64_t pixel)
{
    const struct trn_map_cells *cells = &lines->cells[side];
    size_t low = 0, high = cells->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (cells->pixel[middle] < pixel)
            low = middle + 1;
        else
            high = middle;
    }
    return low < cells->count && cells->pixel[low] == pixel ? low : TRN_NO_CELL;
}

size_t trn_map_cell_of(const struct trn_map_lines *lines, int side, size_t place, size_t k)
{
    const struct trn_map_side *s = &lines->geometry.side[side];

    return trn_map_cell_at(lines, side,
                           (int64_t)(place * s->stride + k * s->dilation) - (int64_t)s->pad);
}

size_t trn_map_kernel_at(const struct trn_map_lines *lines, int side, size_t place, size_t cell)
{
    const struct trn_map_side *s = &lines->geometry.side[side];
    int64_t from = lines->cells[side].pixel[cell] + (int64_t)s->pad - (int64_t)(place * s->stride);

    if (from < 0 || from % (int64_t)s->dilation != 0 ||
        from / (int64_t)s->dilation >= (int64_t)s->kernel)
        return TRN_NO_CELL;
    return (size_t)(from / (int64_t)s->dilation);
}

/* Places of the window whose kernel's k-th row or column is mapped. */
static uint64_t places_of(const struct trn_map_lines *lines, int side, uint64_t k)
{
    const struct trn_map_side *s = &lines->geometry.side[side];
    uint64_t from = k * s->dilation, image = s->pad + s->pixels;
    uint64_t first, end;

    if (!lines->cells[side].inside)
        return s->window;
    first = from < s->pad ? (s->pad - from + s->stride - 1) / s->stride : 0;
    end = from < image ? (image - from + s->stride - 1) / s->stride : 0;
    end = end < s->window ? end : s->window;
    return first < end ? end - first : 0;
}

static uint64_t reads_of_side(const struct trn_map_lines *lines, int side)
{
    uint64_t count = 0;

    for (uint64_t k = 0; k < lines->geometry.side[side].kernel; k++)
        count += places_of(lines, side, k);
    return count;
}

uint64_t trn_map_synapses(const struct trn_map_lines *lines)
{
    const struct trn_map_geometry *g = &lines->geometry;

    return g->outputs * (g->inputs / g->groups) * reads_of_side(lines, 0) * reads_of_side(lines, 1);
}
