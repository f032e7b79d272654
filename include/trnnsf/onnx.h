/** \file onnx.h
 * ONNX files (onnx.ai): networks from and to training frameworks. What is read becomes a graph of
 * nodes (graph.h) that gives the file's outputs; doc/onnx.md has the operators, and what is
 * refused. Source of the format: the onnx.proto and Operators.md of github.com/onnx/onnx.
 */
#ifndef TRNNSF_ONNX_H
#define TRNNSF_ONNX_H

#include <trnnsf/graph.h>

TRNNSF_BEGIN_DECLS

/** How a file is read. */
struct trnnsf_onnx_options {
    size_t struct_size;
    uint32_t mask_zeros; /**< 1: weights that are exactly 0 are pruned synapses: each layer with
                            such weights gets a mask of the others. Default 0 */
    uint32_t reserved;   /**< 0 */
};
#define TRNNSF_ONNX_OPTIONS_INIT                                                                   \
    {                                                                                              \
        sizeof(struct trnnsf_onnx_options), 0, 0                                                   \
    }
/** Fills `options` with the defaults; NULL is fine. Any thread. Since 0.1. */
TRNNSF_API void trnnsf_onnx_options_init(struct trnnsf_onnx_options *options);

/** Reads a network.
 *
 * The file has one input, float32 or float16, [batch x features], [batch x channels x length] or
 * [batch x channels x height x width], the batch symbolic or 1, and one output; opset 9 to 21. A
 * sequence is an image of height 1. An input of features that goes through fully connected layers
 * alone gives a chain of layers, as trnnsf_network_create() makes it; everything else a graph.
 * Float16 becomes float32. Tensors outside of the file are read from files in its folder, and below
 * it, alone. \param options NULL: the defaults. \param out_network the caller's; free with
 * trnnsf_network_free(). Texts name file, node, operator and opset. TRNNSF_E_INVALID: a NULL
 * argument, an option out of range; TRNNSF_E_NOT_FOUND: no such file, or one of its tensors';
 * TRNNSF_E_IO; TRNNSF_E_FORMAT: no ONNX, or one that contradicts itself or leads out of its folder;
 * TRNNSF_E_UNSUPPORTED: an operator, attribute, type or opset that is not read, or built without
 * ONNX; TRNNSF_E_NUMERIC: a weight that is not finite; TRNNSF_E_LIMIT: as trnnsf_graph_add(), a
 * file above 2 GiB; TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_network_load_onnx(trnnsf_context *context, const char *path,
                                                  const struct trnnsf_onnx_options *options,
                                                  trnnsf_network **out_network);
/** Writes a network, opset 10, with a symbolic batch; pruned weights are zeros, weights on a
 * device's levels are their values. Masks, clusters, converters and dropout have no place there.
 * Images whose windows are all of height 1 are sequences. The same network gives the same bytes;
 * the file is the old one or the new one, never a part. TRNNSF_E_INVALID: a NULL argument;
 * TRNNSF_E_NOT_FOUND: no such folder; TRNNSF_E_IO; TRNNSF_E_LIMIT: more than 2 GiB;
 * TRNNSF_E_UNSUPPORTED: means over dilated windows, or built without ONNX; TRNNSF_E_NO_MEMORY.
 * Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_network_save_onnx(trnnsf_context *context,
                                                  const trnnsf_network *network, const char *path);

TRNNSF_END_DECLS

#endif
