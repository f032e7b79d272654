/* Who feeds whom. */
#include <string.h>

#include "base/context.h"
#include "nir/nir.h"

/* Depth first along the edges from a node that was not seen: the edge that comes back to a node on
 * the way, or TRN_NIR_NONE. place[n_nodes]: 0 not seen, 1 on the way, 2 done; way, next [n_nodes]. */
static size_t edge_back(const struct trnnsf_nir *nir, size_t from, uint8_t *place, size_t *way,
                        size_t *next)
{
    size_t depth = 1;

    way[0] = from;
    next[0] = 0;
    place[from] = 1;
    while (depth > 0) {
        size_t at = way[depth - 1], k = next[depth - 1]++;

        if (k == nir->n_edges) {
            place[at] = 2;
            depth--;
        } else if (nir->edges[k].from == at && place[nir->edges[k].to] == 1) {
            return k;
        } else if (nir->edges[k].from == at && place[nir->edges[k].to] == 0) {
            way[depth] = nir->edges[k].to;
            next[depth++] = 0;
            place[nir->edges[k].to] = 1;
        }
    }
    return TRN_NIR_NONE;
}

/* Inputs first, so that the edge is the one that a person would call backwards. */
static trnnsf_status fail_recurrent(const struct trnnsf_nir *nir)
{
    trnnsf_context *ctx = nir->ctx;
    size_t n = nir->n_nodes, found = TRN_NIR_NONE;
    size_t *way = TRN_NEW_ARRAY(ctx, size_t, 2 * n);
    uint8_t *place = TRN_NEW_ARRAY(ctx, uint8_t, n);
    trnnsf_status status = TRNNSF_E_NO_MEMORY;

    for (size_t i = 0; way && place && i < 2 * n && found == TRN_NIR_NONE; i++) {
        bool begins = i >= n || nir->nodes[i].type == TRN_NIR_INPUT;

        if (begins && place[i % n] == 0)
            found = edge_back(nir, i % n, place, way, way + n);
    }
    if (found != TRN_NIR_NONE) {
        const char *from = nir->nodes[nir->edges[found].from].name;
        const char *to = nir->nodes[nir->edges[found].to].name;

        status = trn_fail(ctx, TRNNSF_E_UNSUPPORTED,
                          "node \"%s\": edge \"%s\" -> \"%s\" is recurrent; only networks without "
                          "loops are simulated",
                          to, from, to);
    }
    trn_free(ctx, place);
    trn_free(ctx, way);
    return status;
}

/* Marks what can be reached along the edges, or against them, from nodes of a type. */
static void reach(const struct trnnsf_nir *nir, const size_t *order, bool backwards, bool *reached)
{
    uint32_t from_type = backwards ? TRN_NIR_OUTPUT : TRN_NIR_INPUT;

    for (size_t i = 0; i < nir->n_nodes; i++)
        reached[i] = nir->nodes[i].type == from_type;
    for (size_t i = 0; i < nir->n_nodes; i++) {
        size_t at = order[backwards ? nir->n_nodes - 1 - i : i];

        for (size_t k = 0; k < nir->n_edges && !reached[at]; k++) {
            const struct trn_nir_edge *edge = &nir->edges[k];

            reached[at] = backwards ? edge->from == at && reached[edge->to]
                                    : edge->to == at && reached[edge->from];
        }
    }
}

static trnnsf_status check_reach(const struct trnnsf_nir *nir, const size_t *order)
{
    bool *reached = TRN_NEW_ARRAY(nir->ctx, bool, nir->n_nodes);
    trnnsf_status status = TRNNSF_OK;

    if (!reached)
        return TRN_NO_MEMORY;
    for (int backwards = 0; backwards < 2 && status == TRNNSF_OK; backwards++) {
        reach(nir, order, backwards, reached);
        for (size_t i = 0; i < nir->n_nodes && status == TRNNSF_OK; i++) {
            if (!reached[i])
                status = trn_fail(nir->ctx, TRNNSF_E_FORMAT, "node \"%s\": %s", nir->nodes[i].name,
                                  backwards ? "no output is reached from it"
                                            : "it is not reached from any input");
        }
    }
    trn_free(nir->ctx, reached);
    return status;
}

trnnsf_status trn_nir_order(const struct trnnsf_nir *nir, size_t *order)
{
    trnnsf_context *ctx = nir->ctx;
    size_t done = 0, *left = TRN_NEW_ARRAY(ctx, size_t, nir->n_nodes); /* edges to come, + 1 */
    trnnsf_status status;

    if (!left)
        return TRN_NO_MEMORY;
    for (size_t i = 0; i < nir->n_nodes; i++)
        left[i] = 1;
    for (size_t k = 0; k < nir->n_edges; k++)
        left[nir->edges[k].to]++;
    for (size_t i = 0; i < nir->n_nodes; i++) {
        if (left[i] == 1)
            order[done++] = i;
    }
    for (size_t next = 0; next < done; next++) {
        left[order[next]] = 0;
        for (size_t k = 0; k < nir->n_edges; k++) {
            if (nir->edges[k].from == order[next] && --left[nir->edges[k].to] == 1)
                order[done++] = nir->edges[k].to;
        }
    }
    status = done < nir->n_nodes ? fail_recurrent(nir) : check_reach(nir, order);
    trn_free(ctx, left);
    return status;
}
