/* Standard normals and uniforms by the row: number p of a stream is the same whoever asks for it.
 */
#ifndef TRN_SIM_ANALOG_NORMALS_H
#define TRN_SIM_ANALOG_NORMALS_H

#include "base/random.h"

/* Numbers are made in groups; rows begin at a multiple of it. */
enum { TRN_NORMALS_GROUP = 64 };

static inline size_t trn_normals_whole(size_t n)
{
    return (n + TRN_NORMALS_GROUP - 1) / TRN_NORMALS_GROUP * TRN_NORMALS_GROUP;
}

/* Numbers first … first + n - 1 of the stream's item; out[trn_normals_whole(n)] is written. Tails
 * reach 6.6 standard deviations. */
void trn_normals(const struct trn_random *random, uint64_t first, size_t n, float *out);
/* The same in [0, 1), 24 bits. */
void trn_uniforms(const struct trn_random *random, uint64_t first, size_t n, float *out);

#endif
