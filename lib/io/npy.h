/* NPY, one NumPy array (numpy.org/doc/stable/reference/generated/numpy.lib.format.html),
 * versions 1.0 to 3.0: booleans, integers and floats of 4 and 8 bytes, of either byte order, in C
 * order. */
#ifndef TRN_IO_NPY_H
#define TRN_IO_NPY_H

#include "io/stream.h"

/* Chosen here: samples and at most channels, height and width. */
enum { TRN_NPY_RANK_MAX = 4 };

struct trn_npy {
    char kind;    /* 'b' boolean, 'i', 'u', 'f' */
    size_t width; /* bytes of an element */
    size_t rank;
    size_t shape[TRN_NPY_RANK_MAX];
    size_t count;   /* product of the shape */
    uint8_t *bytes; /* elements in the machine's order; free with trn_free() */
};

/* The stream must end with the last element. */
trnnsf_status trn_npy_read(struct trn_stream *stream, struct trn_npy *out_npy);

/* Every element as a float: values[count]. What exceeds a float becomes infinite. */
void trn_npy_floats(const struct trn_npy *npy, float *values);
/* Every element as an integer; `name` for error texts. TRNNSF_E_FORMAT where one is not integral or
 * beyond ±2^53. */
trnnsf_status trn_npy_integers(trnnsf_context *ctx, const char *name, const struct trn_npy *npy,
                               int64_t *values);

#endif
