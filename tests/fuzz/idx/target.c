#include <stdlib.h>

#include "../fuzz.h"
#include "base/alloc.h"
#include "io/idx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    trnnsf_context *ctx = fuzz_begin(data, size);
    struct trn_stream *stream;
    struct trn_idx idx;
    trnnsf_status status = trn_stream_open_memory(ctx, "fuzz", data, size, &stream);

    if (status == TRNNSF_OK) {
        status = trn_idx_read(stream, &idx);
        if (status == TRNNSF_OK) {
            size_t product = 1;

            for (size_t i = 0; i < idx.rank; i++)
                product *= idx.shape[i];
            if (product != idx.size)
                abort();
            trn_free(ctx, idx.bytes);
        }
        trn_stream_free(stream);
    }
    fuzz_end(ctx, status);
    return 0;
}
