/* Linear nodes as sparse matrices, and chains of them as one. */
#ifndef TRN_NIR_MAP_H
#define TRN_NIR_MAP_H

#include "nir/nir.h"

/* y = A x + b; rows of A are outputs, signals are counted row-major. */
struct trn_nir_map {
    size_t n_in, n_out;
    size_t *start;    /* [n_out + 1] */
    uint32_t *column; /* [start[n_out]] ascending in each row */
    double *value;
    double *bias; /* [n_out], or NULL */
};

bool trn_nir_is_linear(uint32_t type);
/* Of a checked node; `map` is empty before, and on failure. */
trnnsf_status trn_nir_map_of_node(const struct trnnsf_nir *nir, const struct trn_nir_node *node,
                                  struct trn_nir_map *map);
trnnsf_status trn_nir_map_identity(trnnsf_context *ctx, size_t n, struct trn_nir_map *map);
/* first becomes second after first. */
trnnsf_status trn_nir_map_follow(trnnsf_context *ctx, const struct trn_nir_map *second,
                                 struct trn_nir_map *first);
void trn_nir_map_clear(trnnsf_context *ctx, struct trn_nir_map *map);

/* Rows one after the other. */
struct trn_nir_map_builder {
    trnnsf_context *ctx;
    struct trn_nir_map map;
    size_t rows, room;
};
trnnsf_status trn_nir_map_begin(trnnsf_context *ctx, size_t n_in, size_t n_out,
                                struct trn_nir_map_builder *builder);
/* To the row that is open; values of 0 are left out. */
trnnsf_status trn_nir_map_add(struct trn_nir_map_builder *builder, size_t column, double value);
void trn_nir_map_end_row(struct trn_nir_map_builder *builder);
/* The map where `status` is TRNNSF_OK, else nothing; returns it. */
trnnsf_status trn_nir_map_finish(struct trn_nir_map_builder *builder, trnnsf_status status,
                                 struct trn_nir_map *map);

#endif
