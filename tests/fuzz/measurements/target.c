/* Measurements: any bytes give reads within their ranges and, of these, a descriptor whose
 * constants are within theirs, or a status. */
#include <stdlib.h>

#include "../fuzz.h"
#include "base/alloc.h"
#include "io/measurements_csv.h"

static trnnsf_status fit(trnnsf_context *ctx, size_t count, struct trn_tech_read *reads)
{
    struct trnnsf_tech_measurements_options options = TRNNSF_TECH_MEASUREMENTS_OPTIONS_INIT;
    struct trnnsf_tech *base, *tech;
    trnnsf_status status = trn_tech_preset(ctx, "pcm-nandakumar-2019", &base);

    if (status != TRNNSF_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        if (!(reads[i].target >= 0 && reads[i].conductance >= 0 && reads[i].time > 0))
            abort();
    }
    options.degree = 4;
    status = trn_tech_fit(ctx, base, "fuzz", count, reads, &options, &tech);
    if (status == TRNNSF_OK) {
        for (size_t key = 0; key < TRN_TECH_KEYS; key++) {
            if (!(tech->value[key] >= trn_tech_key_infos[key].low))
                abort();
        }
        trn_tech_free(tech);
    }
    trn_tech_free(base);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    trnnsf_context *ctx = fuzz_begin(data, size);
    struct trn_stream *stream;
    struct trn_tech_read *reads;
    size_t count;
    trnnsf_status status = trn_stream_open_memory(ctx, "fuzz", data, size, &stream);

    if (status == TRNNSF_OK) {
        status = trn_measurements_read(stream, &reads, &count);
        if (status == TRNNSF_OK) {
            status = fit(ctx, count, reads);
            trn_free(ctx, reads);
        }
        trn_stream_free(stream);
    }
    fuzz_end(ctx, status);
    return 0;
}
