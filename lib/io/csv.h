/* Comma-separated text with a header of column names, in any order; blank lines and lines that
 * begin with # are skipped. */
#ifndef TRN_IO_CSV_H
#define TRN_IO_CSV_H

#include "io/stream.h"

enum { TRN_CSV_COLUMNS_MAX = 16 };

struct trn_csv {
    trnnsf_context *ctx;
    const char *name;
    char *next; /* the rest of the text, which ends with a 0 */
    char *end;
    size_t number; /* of the line at hand, from 1 */
    int count;     /* of columns that the header has */
    int order[TRN_CSV_COLUMNS_MAX];
};

/* One line: fields[n_columns], NULL for a column that is missing. */
typedef trnnsf_status (*trn_csv_line_function)(void *user, const struct trn_csv *csv,
                                               char *const *fields);

/* Reads all lines. The first `required` of names[n_columns] have to be there. TRNNSF_E_FORMAT names
 * file, line and column; TRNNSF_E_LIMIT: more than `limit` bytes. */
trnnsf_status trn_csv_read(struct trn_stream *stream, size_t limit, const char *const *names,
                           int n_columns, int required, trn_csv_line_function line, void *user);

/* The field of column `column` as a finite number. */
trnnsf_status trn_csv_number(const struct trn_csv *csv, const char *column, const char *field,
                             double *out_value);

#endif
