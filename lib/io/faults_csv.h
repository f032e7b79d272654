/* Fault maps as CSV; trnnsf/remap.h describes the file. */
#ifndef TRN_IO_FAULTS_CSV_H
#define TRN_IO_FAULTS_CSV_H

#include "io/stream.h"
#include "sim/analog/faults.h"

/* Into a map of good devices. TRNNSF_E_FORMAT with file, line and column. */
trnnsf_status trn_faults_read(struct trn_stream *stream, struct trnnsf_fault_map *map);
trnnsf_status trn_faults_write(trnnsf_context *ctx, const struct trnnsf_fault_map *map,
                               const char *path);

#endif
