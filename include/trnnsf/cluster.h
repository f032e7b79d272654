/** \file cluster.h
 * Clusters of connections: sets of inputs x sets of outputs that fit a crossbar. Immutable.
 */
#ifndef TRNNSF_CLUSTER_H
#define TRNNSF_CLUSTER_H

#include <trnnsf/matrix.h>

TRNNSF_BEGIN_DECLS

typedef struct trnnsf_clusters trnnsf_clusters;

enum trnnsf_cluster_variant {
    TRNNSF_CLUSTER_PUBLISHED = 0, /**< the released code's rules (sum rule, windows as they fall) */
    TRNNSF_CLUSTER_CORRECTED = 1  /**< each side within the MCA, then merged and grown */
};

struct trnnsf_cluster_options {
    size_t struct_size;
    uint32_t variant;        /**< enum trnnsf_cluster_variant; default corrected */
    uint32_t k;              /**< eigenvectors and k-means groups a round; 2 … 64, default 5 */
    uint32_t inputs;         /**< MCA inputs (crossbar rows); default 64 */
    uint32_t outputs;        /**< MCA outputs (crossbar columns); default 64 */
    double quality_first;    /**< density above which a group is a cluster, first rung; 0.7 */
    double quality_last;     /**< last rung; 0.4 */
    double quality_step;     /**< 0.1 */
    uint32_t merge;          /**< corrected: clusters that fit one MCA together become one; 1 */
    uint32_t grow;           /**< corrected: spare inputs and outputs take residue; 1 */
    uint64_t seed;           /**< default 1 */
};
#define TRNNSF_CLUSTER_OPTIONS_INIT                                                                \
    {sizeof(struct trnnsf_cluster_options), 1, 5, 64, 64, 0.7, 0.4, 0.1, 1, 1, 1}
TRNNSF_API void trnnsf_cluster_options_init(struct trnnsf_cluster_options *options);

/** Size-constrained iterative clustering (SCIC) of the matrix's connectivity. Values, where the
 * matrix has any, are saliences for merging and growing. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_clusters_find(trnnsf_context *context, const trnnsf_matrix *matrix,
                                              const struct trnnsf_cluster_options *options,
                                              trnnsf_clusters **out_clusters);

/** From explicit sets: cluster i has outputs output[output_start[i]] … and inputs input[input_start[i]]
 * …, each strictly ascending. A cell in several rectangles belongs to the first. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_clusters_create(trnnsf_context *context, size_t n_outputs,
                                                size_t n_inputs, size_t count,
                                                const size_t *output_start, const uint32_t *output,
                                                const size_t *input_start, const uint32_t *input,
                                                trnnsf_clusters **out_clusters);

TRNNSF_API void trnnsf_clusters_free(trnnsf_clusters *clusters);
TRNNSF_API size_t trnnsf_clusters_count(const trnnsf_clusters *clusters);
TRNNSF_API size_t trnnsf_clusters_rows(const trnnsf_clusters *clusters);    /**< the matrix's outputs */
TRNNSF_API size_t trnnsf_clusters_columns(const trnnsf_clusters *clusters); /**< its inputs */
/** The outputs of cluster `index`, ascending; their number in *out_count. Belongs to the set. */
TRNNSF_API const uint32_t *trnnsf_clusters_outputs(const trnnsf_clusters *clusters, size_t index,
                                                   size_t *out_count);
TRNNSF_API const uint32_t *trnnsf_clusters_inputs(const trnnsf_clusters *clusters, size_t index,
                                                  size_t *out_count);
/** Connections of `matrix` that cluster `index` owns (cells of its rectangle in no earlier one). */
TRNNSF_API size_t trnnsf_clusters_synapses(const trnnsf_clusters *clusters,
                                           const trnnsf_matrix *matrix, size_t index);
/** Connections of `matrix` in no cluster. */
TRNNSF_API size_t trnnsf_clusters_residue(const trnnsf_clusters *clusters,
                                          const trnnsf_matrix *matrix);

/** TRNNSF_OK where indices are valid, ascending, and no cluster exceeds inputs x outputs;
 * otherwise TRNNSF_E_CHECK and a text that names the cluster. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_clusters_check(trnnsf_context *context,
                                               const trnnsf_clusters *clusters, size_t max_inputs,
                                               size_t max_outputs);

TRNNSF_END_DECLS

#endif
