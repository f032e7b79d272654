/* What a graph must be. */
#include <math.h>
#include <string.h>

#include "base/context.h"
#include "nir/nir.h"

static const double whole_max = 16777216; /* of strides and paddings: chosen here */

static trnnsf_status fail_value(const struct trnnsf_nir *nir, const struct trn_nir_node *node,
                                const struct trn_nir_member *member, size_t at, const char *limits)
{
    return trn_fail(nir->ctx, TRNNSF_E_FORMAT, "node \"%s\": %s[%zu] %g is not %s", node->name,
                    member->name, at, member->values[at], limits);
}

/* NULL where the value may stand. */
static const char *limits_broken(enum trn_nir_role role, double value)
{
    bool is_whole = value == floor(value) && fabs(value) <= whole_max;

    if (!isfinite(value))
        return "finite";
    switch (role) {
    case TRN_NIR_POSITIVE:
        return value > 0 ? NULL : "above 0";
    case TRN_NIR_NOT_NEGATIVE:
        return value >= 0 ? NULL : "at least 0";
    case TRN_NIR_SHAPE:
    case TRN_NIR_COUNTS:
        return is_whole && value >= 1 ? NULL : "a whole number in [1, 2^24]";
    case TRN_NIR_PADDING:
        return is_whole && value >= 0 ? NULL : "a whole number in [0, 2^24]";
    case TRN_NIR_PLACE:
        return is_whole ? NULL : "a whole number";
    default:
        return NULL;
    }
}

static trnnsf_status check_count(const struct trnnsf_nir *nir, const struct trn_nir_node *node,
                                 const struct trn_nir_member *member, enum trn_nir_role role)
{
    size_t axes = node->type == TRN_NIR_CONV_1D ? 1 : 2, most = member->count;

    if (role == TRN_NIR_COUNTS || role == TRN_NIR_PADDING)
        most = strcmp(member->name, "groups") == 0 ? 1 : axes;
    if (role == TRN_NIR_PLACE)
        most = 1;
    if (role == TRN_NIR_SHAPE)
        most = TRN_NIR_RANK_MAX;
    if (member->count >= 1 && member->count <= most)
        return TRNNSF_OK;
    return trn_fail(nir->ctx, TRNNSF_E_FORMAT, "node \"%s\": %s has %zu values, not 1 to %zu",
                    node->name, member->name, member->count, most > 1 ? most : 1);
}

static trnnsf_status check_member(const struct trnnsf_nir *nir, const struct trn_nir_node *node,
                                  const struct trn_nir_member *member)
{
    const struct trn_nir_parameter *parameter = trn_nir_parameter(node->type, member->name);

    if (!parameter)
        return TRNNSF_OK; /* metadata may be anything */
    if (member->text) {
        if (parameter->role == TRN_NIR_PADDING && node->type != TRN_NIR_AVG_POOL_2D &&
            node->type != TRN_NIR_SUM_POOL_2D &&
            (strcmp(member->text, "same") == 0 || strcmp(member->text, "valid") == 0))
            return TRNNSF_OK;
        return trn_fail(nir->ctx, TRNNSF_E_FORMAT, "node \"%s\": %s is the text \"%.64s\"",
                        node->name, member->name, member->text);
    }
    TRN_TRY(check_count(nir, node, member, parameter->role));
    for (size_t i = 0; i < member->count; i++) {
        const char *limits = limits_broken(parameter->role, member->values[i]);

        if (limits)
            return fail_value(nir, node, member, i, limits);
    }
    return TRNNSF_OK;
}

static trnnsf_status check_node(const struct trnnsf_nir *nir, const struct trn_nir_node *node)
{
    const struct trn_nir_parameter *parameters = trn_nir_kinds[node->type].parameters;

    if (node->type == TRN_NIR_GRAPH)
        return trn_fail(nir->ctx, TRNNSF_E_UNSUPPORTED, "node \"%s\": a nested graph without nodes",
                        node->name);
    for (size_t k = 0; k < TRN_NIR_PARAMETERS && parameters[k].name; k++) {
        if (!parameters[k].is_optional && !trn_nir_member(node, parameters[k].name))
            return trn_fail(nir->ctx, TRNNSF_E_FORMAT, "node \"%s\": %s is missing", node->name,
                            parameters[k].name);
    }
    for (size_t k = 0; k < node->n_members; k++)
        TRN_TRY(check_member(nir, node, &node->members[k]));
    return TRNNSF_OK;
}

static trnnsf_status check_ports(const struct trnnsf_nir *nir)
{
    size_t n_inputs = 0, n_outputs = 0;

    for (size_t i = 0; i < nir->n_nodes; i++) {
        n_inputs += nir->nodes[i].type == TRN_NIR_INPUT;
        n_outputs += nir->nodes[i].type == TRN_NIR_OUTPUT;
    }
    if (n_inputs > 0 && n_outputs > 0)
        return TRNNSF_OK;
    return trn_fail(nir->ctx, TRNNSF_E_FORMAT, "the graph has no node of type %s",
                    n_inputs > 0 ? "Output" : "Input");
}

/* All that feed a node must agree. */
static trnnsf_status infer_node(struct trnnsf_nir *nir, size_t at)
{
    const struct trn_nir_shape *incoming = NULL;
    size_t first = 0;
    char text[TRN_NIR_SHAPE_TEXT], other[TRN_NIR_SHAPE_TEXT];

    for (size_t k = 0; k < nir->n_edges; k++) {
        const struct trn_nir_node *from = &nir->nodes[nir->edges[k].from];

        if (nir->edges[k].to != at)
            continue;
        if (incoming && !trn_nir_shape_same(incoming, &from->output))
            return trn_fail(nir->ctx, TRNNSF_E_FORMAT,
                            "node \"%s\": \"%s\" gives %s and \"%s\" gives %s", nir->nodes[at].name,
                            nir->nodes[first].name, trn_nir_shape_text(incoming, text), from->name,
                            trn_nir_shape_text(&from->output, other));
        first = nir->edges[k].from;
        incoming = &from->output;
    }
    return trn_nir_infer(nir, &nir->nodes[at], incoming);
}

trnnsf_status trn_nir_check(struct trnnsf_nir *nir)
{
    trnnsf_status status = TRNNSF_OK;
    size_t *order = TRN_NEW_ARRAY(nir->ctx, size_t, nir->n_nodes);

    TRN_NEED_OUT(order);
    for (size_t i = 0; i < nir->n_nodes; i++)
        TRN_TRY_OUT(check_node(nir, &nir->nodes[i]));
    TRN_TRY_OUT(check_ports(nir));
    TRN_TRY_OUT(trn_nir_order(nir, order));
    for (size_t i = 0; i < nir->n_nodes; i++)
        TRN_TRY_OUT(infer_node(nir, order[i]));
    nir->is_checked = true;
out:
    trn_free(nir->ctx, order);
    return status;
}
