/* The one reader of option structs that callers hand in. */
#ifndef TRN_BASE_OPTIONS_H
#define TRN_BASE_OPTIONS_H

#include <trnnsf/context.h>

/* Copies `given` (first member: size_t struct_size) over `out`, which holds the defaults of today's
 * struct of `size` bytes. NULL leaves the defaults. A shorter struct (an older caller) fills what it
 * has; a longer one must be zero in the bytes that are unknown here. `function` names the public call
 * in the error text. */
trnnsf_status trn_options_read(trnnsf_context *ctx, const char *function, const void *given,
                               void *out, size_t size);

#endif
