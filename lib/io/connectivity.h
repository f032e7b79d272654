/* A layer's connectivity made small enough to draw: in natural order by weight, and with rows and
 * columns ordered so that clusters show. Rows are outputs, columns inputs. */
#ifndef TRN_IO_CONNECTIVITY_H
#define TRN_IO_CONNECTIVITY_H

#include <stdbool.h>
#include <trnnsf/cluster.h>

/* Cells of a picture on its longer side: two points of a printed page hold no more (chosen here).
 */
enum { TRN_CONNECTIVITY_CELLS = 600, TRN_CONNECTIVITY_OUTLINES = 4096 };

/* A run of ordered rows x a run of ordered columns of one cluster, in neurons, ends excluded. */
struct trn_outline {
    uint32_t first_row, end_row;
    uint32_t first_column, end_column;
};

struct trn_connectivity {
    size_t n_rows;
    size_t n_columns;
    size_t bin;    /* neurons a cell, on both sides */
    size_t height; /* cells: ceil(n_rows / bin) */
    size_t width;
    /* [height x width], 0 … 255 */
    uint8_t *magnitude; /* natural order: mean |weight| of a cell over the 99th percentile of all
                           cells */
    uint8_t *clustered; /* ordered: kept synapses in clusters, a full cell is 255 */
    uint8_t *residue;   /* ordered: kept synapses in no cluster */
    uint8_t *covered;   /* ordered: area of clusters' rectangles */
    size_t live_rows;   /* ordered rows from here on have no synapse */
    size_t live_columns;
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

/* The drawing order of one side: order[position] = neuron. Neurons go by their largest cluster
 * (most cells), then the next, …; then those in no cluster; those without synapse last. `rows`: the
 * outputs' side, otherwise the inputs'. live[n] tells which have a synapse. `clusters` may be NULL.
 */
trnnsf_status trn_connectivity_order(trnnsf_context *ctx, const trnnsf_clusters *clusters,
                                     bool rows, const uint8_t *live, size_t n, uint32_t *order);

#endif
