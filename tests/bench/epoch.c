/* Seconds of epochs of a dense 784-1200-1200-10 network on random samples, one a line: the half of
 * epoch_torch.py that is ours.
 *
 *     bench-epoch threads batches epochs
 */
#include "clock.h"
#include "random_samples.h"

enum { BATCH = 400, INPUTS = 784, HIDDEN = 1200 };

int main(int argc, char **argv)
{
    const size_t sizes[4] = {INPUTS, HIDDEN, HIDDEN, CLASSES};
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
    struct trnnsf_trainer_options training = TRNNSF_TRAINER_OPTIONS_INIT;
    struct trnnsf_epoch epoch = {.struct_size = sizeof epoch};
    trnnsf_network *network;
    trnnsf_trainer *trainer;

    if (argc != 4) {
        fprintf(stderr, "usage: %s threads batches epochs\n", argv[0]);
        return 2;
    }
    options.threads = (uint32_t)atoi(argv[1]);
    check(trnnsf_context_create(&options, &ctx));
    trnnsf_dataset *dataset = random_samples(BATCH * (size_t)atoi(argv[2]), 1, 28, 28);
    training.rate = 0.01;
    check(trnnsf_network_create(ctx, sizes, 4, NULL, &network));
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
