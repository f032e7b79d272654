#include <string.h>

#include "base/context.h"
#include "schedule/schedule.h"

static trnnsf_status missing(trnnsf_context *context, const char *function, const char *argument)
{
    return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function, argument);
}

static trnnsf_status no_such_key(trnnsf_context *context, const char *function, const char *key,
                                 const char *kind)
{
    return trn_fail(context, TRNNSF_E_NOT_FOUND, "%s: '%.60s' is no %s key", function, key, kind);
}

trnnsf_status trnnsf_schedule_create(trnnsf_context *context, const char *method,
                                     const char *variant, trnnsf_schedule **out_schedule)
{
    static const char *const function = "trnnsf_schedule_create";
    struct trnnsf_schedule *schedule;

    if (!context || !method || !out_schedule)
        return missing(context, function, method ? "out_schedule" : "method");
    TRN_TRY(trn_schedule_create(context, &schedule));
    trnnsf_status status = trn_schedule_set_word(context, function, schedule, TRN_METHOD, method);
    if (status == TRNNSF_OK)
        status = trn_schedule_set_word(context, function, schedule, TRN_VARIANT,
                                       variant ? variant : "corrected");
    if (status != TRNNSF_OK) {
        trn_schedule_free(schedule);
        return status;
    }
    *out_schedule = schedule;
    return TRNNSF_OK;
}

trnnsf_status trnnsf_schedule_copy(trnnsf_context *context, const trnnsf_schedule *schedule,
                                   trnnsf_schedule **out_schedule)
{
    if (!context || !schedule || !out_schedule)
        return missing(context, "trnnsf_schedule_copy", schedule ? "out_schedule" : "schedule");
    return trn_schedule_copy(context, schedule, out_schedule);
}

void trnnsf_schedule_free(trnnsf_schedule *schedule)
{
    trn_schedule_free(schedule);
}

trnnsf_status trnnsf_schedule_set(trnnsf_context *context, trnnsf_schedule *schedule,
                                  const char *key, double value)
{
    static const char *const function = "trnnsf_schedule_set";

    if (!context || !schedule || !key)
        return missing(context, function, schedule ? "key" : "schedule");

    size_t number = trn_schedule_find_number(key);
    if (number == TRN_SCHEDULE_N_NUMBERS)
        return no_such_key(context, function, key, "number");
    return trn_schedule_set_number(context, function, schedule, number, value);
}

trnnsf_status trnnsf_schedule_get(trnnsf_context *context, const trnnsf_schedule *schedule,
                                  const char *key, double *out_value)
{
    static const char *const function = "trnnsf_schedule_get";

    if (!context || !schedule || !key || !out_value)
        return missing(context, function, !schedule ? "schedule" : !key ? "key" : "out_value");

    size_t number = trn_schedule_find_number(key);
    if (number == TRN_SCHEDULE_N_NUMBERS)
        return no_such_key(context, function, key, "number");
    *out_value = schedule->number[number];
    return TRNNSF_OK;
}

trnnsf_status trnnsf_schedule_set_word(trnnsf_context *context, trnnsf_schedule *schedule,
                                       const char *key, const char *word)
{
    static const char *const function = "trnnsf_schedule_set_word";

    if (!context || !schedule || !key || !word)
        return missing(context, function, !schedule ? "schedule" : !key ? "key" : "word");

    size_t index = trn_schedule_find_word(key);
    if (index == TRN_SCHEDULE_N_WORDS)
        return no_such_key(context, function, key, "word");
    return trn_schedule_set_word(context, function, schedule, index, word);
}

const char *trnnsf_schedule_word(const trnnsf_schedule *schedule, const char *key)
{
    if (!schedule || !key)
        return NULL;

    size_t index = trn_schedule_find_word(key);
    return index < TRN_SCHEDULE_N_WORDS ? trn_schedule_word_text(schedule, index) : NULL;
}

size_t trnnsf_schedule_keys(void)
{
    return trn_schedule_key_count();
}

const char *trnnsf_schedule_key(size_t index)
{
    return trn_schedule_key_name(index);
}

trnnsf_status trnnsf_schedule_range(trnnsf_context *context, const char *key, double *out_minimum,
                                    double *out_maximum)
{
    static const char *const function = "trnnsf_schedule_range";

    if (!context || !key || !out_minimum || !out_maximum)
        return missing(context, function, key ? "an output" : "key");

    size_t number = trn_schedule_find_number(key);
    if (number == TRN_SCHEDULE_N_NUMBERS)
        return no_such_key(context, function, key, "number");
    trn_schedule_number_range(number, out_minimum, out_maximum);
    return TRNNSF_OK;
}
