/* safetensors: named tensors and string metadata in one file (github.com/huggingface/safetensors,
 * "Format"): 8 bytes of header length, little-endian; a JSON header; the tensors' bytes without
 * holes.
 *
 * Writing:
 *     TRN_TRY(trn_safetensors_writer_create(ctx, &writer));
 *     trn_safetensors_set(writer, "format", "trnnsf-checkpoint");
 *     trn_safetensors_set_number(writer, "epoch", epoch);
 *     trn_safetensors_add(writer, "layer.0.weight", TRN_TENSOR_F32, 2, shape, weights);
 *     status = trn_safetensors_write(writer, path);
 *     trn_safetensors_writer_free(writer);
 * Results of the calls between may be ignored: the first failure is kept and returned by the write.
 *
 * Reading:
 *     TRN_TRY(trn_safetensors_open(ctx, path, &file));
 *     TRN_TRY_OUT(trn_safetensors_expect_format(file, "trnnsf-checkpoint", 1));
 *     TRN_TRY_OUT(trn_safetensors_number(file, "epoch", 0, UINT32_MAX, &epoch));
 *     TRN_TRY_OUT(trn_safetensors_get(file, "layer.0.weight", TRN_TENSOR_F32, 2, shape, &data));
 * Failures name the file and the tensor or key. TRNNSF_E_UNSUPPORTED where built without jansson.
 */
#ifndef TRN_IO_SAFETENSORS_H
#define TRN_IO_SAFETENSORS_H

#include <stdbool.h>
#include <trnnsf/context.h>

/* Element types in the order of their names in tensor_types[]. */
enum trn_tensor_type {
    TRN_TENSOR_U8,
    TRN_TENSOR_U32,
    TRN_TENSOR_U64,
    TRN_TENSOR_I64,
    TRN_TENSOR_F32,
    TRN_TENSOR_F64,
    /* known so that files which hold them can be checked; not asked for */
    TRN_TENSOR_BOOL,
    TRN_TENSOR_I8,
    TRN_TENSOR_I16,
    TRN_TENSOR_U16,
    TRN_TENSOR_I32,
    TRN_TENSOR_F16,
    TRN_TENSOR_BF16,
    TRN_TENSOR_TYPES
};

/* Chosen here: no tensor of ours has more than 4 dimensions. */
#define TRN_TENSOR_RANK_MAX 8

struct trn_tensor {
    const char *name;
    enum trn_tensor_type type;
    size_t rank;
    size_t shape[TRN_TENSOR_RANK_MAX];
    size_t count;     /* of elements */
    size_t size;      /* in bytes */
    const void *data; /* aligned for the type, in the machine's byte order */
};

size_t trn_tensor_type_size(enum trn_tensor_type type);
const char *trn_tensor_type_name(enum trn_tensor_type type);

/* ---- writing ---- */

struct trn_safetensors_writer;

trnnsf_status trn_safetensors_writer_create(trnnsf_context *ctx,
                                            struct trn_safetensors_writer **out_writer);
void trn_safetensors_writer_free(struct trn_safetensors_writer *writer);

/* Metadata. Setting a key again replaces its text. */
trnnsf_status trn_safetensors_set(struct trn_safetensors_writer *writer, const char *key,
                                  const char *text);
trnnsf_status trn_safetensors_set_number(struct trn_safetensors_writer *writer, const char *key,
                                         uint64_t number);
/* Written with 17 digits: what is read is what was set. */
trnnsf_status trn_safetensors_set_real(struct trn_safetensors_writer *writer, const char *key,
                                       double number);

/* Adds a tensor; `data` is read at the write and must stay until then. shape[rank]. */
trnnsf_status trn_safetensors_add(struct trn_safetensors_writer *writer, const char *name,
                                  enum trn_tensor_type type, size_t rank, const size_t *shape,
                                  const void *data);
/* Adds a tensor whose zeroed room belongs to the writer, for the caller to fill. */
trnnsf_status trn_safetensors_add_room(struct trn_safetensors_writer *writer, const char *name,
                                       enum trn_tensor_type type, size_t rank, const size_t *shape,
                                       void **out_data);
/* Adds sizes[count] as U64. */
trnnsf_status trn_safetensors_add_sizes(struct trn_safetensors_writer *writer, const char *name,
                                        size_t count, const size_t *sizes);

/* Writes beside `path` and renames. The same calls give the same bytes. */
trnnsf_status trn_safetensors_write(struct trn_safetensors_writer *writer, const char *path);

/* ---- reading ---- */

struct trn_safetensors;

/* Reads and checks the whole file: header at most 100 MB (as the reference implementation), types
 * known, sizes and offsets right, no overlap, no hole, no name twice. */
trnnsf_status trn_safetensors_open(trnnsf_context *ctx, const char *path,
                                   struct trn_safetensors **out_file);
/* The same from memory, which is copied; `name` stands for the path in error texts. */
trnnsf_status trn_safetensors_parse(trnnsf_context *ctx, const char *name, const uint8_t *bytes,
                                    size_t size, struct trn_safetensors **out_file);
void trn_safetensors_free(struct trn_safetensors *file);

/* The path or name it was opened by. */
const char *trn_safetensors_name(const struct trn_safetensors *file);

/* The context it holds. */
trnnsf_context *trn_safetensors_context(const struct trn_safetensors *file);

/* Tensors, in the order of their bytes. */
size_t trn_safetensors_count(const struct trn_safetensors *file);
const struct trn_tensor *trn_safetensors_at(const struct trn_safetensors *file, size_t index);
/* NULL where there is none. */
const struct trn_tensor *trn_safetensors_find(const struct trn_safetensors *file, const char *name);

/* Data of a tensor that must be there with this type and shape[rank]. TRNNSF_E_FORMAT. The pointer
 * belongs to the file. */
trnnsf_status trn_safetensors_get(const struct trn_safetensors *file, const char *name,
                                  enum trn_tensor_type type, size_t rank, const size_t *shape,
                                  const void **out_data);
/* The same for one dimension of any length. */
trnnsf_status trn_safetensors_get_list(const struct trn_safetensors *file, const char *name,
                                       enum trn_tensor_type type, size_t *out_count,
                                       const void **out_data);
/* As get for F32; a value that is not finite is TRNNSF_E_NUMERIC, and named with its index. */
trnnsf_status trn_safetensors_get_finite(const struct trn_safetensors *file, const char *name,
                                         size_t rank, const size_t *shape, const float **out_data);
/* A U64 list as sizes[count]; TRNNSF_E_LIMIT above `maximum`. The caller frees it by trn_free(). */
trnnsf_status trn_safetensors_get_sizes(const struct trn_safetensors *file, const char *name,
                                        size_t maximum, size_t *out_count, size_t **out_sizes);

/* Metadata: the text, or NULL where the key is absent. */
const char *trn_safetensors_text(const struct trn_safetensors *file, const char *key);
/* A decimal number in minimum … maximum that must be there; TRNNSF_E_FORMAT. */
trnnsf_status trn_safetensors_number(const struct trn_safetensors *file, const char *key,
                                     uint64_t minimum, uint64_t maximum, uint64_t *out_number);
/* A finite number that must be there; TRNNSF_E_FORMAT. */
trnnsf_status trn_safetensors_real(const struct trn_safetensors *file, const char *key,
                                   double *out_number);
/* The key "format" must be `format` and "format_version" a number up to `version`. */
trnnsf_status trn_safetensors_expect_format(const struct trn_safetensors *file, const char *format,
                                            uint64_t version);

#endif
