#include "sim/spiking/linear.h"

#include <math.h>
#include <string.h>

#include "base/context.h"

static const size_t entries_most = (size_t)1 << 28;

static const char function[] = "trnnsf_spiking_convert";

struct site {
    trnnsf_context *ctx;
    struct trn_linear *linear;
    const struct trn_node *node;
    size_t at;
};

static void map_clear(trnnsf_context *ctx, struct trn_linear_map *map)
{
    trn_free(ctx, map->start);
    trn_free(ctx, map->index);
    trn_free(ctx, map->gain);
    *map = (struct trn_linear_map){0};
}

void trn_linear_clear(trnnsf_context *ctx, struct trn_linear *linear)
{
    for (size_t i = 0; linear->nodes && i < linear->graph->n_nodes; i++) {
        struct trn_linear_node *node = &linear->nodes[i];

        for (size_t k = 0; k < node->n_terms; k++)
            map_clear(ctx, &node->terms[k].map);
        trn_free(ctx, node->terms);
        trn_free(ctx, node->constant);
    }
    trn_free(ctx, linear->nodes);
    trn_free(ctx, linear->neurons);
    *linear = (struct trn_linear){0};
}

size_t trn_linear_terms(const struct trn_linear *linear, size_t node)
{
    const struct trn_linear_node *of = &linear->nodes[node];

    return of->neurons != TRN_NO_LAYER ? 1 : of->n_terms;
}

struct trn_linear_term trn_linear_term(const struct trn_linear *linear, size_t node, size_t k)
{
    const struct trn_linear_node *of = &linear->nodes[node];

    if (of->neurons == TRN_NO_LAYER)
        return of->terms[k];
    return (struct trn_linear_term){
        .source = of->neurons, .map.n = trn_shape_size(&linear->graph->nodes[node].shape)};
}

static const double *constant_of(const struct trn_linear *linear, size_t node)
{
    return linear->nodes[node].neurons != TRN_NO_LAYER ? NULL : linear->nodes[node].constant;
}

static trnnsf_status refuse(const struct site *site, const char *why)
{
    return trn_fail(site->ctx, TRNNSF_E_UNSUPPORTED, "%s: node %zu %s", function, site->at, why);
}

static size_t row_count(const struct trn_linear_map *map, size_t row)
{
    return trn_linear_first(map, row + 1) - trn_linear_first(map, row);
}

/* Room for entries that start[1 … n] count row by row; they become starts. */
static trnnsf_status map_room(const struct site *site, struct trn_linear_map *map)
{
    for (size_t i = 0; i < map->n; i++) {
        map->start[i + 1] += map->start[i];
        if (map->start[i + 1] > entries_most)
            return trn_fail(site->ctx, TRNNSF_E_LIMIT,
                            "%s: node %zu sums more than %zu values in all", function, site->at,
                            entries_most);
    }
    map->index = TRN_NEW_ARRAY(site->ctx, uint32_t, map->start[map->n]);
    map->gain = TRN_NEW_ARRAY(site->ctx, double, map->start[map->n]);
    return map->index && map->gain ? TRNNSF_OK : TRN_NO_MEMORY;
}

static trnnsf_status map_begin(const struct site *site, size_t n, struct trn_linear_map *map)
{
    *map = (struct trn_linear_map){.n = n, .start = TRN_NEW_ARRAY(site->ctx, size_t, n + 1)};
    return map->start ? TRNNSF_OK : TRN_NO_MEMORY;
}

/* What `outer` makes of the values that `inner` makes. */
static trnnsf_status compose(const struct site *site, const struct trn_linear_map *outer,
                             const struct trn_linear_map *inner, struct trn_linear_map *out)
{
    size_t e = 0, count = trn_linear_first(outer, outer->n);

    if (!outer->start && !inner->start) {
        *out = *outer;
        return TRNNSF_OK;
    }
    TRN_TRY(map_begin(site, outer->n, out));
    for (size_t i = 0; i < outer->n; i++) {
        for (size_t k = trn_linear_first(outer, i); k < trn_linear_first(outer, i + 1); k++)
            out->start[i + 1] += row_count(inner, trn_linear_index(outer, k));
    }
    TRN_TRY(map_room(site, out));
    for (size_t k = 0; k < count; k++) {
        size_t row = trn_linear_index(outer, k);

        for (size_t m = trn_linear_first(inner, row); m < trn_linear_first(inner, row + 1); m++) {
            out->index[e] = (uint32_t)trn_linear_index(inner, m);
            out->gain[e++] = trn_linear_gain(outer, k) * trn_linear_gain(inner, m);
        }
    }
    return TRNNSF_OK;
}

static size_t copy_row(const struct trn_linear_map *from, size_t row, size_t at,
                       struct trn_linear_map *to)
{
    for (size_t e = trn_linear_first(from, row); e < trn_linear_first(from, row + 1); e++) {
        to->index[at] = (uint32_t)trn_linear_index(from, e);
        to->gain[at++] = trn_linear_gain(from, e);
    }
    return at;
}

/* The sum of two maps of one source. */
static trnnsf_status sum_up(const struct site *site, const struct trn_linear_map *a,
                            const struct trn_linear_map *b, struct trn_linear_map *out)
{
    size_t e = 0;

    TRN_TRY(map_begin(site, a->n, out));
    for (size_t i = 0; i < a->n; i++)
        out->start[i + 1] = row_count(a, i) + row_count(b, i);
    TRN_TRY(map_room(site, out));
    for (size_t i = 0; i < a->n; i++) {
        e = copy_row(a, i, e, out);
        e = copy_row(b, i, e, out);
    }
    return TRNNSF_OK;
}

/* `map`, which is taken over or freed, becomes one of the node's terms, or part of one. */
static trnnsf_status add_term(const struct site *site, bool is_layer, size_t source,
                              struct trn_linear_map *map)
{
    struct trn_linear_node *node = &site->linear->nodes[site->at];
    struct trn_linear_term *terms;
    trnnsf_status status;

    for (size_t k = 0; k < node->n_terms; k++) {
        struct trn_linear_term *term = &node->terms[k];
        struct trn_linear_map sum = {0};

        if (term->source != source || term->is_layer != is_layer)
            continue;
        status = sum_up(site, &term->map, map, &sum);
        map_clear(site->ctx, status == TRNNSF_OK ? &term->map : &sum);
        map_clear(site->ctx, map);
        if (status == TRNNSF_OK)
            term->map = sum;
        return status;
    }
    terms = trn_realloc(site->ctx, node->terms, node->n_terms + 1, sizeof *terms);
    if (!terms) {
        map_clear(site->ctx, map);
        return TRN_NO_MEMORY;
    }
    node->terms = terms;
    node->terms[node->n_terms++] = (struct trn_linear_term){is_layer, source, *map};
    return TRNNSF_OK;
}

static const struct trn_shape *input_shape(const struct site *site, size_t k)
{
    return &site->linear->graph->nodes[site->node->inputs[k]].shape;
}

/* The pixel of a window's cell, SIZE_MAX off the image: of a place and a cell on one axis. */
static size_t pixel(size_t place, size_t stride, size_t cell, size_t dilation, size_t pad,
                    size_t pixels)
{
    size_t at = place * stride + cell * dilation;

    return at >= pad && at - pad < pixels ? at - pad : SIZE_MAX;
}

/* Row `out` of a mean pool: its inputs, or where they are NULL only their number. */
static size_t pool_row(const struct site *site, size_t out, uint32_t *index)
{
    const struct trnnsf_node_options *o = &site->node->options;
    const struct trn_shape *in = input_shape(site, 0), *shape = &site->node->shape;
    size_t c = out / trn_shape_pixels(shape), count = 0;
    size_t oy = out / shape->width % shape->height, ox = out % shape->width;

    for (size_t ky = 0; ky < o->kernel_height; ky++) {
        size_t y = pixel(oy, o->stride_height, ky, o->dilation_height, o->pad_top, in->height);

        for (size_t kx = 0; y != SIZE_MAX && kx < o->kernel_width; kx++) {
            size_t x = pixel(ox, o->stride_width, kx, o->dilation_width, o->pad_left, in->width);

            if (x == SIZE_MAX)
                continue;
            if (index)
                index[count] = (uint32_t)((c * in->height + y) * in->width + x);
            count++;
        }
    }
    return count;
}

static trnnsf_status pool_map(const struct site *site, struct trn_linear_map *map)
{
    const struct trnnsf_node_options *o = &site->node->options;
    double cells = (double)o->kernel_height * o->kernel_width;

    TRN_TRY(map_begin(site, trn_shape_size(&site->node->shape), map));
    for (size_t i = 0; i < map->n; i++)
        map->start[i + 1] = pool_row(site, i, NULL);
    TRN_TRY(map_room(site, map));
    for (size_t i = 0; i < map->n; i++) {
        size_t count = pool_row(site, i, map->index + map->start[i]);

        for (size_t k = 0; k < count; k++)
            map->gain[map->start[i] + k] = 1.0 / (o->count_pad ? cells : (double)count);
    }
    return TRNNSF_OK;
}

/* `count` values from `first` on are those of the input, times what a batch norm has. */
static trnnsf_status diagonal_map(const struct site *site, size_t first, size_t count,
                                  struct trn_linear_map *map)
{
    const struct trn_node *node = site->node;
    size_t pixels = trn_shape_pixels(&node->shape);
    bool is_norm = node->options.kind == TRNNSF_NODE_BATCH_NORM;

    TRN_TRY(map_begin(site, trn_shape_size(&node->shape), map));
    for (size_t i = first; i < first + count; i++)
        map->start[i + 1] = 1;
    TRN_TRY(map_room(site, map));
    for (size_t i = 0; i < count; i++) {
        map->index[i] = (uint32_t)i;
        map->gain[i] = is_norm ? trn_norm_factor(node, i / pixels) : 1.0;
    }
    return TRNNSF_OK;
}

/* What the node makes of its k-th input, whose values go from `first` on. */
static trnnsf_status map_of_input(const struct site *site, size_t k, size_t first,
                                  struct trn_linear_map *map)
{
    *map = (struct trn_linear_map){.n = trn_shape_size(&site->node->shape)};
    switch (site->node->options.kind) {
    case TRNNSF_NODE_MEAN_POOL:
        return pool_map(site, map);
    case TRNNSF_NODE_BATCH_NORM:
    case TRNNSF_NODE_CONCAT:
        return diagonal_map(site, first, trn_shape_size(input_shape(site, k)), map);
    default:
        return TRNNSF_OK;
    }
}

static trnnsf_status need_constant(const struct site *site, double **out_constant)
{
    struct trn_linear_node *node = &site->linear->nodes[site->at];

    if (!node->constant)
        node->constant = TRN_NEW_ARRAY(site->ctx, double, trn_shape_size(&site->node->shape));
    *out_constant = node->constant;
    return node->constant ? TRNNSF_OK : TRN_NO_MEMORY;
}

static trnnsf_status add_constants(const struct site *site, size_t k,
                                   const struct trn_linear_map *map)
{
    const double *from = constant_of(site->linear, site->node->inputs[k]);
    double *constant;

    if (!from)
        return TRNNSF_OK;
    TRN_TRY(need_constant(site, &constant));
    for (size_t i = 0; i < map->n; i++) {
        for (size_t e = trn_linear_first(map, i); e < trn_linear_first(map, i + 1); e++)
            constant[i] += trn_linear_gain(map, e) * from[trn_linear_index(map, e)];
    }
    return TRNNSF_OK;
}

static trnnsf_status add_offsets(const struct site *site)
{
    size_t pixels = trn_shape_pixels(&site->node->shape);
    double *constant;

    TRN_TRY(need_constant(site, &constant));
    for (size_t i = 0; i < trn_shape_size(&site->node->shape); i++)
        constant[i] += trn_norm_offset(site->node, i / pixels);
    return TRNNSF_OK;
}

/* Pools, norms, sums and joins. */
static trnnsf_status combine(const struct site *site)
{
    const struct trn_node *node = site->node;
    trnnsf_status status = TRNNSF_OK;
    struct trn_linear_map map = {0};
    size_t first = 0;

    for (size_t k = 0; k < node->n_inputs; k++) {
        TRN_TRY_OUT(map_of_input(site, k, first, &map));
        for (size_t t = 0; t < trn_linear_terms(site->linear, node->inputs[k]); t++) {
            struct trn_linear_term term = trn_linear_term(site->linear, node->inputs[k], t);
            struct trn_linear_map made = {0};

            status = compose(site, &map, &term.map, &made);
            if (status == TRNNSF_OK)
                status = add_term(site, term.is_layer, term.source, &made);
            else
                map_clear(site->ctx, &made);
            TRN_TRY_OUT(status);
        }
        TRN_TRY_OUT(add_constants(site, k, &map));
        first += trn_shape_size(input_shape(site, k));
        map_clear(site->ctx, &map);
    }
    if (node->options.kind == TRNNSF_NODE_BATCH_NORM)
        status = add_offsets(site);
out:
    map_clear(site->ctx, &map);
    return status;
}

/* What a layer adds to the constants of its input, which are there: one output of one place. */
static double layer_constant(const struct site *site, const double *from, size_t o, size_t oy,
                             size_t ox)
{
    const struct trnnsf_node_options *options = &site->node->options;
    const struct trn_layer *layer = &site->linear->network->layers[site->node->layer];
    const struct trn_shape *in = input_shape(site, 0);
    const float *row = layer->weights + o * layer->n_in;
    size_t cells = (size_t)options->kernel_height * options->kernel_width;
    size_t first = o / (layer->n_out / options->groups) * (in->channels / options->groups);
    double sum = 0;

    for (size_t j = 0; j < layer->n_in; j++) {
        size_t row_of_cell = j / options->kernel_width % options->kernel_height;
        size_t y = pixel(oy, options->stride_height, row_of_cell, options->dilation_height,
                         options->pad_top, in->height);
        size_t x = pixel(ox, options->stride_width, j % options->kernel_width,
                         options->dilation_width, options->pad_left, in->width);

        if (y != SIZE_MAX && x != SIZE_MAX)
            sum += (double)row[j] * from[((first + j / cells) * in->height + y) * in->width + x];
    }
    return sum;
}

static trnnsf_status layer_constants(const struct site *site)
{
    const struct trn_layer *layer = &site->linear->network->layers[site->node->layer];
    const struct trn_shape *shape = &site->node->shape;
    const double *from = constant_of(site->linear, site->node->inputs[0]);
    bool dense = site->node->options.kind == TRNNSF_NODE_DENSE;
    double *constant;

    if (!from && !layer->biases)
        return TRNNSF_OK;
    TRN_TRY(need_constant(site, &constant));
    for (size_t i = 0; i < trn_shape_size(shape); i++) {
        size_t o = i / trn_shape_pixels(shape);

        constant[i] = layer->biases ? (double)layer->biases[o] : 0;
        for (size_t j = 0; from && dense && j < layer->n_in; j++)
            constant[i] += (double)layer->weights[o * layer->n_in + j] * from[j];
        if (from && !dense)
            constant[i] +=
                layer_constant(site, from, o, i / shape->width % shape->height, i % shape->width);
    }
    return TRNNSF_OK;
}

static trnnsf_status add_layer(const struct site *site)
{
    struct trn_linear_map map = {.n = trn_shape_size(&site->node->shape)};
    uint32_t input = site->node->inputs[0];

    for (size_t k = 0; k < trn_linear_terms(site->linear, input); k++) {
        if (trn_linear_term(site->linear, input, k).is_layer)
            return refuse(site, "reads sums that have no activation: layers of weights follow one "
                                "another by spikes, so max(z, 0) must stand between them");
    }
    TRN_TRY(layer_constants(site));
    return add_term(site, true, site->node->layer, &map);
}

static trnnsf_status check_activation(const struct site *site)
{
    uint32_t activation = site->node->options.activation;

    if (site->at + 1 == site->linear->graph->n_nodes ||
        activation == TRNNSF_ACTIVATION_LINEAR || activation == TRNNSF_ACTIVATION_RELU ||
        activation == TRNNSF_ACTIVATION_RELU6)
        return TRNNSF_OK;
    return trn_fail(site->ctx, TRNNSF_E_UNSUPPORTED,
                    "%s: node %zu has activation %u; only max(z, 0), and that cut at 6, is a "
                    "firing rate",
                    function, site->at, activation);
}

static trnnsf_status visit(const struct site *site)
{
    TRN_TRY(check_activation(site));
    switch (site->node->options.kind) {
    case TRNNSF_NODE_DENSE:
    case TRNNSF_NODE_CONVOLUTION:
        return add_layer(site);
    case TRNNSF_NODE_MAX_POOL:
        return refuse(site, "is a max pool: the largest of some rates is no sum of spikes; mean "
                            "pools are");
    default:
        return combine(site);
    }
}

static bool fires(const struct trn_graph *graph, size_t i)
{
    return i == 0 || i + 1 == graph->n_nodes ||
           graph->nodes[i].options.activation != TRNNSF_ACTIVATION_LINEAR;
}

trnnsf_status trn_linear_create(trnnsf_context *ctx, const struct trnnsf_network *network,
                                struct trn_linear *linear)
{
    const struct trn_graph *graph = &network->graph;
    trnnsf_status status = TRNNSF_OK;

    *linear = (struct trn_linear){.graph = graph, .network = network};
    linear->nodes = TRN_NEW_ARRAY(ctx, struct trn_linear_node, graph->n_nodes);
    linear->neurons = TRN_NEW_ARRAY(ctx, uint32_t, graph->n_nodes);
    TRN_NEED_OUT(linear->nodes);
    TRN_NEED_OUT(linear->neurons);
    for (size_t i = 0; i < graph->n_nodes; i++) {
        const struct site site = {ctx, linear, &graph->nodes[i], i};

        linear->nodes[i].neurons = TRN_NO_LAYER;
        if (i > 0)
            TRN_TRY_OUT(visit(&site));
        if (fires(graph, i)) {
            linear->nodes[i].neurons = linear->n_neurons;
            linear->neurons[linear->n_neurons++] = (uint32_t)i;
        }
    }
out:
    if (status != TRNNSF_OK)
        trn_linear_clear(ctx, linear);
    return status;
}
