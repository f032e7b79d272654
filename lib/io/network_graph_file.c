#include "io/network_graph_file.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/context.h"
#include "network/build.h"

enum { WHOLES = 18, REALS = 4, NAME_ROOM = 64 };

/* The whole numbers of a node's options follow one another. */
_Static_assert(offsetof(struct trnnsf_node_options, count_pad) -
                       offsetof(struct trnnsf_node_options, kind) ==
                   (WHOLES - 1) * sizeof(uint32_t),
               "another number of whole options");

static void name_of(char *name, const char *prefix, const char *what)
{
    snprintf(name, NAME_ROOM, "%sgraph.%s", prefix, what);
}

static void name_norm(char *name, const char *prefix, size_t node)
{
    snprintf(name, NAME_ROOM, "%snode.%zu.norm", prefix, node);
}

/* ---- writing ---- */

static void add_options(struct trn_safetensors_writer *writer, const char *prefix,
                        const struct trn_graph *graph)
{
    const size_t shapes[2][2] = {{graph->n_nodes, WHOLES}, {graph->n_nodes, REALS}};
    void *wholes = NULL, *reals = NULL;
    char name[NAME_ROOM];

    name_of(name, prefix, "options");
    trn_safetensors_add_room(writer, name, TRN_TENSOR_U32, 2, shapes[0], &wholes);
    name_of(name, prefix, "reals");
    trn_safetensors_add_room(writer, name, TRN_TENSOR_F64, 2, shapes[1], &reals);
    for (size_t i = 0; wholes && reals && i < graph->n_nodes; i++) {
        const struct trnnsf_node_options *o = &graph->nodes[i].options;
        const double values[REALS] = {o->slope, o->epsilon, o->momentum, o->dropout};

        memcpy((uint32_t *)wholes + i * WHOLES, &o->kind, WHOLES * sizeof(uint32_t));
        memcpy((double *)reals + i * REALS, values, sizeof values);
    }
}

static void add_inputs(struct trn_safetensors_writer *writer, const char *prefix,
                       const struct trn_graph *graph)
{
    void *starts = NULL, *inputs = NULL;
    const size_t n_starts = graph->n_nodes + 1;
    size_t count = 0;
    char name[NAME_ROOM];

    for (size_t i = 0; i < graph->n_nodes; i++)
        count += graph->nodes[i].n_inputs;
    name_of(name, prefix, "input_start");
    trn_safetensors_add_room(writer, name, TRN_TENSOR_U64, 1, &n_starts, &starts);
    name_of(name, prefix, "inputs");
    trn_safetensors_add_room(writer, name, TRN_TENSOR_U32, 1, &count, &inputs);
    count = 0;
    for (size_t i = 0; starts && inputs && i < graph->n_nodes; i++) {
        const struct trn_node *node = &graph->nodes[i];

        if (node->n_inputs > 0)
            memcpy((uint32_t *)inputs + count, node->inputs, node->n_inputs * sizeof(uint32_t));
        count += node->n_inputs;
        ((uint64_t *)starts)[i + 1] = count;
    }
    if (starts)
        ((uint64_t *)starts)[0] = 0;
}

static void add_norm(struct trn_safetensors_writer *writer, const char *prefix, size_t index,
                     const struct trn_node *node)
{
    const size_t shape[2] = {TRN_NORM_VALUES, node->shape.channels};
    void *room = NULL;
    char name[NAME_ROOM];

    name_norm(name, prefix, index);
    trn_safetensors_add_room(writer, name, TRN_TENSOR_F32, 2, shape, &room);
    for (size_t v = 0; room && v < TRN_NORM_VALUES; v++)
        memcpy((float *)room + v * shape[1], node->norm[v], shape[1] * sizeof(float));
}

void trn_network_graph_add(struct trn_safetensors_writer *writer, const char *prefix,
                           const struct trn_graph *graph)
{
    const struct trn_shape *input = &graph->nodes[0].shape;
    const size_t sides[3] = {input->channels, input->height, input->width};
    char name[NAME_ROOM];

    name_of(name, prefix, "shape");
    trn_safetensors_add_sizes(writer, name, 3, sides);
    add_options(writer, prefix, graph);
    add_inputs(writer, prefix, graph);
    for (size_t i = 0; i < graph->n_nodes; i++) {
        if (graph->nodes[i].options.kind == TRNNSF_NODE_BATCH_NORM)
            add_norm(writer, prefix, i, &graph->nodes[i]);
    }
}

/* ---- reading ---- */

/* The tensors of a graph, as they lie in the file. */
struct reading {
    trnnsf_context *ctx;
    const struct trn_safetensors *file;
    const char *prefix;
    size_t n_nodes;
    size_t *sides;
    size_t *starts;
    const uint32_t *wholes;
    const double *reals;
    const uint32_t *inputs;
};

bool trn_network_graph_is_in(const struct trn_safetensors *file, const char *prefix)
{
    char name[NAME_ROOM];

    name_of(name, prefix, "options");
    return trn_safetensors_find(file, name) != NULL;
}

static trnnsf_status read_sizes(struct reading *r)
{
    const char *file = trn_safetensors_name(r->file);
    size_t n_sides = 0, n_starts = 0, n_inputs = 0;
    const void *data = NULL;
    char name[NAME_ROOM];

    name_of(name, r->prefix, "shape");
    TRN_TRY(trn_safetensors_get_sizes(r->file, name, TRN_NODE_VALUES_MOST, &n_sides, &r->sides));
    if (n_sides != 3)
        return trn_fail(r->ctx, TRNNSF_E_FORMAT, "'%s': tensor '%s' has %zu elements, not 3", file,
                        name, n_sides);
    name_of(name, r->prefix, "inputs");
    TRN_TRY(trn_safetensors_get_list(r->file, name, TRN_TENSOR_U32, &n_inputs, &data));
    r->inputs = data;
    name_of(name, r->prefix, "input_start");
    TRN_TRY(trn_safetensors_get_sizes(r->file, name, n_inputs, &n_starts, &r->starts));
    if (n_starts > TRN_GRAPH_NODES_MOST + 1)
        return trn_fail(r->ctx, TRNNSF_E_LIMIT, "'%s': tensor '%s' is of %zu nodes, more than %d",
                        file, name, n_starts - 1, TRN_GRAPH_NODES_MOST);
    if (n_starts < 2 || r->starts[0] != 0 || r->starts[n_starts - 1] != n_inputs)
        return trn_fail(r->ctx, TRNNSF_E_FORMAT,
                        "'%s': tensor '%s' does not go from 0 to the number of inputs, %zu", file,
                        name, n_inputs);
    for (size_t i = 0; i + 1 < n_starts; i++) {
        if (r->starts[i] > r->starts[i + 1])
            return trn_fail(r->ctx, TRNNSF_E_FORMAT, "'%s': tensor '%s' falls at node %zu", file,
                            name, i);
    }
    r->n_nodes = n_starts - 1;
    return TRNNSF_OK;
}

static trnnsf_status read_options(struct reading *r)
{
    const size_t shapes[2][2] = {{r->n_nodes, WHOLES}, {r->n_nodes, REALS}};
    const void *data = NULL;
    char name[NAME_ROOM];

    name_of(name, r->prefix, "options");
    TRN_TRY(trn_safetensors_get(r->file, name, TRN_TENSOR_U32, 2, shapes[0], &data));
    r->wholes = data;
    name_of(name, r->prefix, "reals");
    TRN_TRY(trn_safetensors_get(r->file, name, TRN_TENSOR_F64, 2, shapes[1], &data));
    r->reals = data;
    return TRNNSF_OK;
}

/* So that no memory is taken for what the file does not hold. */
static trnnsf_status check_norm(const struct reading *r, const struct trn_graph *graph, size_t node)
{
    uint32_t input = r->starts[node] < r->starts[node + 1] ? r->inputs[r->starts[node]] : 0;
    const float *values;
    char name[NAME_ROOM];

    if (r->wholes[node * WHOLES] != TRNNSF_NODE_BATCH_NORM || input >= graph->n_nodes)
        return TRNNSF_OK;
    name_norm(name, r->prefix, node);
    return trn_safetensors_get_finite(
        r->file, name, 2,
        (const size_t[2]){TRN_NORM_VALUES, graph->nodes[input].shape.channels}, &values);
}

static trnnsf_status check_weights(const struct reading *r, const struct trn_graph *graph,
                                   size_t layer)
{
    const struct trn_node *node = &graph->nodes[graph->n_nodes - 1];
    size_t fan_in = (size_t)trn_node_fan_in(node, &graph->nodes[node->inputs[0]].shape);
    const void *data;
    char name[NAME_ROOM];

    snprintf(name, sizeof name, "%slayer.%zu.weight", r->prefix, layer);
    return trn_safetensors_get(r->file, name, TRN_TENSOR_F32, 2,
                               (const size_t[2]){node->options.outputs, fan_in}, &data);
}

static trnnsf_status read_nodes(const struct reading *r, struct trn_graph *graph)
{
    size_t layers = 0;

    TRN_TRY(trn_graph_begin(r->ctx, graph, r->sides[0], r->sides[1], r->sides[2]));
    for (size_t i = 1; i < r->n_nodes; i++) {
        struct trnnsf_node_options o = TRNNSF_NODE_OPTIONS_INIT;

        memcpy(&o.kind, r->wholes + i * WHOLES, WHOLES * sizeof(uint32_t));
        o.slope = r->reals[i * REALS];
        o.epsilon = r->reals[i * REALS + 1];
        o.momentum = r->reals[i * REALS + 2];
        o.dropout = r->reals[i * REALS + 3];
        TRN_TRY(check_norm(r, graph, i));
        TRN_TRY(trn_graph_add(r->ctx, graph, r->inputs + r->starts[i],
                              r->starts[i + 1] - r->starts[i], &o));
        if (trn_node_has_weights(&graph->nodes[i]))
            TRN_TRY(check_weights(r, graph, layers++));
    }
    return TRNNSF_OK;
}

static trnnsf_status read_norms(const struct reading *r, struct trn_graph *graph)
{
    char name[NAME_ROOM];

    for (size_t i = 0; i < graph->n_nodes; i++) {
        const struct trn_node *node = &graph->nodes[i];
        const size_t shape[2] = {TRN_NORM_VALUES, node->shape.channels};
        const float *values = NULL;

        if (node->options.kind != TRNNSF_NODE_BATCH_NORM)
            continue;
        name_norm(name, r->prefix, i);
        TRN_TRY(trn_safetensors_get_finite(r->file, name, 2, shape, &values));
        for (size_t c = 0; c < shape[1]; c++) {
            if (values[TRNNSF_NORM_VARIANCE * shape[1] + c] < 0.0f)
                return trn_fail(r->ctx, TRNNSF_E_FORMAT,
                                "'%s': tensor '%s': the variance of channel %zu is below 0",
                                trn_safetensors_name(r->file), name, c);
        }
        for (size_t v = 0; v < TRN_NORM_VALUES; v++)
            memcpy(node->norm[v], values + v * shape[1], shape[1] * sizeof *values);
    }
    return TRNNSF_OK;
}

trnnsf_status trn_network_graph_read(trnnsf_context *ctx, const struct trn_safetensors *file,
                                     const char *prefix, struct trnnsf_network **out_network)
{
    trnnsf_status status;
    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;
    struct reading reading = {.ctx = ctx, .file = file, .prefix = prefix};
    struct trnnsf_network *network = NULL;
    struct trn_graph graph = {0};

    options.init_scale = 0.0;
    TRN_TRY_OUT(read_sizes(&reading));
    TRN_TRY_OUT(read_options(&reading));
    status = read_nodes(&reading, &graph);
    if (status == TRNNSF_OK)
        status = trn_network_build(ctx, &graph, &options, &network);
    if (status != TRNNSF_OK) {
        status = status == TRNNSF_E_INVALID || status == TRNNSF_E_MISMATCH ||
                         status == TRNNSF_E_STATE
                     ? trn_fail_in(ctx, TRNNSF_E_FORMAT, "'%s'", trn_safetensors_name(file))
                     : status;
        goto out;
    }
    TRN_TRY_OUT(read_norms(&reading, &network->graph));
    *out_network = network;
    network = NULL;
out:
    trn_network_free(network);
    trn_graph_clear(ctx, &graph);
    trn_free(ctx, reading.sides);
    trn_free(ctx, reading.starts);
    return status;
}

size_t trn_network_graph_tensors(const struct trn_safetensors *file,
                                 const struct trnnsf_network *network)
{
    static const char *const known[] = {"shape", "options", "reals", "input_start", "inputs"};
    size_t found = 0;
    char name[NAME_ROOM];

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        name_of(name, "", known[i]);
        found += !trn_network_is_chain(network) && trn_safetensors_find(file, name);
    }
    for (size_t i = 0; i < network->graph.n_nodes; i++) {
        name_norm(name, "", i);
        found += trn_safetensors_find(file, name) != NULL;
    }
    return found;
}
