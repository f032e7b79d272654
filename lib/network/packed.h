/* The form in which a layer's weights are computed with. Either the dense matrix itself, or, where
 * the mask leaves little, packed: the rectangles of the clusters one after the other, then the kept
 * synapses outside them row by row. Which of the two depends on mask and clusters alone. */
#ifndef TRN_NETWORK_PACKED_H
#define TRN_NETWORK_PACKED_H

#include "network/network.h"
#include "tensor/blocks.h"
#include "tensor/sparse.h"

struct trn_packed {
    size_t n_in;
    size_t n_out;
    size_t n_values; /* [n_out x n_in] dense, or cluster rectangles then residue */
    float *values;   /* the layer's own weights where dense */
    uint8_t *keep;   /* [n_values] 0 where the value must be 0; NULL where all are free */
    bool dense;
    bool borrowed; /* all but the scratch belongs to another */
    struct trn_blocks *blocks;      /* NULL where there are none */
    struct trnnsf_matrix *residue;  /* NULL where empty; its own values are not used */
    struct trnnsf_matrix *reversed; /* the residue transposed; for training only */
    size_t *order;                  /* reversed entry -> residue entry */
    float *reversed_values;
    float *gradient; /* [n_values], where packed and for training */
    float *scratch;
    /* Where packed: [n_in], [n_out] 1 for inputs that some value reads, and for outputs that some
     * value adds to. NULL: all. */
    uint8_t *reads, *writes;
};

/* For panels of at most `capacity` samples (0: not to be computed with); `training` adds what transposed products and gradients
 * need. The layer must outlive it. Values are those of the layer. */
trnnsf_status trn_packed_create(trnnsf_context *ctx, struct trn_layer *layer, size_t capacity,
                                bool training, struct trn_packed **out_packed);
void trn_packed_free(trnnsf_context *ctx, struct trn_packed *packed);

/* For inference: borrows what the layer keeps ready, and makes that where need be. Only for the
 * network's own context; nothing of the layer may change while the borrower lives. */
trnnsf_status trn_packed_borrow(trnnsf_context *ctx, struct trn_layer *layer, size_t capacity,
                                struct trn_packed **out_packed);

/* Dense [n_out x n_in] to values and back. From dense drops what the mask excludes; to dense writes
 * every cell. */
void trn_packed_from_dense(const struct trn_packed *packed, const float *dense, float *values);
void trn_packed_to_dense(const struct trn_packed *packed, const float *values, float *dense);

/* Y[n_out x n] = W X[n_in x n]. Rows of Y that `wanted` [n_out] has 0 for may be left as they are;
 * NULL wants all. */
trnnsf_status trn_packed_multiply(trnnsf_context *ctx, const struct trn_packed *packed, size_t n,
                                  const float *x, size_t ldx, const uint8_t *wanted, float *y,
                                  size_t ldy);
/* X[n_in x n] = W^T Y[n_out x n]. Rows of X that are 0 for lack of values are written only where
 * `wanted` [n_in] is not 0; NULL wants all. */
trnnsf_status trn_packed_multiply_transposed(trnnsf_context *ctx, const struct trn_packed *packed,
                                             size_t n, const float *y, size_t ldy,
                                             const uint8_t *wanted, float *x, size_t ldx);
/* g[n_values] = beta g + alpha (Y X^T). Values that must be 0 may get any gradient: see `keep`. */
trnnsf_status trn_packed_gradient(trnnsf_context *ctx, const struct trn_packed *packed, float alpha,
                                  size_t n, const float *y, size_t ldy, const float *x, size_t ldx,
                                  float beta, float *g);

#endif
