/* Measured devices as CSV; trnnsf/tech.h describes the file. */
#ifndef TRN_IO_MEASUREMENTS_CSV_H
#define TRN_IO_MEASUREMENTS_CSV_H

#include "io/stream.h"
#include "tech/measurements.h"

/* Reads in the order of the file; free with trn_free(). TRNNSF_E_FORMAT with file, line, column and
 * value. */
trnnsf_status trn_measurements_read(struct trn_stream *stream, struct trn_tech_read **out_reads,
                                    size_t *out_count);

#endif
