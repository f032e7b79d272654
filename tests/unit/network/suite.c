/* network/: creation, access, masks, clusters, and what callers do wrong. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "network/cases.h"
#include "network/network.h"
#include "network/reference.h"

static trnnsf_context *ctx;

trnnsf_context *open_context(uint32_t threads, const char *backend)
{
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
    trnnsf_context *opened;

    options.threads = threads;
    ck_assert_int_eq(trnnsf_context_create(&options, &opened), TRNNSF_OK);
    if (trnnsf_backend_select(opened, backend) == TRNNSF_OK)
        return opened;
    trnnsf_context_free(opened);
    return NULL;
}

static void setup(void)
{
    ctx = open_context(2, "reference");
}

static void teardown(void)
{
    trnnsf_context_free(ctx);
}

static trnnsf_network *make(uint32_t init, double scale, uint64_t seed)
{
    static const size_t sizes[3] = {300, 200, 4};
    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;
    trnnsf_network *network;

    options.init = init;
    options.init_scale = scale;
    options.seed = seed;
    ck_assert_int_eq(trnnsf_network_create(ctx, sizes, 3, &options, &network), TRNNSF_OK);
    return network;
}

static double variance(const float *values, size_t count)
{
    double sum = 0.0;

    for (size_t i = 0; i < count; i++)
        sum += (double)values[i] * (double)values[i];
    return sum / (double)count;
}

START_TEST(options_init_equals_macro)
{
    struct trnnsf_network_options a, b = TRNNSF_NETWORK_OPTIONS_INIT;

    memset(&a, 0, sizeof a);
    trnnsf_network_options_init(&a);
    ck_assert_mem_eq(&a, &b, sizeof a);
    trnnsf_network_options_init(NULL);
}
END_TEST

START_TEST(initial_weights)
{
    trnnsf_network *he = make(TRNNSF_INIT_HE, 1.0, 1), *same = make(TRNNSF_INIT_HE, 1.0, 1);
    trnnsf_network *other = make(TRNNSF_INIT_HE, 1.0, 2);
    trnnsf_network *glorot = make(TRNNSF_INIT_GLOROT, 1.0, 1);
    trnnsf_network *uniform = make(TRNNSF_INIT_UNIFORM, 0.01, 1);
    size_t count = 300 * 200;

    ck_assert_double_eq_tol(variance(trnnsf_network_weights(he, 0), count), 2.0 / 300, 2e-4);
    ck_assert_double_eq_tol(variance(trnnsf_network_weights(glorot, 0), count), 2.0 / 500, 1e-4);
    ck_assert_double_eq_tol(variance(trnnsf_network_weights(uniform, 0), count), 1e-4 / 3, 1e-6);
    for (size_t i = 0; i < count; i++)
        ck_assert_float_le(fabsf(trnnsf_network_weights(uniform, 0)[i]), 0.01f);
    ck_assert_mem_eq(trnnsf_network_weights(he, 0), trnnsf_network_weights(same, 0), count * 4);
    ck_assert_mem_ne(trnnsf_network_weights(he, 0), trnnsf_network_weights(other, 0), count * 4);
    ck_assert_ptr_null(trnnsf_network_biases(he, 0));
    trnnsf_network_free(he);
    trnnsf_network_free(same);
    trnnsf_network_free(other);
    trnnsf_network_free(glorot);
    trnnsf_network_free(uniform);
}
END_TEST

START_TEST(access_past_the_end)
{
    trnnsf_network *network = make(TRNNSF_INIT_HE, 1.0, 1);

    ck_assert_uint_eq(trnnsf_network_layers(network), 2);
    ck_assert_uint_eq(trnnsf_network_inputs(network, 1), 200);
    ck_assert_uint_eq(trnnsf_network_outputs(network, 1), 4);
    ck_assert_uint_eq(trnnsf_network_synapses(network, 1), 800);
    ck_assert_uint_eq(trnnsf_network_activation(network, 1), TRNNSF_ACTIVATION_RELU);
    ck_assert_ptr_null(trnnsf_network_weights(network, 2));
    ck_assert_ptr_null(trnnsf_network_biases(network, SIZE_MAX));
    ck_assert_ptr_null(trnnsf_network_clusters(network, 0));
    ck_assert_uint_eq(trnnsf_network_inputs(network, 2), 0);
    ck_assert_uint_eq(trnnsf_network_layers(NULL), 0);
    ck_assert_ptr_null(trnnsf_network_weights(NULL, 0));
    trnnsf_network_free(network);
    trnnsf_network_free(NULL);
}
END_TEST

START_TEST(masks_zero_weights)
{
    trnnsf_network *network = make(TRNNSF_INIT_HE, 1.0, 1), *copy;
    uint8_t *mask = random_mask(3, 60000, 0.3), *back = malloc(60000);
    float *values = random_floats(4, 60000);
    trnnsf_matrix *matrix;
    size_t kept = 0;

    ck_assert_int_eq(trnnsf_network_set_mask(ctx, network, 0, mask), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_set_weights(ctx, network, 0, values), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_get_mask(ctx, network, 0, back), TRNNSF_OK);
    ck_assert_mem_eq(mask, back, 60000);
    for (size_t i = 0; i < 60000; i++) {
        ck_assert_float_eq(trnnsf_network_weights(network, 0)[i], mask[i] ? values[i] : 0.0f);
        kept += mask[i];
    }
    ck_assert_uint_eq(trnnsf_network_synapses(network, 0), kept);
    ck_assert_int_eq(trnnsf_network_connectivity(ctx, network, 0, &matrix), TRNNSF_OK);
    ck_assert_uint_eq(trnnsf_matrix_nonzeros(matrix), kept);
    for (size_t i = 0; i < 200; i++) {
        for (size_t e = trnnsf_matrix_row_start(matrix)[i];
             e < trnnsf_matrix_row_start(matrix)[i + 1]; e++)
            ck_assert_float_eq(trnnsf_matrix_value(matrix)[e],
                               values[i * 300 + trnnsf_matrix_column(matrix)[e]]);
    }
    ck_assert_int_eq(trnnsf_network_copy(ctx, network, &copy), TRNNSF_OK);
    ck_assert_uint_eq(trnnsf_network_synapses(copy, 0), kept);
    ck_assert_int_eq(trnnsf_network_set_mask(ctx, network, 0, NULL), TRNNSF_OK);
    ck_assert_uint_eq(trnnsf_network_synapses(network, 0), 60000);
    ck_assert_uint_eq(trnnsf_network_synapses(copy, 0), kept);
    ck_assert_mem_eq(trnnsf_network_weights(network, 0), trnnsf_network_weights(copy, 0), 240000);
    trnnsf_matrix_free(matrix);
    trnnsf_network_free(network);
    trnnsf_network_free(copy);
    free(mask);
    free(back);
    free(values);
}
END_TEST

START_TEST(clusters_join_the_mask)
{
    static const size_t start[2] = {0, 2};
    static const uint32_t row[2] = {5, 9}, column[2] = {7, 250};
    trnnsf_network *network = make(TRNNSF_INIT_HE, 1.0, 1), *copy;
    uint8_t *mask = calloc(60000, 1);
    trnnsf_clusters *clusters, *misfit;

    mask[0] = 1;
    ck_assert_int_eq(trnnsf_clusters_create(ctx, 200, 300, 1, start, row, start, column, &clusters),
                     TRNNSF_OK);
    ck_assert_int_eq(trnnsf_clusters_create(ctx, 300, 300, 1, start, row, start, column, &misfit),
                     TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_set_mask(ctx, network, 0, mask), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_set_clusters(ctx, network, 0, misfit), TRNNSF_E_MISMATCH);
    ck_assert_ptr_null(trnnsf_network_clusters(network, 0));
    ck_assert_int_eq(trnnsf_network_set_clusters(ctx, network, 0, clusters), TRNNSF_OK);
    ck_assert_uint_eq(trnnsf_network_synapses(network, 0), 5);
    ck_assert_int_eq(trnnsf_network_get_mask(ctx, network, 0, mask), TRNNSF_OK);
    ck_assert_int_eq(mask[5 * 300 + 250], 1);
    trnnsf_clusters_free(clusters);
    ck_assert_int_eq(trnnsf_network_copy(ctx, network, &copy), TRNNSF_OK);
    ck_assert_uint_eq(trnnsf_clusters_count(trnnsf_network_clusters(copy, 0)), 1);
    ck_assert_int_eq(trnnsf_network_set_clusters(ctx, network, 0, NULL), TRNNSF_OK);
    ck_assert_ptr_null(trnnsf_network_clusters(network, 0));
    ck_assert_uint_eq(trnnsf_network_synapses(network, 0), 5);
    trnnsf_network_free(network);
    trnnsf_network_free(copy);
    trnnsf_clusters_free(misfit);
    free(mask);
}
END_TEST

static void *allocate_some(size_t size, void *user)
{
    return size < *(const size_t *)user ? malloc(size) : NULL;
}

static void *reallocate_some(void *pointer, size_t size, void *user)
{
    return size < *(const size_t *)user ? realloc(pointer, size) : NULL;
}

static void release_some(void *pointer, void *user)
{
    (void)user;
    free(pointer);
}

/* Sizes that no memory holds: nothing is left behind. */
START_TEST(larger_than_memory)
{
    static const size_t huge[3] = {(size_t)1 << 24, (size_t)1 << 24, 2};
    size_t most = (size_t)1 << 20;
    struct trnnsf_allocator allocator = {sizeof allocator, allocate_some, reallocate_some,
                                         release_some, &most};
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
    trnnsf_context *small;
    trnnsf_network *network = NULL;

    options.allocator = &allocator;
    ck_assert_int_eq(trnnsf_context_create(&options, &small), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_create(small, huge, 3, NULL, &network), TRNNSF_E_NO_MEMORY);
    ck_assert_int_eq(trnnsf_network_create(small, huge + 1, 2, NULL, &network), TRNNSF_E_NO_MEMORY);
    ck_assert_ptr_null(network);
    trnnsf_context_free(small);
}
END_TEST

START_TEST(hostile_creation)
{
    static const size_t good[3] = {3, 4, 2}, zero[3] = {3, 0, 2};
    static const size_t larger[2] = {((size_t)1 << 24) + 1, 2}, top[2] = {SIZE_MAX, SIZE_MAX};
    struct trnnsf_network_options o = TRNNSF_NETWORK_OPTIONS_INIT;
    trnnsf_network *network = NULL;

    ck_assert_int_eq(trnnsf_network_create(NULL, good, 3, NULL, &network), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_network_create(ctx, NULL, 3, NULL, &network), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_network_create(ctx, good, 3, NULL, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_network_create(ctx, good, 1, NULL, &network), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_network_create(ctx, good, SIZE_MAX, NULL, &network), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_network_create(ctx, zero, 3, NULL, &network), TRNNSF_E_INVALID);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "sizes[1] 0 is not in [1, 16777216]"));
    ck_assert_int_eq(trnnsf_network_create(ctx, larger, 2, NULL, &network), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_network_create(ctx, top, 2, NULL, &network), TRNNSF_E_INVALID);
    o.hidden_activation = TRNNSF_ACTIVATION_SOFTMAX;
    ck_assert_int_eq(trnnsf_network_create(ctx, good, 3, &o, &network), TRNNSF_E_INVALID);
    trnnsf_network_options_init(&o);
    o.output_activation = 5;
    ck_assert_int_eq(trnnsf_network_create(ctx, good, 3, &o, &network), TRNNSF_E_INVALID);
    trnnsf_network_options_init(&o);
    o.init_scale = (double)NAN;
    ck_assert_int_eq(trnnsf_network_create(ctx, good, 3, &o, &network), TRNNSF_E_INVALID);
    o.init_scale = -1.0;
    ck_assert_int_eq(trnnsf_network_create(ctx, good, 3, &o, &network), TRNNSF_E_INVALID);
    trnnsf_network_options_init(&o);
    o.bias = 2;
    ck_assert_int_eq(trnnsf_network_create(ctx, good, 3, &o, &network), TRNNSF_E_INVALID);
    trnnsf_network_options_init(&o);
    o.init = 3;
    ck_assert_int_eq(trnnsf_network_create(ctx, good, 3, &o, &network), TRNNSF_E_INVALID);
    ck_assert_ptr_null(network);
}
END_TEST

START_TEST(hostile_values)
{
    trnnsf_network *network = make(TRNNSF_INIT_HE, 1.0, 1), *copy = NULL;
    float *values = random_floats(4, 60000);
    uint8_t mask[800] = {0};
    trnnsf_matrix *matrix = NULL;

    values[59999] = NAN;
    ck_assert_int_eq(trnnsf_network_set_weights(ctx, network, 0, values), TRNNSF_E_INVALID);
    values[59999] = INFINITY;
    ck_assert_int_eq(trnnsf_network_set_weights(ctx, network, 0, values), TRNNSF_E_INVALID);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "values[59999] inf is not finite"));
    ck_assert_int_eq(trnnsf_network_set_weights(ctx, network, 2, values), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_network_set_weights(ctx, network, 0, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_network_set_weights(ctx, NULL, 0, values), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_network_set_weights(NULL, network, 0, values), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_network_set_biases(ctx, network, 0, values), TRNNSF_E_STATE);
    mask[799] = 2;
    ck_assert_int_eq(trnnsf_network_set_mask(ctx, network, 1, mask), TRNNSF_E_INVALID);
    ck_assert_uint_eq(trnnsf_network_synapses(network, 1), 800);
    ck_assert_int_eq(trnnsf_network_get_mask(ctx, network, 1, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_network_copy(ctx, NULL, &copy), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_network_copy(ctx, network, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_network_connectivity(ctx, network, 9, &matrix), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_network_connectivity(ctx, network, 0, NULL), TRNNSF_E_INVALID);
    trnnsf_network_free(network);
    free(values);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("network");
    TCase *tcase = tcase_create("network");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, options_init_equals_macro);
    tcase_add_test(tcase, initial_weights);
    tcase_add_test(tcase, access_past_the_end);
    tcase_add_test(tcase, masks_zero_weights);
    tcase_add_test(tcase, clusters_join_the_mask);
    tcase_add_test(tcase, larger_than_memory);
    tcase_add_test(tcase, hostile_creation);
    tcase_add_test(tcase, hostile_values);
    suite_add_tcase(suite, tcase);
    suite_add_tcase(suite, forward_case());
    suite_add_tcase(suite, graph_case());
    suite_add_tcase(suite, links_case());
    suite_add_tcase(suite, layers_text_case());
    suite_add_tcase(suite, fold_case());
    suite_add_tcase(suite, graph_hostile_case());
    suite_add_tcase(suite, quantise_case());
    suite_add_tcase(suite, quantise_graph_case());
    suite_add_tcase(suite, gradients_case());
    suite_add_tcase(suite, soft_targets_case());

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
