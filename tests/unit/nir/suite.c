/* nir/: graphs, their checks and shapes; maps.c: linear nodes; files.c: HDF5. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nir/common.h"

trnnsf_context *ctx;

static void setup(void)
{
    OK(trnnsf_context_create(NULL, &ctx));
}

static void teardown(void)
{
    trnnsf_context_free(ctx);
}

void put(trnnsf_nir *nir, const char *node, const char *member, double first, double step,
         size_t rank, const size_t *shape)
{
    size_t count = 1;

    for (size_t k = 0; k < rank; k++)
        count *= shape[k];
    double *values = malloc((count + 1) * sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = first + step * (double)i;
    OK(trnnsf_nir_set_values(ctx, nir, node, member, TRNNSF_NIR_FLOAT64, rank, shape, values));
    free(values);
}

void put_whole(trnnsf_nir *nir, const char *node, const char *member, size_t a)
{
    double value = (double)a;

    OK(trnnsf_nir_set_values(ctx, nir, node, member, TRNNSF_NIR_INT64, 0, NULL, &value));
}

void put_pair(trnnsf_nir *nir, const char *node, const char *member, size_t a, size_t b)
{
    const size_t two = 2;
    double values[] = {(double)a, (double)b};

    OK(trnnsf_nir_set_values(ctx, nir, node, member, TRNNSF_NIR_INT64, 1, &two, values));
}

void put_port(trnnsf_nir *nir, const char *name, const char *type, size_t rank,
              const size_t *shape)
{
    double values[8];

    for (size_t k = 0; k < rank; k++)
        values[k] = (double)shape[k];
    OK(trnnsf_nir_add_node(ctx, nir, name, type));
    OK(trnnsf_nir_set_values(ctx, nir, name, "shape", TRNNSF_NIR_INT64, 1, &rank, values));
}

static void add_neurons(trnnsf_nir *nir)
{
    const size_t four[] = {4, 6, 6}, ten = 10;

    OK(trnnsf_nir_add_node(ctx, nir, "if", "IF"));
    put(nir, "if", "r", 1, 0, 3, four);
    put(nir, "if", "v_threshold", 1, 0.01, 3, four);
    OK(trnnsf_nir_add_node(ctx, nir, "lif", "LIF"));
    put(nir, "lif", "tau", 0.01, 0.001, 1, &ten);
    put(nir, "lif", "r", 1, 0, 0, NULL);
    put(nir, "lif", "v_leak", 0, 0, 1, &ten);
    put(nir, "lif", "v_threshold", 1, 0, 1, &ten);
}

trnnsf_nir *make_graph(void)
{
    static const char *const names[] = {"input",   "conv2d", "if",  "sumpool2d",
                                        "flatten", "affine", "lif", "output"};
    const size_t in[] = {2, 8, 8}, kernel[] = {4, 2, 3, 3}, four = 4, weight[] = {10, 36}, ten = 10;
    trnnsf_nir *nir;

    OK(trnnsf_nir_create(ctx, &nir));
    put_port(nir, "input", "Input", 3, in);
    OK(trnnsf_nir_add_node(ctx, nir, "conv2d", "Conv2d"));
    put(nir, "conv2d", "weight", -0.5, 0.01, 4, kernel);
    put(nir, "conv2d", "bias", 0, 0.1, 1, &four);
    put_whole(nir, "conv2d", "stride", 1);
    put_pair(nir, "conv2d", "padding", 0, 0);
    put_whole(nir, "conv2d", "dilation", 1);
    put_whole(nir, "conv2d", "groups", 1);
    add_neurons(nir);
    OK(trnnsf_nir_add_node(ctx, nir, "sumpool2d", "SumPool2d"));
    put_pair(nir, "sumpool2d", "kernel_size", 2, 2);
    put_pair(nir, "sumpool2d", "stride", 2, 2);
    put_whole(nir, "sumpool2d", "padding", 0);
    OK(trnnsf_nir_add_node(ctx, nir, "flatten", "Flatten"));
    put_whole(nir, "flatten", "start_dim", 0);
    OK(trnnsf_nir_add_node(ctx, nir, "affine", "Affine"));
    put(nir, "affine", "weight", -1, 0.01, 2, weight);
    put(nir, "affine", "bias", 0, 0, 1, &ten);
    put_port(nir, "output", "Output", 1, &ten);
    for (size_t k = 0; k + 1 < sizeof names / sizeof names[0]; k++)
        OK(trnnsf_nir_add_edge(ctx, nir, names[k], names[k + 1]));
    return nir;
}

START_TEST(shapes)
{
    static const struct {
        const char *node;
        size_t rank, shape[3];
    } outputs[] = {{"conv2d", 3, {4, 6, 6}},
                   {"if", 3, {4, 6, 6}},
                   {"sumpool2d", 3, {4, 3, 3}},
                   {"flatten", 1, {36}},
                   {"affine", 1, {10}}};
    trnnsf_nir *nir = make_graph();
    size_t rank = 77;

    ck_assert_ptr_null(trnnsf_nir_output_shape(nir, "conv2d", &rank));
    ck_assert_uint_eq(rank, 77);
    OK(trnnsf_nir_check(ctx, nir));
    for (size_t k = 0; k < sizeof outputs / sizeof outputs[0]; k++) {
        const size_t *shape = trnnsf_nir_output_shape(nir, outputs[k].node, &rank);

        ck_assert_uint_eq(rank, outputs[k].rank);
        ck_assert_mem_eq(shape, outputs[k].shape, rank * sizeof *shape);
    }
    ck_assert_uint_eq(trnnsf_nir_input_shape(nir, "conv2d", NULL)[0], 2);
    put_whole(nir, "conv2d", "stride", 2);
    ck_assert_ptr_null(trnnsf_nir_output_shape(nir, "conv2d", &rank));
    FAILS(trnnsf_nir_check(ctx, nir), TRNNSF_E_FORMAT, "node \"if\": r has shape [4, 6, 6]");
    trnnsf_nir_free(nir);
}
END_TEST

START_TEST(getters)
{
    trnnsf_nir *nir = make_graph();
    size_t count = 0, rank = 0;

    ck_assert_uint_eq(trnnsf_nir_nodes(nir), 8);
    ck_assert_str_eq(trnnsf_nir_node_name(nir, 1), "conv2d");
    ck_assert_ptr_null(trnnsf_nir_node_name(nir, 8));
    ck_assert_str_eq(trnnsf_nir_node_type(nir, "lif"), "LIF");
    ck_assert_ptr_null(trnnsf_nir_node_type(nir, "who"));
    ck_assert_ptr_null(trnnsf_nir_node_type(nir, NULL));
    ck_assert_uint_eq(trnnsf_nir_edges(nir), 7);
    ck_assert_str_eq(trnnsf_nir_edge_from(nir, 6), "lif");
    ck_assert_str_eq(trnnsf_nir_edge_to(nir, 6), "output");
    ck_assert_ptr_null(trnnsf_nir_edge_from(nir, 7));
    ck_assert_uint_eq(trnnsf_nir_members(nir, "conv2d"), 6);
    ck_assert_str_eq(trnnsf_nir_member_name(nir, "conv2d", 0), "weight");
    ck_assert_ptr_null(trnnsf_nir_member_name(nir, "conv2d", 6));
    ck_assert_double_eq(trnnsf_nir_values(nir, "lif", "tau", &count)[2], 0.012);
    ck_assert_uint_eq(count, 10);
    ck_assert_uint_eq(trnnsf_nir_shape(nir, "conv2d", "weight", &rank)[3], 3);
    ck_assert_uint_eq(rank, 4);
    ck_assert_ptr_nonnull(trnnsf_nir_shape(nir, "lif", "r", &rank));
    ck_assert_uint_eq(rank, 0);
    ck_assert_uint_eq(trnnsf_nir_element_of(nir, "lif", "r"), TRNNSF_NIR_FLOAT64);
    ck_assert_uint_eq(trnnsf_nir_element_of(nir, "lif", "who"), UINT32_MAX);
    OK(trnnsf_nir_set_text(ctx, nir, "conv2d", "padding", "same"));
    ck_assert_str_eq(trnnsf_nir_text(nir, "conv2d", "padding"), "same");
    ck_assert_ptr_null(trnnsf_nir_values(nir, "conv2d", "padding", NULL));
    OK(trnnsf_nir_set_text(ctx, nir, NULL, "metadata/who", "we"));
    ck_assert_str_eq(trnnsf_nir_text(nir, NULL, "metadata/who"), "we");
    ck_assert_uint_eq(trnnsf_nir_members(nir, NULL), 1);
    ck_assert_ptr_null(trnnsf_nir_version(nir));
    trnnsf_nir_free(nir);
    trnnsf_nir_free(NULL);
    ck_assert_uint_eq(trnnsf_nir_nodes(NULL) + trnnsf_nir_edges(NULL), 0);
}
END_TEST

/* Each broken in one way; the node's name is in the text. */
START_TEST(broken)
{
    const size_t two = 2, nine[] = {9, 9}, huge[] = {16777216, 16777216};
    double nan_value[] = {0, (double)NAN};
    trnnsf_nir *nir = make_graph();

    FAILS(trnnsf_nir_add_node(ctx, nir, "lif", "IF"), TRNNSF_E_FORMAT, "\"lif\" is there twice");
    FAILS(trnnsf_nir_add_node(ctx, nir, "x", "LIFF"), TRNNSF_E_UNSUPPORTED, "\"LIFF\"");
    FAILS(trnnsf_nir_add_node(ctx, nir, "a/b", "IF"), TRNNSF_E_FORMAT, "slash");
    FAILS(trnnsf_nir_add_node(ctx, nir, "", "IF"), TRNNSF_E_FORMAT, "empty");
    FAILS(trnnsf_nir_add_edge(ctx, nir, "lif", "output"), TRNNSF_E_FORMAT, "twice");
    FAILS(trnnsf_nir_add_edge(ctx, nir, "lif", "who"), TRNNSF_E_NOT_FOUND, "\"who\"");
    FAILS(trnnsf_nir_set_values(ctx, nir, "lif", "tao", 0, 0, NULL, nan_value), TRNNSF_E_FORMAT,
          "node \"lif\": LIF has no member \"tao\"");
    FAILS(trnnsf_nir_set_values(ctx, nir, "lif", "tau", 0, 2, huge, nan_value), TRNNSF_E_LIMIT,
          "node \"lif\": tau");
    FAILS(trnnsf_nir_set_values(ctx, nir, "lif", "tau", 2, 1, &two, nan_value), TRNNSF_E_INVALID,
          "values[1]");
    put_pair(nir, "sumpool2d", "padding", 2, 2);
    FAILS(trnnsf_nir_check(ctx, nir), TRNNSF_E_FORMAT, "node \"sumpool2d\": padding 2");
    put_whole(nir, "sumpool2d", "padding", 0);
    put(nir, "conv2d", "stride", 0, 0, 0, NULL);
    FAILS(trnnsf_nir_check(ctx, nir), TRNNSF_E_FORMAT, "node \"conv2d\": stride[0] 0");
    put(nir, "conv2d", "stride", 1.5, 0, 0, NULL);
    FAILS(trnnsf_nir_check(ctx, nir), TRNNSF_E_FORMAT, "node \"conv2d\": stride[0] 1.5");
    put_whole(nir, "conv2d", "stride", 1);
    put_whole(nir, "conv2d", "groups", 3);
    FAILS(trnnsf_nir_check(ctx, nir), TRNNSF_E_FORMAT, "node \"conv2d\": weight [4, 2, 3, 3]");
    put_whole(nir, "conv2d", "groups", 1);
    put_pair(nir, "conv2d", "dilation", 16777216, 1);
    FAILS(trnnsf_nir_check(ctx, nir), TRNNSF_E_FORMAT, "node \"conv2d\": a kernel");
    put_whole(nir, "conv2d", "dilation", 1);
    OK(trnnsf_nir_set_text(ctx, nir, "conv2d", "padding", "full"));
    FAILS(trnnsf_nir_check(ctx, nir), TRNNSF_E_FORMAT, "node \"conv2d\": padding is the text");
    put_pair(nir, "conv2d", "padding", 0, 0);
    put(nir, "affine", "weight", 0, 0, 2, nine);
    FAILS(trnnsf_nir_check(ctx, nir), TRNNSF_E_FORMAT, "node \"affine\": bias [10]");
    trnnsf_nir_free(nir);

    nir = make_graph();
    OK(trnnsf_nir_add_edge(ctx, nir, "lif", "affine"));
    FAILS(trnnsf_nir_check(ctx, nir), TRNNSF_E_UNSUPPORTED, "\"lif\" -> \"affine\" is recurrent");
    trnnsf_nir_free(nir);
}
END_TEST

START_TEST(hostile)
{
    const size_t nine[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    const double value = 1e300;
    trnnsf_nir *nir = make_graph(), *none = NULL;
    char name[400];

    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    FAILS(trnnsf_nir_add_node(ctx, nir, name, "IF"), TRNNSF_E_FORMAT, "255");
    FAILS(trnnsf_nir_set_values(ctx, nir, "lif", "tau", 0, 9, nine, &value), TRNNSF_E_INVALID,
          "rank 9");
    FAILS(trnnsf_nir_set_values(ctx, nir, "lif", "tau", 3, 0, NULL, &value), TRNNSF_E_INVALID,
          "element");
    FAILS(trnnsf_nir_set_values(ctx, nir, "lif", "tau", 0, 0, NULL, &value), TRNNSF_E_INVALID,
          "1e+300");
    FAILS(trnnsf_nir_set_values(ctx, nir, "lif", "tau", 0, 1, NULL, &value), TRNNSF_E_INVALID,
          "shape is NULL");
    FAILS(trnnsf_nir_set_text(ctx, nir, "lif", NULL, ""), TRNNSF_E_INVALID, "member is NULL");
    FAILS(trnnsf_nir_create(ctx, NULL), TRNNSF_E_INVALID, "out_nir is NULL");
    ck_assert_int_eq(trnnsf_nir_create(NULL, &none), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_nir_check(NULL, nir), TRNNSF_E_INVALID);
    FAILS(trnnsf_nir_check(ctx, NULL), TRNNSF_E_INVALID, "nir is NULL");
    trnnsf_nir_free(nir);
    OK(trnnsf_nir_create(ctx, &nir));
    FAILS(trnnsf_nir_check(ctx, nir), TRNNSF_E_FORMAT, "no node of type Input");
    for (int i = 0; i < 4096; i++) {
        snprintf(name, sizeof name, "%d", i);
        OK(trnnsf_nir_add_node(ctx, nir, name, "Threshold"));
    }
    FAILS(trnnsf_nir_add_node(ctx, nir, "more", "IF"), TRNNSF_E_LIMIT, "4096");
    trnnsf_nir_free(nir);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nir");
    TCase *graphs = tcase_create("graphs");
    TCase *cases[] = {graphs, maps_case(), files_case()};

    tcase_add_test(graphs, shapes);
    tcase_add_test(graphs, getters);
    tcase_add_test(graphs, broken);
    tcase_add_test(graphs, hostile);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tcase_add_checked_fixture(cases[i], setup, teardown);
        suite_add_tcase(suite, cases[i]);
    }

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
