/* Sheets: the matrix that one group of channels has at a patch of neighbouring places, in the form
 * that plans are made of. A layer of one group at one place is a sheet as it is. */
#ifndef TRN_MAP_SHEET_H
#define TRN_MAP_SHEET_H

#include "map/mapping.h"

struct trn_sheet {
    trnnsf_context *ctx;
    const struct trn_mask *mask;            /* [outputs x inputs] kept */
    const struct trnnsf_clusters *clusters; /* or NULL */
    const float *dense;                     /* values; NULL: `sparse`, or none are known */
    const struct trnnsf_matrix *sparse;
    /* What is not borrowed from the layer. */
    struct trn_mask *own_mask;
    struct trnnsf_clusters *own_clusters;
    float *own_dense;
};

/* Of group `group` at the places of `patch`'s window; of one place where the source has clusters.
 * The source must outlive it. */
trnnsf_status trn_sheet_create(trnnsf_context *ctx, const struct trn_map_source *source,
                               const struct trn_map_lines *patch, size_t group,
                               struct trn_sheet *sheet);
void trn_sheet_free(struct trn_sheet *sheet);

/* The value of a kept cell. */
float trn_sheet_value(const struct trn_sheet *sheet, size_t output, size_t input);

#endif
