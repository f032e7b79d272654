/* Links from the linear parts of a graph. */
#include "sim/spiking/links.h"

#include <math.h>

#include "base/context.h"
#include "tensor/window.h"

/* Groups of fewer output channels are kept as lists: chosen here, half of a rectangle's padding. */
enum { NARROW = TRN_SPIKE_WIDTH / 2 };

static const char function[] = "trnnsf_spiking_convert";

struct making {
    trnnsf_context *ctx;
    const struct trn_linear *linear;
    const double *scales;
    size_t neurons; /* the number of those that are made */
    struct trn_spiking_layer *layer;
};

static void link_clear(trnnsf_context *ctx, struct trn_spike_link *link)
{
    for (size_t g = 0; link->synapses && g < link->n_groups; g++)
        trn_synapses_clear(ctx, &link->synapses[g]);
    trn_free(ctx, link->synapses);
    trn_free(ctx, link->cells);
    trn_free(ctx, link->tap_start);
    trn_free(ctx, link->taps);
    trn_free(ctx, link->targets);
    trn_free(ctx, link->input_gain);
    trn_free(ctx, link->output_gain);
}

void trn_spike_links_free(trnnsf_context *ctx, struct trn_spiking_layer *layer)
{
    for (size_t k = 0; layer->links && k < layer->n_links; k++)
        link_clear(ctx, &layer->links[k]);
    trn_free(ctx, layer->links);
    layer->links = NULL;
    layer->n_links = 0;
}

static const struct trn_node *node_of(const struct making *making, size_t neurons)
{
    return &making->linear->graph->nodes[making->linear->neurons[neurons]];
}

static size_t largest_row(const struct trn_linear_map *map)
{
    size_t most = 0;

    for (size_t i = 0; i < map->n; i++) {
        size_t count = trn_linear_first(map, i + 1) - trn_linear_first(map, i);

        most = count > most ? count : most;
    }
    return most;
}

/* The one gain of each channel of `map`'s rows, or, where `by_index`, of its values. */
static trnnsf_status find_gains(const struct making *making, const struct trn_linear_map *map,
                                bool by_index, size_t pixels, size_t node, double *gains)
{
    for (size_t i = 0; i < map->n; i++) {
        for (size_t e = trn_linear_first(map, i); e < trn_linear_first(map, i + 1); e++) {
            size_t value = by_index ? trn_linear_index(map, e) : i;
            double gain = trn_linear_gain(map, e), *known = &gains[value / pixels];

            if (*known != 0 && fabs(*known - gain) > 1e-12 * fabs(gain))
                return trn_fail(making->ctx, TRNNSF_E_UNSUPPORTED,
                                "%s: node %zu: values of its channel %zu are sums with shares of "
                                "%g and of %g, as of pools on padding that does not count, and a "
                                "window's weights have one",
                                function, node, value / pixels, *known, gain);
            *known = gain;
        }
    }
    return TRNNSF_OK;
}

/* What of the neurons read stands in a pixel. */
static trnnsf_status set_taps(const struct making *making, const struct trn_linear_map *map,
                              struct trn_spike_link *link)
{
    link->most_taps = largest_row(map);
    if (!map->start)
        return TRNNSF_OK;
    link->tap_start = trn_copy(making->ctx, map->start, map->n + 1, sizeof *map->start);
    link->taps = trn_copy(making->ctx, map->index, map->start[map->n], sizeof *map->index);
    return link->tap_start && link->taps ? TRNNSF_OK : TRN_NO_MEMORY;
}

/* Where sums go. An output that several neurons read would have to be summed twice. */
static trnnsf_status set_targets(const struct making *making, const struct trn_linear_map *map,
                                 size_t n_outputs, size_t node, struct trn_spike_link *link)
{
    link->most_targets = largest_row(map);
    if (!map->start)
        return TRNNSF_OK;
    link->targets = TRN_NEW_ARRAY(making->ctx, uint32_t, n_outputs);
    if (!link->targets)
        return TRN_NO_MEMORY;
    for (size_t i = 0; i < n_outputs; i++)
        link->targets[i] = TRN_SPIKE_NOWHERE;
    for (size_t i = 0; i < map->n; i++) {
        for (size_t e = map->start[i]; e < map->start[i + 1]; e++) {
            if (link->targets[map->index[e]] != TRN_SPIKE_NOWHERE)
                return trn_fail(making->ctx, TRNNSF_E_UNSUPPORTED,
                                "%s: node %zu has no activation, and several values behind it, as "
                                "of pools that overlap, share one of its own",
                                function, node);
            link->targets[map->index[e]] = (uint32_t)i;
        }
    }
    return TRNNSF_OK;
}

static trnnsf_status set_cells(const struct making *making, size_t n_columns,
                               struct trn_spike_link *link)
{
    const struct trnnsf_window *window = &link->convolution.window;
    size_t cells = trn_window_cells(window);

    link->cells = TRN_NEW_ARRAY(making->ctx, struct trn_spike_cell, n_columns);
    if (!link->cells)
        return TRN_NO_MEMORY;
    for (size_t j = 0; j < n_columns; j++) {
        size_t ky = j / window->kernel_width % window->kernel_height, kx = j % window->kernel_width;

        link->cells[j] = (struct trn_spike_cell){
            (uint32_t)(ky * window->dilation_height), (uint32_t)(kx * window->dilation_width),
            (uint32_t)(j / cells * window->height * window->width)};
    }
    return TRNNSF_OK;
}

/* A layer's weights from the neurons of `from`, for those of `to`. */
static trnnsf_status set_layer_link(const struct making *making, const struct trn_linear_term *to,
                                    const struct trn_linear_term *from, struct trn_spike_link *link)
{
    const struct trn_graph *graph = making->linear->graph;
    size_t at = trn_graph_layer_node(graph, to->source);
    const struct trn_node *node = &graph->nodes[at];
    const struct trn_convolution *c = &link->convolution;

    link->layer = to->source;
    link->convolution = trn_convolution_of(node, &graph->nodes[node->inputs[0]].shape, 1);
    link->n_groups = c->groups;
    link->synapses = TRN_NEW_ARRAY(making->ctx, struct trn_synapses, c->groups);
    link->input_gain = TRN_NEW_ARRAY(making->ctx, double, c->groups * c->in_channels);
    link->output_gain = TRN_NEW_ARRAY(making->ctx, double, c->groups * c->out_channels);
    if (!link->synapses || !link->input_gain || !link->output_gain)
        return TRN_NO_MEMORY;
    TRN_TRY(find_gains(making, &from->map, false, c->window.height * c->window.width,
                       node->inputs[0], link->input_gain));
    TRN_TRY(find_gains(making, &to->map, true, c->window.out_height * c->window.out_width, at,
                       link->output_gain));
    TRN_TRY(set_taps(making, &from->map, link));
    TRN_TRY(set_targets(making, &to->map, trn_shape_size(&node->shape), at, link));
    return set_cells(making, making->linear->network->layers[link->layer].n_in, link);
}

static size_t count_links(const struct making *making)
{
    const struct trn_linear *linear = making->linear;
    const struct trn_linear_node *node = &linear->nodes[linear->neurons[making->neurons]];
    size_t count = 0;

    for (size_t t = 0; t < node->n_terms; t++) {
        size_t at = node->terms[t].is_layer
                        ? trn_graph_layer_node(linear->graph, node->terms[t].source)
                        : TRN_NO_NODE;

        count += at == TRN_NO_NODE ? 1
                                   : trn_linear_terms(linear, linear->graph->nodes[at].inputs[0]);
    }
    return count;
}

static void begin_link(const struct making *making, size_t source, struct trn_spike_link *link)
{
    link->source = source;
    link->layer = TRN_NO_LAYER;
    link->n_in = trn_shape_size(&node_of(making, source)->shape);
    link->share = making->scales[source] / making->scales[making->neurons];
}

/* All but weights. */
static trnnsf_status find_links(const struct making *making)
{
    const struct trn_linear *linear = making->linear;
    const struct trn_linear_node *node = &linear->nodes[linear->neurons[making->neurons]];
    struct trn_spike_link *link = making->layer->links;

    for (size_t t = 0; t < node->n_terms; t++) {
        const struct trn_linear_term *to = &node->terms[t];

        if (!to->is_layer) {
            begin_link(making, to->source, link++);
            continue;
        }
        size_t at = trn_graph_layer_node(linear->graph, to->source);
        size_t input = linear->graph->nodes[at].inputs[0];

        for (size_t u = 0; u < trn_linear_terms(linear, input); u++, link++) {
            struct trn_linear_term from = trn_linear_term(linear, input, u);

            begin_link(making, from.source, link);
            TRN_TRY(set_layer_link(making, to, &from, link));
        }
    }
    return TRNNSF_OK;
}

static const struct trn_linear_map *map_of(const struct making *making, size_t source)
{
    const struct trn_linear *linear = making->linear;
    const struct trn_linear_node *node = &linear->nodes[linear->neurons[making->neurons]];
    size_t t = 0;

    while (node->terms[t].is_layer || node->terms[t].source != source)
        t++;
    return &node->terms[t].map;
}

/* No neuron's weights of the link are together more. */
static double bound_of(const struct making *making, const struct trn_spike_link *link)
{
    const struct trn_convolution *c = &link->convolution;
    double most = 0;

    if (link->layer == TRN_NO_LAYER) {
        const struct trn_linear_map *map = map_of(making, link->source);

        for (size_t i = 0; i < map->n; i++) {
            double sum = 0;

            for (size_t e = trn_linear_first(map, i); e < trn_linear_first(map, i + 1); e++)
                sum += fabs(trn_linear_gain(map, e));
            most = fmax(most, sum);
        }
        return link->share * most;
    }
    const struct trn_layer *layer = &making->linear->network->layers[link->layer];
    size_t cells = trn_window_cells(&c->window);

    for (size_t o = 0; o < layer->n_out; o++) {
        const double *gains = link->input_gain + o / c->out_channels * c->in_channels;
        double sum = 0;

        for (size_t j = 0; j < layer->n_in; j++)
            sum += fabs((double)layer->weights[o * layer->n_in + j] * gains[j / cells]);
        most = fmax(most, sum * fabs(link->output_gain[o]));
    }
    return link->share * most * (double)link->most_taps * (double)link->most_targets;
}

/* From neuron to neuron: the map's transpose. */
static trnnsf_status set_neuron_synapses(const struct making *making, struct trn_spike_link *link)
{
    const struct trn_linear_map *map = map_of(making, link->source);
    double factor = making->layer->factor * link->share;
    struct trn_synapses *to;
    size_t count = trn_linear_first(map, map->n);

    link->n_groups = 1;
    link->synapses = to = TRN_NEW_ARRAY(making->ctx, struct trn_synapses, 1);
    if (!to)
        return TRN_NO_MEMORY;
    to->start = TRN_NEW_ARRAY(making->ctx, size_t, link->n_in + 2);
    to->target = TRN_NEW_ARRAY(making->ctx, uint32_t, count);
    to->weight = TRN_NEW_ARRAY(making->ctx, int32_t, count);
    if (!to->start || !to->target || !to->weight)
        return TRN_NO_MEMORY;
    /* Starts are counted one further on, and moved back as they are used. */
    for (size_t e = 0; e < count; e++)
        to->start[trn_linear_index(map, e) + 2]++;
    for (size_t i = 2; i <= link->n_in; i++)
        to->start[i + 1] += to->start[i];
    for (size_t i = 0; i < map->n; i++) {
        for (size_t e = trn_linear_first(map, i); e < trn_linear_first(map, i + 1); e++) {
            size_t at = to->start[trn_linear_index(map, e) + 1]++;

            to->target[at] = (uint32_t)i;
            to->weight[at] = (int32_t)lrint(trn_linear_gain(map, e) * factor);
        }
    }
    return TRNNSF_OK;
}

/* The weights of one group; columns are scratch. */
static trnnsf_status set_group_synapses(const struct making *making, struct trn_spike_link *link,
                                        size_t g, double *columns)
{
    const struct trn_layer *whole = &making->linear->network->layers[link->layer];
    const struct trn_convolution *c = &link->convolution;
    const struct trn_synapse_factor factor = {making->layer->factor * link->share, columns,
                                              link->output_gain + g * c->out_channels};
    struct trn_layer layer = *whole;

    for (size_t j = 0; j < layer.n_in; j++)
        columns[j] = link->input_gain[g * c->in_channels + j / trn_window_cells(&c->window)];
    layer.ready = NULL;
    if (link->n_groups > 1) {
        layer.n_out = c->out_channels;
        layer.weights += g * c->out_channels * layer.n_in;
        layer.mask = NULL;
        layer.clusters = NULL;
    }
    if (layer.n_out < NARROW)
        return trn_synapses_scattered(making->ctx, &layer, &factor, &link->synapses[g]);
    return trn_synapses_of_layer(making->ctx, &layer, &factor, &link->synapses[g]);
}

static trnnsf_status set_layer_synapses(const struct making *making, struct trn_spike_link *link)
{
    trnnsf_status status = TRNNSF_OK;
    size_t n_columns = making->linear->network->layers[link->layer].n_in;
    double *columns = TRN_NEW_ARRAY(making->ctx, double, n_columns);

    TRN_NEED_OUT(columns);
    for (size_t g = 0; g < link->n_groups; g++)
        TRN_TRY_OUT(set_group_synapses(making, link, g, columns));
out:
    trn_free(making->ctx, columns);
    return status;
}

static trnnsf_status set_synapses(const struct making *making)
{
    struct trn_spiking_layer *layer = making->layer;
    double bound = 0;

    for (size_t k = 0; k < layer->n_links; k++) {
        layer->links[k].bound = bound_of(making, &layer->links[k]);
        bound += layer->links[k].bound;
    }
    trn_spiking_set_unit(bound, layer);
    for (size_t k = 0; k < layer->n_links; k++) {
        if (layer->links[k].layer == TRN_NO_LAYER)
            TRN_TRY(set_neuron_synapses(making, &layer->links[k]));
        else
            TRN_TRY(set_layer_synapses(making, &layer->links[k]));
    }
    return TRNNSF_OK;
}

static trnnsf_status set_biases(const struct making *making)
{
    struct trn_spiking_layer *layer = making->layer;
    size_t node = making->linear->neurons[making->neurons];
    const double *constant = making->linear->nodes[node].constant;

    if (!constant)
        return TRNNSF_OK;
    if (!layer->biases)
        layer->biases = TRN_NEW_ARRAY(making->ctx, float, layer->n_out);
    if (!layer->biases)
        return TRN_NO_MEMORY;
    for (size_t o = 0; o < layer->n_out; o++)
        layer->biases[o] = (float)(constant[o] / making->scales[making->neurons]);
    return TRNNSF_OK;
}

trnnsf_status trn_spike_links_make(trnnsf_context *ctx, const struct trn_linear *linear, size_t l,
                             const double *scales, struct trn_spiking_layer *layer)
{
    const struct making making = {ctx, linear, scales, l + 1, layer};

    trn_spike_links_free(ctx, layer);
    layer->n_in = trn_shape_size(&node_of(&making, l)->shape);
    layer->n_out = trn_shape_size(&node_of(&making, l + 1)->shape);
    layer->scale = scales[l];
    layer->node = linear->neurons[l + 1];
    layer->n_links = count_links(&making);
    layer->links = TRN_NEW_ARRAY(ctx, struct trn_spike_link, layer->n_links);
    if (!layer->links)
        return TRN_NO_MEMORY;
    TRN_TRY(find_links(&making));
    TRN_TRY(set_synapses(&making));
    return set_biases(&making);
}
