/* Writing: each node of the network becomes one of the file, its activation another. */
#include <stdio.h>
#include <string.h>

#include "io/onnx_file.h"
#include "io/onnx_make.h"
#include "network/network.h"

/* The last opset whose Clip has its bounds as attributes, and the IR version that came with it:
 * runtimes such as OpenCV 4.6 want them so, and nothing that is written here came later. */
enum { OPSET = 10, IR_VERSION = 5 };

/* What a node of the network gives: its name in the file, and how many dimensions it has there. */
struct value {
    char *name;
    size_t rank;
};

struct writer {
    struct trn_onnx_maker maker;
    const struct trnnsf_network *network;
    size_t image_rank; /* 4; of sequences 3 */
    struct value *values;
};

static const struct trn_shape *shape_of(const struct writer *w, size_t node)
{
    return &w->network->graph.nodes[node].shape;
}

/* ---- shapes ---- */

/* No window is higher than 1, nor is any image. */
static bool is_sequence(const struct trn_graph *graph)
{
    bool windows = false;

    for (size_t i = 0; i < graph->n_nodes; i++) {
        const struct trnnsf_node_options *o = &graph->nodes[i].options;
        bool window = o->kind == TRNNSF_NODE_CONVOLUTION || o->kind == TRNNSF_NODE_MAX_POOL ||
                      o->kind == TRNNSF_NODE_MEAN_POOL;

        if (graph->nodes[i].shape.height != 1 ||
            (window && (o->kernel_height != 1 || o->pad_top + o->pad_bottom > 0)))
            return false;
        windows = windows || window;
    }
    return windows && graph->nodes[0].shape.width > 1;
}

/* Sides of a value of `rank` dimensions; the batch is 0, as Reshape has it. */
static void sides_of(const struct trn_shape *shape, size_t rank, size_t dims[4])
{
    dims[0] = 0;
    dims[1] = rank == 2 ? trn_shape_size(shape) : shape->channels;
    dims[2] = rank == 3 ? shape->width : shape->height;
    dims[3] = shape->width;
}

static char *reshape(struct writer *w, char *from, const char *label, size_t rank,
                     const struct trn_shape *shape)
{
    struct trn_onnx_maker *m = &w->maker;
    Onnx__NodeProto *node;
    char *name;
    size_t dims[4];

    sides_of(shape, rank, dims);
    if (rank == 2) {
        name = trn_onnx_name(m, "%s.flat", label);
        node = trn_onnx_make_node(m, "Flatten", name, 1);
        trn_onnx_put_input(node, from);
        trn_onnx_put_int(m, node, "axis", 1);
        return name;
    }

    const int64_t sides[4] = {0, (int64_t)dims[1], (int64_t)dims[2], (int64_t)dims[3]};

    name = trn_onnx_name(m, "%s.image", label);
    node = trn_onnx_make_node(m, "Reshape", name, 2);
    trn_onnx_put_input(node, from);
    trn_onnx_put_input(node,
                       trn_onnx_make_wholes(m, trn_onnx_name(m, "%s.shape", label), rank, sides));
    return name;
}

/* What node `at` reads from `input`, in as many dimensions as `rank`. */
static char *read_as(struct writer *w, size_t input, size_t rank, const char *label)
{
    const struct value *value = &w->values[input];

    return value->rank == rank ? value->name
                               : reshape(w, value->name, label, rank, shape_of(w, input));
}

/* ---- activations ---- */

static char *unary(struct writer *w, const char *type, char *from, const char *label,
                   const char *suffix)
{
    char *name = trn_onnx_name(&w->maker, "%s.%s", label, suffix);
    Onnx__NodeProto *node = trn_onnx_make_node(&w->maker, type, name, 3);

    trn_onnx_put_input(node, from);
    return name;
}

/* The node that was added last. */
static Onnx__NodeProto *last(struct writer *w)
{
    struct trn_onnx_maker *m = &w->maker;

    return m->status == TRNNSF_OK ? m->nodes[m->n_nodes - 1] : NULL;
}

static char *relu6(struct writer *w, char *from, const char *label)
{
    char *name = unary(w, "Clip", from, label, "relu6");

    trn_onnx_put_float(&w->maker, last(w), "min", 0.0f);
    trn_onnx_put_float(&w->maker, last(w), "max", 6.0f);
    return name;
}

/* The operator itself came with opset 14. */
static char *hard_swish(struct writer *w, char *from, const char *label)
{
    char *gate = unary(w, "HardSigmoid", from, label, "gate"), *name;

    trn_onnx_put_float(&w->maker, last(w), "alpha", 1.0f / 6.0f);
    trn_onnx_put_float(&w->maker, last(w), "beta", 0.5f);
    name = unary(w, "Mul", from, label, "hardswish");
    trn_onnx_put_input(last(w), gate);
    return name;
}

/* Up to opset 12 over all axes from this one on: all values, as ours. */
static char *softmax(struct writer *w, char *from, const char *label)
{
    char *name = unary(w, "Softmax", from, label, "softmax");

    trn_onnx_put_int(&w->maker, last(w), "axis", 1);
    return name;
}

static char *activate(struct writer *w, char *from, const char *label, uint32_t activation,
                      double slope)
{
    char *name;

    switch (activation) {
    case TRNNSF_ACTIVATION_RELU:
        return unary(w, "Relu", from, label, "relu");
    case TRNNSF_ACTIVATION_SIGMOID:
        return unary(w, "Sigmoid", from, label, "sigmoid");
    case TRNNSF_ACTIVATION_TANH:
        return unary(w, "Tanh", from, label, "tanh");
    case TRNNSF_ACTIVATION_SOFTMAX:
        return softmax(w, from, label);
    case TRNNSF_ACTIVATION_RELU6:
        return relu6(w, from, label);
    case TRNNSF_ACTIVATION_LEAKY_RELU:
        name = unary(w, "LeakyRelu", from, label, "leakyrelu");
        trn_onnx_put_float(&w->maker, last(w), "alpha", (float)slope);
        return name;
    case TRNNSF_ACTIVATION_HARD_SWISH:
        return hard_swish(w, from, label);
    default:
        return from;
    }
}

/* ---- nodes ---- */

static void put_layer(struct writer *w, Onnx__NodeProto *node, const char *label,
                      const struct trn_layer *layer, size_t rank, const size_t *dims)
{
    struct trn_onnx_maker *m = &w->maker;

    trn_onnx_put_input(node, trn_onnx_make_reals(m, trn_onnx_name(m, "%s.weight", label), rank,
                                                 dims, layer->weights));
    if (layer->biases)
        trn_onnx_put_input(node, trn_onnx_make_reals(m, trn_onnx_name(m, "%s.bias", label), 1,
                                                     &layer->n_out, layer->biases));
}

/* Gemm has to have biases before opset 11. */
static char *dense_without_biases(struct writer *w, char *from, char *label,
                                  const struct trn_layer *layer)
{
    struct trn_onnx_maker *m = &w->maker;
    float *transposed = trn_onnx_make(m, layer->n_in * layer->n_out, sizeof *transposed);
    Onnx__NodeProto *node = trn_onnx_make_node(m, "MatMul", label, 2);

    for (size_t j = 0; transposed && j < layer->n_in; j++) {
        for (size_t i = 0; i < layer->n_out; i++)
            transposed[j * layer->n_out + i] = layer->weights[i * layer->n_in + j];
    }
    trn_onnx_put_input(node, from);
    trn_onnx_put_input(node, trn_onnx_make_reals(m, trn_onnx_name(m, "%s.weight", label), 2,
                                                 (const size_t[2]){layer->n_in, layer->n_out},
                                                 transposed));
    return label;
}

static char *dense(struct writer *w, char *from, char *label, const struct trn_layer *layer)
{
    Onnx__NodeProto *node;

    if (!layer->biases)
        return dense_without_biases(w, from, label, layer);
    node = trn_onnx_make_node(&w->maker, "Gemm", label, 3);

    trn_onnx_put_input(node, from);
    put_layer(w, node, label, layer, 2, (const size_t[2]){layer->n_out, layer->n_in});
    trn_onnx_put_int(&w->maker, node, "transB", 1);
    return label;
}

/* On the axes there are: of a sequence the last alone. */
static void put_axes(struct writer *w, Onnx__NodeProto *node, const char *name, uint32_t vertical,
                     uint32_t horizontal)
{
    const int64_t values[2] = {vertical, horizontal};
    size_t n = w->image_rank - 2;

    trn_onnx_put_ints(&w->maker, node, name, n, values + 2 - n);
}

static void put_window(struct writer *w, Onnx__NodeProto *node, const struct trnnsf_node_options *o)
{
    const int64_t pads[4] = {o->pad_top, o->pad_left, o->pad_bottom, o->pad_right};
    const int64_t ends[2] = {o->pad_left, o->pad_right};

    if (o->dilation_height > 1 || o->dilation_width > 1)
        put_axes(w, node, "dilations", o->dilation_height, o->dilation_width);
    put_axes(w, node, "kernel_shape", o->kernel_height, o->kernel_width);
    if (w->image_rank == 4)
        trn_onnx_put_ints(&w->maker, node, "pads", 4, pads);
    else
        trn_onnx_put_ints(&w->maker, node, "pads", 2, ends);
    put_axes(w, node, "strides", o->stride_height, o->stride_width);
}

static char *convolution(struct writer *w, char *from, char *label, const struct trn_node *node,
                         const struct trn_layer *layer)
{
    const struct trnnsf_node_options *o = &node->options;
    Onnx__NodeProto *proto = trn_onnx_make_node(&w->maker, "Conv", label, 3);
    size_t rank = w->image_rank, pixels = (size_t)o->kernel_height * o->kernel_width;
    const size_t dims[4] = {layer->n_out, layer->n_in / pixels,
                            rank == 3 ? o->kernel_width : o->kernel_height, o->kernel_width};

    trn_onnx_put_input(proto, from);
    put_layer(w, proto, label, layer, rank, dims);
    put_window(w, proto, o);
    if (o->groups > 1)
        trn_onnx_put_int(&w->maker, proto, "group", o->groups);
    return label;
}

static bool has_pads(const struct trnnsf_node_options *o)
{
    return o->pad_top > 0 || o->pad_left > 0 || o->pad_bottom > 0 || o->pad_right > 0;
}

/* Zeros that count as values of means, moved out of *o. AveragePool has an attribute for it, which
 * runtimes such as OpenCV 4.6 do not heed. */
static char *pad(struct writer *w, char *from, const char *label, struct trnnsf_node_options *o)
{
    const int64_t pads[8] = {0, 0, o->pad_top, o->pad_left, 0, 0, o->pad_bottom, o->pad_right};
    const int64_t of_sequence[6] = {0, 0, o->pad_left, 0, 0, o->pad_right};
    char *name = unary(w, "Pad", from, label, "pad");

    trn_onnx_put_ints(&w->maker, last(w), "pads", 2 * w->image_rank,
                      w->image_rank == 4 ? pads : of_sequence);
    o->pad_top = o->pad_left = o->pad_bottom = o->pad_right = 0;
    return name;
}

static char *pool(struct writer *w, char *from, char *label, const struct trn_node *node)
{
    struct trnnsf_node_options options = node->options, *o = &options;
    const struct trn_shape *image = shape_of(w, node->inputs[0]);
    bool maximum = o->kind == TRNNSF_NODE_MAX_POOL;
    bool whole = o->kernel_height == image->height && o->kernel_width == image->width &&
                 !has_pads(o) && o->dilation_height == 1 && o->dilation_width == 1;
    const char *type = maximum ? whole ? "GlobalMaxPool" : "MaxPool"
                       : whole ? "GlobalAveragePool"
                               : "AveragePool";
    Onnx__NodeProto *proto;

    if (!maximum && o->count_pad && has_pads(o))
        from = pad(w, from, label, o);
    proto = trn_onnx_make_node(&w->maker, type, label, 1);
    trn_onnx_put_input(proto, from);
    if (!whole)
        put_window(w, proto, o);
    if (!maximum && (o->dilation_height > 1 || o->dilation_width > 1))
        w->maker.status = trn_fail(w->maker.ctx, TRNNSF_E_UNSUPPORTED,
                                   "'%s': means over dilated windows came with opset 19, not %d",
                                   label ? label : "", OPSET);
    return label;
}

static char *batch_norm(struct writer *w, char *from, char *label, const struct trn_node *node)
{
    static const char *const names[TRN_NORM_VALUES] = {"scale", "shift", "mean", "variance"};
    struct trn_onnx_maker *m = &w->maker;
    Onnx__NodeProto *proto = trn_onnx_make_node(m, "BatchNormalization", label, 5);

    trn_onnx_put_input(proto, from);
    for (size_t v = 0; v < TRN_NORM_VALUES; v++)
        trn_onnx_put_input(proto, trn_onnx_make_reals(m, trn_onnx_name(m, "%s.%s", label, names[v]),
                                                      1, &node->shape.channels, node->norm[v]));
    trn_onnx_put_float(m, proto, "epsilon", (float)node->options.epsilon);
    trn_onnx_put_float(m, proto, "momentum", (float)(1.0 - node->options.momentum));
    return label;
}

static char *join(struct writer *w, char *label, const struct trn_node *node, size_t rank)
{
    bool concat = node->options.kind == TRNNSF_NODE_CONCAT && node->n_inputs > 1;
    const char *type = concat                ? "Concat"
                       : node->n_inputs == 1 ? "Identity"
                       : node->n_inputs == 2 ? "Add"
                                             : "Sum";
    char part[64], **names = trn_onnx_make(&w->maker, node->n_inputs, sizeof *names);
    Onnx__NodeProto *proto;

    for (size_t i = 0; names && i < node->n_inputs; i++) {
        snprintf(part, sizeof part, "%s.%zu", label, i);
        names[i] = read_as(w, node->inputs[i], rank, part);
    }
    proto = trn_onnx_make_node(&w->maker, type, label, node->n_inputs);
    for (size_t i = 0; proto && i < node->n_inputs; i++)
        trn_onnx_put_input(proto, names[i]);
    if (concat)
        trn_onnx_put_int(&w->maker, proto, "axis", 1);
    return label;
}

/* ---- the network ---- */

static char *label_of(struct writer *w, uint32_t kind, size_t at)
{
    static const char *const labels[] = {"input", "dense", "conv",   "maxpool", "meanpool",
                                         "norm",  "add",   "concat", "reshape", "activation"};

    return trn_onnx_name(&w->maker, "%s%zu", labels[kind], at);
}

/* What the node computes, in as many dimensions as *rank says. */
static char *compute(struct writer *w, const struct trn_node *node, char *label, size_t *rank)
{
    size_t input = node->inputs[0];
    const struct trn_layer *layer =
        node->layer == TRN_NO_LAYER ? NULL : &w->network->layers[node->layer];

    *rank = w->image_rank;
    switch (node->options.kind) {
    case TRNNSF_NODE_DENSE:
        *rank = 2;
        return dense(w, read_as(w, input, 2, label), label, layer);
    case TRNNSF_NODE_CONVOLUTION:
        return convolution(w, read_as(w, input, *rank, label), label, node, layer);
    case TRNNSF_NODE_MAX_POOL:
    case TRNNSF_NODE_MEAN_POOL:
        return pool(w, read_as(w, input, *rank, label), label, node);
    case TRNNSF_NODE_RESHAPE:
        *rank = trn_shape_pixels(&node->shape) == 1 ? 2 : w->image_rank;
        return reshape(w, w->values[input].name, label, *rank, &node->shape);
    default:
        break;
    }
    *rank = w->values[input].rank;
    if (node->options.kind == TRNNSF_NODE_BATCH_NORM)
        return batch_norm(w, w->values[input].name, label, node);
    if (node->options.kind == TRNNSF_NODE_ACTIVATION)
        return w->values[input].name;
    return join(w, label, node, *rank);
}

static void write_node(struct writer *w, size_t at)
{
    const struct trn_node *node = &w->network->graph.nodes[at];
    uint32_t activation = node->options.activation;
    char *label = label_of(w, node->options.kind, at);
    struct value *value = &w->values[at];

    if (!label)
        return;
    /* What has no activation of its own still is a node. */
    value->name = compute(w, node, label, &value->rank);
    if (node->options.kind == TRNNSF_NODE_ACTIVATION && activation == TRNNSF_ACTIVATION_LINEAR)
        value->name = unary(w, "Identity", value->name, label, "same");
    value->name = activate(w, value->name, label, activation, node->options.slope);
}

static void write_chain(struct writer *w)
{
    const struct trnnsf_network *network = w->network;
    char *name = w->values[0].name;

    for (size_t l = 0; l < network->n_layers && w->maker.status == TRNNSF_OK; l++) {
        char *label = label_of(w, TRNNSF_NODE_DENSE, l + 1);

        name = dense(w, name, label, &network->layers[l]);
        name = activate(w, name, label, network->layers[l].activation, 0.01);
    }
}

/* The messages around the nodes, which are all there. */
static trnnsf_status pack(struct writer *w, Onnx__ValueInfoProto *input,
                          Onnx__ValueInfoProto *output, uint8_t **out_bytes, size_t *out_size)
{
    Onnx__ModelProto model = ONNX__MODEL_PROTO__INIT;
    Onnx__GraphProto graph = ONNX__GRAPH_PROTO__INIT;
    Onnx__OperatorSetIdProto set = ONNX__OPERATOR_SET_ID_PROTO__INIT, *sets = &set;

    set.domain = (char *)"";
    set.has_version = 1;
    set.version = OPSET;
    graph.name = (char *)"network";
    graph.n_node = w->maker.n_nodes;
    graph.node = w->maker.nodes;
    graph.n_initializer = w->maker.n_tensors;
    graph.initializer = w->maker.tensors;
    graph.n_input = graph.n_output = 1;
    graph.input = &input;
    graph.output = &output;
    model.has_ir_version = 1;
    model.ir_version = IR_VERSION;
    model.producer_name = (char *)"libtrnnsf";
    model.n_opset_import = 1;
    model.opset_import = &sets;
    model.graph = &graph;
    return trn_onnx_pack(w->maker.ctx, &model, out_bytes, out_size);
}

static trnnsf_status write_network(struct writer *w, uint8_t **out_bytes, size_t *out_size)
{
    const struct trnnsf_network *network = w->network;
    const struct trn_graph *graph = &network->graph;
    bool chain = trn_network_is_chain(network);
    struct trn_shape in = {trn_network_inputs(network), 1, 1};
    struct trn_shape out = {trn_network_outputs(network), 1, 1};
    size_t n_values = chain ? 1 : graph->n_nodes, out_rank = 2, in_dims[4], out_dims[4];
    Onnx__ValueInfoProto *input, *output;

    w->values = trn_onnx_make(&w->maker, n_values, sizeof *w->values);
    if (!w->values)
        return w->maker.status;
    if (!chain)
        in = graph->nodes[0].shape;
    w->image_rank = !chain && is_sequence(graph) ? 3 : 4;
    w->values[0] = (struct value){(char *)"input", trn_shape_pixels(&in) == 1 ? 2 : w->image_rank};
    if (chain)
        write_chain(w);
    for (size_t i = 1; !chain && i < graph->n_nodes && w->maker.status == TRNNSF_OK; i++)
        write_node(w, i);
    if (w->maker.status != TRNNSF_OK)
        return w->maker.status;
    if (!chain) {
        out = graph->nodes[graph->n_nodes - 1].shape;
        out_rank = w->values[graph->n_nodes - 1].rank;
    }
    last(w)->output[0] = (char *)"output";
    sides_of(&in, w->values[0].rank, in_dims);
    sides_of(&out, out_rank, out_dims);
    input = trn_onnx_make_info(&w->maker, (char *)"input", w->values[0].rank, in_dims);
    output = trn_onnx_make_info(&w->maker, (char *)"output", out_rank, out_dims);
    if (w->maker.status != TRNNSF_OK)
        return w->maker.status;
    return pack(w, input, output, out_bytes, out_size);
}

trnnsf_status trn_onnx_format(trnnsf_context *ctx, const struct trnnsf_network *network,
                              uint8_t **out_bytes, size_t *out_size)
{
    struct writer writer = {.maker = {.ctx = ctx}, .network = network};
    trnnsf_status status = write_network(&writer, out_bytes, out_size);

    trn_onnx_maker_clear(&writer.maker);
    return status;
}
