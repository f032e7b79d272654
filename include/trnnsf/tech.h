/** \file tech.h
 * MCA technology descriptors: every constant of the area, energy and latency model, in SI units,
 * each with its source, and the shapes of the crossbars (MCAs). Immutable once made, and so may be
 * shared between threads and contexts. doc/cost-model.md lists the keys and shows a file.
 */
#ifndef TRNNSF_TECH_H
#define TRNNSF_TECH_H

#include <trnnsf/context.h>

TRNNSF_BEGIN_DECLS

typedef struct trnnsf_tech trnnsf_tech;

/** Makes a built-in descriptor.
 * \param name "resparc-45nm" (spiking, rate-coded, 64x64 MCAs) or "puma-32nm" (16-bit numbers, one
 *        bit a step, 128x128 MCAs of 8 slices).
 * \param out_tech the descriptor; the caller owns it.
 * TRNNSF_E_NOT_FOUND: no such name; TRNNSF_E_INVALID: a NULL argument; TRNNSF_E_NO_MEMORY.
 * Source: each constant's own, see trnnsf_tech_source(). Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_tech_preset(trnnsf_context *context, const char *name,
                                            trnnsf_tech **out_tech);
/** How many built-in descriptors there are. Any thread. Since 0.1. */
TRNNSF_API size_t trnnsf_tech_preset_count(void);
/** The name of built-in descriptor `index`; NULL past the end. Constant. Any thread. Since 0.1. */
TRNNSF_API const char *trnnsf_tech_preset_name(size_t index);

/** Reads a descriptor from a YAML file: version, name, shapes, and for every key of
 * trnnsf_tech_key() a value and its source. Nothing may be missing or unknown.
 * \param path the file; at most 1 MiB.
 * \param out_tech the descriptor; the caller owns it.
 * TRNNSF_E_NOT_FOUND, TRNNSF_E_IO: the file cannot be read; TRNNSF_E_FORMAT: not such a file, the
 * text names file, line and key; TRNNSF_E_LIMIT: too large; TRNNSF_E_UNSUPPORTED: another version,
 * or built without libyaml; TRNNSF_E_INVALID: a NULL argument; TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_tech_load(trnnsf_context *context, const char *path,
                                          trnnsf_tech **out_tech);
/** Writes what trnnsf_tech_load() reads back exactly. The file is written beside and renamed.
 * TRNNSF_E_IO: it cannot be written; TRNNSF_E_UNSUPPORTED: built without libyaml; TRNNSF_E_INVALID:
 * a NULL argument; TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_tech_save(trnnsf_context *context, const trnnsf_tech *tech,
                                          const char *path);

/** The same technology with other MCA shapes.
 * \param shapes 1 … 16 of them, such as "64x64" or "64x64,32x128": inputs (rows) x physical columns
 * of one array, each 1 … 4096. The first is the default one, by which tiles are cut; the others are
 *        a pool from which a mapping takes the smallest that holds a crossbar, and method "pack" (run.h)
 *        the one that costs least.
 * \param out_tech the new descriptor; the caller owns it.
 * TRNNSF_E_INVALID: not such a text, fewer columns than an output takes, or a NULL argument;
 * TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_tech_with_shapes(trnnsf_context *context, const trnnsf_tech *tech,
                                                 const char *shapes, trnnsf_tech **out_tech);
/** The same technology with one constant changed; its source becomes "set by the caller".
 * \param key one of trnnsf_tech_key().
 * \param value in the unit that the key names, within the plausible range of doc/cost-model.md.
 * \param out_tech the new descriptor; the caller owns it.
 * TRNNSF_E_NOT_FOUND: no such key; TRNNSF_E_INVALID: out of range, not whole where it must be, at
 * odds with another constant, or a NULL argument; TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_tech_with_value(trnnsf_context *context, const trnnsf_tech *tech,
                                                const char *key, double value,
                                                trnnsf_tech **out_tech);

/** Frees a descriptor; NULL is fine. Mappings do not refer to it. Since 0.1. */
TRNNSF_API void trnnsf_tech_free(trnnsf_tech *tech);

/** The descriptor's name; belongs to it. NULL for NULL. Since 0.1. */
TRNNSF_API const char *trnnsf_tech_name(const trnnsf_tech *tech);
/** How many MCA shapes it has, the default one first. Since 0.1. */
TRNNSF_API size_t trnnsf_tech_shapes(const trnnsf_tech *tech);
/** Inputs (rows) of shape `shape`; 0 past the end. Since 0.1. */
TRNNSF_API size_t trnnsf_tech_shape_inputs(const trnnsf_tech *tech, size_t shape);
/** Physical columns of one array of shape `shape`; 0 past the end. An output takes
 * columns_per_output of them. Since 0.1. */
TRNNSF_API size_t trnnsf_tech_shape_outputs(const trnnsf_tech *tech, size_t shape);
/** Square metres of one crossbar of a shape: array, periphery, neurons, buffers, and its parts of a
 * PE and of a router. What costs of shapes compare by; a mapping's area is trnnsf_cost_area(). NaN
 * past the end or for NULL. Constant. Any thread. Source: doc/cost-model.md. Since 0.1. */
TRNNSF_API double trnnsf_tech_shape_area(const trnnsf_tech *tech, size_t shape);
/** Joules an inference of one crossbar of a shape that is used in full: all inputs active, weights of
 * half the largest, inputs from one hop away, one partial sum added an output; without the updates of
 * neurons, which do not depend on the crossbars. A mapping's energy, by measured activity, is
 * trnnsf_cost_energy(). NaN past the end or for NULL. Constant. Any thread. Source:
 * doc/cost-model.md; the full use chosen here. Since 0.1. */
TRNNSF_API double trnnsf_tech_shape_energy(const trnnsf_tech *tech, size_t shape);

/** How many constants a descriptor has: the same number for all. Any thread. Since 0.1. */
TRNNSF_API size_t trnnsf_tech_keys(void);
/** The key of constant `index`, such as "read_voltage_volt": the unit is in its name. NULL past the
 * end. Constant; keys are never renamed. Any thread. Since 0.1. */
TRNNSF_API const char *trnnsf_tech_key(size_t index);
/** A constant by its key, in SI units.
 * TRNNSF_E_NOT_FOUND: no such key; TRNNSF_E_INVALID: a NULL argument. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_tech_value(trnnsf_context *context, const trnnsf_tech *tech,
                                           const char *key, double *out_value);
/** Where a constant is from: repository:path, a paper, or "chosen here" with the reason. Belongs to
 * the descriptor; NULL for an unknown key. Since 0.1. */
TRNNSF_API const char *trnnsf_tech_source(const trnnsf_tech *tech, const char *key);

TRNNSF_END_DECLS

#endif
