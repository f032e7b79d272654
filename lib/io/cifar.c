#include "io/cifar.h"

#include "base/context.h"
#include "data/grey.h"

enum { PIXELS = TRN_CIFAR_SIDE * TRN_CIFAR_SIDE, RECORD = 1 + TRN_CIFAR_CHANNELS * PIXELS };

static void convert(const uint8_t *bytes, bool grey, float *values)
{
    enum { ALL = TRN_CIFAR_CHANNELS * PIXELS };
    float colour[ALL];
    float *to = grey ? colour : values;

    for (size_t i = 0; i < ALL; i++)
        to[i] = (float)bytes[i] / 255.0f;
    for (size_t i = 0; grey && i < PIXELS; i++)
        values[i] = trn_luma(colour[i], colour[PIXELS + i], colour[2 * PIXELS + i]);
}

trnnsf_status trn_cifar_read(struct trn_stream *stream, size_t n_records, bool grey, float *values,
                             int64_t *labels)
{
    const size_t features = grey ? PIXELS : TRN_CIFAR_CHANNELS * PIXELS;
    uint8_t record[RECORD];

    for (size_t i = 0; i < n_records; i++) {
        TRN_TRY(trn_stream_read(stream, record, sizeof record));
        if (record[0] >= TRN_CIFAR_CLASSES)
            return trn_fail(trn_stream_context(stream), TRNNSF_E_FORMAT,
                            "'%s': label %u of sample %zu is not in [0, %d]",
                            trn_stream_name(stream), record[0], i, TRN_CIFAR_CLASSES - 1);
        labels[i] = record[0];
        convert(record + 1, grey, values + i * features);
    }
    return trn_stream_expect_end(stream);
}
