#include "io/schedule_yaml.h"

#include <stdio.h>
#include <string.h>

#include "base/context.h"
#include "base/file.h"

/* All keys with 17-digit numbers need half of it. */
enum { TEXT_MAX = 8192 };

static trnnsf_status apply_entry(trnnsf_context *ctx, const struct trn_yaml *yaml,
                                 const struct trn_yaml_entry *entry,
                                 struct trnnsf_schedule *schedule)
{
    char where[300];
    size_t number = trn_schedule_find_number(entry->path);
    size_t word = trn_schedule_find_word(entry->path);
    double value;

    snprintf(where, sizeof where, "%.200s:%zu", yaml->name, entry->line);
    if (word < TRN_SCHEDULE_N_WORDS)
        return trn_schedule_set_word(ctx, where, schedule, word, entry->text);
    if (number == TRN_SCHEDULE_N_NUMBERS)
        return trn_yaml_fail(yaml, entry, TRNNSF_E_NOT_FOUND, "no such key");
    TRN_TRY(trn_yaml_number(yaml, entry, &value));
    return trn_schedule_set_number(ctx, where, schedule, number, value);
}

static trnnsf_status apply_file(trnnsf_context *ctx, const struct trn_yaml *yaml,
                                struct trnnsf_schedule *schedule)
{
    for (size_t i = 0; i < yaml->count; i++)
        TRN_TRY(apply_entry(ctx, yaml, &yaml->entries[i], schedule));
    return trn_schedule_check(ctx, yaml->name, schedule);
}

trnnsf_status trn_schedule_read(const struct trn_yaml *yaml, struct trnnsf_schedule **out_schedule)
{
    struct trnnsf_schedule *schedule;

    TRN_TRY(trn_schedule_create(yaml->ctx, &schedule));
    trnnsf_status status = apply_file(yaml->ctx, yaml, schedule);
    if (status == TRNNSF_OK)
        *out_schedule = schedule;
    else
        trn_schedule_free(schedule);
    return status;
}

static size_t write_value(const struct trnnsf_schedule *schedule, const char *key, const char *name,
                          const char *indent, char *text, size_t room)
{
    size_t number = trn_schedule_find_number(key);
    int length;

    if (number < TRN_SCHEDULE_N_NUMBERS)
        length = snprintf(text, room, "%s%s: %.17g\n", indent, name, schedule->number[number]);
    else
        length = snprintf(text, room, "%s%s: %s\n", indent, name,
                          trn_schedule_word_text(schedule, trn_schedule_find_word(key)));
    return (size_t)length;
}

/* All keys of one section ("" for those at the top), in the order of the table. */
static size_t write_section(const struct trnnsf_schedule *schedule, const char *section, char *text,
                            size_t room)
{
    size_t used = 0, length = strlen(section);

    if (length > 0)
        used = (size_t)snprintf(text, room, "%s:\n", section);
    for (size_t i = 0; i < trn_schedule_key_count(); i++) {
        const char *key = trn_schedule_key_name(i), *dot = strchr(key, '.');
        bool here =
            dot ? (size_t)(dot - key) == length && strncmp(key, section, length) == 0 : length == 0;

        if (here)
            used += write_value(schedule, key, dot ? dot + 1 : key, dot ? "  " : "", text + used,
                                room - used);
    }
    return used;
}

trnnsf_status trn_schedule_write(trnnsf_context *ctx, const struct trnnsf_schedule *schedule,
                                 const char *path)
{
    static const char *const sections[] = {"",        "train", "network", "prune",
                                           "cluster", "drop",  "pack",    "target"};
    char text[TEXT_MAX];
    size_t used = 0;

    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++)
        used += write_section(schedule, sections[i], text + used, sizeof text - used);
    return trn_file_write(ctx, path, text, used);
}
