/** \file cluster.h
 * Clusters of connections: sets of inputs x sets of outputs that fit a crossbar. Immutable once
 * made: threads may share a set, each asking with its own context.
 */
#ifndef TRNNSF_CLUSTER_H
#define TRNNSF_CLUSTER_H

#include <trnnsf/matrix.h>

TRNNSF_BEGIN_DECLS

typedef struct trnnsf_clusters trnnsf_clusters;

/** Which rules trnnsf_clusters_find() follows. */
enum trnnsf_cluster_variant {
    /** The released code's (Aayush-Ankit/traNNsformers: cluster.m, subcluster.m,
     * size_constrained_cluster.m, prunewt.m), kept as they are: a cluster may have inputs +
     * outputs neurons in sum, so one side may exceed the MCA; an oversize cluster whose k-means
     * fails stays oversize; dead neurons are dropped and not mapped back, so that clusters of a
     * matrix with empty rows or columns are misplaced. */
    TRNNSF_CLUSTER_PUBLISHED = 0,
    /** Each side within the MCA; dead neurons mapped back; parts that have no groups are tiled;
     * groups that chance alone would offer are no clusters; then merged and grown. */
    TRNNSF_CLUSTER_CORRECTED = 1
};

/** Options of trnnsf_clusters_find(). The defaults are the released code's. */
struct trnnsf_cluster_options {
    size_t struct_size;
    uint32_t variant;     /**< enum trnnsf_cluster_variant; default corrected */
    uint32_t k; /**< eigenvectors and k-means groups a round; 2 … 64, default 5. Corrected: at
                     least; as many as the matrix needs MCAs along its longer side */
    uint32_t inputs;      /**< MCA inputs (crossbar rows); 1 … 65536, default 64 */
    uint32_t outputs;     /**< MCA outputs (crossbar columns); 1 … 65536, default 64 */
    double quality_first; /**< density above which a group is a cluster, first rung; 0 … 1, 0.7 */
    double quality_last;  /**< last rung; 0 … quality_first, 0.4 */
    double quality_step;  /**< from rung to rung; 0.001 … 1, 0.1 */
    uint32_t merge;       /**< corrected: clusters that fit one MCA together become one; 0, 1; 1 */
    uint32_t grow;        /**< corrected: spare inputs and outputs take residue; 0, 1; 1 */
    uint64_t seed;        /**< of eigenvectors' starts and of k-means; default 1 */
};
#define TRNNSF_CLUSTER_OPTIONS_INIT                                                                \
    {sizeof(struct trnnsf_cluster_options), 1, 5, 64, 64, 0.7, 0.4, 0.1, 1, 1, 1}

/** Fills `options` with the defaults; NULL is fine. Since 0.1. */
TRNNSF_API void trnnsf_cluster_options_init(struct trnnsf_cluster_options *options);

/** Finds clusters by size-constrained iterative clustering (SCIC).
 *
 * The connectivity A [n_out x n_in] is a bipartite graph of outputs and inputs. A round takes the k
 * eigenvectors of its normalised Laplacian nearest 0, groups all neurons by k-means on them, keeps
 * the groups with a density (connections / (outputs x inputs)) above the quality, and blanks their
 * connections; rounds go on until nothing changes. Groups beyond the MCA are clustered again. The
 * eigenvectors are the leading singular vectors of D1^-1/2 A D2^-1/2, D1 and D2 the degrees.
 *
 * Published: the quality goes down from rung to rung until one has clusters. Corrected: rounds go
 * on at each rung as long as one takes at least 2 % of what is left; a rung above the last one takes
 * what is below it by less than two standard deviations of chance; a neuron of a group is let go
 * when it shares less than half of the last rung's density; what remains is merged and grown by
 * salience.
 *
 * \param matrix rows are outputs, columns are inputs; finite values, whose magnitudes are the
 *     saliences for merging and growing
 * \param options NULL: the defaults
 * \param out_clusters the caller's; possibly without any cluster
 *
 * TRNNSF_E_INVALID: an argument is NULL, an option is outside its range, a value is not finite;
 * TRNNSF_E_UNSUPPORTED: options of a later version; TRNNSF_E_CANCELLED: stopped at a round;
 * TRNNSF_E_NO_MEMORY. Eigenvectors that do not converge and k-means that cannot be done are no
 * failures: the round goes on with what it has.
 *
 * Threads: the context's; the result does not depend on their number. Progress phase: "cluster".
 * Cost: a round O(nonzeros x k x 10), plus O((n_out + n_in) x 112²).
 * Source: Ankit et al., "TraNNsformer", ICCAD 2017 (arXiv 1708.07949), and its released code;
 * corrections, merging and growing chosen here. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_clusters_find(trnnsf_context *context, const trnnsf_matrix *matrix,
                                              const struct trnnsf_cluster_options *options,
                                              trnnsf_clusters **out_clusters);

/** Makes a set from explicit lists. A cell in several rectangles belongs to the first of them.
 *
 * \param n_outputs, n_inputs the matrix's shape; 1 … 2^32 - 1 each
 * \param count clusters; 0 is fine, the lists may be NULL then
 * \param output_start [count + 1], ascending from 0: cluster i has output[output_start[i]] …
 *     output[output_start[i + 1] - 1], at least one, strictly ascending
 * \param input_start, input the same for inputs
 * \param out_clusters the caller's; the lists are copied
 *
 * TRNNSF_E_INVALID: a list, shape or count is not as stated (the text names the cluster);
 * TRNNSF_E_NO_MEMORY. Cost: linear. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_clusters_create(trnnsf_context *context, size_t n_outputs,
                                                size_t n_inputs, size_t count,
                                                const size_t *output_start, const uint32_t *output,
                                                const size_t *input_start, const uint32_t *input,
                                                trnnsf_clusters **out_clusters);

/** Frees a set; NULL is fine. Since 0.1. */
TRNNSF_API void trnnsf_clusters_free(trnnsf_clusters *clusters);

/** How many clusters; 0 for NULL. Since 0.1. */
TRNNSF_API size_t trnnsf_clusters_count(const trnnsf_clusters *clusters);

/** Outputs (rows) of the whole matrix; 0 for NULL. Since 0.1. */
TRNNSF_API size_t trnnsf_clusters_rows(const trnnsf_clusters *clusters);

/** Inputs (columns) of the whole matrix; 0 for NULL. Since 0.1. */
TRNNSF_API size_t trnnsf_clusters_columns(const trnnsf_clusters *clusters);

/** The outputs of cluster `index`, ascending; their number in *out_count (NULL: not wanted). NULL
 * and 0 past the end. Belongs to the set. Since 0.1. */
TRNNSF_API const uint32_t *trnnsf_clusters_outputs(const trnnsf_clusters *clusters, size_t index,
                                                   size_t *out_count);

/** The inputs of cluster `index`, as trnnsf_clusters_outputs(). Since 0.1. */
TRNNSF_API const uint32_t *trnnsf_clusters_inputs(const trnnsf_clusters *clusters, size_t index,
                                                  size_t *out_count);

/** Connections of `matrix` that cluster `index` owns: cells of its rectangle in no earlier one. 0
 * where the shapes differ, past the end, or for NULL. Cost: the connections of the cluster's
 * outputs. Since 0.1. */
TRNNSF_API size_t trnnsf_clusters_synapses(const trnnsf_clusters *clusters,
                                           const trnnsf_matrix *matrix, size_t index);

/** Connections of `matrix` in no cluster: with those that clusters own, all of them. 0 where the
 * shapes differ or for NULL. Since 0.1. */
TRNNSF_API size_t trnnsf_clusters_residue(const trnnsf_clusters *clusters,
                                          const trnnsf_matrix *matrix);

/** Makes the matrix of those connections that clusters own: what is left when the others are
 * pruned.
 *
 * \param matrix of the clusters' shape
 * \param out_matrix the result, the caller's, freed with trnnsf_matrix_free()
 *
 * TRNNSF_E_INVALID: an argument is NULL; TRNNSF_E_MISMATCH: the shapes differ; TRNNSF_E_NO_MEMORY.
 * Cost: linear in the connections and the clusters on each output. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_clusters_held(trnnsf_context *context,
                                              const trnnsf_clusters *clusters,
                                              const trnnsf_matrix *matrix,
                                              trnnsf_matrix **out_matrix);

/** Checks a set against an MCA: indices valid and strictly ascending, no side empty, no cluster
 * with more than max_inputs inputs or max_outputs outputs (each at least 1).
 *
 * TRNNSF_OK; TRNNSF_E_CHECK: it does not hold (the text names the cluster and what is wrong);
 * TRNNSF_E_INVALID: NULL or a limit of 0. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_clusters_check(trnnsf_context *context,
                                               const trnnsf_clusters *clusters, size_t max_inputs,
                                               size_t max_outputs);

TRNNSF_END_DECLS

#endif
