/* The context's inside: failures, progress, cancel, log. */
#ifndef TRN_BASE_CONTEXT_H
#define TRN_BASE_CONTEXT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <trnnsf/context.h>

#include "base/alloc.h"

struct trn_pool;

struct trnnsf_context {
    atomic_uint references;
    struct trnnsf_allocator allocator;
    uint32_t threads;
    uint32_t log_level;
    trnnsf_log_function log;
    void *log_user;
    trnnsf_progress_function progress;
    void *progress_user;
    atomic_int cancel;
    struct trn_pool *pool; /* made at first use */
    void *backends;        /* owned by the backend room, made at first use */
    void (*backends_free)(trnnsf_context *ctx, void *backends);
    char error[768];
};

/* Objects hold the context that made them. */
trnnsf_context *trn_context_retain(trnnsf_context *ctx);
void trn_context_release(trnnsf_context *ctx);

#if defined(__GNUC__)
#define TRN_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define TRN_PRINTF(text, first)
#endif

/* Sets the error text ("prune: ratio 1.3 is not in [0, 1)") and returns `status`. A NULL context is
 * allowed. Only on the context's thread. */
trnnsf_status trn_fail(trnnsf_context *ctx, trnnsf_status status, const char *format, ...)
    TRN_PRINTF(3, 4);
/* Puts "prefix: " before the text that a failure below has left, and returns `status`. */
trnnsf_status trn_fail_in(trnnsf_context *ctx, trnnsf_status status, const char *format, ...)
    TRN_PRINTF(3, 4);
/* The failure of an allocation whose text trn_malloc() has set. */
#define TRN_NO_MEMORY TRNNSF_E_NO_MEMORY

void trn_log(trnnsf_context *ctx, uint32_t level, uint32_t message, const char *format, ...)
    TRN_PRINTF(4, 5);

/* Reports progress, and returns TRNNSF_E_CANCELLED where the caller wants to stop. Call it at every
 * batch or round: calls that add nothing visible are not passed on. `detail` may be NULL. */
trnnsf_status trn_progress(trnnsf_context *ctx, const char *phase, const char *detail,
                           uint64_t done, uint64_t total);
/* Only the question whether to stop. */
trnnsf_status trn_cancelled(trnnsf_context *ctx, const char *phase);

/* `return` on failure. */
#define TRN_TRY(expression)                                                                        \
    do {                                                                                           \
        trnnsf_status trn_try_status = (expression);                                               \
        if (trn_try_status != TRNNSF_OK)                                                           \
            return trn_try_status;                                                                 \
    } while (0)

/* `goto out` on failure, with the result in `status`. */
#define TRN_TRY_OUT(expression)                                                                    \
    do {                                                                                           \
        status = (expression);                                                                     \
        if (status != TRNNSF_OK)                                                                   \
            goto out;                                                                              \
    } while (0)

/* `goto out` with TRNNSF_E_NO_MEMORY where an allocation gave NULL. */
#define TRN_NEED_OUT(pointer)                                                                      \
    do {                                                                                           \
        if ((pointer) == NULL) {                                                                   \
            status = TRNNSF_E_NO_MEMORY;                                                           \
            goto out;                                                                              \
        }                                                                                          \
    } while (0)

#endif
