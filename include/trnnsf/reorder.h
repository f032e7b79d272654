/** \file reorder.h
 * Bare sparse matrices onto crossbars, exactly: every connection stays, none is added, and no data
 * is needed. Either one order of all rows and one of all columns is sought in which few tiles hold
 * something, or free clusters, each of any rows x any columns, that hold all connections together.
 * All results are plain arrays or clusters; trnnsf_mapping_from_matrix() makes and counts the
 * crossbars.
 */
#ifndef TRNNSF_REORDER_H
#define TRNNSF_REORDER_H

#include <trnnsf/cluster.h>

TRNNSF_BEGIN_DECLS

/** Options of all functions here. */
struct trnnsf_reorder_options {
    size_t struct_size;
    uint32_t inputs;  /**< columns of the matrix that a crossbar takes; 1 … 65536, default 64 */
    uint32_t outputs; /**< rows of the matrix that a crossbar takes; 1 … 65536, default 64 */
    uint32_t effort;  /**< how long the search goes on; the time is proportional. 0 … 1000; 0: only
                           simple orders are tried; default 8: at most some seconds */
    uint32_t gaps;    /**< 1: places that the last tiles have beyond the matrix may be anywhere; 0:
                           at the end only, so that the order is a plain permutation; default 1 */
    uint64_t seed;    /**< of the search; default 1 */
};
#define TRNNSF_REORDER_OPTIONS_INIT {sizeof(struct trnnsf_reorder_options), 64, 64, 8, 1, 1}

/** At a place where no line of the matrix stands. */
#define TRNNSF_NO_LINE UINT32_MAX

/** Fills `options` with the defaults; NULL is fine. Any thread. Since 0.1. */
TRNNSF_API void trnnsf_reorder_options_init(struct trnnsf_reorder_options *options);

/** Finds an order of all rows and an order of all columns with few tiles that hold connections.
 *
 * The reordered matrix is cut into tiles of `outputs` rows x `inputs` columns from its first cell,
 * so only the stripe that a line falls into counts. The last tiles reach beyond a matrix whose
 * sides are no multiples: those places are gaps, crossbar lines that stay unused. Rows and columns
 * without connections come last. From the natural and a Cuthill-McKee order in turn, simulated
 * annealing exchanges two rows of two stripes, or two columns: it minimises the sum over all tiles
 * of log2(1 + n), n the connections of a tile, which rewards tiles that run empty long before they
 * are. The best order seen counts; it is never worse than the natural order, nor than that of the
 * lines that are not empty.
 *
 * \param matrix rows are outputs, columns are inputs; values do not matter
 * \param options NULL: the defaults
 * \param out_rows [ceil(rows / outputs) x outputs]: the row that stands at each place, or
 *     TRNNSF_NO_LINE; each row once. Without `gaps` a permutation, then TRNNSF_NO_LINE
 * \param out_columns [ceil(columns / inputs) x inputs]: the same for columns
 *
 * TRNNSF_E_INVALID: an argument is NULL, an option is outside its range; TRNNSF_E_UNSUPPORTED:
 * options of a later version; TRNNSF_E_CANCELLED; TRNNSF_E_NO_MEMORY. On failure the arrays are
 * untouched.
 *
 * Threads: the context's, up to eight; the result does not depend on their number. Progress phase:
 * "reorder". Cost: proportional to the effort; with the default some 3 s on two cores for 12000 x
 * 12000 with 50000 connections, less for smaller ones. Memory: linear, and 8 x 4 bytes a tile;
 * where a matrix has more than 2^22 tiles, simple orders alone are tried. Source: the task is that
 * of HyperMR (PACMMOD 2025); Kirkpatrick, Gelatt, Vecchi, "Optimization by simulated annealing",
 * Science 220 (1983); Cuthill, McKee, "Reducing the bandwidth of sparse symmetric matrices", 1969;
 * energy and moves chosen here. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_reorder_find(trnnsf_context *context, const trnnsf_matrix *matrix,
                                             const struct trnnsf_reorder_options *options,
                                             uint32_t *out_rows, uint32_t *out_columns);

/** The tiles of a reordered matrix that hold connections, as clusters in the matrix's own indices:
 * stripe of rows by stripe of rows, without the lines that are empty in the tile.
 *
 * \param options inputs and outputs are the tile's sides; NULL: the defaults
 * \param rows, columns as from trnnsf_reorder_find(): each index once, and gaps
 * \param out_clusters the caller's; trnnsf_clusters_residue() of it is 0
 *
 * TRNNSF_E_INVALID: an argument is NULL, an option is outside its range, `rows` or `columns` lacks
 * an index or has one twice (the text names the place); TRNNSF_E_UNSUPPORTED: options of a later
 * version; TRNNSF_E_NO_MEMORY. Cost: linear, and the rows and columns of a tile for each tile.
 * Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_reorder_tiles(trnnsf_context *context, const trnnsf_matrix *matrix,
                                              const struct trnnsf_reorder_options *options,
                                              const uint32_t *rows, const uint32_t *columns,
                                              trnnsf_clusters **out_clusters);

/** How few tiles any order of rows and of columns leaves at least.
 *
 * A part of the matrix that hangs together by its connections, of r rows and c columns, is in at
 * least a = ceil(r / outputs) stripes of rows and b = ceil(c / inputs) stripes of columns, and
 * tiles that join a + b stripes into one piece are at least a + b - 1. All rows together have A
 * stripes, all columns B: at least a + b - 1 + max(A - a, B - b, 0) tiles. This for the part where
 * it is largest, or the lower bound of trnnsf_mapping_counts(), which holds for any crossbars,
 * where that is larger.
 *
 * \param options inputs and outputs are the tile's sides; NULL: the defaults
 * \param out_bound 0 for a matrix without connections
 *
 * TRNNSF_E_INVALID, TRNNSF_E_UNSUPPORTED, TRNNSF_E_NO_MEMORY as above. Cost: linear. Source: chosen
 * here. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_reorder_bound(trnnsf_context *context, const trnnsf_matrix *matrix,
                                              const struct trnnsf_reorder_options *options,
                                              size_t *out_bound);

/** Finds few clusters, each of at most `outputs` rows x `inputs` columns, that hold all connections;
 * a row or column may be in several.
 *
 * Two starts: the tiles of trnnsf_reorder_find() by half the effort, and windows taken one after
 * the other, each the fullest that alternating between its best rows and its best columns finds.
 * Simulated annealing then moves the connections that a line has in one cluster to another one that
 * has room, and now and then joins clusters that fit into one. It minimises the sum over all
 * clusters of r (1 - r / (2 outputs)) + c (1 - c / (2 inputs)), r rows and c columns: a line that
 * is in more clusters than it need be costs, and clusters are rather full or empty than half full.
 * There are never more clusters than tiles at the start.
 *
 * \param matrix rows are outputs, columns are inputs; values do not matter
 * \param options NULL: the defaults
 * \param out_clusters the caller's; trnnsf_clusters_residue() of it is 0
 *
 * Statuses as for trnnsf_reorder_find(). Threads: the context's, up to eight; the result does not
 * depend on their number. Progress phases: "reorder", "cover". Cost: about that of
 * trnnsf_reorder_find() again. Memory: 8 bytes for each line and tile at the start; beyond 2^25 of
 * these the tiles are the result. Source: chosen here. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_clusters_cover(trnnsf_context *context, const trnnsf_matrix *matrix,
                                               const struct trnnsf_reorder_options *options,
                                               trnnsf_clusters **out_clusters);

TRNNSF_END_DECLS

#endif
