/** \file schedule.h
 * Pruning-clustering schedules: the method and all its constants, set by key or from YAML.
 * Mutable. Keys, defaults, ranges and sources: doc/schedule.md.
 */
#ifndef TRNNSF_SCHEDULE_H
#define TRNNSF_SCHEDULE_H

#include <trnnsf/context.h>

TRNNSF_BEGIN_DECLS

typedef struct trnnsf_schedule trnnsf_schedule;

/** A schedule for "dense", "prune", "offline" or "transform", variant "corrected" (also NULL) or
 * "published", all other keys at their defaults. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_schedule_create(trnnsf_context *context, const char *method,
                                                const char *variant,
                                                trnnsf_schedule **out_schedule);
/** Reads YAML; errors name line and key. */
TRNNSF_API trnnsf_status trnnsf_schedule_load(trnnsf_context *context, const char *path,
                                              trnnsf_schedule **out_schedule);
TRNNSF_API trnnsf_status trnnsf_schedule_save(trnnsf_context *context,
                                              const trnnsf_schedule *schedule, const char *path);
TRNNSF_API trnnsf_status trnnsf_schedule_copy(trnnsf_context *context,
                                              const trnnsf_schedule *schedule,
                                              trnnsf_schedule **out_schedule);
TRNNSF_API void trnnsf_schedule_free(trnnsf_schedule *schedule);

/** Sets and reads a number by key, such as "train.epochs". TRNNSF_E_NOT_FOUND for an unknown key,
 * TRNNSF_E_INVALID outside its range (the text names the limits). */
TRNNSF_API trnnsf_status trnnsf_schedule_set(trnnsf_context *context, trnnsf_schedule *schedule,
                                             const char *key, double value);
TRNNSF_API trnnsf_status trnnsf_schedule_get(trnnsf_context *context,
                                             const trnnsf_schedule *schedule, const char *key,
                                             double *out_value);
/** The same for keys whose value is a word, such as "method" or "train.optimiser". */
TRNNSF_API trnnsf_status trnnsf_schedule_set_word(trnnsf_context *context,
                                                  trnnsf_schedule *schedule, const char *key,
                                                  const char *word);
TRNNSF_API const char *trnnsf_schedule_word(const trnnsf_schedule *schedule, const char *key);
/** All keys, in order; NULL past the end. */
TRNNSF_API size_t trnnsf_schedule_keys(void);
TRNNSF_API const char *trnnsf_schedule_key(size_t index);
/** The range of a number key; TRNNSF_E_NOT_FOUND. */
TRNNSF_API trnnsf_status trnnsf_schedule_range(trnnsf_context *context, const char *key,
                                               double *out_minimum, double *out_maximum);

TRNNSF_END_DECLS

#endif
