/* The one reader of option structs that callers hand in, checks of what they hold, and the one writer of their results. */
#ifndef TRN_BASE_OPTIONS_H
#define TRN_BASE_OPTIONS_H

#include <trnnsf/context.h>

/* Copies `given` (first member: size_t struct_size) over `out`, which holds the defaults of today's
 * struct of `size` bytes. NULL leaves the defaults. A shorter struct (an older caller) fills what it
 * has; a longer one must be zero in the bytes that are unknown here. `function` names the public call
 * in the error text. */
trnnsf_status trn_options_read(trnnsf_context *ctx, const char *function, const void *given,
                               void *out, size_t size);

/* TRNNSF_E_INVALID, with the option's name, its value and the range, where the value is outside, or no
 * number. */
trnnsf_status trn_option_count(trnnsf_context *ctx, const char *function, const char *name,
                               uint32_t value, uint32_t minimum, uint32_t maximum);
trnnsf_status trn_option_number(trnnsf_context *ctx, const char *function, const char *name,
                                double value, double minimum, double maximum);

/* May a result of `size` bytes be written to the caller's struct (first member: its struct_size)?
 * TRNNSF_E_INVALID where it is longer than today's, or shorter than its first member. */
trnnsf_status trn_result_check(trnnsf_context *ctx, const char *function, const void *out,
                               size_t size);
/* Writes it as far as the caller's struct reaches: an older caller's is shorter. */
void trn_result_write(void *out, const void *result);

#endif
