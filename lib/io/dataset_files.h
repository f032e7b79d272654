/* The files of a dataset folder, one part at a time, each format by its usual names. */
#ifndef TRN_IO_DATASET_FILES_H
#define TRN_IO_DATASET_FILES_H

#include <stdbool.h>
#include <trnnsf/context.h>

/* One part as its files hold it: labels not yet shifted. */
struct trn_samples {
    size_t n_samples;
    size_t channels;
    size_t height;
    size_t width;
    float *values;   /* [n_samples x channels * height * width] */
    int64_t *labels; /* [n_samples] */
};

struct trn_dataset_files {
    trnnsf_context *ctx;
    const char *folder;
    bool grey;
    double scale; /* what bytes of IDX and NPY files are divided by; 0 until the training part is
                     read */
};

/* A format that a folder may be in. */
struct trn_dataset_format {
    const char *first; /* the file by which it is known */
    trnnsf_status (*train)(struct trn_dataset_files *files, struct trn_samples *samples);
    trnnsf_status (*test)(struct trn_dataset_files *files, struct trn_samples *samples);
};

/* The format of the folder: IDX before CIFAR-10 before NPY where several are there.
 * TRNNSF_E_NOT_FOUND. */
trnnsf_status trn_dataset_format_find(const struct trn_dataset_files *files,
                                      const struct trn_dataset_format **out_format);

/* Of a part that was begun, too. */
void trn_samples_free(trnnsf_context *ctx, struct trn_samples *samples);

#endif
