#include <stdlib.h>

#include "../fuzz.h"
#include "io/cifar.h"

enum { RECORDS = 2, FEATURES = 3072 };

/* The last byte chooses colour or grey. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static float values[RECORDS * FEATURES];
    int64_t labels[RECORDS];
    trnnsf_context *ctx = fuzz_begin(data, size);
    struct trn_stream *stream;
    trnnsf_status status = trn_stream_open_memory(ctx, "fuzz", data, size, &stream);

    if (status == TRNNSF_OK) {
        bool grey = size > 0 && data[size - 1] & 1;

        status = trn_cifar_read(stream, RECORDS, grey, values, labels);
        for (size_t i = 0; status == TRNNSF_OK && i < RECORDS * (grey ? FEATURES / 3 : FEATURES);
             i++) {
            if (!(values[i] >= 0 && values[i] <= 1.0001f))
                abort();
        }
        trn_stream_free(stream);
    }
    fuzz_end(ctx, status);
    return 0;
}
