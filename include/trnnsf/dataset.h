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

/** Inputs centred and scaled, by means and standard deviations of the training part. */
enum trnnsf_standardise {
    TRNNSF_STANDARDISE_NONE = 0,
    TRNNSF_STANDARDISE_FEATURES = 1, /**< each feature less its mean, all over one deviation */
    TRNNSF_STANDARDISE_CHANNELS = 2  /**< each channel less its mean, over its own deviation: what
                                          moves an image leaves this as it is */
};

struct trnnsf_dataset_options {
    size_t struct_size;
    uint32_t grey;              /**< 1: RGB images become one channel (ITU-R BT.601 luma) */
    uint32_t standardise;       /**< enum trnnsf_standardise; inputs then have both signs; default NONE */
    double validation_fraction; /**< of the training samples, [0, 1); default 0.1 */
    uint64_t seed;              /**< of the split; default 1 */
    uint32_t validation_last;   /**< 1: the validation part is the last training samples, not a random
                                     choice: where neighbours in a file resemble each other, as
                                     overlapping windows of one recording do; default 0 */
    uint32_t mirror;            /**< 1: a sample's values are followed by the same, negated: what
                                     weights of one sign subtract with; default 0 */
    uint32_t channels; /**< with height and width: the shape of a sample of which files know the number
                            of features alone (after `grey`, before `mirror`); all 0: the files' own.
                            Default 0 */
    uint32_t height;   /**< likewise */
    uint32_t width;    /**< likewise */
    uint32_t reserved; /**< 0 */
};
#define TRNNSF_DATASET_OPTIONS_INIT                                                                \
    {sizeof(struct trnnsf_dataset_options), 0, 0, 0.1, 1, 0, 0, 0, 0, 0, 0}
/** Fills `options` with the defaults; NULL is fine. Since 0.1. */
TRNNSF_API void trnnsf_dataset_options_init(struct trnnsf_dataset_options *options);

/** Loads a folder by the usual names of its files, each plain, .gz or .xz (found by its first
 * bytes):
 *   - IDX: train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte,
 *     t10k-labels-idx1-ubyte;
 *   - CIFAR-10 binary: data_batch_1.bin … data_batch_5.bin, test_batch.bin, 10000 records each;
 *   - NPY: X_train.npy, y_train.npy, X_test.npy, y_test.npy: booleans, integers, float32, float64,
 *     in C order; samples are [n × features], [n × height × width] or
 *     [n × channels × height × width].
 *
 * The first of these formats whose training file is there is read; all its files must be. Unsigned
 * bytes are divided by full scale: 255 for CIFAR-10; for IDX and NPY the smallest of 1, 16 and 255
 * that no byte of the training part exceeds (bits; counts over 4 × 4 pixels, as in optdigits;
 * intensities). Other numbers stay as they are. With `grey`, three channels become
 * 0.299 R + 0.587 G + 0.114 B. Labels may start at any integer: the least one in both parts becomes
 * class 0, and there are as many classes as integers up to the greatest. Then the validation part
 * is split off, as by trnnsf_dataset_split(), and with `standardise` all parts are centred and
 * scaled by what remains for training; at last, with `mirror`, they get twice as many channels.
 * \param folder the folder's path.
 * \param options NULL: the defaults.
 * \param out_dataset the dataset with its training, validation and test part; the caller owns
 *        it.
 * TRNNSF_E_INVALID: a NULL argument, an option out of range, `grey` for other than 1 or 3
 * channels, a shape of another number of features; TRNNSF_E_NOT_FOUND: no dataset, or one of its files missing (the text names it);
 * TRNNSF_E_IO; TRNNSF_E_FORMAT: a file is not what its format says, shorter or longer than its
 * header tells; TRNNSF_E_MISMATCH: labels and samples, or training and test samples, do not fit
 * each other; TRNNSF_E_NUMERIC: a feature is not finite (file, sample); TRNNSF_E_LIMIT: a file
 * above 4 GiB, more than 2^31 samples, 2^24 features or 65536 classes; TRNNSF_E_UNSUPPORTED:
 * other elements, or packed and built without zlib or liblzma; TRNNSF_E_CANCELLED: between
 * CIFAR-10's files; TRNNSF_E_NO_MEMORY.
 * Source: ITU-R BT.601-7, 2.5.1 (luma); full scale: chosen here. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_dataset_load(trnnsf_context *context, const char *folder,
                                             const struct trnnsf_dataset_options *options,
                                             trnnsf_dataset **out_dataset);

/** An empty dataset.
 * \param channels, height, width of a sample, each at least 1; a sample has channels × height ×
 *        width features in this order, 2^24 at most.
 * \param n_classes 1 … 65536.
 * \param out_dataset the dataset; the caller owns it.
 * TRNNSF_E_INVALID: a NULL argument, or a size of 0; TRNNSF_E_LIMIT; TRNNSF_E_NO_MEMORY. Since
 * 0.1. */
TRNNSF_API trnnsf_status trnnsf_dataset_create(trnnsf_context *context, size_t channels,
                                               size_t height, size_t width, size_t n_classes,
                                               trnnsf_dataset **out_dataset);

/** Sets a part, in place of what it held. On failure the part stays as it was.
 * \param part enum trnnsf_part.
 * \param n_samples 0 … 2^31; 0 empties the part.
 * \param features [n_samples × n_features], row-major, finite; copied. NULL only for no samples.
 * \param labels [n_samples], each below n_classes; copied. NULL only for no samples.
 * TRNNSF_E_INVALID: an argument or label out of range; TRNNSF_E_NUMERIC: a feature is not finite
 * (the text names feature and sample); TRNNSF_E_LIMIT; TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_dataset_set(trnnsf_context *context, trnnsf_dataset *dataset,
                                            uint32_t part, size_t n_samples, const float *features,
                                            const uint32_t *labels);

/** Moves a random choice of the training part to the end of the validation part: fraction × n of
 * its n samples, rounded, n - 1 at most. Both parts keep the order of their samples. The choice
 * depends on n, the fraction and the seed alone. On failure both parts stay as they were.
 * \param fraction in [0, 1).
 * \param seed of the choice.
 * TRNNSF_E_INVALID: an argument out of range; TRNNSF_E_NO_MEMORY. Source: chosen here, a
 * Fisher-Yates shuffle. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_dataset_split(trnnsf_context *context, trnnsf_dataset *dataset,
                                              double fraction, uint64_t seed);

/** Frees a dataset; NULL is fine. Since 0.1. */
TRNNSF_API void trnnsf_dataset_free(trnnsf_dataset *dataset);

/** Features of a sample: channels × height × width; 0 for NULL. Since 0.1. */
TRNNSF_API size_t trnnsf_dataset_features(const trnnsf_dataset *dataset);
/** Number of classes; 0 for NULL. Since 0.1. */
TRNNSF_API size_t trnnsf_dataset_classes(const trnnsf_dataset *dataset);
/** Samples of a part; 0 for NULL or no such part. Since 0.1. */
TRNNSF_API size_t trnnsf_dataset_samples(const trnnsf_dataset *dataset, uint32_t part);
/** Channels of a sample; 0 for NULL. Since 0.1. */
TRNNSF_API size_t trnnsf_dataset_channels(const trnnsf_dataset *dataset);
/** Height of a sample; 0 for NULL. Since 0.1. */
TRNNSF_API size_t trnnsf_dataset_height(const trnnsf_dataset *dataset);
/** Width of a sample; 0 for NULL. Since 0.1. */
TRNNSF_API size_t trnnsf_dataset_width(const trnnsf_dataset *dataset);
/** Features of a part [n_samples × n_features], row-major; NULL for an empty or no such part. They
 * belong to the dataset and are valid until the part is changed. Since 0.1. */
TRNNSF_API const float *trnnsf_dataset_values(const trnnsf_dataset *dataset, uint32_t part);
/** Labels of a part [n_samples], as trnnsf_dataset_values(). Since 0.1. */
TRNNSF_API const uint32_t *trnnsf_dataset_labels(const trnnsf_dataset *dataset, uint32_t part);

TRNNSF_END_DECLS

#endif
