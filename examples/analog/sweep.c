/* A study at each of several values. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "work.h"

static const char mca_key[] = "mca";

int sweep_read(struct work *work, const char *text)
{
    struct sweep *sweep = &work->sweep;
    const struct usage *usage = work->program.usage;
    const char *equals = strchr(text, '='), *place = equals ? equals + 1 : text;

    if (!equals || equals == text || (size_t)(equals - text) >= sizeof sweep->keys)
        return options_error(usage, "--sweep %s: expected KEY=VALUE,VALUE,…", text);
    memcpy(sweep->keys, text, (size_t)(equals - text));
    sweep->keys[equals - text] = '\0';
    sweep->n_values = 0;
    for (;;) {
        size_t length = strcspn(place, ",");

        if (sweep->n_values == VALUES_MAX)
            return options_error(usage, "--sweep: more than %d values", VALUES_MAX);
        if (length == 0 || length >= VALUE_LENGTH)
            return options_error(usage, "--sweep %s: a value has 1 … %d characters", text,
                                 VALUE_LENGTH - 1);
        memcpy(sweep->values[sweep->n_values], place, length);
        sweep->values[sweep->n_values++][length] = '\0';
        if (place[length] == '\0')
            return EXIT_GO_ON;
        place += length + 1;
    }
}

const char *sweep_mca(const struct work *work, size_t value)
{
    return strcmp(work->sweep.keys, mca_key) == 0 ? work->sweep.values[value] : work->mca;
}

/* An option of the program, by its name; NULL: `key` is a constant of the technology. */
static double *option_of(struct work *work, const char *key)
{
    const struct {
        const char *key;
        double *value;
    } options[] = {{"time", &work->options.time_second},
                   {"input-percentile", &work->options.input_percentile},
                   {"sum-percentile", &work->options.sum_percentile}};

    for (size_t k = 0; k < sizeof options / sizeof options[0]; k++) {
        if (strcmp(options[k].key, key) == 0)
            return options[k].value;
    }
    return NULL;
}

static int apply_key(struct work *work, const char *key, const char *value)
{
    double *option = option_of(work, key);
    char setting[sizeof work->sweep.keys + VALUE_LENGTH];

    if (option)
        return options_number(value, option)
                   ? EXIT_GO_ON
                   : options_error(work->program.usage, "--sweep %s=%s: no number", key, value);
    snprintf(setting, sizeof setting, "%s=%s", key, value);
    return data_set_constant(&work->program, &work->tech, "--sweep", setting);
}

int sweep_apply(struct work *work, size_t value)
{
    char keys[sizeof work->sweep.keys];
    char *key = keys, *plus;
    int result = EXIT_GO_ON;

    if (!work->sweep.keys[0] || strcmp(work->sweep.keys, mca_key) == 0)
        return EXIT_GO_ON;
    memcpy(keys, work->sweep.keys, sizeof keys);
    while (result == EXIT_GO_ON && key) {
        plus = strchr(key, '+');
        if (plus)
            *plus++ = '\0';
        result = apply_key(work, key, work->sweep.values[value]);
        key = plus;
    }
    return result;
}

/* Of shapes, the first one's inputs. */
double sweep_place(const struct work *work, size_t value)
{
    char *end;
    double place = strtod(work->sweep.values[value], &end);
    bool is_shape = strcmp(work->sweep.keys, mca_key) == 0 && *end == 'x';

    return end != work->sweep.values[value] && (*end == '\0' || is_shape) ? place : (double)NAN;
}
