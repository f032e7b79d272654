/* The ten real matrices in the folder that TRNNSF_DATA_DIR names, onto tiles of 512 x 512, against
 * the counts that HyperMR published (tiles-512.csv there); skipped without it. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <trnnsf/trnnsf.h>

enum { SIDE = 512, SKIPPED = 77 };

static const char *data_folder;
static trnnsf_context *ctx;
static trnnsf_tech *tech;

#define EXPECT_OK(call) ck_assert_msg((call) == TRNNSF_OK, "%s", trnnsf_context_error(ctx))

static void setup(void)
{
    trnnsf_tech *preset;

    ck_assert_int_eq(trnnsf_context_create(NULL, &ctx), TRNNSF_OK);
    EXPECT_OK(trnnsf_tech_preset(ctx, "resparc-45nm", &preset));
    EXPECT_OK(trnnsf_tech_with_shapes(ctx, preset, "512x512", &tech));
    trnnsf_tech_free(preset);
}

static void teardown(void)
{
    trnnsf_tech_free(tech);
    trnnsf_context_free(ctx);
}

/* Crossbars as the library counts them; every connection is on one of the clusters'. */
static size_t count(const trnnsf_matrix *matrix, const trnnsf_clusters *clusters)
{
    struct trnnsf_crossbar_counts counts = {.struct_size = sizeof counts};
    trnnsf_mapping *mapping;

    EXPECT_OK(trnnsf_clusters_check(ctx, clusters, SIDE, SIDE));
    EXPECT_OK(trnnsf_mapping_from_matrix(ctx, matrix, clusters, tech, NULL, &mapping));
    EXPECT_OK(trnnsf_mapping_counts(ctx, mapping, 0, &counts));
    ck_assert_uint_eq(counts.residue, 0);
    ck_assert_uint_eq(counts.synapses, trnnsf_matrix_nonzeros(matrix));
    ck_assert_uint_le(counts.lower_bound, counts.total);
    trnnsf_mapping_free(mapping);
    return (size_t)counts.total;
}

static size_t count_tiles(const trnnsf_matrix *matrix, const struct trnnsf_reorder_options *options)
{
    uint32_t *rows = malloc((trnnsf_matrix_rows(matrix) + SIDE) * sizeof *rows);
    uint32_t *columns = malloc((trnnsf_matrix_columns(matrix) + SIDE) * sizeof *columns);
    trnnsf_clusters *clusters;
    size_t bound;

    EXPECT_OK(trnnsf_reorder_find(ctx, matrix, options, rows, columns));
    EXPECT_OK(trnnsf_reorder_tiles(ctx, matrix, options, rows, columns, &clusters));
    EXPECT_OK(trnnsf_reorder_bound(ctx, matrix, options, &bound));
    size_t tiles = count(matrix, clusters);
    ck_assert_uint_le(bound, tiles);
    trnnsf_clusters_free(clusters);
    free(columns);
    free(rows);
    return tiles;
}

static size_t count_cover(const trnnsf_matrix *matrix, const struct trnnsf_reorder_options *options)
{
    trnnsf_clusters *clusters;

    EXPECT_OK(trnnsf_clusters_cover(ctx, matrix, options, &clusters));
    size_t total = count(matrix, clusters);
    trnnsf_clusters_free(clusters);
    return total;
}

/* In total at most 75 % of HyperMR's tiles, at most half as free clusters; never more tiles. */
START_TEST(real_matrices)
{
    struct trnnsf_reorder_options options = TRNNSF_REORDER_OPTIONS_INIT;
    size_t tiles = 0, clusters = 0, published = 0, found = 0;
    char path[1024], line[256], name[64];
    unsigned long hypermr;
    FILE *list;

    options.inputs = options.outputs = SIDE;
    snprintf(path, sizeof path, "%s/sparse-matrices/tiles-512.csv", data_folder);
    list = fopen(path, "r");
    ck_assert_ptr_nonnull(list);
    while (fgets(line, sizeof line, list)) {
        trnnsf_matrix *matrix;

        if (sscanf(line, "%63[^,],%*u,%*u,%*u,%*u,%*u,%lu", name, &hypermr) != 2)
            continue;
        snprintf(path, sizeof path, "%s/sparse-matrices/%s.mtx.gz", data_folder, name);
        EXPECT_OK(trnnsf_matrix_load(ctx, path, &matrix));
        size_t here = count_tiles(matrix, &options);
        ck_assert_msg(here <= hypermr, "%s: %zu tiles, HyperMR %lu", name, here, hypermr);
        tiles += here;
        clusters += count_cover(matrix, &options);
        published += hypermr;
        found++;
        trnnsf_matrix_free(matrix);
    }
    fclose(list);
    ck_assert_uint_eq(found, 10);
    ck_assert_msg(4 * tiles <= 3 * published, "%zu tiles, HyperMR %zu", tiles, published);
    ck_assert_msg(2 * clusters <= published, "%zu clusters, HyperMR %zu", clusters, published);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reorder, real matrices");
    TCase *tests = tcase_create("real");
    SRunner *runner;

    data_folder = getenv("TRNNSF_DATA_DIR");
    if (!data_folder) {
        printf("reorder-real: SKIPPED: TRNNSF_DATA_DIR is not set\n");
        return SKIPPED;
    }
    if (!TRN_HAVE_ZLIB) {
        printf("reorder-real: SKIPPED: built without zlib, and the matrices are packed\n");
        return SKIPPED;
    }
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 600);
    tcase_add_test(tests, real_matrices);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
