/* Schedule files: any bytes give a schedule within its ranges, or a status. */
#include <stdlib.h>

#include "../fuzz.h"
#include "io/schedule_yaml.h"

static void check_ranges(const struct trnnsf_schedule *schedule)
{
    double minimum, maximum;

    for (size_t i = 0; i < TRN_SCHEDULE_N_NUMBERS; i++) {
        trn_schedule_number_range(i, &minimum, &maximum);
        if (!(schedule->number[i] >= minimum && schedule->number[i] <= maximum))
            abort();
    }
    for (size_t i = 0; i < TRN_SCHEDULE_N_WORDS; i++) {
        if (!trn_schedule_word_text(schedule, i))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    trnnsf_context *ctx = fuzz_begin(data, size);
    struct trn_yaml *yaml;
    struct trnnsf_schedule *schedule;
    trnnsf_status status = trn_yaml_parse(ctx, "fuzz", data, size, &yaml);

    if (status == TRNNSF_OK) {
        status = trn_schedule_read(yaml, &schedule);
        if (status == TRNNSF_OK) {
            check_ranges(schedule);
            trn_schedule_free(schedule);
        }
        trn_yaml_free(yaml);
    }
    fuzz_end(ctx, status);
    return 0;
}
