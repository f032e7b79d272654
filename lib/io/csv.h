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

/* What is done with the text: `field`, or NULL, as each field of a line is met, then `line` with
 * fields[n_columns], NULL for a column that is missing. */
struct trn_csv_rules {
    const char *const *names; /* [n_columns] */
    int n_columns, required;  /* the first `required` columns have to be there */
    trnnsf_status (*field)(void *user, const struct trn_csv *csv, int column, const char *field);
    trnnsf_status (*line)(void *user, const struct trn_csv *csv, char *const *fields);
    void *user;
};

/* Reads all lines. TRNNSF_E_FORMAT names file, line and column; TRNNSF_E_LIMIT: more than `limit`
 * bytes. */
trnnsf_status trn_csv_read(struct trn_stream *stream, size_t limit,
                           const struct trn_csv_rules *rules);

/* The field of column `column` as a finite number. */
trnnsf_status trn_csv_number(const struct trn_csv *csv, const char *column, const char *field,
                             double *out_value);

#endif
