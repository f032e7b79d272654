/* The decoders under a stream: none, gz (zlib), xz (liblzma). */
#ifndef TRN_IO_UNPACK_H
#define TRN_IO_UNPACK_H

#include <stdbool.h>
#include <trnnsf/context.h>

enum trn_packing { TRN_PLAIN, TRN_GZ, TRN_XZ };

struct trn_unpack {
    trnnsf_context *ctx;
    const char *name;
    const uint8_t *next; /* packed bytes to come */
    size_t left;
    enum trn_packing packing;
    bool ended;
    void *decoder; /* z_stream or lzma_stream */
    void *allocator;
};

/* Fills *unpack, which is zeroed; trn_unpack_end() is right after a failure too. */
trnnsf_status trn_unpack_begin(trnnsf_context *ctx, const char *name, const uint8_t *bytes,
                               size_t size, struct trn_unpack *unpack);
/* 1 … room bytes; 0 at the end. */
trnnsf_status trn_unpack_next(struct trn_unpack *unpack, uint8_t *to, size_t room, size_t *out_got);
/* The bytes left, where that can be told beforehand. */
bool trn_unpack_left(const struct trn_unpack *unpack, size_t *out_left);
void trn_unpack_end(struct trn_unpack *unpack);

#endif
