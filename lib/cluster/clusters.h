/* Cluster sets: rectangles (outputs x inputs) of a layer's matrix, and who owns which cell. */
#ifndef TRN_CLUSTER_CLUSTERS_H
#define TRN_CLUSTER_CLUSTERS_H

#include <math.h>
#include <stdbool.h>
#include <trnnsf/cluster.h>

#include "tensor/blocks.h"
#include "tensor/mask.h"
#include "tensor/sparse.h"

#define TRN_NO_CLUSTER UINT32_MAX

struct trnnsf_clusters {
    trnnsf_context *ctx; /* held */
    struct trn_blocks *blocks; /* rows are outputs, columns are inputs */
    /* The clusters that have row i, ascending: at[row_at[i]] … at[row_at[i + 1]]. */
    size_t *row_at;
    uint32_t *at;
};

/* Copies index lists that hold (trn_clusters_valid). `count` may be 0. */
trnnsf_status trn_clusters_create(trnnsf_context *ctx, size_t n_rows, size_t n_columns,
                                  size_t count, const size_t *row_start, const uint32_t *row,
                                  const size_t *column_start, const uint32_t *column,
                                  struct trnnsf_clusters **out_clusters);
/* A copy that belongs to `ctx`. */
trnnsf_status trn_clusters_copy(trnnsf_context *ctx, const struct trnnsf_clusters *clusters,
                                struct trnnsf_clusters **out_clusters);
void trn_clusters_free(struct trnnsf_clusters *clusters);

static inline size_t trn_clusters_count(const struct trnnsf_clusters *clusters)
{
    return clusters->blocks->count;
}

static inline bool trn_clusters_has_row(const struct trnnsf_clusters *clusters, size_t row)
{
    return clusters->row_at[row + 1] > clusters->row_at[row];
}

/* Row i's cluster of column j: the first one that has both, or TRN_NO_CLUSTER. */
uint32_t trn_clusters_owner(const struct trnnsf_clusters *clusters, size_t row, uint32_t column);

/* owner[nonzeros]: the cluster of each entry of `matrix`, or TRN_NO_CLUSTER. */
void trn_clusters_owners(trnnsf_context *ctx, const struct trnnsf_clusters *clusters,
                         const struct trnnsf_matrix *matrix, uint32_t *owner);

/* The salience of an entry: the magnitude of its value. */
static inline double trn_salience(const struct trnnsf_matrix *matrix, size_t entry)
{
    return fabs((double)matrix->value[entry]);
}

/* score[count]: the salience that each cluster owns; synapses[count], where it is not NULL: how
 * many entries. Returns the residue's salience. */
double trn_clusters_score(const struct trnnsf_clusters *clusters,
                          const struct trnnsf_matrix *matrix, double *score, size_t *synapses);

/* All cells of all rectangles; `mask` without those cells. */
trnnsf_status trn_clusters_cover_mask(trnnsf_context *ctx, const struct trnnsf_clusters *clusters,
                                      struct trn_mask **out_mask);
trnnsf_status trn_clusters_residue_mask(trnnsf_context *ctx,
                                        const struct trnnsf_clusters *clusters,
                                        const struct trn_mask *mask, struct trn_mask **out_mask);
/* The matrix without the entries that clusters own; `clusters` may be NULL (a copy). */
trnnsf_status trn_clusters_residue_matrix(trnnsf_context *ctx,
                                          const struct trnnsf_clusters *clusters,
                                          const struct trnnsf_matrix *matrix,
                                          struct trnnsf_matrix **out_matrix);

/* The matrix of those that clusters own. */
trnnsf_status trn_clusters_held_matrix(trnnsf_context *ctx, const struct trnnsf_clusters *clusters,
                                       const struct trnnsf_matrix *matrix,
                                       struct trnnsf_matrix **out_matrix);

/* The clusters i with keep[i], in their order. */
trnnsf_status trn_clusters_select(trnnsf_context *ctx, const struct trnnsf_clusters *clusters,
                                  const bool *keep, struct trnnsf_clusters **out_clusters);
/* Those of `first`, then those of `second`; either may be NULL, but not both. */
trnnsf_status trn_clusters_join(trnnsf_context *ctx, const struct trnnsf_clusters *first,
                                const struct trnnsf_clusters *second,
                                struct trnnsf_clusters **out_clusters);

/* TRNNSF_E_CHECK, with `function` before the text, where an index is invalid or not ascending, or a
 * side is empty or larger than its limit. */
trnnsf_status trn_clusters_check(trnnsf_context *ctx, const char *function,
                                 const struct trnnsf_clusters *clusters, size_t max_inputs,
                                 size_t max_outputs);

#endif
