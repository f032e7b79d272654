#include "io/csv.h"

#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/context.h"

/* The next line that holds something, without the blanks before it; NULL in *out_line at the end.
 */
static trnnsf_status next_line(struct trn_csv *csv, char **out_line)
{
    *out_line = NULL;
    while (!*out_line && csv->next < csv->end) {
        char *line = csv->next;
        char *newline = memchr(line, '\n', (size_t)(csv->end - line));
        char *end = newline ? newline : csv->end;

        csv->number++;
        csv->next = newline ? newline + 1 : csv->end;
        *end = '\0';
        if (strlen(line) != (size_t)(end - line))
            return trn_fail(csv->ctx, TRNNSF_E_FORMAT, "%s:%zu: a zero byte in the text", csv->name,
                            csv->number);
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

static trnnsf_status fail_column(const struct trn_csv *csv, const char *field,
                                 const char *const *names, int n_columns)
{
    char known[256];
    size_t at = 0;

    for (int k = 0; k < n_columns && at < sizeof known; k++)
        at += (size_t)snprintf(known + at, sizeof known - at, "%s%s", k > 0 ? ", " : "", names[k]);
    return trn_fail(csv->ctx, TRNNSF_E_FORMAT, "%s:%zu: unknown column '%.60s' (known are %s)",
                    csv->name, csv->number, field, known);
}

static trnnsf_status read_header(struct trn_csv *csv, const char *const *names, int n_columns,
                                 int required)
{
    bool seen[TRN_CSV_COLUMNS_MAX] = {false};
    char *at;

    TRN_TRY(next_line(csv, &at));
    if (!at)
        return trn_fail(csv->ctx, TRNNSF_E_FORMAT, "%s: no header of columns", csv->name);
    while (at) {
        char *field = next_field(&at);
        int column = 0;

        while (column < n_columns && strcmp(names[column], field) != 0)
            column++;
        if (column == n_columns)
            return fail_column(csv, field, names, n_columns);
        if (seen[column])
            return trn_fail(csv->ctx, TRNNSF_E_FORMAT, "%s:%zu: column %s stands here twice",
                            csv->name, csv->number, field);
        seen[column] = true;
        csv->order[csv->count++] = column;
    }
    for (int column = 0; column < required; column++) {
        if (!seen[column])
            return trn_fail(csv->ctx, TRNNSF_E_FORMAT, "%s:%zu: column %s is missing", csv->name,
                            csv->number, names[column]);
    }
    return TRNNSF_OK;
}

static trnnsf_status read_lines(struct trn_csv *csv, const struct trn_csv_rules *rules)
{
    char *fields[TRN_CSV_COLUMNS_MAX] = {NULL}, *at;

    for (;;) {
        TRN_TRY(next_line(csv, &at));
        if (!at)
            return TRNNSF_OK;
        for (int place = 0; place < csv->count; place++) {
            if (!at)
                return trn_fail(csv->ctx, TRNNSF_E_FORMAT, "%s:%zu: fewer than %d values",
                                csv->name, csv->number, csv->count);
            int column = csv->order[place];
            fields[column] = next_field(&at);
            if (rules->field)
                TRN_TRY(rules->field(rules->user, csv, column, fields[column]));
        }
        if (at)
            return trn_fail(csv->ctx, TRNNSF_E_FORMAT, "%s:%zu: more than %d values", csv->name,
                            csv->number, csv->count);
        TRN_TRY(rules->line(rules->user, csv, fields));
    }
}

trnnsf_status trn_csv_read(struct trn_stream *stream, size_t limit,
                           const struct trn_csv_rules *rules)
{
    struct trn_csv csv = {.ctx = trn_stream_context(stream), .name = trn_stream_name(stream)};
    uint8_t *text;
    size_t size;
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0), old;

    if (plain == (locale_t)0)
        return trn_fail(csv.ctx, TRNNSF_E_NO_MEMORY, "no memory for a locale");
    trnnsf_status status = trn_stream_take_rest(stream, limit, &text, &size);
    if (status == TRNNSF_OK) {
        /* Spreadsheets begin their texts with this mark of UTF-8. */
        size_t mark = size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

        csv.next = (char *)text + mark;
        csv.end = (char *)text + size;
        /* strtod() reads a point whatever the program's locale, in this thread and for now. */
        old = uselocale(plain);
        status = read_header(&csv, rules->names, rules->n_columns, rules->required);
        if (status == TRNNSF_OK)
            status = read_lines(&csv, rules);
        uselocale(old);
        trn_free(csv.ctx, text);
    }
    freelocale(plain);
    return status;
}

trnnsf_status trn_csv_number(const struct trn_csv *csv, const char *column, const char *field,
                             double *out_value)
{
    char *end;
    double value = strtod(field, &end);

    if (end == field || *end != '\0' || !isfinite(value))
        return trn_fail(csv->ctx, TRNNSF_E_FORMAT, "%s:%zu: %s: '%.40s' is not a finite number",
                        csv->name, csv->number, column, field);
    *out_value = value;
    return TRNNSF_OK;
}
