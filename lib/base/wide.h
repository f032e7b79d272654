/* Loops that are compiled twice, the second time for the 256-bit vectors of AVX2; a processor that
 * has them takes those. Nothing is fused or reordered, so the bits are the same. A function f whose
 * body is TRN_INLINE has a TRN_WIDE twin that calls it, and is entered by
 * trn_is_wide() ? twin : body. Not target_clones: clang 14 calls its clones across files by names
 * that it does not make, and sanitizers run before its resolvers. */
#ifndef TRN_BASE_WIDE_H
#define TRN_BASE_WIDE_H

#include <stdbool.h>

#if TRN_HAVE_AVX2
#define TRN_WIDE __attribute__((target("avx2")))
#define TRN_INLINE static inline __attribute__((always_inline))
static inline bool trn_is_wide(void)
{
    return __builtin_cpu_supports("avx2") != 0;
}
#else
#define TRN_WIDE
#define TRN_INLINE static inline
static inline bool trn_is_wide(void)
{
    return false;
}
#endif

#endif
