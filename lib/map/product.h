/* Products with ideal crossbars: what mappings compute. */
#ifndef TRN_MAP_PRODUCT_H
#define TRN_MAP_PRODUCT_H

#include "map/mapping.h"

struct trn_map_products {
    trnnsf_context *ctx;
    const struct trnnsf_mapping *mapping;
    struct trn_map_lines *lines; /* [layers] */
};

trnnsf_status trn_map_products_create(trnnsf_context *ctx, const struct trnnsf_mapping *mapping,
                                      struct trn_map_products **out_products);
void trn_map_products_free(struct trn_map_products *products);

/* y = W * x of a layer, all its reads: x [input values x capacity], y [output values x capacity], n
 * samples. Each output of each crossbar is a partial sum; these are added in the order of the
 * crossbars. The same bits for any number of threads. */
void trn_map_multiply(const struct trn_map_products *products, size_t layer, size_t n,
                      size_t capacity, const float *x, float *y);

#endif
