/* Networks in ONNX files: what golden files give, what is written, what is refused. */
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include <trnnsf/onnx.h>

#include "base/random.h"
#include "io/onnx_file.h"
#include "io/onnx_graphs.h"
#include "io/suite.h"
#include "network/network.h"

#if TRN_HAVE_ONNX

enum { GRAPHS = 300, FLIPS = 4000 };

static const struct trnnsf_onnx_options plain = TRNNSF_ONNX_OPTIONS_INIT;

static const char *golden(const char *name)
{
    static char path[1024];

    snprintf(path, sizeof path, TESTS "/golden/onnx/%s.onnx", name);
    return path;
}

/* As export.py makes them: [-1, 1). */
static float *samples(size_t count)
{
    float *values = calloc(count, sizeof *values);

    for (size_t i = 0; i < count; i++)
        values[i] = (float)(i * UINT64_C(2654435761) >> 8 & 0xffff) / 32768.0f - 1.0f;
    return values;
}

static float *run(const trnnsf_network *network, size_t n)
{
    float *inputs = samples(n * trn_network_inputs(network));
    float *outputs = calloc(n * trn_network_outputs(network), sizeof *outputs);

    EXPECT_OK(trnnsf_network_forward(ctx, network, n, inputs, outputs));
    free(inputs);
    return outputs;
}

/* Relative to the largest output. */
static void expect_near(const char *what, size_t n, const float *found, const float *wanted,
                        float tolerance)
{
    float largest = 0.0f;

    for (size_t i = 0; i < n; i++)
        largest = fmaxf(largest, fabsf(wanted[i]));
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(fabsf(found[i] - wanted[i]) <= tolerance * largest,
                      "%s: output %zu is %.9g, not %.9g", what, i, (double)found[i],
                      (double)wanted[i]);
}

/* Written and read again: the same outputs and the same layers. */
static void expect_round_trip(const char *what, const trnnsf_network *network)
{
    trnnsf_network *again = NULL;
    uint8_t *bytes = NULL, *twice = NULL;
    size_t size = 0, size_twice = 0, n = 2 * trn_network_outputs(network);
    float *before = run(network, 2), *after;

    EXPECT_OK(trn_onnx_format(ctx, network, &bytes, &size));
    EXPECT_OK(trn_onnx_format(ctx, network, &twice, &size_twice));
    ck_assert_uint_eq(size, size_twice);
    ck_assert_mem_eq(bytes, twice, size);
    EXPECT_OK(trn_onnx_parse(ctx, NULL, bytes, size, &plain, &again));
    after = run(again, 2);
    expect_near(what, n, after, before, 1e-6f);
    ck_assert_uint_eq(trnnsf_network_layers(again), trnnsf_network_layers(network));
    for (size_t l = 0; l < trnnsf_network_layers(network); l++)
        ck_assert_mem_eq(trnnsf_network_weights(again, l), trnnsf_network_weights(network, l),
                         trnnsf_network_inputs(network, l) * trnnsf_network_outputs(network, l) *
                             sizeof(float));
    trnnsf_network_free(again);
    trn_free(ctx, bytes);
    trn_free(ctx, twice);
    free(before);
    free(after);
}

/* expected.txt: name, count, what PyTorch gave for two samples. */
START_TEST(golden_outputs)
{
    FILE *file = fopen(TESTS "/unit/onnx/expected.txt", "r");
    char name[64];
    size_t count, networks = 0;

    ck_assert_ptr_nonnull(file);
    for (; fscanf(file, "%63s %zu", name, &count) == 2; networks++) {
        trnnsf_network *network = NULL;
        float *wanted = calloc(count, sizeof *wanted), *found;

        for (size_t i = 0; i < count; i++)
            ck_assert_int_eq(fscanf(file, "%f", &wanted[i]), 1);
        EXPECT_OK(trnnsf_network_load_onnx(ctx, golden(name), NULL, &network));
        ck_assert_uint_eq(count, 2 * trn_network_outputs(network));
        found = run(network, 2);
        expect_near(name, count, found, wanted, 1e-5f);
        expect_round_trip(name, network);
        trnnsf_network_free(network);
        free(wanted);
        free(found);
    }
    fclose(file);
    ck_assert_uint_eq(networks, 12);
}
END_TEST

START_TEST(random_graphs)
{
    for (uint64_t seed = 1; seed <= GRAPHS; seed++) {
        trnnsf_network *network = random_graph(seed);
        char what[32];

        snprintf(what, sizeof what, "seed %d", (int)seed);
        expect_round_trip(what, network);
        trnnsf_network_free(network);
    }
}
END_TEST

/* Layers alone, with and without biases, stay such. */
START_TEST(chains)
{
    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;
    const size_t sizes[] = {7, 5, 6, 3};
    trnnsf_network *network = NULL, *again = NULL;

    for (uint32_t activation = 0; activation < 10; activation++) {
        options.hidden_activation = activation % 4;
        options.output_activation = activation % 5;
        options.bias = activation / 5;
        EXPECT_OK(trnnsf_network_create(ctx, sizes, 4, &options, &network));
        expect_round_trip("chain", network);
        EXPECT_OK(trnnsf_network_save_onnx(ctx, network, in_folder("chain.onnx")));
        EXPECT_OK(trnnsf_network_load_onnx(ctx, in_folder("chain.onnx"), NULL, &again));
        ck_assert_uint_eq(trnnsf_network_nodes(again), 0);
        for (size_t l = 0; l < 3; l++) {
            ck_assert_uint_eq(trnnsf_network_activation(again, l),
                              trnnsf_network_activation(network, l));
            ck_assert_int_eq(trnnsf_network_biases(again, l) != NULL, options.bias != 0);
        }
        trnnsf_network_free(again);
        trnnsf_network_free(network);
    }
}
END_TEST

/* Zeros of a file are a mask where that is asked for, and only there. */
START_TEST(masks)
{
    struct trnnsf_onnx_options options = TRNNSF_ONNX_OPTIONS_INIT;
    trnnsf_network *network = random_graph(7), *again = NULL;
    uint8_t mask[4096], found[4096];

    for (size_t l = 0; l < trnnsf_network_layers(network); l++) {
        size_t n = trnnsf_network_inputs(network, l) * trnnsf_network_outputs(network, l);

        ck_assert_uint_le(n, sizeof mask);
        for (size_t i = 0; i < n; i++)
            mask[i] = l % 2 == 0 || i % 3 > 0;
        EXPECT_OK(trnnsf_network_set_mask(ctx, network, l, mask));
    }
    EXPECT_OK(trnnsf_network_save_onnx(ctx, network, in_folder("masked.onnx")));
    for (options.mask_zeros = 0; options.mask_zeros < 2; options.mask_zeros++) {
        EXPECT_OK(trnnsf_network_load_onnx(ctx, in_folder("masked.onnx"), &options, &again));
        for (size_t l = 0; l < trnnsf_network_layers(network); l++) {
            size_t n = trnnsf_network_inputs(network, l) * trnnsf_network_outputs(network, l);

            EXPECT_OK(trnnsf_network_get_mask(ctx, network, l, mask));
            EXPECT_OK(trnnsf_network_get_mask(ctx, again, l, found));
            if (options.mask_zeros)
                ck_assert_mem_eq(found, mask, n);
            ck_assert_int_eq(again->layers[l].mask != NULL, options.mask_zeros && l % 2);
        }
        trnnsf_network_free(again);
    }
    trnnsf_network_free(network);
}
END_TEST

/* What a device makes of weights is written as they are. */
START_TEST(quantised)
{
    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;
    struct trnnsf_quantise_options device = TRNNSF_QUANTISE_OPTIONS_INIT;
    const size_t sizes[] = {12, 9, 4};
    trnnsf_network *network = NULL;

    device.weight_levels = 5;
    EXPECT_OK(trnnsf_network_create(ctx, sizes, 3, &options, &network));
    EXPECT_OK(trnnsf_network_quantise(ctx, network, NULL, &device));
    expect_round_trip("quantised", network);
    trnnsf_network_free(network);
}
END_TEST

/* A few bytes changed, or the end cut off: a network, or a status with a text. */
START_TEST(damaged)
{
    static const char *const names[] = {"lenet", "odd", "swish", "mlp", "sequence", "half"};
    struct trn_random random;
    size_t read = 0;

    trn_random_init(&random, 5, TRN_RANDOM_TEST, 1);
    for (size_t k = 0; k < FLIPS; k++) {
        trnnsf_network *network = NULL;
        size_t size = 0, flips = trn_random_below(&random, 4);
        uint8_t *bytes = read_bytes(golden(names[k % 6]), &size);

        for (size_t i = 0; i < flips; i++)
            bytes[trn_random_below(&random, (uint32_t)size)] = (uint8_t)trn_random_u32(&random);
        if (flips == 0)
            size = trn_random_below(&random, (uint32_t)size);
        trnnsf_status status = trn_onnx_parse(ctx, NULL, bytes, size, &plain, &network);
        ck_assert_int_eq(status == TRNNSF_OK, network != NULL);
        if (status != TRNNSF_OK)
            ck_assert_uint_gt(strlen(trnnsf_context_error(ctx)), 0);
        read += network != NULL;
        trnnsf_network_free(network);
        free(bytes);
    }
    ck_assert_uint_gt(read, FLIPS / 10);
}
END_TEST

static void copy_golden(const char *name, const char *to)
{
    char path[1024];
    size_t size = 0;

    snprintf(path, sizeof path, TESTS "/golden/onnx/%s", name);
    uint8_t *bytes = read_bytes(path, &size);
    write_bytes(to, bytes, size);
    free(bytes);
}

/* A link of the tensors' name that leads out of the folder. */
START_TEST(links_outwards)
{
    trnnsf_network *network = NULL;
    char path[1024];

    copy_golden("outside.onnx", "outside.onnx");
    EXPECT(trnnsf_network_load_onnx(ctx, in_folder("outside.onnx"), NULL, &network),
           TRNNSF_E_NOT_FOUND, "tensor '");
    copy_golden("outside.bin", "real.bin");
    ck_assert_int_eq(symlink("real.bin", in_folder("outside.bin")), 0);
    EXPECT_OK(trnnsf_network_load_onnx(ctx, in_folder("outside.onnx"), NULL, &network));
    trnnsf_network_free(network);
    network = NULL;
    ck_assert_int_eq(unlink(in_folder("outside.bin")), 0);
    snprintf(path, sizeof path, TESTS "/golden/onnx/outside.bin");
    ck_assert_int_eq(symlink(path, in_folder("outside.bin")), 0);
    EXPECT(trnnsf_network_load_onnx(ctx, in_folder("outside.onnx"), NULL, &network),
           TRNNSF_E_FORMAT, "leads out of the folder");
    ck_assert_ptr_null(network);
}
END_TEST

START_TEST(arguments)
{
    struct trnnsf_onnx_options options = TRNNSF_ONNX_OPTIONS_INIT;
    trnnsf_network *network = NULL;
    const char *file = golden("chain");

    trnnsf_onnx_options_init(NULL);
    ck_assert_int_eq(trnnsf_network_load_onnx(NULL, file, NULL, &network), TRNNSF_E_INVALID);
    EXPECT(trnnsf_network_load_onnx(ctx, NULL, NULL, &network), TRNNSF_E_INVALID, "path is NULL");
    EXPECT(trnnsf_network_load_onnx(ctx, file, NULL, NULL), TRNNSF_E_INVALID,
           "out_network is NULL");
    EXPECT(trnnsf_network_load_onnx(ctx, in_folder("x"), NULL, &network), TRNNSF_E_NOT_FOUND,
           "cannot open");
    EXPECT(trnnsf_network_load_onnx(ctx, folder(), NULL, &network), TRNNSF_E_IO, "is a folder");
    options.mask_zeros = 2;
    EXPECT(trnnsf_network_load_onnx(ctx, file, &options, &network), TRNNSF_E_INVALID, "mask_zeros");
    options.mask_zeros = 0;
    options.reserved = 1;
    EXPECT(trnnsf_network_load_onnx(ctx, file, &options, &network), TRNNSF_E_INVALID, "reserved");
    options.struct_size = 1;
    EXPECT(trnnsf_network_load_onnx(ctx, file, &options, &network), TRNNSF_E_INVALID,
           "struct_size");
    EXPECT_OK(trnnsf_network_load_onnx(ctx, file, NULL, &network));
    ck_assert_int_eq(trnnsf_network_save_onnx(NULL, network, "x"), TRNNSF_E_INVALID);
    EXPECT(trnnsf_network_save_onnx(ctx, NULL, "x"), TRNNSF_E_INVALID, "network is NULL");
    EXPECT(trnnsf_network_save_onnx(ctx, network, NULL), TRNNSF_E_INVALID, "path is NULL");
    EXPECT(trnnsf_network_save_onnx(ctx, network, in_folder("no/x")), TRNNSF_E_NOT_FOUND, "no/x");
    trnnsf_network_free(network);
}
END_TEST

/* Opset 10 has no means over dilated windows. */
START_TEST(dilated_means)
{
    struct trnnsf_node_options o = TRNNSF_NODE_OPTIONS_INIT;
    trnnsf_graph *graph = NULL;
    trnnsf_network *network = NULL;
    uint32_t node = 0;

    EXPECT_OK(trnnsf_graph_create(ctx, 1, 5, 5, &graph));
    o.kind = TRNNSF_NODE_MEAN_POOL;
    o.kernel_height = o.dilation_height = 2;
    EXPECT_OK(trnnsf_graph_add(ctx, graph, &node, 1, &o, &node));
    trnnsf_node_options_init(&o);
    o.kind = TRNNSF_NODE_DENSE;
    o.outputs = 2;
    EXPECT_OK(trnnsf_graph_add(ctx, graph, &node, 1, &o, &node));
    EXPECT_OK(trnnsf_network_build(ctx, graph, NULL, &network));
    EXPECT(trnnsf_network_save_onnx(ctx, network, in_folder("a")), TRNNSF_E_UNSUPPORTED,
           "'meanpool1': means over dilated windows");
    ck_assert_uint_eq(files_in_folder(), 0);
    trnnsf_network_free(network);
    trnnsf_graph_free(graph);
}
END_TEST

TCase *onnx_tests(void)
{
    TCase *tests = tcase_create("onnx");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, golden_outputs);
    tcase_add_test(tests, random_graphs);
    tcase_add_test(tests, chains);
    tcase_add_test(tests, masks);
    tcase_add_test(tests, quantised);
    tcase_add_test(tests, damaged);
    tcase_add_test(tests, links_outwards);
    tcase_add_test(tests, arguments);
    tcase_add_test(tests, dilated_means);
    return tests;
}

#else

START_TEST(unsupported)
{
    const size_t sizes[] = {2, 2};
    trnnsf_network *network = NULL, *loaded = NULL;

    write_bytes("a", "x", 1);
    EXPECT_OK(trnnsf_network_create(ctx, sizes, 2, NULL, &network));
    EXPECT(trnnsf_network_save_onnx(ctx, network, in_folder("a")), TRNNSF_E_UNSUPPORTED,
           "built without ONNX");
    EXPECT(trnnsf_network_load_onnx(ctx, in_folder("a"), NULL, &loaded), TRNNSF_E_UNSUPPORTED,
           "built without ONNX");
    trnnsf_network_free(network);
}
END_TEST

TCase *onnx_tests(void)
{
    TCase *tests = tcase_create("onnx");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, unsupported);
    return tests;
}

#endif
