#include "io/matrix_market.h"

#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/context.h"
#include "io/triplets.h"

enum field { REAL, INTEGER, PATTERN };
enum symmetry { GENERAL, SYMMETRIC, SKEW };

struct reading {
    trnnsf_context *ctx;
    const char *name;
    char *next; /* the rest of the text, which ends with a 0 */
    char *end;
    char *line;    /* the line at hand, ended by a 0 */
    size_t number; /* of that line, from 1 */
    bool coordinate;
    enum field field;
    enum symmetry symmetry;
    size_t n_rows;
    size_t n_columns;
    size_t entries; /* lines of values to come */
    struct trn_triplets cells;
};

static trnnsf_status fail_line(const struct reading *reading, trnnsf_status status,
                               const char *format, ...) TRN_PRINTF(3, 4);

static trnnsf_status fail_line(const struct reading *reading, trnnsf_status status,
                               const char *format, ...)
{
    char text[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return trn_fail(reading->ctx, status, "'%s' line %zu: %s", reading->name, reading->number,
                    text);
}

/* False at the end of the text. */
static bool next_line(struct reading *reading)
{
    char *newline;

    if (reading->next >= reading->end)
        return false;
    reading->line = reading->next;
    reading->number++;
    newline = memchr(reading->next, '\n', (size_t)(reading->end - reading->next));
    reading->next = newline ? newline + 1 : reading->end;
    *(newline ? newline : reading->end) = '\0';
    return true;
}

static void skip_spaces(struct reading *reading)
{
    reading->line += strspn(reading->line, " \t\r");
}

/* The next line that holds something; comments only before the sizes. */
static bool next_content(struct reading *reading, bool comments)
{
    while (next_line(reading)) {
        skip_spaces(reading);
        if (*reading->line != '\0' && !(comments && *reading->line == '%'))
            return true;
    }
    return false;
}

static bool same_letter(char a, char b)
{
    return a == b || (a >= 'A' && a <= 'Z' && a - 'A' + 'a' == b);
}

/* A word of the first line; `word` in small letters. */
static bool accept_word(struct reading *reading, const char *word)
{
    const char *at = reading->line;

    for (; *word; word++, at++) {
        if (!same_letter(*at, *word))
            return false;
    }
    if (*at != '\0' && strchr(" \t\r", *at) == NULL)
        return false;
    reading->line += at - reading->line;
    skip_spaces(reading);
    return true;
}

static trnnsf_status read_banner(struct reading *reading)
{
    if (!next_line(reading) || strncmp(reading->line, "%%MatrixMarket", 14) != 0)
        return trn_fail(reading->ctx, TRNNSF_E_FORMAT, "'%s' does not begin with %%%%MatrixMarket",
                        reading->name);
    reading->line += 14;
    skip_spaces(reading);
    if (!accept_word(reading, "matrix"))
        return fail_line(reading, TRNNSF_E_UNSUPPORTED, "only the object 'matrix' is read");
    reading->coordinate = accept_word(reading, "coordinate");
    if (!reading->coordinate && !accept_word(reading, "array"))
        return fail_line(reading, TRNNSF_E_FORMAT, "'%.20s' is not 'coordinate' or 'array'",
                         reading->line);
    if (accept_word(reading, "pattern"))
        reading->field = PATTERN;
    else if (accept_word(reading, "integer"))
        reading->field = INTEGER;
    else if (accept_word(reading, "real"))
        reading->field = REAL;
    else
        return fail_line(reading, TRNNSF_E_UNSUPPORTED,
                         "'%.20s'; only real, integer and pattern matrices are read",
                         reading->line);
    if (accept_word(reading, "symmetric"))
        reading->symmetry = SYMMETRIC;
    else if (accept_word(reading, "skew-symmetric"))
        reading->symmetry = SKEW;
    else if (!accept_word(reading, "general"))
        return fail_line(reading, TRNNSF_E_UNSUPPORTED,
                         "'%.20s'; only general, symmetric and skew-symmetric matrices are read",
                         reading->line);
    if (*reading->line != '\0' ||
        (reading->field == PATTERN && (!reading->coordinate || reading->symmetry == SKEW)))
        return fail_line(reading, TRNNSF_E_FORMAT, "these words do not go together");
    return TRNNSF_OK;
}

static trnnsf_status read_size(struct reading *reading, const char *what, size_t *out_size)
{
    size_t size = 0;
    char *at = reading->line;

    for (; *at >= '0' && *at <= '9'; at++) {
        if (!trn_size_multiply(size, 10, &size) || !trn_size_add(size, (size_t)(*at - '0'), &size))
            return fail_line(reading, TRNNSF_E_LIMIT, "the %s is too large", what);
    }
    if (at == reading->line || (*at != '\0' && strchr(" \t\r", *at) == NULL))
        return fail_line(reading, TRNNSF_E_FORMAT, "'%.20s' is no %s", reading->line, what);
    reading->line = at;
    skip_spaces(reading);
    *out_size = size;
    return TRNNSF_OK;
}

/* Each line of values has at least `shortest` bytes with its end, so the text bounds their number.
 */
static trnnsf_status check_entries(struct reading *reading, size_t shortest)
{
    size_t left = (size_t)(reading->end - reading->next);

    if (reading->entries > left / shortest + 1)
        return fail_line(reading, TRNNSF_E_FORMAT,
                         "%zu entries do not fit the %zu bytes that follow", reading->entries,
                         left);
    return TRNNSF_OK;
}

static trnnsf_status read_sizes(struct reading *reading)
{
    const size_t limit = TRN_MATRIX_SIDE_MAX;
    size_t n;

    if (!next_content(reading, true))
        return fail_line(reading, TRNNSF_E_FORMAT, "the text ends before the sizes");
    TRN_TRY(read_size(reading, "number of rows", &reading->n_rows));
    TRN_TRY(read_size(reading, "number of columns", &reading->n_columns));
    if (reading->coordinate)
        TRN_TRY(read_size(reading, "number of entries", &reading->entries));
    if (*reading->line != '\0')
        return fail_line(reading, TRNNSF_E_FORMAT, "'%.20s' after the sizes", reading->line);
    if (reading->n_rows == 0 || reading->n_columns == 0)
        return fail_line(reading, TRNNSF_E_FORMAT, "a matrix of %zu x %zu", reading->n_rows,
                         reading->n_columns);
    if (reading->n_rows > limit || reading->n_columns > limit)
        return fail_line(reading, TRNNSF_E_LIMIT, "%zu x %zu exceeds %zu on a side",
                         reading->n_rows, reading->n_columns, limit);
    n = reading->n_rows;
    if (reading->symmetry != GENERAL && n != reading->n_columns)
        return fail_line(reading, TRNNSF_E_FORMAT, "a symmetric matrix of %zu x %zu", n,
                         reading->n_columns);
    if (reading->coordinate)
        return check_entries(reading, reading->field == PATTERN ? 4 : 6);
    if (!trn_size_multiply(n,
                           reading->symmetry == GENERAL     ? reading->n_columns
                           : reading->symmetry == SYMMETRIC ? n + 1
                                                            : n - 1,
                           &reading->entries))
        return fail_line(reading, TRNNSF_E_LIMIT, "%zu x %zu is too large", n, reading->n_columns);
    if (reading->symmetry != GENERAL)
        reading->entries /= 2;
    return check_entries(reading, 2);
}

/* Decimal numbers only: strtod() alone would take "nan" and "0x1p3". */
static trnnsf_status read_value(struct reading *reading, double *out_value)
{
    size_t length = strspn(reading->line, "+-.0123456789eE");
    char *end = reading->line;
    double value = length > 0 ? strtod(reading->line, &end) : 0;

    if (length == 0 || end != reading->line + length ||
        (*end != '\0' && strchr(" \t\r", *end) == NULL))
        return fail_line(reading, TRNNSF_E_FORMAT, "'%.20s' is no number", reading->line);
    if (!isfinite(value))
        return fail_line(reading, TRNNSF_E_NUMERIC, "'%.20s' exceeds a double", reading->line);
    if (reading->field == INTEGER && value != floor(value))
        return fail_line(reading, TRNNSF_E_FORMAT, "'%.20s' is no integer", reading->line);
    reading->line = end;
    skip_spaces(reading);
    *out_value = value;
    return TRNNSF_OK;
}

/* Row and column from 0. */
static trnnsf_status add_cell(struct reading *reading, size_t row, size_t column, double value)
{
    if (reading->symmetry != GENERAL &&
        (row < column || (row == column && reading->symmetry == SKEW)))
        return fail_line(reading, TRNNSF_E_FORMAT, "cell %zu, %zu is not below the diagonal",
                         row + 1, column + 1);
    if (value == 0)
        return TRNNSF_OK;
    trn_triplets_add(&reading->cells, row, column, value);
    if (reading->symmetry != GENERAL && row != column)
        trn_triplets_add(&reading->cells, column, row, reading->symmetry == SKEW ? -value : value);
    return TRNNSF_OK;
}

static trnnsf_status read_coordinate(struct reading *reading)
{
    size_t row = 0, column = 0;
    double value = 1;

    TRN_TRY(read_size(reading, "row", &row));
    TRN_TRY(read_size(reading, "column", &column));
    if (row < 1 || row > reading->n_rows || column < 1 || column > reading->n_columns)
        return fail_line(reading, TRNNSF_E_FORMAT, "cell %zu, %zu is not in %zu x %zu", row, column,
                         reading->n_rows, reading->n_columns);
    if (reading->field != PATTERN)
        TRN_TRY(read_value(reading, &value));
    return add_cell(reading, row - 1, column - 1, value);
}

static trnnsf_status finish_line(struct reading *reading)
{
    if (*reading->line != '\0')
        return fail_line(reading, TRNNSF_E_FORMAT, "'%.20s' after the entry", reading->line);
    return TRNNSF_OK;
}

static trnnsf_status need_content(struct reading *reading, size_t done)
{
    if (!next_content(reading, false))
        return fail_line(reading, TRNNSF_E_FORMAT, "the text ends after %zu of %zu entries", done,
                         reading->entries);
    return TRNNSF_OK;
}

static trnnsf_status read_coordinates(struct reading *reading)
{
    for (size_t e = 0; e < reading->entries; e++) {
        TRN_TRY(need_content(reading, e));
        TRN_TRY(read_coordinate(reading));
        TRN_TRY(finish_line(reading));
    }
    return TRNNSF_OK;
}

/* Column by column; of symmetric matrices from the diagonal down, of skew ones from below it. */
static trnnsf_status read_array(struct reading *reading)
{
    size_t done = 0;

    for (size_t column = 0; column < reading->n_columns; column++) {
        size_t first = reading->symmetry == GENERAL     ? 0
                       : reading->symmetry == SYMMETRIC ? column
                                                        : column + 1;

        for (size_t row = first; row < reading->n_rows; row++) {
            double value = 0;

            TRN_TRY(need_content(reading, done++));
            TRN_TRY(read_value(reading, &value));
            TRN_TRY(add_cell(reading, row, column, value));
            TRN_TRY(finish_line(reading));
        }
    }
    return TRNNSF_OK;
}

static trnnsf_status read_text(struct reading *reading, trnnsf_matrix **out_matrix)
{
    trnnsf_status status;

    if (memchr(reading->next, '\0', (size_t)(reading->end - reading->next)))
        return trn_fail(reading->ctx, TRNNSF_E_FORMAT, "'%s' is no text: it holds a zero byte",
                        reading->name);
    TRN_TRY(read_banner(reading));
    TRN_TRY(read_sizes(reading));
    TRN_TRY(trn_triplets_reserve(
        reading->ctx, reading->entries * (reading->symmetry == GENERAL ? 1 : 2), &reading->cells));
    TRN_TRY(reading->coordinate ? read_coordinates(reading) : read_array(reading));
    if (next_content(reading, true))
        return fail_line(reading, TRNNSF_E_FORMAT, "'%.20s' after the last of %zu entries",
                         reading->line, reading->entries);
    status = trn_triplets_to_matrix(reading->ctx, &reading->cells, reading->n_rows,
                                    reading->n_columns, out_matrix);
    return status ? trn_fail_in(reading->ctx, status, "'%s'", reading->name) : TRNNSF_OK;
}

trnnsf_status trn_matrix_market_read(struct trn_stream *stream, trnnsf_matrix **out_matrix)
{
    struct reading reading = {.ctx = trn_stream_context(stream), .name = trn_stream_name(stream)};
    uint8_t *text;
    size_t size;
    trnnsf_status status;
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0), old;

    if (plain == (locale_t)0)
        return trn_fail(reading.ctx, TRNNSF_E_NO_MEMORY, "no memory for a locale");
    status = trn_stream_take_rest(stream, TRN_STREAM_TEXT_MAX, &text, &size);
    if (status == TRNNSF_OK) {
        reading.next = (char *)text;
        reading.end = (char *)text + size;
        /* strtod() reads a point whatever the program's locale, in this thread and for now. */
        old = uselocale(plain);
        status = read_text(&reading, out_matrix);
        uselocale(old);
        trn_free(reading.ctx, text);
    }
    trn_triplets_free(reading.ctx, &reading.cells);
    freelocale(plain);
    return status;
}
