/** \file graph.h
 * Networks as directed acyclic graphs of nodes: convolutions, pooling, batch norm, sums, joins. A
 * graph is put together node by node and becomes a trnnsf_network, whose layers are the graph's
 * matrices, fully connected ones and convolutions, in order: a convolution's matrix is [output channels x
 * (input channels / groups) kernel_height kernel_width], its columns in the order channel, kernel
 * row, kernel column. What prunes, clusters and packs a network's layers does the same to these.
 *
 * Values are images [channels x height x width]; what is no image has height and width 1. A sample
 * of a dataset is the input's image, channel after channel, row after row.
 *
 * Calls return TRNNSF_E_INVALID where a pointer that must be given is NULL or an option is out of its
 * range, and TRNNSF_E_NO_MEMORY where memory is short; what they change is then as before. A graph belongs
 * to the context that made it and is used by one thread at a time.
 */
#ifndef TRNNSF_GRAPH_H
#define TRNNSF_GRAPH_H

#include <trnnsf/network.h>

TRNNSF_BEGIN_DECLS

/** A network while it is put together. */
typedef struct trnnsf_graph trnnsf_graph;

/** What a node computes. */
enum trnnsf_node_kind {
    TRNNSF_NODE_INPUT = 0,       /**< node 0 of each graph; made with it */
    TRNNSF_NODE_DENSE = 1,       /**< W x + b, of all values of its input */
    TRNNSF_NODE_CONVOLUTION = 2, /**< cross-correlation, as frameworks mean it; zeros around */
    TRNNSF_NODE_MAX_POOL = 3,    /**< the largest value in the window, padding apart */
    TRNNSF_NODE_MEAN_POOL = 4,   /**< the mean of the window's values, padding apart */
    TRNNSF_NODE_BATCH_NORM = 5,  /**< (x - mean) / sqrt(variance + epsilon) scale + shift, a channel
                                      each; mean and variance of the batch in training, running ones else */
    TRNNSF_NODE_ADD = 6,         /**< sum of inputs of one shape */
    TRNNSF_NODE_CONCAT = 7,      /**< inputs of one height and width, channel after channel */
    TRNNSF_NODE_RESHAPE = 8,     /**< the same values as another image */
    TRNNSF_NODE_ACTIVATION = 9   /**< its activation alone */
};

/** Activations of nodes beyond those of enum trnnsf_activation. */
enum trnnsf_node_activation {
    TRNNSF_ACTIVATION_RELU6 = 5,      /**< min(max(z, 0), 6) */
    TRNNSF_ACTIVATION_LEAKY_RELU = 6, /**< z where above 0, slope z else */
    TRNNSF_ACTIVATION_HARD_SWISH = 7  /**< z min(max(z + 3, 0), 6) / 6; of nodes ACTIVATION alone.
                                           Source: Howard et al. 2019, section 5.2 */
};

/** A node. What its kind has no use for is ignored. */
struct trnnsf_node_options {
    size_t struct_size;
    uint32_t kind;       /**< enum trnnsf_node_kind; not INPUT */
    uint32_t activation; /**< of what it computes; SOFTMAX: the last node's alone. Default LINEAR */
    uint32_t bias;       /**< 1: DENSE and CONVOLUTION have biases, one an output channel; default 1 */
    uint32_t outputs;    /**< neurons of DENSE, channels of CONVOLUTION, channels of RESHAPE (0: all
                              values become channels); 1 … 2^24 */
    uint32_t height;     /**< of RESHAPE; default 1 */
    uint32_t width;      /**< of RESHAPE; default 1 */
    uint32_t kernel_height; /**< of windows; 1 … 65535; pools: 0, with kernel_width 0, for the whole
                                 image. Default 1 */
    uint32_t kernel_width;
    uint32_t stride_height;   /**< 1 … 65535, default 1 */
    uint32_t stride_width;
    uint32_t dilation_height; /**< 1 … 65535, default 1 */
    uint32_t dilation_width;
    uint32_t pad_top; /**< 0 … 65535, default 0; of pools below the kernel's extent */
    uint32_t pad_left;
    uint32_t pad_bottom;
    uint32_t pad_right;
    uint32_t groups;    /**< of CONVOLUTION; divides input and output channels; default 1 */
    uint32_t count_pad; /**< 1: padding counts as values of MEAN_POOL; default 0 */
    double slope;       /**< of LEAKY_RELU; 0 … 10, default 0.01 */
    double epsilon;     /**< of BATCH_NORM; 1e-12 … 1, default 1e-5 */
    double momentum;    /**< of BATCH_NORM: share of a new batch in the running values; 0 … 1, default 0.1 */
    double dropout;     /**< share of the node's values dropped in training; [0, 1), default 0 */
};
#define TRNNSF_NODE_OPTIONS_INIT                                                                   \
    {                                                                                              \
        sizeof(struct trnnsf_node_options), 1, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 0,  \
            0.01, 1e-5, 0.1, 0.0                                                                   \
    }
/** Fills `options` with the defaults; NULL is fine. Any thread. Since 0.1. */
TRNNSF_API void trnnsf_node_options_init(struct trnnsf_node_options *options);

/** Begins a graph with its input, node 0.
 * \param channels, height, width of a sample; each 1 … 2^24, their product at most 2^24
 * \param out_graph the caller's; free with trnnsf_graph_free(). Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_graph_create(trnnsf_context *context, size_t channels,
                                             size_t height, size_t width, trnnsf_graph **out_graph);
/** Frees a graph; NULL is fine. Since 0.1. */
TRNNSF_API void trnnsf_graph_free(trnnsf_graph *graph);
/** Adds a node that reads earlier ones.
 * \param inputs [n_inputs] of their numbers
 * \param n_inputs 1; of ADD and CONCAT 1 … 1024
 * \param options the kind and what belongs to it; not NULL
 * \param out_node its number: 1, 2, 3, …
 * TRNNSF_E_MISMATCH: shapes that do not go together, a window larger than the padded image, groups
 * that do not divide, a graph of another context; TRNNSF_E_LIMIT: more than 2^24 values of the node, 2^28 weights or 4096 nodes. The
 * text names the node. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_graph_add(trnnsf_context *context, trnnsf_graph *graph,
                                          const uint32_t *inputs, size_t n_inputs,
                                          const struct trnnsf_node_options *options,
                                          uint32_t *out_node);
/** Nodes so far, the input included; 0 for NULL. Since 0.1. */
TRNNSF_API size_t trnnsf_graph_nodes(const trnnsf_graph *graph);
/** Channels, height and width of what a node computes, each of which may be NULL where it is not wanted.
 * TRNNSF_E_INVALID: no such node. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_graph_shape(trnnsf_context *context, const trnnsf_graph *graph,
                                            uint32_t node, size_t *out_channels, size_t *out_height,
                                            size_t *out_width);

/** Puts a graph together from text in the papers' notation, such as 12c5-2s-64c5-2s-1200-1200-10: layers
 * parted by "-", each fed by the one before it, with options after ":".
 *
 *     12c5    convolution: 12 channels, a kernel of 5 x 5 (12c5x3: 5 high, 3 wide), no padding
 *     2s      mean pooling by 2 (2x1s: by 2 in height alone); s: mean of the whole image
 *     2m      likewise maximum pooling; m: maximum of the whole image
 *     1200    fully connected, of all values before it
 *
 *     same             of convolutions and pools: padding so that there are ceil(pixels / stride) places on
 *                      each side; an odd zero is below or right
 *     padP, strideS, dilateD    likewise (padPxQ: P in height, Q in width). Strides of pools are their window's
 *                      otherwise, others 1
 *     groupsG, depthwise        of convolutions; depthwise: as many groups as channels are read
 *     norm             of convolutions and fully connected layers: a batch norm before the activation
 *     bias, nobias     likewise
 *     dropR            dropout of the layer's values in training, [0, 1)
 *     linear, relu, relu6, leaky, sigmoid, tanh, swish (hard), softmax    its activation
 *
 * Where a layer does not say, its activation is output_activation of the last one, linear of other pools, and
 * hidden_activation of the rest; biases are as `bias` says, and none before a batch norm. Pools being means
 * and convolutions unpadded where nothing is said, the text above is the CNN of the papers' code.
 * \param text not NULL
 * \param channels, height, width of a sample, as of trnnsf_graph_create()
 * \param options hidden_activation, output_activation and bias; others count in
 *        trnnsf_network_build(). NULL: the defaults
 * \param out_graph the caller's; free with trnnsf_graph_free()
 * TRNNSF_E_INVALID: what is no such text, an option out of its range; TRNNSF_E_MISMATCH and
 * TRNNSF_E_LIMIT as of trnnsf_graph_add(). The error text names the character. Source: Ankit et al., TCAD
 * 2020, and the DeepLearnToolbox (cnnff.m: convolutions "valid", pools means); options: chosen here.
 * Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_graph_parse(trnnsf_context *context, const char *text,
                                            size_t channels, size_t height, size_t width,
                                            const struct trnnsf_network_options *options,
                                            trnnsf_graph **out_graph);

/** Makes a network of a graph, which is copied. Its last node is the network's output.
 * \param options of the initial weights: init, init_scale, seed; others are the nodes' own. NULL:
 *        the defaults. A convolution's fan-in, n_in of enum trnnsf_init, is its matrix's columns.
 * \param out_network the caller's; free with trnnsf_network_free().
 * TRNNSF_E_STATE: no layer of weights, or a node that no other reads and that is not the last (named);
 * TRNNSF_E_LIMIT: more than 1024 layers. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_network_build(trnnsf_context *context, const trnnsf_graph *graph,
                                              const struct trnnsf_network_options *options,
                                              trnnsf_network **out_network);
/** Nodes of a network, the input included; 0 for one that is a chain of fully connected layers,
 * made by trnnsf_network_create(), and for NULL. Since 0.1. */
TRNNSF_API size_t trnnsf_network_nodes(const trnnsf_network *network);
/** A node's options. \param out_options its struct_size is set by the caller; filled as far as that
 * reaches. TRNNSF_E_INVALID: no such node. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_network_node(trnnsf_context *context, const trnnsf_network *network,
                                             uint32_t node,
                                             struct trnnsf_node_options *out_options);
/** The nodes that a node reads, their number in *out_count (may be NULL); belongs to the network.
 * NULL for no such node and the input, *out_count then 0. Since 0.1. */
TRNNSF_API const uint32_t *trnnsf_network_node_inputs(const trnnsf_network *network, uint32_t node,
                                                      size_t *out_count);
/** The node that a layer of weights belongs to; UINT32_MAX for none. Since 0.1. */
TRNNSF_API uint32_t trnnsf_network_layer_node(const trnnsf_network *network, size_t layer);

/** Nodes of a kind, an enum trnnsf_node_kind; 0 for chains and NULL. Since 0.1. */
TRNNSF_API size_t trnnsf_network_count_nodes(const trnnsf_network *network, uint32_t kind);

/** Copies a network with what inference can do without folded away: its outputs are the same but for
 * rounding, 1e-5 of their largest.
 *
 * A batch norm, factor x + offset in each channel with the running values, becomes part of the layer that
 * it alone reads (weights times factor, biases times factor plus offset), or else of the layer that
 * alone reads it (weights times the factor of their channel, biases plus weights times offset), in
 * double precision. The layer in front must have no activation, the one behind no padding, as a zero
 * around the image is none after the batch norm. Batch norms that stand elsewhere (behind a sum, a pool, a
 * join, in front of padding) stay, and so do those of layers that a device's levels or converters are set
 * for: trnnsf_network_count_nodes() of BATCH_NORM tells how many. An activation of its own goes to
 * the node that it alone reads (not hard swish). Nodes that compute nothing go: activations of LINEAR, ADD
 * and CONCAT of one input, RESHAPE to the same shape or read by fully connected layers alone; dropout of a
 * node that goes is lost. Layers keep number, masks and clusters; pruned weights stay exactly 0.
 *
 * A graph of which at most 63 fully connected layers remain, one after the other, with
 * activations of enum trnnsf_activation, becomes a chain as trnnsf_network_create() makes them, so that
 * whatever takes chains takes it. A chain is copied.
 *
 * \param out_network the caller's; free with trnnsf_network_free().
 * TRNNSF_E_INVALID: a NULL argument; TRNNSF_E_NUMERIC: a folded weight is not finite (the text names the
 * node); TRNNSF_E_NO_MEMORY. Source: the usual algebra, for example B. Jacob et al., "Quantization and
 * training of neural networks for efficient integer-arithmetic-only inference", CVPR 2018, section 3.2.
 * Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_network_fold(trnnsf_context *context, const trnnsf_network *network,
                                             trnnsf_network **out_network);

/** What a batch norm holds for each channel. */
enum trnnsf_norm_value {
    TRNNSF_NORM_SCALE = 0,   /**< at first 1 */
    TRNNSF_NORM_SHIFT = 1,   /**< at first 0 */
    TRNNSF_NORM_MEAN = 2,    /**< running; at first 0 */
    TRNNSF_NORM_VARIANCE = 3 /**< running; at first 1; not below 0 */
};
/** One of a batch norm's vectors [channels of the node]; belongs to the network; NULL where the node is no
 * batch norm or `value` no enum trnnsf_norm_value. Since 0.1. */
TRNNSF_API const float *trnnsf_network_norm(const trnnsf_network *network, uint32_t node,
                                            uint32_t value);
/** Sets it. \param values [channels of the node], finite, of VARIANCE not below 0; copied.
 * Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_network_set_norm(trnnsf_context *context, trnnsf_network *network,
                                                 uint32_t node, uint32_t value,
                                                 const float *values);

TRNNSF_END_DECLS

#endif
