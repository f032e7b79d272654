/* The salience that no block covers yet, by rows and by columns, and the blocks that cover the
 * rest. */
#ifndef TRN_CLUSTER_PACK_FIELD_H
#define TRN_CLUSTER_PACK_FIELD_H

#include "cluster/pack_set.h"
#include "tensor/sparse.h"

struct trn_pack_side {
    size_t lines;
    const size_t *start;   /* [lines + 1] */
    const uint32_t *index; /* of each entry: its line on the other side */
    float *open;           /* of each entry: its salience while no block covers it, then 0 */
    double *sum;           /* [lines]: open salience, as of the last trn_pack_field_sum() */
};

struct trn_pack_field {
    trnnsf_context *ctx;
    const struct trnnsf_matrix *matrix; /* the caller's */
    struct trnnsf_matrix *transpose;
    struct trn_pack_side rows, columns;
    float *salience;     /* [nonzeros] by rows: magnitudes, scaled by a power of two to below 1 */
    uint32_t *place;     /* of each entry by rows: its place by columns */
    uint32_t *covers;    /* of each entry by rows: how many blocks have it */
    unsigned char *mark; /* [n_columns], all 0 between calls */
    double total;        /* of salience */
    size_t entries, opened; /* with salience; those of them that are open */
};

/* TRNNSF_E_LIMIT: more than 2^32 - 1 entries. Everything is open. To be freed in any case. */
trnnsf_status trn_pack_field_init(struct trn_pack_field *field, trnnsf_context *ctx,
                                  const struct trnnsf_matrix *matrix);
void trn_pack_field_free(struct trn_pack_field *field);

/* Covers the block's cells once more, or once less; the salience that is open no longer, or again.
 */
double trn_pack_take(struct trn_pack_field *field, const struct trn_pack_block *block);
double trn_pack_release(struct trn_pack_field *field, const struct trn_pack_block *block);
/* What trn_pack_take() would give. */
double trn_pack_marginal(struct trn_pack_field *field, const struct trn_pack_block *block);
/* What trn_pack_release() would give. */
double trn_pack_exclusive(struct trn_pack_field *field, const struct trn_pack_block *block);
/* Opens everything; then the set's blocks are taken. */
void trn_pack_field_reset(struct trn_pack_field *field);
void trn_pack_take_all(struct trn_pack_field *field, struct trn_pack_set *set);
/* Brings both sides' sums up to date; all that is open. */
double trn_pack_field_sum(struct trn_pack_field *field);

#endif
