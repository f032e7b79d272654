#include "schedule/schedule.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/context.h"

struct number_key {
    const char *key;
    double value, minimum, maximum;
    bool whole;
};

enum { WORDS_MAX = 5, WORD_LENGTH = 16 };

struct word_key {
    const char *key;
    uint32_t value;
    const char *words[WORDS_MAX + 1];
};

static const struct number_key numbers[] = {
#define NUMBER_ROW(name, key, value, minimum, maximum, whole)                                      \
    {key, value, minimum, maximum, whole},
    TRN_SCHEDULE_NUMBERS(NUMBER_ROW)
#undef NUMBER_ROW
};

static const struct word_key words[] = {
    {"method", 3, {"dense", "prune", "offline", "transform", "pack", NULL}},
    {"variant", 1, {"published", "corrected", NULL}},
    {"train.optimiser", 0, {"sgd", "adam", NULL}},
    {"train.loss", 0, {"squared", "cross-entropy", NULL}},
    {"train.rate_schedule", 0, {"constant", "step", "exponential", "cosine", NULL}},
    {"network.hidden_activation", 1, {"linear", "relu", "sigmoid", "tanh", NULL}},
    {"network.output_activation", 1, {"linear", "relu", "sigmoid", "tanh", "softmax", NULL}},
    {"network.init", 0, {"uniform", "he", "glorot", NULL}},
    {"pack.salience", 0, {"loss", "activation", "magnitude", NULL}},
    {"pack.cost", 0, {"crossbars", "area", "energy", NULL}},
    {"device.unipolar", 0, {"none", "matrix", "output", "block", "positive", NULL}},
    {"train.crop_fill", 0, {"zero", "edge", "reflect", "wrap", NULL}},
    {"train.average", 0, {"none", "exponential", "epochs", NULL}},
    {"layers", 0, {"all", "dense", "convolutions", NULL}},
};

_Static_assert(sizeof words / sizeof words[0] == TRN_SCHEDULE_N_WORDS, "a row for each word key");

trnnsf_status trn_schedule_create(trnnsf_context *ctx, struct trnnsf_schedule **out_schedule)
{
    struct trnnsf_schedule *schedule = TRN_NEW(ctx, struct trnnsf_schedule);

    if (!schedule)
        return TRNNSF_E_NO_MEMORY;
    schedule->ctx = trn_context_retain(ctx);
    for (size_t i = 0; i < TRN_SCHEDULE_N_NUMBERS; i++)
        schedule->number[i] = numbers[i].value;
    for (size_t i = 0; i < TRN_SCHEDULE_N_WORDS; i++)
        schedule->word[i] = words[i].value;
    *out_schedule = schedule;
    return TRNNSF_OK;
}

trnnsf_status trn_schedule_copy(trnnsf_context *ctx, const struct trnnsf_schedule *schedule,
                                struct trnnsf_schedule **out_schedule)
{
    struct trnnsf_schedule *copy;

    TRN_TRY(trn_schedule_create(ctx, &copy));
    memcpy(copy->number, schedule->number, sizeof copy->number);
    memcpy(copy->word, schedule->word, sizeof copy->word);
    *out_schedule = copy;
    return TRNNSF_OK;
}

void trn_schedule_free(struct trnnsf_schedule *schedule)
{
    if (!schedule)
        return;

    trnnsf_context *ctx = schedule->ctx;
    trn_free(ctx, schedule);
    trn_context_release(ctx);
}

/* What prunes by weights must be done before these are levels: on most devices a level is 0. */
static trnnsf_status check_device(trnnsf_context *ctx, const char *function,
                                  const struct trnnsf_schedule *schedule)
{
    const double *number = schedule->number;
    uint32_t method = schedule->word[TRN_METHOD];
    bool rounds = method == TRN_METHOD_PACK ||
                  (method == TRN_METHOD_TRANSFORM && schedule->word[TRN_VARIANT]);
    bool on = number[TRN_DEVICE_WEIGHT_LEVELS] > 0 || number[TRN_DEVICE_WEIGHT_RANGE] > 0 ||
              number[TRN_DEVICE_ACTIVATION_BITS] > 0 || number[TRN_DEVICE_ACTIVATION_RANGE] > 0 ||
              number[TRN_DEVICE_NOISE] > 0 || number[TRN_DEVICE_STUCK_ON] > 0 ||
              number[TRN_DEVICE_STUCK_OFF] > 0 || schedule->word[TRN_DEVICE_UNIPOLAR] > 0;

    if (number[TRN_DEVICE_WEIGHT_LEVELS] == 1)
        return trn_fail(ctx, TRNNSF_E_INVALID,
                        "%s: device.weight_levels 1 is neither 0 nor in [2, 65536]", function);
    if (!on || method == TRN_METHOD_DENSE)
        return TRNNSF_OK;
    if (rounds && number[TRN_DEVICE_FIRST] < number[TRN_CLUSTER_UNTIL])
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: device.first %g is below cluster.until %g",
                        function, number[TRN_DEVICE_FIRST], number[TRN_CLUSTER_UNTIL]);
    if (number[TRN_DEVICE_FIRST] <= 0)
        return trn_fail(ctx, TRNNSF_E_INVALID,
                        "%s: device.first 0 is for the method dense: %s would prune nothing",
                        function, trn_schedule_word_text(schedule, TRN_METHOD));
    return TRNNSF_OK;
}

trnnsf_status trn_schedule_check(trnnsf_context *ctx, const char *function,
                                 const struct trnnsf_schedule *schedule)
{
    const double *number = schedule->number;

    if (number[TRN_QUALITY_LAST] > number[TRN_QUALITY_FIRST])
        return trn_fail(ctx, TRNNSF_E_INVALID,
                        "%s: cluster.quality_last %g is above cluster.quality_first %g", function,
                        number[TRN_QUALITY_LAST], number[TRN_QUALITY_FIRST]);
    if (number[TRN_CLUSTER_UNTIL] < number[TRN_CLUSTER_FIRST])
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: cluster.until %g is below cluster.first %g",
                        function, number[TRN_CLUSTER_UNTIL], number[TRN_CLUSTER_FIRST]);
    if (number[TRN_BUDGET_LAST] > number[TRN_BUDGET_FIRST])
        return trn_fail(ctx, TRNNSF_E_INVALID,
                        "%s: cluster.budget_last %g is above cluster.budget_first %g", function,
                        number[TRN_BUDGET_LAST], number[TRN_BUDGET_FIRST]);
    if (number[TRN_DISTIL] > 0 && number[TRN_PACK_DISTIL] > 0)
        return trn_fail(ctx, TRNNSF_E_INVALID,
                        "%s: train.distil %g and pack.distil %g have different teachers", function,
                        number[TRN_DISTIL], number[TRN_PACK_DISTIL]);
    TRN_TRY(check_device(ctx, function, schedule));
    if (number[TRN_RATE] <= 0)
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: train.rate 0 trains nothing", function);
    if (number[TRN_EPOCHS] < 1 && schedule->word[TRN_METHOD] != TRN_METHOD_OFFLINE)
        return trn_fail(ctx, TRNNSF_E_INVALID,
                        "%s: train.epochs 0 is for the method offline, not for %s", function,
                        trn_schedule_word_text(schedule, TRN_METHOD));
    return TRNNSF_OK;
}

size_t trn_schedule_key_count(void)
{
    return (size_t)TRN_SCHEDULE_N_NUMBERS + TRN_SCHEDULE_N_WORDS;
}

const char *trn_schedule_key_name(size_t index)
{
    if (index < TRN_SCHEDULE_N_NUMBERS)
        return numbers[index].key;
    index -= TRN_SCHEDULE_N_NUMBERS;
    return index < TRN_SCHEDULE_N_WORDS ? words[index].key : NULL;
}

size_t trn_schedule_find_number(const char *key)
{
    size_t i = 0;

    while (i < TRN_SCHEDULE_N_NUMBERS && strcmp(numbers[i].key, key) != 0)
        i++;
    return i;
}

size_t trn_schedule_find_word(const char *key)
{
    size_t i = 0;

    while (i < TRN_SCHEDULE_N_WORDS && strcmp(words[i].key, key) != 0)
        i++;
    return i;
}

void trn_schedule_number_range(size_t number, double *out_minimum, double *out_maximum)
{
    *out_minimum = numbers[number].minimum;
    *out_maximum = numbers[number].maximum;
}

trnnsf_status trn_schedule_set_number(trnnsf_context *ctx, const char *where,
                                      struct trnnsf_schedule *schedule, size_t number,
                                      double value)
{
    const struct number_key *row = &numbers[number];

    if (!(value >= row->minimum && value <= row->maximum))
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: %s %g is not in [%g, %g]", where, row->key,
                        value, row->minimum, row->maximum);
    if (row->whole && value != floor(value))
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: %s %g is no whole number", where, row->key,
                        value);
    schedule->number[number] = value;
    return TRNNSF_OK;
}

static void list_words(const struct word_key *row, char *text, size_t size)
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; row->words[i] && used + WORD_LENGTH < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "", row->words[i]);
}

trnnsf_status trn_schedule_set_word(trnnsf_context *ctx, const char *where,
                                    struct trnnsf_schedule *schedule, size_t word,
                                    const char *text)
{
    const struct word_key *row = &words[word];
    char choices[(WORDS_MAX + 1) * WORD_LENGTH];

    for (uint32_t i = 0; row->words[i]; i++) {
        if (strcmp(row->words[i], text) == 0) {
            schedule->word[word] = i;
            return TRNNSF_OK;
        }
    }
    list_words(row, choices, sizeof choices);
    return trn_fail(ctx, TRNNSF_E_INVALID, "%s: %s '%.40s' is none of %s", where, row->key, text,
                    choices);
}

const char *trn_schedule_word_text(const struct trnnsf_schedule *schedule, size_t word)
{
    return words[word].words[schedule->word[word]];
}
