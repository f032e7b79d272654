#include "cluster/order.h"

#include "base/context.h"

/* Restarts from a line further out; they settle after two or three (chosen here). */
enum { RESTARTS_MAX = 6 };

/* A search numbers the rows first, then the columns: a line of either side is a node. */
struct search {
    const struct trn_bipartite *graph;
    uint32_t *queue; /* [rows + columns] */
    uint32_t *depth; /* of nodes that are marked */
    uint32_t *mark;  /* number of the search that met the node last */
    uint32_t now;
    size_t count; /* nodes met */
};

static trnnsf_status search_init(trnnsf_context *ctx, const struct trn_bipartite *graph,
                                 struct search *search)
{
    size_t nodes = graph->side[TRN_OUTPUTS].count + graph->side[TRN_INPUTS].count;

    *search = (struct search){.graph = graph};
    search->queue = TRN_NEW_ARRAY(ctx, uint32_t, nodes);
    search->depth = TRN_NEW_ARRAY(ctx, uint32_t, nodes);
    search->mark = TRN_NEW_ARRAY(ctx, uint32_t, nodes);
    return search->queue && search->depth && search->mark ? TRNNSF_OK : TRNNSF_E_NO_MEMORY;
}

static void search_free(trnnsf_context *ctx, struct search *search)
{
    trn_free(ctx, search->queue);
    trn_free(ctx, search->depth);
    trn_free(ctx, search->mark);
}

static int side_of(const struct trn_bipartite *graph, uint32_t node, size_t *line)
{
    size_t rows = graph->side[TRN_OUTPUTS].count;

    *line = node < rows ? node : node - rows;
    return node < rows ? TRN_OUTPUTS : TRN_INPUTS;
}

static size_t node_degree(const struct trn_bipartite *graph, uint32_t node)
{
    size_t line;
    int s = side_of(graph, node, &line);

    return trn_degree(&graph->side[s], line);
}

/* Meets all nodes that hang together with `root`, nearest first. */
static void walk(struct search *search, uint32_t root)
{
    const struct trn_bipartite *graph = search->graph;
    uint32_t rows = (uint32_t)graph->side[TRN_OUTPUTS].count;
    size_t end = 0;

    search->now++;
    search->queue[end++] = root;
    search->mark[root] = search->now;
    search->depth[root] = 0;
    for (size_t at = 0; at < end; at++) {
        size_t line;
        int s = side_of(graph, search->queue[at], &line);
        const struct trn_side *side = &graph->side[s];

        for (size_t e = side->start[line]; e < side->start[line + 1]; e++) {
            uint32_t node = side->other[e] + (s == TRN_OUTPUTS ? rows : 0);

            if (search->mark[node] == search->now)
                continue;
            search->mark[node] = search->now;
            search->depth[node] = search->depth[search->queue[at]] + 1;
            search->queue[end++] = node;
        }
    }
    search->count = end;
}

/* Of the nodes furthest out the one of least degree. */
static uint32_t far_out(const struct search *search)
{
    uint32_t best = search->queue[search->count - 1];
    uint32_t depth = search->depth[best];

    for (size_t i = search->count; i-- > 0 && search->depth[search->queue[i]] == depth;) {
        if (node_degree(search->graph, search->queue[i]) < node_degree(search->graph, best))
            best = search->queue[i];
    }
    return best;
}

/* A walk from a node whose depth a few restarts do not raise. */
static void walk_from_the_end(struct search *search, uint32_t root)
{
    uint32_t depth = 0;

    walk(search, root);
    for (int i = 0; i < RESTARTS_MAX; i++) {
        uint32_t reached = search->depth[search->queue[search->count - 1]];

        if (reached <= depth)
            return;
        depth = reached;
        walk(search, far_out(search));
    }
}

trnnsf_status trn_order_breadth_first(trnnsf_context *ctx, const struct trn_bipartite *graph,
                                      uint32_t *const *order)
{
    size_t rows = graph->side[TRN_OUTPUTS].count;
    size_t at[TRN_SIDES] = {0, 0};
    struct search search;
    trnnsf_status status;

    TRN_TRY_OUT(search_init(ctx, graph, &search));
    /* Every column hangs together with some row. */
    for (uint32_t root = 0; root < rows; root++) {
        if (search.mark[root] > 0)
            continue;
        walk_from_the_end(&search, root);
        for (size_t i = 0; i < search.count; i++) {
            size_t line;
            int s = side_of(graph, search.queue[i], &line);

            order[s][at[s]++] = (uint32_t)line;
        }
    }
out:
    search_free(ctx, &search);
    return status;
}

static size_t ceiling(size_t count, size_t limit)
{
    return count / limit + (count % limit != 0);
}

static size_t part_bound(const struct trn_bipartite *graph, const size_t *limit,
                         const size_t *lines)
{
    size_t bound = 0, rest = 0;

    for (int s = 0; s < TRN_SIDES; s++) {
        size_t part = ceiling(lines[s], limit[s]);
        size_t left = ceiling(graph->side[s].count, limit[s]) - part;

        bound += part;
        rest = left > rest ? left : rest;
    }
    return bound - 1 + rest;
}

trnnsf_status trn_order_bound(trnnsf_context *ctx, const struct trn_bipartite *graph,
                              const size_t *limit, size_t *out_bound)
{
    size_t rows = graph->side[TRN_OUTPUTS].count, best = 0;
    struct search search;
    trnnsf_status status;

    TRN_TRY_OUT(search_init(ctx, graph, &search));
    for (uint32_t root = 0; root < rows; root++) {
        size_t lines[TRN_SIDES] = {0, 0};

        if (search.mark[root] > 0)
            continue;
        walk(&search, root);
        for (size_t i = 0; i < search.count; i++)
            lines[search.queue[i] < rows ? TRN_OUTPUTS : TRN_INPUTS]++;
        size_t bound = part_bound(graph, limit, lines);
        best = bound > best ? bound : best;
    }
    *out_bound = best;
out:
    search_free(ctx, &search);
    return status;
}
