/* Growing sets of blocks (rows x columns), each on a shape. */
#ifndef TRN_CLUSTER_PACK_SET_H
#define TRN_CLUSTER_PACK_SET_H

#include "cluster/clusters.h"
#include "cluster/pack_pool.h"

struct trn_pack_block {
    uint32_t *row, *column;
    uint32_t *lines; /* what both lie in, where a set owns it; else NULL */
    size_t n_rows, n_columns;
    uint32_t shape;
    double gain; /* the salience it had to itself when last looked at */
};

struct trn_pack_set {
    trnnsf_context *ctx;
    struct trn_pack_block *block;
    size_t count, room;
    double cost; /* of all shapes */
};

void trn_pack_set_init(struct trn_pack_set *set, trnnsf_context *ctx);
void trn_pack_set_free(struct trn_pack_set *set);
/* Appends a copy; `shape` and `gain` come along. */
trnnsf_status trn_pack_set_add(struct trn_pack_set *set, const struct trn_pack_pool *pool,
                               const struct trn_pack_block *block);
/* Frees block i; the last one takes its place. */
void trn_pack_set_drop(struct trn_pack_set *set, const struct trn_pack_pool *pool, size_t i);
trnnsf_status trn_pack_set_copy(struct trn_pack_set *to, const struct trn_pack_pool *pool,
                                const struct trn_pack_set *from);
/* What was in `to` is freed; `from` is empty then. */
void trn_pack_set_move(struct trn_pack_set *to, struct trn_pack_set *from);
/* Whether one more block on `shape` is within the goal's budget (always where it is bounded). */
bool trn_pack_set_affords(const struct trn_pack_set *set, const struct trn_pack_pool *pool,
                          const struct trn_pack_goal *goal, uint32_t shape);
/* Both sides ascending. */
void trn_pack_block_sort(struct trn_pack_block *block);
/* The set in its order. */
trnnsf_status trn_pack_set_finish(const struct trn_pack_set *set, size_t n_rows, size_t n_columns,
                                  struct trnnsf_clusters **out_clusters);

#endif
