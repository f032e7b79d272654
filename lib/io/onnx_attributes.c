/* Attributes of nodes: found, of the type they must have, in their ranges. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/context.h"
#include "io/onnx_read.h"

static const Onnx__AttributeProto *find(const struct trn_onnx_reader *r, const char *name)
{
    for (size_t i = 0; i < r->node->n_attribute; i++) {
        const Onnx__AttributeProto *attribute = r->node->attribute[i];

        if (attribute->name && strcmp(attribute->name, name) == 0)
            return attribute;
    }
    return NULL;
}

/* Files of the first IR versions say no type. */
static trnnsf_status check_type(const struct trn_onnx_reader *r,
                                const Onnx__AttributeProto *attribute,
                                Onnx__AttributeProto__AttributeType type, bool there)
{
    if (attribute->has_type ? attribute->type == type : there)
        return TRNNSF_OK;
    return trn_fail(r->ctx, TRNNSF_E_FORMAT, "attribute '%s' is of type %d, not %d",
                    attribute->name, attribute->has_type ? (int)attribute->type : 0, (int)type);
}

static bool is_word_of(const char *name, const char *words)
{
    size_t length = strlen(name);

    for (const char *at = words; length > 0 && (at = strstr(at, name)) != NULL; at += length) {
        if ((at == words || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
            return true;
    }
    return false;
}

trnnsf_status trn_onnx_check_attributes(const struct trn_onnx_reader *r, const char *known)
{
    for (size_t i = 0; i < r->node->n_attribute; i++) {
        const Onnx__AttributeProto *attribute = r->node->attribute[i];

        if (attribute->ref_attr_name && attribute->ref_attr_name[0] != '\0')
            return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "attribute '%.64s' of a function",
                            attribute->ref_attr_name);
        if (!attribute->name || !is_word_of(attribute->name, known))
            return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "attribute '%.64s' is not known",
                            attribute->name ? attribute->name : "");
    }
    return TRNNSF_OK;
}

bool trn_onnx_has_attribute(const struct trn_onnx_reader *r, const char *name)
{
    return find(r, name) != NULL;
}

trnnsf_status trn_onnx_int(const struct trn_onnx_reader *r, const char *name, int64_t least,
                           int64_t most, int64_t *out)
{
    const Onnx__AttributeProto *attribute = find(r, name);

    if (!attribute)
        return TRNNSF_OK;
    TRN_TRY(check_type(r, attribute, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT, attribute->has_i));
    if (attribute->i < least || attribute->i > most)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED,
                        "attribute '%s' %" PRId64 " is not in [%" PRId64 ", %" PRId64 "]", name,
                        attribute->i, least, most);
    *out = attribute->i;
    return TRNNSF_OK;
}

trnnsf_status trn_onnx_float(const struct trn_onnx_reader *r, const char *name, double *out)
{
    const Onnx__AttributeProto *attribute = find(r, name);

    if (!attribute)
        return TRNNSF_OK;
    TRN_TRY(
        check_type(r, attribute, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT, attribute->has_f));
    if (isnan(attribute->f))
        return trn_fail(r->ctx, TRNNSF_E_NUMERIC, "attribute '%s' is not a number", name);
    *out = (double)attribute->f;
    return TRNNSF_OK;
}

trnnsf_status trn_onnx_ints(const struct trn_onnx_reader *r, const char *name,
                            const int64_t **out_values, size_t *out_count)
{
    static const int64_t none = 0;
    const Onnx__AttributeProto *attribute = find(r, name);

    *out_values = NULL;
    *out_count = 0;
    if (!attribute)
        return TRNNSF_OK;
    TRN_TRY(check_type(r, attribute, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS,
                       attribute->n_ints > 0));
    *out_values = attribute->n_ints > 0 ? attribute->ints : &none;
    *out_count = attribute->n_ints;
    return TRNNSF_OK;
}

trnnsf_status trn_onnx_text(const struct trn_onnx_reader *r, const char *name, char out[32])
{
    const Onnx__AttributeProto *attribute = find(r, name);

    out[0] = '\0';
    if (!attribute)
        return TRNNSF_OK;
    TRN_TRY(
        check_type(r, attribute, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING, attribute->has_s));
    if (attribute->s.len > 31)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "attribute '%s' has %zu bytes", name,
                        attribute->s.len);
    if (attribute->s.len > 0)
        memcpy(out, attribute->s.data, attribute->s.len);
    out[attribute->s.len] = '\0';
    return TRNNSF_OK;
}

trnnsf_status trn_onnx_list(struct trn_onnx_reader *r, const char *name, int64_t opset,
                            size_t input, const int64_t **out_values, size_t *out_count)
{
    const struct trn_onnx_tensor *tensor = NULL;

    if (r->opset < opset)
        return trn_onnx_ints(r, name, out_values, out_count);
    *out_values = NULL;
    *out_count = 0;
    if (!trn_onnx_has(r, input))
        return TRNNSF_OK;
    TRN_TRY(trn_onnx_constant(r, input, &tensor));
    if (!tensor->wholes || tensor->rank > 1)
        return trn_fail(r->ctx, TRNNSF_E_FORMAT, "input %zu, '%.100s', is no list of whole numbers",
                        input, r->node->input[input]);
    *out_values = tensor->wholes;
    *out_count = tensor->count;
    return TRNNSF_OK;
}

trnnsf_status trn_onnx_axis(const struct trn_onnx_reader *r, int64_t axis, size_t rank, size_t *out)
{
    int64_t place = axis < 0 && axis >= -(int64_t)rank ? axis + (int64_t)rank : axis;

    if (place < 0 || place >= (int64_t)rank)
        return trn_fail(r->ctx, TRNNSF_E_FORMAT, "axis %" PRId64 " of %zu dimensions", axis, rank);
    *out = (size_t)place;
    return TRNNSF_OK;
}

trnnsf_status trn_onnx_axes(const struct trn_onnx_reader *r, const int64_t *axes, size_t count,
                            size_t rank, uint32_t *out_set)
{
    uint32_t set = 0;

    if (count > TRN_ONNX_RANK_MAX || rank > TRN_ONNX_RANK_MAX)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "%zu axes of %zu dimensions", count, rank);
    for (size_t i = 0; i < count; i++) {
        size_t place = 0;

        TRN_TRY(trn_onnx_axis(r, axes[i], rank, &place));
        if (set >> place & 1)
            return trn_fail(r->ctx, TRNNSF_E_FORMAT, "axis %zu comes twice", place);
        set |= UINT32_C(1) << place;
    }
    *out_set = set;
    return TRNNSF_OK;
}
