#include <math.h>

#include "base/context.h"
#include "tech/shape.h"
#include "tech/tech.h"

trnnsf_status trnnsf_tech_preset(trnnsf_context *context, const char *name, trnnsf_tech **out_tech)
{
    if (!context)
        return TRNNSF_E_INVALID;
    if (!name || !out_tech)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_tech_preset: %s is NULL",
                        name ? "out_tech" : "name");
    return trn_tech_preset(context, name, out_tech);
}

size_t trnnsf_tech_preset_count(void)
{
    return trn_tech_preset_count();
}

const char *trnnsf_tech_preset_name(size_t index)
{
    return trn_tech_preset_name(index);
}

trnnsf_status trnnsf_tech_with_shapes(trnnsf_context *context, const trnnsf_tech *tech,
                                      const char *shapes, trnnsf_tech **out_tech)
{
    static const char origin[] = "trnnsf_tech_with_shapes";
    struct trn_tech_shape parsed[TRN_TECH_SHAPES_MAX];
    size_t count;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!tech || !shapes || !out_tech)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", origin,
                        !tech     ? "tech"
                        : !shapes ? "shapes"
                                  : "out_tech");
    TRN_TRY(trn_tech_parse_shapes(context, origin, shapes, parsed, &count));
    return trn_tech_create(context, origin, tech->name, tech->value,
                           (const char *const *)tech->source, count, parsed, out_tech);
}

trnnsf_status trnnsf_tech_with_value(trnnsf_context *context, const trnnsf_tech *tech,
                                     const char *key, double value, trnnsf_tech **out_tech)
{
    static const char origin[] = "trnnsf_tech_with_value";
    double values[TRN_TECH_KEYS];
    const char *sources[TRN_TECH_KEYS];

    if (!context)
        return TRNNSF_E_INVALID;
    if (!tech || !key || !out_tech)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", origin,
                        !tech  ? "tech"
                        : !key ? "key"
                               : "out_tech");
    size_t changed = trn_tech_key_find(key);
    if (changed == TRN_TECH_KEYS)
        return trn_fail(context, TRNNSF_E_NOT_FOUND, "%s: no key '%.60s'", origin, key);
    for (size_t i = 0; i < TRN_TECH_KEYS; i++) {
        values[i] = tech->value[i];
        sources[i] = tech->source[i];
    }
    values[changed] = value;
    sources[changed] = "set by the caller";
    return trn_tech_create(context, origin, tech->name, values, sources, tech->n_shapes,
                           tech->shapes, out_tech);
}

void trnnsf_tech_free(trnnsf_tech *tech)
{
    trn_tech_free(tech);
}

const char *trnnsf_tech_name(const trnnsf_tech *tech)
{
    return tech ? tech->name : NULL;
}

size_t trnnsf_tech_shapes(const trnnsf_tech *tech)
{
    return tech ? tech->n_shapes : 0;
}

size_t trnnsf_tech_shape_inputs(const trnnsf_tech *tech, size_t shape)
{
    return tech && shape < tech->n_shapes ? tech->shapes[shape].inputs : 0;
}

size_t trnnsf_tech_shape_outputs(const trnnsf_tech *tech, size_t shape)
{
    return tech && shape < tech->n_shapes ? tech->shapes[shape].outputs : 0;
}

double trnnsf_tech_shape_area(const trnnsf_tech *tech, size_t shape)
{
    return tech && shape < tech->n_shapes ? trn_tech_shape_area(tech, shape) : (double)NAN;
}

double trnnsf_tech_shape_energy(const trnnsf_tech *tech, size_t shape)
{
    return tech && shape < tech->n_shapes ? trn_tech_shape_energy(tech, shape) : (double)NAN;
}

size_t trnnsf_tech_keys(void)
{
    return TRN_TECH_KEYS;
}

const char *trnnsf_tech_key(size_t index)
{
    return index < TRN_TECH_KEYS ? trn_tech_key_infos[index].name : NULL;
}

trnnsf_status trnnsf_tech_value(trnnsf_context *context, const trnnsf_tech *tech, const char *key,
                                double *out_value)
{
    if (!context)
        return TRNNSF_E_INVALID;
    if (!tech || !key || !out_value)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_tech_value: %s is NULL",
                        !tech  ? "tech"
                        : !key ? "key"
                               : "out_value");
    size_t found = trn_tech_key_find(key);
    if (found == TRN_TECH_KEYS)
        return trn_fail(context, TRNNSF_E_NOT_FOUND, "trnnsf_tech_value: no key '%.60s'", key);
    *out_value = tech->value[found];
    return TRNNSF_OK;
}

const char *trnnsf_tech_key_text(const char *key)
{
    size_t found = key ? trn_tech_key_find(key) : TRN_TECH_KEYS;

    return found < TRN_TECH_KEYS ? trn_tech_key_infos[found].text : NULL;
}

trnnsf_status trnnsf_tech_key_range(trnnsf_context *context, const char *key, double *out_minimum,
                                    double *out_maximum)
{
    if (!context)
        return TRNNSF_E_INVALID;
    if (!key || !out_minimum || !out_maximum)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_tech_key_range: %s is NULL",
                        !key           ? "key"
                        : !out_minimum ? "out_minimum"
                                       : "out_maximum");
    size_t found = trn_tech_key_find(key);
    if (found == TRN_TECH_KEYS)
        return trn_fail(context, TRNNSF_E_NOT_FOUND, "trnnsf_tech_key_range: no key '%.60s'", key);
    *out_minimum = trn_tech_key_infos[found].low;
    *out_maximum = trn_tech_key_infos[found].high;
    return TRNNSF_OK;
}

uint32_t trnnsf_tech_key_whole(const char *key)
{
    size_t found = key ? trn_tech_key_find(key) : TRN_TECH_KEYS;

    return found < TRN_TECH_KEYS && trn_tech_key_infos[found].whole;
}

double trnnsf_tech_key_default(const char *key)
{
    size_t found = key ? trn_tech_key_find(key) : TRN_TECH_KEYS;

    return found < TRN_TECH_KEYS ? trn_tech_key_infos[found].otherwise : (double)NAN;
}

const char *trnnsf_tech_source(const trnnsf_tech *tech, const char *key)
{
    if (!tech || !key)
        return NULL;
    size_t found = trn_tech_key_find(key);
    return found < TRN_TECH_KEYS ? tech->source[found] : NULL;
}
