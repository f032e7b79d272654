/* Networks in safetensors files.
 *
 * Tensors of layer N, counted from 0:
 *     layer.N.weight                    F32 [n_out, n_in], 0 outside the mask
 *     layer.N.bias                      F32 [n_out]; every layer or none
 *     layer.N.mask                      U8 [n_out, n_in], 0 or 1; absent where all is kept
 *     layer.N.device                    F64 [9], absent where all values are free: range, levels and
 *                                       unipolar (0, 1) of the weights; range, bits and signed (0, 1)
 *                                       of the inputs' converter, and of the outputs'
 *     layer.N.clusters.output_start     U64 [count + 1]; absent without clusters
 *     layer.N.clusters.output           U32 [output_start[count]], ascending in each cluster
 *     layer.N.clusters.input_start, layer.N.clusters.input  likewise
 * Of a network that is a graph also those of network_graph_file.h, and then no layer's activation.
 * Metadata: format "trnnsf-network", format_version "1", library, layers, and layer.N.activation:
 * linear, relu, sigmoid, tanh or softmax. */
#ifndef TRN_IO_NETWORK_FILE_H
#define TRN_IO_NETWORK_FILE_H

#include <trnnsf/network.h>

#include "io/safetensors.h"

#define TRN_NETWORK_FORMAT "trnnsf-network"
enum { TRN_NETWORK_FORMAT_VERSION = 1 };

trnnsf_status trn_network_file_save(trnnsf_context *ctx, const trnnsf_network *network,
                                    const char *path);
trnnsf_status trn_network_file_load(trnnsf_context *ctx, const char *path,
                                    trnnsf_network **out_network);

/* Of a file that is open already. */
trnnsf_status trn_network_file_parse(trnnsf_context *ctx, const struct trn_safetensors *file,
                                     trnnsf_network **out_network);

/* The parts of the above, for other files that hold a network. Adding writes all but "format" and
 * "format_version", all names with `prefix` before them ("" where there is one network); weights,
 * biases and clusters are referred to until the writer has written.
 * Reading leaves tensors that are no network's alone. */
trnnsf_status trn_network_file_add(struct trn_safetensors_writer *writer, const char *prefix,
                                   const trnnsf_network *network);
trnnsf_status trn_network_file_read(trnnsf_context *ctx, const struct trn_safetensors *file,
                                    const char *prefix, trnnsf_network **out_network);

#endif
