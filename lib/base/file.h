/* Whole files: read with a bound; written beside and renamed, so that whoever opens the path sees
 * the old contents or the new ones, and a killed writer loses nothing. */
#ifndef TRN_BASE_FILE_H
#define TRN_BASE_FILE_H

#include <stdbool.h>
#include <trnnsf/context.h>

/* The whole file. One byte more, a 0, follows the contents, so that text can be read as a string.
 * Free with trn_free(). TRNNSF_E_NOT_FOUND: no such file; TRNNSF_E_LIMIT: more than `limit` bytes;
 * TRNNSF_E_IO: not a readable file. */
trnnsf_status trn_file_read(trnnsf_context *ctx, const char *path, size_t limit,
                            uint8_t **out_bytes, size_t *out_size);

/* Whether something that can be opened is there. */
bool trn_file_exists(const char *path);
/* Whether both paths lead to one file that is there, by whatever way. */
bool trn_file_same(const char *path, const char *other);
/* `path` as seen from the folder of the file `from`; a path from the root stays itself. Free with
 * trn_free(). NULL: no memory. */
char *trn_file_beside(trnnsf_context *ctx, const char *from, const char *path);
/* TRNNSF_E_FORMAT where `path`, links followed, is not below the folder of the file `from`;
 * TRNNSF_E_NOT_FOUND where one of the two is not there. */
trnnsf_status trn_file_check_below(trnnsf_context *ctx, const char *from, const char *path);

/* Writes a file in pieces. What is no regular file, such as /dev/stdout, is written in place. */
struct trn_file_writer;

trnnsf_status trn_file_begin(trnnsf_context *ctx, const char *path,
                             struct trn_file_writer **out_writer);
trnnsf_status trn_file_append(struct trn_file_writer *writer, const void *bytes, size_t size);
/* Makes the file what was appended. Frees the writer, on failure too; the old file then stands. */
trnnsf_status trn_file_commit(struct trn_file_writer *writer);
/* Forgets what was appended and frees the writer; NULL is fine. */
void trn_file_discard(struct trn_file_writer *writer);
/* One of the two, by how the appending went: commits where `status` is TRNNSF_OK, else discards and
 * returns it. */
trnnsf_status trn_file_end(struct trn_file_writer *writer, trnnsf_status status);

/* All three in one. */
trnnsf_status trn_file_write(trnnsf_context *ctx, const char *path, const void *bytes, size_t size);

#endif
