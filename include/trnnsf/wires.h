/** \file wires.h
 * One crossbar with resistive wires, solved exactly by nodal analysis.
 *
 * n rows (word lines) are driven by voltages through a driver resistance, m columns (bit lines) end
 * in a sense resistance at virtual ground. Row i and column j meet in a cell between the word-line
 * node (i, j) and the bit-line node (i, j); neighbouring nodes of a line are joined by a segment of
 * wire. The driver sits at the first node of a row (column 0), the sense amplifier at the last node
 * of a column (row n - 1); either may be at both ends. With V_i the input, u and w the voltages of
 * word-line and bit-line nodes, Kirchhoff's current law is, at each node,
 *
 *     (u_ij - u_i,j-1) / word_ohm + (u_ij - u_i,j+1) / word_ohm + I_ij = 0
 *     (w_ij - w_i-1,j) / bit_ohm + (w_ij - w_i+1,j) / bit_ohm - I_ij = 0
 *
 * where a line's end takes (u - V_i) / driver_ohm, w / sense_ohm, or no term. I_ij is the current
 * of the cell of conductance g under u_ij - w_ij: with x the voltage across the memristive part,
 *
 *     I = g x,  or  I = g sinh(alpha x) / alpha,  and  u - w = x + cell_ohm I.
 *
 * A resistance of 0 is an ideal wire: its nodes are one, exactly. doc/wires.md has the method and
 * what it costs.
 *
 * A handle is immutable once built: any number of threads, each with its own context, may use it.
 * Source: A. Chen, "A comprehensive crossbar array model with solutions for line resistance and
 * nonlinear device characteristics", IEEE Trans. Electron Devices 60(4), 2013,
 * doi:10.1109/TED.2013.2246791; D. Joksas, A. Mehonic, "badcrossbar", SoftwareX 12, 100617, 2020.
 */
#ifndef TRNNSF_WIRES_H
#define TRNNSF_WIRES_H

#include <trnnsf/context.h>

TRNNSF_BEGIN_DECLS

/** A crossbar with its wires. Immutable. */
typedef struct trnnsf_wires trnnsf_wires;

/** What a crossbar consists of besides its memristive cells. Resistances are in ohm: 0, or
 * 1e-9 … 1e12. */
struct trnnsf_wires_options {
    size_t struct_size;
    double word_ohm;       /**< of one segment of a word line, between two cells; default 1 */
    double bit_ohm;        /**< of one segment of a bit line; default 1 */
    double driver_ohm;     /**< from the source to a row's first node; default 1 */
    double sense_ohm;      /**< from a column's last node to virtual ground; default 1 */
    double cell_ohm;       /**< in series with each cell (the transistor of 1T1R); default 0 */
    double alpha_per_volt; /**< of the law sinh; 0 … 1000, 0: linear cells; default 0 */
    uint32_t driver_ends;  /**< 1, or 2: rows are driven from both ends; default 1 */
    uint32_t sense_ends;   /**< 1, or 2: columns are sensed at both ends; default 1 */
    uint32_t iterations;   /**< of Newton's method at most; 1 … 10000, default 100 */
    uint32_t reserved;     /**< 0 */
};
#define TRNNSF_WIRES_OPTIONS_INIT                                                                  \
    {                                                                                              \
        sizeof(struct trnnsf_wires_options), 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 1, 1, 100, 0            \
    }

/** Fills `options` with the defaults; NULL is fine. Any thread. Since 0.1. */
TRNNSF_API void trnnsf_wires_options_init(struct trnnsf_wires_options *options);

/** Builds a crossbar and, where its cells are linear, computes its transfer matrix.
 *
 * The linear network is reduced to its terminals: all inner nodes are eliminated by nested
 * dissection of the grid, the off-diagonal conductances and row sums alone being kept (no
 * subtraction occurs, so every transfer conductance has the relative accuracy of a sum of that
 * length, however small the wires' resistance is beside the cells').
 *
 * \param context not NULL
 * \param n_rows, n_columns 1 … 4096
 * \param conductances [n_rows x n_columns], row-major, siemens; 0 (an open cell), or 1e-18 … 1e3
 * \param options NULL: the defaults
 * \param out_wires the caller's; free with trnnsf_wires_free()
 *
 * TRNNSF_E_INVALID: a NULL argument, a side of 0, an option or conductance outside its range (the
 * text names its place); TRNNSF_E_LIMIT: a side above 4096; TRNNSF_E_UNSUPPORTED: options of a
 * later version; TRNNSF_E_CANCELLED; TRNNSF_E_NO_MEMORY. On failure *out_wires is untouched.
 *
 * Threads: the context's own one; progress phase: "wires". Cost: O(k^3) for k x k, as a dense
 * factorisation of order 2 k or so. Memory: O(k^2). Source: A. George, "Nested dissection of a
 * regular finite element mesh", SIAM J. Numer. Anal. 10 (1973); W. Grassmann, M. Taksar,
 * D. Heyman, "Regenerative analysis and steady state distributions for Markov chains", Operations
 * Research 33 (1985), for elimination without subtraction. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_wires_create(trnnsf_context *context, size_t n_rows,
                                             size_t n_columns, const double *conductances,
                                             const struct trnnsf_wires_options *options,
                                             trnnsf_wires **out_wires);

/** Frees a crossbar; NULL is fine. Since 0.1. */
TRNNSF_API void trnnsf_wires_free(trnnsf_wires *wires);

/** Rows; 0 for NULL. Any thread. Since 0.1. */
TRNNSF_API size_t trnnsf_wires_rows(const trnnsf_wires *wires);

/** Columns; 0 for NULL. Any thread. Since 0.1. */
TRNNSF_API size_t trnnsf_wires_columns(const trnnsf_wires *wires);

/** The transfer matrix [n_columns x n_rows], siemens, row-major: current of column j = sum over i
 * of matrix[j, i] V_i. NULL where cells are not linear, or for NULL. Belongs to the handle. Any
 * thread. Since 0.1. */
TRNNSF_API const double *trnnsf_wires_transfer(const trnnsf_wires *wires);

/** Column currents of some input vectors.
 *
 * Linear cells: a product with the transfer matrix. Else Newton's method for each vector: started
 * from the linear network whose cells have the conductance that they show under their row's full
 * voltage, each step solving the linearised network by the same elimination, halved while the
 * network's co-content (the convex function that its voltages minimise) would grow; ended when no
 * cell's current changes by more than 1e-12 of the largest one.
 *
 * \param n_vectors at least 1
 * \param inputs [n_vectors x n_rows], volt; at most 1e6 in size, and with non-linear cells so that
 *     alpha_per_volt times the span of a vector's voltages and 0 is at most 100
 * \param out_currents [n_vectors x n_columns], ampere, out of the bit lines into the sense
 *     amplifiers, both ends together
 *
 * TRNNSF_E_INVALID: a NULL argument, n_vectors 0, an input that is no number or outside its range
 * (the text names its place); TRNNSF_E_NUMERIC: no convergence (the text names vector, iterations
 * and the last change); TRNNSF_E_CANCELLED; TRNNSF_E_NO_MEMORY. On failure out_currents is
 * untouched.
 *
 * Threads: the context's own one. Progress phase with non-linear cells: "wires". Cost: linear:
 * n_rows n_columns a vector; else some 5 … 10 times that of trnnsf_wires_create() a vector.
 * Source: Chen 2013 for Newton; co-content: W. Millar, Phil. Mag. 42 (1951). Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_wires_currents(trnnsf_context *context, const trnnsf_wires *wires,
                                               size_t n_vectors, const double *inputs,
                                               double *out_currents);

/** As trnnsf_wires_currents(), with the voltages of all nodes.
 *
 * \param out_word, out_bit [n_vectors x n_rows x n_columns], volt; NULL: not wanted
 * \param out_currents as there; NULL: not wanted
 *
 * The elimination is done again, its rows kept until the end of the call, and shared by all
 * vectors where cells are linear. Statuses as there. Cost: that of trnnsf_wires_create() once
 * (linear) or as trnnsf_wires_currents(), and for each vector some 80 operations a node at
 * 512 x 512, growing with the logarithm of the side. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_wires_voltages(trnnsf_context *context, const trnnsf_wires *wires,
                                               size_t n_vectors, const double *inputs,
                                               double *out_word, double *out_bit,
                                               double *out_currents);

/** Column currents approximately, in linear time: line relaxation.
 *
 * Bit lines begin at 0 V. A pass solves each word line exactly with the bit lines' voltages held,
 * then each bit line with the word lines' held (block Gauss-Seidel by lines). The system is
 * symmetric and positive definite, so passes converge to trnnsf_wires_currents(); one pass sees
 * the drop along the own line, not the neighbours' answer to it. Inputs of one sign approach the
 * exact currents from below where cells are linear. Non-linear cells have, in each pass, the
 * conductance that they show under the last pass's voltage.
 *
 * \param passes 1 … 100000
 *
 * Other parameters and statuses as for trnnsf_wires_currents(). Cost: about 30 operations a cell,
 * pass and vector. Source: R. Varga, "Matrix iterative analysis", 1962, chapter 6 (line methods);
 * lines of a crossbar as blocks: chosen here. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_wires_approximate(trnnsf_context *context,
                                                  const trnnsf_wires *wires, size_t n_vectors,
                                                  const double *inputs, uint32_t passes,
                                                  double *out_currents);

/** How far trnnsf_wires_approximate() is from trnnsf_wires_currents(): the largest difference of a
 * column's current over the largest current, over all vectors; 0 where no current flows.
 * Parameters, statuses and cost as for the two together. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_wires_approximation_error(trnnsf_context *context,
                                                          const trnnsf_wires *wires,
                                                          size_t n_vectors, const double *inputs,
                                                          uint32_t passes, double *out_error);

/** Writes the crossbar with one input vector as a SPICE netlist.
 *
 * Resistors for wires, drivers, sense and series resistances and for linear cells, behavioural
 * current sources for the law sinh, one voltage source `vinI` a row and one of 0 V, `voutJ`, a
 * column, whose current is the column's; then .op and .print of those. Node names: `inI`, `outJ`,
 * `wI_J` and `bI_J` of the word and bit line at row I and column J (`wI`, `bJ` where the whole line
 * is ideal), `cI_J` between a cell and its series resistance. Ideal connections and open cells have
 * no element. Numbers have 17 digits. Equal crossbars and inputs give equal bytes.
 *
 * \param inputs [n_rows], volt, as for trnnsf_wires_currents()
 * \param path the file; written beside and renamed
 *
 * TRNNSF_E_INVALID: a NULL argument, an empty path, an input outside its range;
 * TRNNSF_E_NOT_FOUND: no such folder; TRNNSF_E_IO; TRNNSF_E_NO_MEMORY. Source: the ngspice manual,
 * version 39. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_wires_netlist(trnnsf_context *context, const trnnsf_wires *wires,
                                              const double *inputs, const char *path);

TRNNSF_END_DECLS

#endif
