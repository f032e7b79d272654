/* A dataset's inside: three parts of labelled samples, sample-major. */
#ifndef TRN_DATA_DATASET_H
#define TRN_DATA_DATASET_H

#include <trnnsf/dataset.h>

enum { TRN_PARTS = 3 };

/* Chosen here. Samples are numbered by uint32_t; features are a network's inputs, whose bound they
 * share (trnnsf_network_create); classes are output neurons, and more of them is a mistaken label.
 */
#define TRN_DATASET_SAMPLES_MAX ((size_t)1 << 31)
#define TRN_DATASET_FEATURES_MAX ((size_t)1 << 24)
#define TRN_DATASET_CLASSES_MAX ((size_t)1 << 16)

struct trn_part {
    size_t n_samples;
    float *values;    /* [n_samples x n_features]; NULL for an empty part */
    uint32_t *labels; /* [n_samples] */
};

struct trnnsf_dataset {
    trnnsf_context *ctx; /* held */
    size_t channels;
    size_t height;
    size_t width;
    size_t n_classes;
    struct trn_part part[TRN_PARTS]; /* by enum trnnsf_part */
};

static inline size_t trn_dataset_features(const struct trnnsf_dataset *dataset)
{
    return dataset->channels * dataset->height * dataset->width;
}

/* Empty parts. Each size at least 1 and within the limits above: TRNNSF_E_INVALID, TRNNSF_E_LIMIT.
 */
trnnsf_status trn_dataset_create(trnnsf_context *ctx, size_t channels, size_t height, size_t width,
                                 size_t n_classes, struct trnnsf_dataset **out_dataset);
void trn_dataset_free(struct trnnsf_dataset *dataset);

/* The same features as images of another shape: TRNNSF_E_INVALID where their number is another. */
trnnsf_status trn_dataset_shape(trnnsf_context *ctx, struct trnnsf_dataset *dataset,
                                size_t channels, size_t height, size_t width);

/* Makes `part` the dataset's, once its values are found finite and its labels below n_classes. The
 * arrays then belong to the dataset and *part is empty; on failure they stay the caller's. */
trnnsf_status trn_dataset_take(trnnsf_context *ctx, struct trnnsf_dataset *dataset, uint32_t which,
                               struct trn_part *part);
void trn_part_free(trnnsf_context *ctx, struct trn_part *part);

/* The first value that is not finite, or `count`. */
size_t trn_first_not_finite(const float *values, size_t count);

/* Moves round(fraction * n) of the n training samples, n - 1 at most, to the end of the validation
 * part. Which ones: the first of a Fisher-Yates shuffle drawn from the seed's stream
 * TRN_RANDOM_SPLIT. Both parts keep the order of the samples. */
trnnsf_status trn_dataset_split(trnnsf_context *ctx, struct trnnsf_dataset *dataset,
                                double fraction, uint64_t seed);
/* The same of the last ones. */
trnnsf_status trn_dataset_split_last(trnnsf_context *ctx, struct trnnsf_dataset *dataset,
                                     double fraction);

#endif
