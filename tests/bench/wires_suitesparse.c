/* The equations of wires_scipy.py by SuiteSparse's CHOLMOD and KLU (Davis, "Algorithm 907: KLU", ACM
 * Trans. Math. Softw. 37(3), 2010; Chen, Davis, Hager, Rajamanickam, "Algorithm 887: CHOLMOD", ACM
 * Trans. Math. Softw. 35(3), 2008), on what bench-wires left in FOLDER.
 *
 *     bench-wires-suitesparse FOLDER cholmod|klu
 *
 * Prints "name value" lines, as bench-wires does.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <suitesparse/cholmod.h>
#include <suitesparse/klu.h>

#include "clock.h"

struct problem {
    size_t side;
    double *cells, *inputs, *currents;
    cholmod_triplet *entries; /* of the upper triangle, or, for KLU, all */
    int whole;
};

static void *need(void *pointer)
{
    if (!pointer) {
        fprintf(stderr, "bench-wires-suitesparse: no memory, or no file\n");
        exit(1);
    }
    return pointer;
}

static double *load(const char *folder, const char *name, size_t *out_count)
{
    char path[512];
    long bytes;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = need(fopen(path, "rb"));
    if (fseek(file, 0, SEEK_END) != 0 || (bytes = ftell(file)) < 0)
        exit(1);
    rewind(file);
    *out_count = (size_t)bytes / sizeof(double);
    double *values = need(malloc(*out_count * sizeof *values));
    if (fread(values, sizeof *values, *out_count, file) != *out_count)
        exit(1);
    fclose(file);
    return values;
}

static void add(struct problem *problem, size_t row, size_t column, double value)
{
    cholmod_triplet *entries = problem->entries;

    ((int *)entries->i)[entries->nnz] = (int)row;
    ((int *)entries->j)[entries->nnz] = (int)column;
    ((double *)entries->x)[entries->nnz++] = value;
}

static void join(struct problem *problem, size_t a, size_t b, double conductance)
{
    add(problem, a, a, conductance);
    add(problem, b, b, conductance);
    add(problem, a < b ? a : b, a < b ? b : a, -conductance);
    if (problem->whole)
        add(problem, a < b ? b : a, a < b ? a : b, -conductance);
}

/* Kirchhoff's current law at 2 n^2 nodes; all segments, drivers and sense resistors have 1 ohm. */
static cholmod_sparse *equations(struct problem *problem, cholmod_common *common)
{
    size_t n = problem->side, nodes = 2 * n * n;

    problem->entries = need(cholmod_allocate_triplet(nodes, nodes, 12 * nodes + 2 * n,
                                                     problem->whole ? 0 : 1, CHOLMOD_REAL, common));
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            size_t word = i * n + j, bit = word + n * n;

            join(problem, word, bit, problem->cells[word]);
            if (j + 1 < n)
                join(problem, word, word + 1, 1.0);
            if (i + 1 < n)
                join(problem, bit, bit + n, 1.0);
        }
        add(problem, i * n, i * n, 1.0);
        add(problem, n * n + (n - 1) * n + i, n * n + (n - 1) * n + i, 1.0);
    }
    cholmod_sparse *matrix = need(cholmod_triplet_to_sparse(problem->entries, 0, common));
    cholmod_free_triplet(&problem->entries, common);
    return matrix;
}

static cholmod_dense *right_side(const struct problem *problem, cholmod_common *common)
{
    size_t n = problem->side;
    cholmod_dense *right = need(cholmod_zeros(2 * n * n, 1, CHOLMOD_REAL, common));

    for (size_t i = 0; i < n; i++)
        ((double *)right->x)[i * n] = problem->inputs[i];
    return right;
}

static void report(const struct problem *problem, const double *voltages, double first,
                   double processor, double further)
{
    size_t n = problem->side;
    double most = 0, difference = 0;

    for (size_t j = 0; j < n; j++) {
        difference = fmax(difference, fabs(voltages[n * n + (n - 1) * n + j] - problem->currents[j]));
        most = fmax(most, fabs(problem->currents[j]));
    }
    printf("first %.9f\nfirst_processor %.9f\nfurther %.9f\ndifference %.3e\n", first, processor,
           further, difference / most);
}

static void by_cholmod(struct problem *problem, cholmod_common *common)
{
    cholmod_sparse *matrix = equations(problem, common);
    cholmod_dense *right = right_side(problem, common);
    double start = seconds(), processor = processor_seconds();

    cholmod_factor *factor = need(cholmod_analyze(matrix, common));
    cholmod_factorize(matrix, factor, common);
    cholmod_dense *voltages = need(cholmod_solve(CHOLMOD_A, factor, right, common));
    double first = seconds() - start;
    processor = processor_seconds() - processor;
    start = seconds();
    cholmod_dense *again = need(cholmod_solve(CHOLMOD_A, factor, right, common));
    report(problem, voltages->x, first, processor, seconds() - start);
    cholmod_free_dense(&again, common);
    cholmod_free_dense(&voltages, common);
    cholmod_free_factor(&factor, common);
    cholmod_free_dense(&right, common);
    cholmod_free_sparse(&matrix, common);
}

static void by_klu(struct problem *problem, cholmod_common *common)
{
    cholmod_sparse *matrix = equations(problem, common);
    cholmod_dense *right = right_side(problem, common), *again = right_side(problem, common);
    int nodes = (int)matrix->nrow, *column = matrix->p, *row = matrix->i;
    klu_common own;
    double start = seconds(), processor = processor_seconds();

    klu_defaults(&own);
    klu_symbolic *symbolic = need(klu_analyze(nodes, column, row, &own));
    klu_numeric *numeric = need(klu_factor(column, row, matrix->x, symbolic, &own));
    klu_solve(symbolic, numeric, nodes, 1, right->x, &own);
    double first = seconds() - start;
    processor = processor_seconds() - processor;
    start = seconds();
    klu_solve(symbolic, numeric, nodes, 1, again->x, &own);
    report(problem, right->x, first, processor, seconds() - start);
    klu_free_numeric(&numeric, &own);
    klu_free_symbolic(&symbolic, &own);
    cholmod_free_dense(&again, common);
    cholmod_free_dense(&right, common);
    cholmod_free_sparse(&matrix, common);
}

int main(int argc, char **argv)
{
    struct problem problem = {0};
    cholmod_common common;
    size_t count;

    if (argc != 3)
        return 2;
    problem.cells = load(argv[1], "conductances.bin", &count);
    problem.inputs = load(argv[1], "inputs.bin", &problem.side);
    problem.currents = load(argv[1], "currents.bin", &count);
    problem.whole = strcmp(argv[2], "klu") == 0;
    cholmod_start(&common);
    if (problem.whole)
        by_klu(&problem, &common);
    else
        by_cholmod(&problem, &common);
    cholmod_finish(&common);
    free(problem.currents);
    free(problem.inputs);
    free(problem.cells);
    return 0;
}
