/* The packer beside scikit-learn's co-clustering and METIS on planted matrices in one run: with as
 * many crossbars as theirs need, which share of the planted connections and of all does it hold,
 * how full are the crossbars, in what time? Arguments: the script and pythons to look for scipy in.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <trnnsf/trnnsf.h>

#include "clock.h"
#include "../unit/cluster/planted.h"

enum { ROWS = 1200, COLUMNS = 784, CELLS = ROWS * COLUMNS, SIDE = 64, REPEATS = 2 };
static const char matrix_file[] = "pack-planted.txt";

static float dense[CELLS];
static unsigned char planted[CELLS];

/* `row` and `column` give each line's place; a block has `rows` x `columns` places from (first_row,
 * first_column), around the end. */
static void plant_block(struct trn_random *random, const uint32_t *row, const uint32_t *column,
                        size_t first_row, size_t rows, size_t first_column, size_t columns)
{
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < columns; j++) {
            size_t cell = (size_t)row[(first_row + i) % ROWS] * COLUMNS +
                          column[(first_column + j) % COLUMNS];

            planted[cell] = 1;
            if (trn_random_double(random) < 0.7)
                dense[cell] = 1;
        }
    }
}

static void noise(struct trn_random *random, double density)
{
    for (size_t i = 0; i < CELLS; i++) {
        dense[i] = trn_random_double(random) < density;
        planted[i] = 0;
    }
}

static void shuffled(struct trn_random *random, uint32_t *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        items[i] = (uint32_t)i;
    trn_random_shuffle(random, items, count);
}

static size_t even(void)
{
    struct planted p = PLANTED_BENCHMARK;

    plant(&p, dense, planted);
    return p.blocks;
}

/* Each block shares a third of its rows with the next one and of its columns with the one after. */
static size_t overlapping(void)
{
    static uint32_t row[ROWS], column[COLUMNS], other[COLUMNS];
    struct trn_random random;

    trn_random_init(&random, 2, TRN_RANDOM_TEST, 0);
    noise(&random, 0.03);
    shuffled(&random, row, ROWS);
    shuffled(&random, column, COLUMNS);
    shuffled(&random, other, 20);
    for (size_t b = 0; b < 20; b++)
        plant_block(&random, row, column, b * 60, 90, other[b] * 39, 58);
    return 20;
}

/* From 12 x 8 to 230 x 150, three of them larger than a crossbar. */
static size_t uneven(void)
{
    static uint32_t row[ROWS], column[COLUMNS];
    struct trn_random random;
    size_t rows = 0, columns = 0, count = 0;

    trn_random_init(&random, 3, TRN_RANDOM_TEST, 0);
    noise(&random, 0.03);
    shuffled(&random, row, ROWS);
    shuffled(&random, column, COLUMNS);
    for (double side = 230; side > 12 && rows < ROWS && columns < COLUMNS; side *= 0.82, count++) {
        plant_block(&random, row, column, rows, (size_t)side, columns, (size_t)(0.65 * side));
        rows += (size_t)side;
        columns += (size_t)(0.65 * side);
    }
    return count;
}

/* 20 groups; a line's weight falls as its place in its group to the power -0.6. */
static size_t power_law(void)
{
    static uint32_t row[ROWS], column[COLUMNS];
    struct trn_random random;

    trn_random_init(&random, 4, TRN_RANDOM_TEST, 0);
    noise(&random, 0);
    shuffled(&random, row, ROWS);
    shuffled(&random, column, COLUMNS);
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t j = 0; j < COLUMNS; j++) {
            size_t cell = (size_t)row[i] * COLUMNS + column[j];
            int same = i / 60 == j / 40;
            double weight = pow((double)(1 + i % 60), -0.6) * pow((double)(1 + j % 40), -0.6);

            planted[cell] = (unsigned char)same;
            dense[cell] = trn_random_double(&random) < (same ? 8 : 0.4) * weight;
        }
    }
    return 20;
}

static int write_matrix(void)
{
    FILE *file = fopen(matrix_file, "w");

    if (!file)
        return 0;
    fprintf(file, "%d %d\n", ROWS, COLUMNS);
    for (size_t i = 0; i < CELLS; i++) {
        if (dense[i] != 0)
            fprintf(file, "%zu %zu %d\n", i / COLUMNS, i % COLUMNS, planted[i]);
    }
    return fclose(file) == 0;
}

struct figures {
    double seconds, planted, all, fill;
    size_t crossbars;
};

static void print_figures(const char *matrix, const char *name, const struct figures *f)
{
    printf("pack-planted: %-11s %-12s %7.3f s, %6.2f %% of planted, %6.2f %% of all connections in "
           "%3zu crossbars, fill %.3f\n",
           matrix, name, f->seconds, 100 * f->planted, 100 * f->all, f->crossbars, f->fill);
    fflush(stdout);
}

static size_t connections(int of_blocks)
{
    size_t count = 0;

    for (size_t i = 0; i < CELLS; i++)
        count += dense[i] != 0 && (planted[i] || !of_blocks);
    return count;
}

static void count_held(const trnnsf_clusters *clusters, struct figures *f)
{
    static unsigned char held[CELLS];
    size_t all = 0, of_blocks = 0;

    memset(held, 0, sizeof held);
    for (size_t c = 0; c < trnnsf_clusters_count(clusters); c++) {
        size_t n_out, n_in;
        const uint32_t *out = trnnsf_clusters_outputs(clusters, c, &n_out);
        const uint32_t *in = trnnsf_clusters_inputs(clusters, c, &n_in);

        for (size_t i = 0; i < n_out; i++) {
            for (size_t j = 0; j < n_in; j++)
                held[(size_t)out[i] * COLUMNS + in[j]] = 1;
        }
    }
    for (size_t i = 0; i < CELLS; i++) {
        all += held[i] && dense[i] != 0;
        of_blocks += held[i] && dense[i] != 0 && planted[i];
    }
    f->planted = (double)of_blocks / (double)connections(1);
    f->all = (double)all / (double)connections(0);
    f->crossbars = trnnsf_clusters_count(clusters);
    f->fill = (double)all / ((double)f->crossbars * SIDE * SIDE);
}

static int ours(trnnsf_context *ctx, const char *name, size_t crossbars, uint32_t effort,
                struct figures *f)
{
    struct trnnsf_pack_options options = TRNNSF_PACK_OPTIONS_INIT;
    trnnsf_matrix *matrix = NULL;
    trnnsf_clusters *clusters = NULL;

    options.crossbars = crossbars;
    options.effort = effort;
    f->seconds = INFINITY;
    if (trnnsf_matrix_from_dense(ctx, ROWS, COLUMNS, dense, &matrix) != TRNNSF_OK)
        return 0;
    for (int i = 0; i < REPEATS; i++) {
        double start = seconds();

        trnnsf_clusters_free(clusters);
        clusters = NULL;
        if (trnnsf_clusters_pack(ctx, matrix, &options, &clusters) != TRNNSF_OK)
            break;
        f->seconds = fmin(f->seconds, seconds() - start);
    }
    if (clusters && trnnsf_clusters_check(ctx, clusters, SIDE, SIDE) != TRNNSF_OK) {
        trnnsf_clusters_free(clusters);
        clusters = NULL;
    }
    if (clusters) {
        count_held(clusters, f);
        print_figures(name, effort > 0 ? "packer" : "packer quick", f);
    } else {
        fprintf(stderr, "pack-planted: %s\n", trnnsf_context_error(ctx));
    }
    int done = clusters != NULL;
    trnnsf_clusters_free(clusters);
    trnnsf_matrix_free(matrix);
    return done;
}

/* Reads the script's lines and answers each; how many, or -1 for a failure. */
static int answer(trnnsf_context *ctx, const char *name, FILE *pipe, int *worse, int *slower)
{
    char other[32];
    struct figures f, mine;
    int lines = 0;

    while (fscanf(pipe, "%31s %lf %lf %lf %zu", other, &f.seconds, &f.planted, &f.all,
                  &f.crossbars) == 5) {
        f.fill = f.all * (double)connections(0) / ((double)f.crossbars * SIDE * SIDE);
        print_figures(name, other, &f);
        for (uint32_t effort = 0; effort <= 1; effort++) {
            if (!ours(ctx, name, f.crossbars, effort, &mine))
                return -1;
            *worse += mine.all < f.all;
            *slower += mine.seconds > f.seconds && effort == 0;
        }
        lines++;
    }
    return lines;
}

static int compare(trnnsf_context *ctx, const char *name, size_t groups, int argc, char **argv,
                   int *worse, int *slower)
{
    char command[2048];
    int lines = 0;

    if (!write_matrix())
        return 0;
    for (int i = 2; i < argc && lines == 0; i++) {
        snprintf(command, sizeof command, "'%s' '%s' '%s' %zu %d 2>/dev/null", argv[i], argv[1],
                 matrix_file, groups, SIDE);
        FILE *pipe = popen(command, "r");
        lines = pipe ? answer(ctx, name, pipe, worse, slower) : 0;
        if (pipe)
            pclose(pipe);
    }
    remove(matrix_file);
    if (lines < 2)
        printf("pack-planted: %s: SKIPPED %s (python3-sklearn, metis)\n", name,
               lines == 0 ? "both others, which are not here" : "the other, which is not here");
    struct figures mine;
    return lines >= 0 && ours(ctx, name, groups, 1, &mine);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        size_t (*plant)(void);
    } matrices[] = {
        {"even", even}, {"overlapping", overlapping}, {"uneven", uneven}, {"power-law", power_law}};
    trnnsf_context *ctx = NULL;
    int worse = 0, slower = 0, done = argc >= 2;

    if (trnnsf_context_create(NULL, &ctx) != TRNNSF_OK)
        return 1;
    for (size_t m = 0; m < sizeof matrices / sizeof matrices[0] && done; m++) {
        size_t groups = matrices[m].plant();

        done = compare(ctx, matrices[m].name, groups, argc, argv, &worse, &slower);
    }
    trnnsf_context_free(ctx);
    printf("pack-planted: others hold more in as many crossbars %d times, or are faster than the "
           "quick packer %d times (0 is wanted of both)\n",
           worse, slower);
    return done && worse == 0 ? 0 : 1;
}
