#include "map/convolution_scenes.h"

#include <check.h>
#include <stdlib.h>

trnnsf_network *network_of(struct image image, const struct trnnsf_node_options *convolution)
{
    struct trnnsf_node_options dense = TRNNSF_NODE_OPTIONS_INIT;
    trnnsf_graph *graph;
    trnnsf_network *network;
    uint32_t last = 0;

    dense.kind = TRNNSF_NODE_DENSE;
    dense.outputs = 3;
    ck_assert_int_eq(trnnsf_graph_create(ctx, image.channels, image.height, image.width, &graph),
                     TRNNSF_OK);
    ck_assert_msg(trnnsf_graph_add(ctx, graph, &last, 1, convolution, &last) == TRNNSF_OK, "%s",
                  trnnsf_context_error(ctx));
    ck_assert_int_eq(trnnsf_graph_add(ctx, graph, &last, 1, &dense, &last), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_build(ctx, graph, NULL, &network), TRNNSF_OK);
    trnnsf_graph_free(graph);
    return network;
}

void prune_layer(struct trn_random *random, trnnsf_network *network, size_t layer, double density)
{
    size_t n = trnnsf_network_inputs(network, layer) * trnnsf_network_outputs(network, layer);
    uint8_t *mask = malloc(n);
    float *weights = malloc(n * sizeof *weights);

    for (size_t i = 0; i < n; i++) {
        mask[i] = trn_random_double(random) < density;
        weights[i] =
            (trn_random_below(random, 2) ? 1.0f : -1.0f) * (0.1f + trn_random_float(random));
    }
    if (density < 1)
        ck_assert_int_eq(trnnsf_network_set_mask(ctx, network, layer, mask), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_set_weights(ctx, network, layer, weights), TRNNSF_OK);
    free(mask);
    free(weights);
}

static uint32_t draw(struct trn_random *random, uint32_t least, uint32_t most)
{
    return least + trn_random_below(random, most - least + 1);
}

trnnsf_network *draw_convolution(struct trn_random *random, bool masked)
{
    struct trnnsf_node_options o = TRNNSF_NODE_OPTIONS_INIT;
    struct image image = {1, draw(random, 1, 7), draw(random, 3, 8)};

    o.kind = TRNNSF_NODE_CONVOLUTION;
    o.groups = draw(random, 0, 2) ? 1 : draw(random, 2, 4);
    image.channels = o.groups * draw(random, 1, 3);
    o.outputs = o.groups * draw(random, 1, 3);
    o.kernel_height = draw(random, 1, 3);
    o.kernel_width = draw(random, 1, 3);
    o.stride_height = draw(random, 1, 3);
    o.stride_width = draw(random, 1, 2);
    o.dilation_height = draw(random, 1, 2);
    o.dilation_width = draw(random, 1, 3);
    o.pad_top = draw(random, 0, 2);
    o.pad_left = draw(random, 0, 3);
    o.pad_bottom = draw(random, 4, 5); /* so that every kernel fits */
    o.pad_right = draw(random, 4, 5);

    trnnsf_network *network = network_of(image, &o);
    prune_layer(random, network, 0, masked ? 0.4 : 1);
    prune_layer(random, network, 1, masked ? 0.7 : 1);
    return network;
}

trnnsf_mapping *map_by_scheme(const trnnsf_network *network, const trnnsf_tech *tech, uint32_t rule,
                              uint32_t scheme, uint32_t height, uint32_t width)
{
    struct trnnsf_map_options options = TRNNSF_MAP_OPTIONS_INIT;
    trnnsf_mapping *mapping = NULL;

    options.rule = rule;
    options.scheme = scheme;
    options.window_height = height;
    options.window_width = width;
    ck_assert_msg(trnnsf_mapping_create(ctx, network, tech, &options, &mapping) == TRNNSF_OK, "%s",
                  trnnsf_context_error(ctx));
    return mapping;
}

struct trnnsf_mapped_layer mapped_layer(const trnnsf_mapping *mapping, size_t layer)
{
    struct trnnsf_mapped_layer mapped = {.struct_size = sizeof mapped};

    ck_assert_int_eq(trnnsf_mapping_layer(ctx, mapping, layer, &mapped), TRNNSF_OK);
    return mapped;
}

struct trnnsf_crossbar_counts count_layer(const trnnsf_mapping *mapping, size_t layer)
{
    struct trnnsf_crossbar_counts counts = {.struct_size = sizeof counts};

    ck_assert_int_eq(trnnsf_mapping_counts(ctx, mapping, layer, &counts), TRNNSF_OK);
    return counts;
}
