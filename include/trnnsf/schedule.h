/** \file schedule.h
 * Pruning-clustering schedules: the method and all its constants, set by key or from YAML.
 * Mutable. Keys, defaults, ranges and sources: doc/schedule.md.
 */
#ifndef TRNNSF_SCHEDULE_H
#define TRNNSF_SCHEDULE_H

#include <trnnsf/context.h>

TRNNSF_BEGIN_DECLS

typedef struct trnnsf_schedule trnnsf_schedule;

/** Creates a schedule for the method "dense", "prune", "offline" or "transform" in the variant
 * "corrected" (also NULL) or "published", all other keys at their defaults. The caller owns
 * `*out_schedule`. TRNNSF_E_INVALID: NULL, or a word that is none of these; TRNNSF_E_NO_MEMORY.
 * Source: the TraNNsformer paper (ICCAD 2017) and its code, constant by constant in doc/schedule.md.
 * Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_schedule_create(trnnsf_context *context, const char *method,
                                                const char *variant,
                                                trnnsf_schedule **out_schedule);
/** Reads a YAML file: sections as the prefixes of the keys, what is absent at its default. The caller
 * owns `*out_schedule`. TRNNSF_E_NOT_FOUND: no such file, or an unknown key; TRNNSF_E_FORMAT: not
 * YAML, a key twice, an alias, a text where a number belongs; TRNNSF_E_INVALID: outside its range, or
 * keys that contradict one another; TRNNSF_E_LIMIT: more than 1 MiB, 8 levels or 4096 values;
 * TRNNSF_E_UNSUPPORTED: built without libyaml. Texts name file, line and key. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_schedule_load(trnnsf_context *context, const char *path,
                                              trnnsf_schedule **out_schedule);
/** Writes all keys as YAML, numbers with 17 digits, beside `path` and renamed: what is loaded equals
 * what was saved. TRNNSF_E_IO, TRNNSF_E_INVALID, TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_schedule_save(trnnsf_context *context,
                                              const trnnsf_schedule *schedule, const char *path);
/** A copy that the caller owns. TRNNSF_E_INVALID, TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_schedule_copy(trnnsf_context *context,
                                              const trnnsf_schedule *schedule,
                                              trnnsf_schedule **out_schedule);
/** NULL is fine. Since 0.1. */
TRNNSF_API void trnnsf_schedule_free(trnnsf_schedule *schedule);

/** Sets a number by its key, such as "train.epochs". TRNNSF_E_NOT_FOUND: no number key of that name;
 * TRNNSF_E_INVALID: NULL, NaN, outside its range or no whole number (the text names value and limits);
 * the schedule is then as it was. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_schedule_set(trnnsf_context *context, trnnsf_schedule *schedule,
                                             const char *key, double value);
/** The number of a key. TRNNSF_E_NOT_FOUND, TRNNSF_E_INVALID. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_schedule_get(trnnsf_context *context,
                                             const trnnsf_schedule *schedule, const char *key,
                                             double *out_value);
/** Sets a key whose value is a word, such as "method" or "train.optimiser". TRNNSF_E_NOT_FOUND: no word
 * key of that name; TRNNSF_E_INVALID: NULL, or none of its words (the text lists them). Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_schedule_set_word(trnnsf_context *context,
                                                  trnnsf_schedule *schedule, const char *key,
                                                  const char *word);
/** The word of a key: a constant string, or NULL for a key that is none or whose value is a number.
 * Since 0.1. */
TRNNSF_API const char *trnnsf_schedule_word(const trnnsf_schedule *schedule, const char *key);
/** How many keys there are. Since 0.1. */
TRNNSF_API size_t trnnsf_schedule_keys(void);
/** Key `index`, numbers before words: a constant string, NULL past the end. Since 0.1. */
TRNNSF_API const char *trnnsf_schedule_key(size_t index);
/** The least and the greatest value of a number key. TRNNSF_E_NOT_FOUND, TRNNSF_E_INVALID. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_schedule_range(trnnsf_context *context, const char *key,
                                               double *out_minimum, double *out_maximum);

TRNNSF_END_DECLS

#endif
