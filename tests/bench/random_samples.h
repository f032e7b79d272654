/* What the benchmarks of epochs share: random images with labels in turn, and the end at a failure. */
#ifndef BENCH_RANDOM_SAMPLES_H
#define BENCH_RANDOM_SAMPLES_H

#include <stdio.h>
#include <stdlib.h>
#include <trnnsf/trnnsf.h>

enum { CLASSES = 10 };

static trnnsf_context *ctx;

static void check(trnnsf_status status)
{
    if (status == TRNNSF_OK)
        return;
    fprintf(stderr, "%s: %s\n", trnnsf_status_name(status), trnnsf_context_error(ctx));
    exit(1);
}

static trnnsf_dataset *random_samples(size_t n, size_t channels, size_t height, size_t width)
{
    size_t inputs = channels * height * width;
    float *values = malloc(n * inputs * sizeof *values);
    uint32_t *labels = malloc(n * sizeof *labels), state = 1;
    trnnsf_dataset *dataset;

    if (!values || !labels)
        exit(1);
    for (size_t i = 0; i < n * inputs; i++) {
        state = state * 1664525u + 1013904223u;
        values[i] = (float)(state >> 8) / 16777216.0f;
    }
    for (size_t i = 0; i < n; i++)
        labels[i] = (uint32_t)(i % CLASSES);
    check(trnnsf_dataset_create(ctx, channels, height, width, CLASSES, &dataset));
    check(trnnsf_dataset_set(ctx, dataset, TRNNSF_PART_TRAIN, n, values, labels));
    free(values);
    free(labels);
    return dataset;
}

#endif
