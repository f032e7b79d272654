/* How few crossbars can hold a set of connections. */
#ifndef TRN_CLUSTER_BOUND_H
#define TRN_CLUSTER_BOUND_H

#include "tensor/mask.h"
#include "tensor/sparse.h"

/* No set of crossbars of `inputs` x `outputs` that holds every connection is smaller than
 *   max( ceil( sum_i ceil(d_i / inputs) / outputs ), ceil( sum_j ceil(e_j / outputs) / inputs ) ),
 * d_i the connections of output i, e_j those of input j: one crossbar holds at most `inputs`
 * connections of an output, so output i is on at least ceil(d_i / inputs) of them, and a crossbar
 * has room for `outputs` outputs; the same for inputs. This is never below ceil(connections /
 * cells), ceil(live outputs / outputs), ceil(live inputs / inputs) or ceil(d_i / inputs) of one
 * output. Chosen here. */
size_t trn_crossbar_lower_bound(const struct trnnsf_matrix *matrix, size_t inputs, size_t outputs,
                                uint32_t *column_counts);
/* The same from a mask; 0 and an error only where there is no memory for the columns' counts. */
trnnsf_status trn_crossbar_lower_bound_mask(trnnsf_context *ctx, const struct trn_mask *mask,
                                            size_t inputs, size_t outputs, size_t *out_bound);

#endif
