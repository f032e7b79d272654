/* The network of network/v1.safetensors, saved anew: save-sample PATH; of
 * network/v1-device.safetensors, which has levels and converters: save-sample PATH device; and
 * network/v1-graph.safetensors, with a convolution and a batch norm: save-sample PATH graph; and of
 * that one mapping/v2.safetensors, whose windows have two places: save-sample PATH mapping. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <trnnsf/dataset.h>
#include <trnnsf/graph.h>
#include <trnnsf/mapping.h>

enum { INPUTS = 6, HIDDEN = 4, OUTPUTS = 3 };

static trnnsf_status fill(trnnsf_context *ctx, trnnsf_network *network)
{
    static const float biases[2][HIDDEN] = {{0.5f, -0.5f, 0.25f, 0}, {1, 2, 3, 0}};
    static const size_t output_start[3] = {0, 2, 3}, input_start[3] = {0, 3, 4};
    static const uint32_t output[3] = {0, 2, 3}, input[4] = {1, 2, 4, 5};
    float first[INPUTS * HIDDEN], second[HIDDEN * OUTPUTS];
    uint8_t mask[INPUTS * HIDDEN];
    trnnsf_clusters *clusters = NULL;
    trnnsf_status status;

    for (int i = 0; i < INPUTS * HIDDEN; i++) {
        first[i] = (float)i / 8;
        mask[i] = i % 5 != 0;
    }
    for (int i = 0; i < HIDDEN * OUTPUTS; i++)
        second[i] = -(float)i / 4;
    if ((status = trnnsf_network_set_weights(ctx, network, 0, first)) ||
        (status = trnnsf_network_set_weights(ctx, network, 1, second)) ||
        (status = trnnsf_network_set_biases(ctx, network, 0, biases[0])) ||
        (status = trnnsf_network_set_biases(ctx, network, 1, biases[1])) ||
        (status = trnnsf_network_set_mask(ctx, network, 0, mask)) ||
        (status = trnnsf_clusters_create(ctx, HIDDEN, INPUTS, 2, output_start, output, input_start,
                                         input, &clusters)))
        return status;
    status = trnnsf_network_set_clusters(ctx, network, 0, clusters);
    trnnsf_clusters_free(clusters);
    return status;
}

/* 7 levels, converters of 4 bits. */
static trnnsf_status quantise(trnnsf_context *ctx, trnnsf_network *network)
{
    static const float inputs[2][INPUTS] = {{0, 0.5f, 1, 0, 0, 0.25f}, {1, 1, 0, 0, 0.75f, 0}};
    static const uint32_t labels[2] = {0, 1};
    struct trnnsf_quantise_options options = TRNNSF_QUANTISE_OPTIONS_INIT;
    trnnsf_dataset *dataset = NULL;
    trnnsf_status status;

    options.weight_levels = 7;
    options.activation_bits = 4;
    if ((status = trnnsf_dataset_create(ctx, 1, 1, INPUTS, OUTPUTS, &dataset)))
        return status;
    status = trnnsf_dataset_set(ctx, dataset, TRNNSF_PART_TRAIN, 2, inputs[0], labels);
    if (status == TRNNSF_OK)
        status = trnnsf_network_quantise(ctx, network, dataset, &options);
    trnnsf_dataset_free(dataset);
    return status;
}

static trnnsf_status add(trnnsf_context *ctx, trnnsf_graph *graph, uint32_t kind, uint32_t outputs,
                         const uint32_t *inputs, size_t n_inputs, uint32_t *out_node)
{
    struct trnnsf_node_options o = TRNNSF_NODE_OPTIONS_INIT;

    o.kind = kind;
    o.outputs = outputs;
    o.kernel_height = o.kernel_width = 2;
    o.activation = kind == TRNNSF_NODE_DENSE        ? TRNNSF_ACTIVATION_SOFTMAX
                   : kind == TRNNSF_NODE_BATCH_NORM ? TRNNSF_ACTIVATION_RELU
                                                    : TRNNSF_ACTIVATION_LINEAR;
    return trnnsf_graph_add(ctx, graph, inputs, n_inputs, &o, out_node);
}

/* 1 x 2 x 3: a convolution of 2 x 2, a batch norm, the sum of both, 3 classes. */
static trnnsf_status make_graph(trnnsf_context *ctx, trnnsf_network **out)
{
    static const float kernel[8] = {1, 0, -1, 0.5f, 2, -2, 0.25f, 0}, mean[2] = {0.5f, -0.5f};
    float classes[12];
    trnnsf_graph *graph = NULL;
    uint32_t last[2] = {0, 0}, sum[2];
    trnnsf_status status;

    for (int i = 0; i < 12; i++)
        classes[i] = (float)i / 4 - 1;
    if ((status = trnnsf_graph_create(ctx, 1, 2, 3, &graph)))
        return status;
    if ((status = add(ctx, graph, TRNNSF_NODE_CONVOLUTION, 2, last, 1, &last[0])) == TRNNSF_OK &&
        (status = add(ctx, graph, TRNNSF_NODE_BATCH_NORM, 0, last, 1, &last[1])) == TRNNSF_OK &&
        (status = add(ctx, graph, TRNNSF_NODE_ADD, 0, last, 2, &sum[0])) == TRNNSF_OK &&
        (status = add(ctx, graph, TRNNSF_NODE_DENSE, OUTPUTS, sum, 1, &sum[1])) == TRNNSF_OK &&
        (status = trnnsf_network_build(ctx, graph, NULL, out)) == TRNNSF_OK &&
        (status = trnnsf_network_set_weights(ctx, *out, 0, kernel)) == TRNNSF_OK &&
        (status = trnnsf_network_set_weights(ctx, *out, 1, classes)) == TRNNSF_OK)
        status = trnnsf_network_set_norm(ctx, *out, last[1], TRNNSF_NORM_MEAN, mean);
    trnnsf_graph_free(graph);
    return status;
}

static trnnsf_status make_chain(trnnsf_context *ctx, bool device, trnnsf_network **out)
{
    static const size_t sizes[3] = {INPUTS, HIDDEN, OUTPUTS};
    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;
    trnnsf_status status;

    options.bias = 1;
    options.hidden_activation = TRNNSF_ACTIVATION_TANH;
    options.output_activation = TRNNSF_ACTIVATION_SOFTMAX;
    status = trnnsf_network_create(ctx, sizes, 3, &options, out);
    if (status == TRNNSF_OK)
        status = fill(ctx, *out);
    return status == TRNNSF_OK && device ? quantise(ctx, *out) : status;
}

/* Mapped onto crossbars of 4 inputs x 3 outputs. */
static trnnsf_status save_mapping(trnnsf_context *ctx, const trnnsf_network *network,
                                  const char *path)
{
    struct trnnsf_map_options options = TRNNSF_MAP_OPTIONS_INIT;
    trnnsf_tech *preset = NULL, *tech = NULL;
    trnnsf_mapping *mapping = NULL;
    trnnsf_status status = trnnsf_tech_preset(ctx, "resparc-45nm", &preset);

    options.rule = TRNNSF_MAP_TILES;
    options.scheme = TRNNSF_MAP_DUPLICATED;
    options.window_height = 1;
    options.window_width = 2;
    if (status == TRNNSF_OK)
        status = trnnsf_tech_with_shapes(ctx, preset, "4x3", &tech);
    if (status == TRNNSF_OK)
        status = trnnsf_mapping_create(ctx, network, tech, &options, &mapping);
    if (status == TRNNSF_OK)
        status = trnnsf_mapping_save(ctx, mapping, path);
    trnnsf_mapping_free(mapping);
    trnnsf_tech_free(tech);
    trnnsf_tech_free(preset);
    return status;
}

int main(int argc, char **argv)
{
    const char *kind = argc > 2 ? argv[2] : "";
    trnnsf_network *network = NULL;
    trnnsf_context *ctx = NULL;
    trnnsf_status status;

    if (argc < 2 || trnnsf_context_create(NULL, &ctx) != TRNNSF_OK)
        return EXIT_FAILURE;

    bool mapped = strcmp(kind, "mapping") == 0;
    status = mapped || strcmp(kind, "graph") == 0
                 ? make_graph(ctx, &network)
                 : make_chain(ctx, strcmp(kind, "device") == 0, &network);
    if (status == TRNNSF_OK)
        status = mapped ? save_mapping(ctx, network, argv[1])
                        : trnnsf_network_save(ctx, network, argv[1]);
    if (status != TRNNSF_OK)
        fprintf(stderr, "%s\n", trnnsf_context_error(ctx));
    trnnsf_network_free(network);
    trnnsf_context_free(ctx);
    return status == TRNNSF_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
