/* trnnsf-map: a network or a bare sparse matrix onto crossbars. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/networks.h"
#include "work.h"

enum {
    OPTION_MCA = OPTION_OWN,
    OPTION_RULE,
    OPTION_TECH,
    OPTION_EFFORT,
    OPTION_NO_GAPS,
    OPTION_GROUPS,
    OPTION_COST,
    OPTION_DISCARD,
    OPTION_CROSSBARS,
    OPTION_COST_LIMIT,
    OPTION_SALIENCE,
    OPTION_SAVE,
    OPTION_SAVE_PRUNED,
    OPTION_SCHEME,
    OPTION_WINDOW
};

static const struct option_row rows[] = {
    {NULL, NULL, 0, "Mapping:"},
    {"mca", "SHAPES", OPTION_MCA,
     "crossbars, inputs x outputs, such as 512x512, or a pool of them:\n"
     "32x32,64x64,128x64 (tiles are of the first); required"},
    {"rule", "NAME", OPTION_RULE,
     "tiles (default): natural order, empty tiles skipped;\n"
     "permutation: one order of all rows and one of all columns, with few tiles;\n"
     "clusters: any rows x any columns, few that hold all connections;\n"
     "scic: size-constrained iterative clustering, residue apart;\n"
     "pack: blocks with the most salience; prunes only what it may (below)"},
    {"effort", "N", OPTION_EFFORT,
     "of permutation and clusters: how long to search, 0 … 1000; default 8;\n"
     "of pack: 0 (one quick pass) … 9; default 3"},
    {"no-gaps", NULL, OPTION_NO_GAPS,
     "of permutation: unused crossbar lines only at the end of the matrix"},
    {"groups", "K", OPTION_GROUPS, "of scic: groups a clustering round, 2 … 64; default 5"},
    {"tech", "NAME|FILE", OPTION_TECH,
     "whose weights take how many columns; default: resparc-45nm"},
    {"cost", "WHAT", OPTION_COST,
     "of a pool: each cluster on the crossbar of least area or energy, or on the\n"
     "smallest: crossbars (default)"},
    {"scheme", "NAME", OPTION_SCHEME,
     "of convolutions: kernel-column (default): a place a read; unrolled: all in\n"
     "one; duplicated: kernels copied for a window of places"},
    {"window", "HxW", OPTION_WINDOW,
     "places of --scheme duplicated; default: with the least crossbars x reads"},
    {"save", "FILE", OPTION_SAVE, "write the crossbars (safetensors)"},
    {NULL, NULL, 0, "Rule pack, for the least --cost:"},
    {"discard", "SHARE", OPTION_DISCARD,
     "of the salience of each layer that may be pruned, 0 … below 1; default 0"},
    {"crossbars", "N", OPTION_CROSSBARS,
     "instead: the most salience within so many, over all layers"},
    {"cost-limit", "X", OPTION_COST_LIMIT, "the same within so many mm2 or nJ; both may be given"},
    {"salience", "KIND", OPTION_SALIENCE, "of a value: magnitude (default), square, or equal"},
    {"save-pruned", "FILE", OPTION_SAVE_PRUNED,
     "write the matrix (Matrix Market), or the network with masks and clusters"},
    OPTIONS_OF_EVERY_PROGRAM};

static const struct usage usage = {
    .name = "trnnsf-map",
    .synopsis = "NETWORK|MATRIX.mtx[.gz] --mca SHAPE [OPTION]…",
    .description = "Maps a network (safetensors, .onnx) or a sparse matrix (Matrix Market, plain,\n"
                   ".gz or .xz; rows are outputs, columns are inputs) onto crossbars and counts them.",
    .rows = rows,
    .n_rows = sizeof rows / sizeof rows[0]};

const char *const rule_names[] = {"tiles", "permutation", "clusters", "scic", "pack"};
const char *const scheme_names[] = {"kernel-column", "unrolled", "duplicated"};
const char *const cost_names[] = {"crossbars", "area", "energy"};
const char *const salience_names[] = {"magnitude", "square", "equal"};
const char *const cost_units[] = {"crossbars", "mm2", "nJ"};

/* Which of the names, or `count`. */
static size_t find_name(const char *const *names, size_t count, const char *name)
{
    size_t i = 0;

    while (i < count && strcmp(names[i], name) != 0)
        i++;
    return i;
}

static int take_window(struct work *work, const char *value)
{
    char height[16];
    size_t length = strcspn(value, "x");
    uint64_t sides[2];

    snprintf(height, sizeof height, "%.*s", (int)(length < sizeof height ? length : 0), value);
    if (value[length] != 'x' || !options_whole(height, 1, 65535, &sides[0]) ||
        !options_whole(value + length + 1, 1, 65535, &sides[1]))
        return options_error(&usage, "--window %s: expected HEIGHTxWIDTH of at most 65535", value);
    work->window[0] = (uint32_t)sides[0];
    work->window[1] = (uint32_t)sides[1];
    return EXIT_GO_ON;
}

static int take_convolution(struct work *work, int key, const char *value)
{
    if (key == OPTION_WINDOW)
        return take_window(work, value);
    work->scheme = (uint32_t)find_name(scheme_names, 3, value);
    if (work->scheme > TRNNSF_MAP_DUPLICATED)
        return options_error(
            &usage, "--scheme %s: expected kernel-column, unrolled or duplicated", value);
    return EXIT_GO_ON;
}

static int take_packing(struct work *work, int key, const char *value)
{
    uint64_t number;

    switch (key) {
    case OPTION_DISCARD:
        work->discard_given = true;
        if (!options_number(value, &work->discard) || !(work->discard >= 0 && work->discard < 1))
            return options_error(&usage, "--discard %s is not in [0, 1)", value);
        return EXIT_GO_ON;
    case OPTION_CROSSBARS:
        if (!options_whole(value, 1, UINT32_MAX, &number))
            return options_error(&usage, "--crossbars %s is not in [1, 2^32)", value);
        work->crossbars = (size_t)number;
        return EXIT_GO_ON;
    case OPTION_COST_LIMIT:
        if (!options_number(value, &work->cost_limit) ||
            !(work->cost_limit > 0 && work->cost_limit <= 1e100))
            return options_error(&usage, "--cost-limit %s is not in (0, 1e100]", value);
        return EXIT_GO_ON;
    case OPTION_SALIENCE:
        work->salience_given = true;
        work->salience = (uint32_t)find_name(salience_names, 3, value);
        if (work->salience > 2)
            return options_error(&usage, "--salience %s: expected magnitude, square or equal",
                                 value);
        return EXIT_GO_ON;
    case OPTION_SAVE_PRUNED:
        work->save_pruned = value;
        return EXIT_GO_ON;
    default:
        return program_option(&work->program, key, value);
    }
}

static int take(struct work *work, int key, const char *value)
{
    uint64_t number;

    switch (key) {
    case OPTION_MCA:
        work->mca = value;
        return EXIT_GO_ON;
    case OPTION_RULE:
        work->rule = (enum rule)find_name(rule_names, RULE_PACK + 1, value);
        if (work->rule > RULE_PACK)
            return options_error(
                &usage, "--rule %s: expected tiles, permutation, clusters, scic or pack", value);
        return EXIT_GO_ON;
    case OPTION_GROUPS:
        if (!options_whole(value, 2, 64, &number))
            return options_error(&usage, "--groups %s is not in [2, 64]", value);
        work->groups = (uint32_t)number;
        return EXIT_GO_ON;
    case OPTION_EFFORT:
        if (!options_whole(value, 0, 1000, &number))
            return options_error(&usage, "--effort %s is not in [0, 1000]", value);
        work->effort = (uint32_t)number;
        work->effort_given = true;
        return EXIT_GO_ON;
    case OPTION_NO_GAPS:
        work->no_gaps = true;
        return EXIT_GO_ON;
    case OPTION_COST:
        work->cost = (enum cost)find_name(cost_names, COST_ENERGY + 1, value);
        if (work->cost > COST_ENERGY)
            return options_error(&usage, "--cost %s: expected crossbars, area or energy", value);
        return EXIT_GO_ON;
    case OPTION_TECH:
        work->tech_name = value;
        return EXIT_GO_ON;
    case OPTION_SAVE:
        work->save = value;
        return EXIT_GO_ON;
    case OPTION_SCHEME:
    case OPTION_WINDOW:
        return take_convolution(work, key, value);
    default:
        return take_packing(work, key, value);
    }
}

/* What is asked of the packer must be asked of it alone. */
static int check_packing(const struct work *work)
{
    bool budget = work->crossbars || work->cost_limit > 0;

    if (work->rule == RULE_PACK && work->effort_given && work->effort > 9)
        return options_error(&usage, "--effort %u is not in [0, 9]", work->effort);
    if (budget && work->discard_given)
        return options_error(&usage, "--discard and a budget: one or the other");
    if (work->cost_limit > 0 && work->cost == COST_CROSSBARS)
        return options_error(&usage, "--cost-limit needs --cost area or --cost energy");
    if (work->rule != RULE_PACK &&
        (budget || work->discard_given || work->salience_given || work->save_pruned))
        return options_error(&usage, "--%s is for --rule pack",
                             work->crossbars        ? "crossbars"
                             : budget               ? "cost-limit"
                             : work->discard_given  ? "discard"
                             : work->salience_given ? "salience"
                                                    : "save-pruned");
    return EXIT_GO_ON;
}

static int read_arguments(struct work *work, int argc, char **argv)
{
    const char *value;
    int key;

    while ((key = options_next(&usage, argc, argv, &value)) != OPTION_NONE) {
        int result = key < 0 ? EXIT_USAGE : take(work, key, value);

        if (result != EXIT_GO_ON)
            return result;
    }
    if (program_operand(&usage, argc, argv, "which network or matrix?", &work->file) != EXIT_GO_ON)
        return EXIT_USAGE;
    if (!work->mca)
        return options_error(&usage, "--mca is missing");
    if (work->window[0] > 0 && work->scheme != TRNNSF_MAP_DUPLICATED)
        return options_error(&usage, "--window is for --scheme duplicated");
    return check_packing(work);
}

/* Matrix Market by its ending, plain or packed; everything else is a network. */
static bool is_matrix(const char *path)
{
    static const char *const endings[] = {".mtx", ".mtx.gz", ".mtx.xz"};

    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        size_t length = strlen(path), size = strlen(endings[i]);

        if (length > size && strcmp(path + length - size, endings[i]) == 0)
            return true;
    }
    return false;
}

static trnnsf_status load(struct work *work)
{
    trnnsf_context *context = work->program.context;

    return is_matrix(work->file) ? trnnsf_matrix_load(context, work->file, &work->matrix)
                                 : networks_load(context, work->file, &work->network);
}

/* Sizes; of all: sums over the layers. */
static trnnsf_status make_parts(struct work *work)
{
    work->n_parts = work->network ? trnnsf_network_layers(work->network) : 1;
    work->parts = calloc(work->n_parts, sizeof *work->parts);
    if (!work->parts)
        return TRNNSF_E_NO_MEMORY;
    for (size_t i = 0; i < work->n_parts; i++) {
        struct part *part = &work->parts[i];

        part->outputs = work->matrix ? trnnsf_matrix_rows(work->matrix)
                                     : trnnsf_network_outputs(work->network, i);
        part->inputs = work->matrix ? trnnsf_matrix_columns(work->matrix)
                                    : trnnsf_network_inputs(work->network, i);
        work->all.outputs += part->outputs;
        work->all.inputs += part->inputs;
    }
    return TRNNSF_OK;
}

/* What every rule is compared with: all synapses in natural order. */
static trnnsf_status count_tiles(struct work *work)
{
    struct trnnsf_crossbar_counts counts = {.struct_size = sizeof counts};
    trnnsf_mapping *tiles = NULL;
    trnnsf_status status = work_map(work, TRNNSF_MAP_TILES, NULL, &tiles);

    if (status == TRNNSF_OK)
        status = trnnsf_mapping_counts(work->program.context, tiles, TRNNSF_ALL_LAYERS, &counts);
    work->tiles = counts.total;
    work->nonzeros = counts.synapses;
    trnnsf_mapping_free(tiles);
    return status;
}

static trnnsf_status count(struct work *work)
{
    trnnsf_context *context = work->program.context;
    trnnsf_status status;

    work->all.counts.struct_size = sizeof work->all.counts;
    status = trnnsf_mapping_counts(context, work->mapping, TRNNSF_ALL_LAYERS, &work->all.counts);
    for (size_t i = 0; i < work->n_parts && status == TRNNSF_OK; i++) {
        work->parts[i].counts.struct_size = sizeof work->parts[i].counts;
        work->parts[i].mapped.struct_size = sizeof work->parts[i].mapped;
        status = trnnsf_mapping_counts(context, work->mapping, i, &work->parts[i].counts);
        if (status == TRNNSF_OK)
            status = trnnsf_mapping_layer(context, work->mapping, i, &work->parts[i].mapped);
    }
    return status;
}

static trnnsf_status map_file(struct work *work)
{
    trnnsf_context *context = work->program.context;
    trnnsf_status status = make_parts(work);

    if (status == TRNNSF_OK)
        status = count_tiles(work);

    double began = program_now();
    if (status == TRNNSF_OK)
        status = work->rule == RULE_PACK ? work_by_packing(work) : work_by_rule(work);
    work->seconds = program_now() - began;
    if (status == TRNNSF_OK)
        status = count(work);
    if (status == TRNNSF_OK && work->save)
        status = trnnsf_mapping_save(context, work->mapping, work->save);
    return status;
}

static int run(struct work *work)
{
    struct program *program = &work->program;

    if (data_load_tech(program, work->tech_name, NULL, &work->tech) != TRNNSF_OK)
        return program_failed(program);

    trnnsf_tech *shaped = NULL;
    if (trnnsf_tech_with_shapes(program->context, work->tech, work->mca, &shaped) != TRNNSF_OK)
        return options_error(&usage, "--mca %s: %s", work->mca,
                             trnnsf_context_error(program->context));
    trnnsf_tech_free(work->tech);
    work->tech = shaped;
    if (load(work) != TRNNSF_OK || map_file(work) != TRNNSF_OK)
        return program_failed(program);
    program_bar_end(program);
    if (!program->quiet && !(program->json && strcmp(program->json, "-") == 0))
        work_print(work);
    return program->json ? work_write_json(work) : EXIT_DONE;
}

int main(int argc, char **argv)
{
    struct work work = {.program = {.usage = &usage, .seed = 1},
                        .tech_name = "resparc-45nm",
                        .groups = 5,
                        .effort = 8};
    int code = read_arguments(&work, argc, argv);

    if (code == EXIT_GO_ON)
        code = program_start(&work.program);
    if (code == EXIT_GO_ON)
        code = run(&work);
    free(work.parts);
    trnnsf_mapping_free(work.mapping);
    trnnsf_clusters_free(work.clusters);
    trnnsf_matrix_free(work.matrix);
    trnnsf_network_free(work.network);
    trnnsf_tech_free(work.tech);
    program_end(&work.program);
    return code;
}
