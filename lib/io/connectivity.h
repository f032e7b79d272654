/* A layer's connectivity made small enough to draw: in natural order by weight, and with rows and
 * columns ordered so that clusters show. Rows are outputs, columns inputs. */
#ifndef TRN_IO_CONNECTIVITY_H
#define TRN_IO_CONNECTIVITY_H

#include <stdbool.h>
#include <trnnsf/cluster.h>

/* Cells of a picture on its longer side: two points of a printed page hold no more (chosen here).
 */
enum {
    TRN_CONNECTIVITY_CELLS = 600,
    TRN_CONNECTIVITY_OUTLINES = 4096,
    TRN_CONNECTIVITY_SHADES = 5
};

/* A run of ordered rows x a run of ordered columns of one cluster, in neurons, ends excluded. */
struct trn_outline {
    uint32_t first_row, end_row;
    uint32_t first_column, end_column;
};

/* A matrix cut into cells of bin x bin neurons. */
struct trn_raster {
    size_t n_rows;
    size_t n_columns;
    size_t bin;
    size_t height; /* cells: ceil(n_rows / bin) */
    size_t width;
};

struct trn_connectivity {
    struct trn_raster natural; /* the whole layer in natural order */
    /* [height x width], 0 … 255: mean |weight| of a cell over the 99th percentile of all cells */
    uint8_t *magnitude;
    /* Ordered, the neurons that have a synapse: the layer without its unused rows and columns (all
     * of it where it has no synapse). */
    struct trn_raster live;
    uint8_t *clustered; /* kept synapses in clusters, a full cell is 255 */
    uint8_t *residue;   /* kept synapses in no cluster */
    uint8_t *covered;   /* area of clusters' rectangles */
    uint8_t *shade;     /* rank of a cluster in the cell, modulo TRN_CONNECTIVITY_SHADES */
    size_t clusters;
    size_t n_outlines;
    struct trn_outline *outlines;
};

/* weights and mask [n_rows x n_columns], mask bytes 0 or 1; `clusters` may be NULL. */
trnnsf_status trn_connectivity_create(trnnsf_context *ctx, size_t n_rows, size_t n_columns,
                                      const float *weights, const uint8_t *mask,
                                      const trnnsf_clusters *clusters,
                                      struct trn_connectivity **out_connectivity);
void trn_connectivity_free(trnnsf_context *ctx, struct trn_connectivity *connectivity);

/* rank[clusters' count]: an order in which neighbours share neurons. The largest cluster (most
 * cells) comes first, then always the one that shares most neurons with its forerunner, the larger
 * on ties. */
trnnsf_status trn_connectivity_rank(trnnsf_context *ctx, const trnnsf_clusters *clusters,
                                    uint32_t *rank);

/* The drawing order of one side: order[position] = neuron. Neurons go by the first of their
 * clusters in that rank, then the next, …; then those in no cluster; those without synapse last.
 * `rows`: the outputs' side, otherwise the inputs'. live[n] tells which have a synapse. `clusters`,
 * and `rank` then, may be NULL. */
trnnsf_status trn_connectivity_order(trnnsf_context *ctx, const trnnsf_clusters *clusters,
                                     const uint32_t *rank, bool rows, const uint8_t *live, size_t n,
                                     uint32_t *order);

#endif
