#include "tech/presets.h"

#include <stdio.h>
#include <string.h>

#include "base/context.h"

static const struct trn_tech_preset *const presets[] = {
    &trn_preset_resparc,        &trn_preset_puma,          &trn_preset_isaac,
    &trn_preset_prime,          &trn_preset_rram_memtorch, &trn_preset_rram_wan,
    &trn_preset_rram_milo,      &trn_preset_ag_asi,        &trn_preset_pcm_joshi,
    &trn_preset_pcm_nandakumar, &trn_preset_pcm_hermes,    &trn_preset_sonos,
    &trn_preset_stt_mram,
};

enum { PRESETS = sizeof presets / sizeof presets[0] };

size_t trn_tech_preset_count(void)
{
    return PRESETS;
}

const char *trn_tech_preset_name(size_t index)
{
    return index < PRESETS ? presets[index]->name : NULL;
}

/* The text of an inherited source: "as NAME: SOURCE". */
typedef char source_text[TRN_TECH_SOURCE_MAX + 1];

/* A constant is the preset's own, or that of the first it is like that has one. */
static void look_up(const struct trn_tech_preset *preset, size_t key, source_text text,
                    double *value, const char **source)
{
    const struct trn_tech_preset *owner = preset;

    while (owner && !owner->constants[key].source)
        owner = owner->like;
    if (!owner)
        return;
    *value = owner->constants[key].value;
    *source = owner->constants[key].source;
    if (owner == preset)
        return;
    snprintf(text, sizeof(source_text), "as %s: %s", owner->name, *source);
    *source = text;
}

static trnnsf_status make(trnnsf_context *ctx, const struct trn_tech_preset *preset,
                          struct trnnsf_tech **out_tech)
{
    double value[TRN_TECH_KEYS];
    const char *source[TRN_TECH_KEYS] = {NULL};
    source_text *texts = TRN_NEW_ARRAY(ctx, source_text, TRN_TECH_KEYS);

    if (!texts)
        return TRNNSF_E_NO_MEMORY;
    for (size_t key = 0; key < TRN_TECH_KEYS; key++) {
        look_up(preset, key, texts[key], &value[key], &source[key]);
        trn_tech_complete(key, &value[key], &source[key]);
    }
    trnnsf_status status = trn_tech_create(ctx, "trnnsf_tech_preset", preset->name, value, source,
                                           1, &preset->shape, out_tech);
    trn_free(ctx, texts);
    return status;
}

trnnsf_status trn_tech_preset(trnnsf_context *ctx, const char *name, struct trnnsf_tech **out_tech)
{
    char names[400] = "";
    size_t length = 0;

    for (size_t i = 0; i < PRESETS; i++) {
        if (strcmp(presets[i]->name, name) == 0)
            return make(ctx, presets[i], out_tech);
        if (length < sizeof names)
            length += (size_t)snprintf(names + length, sizeof names - length, "%s%s", i ? ", " : "",
                                       presets[i]->name);
    }
    return trn_fail(ctx, TRNNSF_E_NOT_FOUND,
                    "trnnsf_tech_preset: no technology '%.60s' (there are %s)", name, names);
}
