/* Reading: nodes of the file, in its order, become nodes of a graph. A value of the file is either
 * known now (a constant: a weight, or a shape that is computed) or a signal: what a node of the
 * graph gives, seen in some shape. Flatten, Reshape and their like change that shape alone; who
 * needs the image has the graph reshape it. */
#ifndef TRN_IO_ONNX_READ_H
#define TRN_IO_ONNX_READ_H

#include <trnnsf/onnx.h>

#include "io/onnx_tensor.h"
#include "network/network.h"

/* Parts of a hard swish of `node` that exporters write out. */
enum trn_onnx_stage {
    TRN_ONNX_WHOLE,   /* the node's own value */
    TRN_ONNX_PLUS_3,  /* x + 3 */
    TRN_ONNX_ABOVE_0, /* max(x + 3, 0) */
    TRN_ONNX_CLIPPED, /* min(max(x + 3, 0), 6) */
    TRN_ONNX_SIXTH,   /* that divided by 6: hard sigmoid */
    TRN_ONNX_PRODUCT  /* x times the clipped one */
};

enum { TRN_ONNX_TOP, TRN_ONNX_LEFT, TRN_ONNX_BOTTOM, TRN_ONNX_RIGHT, TRN_ONNX_SIDES };

struct trn_onnx_value {
    const char *name;
    enum { TRN_ONNX_LATER, TRN_ONNX_CONSTANT, TRN_ONNX_SIGNAL } state;
    bool is_input;
    uint32_t readers; /* nodes of the file that are needed, and the output */
    bool sole; /* no other value is of the same node of the graph, but what this one came of */
    /* A constant: decoded when it is first asked for. */
    const Onnx__TensorProto *proto;
    const struct trn_onnx_tensor *tensor;
    /* A signal; dims[0] is the batch, as 1. */
    uint32_t node;
    enum trn_onnx_stage stage;
    uint32_t pads[TRN_ONNX_SIDES]; /* zeros around it that the next window takes up */
    size_t rank;
    size_t dims[TRN_ONNX_RANK_MAX];
};

/* Weights and biases until the network is built. */
struct trn_onnx_layer {
    uint32_t node;
    size_t n_in, n_out;
    float *weights; /* [n_out x n_in] */
    float *biases;  /* or NULL */
};

struct trn_onnx_reader {
    trnnsf_context *ctx;
    const struct trnnsf_onnx_options *options;
    const Onnx__GraphProto *file;
    const Onnx__NodeProto *node; /* that is read now */
    int64_t opset;
    bool batch_is_1; /* else it is symbolic */
    uint64_t budget; /* of values that may still be made: no small file takes all memory */
    struct trn_onnx_folder folder;
    struct trn_onnx_value *values; /* sorted by name */
    size_t n_values;
    struct trn_onnx_tensor **tensors; /* all that was decoded or computed */
    size_t n_tensors, tensors_room;
    struct trn_graph graph;
    struct trn_onnx_layer *layers;
    size_t n_layers, layers_room;
};

/* ---- values: onnx_values.c ---- */

/* Names of inputs, initialisers and outputs of nodes. TRNNSF_E_FORMAT: a name that is given twice.
 */
trnnsf_status trn_onnx_values_create(struct trn_onnx_reader *r);
void trn_onnx_values_clear(struct trn_onnx_reader *r);
struct trn_onnx_value *trn_onnx_find(const struct trn_onnx_reader *r, const char *name);
/* Counts who reads what, from the output upwards; nodes that it does not need are left out of
 * `needed` [nodes of the file]. */
trnnsf_status trn_onnx_count_readers(struct trn_onnx_reader *r, uint8_t *needed);
/* Takes `count` off the budget. */
trnnsf_status trn_onnx_spend(struct trn_onnx_reader *r, uint64_t count);

/* Does the node have that input? */
bool trn_onnx_has(const struct trn_onnx_reader *r, size_t input);
/* The value of an input; TRNNSF_E_FORMAT where there is none yet. */
trnnsf_status trn_onnx_input(const struct trn_onnx_reader *r, size_t input,
                             struct trn_onnx_value **out);
/* A constant; the tensor lives as long as the reader. */
trnnsf_status trn_onnx_constant(struct trn_onnx_reader *r, size_t input,
                                const struct trn_onnx_tensor **out);
/* The same of real numbers, all finite. */
trnnsf_status trn_onnx_reals(struct trn_onnx_reader *r, size_t input,
                             const struct trn_onnx_tensor **out);
/* One number. */
trnnsf_status trn_onnx_scalar(struct trn_onnx_reader *r, size_t input, double *out);
/* A signal; the second kind may be padded. */
trnnsf_status trn_onnx_signal(const struct trn_onnx_reader *r, size_t input,
                              struct trn_onnx_value **out);
trnnsf_status trn_onnx_padded(const struct trn_onnx_reader *r, size_t input,
                              struct trn_onnx_value **out);
/* Its shape as that of an image, and the node of the graph that gives that. */
trnnsf_status trn_onnx_image(struct trn_onnx_reader *r, const struct trn_onnx_value *value,
                             uint32_t *out_node);
size_t trn_onnx_sample_size(const struct trn_onnx_value *value);
/* Whether what the graph's node computes is seen through `value` alone. */
bool trn_onnx_is_sole(const struct trn_onnx_value *value);

/* What the node gives: */
/* a tensor, which the reader takes in any case; */
trnnsf_status trn_onnx_give_tensor(struct trn_onnx_reader *r, struct trn_onnx_tensor *tensor);
/* another value; */
void trn_onnx_give_same(struct trn_onnx_reader *r, const struct trn_onnx_value *from);
/* the same values in another shape; */
trnnsf_status trn_onnx_give_shaped(struct trn_onnx_reader *r, const struct trn_onnx_value *from,
                                   size_t rank, const size_t *dims);
/* the graph's last node, its image seen with as many dimensions as `rank`. */
void trn_onnx_give_node(struct trn_onnx_reader *r, size_t rank);

/* Adds a node to the graph. */
trnnsf_status trn_onnx_add(struct trn_onnx_reader *r, const uint32_t *inputs, size_t n_inputs,
                           const struct trnnsf_node_options *options);
/* A layer of the graph's last node; weights are copied from where `at` says. */
trnnsf_status trn_onnx_add_layer(struct trn_onnx_reader *r, size_t n_in, size_t n_out,
                                 struct trn_onnx_layer **out);
/* Zero biases where there are none. */
trnnsf_status trn_onnx_need_biases(struct trn_onnx_reader *r, struct trn_onnx_layer *layer);

/* ---- attributes: onnx_attributes.c ---- */

/* Has the node none but these, parted by spaces? */
trnnsf_status trn_onnx_check_attributes(const struct trn_onnx_reader *r, const char *known);
bool trn_onnx_has_attribute(const struct trn_onnx_reader *r, const char *name);
/* *out stays as it is where there is no such attribute. */
trnnsf_status trn_onnx_int(const struct trn_onnx_reader *r, const char *name, int64_t least,
                           int64_t most, int64_t *out);
trnnsf_status trn_onnx_float(const struct trn_onnx_reader *r, const char *name, double *out);
/* *out_values belongs to the file; NULL where there are none. */
trnnsf_status trn_onnx_ints(const struct trn_onnx_reader *r, const char *name,
                            const int64_t **out_values, size_t *out_count);
/* "" where there is none; at most 31 bytes. */
trnnsf_status trn_onnx_text(const struct trn_onnx_reader *r, const char *name, char out[32]);
/* A list that is an attribute before `opset` and an input from it on; NULL where there is none. */
trnnsf_status trn_onnx_list(struct trn_onnx_reader *r, const char *name, int64_t opset,
                            size_t input, const int64_t **out_values, size_t *out_count);
/* Axes as places: -1 is the last of `rank`; as a set of bits. */
trnnsf_status trn_onnx_axes(const struct trn_onnx_reader *r, const int64_t *axes, size_t count,
                            size_t rank, uint32_t *out_set);
trnnsf_status trn_onnx_axis(const struct trn_onnx_reader *r, int64_t axis, size_t rank,
                            size_t *out);

/* ---- operators ---- */

/* Computes what depends on constants and shapes alone; *out_done tells whether it was such a node.
 * onnx_fold.c */
trnnsf_status trn_onnx_fold(struct trn_onnx_reader *r, bool *out_done);
/* Any other node. onnx_operators.c */
trnnsf_status trn_onnx_operate(struct trn_onnx_reader *r);

trnnsf_status trn_onnx_read_conv(struct trn_onnx_reader *r); /* onnx_layers.c */
trnnsf_status trn_onnx_read_gemm(struct trn_onnx_reader *r);
trnnsf_status trn_onnx_read_matmul(struct trn_onnx_reader *r);
trnnsf_status trn_onnx_read_batch_norm(struct trn_onnx_reader *r);
trnnsf_status trn_onnx_read_pad(struct trn_onnx_reader *r); /* onnx_windows.c */
trnnsf_status trn_onnx_read_max_pool(struct trn_onnx_reader *r);
trnnsf_status trn_onnx_read_average_pool(struct trn_onnx_reader *r);
trnnsf_status trn_onnx_read_global_pool(struct trn_onnx_reader *r);
trnnsf_status trn_onnx_read_reduce_mean(struct trn_onnx_reader *r);
trnnsf_status trn_onnx_read_activation(struct trn_onnx_reader *r); /* onnx_activations.c */
trnnsf_status trn_onnx_read_clip(struct trn_onnx_reader *r);
trnnsf_status trn_onnx_read_hard_sigmoid(struct trn_onnx_reader *r);
trnnsf_status trn_onnx_read_softmax(struct trn_onnx_reader *r);
trnnsf_status trn_onnx_read_arithmetic(struct trn_onnx_reader *r); /* onnx_arithmetic.c */
trnnsf_status trn_onnx_read_sum(struct trn_onnx_reader *r);
trnnsf_status trn_onnx_read_concat(struct trn_onnx_reader *r);
trnnsf_status trn_onnx_read_flatten(struct trn_onnx_reader *r); /* onnx_shapes.c */
trnnsf_status trn_onnx_read_reshape(struct trn_onnx_reader *r);
trnnsf_status trn_onnx_read_squeeze(struct trn_onnx_reader *r);
trnnsf_status trn_onnx_read_unsqueeze(struct trn_onnx_reader *r);
trnnsf_status trn_onnx_read_transpose(struct trn_onnx_reader *r);
trnnsf_status trn_onnx_read_same(struct trn_onnx_reader *r);

/* The activation of what `x` is, given as the node's output. */
trnnsf_status trn_onnx_activate(struct trn_onnx_reader *r, const struct trn_onnx_value *x,
                                uint32_t activation, double slope);

/* A window on one or two axes, height first; onnx_window.c */
struct trn_onnx_window {
    uint32_t kernel[2], stride[2], dilation[2], begin[2], end[2];
};

/* Reads kernel_shape, strides, dilations, pads, auto_pad of a window over `value`, whose own pads
 * are added; `kernel` (may be NULL): what kernel_shape has to be. */
trnnsf_status trn_onnx_read_window(const struct trn_onnx_reader *r,
                                   const struct trn_onnx_value *value, const size_t *kernel,
                                   struct trn_onnx_window *out);
void trn_onnx_set_window(const struct trn_onnx_window *window, struct trnnsf_node_options *options);

#endif
