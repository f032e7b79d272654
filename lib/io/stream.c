#include "io/stream.h"

#include <stdbool.h>
#include <string.h>

#include "base/context.h"
#include "base/file.h"
#include "io/unpack.h"

struct trn_stream {
    trnnsf_context *ctx; /* held */
    char *name;
    uint8_t *owned; /* the packed bytes, where they were read from a file */
    struct trn_unpack unpack;
    uint64_t position; /* unpacked bytes so far */
};

/* Room that trn_stream_take() begins with. */
enum { FIRST_ROOM = 1 << 16 };

static trnnsf_status open_bytes(trnnsf_context *ctx, const char *name, const uint8_t *bytes,
                                size_t size, struct trn_stream **out_stream)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_stream *stream = TRN_NEW(ctx, struct trn_stream);

    if (!stream)
        return TRNNSF_E_NO_MEMORY;
    stream->ctx = trn_context_retain(ctx);
    stream->name = trn_copy_text(ctx, name);
    TRN_NEED_OUT(stream->name);
    TRN_TRY_OUT(trn_unpack_begin(ctx, stream->name, bytes, size, &stream->unpack));
    *out_stream = stream;
    stream = NULL;
out:
    trn_stream_free(stream);
    return status;
}

trnnsf_status trn_stream_open_memory(trnnsf_context *ctx, const char *name, const uint8_t *bytes,
                                     size_t size, struct trn_stream **out_stream)
{
    return open_bytes(ctx, name, bytes, size, out_stream);
}

trnnsf_status trn_stream_open(trnnsf_context *ctx, const char *path, struct trn_stream **out_stream)
{
    const uint64_t limit = TRN_STREAM_BYTES_MAX;
    trnnsf_status status;
    uint8_t *bytes;
    size_t size;

    TRN_TRY(trn_file_read(ctx, path, limit > SIZE_MAX ? SIZE_MAX : (size_t)limit, &bytes, &size));
    status = open_bytes(ctx, path, bytes, size, out_stream);
    if (status == TRNNSF_OK)
        (*out_stream)->owned = bytes;
    else
        trn_free(ctx, bytes);
    return status;
}

void trn_stream_free(struct trn_stream *stream)
{
    if (!stream)
        return;
    trnnsf_context *ctx = stream->ctx;

    trn_unpack_end(&stream->unpack);
    trn_free(ctx, stream->owned);
    trn_free(ctx, stream->name);
    trn_free(ctx, stream);
    trn_context_release(ctx);
}

trnnsf_context *trn_stream_context(const struct trn_stream *stream)
{
    return stream->ctx;
}

const char *trn_stream_name(const struct trn_stream *stream)
{
    return stream->name;
}

/* As many bytes as there are, up to `size`. */
static trnnsf_status read_some(struct trn_stream *stream, uint8_t *to, size_t size, size_t *out_got)
{
    size_t done = 0, got;

    while (done < size) {
        TRN_TRY(trn_unpack_next(&stream->unpack, to + done, size - done, &got));
        if (got == 0)
            break;
        done += got;
    }
    stream->position += done;
    *out_got = done;
    return TRNNSF_OK;
}

static trnnsf_status fail_short(const struct trn_stream *stream, size_t missing)
{
    return trn_fail(stream->ctx, TRNNSF_E_FORMAT,
                    "'%s' ends at byte %ju where %zu more must follow", stream->name,
                    (uintmax_t)stream->position, missing);
}

trnnsf_status trn_stream_read(struct trn_stream *stream, void *to, size_t size)
{
    size_t got;

    TRN_TRY(read_some(stream, to, size, &got));
    return got < size ? fail_short(stream, size - got) : TRNNSF_OK;
}

/* Reads up to `limit` bytes into growing room. */
static trnnsf_status gather(struct trn_stream *stream, size_t limit, uint8_t **out_bytes,
                            size_t *out_size)
{
    trnnsf_context *ctx = stream->ctx;
    trnnsf_status status = TRNNSF_OK;
    size_t room = limit < FIRST_ROOM ? limit : FIRST_ROOM, size = 0, got;
    uint8_t *bytes = trn_malloc(ctx, room + 1, 1);

    TRN_NEED_OUT(bytes);
    for (;;) {
        TRN_TRY_OUT(read_some(stream, bytes + size, room - size, &got));
        size += got;
        if (size < room || room == limit)
            break;
        room = room > limit / 2 ? limit : room * 2;
        uint8_t *more = trn_realloc(ctx, bytes, room + 1, 1);
        TRN_NEED_OUT(more);
        bytes = more;
    }
    bytes[size] = 0;
    *out_bytes = bytes;
    *out_size = size;
    bytes = NULL;
out:
    trn_free(ctx, bytes);
    return status;
}

trnnsf_status trn_stream_take(struct trn_stream *stream, size_t size, uint8_t **out_bytes)
{
    uint8_t *bytes;
    size_t got, left;

    if (size > TRN_STREAM_BYTES_MAX)
        return trn_fail(stream->ctx, TRNNSF_E_LIMIT, "'%s': %zu bytes exceed %ju", stream->name,
                        size, (uintmax_t)TRN_STREAM_BYTES_MAX);
    if (trn_unpack_left(&stream->unpack, &left) && left < size)
        return fail_short(stream, size);
    TRN_TRY(gather(stream, size, &bytes, &got));
    if (got < size) {
        trn_free(stream->ctx, bytes);
        return fail_short(stream, size - got);
    }
    *out_bytes = bytes;
    return TRNNSF_OK;
}

trnnsf_status trn_stream_take_rest(struct trn_stream *stream, size_t limit, uint8_t **out_bytes,
                                   size_t *out_size)
{
    uint8_t *bytes, extra;
    size_t size, got;
    trnnsf_status status;

    TRN_TRY(gather(stream, limit, &bytes, &size));
    status = read_some(stream, &extra, 1, &got);
    if (status == TRNNSF_OK && got > 0)
        status = trn_fail(stream->ctx, TRNNSF_E_LIMIT, "'%s' holds more than %zu bytes",
                          stream->name, limit);
    if (status != TRNNSF_OK) {
        trn_free(stream->ctx, bytes);
        return status;
    }
    *out_bytes = bytes;
    *out_size = size;
    return TRNNSF_OK;
}

trnnsf_status trn_stream_expect_end(struct trn_stream *stream)
{
    uint8_t extra;
    size_t got;

    TRN_TRY(read_some(stream, &extra, 1, &got));
    if (got > 0)
        return trn_fail(stream->ctx, TRNNSF_E_FORMAT,
                        "'%s' has more bytes than the %ju that its header tells", stream->name,
                        (uintmax_t)(stream->position - 1));
    return TRNNSF_OK;
}
