#include <stdio.h>
#include <string.h>

#include "base/context.h"
#include "base/file.h"
#include "io/matrix_market.h"
#include "tensor/sparse.h"

/* Bytes gathered before they go to the file, and what one line takes at most. */
enum { ROOM = 65536, LINE = 96 };

struct writing {
    struct trn_file_writer *writer;
    size_t used;
    char text[ROOM];
};

/* Nine digits read back as the same float; a program's locale may write a comma. */
static void write_entry(struct writing *writing, size_t row, size_t column, float value)
{
    char number[48], *comma;

    snprintf(number, sizeof number, "%.9g", (double)value);
    comma = strchr(number, ',');
    if (comma)
        *comma = '.';
    writing->used += (size_t)snprintf(writing->text + writing->used, ROOM - writing->used,
                                      "%zu %zu %s\n", row + 1, column + 1, number);
}

static trnnsf_status write_matrix(struct writing *writing, const struct trnnsf_matrix *matrix)
{
    writing->used = (size_t)snprintf(
        writing->text, ROOM, "%%%%MatrixMarket matrix coordinate real general\n%zu %zu %zu\n",
        matrix->n_rows, matrix->n_columns, trn_sparse_nonzeros(matrix));
    for (size_t i = 0; i < matrix->n_rows; i++) {
        for (size_t e = matrix->row_start[i]; e < matrix->row_start[i + 1]; e++) {
            if (writing->used + LINE > ROOM) {
                TRN_TRY(trn_file_append(writing->writer, writing->text, writing->used));
                writing->used = 0;
            }
            write_entry(writing, i, matrix->column[e], matrix->value[e]);
        }
    }
    return trn_file_append(writing->writer, writing->text, writing->used);
}

trnnsf_status trn_matrix_market_write(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                      const char *path)
{
    struct writing *writing = TRN_NEW(ctx, struct writing);
    trnnsf_status status;

    TRN_NEED_OUT(writing);
    TRN_TRY_OUT(trn_file_begin(ctx, path, &writing->writer));
    status = trn_file_end(writing->writer, write_matrix(writing, matrix));
out:
    trn_free(ctx, writing);
    return status;
}
