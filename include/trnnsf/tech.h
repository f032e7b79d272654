/** \file tech.h
 * MCA technology descriptors: every constant of the area, energy and latency model, in SI units,
 * each with its source. Immutable once made.
 */
#ifndef TRNNSF_TECH_H
#define TRNNSF_TECH_H

#include <trnnsf/context.h>

TRNNSF_BEGIN_DECLS

typedef struct trnnsf_tech trnnsf_tech;

/** A built-in descriptor: "resparc-45nm" or "puma-32nm". TRNNSF_E_NOT_FOUND. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_tech_preset(trnnsf_context *context, const char *name,
                                            trnnsf_tech **out_tech);
TRNNSF_API size_t trnnsf_tech_preset_count(void);
TRNNSF_API const char *trnnsf_tech_preset_name(size_t index);

/** Reads a YAML descriptor (doc/cost-model.md has its keys); errors name line and key. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_tech_load(trnnsf_context *context, const char *path,
                                          trnnsf_tech **out_tech);
TRNNSF_API trnnsf_status trnnsf_tech_save(trnnsf_context *context, const trnnsf_tech *tech,
                                          const char *path);

/** The same technology with other MCA shapes ("64x64" or "64x64,32x32": inputs x outputs). */
TRNNSF_API trnnsf_status trnnsf_tech_with_shapes(trnnsf_context *context, const trnnsf_tech *tech,
                                                 const char *shapes, trnnsf_tech **out_tech);
/** The same technology with one constant changed; its source becomes "set by the caller". */
TRNNSF_API trnnsf_status trnnsf_tech_with_value(trnnsf_context *context, const trnnsf_tech *tech,
                                                const char *key, double value,
                                                trnnsf_tech **out_tech);

TRNNSF_API void trnnsf_tech_free(trnnsf_tech *tech);
TRNNSF_API const char *trnnsf_tech_name(const trnnsf_tech *tech);
/** MCA shapes, the default one first. */
TRNNSF_API size_t trnnsf_tech_shapes(const trnnsf_tech *tech);
TRNNSF_API size_t trnnsf_tech_shape_inputs(const trnnsf_tech *tech, size_t shape);
TRNNSF_API size_t trnnsf_tech_shape_outputs(const trnnsf_tech *tech, size_t shape);

/** Keys of all constants, such as "read_voltage_volt"; NULL past the end. */
TRNNSF_API size_t trnnsf_tech_keys(void);
TRNNSF_API const char *trnnsf_tech_key(size_t index);
/** A constant by its key, in SI units. TRNNSF_E_NOT_FOUND. */
TRNNSF_API trnnsf_status trnnsf_tech_value(trnnsf_context *context, const trnnsf_tech *tech,
                                           const char *key, double *out_value);
/** Where the constant is from; belongs to the descriptor; NULL for an unknown key. */
TRNNSF_API const char *trnnsf_tech_source(const trnnsf_tech *tech, const char *key);

TRNNSF_END_DECLS

#endif
