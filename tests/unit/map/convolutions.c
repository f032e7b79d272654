/* Convolutions on crossbars, held against counting pixel by pixel. */
#include "map/convolutions.h"

#include <stdlib.h>
#include <string.h>

#include "map/convolution_scenes.h"

enum { SAMPLES = 5 };

/* What stands between each input and each output value of a layer. */
struct judge {
    size_t n_in, n_out;
    float *weight;   /* [n_out x n_in] */
    uint32_t *times; /* likewise: how often it stands there */
};

static struct judge make_judge(const struct trnnsf_mapped_layer *m)
{
    struct judge judge = {m->in_channels * m->in_height * m->in_width,
                          m->out_channels * m->out_height * m->out_width, NULL, NULL};

    judge.weight = calloc(judge.n_in * judge.n_out, sizeof *judge.weight);
    judge.times = calloc(judge.n_in * judge.n_out, sizeof *judge.times);
    return judge;
}

static void free_judge(struct judge *judge)
{
    free(judge->weight);
    free(judge->times);
}

static void put(struct judge *judge, size_t output, size_t input, float weight)
{
    judge->weight[output * judge->n_in + input] += weight;
    judge->times[output * judge->n_in + input]++;
}

/* The convolution by its definition. */
static struct judge convolve(const trnnsf_network *network, const struct trnnsf_mapped_layer *m)
{
    struct trnnsf_node_options o = {.struct_size = sizeof o};
    struct judge judge = make_judge(m);
    const float *w = trnnsf_network_weights(network, 0);

    ck_assert_int_eq(trnnsf_network_node(ctx, network, 1, &o), TRNNSF_OK);
    size_t n_in = m->in_channels / o.groups, n_out = m->out_channels / o.groups;
    for (size_t out = 0; out < m->out_channels; out++)
        for (size_t y = 0; y < m->out_height; y++)
            for (size_t x = 0; x < m->out_width; x++)
                for (size_t i = 0; i < n_in * o.kernel_height * o.kernel_width; i++) {
                    size_t c = out / n_out * n_in + i / (o.kernel_height * o.kernel_width);
                    size_t row = y * o.stride_height +
                                 i / o.kernel_width % o.kernel_height * o.dilation_height;
                    size_t column = x * o.stride_width + i % o.kernel_width * o.dilation_width;
                    float weight = w[out * n_in * o.kernel_height * o.kernel_width + i];

                    if (row < o.pad_top || row - o.pad_top >= m->in_height || column < o.pad_left ||
                        column - o.pad_left >= m->in_width || !(weight < 0 || weight > 0))
                        continue;
                    put(&judge, (out * m->out_height + y) * m->out_width + x,
                        (c * m->in_height + row - o.pad_top) * m->in_width + column - o.pad_left,
                        weight);
                }
    return judge;
}

/* The same from the crossbars and what the mapping says of its reads. */
static struct judge read_crossbars(const trnnsf_mapping *mapping,
                                   const struct trnnsf_mapped_layer *m)
{
    struct judge judge = make_judge(m);
    uint32_t *inputs = malloc(m->n_inputs * sizeof *inputs);
    uint32_t *outputs = malloc(m->n_outputs * sizeof *outputs);
    uint32_t *computed = calloc(judge.n_out, sizeof *computed);

    for (uint64_t read = 0; read < m->reads; read++) {
        ck_assert_int_eq(trnnsf_mapping_read(ctx, mapping, 0, read, inputs, outputs), TRNNSF_OK);
        for (size_t o = 0; o < m->n_outputs; o++)
            if (outputs[o] != UINT32_MAX)
                computed[outputs[o]]++;
        for (size_t c = 0; c < trnnsf_mapping_crossbars(mapping); c++) {
            struct trnnsf_crossbar bar = {.struct_size = sizeof bar};

            if (trnnsf_mapping_crossbar(ctx, mapping, c, &bar) != TRNNSF_OK)
                ck_abort_msg("crossbar %zu", c);
            for (size_t i = 0; bar.layer == 0 && i < bar.n_outputs * bar.n_inputs; i++) {
                uint32_t to = outputs[bar.outputs[i / bar.n_inputs]];
                uint32_t from = inputs[bar.inputs[i % bar.n_inputs]];
                float weight = bar.weights[i];

                if ((weight < 0 || weight > 0) && to != UINT32_MAX && from != UINT32_MAX)
                    put(&judge, to, from, weight);
            }
        }
    }
    size_t once = 0;
    for (size_t o = 0; o < judge.n_out; o++)
        once += computed[o] == 1;
    ck_assert_uint_eq(once, judge.n_out);
    free(inputs);
    free(outputs);
    free(computed);
    return judge;
}

static uint64_t total_times(const struct judge *judge)
{
    uint64_t total = 0;

    for (size_t i = 0; i < judge->n_in * judge->n_out; i++)
        total += judge->times[i];
    return total;
}

static void same_connections(const trnnsf_network *network, const trnnsf_mapping *mapping)
{
    struct trnnsf_mapped_layer m = mapped_layer(mapping, 0);
    struct judge expected = convolve(network, &m), found = read_crossbars(mapping, &m);
    uint64_t synapses = count_layer(mapping, 0).synapses;

    size_t different = 0; /* each assertion costs a write, and there are millions */

    for (size_t i = 0; i < expected.n_in * expected.n_out; i++)
        different += found.times[i] > 1 || found.times[i] != expected.times[i] ||
                     found.weight[i] < expected.weight[i] || found.weight[i] > expected.weight[i];
    ck_assert_uint_eq(different, 0);
    /* A kernel that sees padding alone keeps its lines. */
    if (m.scheme == TRNNSF_MAP_UNROLLED && total_times(&expected) > 0)
        ck_assert_uint_eq(synapses, total_times(&expected));
    if (m.scheme == TRNNSF_MAP_KERNEL_COLUMN)
        ck_assert_uint_eq(synapses, trnnsf_network_synapses(network, 0));
    free_judge(&expected);
    free_judge(&found);
}

static void same_outputs(struct trn_random *random, const trnnsf_network *network,
                         const trnnsf_mapping *mapping)
{
    struct trnnsf_mapped_layer m = mapped_layer(mapping, 0);
    size_t n_in = m.in_channels * m.in_height * m.in_width;
    float *inputs = malloc(SAMPLES * n_in * sizeof *inputs);
    float expected[SAMPLES * 3], outputs[SAMPLES * 3];

    for (size_t i = 0; i < SAMPLES * n_in; i++)
        inputs[i] = trn_random_float(random);
    ck_assert_int_eq(trnnsf_network_forward(ctx, network, SAMPLES, inputs, expected), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_mapping_forward(ctx, mapping, network, SAMPLES, inputs, outputs),
                     TRNNSF_OK);
    for (size_t i = 0; i < SAMPLES * 3; i++)
        ck_assert_float_eq_tol(outputs[i], expected[i], 2e-4f);
    free(inputs);
}

static void counts_hold(const trnnsf_mapping *mapping, uint32_t rule)
{
    struct trnnsf_mapped_layer m = mapped_layer(mapping, 0);
    struct trnnsf_crossbar_counts counts = count_layer(mapping, 0);

    ck_assert_uint_eq(m.reads, ((m.out_height + m.window_height - 1) / m.window_height) *
                                   ((m.out_width + m.window_width - 1) / m.window_width));
    ck_assert_uint_eq(m.n_outputs, m.out_channels * m.window_height * m.window_width);
    ck_assert_uint_le(counts.lower_bound, counts.total);
    ck_assert_uint_le(counts.synapses, counts.synapses_dense);
    ck_assert_uint_le(counts.pruned, counts.dense);
    if (rule == TRNNSF_MAP_DENSE)
        ck_assert_uint_eq(counts.total, counts.dense);
    if (rule == TRNNSF_MAP_PRUNED)
        ck_assert_uint_eq(counts.total, counts.pruned);
}

static const char *const pools[] = {"16x16", "9x4", "64x64,8x8", "5x40", "128x128"};

static void try_mapping(struct trn_random *random, const trnnsf_network *network,
                        const trnnsf_tech *tech, uint32_t rule, uint32_t scheme)
{
    bool given = scheme == TRNNSF_MAP_DUPLICATED && trn_random_below(random, 2);
    uint32_t height = given ? 1 + trn_random_below(random, 4) : 0;
    uint32_t width = given ? 1 + trn_random_below(random, 4) : 0;
    trnnsf_mapping *mapping = map_by_scheme(network, tech, rule, scheme, height, width);

    ck_assert_msg(trnnsf_mapping_check(ctx, mapping, network) == TRNNSF_OK,
                  "rule %u, scheme %u: %s", rule, scheme, trnnsf_context_error(ctx));
    same_connections(network, mapping);
    same_outputs(random, network, mapping);
    counts_hold(mapping, rule);
    trnnsf_mapping_free(mapping);
}

START_TEST(random_convolutions)
{
    struct trn_random random;

    trn_random_init(&random, 11, TRN_RANDOM_TEST, (uint32_t)_i);
    for (int round = 0; round < 12; round++) {
        trnnsf_network *network = draw_convolution(&random, round % 2);
        trnnsf_tech *tech = make_tech(pools[trn_random_below(&random, 5)]);

        for (uint32_t scheme = 0; scheme <= TRNNSF_MAP_DUPLICATED; scheme++)
            try_mapping(&random, network, tech, trn_random_below(&random, 5), scheme);
        trnnsf_tech_free(tech);
        trnnsf_network_free(network);
    }
}
END_TEST

static struct trnnsf_node_options convolution(uint32_t outputs, uint32_t kernel, uint32_t pad,
                                              uint32_t groups)
{
    struct trnnsf_node_options o = TRNNSF_NODE_OPTIONS_INIT;

    o.kind = TRNNSF_NODE_CONVOLUTION;
    o.outputs = outputs;
    o.kernel_height = o.kernel_width = kernel;
    o.pad_top = o.pad_left = o.pad_bottom = o.pad_right = pad;
    o.groups = groups;
    return o;
}

/* Crossbars of a convolution by rule TILES. */
static size_t tiles(struct image image, struct trnnsf_node_options o, const char *shapes,
                    uint32_t scheme, uint32_t window)
{
    trnnsf_network *network = network_of(image, &o);
    trnnsf_tech *tech = make_tech(shapes);
    trnnsf_mapping *mapping =
        map_by_scheme(network, tech, TRNNSF_MAP_TILES, scheme, window, window);
    size_t total = count_layer(mapping, 0).total;

    ck_assert_int_eq(trnnsf_mapping_check(ctx, mapping, network), TRNNSF_OK);
    trnnsf_mapping_free(mapping);
    trnnsf_tech_free(tech);
    trnnsf_network_free(network);
    return total;
}

/* Worked out by hand, on 128 x 128. */
START_TEST(known_counts)
{
    struct image wide = {64, 8, 8}, rgb = {3, 8, 8};
    uint32_t kernel = TRNNSF_MAP_KERNEL_COLUMN, copies = TRNNSF_MAP_DUPLICATED;

    /* 576 inputs x 64 outputs: 4.5 tiles. */
    ck_assert_uint_eq(tiles(wide, convolution(64, 3, 1, 1), "128x128", kernel, 0), 5);
    /* Depthwise: 14 channels of 9 inputs a crossbar, not 36 x 1 tiles and more. */
    ck_assert_uint_eq(tiles(wide, convolution(64, 3, 1, 64), "128x128", kernel, 0), 5);
    /* 4 groups of 16 channels, 144 x 16: two tiles each; the second ones, of 16 x 16, share one. */
    ck_assert_uint_eq(tiles(wide, convolution(64, 3, 1, 4), "128x128", kernel, 0), 5);
    /* Two places of 64 outputs fill the columns: 3 x 4 pixels of 3 channels are 36 inputs. */
    ck_assert_uint_eq(tiles(rgb, convolution(32, 3, 1, 1), "128x128", copies, 2), 1);
    /* All 64 places of 32 outputs: 16 crossbars with 4 places each. */
    ck_assert_uint_eq(tiles(rgb, convolution(32, 3, 1, 1), "128x128", TRNNSF_MAP_UNROLLED, 0), 16);
}
END_TEST

/* 3 x 3 kernels of 3 channels to 32 on 128 x 128, 8 x 8 places: four places fill the columns, and
 * their pixels the fewest rows as 2 x 2; but any four do on one crossbar, so 16 reads. */
START_TEST(automatic_windows)
{
    struct trnnsf_node_options o = convolution(32, 3, 1, 1);
    trnnsf_network *network = network_of((struct image){3, 8, 8}, &o);
    trnnsf_tech *tech = make_tech("128x128");
    trnnsf_mapping *mapping =
        map_by_scheme(network, tech, TRNNSF_MAP_DENSE, TRNNSF_MAP_DUPLICATED, 0, 0);
    struct trnnsf_mapped_layer m = mapped_layer(mapping, 0);

    ck_assert_uint_eq(m.scheme, TRNNSF_MAP_DUPLICATED);
    ck_assert_uint_eq(m.window_height * m.window_width, 4);
    ck_assert_uint_eq(m.reads, 16);
    ck_assert_uint_eq(count_layer(mapping, 0).total, 1);
    ck_assert_uint_eq(mapped_layer(mapping, 1).reads, 1);
    trnnsf_mapping_free(mapping);
    trnnsf_tech_free(tech);
    trnnsf_network_free(network);
}
END_TEST

/* Clusters are each as often on crossbars as there are places, and groups have theirs. */
START_TEST(clusters_of_convolutions)
{
    static const size_t output_start[] = {0, 3, 5}, input_start[] = {0, 4, 7};
    static const uint32_t outputs[] = {0, 1, 4, 2, 5}, inputs[] = {0, 3, 8, 9, 1, 2, 17};

    for (uint32_t groups = 1; groups <= 2; groups++) {
        struct trn_random random;
        struct trnnsf_node_options o = convolution(6, 3, 1, groups);
        trnnsf_network *network = network_of((struct image){2 * groups, 4, 4}, &o);
        trnnsf_tech *tech = make_tech("8x4");
        trnnsf_clusters *clusters;

        trn_random_init(&random, 12, TRN_RANDOM_TEST, groups);
        prune_layer(&random, network, 0, 0.2);
        ck_assert_int_eq(trnnsf_clusters_create(ctx, 6, 18, 2, output_start, outputs, input_start,
                                                inputs, &clusters),
                         TRNNSF_OK);
        ck_assert_int_eq(trnnsf_network_set_clusters(ctx, network, 0, clusters), TRNNSF_OK);
        prune_layer(&random, network, 0, 1); /* what joined the mask has weights, too */
        for (uint32_t scheme = 0; scheme <= TRNNSF_MAP_DUPLICATED; scheme++) {
            try_mapping(&random, network, tech, TRNNSF_MAP_CLUSTERED, scheme);
            try_mapping(&random, network, tech, TRNNSF_MAP_PUBLISHED, scheme);
        }
        trnnsf_clusters_free(clusters);
        trnnsf_tech_free(tech);
        trnnsf_network_free(network);
    }
}
END_TEST

/* The same bits by one thread and by three. */
START_TEST(threads_and_convolutions)
{
    enum { MANY = 45 };
    struct trnnsf_context_options alone = TRNNSF_CONTEXT_OPTIONS_INIT;
    trnnsf_context *several = ctx;
    struct trn_random random;
    float *inputs = malloc(MANY * 2 * 64 * sizeof *inputs), outputs[2][MANY * 3];
    struct trnnsf_node_options o = convolution(6, 3, 1, 2);
    trnnsf_tech *tech = make_tech("16x16");

    trn_random_init(&random, 13, TRN_RANDOM_TEST, 0);
    for (size_t i = 0; i < MANY * 2 * 64; i++)
        inputs[i] = trn_random_float(&random);
    alone.threads = 1;
    for (int run = 0; run < 2; run++) {
        if (run == 1)
            ck_assert_int_eq(trnnsf_context_create(&alone, &ctx), TRNNSF_OK);
        trnnsf_network *network = network_of((struct image){2, 8, 8}, &o);
        trnnsf_mapping *mapping =
            map_by_scheme(network, tech, TRNNSF_MAP_CLUSTERED, TRNNSF_MAP_DUPLICATED, 0, 0);

        ck_assert_int_eq(trnnsf_mapping_forward(ctx, mapping, network, MANY, inputs, outputs[run]),
                         TRNNSF_OK);
        trnnsf_mapping_free(mapping);
        trnnsf_network_free(network);
    }
    trnnsf_context_free(ctx);
    ctx = several;
    ck_assert_mem_eq(outputs[0], outputs[1], sizeof outputs[0]);
    trnnsf_tech_free(tech);
    free(inputs);
}
END_TEST

static trnnsf_status map_with(const trnnsf_network *network, const trnnsf_tech *tech,
                              struct trnnsf_map_options options)
{
    trnnsf_mapping *mapping = NULL;
    trnnsf_status status = trnnsf_mapping_create(ctx, network, tech, &options, &mapping);

    ck_assert((status == TRNNSF_OK) == (mapping != NULL));
    trnnsf_mapping_free(mapping);
    return status;
}

START_TEST(refusals)
{
    struct trnnsf_node_options o = convolution(4, 3, 1, 1);
    struct trnnsf_map_options options = TRNNSF_MAP_OPTIONS_INIT;
    trnnsf_network *network = network_of((struct image){2, 5, 5}, &o), *other;
    trnnsf_tech *tech = make_tech("8x8");
    trnnsf_mapping *mapping = map_by_scheme(network, tech, 0, TRNNSF_MAP_DUPLICATED, 2, 2);
    struct trnnsf_mapped_layer m = {.struct_size = sizeof m};
    uint32_t lines[1024];

    options.scheme = 3;
    ck_assert_int_eq(map_with(network, tech, options), TRNNSF_E_INVALID);
    options.scheme = TRNNSF_MAP_DUPLICATED;
    options.window_width = 2;
    ck_assert_int_eq(map_with(network, tech, options), TRNNSF_E_INVALID);
    options.window_height = UINT32_MAX;
    ck_assert_int_eq(map_with(network, tech, options), TRNNSF_OK);
    options.reserved = 1;
    ck_assert_int_eq(map_with(network, tech, options), TRNNSF_E_INVALID);

    o.stride_height = 2;
    other = network_of((struct image){2, 9, 5}, &o);
    ck_assert_int_eq(trnnsf_mapping_check(ctx, mapping, other), TRNNSF_E_MISMATCH);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "another convolution"));

    ck_assert_int_eq(trnnsf_mapping_layer(NULL, mapping, 0, &m), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_mapping_layer(ctx, NULL, 0, &m), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_mapping_layer(ctx, mapping, 0, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_mapping_layer(ctx, mapping, 2, &m), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_mapping_read(NULL, mapping, 0, 0, lines, lines), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_mapping_read(ctx, NULL, 0, 0, lines, lines), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_mapping_read(ctx, mapping, 0, 0, NULL, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_mapping_read(ctx, mapping, 2, 0, lines, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_mapping_read(ctx, mapping, 0, 9, lines, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_mapping_read(ctx, mapping, 0, 8, lines, NULL), TRNNSF_OK);
    trnnsf_mapping_free(mapping);
    trnnsf_tech_free(tech);
    trnnsf_network_free(other);
    trnnsf_network_free(network);
}
END_TEST

/* Each weight a crossbar at each of 180 x 180 places is too many; read one by one they are not. */
START_TEST(too_many_crossbars)
{
    struct trnnsf_node_options o = convolution(16, 3, 0, 1), pool = TRNNSF_NODE_OPTIONS_INIT;
    struct trnnsf_map_options options = TRNNSF_MAP_OPTIONS_INIT;
    trnnsf_graph *graph;
    trnnsf_network *network;
    trnnsf_tech *tech = make_tech("1x1");
    uint32_t last = 0;

    pool.kind = TRNNSF_NODE_MEAN_POOL;
    pool.kernel_height = pool.kernel_width = 0;
    ck_assert_int_eq(trnnsf_graph_create(ctx, 1, 182, 182, &graph), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_graph_add(ctx, graph, &last, 1, &o, &last), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_graph_add(ctx, graph, &last, 1, &pool, &last), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_build(ctx, graph, NULL, &network), TRNNSF_OK);
    trnnsf_graph_free(graph);
    ck_assert_int_eq(map_with(network, tech, options), TRNNSF_OK);
    options.scheme = TRNNSF_MAP_UNROLLED;
    ck_assert_int_eq(map_with(network, tech, options), TRNNSF_E_LIMIT);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "layer 0 takes 4665600 crossbars"));
    trnnsf_tech_free(tech);
    trnnsf_network_free(network);
}
END_TEST

TCase *convolution_cases(void)
{
    TCase *tcase = tcase_create("convolutions");

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, random_convolutions, 0, 8);
    tcase_add_test(tcase, known_counts);
    tcase_add_test(tcase, automatic_windows);
    tcase_add_test(tcase, clusters_of_convolutions);
    tcase_add_test(tcase, threads_and_convolutions);
    tcase_add_test(tcase, refusals);
    tcase_add_test(tcase, too_many_crossbars);
    return tcase;
}
