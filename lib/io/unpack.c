#include "io/unpack.h"

#include <limits.h>
#include <string.h>

#include "base/context.h"
#if TRN_HAVE_ZLIB
#include <zlib.h>
#endif
#if TRN_HAVE_LZMA
#include <lzma.h>
#endif

#if TRN_HAVE_ZLIB || TRN_HAVE_LZMA
static trnnsf_status fail_packed(const struct trn_unpack *unpack, const char *what)
{
    return trn_fail(unpack->ctx, TRNNSF_E_FORMAT, "'%s': the packed data %s", unpack->name, what);
}
#endif

#if TRN_HAVE_ZLIB

static void *gz_allocate(void *ctx, unsigned count, unsigned size)
{
    return trn_malloc(ctx, count, size);
}

static void gz_release(void *ctx, void *pointer)
{
    trn_free(ctx, pointer);
}

static trnnsf_status gz_begin(struct trn_unpack *unpack)
{
    z_stream *z = TRN_NEW(unpack->ctx, z_stream);

    if (!z)
        return TRNNSF_E_NO_MEMORY;
    z->zalloc = gz_allocate;
    z->zfree = gz_release;
    z->opaque = unpack->ctx;
    if (inflateInit2(z, 16 + MAX_WBITS) != Z_OK) { /* 16: a gz header */
        trn_free(unpack->ctx, z);
        return TRNNSF_E_NO_MEMORY;
    }
    unpack->decoder = z;
    return TRNNSF_OK;
}

/* A gz file may be several, one after another. */
static trnnsf_status gz_end_member(struct trn_unpack *unpack)
{
    if (unpack->left == 0) {
        unpack->ended = true;
        return TRNNSF_OK;
    }
    if (unpack->left < 2 || unpack->next[0] != 0x1f || unpack->next[1] != 0x8b)
        return fail_packed(unpack, "is followed by other bytes");
    return inflateReset(unpack->decoder) == Z_OK ? TRNNSF_OK : fail_packed(unpack, "is damaged");
}

static trnnsf_status gz_next(struct trn_unpack *unpack, uint8_t *to, size_t room, size_t *out_got)
{
    z_stream *z = unpack->decoder;

    *out_got = 0;
    while (*out_got == 0 && !unpack->ended) {
        unsigned given = unpack->left > UINT_MAX ? UINT_MAX : (unsigned)unpack->left;
        unsigned wanted = room > UINT_MAX ? UINT_MAX : (unsigned)room;

        z->next_in = (Bytef *)(uintptr_t)unpack->next;
        z->avail_in = given;
        z->next_out = to;
        z->avail_out = wanted;
        int result = inflate(z, Z_NO_FLUSH);
        unpack->next += given - z->avail_in;
        unpack->left -= given - z->avail_in;
        *out_got = wanted - z->avail_out;
        if (result == Z_STREAM_END)
            TRN_TRY(gz_end_member(unpack));
        else if (result == Z_MEM_ERROR)
            return TRNNSF_E_NO_MEMORY;
        else if (result == Z_BUF_ERROR || (result == Z_OK && *out_got == 0 && unpack->left == 0))
            return fail_packed(unpack, "is cut short");
        else if (result != Z_OK)
            return fail_packed(unpack, "is damaged");
    }
    return TRNNSF_OK;
}

static void gz_end(struct trn_unpack *unpack)
{
    inflateEnd(unpack->decoder);
}

#endif

#if TRN_HAVE_LZMA

/* Chosen here: four times what `xz -9` needs; a file that claims a larger dictionary is refused. */
#define XZ_MEMORY_MAX ((uint64_t)256 << 20)

static void *xz_allocate(void *ctx, size_t count, size_t size)
{
    return trn_malloc(ctx, count, size);
}

static void xz_release(void *ctx, void *pointer)
{
    trn_free(ctx, pointer);
}

static trnnsf_status xz_begin(struct trn_unpack *unpack)
{
    const lzma_stream initial = LZMA_STREAM_INIT;
    lzma_stream *xz = TRN_NEW(unpack->ctx, lzma_stream);
    lzma_allocator *allocator = TRN_NEW(unpack->ctx, lzma_allocator);

    unpack->decoder = xz;
    unpack->allocator = allocator;
    if (!xz || !allocator)
        return TRNNSF_E_NO_MEMORY;
    allocator->alloc = xz_allocate;
    allocator->free = xz_release;
    allocator->opaque = unpack->ctx;
    *xz = initial;
    xz->allocator = allocator;
    xz->next_in = unpack->next;
    xz->avail_in = unpack->left;
    return lzma_stream_decoder(xz, XZ_MEMORY_MAX, LZMA_CONCATENATED) == LZMA_OK
               ? TRNNSF_OK
               : TRNNSF_E_NO_MEMORY;
}

static trnnsf_status xz_next(struct trn_unpack *unpack, uint8_t *to, size_t room, size_t *out_got)
{
    lzma_stream *xz = unpack->decoder;

    *out_got = 0;
    while (*out_got == 0 && !unpack->ended) {
        xz->next_out = to;
        xz->avail_out = room;
        lzma_ret result = lzma_code(xz, LZMA_FINISH);
        *out_got = room - xz->avail_out;
        if (result == LZMA_STREAM_END)
            unpack->ended = true;
        else if (result == LZMA_MEM_ERROR)
            return TRNNSF_E_NO_MEMORY;
        else if (result == LZMA_MEMLIMIT_ERROR)
            return trn_fail(unpack->ctx, TRNNSF_E_LIMIT,
                            "'%s': unpacking needs more than %ju bytes", unpack->name,
                            (uintmax_t)XZ_MEMORY_MAX);
        else if (result == LZMA_BUF_ERROR)
            return fail_packed(unpack, "is cut short");
        else if (result != LZMA_OK)
            return fail_packed(unpack, "is damaged");
    }
    return TRNNSF_OK;
}

static void xz_end(struct trn_unpack *unpack)
{
    if (unpack->decoder)
        lzma_end(unpack->decoder);
}

#endif

static enum trn_packing find_packing(const uint8_t *bytes, size_t size)
{
    static const uint8_t xz[6] = {0xfd, '7', 'z', 'X', 'Z', 0};

    if (size >= 3 && bytes[0] == 0x1f && bytes[1] == 0x8b && bytes[2] == 8)
        return TRN_GZ;
    if (size >= sizeof xz && memcmp(bytes, xz, sizeof xz) == 0)
        return TRN_XZ;
    return TRN_PLAIN;
}

trnnsf_status trn_unpack_begin(trnnsf_context *ctx, const char *name, const uint8_t *bytes,
                               size_t size, struct trn_unpack *unpack)
{
    unpack->ctx = ctx;
    unpack->name = name;
    unpack->next = bytes;
    unpack->left = size;
    unpack->packing = find_packing(bytes, size);
    switch (unpack->packing) {
    case TRN_GZ:
#if TRN_HAVE_ZLIB
        return gz_begin(unpack);
#else
        return trn_fail(ctx, TRNNSF_E_UNSUPPORTED,
                        "'%s' is gz-packed, and this library was built without zlib", name);
#endif
    case TRN_XZ:
#if TRN_HAVE_LZMA
        return xz_begin(unpack);
#else
        return trn_fail(ctx, TRNNSF_E_UNSUPPORTED,
                        "'%s' is xz-packed, and this library was built without liblzma", name);
#endif
    case TRN_PLAIN:
        break;
    }
    return TRNNSF_OK;
}

static void plain_next(struct trn_unpack *unpack, uint8_t *to, size_t room, size_t *out_got)
{
    size_t got = unpack->left < room ? unpack->left : room;

    if (got > 0)
        memcpy(to, unpack->next, got);
    unpack->next += got;
    unpack->left -= got;
    *out_got = got;
}

trnnsf_status trn_unpack_next(struct trn_unpack *unpack, uint8_t *to, size_t room, size_t *out_got)
{
#if TRN_HAVE_ZLIB
    if (unpack->packing == TRN_GZ)
        return gz_next(unpack, to, room, out_got);
#endif
#if TRN_HAVE_LZMA
    if (unpack->packing == TRN_XZ)
        return xz_next(unpack, to, room, out_got);
#endif
    plain_next(unpack, to, room, out_got);
    return TRNNSF_OK;
}

bool trn_unpack_left(const struct trn_unpack *unpack, size_t *out_left)
{
    *out_left = unpack->left;
    return unpack->packing == TRN_PLAIN;
}

void trn_unpack_end(struct trn_unpack *unpack)
{
#if TRN_HAVE_ZLIB
    if (unpack->packing == TRN_GZ && unpack->decoder)
        gz_end(unpack);
#endif
#if TRN_HAVE_LZMA
    if (unpack->packing == TRN_XZ)
        xz_end(unpack);
#endif
    if (unpack->decoder)
        trn_free(unpack->ctx, unpack->decoder);
    if (unpack->allocator)
        trn_free(unpack->ctx, unpack->allocator);
}
