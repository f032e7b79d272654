#include "settings.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "../common/data.h"

enum {
    OPTION_NETWORK = OPTION_OWN,
    OPTION_LAYERS,
    OPTION_VALIDATION_LAST,
    OPTION_TEACHER,
    OPTION_METHOD,
    OPTION_VARIANT,
    OPTION_SCHEDULE,
    OPTION_SET,
    OPTION_EPOCHS,
    OPTION_TARGET,
    OPTION_VARY,
    OPTION_COMPARE,
    OPTION_TECH,
    OPTION_MCA,
    OPTION_SPIKING,
    OPTION_CHECKPOINT,
    OPTION_SAVE,
    OPTION_MAPPING,
    OPTION_FIGURE
};

static const struct option_row rows[] = {
    {NULL, NULL, 0, "Network and data:"},
    {"data", "DIR|digits", OPTION_DATA,
     "folder with IDX, CIFAR-10 binary or NPY files (plain, .gz, .xz),\n"
     "or the bundled digits; required"},
    {"grey", NULL, OPTION_GREY, "colour images become one grey channel"},
    {"standardise", NULL, OPTION_STANDARDISE,
     "inputs less their mean, over the standard deviation of all"},
    {"standardise-channels", NULL, OPTION_STANDARDISE_CHANNELS,
     "inputs less their channel's mean, over its standard deviation"},
    {"image", "CxHxW", OPTION_IMAGE,
     "channels, height and width of samples, such as 3x32x32, where files\n"
     "have their number alone"},
    {"mirror", NULL, OPTION_MIRROR,
     "inputs twice, the second time negated: for weights of one sign"},
    {"validation-last", "SHARE", OPTION_VALIDATION_LAST,
     "this share of the training samples, the last ones of the file,\n"
     "validates, not a random tenth: where neighbours resemble each other"},
    {"layers", "SIZES|TEXT", OPTION_LAYERS,
     "neurons of each layer, inputs first, such as 784-1200-1200-10;\n"
     "default: two hidden layers of 400, or of 1200 for 256 inputs and more.\n"
     "Or with convolutions, inputs left out: 12c5-2s-64c5-2s-1200-1200-10\n"
     "(12 channels of 5x5; means of 2x2; 2m: maxima; options such as\n"
     "64c3:same:norm: see graphs.md)"},
    {"network", "FILE", OPTION_NETWORK, "begin with this network (safetensors, or ONNX: FILE.onnx)\n"
     "instead of a random one"},
    {"teacher", "FILE", OPTION_TEACHER,
     "learn from this network too, as much as --set train.distil says; repeated:\n"
     "from the mean of several. Inputs may be those before --mirror"},
    {NULL, NULL, 0, "Method:"},
    {"method", "NAME", OPTION_METHOD,
     "dense, prune, offline, transform or pack; default: transform,\n"
     "or what the schedule file says"},
    {"variant", "NAME", OPTION_VARIANT,
     "corrected (default), or published: the rules of the authors' code"},
    {"schedule", "FILE", OPTION_SCHEDULE,
     "YAML with the method's constants; default: the authors' regime,\n"
     "for the bundled digits schedule.yaml beside them"},
    {"set", "KEY=VALUE", OPTION_SET,
     "one constant of the schedule; may be repeated\n"
     "(trnnsf-info --keys lists them; for digits, train.batch is 50)"},
    {"epochs", "N", OPTION_EPOCHS, "the same as --set train.epochs=N"},
    {"target", "WHAT=VALUE", OPTION_TARGET,
     "where to stop: loss=POINTS of validation accuracy below the dense\n"
     "network (of pack: the cheapest network that keeps it is searched) or\n"
     "crossbars=NUMBER; of pack also area=M2 or energy=J: the most accurate\n"
     "network within them is searched"},
    {"vary", "KEY=VALUE,…", OPTION_VARY,
     "of pack with a target: try each budget with these constants too, and\n"
     "keep what is best on validation; may be repeated"},
    {"compare", "LIST", OPTION_COMPARE,
     "methods run beside, from the same initial network and seed:\n"
     "some of dense,prune,offline, or none; default: dense,prune"},
    {NULL, NULL, 0, "Technology:"},
    {"tech", "NAME|FILE", OPTION_TECH,
     "a built-in technology (trnnsf-info --techs lists them) or YAML;\n"
     "default: resparc-45nm"},
    {"mca", "SHAPES", OPTION_MCA, "crossbars, inputs x outputs, such as 64x64 or 64x64,32x32"},
    {"spiking", "T", OPTION_SPIKING,
     "energy and latency are those of a spiking network of T time steps,\n"
     "1 … 65536, which each method's network is run as (trnnsf-spike)"},
    {NULL, NULL, 0, "Files:"},
    {"checkpoint", "FILE", OPTION_CHECKPOINT,
     "saved after every epoch as FILE.METHOD; where it exists, the run\n"
     "goes on from there and ends as if it had never stopped"},
    {"save", "FILE", OPTION_SAVE, "write the finished network (safetensors, or ONNX: FILE.onnx)"},
    {"mapping", "FILE", OPTION_MAPPING, "write its crossbars (safetensors)"},
    {"figure", "FILE", OPTION_FIGURE, "draw connectivity and costs: .svg, .png or .pdf"},
    OPTIONS_OF_EVERY_PROGRAM};

const struct usage transform_usage = {
    .name = "trnnsf-transform",
    .synopsis = "--data DIR|digits [OPTION]…",
    .description =
        "Trains a network, prunes and clusters it while training, maps it onto memristive\n"
        "crossbars, and says what that costs beside the dense and the pruned network.",
    .rows = rows,
    .n_rows = sizeof rows / sizeof rows[0]};

static int wrong(const char *option, const char *value, const char *expected)
{
    return options_error(&transform_usage, "%s %s: expected %s", option, value, expected);
}

static int read_layers(struct settings *settings, const char *text)
{
    const char *place = text;

    settings->n_sizes = 0;
    settings->layers = NULL;
    if (text[strspn(text, "0123456789-")] != '\0') {
        settings->layers = text;
        return EXIT_GO_ON;
    }
    while (*place) {
        size_t length = strcspn(place, "-");
        char number[24];
        uint64_t size;

        snprintf(number, sizeof number, "%.*s", (int)(length < 23 ? length : 23), place);
        if (settings->n_sizes == LAYERS_MAX || !options_whole(number, 1, 1 << 24, &size))
            return wrong("--layers", text, "2 … 64 sizes in [1, 2^24], such as 784-1200-1200-10");
        settings->sizes[settings->n_sizes++] = (size_t)size;
        place += length;
        if (*place == '-' && *++place == '\0')
            return wrong("--layers", text, "a size after the last -");
    }
    if (settings->n_sizes < 2)
        return wrong("--layers", text, "2 … 64 sizes, such as 784-1200-1200-10");
    return EXIT_GO_ON;
}

static int read_set(const char *option, const char *prefix, const char *text, struct key_value *set)
{
    const char *equals = strchr(text, '=');

    if (!equals || equals == text || equals[1] == '\0' || equals - text > 40)
        return wrong(option, text, "KEY=VALUE");
    snprintf(set->key, sizeof set->key, "%s%.*s", prefix, (int)(equals - text), text);
    set->text = equals + 1;
    set->option = option;
    return EXIT_GO_ON;
}

static int add_set(struct settings *settings, const char *option, const char *prefix,
                   const char *text)
{
    if (settings->n_sets == SETS_MAX)
        return options_error(&transform_usage, "more than %d values set", SETS_MAX);
    return read_set(option, prefix, text, &settings->sets[settings->n_sets++]);
}

static int add_teacher(struct settings *settings, const char *path)
{
    if (settings->n_teachers == TEACHERS_MAX)
        return options_error(&transform_usage, "more than %d times --teacher", TEACHERS_MAX);
    settings->teachers[settings->n_teachers++] = path;
    return EXIT_GO_ON;
}

static int read_variation(struct settings *settings, const char *text)
{
    struct variation *variation = &settings->variations[settings->n_variations];
    char *place, *comma;

    if (settings->n_variations == VARIATIONS_MAX)
        return options_error(&transform_usage, "more than %d times --vary", VARIATIONS_MAX);
    if (strlen(text) >= sizeof variation->text)
        return wrong("--vary", text, "at most 255 characters");
    strcpy(variation->text, text);
    for (place = variation->text; place; place = comma) {
        if (variation->n_sets == VARIED_MAX)
            return options_error(&transform_usage, "--vary %s: more than %d values", text,
                                 VARIED_MAX);
        comma = strchr(place, ',');
        if (comma)
            *comma++ = '\0';
        int result = read_set("--vary", "", place, &variation->sets[variation->n_sets++]);
        if (result != EXIT_GO_ON)
            return result;
    }
    settings->n_variations++;
    return EXIT_GO_ON;
}

static int read_cost_target(struct settings *settings, const char *text, enum cost_target target,
                            double limit)
{
    if (settings->cost_target != COST_TARGET_NONE)
        return options_error(&transform_usage, "--target %s: there is one of area or energy", text);
    if (!(limit > 0))
        return wrong("--target", text, "a number above 0");
    settings->cost_target = target;
    settings->cost_limit = limit;
    return EXIT_GO_ON;
}

static int read_target(struct settings *settings, const char *text)
{
    static const struct {
        const char *prefix;
        enum cost_target cost; /* none: a key of the schedule */
    } targets[] = {{"loss=", COST_TARGET_NONE},
                   {"crossbars=", COST_TARGET_NONE},
                   {"area=", COST_TARGET_AREA},
                   {"energy=", COST_TARGET_ENERGY}};
    double number;

    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        size_t length = strlen(targets[i].prefix);

        if (strncmp(text, targets[i].prefix, length) != 0 ||
            !options_number(text + length, &number))
            continue;
        if (targets[i].cost != COST_TARGET_NONE)
            return read_cost_target(settings, text, targets[i].cost, number);
        return add_set(settings, "--target", "target.", text);
    }
    return wrong("--target", text, "loss=, crossbars=, area= or energy= with a number");
}

static int read_epochs(struct settings *settings, const char *text)
{
    uint64_t epochs;

    if (!options_whole(text, 0, 1000000, &epochs))
        return wrong("--epochs", text, "a whole number");
    if (settings->n_sets == SETS_MAX)
        return options_error(&transform_usage, "more than %d values set", SETS_MAX);
    settings->sets[settings->n_sets++] = (struct key_value){"train.epochs", text, "--epochs"};
    return EXIT_GO_ON;
}

static int read_compare(struct settings *settings, const char *text)
{
    settings->compare_dense = settings->compare_prune = settings->compare_offline = false;
    if (strcmp(text, "none") == 0)
        return EXIT_GO_ON;
    while (*text) {
        size_t length = strcspn(text, ",");

        if (length == 5 && strncmp(text, "dense", 5) == 0)
            settings->compare_dense = true;
        else if (length == 5 && strncmp(text, "prune", 5) == 0)
            settings->compare_prune = true;
        else if (length == 7 && strncmp(text, "offline", 7) == 0)
            settings->compare_offline = true;
        else
            return wrong("--compare", text, "some of dense,prune,offline, or none");
        text += length + (text[length] == ',');
    }
    return EXIT_GO_ON;
}

static bool is_one_of(const char *text, const char *const *words)
{
    while (*words && strcmp(*words, text) != 0)
        words++;
    return *words != NULL;
}

static int read_method(struct settings *settings, const char *text)
{
    static const char *const methods[] = {"dense", "prune", "offline", "transform", "pack", NULL};

    if (!is_one_of(text, methods))
        return wrong("--method", text, "dense, prune, offline, transform or pack");
    settings->method = text;
    return EXIT_GO_ON;
}

static int read_variant(struct settings *settings, const char *text)
{
    static const char *const variants[] = {"corrected", "published", NULL};

    if (!is_one_of(text, variants))
        return wrong("--variant", text, "corrected or published");
    settings->variant = text;
    return EXIT_GO_ON;
}

static int read_figure(struct settings *settings, const char *text)
{
    const char *dot = strrchr(text, '.');
    static const char *const endings[] = {".svg", ".png", ".pdf", ".SVG", ".PNG", ".PDF", NULL};

    if (!dot || !is_one_of(dot, endings))
        return wrong("--figure", text, "a name that ends in .svg, .png or .pdf");
    settings->figure = text;
    return EXIT_GO_ON;
}

static int take(struct settings *settings, struct program *program, int key, const char *value)
{
    int result = data_option(&transform_usage, key, value, &settings->data, &settings->dataset);

    if (result != OPTION_NONE)
        return result;
    switch (key) {
    case OPTION_NETWORK:
        settings->network = value;
        return EXIT_GO_ON;
    case OPTION_TEACHER:
        return add_teacher(settings, value);
    case OPTION_LAYERS:
        return read_layers(settings, value);
    case OPTION_VALIDATION_LAST:
        settings->dataset.validation_last = 1;
        if (options_number(value, &settings->dataset.validation_fraction) &&
            settings->dataset.validation_fraction >= 0 && settings->dataset.validation_fraction < 1)
            return EXIT_GO_ON;
        return options_error(&transform_usage, "--validation-last %s is no number in [0, 1)", value);
    case OPTION_METHOD:
        return read_method(settings, value);
    case OPTION_VARIANT:
        return read_variant(settings, value);
    case OPTION_SCHEDULE:
        settings->schedule = value;
        return EXIT_GO_ON;
    case OPTION_SET:
        return add_set(settings, "--set", "", value);
    case OPTION_EPOCHS:
        return read_epochs(settings, value);
    case OPTION_TARGET:
        return read_target(settings, value);
    case OPTION_VARY:
        return read_variation(settings, value);
    case OPTION_COMPARE:
        return read_compare(settings, value);
    case OPTION_TECH:
        settings->tech = value;
        return EXIT_GO_ON;
    case OPTION_MCA:
        settings->mca = value;
        return EXIT_GO_ON;
    case OPTION_SPIKING:
        return options_take_whole(&transform_usage, "spiking", value, 1, SPIKES_STEPS_MAX,
                                  &settings->spiking);
    case OPTION_CHECKPOINT:
        settings->checkpoint = value;
        return EXIT_GO_ON;
    case OPTION_SAVE:
        settings->save = value;
        return EXIT_GO_ON;
    case OPTION_MAPPING:
        settings->mapping = value;
        return EXIT_GO_ON;
    case OPTION_FIGURE:
        return read_figure(settings, value);
    default:
        return program_option(program, key, value);
    }
}

static int check(const struct settings *settings, int argc, char **argv)
{
    if (optind < argc)
        return options_error(&transform_usage, "\"%s\" is no option", argv[optind]);
    if (!settings->data)
        return options_error(&transform_usage, "--data is missing");
    if (settings->network && (settings->n_sizes || settings->layers))
        return options_error(&transform_usage, "--network and --layers exclude each other");
    for (size_t i = 0; i < settings->n_sets; i++) {
        bool offline = settings->method && strcmp(settings->method, "offline") == 0;

        if (strcmp(settings->sets[i].key, "train.epochs") == 0 && !offline &&
            strcmp(settings->sets[i].text, "0") == 0)
            return options_error(&transform_usage, "0 epochs are for --method offline with the "
                                                   "--network of a pruned network");
        if (strcmp(settings->sets[i].key, "target.loss") == 0 && !settings->compare_dense)
            return options_error(&transform_usage,
                                 "target.loss is measured from the dense network, which "
                                 "--compare leaves out");
        if (strncmp(settings->sets[i].key, "target.", 7) == 0 &&
            settings->cost_target != COST_TARGET_NONE)
            return options_error(&transform_usage, "--target area and energy stand alone");
    }
    if (settings->cost_target != COST_TARGET_NONE && !settings->compare_dense && !settings->network)
        return options_error(&transform_usage, "--target area and energy begin at the dense "
                                               "network, which --compare leaves out, or --network");
    if (settings->n_variations > 0 && !settings->compare_dense && !settings->network)
        return options_error(&transform_usage, "--vary begins at the dense network, which --compare "
                                               "leaves out, or at --network");
    return EXIT_GO_ON;
}

int settings_read(struct settings *settings, struct program *program, int argc, char **argv)
{
    const char *value;
    int key;

    *settings =
        (struct settings){.tech = "resparc-45nm", .compare_dense = true, .compare_prune = true,
        .dataset = TRNNSF_DATASET_OPTIONS_INIT};
    while ((key = options_next(&transform_usage, argc, argv, &value)) != OPTION_NONE) {
        int result = key < 0 ? EXIT_USAGE : take(settings, program, key, value);

        if (result != EXIT_GO_ON)
            return result;
    }
    return check(settings, argc, argv);
}
