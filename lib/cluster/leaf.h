/* Candidates of one round: rectangles that fit the MCA, with the entries that they hold. */
#ifndef TRN_CLUSTER_LEAF_H
#define TRN_CLUSTER_LEAF_H

#include "cluster/builder.h"
#include "cluster/submatrix.h"

struct trn_leaves {
    struct trn_cluster_builder sets; /* in the whole matrix's places */
    double *density;                 /* [sets.count], with room for more */
    size_t room;
};

void trn_leaves_init(struct trn_leaves *leaves, trnnsf_context *ctx);
void trn_leaves_free(struct trn_leaves *leaves);
/* Adds the part as one candidate, after rows and columns have been peeled off that share fewer than
 * `share` of the other side's neurons. What is empty then is left out. */
trnnsf_status trn_leaves_add(struct trn_leaves *leaves, const struct trn_submatrix *part,
                             double share);

#endif
