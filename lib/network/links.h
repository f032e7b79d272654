/* What feeds what between a network's layers. A layer reads lines: the channels of what its node reads,
 * each of which several columns of its matrix belong to, a kernel's or all pixels of an image. A line's
 * sources are the outputs of layers that it is computed from, by way of pools, norms, activations, sums,
 * joins and reshapes, and the samples. Of a chain a line is a column, and has one source. */
#ifndef TRN_NETWORK_LINKS_H
#define TRN_NETWORK_LINKS_H

#include "network/network.h"

/* Among sources, and the last of a line's. */
#define TRN_SAMPLES UINT32_MAX

struct trn_links {
    size_t n_layers;
    size_t *first_output; /* [n_layers + 1] where a layer's outputs begin among those of all layers */
    size_t *first_line;   /* [n_layers + 2] likewise lines; behind the last layer those of the outputs */
    size_t *columns;      /* [n_layers] that a line has */
    size_t *group_rows;   /* [n_layers] outputs of one group, and lines that it reads; of a layer that */
    size_t *group_lines;  /* is not grouped all */
    size_t *start;        /* [lines + 1] */
    uint32_t *source;     /* a line's ascend */
};

/* Of layers as they stand in `network`; masks play no part. trn_links_free() is fine for NULL. */
trnnsf_status trn_links_create(trnnsf_context *ctx, const struct trnnsf_network *network,
                               struct trn_links **out_links);
void trn_links_free(trnnsf_context *ctx, struct trn_links *links);

static inline size_t trn_links_outputs(const struct trn_links *links)
{
    return links->first_output[links->n_layers];
}

/* Lines that a layer reads; with n_layers, those of the network's outputs. */
static inline size_t trn_links_lines(const struct trn_links *links, size_t layer)
{
    return links->first_line[layer + 1] - links->first_line[layer];
}

/* The line that a row of the layer's matrix reads in a column. */
static inline size_t trn_links_line(const struct trn_links *links, size_t layer, size_t row,
                                    size_t column)
{
    return row / links->group_rows[layer] * links->group_lines[layer] +
           column / links->columns[layer];
}

/* Whether some output of the layer `from` is a source of what `to` reads. */
bool trn_links_join(const struct trn_links *links, size_t from, size_t to);

/* lines[of the layer]: whether one of its sources is among outputs[of all layers]; the samples are. */
void trn_links_feed(const struct trn_links *links, size_t layer, const bool *outputs, bool *lines);
/* Sources of lines[of the layer] join outputs[of all layers]. */
void trn_links_read(const struct trn_links *links, size_t layer, const bool *lines, bool *outputs);

/* outputs[of all layers]: whether some synapse of its own, by the mask, reaches it. */
void trn_links_reached(const struct trn_links *links, const struct trnnsf_network *network,
                       bool *outputs);

#endif
