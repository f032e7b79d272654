#include <math.h>
#include <string.h>

#include "base/context.h"
#include "base/options.h"
#include "nir/nir.h"

static const double whole_max = 9007199254740992.0; /* 2^53 */

trnnsf_status trnnsf_nir_create(trnnsf_context *context, trnnsf_nir **out_nir)
{
    if (!context)
        return TRNNSF_E_INVALID;
    if (!out_nir)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_nir_create: out_nir is NULL");
    return trn_nir_new(context, out_nir);
}

void trnnsf_nir_free(trnnsf_nir *nir)
{
    trn_nir_free(nir);
}

/* Failures below leave their text in the graph's context, which may be another one. */
static trnnsf_status finish(trnnsf_context *ctx, const struct trnnsf_nir *nir,
                            trnnsf_status status, const char *function)
{
    if (status == TRNNSF_OK)
        return TRNNSF_OK;
    if (ctx != nir->ctx)
        return trn_fail(ctx, status, "%s: %s", function, trnnsf_context_error(nir->ctx));
    return trn_fail_in(ctx, status, "%s", function);
}

trnnsf_status trnnsf_nir_add_node(trnnsf_context *context, trnnsf_nir *nir, const char *name,
                                  const char *type)
{
    static const char function[] = "trnnsf_nir_add_node";

    if (!context)
        return TRNNSF_E_INVALID;
    if (!nir || !name || !type)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        !nir    ? "nir"
                        : !name ? "name"
                                : "type");
    uint32_t known = trn_nir_type(type);
    if (known == TRN_NIR_TYPES || known == TRN_NIR_GRAPH)
        return trn_fail(context, TRNNSF_E_UNSUPPORTED,
                        "%s: node \"%.64s\": type \"%.64s\" is not supported", function, name,
                        type);
    return finish(context, nir, trn_nir_add_node(nir, name, known, TRN_NIR_NONE, NULL), function);
}

static trnnsf_status find_node(trnnsf_context *ctx, const char *function, struct trnnsf_nir *nir,
                               const char *name, struct trn_nir_node **out_node)
{
    size_t index = name ? trn_nir_find(nir, name) : TRN_NIR_NONE;

    if (name && index == TRN_NIR_NONE)
        return trn_fail(ctx, TRNNSF_E_NOT_FOUND, "%s: no node \"%.64s\"", function, name);
    *out_node = name ? &nir->nodes[index] : &nir->graph;
    return TRNNSF_OK;
}

static trnnsf_status check_values(trnnsf_context *ctx, const char *function, uint32_t element,
                                  const struct trn_nir_shape *shape, const double *values)
{
    size_t count = 0;

    if (!trn_nir_shape_count(shape, &count))
        return TRNNSF_OK; /* refused with the node's name */
    for (size_t i = 0; i < count; i++) {
        bool fits = element != TRNNSF_NIR_INT64 ||
                    (values[i] == floor(values[i]) && fabs(values[i]) <= whole_max);

        if (element == TRNNSF_NIR_FLOAT32)
            fits = !isfinite(values[i]) || isfinite((float)values[i]);
        if (!fits)
            return trn_fail(ctx, TRNNSF_E_INVALID, "%s: values[%zu] %g does not fit element %u",
                            function, i, values[i], element);
    }
    return TRNNSF_OK;
}

trnnsf_status trnnsf_nir_set_values(trnnsf_context *context, trnnsf_nir *nir, const char *node,
                                    const char *member, uint32_t element, size_t rank,
                                    const size_t *shape, const double *values)
{
    static const char function[] = "trnnsf_nir_set_values";
    struct trn_nir_shape all = {.rank = rank};
    struct trn_nir_node *found = NULL;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!nir || !member || !values || (rank > 0 && !shape))
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        !nir      ? "nir"
                        : !member ? "member"
                        : !values ? "values"
                                  : "shape");
    TRN_TRY(trn_option_count(context, function, "element", element, 0, TRNNSF_NIR_INT64));
    if (rank > TRN_NIR_RANK_MAX)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: rank %zu is not in [0, %d]", function, rank,
                        TRN_NIR_RANK_MAX);
    if (rank > 0)
        memcpy(all.length, shape, rank * sizeof *shape);
    TRN_TRY(find_node(context, function, nir, node, &found));
    TRN_TRY(check_values(context, function, element, &all, values));
    return finish(context, nir, trn_nir_set_values(nir, found, member, element, &all, values),
                  function);
}

trnnsf_status trnnsf_nir_set_text(trnnsf_context *context, trnnsf_nir *nir, const char *node,
                                  const char *member, const char *text)
{
    static const char function[] = "trnnsf_nir_set_text";
    struct trn_nir_node *found = NULL;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!nir || !member || !text)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        !nir      ? "nir"
                        : !member ? "member"
                                  : "text");
    TRN_TRY(find_node(context, function, nir, node, &found));
    return finish(context, nir, trn_nir_set_text(nir, found, member, text), function);
}

trnnsf_status trnnsf_nir_add_edge(trnnsf_context *context, trnnsf_nir *nir, const char *from,
                                  const char *to)
{
    static const char function[] = "trnnsf_nir_add_edge";
    struct trn_nir_node *begin = NULL, *end = NULL;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!nir || !from || !to)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        !nir    ? "nir"
                        : !from ? "from"
                                : "to");
    TRN_TRY(find_node(context, function, nir, from, &begin));
    TRN_TRY(find_node(context, function, nir, to, &end));
    return finish(
        context, nir,
        trn_nir_add_edge(nir, (size_t)(begin - nir->nodes), (size_t)(end - nir->nodes)), function);
}

trnnsf_status trnnsf_nir_check(trnnsf_context *context, trnnsf_nir *nir)
{
    if (!context)
        return TRNNSF_E_INVALID;
    if (!nir)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_nir_check: nir is NULL");
    return finish(context, nir, trn_nir_check(nir), "trnnsf_nir_check");
}
