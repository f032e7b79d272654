/* Spectral grouping of a bipartite graph's two sides. */
#ifndef TRN_CLUSTER_SPECTRAL_H
#define TRN_CLUSTER_SPECTRAL_H

#include <stdbool.h>

#include "cluster/submatrix.h"

enum trn_spectral_points {
    /* Eigenvectors of the random-walk Laplacian I - D^-1 S as they are (Shi and Malik, "Normalized
     * cuts and image segmentation", TPAMI 2000; the released code). */
    TRN_SPECTRAL_RANDOM_WALK = 0,
    /* Those of the symmetric one, each neuron's point scaled to length 1 (Ng, Jordan and Weiss, "On
     * spectral clustering", NIPS 2001): degrees that differ much do not pull groups apart. */
    TRN_SPECTRAL_UNIT_ROWS = 1
};

struct trn_spectral_options {
    enum trn_spectral_points points;
    size_t k;          /* eigenvectors nearest 0 */
    size_t groups;     /* of k-means */
    /* Only eigenvectors that noise would not have count: those with sigma above
     * 1/sqrt(mean row degree) + 1/sqrt(mean column degree), the edge of a random bipartite graph's
     * spectrum (Marchenko and Pastur 1967, for the normalised adjacency of equal degrees). */
    bool above_noise;
    uint32_t cycles;   /* of the eigensolver, at most */
    uint32_t restarts; /* of k-means */
    uint64_t seed;
    uint32_t stream;
};

/* Groups the rows and the columns of `part`: row_group[n_rows], column_group[n_columns]. The
 * bipartite graph's normalised adjacency has the singular vectors of D1^-1/2 A D2^-1/2 on its two
 * sides, and its Laplacian's eigenvalues are 1 - sigma, so the eigenvectors nearest 0 are the
 * leading singular ones (Dhillon, "Co-clustering documents and words", KDD 2001). Where the smaller
 * side has fewer than k neurons, fewer vectors serve. Overwrites the part's values.
 * TRNNSF_E_NUMERIC where there are fewer neurons than groups, no eigenvectors, or only noise. */
trnnsf_status trn_spectral_group(trnnsf_context *ctx, struct trn_submatrix *part,
                                 const struct trn_spectral_options *options, uint32_t *row_group,
                                 uint32_t *column_group);

#endif
