/* Weights and traffic are drawn: neurons of a layer spike 0 … 32 times, few of them often (32 u^2
 * for u even in [0, 1)). Filters share weights over positions. */
#include "tiles_networks.h"

#include <stdio.h>
#include <stdlib.h>

struct builder {
    size_t n, n_synapses, room;
    uint32_t *kinds;
    size_t *starts;
    uint32_t *sources;
    float *weights;
    double *spikes;
    uint64_t random;
};
/* Maps of height x width neurons, the first of them `first`. */
struct layer {
    size_t first, maps, height, width;
};

static void *grown(void *memory, size_t count, size_t size)
{
    void *more = realloc(memory, count * size);

    if (!more)
        exit(1);
    return more;
}

/* splitmix64 */
static double draw(struct builder *b)
{
    uint64_t z = b->random += 0x9e3779b97f4a7c15;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static void neuron(struct builder *b, uint32_t kind)
{
    double u = draw(b);

    b->kinds = grown(b->kinds, b->n + 1, sizeof *b->kinds);
    b->spikes = grown(b->spikes, b->n + 1, sizeof *b->spikes);
    b->starts = grown(b->starts, b->n + 2, sizeof *b->starts);
    b->starts[0] = 0;
    b->kinds[b->n] = kind;
    b->spikes[b->n] = (double)(int)((STEPS + 1) * u * u);
    b->starts[++b->n] = b->n_synapses;
}

static void synapse(struct builder *b, size_t source, float weight)
{
    if (b->n_synapses == b->room) {
        b->room = 2 * b->room + 1024;
        b->sources = grown(b->sources, b->room, sizeof *b->sources);
        b->weights = grown(b->weights, b->room, sizeof *b->weights);
    }
    b->sources[b->n_synapses] = (uint32_t)source;
    b->weights[b->n_synapses++] = weight;
    b->starts[b->n] = b->n_synapses;
}

static struct layer inputs(struct builder *b, size_t maps, size_t height, size_t width)
{
    struct layer out = {b->n, maps, height, width};

    for (size_t i = 0; i < maps * height * width; i++)
        neuron(b, TRNNSF_SPIKE_INPUT);
    return out;
}

/* `density`: the share of synapses that are kept. */
static struct layer dense(struct builder *b, struct layer in, size_t n_out, double density)
{
    struct layer out = {b->n, n_out, 1, 1};

    for (size_t o = 0; o < n_out; o++) {
        neuron(b, TRNNSF_SPIKE_NEURON);
        for (size_t i = 0; i < in.maps * in.height * in.width; i++) {
            if (density >= 1 || draw(b) < density)
                synapse(b, in.first + i, (float)(draw(b) - 0.5));
        }
    }
    return out;
}

/* All maps of the input in a window of kh x kw. */
static struct layer filter(struct builder *b, struct layer in, size_t maps, size_t kh, size_t kw,
                           size_t stride)
{
    struct layer out = {b->n, maps, (in.height - kh) / stride + 1, (in.width - kw) / stride + 1};
    size_t taps = in.maps * kh * kw;
    float *weights = grown(NULL, maps * taps, sizeof *weights);

    for (size_t k = 0; k < maps * taps; k++)
        weights[k] = (float)(draw(b) - 0.5);
    for (size_t o = 0; o < maps * out.height * out.width; o++) {
        size_t map = o / (out.height * out.width);
        size_t y = o / out.width % out.height * stride, x = o % out.width * stride;

        neuron(b, TRNNSF_SPIKE_NEURON);
        for (size_t k = 0; k < taps; k++) {
            size_t c = k / (kh * kw), row = y + k / kw % kh, column = x + k % kw;

            synapse(b, in.first + (c * in.height + row) * in.width + column,
                    weights[map * taps + k]);
        }
    }
    free(weights);
    return out;
}

/* Each map alone, windows side by side. */
static struct layer pool(struct builder *b, struct layer in, size_t kh, size_t kw)
{
    struct layer out = {b->n, in.maps, in.height / kh, in.width / kw};

    for (size_t o = 0; o < in.maps * out.height * out.width; o++) {
        size_t c = o / (out.height * out.width);
        size_t y = o / out.width % out.height * kh, x = o % out.width * kw;

        neuron(b, TRNNSF_SPIKE_NEURON);
        for (size_t k = 0; k < kh * kw; k++)
            synapse(b, in.first + (c * in.height + y + k / kw) * in.width + x + k % kw, 1);
    }
    return out;
}

static trnnsf_spike_graph *finish(trnnsf_context *context, struct builder *b)
{
    trnnsf_spike_graph *graph = NULL;

    if (trnnsf_spike_graph_create(context, b->n, b->kinds, b->starts, b->sources, b->weights,
                                  b->spikes, NULL, NULL, &graph) != TRNNSF_OK) {
        fprintf(stderr, "tiles: %s\n", trnnsf_context_error(context));
        exit(1);
    }
    free(b->kinds);
    free(b->starts);
    free(b->sources);
    free(b->weights);
    free(b->spikes);
    return graph;
}

static trnnsf_spike_graph *mlp(trnnsf_context *context)
{
    struct builder b = {.random = 1};

    dense(&b, dense(&b, inputs(&b, 784, 1, 1), 100, 1), 10, 1);
    return finish(context, &b);
}

static trnnsf_spike_graph *pruned(trnnsf_context *context)
{
    struct builder b = {.random = 2};

    dense(&b, dense(&b, dense(&b, inputs(&b, 784, 1, 1), 1200, 0.1), 1200, 0.1), 10, 0.1);
    return finish(context, &b);
}

static trnnsf_spike_graph *lenet(trnnsf_context *context)
{
    struct builder b = {.random = 3};
    struct layer layer = pool(&b, filter(&b, inputs(&b, 1, 28, 28), 6, 5, 5, 1), 2, 2);

    layer = pool(&b, filter(&b, layer, 16, 5, 5, 1), 2, 2);
    dense(&b, dense(&b, dense(&b, layer, 120, 1), 84, 1), 10, 1);
    return finish(context, &b);
}

static trnnsf_spike_graph *image(trnnsf_context *context, size_t side, size_t k)
{
    struct builder b = {.random = 4 + k};

    filter(&b, inputs(&b, 1, side, side), 1, k, k, 1);
    return finish(context, &b);
}

static trnnsf_spike_graph *image3(trnnsf_context *context)
{
    return image(context, 64, 3);
}

static trnnsf_spike_graph *image5(trnnsf_context *context)
{
    return image(context, 64, 5);
}

static trnnsf_spike_graph *image11(trnnsf_context *context)
{
    return image(context, 40, 11);
}

static trnnsf_spike_graph *activity(trnnsf_context *context)
{
    struct builder b = {.random = 30};

    dense(&b, pool(&b, filter(&b, inputs(&b, 9, 1, 128), 16, 1, 14, 2), 1, 4), 6, 1);
    return finish(context, &b);
}

static trnnsf_spike_graph *heartbeat(trnnsf_context *context)
{
    struct builder b = {.random = 31};
    struct layer layer = pool(&b, filter(&b, inputs(&b, 1, 1, 187), 8, 1, 16, 1), 1, 2);

    dense(&b, pool(&b, filter(&b, layer, 16, 1, 16, 1), 1, 8), 5, 1);
    return finish(context, &b);
}

const struct named_network networks[] = {
    {"mlp", "784-100-10", mlp},
    {"pruned", "784-1200-1200-10, a tenth of the synapses", pruned},
    {"lenet", "28x28, 6 5x5, pool, 16 5x5, pool, 120-84-10", lenet},
    {"image3", "one 3x3 filter over 64x64", image3},
    {"image5", "one 5x5 filter over 64x64", image5},
    {"image11", "one 11x11 filter over 40x40", image11},
    {"activity", "9x128, 16 filters of 14 (fan-in 126), pool, 6", activity},
    {"heartbeat", "187, 8 filters of 16, pool, 16 of 16 (fan-in 128), pool, 5", heartbeat},
};
const size_t n_networks = sizeof networks / sizeof networks[0];
