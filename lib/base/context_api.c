#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/context.h"
#include "base/options.h"

enum { THREADS_MAX = 256 };

static void *default_allocate(size_t size, void *user)
{
    (void)user;
    return malloc(size);
}

static void *default_reallocate(void *pointer, size_t size, void *user)
{
    (void)user;
    return realloc(pointer, size);
}

static void default_release(void *pointer, void *user)
{
    (void)user;
    free(pointer);
}

static const struct trnnsf_allocator default_allocator = {.struct_size = sizeof default_allocator,
                                                          .allocate = default_allocate,
                                                          .reallocate = default_reallocate,
                                                          .release = default_release};

static uint32_t processor_count(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);

    if (count < 1)
        return 1;
    return count > THREADS_MAX ? THREADS_MAX : (uint32_t)count;
}

void trnnsf_context_options_init(struct trnnsf_context_options *options)
{
    static const struct trnnsf_context_options defaults = TRNNSF_CONTEXT_OPTIONS_INIT;

    if (options)
        *options = defaults;
}

static trnnsf_status read_allocator(const struct trnnsf_allocator *from,
                                    struct trnnsf_allocator *allocator)
{
    *allocator = default_allocator;
    if (!from)
        return TRNNSF_OK;
    TRN_TRY(trn_options_read(NULL, "trnnsf_context_create", from, allocator, sizeof *allocator));
    if (!allocator->allocate || !allocator->reallocate || !allocator->release)
        return TRNNSF_E_INVALID;
    return TRNNSF_OK;
}

trnnsf_status trnnsf_context_create(const struct trnnsf_context_options *options,
                                    trnnsf_context **out_context)
{
    struct trnnsf_context_options given = TRNNSF_CONTEXT_OPTIONS_INIT;
    struct trnnsf_allocator allocator;

    if (!out_context)
        return TRNNSF_E_INVALID;
    TRN_TRY(trn_options_read(NULL, "trnnsf_context_create", options, &given, sizeof given));
    TRN_TRY(read_allocator(given.allocator, &allocator));
    if (given.threads > THREADS_MAX || given.log_level > TRNNSF_LOG_DEBUG)
        return TRNNSF_E_INVALID;

    trnnsf_context *ctx = allocator.allocate(sizeof *ctx, allocator.user);
    if (!ctx)
        return TRNNSF_E_NO_MEMORY;
    memset(ctx, 0, sizeof *ctx);
    atomic_init(&ctx->references, 1);
    atomic_init(&ctx->cancel, 0);
    ctx->allocator = allocator;
    ctx->threads = given.threads ? given.threads : processor_count();
    ctx->log_level = given.log_level ? given.log_level : TRNNSF_LOG_WARNING;
    ctx->log = given.log;
    ctx->log_user = given.log_user;
    ctx->progress = given.progress;
    ctx->progress_user = given.progress_user;
    *out_context = ctx;
    return TRNNSF_OK;
}

void trnnsf_context_free(trnnsf_context *context)
{
    trn_context_release(context);
}

const char *trnnsf_context_error(const trnnsf_context *context)
{
    return context ? context->error : "";
}

void trnnsf_context_cancel(trnnsf_context *context)
{
    if (context)
        atomic_store(&context->cancel, 1);
}

uint32_t trnnsf_context_threads(const trnnsf_context *context)
{
    return context ? context->threads : 0;
}

uint32_t trnnsf_version(void)
{
    return TRNNSF_VERSION_MAJOR * 10000 + TRNNSF_VERSION_MINOR * 100 + TRNNSF_VERSION_PATCH;
}

#define TEXT_OF(x) #x
#define VERSION_TEXT(a, b, c) TEXT_OF(a) "." TEXT_OF(b) "." TEXT_OF(c)

const char *trnnsf_version_text(void)
{
    return VERSION_TEXT(TRNNSF_VERSION_MAJOR, TRNNSF_VERSION_MINOR, TRNNSF_VERSION_PATCH);
}
