#include "nir/nir.h"

static const struct trn_nir_node *node_of(const struct trnnsf_nir *nir, const char *name)
{
    size_t index = nir && name ? trn_nir_find(nir, name) : TRN_NIR_NONE;

    if (!nir || (name && index == TRN_NIR_NONE))
        return NULL;
    return name ? &nir->nodes[index] : &nir->graph;
}

static const struct trn_nir_member *array_of(const struct trnnsf_nir *nir, const char *node,
                                             const char *member)
{
    const struct trn_nir_node *found = node_of(nir, node);
    const struct trn_nir_member *array = found && member ? trn_nir_member(found, member) : NULL;

    return array && array->values ? array : NULL;
}

const char *trnnsf_nir_version(const trnnsf_nir *nir)
{
    return nir ? nir->version : NULL;
}

size_t trnnsf_nir_nodes(const trnnsf_nir *nir)
{
    return nir ? nir->n_nodes : 0;
}

const char *trnnsf_nir_node_name(const trnnsf_nir *nir, size_t index)
{
    return nir && index < nir->n_nodes ? nir->nodes[index].name : NULL;
}

const char *trnnsf_nir_node_type(const trnnsf_nir *nir, const char *node)
{
    const struct trn_nir_node *found = node ? node_of(nir, node) : NULL;

    return found ? trn_nir_kinds[found->type].name : NULL;
}

size_t trnnsf_nir_edges(const trnnsf_nir *nir)
{
    return nir ? nir->n_edges : 0;
}

const char *trnnsf_nir_edge_from(const trnnsf_nir *nir, size_t index)
{
    return nir && index < nir->n_edges ? nir->nodes[nir->edges[index].from].name : NULL;
}

const char *trnnsf_nir_edge_to(const trnnsf_nir *nir, size_t index)
{
    return nir && index < nir->n_edges ? nir->nodes[nir->edges[index].to].name : NULL;
}

size_t trnnsf_nir_members(const trnnsf_nir *nir, const char *node)
{
    const struct trn_nir_node *found = node_of(nir, node);

    return found ? found->n_members : 0;
}

const char *trnnsf_nir_member_name(const trnnsf_nir *nir, const char *node, size_t index)
{
    const struct trn_nir_node *found = node_of(nir, node);

    return found && index < found->n_members ? found->members[index].name : NULL;
}

uint32_t trnnsf_nir_element_of(const trnnsf_nir *nir, const char *node, const char *member)
{
    const struct trn_nir_member *array = array_of(nir, node, member);

    return array ? array->element : UINT32_MAX;
}

static const size_t *lengths(const struct trn_nir_shape *shape, size_t *out_rank)
{
    if (shape && out_rank)
        *out_rank = shape->rank;
    return shape ? shape->length : NULL;
}

const size_t *trnnsf_nir_shape(const trnnsf_nir *nir, const char *node, const char *member,
                               size_t *out_rank)
{
    const struct trn_nir_member *array = array_of(nir, node, member);

    return lengths(array ? &array->shape : NULL, out_rank);
}

const double *trnnsf_nir_values(const trnnsf_nir *nir, const char *node, const char *member,
                                size_t *out_count)
{
    const struct trn_nir_member *array = array_of(nir, node, member);

    if (array && out_count)
        *out_count = array->count;
    return array ? array->values : NULL;
}

const char *trnnsf_nir_text(const trnnsf_nir *nir, const char *node, const char *member)
{
    const struct trn_nir_node *found = node_of(nir, node);
    const struct trn_nir_member *text = found && member ? trn_nir_member(found, member) : NULL;

    return text ? text->text : NULL;
}

const size_t *trnnsf_nir_input_shape(const trnnsf_nir *nir, const char *node, size_t *out_rank)
{
    const struct trn_nir_node *found = node && nir && nir->is_checked ? node_of(nir, node) : NULL;

    return lengths(found ? &found->input : NULL, out_rank);
}

const size_t *trnnsf_nir_output_shape(const trnnsf_nir *nir, const char *node, size_t *out_rank)
{
    const struct trn_nir_node *found = node && nir && nir->is_checked ? node_of(nir, node) : NULL;

    return lengths(found ? &found->output : NULL, out_rank);
}
