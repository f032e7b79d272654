#include <string.h>

#include "backend/backend.h"
#include "base/options.h"

static const char name_letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

/* Bytes up to the first kernel, which every caller has. */
enum { HEAD_SIZE = offsetof(struct trnnsf_backend_ops, gemm) };

static trnnsf_status check_name(trnnsf_context *ctx, const char *name)
{
    size_t length;

    if (!name)
        return trn_fail(ctx, TRNNSF_E_INVALID, "trnnsf_backend_register: name is NULL");
    length = strnlen(name, TRN_BACKEND_NAME_MAX + 1);
    if (length == 0 || length > TRN_BACKEND_NAME_MAX)
        return trn_fail(ctx, TRNNSF_E_INVALID,
                        "trnnsf_backend_register: length %zu%s of name is not in [1, %d]", length,
                        length > TRN_BACKEND_NAME_MAX ? " or more" : "", TRN_BACKEND_NAME_MAX);
    if (strspn(name, name_letters) != length)
        return trn_fail(ctx, TRNNSF_E_INVALID,
                        "trnnsf_backend_register: name \"%s\" has other than a-z, 0-9 and '-'",
                        name);
    return TRNNSF_OK;
}

static trnnsf_status read_ops(trnnsf_context *ctx, const struct trnnsf_backend_ops *given,
                              struct trnnsf_backend_ops *ops)
{
    /* Read as bytes: the caller's struct may be shorter than ours. */
    size_t size;
    uint32_t version;

    memcpy(&size, given, sizeof size);
    if (size < HEAD_SIZE || size % sizeof(void *) != 0)
        return trn_fail(ctx, TRNNSF_E_INVALID,
                        "trnnsf_backend_register: struct_size %zu is below %d or cuts a slot", size,
                        HEAD_SIZE);
    memcpy(&version, (const char *)given + offsetof(struct trnnsf_backend_ops, api_version),
           sizeof version);
    if (version != TRNNSF_BACKEND_API_VERSION)
        return trn_fail(ctx, TRNNSF_E_UNSUPPORTED,
                        "trnnsf_backend_register: api_version %u of the backend is not this "
                        "library's %u",
                        version, TRNNSF_BACKEND_API_VERSION);
    memset(ops, 0, sizeof *ops);
    TRN_TRY(trn_options_read(ctx, "trnnsf_backend_register", given, ops, sizeof *ops));
    if (ops->flags & ~(uint32_t)(TRNNSF_BACKEND_DETERMINISTIC | TRNNSF_BACKEND_ONE_THREAD))
        return trn_fail(ctx, TRNNSF_E_UNSUPPORTED,
                        "trnnsf_backend_register: flags 0x%x hold a bit that is not known",
                        ops->flags);
    return check_name(ctx, ops->name);
}

trnnsf_status trnnsf_backend_register(trnnsf_context *context, const struct trnnsf_backend_ops *ops)
{
    struct trnnsf_backend_ops copy;
    struct trn_backends *backends;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!ops)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_backend_register: ops is NULL");
    TRN_TRY(read_ops(context, ops, &copy));
    TRN_TRY(trn_backends_get(context, &backends));
    if (trn_backends_find(backends, copy.name, NULL))
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_backend_register: name \"%s\" is taken",
                        copy.name);
    return trn_backends_add(context, &copy);
}

trnnsf_status trnnsf_backend_select(trnnsf_context *context, const char *name)
{
    struct trn_backends *backends;
    size_t index;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!name)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_backend_select: name is NULL");
    TRN_TRY(trn_backends_get(context, &backends));
    if (!trn_backends_find(backends, name, &index))
        return trn_fail(context, TRNNSF_E_NOT_FOUND,
                        "trnnsf_backend_select: no backend is named \"%.*s\"", TRN_BACKEND_NAME_MAX,
                        name);
    backends->selected = index;
    return TRNNSF_OK;
}

size_t trnnsf_backend_count(trnnsf_context *context)
{
    struct trn_backends *backends;

    if (!context || trn_backends_get(context, &backends) != TRNNSF_OK)
        return 0;
    return backends->count;
}

const char *trnnsf_backend_name(trnnsf_context *context, size_t index)
{
    struct trn_backends *backends;

    if (!context || trn_backends_get(context, &backends) != TRNNSF_OK || index >= backends->count)
        return NULL;
    return backends->entries[index]->name;
}

const char *trnnsf_backend_selected(trnnsf_context *context)
{
    struct trn_backends *backends;

    if (!context || trn_backends_get(context, &backends) != TRNNSF_OK)
        return NULL;
    return backends->entries[backends->selected]->name;
}

uint64_t trnnsf_backend_fallbacks(trnnsf_context *context)
{
    struct trn_backends *backends = context ? context->backends : NULL;

    return backends ? atomic_load(&backends->fallbacks) : 0;
}
