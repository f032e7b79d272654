/* The packer's time against the number of connections, and on a large layer. `budget`, or no
 * arguments: the exponent fitted to processor seconds (above 1.2 fails) and the layer within a
 * tenth of its tiles; `near`: the layer with 5 % of its salience left out; `exact`: with everything
 * kept. With `budget` a figure of the times is drawn where a file is named.
 *
 *     bench-pack [budget|near|exact] [FIGURE.png|.svg|.pdf]
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <trnnsf/trnnsf.h>

#include "clock.h"
#include "base/random.h"
#include "loglog.h"

enum { SIZES = 5 };

static const double wanted = 1.2;

/* What was measured. */
struct times {
    double connections[SIZES], seconds[SIZES]; /* of processors */
};

static void print_peak(void)
{
    char line[256];
    FILE *file = fopen("/proc/self/status", "r");

    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, "VmHWM", 5) == 0)
            printf("pack: peak memory %s", line);
    }
    if (file)
        fclose(file);
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* Groups of 64 rows and 64 columns, both shuffled; a row has about 25 connections in its group, and
 * 8 anywhere. */
static trnnsf_matrix *structured(trnnsf_context *ctx, size_t nonzeros)
{
    enum { INSIDE = 32, OUTSIDE = 8, SIDE = 64 };
    size_t n = nonzeros / 33 / SIDE * SIDE, count = 0;
    size_t *start = calloc(n + 1, sizeof *start);
    uint32_t *column = malloc(n * (INSIDE + OUTSIDE) * sizeof *column);
    uint32_t *row_of = malloc(n * sizeof *row_of), *column_of = malloc(n * sizeof *column_of);
    trnnsf_matrix *matrix = NULL;
    struct trn_random random;

    trn_random_init(&random, 1, TRN_RANDOM_TEST, 0);
    for (size_t i = 0; i < n; i++)
        row_of[i] = column_of[i] = (uint32_t)i;
    trn_random_shuffle(&random, row_of, n);
    trn_random_shuffle(&random, column_of, n);
    for (size_t i = 0; i < n; i++) {
        uint32_t group = row_of[i] / SIDE * SIDE, *row = column + count;
        size_t kept = 0;

        for (size_t k = 0; k < INSIDE; k++)
            row[k] = column_of[group + trn_random_below(&random, SIDE)];
        for (size_t k = INSIDE; k < INSIDE + OUTSIDE; k++)
            row[k] = trn_random_below(&random, (uint32_t)n);
        qsort(row, INSIDE + OUTSIDE, sizeof *row, ascending);
        for (size_t k = 0; k < INSIDE + OUTSIDE; k++) {
            if (kept == 0 || row[k] != row[kept - 1])
                row[kept++] = row[k];
        }
        count += kept;
        start[i + 1] = count;
    }
    trnnsf_matrix_create(ctx, n, n, start, column, NULL, &matrix);
    free(start);
    free(column);
    free(row_of);
    free(column_of);
    return matrix;
}

/* No structure; saliences are squares of normal numbers. */
static trnnsf_matrix *layer(trnnsf_context *ctx, size_t n_rows, size_t n_columns, double density)
{
    size_t room = (size_t)((double)(n_rows * n_columns) * density * 1.1), count = 0;
    size_t *start = calloc(n_rows + 1, sizeof *start);
    uint32_t *column = malloc(room * sizeof *column);
    float *value = malloc(room * sizeof *value);
    trnnsf_matrix *matrix = NULL;
    struct trn_random random;

    trn_random_init(&random, 2, TRN_RANDOM_TEST, 0);
    for (size_t i = 0; i < n_rows; i++) {
        for (size_t j = 0; j < n_columns && count < room; j++) {
            if (trn_random_double(&random) >= density)
                continue;
            double weight = trn_random_normal(&random);
            column[count] = (uint32_t)j;
            value[count++] = (float)(weight * weight);
        }
        start[i + 1] = count;
    }
    trnnsf_matrix_create(ctx, n_rows, n_columns, start, column, value, &matrix);
    free(start);
    free(column);
    free(value);
    return matrix;
}

/* Processor seconds; below 0 where it failed. */
static double pack(trnnsf_context *ctx, const trnnsf_matrix *matrix, const char *name,
                   const struct trnnsf_pack_options *options)
{
    struct trnnsf_pack_report report = {.struct_size = sizeof report};
    trnnsf_clusters *clusters = NULL;
    double start = seconds(), processor = processor_seconds();

    if (trnnsf_clusters_pack(ctx, matrix, options, &clusters) != TRNNSF_OK) {
        fprintf(stderr, "pack: %s\n", trnnsf_context_error(ctx));
        return -1;
    }
    processor = processor_seconds() - processor;
    double wall = seconds() - start;
    trnnsf_pack_measure(ctx, matrix, options, clusters, &report);
    printf("pack: %s, %zu connections: %.2f s (%.2f s of processors), %llu blocks, %.2f %% of the "
           "salience, fill %.3f\n",
           name, trnnsf_matrix_nonzeros(matrix), wall, processor,
           (unsigned long long)report.blocks, 100 * report.kept, report.fill);
    fflush(stdout);
    trnnsf_clusters_free(clusters);
    return processor;
}

/* False where packing failed. */
static bool measure(trnnsf_context *ctx, struct times *times)
{
    static const size_t sizes[SIZES] = {100000, 300000, 1000000, 3000000, 10000000};

    for (size_t i = 0; i < SIZES; i++) {
        struct trnnsf_pack_options options = TRNNSF_PACK_OPTIONS_INIT;
        trnnsf_matrix *matrix = structured(ctx, sizes[i]);

        options.effort = 1;
        options.crossbars = trnnsf_matrix_rows(matrix) / 64;
        double seconds = pack(ctx, matrix, "groups of 64", &options);

        times->connections[i] = (double)trnnsf_matrix_nonzeros(matrix);
        times->seconds[i] = fmax(seconds, 1e-3);
        trnnsf_matrix_free(matrix);
        if (seconds < 0)
            return false;
    }
    return true;
}

/* The slope of log(seconds) over log(connections). */
static double fit_exponent(const struct times *times)
{
    double x = 0, y = 0, xx = 0, xy = 0;

    for (size_t i = 0; i < SIZES; i++) {
        double a = log(times->connections[i]), b = log(times->seconds[i]);

        x += a;
        y += b;
        xx += a * a;
        xy += a * b;
    }
    return (SIZES * xy - x * y) / (SIZES * xx - x * x);
}

static bool draw(trnnsf_context *ctx, const struct times *times, double exponent, const char *path)
{
    char name[64];
    struct loglog plot = {.title = "Packing groups of 64 × 64, as many crossbars as groups",
                          .x_name = "connections",
                          .y_name = "processor time / s",
                          .name = name,
                          .n = SIZES,
                          .x = times->connections,
                          .y = times->seconds,
                          .slope = wanted,
                          .slope_name = "slope 1.2, the most that is wanted"};

    snprintf(name, sizeof name, "measured, slope %.2f", exponent);
    if (loglog_draw(ctx, &plot, path) == TRNNSF_OK)
        return true;
    fprintf(stderr, "pack: %s\n", trnnsf_context_error(ctx));
    return false;
}

/* Infinity where something failed. */
static double scale(trnnsf_context *ctx, const char *figure)
{
    struct times times;

    if (!measure(ctx, &times))
        return INFINITY;
    double exponent = fit_exponent(&times);
    printf("pack: time grows with connections^%.2f (more than %.1f fails)\n", exponent, wanted);
    return !figure || draw(ctx, &times, exponent, figure) ? exponent : INFINITY;
}

int main(int argc, char **argv)
{
    struct trnnsf_pack_options options = TRNNSF_PACK_OPTIONS_INIT;
    const char *part = argc > 1 ? argv[1] : "budget";
    trnnsf_context *ctx = NULL;
    double seconds, exponent = 0;

    if (trnnsf_context_create(NULL, &ctx) != TRNNSF_OK)
        return 1;
    if (strcmp(part, "budget") == 0) {
        exponent = scale(ctx, argc > 2 ? argv[2] : NULL);
        print_peak();
        options.crossbars = 922; /* a tenth of the 9216 tiles */
    } else {
        options.goal = TRNNSF_PACK_BOUND;
        options.discard = strcmp(part, "near") == 0 ? 0.05 : 0;
        options.effort = 1;
    }
    trnnsf_matrix *matrix = layer(ctx, 4096, 9216, 0.1);
    seconds = pack(ctx, matrix, "4096 x 9216 layer", &options);
    print_peak();
    trnnsf_matrix_free(matrix);
    trnnsf_context_free(ctx);
    return seconds >= 0 && exponent <= wanted ? 0 : 1;
}
