#include "tech/tech.h"

#include <math.h>
#include <string.h>

#include "base/context.h"
#include "tech/agreement.h"

const struct trn_tech_key_info trn_tech_key_infos[TRN_TECH_KEYS] = {
#define TRN_TECH_INFO(id, name, low, high, whole, text) {name, low, high, whole, NAN, text},
    TRN_TECH_KEY_LIST(TRN_TECH_INFO)
#undef TRN_TECH_INFO
#define TRN_TECH_INFO(id, name, low, high, whole, otherwise, text)                                 \
    {name, low, high, whole, otherwise, text},
        TRN_TECH_DEVICE_LIST(TRN_TECH_INFO)
#undef TRN_TECH_INFO
};

const char trn_tech_unsaid[] = "not said: an ideal device";

void trn_tech_complete(size_t key, double *value, const char **source)
{
    if (isnan(trn_tech_key_infos[key].otherwise) || *source)
        return;
    *value = trn_tech_key_infos[key].otherwise;
    *source = trn_tech_unsaid;
}

size_t trn_tech_key_find(const char *name)
{
    for (size_t key = 0; key < TRN_TECH_KEYS; key++) {
        if (strcmp(trn_tech_key_infos[key].name, name) == 0)
            return key;
    }
    return TRN_TECH_KEYS;
}

trnnsf_status trn_tech_check_value(trnnsf_context *ctx, const char *origin, size_t key,
                                   double value)
{
    const struct trn_tech_key_info *info = &trn_tech_key_infos[key];

    if (!(value >= info->low && value <= info->high))
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: %s %g is not in [%g, %g]", origin, info->name,
                        value, info->low, info->high);
    if (info->whole && value != floor(value))
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: %s %g is not a whole number", origin,
                        info->name, value);
    return TRNNSF_OK;
}

static trnnsf_status check_constants(trnnsf_context *ctx, const char *origin, const double *value,
                                     const char *const *source)
{
    for (size_t key = 0; key < TRN_TECH_KEYS; key++) {
        TRN_TRY(trn_tech_check_value(ctx, origin, key, value[key]));
        if (!source[key] || !source[key][0] || strlen(source[key]) > TRN_TECH_SOURCE_MAX)
            return trn_fail(ctx, TRNNSF_E_INVALID,
                            "%s: the source of %s is not a text of 1 to %d bytes", origin,
                            trn_tech_key_infos[key].name, TRN_TECH_SOURCE_MAX);
    }
    return TRNNSF_OK;
}

static trnnsf_status check_shapes(trnnsf_context *ctx, const char *origin, const double *value,
                                  size_t n_shapes, const struct trn_tech_shape *shapes)
{
    double columns = value[TRN_TECH_COLUMNS_PER_OUTPUT];

    if (n_shapes < 1 || n_shapes > TRN_TECH_SHAPES_MAX)
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: %zu shapes are not in [1, %d]", origin,
                        n_shapes, TRN_TECH_SHAPES_MAX);
    for (size_t i = 0; i < n_shapes; i++) {
        if (shapes[i].inputs < 1 || shapes[i].inputs > TRN_TECH_SIDE_MAX || shapes[i].outputs < 1 ||
            shapes[i].outputs > TRN_TECH_SIDE_MAX)
            return trn_fail(ctx, TRNNSF_E_INVALID,
                            "%s: shape %zux%zu has a side that is not in [1, %d]", origin,
                            shapes[i].inputs, shapes[i].outputs, TRN_TECH_SIDE_MAX);
        if ((double)shapes[i].outputs < columns)
            return trn_fail(ctx, TRNNSF_E_INVALID,
                            "%s: shape %zux%zu has fewer columns than columns_per_output %g",
                            origin, shapes[i].inputs, shapes[i].outputs, columns);
    }
    return TRNNSF_OK;
}

void trn_tech_free(struct trnnsf_tech *tech)
{
    if (!tech)
        return;

    trnnsf_context *ctx = tech->ctx;
    for (size_t key = 0; key < TRN_TECH_KEYS; key++)
        trn_free(ctx, tech->source[key]);
    trn_free(ctx, tech->shapes);
    trn_free(ctx, tech->name);
    trn_free(ctx, tech);
    trn_context_release(ctx);
}

trnnsf_status trn_tech_create(trnnsf_context *ctx, const char *origin, const char *name,
                              const double *value, const char *const *source, size_t n_shapes,
                              const struct trn_tech_shape *shapes, struct trnnsf_tech **out_tech)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_tech_conflict conflict;

    if (!name[0] || strlen(name) > TRN_TECH_SOURCE_MAX)
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: name is not a text of 1 to %d bytes", origin,
                        TRN_TECH_SOURCE_MAX);
    TRN_TRY(check_constants(ctx, origin, value, source));
    if (!trn_tech_agrees(value, &conflict))
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: %s", origin, conflict.text);
    TRN_TRY(check_shapes(ctx, origin, value, n_shapes, shapes));

    struct trnnsf_tech *tech = TRN_NEW(ctx, struct trnnsf_tech);
    if (!tech)
        return TRNNSF_E_NO_MEMORY;
    tech->ctx = trn_context_retain(ctx);
    memcpy(tech->value, value, sizeof tech->value);
    tech->n_shapes = n_shapes;
    tech->name = trn_copy_text(ctx, name);
    TRN_NEED_OUT(tech->name);
    tech->shapes = trn_copy(ctx, shapes, n_shapes, sizeof *shapes);
    TRN_NEED_OUT(tech->shapes);
    for (size_t key = 0; key < TRN_TECH_KEYS; key++) {
        tech->source[key] = trn_copy_text(ctx, source[key]);
        TRN_NEED_OUT(tech->source[key]);
    }
out:
    if (status == TRNNSF_OK)
        *out_tech = tech;
    else
        trn_tech_free(tech);
    return status;
}

/* Digits only: no sign, no space, no overflow. */
static const char *parse_side(const char *text, size_t *out_side)
{
    size_t side = 0;
    const char *at = text;

    while (*at >= '0' && *at <= '9' && side <= TRN_TECH_SIDE_MAX)
        side = side * 10 + (size_t)(*at++ - '0');
    *out_side = side;
    return at == text || side < 1 || side > TRN_TECH_SIDE_MAX ? NULL : at;
}

trnnsf_status trn_tech_parse_shapes(trnnsf_context *ctx, const char *origin, const char *text,
                                    struct trn_tech_shape *shapes, size_t *out_count)
{
    const char *at = text;
    size_t count = 0;

    for (;;) {
        struct trn_tech_shape shape;

        at = parse_side(at, &shape.inputs);
        if (at && *at == 'x')
            at = parse_side(at + 1, &shape.outputs);
        else
            at = NULL;
        if (!at || (*at != '\0' && *at != ','))
            return trn_fail(ctx, TRNNSF_E_INVALID,
                            "%s: shapes '%.60s' are not INPUTSxOUTPUTS[,…] with sides in [1, %d]",
                            origin, text, TRN_TECH_SIDE_MAX);
        if (count == TRN_TECH_SHAPES_MAX)
            return trn_fail(ctx, TRNNSF_E_INVALID, "%s: more than %d shapes", origin,
                            TRN_TECH_SHAPES_MAX);
        shapes[count++] = shape;
        if (*at == '\0')
            break;
        at++;
    }
    *out_count = count;
    return TRNNSF_OK;
}

double trn_tech_conductance(const struct trnnsf_tech *tech, double fraction)
{
    const double *value = tech->value;
    double off = 1 / value[TRN_TECH_RESISTANCE_OFF];
    double span = 1 / value[TRN_TECH_RESISTANCE_ON] - off;
    double devices = value[TRN_TECH_DEVICES_PER_SIGN] * value[TRN_TECH_WEIGHT_SLICES];
    unsigned slices = (unsigned)value[TRN_TECH_WEIGHT_SLICES];
    unsigned bits = (unsigned)value[TRN_TECH_SLICE_BITS];

    if (slices == 1)
        return devices * off + span * fraction;

    uint64_t base = UINT64_C(1) << bits;
    uint64_t level = (uint64_t)llround(fraction * (double)((UINT64_C(1) << slices * bits) - 1));
    uint64_t digits = 0;
    for (unsigned i = 0; i < slices; i++) {
        digits += level % base;
        level /= base;
    }
    return devices * off + span * (double)digits / (double)(base - 1);
}
