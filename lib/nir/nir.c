/* Graphs in memory. */
#include "nir/nir.h"

#include <stdio.h>
#include <string.h>

#include "base/context.h"

static void member_clear(trnnsf_context *ctx, struct trn_nir_member *member)
{
    trn_free(ctx, member->name);
    trn_free(ctx, member->text);
    trn_free(ctx, member->values);
    *member = (struct trn_nir_member){0};
}

void trn_nir_node_clear(trnnsf_context *ctx, struct trn_nir_node *node)
{
    for (size_t k = 0; k < node->n_members; k++)
        member_clear(ctx, &node->members[k]);
    trn_free(ctx, node->members);
    trn_free(ctx, node->said_input);
    trn_free(ctx, node->said_output);
    trn_free(ctx, node->name);
    *node = (struct trn_nir_node){0};
}

void trn_nir_free(struct trnnsf_nir *nir)
{
    if (!nir)
        return;

    trnnsf_context *ctx = nir->ctx;
    for (size_t i = 0; i < nir->n_nodes; i++)
        trn_nir_node_clear(ctx, &nir->nodes[i]);
    trn_nir_node_clear(ctx, &nir->graph);
    trn_free(ctx, nir->nodes);
    trn_free(ctx, nir->edges);
    trn_free(ctx, nir->version);
    trn_free(ctx, nir);
    trn_context_release(ctx);
}

trnnsf_status trn_nir_new(trnnsf_context *ctx, struct trnnsf_nir **out_nir)
{
    struct trnnsf_nir *nir = TRN_NEW(ctx, struct trnnsf_nir);

    if (!nir)
        return TRN_NO_MEMORY;
    nir->ctx = trn_context_retain(ctx);
    nir->graph.type = TRN_NIR_GRAPH;
    nir->graph.parent = TRN_NIR_NONE;
    *out_nir = nir;
    return TRNNSF_OK;
}

/* Room for one more; zeros in what is new. */
static void *grown(trnnsf_context *ctx, void *items, size_t n, size_t *room, size_t size)
{
    size_t more = *room ? 2 * *room : 4;

    if (n < *room)
        return items;
    char *larger = trn_realloc(ctx, items, more, size);
    if (!larger)
        return NULL;
    memset(larger + n * size, 0, (more - n) * size);
    *room = more;
    return larger;
}

static bool is_plain(const char *name, bool slash)
{
    size_t length = strlen(name);

    for (size_t k = 0; k < length; k++) {
        unsigned char c = (unsigned char)name[k];

        if (c < 0x20 || c == 0x7F || (c == '/' && !slash))
            return false;
    }
    return length > 0 && length <= TRN_NIR_NAME_MAX && strcmp(name, ".") != 0;
}

size_t trn_nir_find(const struct trnnsf_nir *nir, const char *name)
{
    for (size_t i = 0; i < nir->n_nodes; i++) {
        if (strcmp(nir->nodes[i].name, name) == 0)
            return i;
    }
    return TRN_NIR_NONE;
}

trnnsf_status trn_nir_add_node(struct trnnsf_nir *nir, const char *name, uint32_t type,
                               size_t parent, size_t *out_index)
{
    trnnsf_context *ctx = nir->ctx;

    if (!is_plain(name, false))
        return trn_fail(ctx, TRNNSF_E_FORMAT,
                        "a node's name is empty, longer than %d bytes, or has a slash or a control "
                        "character",
                        TRN_NIR_NAME_MAX);
    if (trn_nir_find(nir, name) != TRN_NIR_NONE)
        return trn_fail(ctx, TRNNSF_E_FORMAT, "node \"%s\" is there twice", name);
    if (nir->n_nodes == TRN_NIR_NODES_MAX)
        return trn_fail(ctx, TRNNSF_E_LIMIT, "node \"%s\": more than %d nodes", name,
                        TRN_NIR_NODES_MAX);
    struct trn_nir_node *nodes =
        grown(ctx, nir->nodes, nir->n_nodes, &nir->nodes_room, sizeof *nodes);
    if (!nodes)
        return TRN_NO_MEMORY;
    nir->nodes = nodes;
    char *copy = trn_copy_text(ctx, name);
    if (!copy)
        return TRN_NO_MEMORY;
    nir->nodes[nir->n_nodes] = (struct trn_nir_node){.name = copy, .type = type, .parent = parent};
    if (out_index)
        *out_index = nir->n_nodes;
    nir->n_nodes++;
    nir->is_checked = false;
    return TRNNSF_OK;
}

trnnsf_status trn_nir_add_edge(struct trnnsf_nir *nir, size_t from, size_t to)
{
    trnnsf_context *ctx = nir->ctx;
    const char *a = nir->nodes[from].name, *b = nir->nodes[to].name;

    for (size_t k = 0; k < nir->n_edges; k++) {
        if (nir->edges[k].from == from && nir->edges[k].to == to)
            return trn_fail(ctx, TRNNSF_E_FORMAT, "node \"%s\": edge \"%s\" -> \"%s\" is there twice",
                            b, a, b);
    }
    if (nir->n_edges == TRN_NIR_EDGES_MAX)
        return trn_fail(ctx, TRNNSF_E_LIMIT, "node \"%s\": more than %d edges", b,
                        TRN_NIR_EDGES_MAX);
    struct trn_nir_edge *edges =
        grown(ctx, nir->edges, nir->n_edges, &nir->edges_room, sizeof *edges);
    if (!edges)
        return TRN_NO_MEMORY;
    nir->edges = edges;
    nir->edges[nir->n_edges++] = (struct trn_nir_edge){from, to};
    nir->is_checked = false;
    return TRNNSF_OK;
}

struct trn_nir_member *trn_nir_member(const struct trn_nir_node *node, const char *name)
{
    for (size_t k = 0; k < node->n_members; k++) {
        if (strcmp(node->members[k].name, name) == 0)
            return &node->members[k];
    }
    return NULL;
}

static const char *name_of(const struct trn_nir_node *node)
{
    return node->name ? node->name : "(the graph)";
}

/* The member of that name, empty, for what `failure` allows. */
static trnnsf_status make_member(struct trnnsf_nir *nir, struct trn_nir_node *node,
                                 const char *name, struct trn_nir_member **out_member)
{
    trnnsf_context *ctx = nir->ctx;
    bool is_metadata = strncmp(name, TRN_NIR_METADATA, strlen(TRN_NIR_METADATA)) == 0;
    struct trn_nir_member *member = trn_nir_member(node, name);

    if (!is_plain(name, is_metadata) || (!is_metadata && !trn_nir_parameter(node->type, name)))
        return trn_fail(ctx, TRNNSF_E_FORMAT, "node \"%s\": %s has no member \"%.64s\"",
                        name_of(node), trn_nir_kinds[node->type].name, name);
    if (!member) {
        if (node->n_members == TRN_NIR_MEMBERS_MAX)
            return trn_fail(ctx, TRNNSF_E_LIMIT, "node \"%s\": more than %d members", name_of(node),
                            TRN_NIR_MEMBERS_MAX);
        struct trn_nir_member *members =
            grown(ctx, node->members, node->n_members, &node->room, sizeof *members);
        if (!members)
            return TRN_NO_MEMORY;
        node->members = members;
        member = &node->members[node->n_members];
        member->name = trn_copy_text(ctx, name);
        if (!member->name)
            return TRN_NO_MEMORY;
        node->n_members++;
    }
    trn_free(ctx, member->text);
    trn_free(ctx, member->values);
    member->text = NULL;
    member->values = NULL;
    member->count = 0;
    nir->is_checked = false;
    *out_member = member;
    return TRNNSF_OK;
}

trnnsf_status trn_nir_take_values(struct trnnsf_nir *nir, struct trn_nir_node *node,
                                  const char *name, uint32_t element,
                                  const struct trn_nir_shape *shape, double *values)
{
    struct trn_nir_member *member = NULL;
    size_t count = 0;
    trnnsf_status status;

    if (!trn_nir_shape_count(shape, &count))
        status = trn_fail(nir->ctx, TRNNSF_E_LIMIT, "node \"%s\": %.64s has more than %d values",
                          name_of(node), name, TRN_NIR_VALUES_MAX);
    else
        status = make_member(nir, node, name, &member);
    if (status != TRNNSF_OK) {
        trn_free(nir->ctx, values);
        return status;
    }
    member->element = element;
    member->shape = *shape;
    member->count = count;
    member->values = values;
    for (size_t i = 0; element == TRNNSF_NIR_FLOAT32 && i < count; i++)
        values[i] = (double)(float)values[i];
    return TRNNSF_OK;
}

trnnsf_status trn_nir_set_values(struct trnnsf_nir *nir, struct trn_nir_node *node,
                                 const char *name, uint32_t element,
                                 const struct trn_nir_shape *shape, const double *values)
{
    size_t count;

    if (!trn_nir_shape_count(shape, &count))
        count = 0; /* refused below */
    double *copy = trn_copy(nir->ctx, values, count, sizeof *values);
    return copy ? trn_nir_take_values(nir, node, name, element, shape, copy) : TRN_NO_MEMORY;
}

trnnsf_status trn_nir_set_text(struct trnnsf_nir *nir, struct trn_nir_node *node, const char *name,
                               const char *text)
{
    struct trn_nir_member *member = NULL;

    if (strlen(text) > TRN_NIR_TEXT_MAX)
        return trn_fail(nir->ctx, TRNNSF_E_LIMIT, "node \"%s\": %.64s is longer than %d bytes",
                        name_of(node), name, TRN_NIR_TEXT_MAX);
    char *copy = trn_copy_text(nir->ctx, text);
    if (!copy)
        return TRN_NO_MEMORY;
    trnnsf_status status = make_member(nir, node, name, &member);
    if (status != TRNNSF_OK) {
        trn_free(nir->ctx, copy);
        return status;
    }
    member->text = copy;
    return TRNNSF_OK;
}

trnnsf_status trn_nir_set_said(struct trnnsf_nir *nir, struct trn_nir_shape **said,
                               const struct trn_nir_shape *shape)
{
    struct trn_nir_shape *copy = trn_copy(nir->ctx, shape, 1, sizeof *shape);

    if (!copy)
        return TRN_NO_MEMORY;
    trn_free(nir->ctx, *said);
    *said = copy;
    return TRNNSF_OK;
}

bool trn_nir_shape_count(const struct trn_nir_shape *shape, size_t *out_count)
{
    size_t count = 1;

    for (size_t k = 0; k < shape->rank; k++) {
        if (shape->length[k] > TRN_NIR_VALUES_MAX ||
            !trn_size_multiply(count, shape->length[k], &count) || count > TRN_NIR_VALUES_MAX)
            return false;
    }
    *out_count = count;
    return true;
}

bool trn_nir_shape_same(const struct trn_nir_shape *a, const struct trn_nir_shape *b)
{
    return a->rank == b->rank &&
           (a->rank == 0 || memcmp(a->length, b->length, a->rank * sizeof *a->length) == 0);
}

const char *trn_nir_shape_text(const struct trn_nir_shape *shape, char text[TRN_NIR_SHAPE_TEXT])
{
    int at = snprintf(text, TRN_NIR_SHAPE_TEXT, "[");

    for (size_t k = 0; k < shape->rank; k++)
        at += snprintf(text + at, TRN_NIR_SHAPE_TEXT - (size_t)at, "%s%zu", k ? ", " : "",
                       shape->length[k]);
    snprintf(text + at, TRN_NIR_SHAPE_TEXT - (size_t)at, "]");
    return text;
}
