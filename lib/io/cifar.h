/* CIFAR-10 binary: records of 1 label byte and 3072 pixel bytes, planes red, green, blue, each 32 x
 * 32 row-major; no header (cs.toronto.edu/~kriz/cifar.html, "Binary version"). */
#ifndef TRN_IO_CIFAR_H
#define TRN_IO_CIFAR_H

#include <stdbool.h>

#include "io/stream.h"

enum {
    TRN_CIFAR_SIDE = 32,
    TRN_CIFAR_CHANNELS = 3,
    TRN_CIFAR_CLASSES = 10,
    TRN_CIFAR_RECORDS = 10000 /* in each file */
};

/* Exactly `n_records` records, pixels scaled to [0, 1], or with `grey` their luma:
 * values[n_records x 3072 or 1024], labels[n_records]. */
trnnsf_status trn_cifar_read(struct trn_stream *stream, size_t n_records, bool grey, float *values,
                             int64_t *labels);

#endif
