/* SCIC against scikit-learn's SpectralCoclustering, told the number of blocks, on the same planted
 * matrix in one run. Arguments: python interpreters to look for scikit-learn in, and the script. */
#include <stdio.h>
#include <string.h>
#include <trnnsf/trnnsf.h>

#include "clock.h"
#include "../unit/cluster/planted.h"

enum { REPEATS = 5 };
static const char matrix_file[] = "scic-planted.txt";

/* Share of the planted connections whose cell is in a cluster. */
static double coverage(const trnnsf_clusters *clusters, const float *dense,
                       const unsigned char *planted, size_t n_columns, size_t cells)
{
    unsigned char *covered = calloc(cells, 1);
    size_t total = 0, found = 0;

    for (size_t c = 0; c < trnnsf_clusters_count(clusters); c++) {
        size_t n_out, n_in;
        const uint32_t *out = trnnsf_clusters_outputs(clusters, c, &n_out);
        const uint32_t *in = trnnsf_clusters_inputs(clusters, c, &n_in);

        for (size_t i = 0; i < n_out; i++) {
            for (size_t j = 0; j < n_in; j++)
                covered[out[i] * n_columns + in[j]] = 1;
        }
    }
    for (size_t i = 0; i < cells; i++) {
        total += planted[i] && dense[i] != 0;
        found += planted[i] && dense[i] != 0 && covered[i];
    }
    free(covered);
    return (double)found / (double)total;
}

static int write_matrix(const struct planted *p, const float *dense, const unsigned char *planted)
{
    FILE *file = fopen(matrix_file, "w");

    if (!file)
        return 0;
    fprintf(file, "%zu %zu %zu\n", p->n_rows, p->n_columns, p->blocks);
    for (size_t i = 0; i < p->n_rows * p->n_columns; i++) {
        if (dense[i] != 0)
            fprintf(file, "%zu %zu %d\n", i / p->n_columns, i % p->n_columns, planted[i]);
    }
    return fclose(file) == 0;
}

static double time_library(trnnsf_context *ctx, const trnnsf_matrix *matrix,
                           trnnsf_clusters **clusters)
{
    double best = 1e30;

    for (int i = 0; i < REPEATS; i++) {
        double start = seconds();

        trnnsf_clusters_free(*clusters);
        *clusters = NULL;
        if (trnnsf_clusters_find(ctx, matrix, NULL, clusters) != TRNNSF_OK) {
            fprintf(stderr, "scic: %s\n", trnnsf_context_error(ctx));
            return -1;
        }
        if (seconds() - start < best)
            best = seconds() - start;
    }
    return best;
}

/* Seconds and coverage that the script prints; 0 where the interpreter has no scikit-learn. */
static int ask_python(const char *python, const char *script, double *seconds, double *covered)
{
    char command[2048];
    int read;

    snprintf(command, sizeof command, "'%s' '%s' '%s' %d 2>/dev/null", python, script, matrix_file,
             REPEATS);
    FILE *pipe = popen(command, "r");
    if (!pipe)
        return 0;
    read = fscanf(pipe, "%lf %lf", seconds, covered);
    return pclose(pipe) == 0 && read == 2;
}

static int compare(int argc, char **argv, double ours, double ours_covered)
{
    double theirs, theirs_covered;

    printf("scic: library best of %d: %.3f s, %.2f %% of the planted connections\n", REPEATS, ours,
           100 * ours_covered);
    for (int i = 2; i < argc; i++) {
        if (!ask_python(argv[i], argv[1], &theirs, &theirs_covered))
            continue;
        printf("scic: scikit-learn best of %d: %.3f s, %.2f %%\n", REPEATS, theirs,
               100 * theirs_covered);
        printf("scic: ratio %.2f (below 1 is wanted)\n", ours / theirs);
        return ours < theirs && ours_covered >= 0.95 ? 0 : 1;
    }
    printf(
        "scic: SKIPPED the comparison: no interpreter here has scikit-learn (python3-sklearn)\n");
    return ours_covered >= 0.95 ? 77 : 1;
}

int main(int argc, char **argv)
{
    struct planted p = PLANTED_BENCHMARK;
    size_t cells = p.n_rows * p.n_columns;
    float *dense = malloc(cells * sizeof *dense);
    unsigned char *planted = malloc(cells);
    trnnsf_context *ctx = NULL;
    trnnsf_matrix *matrix = NULL;
    trnnsf_clusters *clusters = NULL;
    int result = 1;

    if (argc < 2 || !dense || !planted || trnnsf_context_create(NULL, &ctx) != TRNNSF_OK)
        goto out;
    plant(&p, dense, planted);
    if (!write_matrix(&p, dense, planted) ||
        trnnsf_matrix_from_dense(ctx, p.n_rows, p.n_columns, dense, &matrix) != TRNNSF_OK)
        goto out;
    double seconds = time_library(ctx, matrix, &clusters);
    if (seconds < 0)
        goto out;
    if (trnnsf_clusters_check(ctx, clusters, 64, 64) != TRNNSF_OK) {
        fprintf(stderr, "scic: %s\n", trnnsf_context_error(ctx));
        goto out;
    }
    printf("scic: %zu clusters\n", trnnsf_clusters_count(clusters));
    result = compare(argc, argv, seconds, coverage(clusters, dense, planted, p.n_columns, cells));
out:
    remove(matrix_file);
    trnnsf_clusters_free(clusters);
    trnnsf_matrix_free(matrix);
    trnnsf_context_free(ctx);
    free(planted);
    free(dense);
    return result;
}
