/* Which windows a layer is read in, and in which patches they are laid out. */
#ifndef TRN_MAP_WINDOW_H
#define TRN_MAP_WINDOW_H

#include "map/geometry.h"
#include "map/plan.h"

/* Neighbouring places whose kernels stand on the same crossbars. A window of several patches has
 * crossbars of its own for each of them. */
struct trn_map_patch {
    size_t places[2];
    uint64_t crossbars; /* of one patch, tiled densely */
};

/* Of a whole window; with `fixed`, one place. The patch with the fewest crossbars in all. */
trnnsf_status trn_map_patch_find(trnnsf_context *ctx, const struct trn_map_geometry *geometry,
                                 struct trn_map_shape shape, bool fixed,
                                 struct trn_map_patch *out_patch);

/* Sets scheme and windows as they are asked for. `window` 0: the one with the least crossbars x
 * reads, and of equals the smallest. What is larger than the layer's places becomes the whole of
 * them. A layer of one place has the scheme KERNEL_COLUMN. */
trnnsf_status trn_map_window_set(trnnsf_context *ctx, uint32_t scheme, const uint32_t window[2],
                                 struct trn_map_shape shape, bool fixed,
                                 struct trn_map_geometry *geometry);

#endif
