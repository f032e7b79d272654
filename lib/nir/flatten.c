/* Nested graphs dissolve. A graph's own inputs and outputs are places that edges go through. */
#include "base/context.h"
#include "nir/nir.h"

/* Edges into a nested graph lead to its inputs, edges out of it come from its outputs. */
static trnnsf_status enter_graph(struct trnnsf_nir *nir, size_t graph)
{
    size_t n = nir->n_edges;

    for (size_t k = 0; k < n; k++) {
        struct trn_nir_edge edge = nir->edges[k];
        bool enters = edge.to == graph, leaves = edge.from == graph;

        for (size_t i = 0; (enters || leaves) && i < nir->n_nodes; i++) {
            if (nir->nodes[i].parent != graph)
                continue;
            if (enters && nir->nodes[i].type == TRN_NIR_INPUT)
                TRN_TRY(trn_nir_add_edge(nir, edge.from, i));
            if (leaves && nir->nodes[i].type == TRN_NIR_OUTPUT)
                TRN_TRY(trn_nir_add_edge(nir, i, edge.to));
        }
    }
    return TRNNSF_OK;
}

static trnnsf_status pass_through(struct trnnsf_nir *nir, size_t node)
{
    size_t n = nir->n_edges;

    for (size_t a = 0; a < n; a++) {
        for (size_t b = 0; nir->edges[a].to == node && b < n; b++) {
            if (nir->edges[b].from == node)
                TRN_TRY(trn_nir_add_edge(nir, nir->edges[a].from, nir->edges[b].to));
        }
    }
    return TRNNSF_OK;
}

static void drop_edges(struct trnnsf_nir *nir, size_t node)
{
    size_t left = 0;

    for (size_t k = 0; k < nir->n_edges; k++) {
        if (nir->edges[k].from != node && nir->edges[k].to != node)
            nir->edges[left++] = nir->edges[k];
    }
    nir->n_edges = left;
}

static bool goes(const struct trn_nir_node *node)
{
    bool is_port = node->type == TRN_NIR_INPUT || node->type == TRN_NIR_OUTPUT;

    return node->type == TRN_NIR_GRAPH || (node->parent != TRN_NIR_NONE && is_port);
}

/* Nodes that stay move up; edges, which touch none that go, get their new numbers. */
static trnnsf_status close_gaps(struct trnnsf_nir *nir)
{
    trnnsf_context *ctx = nir->ctx;
    size_t left = 0, *place = TRN_NEW_ARRAY(ctx, size_t, nir->n_nodes);

    if (!place)
        return TRN_NO_MEMORY;
    for (size_t i = 0; i < nir->n_nodes; i++) {
        place[i] = left;
        if (goes(&nir->nodes[i])) {
            trn_nir_node_clear(ctx, &nir->nodes[i]);
            continue;
        }
        nir->nodes[i].parent = TRN_NIR_NONE;
        nir->nodes[left++] = nir->nodes[i];
    }
    nir->n_nodes = left;
    for (size_t k = 0; k < nir->n_edges; k++)
        nir->edges[k] =
            (struct trn_nir_edge){place[nir->edges[k].from], place[nir->edges[k].to]};
    trn_free(ctx, place);
    return TRNNSF_OK;
}

trnnsf_status trn_nir_flatten(struct trnnsf_nir *nir)
{
    bool any = false;

    for (size_t i = 0; i < nir->n_nodes; i++) {
        if (nir->nodes[i].type != TRN_NIR_GRAPH)
            continue;
        any = true;
        TRN_TRY(enter_graph(nir, i));
        drop_edges(nir, i);
    }
    for (size_t i = 0; any && i < nir->n_nodes; i++) {
        if (!goes(&nir->nodes[i]))
            continue;
        TRN_TRY(pass_through(nir, i));
        drop_edges(nir, i);
    }
    return any ? close_gaps(nir) : TRNNSF_OK;
}
