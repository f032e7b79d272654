/* Look-up by path: the same walk as the JSON text, so that both always agree. */
#include "io/report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DEPTH_MAX = 16 };

struct finder {
    const char *rest[DEPTH_MAX]; /* of the path, at each depth that matches */
    size_t index[DEPTH_MAX];     /* of the next element, in arrays */
    size_t depth;                /* open objects and arrays */
    size_t matched;              /* how many of them lie on the path */
    bool found;
    double value;
};

/* The rest of the path behind `key` (or the array index), NULL where the path goes elsewhere. */
static const char *step_into(struct finder *finder, const char *key)
{
    char index[24];
    size_t element = finder->index[finder->depth]++;

    if (finder->matched != finder->depth || finder->found)
        return NULL;
    if (!key) {
        snprintf(index, sizeof index, "%zu", element);
        key = index;
    }

    const char *rest = finder->rest[finder->depth];
    size_t length = strlen(key);
    if (strncmp(rest, key, length) != 0 || (rest[length] != '.' && rest[length] != '\0'))
        return NULL;
    return rest + length;
}

static void find_open(void *self, const char *key, bool array)
{
    struct finder *finder = self;
    const char *rest = step_into(finder, key);

    (void)array;
    finder->depth++;
    finder->index[finder->depth] = 0;
    if (rest && *rest == '.') {
        finder->matched++;
        finder->rest[finder->depth] = rest + 1;
    }
}

static void find_close(void *self)
{
    struct finder *finder = self;

    finder->depth--;
    if (finder->matched > finder->depth)
        finder->matched = finder->depth;
}

static void find_number(void *self, const char *key, double value)
{
    struct finder *finder = self;
    const char *rest = step_into(finder, key);

    if (rest && *rest == '\0') {
        finder->found = true;
        finder->value = value;
    }
}

static void find_integer(void *self, const char *key, uint64_t value)
{
    find_number(self, key, (double)value);
}

static void find_text(void *self, const char *key, const char *value)
{
    (void)value;
    step_into(self, key);
}

bool trn_report_number_at(const trnnsf_report *report, const char *path, double *out_value)
{
    struct finder finder = {.rest = {path}};
    const struct trn_report_visitor visitor = {.open = find_open,
                                               .close = find_close,
                                               .number = find_number,
                                               .integer = find_integer,
                                               .text = find_text,
                                               .self = &finder};

    trn_report_walk(report, &visitor);
    if (finder.found)
        *out_value = isfinite(finder.value) ? finder.value : NAN;
    return finder.found;
}
