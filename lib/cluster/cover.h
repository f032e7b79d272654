/* Free clusters that hold every connection of a matrix. */
#ifndef TRN_CLUSTER_COVER_H
#define TRN_CLUSTER_COVER_H

#include <trnnsf/reorder.h>

#include "cluster/bipartite.h"
#include "cluster/clusters.h"
#include "cluster/draws.h"

/* Of a line with more connections only one moves at a time; chosen here. */
enum { TRN_COVER_WHOLE = 64 };

/* `options` have been read and checked. */
trnnsf_status trn_cover_find(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                             const struct trnnsf_reorder_options *options,
                             struct trnnsf_clusters **out_clusters);

/* Connections by either side's lines: all that several searches share. */
struct trn_cover_entries {
    const struct trn_bipartite *graph;
    uint32_t *line[TRN_SIDES];    /* [nonzeros]: an entry's row and column */
    uint32_t *entry[TRN_SIDES];   /* [nonzeros]: the entries of each line, where side->start says */
    size_t blocks;                /* at most */
    const float *cost[TRN_SIDES]; /* [limit + 1]: of a block with so many lines of the side */
    size_t limit[TRN_SIDES];
};

/* One search: which block each connection is in. */
struct trn_cover_state {
    const struct trn_cover_entries *entries;
    uint32_t *block;            /* [nonzeros] */
    uint32_t *held[TRN_SIDES];  /* [lines x blocks]: connections of a line in a block */
    uint32_t *lines[TRN_SIDES]; /* [blocks]: lines of a block */
    size_t filled;              /* blocks with connections */
    struct trn_draws draws;
    size_t best;
    uint32_t *best_block; /* [nonzeros] */
};

/* `block` [nonzeros] is where the entries are at the start. */
trnnsf_status trn_cover_state_init(trnnsf_context *ctx, const struct trn_cover_entries *entries,
                                   const uint32_t *block, uint64_t seed, uint32_t stream,
                                   struct trn_cover_state *state);
void trn_cover_state_free(trnnsf_context *ctx, struct trn_cover_state *state);
/* Blocks that fit into one together become one, whether they touch or not: single moves cannot do
 * that where they do not. */
void trn_cover_merge(struct trn_cover_state *state);
/* Keeps the blocks where there are fewer than ever. */
void trn_cover_keep(struct trn_cover_state *state);
/* Tries to move a line's connections from one block to another. */
void trn_cover_step(struct trn_cover_state *state, double temperature);

#endif
