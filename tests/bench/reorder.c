/* Tiles and free clusters of the real matrices in TRNNSF_DATA_DIR, beside the counts that HyperMR
 * published (read from tiles-512.csv there). Arguments: effort and seed, both optional. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <trnnsf/trnnsf.h>

#include "clock.h"

enum { SIDE = 512, SKIPPED = 77 };

static trnnsf_context *ctx;
static trnnsf_tech *tech;

struct line {
    char name[64];
    unsigned long natural, hypermr;
    size_t compact, tiles, clusters, tiles_bound, clusters_bound;
    double tiles_seconds, clusters_seconds;
};

static void need(trnnsf_status status)
{
    if (status == TRNNSF_OK)
        return;
    fprintf(stderr, "reorder: %s\n", trnnsf_context_error(ctx));
    exit(1);
}

/* The library's one counter of crossbars. */
static struct trnnsf_crossbar_counts count(const trnnsf_matrix *matrix,
                                           const trnnsf_clusters *clusters, uint32_t rule)
{
    struct trnnsf_map_options options = TRNNSF_MAP_OPTIONS_INIT;
    struct trnnsf_crossbar_counts counts = {.struct_size = sizeof counts};
    trnnsf_mapping *mapping;

    options.rule = rule;
    need(trnnsf_mapping_from_matrix(ctx, matrix, clusters, tech, &options, &mapping));
    need(trnnsf_mapping_counts(ctx, mapping, 0, &counts));
    trnnsf_mapping_free(mapping);
    return counts;
}

static size_t count_clusters(const trnnsf_matrix *matrix, const trnnsf_clusters *clusters)
{
    struct trnnsf_crossbar_counts counts = count(matrix, clusters, TRNNSF_MAP_CLUSTERED);

    if (trnnsf_clusters_residue(clusters, matrix) > 0 || counts.residue > 0) {
        fprintf(stderr, "reorder: connections were lost\n");
        exit(1);
    }
    return (size_t)counts.total;
}

static void measure(const trnnsf_matrix *matrix, const struct trnnsf_reorder_options *options,
                    struct line *line)
{
    uint32_t *rows = malloc((trnnsf_matrix_rows(matrix) + SIDE) * sizeof *rows);
    uint32_t *columns = malloc((trnnsf_matrix_columns(matrix) + SIDE) * sizeof *columns);
    struct trnnsf_crossbar_counts plain = count(matrix, NULL, TRNNSF_MAP_TILES);
    trnnsf_clusters *clusters;
    double began = seconds();

    line->natural = (unsigned long)plain.total;
    line->compact = (size_t)plain.pruned;
    line->clusters_bound = (size_t)plain.lower_bound;
    need(trnnsf_reorder_find(ctx, matrix, options, rows, columns));
    line->tiles_seconds = seconds() - began;
    need(trnnsf_reorder_tiles(ctx, matrix, options, rows, columns, &clusters));
    line->tiles = count_clusters(matrix, clusters);
    trnnsf_clusters_free(clusters);
    need(trnnsf_reorder_bound(ctx, matrix, options, &line->tiles_bound));
    began = seconds();
    need(trnnsf_clusters_cover(ctx, matrix, options, &clusters));
    line->clusters_seconds = seconds() - began;
    line->clusters = count_clusters(matrix, clusters);
    trnnsf_clusters_free(clusters);
    free(columns);
    free(rows);
}

static void print_line(const struct line *l)
{
    printf("%-10s %7lu %7zu %7lu %6zu %5zu %6.2f %8zu %5zu %6.2f\n", l->name, l->natural,
           l->compact, l->hypermr, l->tiles, l->tiles_bound, l->tiles_seconds, l->clusters,
           l->clusters_bound, l->clusters_seconds);
    fflush(stdout);
}

static int run_all(const char *folder, const struct trnnsf_reorder_options *options)
{
    struct line sum = {.name = "sum"};
    char path[1024], text[256];
    FILE *list;

    snprintf(path, sizeof path, "%s/sparse-matrices/tiles-512.csv", folder);
    list = fopen(path, "r");
    if (!list) {
        fprintf(stderr, "reorder: no %s\n", path);
        return 1;
    }
    printf("matrix     natural compact HyperMR  tiles bound      s clusters bound      s\n");
    while (fgets(text, sizeof text, list)) {
        struct line line = {.natural = 0};
        trnnsf_matrix *matrix;

        if (sscanf(text, "%63[^,],%*u,%*u,%*u,%*u,%*u,%lu", line.name, &line.hypermr) != 2)
            continue;
        snprintf(path, sizeof path, "%s/sparse-matrices/%s.mtx.gz", folder, line.name);
        need(trnnsf_matrix_load(ctx, path, &matrix));
        measure(matrix, options, &line);
        trnnsf_matrix_free(matrix);
        print_line(&line);
        sum.natural += line.natural;
        sum.compact += line.compact;
        sum.hypermr += line.hypermr;
        sum.tiles += line.tiles;
        sum.tiles_bound += line.tiles_bound;
        sum.tiles_seconds += line.tiles_seconds;
        sum.clusters += line.clusters;
        sum.clusters_bound += line.clusters_bound;
        sum.clusters_seconds += line.clusters_seconds;
    }
    fclose(list);
    print_line(&sum);
    return 0;
}

int main(int argc, char **argv)
{
    struct trnnsf_reorder_options options = TRNNSF_REORDER_OPTIONS_INIT;
    const char *folder = getenv("TRNNSF_DATA_DIR");
    trnnsf_tech *preset = NULL;

    if (!folder) {
        printf("reorder: SKIPPED: TRNNSF_DATA_DIR is not set\n");
        return SKIPPED;
    }
    options.inputs = options.outputs = SIDE;
    if (argc > 1)
        options.effort = (uint32_t)strtoul(argv[1], NULL, 10);
    if (argc > 2)
        options.seed = strtoull(argv[2], NULL, 10);
    if (trnnsf_context_create(NULL, &ctx) != TRNNSF_OK)
        return 1;
    /* A tile's columns are outputs: one column an output. */
    need(trnnsf_tech_preset(ctx, "resparc-45nm", &preset));
    need(trnnsf_tech_with_shapes(ctx, preset, "512x512", &tech));
    int result = run_all(folder, &options);
    trnnsf_tech_free(tech);
    trnnsf_tech_free(preset);
    trnnsf_context_free(ctx);
    return result;
}
