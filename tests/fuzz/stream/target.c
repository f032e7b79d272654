#include <stdlib.h>

#include "../fuzz.h"
#include "base/alloc.h"
#include "io/stream.h"

/* Far above what an input of a few kilobytes holds plain, far below what it may unpack to. */
enum { LIMIT = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    trnnsf_context *ctx = fuzz_begin(data, size);
    struct trn_stream *stream;
    uint8_t word[3], *rest;
    size_t left;
    trnnsf_status status = trn_stream_open_memory(ctx, "fuzz", data, size, &stream);

    if (status == TRNNSF_OK) {
        status = trn_stream_read(stream, word, sizeof word);
        if (status == TRNNSF_OK)
            status = trn_stream_take_rest(stream, LIMIT, &rest, &left);
        if (status == TRNNSF_OK) {
            if (left > LIMIT || rest[left] != 0)
                abort();
            trn_free(ctx, rest);
            status = trn_stream_expect_end(stream);
        }
        trn_stream_free(stream);
    }
    fuzz_end(ctx, status);
    return 0;
}
