/* Inference of a VGG-8-like network on 3 x 32 x 32 images that is packed into 11 of its 106 crossbars of
 * 128 x 128, beside the dense network, batch norms folded in both: the same samples through the public
 * calls, in turn. Clusters are random, 128 inputs by 128 outputs. Median over the rounds of each round's
 * ratio; fails where it is below 4.
 *
 *     bench-packed-convolution [threads] [rounds]
 */
#include "clock.h"
#include "random_samples.h"

#include <string.h>

enum { SIDE = 128, SAMPLES = 128, MOST_ROUNDS = 101, LAYERS = 7 };

static const char layers[] = "64c3:same:norm-64c3:same:norm-2m-128c3:same:norm-128c3:same:norm-2m-"
                             "256c3:same:norm-256c3:same:norm-2m-10:bias";
/* Of 1, 5, 5, 9, 18, 36 and 32. */
static const size_t crossbars[LAYERS] = {1, 1, 1, 1, 2, 3, 2};
static const double wanted = 4.0;

static uint32_t state = 1;

static uint32_t random_below(uint32_t bound)
{
    state = state * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)state * bound >> 32);
}

/* `chosen` of n numbers, ascending; returns how many: `most`, or all. */
static size_t choose(size_t n, size_t most, uint32_t *chosen)
{
    size_t count = 0, need = most < n ? most : n;

    for (size_t i = 0; i < n; i++) {
        if (random_below((uint32_t)(n - i)) < need - count)
            chosen[count++] = (uint32_t)i;
    }
    return count;
}

static void pack_layer(trnnsf_network *network, size_t layer)
{
    size_t n_in = trnnsf_network_inputs(network, layer);
    size_t n_out = trnnsf_network_outputs(network, layer), count = crossbars[layer];
    uint32_t inputs[4 * SIDE], outputs[4 * SIDE];
    size_t input_start[5] = {0}, output_start[5] = {0};
    uint8_t *mask = calloc(n_in * n_out, 1);
    trnnsf_clusters *clusters;

    if (!mask)
        exit(1);
    for (size_t k = 0; k < count; k++) {
        size_t i = input_start[k], o = output_start[k];

        input_start[k + 1] = i + choose(n_in, SIDE, inputs + i);
        output_start[k + 1] = o + choose(n_out, SIDE, outputs + o);
        for (; o < output_start[k + 1]; o++) {
            for (i = input_start[k]; i < input_start[k + 1]; i++)
                mask[outputs[o] * n_in + inputs[i]] = 1;
        }
    }
    check(trnnsf_clusters_create(ctx, n_out, n_in, count, output_start, outputs, input_start,
                                 inputs, &clusters));
    check(trnnsf_network_set_mask(ctx, network, layer, mask));
    check(trnnsf_network_set_clusters(ctx, network, layer, clusters));
    trnnsf_clusters_free(clusters);
    free(mask);
}

static trnnsf_network *make_network(void)
{
    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;
    trnnsf_graph *graph;
    trnnsf_network *network, *folded;

    options.output_activation = TRNNSF_ACTIVATION_SOFTMAX;
    check(trnnsf_graph_parse(ctx, layers, 3, 32, 32, &options, &graph));
    check(trnnsf_network_build(ctx, graph, &options, &network));
    check(trnnsf_network_fold(ctx, network, &folded));
    trnnsf_graph_free(graph);
    trnnsf_network_free(network);
    return folded;
}

static double time_of(const trnnsf_network *network, const trnnsf_dataset *dataset)
{
    static float outputs[SAMPLES * CLASSES];
    double start = seconds();

    check(trnnsf_network_forward(ctx, network, SAMPLES,
                                 trnnsf_dataset_values(dataset, TRNNSF_PART_TRAIN), outputs));
    return seconds() - start;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
    qsort(values, n, sizeof *values, compare);
    return values[n / 2];
}

int main(int argc, char **argv)
{
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
    size_t rounds = argc > 2 ? (size_t)atoi(argv[2]) : 9;
    double dense_ms[MOST_ROUNDS], packed_ms[MOST_ROUNDS], ratio[MOST_ROUNDS], middle;

    options.threads = argc > 1 ? (uint32_t)atoi(argv[1]) : 2;
    if (rounds < 1 || rounds > MOST_ROUNDS)
        return 2;
    check(trnnsf_context_create(&options, &ctx));
    trnnsf_network *dense = make_network(), *packed;
    trnnsf_dataset *dataset = random_samples(SAMPLES, 3, 32, 32);

    check(trnnsf_network_copy(ctx, dense, &packed));
    for (size_t l = 0; l < LAYERS; l++)
        pack_layer(packed, l);
    for (size_t i = 0; i <= rounds; i++) { /* the first one warms up */
        size_t at = i > 0 ? i - 1 : 0;

        dense_ms[at] = 1e3 * time_of(dense, dataset);
        packed_ms[at] = 1e3 * time_of(packed, dataset);
        ratio[at] = dense_ms[at] / packed_ms[at];
    }
    middle = median(ratio, rounds);
    printf("VGG-8 in 11 of 106 crossbars, %d samples, %u threads: %.1f ms dense, %.1f ms packed, %.2f "
           "times faster (at least %g wanted)\n",
           SAMPLES, options.threads, median(dense_ms, rounds), median(packed_ms, rounds), middle,
           wanted);
    trnnsf_dataset_free(dataset);
    trnnsf_network_free(packed);
    trnnsf_network_free(dense);
    trnnsf_context_free(ctx);
    return middle >= wanted ? 0 : 1;
}
