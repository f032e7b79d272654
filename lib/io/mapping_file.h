/* Mappings in safetensors files.
 *
 * Tensors, one element a layer (U64): layer.n_in, layer.n_out, layer.first (crossbar),
 * layer.n_crossbars, and layer.counts.dense, .pruned, .clustered, .residue, .total, .lower_bound,
 * .synapses, .inputs_used, .outputs_used. One element a crossbar (U64): crossbar.layer,
 * .shape_inputs, .shape_outputs, .n_inputs, .n_outputs, .synapses, .residue (0 or 1), .input_start
 * and .output_start (where its ascending neurons begin in `index`), .weight_start (where its
 * [n_outputs x n_inputs] weights begin in `weights`). index: U32; weights: F32.
 * Metadata: format "trnnsf-mapping", format_version "1", library, rule (dense, pruned, clustered,
 * published, tiles), columns_per_output.
 *
 * Of format_version "2", written where a layer is a convolution, also one element a layer (U64):
 * layer.scheme (0 kernel column, 1 unrolled, 2 duplicated), .groups, .in_channels, .out_channels,
 * .full (tiles of the whole mapped matrix), and along rows .in_height, .out_height, .kernel_height,
 * .stride_height, .dilation_height, .pad_top, .window_height, along columns .in_width, .out_width,
 * .kernel_width, .stride_width, .dilation_width, .pad_left, .window_width. */
#ifndef TRN_IO_MAPPING_FILE_H
#define TRN_IO_MAPPING_FILE_H

#include <trnnsf/mapping.h>

#include "io/safetensors.h"

#define TRN_MAPPING_FORMAT "trnnsf-mapping"
/* The second version has the windows of convolutions. */
enum { TRN_MAPPING_FORMAT_PLAIN = 1, TRN_MAPPING_FORMAT_VERSION = 2 };

trnnsf_status trn_mapping_file_save(trnnsf_context *ctx, const trnnsf_mapping *mapping,
                                    const char *path);
trnnsf_status trn_mapping_file_load(trnnsf_context *ctx, const char *path,
                                    trnnsf_mapping **out_mapping);
/* Of a file that is open already. */
trnnsf_status trn_mapping_file_parse(trnnsf_context *ctx, const struct trn_safetensors *file,
                                     trnnsf_mapping **out_mapping);

#endif
