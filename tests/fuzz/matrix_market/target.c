#include <math.h>
#include <stdlib.h>

#include "../fuzz.h"
#include "io/matrix_market.h"

static void check(const trnnsf_matrix *matrix)
{
    const size_t *start = trnnsf_matrix_row_start(matrix);
    const uint32_t *column = trnnsf_matrix_column(matrix);
    const float *value = trnnsf_matrix_value(matrix);

    for (size_t i = 0; i < trnnsf_matrix_rows(matrix); i++) {
        for (size_t e = start[i]; e < start[i + 1]; e++) {
            if (column[e] >= trnnsf_matrix_columns(matrix) || !isfinite(value[e]) ||
                value[e] == 0 || (e > start[i] && column[e] <= column[e - 1]))
                abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    trnnsf_context *ctx = fuzz_begin(data, size);
    trnnsf_matrix *matrix = NULL;
    struct trn_stream *stream;
    trnnsf_status status = trn_stream_open_memory(ctx, "fuzz", data, size, &stream);

    if (status == TRNNSF_OK) {
        status = trn_matrix_market_read(stream, &matrix);
        if (status == TRNNSF_OK)
            check(matrix);
        trnnsf_matrix_free(matrix);
        trn_stream_free(stream);
    }
    fuzz_end(ctx, status);
    return 0;
}
