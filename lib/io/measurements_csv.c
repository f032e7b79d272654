#include "io/measurements_csv.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/context.h"

/* Chosen here: more than anybody measures. */
enum { COLUMNS = 4, TEXT_MAX = 64 << 20, READS_MAX = 2000000 };

/* Ranges are wide around what can be measured; a slip of units mostly leaves them. */
static const struct {
    const char *name;
    double low, high;
} columns[COLUMNS] = {
    {"device", 0, 4294967295.0},
    {"target_siemens", 0, 10},
    {"time_second", 1e-9, 1e9},
    {"conductance_siemens", 0, 10},
};

enum { DEVICE, TARGET, TIME, CONDUCTANCE };

struct reading {
    trnnsf_context *ctx;
    const char *name;
    char *next; /* the rest of the text, which ends with a 0 */
    char *end;
    char *line;         /* the line at hand, ended by a 0 */
    size_t number;      /* of that line, from 1 */
    int order[COLUMNS]; /* which column stands at a place */
    struct trn_tech_read *reads;
    size_t count;
    size_t room;
};

static trnnsf_status fail_at(const struct reading *reading, const char *what)
{
    return trn_fail(reading->ctx, TRNNSF_E_FORMAT, "%s:%zu: %s", reading->name, reading->number,
                    what);
}

/* The next line that holds something, without the blanks around it; NULL in *out_line at the end.
 */
static trnnsf_status next_line(struct reading *reading, char **out_line)
{
    *out_line = NULL;
    while (!*out_line && reading->next < reading->end) {
        char *line = reading->next;
        char *newline = memchr(line, '\n', (size_t)(reading->end - line));
        char *end = newline ? newline : reading->end;

        reading->number++;
        reading->next = newline ? newline + 1 : reading->end;
        *end = '\0';
        if (strlen(line) != (size_t)(end - line))
            return fail_at(reading, "a zero byte in the text");
        line += strspn(line, " \t\r");
        if (*line != '\0' && *line != '#')
            *out_line = line;
    }
    return TRNNSF_OK;
}

/* The field at *at without the blanks around it; *at moves behind its comma, or to NULL. */
static char *next_field(char **at)
{
    char *field = *at + strspn(*at, " \t"), *comma = strchr(field, ',');
    char *end = comma ? comma : field + strlen(field);

    *at = comma ? comma + 1 : NULL;
    while (end > field && strchr(" \t\r", end[-1]) != NULL)
        end--;
    *end = '\0';
    return field;
}

static trnnsf_status read_header(struct reading *reading)
{
    bool seen[COLUMNS] = {false};
    int places = 0;
    char *at;

    TRN_TRY(next_line(reading, &at));
    if (!at)
        return trn_fail(reading->ctx, TRNNSF_E_FORMAT, "%s: no header of columns", reading->name);
    while (at) {
        char *field = next_field(&at);
        int column = 0;

        while (column < COLUMNS && strcmp(columns[column].name, field) != 0)
            column++;
        if (column == COLUMNS)
            return trn_fail(reading->ctx, TRNNSF_E_FORMAT,
                            "%s:%zu: unknown column '%.60s' (known are device, target_siemens, "
                            "time_second, conductance_siemens)",
                            reading->name, reading->number, field);
        if (seen[column])
            return trn_fail(reading->ctx, TRNNSF_E_FORMAT, "%s:%zu: column %s stands here twice",
                            reading->name, reading->number, field);
        seen[column] = true;
        reading->order[places++] = column;
    }
    for (int column = 0; column < COLUMNS; column++) {
        if (!seen[column])
            return trn_fail(reading->ctx, TRNNSF_E_FORMAT, "%s:%zu: column %s is missing",
                            reading->name, reading->number, columns[column].name);
    }
    return TRNNSF_OK;
}

static trnnsf_status read_field(const struct reading *reading, int column, const char *field,
                                double *out_value)
{
    char *end;
    double value = strtod(field, &end);

    if (end == field || *end != '\0' || !isfinite(value))
        return trn_fail(reading->ctx, TRNNSF_E_FORMAT, "%s:%zu: %s: '%.40s' is not a finite number",
                        reading->name, reading->number, columns[column].name, field);
    if (!(value >= columns[column].low && value <= columns[column].high))
        return trn_fail(reading->ctx, TRNNSF_E_FORMAT, "%s:%zu: %s %g is not in [%g, %.10g]",
                        reading->name, reading->number, columns[column].name, value,
                        columns[column].low, columns[column].high);
    if (column == DEVICE && value != floor(value))
        return trn_fail(reading->ctx, TRNNSF_E_FORMAT, "%s:%zu: device %g is not a whole number",
                        reading->name, reading->number, value);
    *out_value = value;
    return TRNNSF_OK;
}

static trnnsf_status add_read(struct reading *reading, const double *value)
{
    if (reading->count == READS_MAX)
        return trn_fail(reading->ctx, TRNNSF_E_LIMIT, "%s:%zu: more than %d reads", reading->name,
                        reading->number, READS_MAX);
    if (reading->count == reading->room) {
        size_t room = 2 * reading->room + 64;
        struct trn_tech_read *more =
            trn_realloc(reading->ctx, reading->reads, room, sizeof *reading->reads);

        if (!more)
            return TRNNSF_E_NO_MEMORY;
        reading->reads = more;
        reading->room = room;
    }
    reading->reads[reading->count++] = (struct trn_tech_read){
        (uint32_t)value[DEVICE], value[TARGET], value[TIME], value[CONDUCTANCE]};
    return TRNNSF_OK;
}

static trnnsf_status read_text(struct reading *reading)
{
    double value[COLUMNS] = {0};
    char *at;

    TRN_TRY(read_header(reading));
    for (;;) {
        TRN_TRY(next_line(reading, &at));
        if (!at)
            return TRNNSF_OK;
        for (int place = 0; place < COLUMNS; place++) {
            if (!at)
                return fail_at(reading, "fewer than four values");
            int column = reading->order[place];
            TRN_TRY(read_field(reading, column, next_field(&at), &value[column]));
        }
        if (at)
            return fail_at(reading, "more than four values");
        TRN_TRY(add_read(reading, value));
    }
}

trnnsf_status trn_measurements_read(struct trn_stream *stream, struct trn_tech_read **out_reads,
                                    size_t *out_count)
{
    struct reading reading = {.ctx = trn_stream_context(stream), .name = trn_stream_name(stream)};
    uint8_t *text;
    size_t size;
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0), old;

    if (plain == (locale_t)0)
        return trn_fail(reading.ctx, TRNNSF_E_NO_MEMORY, "no memory for a locale");
    trnnsf_status status = trn_stream_take_rest(stream, TEXT_MAX, &text, &size);
    if (status == TRNNSF_OK) {
        /* Spreadsheets begin their texts with this mark of UTF-8. */
        size_t mark = size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

        reading.next = (char *)text + mark;
        reading.end = (char *)text + size;
        /* strtod() reads a point whatever the program's locale, in this thread and for now. */
        old = uselocale(plain);
        status = read_text(&reading);
        uselocale(old);
        trn_free(reading.ctx, text);
    }
    freelocale(plain);
    if (status != TRNNSF_OK) {
        trn_free(reading.ctx, reading.reads);
        return status;
    }
    *out_reads = reading.reads;
    *out_count = reading.count;
    return TRNNSF_OK;
}
