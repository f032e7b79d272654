/** \file context.h
 * The context: allocator, worker threads, backend, log, progress, cancel, last error.
 *
 * Every call that can fail takes a context first. One context serves one thread at a time;
 * only trnnsf_context_cancel() may be called from another thread. Objects made with a context
 * keep it alive, so the order in which they and the context are freed does not matter.
 * Mutable objects (dataset, network, trainer, schedule, run) belong to the context that made
 * them; immutable ones (technology, matrix, clusters, mapping, activity, cost) may be shared
 * among threads, each using its own context.
 */
#ifndef TRNNSF_CONTEXT_H
#define TRNNSF_CONTEXT_H

#include <trnnsf/status.h>

TRNNSF_BEGIN_DECLS

typedef struct trnnsf_context trnnsf_context;

#define TRNNSF_VERSION_MAJOR 0
#define TRNNSF_VERSION_MINOR 1
#define TRNNSF_VERSION_PATCH 0

/** The version of the library that runs, as major * 10000 + minor * 100 + patch. Since 0.1. */
TRNNSF_API uint32_t trnnsf_version(void);

/** The version as text, such as "0.1.0". Constant. Since 0.1. */
TRNNSF_API const char *trnnsf_version_text(void);

/** Memory functions. All three or none; `user` is handed to each. They are called on the
 * context's thread only. Sizes are never zero. */
struct trnnsf_allocator {
    size_t struct_size;
    void *(*allocate)(size_t size, void *user);
    void *(*reallocate)(void *pointer, size_t size, void *user);
    void (*release)(void *pointer, void *user);
    void *user;
};

/** Where a long call stands. */
struct trnnsf_progress {
    size_t struct_size;
    const char *phase;  /**< constant text, such as "train" or "cluster" */
    const char *detail; /**< one line for a person, may be empty; valid during the call */
    uint64_t done;      /**< 0 at the first call of a phase, `total` at its last */
    uint64_t total;
};

/** Called on the context's thread, no lock held, at most about a hundred times a phase.
 * It may call trnnsf_context_cancel() and getters. Non-zero stops the call at the next batch or
 * clustering round: it returns TRNNSF_E_CANCELLED and leaves its objects usable. */
typedef int (*trnnsf_progress_function)(const struct trnnsf_progress *progress, void *user);

enum trnnsf_log_level { TRNNSF_LOG_WARNING = 1, TRNNSF_LOG_INFO = 2, TRNNSF_LOG_DEBUG = 3 };

/** A log line: level, stable message number (doc/messages.md), text. */
typedef void (*trnnsf_log_function)(uint32_t level, uint32_t message, const char *text, void *user);

/** Options of a context. Zero-filled fields mean the default. */
struct trnnsf_context_options {
    size_t struct_size;
    uint32_t threads;   /**< worker threads, 1 … 256; 0: one for each processor */
    uint32_t log_level; /**< highest level that is passed on; 0: TRNNSF_LOG_WARNING */
    const struct trnnsf_allocator *allocator; /**< NULL: the C library's */
    trnnsf_log_function log;                  /**< NULL: silent */
    void *log_user;
    trnnsf_progress_function progress; /**< NULL: none */
    void *progress_user;
};

#define TRNNSF_CONTEXT_OPTIONS_INIT {sizeof(struct trnnsf_context_options), 0, 0, NULL, NULL, NULL, NULL, NULL}

/** Fills `options` with the defaults. Since 0.1. */
TRNNSF_API void trnnsf_context_options_init(struct trnnsf_context_options *options);

/** Creates a context. `options` may be NULL. The caller owns `*out_context`.
 * TRNNSF_E_INVALID: out_context is NULL, more than 256 threads, an incomplete allocator;
 * TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_context_create(const struct trnnsf_context_options *options,
                                               trnnsf_context **out_context);

/** Gives up the caller's hold on the context; NULL is fine. Since 0.1. */
TRNNSF_API void trnnsf_context_free(trnnsf_context *context);

/** The text of the last failure: function, argument, value, limit. Empty before any failure.
 * Belongs to the context and is valid until its next call. Since 0.1. */
TRNNSF_API const char *trnnsf_context_error(const trnnsf_context *context);

/** Asks the call that runs on this context to stop. Any thread, signal handlers too. The request
 * is forgotten when a call has returned TRNNSF_E_CANCELLED. Since 0.1. */
TRNNSF_API void trnnsf_context_cancel(trnnsf_context *context);

/** How many worker threads calls use. Results never depend on it. Since 0.1. */
TRNNSF_API uint32_t trnnsf_context_threads(const trnnsf_context *context);

TRNNSF_END_DECLS

#endif
