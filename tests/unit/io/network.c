/* Network files. */
#include "io/network_file.h"

#include <math.h>
#include <stdio.h>

#include "base/random.h"
#include "io/suite.h"

#if TRN_HAVE_JANSSON

/* 7-5-6-3 with a mask on layer 0 and clusters on layer 1. */
static trnnsf_network *sample_network(uint32_t bias)
{
    static const size_t sizes[4] = {7, 5, 6, 3};
    static const size_t output_start[3] = {0, 2, 5}, input_start[3] = {0, 3, 4};
    static const uint32_t output[5] = {0, 3, 1, 2, 5}, input[4] = {0, 1, 4, 2};
    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;
    trnnsf_network *network = NULL;
    trnnsf_clusters *clusters = NULL;
    uint8_t mask[35];
    float biases[6] = {0.5f, -1, 2, 3, 4, 5};

    options.bias = bias;
    options.hidden_activation = TRNNSF_ACTIVATION_SIGMOID;
    options.output_activation = TRNNSF_ACTIVATION_SOFTMAX;
    EXPECT_OK(trnnsf_network_create(ctx, sizes, 4, &options, &network));
    for (size_t i = 0; i < 35; i++)
        mask[i] = i % 3 != 0;
    EXPECT_OK(trnnsf_network_set_mask(ctx, network, 0, mask));
    EXPECT_OK(
        trnnsf_clusters_create(ctx, 6, 5, 2, output_start, output, input_start, input, &clusters));
    EXPECT_OK(trnnsf_network_set_clusters(ctx, network, 1, clusters));
    trnnsf_clusters_free(clusters);
    if (bias)
        EXPECT_OK(trnnsf_network_set_biases(ctx, network, 1, biases));
    return network;
}

static void expect_same_clusters(const trnnsf_clusters *a, const trnnsf_clusters *b)
{
    ck_assert((a == NULL) == (b == NULL));
    if (!a)
        return;
    ck_assert_uint_eq(trnnsf_clusters_count(a), trnnsf_clusters_count(b));
    for (size_t i = 0; i < trnnsf_clusters_count(a); i++) {
        size_t n = 0, m = 0;
        const uint32_t *x = trnnsf_clusters_outputs(a, i, &n),
                       *y = trnnsf_clusters_outputs(b, i, &m);

        ck_assert_uint_eq(n, m);
        ck_assert_mem_eq(x, y, n * sizeof *x);
        x = trnnsf_clusters_inputs(a, i, &n);
        y = trnnsf_clusters_inputs(b, i, &m);
        ck_assert_uint_eq(n, m);
        ck_assert_mem_eq(x, y, n * sizeof *x);
    }
}

static void expect_same(const trnnsf_network *a, const trnnsf_network *b)
{
    ck_assert_uint_eq(trnnsf_network_layers(a), trnnsf_network_layers(b));
    for (size_t l = 0; l < trnnsf_network_layers(a); l++) {
        size_t n_in = trnnsf_network_inputs(a, l), n_out = trnnsf_network_outputs(a, l);
        uint8_t masks[2][64];

        ck_assert_uint_eq(n_in, trnnsf_network_inputs(b, l));
        ck_assert_uint_eq(n_out, trnnsf_network_outputs(b, l));
        ck_assert_uint_eq(trnnsf_network_activation(a, l), trnnsf_network_activation(b, l));
        ck_assert_mem_eq(trnnsf_network_weights(a, l), trnnsf_network_weights(b, l),
                         n_in * n_out * sizeof(float));
        ck_assert((trnnsf_network_biases(a, l) == NULL) == (trnnsf_network_biases(b, l) == NULL));
        if (trnnsf_network_biases(a, l))
            ck_assert_mem_eq(trnnsf_network_biases(a, l), trnnsf_network_biases(b, l),
                             n_out * sizeof(float));
        EXPECT_OK(trnnsf_network_get_mask(ctx, a, l, masks[0]));
        EXPECT_OK(trnnsf_network_get_mask(ctx, b, l, masks[1]));
        ck_assert_mem_eq(masks[0], masks[1], n_in * n_out);
        expect_same_clusters(trnnsf_network_clusters(a, l), trnnsf_network_clusters(b, l));
    }
}

START_TEST(saved_is_loaded)
{
    trnnsf_network *network = sample_network((uint32_t)_i), *loaded = NULL;
    uint8_t *first, *second;
    size_t sizes[2];

    EXPECT_OK(trnnsf_network_save(ctx, network, in_folder("a")));
    EXPECT_OK(trnnsf_network_load(ctx, in_folder("a"), &loaded));
    expect_same(network, loaded);
    EXPECT_OK(trnnsf_network_save(ctx, loaded, in_folder("b")));
    first = read_bytes(in_folder("a"), &sizes[0]);
    second = read_bytes(in_folder("b"), &sizes[1]);
    ck_assert_uint_eq(sizes[0], sizes[1]);
    ck_assert_mem_eq(first, second, sizes[0]);
    free(first);
    free(second);
    trnnsf_network_free(network);
    trnnsf_network_free(loaded);
}
END_TEST

/* Bytes of the saved sample with `from` replaced by `to` of the same length, wherever it is. */
static trnnsf_status load_changed(const char *from, const char *to)
{
    trnnsf_network *network = sample_network(1), *loaded = NULL;
    size_t size, length = strlen(from), found = 0;
    uint8_t *bytes;
    trnnsf_status status;

    ck_assert_uint_eq(strlen(to), length);
    EXPECT_OK(trnnsf_network_save(ctx, network, in_folder("a")));
    trnnsf_network_free(network);
    bytes = read_bytes(in_folder("a"), &size);
    for (size_t i = 0; i + length <= size; i++) {
        if (memcmp(bytes + i, from, length) == 0) {
            memcpy(bytes + i, to, length);
            found++;
        }
    }
    ck_assert_msg(found > 0, "'%s' is not in the file", from);
    write_bytes("a", bytes, size);
    free(bytes);
    status = trnnsf_network_load(ctx, in_folder("a"), &loaded);
    trnnsf_network_free(loaded);
    return status;
}

START_TEST(changed_files)
{
    static const struct {
        const char *from, *to;
        trnnsf_status status;
        const char *fragment;
    } cases[] = {
        {"trnnsf-network", "trnnsf-mapping", TRNNSF_E_FORMAT, "its format is 'trnnsf-mapping'"},
        {"\"format_version\":\"1\"", "\"format_version\":\"2\"", TRNNSF_E_UNSUPPORTED,
         "version 2; this library reads up to 1"},
        {"\"layers\":\"3\"", "\"layers\":\"4\"", TRNNSF_E_FORMAT, "softmax at layer 2"},
        {"\"layers\":\"3\"", "\"layers\":\"2\"", TRNNSF_E_FORMAT, "no part of a network of 2"},
        {"\"layers\":\"3\"", "\"layers\":\"0\"", TRNNSF_E_FORMAT, "'layers' is '0'"},
        {"\"sigmoid\"", "\"sigmuid\"", TRNNSF_E_UNSUPPORTED, "'sigmuid', which is unknown"},
        {"\"sigmoid\"", "\"softmax\"", TRNNSF_E_FORMAT, "softmax at layer 0"},
        {"layer.1.weight", "layer.1.weird!", TRNNSF_E_FORMAT, "'layer.1.weight' is missing"},
        {"layer.1.bias", "layer.1.bia5", TRNNSF_E_FORMAT, "'layer.1.bias' is missing"},
        {"layer.0.mask", "layer.0.musk", TRNNSF_E_FORMAT, "1 tensors that are no part"},
        {"layer.1.clusters.input\"", "layer.1.clusters.inpud\"", TRNNSF_E_FORMAT,
         "'layer.1.clusters.input' is missing"},
        {"[5,7]", "[7,5]", TRNNSF_E_FORMAT, "layer 1 has 5 inputs, but layer 0 has 7 outputs"},
        {"\"F32\",\"shape\":[5,7]", "\"I32\",\"shape\":[5,7]", TRNNSF_E_FORMAT,
         "'layer.0.weight' is I32 of 2 dimensions"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        EXPECT(load_changed(cases[i].from, cases[i].to), cases[i].status, cases[i].fragment);
}
END_TEST

/* Random damage: a status, and nothing else. The header is hit more often than the weights. */
void load_damaged(const trnnsf_network *network, uint64_t seed)
{
    struct trn_random random;
    size_t size;
    uint8_t *bytes;

    EXPECT_OK(trnnsf_network_save(ctx, network, in_folder("a")));
    bytes = read_bytes(in_folder("a"), &size);
    trn_random_init(&random, seed, TRN_RANDOM_TEST, 0);
    for (int i = 0; i < 2000; i++) {
        struct trn_safetensors *file = NULL;
        trnnsf_network *loaded = NULL;
        size_t at = trn_random_below(&random, (uint32_t)size);
        uint8_t old = bytes[at];

        bytes[at] = (uint8_t)trn_random_u32(&random);
        if (trn_safetensors_parse(ctx, "f", bytes, size, &file) == TRNNSF_OK &&
            trn_network_file_parse(ctx, file, &loaded) == TRNNSF_OK)
            ck_assert_uint_ge(trnnsf_network_layers(loaded), 1);
        trnnsf_network_free(loaded);
        trn_safetensors_free(file);
        bytes[at] = old;
    }
    free(bytes);
}

/* Tensors that a file of the right layout may still hold wrong. */
static trnnsf_status load_with(const float *weights, const uint8_t *mask, const uint64_t *starts,
                               const uint32_t *outputs)
{
    static const size_t shape[2] = {2, 2}, two = 2;
    static const uint64_t input_starts[2] = {0, 2};
    static const uint32_t inputs[2] = {0, 1};
    struct trn_safetensors_writer *writer;
    trnnsf_network *loaded = NULL;
    trnnsf_status status;

    EXPECT_OK(trn_safetensors_writer_create(ctx, &writer));
    trn_safetensors_set(writer, "format", TRN_NETWORK_FORMAT);
    trn_safetensors_set(writer, "format_version", "1");
    trn_safetensors_set(writer, "layers", "1");
    trn_safetensors_set(writer, "layer.0.activation", "relu");
    trn_safetensors_add(writer, "layer.0.weight", TRN_TENSOR_F32, 2, shape, weights);
    trn_safetensors_add(writer, "layer.0.mask", TRN_TENSOR_U8, 2, shape, mask);
    trn_safetensors_add(writer, "layer.0.clusters.output_start", TRN_TENSOR_U64, 1, &two, starts);
    trn_safetensors_add(writer, "layer.0.clusters.output", TRN_TENSOR_U32, 1, &two, outputs);
    trn_safetensors_add(writer, "layer.0.clusters.input_start", TRN_TENSOR_U64, 1, &two,
                        input_starts);
    trn_safetensors_add(writer, "layer.0.clusters.input", TRN_TENSOR_U32, 1, &two, inputs);
    EXPECT_OK(trn_safetensors_write(writer, in_folder("a")));
    trn_safetensors_writer_free(writer);
    status = trnnsf_network_load(ctx, in_folder("a"), &loaded);
    if (status == TRNNSF_OK) /* what the mask leaves out is 0, whatever the file held */
        ck_assert_float_eq(trnnsf_network_weights(loaded, 0)[1], 0);
    trnnsf_network_free(loaded);
    return status;
}

START_TEST(wrong_contents)
{
    const float fine[4] = {1, 2, 3, 4}, nans[4] = {1, 2, NAN, 4},
                infinite[4] = {1, -INFINITY, 3, 4};
    const uint8_t mask[4] = {1, 0, 1, 1}, twos[4] = {1, 0, 2, 1};
    const uint64_t starts[2] = {0, 2}, first[2] = {1, 2}, far[2] = {0, UINT64_MAX},
                   less[2] = {0, 1};
    const uint32_t outputs[2] = {0, 1}, equal[2] = {1, 1}, beyond[2] = {0, 2};

    EXPECT_OK(load_with(fine, mask, starts, outputs));
    EXPECT(load_with(nans, mask, starts, outputs), TRNNSF_E_NUMERIC,
           "element 2 of tensor 'layer.0.weight' is not finite");
    EXPECT(load_with(infinite, mask, starts, outputs), TRNNSF_E_NUMERIC, "element 1 of tensor");
    EXPECT(load_with(fine, twos, starts, outputs), TRNNSF_E_FORMAT,
           "element 2 of tensor 'layer.0.mask' is 2");
    EXPECT(load_with(fine, mask, first, outputs), TRNNSF_E_FORMAT, "layer 0: ");
    EXPECT(load_with(fine, mask, far, outputs), TRNNSF_E_LIMIT, "18446744073709551615");
    EXPECT(load_with(fine, mask, less, outputs), TRNNSF_E_FORMAT, "does not end with");
    EXPECT(load_with(fine, mask, starts, equal), TRNNSF_E_FORMAT, "layer 0: ");
    EXPECT(load_with(fine, mask, starts, beyond), TRNNSF_E_FORMAT, "layer 0: ");
}
END_TEST

START_TEST(damaged_files)
{
    trnnsf_network *network = sample_network(1);

    load_damaged(network, 3);
    trnnsf_network_free(network);
}
END_TEST

START_TEST(hostile_arguments)
{
    trnnsf_network *network = sample_network(0), *none = NULL;

    ck_assert_int_eq(trnnsf_network_save(NULL, network, "x"), TRNNSF_E_INVALID);
    EXPECT(trnnsf_network_save(ctx, NULL, "x"), TRNNSF_E_INVALID, "network is NULL");
    EXPECT(trnnsf_network_save(ctx, network, NULL), TRNNSF_E_INVALID, "path is NULL");
    EXPECT(trnnsf_network_save(ctx, network, folder()), TRNNSF_E_IO, "trnnsf_network_save: ");
    ck_assert_int_eq(trnnsf_network_load(NULL, "x", &none), TRNNSF_E_INVALID);
    EXPECT(trnnsf_network_load(ctx, NULL, &none), TRNNSF_E_INVALID, "path is NULL");
    EXPECT(trnnsf_network_load(ctx, "x", NULL), TRNNSF_E_INVALID, "out_network is NULL");
    EXPECT(trnnsf_network_load(ctx, in_folder("x"), &none), TRNNSF_E_NOT_FOUND, "cannot open");
    ck_assert_ptr_null(none);
    trnnsf_network_free(network);
}
END_TEST

#endif

TCase *network_tests(void)
{
    TCase *tests = tcase_create("network");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 30);
#if TRN_HAVE_JANSSON
    tcase_add_loop_test(tests, saved_is_loaded, 0, 2);
    tcase_add_test(tests, changed_files);
    tcase_add_test(tests, wrong_contents);
    tcase_add_test(tests, damaged_files);
    tcase_add_test(tests, hostile_arguments);
#endif
    return tests;
}
