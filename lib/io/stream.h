/* Bytes of a file or of memory, unpacked on the way where they are gz- or xz-packed (found by the
 * first bytes, not by the name). Nothing is allocated on a header's word: room grows with the bytes
 * that really come. */
#ifndef TRN_IO_STREAM_H
#define TRN_IO_STREAM_H

#include <trnnsf/context.h>

struct trn_stream;

/* TRNNSF_E_UNSUPPORTED: packed, and built without zlib or liblzma. */
trnnsf_status trn_stream_open(trnnsf_context *ctx, const char *path,
                              struct trn_stream **out_stream);
/* The bytes must outlive the stream; `name` stands for the path in error texts. */
trnnsf_status trn_stream_open_memory(trnnsf_context *ctx, const char *name, const uint8_t *bytes,
                                     size_t size, struct trn_stream **out_stream);
void trn_stream_free(struct trn_stream *stream);

trnnsf_context *trn_stream_context(const struct trn_stream *stream);
const char *trn_stream_name(const struct trn_stream *stream);

/* Exactly `size` bytes; TRNNSF_E_FORMAT where they end before. */
trnnsf_status trn_stream_read(struct trn_stream *stream, void *to, size_t size);
/* The same into new room, with a 0 after it; free with trn_free(). */
trnnsf_status trn_stream_take(struct trn_stream *stream, size_t size, uint8_t **out_bytes);
/* All that is left, with a 0 after it; TRNNSF_E_LIMIT above `limit` bytes. */
trnnsf_status trn_stream_take_rest(struct trn_stream *stream, size_t limit, uint8_t **out_bytes,
                                   size_t *out_size);
/* TRNNSF_E_FORMAT where bytes are left. A packed stream's check sum is verified here. */
trnnsf_status trn_stream_expect_end(struct trn_stream *stream);

/* Chosen here: what one file may hold unpacked, 4 GiB, and 1 GiB of text. */
#define TRN_STREAM_BYTES_MAX ((uint64_t)1 << 32)
#define TRN_STREAM_TEXT_MAX ((size_t)1 << 30)

#endif
