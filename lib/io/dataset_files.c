#include "io/dataset_files.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/context.h"
#include "base/file.h"
#include "data/dataset.h"
#include "data/grey.h"
#include "io/cifar.h"
#include "io/idx.h"
#include "io/npy.h"

enum { CIFAR_TRAIN_FILES = 5, PATH_ROOM = 4096 };

void trn_samples_free(trnnsf_context *ctx, struct trn_samples *samples)
{
    trn_free(ctx, samples->values);
    trn_free(ctx, samples->labels);
    memset(samples, 0, sizeof *samples);
}

static bool find_path(const struct trn_dataset_files *files, const char *name, char *path)
{
    static const char *const suffixes[] = {"", ".gz", ".xz"};

    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        int length = snprintf(path, PATH_ROOM, "%s/%s%s", files->folder, name, suffixes[i]);

        if (length > 0 && length < PATH_ROOM && trn_file_exists(path))
            return true;
    }
    return false;
}

static trnnsf_status open_named(const struct trn_dataset_files *files, const char *name,
                                struct trn_stream **out_stream)
{
    char path[PATH_ROOM];

    if (!find_path(files, name, path))
        return trn_fail(files->ctx, TRNNSF_E_NOT_FOUND,
                        "'%s' has no %s, neither plain nor as .gz or .xz", files->folder, name);
    return trn_stream_open(files->ctx, path, out_stream);
}

/* Bytes may be intensities 0 … 255, counts 0 … 16 over blocks of 4 x 4 pixels (as in optdigits), or
 * bits. The largest byte of the training part tells which: chosen here, the smallest of 1, 16 and
 * 255 that is not below it. */
static double full_scale(const uint8_t *bytes, size_t count)
{
    uint8_t largest = 0;

    for (size_t i = 0; i < count; i++)
        largest = bytes[i] > largest ? bytes[i] : largest;
    return largest <= 1 ? 1 : largest <= 16 ? 16 : 255;
}

static void scale_bytes(struct trn_dataset_files *files, const uint8_t *bytes, size_t count,
                        float *values)
{
    float scaled[256];

    if (files->scale == 0)
        files->scale = full_scale(bytes, count);
    for (int i = 0; i < 256; i++)
        scaled[i] = (float)(i / files->scale);
    for (size_t i = 0; i < count; i++)
        values[i] = scaled[bytes[i]];
}

/* Dimensions after the first: features; height and width; channels, height and width. */
static trnnsf_status shape_samples(const struct trn_dataset_files *files, const char *name,
                                   size_t rank, const size_t *shape, struct trn_samples *samples)
{
    if (rank < 2)
        return trn_fail(files->ctx, TRNNSF_E_FORMAT,
                        "'%s' has %zu dimensions where samples and their features are needed", name,
                        rank);
    samples->n_samples = shape[0];
    samples->channels = rank == 4 ? shape[1] : 1;
    samples->height = rank >= 3 ? shape[rank - 2] : 1;
    samples->width = shape[rank - 1];
    for (size_t i = 0; i < rank; i++) {
        if (shape[i] == 0)
            return trn_fail(files->ctx, TRNNSF_E_FORMAT, "'%s': dimension %zu is 0", name, i);
    }
    if (samples->n_samples > TRN_DATASET_SAMPLES_MAX)
        return trn_fail(files->ctx, TRNNSF_E_LIMIT, "'%s' holds %zu samples, more than %zu", name,
                        samples->n_samples, TRN_DATASET_SAMPLES_MAX);
    return TRNNSF_OK;
}

static trnnsf_status check_label_count(const struct trn_dataset_files *files, const char *name,
                                       size_t count, const struct trn_samples *samples)
{
    if (count == samples->n_samples)
        return TRNNSF_OK;
    return trn_fail(files->ctx, TRNNSF_E_MISMATCH, "'%s' holds %zu labels for %zu samples", name,
                    count, samples->n_samples);
}

static trnnsf_status make_grey(const struct trn_dataset_files *files, const char *name,
                               struct trn_samples *samples)
{
    if (!files->grey || samples->channels == 1)
        return TRNNSF_OK;
    if (samples->channels != 3)
        return trn_fail(files->ctx, TRNNSF_E_INVALID,
                        "'%s' has %zu channels; only 3, red, green, blue, can become grey", name,
                        samples->channels);
    trn_grey(samples->n_samples, samples->height * samples->width, samples->values);
    samples->channels = 1;
    return TRNNSF_OK;
}

/* ---- IDX ---- */

static trnnsf_status idx_values(struct trn_dataset_files *files, const char *name,
                                struct trn_samples *samples)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_stream *stream = NULL;
    struct trn_idx idx = {0};

    TRN_TRY_OUT(open_named(files, name, &stream));
    TRN_TRY_OUT(trn_idx_read(stream, &idx));
    TRN_TRY_OUT(shape_samples(files, trn_stream_name(stream), idx.rank, idx.shape, samples));
    samples->values = trn_malloc(files->ctx, idx.size, sizeof *samples->values);
    TRN_NEED_OUT(samples->values);
    scale_bytes(files, idx.bytes, idx.size, samples->values);
    TRN_TRY_OUT(make_grey(files, trn_stream_name(stream), samples));
out:
    trn_free(files->ctx, idx.bytes);
    trn_stream_free(stream);
    return status;
}

static trnnsf_status idx_labels(struct trn_dataset_files *files, const char *name,
                                struct trn_samples *samples)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_stream *stream = NULL;
    struct trn_idx idx = {0};

    TRN_TRY_OUT(open_named(files, name, &stream));
    TRN_TRY_OUT(trn_idx_read(stream, &idx));
    TRN_TRY_OUT(check_label_count(files, trn_stream_name(stream), idx.size, samples));
    samples->labels = TRN_NEW_ARRAY(files->ctx, int64_t, idx.size);
    TRN_NEED_OUT(samples->labels);
    for (size_t i = 0; i < idx.size; i++)
        samples->labels[i] = idx.bytes[i];
out:
    trn_free(files->ctx, idx.bytes);
    trn_stream_free(stream);
    return status;
}

static trnnsf_status idx_train(struct trn_dataset_files *files, struct trn_samples *samples)
{
    TRN_TRY(idx_values(files, "train-images-idx3-ubyte", samples));
    return idx_labels(files, "train-labels-idx1-ubyte", samples);
}

static trnnsf_status idx_test(struct trn_dataset_files *files, struct trn_samples *samples)
{
    TRN_TRY(idx_values(files, "t10k-images-idx3-ubyte", samples));
    return idx_labels(files, "t10k-labels-idx1-ubyte", samples);
}

/* ---- CIFAR-10 ---- */

/* All files are looked for before the first is read, which takes seconds. */
static trnnsf_status cifar_find_all(const struct trn_dataset_files *files)
{
    char path[PATH_ROOM], name[32];

    for (int i = 1; i <= CIFAR_TRAIN_FILES + 1; i++) {
        snprintf(name, sizeof name, i <= CIFAR_TRAIN_FILES ? "data_batch_%d.bin" : "test_batch.bin",
                 i);
        if (!find_path(files, name, path))
            return trn_fail(files->ctx, TRNNSF_E_NOT_FOUND,
                            "'%s' has no %s, neither plain nor as .gz or .xz", files->folder, name);
    }
    return TRNNSF_OK;
}

static trnnsf_status cifar_allocate(struct trn_dataset_files *files, size_t n_files,
                                    struct trn_samples *samples)
{
    samples->n_samples = n_files * TRN_CIFAR_RECORDS;
    samples->channels = files->grey ? 1 : TRN_CIFAR_CHANNELS;
    samples->height = samples->width = TRN_CIFAR_SIDE;
    samples->values =
        trn_malloc(files->ctx, samples->n_samples,
                   samples->channels * TRN_CIFAR_SIDE * TRN_CIFAR_SIDE * sizeof *samples->values);
    if (!samples->values)
        return TRNNSF_E_NO_MEMORY;
    samples->labels = TRN_NEW_ARRAY(files->ctx, int64_t, samples->n_samples);
    return samples->labels ? TRNNSF_OK : TRNNSF_E_NO_MEMORY;
}

static trnnsf_status cifar_file(struct trn_dataset_files *files, const char *name, size_t index,
                                struct trn_samples *samples)
{
    size_t first = index * TRN_CIFAR_RECORDS;
    size_t features = samples->channels * samples->height * samples->width;
    struct trn_stream *stream;
    trnnsf_status status;

    TRN_TRY(open_named(files, name, &stream));
    status = trn_cifar_read(stream, TRN_CIFAR_RECORDS, files->grey,
                            samples->values + first * features, samples->labels + first);
    trn_stream_free(stream);
    return status;
}

static trnnsf_status cifar_train(struct trn_dataset_files *files, struct trn_samples *samples)
{
    char name[32];

    TRN_TRY(cifar_find_all(files));
    TRN_TRY(cifar_allocate(files, CIFAR_TRAIN_FILES, samples));
    for (size_t i = 0; i < CIFAR_TRAIN_FILES; i++) {
        snprintf(name, sizeof name, "data_batch_%zu.bin", i + 1);
        TRN_TRY(trn_progress(files->ctx, "load", name, i, CIFAR_TRAIN_FILES + 1));
        TRN_TRY(cifar_file(files, name, i, samples));
    }
    return TRNNSF_OK;
}

static trnnsf_status cifar_test(struct trn_dataset_files *files, struct trn_samples *samples)
{
    TRN_TRY(cifar_allocate(files, 1, samples));
    TRN_TRY(trn_progress(files->ctx, "load", "test_batch.bin", CIFAR_TRAIN_FILES,
                         CIFAR_TRAIN_FILES + 1));
    TRN_TRY(cifar_file(files, "test_batch.bin", 0, samples));
    return trn_progress(files->ctx, "load", "", CIFAR_TRAIN_FILES + 1, CIFAR_TRAIN_FILES + 1);
}

/* ---- NPY ---- */

static trnnsf_status check_finite(const struct trn_dataset_files *files, const char *name,
                                  const struct trn_npy *npy, const float *values)
{
    size_t features = npy->count / npy->shape[0];
    size_t bad = trn_first_not_finite(values, npy->count);

    if (bad == npy->count)
        return TRNNSF_OK;
    return trn_fail(files->ctx, TRNNSF_E_NUMERIC, "'%s': feature %zu of sample %zu is not finite",
                    name, bad % features, bad / features);
}

/* Bytes are scaled as in IDX; other numbers stay as they are. */
static trnnsf_status npy_values(struct trn_dataset_files *files, const char *name,
                                struct trn_samples *samples)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_stream *stream = NULL;
    struct trn_npy npy = {0};

    TRN_TRY_OUT(open_named(files, name, &stream));
    TRN_TRY_OUT(trn_npy_read(stream, &npy));
    TRN_TRY_OUT(shape_samples(files, trn_stream_name(stream), npy.rank, npy.shape, samples));
    samples->values = trn_malloc(files->ctx, npy.count, sizeof *samples->values);
    TRN_NEED_OUT(samples->values);
    if (npy.kind == 'u' && npy.width == 1)
        scale_bytes(files, npy.bytes, npy.count, samples->values);
    else
        trn_npy_floats(&npy, samples->values);
    TRN_TRY_OUT(check_finite(files, trn_stream_name(stream), &npy, samples->values));
    TRN_TRY_OUT(make_grey(files, trn_stream_name(stream), samples));
out:
    trn_free(files->ctx, npy.bytes);
    trn_stream_free(stream);
    return status;
}

static trnnsf_status npy_labels(struct trn_dataset_files *files, const char *name,
                                struct trn_samples *samples)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_stream *stream = NULL;
    struct trn_npy npy = {0};

    TRN_TRY_OUT(open_named(files, name, &stream));
    TRN_TRY_OUT(trn_npy_read(stream, &npy));
    TRN_TRY_OUT(check_label_count(files, trn_stream_name(stream), npy.count, samples));
    samples->labels = TRN_NEW_ARRAY(files->ctx, int64_t, npy.count);
    TRN_NEED_OUT(samples->labels);
    TRN_TRY_OUT(trn_npy_integers(files->ctx, trn_stream_name(stream), &npy, samples->labels));
out:
    trn_free(files->ctx, npy.bytes);
    trn_stream_free(stream);
    return status;
}

static trnnsf_status npy_train(struct trn_dataset_files *files, struct trn_samples *samples)
{
    TRN_TRY(npy_values(files, "X_train.npy", samples));
    return npy_labels(files, "y_train.npy", samples);
}

static trnnsf_status npy_test(struct trn_dataset_files *files, struct trn_samples *samples)
{
    TRN_TRY(npy_values(files, "X_test.npy", samples));
    return npy_labels(files, "y_test.npy", samples);
}

static const struct trn_dataset_format formats[] = {
    {"train-images-idx3-ubyte", idx_train, idx_test},
    {"data_batch_1.bin", cifar_train, cifar_test},
    {"X_train.npy", npy_train, npy_test},
};

trnnsf_status trn_dataset_format_find(const struct trn_dataset_files *files,
                                      const struct trn_dataset_format **out_format)
{
    char path[PATH_ROOM];

    if (strlen(files->folder) > PATH_ROOM - 64)
        return trn_fail(files->ctx, TRNNSF_E_LIMIT, "the folder's name has %zu bytes, more than %d",
                        strlen(files->folder), PATH_ROOM - 64);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (find_path(files, formats[i].first, path)) {
            *out_format = &formats[i];
            return TRNNSF_OK;
        }
    }
    return trn_fail(files->ctx, TRNNSF_E_NOT_FOUND,
                    "'%s' holds no dataset: looked for %s, %s and %s, each plain, .gz or .xz",
                    files->folder, formats[0].first, formats[1].first, formats[2].first);
}
