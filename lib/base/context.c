#include "base/context.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/pool.h"

trnnsf_context *trn_context_retain(trnnsf_context *ctx)
{
    atomic_fetch_add(&ctx->references, 1);
    return ctx;
}

void trn_context_release(trnnsf_context *ctx)
{
    if (!ctx || atomic_fetch_sub(&ctx->references, 1) != 1)
        return;
    if (ctx->backends)
        ctx->backends_free(ctx, ctx->backends);
    trn_pool_free(ctx);

    struct trnnsf_allocator allocator = ctx->allocator;
    allocator.release(ctx, allocator.user);
}

trnnsf_status trn_fail(trnnsf_context *ctx, trnnsf_status status, const char *format, ...)
{
    va_list arguments;

    if (!ctx)
        return status;
    va_start(arguments, format);
    vsnprintf(ctx->error, sizeof ctx->error, format, arguments);
    va_end(arguments);
    return status;
}

trnnsf_status trn_fail_in(trnnsf_context *ctx, trnnsf_status status, const char *format, ...)
{
    char below[sizeof ctx->error];
    va_list arguments;

    if (!ctx)
        return status;
    memcpy(below, ctx->error, sizeof below);
    va_start(arguments, format);
    int length = vsnprintf(ctx->error, sizeof ctx->error, format, arguments);
    va_end(arguments);
    if (length >= 0 && (size_t)length < sizeof ctx->error)
        snprintf(ctx->error + length, sizeof ctx->error - (size_t)length, ": %s", below);
    return status;
}

void trn_log(trnnsf_context *ctx, uint32_t level, uint32_t message, const char *format, ...)
{
    char text[512];
    va_list arguments;

    if (!ctx->log || level > ctx->log_level)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    ctx->log(level, message, text, ctx->log_user);
}

trnnsf_status trn_cancelled(trnnsf_context *ctx, const char *phase)
{
    if (!atomic_exchange(&ctx->cancel, 0))
        return TRNNSF_OK;
    return trn_fail(ctx, TRNNSF_E_CANCELLED, "%s: cancelled", phase);
}

/* The callback sees the first and the last step and about a hundred between. */
static bool worth_showing(uint64_t done, uint64_t total)
{
    uint64_t stride = total / 100 + 1;

    return done % stride == 0 || done >= total;
}

trnnsf_status trn_progress(trnnsf_context *ctx, const char *phase, const char *detail,
                           uint64_t done, uint64_t total)
{
    if (ctx->progress && worth_showing(done, total)) {
        struct trnnsf_progress progress = {.struct_size = sizeof progress,
                                           .phase = phase,
                                           .detail = detail ? detail : "",
                                           .done = done,
                                           .total = total};

        if (ctx->progress(&progress, ctx->progress_user))
            atomic_store(&ctx->cancel, 1);
    }
    return trn_cancelled(ctx, phase);
}
