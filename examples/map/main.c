/* trnnsf-map: a network or a bare sparse matrix onto crossbars. */
#include <getopt.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/data.h"

enum {
    OPTION_MCA = OPTION_OWN,
    OPTION_RULE,
    OPTION_TECH,
    OPTION_EFFORT,
    OPTION_NO_GAPS,
    OPTION_GROUPS,
    OPTION_SAVE
};

static const struct option_row rows[] = {
    {NULL, NULL, 0, "Mapping:"},
    {"mca", "SHAPE", OPTION_MCA, "crossbars, inputs x outputs, such as 512x512; required"},
    {"rule", "NAME", OPTION_RULE,
     "tiles (default): natural order, empty tiles skipped;\n"
     "permutation: one order of all rows and one of all columns, with few tiles;\n"
     "clusters: any rows x any columns, few that hold all connections;\n"
     "scic: size-constrained iterative clustering, residue apart"},
    {"effort", "N", OPTION_EFFORT,
     "of permutation and clusters: how long to search, 0 … 1000; default 8"},
    {"no-gaps", NULL, OPTION_NO_GAPS,
     "of permutation: unused crossbar lines only at the end of the matrix"},
    {"groups", "K", OPTION_GROUPS, "of scic: groups a clustering round, 2 … 64; default 5"},
    {"tech", "NAME|FILE", OPTION_TECH,
     "whose weights take how many columns; default: resparc-45nm"},
    {"save", "FILE", OPTION_SAVE, "write the crossbars (safetensors)"},
    OPTIONS_OF_EVERY_PROGRAM};

static const struct usage usage = {
    .name = "trnnsf-map",
    .synopsis = "NETWORK|MATRIX.mtx[.gz] --mca SHAPE [OPTION]…",
    .description = "Maps a network (safetensors) or a sparse matrix (Matrix Market, plain, .gz or "
                   ".xz; rows are\n"
                   "outputs, columns are inputs) onto crossbars and counts them.",
    .rows = rows,
    .n_rows = sizeof rows / sizeof rows[0]};

enum rule { RULE_TILES, RULE_PERMUTATION, RULE_CLUSTERS, RULE_SCIC };
static const char *const rule_names[] = {"tiles", "permutation", "clusters", "scic"};

struct work {
    struct program program;
    const char *file;
    const char *mca;
    const char *tech_name;
    const char *save;
    enum rule rule;
    uint32_t groups;
    uint32_t effort;
    bool no_gaps;
    trnnsf_tech *tech;
    trnnsf_network *network; /* one of these two */
    trnnsf_matrix *matrix;
    trnnsf_mapping *mapping;
    struct trnnsf_crossbar_counts counts;
    uint64_t tiles; /* by the rule tiles */
    double seconds;
};

static int take(struct work *work, int key, const char *value)
{
    uint64_t number;

    switch (key) {
    case OPTION_MCA:
        work->mca = value;
        return EXIT_GO_ON;
    case OPTION_RULE:
        for (size_t i = 0; i < sizeof rule_names / sizeof rule_names[0]; i++) {
            if (strcmp(value, rule_names[i]) == 0) {
                work->rule = (enum rule)i;
                return EXIT_GO_ON;
            }
        }
        return options_error(&usage, "--rule %s: expected tiles, permutation, clusters or scic",
                             value);
    case OPTION_GROUPS:
        if (!options_whole(value, 2, 64, &number))
            return options_error(&usage, "--groups %s is not in [2, 64]", value);
        work->groups = (uint32_t)number;
        return EXIT_GO_ON;
    case OPTION_EFFORT:
        if (!options_whole(value, 0, 1000, &number))
            return options_error(&usage, "--effort %s is not in [0, 1000]", value);
        work->effort = (uint32_t)number;
        return EXIT_GO_ON;
    case OPTION_NO_GAPS:
        work->no_gaps = true;
        return EXIT_GO_ON;
    case OPTION_TECH:
        work->tech_name = value;
        return EXIT_GO_ON;
    case OPTION_SAVE:
        work->save = value;
        return EXIT_GO_ON;
    default:
        return program_option(&work->program, key, value);
    }
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
    if (optind >= argc)
        return options_error(&usage, "which network or matrix?");
    if (optind + 1 < argc)
        return options_error(&usage, "\"%s\": only one file at a time", argv[optind + 1]);
    if (!work->mca)
        return options_error(&usage, "--mca is missing");
    work->file = argv[optind];
    return EXIT_GO_ON;
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

/* Outputs that an MCA of the first shape serves. */
static uint32_t shape_outputs(struct work *work)
{
    size_t columns = trnnsf_tech_shape_outputs(work->tech, 0);
    double each = 1;

    if (trnnsf_tech_value(work->program.context, work->tech, "columns_per_output", &each) !=
        TRNNSF_OK)
        return (uint32_t)columns;
    return (uint32_t)(columns / (size_t)each);
}

static trnnsf_status find_scic(struct work *work, const trnnsf_matrix *matrix,
                               trnnsf_clusters **out_clusters)
{
    struct trnnsf_cluster_options options = TRNNSF_CLUSTER_OPTIONS_INIT;

    options.k = work->groups;
    options.inputs = (uint32_t)trnnsf_tech_shape_inputs(work->tech, 0);
    options.outputs = shape_outputs(work);
    options.seed = work->program.seed;
    return trnnsf_clusters_find(work->program.context, matrix, &options, out_clusters);
}

/* The tiles of an order, as clusters. */
static trnnsf_status find_order(struct work *work, const trnnsf_matrix *matrix,
                                const struct trnnsf_reorder_options *options,
                                trnnsf_clusters **out_clusters)
{
    trnnsf_context *context = work->program.context;
    uint32_t *order = malloc((trnnsf_matrix_rows(matrix) + options->outputs) * sizeof *order);
    uint32_t *columns = malloc((trnnsf_matrix_columns(matrix) + options->inputs) * sizeof *columns);
    trnnsf_status status = order && columns ? TRNNSF_OK : TRNNSF_E_NO_MEMORY;

    if (status == TRNNSF_OK)
        status = trnnsf_reorder_find(context, matrix, options, order, columns);
    if (status == TRNNSF_OK)
        status = trnnsf_reorder_tiles(context, matrix, options, order, columns, out_clusters);
    free(columns);
    free(order);
    return status;
}

static trnnsf_status find_clusters(struct work *work, const trnnsf_matrix *matrix,
                                   trnnsf_clusters **out_clusters)
{
    struct trnnsf_reorder_options options = TRNNSF_REORDER_OPTIONS_INIT;

    if (work->rule == RULE_SCIC)
        return find_scic(work, matrix, out_clusters);
    options.inputs = (uint32_t)trnnsf_tech_shape_inputs(work->tech, 0);
    options.outputs = shape_outputs(work);
    options.effort = work->effort;
    options.gaps = !work->no_gaps;
    options.seed = work->program.seed;
    if (work->rule == RULE_PERMUTATION)
        return find_order(work, matrix, &options, out_clusters);
    return trnnsf_clusters_cover(work->program.context, matrix, &options, out_clusters);
}

/* Finds a layer's clusters. Setting them would add their rectangles to the kept synapses, which a
 * bare count must not, so the mask is put back. */
static trnnsf_status cluster_layer(struct work *work, size_t layer)
{
    trnnsf_context *context = work->program.context;
    size_t cells =
        trnnsf_network_inputs(work->network, layer) * trnnsf_network_outputs(work->network, layer);
    uint8_t *mask = malloc(cells);
    trnnsf_matrix *matrix = NULL;
    trnnsf_clusters *clusters = NULL;
    trnnsf_status status = mask ? TRNNSF_OK : TRNNSF_E_NO_MEMORY;

    if (status == TRNNSF_OK)
        status = trnnsf_network_get_mask(context, work->network, layer, mask);
    if (status == TRNNSF_OK)
        status = trnnsf_network_connectivity(context, work->network, layer, &matrix);
    if (status == TRNNSF_OK)
        status = find_clusters(work, matrix, &clusters);
    if (status == TRNNSF_OK)
        status = trnnsf_network_set_clusters(context, work->network, layer, clusters);
    if (status == TRNNSF_OK)
        status = trnnsf_network_set_mask(context, work->network, layer, mask);
    trnnsf_clusters_free(clusters);
    trnnsf_matrix_free(matrix);
    free(mask);
    return status;
}

/* By the rule scic layers keep the clusters that they were trained with. */
static trnnsf_status cluster_network(struct work *work)
{
    trnnsf_status status = TRNNSF_OK;

    for (size_t i = 0; i < trnnsf_network_layers(work->network) && status == TRNNSF_OK; i++) {
        if (work->rule != RULE_SCIC || !trnnsf_network_clusters(work->network, i))
            status = cluster_layer(work, i);
    }
    return status;
}

static trnnsf_status map_with(struct work *work, uint32_t rule, const trnnsf_clusters *clusters,
                              trnnsf_mapping **out_mapping)
{
    struct trnnsf_map_options options = TRNNSF_MAP_OPTIONS_INIT;

    options.rule = rule;
    if (work->matrix)
        return trnnsf_mapping_from_matrix(work->program.context, work->matrix, clusters, work->tech,
                                          &options, out_mapping);
    return trnnsf_mapping_create(work->program.context, work->network, work->tech, &options,
                                 out_mapping);
}

static trnnsf_status map_by_rule(struct work *work)
{
    uint32_t rule = work->rule == RULE_TILES ? TRNNSF_MAP_TILES : TRNNSF_MAP_CLUSTERED;
    trnnsf_clusters *clusters = NULL;
    trnnsf_status status = TRNNSF_OK;

    if (work->rule != RULE_TILES)
        status =
            work->matrix ? find_clusters(work, work->matrix, &clusters) : cluster_network(work);
    if (status == TRNNSF_OK)
        status = map_with(work, rule, clusters, &work->mapping);
    trnnsf_clusters_free(clusters);
    return status;
}

static trnnsf_status count_tiles(struct work *work)
{
    struct trnnsf_crossbar_counts counts = {.struct_size = sizeof counts};
    trnnsf_mapping *tiles = NULL;
    trnnsf_status status = TRNNSF_OK;

    if (work->rule == RULE_TILES) {
        work->tiles = work->counts.total;
        return TRNNSF_OK;
    }
    status = map_with(work, TRNNSF_MAP_TILES, NULL, &tiles);
    if (status == TRNNSF_OK)
        status = trnnsf_mapping_counts(work->program.context, tiles, TRNNSF_ALL_LAYERS, &counts);
    work->tiles = counts.total;
    trnnsf_mapping_free(tiles);
    return status;
}

static trnnsf_status load(struct work *work)
{
    trnnsf_context *context = work->program.context;

    return is_matrix(work->file) ? trnnsf_matrix_load(context, work->file, &work->matrix)
                                 : trnnsf_network_load(context, work->file, &work->network);
}

static trnnsf_status map_file(struct work *work)
{
    trnnsf_context *context = work->program.context;
    double began = program_now();
    trnnsf_status status = map_by_rule(work);

    work->seconds = program_now() - began;
    work->counts.struct_size = sizeof work->counts;
    if (status == TRNNSF_OK)
        status = trnnsf_mapping_counts(context, work->mapping, TRNNSF_ALL_LAYERS, &work->counts);
    if (status == TRNNSF_OK)
        status = count_tiles(work);
    if (status == TRNNSF_OK && work->save)
        status = trnnsf_mapping_save(context, work->mapping, work->save);
    return status;
}

/* Of a network: sums over its layers. */
static void sizes(const struct work *work, uint64_t *n_rows, uint64_t *n_columns)
{
    *n_rows = work->matrix ? trnnsf_matrix_rows(work->matrix) : 0;
    *n_columns = work->matrix ? trnnsf_matrix_columns(work->matrix) : 0;
    for (size_t i = 0; work->network && i < trnnsf_network_layers(work->network); i++) {
        *n_rows += trnnsf_network_outputs(work->network, i);
        *n_columns += trnnsf_network_inputs(work->network, i);
    }
}

static void print_table(const struct work *work)
{
    const struct trnnsf_crossbar_counts *counts = &work->counts;
    uint64_t n_rows, n_columns;

    sizes(work, &n_rows, &n_columns);
    printf("%-14s%s\n", "rule", rule_names[work->rule]);
    printf("%-14s%llu outputs x %llu inputs%s\n", "size", (unsigned long long)n_rows,
           (unsigned long long)n_columns, work->network ? ", summed over the layers" : "");
    printf("%-14s%llu\n", "synapses", (unsigned long long)counts->synapses);
    printf("%-14s%llu (in natural order %llu, dense %llu, lower bound %llu)\n", "crossbars",
           (unsigned long long)counts->total, (unsigned long long)work->tiles,
           (unsigned long long)counts->dense, (unsigned long long)counts->lower_bound);
    if (work->rule == RULE_SCIC)
        printf("%-14s%llu with clusters, %llu with residue\n", "",
               (unsigned long long)counts->clustered, (unsigned long long)counts->residue);
    printf("%-14s%.2f %%\n", "utilisation", 100 * counts->utilisation);
    printf("%-14s%.3f s\n", "time", work->seconds);
}

static int write_json(struct work *work)
{
    const struct trnnsf_crossbar_counts *counts = &work->counts;
    FILE *stream = program_open_json(&work->program);
    uint64_t n_rows, n_columns;

    if (!stream)
        return EXIT_FAILED;
    sizes(work, &n_rows, &n_columns);
    fprintf(stream, "{\n  \"version\": \"%s\",\n  \"rule\": \"%s\",\n  \"mca\": \"%zux%zu\",\n",
            trnnsf_version_text(), rule_names[work->rule], trnnsf_tech_shape_inputs(work->tech, 0),
            trnnsf_tech_shape_outputs(work->tech, 0));
    fprintf(stream, "  \"rows\": %llu,\n  \"columns\": %llu,\n  \"nonzeros\": %llu,\n",
            (unsigned long long)n_rows, (unsigned long long)n_columns,
            (unsigned long long)counts->synapses);
    fprintf(stream,
            "  \"crossbars\": {\n    \"tiles\": %llu,\n    \"total\": %llu,\n"
            "    \"lower_bound\": %llu,\n    \"dense\": %llu,\n    \"pruned\": %llu,\n"
            "    \"clustered\": %llu,\n    \"residue\": %llu\n  },\n  ",
            (unsigned long long)work->tiles, (unsigned long long)counts->total,
            (unsigned long long)counts->lower_bound, (unsigned long long)counts->dense,
            (unsigned long long)counts->pruned, (unsigned long long)counts->clustered,
            (unsigned long long)counts->residue);
    program_put_number(stream, "utilisation", counts->utilisation);
    fprintf(stream, ",\n  ");
    program_put_number(stream, "seconds", work->program.reproducible ? (double)NAN : work->seconds);
    fprintf(stream, "\n}\n");
    return program_close_json(&work->program, stream);
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
        print_table(work);
    return program->json ? write_json(work) : EXIT_DONE;
}

int main(int argc, char **argv)
{
    struct work work = {
        .program = {.usage = &usage, .seed = 1},
        .tech_name = "resparc-45nm",
        .groups = 5,
        .effort = 8};
    int code = read_arguments(&work, argc, argv);

    if (code == EXIT_GO_ON)
        code = program_start(&work.program);
    if (code == EXIT_GO_ON)
        code = run(&work);
    trnnsf_mapping_free(work.mapping);
    trnnsf_matrix_free(work.matrix);
    trnnsf_network_free(work.network);
    trnnsf_tech_free(work.tech);
    program_end(&work.program);
    return code;
}
