/* Local search for one block in what is open: starts, alternation, filling up. Tasks of the worker
 * pool: they read the field and write their own block and their worker's scratch. */
#ifndef TRN_CLUSTER_PACK_SEARCH_H
#define TRN_CLUSTER_PACK_SEARCH_H

#include "base/random.h"
#include "cluster/pack_field.h"

struct trn_pack_scratch {
    float *gain;       /* [longer side], all 0 between calls */
    uint64_t *key;     /* [longer side] */
    uint32_t *touched; /* [longer side] */
};

/* A side's open entries. */
struct trn_pack_copy {
    size_t *start;
    uint32_t *index;
    float *open;
    size_t room;
};

struct trn_pack_search {
    trnnsf_context *ctx;
    struct trn_pack_field *field;
    struct trn_pack_scratch *scratch; /* one a thread */
    /* What searches read: the field's sides, or copies of what was open in them. */
    struct trn_pack_side rows, columns;
    struct trn_pack_copy row_copy, column_copy;
    unsigned begin_turns;             /* alternations at most of a block begun */
    double *row_until, *column_until; /* running sums of the field's, as of the last prepare */
};

enum trn_pack_start {
    TRN_PACK_FROM_ROW,     /* a row drawn by its open salience, and columns of it */
    TRN_PACK_FROM_COLUMN,  /* a column drawn so, and rows of it */
    TRN_PACK_FROM_COLUMNS, /* the columns with most open salience */
    TRN_PACK_FROM_ROWS     /* the rows with most */
};

/* To be freed in any case. */
trnnsf_status trn_pack_search_init(struct trn_pack_search *search, trnnsf_context *ctx,
                                   struct trn_pack_field *field);
void trn_pack_search_free(struct trn_pack_search *search);
/* Before starts: sums up what is open; all of it. Not from a task. */
double trn_pack_search_prepare(struct trn_pack_search *search);
/* The same; and where that is worth the while, searches read copies without what is covered, until
 * the next prepare: as long as nothing is taken or released before they are done. */
trnnsf_status trn_pack_search_freeze(struct trn_pack_search *search, double *out_open);

/* A block anew, of at most rows x columns, for which it has room; its gain is 0 where nothing is
 * open. */
void trn_pack_begin(struct trn_pack_search *search, size_t worker, enum trn_pack_start start,
                    struct trn_random *random, size_t rows, size_t columns,
                    struct trn_pack_block *block);
/* Best rows for its columns, best columns for those rows, until it gains no more, at most `turns`
 * times. `gain` becomes the open salience it holds, never less than what it held. */
void trn_pack_alternate(struct trn_pack_search *search, size_t worker, size_t rows, size_t columns,
                        unsigned turns, struct trn_pack_block *block);
/* Where there is room on both sides, rows from a drawn one on join with all of their columns. */
void trn_pack_fill(struct trn_pack_search *search, size_t worker, struct trn_random *random,
                   size_t rows, size_t columns, struct trn_pack_block *block);

#endif
