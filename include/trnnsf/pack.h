/** \file pack.h
 * The packer: blocks of a salience matrix, outputs x inputs, each within a crossbar's shape, that
 * hold the most salience of all for a budget, or enough of it for the least cost. What no block
 * holds is to be pruned.
 */
#ifndef TRNNSF_PACK_H
#define TRNNSF_PACK_H

#include <trnnsf/network.h>

TRNNSF_BEGIN_DECLS

/** What trnnsf_clusters_pack() is to reach. */
enum trnnsf_pack_goal {
    /** The most salience within a number of crossbars, a cost, or both. */
    TRNNSF_PACK_BUDGET = 0,
    /** The least cost that leaves out at most a share of the salience. */
    TRNNSF_PACK_BOUND = 1
};

/** What a connection of value v is worth. */
enum trnnsf_pack_salience {
    TRNNSF_PACK_MAGNITUDE = 0, /**< |v|, as it is where the values are saliences already */
    TRNNSF_PACK_SQUARE = 1,    /**< v²: few large weights before many small ones */
    TRNNSF_PACK_EQUAL = 2      /**< 1: every connection alike */
};

/** Options of trnnsf_clusters_pack() and trnnsf_pack_measure(). The arrays are the caller's and are
 * only read during the call. */
struct trnnsf_pack_options {
    size_t struct_size;
    uint32_t goal;   /**< enum trnnsf_pack_goal; default budget */
    uint32_t effort; /**< starts and passes; 0 … 9, default 3; 0: one pass, nothing after */
    size_t shapes;   /**< shapes of crossbar; 0 … 16; 0 (default): one, 64 x 64 of cost 1 */
    const uint32_t *inputs;  /**< [shapes] inputs (crossbar rows), 1 … 65536; NULL where shapes
                                  is 0 */
    const uint32_t *outputs; /**< [shapes] outputs (crossbar columns), 1 … 65536; likewise */
    const double *cost;      /**< [shapes] of one crossbar, in any unit, above 0, at most 1e100;
                                  NULL: 1 each */
    size_t crossbars;        /**< budget: at most so many blocks; 0 (default): no such limit */
    double cost_limit; /**< budget: at most such a cost; 0 … 1e100; 0 (default): no such limit */
    double discard;    /**< bound: share of the salience that may be left out; 0 … below 1;
                            0 (default): all connections are kept */
    uint64_t seed;     /**< of starts; default 1 */
    uint32_t salience; /**< enum trnnsf_pack_salience; default magnitude */
    uint32_t reserved; /**< 0 */
};
#define TRNNSF_PACK_OPTIONS_INIT                                                                   \
    {sizeof(struct trnnsf_pack_options), 0, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0}

/** Fills `options` with the defaults; NULL is fine. Since 0.1. */
TRNNSF_API void trnnsf_pack_options_init(struct trnnsf_pack_options *options);

/** Finds blocks that hold the most salience.
 *
 * A block is a set of outputs times a set of inputs, within a shape; blocks may share outputs and
 * inputs, and a cell in several belongs to the first. With the saliences s (of the options' kind),
 * the budget goal is to choose blocks B_1 … B_n, n within the number and their costs within the
 * limit, that maximise the sum of s over the union of the B_i; the bound goal is to minimise the
 * sum of costs while the sum of s outside the union is at most discard times all of s (where
 * discard is 0: no connection is outside, and all count alike). Both are NP-hard; this is a search,
 * and trnnsf_pack_measure() tells how far from the best it can be at most.
 *
 * Many candidates at a time alternate between the best outputs for their inputs and the best inputs
 * for those outputs; the best that do not meet become blocks. Then sweeps let blocks go and search
 * for them again, and the weakest give way to new ones. A tiling of the matrix (empty lines left
 * out, in natural order or the most salient lines first, the best tiles of the best shape) is a
 * start of its own, so that the result is never worse than it; where a tenth at most may be left
 * out of at most 500,000 connections, and the effort is above 1, so are free covers, as of
 * trnnsf_clusters_cover(), and of several shapes each one alone. The result does not hold lines on
 * which a block owns nothing. Each block is meant for the shape that costs least among those with
 * room for it (the first one among equals).
 *
 * \param matrix rows are outputs, columns are inputs; finite values
 * \param options NULL: the defaults; but a budget needs `crossbars` or `cost_limit`
 * \param out_clusters the caller's; the block that adds most comes first; possibly none, where the
 *     matrix is empty or the budget below the cheapest shape
 *
 * TRNNSF_E_INVALID: an argument is NULL, an option outside its range, a value not finite, or a
 * budget without a limit; TRNNSF_E_UNSUPPORTED: options of a later version; TRNNSF_E_LIMIT: 2^32
 * connections or more; TRNNSF_E_CANCELLED: stopped between rounds; TRNNSF_E_NO_MEMORY.
 *
 * Threads: the context's; the result does not depend on their number. Progress phase: "pack".
 * Cost: O(effort x (connections + sum over blocks of the connections on their outputs and inputs));
 * memory about 40 bytes a connection.
 * Source: chosen here; doc/pack.md names the ideas it stands on. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_clusters_pack(trnnsf_context *context, const trnnsf_matrix *matrix,
                                              const struct trnnsf_pack_options *options,
                                              trnnsf_clusters **out_clusters);

/** What a set of blocks holds and costs, and what no set could do better. */
struct trnnsf_pack_report {
    size_t struct_size;
    uint64_t blocks;
    double cost;       /**< sum of each block's cheapest shape */
    double kept;       /**< share of the salience that the blocks hold; 1 for an empty matrix */
    double fill;       /**< connections held / cells of the blocks' shapes; 0 without blocks */
    double kept_most;  /**< no blocks of this number and this cost hold a larger share: that of the
                            most salient connections, as many as the shapes have cells */
    double cost_least; /**< no blocks that hold as large a share cost less: by the same count, and,
                            where everything is held, by the connections of each output and input */
};

/** Measures blocks, whoever found them.
 *
 * With m cells: the m largest saliences bound what is kept. For everything: an output with d
 * connections needs crossbars with d inputs in sum, each of which it shares with at most
 * outputs - 1 others; likewise an input.
 *
 * \param matrix as in trnnsf_clusters_pack()
 * \param options its shapes and costs are read, its goal is not; NULL: the defaults
 * \param clusters of the matrix's shape, each within a shape of the options
 * \param out_report its struct_size is set by the caller; filled as far as that reaches
 *
 * TRNNSF_E_INVALID: an argument is NULL, shapes differ, an option is outside its range, a value is
 * not finite; TRNNSF_E_CHECK: a cluster is larger than every shape (the text names it);
 * TRNNSF_E_UNSUPPORTED: options of a later version; TRNNSF_E_NO_MEMORY.
 * Cost: linear in the connections and the clusters on each output. Source: the counts chosen here.
 * Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_pack_measure(trnnsf_context *context, const trnnsf_matrix *matrix,
                                             const struct trnnsf_pack_options *options,
                                             const trnnsf_clusters *clusters,
                                             struct trnnsf_pack_report *out_report);

/** Packs every layer of a network as it is, without data and without training: sets clusters and
 * masks.
 *
 * The saliences are those of the weights that are not 0. A bound is one for each layer by itself. A
 * budget is for all layers together: block by block, it goes to the layer that keeps the least share
 * of its salience, so that shares are even; but each layer with a weight that is not 0 has one at
 * least. Each layer then searches again for what it was given. The least share is never below that
 * of any one tiling of all layers whose best tiles share the budget in the same way. (Even shares
 * keep more accuracy than the largest sum of shares: doc/pack.md.)
 *
 * Of graphs, convolutions of several groups are left as they are and play no part.
 *
 * A layer's clusters become its blocks; its mask the weights in them that are not 0: the others are
 * lost. With the bound 0, no weight is changed. A layer of weights 0 has no synapse then.
 *
 * For figures of each layer, take its trnnsf_network_connectivity() before, and ask
 * trnnsf_pack_measure() with its clusters after.
 *
 * \param network changed on success only
 * \param options as of trnnsf_clusters_pack()
 * \param out_report NULL, or the whole network: blocks, cost, fill and cost_least are over all
 *     layers (the last for what each layer keeps), `kept` is the mean over the layers with a weight
 *     that is not 0, and kept_most bounds it; its struct_size is set by the caller
 *
 * As trnnsf_clusters_pack(), and TRNNSF_E_INVALID: a budget below one crossbar a layer (of the
 * cheapest shape). Progress phase: "pack". Threads: the context's; the result does not depend on
 * their number. Cost: each layer is packed for the whole budget, then for its part of it.
 * Source: chosen here. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_network_pack(trnnsf_context *context, trnnsf_network *network,
                                             const struct trnnsf_pack_options *options,
                                             struct trnnsf_pack_report *out_report);

TRNNSF_END_DECLS

#endif
