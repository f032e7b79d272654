/* Salience that is still to be had: entries by row and by column, with a mark on those taken. */
#ifndef TRN_CLUSTER_FIELD_H
#define TRN_CLUSTER_FIELD_H

#include "cluster/clusters.h"

struct trn_ranked {
    double gain;
    uint32_t index;
};

struct trn_field {
    trnnsf_context *ctx;
    const struct trnnsf_matrix *by_row; /* the caller's */
    struct trnnsf_matrix *by_column;
    size_t *order;        /* by_column's entry -> by_row's */
    unsigned char *taken; /* by_row's entries */
    double *gain;         /* of a line, as long as the longer side */
    struct trn_ranked *ranked;
};

trnnsf_status trn_field_init(struct trn_field *field, trnnsf_context *ctx,
                             const struct trnnsf_matrix *matrix);
void trn_field_free(struct trn_field *field);

/* Ranks rows by what they hold in the given columns (or columns by rows), the most first, the lower
 * index first among equals; only gains above 0, and the leading `most` of them. Rows with skip[row]
 * are left out (NULL: none). The result is in field->ranked until the next call; how many. */
size_t trn_field_rank_rows(struct trn_field *field, const uint32_t *columns, size_t n_columns,
                           const unsigned char *skip, size_t most);
size_t trn_field_rank_columns(struct trn_field *field, const uint32_t *rows, size_t n_rows,
                              const unsigned char *skip, size_t most);
/* Marks the entries of rows x columns; column_mark[j] tells the columns. */
void trn_field_take(struct trn_field *field, const uint32_t *rows, size_t n_rows,
                    const unsigned char *column_mark);

#endif
