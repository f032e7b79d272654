/* The built-in descriptors: each states its own constants and is like another one in the rest. */
#ifndef TRN_TECH_PRESETS_H
#define TRN_TECH_PRESETS_H

#include "tech/tech.h"

struct trn_tech_preset {
    const char *name;
    const struct trn_tech_preset *like; /* NULL: all constants are its own */
    struct trn_tech_shape shape;
    struct {
        double value;
        const char *source; /* NULL: as in `like`, or as in an ideal device */
    } constants[TRN_TECH_KEYS];
};

extern const struct trn_tech_preset trn_preset_resparc, trn_preset_puma;
extern const struct trn_tech_preset trn_preset_isaac, trn_preset_prime;
extern const struct trn_tech_preset trn_preset_rram_memtorch, trn_preset_rram_wan,
    trn_preset_rram_milo, trn_preset_ag_asi;
extern const struct trn_tech_preset trn_preset_pcm_joshi, trn_preset_pcm_nandakumar,
    trn_preset_pcm_hermes;
extern const struct trn_tech_preset trn_preset_sonos, trn_preset_stt_mram;

#endif
