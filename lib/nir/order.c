/* Who feeds whom. */
#include <string.h>

#include "base/context.h"
#include "nir/nir.h"

/* An edge between two of the nodes that are left: following edges backwards from any of them comes
 * back to one, as each is fed by another. */
static trnnsf_status fail_recurrent(const struct trnnsf_nir *nir, size_t *left)
{
    size_t at = 0;

    while (left[at] == 0)
        at++;
    for (size_t step = 0; step <= nir->n_nodes; step++) {
        size_t k = 0;

        while (nir->edges[k].to != at || left[nir->edges[k].from] == 0)
            k++;
        left[at] = TRN_NIR_NONE; /* been here */
        if (left[nir->edges[k].from] == TRN_NIR_NONE) {
            const char *from = nir->nodes[nir->edges[k].from].name, *to = nir->nodes[at].name;

            return trn_fail(nir->ctx, TRNNSF_E_UNSUPPORTED,
                            "node \"%s\": edge \"%s\" -> \"%s\" is recurrent; only networks without "
                            "loops are simulated",
                            to, from, to);
        }
        at = nir->edges[k].from;
    }
    return TRNNSF_E_CHECK;
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
    status = done < nir->n_nodes ? fail_recurrent(nir, left) : check_reach(nir, order);
    trn_free(ctx, left);
    return status;
}
