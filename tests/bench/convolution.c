/* Seconds of epochs of a VGG-8-like network on random images of 3 x 32 x 32, one a line: the half of
 * convolution_torch.py that is ours. 64-64-P-128-128-P-256-256-P-10 times WIDTH / 64, 3 x 3 with batch
 * norms, Adam, batch 64.
 *
 *     bench-convolution threads batches epochs [WIDTH]
 */
#include "clock.h"
#include "random_samples.h"

enum { BATCH = 64 };

static void add(trnnsf_graph *graph, uint32_t *last, struct trnnsf_node_options options)
{
    check(trnnsf_graph_add(ctx, graph, last, 1, &options, last));
}

static void add_convolution(trnnsf_graph *graph, uint32_t *last, uint32_t channels)
{
    struct trnnsf_node_options o = TRNNSF_NODE_OPTIONS_INIT;

    o.kind = TRNNSF_NODE_CONVOLUTION;
    o.outputs = channels;
    o.bias = 0;
    o.kernel_height = o.kernel_width = 3;
    o.pad_top = o.pad_left = o.pad_bottom = o.pad_right = 1;
    add(graph, last, o);
    trnnsf_node_options_init(&o);
    o.kind = TRNNSF_NODE_BATCH_NORM;
    o.activation = TRNNSF_ACTIVATION_RELU;
    add(graph, last, o);
}

static trnnsf_network *make_network(uint32_t width)
{
    struct trnnsf_node_options pool = TRNNSF_NODE_OPTIONS_INIT, dense = TRNNSF_NODE_OPTIONS_INIT;
    trnnsf_graph *graph;
    trnnsf_network *network;
    uint32_t last = 0;

    pool.kind = TRNNSF_NODE_MAX_POOL;
    pool.kernel_height = pool.kernel_width = pool.stride_height = pool.stride_width = 2;
    dense.kind = TRNNSF_NODE_DENSE;
    dense.outputs = CLASSES;
    dense.activation = TRNNSF_ACTIVATION_SOFTMAX;
    check(trnnsf_graph_create(ctx, 3, 32, 32, &graph));
    for (uint32_t stage = 0; stage < 3; stage++) {
        add_convolution(graph, &last, width << stage);
        add_convolution(graph, &last, width << stage);
        add(graph, &last, pool);
    }
    add(graph, &last, dense);
    check(trnnsf_network_build(ctx, graph, NULL, &network));
    trnnsf_graph_free(graph);
    return network;
}

int main(int argc, char **argv)
{
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
    struct trnnsf_trainer_options training = TRNNSF_TRAINER_OPTIONS_INIT;
    struct trnnsf_epoch epoch = {.struct_size = sizeof epoch};
    trnnsf_trainer *trainer;

    if (argc < 4 || argc > 5) {
        fprintf(stderr, "usage: %s threads batches epochs [WIDTH]\n", argv[0]);
        return 2;
    }
    options.threads = (uint32_t)atoi(argv[1]);
    check(trnnsf_context_create(&options, &ctx));
    trnnsf_dataset *dataset = random_samples(BATCH * (size_t)atoi(argv[2]), 3, 32, 32);
    trnnsf_network *network = make_network(argc > 4 ? (uint32_t)atoi(argv[4]) : 64);
    training.optimiser = TRNNSF_OPTIMISER_ADAM;
    training.loss = TRNNSF_LOSS_CROSS_ENTROPY;
    training.batch = BATCH;
    training.rate = 0.001;
    training.hidden_dropout = 0.0;
    check(trnnsf_trainer_create(ctx, network, dataset, &training, &trainer));
    for (int i = 0; i < atoi(argv[3]); i++) {
        double start = seconds();

        check(trnnsf_trainer_epoch(ctx, trainer, &epoch));
        printf("%.6f\n", seconds() - start);
        fflush(stdout);
    }
    trnnsf_trainer_free(trainer);
    trnnsf_network_free(network);
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
    return 0;
}
