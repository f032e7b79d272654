/* Writes the netlist of a random crossbar and prints what the library says of it: the half of
 * ngspice_test.py that is ours.
 *
 *     wires-netlist SEED ROWS COLUMNS ALPHA FILE
 *
 * Lines "w ROW COLUMN volt", "b ROW COLUMN volt", "i COLUMN ampere". The seed chooses the options,
 * too.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <trnnsf/trnnsf.h>

static trnnsf_context *ctx;
static uint64_t state;

static void check(trnnsf_status status)
{
    if (status == TRNNSF_OK)
        return;
    fprintf(stderr, "%s: %s\n", trnnsf_status_name(status), trnnsf_context_error(ctx));
    exit(1);
}

static double uniform(double low, double high)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return low + (high - low) * (double)(state >> 11) / 9007199254740992.0;
}

static double ohm(double none)
{
    return uniform(0, 1) < none ? 0 : exp(uniform(log(0.5), log(50)));
}

static double *array(size_t count)
{
    double *values = malloc(count * sizeof *values);

    if (!values)
        exit(1);
    return values;
}

static struct trnnsf_wires_options random_options(double alpha, double none)
{
    struct trnnsf_wires_options options = TRNNSF_WIRES_OPTIONS_INIT;

    options.word_ohm = ohm(none);
    options.bit_ohm = ohm(none);
    options.driver_ohm = ohm(none);
    options.sense_ohm = ohm(none);
    options.cell_ohm = uniform(0, 1) < 0.5 ? 0 : 1000;
    options.alpha_per_volt = alpha;
    options.driver_ends = uniform(0, 1) < 0.5 ? 1 : 2;
    options.sense_ends = uniform(0, 1) < 0.5 ? 1 : 2;
    return options;
}

int main(int argc, char **argv)
{
    trnnsf_wires *wires = NULL;

    if (argc != 6)
        return 2;
    state = strtoull(argv[1], NULL, 10);
    size_t n = strtoul(argv[2], NULL, 10), m = strtoul(argv[3], NULL, 10);
    /* Every other seed has some ideal wires. */
    struct trnnsf_wires_options options =
        random_options(strtod(argv[4], NULL), state % 2 ? 0.4 : 0);
    double *cells = array(n * m), *inputs = array(n), *currents = array(m);
    double *word = array(n * m), *bit = array(n * m);

    for (size_t k = 0; k < n * m; k++)
        cells[k] = uniform(0, 1) < 0.05 ? 0 : exp(uniform(log(1e-6), log(1e-3)));
    for (size_t i = 0; i < n; i++)
        inputs[i] = uniform(-0.3, 0.5);
    check(trnnsf_context_create(NULL, &ctx));
    check(trnnsf_wires_create(ctx, n, m, cells, &options, &wires));
    check(trnnsf_wires_netlist(ctx, wires, inputs, argv[5]));
    check(trnnsf_wires_voltages(ctx, wires, 1, inputs, word, bit, currents));
    for (size_t k = 0; k < n * m; k++)
        printf("w %zu %zu %.17g\nb %zu %zu %.17g\n", k / m, k % m, word[k], k / m, k % m, bit[k]);
    for (size_t j = 0; j < m; j++)
        printf("i %zu %.17g\n", j, currents[j]);
    trnnsf_wires_free(wires);
    trnnsf_context_free(ctx);
    free(bit);
    free(word);
    free(currents);
    free(inputs);
    free(cells);
    return 0;
}
