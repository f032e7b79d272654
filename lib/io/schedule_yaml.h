/* Schedule files: YAML, one level of sections, keys as in trnnsf_schedule_key(). */
#ifndef TRN_IO_SCHEDULE_YAML_H
#define TRN_IO_SCHEDULE_YAML_H

#include "io/yaml.h"
#include "schedule/schedule.h"

/* Errors name file, line and key. */
trnnsf_status trn_schedule_read(const struct trn_yaml *yaml,
                                struct trnnsf_schedule **out_schedule);
trnnsf_status trn_schedule_write(trnnsf_context *ctx, const struct trnnsf_schedule *schedule,
                                 const char *path);

#endif
