#include "backend/backend.h"

#include <string.h>

#include "backend/reference/reference.h"
#if TRN_HAVE_CBLAS
#include "backend/cblas/cblas_backend.h"
#endif

/* doc/messages.md */
enum { MESSAGE_FALLBACK = 101 };

static void free_backends(trnnsf_context *ctx, void *pointer)
{
    struct trn_backends *backends = pointer;

    for (size_t i = 0; i < backends->count; i++)
        trn_free(ctx, backends->entries[i]);
    trn_free(ctx, backends);
}

static trnnsf_status add(trnnsf_context *ctx, struct trn_backends *backends,
                         const struct trnnsf_backend_ops *ops)
{
    struct trn_backend *entry;

    if (backends->count == TRN_BACKENDS_MAX)
        return trn_fail(ctx, TRNNSF_E_LIMIT,
                        "trnnsf_backend_register: a context holds at most %d backends",
                        TRN_BACKENDS_MAX);
    entry = TRN_NEW(ctx, struct trn_backend);
    if (!entry)
        return TRN_NO_MEMORY;
    entry->ops = *ops;
    memcpy(entry->name, ops->name, strlen(ops->name) + 1);
    entry->ops.name = entry->name;
    entry->owner = backends;
    backends->entries[backends->count++] = entry;
    return TRNNSF_OK;
}

trnnsf_status trn_backends_get(trnnsf_context *ctx, struct trn_backends **out_backends)
{
    struct trn_backends *backends = ctx->backends;
    trnnsf_status status = TRNNSF_OK;

    if (backends) {
        *out_backends = backends;
        return TRNNSF_OK;
    }
    backends = TRN_NEW(ctx, struct trn_backends);
    if (!backends)
        return TRN_NO_MEMORY;
    atomic_init(&backends->fallbacks, 0);
    atomic_init(&backends->first_kernel, NULL);
    atomic_init(&backends->first_backend, NULL);
    TRN_TRY_OUT(add(ctx, backends, &trn_reference_ops));
#if TRN_HAVE_CBLAS
    struct trnnsf_backend_ops cblas = trn_cblas_ops;
    cblas.flags |= trn_cblas_prepare();
    if (cblas.flags & TRNNSF_BACKEND_ONE_THREAD)
        trn_log(ctx, TRNNSF_LOG_WARNING, 102,
                "OpenBLAS is built without threads and cannot be called from several at once: "
                "products use one thread");
    TRN_TRY_OUT(add(ctx, backends, &cblas));
    backends->selected = 1;
#endif
    ctx->backends = backends;
    ctx->backends_free = free_backends;
    *out_backends = backends;
    return TRNNSF_OK;
out:
    free_backends(ctx, backends);
    return status;
}

trnnsf_status trn_backends_add(trnnsf_context *ctx, const struct trnnsf_backend_ops *ops)
{
    struct trn_backends *backends;

    TRN_TRY(trn_backends_get(ctx, &backends));
    return add(ctx, backends, ops);
}

struct trn_backend *trn_backends_find(struct trn_backends *backends, const char *name,
                                      size_t *out_index)
{
    for (size_t i = 0; i < backends->count; i++) {
        if (strcmp(backends->entries[i]->name, name) != 0)
            continue;
        if (out_index)
            *out_index = i;
        return backends->entries[i];
    }
    return NULL;
}

trnnsf_status trn_backend_current(trnnsf_context *ctx, const struct trn_backend **out_backend)
{
    struct trn_backends *backends;

    TRN_TRY(trn_backends_get(ctx, &backends));
    *out_backend = backends->entries[backends->selected];
    return TRNNSF_OK;
}

void trn_backend_tell(trnnsf_context *ctx)
{
    struct trn_backends *backends = ctx->backends;

    if (!backends || backends->told)
        return;

    const struct trn_backend *backend = atomic_load(&backends->first_backend);
    const char *kernel = atomic_load(&backends->first_kernel);
    if (!backend || !kernel)
        return;
    backends->told = true;
    trn_log(ctx, TRNNSF_LOG_WARNING, MESSAGE_FALLBACK,
            "backend %s: kernel %s is left to the reference backend", backend->name, kernel);
}
