/* Memory: every allocation of the library goes through these, with checked products. */
#ifndef TRN_BASE_ALLOC_H
#define TRN_BASE_ALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include <trnnsf/context.h>

/* NULL, with the context's error text set, where there is no memory or the product overflows.
 * A count of zero yields a valid pointer. Only on the context's thread, never in a pool task. */
void *trn_malloc(trnnsf_context *ctx, size_t count, size_t size);
void *trn_calloc(trnnsf_context *ctx, size_t count, size_t size);
void *trn_realloc(trnnsf_context *ctx, void *pointer, size_t count, size_t size);
void trn_free(trnnsf_context *ctx, void *pointer);
void *trn_copy(trnnsf_context *ctx, const void *source, size_t count, size_t size);
char *trn_copy_text(trnnsf_context *ctx, const char *text);

/* False where the result does not fit a size_t. */
bool trn_size_multiply(size_t a, size_t b, size_t *out);
bool trn_size_add(size_t a, size_t b, size_t *out);

#define TRN_NEW(ctx, type) ((type *)trn_calloc((ctx), 1, sizeof(type)))
#define TRN_NEW_ARRAY(ctx, type, count) ((type *)trn_calloc((ctx), (count), sizeof(type)))

#endif
