/* Worker threads. Work is cut into tasks by its size alone, never by the thread count. */
#ifndef TRN_BASE_POOL_H
#define TRN_BASE_POOL_H

#include <trnnsf/context.h>

/* `worker` is below the context's thread count: an index into scratch made beforehand. A task
 * neither allocates nor sets error text. */
typedef void (*trn_task_function)(void *argument, size_t task, size_t worker);

/* Runs tasks 0 … count-1, the caller's thread taking part, and returns when all are done. Where no
 * thread can be started the caller does it all. Not to be called from a task. */
void trn_parallel(trnnsf_context *ctx, size_t count, trn_task_function function, void *argument);

void trn_pool_free(trnnsf_context *ctx);

#endif
