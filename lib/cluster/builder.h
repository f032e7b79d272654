/* Growing lists of rectangles, from which a cluster set is made. */
#ifndef TRN_CLUSTER_BUILDER_H
#define TRN_CLUSTER_BUILDER_H

#include "cluster/clusters.h"

struct trn_cluster_builder {
    trnnsf_context *ctx;
    size_t count, room;
    size_t row_room, column_room;
    size_t *row_start; /* count + 1 entries once count > 0 */
    size_t *column_start;
    uint32_t *row;
    uint32_t *column;
};

void trn_builder_init(struct trn_cluster_builder *builder, trnnsf_context *ctx);
void trn_builder_free(struct trn_cluster_builder *builder);
/* Appends rows x columns, both ascending; a rectangle with an empty side is left out. */
trnnsf_status trn_builder_add(struct trn_cluster_builder *builder, const uint32_t *rows,
                              size_t n_rows, const uint32_t *columns, size_t n_columns);
/* The set; the builder is still to be freed. */
trnnsf_status trn_builder_finish(const struct trn_cluster_builder *builder, size_t n_rows,
                                 size_t n_columns, struct trnnsf_clusters **out_clusters);

#endif
