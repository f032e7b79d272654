/* IDX, the format of MNIST: two zero bytes, element type, number of dimensions, 32-bit big-endian
 * dimensions, elements (yann.lecun.com/exdb/mnist, "The IDX file format"). */
#ifndef TRN_IO_IDX_H
#define TRN_IO_IDX_H

#include "io/stream.h"

/* Chosen here: samples and at most channels, height and width. */
enum { TRN_IDX_RANK_MAX = 4 };

struct trn_idx {
    size_t rank;
    size_t shape[TRN_IDX_RANK_MAX];
    size_t size;    /* product of the shape */
    uint8_t *bytes; /* free with trn_free() */
};

/* Unsigned bytes only: TRNNSF_E_UNSUPPORTED for other elements. The stream must end with the last.
 */
trnnsf_status trn_idx_read(struct trn_stream *stream, struct trn_idx *out_idx);

#endif
