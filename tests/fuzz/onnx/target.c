/* ONNX files. What is read can be run, and written and read again to the same outputs. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../fuzz.h"
#include "base/alloc.h"
#include "io/onnx_file.h"
#include "network/network.h"

enum { SIDE_MAX = 4096, WORK_MAX = 1 << 22 };

static void expect(int holds)
{
    if (!holds)
        abort();
}

/* Small enough to be run a thousand times. */
static int is_small(const trnnsf_network *network)
{
    size_t work = trn_network_widest(network);

    for (size_t i = 0; i < network->graph.n_nodes; i++) {
        const struct trn_node *node = &network->graph.nodes[i];
        size_t fan_in = node->layer == TRN_NO_LAYER ? 1 : network->layers[node->layer].n_in;
        size_t window = (size_t)node->options.kernel_height * node->options.kernel_width;

        work += trn_shape_size(&node->shape) * (fan_in > window ? fan_in : window);
        if (work > WORK_MAX)
            return 0;
    }
    return trn_network_inputs(network) <= SIDE_MAX && trn_network_outputs(network) <= SIDE_MAX;
}

static trnnsf_status run(trnnsf_context *ctx, const trnnsf_network *network, float *outputs)
{
    static float inputs[SIDE_MAX];

    for (int i = 0; i < SIDE_MAX; i++)
        inputs[i] = (float)(i % 5) / 2 - 1;
    return trnnsf_network_forward(ctx, network, 1, inputs, outputs);
}

static int same(float a, float b)
{
    return !isfinite(a) || !isfinite(b) || fabsf(a) > 1e30f ||
           fabsf(a - b) <= 1e-4f * (1.0f + fabsf(a));
}

static trnnsf_status write_and_read(trnnsf_context *ctx, const trnnsf_network *network)
{
    static const struct trnnsf_onnx_options options = TRNNSF_ONNX_OPTIONS_INIT;
    static float before[SIDE_MAX], after[SIDE_MAX];
    trnnsf_network *again = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;
    trnnsf_status status = run(ctx, network, before);

    if (status == TRNNSF_OK)
        status = trn_onnx_format(ctx, network, &bytes, &size);
    if (status == TRNNSF_OK) {
        status = trn_onnx_parse(ctx, NULL, bytes, size, &options, &again);
        expect(status == TRNNSF_OK || status == TRNNSF_E_NO_MEMORY);
    }
    if (status == TRNNSF_OK)
        status = run(ctx, again, after);
    for (size_t i = 0; status == TRNNSF_OK && i < trn_network_outputs(network); i++)
        expect(same(before[i], after[i]));
    trnnsf_network_free(again);
    trn_free(ctx, bytes);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct trnnsf_onnx_options options = TRNNSF_ONNX_OPTIONS_INIT;
    trnnsf_context *ctx = fuzz_begin(data, size);
    trnnsf_network *network = NULL;
    trnnsf_status status;

    options.mask_zeros = size % 2;
    status = trn_onnx_parse(ctx, NULL, data, size, &options, &network);
    expect((status == TRNNSF_OK) == (network != NULL));
    if (network && is_small(network))
        status = write_and_read(ctx, network);
    trnnsf_network_free(network);
    fuzz_end(ctx, status);
    return 0;
}
