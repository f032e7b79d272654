#include "base/alloc.h"

#include <string.h>

#include "base/context.h"

bool trn_size_multiply(size_t a, size_t b, size_t *out)
{
    if (b != 0 && a > SIZE_MAX / b)
        return false;
    *out = a * b;
    return true;
}

bool trn_size_add(size_t a, size_t b, size_t *out)
{
    if (a > SIZE_MAX - b)
        return false;
    *out = a + b;
    return true;
}

static void *out_of_memory(trnnsf_context *ctx, size_t count, size_t size)
{
    trn_fail(ctx, TRNNSF_E_NO_MEMORY, "no memory for %zu elements of %zu bytes", count, size);
    return NULL;
}

static bool wanted_bytes(size_t count, size_t size, size_t *out)
{
    if (!trn_size_multiply(count, size, out) || *out > PTRDIFF_MAX)
        return false;
    if (*out == 0)
        *out = 1;
    return true;
}

void *trn_malloc(trnnsf_context *ctx, size_t count, size_t size)
{
    size_t bytes;
    void *pointer = NULL;

    if (wanted_bytes(count, size, &bytes))
        pointer = ctx->allocator.allocate(bytes, ctx->allocator.user);
    return pointer ? pointer : out_of_memory(ctx, count, size);
}

void *trn_calloc(trnnsf_context *ctx, size_t count, size_t size)
{
    void *pointer = trn_malloc(ctx, count, size);

    if (pointer)
        memset(pointer, 0, count * size);
    return pointer;
}

void *trn_realloc(trnnsf_context *ctx, void *pointer, size_t count, size_t size)
{
    size_t bytes;
    void *moved = NULL;

    if (wanted_bytes(count, size, &bytes))
        moved = ctx->allocator.reallocate(pointer, bytes, ctx->allocator.user);
    return moved ? moved : out_of_memory(ctx, count, size);
}

void trn_free(trnnsf_context *ctx, void *pointer)
{
    if (pointer)
        ctx->allocator.release(pointer, ctx->allocator.user);
}

void *trn_copy(trnnsf_context *ctx, const void *source, size_t count, size_t size)
{
    void *pointer = trn_malloc(ctx, count, size);

    if (pointer && count * size > 0)
        memcpy(pointer, source, count * size);
    return pointer;
}

char *trn_copy_text(trnnsf_context *ctx, const char *text)
{
    return trn_copy(ctx, text, strlen(text) + 1, 1);
}
