/** \file tech.h
 * MCA technology descriptors: every constant of the area, energy and latency model and of the
 * device, in SI units, each with its source, and the shapes of the crossbars (MCAs). Immutable once
 * made, and so may be shared between threads and contexts. doc/cost-model.md lists the keys and
 * shows a file, doc/technologies.md the built-in descriptors.
 */
#ifndef TRNNSF_TECH_H
#define TRNNSF_TECH_H

#include <trnnsf/context.h>

TRNNSF_BEGIN_DECLS

typedef struct trnnsf_tech trnnsf_tech;

/** Makes a built-in descriptor.
 * \param name one of trnnsf_tech_preset_name(), such as "resparc-45nm" (spiking, rate-coded, 64x64
 *        MCAs), "puma-32nm" (16-bit numbers, one bit a step, 128x128 MCAs of 8 slices) or
 *        "pcm-nandakumar-2019" (phase-change memory that drifts; periphery of puma-32nm).
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
 * trnnsf_tech_key() a value and its source; keys of the device may be left out, and then are as in
 * trnnsf_tech_key_default(). A file that says "like: NAME|FILE" (a built-in descriptor, or a file as
 * seen from its folder) is like that one in all that it does not say: only version and name it has
 * to. Nothing may be unknown.
 * \param path the file; at most 1 MiB.
 * \param out_tech the descriptor; the caller owns it.
 * TRNNSF_E_NOT_FOUND, TRNNSF_E_IO: the file, or one that it is like, cannot be read; TRNNSF_E_FORMAT:
 * not such a file, constants at odds with each other, a file that is like itself, more than 8 files
 * each like the next: the text names file, line, key, value and limit; TRNNSF_E_LIMIT: too large;
 * TRNNSF_E_UNSUPPORTED: another version, or built without libyaml; TRNNSF_E_INVALID: a NULL
 * argument; TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_tech_load(trnnsf_context *context, const char *path,
                                          trnnsf_tech **out_tech);
/** Writes what trnnsf_tech_load() reads back exactly, every constant and no "like". The file is
 * written beside and renamed.
 * TRNNSF_E_IO: it cannot be written; TRNNSF_E_UNSUPPORTED: built without libyaml; TRNNSF_E_INVALID:
 * a NULL argument; TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_tech_save(trnnsf_context *context, const trnnsf_tech *tech,
                                          const char *path);

/** How measurements are read; see trnnsf_tech_from_measurements(). */
struct trnnsf_tech_measurements_options {
    size_t struct_size;
    const char *name; /**< of the new descriptor, up to 500 bytes; default NULL: "BASE-measured" */
    uint32_t degree;  /**< of the polynomial of programming errors, 0 … 4; default 2 */
    uint32_t bins;    /**< of target conductances, 2 … 1000; default 20 */
    double stuck_range; /**< a device is stuck that never leaves this part of the range of targets at
                             one end of it, (0, 0.5); default 0.1 */
};
#define TRNNSF_TECH_MEASUREMENTS_OPTIONS_INIT                                                      \
    {                                                                                              \
        sizeof(struct trnnsf_tech_measurements_options), NULL, 2, 20, 0.1                          \
    }
/** Fills `options` with the defaults; NULL is fine. Any thread. Since 0.1. */
TRNNSF_API void
trnnsf_tech_measurements_options_init(struct trnnsf_tech_measurements_options *options);

/** A descriptor of measured devices: `base` with the constants that the measurements tell, each with
 * the source "fitted to FILE, N points: how".
 *
 * The file is CSV, one read a line: a header of the four columns device (a whole number),
 * target_siemens, time_second (after writing), conductance_siemens, in any order, then numbers;
 * empty lines and lines that begin with # are left out. A device that was written to several
 * targets has several series; reads of one device and target are one series, its first read is what
 * writing left.
 *
 * - stuck_on_fraction, stuck_off_fraction: devices whose first reads all stay within stuck_range of
 *   one end of the targets' range although a target was more than half of the range away, over the
 *   devices for which that could be told. All below is of the other devices.
 * - resistance_on_ohm, resistance_off_ohm: of the mean first read at the largest, at the smallest
 *   target (bins); x is conductance over that at the largest.
 * - programming_sigma_*: weighted least squares of a polynomial in x on the standard deviations of
 *   first reads from their targets in bins of equal width, each about the bin's own mean, unbiased
 *   for a normal error and less the noise of a read, with its number of reads less one as weight. (Not on squared residuals: they
 *   would need a polynomial of twice the degree for the variance, and a few outliers, whose squares
 *   have by far the longest tails, would decide it.) The log-normal part and the variation of
 *   devices are 0: they are in it.
 * - drift_*: each series of two or more times gives an exponent, the negative slope of ln
 *   conductance over ln time; the mean is a straight line of ln x (least squares) within the range
 *   that it has over the targets seen, the spread between devices what is left, less the mean
 *   square error of the slopes where series of three or more times tell it. The shift and spread of
 *   retention are 0: they are in it. drift_start_second: the median of the series' first times.
 *   Without such series all of these stay the base's.
 * - read_sigma: of reads about the line of their series, over all series of three or more reads; the
 *   other noises of a read are 0. Without such series they stay the base's, and the noise is in the
 *   error of writing.
 *
 * \param base where all else is from: periphery, converters, wires, shapes.
 * \param path the file; at most 64 MiB and 2 million reads.
 * \param options NULL for the defaults.
 * \param out_tech the descriptor; the caller owns it.
 * TRNNSF_E_NOT_FOUND, TRNNSF_E_IO: the file cannot be read; TRNNSF_E_FORMAT: not such a file (the text
 * names file, line, column and value), too little in it for a fit, or constants at odds with the
 * base's; TRNNSF_E_LIMIT: too large; TRNNSF_E_INVALID: a NULL argument, an option out of its range;
 * TRNNSF_E_NO_MEMORY. Source of the forms fitted: trnnsf_tech_source() of "pcm-nandakumar-2019" and
 * doc/technologies.md; the rules chosen here. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_tech_from_measurements(
    trnnsf_context *context, const trnnsf_tech *base, const char *path,
    const struct trnnsf_tech_measurements_options *options, trnnsf_tech **out_tech);

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
/** What a constant means, in a few words. Constant; NULL for an unknown key. Any thread. Since 0.1. */
TRNNSF_API const char *trnnsf_tech_key_text(const char *key);
/** A constant's plausible range, both ends included. TRNNSF_E_NOT_FOUND: no such key;
 * TRNNSF_E_INVALID: a NULL argument. Source: chosen here, wide around published devices and circuits
 * and narrow enough to catch a slip of units. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_tech_key_range(trnnsf_context *context, const char *key,
                                               double *out_minimum, double *out_maximum);
/** 1 where a constant is a whole number, 0 where it is any, or no constant. Any thread. Since 0.1. */
TRNNSF_API uint32_t trnnsf_tech_key_whole(const char *key);
/** A constant's value where a descriptor says nothing: that of an ideal device. NaN where it must be
 * said, or for an unknown key. Any thread. Since 0.1. */
TRNNSF_API double trnnsf_tech_key_default(const char *key);
/** Where a constant is from: repository:path, a paper, or "chosen here" with the reason. Belongs to
 * the descriptor; NULL for an unknown key. Since 0.1. */
TRNNSF_API const char *trnnsf_tech_source(const trnnsf_tech *tech, const char *key);

TRNNSF_END_DECLS

#endif
