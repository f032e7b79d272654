#include <stdlib.h>

#include "../fuzz.h"
#include "base/alloc.h"
#include "io/npy.h"

/* Elements that are read become floats, and integers where they are some. */
static trnnsf_status convert(trnnsf_context *ctx, const struct trn_npy *npy)
{
    float *values = trn_malloc(ctx, npy->count, sizeof *values);
    int64_t *integers = trn_malloc(ctx, npy->count, sizeof *integers);
    trnnsf_status status = TRNNSF_E_NO_MEMORY;

    if (values && integers) {
        trn_npy_floats(npy, values);
        status = trn_npy_integers(ctx, "fuzz", npy, integers);
    }
    trn_free(ctx, values);
    trn_free(ctx, integers);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    trnnsf_context *ctx = fuzz_begin(data, size);
    struct trn_stream *stream;
    struct trn_npy npy;
    trnnsf_status status = trn_stream_open_memory(ctx, "fuzz", data, size, &stream);

    if (status == TRNNSF_OK) {
        status = trn_npy_read(stream, &npy);
        if (status == TRNNSF_OK) {
            status = convert(ctx, &npy);
            trn_free(ctx, npy.bytes);
        }
        trn_stream_free(stream);
    }
    fuzz_end(ctx, status);
    return 0;
}
