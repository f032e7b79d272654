#include "data.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where the bundled digits are: as the environment says, as installed, or in the source tree. */
const char *data_digits(void)
{
    const char *const places[] = {getenv("TRNNSF_DIGITS"), DIGITS_INSTALLED, DIGITS_SOURCE};

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (places[i] && access(places[i], R_OK) == 0)
            return places[i];
    }
    return DIGITS_INSTALLED;
}

/* "3x32x32" */
static int read_image(const struct usage *usage, const char *text,
                      struct trnnsf_dataset_options *samples)
{
    uint32_t *const sides[] = {&samples->channels, &samples->height, &samples->width};
    const char *place = text;

    for (size_t i = 0; i < 3; i++) {
        size_t length = strcspn(place, "x");
        char number[12] = "";
        uint64_t side;

        if (length < sizeof number)
            memcpy(number, place, length);
        if (!options_whole(number, 1, 1 << 24, &side) || (place[length] == 'x') != (i < 2))
            return options_error(usage, "--image %s: expected CxHxW, such as 3x32x32",
                                 text);
        *sides[i] = (uint32_t)side;
        place += length + 1;
    }
    return EXIT_GO_ON;
}

int data_option(const struct usage *usage, int key, const char *value, const char **out_data,
                struct trnnsf_dataset_options *samples)
{
    switch (key) {
    case OPTION_DATA:
        *out_data = value;
        return EXIT_GO_ON;
    case OPTION_GREY:
        samples->grey = 1;
        return EXIT_GO_ON;
    case OPTION_STANDARDISE:
        samples->standardise = TRNNSF_STANDARDISE_FEATURES;
        return EXIT_GO_ON;
    case OPTION_STANDARDISE_CHANNELS:
        samples->standardise = TRNNSF_STANDARDISE_CHANNELS;
        return EXIT_GO_ON;
    case OPTION_MIRROR:
        samples->mirror = 1;
        return EXIT_GO_ON;
    case OPTION_IMAGE:
        return read_image(usage, value, samples);
    default:
        return OPTION_NONE;
    }
}

trnnsf_status data_load(struct program *program, const char *name,
                        const struct trnnsf_dataset_options *options, trnnsf_dataset **out_dataset)
{
    return trnnsf_dataset_load(program->context, strcmp(name, "digits") == 0 ? data_digits() : name,
                               options, out_dataset);
}

trnnsf_status data_load_tech(struct program *program, const char *name, const char *mca,
                             trnnsf_tech **out_tech)
{
    trnnsf_context *context = program->context;
    trnnsf_tech *tech = NULL;
    bool preset = false;

    for (size_t i = 0; i < trnnsf_tech_preset_count(); i++)
        preset = preset || strcmp(name, trnnsf_tech_preset_name(i)) == 0;
    trnnsf_status status =
        preset ? trnnsf_tech_preset(context, name, &tech) : trnnsf_tech_load(context, name, &tech);
    if (status == TRNNSF_OK && mca) {
        trnnsf_tech *whole = tech;

        status = trnnsf_tech_with_shapes(context, whole, mca, &tech);
        trnnsf_tech_free(whole);
    }
    if (status == TRNNSF_OK)
        *out_tech = tech;
    return status;
}

int data_set_constant(struct program *program, trnnsf_tech **tech, const char *option,
                      const char *setting)
{
    const char *equals = strchr(setting, '=');
    char key[64];
    double value;
    trnnsf_tech *changed = NULL;

    if (!equals || (size_t)(equals - setting) >= sizeof key)
        return options_error(program->usage, "%s %s: expected KEY=VALUE", option, setting);
    memcpy(key, setting, (size_t)(equals - setting));
    key[equals - setting] = '\0';
    if (!options_number(equals + 1, &value))
        return options_error(program->usage, "%s %s: no number", option, setting);
    if (trnnsf_tech_with_value(program->context, *tech, key, value, &changed) != TRNNSF_OK)
        return options_error(program->usage, "%s %s: %s", option, setting,
                             trnnsf_context_error(program->context));
    trnnsf_tech_free(*tech);
    *tech = changed;
    return EXIT_GO_ON;
}
