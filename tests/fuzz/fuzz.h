/* What the targets share. */
#ifndef TRN_TEST_FUZZ_H
#define TRN_TEST_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <trnnsf/context.h>

/* A target: it never fails, it crashes where an invariant does not hold. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Where files of the day before are refused, as checkpoints are by another schedule: writes one of
 * today to `path`, 1; or 0 where it is not accepted either, 2 where this build writes none. A target
 * need not have it. */
int fuzz_write_seed(const char *path) __attribute__((weak));

/* A context with one thread. For one input in eight, chosen by its bytes, one of its first 64
 * allocations fails, and all after it or none. */
trnnsf_context *fuzz_begin(const uint8_t *data, size_t size);
/* Frees the context; aborts where anything made with it is left, or where a failure left no text. */
void fuzz_end(trnnsf_context *ctx, trnnsf_status status);

#endif
