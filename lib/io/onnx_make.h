/* Messages of an ONNX file that is to be written. The maker owns them; it keeps the first failure,
 * and what comes after that does nothing. */
#ifndef TRN_IO_ONNX_MAKE_H
#define TRN_IO_ONNX_MAKE_H

#include "base/context.h"
#include "io/onnx_wire.h"

struct trn_onnx_maker {
    trnnsf_context *ctx;
    trnnsf_status status;
    void **blocks;
    size_t n_blocks, blocks_room;
    Onnx__NodeProto **nodes;
    size_t n_nodes, nodes_room;
    Onnx__TensorProto **tensors;
    size_t n_tensors, tensors_room;
};

void trn_onnx_maker_clear(struct trn_onnx_maker *maker);
/* Zeros; NULL on failure. */
void *trn_onnx_make(struct trn_onnx_maker *maker, size_t count, size_t size);
char *trn_onnx_name(struct trn_onnx_maker *maker, const char *format, ...) TRN_PRINTF(2, 3);

/* A node with room for `n_inputs`, whose only output is called `name` as it is. NULL on failure,
 * which the others take for a node. */
Onnx__NodeProto *trn_onnx_make_node(struct trn_onnx_maker *maker, const char *type, char *name,
                                    size_t n_inputs);
void trn_onnx_put_input(Onnx__NodeProto *node, char *name);
void trn_onnx_put_int(struct trn_onnx_maker *maker, Onnx__NodeProto *node, const char *name,
                      int64_t value);
void trn_onnx_put_float(struct trn_onnx_maker *maker, Onnx__NodeProto *node, const char *name,
                        float value);
void trn_onnx_put_ints(struct trn_onnx_maker *maker, Onnx__NodeProto *node, const char *name,
                       size_t count, const int64_t *values);

/* Initialisers; their names. Real values must outlive the maker. */
char *trn_onnx_make_reals(struct trn_onnx_maker *maker, char *name, size_t rank, const size_t *dims,
                          const float *values);
char *trn_onnx_make_wholes(struct trn_onnx_maker *maker, char *name, size_t count,
                           const int64_t *values);

/* An input or output of the graph; its first dimension is symbolic. */
Onnx__ValueInfoProto *trn_onnx_make_info(struct trn_onnx_maker *maker, char *name, size_t rank,
                                         const size_t *dims);

#endif
