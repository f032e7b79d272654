/* Seconds of epochs of a dense 784-1200-1200-10 network on random samples, one a line: the half of
 * epoch_torch.py that is ours.
 *
 *     bench-epoch threads batches epochs
 */
#include <stdio.h>
#include <stdlib.h>
#include <trnnsf/trnnsf.h>

#include "clock.h"

enum { BATCH = 400, INPUTS = 784, HIDDEN = 1200, CLASSES = 10 };

static trnnsf_context *ctx;

static void check(trnnsf_status status)
{
    if (status == TRNNSF_OK)
        return;
    fprintf(stderr, "%s: %s\n", trnnsf_status_name(status), trnnsf_context_error(ctx));
    exit(1);
}

static trnnsf_dataset *random_samples(size_t n)
{
    float *values = malloc(n * INPUTS * sizeof *values);
    uint32_t *labels = malloc(n * sizeof *labels), state = 1;
    trnnsf_dataset *dataset;

    if (!values || !labels)
        exit(1);
    for (size_t i = 0; i < n * INPUTS; i++) {
        state = state * 1664525u + 1013904223u;
        values[i] = (float)(state >> 8) / 16777216.0f;
    }
    for (size_t i = 0; i < n; i++)
        labels[i] = (uint32_t)(i % CLASSES);
    check(trnnsf_dataset_create(ctx, 1, 28, 28, CLASSES, &dataset));
    check(trnnsf_dataset_set(ctx, dataset, TRNNSF_PART_TRAIN, n, values, labels));
    free(values);
    free(labels);
    return dataset;
}

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
    trnnsf_dataset *dataset = random_samples(BATCH * (size_t)atoi(argv[2]));
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
