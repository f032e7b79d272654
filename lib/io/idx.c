#include "io/idx.h"

#include <string.h>

#include "base/context.h"
#include "io/bytes.h"

enum { UNSIGNED_BYTE = 0x08 };

static trnnsf_status read_header(struct trn_stream *stream, struct trn_idx *idx)
{
    uint8_t magic[4], word[4];
    const char *name = trn_stream_name(stream);
    trnnsf_context *ctx = trn_stream_context(stream);

    TRN_TRY(trn_stream_read(stream, magic, sizeof magic));
    if (magic[0] != 0 || magic[1] != 0)
        return trn_fail(ctx, TRNNSF_E_FORMAT,
                        "'%s' begins with %02x %02x, not as an IDX file with "
                        "00 00",
                        name, magic[0], magic[1]);
    if (magic[2] != UNSIGNED_BYTE)
        return trn_fail(ctx, TRNNSF_E_UNSUPPORTED,
                        "'%s': IDX elements of type 0x%02x; only unsigned bytes (0x08) are read",
                        name, magic[2]);
    if (magic[3] < 1 || magic[3] > TRN_IDX_RANK_MAX)
        return trn_fail(ctx, TRNNSF_E_LIMIT, "'%s': %u IDX dimensions are not in [1, %d]", name,
                        magic[3], TRN_IDX_RANK_MAX);
    idx->rank = magic[3];
    idx->size = 1;
    for (size_t i = 0; i < idx->rank; i++) {
        TRN_TRY(trn_stream_read(stream, word, sizeof word));
        idx->shape[i] = trn_u32_big(word);
        if (!trn_size_multiply(idx->size, idx->shape[i], &idx->size) ||
            idx->size > TRN_STREAM_BYTES_MAX)
            return trn_fail(ctx, TRNNSF_E_LIMIT,
                            "'%s': IDX dimension %zu of %zu makes more than "
                            "%ju elements",
                            name, i, idx->shape[i], (uintmax_t)TRN_STREAM_BYTES_MAX);
    }
    return TRNNSF_OK;
}

trnnsf_status trn_idx_read(struct trn_stream *stream, struct trn_idx *out_idx)
{
    struct trn_idx idx = {0};
    trnnsf_status status;

    TRN_TRY(read_header(stream, &idx));
    TRN_TRY(trn_stream_take(stream, idx.size, &idx.bytes));
    status = trn_stream_expect_end(stream);
    if (status != TRNNSF_OK) {
        trn_free(trn_stream_context(stream), idx.bytes);
        return status;
    }
    *out_idx = idx;
    return TRNNSF_OK;
}
