/** \file dataset.h
 * Labelled samples in three parts: training, validation, test. Mutable while it is filled; only
 * read by everything else.
 */
#ifndef TRNNSF_DATASET_H
#define TRNNSF_DATASET_H

#include <trnnsf/context.h>

TRNNSF_BEGIN_DECLS

typedef struct trnnsf_dataset trnnsf_dataset;

enum trnnsf_part { TRNNSF_PART_TRAIN = 0, TRNNSF_PART_VALIDATION = 1, TRNNSF_PART_TEST = 2 };

struct trnnsf_dataset_options {
    size_t struct_size;
    uint32_t grey;              /**< 1: RGB images become one channel (ITU-R BT.601 luma) */
    uint32_t standardise;       /**< 1: each feature less its mean, all divided by one standard deviation,
                                     both of the training part; inputs then have both signs */
    double validation_fraction; /**< of the training samples, [0, 1); default 0.1 */
    uint64_t seed;              /**< of the split; default 1 */
};
#define TRNNSF_DATASET_OPTIONS_INIT {sizeof(struct trnnsf_dataset_options), 0, 0, 0.1, 1}
TRNNSF_API void trnnsf_dataset_options_init(struct trnnsf_dataset_options *options);

/** Loads a folder by the usual names (IDX, CIFAR-10 binary, NPY; plain, .gz, .xz), scales bytes to
 * [0, 1], shifts labels to start at 0 and splits off the validation part. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_dataset_load(trnnsf_context *context, const char *folder,
                                             const struct trnnsf_dataset_options *options,
                                             trnnsf_dataset **out_dataset);

/** An empty dataset of channels x height x width features and so many classes. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_dataset_create(trnnsf_context *context, size_t channels,
                                               size_t height, size_t width, size_t n_classes,
                                               trnnsf_dataset **out_dataset);

/** Sets a part: features[n_samples x n_features], finite, row-major; labels[n_samples] below
 * n_classes. Copied. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_dataset_set(trnnsf_context *context, trnnsf_dataset *dataset,
                                            uint32_t part, size_t n_samples, const float *features,
                                            const uint32_t *labels);

/** Moves a seeded random fraction of the training part into the validation part. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_dataset_split(trnnsf_context *context, trnnsf_dataset *dataset,
                                              double fraction, uint64_t seed);

TRNNSF_API void trnnsf_dataset_free(trnnsf_dataset *dataset);
TRNNSF_API size_t trnnsf_dataset_features(const trnnsf_dataset *dataset);
TRNNSF_API size_t trnnsf_dataset_classes(const trnnsf_dataset *dataset);
TRNNSF_API size_t trnnsf_dataset_samples(const trnnsf_dataset *dataset, uint32_t part);
TRNNSF_API size_t trnnsf_dataset_channels(const trnnsf_dataset *dataset);
TRNNSF_API size_t trnnsf_dataset_height(const trnnsf_dataset *dataset);
TRNNSF_API size_t trnnsf_dataset_width(const trnnsf_dataset *dataset);
/** features[n_samples x n_features]; NULL for an empty part. Belongs to the dataset. Since 0.1. */
TRNNSF_API const float *trnnsf_dataset_values(const trnnsf_dataset *dataset, uint32_t part);
TRNNSF_API const uint32_t *trnnsf_dataset_labels(const trnnsf_dataset *dataset, uint32_t part);

TRNNSF_END_DECLS

#endif
