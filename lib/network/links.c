#include "network/links.h"

#include <string.h>

#include "base/context.h"
#include "base/sort.h"

/* The sources of each line, one after the other. */
struct lists {
    trnnsf_context *ctx;
    size_t n_lines, capacity;
    size_t *start; /* [lines + 2]: of the one that is being made, too */
    uint32_t *source;
};

/* What is at work: of each node the lists of its channels. */
struct tracing {
    trnnsf_context *ctx;
    const struct trnnsf_network *network;
    struct trn_links *links;
    struct lists *of; /* [n_nodes]; empty where a node has its input's */
};

static trnnsf_status lists_begin(trnnsf_context *ctx, size_t most_lines, struct lists *lists)
{
    *lists = (struct lists){.ctx = ctx, .start = TRN_NEW_ARRAY(ctx, size_t, most_lines + 2)};
    return lists->start ? TRNNSF_OK : TRN_NO_MEMORY;
}

static void lists_free(trnnsf_context *ctx, struct lists *lists)
{
    trn_free(ctx, lists->start);
    trn_free(ctx, lists->source);
}

/* `count` sources join the line that is being made. */
static trnnsf_status lists_add(struct lists *lists, const uint32_t *source, size_t count)
{
    size_t end = lists->start[lists->n_lines + 1], needed = end + count;

    if (needed > lists->capacity) {
        size_t capacity = needed + needed / 2 + 16;
        uint32_t *more = trn_realloc(lists->ctx, lists->source, capacity, sizeof *more);

        if (!more)
            return TRN_NO_MEMORY;
        lists->source = more;
        lists->capacity = capacity;
    }
    memcpy(lists->source + end, source, count * sizeof *source);
    lists->start[lists->n_lines + 1] = needed;
    return TRNNSF_OK;
}

/* Ends that line: its sources in order, each once. */
static void lists_end_line(struct lists *lists)
{
    size_t first = lists->start[lists->n_lines], end = lists->start[lists->n_lines + 1];
    size_t kept = first;

    trn_sort_indices(lists->source + first, end - first);
    for (size_t i = first; i < end; i++) {
        if (i == first || lists->source[i] != lists->source[kept - 1])
            lists->source[kept++] = lists->source[i];
    }
    lists->start[++lists->n_lines] = kept;
    lists->start[lists->n_lines + 1] = kept;
}

/* The lists that stand for a node, whose input's are its own where it has none. */
static const struct lists *lists_of(const struct tracing *t, size_t at)
{
    while (!t->of[at].start)
        at = t->network->graph.nodes[at].inputs[0];
    return &t->of[at];
}

static trnnsf_status add_line(struct lists *to, const struct lists *from, size_t line)
{
    return lists_add(to, from->source + from->start[line],
                     from->start[line + 1] - from->start[line]);
}

/* Outputs first, first + 1, … of all layers; or the samples `count` times. */
static trnnsf_status trace_own(struct lists *to, size_t count, uint32_t first)
{
    for (size_t c = 0; c < count; c++) {
        uint32_t source = first == TRN_SAMPLES ? TRN_SAMPLES : first + (uint32_t)c;

        TRN_TRY(lists_add(to, &source, 1));
        lists_end_line(to);
    }
    return TRNNSF_OK;
}

static trnnsf_status trace_sum(const struct tracing *t, const struct trn_node *node,
                               struct lists *to)
{
    for (size_t c = 0; c < node->shape.channels; c++) {
        for (size_t i = 0; i < node->n_inputs; i++)
            TRN_TRY(add_line(to, lists_of(t, node->inputs[i]), c));
        lists_end_line(to);
    }
    return TRNNSF_OK;
}

static trnnsf_status trace_join(const struct tracing *t, const struct trn_node *node,
                                struct lists *to)
{
    for (size_t i = 0; i < node->n_inputs; i++) {
        const struct lists *from = lists_of(t, node->inputs[i]);

        for (size_t c = 0; c < from->n_lines; c++) {
            TRN_TRY(add_line(to, from, c));
            lists_end_line(to);
        }
    }
    return TRNNSF_OK;
}

/* A channel's values lie in some that follow one another of the input's. */
static trnnsf_status trace_reshape(const struct tracing *t, const struct trn_node *node,
                                   struct lists *to)
{
    const struct lists *from = lists_of(t, node->inputs[0]);
    size_t side = trn_shape_pixels(&node->shape);
    size_t input_side = trn_shape_pixels(&t->network->graph.nodes[node->inputs[0]].shape);

    for (size_t c = 0; c < node->shape.channels; c++) {
        for (size_t i = c * side / input_side; i <= (c * side + side - 1) / input_side; i++)
            TRN_TRY(add_line(to, from, i));
        lists_end_line(to);
    }
    return TRNNSF_OK;
}

static trnnsf_status trace_node(struct tracing *t, size_t at)
{
    const struct trn_node *node = &t->network->graph.nodes[at];
    uint32_t kind = node->options.kind;
    struct lists *to = &t->of[at];

    if (kind == TRNNSF_NODE_MAX_POOL || kind == TRNNSF_NODE_MEAN_POOL ||
        kind == TRNNSF_NODE_BATCH_NORM || kind == TRNNSF_NODE_ACTIVATION)
        return TRNNSF_OK;
    TRN_TRY(lists_begin(t->ctx, node->shape.channels, to));
    if (kind == TRNNSF_NODE_ADD)
        return trace_sum(t, node, to);
    if (kind == TRNNSF_NODE_CONCAT)
        return trace_join(t, node, to);
    if (kind == TRNNSF_NODE_RESHAPE)
        return trace_reshape(t, node, to);
    return trace_own(to, node->shape.channels,
                     trn_node_has_weights(node) ? (uint32_t)t->links->first_output[node->layer]
                                                : TRN_SAMPLES);
}

static trnnsf_status make_room(trnnsf_context *ctx, struct trn_links *links)
{
    size_t n = links->n_layers;

    links->first_output = TRN_NEW_ARRAY(ctx, size_t, n + 1);
    links->first_line = TRN_NEW_ARRAY(ctx, size_t, n + 2);
    links->columns = TRN_NEW_ARRAY(ctx, size_t, n);
    links->group_rows = TRN_NEW_ARRAY(ctx, size_t, n);
    links->group_lines = TRN_NEW_ARRAY(ctx, size_t, n);
    return links->first_output && links->first_line && links->columns && links->group_rows &&
                   links->group_lines
               ? TRNNSF_OK
               : TRN_NO_MEMORY;
}

static trnnsf_status count_outputs(trnnsf_context *ctx, const struct trnnsf_network *network,
                                   struct trn_links *links)
{
    for (size_t l = 0; l < links->n_layers; l++) {
        links->first_output[l + 1] = links->first_output[l] + network->layers[l].n_out;
        links->columns[l] = 1;
        links->group_rows[l] = network->layers[l].n_out;
    }
    if (trn_links_outputs(links) >= TRN_SAMPLES)
        return trn_fail(ctx, TRNNSF_E_LIMIT, "layers with %zu outputs in sum are beyond 2^32 - 2",
                        trn_links_outputs(links));
    return TRNNSF_OK;
}

/* Lists of one layer after another; n_layers: of the network's outputs. */
static trnnsf_status append(struct lists *all, const struct lists *from, size_t layer,
                            struct trn_links *links)
{
    for (size_t c = 0; c < from->n_lines; c++) {
        TRN_TRY(add_line(all, from, c));
        lists_end_line(all);
    }
    links->first_line[layer + 1] = all->n_lines;
    if (layer < links->n_layers)
        links->group_lines[layer] = from->n_lines;
    return TRNNSF_OK;
}

static trnnsf_status link_chain(const struct tracing *t, struct lists *all)
{
    const struct trnnsf_network *network = t->network;

    for (size_t l = 0; l <= network->n_layers; l++) {
        size_t count = l > 0 ? network->layers[l - 1].n_out : network->layers[0].n_in;
        uint32_t first = l > 0 ? (uint32_t)t->links->first_output[l - 1] : TRN_SAMPLES;
        struct lists one = {.start = NULL};
        trnnsf_status status = lists_begin(t->ctx, count, &one);

        if (status == TRNNSF_OK)
            status = trace_own(&one, count, first);
        if (status == TRNNSF_OK)
            status = append(all, &one, l, t->links);
        lists_free(t->ctx, &one);
        TRN_TRY(status);
    }
    return TRNNSF_OK;
}

static trnnsf_status link_graph(struct tracing *t, struct lists *all)
{
    const struct trn_graph *graph = &t->network->graph;
    struct trn_links *links = t->links;

    t->of = TRN_NEW_ARRAY(t->ctx, struct lists, graph->n_nodes);
    if (!t->of)
        return TRN_NO_MEMORY;
    for (size_t i = 0; i < graph->n_nodes; i++) {
        const struct trn_node *node = &graph->nodes[i];

        TRN_TRY(trace_node(t, i));
        if (!trn_node_has_weights(node))
            continue;
        TRN_TRY(append(all, lists_of(t, node->inputs[0]), node->layer, links));
        size_t groups = node->options.kind == TRNNSF_NODE_CONVOLUTION ? node->options.groups : 1;

        links->group_rows[node->layer] /= groups;
        links->group_lines[node->layer] /= groups;
        links->columns[node->layer] =
            t->network->layers[node->layer].n_in / links->group_lines[node->layer];
    }
    return append(all, lists_of(t, graph->n_nodes - 1), links->n_layers, links);
}

static size_t count_lines(const struct trnnsf_network *network)
{
    const struct trn_graph *graph = &network->graph;
    size_t count = 0;

    if (trn_network_is_chain(network)) {
        count = network->layers[0].n_in;
        for (size_t l = 0; l < network->n_layers; l++)
            count += network->layers[l].n_out;
        return count;
    }
    for (size_t i = 0; i < graph->n_nodes; i++) {
        if (trn_node_has_weights(&graph->nodes[i]))
            count += graph->nodes[graph->nodes[i].inputs[0]].shape.channels;
    }
    return count + graph->nodes[graph->n_nodes - 1].shape.channels;
}

trnnsf_status trn_links_create(trnnsf_context *ctx, const struct trnnsf_network *network,
                               struct trn_links **out_links)
{
    struct trn_links *links = TRN_NEW(ctx, struct trn_links);
    struct tracing t = {.ctx = ctx, .network = network, .links = links};
    struct lists all = {.ctx = ctx};
    trnnsf_status status;

    if (!links)
        return TRN_NO_MEMORY;
    links->n_layers = network->n_layers;
    TRN_TRY_OUT(make_room(ctx, links));
    TRN_TRY_OUT(count_outputs(ctx, network, links));
    TRN_TRY_OUT(lists_begin(ctx, count_lines(network), &all));
    TRN_TRY_OUT(trn_network_is_chain(network) ? link_chain(&t, &all) : link_graph(&t, &all));
    links->start = all.start;
    links->source = all.source;
    all.start = NULL;
    all.source = NULL;
    *out_links = links;
    links = NULL;
out:
    for (size_t i = 0; t.of && i < network->graph.n_nodes; i++)
        lists_free(ctx, &t.of[i]);
    trn_free(ctx, t.of);
    lists_free(ctx, &all);
    trn_links_free(ctx, links);
    return status;
}

void trn_links_free(trnnsf_context *ctx, struct trn_links *links)
{
    if (!links)
        return;
    trn_free(ctx, links->first_output);
    trn_free(ctx, links->first_line);
    trn_free(ctx, links->columns);
    trn_free(ctx, links->group_rows);
    trn_free(ctx, links->group_lines);
    trn_free(ctx, links->start);
    trn_free(ctx, links->source);
    trn_free(ctx, links);
}

bool trn_links_join(const struct trn_links *links, size_t from, size_t to)
{
    size_t first = links->first_output[from], end = links->first_output[from + 1];

    for (size_t e = links->start[links->first_line[to]];
         e < links->start[links->first_line[to + 1]]; e++) {
        if (links->source[e] >= first && links->source[e] < end)
            return true;
    }
    return false;
}

void trn_links_feed(const struct trn_links *links, size_t layer, const bool *outputs, bool *lines)
{
    for (size_t c = 0; c < trn_links_lines(links, layer); c++) {
        size_t line = links->first_line[layer] + c;

        lines[c] = false;
        for (size_t e = links->start[line]; e < links->start[line + 1] && !lines[c]; e++)
            lines[c] = links->source[e] == TRN_SAMPLES || outputs[links->source[e]];
    }
}

void trn_links_read(const struct trn_links *links, size_t layer, const bool *lines, bool *outputs)
{
    for (size_t c = 0; c < trn_links_lines(links, layer); c++) {
        size_t line = links->first_line[layer] + c;

        for (size_t e = links->start[line]; lines[c] && e < links->start[line + 1]; e++) {
            if (links->source[e] != TRN_SAMPLES)
                outputs[links->source[e]] = true;
        }
    }
}

void trn_links_reached(const struct trn_links *links, const struct trnnsf_network *network,
                       bool *outputs)
{
    for (size_t l = 0; l < links->n_layers; l++) {
        for (size_t i = 0; i < network->layers[l].n_out; i++)
            outputs[links->first_output[l] + i] = trn_layer_feeds(&network->layers[l], i);
    }
}
