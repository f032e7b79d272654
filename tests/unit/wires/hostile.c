/* Arguments that no crossbar has, stopping, and what a netlist looks like. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wires/common.h"

#define REFUSED(call, status, part)                                                                \
    do {                                                                                           \
        ck_assert_int_eq(call, status);                                                            \
        ck_assert_msg(strstr(trnnsf_context_error(ctx), part) != NULL, "%s",                       \
                      trnnsf_context_error(ctx));                                                  \
    } while (0)

static const double four_cells[4] = {1e-4, 2e-4, 3e-4, 0};

START_TEST(create_arguments)
{
    double cells[4];
    trnnsf_wires *wires = NULL;

    ck_assert_int_eq(trnnsf_wires_create(NULL, 2, 2, four_cells, NULL, &wires), TRNNSF_E_INVALID);
    REFUSED(trnnsf_wires_create(ctx, 2, 2, NULL, NULL, &wires), TRNNSF_E_INVALID,
            "trnnsf_wires_create: conductances is NULL");
    REFUSED(trnnsf_wires_create(ctx, 2, 2, four_cells, NULL, NULL), TRNNSF_E_INVALID,
            "out_wires is NULL");
    REFUSED(trnnsf_wires_create(ctx, 0, 2, four_cells, NULL, &wires), TRNNSF_E_INVALID,
            "n_rows 0 is not in [1, 4096]");
    REFUSED(trnnsf_wires_create(ctx, 2, 4097, four_cells, NULL, &wires), TRNNSF_E_LIMIT,
            "n_columns 4097");
    REFUSED(trnnsf_wires_create(ctx, SIZE_MAX, SIZE_MAX, four_cells, NULL, &wires), TRNNSF_E_LIMIT,
            "n_rows");
    static const double bad[] = {NAN, INFINITY, -1e-4, 1e-19, 1e4};
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
        memcpy(cells, four_cells, sizeof cells);
        cells[2] = bad[k];
        REFUSED(trnnsf_wires_create(ctx, 2, 2, cells, NULL, &wires), TRNNSF_E_INVALID,
                "conductances[1, 0]");
    }
    ck_assert_ptr_null(wires);
    trnnsf_wires_free(NULL);
    ck_assert_uint_eq(trnnsf_wires_rows(NULL), 0);
    ck_assert_uint_eq(trnnsf_wires_columns(NULL), 0);
    ck_assert_ptr_null(trnnsf_wires_transfer(NULL));
}
END_TEST

static void refuse_options(const struct trnnsf_wires_options *options, const char *part)
{
    trnnsf_wires *wires = NULL;

    REFUSED(trnnsf_wires_create(ctx, 2, 2, four_cells, options, &wires), TRNNSF_E_INVALID, part);
    ck_assert_ptr_null(wires);
}

START_TEST(create_options)
{
    static const double bad[] = {NAN, INFINITY, -1, 1e-10, 1e13};
    const struct trnnsf_wires_options defaults = TRNNSF_WIRES_OPTIONS_INIT;

    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
        struct trnnsf_wires_options options = defaults;

        options.word_ohm = bad[k];
        refuse_options(&options, "word_ohm");
        options = defaults;
        options.bit_ohm = bad[k];
        refuse_options(&options, "bit_ohm");
        options = defaults;
        options.driver_ohm = bad[k];
        refuse_options(&options, "driver_ohm");
        options = defaults;
        options.sense_ohm = bad[k];
        refuse_options(&options, "sense_ohm");
        options = defaults;
        options.cell_ohm = bad[k];
        refuse_options(&options, "cell_ohm");
        options = defaults;
        options.alpha_per_volt = bad[k] == 1e-10 ? -1e-10 : bad[k];
        refuse_options(&options, "alpha_per_volt");
    }
    for (uint32_t ends = 0; ends < 4; ends += 3) {
        struct trnnsf_wires_options options = defaults;

        options.driver_ends = ends;
        refuse_options(&options, "driver_ends");
        options = defaults;
        options.sense_ends = ends;
        refuse_options(&options, "sense_ends");
    }
    struct trnnsf_wires_options options = defaults;
    options.iterations = 0;
    refuse_options(&options, "iterations 0 is not in [1, 10000]");
    options = defaults;
    options.reserved = 1;
    refuse_options(&options, "reserved");
    options = defaults;
    options.struct_size = 3;
    refuse_options(&options, "trnnsf_wires_create");
}
END_TEST

START_TEST(inputs)
{
    struct trnnsf_wires_options options = TRNNSF_WIRES_OPTIONS_INIT;
    double good[4] = {0.01, 0.02, 0.3, 0.4}, out[4] = {7, 7, 7, 7}, error = 7;
    static const double bad[] = {NAN, -INFINITY, 2e6};
    trnnsf_wires *wires = make(2, 2, four_cells, &options);

    ck_assert_int_eq(trnnsf_wires_currents(NULL, wires, 1, good, out), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_wires_netlist(NULL, wires, good, "x"), TRNNSF_E_INVALID);
    REFUSED(trnnsf_wires_currents(ctx, NULL, 1, good, out), TRNNSF_E_INVALID, "wires is NULL");
    REFUSED(trnnsf_wires_currents(ctx, wires, 1, NULL, out), TRNNSF_E_INVALID, "inputs is NULL");
    REFUSED(trnnsf_wires_currents(ctx, wires, 1, good, NULL), TRNNSF_E_INVALID, "out_currents");
    REFUSED(trnnsf_wires_currents(ctx, wires, 0, good, out), TRNNSF_E_INVALID, "n_vectors 0");
    REFUSED(trnnsf_wires_voltages(ctx, wires, SIZE_MAX / 8, good, out, NULL, NULL),
            TRNNSF_E_INVALID, "trnnsf_wires_voltages: n_vectors");
    REFUSED(trnnsf_wires_approximate(ctx, wires, 1, good, 0, out), TRNNSF_E_INVALID, "passes 0");
    REFUSED(trnnsf_wires_approximate(ctx, wires, 1, good, 1, NULL), TRNNSF_E_INVALID,
            "out_currents");
    REFUSED(trnnsf_wires_approximation_error(ctx, wires, 1, good, 100001, &error), TRNNSF_E_INVALID,
            "passes 100001");
    REFUSED(trnnsf_wires_approximation_error(ctx, wires, 1, good, 1, NULL), TRNNSF_E_INVALID,
            "out_error");
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
        double given[4] = {0, 0, 0, bad[k]};

        REFUSED(trnnsf_wires_currents(ctx, wires, 2, given, out), TRNNSF_E_INVALID, "inputs[1, 1]");
        REFUSED(trnnsf_wires_approximate(ctx, wires, 2, given, 1, out), TRNNSF_E_INVALID,
                "inputs[1, 1]");
    }
    ck_assert_double_eq(out[0], 7);
    ck_assert_double_eq(error, 7);
    OK(trnnsf_wires_voltages(ctx, wires, 2, good, NULL, NULL, NULL));
    trnnsf_wires_free(wires);

    options.alpha_per_volt = 1000;
    wires = make(2, 2, four_cells, &options);
    good[3] = -0.09;
    REFUSED(trnnsf_wires_currents(ctx, wires, 2, good, out), TRNNSF_E_INVALID, "span 0.39 V");
    trnnsf_wires_free(wires);
}
END_TEST

static int stop(const struct trnnsf_progress *progress, void *user)
{
    (void)user;
    return strcmp(progress->phase, "wires") == 0;
}

START_TEST(cancelled)
{
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
    struct trnnsf_wires_options wired = TRNNSF_WIRES_OPTIONS_INIT;
    double input[2] = {1, 1}, out[2] = {7, 7};
    trnnsf_context *mine = ctx;
    trnnsf_wires *wires = NULL;

    options.progress = stop;
    ck_assert_int_eq(trnnsf_context_create(&options, &ctx), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_wires_create(ctx, 2, 2, four_cells, NULL, &wires), TRNNSF_E_CANCELLED);
    ck_assert_ptr_null(wires);
    wired.alpha_per_volt = 2;
    OK(trnnsf_wires_create(ctx, 2, 2, four_cells, &wired, &wires));
    ck_assert_int_eq(trnnsf_wires_currents(ctx, wires, 1, input, out), TRNNSF_E_CANCELLED);
    ck_assert_double_eq(out[0], 7);
    trnnsf_wires_free(wires);
    trnnsf_context_free(ctx);
    ctx = mine;
}
END_TEST

static char path[64];

/* The netlist's text; valid until the next call. */
static const char *netlist(const struct trnnsf_wires_options *options, const double *input)
{
    static char text[4096];
    trnnsf_wires *wires = make(2, 2, four_cells, options);
    FILE *file;

    OK(trnnsf_wires_netlist(ctx, wires, input, path));
    trnnsf_wires_free(wires);
    file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

START_TEST(netlists)
{
    struct trnnsf_wires_options options = TRNNSF_WIRES_OPTIONS_INIT;
    static const double input[2] = {0.5, -0.25};
    char folder[] = "/tmp/trnnsf-wires-XXXXXX";

    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a.cir", folder);
    options.bit_ohm = options.sense_ohm = 0;
    options.word_ohm = 2;
    ck_assert_str_eq(netlist(&options, input), "* crossbar of 2 rows and 2 columns\n"
                                               "vin0 in0 0 0.5\n"
                                               "vin1 in1 0 -0.25\n"
                                               "vout0 out0 0 0\n"
                                               "vout1 out1 0 0\n"
                                               "rc0_0 w0_0 out0 10000\n"
                                               "ra0_0 in0 w0_0 1\n"
                                               "rc0_1 w0_1 out1 5000\n"
                                               "ra0_1 w0_0 w0_1 2\n"
                                               "rc1_0 w1_0 out0 3333.3333333333335\n"
                                               "ra1_0 in1 w1_0 1\n"
                                               "ra1_1 w1_0 w1_1 2\n"
                                               ".op\n"
                                               ".print op i(vout0)\n"
                                               ".print op i(vout1)\n"
                                               ".end\n");
    options.alpha_per_volt = 2;
    options.cell_ohm = 100;
    options.word_ohm = 0;
    options.sense_ohm = 4;
    const char *text = netlist(&options, input);
    ck_assert_ptr_nonnull(strstr(text, "\nrt0_1 w0 c0_1 100\n"));
    ck_assert_ptr_nonnull(strstr(text, "\nbc0_1 c0_1 b1 i=0.0001*sinh(2*v(c0_1,b1))\n"));
    ck_assert_ptr_null(strstr(text, "c1_1"));

    trnnsf_wires *wires = make(2, 2, four_cells, NULL);
    REFUSED(trnnsf_wires_netlist(ctx, wires, input, NULL), TRNNSF_E_INVALID, "path is NULL");
    REFUSED(trnnsf_wires_netlist(ctx, wires, input, ""), TRNNSF_E_INVALID, "path is empty");
    REFUSED(trnnsf_wires_netlist(ctx, wires, NULL, path), TRNNSF_E_INVALID, "inputs is NULL");
    char nowhere[96];
    snprintf(nowhere, sizeof nowhere, "%s/none/a.cir", folder);
    REFUSED(trnnsf_wires_netlist(ctx, wires, input, nowhere), TRNNSF_E_NOT_FOUND, "none");
    trnnsf_wires_free(wires);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

TCase *hostile_case(void)
{
    TCase *tests = tcase_create("hostile");

    tcase_add_test(tests, create_arguments);
    tcase_add_test(tests, create_options);
    tcase_add_test(tests, inputs);
    tcase_add_test(tests, cancelled);
    tcase_add_test(tests, netlists);
    return tests;
}
