/* Technology descriptors: one table of constants, each with its source, and the MCA shapes. */
#ifndef TRN_TECH_TECH_H
#define TRN_TECH_TECH_H

#include <stdbool.h>
#include <trnnsf/tech.h>

#include "tech/keys.h"

#define TRN_TECH_SIDE_MAX 4096 /* rows or columns of an MCA */
#define TRN_TECH_SHAPES_MAX 16
#define TRN_TECH_SOURCE_MAX 500 /* bytes of a source's text */

enum trn_tech_key {
#define TRN_TECH_ENUM(id, name, low, high, whole, text) TRN_TECH_##id,
    TRN_TECH_KEY_LIST(TRN_TECH_ENUM)
#undef TRN_TECH_ENUM
#define TRN_TECH_ENUM(id, name, low, high, whole, otherwise, text) TRN_TECH_##id,
        TRN_TECH_DEVICE_LIST(TRN_TECH_ENUM)
#undef TRN_TECH_ENUM
            TRN_TECH_KEYS
};

struct trn_tech_key_info {
    const char *name;
    double low; /* plausible range, both ends included */
    double high;
    bool whole;       /* only whole numbers */
    double otherwise; /* where a descriptor says nothing; NaN: it has to */
    const char *text;
};

extern const struct trn_tech_key_info trn_tech_key_infos[TRN_TECH_KEYS];

struct trn_tech_shape {
    size_t inputs;  /* rows of the MCA */
    size_t outputs; /* physical columns of one of its arrays */
};

struct trnnsf_tech {
    trnnsf_context *ctx; /* held */
    char *name;
    double value[TRN_TECH_KEYS];
    char *source[TRN_TECH_KEYS];
    size_t n_shapes;
    struct trn_tech_shape *shapes; /* the default one first */
};

/* The source of what a descriptor does not say. */
extern const char trn_tech_unsaid[];

/* What no descriptor has to say gets its value and source. */
void trn_tech_complete(size_t key, double *value, const char **source);

/* TRN_TECH_KEYS where there is no such key. */
size_t trn_tech_key_find(const char *name);

/* Checks and copies everything. `origin` begins the error texts. Refused are values out of their
 * range, missing or overlong sources, no shape or one out of range, and constants that contradict
 * each other. */
trnnsf_status trn_tech_create(trnnsf_context *ctx, const char *origin, const char *name,
                              const double *value, const char *const *source, size_t n_shapes,
                              const struct trn_tech_shape *shapes, struct trnnsf_tech **out_tech);
void trn_tech_free(struct trnnsf_tech *tech);

/* TRNNSF_E_INVALID with key, value, unit and limits. */
trnnsf_status trn_tech_check_value(trnnsf_context *ctx, const char *origin, size_t key,
                                   double value);

/* "64x64,32x32" into shapes[TRN_TECH_SHAPES_MAX]. */
trnnsf_status trn_tech_parse_shapes(trnnsf_context *ctx, const char *origin, const char *text,
                                    struct trn_tech_shape *shapes, size_t *out_count);

/* TRNNSF_E_NOT_FOUND for an unknown name. */
trnnsf_status trn_tech_preset(trnnsf_context *ctx, const char *name, struct trnnsf_tech **out_tech);
size_t trn_tech_preset_count(void);
const char *trn_tech_preset_name(size_t index);

/* Outputs that an array of so many columns serves. */
static inline size_t trn_tech_outputs(const struct trnnsf_tech *tech, size_t columns)
{
    return columns / (size_t)tech->value[TRN_TECH_COLUMNS_PER_OUTPUT];
}

/* Physical arrays that are read together as one MCA. */
static inline double trn_tech_arrays(const struct trnnsf_tech *tech)
{
    return tech->value[TRN_TECH_DEVICES_PER_SIGN] * tech->value[TRN_TECH_WEIGHT_SLICES] /
           tech->value[TRN_TECH_COLUMNS_PER_OUTPUT];
}

/* Conductance in siemens of all devices of one weight, `fraction` = |weight| / largest in [0, 1].
 */
double trn_tech_conductance(const struct trnnsf_tech *tech, double fraction);

#endif
