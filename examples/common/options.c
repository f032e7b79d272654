#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MAX = 64, HELP_COLUMN = 26 };

int options_error(const struct usage *usage, const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "%s: ", usage->name);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, " (see %s --help)\n", usage->name);
    return 2;
}

int options_next(const struct usage *usage, int argc, char **argv, const char **out_value)
{
    struct option long_options[ROWS_MAX + 1];
    size_t count = 0;

    for (size_t i = 0; i < usage->n_rows && count < ROWS_MAX; i++) {
        const struct option_row *row = &usage->rows[i];

        if (row->name)
            long_options[count++] = (struct option){
                row->name, row->value ? required_argument : no_argument, NULL, row->key};
    }
    long_options[count] = (struct option){NULL, 0, NULL, 0};
    opterr = 0;
    int key = getopt_long(argc, argv, ":h", long_options, NULL);
    *out_value = optarg;
    if (key == -1)
        return OPTION_NONE;
    if (key == 'h')
        return OPTION_HELP;
    if (key == ':')
        options_error(usage, "option %s needs a value", argv[optind - 1]);
    else if (key == '?')
        options_error(usage, "option %s is not known, not unique, or takes no value",
                      argv[optind - 1]);
    return key == ':' || key == '?' ? -1 : key;
}

static void print_row(const struct option_row *row)
{
    const char *line = row->help;
    int used;

    if (!row->name) {
        printf("\n%s\n", row->help);
        return;
    }
    used = printf("  --%s%s%s", row->name, row->value ? " " : "", row->value ? row->value : "");
    if (used > HELP_COLUMN - 2) {
        printf("\n");
        used = 0;
    }
    while (line) {
        const char *end = strchr(line, '\n');
        int length = end ? (int)(end - line) : (int)strlen(line);

        printf("%*s%.*s\n", HELP_COLUMN - used, "", length, line);
        line = end ? end + 1 : NULL;
        used = 0;
    }
}

void options_print_help(const struct usage *usage)
{
    printf("Usage: %s %s\n\n%s\n", usage->name, usage->synopsis, usage->description);
    for (size_t i = 0; i < usage->n_rows; i++)
        print_row(&usage->rows[i]);
    printf("\nExit codes: 0 done, 1 failed, 2 wrong command line.\n");
}

bool options_whole(const char *text, uint64_t minimum, uint64_t maximum, uint64_t *out_value)
{
    char *end;

    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || *end != '\0' || value < minimum || value > maximum)
        return false;
    *out_value = value;
    return true;
}

bool options_number(const char *text, double *out_value)
{
    char *end;
    double value = strtod(text, &end);

    if (end == text || *end != '\0' || !isfinite(value))
        return false;
    *out_value = value;
    return true;
}

int options_take_number(const struct usage *usage, const char *name, const char *value, double *out)
{
    if (options_number(value, out))
        return EXIT_GO_ON;
    return options_error(usage, "--%s %s is no number", name, value);
}

int options_take_whole(const struct usage *usage, const char *name, const char *value,
                       uint64_t least, uint64_t most, uint32_t *out)
{
    uint64_t number;

    if (!options_whole(value, least, most, &number))
        return options_error(usage, "--%s %s is not in [%llu, %llu]", name, value,
                             (unsigned long long)least, (unsigned long long)most);
    *out = (uint32_t)number;
    return EXIT_GO_ON;
}

int options_take_word(const struct usage *usage, const char *name, const char *value,
                      const char *words, uint32_t *out)
{
    size_t length = strlen(value);
    uint32_t place = 0;

    for (const char *word = words; word; place++) {
        const char *end = strchr(word, '|');
        size_t size = end ? (size_t)(end - word) : strlen(word);

        if (size == length && memcmp(word, value, size) == 0) {
            *out = place;
            return EXIT_GO_ON;
        }
        word = end ? end + 1 : NULL;
    }
    return options_error(usage, "--%s %s: expected %s", name, value, words);
}
