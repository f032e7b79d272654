/* Seconds of one square crossbar with resistive wires: the half of wires_scipy.py that is ours.
 *
 *     bench-wires SIDE FOLDER [ALPHA]
 *
 * Prints "name value" lines; leaves conductances.bin, inputs.bin, currents.bin (doubles) and
 * crossbar.cir in FOLDER for the others.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <trnnsf/trnnsf.h>

#include "clock.h"

enum { VECTORS = 9 };

static trnnsf_context *ctx;

static void check(trnnsf_status status)
{
    if (status == TRNNSF_OK)
        return;
    fprintf(stderr, "%s: %s\n", trnnsf_status_name(status), trnnsf_context_error(ctx));
    exit(1);
}

static double uniform(void)
{
    static uint64_t state = 1;

    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 11) / 9007199254740992.0;
}

/* The most that was resident so far, in bytes. getrusage() would count what the caller had. */
static void print_memory(const char *name)
{
    FILE *file = fopen("/proc/self/status", "r");
    unsigned long kilobytes = 0;
    char line[256];

    while (file && fgets(line, sizeof line, file) && sscanf(line, "VmHWM: %lu", &kilobytes) != 1)
        continue;
    if (file)
        fclose(file);
    printf("%s %lu\n", name, 1024 * kilobytes);
}

static double *array(size_t count)
{
    double *values = malloc(count * sizeof *values);

    if (!values)
        exit(1);
    return values;
}

static void save(const char *folder, const char *name, size_t count, const double *values)
{
    char path[512];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(values, sizeof *values, count, file) != count || fclose(file) != 0)
        exit(1);
}

static void time_approximation(const trnnsf_wires *wires, const double *inputs, double *currents)
{
    for (uint32_t passes = 1; passes <= 16; passes *= 4) {
        double error, start = seconds();

        check(trnnsf_wires_approximate(ctx, wires, 1, inputs, passes, currents));
        printf("approximation_%u_seconds %.9f\n", passes, seconds() - start);
        check(trnnsf_wires_approximation_error(ctx, wires, 1, inputs, passes, &error));
        printf("approximation_%u_error %.3e\n", passes, error);
    }
}

/* Processor seconds of all voltages, the best of three. */
static double time_voltages(const trnnsf_wires *wires, size_t n_vectors, const double *inputs,
                            double *word, double *bit)
{
    double best = INFINITY;

    for (int k = 0; k < 3; k++) {
        double start = processor_seconds();

        check(trnnsf_wires_voltages(ctx, wires, n_vectors, inputs, word, bit, NULL));
        best = fmin(best, processor_seconds() - start);
    }
    return best;
}

int main(int argc, char **argv)
{
    struct trnnsf_wires_options options = TRNNSF_WIRES_OPTIONS_INIT;
    size_t n = argc > 2 ? (size_t)strtoul(argv[1], NULL, 10) : 0;
    trnnsf_wires *wires = NULL;
    char path[512];

    if (n == 0)
        return 2;
    options.alpha_per_volt = argc > 3 ? strtod(argv[3], NULL) : 0;
    check(trnnsf_context_create(NULL, &ctx));

    /* 2 kilo-ohm to 200 kilo-ohm, evenly on a logarithmic scale; 0 … 0.2 V. */
    double *cells = array(n * n), *inputs = array(VECTORS * n), *currents = array(VECTORS * n);
    for (size_t k = 0; k < n * n; k++)
        cells[k] = exp(log(5e-6) + uniform() * log(100.0));
    for (size_t k = 0; k < VECTORS * n; k++)
        inputs[k] = 0.2 * uniform();

    double start = seconds(), processor = processor_seconds();
    check(trnnsf_wires_create(ctx, n, n, cells, &options, &wires));
    check(trnnsf_wires_currents(ctx, wires, 1, inputs, currents));
    printf("first %.9f\n", seconds() - start);
    printf("first_processor %.9f\n", processor_seconds() - processor);
    print_memory("memory");
    if (options.alpha_per_volt == 0) {
        start = seconds();
        check(trnnsf_wires_currents(ctx, wires, VECTORS - 1, inputs + n, currents + n));
        printf("further %.9f\n", (seconds() - start) / (VECTORS - 1));
    }
    save(argv[2], "conductances.bin", n * n, cells);
    save(argv[2], "inputs.bin", n, inputs);
    save(argv[2], "currents.bin", n, currents);
    snprintf(path, sizeof path, "%s/crossbar.cir", argv[2]);
    check(trnnsf_wires_netlist(ctx, wires, inputs, path));
    time_approximation(wires, inputs, currents);

    double *word = array(VECTORS * n * n), *bit = array(VECTORS * n * n);
    double one = time_voltages(wires, 1, inputs, word, bit);
    print_memory("voltages_memory");
    printf("voltages_first_processor %.9f\n", one);
    if (options.alpha_per_volt == 0)
        printf("voltages_further_processor %.9f\n",
               (time_voltages(wires, VECTORS, inputs, word, bit) - one) / (VECTORS - 1));
    free(bit);
    free(word);
    free(currents);
    free(inputs);
    free(cells);
    trnnsf_wires_free(wires);
    trnnsf_context_free(ctx);
    return 0;
}
