/* Which input value of which place drives which row of a layer's mapped matrix, and which output
 * value each of its columns gives: what mapper, checker, cost and simulators go by.
 *
 * A read computes a window of neighbouring output pixels, its places, of all output channels. The
 * mapped matrix has an output for each output channel and place of the window, and an input for
 * each input channel and cell: a pixel that the kernel reads at some place of the window. Outputs
 * are numbered by channel, row and column of the place; inputs by channel, row and column of the
 * cell. Of a window of one place this is the layer's own matrix (its groups side by side). A fully
 * connected layer has one place and one pixel a channel. */
#ifndef TRN_MAP_GEOMETRY_H
#define TRN_MAP_GEOMETRY_H

#include <trnnsf/mapping.h>

#include "network/network.h"

/* Of images and kernels, along one side of them. */
struct trn_map_side {
    uint64_t pixels;                        /* of the input */
    uint64_t places;                        /* pixels of the output */
    uint64_t kernel, stride, dilation, pad; /* padding before the first pixel */
    uint64_t window;                        /* places of a read */
};

struct trn_map_geometry {
    uint64_t scheme;             /* enum trnnsf_map_scheme */
    uint64_t inputs;             /* channels */
    uint64_t outputs;            /* channels */
    uint64_t groups;             /* that the channels come in */
    struct trn_map_side side[2]; /* of rows (height), of columns (width) */
};

#define TRN_NO_VALUE UINT32_MAX
#define TRN_NO_CELL SIZE_MAX

/* The lines of a mapped matrix. */
struct trn_map_lines {
    trnnsf_context *ctx;
    struct trn_map_geometry geometry;
    /* By side: where the window's cells are in the image at the first read, ascending; outside of
     * the image there are zeros. */
    struct trn_map_cells {
        size_t count;
        bool inside; /* those outside of the image are left out: they are 0 at every read */
        int32_t *pixel;
    } cells[2];
    size_t n_in;
    size_t n_out;
};

/* A line of the mapped matrix: a channel and where in the window. */
struct trn_map_line {
    size_t channel;
    size_t at[2]; /* cell of an input, place of an output */
};

/* Of a bare matrix; of a network's layer, by kernel columns. */
struct trn_map_geometry trn_map_geometry_of_matrix(uint64_t n_in, uint64_t n_out);
struct trn_map_geometry trn_map_geometry_of(const struct trnnsf_network *network, size_t layer);
/* TRNNSF_E_LIMIT where values and lines could not be numbered, TRNNSF_E_CHECK where the parts do
 * not go together; texts begin with `function`. */
trnnsf_status trn_map_geometry_check(trnnsf_context *ctx, const char *function, size_t layer,
                                     const struct trn_map_geometry *geometry);

/* Reads along a side; reads of an inference. */
uint64_t trn_map_side_reads(const struct trn_map_side *side);
uint64_t trn_map_reads(const struct trn_map_geometry *geometry);
/* Values of an input image; inputs of the layer's own matrix. */
uint64_t trn_map_values(const struct trn_map_geometry *geometry);
uint64_t trn_map_fan_in(const struct trn_map_geometry *geometry);

trnnsf_status trn_map_lines_create(trnnsf_context *ctx, const struct trn_map_geometry *geometry,
                                   struct trn_map_lines *lines);
void trn_map_lines_free(struct trn_map_lines *lines);

struct trn_map_line trn_map_input(const struct trn_map_lines *lines, size_t input);
struct trn_map_line trn_map_output(const struct trn_map_lines *lines, size_t output);

/* The input (output) value of that line in a read; TRN_NO_VALUE: padding (no pixel of the output).
 */
uint32_t trn_map_input_value(const struct trn_map_lines *lines, const struct trn_map_line *input,
                             uint64_t read);
uint32_t trn_map_output_value(const struct trn_map_lines *lines, const struct trn_map_line *output,
                              uint64_t read);
/* In how many reads an output's value is one of the layer's. */
uint64_t trn_map_output_reads(const struct trn_map_geometry *geometry,
                              const struct trn_map_line *output);

/* The cell at a pixel of the first read; TRN_NO_CELL. */
size_t trn_map_cell_at(const struct trn_map_lines *lines, int side, int64_t pixel);
/* The cell that a place's kernel reads with its k-th row or column; TRN_NO_CELL: none is mapped. */
size_t trn_map_cell_of(const struct trn_map_lines *lines, int side, size_t place, size_t k);
/* The kernel's row or column that reads a cell at a place; TRN_NO_CELL: it does not. */
size_t trn_map_kernel_at(const struct trn_map_lines *lines, int side, size_t place, size_t cell);

/* Synapses of the mapped matrix where the layer keeps all. */
uint64_t trn_map_synapses(const struct trn_map_lines *lines);

#endif
