/* Lines by what they hold in given lines of the other side, and other choices among lines. Results
 * are in no order, but the same ones on every machine and for any thread count: the most first, the
 * lower number among equals. Only lines that hold something. */
#ifndef TRN_CLUSTER_PACK_RANK_H
#define TRN_CLUSTER_PACK_RANK_H

#include "cluster/pack_search.h"

/* The leading `limit` of the `others` lines across, by their open salience in items[count] of
 * `side`; what they hold together. */
double trn_pack_rank(const struct trn_pack_side *side, size_t others, const uint32_t *items,
                     size_t count, size_t limit, struct trn_pack_scratch *scratch, uint32_t *out,
                     size_t *out_count);
/* At most `limit` of the lines that cross `line`, drawn: salience helps. */
void trn_pack_draw(const struct trn_pack_side *side, uint32_t line, size_t limit,
                   struct trn_random *random, struct trn_pack_scratch *scratch, uint32_t *out,
                   size_t *out_count);
/* The lines of `side` with the largest sums. */
void trn_pack_heaviest(const struct trn_pack_side *side, size_t limit,
                       struct trn_pack_scratch *scratch, uint32_t *out, size_t *out_count);

#endif
