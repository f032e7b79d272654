/* Seconds of epochs of a convolutional network on random images of 3 x 32 x 32, one a line: the half of
 * convolution_torch.py that is ours. Adam, batch 64.
 *
 *     bench-convolution threads batches epochs [LAYERS]
 *
 * LAYERS are text (trnnsf/graph.h); without, a VGG-8-like network with batch norms.
 */
#include "clock.h"
#include "random_samples.h"

enum { BATCH = 64 };

static const char vgg[] = "64c3:same:norm-64c3:same:norm-2m-128c3:same:norm-128c3:same:norm-2m-"
                          "256c3:same:norm-256c3:same:norm-2m-10:bias";

static trnnsf_network *make_network(const char *layers)
{
    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;
    trnnsf_graph *graph;
    trnnsf_network *network;

    options.output_activation = TRNNSF_ACTIVATION_SOFTMAX;
    check(trnnsf_graph_parse(ctx, layers, 3, 32, 32, &options, &graph));
    check(trnnsf_network_build(ctx, graph, &options, &network));
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
        fprintf(stderr, "usage: %s threads batches epochs [LAYERS]\n", argv[0]);
        return 2;
    }
    options.threads = (uint32_t)atoi(argv[1]);
    check(trnnsf_context_create(&options, &ctx));
    trnnsf_dataset *dataset = random_samples(BATCH * (size_t)atoi(argv[2]), 3, 32, 32);
    trnnsf_network *network = make_network(argc > 4 ? argv[4] : vgg);
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
