/* The packer's steps on its working state. Between steps the field holds exactly the set's blocks.
 */
#ifndef TRN_CLUSTER_PACK_WORK_H
#define TRN_CLUSTER_PACK_WORK_H

#include "cluster/pack_search.h"

/* A block being made, and where its random numbers come from. */
struct trn_pack_candidate {
    struct trn_pack_block block; /* room for the largest shape */
    struct trn_random random;
    enum trn_pack_start start;
    bool fresh; /* to be begun anew */
    double worth;
};

struct trn_pack_work {
    trnnsf_context *ctx;
    const struct trn_pack_pool *pool;
    const struct trn_pack_goal *goal;
    struct trn_pack_field field;
    struct trn_pack_search search;
    struct trn_pack_set set;
    struct trn_pack_candidate *candidate;
    size_t candidates;
    uint32_t *lines;      /* of all candidates */
    size_t rows, columns; /* the largest shape's sides */
    size_t expected;      /* about how many blocks it will be */
    bool turned;          /* the matrix is the caller's transposed */
    double open;          /* salience that no block covers */
    double cost_limit;    /* a set that costs as much has lost */
    uint64_t drawn;       /* candidates begun so far */
    /* A bound's alternative: the first `prefix` blocks, and tiles over the rest. */
    size_t prefix;
    double prefix_cost;
};

trnnsf_status trn_pack_work_init(struct trn_pack_work *work, trnnsf_context *ctx,
                                 const struct trnnsf_matrix *matrix,
                                 const struct trn_pack_pool *pool,
                                 const struct trn_pack_goal *goal);
void trn_pack_work_free(struct trn_pack_work *work);
/* Candidates for about `expected` blocks. */
trnnsf_status trn_pack_work_expect(struct trn_pack_work *work, size_t expected);
/* Blocks that a round of generation takes at most. */
size_t trn_pack_work_quota(const struct trn_pack_work *work);
/* The field anew for the set as it is. */
void trn_pack_work_renew(struct trn_pack_work *work);
/* Whether a bound is kept; never for a budget. */
bool trn_pack_work_enough(const struct trn_pack_work *work);

/* Adds blocks until the budget is spent, the bound is kept, the cost limit is reached or nothing is
 * open. */
trnnsf_status trn_pack_generate(struct trn_pack_work *work);
/* Each block is let go and searched for again, a few at a time; never for the worse. */
trnnsf_status trn_pack_sweep(struct trn_pack_work *work);
/* Drops `count` blocks that are worth least to the set. */
trnnsf_status trn_pack_drop_weakest(struct trn_pack_work *work, size_t count);
/* Orders the set by what each adds to those before it, cuts off lines that add nothing and puts
 * each block on the shape that costs least for it. */
trnnsf_status trn_pack_tidy(struct trn_pack_work *work);

/* Whether a free cover (cover.h) is worth its time: (nearly) everything is to be kept. */
bool trn_pack_cover_helps(const struct trn_pack_work *work);
/* The set becomes the blocks of a cover by one shape, or of a pool's shape alone, without those that
 * the bound can do without. */
trnnsf_status trn_pack_cover_start(struct trn_pack_work *work, uint32_t shape);

/* A tiling of what is open: lines without open salience left out, the others in their order or the
 * most salient first, tiles of one shape. */
struct trn_pack_tiling {
    uint32_t shape;
    bool sorted;
    size_t tiles; /* wanted: the most salient, within budget or until the bound is kept */
    double kept;  /* by those */
    double cost;
};

/* The best of all shapes and both orders: most kept within what the set leaves of the budget, or
 * least cost. Not changing anything. trn_pack_work_enough() afterwards where the goal is a bound.
 */
trnnsf_status trn_pack_tile_best(struct trn_pack_work *work, struct trn_pack_tiling *out);
/* Adds that tiling's blocks. */
trnnsf_status trn_pack_tile_add(struct trn_pack_work *work, const struct trn_pack_tiling *tiling);

#endif
