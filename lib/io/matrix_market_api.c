#include "base/context.h"
#include "io/matrix_market.h"

trnnsf_status trnnsf_matrix_load(trnnsf_context *context, const char *path,
                                 trnnsf_matrix **out_matrix)
{
    struct trn_stream *stream;
    trnnsf_status status;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!path || !out_matrix)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_matrix_load: %s is NULL",
                        path ? "out_matrix" : "path");
    status = trn_stream_open(context, path, &stream);
    if (status == TRNNSF_OK) {
        status = trn_matrix_market_read(stream, out_matrix);
        trn_stream_free(stream);
    }
    return status ? trn_fail_in(context, status, "trnnsf_matrix_load") : TRNNSF_OK;
}

trnnsf_status trnnsf_matrix_save(trnnsf_context *context, const trnnsf_matrix *matrix,
                                 const char *path)
{
    if (!context)
        return TRNNSF_E_INVALID;
    if (!matrix || !path)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_matrix_save: %s is NULL",
                        matrix ? "path" : "matrix");
    trnnsf_status status = trn_matrix_market_write(context, matrix, path);
    return status ? trn_fail_in(context, status, "trnnsf_matrix_save") : TRNNSF_OK;
}
