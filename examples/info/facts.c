#include "describe.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if TRN_HAVE_JANSSON
#include <jansson.h>
#endif

static struct fact *add(struct facts *facts, const char *key)
{
    if (facts->count == facts->room) {
        size_t room = 2 * facts->room + 32;
        struct fact *grown = realloc(facts->list, room * sizeof *grown);

        if (!grown) {
            facts->failed = true;
            return NULL;
        }
        facts->list = grown;
        facts->room = room;
    }

    struct fact *fact = &facts->list[facts->count++];
    memset(fact, 0, sizeof *fact);
    snprintf(fact->key, sizeof fact->key, "%s", key);
    return fact;
}

void fact_text(struct facts *facts, const char *key, const char *format, ...)
{
    struct fact *fact = add(facts, key);
    va_list arguments;

    if (!fact)
        return;
    va_start(arguments, format);
    vsnprintf(fact->text, sizeof fact->text, format, arguments);
    va_end(arguments);
}

void fact_number(struct facts *facts, const char *key, double value)
{
    struct fact *fact = add(facts, key);

    if (fact) {
        fact->is_number = true;
        fact->number = value;
    }
}

void facts_reason(struct facts *facts, const char *text)
{
    snprintf(facts->reason, sizeof facts->reason, "%s", text);
}

void facts_free(struct facts *facts)
{
    free(facts->list);
}

void facts_print(const struct facts *facts)
{
    int width = 12;

    for (size_t i = 0; i < facts->count; i++) {
        int length = (int)strlen(facts->list[i].key);

        width = length > width ? length : width;
    }
    for (size_t i = 0; i < facts->count; i++) {
        const struct fact *fact = &facts->list[i];

        if (fact->is_number)
            printf("%-*s  %.10g\n", width, fact->key, fact->number);
        else
            printf("%-*s  %s\n", width, fact->key, fact->text);
    }
}

#if TRN_HAVE_JANSSON

/* Whole numbers as such, the others as reals. */
static json_t *value_of(const struct fact *fact)
{
    if (!fact->is_number)
        return json_string(fact->text);
    if (!isfinite(fact->number))
        return json_null();
    if (fact->number == floor(fact->number) && fabs(fact->number) < 9e15)
        return json_integer((json_int_t)fact->number);
    return json_real(fact->number);
}

int facts_write_json(const struct facts *facts, struct program *program)
{
    json_t *root = json_object();
    bool bad = !root;

    for (size_t i = 0; i < facts->count; i++)
        bad = json_object_set_new(root, facts->list[i].key, value_of(&facts->list[i])) != 0 || bad;
    FILE *stream = bad ? NULL : program_open_json(program);
    if (stream) {
        bad = json_dumpf(root, stream, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) != 0;
        fputc('\n', stream);
        bad = program_close_json(program, stream) != EXIT_DONE || bad;
    }
    json_decref(root);
    return stream && !bad ? EXIT_DONE : EXIT_FAILED;
}

#else

int facts_write_json(const struct facts *facts, struct program *program)
{
    (void)facts;
    return program_failed_at(program, "--json", "built without jansson");
}

#endif
