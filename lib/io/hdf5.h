/* What is needed of HDF5: files in memory, quiet failures, arrays and texts. */
#ifndef TRN_IO_HDF5_H
#define TRN_IO_HDF5_H

#include <hdf5.h>
#include <stdbool.h>
#include <trnnsf/context.h>

enum { TRN_HDF5_RANK_MAX = 8, TRN_HDF5_TEXT_MAX = 65536 };

/* HDF5's own printing of failures, off in between; errors are kept a thread. */
struct trn_hdf5_quiet {
    H5E_auto2_t function;
    void *data;
};
void trn_hdf5_quiet_begin(struct trn_hdf5_quiet *quiet);
void trn_hdf5_quiet_end(const struct trn_hdf5_quiet *quiet);

/* TRNNSF_E_FORMAT with what HDF5 says was wrong: "what: text". */
trnnsf_status trn_hdf5_fail(trnnsf_context *ctx, const char *what);

/* A file of these bytes, which are copied; a new one. Negative: it cannot be. */
hid_t trn_hdf5_open_bytes(const uint8_t *bytes, size_t size);
hid_t trn_hdf5_create(void);

/* Names of a group's members, ascending. Links to elsewhere are refused. */
struct trn_hdf5_names {
    trnnsf_context *ctx;
    size_t count, most, room;
    char **names;
    trnnsf_status status;
};
trnnsf_status trn_hdf5_list(trnnsf_context *ctx, hid_t group, size_t most,
                            struct trn_hdf5_names *names);
void trn_hdf5_names_clear(struct trn_hdf5_names *names);

/* One dataset. */
struct trn_hdf5_array {
    bool is_null;    /* an empty one without a shape */
    bool is_integer; /* else real, of `size` bytes an element */
    bool is_other;   /* neither numbers nor text: nothing is read */
    size_t size, rank, length[TRN_HDF5_RANK_MAX], count;
    double *values;
    size_t n_texts;
    char **texts; /* [count] */
};
/* At most `most` elements, none larger in memory than the file's bytes make plausible. Failures say
 * why; the array is empty then. */
trnnsf_status trn_hdf5_read(trnnsf_context *ctx, hid_t dataset, size_t most,
                            struct trn_hdf5_array *array);
/* Of texts of any length: texts[count] has room. */
trnnsf_status trn_hdf5_read_heap_texts(trnnsf_context *ctx, hid_t dataset,
                                       struct trn_hdf5_array *array);
/* Appends a copy of at most `length` bytes, fewer where a 0 stands among them. */
trnnsf_status trn_hdf5_keep_text(trnnsf_context *ctx, const char *text, size_t length,
                                 struct trn_hdf5_array *array);
void trn_hdf5_array_clear(trnnsf_context *ctx, struct trn_hdf5_array *array);

#endif
