/* Constants of a device from measured reads: known ones come back from synthetic data, and files
 * that are none are refused with their line. */
#include <math.h>
#include <stdio.h>

#include "base/random.h"
#include "suite.h"
#include "tech/agreement.h"
#include "tech/least_squares.h"

#define HEADER "device,target_siemens,time_second,conductance_siemens\n"

static trnnsf_tech *base, *out;

static void setup_base(void)
{
    setup_files();
    base = preset("pcm-hermes");
    out = NULL;
}

static void teardown_base(void)
{
    trnnsf_tech_free(out);
    trnnsf_tech_free(base);
    teardown_files();
}

static trnnsf_status measure(const char *name)
{
    return trnnsf_tech_from_measurements(ctx, base, in_folder(name), NULL, &out);
}

/* Like pcm-nandakumar-2019: 25 uS, its sigma after 20 s, exponents about a line of ln x. */
enum { DEVICES = 600, TARGETS = 12, TIMES = 5, STUCK_OFF = 30, STUCK_ON = 6 };
#define ON 25e-6
#define SPREAD 0.012

static double sigma(double x)
{
    return (0.26348 + 1.9650 * x - 1.1731 * x * x) / 25;
}

static void write_device(FILE *file, struct trn_random *random, int device, double read_sigma)
{
    for (int t = 1; t <= TARGETS; t++) {
        double x = (double)t / TARGETS,
               exponent = 0.03 - 0.015 * log(x) + SPREAD * trn_random_normal(random);
        double first = ON * fmax(x + sigma(x) * trn_random_normal(random), 1e-3);

        if (device < STUCK_OFF)
            first = 0.01e-6;
        else if (device < STUCK_OFF + STUCK_ON)
            first = 24.9e-6;
        for (int k = 0; k < TIMES; k++) {
            double time = 20 * pow(10, k);

            fprintf(file, "%.17g, %.17g,%d ,%.17g\r\n", time, ON * x, device,
                    first * pow(time / 20, -exponent) *
                        (1 + read_sigma * trn_random_normal(random)));
        }
    }
}

static void write_measurements(const char *name, double read_sigma)
{
    struct trn_random random;
    FILE *file = fopen(in_folder(name), "wb");

    ck_assert_ptr_nonnull(file);
    trn_random_init(&random, 7, TRN_RANDOM_TEST, 0);
    fprintf(file, "\xef\xbb\xbf# made up\n\ntime_second,target_siemens, device,"
                  "conductance_siemens\n");
    for (int device = 0; device < DEVICES; device++)
        write_device(file, &random, device, read_sigma);
    fclose(file);
}

/* Tolerances are about four standard errors of 564 devices at 12 targets. */
START_TEST(known_constants_come_back)
{
    write_measurements("known.csv", _i ? 0.01 : 0);
    EXPECT_OK(measure("known.csv"));
    ck_assert_str_eq(trnnsf_tech_name(out), "pcm-hermes-measured");
    ck_assert_double_eq_tol(value(out, "resistance_on_ohm") * ON, 1, 0.02);
    ck_assert_double_eq_tol(value(out, "resistance_off_ohm") * ON / TARGETS, 1, 0.08);
    ck_assert_double_eq(value(out, "stuck_off_fraction"), (double)STUCK_OFF / DEVICES);
    ck_assert_double_eq(value(out, "stuck_on_fraction"), (double)STUCK_ON / DEVICES);
    for (int i = 2; i <= 10; i++) {
        double x = i / 10.0;

        ck_assert_double_eq_tol(trn_tech_programming_sigma(out->value, x) / sigma(x), 1, 0.05);
    }
    ck_assert_double_eq_tol(value(out, "drift_slope"), -0.015, 0.002);
    ck_assert_double_eq_tol(value(out, "drift_offset"), 0.03, 0.002);
    ck_assert_double_eq_tol(value(out, "drift_low"), value(out, "drift_offset"), 0.001);
    ck_assert_double_eq_tol(value(out, "drift_high"), 0.03 + 0.015 * log(TARGETS), 0.004);
    ck_assert_double_eq_tol(value(out, "drift_sigma_offset"), SPREAD, 0.0006);
    ck_assert_double_eq(value(out, "drift_sigma_low"), value(out, "drift_sigma_high"));
    ck_assert_double_eq_tol(value(out, "drift_start_second"), 20, 1e-9);
    ck_assert_double_eq(value(out, "programming_sigma_cube"), 0);
    ck_assert_double_eq(value(out, "retention_sigma_per_decade"), 0);
    ck_assert_double_eq_tol(value(out, "read_sigma"), _i ? 0.01 : 0, _i ? 0.0003 : 1e-9);
    ck_assert_double_eq(value(out, "flicker_sigma"), 0);
    /* The rest is the base's. */
    ck_assert_str_eq(trnnsf_tech_source(out, "adc_bits"), trnnsf_tech_source(base, "adc_bits"));
    ck_assert_str_eq(trnnsf_tech_source(out, "programming_sigma_linear"),
                     "fitted to known.csv, 36000 points: degree 2 over the sigma of first reads in "
                     "12 bins of targets");
}
END_TEST

/* The order of lines does not count, to the last bit. */
START_TEST(any_order_of_lines)
{
    static const char *const lines[] = {"1,1e-5,10,1.1e-5\n", "1,1e-5,100,1e-5\n",
                                        "2,1e-5,10,0.9e-5\n", "1,2e-6,10,2e-6\n",
                                        "2,2e-6,10,2.5e-6\n", "2,1e-5,100,8e-6\n"};
    char text[512];
    trnnsf_tech *other = NULL;

    for (int reversed = 0; reversed < 2; reversed++) {
        snprintf(text, sizeof text, HEADER);
        for (int i = 0; i < 6; i++)
            strncat(text, lines[reversed ? 5 - i : i], sizeof text - strlen(text) - 1);
        write_text("a.csv", text);
        EXPECT_OK(trnnsf_tech_from_measurements(ctx, base, in_folder("a.csv"), NULL, &other));
        if (reversed)
            ck_assert_int_eq(memcmp(out->value, other->value, sizeof other->value), 0);
        else
            out = other;
    }
    trnnsf_tech_free(other);
    ck_assert_double_eq_tol(value(out, "resistance_on_ohm"), 1e5, 1e-6);
    ck_assert_double_eq_tol(value(out, "resistance_off_ohm"), 1 / 2.25e-6, 1e-6);
    /* Two bins of targets tell a line at most. */
    ck_assert_double_eq(value(out, "programming_sigma_square"), 0);
}
END_TEST

START_TEST(without_later_reads_the_drift_is_the_bases)
{
    write_text("a.csv",
               HEADER "1,1e-5,10,1.1e-5\n2,1e-5,10,1e-5\n1,1e-6,10,1e-6\n2,1e-6,10,1e-6\n");
    EXPECT_OK(measure("a.csv"));
    for (size_t key = TRN_TECH_DRIFT_SLOPE; key <= TRN_TECH_DRIFT_START; key++) {
        ck_assert_double_eq(out->value[key], base->value[key]);
        ck_assert_str_eq(out->source[key], base->source[key]);
    }
}
END_TEST

START_TEST(options_are_taken)
{
    struct trnnsf_tech_measurements_options options = TRNNSF_TECH_MEASUREMENTS_OPTIONS_INIT;

    write_measurements("known.csv", 0);
    options.name = "mine";
    options.degree = 0;
    EXPECT_OK(trnnsf_tech_from_measurements(ctx, base, in_folder("known.csv"), &options, &out));
    ck_assert_str_eq(trnnsf_tech_name(out), "mine");
    ck_assert_double_eq(value(out, "programming_sigma_linear"), 0);
    ck_assert_double_gt(value(out, "programming_sigma_constant"), 0.02);
}
END_TEST

START_TEST(options_are_checked)
{
    struct trnnsf_tech_measurements_options options = TRNNSF_TECH_MEASUREMENTS_OPTIONS_INIT;
    const char *path = in_folder("gone.csv");

#define REFUSED(fragment)                                                                          \
    EXPECT(trnnsf_tech_from_measurements(ctx, base, path, &options, &out), TRNNSF_E_INVALID,       \
           fragment);                                                                              \
    trnnsf_tech_measurements_options_init(&options)

    options.degree = 5;
    REFUSED("degree 5 is not in [0, 4]");
    options.bins = 1;
    REFUSED("bins 1 is not in [2, 1000]");
    options.bins = 1001;
    REFUSED("bins 1001 is not in");
    options.stuck_range = (double)NAN;
    REFUSED("stuck_range");
    options.stuck_range = 0.5;
    REFUSED("stuck_range 0.5 is not in (0, 0.5)");
    options.name = "";
    REFUSED("name is not a text");
    options.struct_size = 3;
    REFUSED("struct_size 3");
    EXPECT(measure("gone.csv"), TRNNSF_E_NOT_FOUND, "gone.csv");
    EXPECT(trnnsf_tech_from_measurements(ctx, NULL, path, NULL, &out), TRNNSF_E_INVALID,
           "base is NULL");
    EXPECT(trnnsf_tech_from_measurements(ctx, base, NULL, NULL, &out), TRNNSF_E_INVALID,
           "path is NULL");
    EXPECT(trnnsf_tech_from_measurements(ctx, base, path, NULL, NULL), TRNNSF_E_INVALID,
           "out_tech is NULL");
    ck_assert_int_eq(trnnsf_tech_from_measurements(NULL, base, path, NULL, &out), TRNNSF_E_INVALID);
    ck_assert_ptr_null(out);
}
END_TEST

static const struct {
    const char *text, *fragment;
} bad[] = {
    {"", "a.csv: no header"},
    {"# nothing\n\n", "a.csv: no header"},
    {HEADER, "a.csv: no reads"},
    {"device,target_siemens,time_second\n", "a.csv:1: column conductance_siemens is missing"},
    {"\ndevice,target_microsiemens\n", "a.csv:2: unknown column 'target_microsiemens'"},
    {"device,device\n", "a.csv:1: column device stands here twice"},
    {"device,,target_siemens\n", "a.csv:1: unknown column ''"},
    {HEADER "1,2e-6,3\n", "a.csv:2: fewer than 4 values"},
    {HEADER "1,2e-6,3,4e-6,5\n", "a.csv:2: more than 4 values"},
    {HEADER "1,2e-6,3,\n", "a.csv:2: conductance_siemens: '' is not a finite number"},
    {HEADER "#\n1,2e-6,3,4uS\n", "a.csv:3: conductance_siemens: '4uS' is not a finite number"},
    {HEADER "1,2e-6,3,nan\n", "a.csv:2: conductance_siemens: 'nan' is not"},
    {HEADER "1,2e-6,3,1e999\n", "a.csv:2: conductance_siemens: '1e999' is not"},
    {HEADER "1,2e-6,3,-1e-6\n", "a.csv:2: conductance_siemens -1e-06 is not in [0, 10]"},
    {HEADER "1,25,3,1e-6\n", "a.csv:2: target_siemens 25 is not in [0, 10]"},
    {HEADER "1,2e-6,0,1e-6\n", "a.csv:2: time_second 0 is not in [1e-09, 1000000000]"},
    {HEADER "1.5,2e-6,1,1e-6\n", "a.csv:2: device 1.5 is not a whole number"},
    {HEADER "-1,2e-6,1,1e-6\n", "a.csv:2: device -1 is not in [0, 4294967295]"},
    {HEADER "1,2e-6,1,1e-6\n1;2e-6;1;1e-6\n", "a.csv:3: device: '1;2e-6;1;1e-6' is not"},
    {HEADER "1,2e-6,1,2e-6\n2,2e-6,1,2e-6\n", "a.csv: all targets are 2e-06 S"},
    {HEADER "1,2e-6,1,0\n1,0,1,0\n", "a.csv: every device is stuck"},
    {HEADER "1,2e-6,1,2e-6\n1,1e-6,1,1e-6\n", "a.csv: no bin of targets has two first reads"},
    {HEADER "1,2e-6,1,1e-6\n2,2e-6,1,1e-6\n1,1e-6,1,2e-6\n2,1e-6,1,2e-6\n",
     "a.csv: resistance_on_ohm 1e+06 is above resistance_off_ohm 500000"},
    {HEADER "1,2,1,2\n2,2,1,2\n1,1,1,1\n2,1,1,1\n", "a.csv: resistance_on_ohm 0.5 is not in"},
};

START_TEST(bad_files)
{
    write_text("a.csv", bad[_i].text);
    EXPECT(measure("a.csv"), TRNNSF_E_FORMAT, bad[_i].fragment);
    ck_assert_ptr_null(out);
}
END_TEST

START_TEST(zero_bytes)
{
    static const char text[] = HEADER "1,2e-6,1,2e-6\n1,\0002e-6,1,2e-6\n";
    FILE *file = fopen(in_folder("a.csv"), "wb");

    ck_assert_uint_eq(fwrite(text, 1, sizeof text - 1, file), sizeof text - 1);
    fclose(file);
    EXPECT(measure("a.csv"), TRNNSF_E_FORMAT, "a.csv:3: a zero byte");
}
END_TEST

/* A polynomial through exact points comes back, whatever the weights. */
START_TEST(polynomials_are_fitted)
{
    static const double truth[] = {0.3, -1.2, 2.5, 0.7, -0.4};
    double x[9], y[9], weight[9], rows[9 * 6], found[5];

    for (int i = 0; i < 9; i++) {
        x[i] = i / 8.0;
        y[i] =
            truth[0] + x[i] * (truth[1] + x[i] * (truth[2] + x[i] * (truth[3] + x[i] * truth[4])));
        weight[i] = 1 + i % 3 * 10;
    }
    trn_fit_polynomial(9, x, y, weight, 5, rows, found);
    for (int i = 0; i < 5; i++)
        ck_assert_double_eq_tol(found[i], truth[i], 1e-10);
    trn_fit_polynomial(5, x, y, weight, 5, rows, found);
    for (int i = 0; i < 5; i++)
        ck_assert_double_eq_tol(found[i], truth[i], 1e-9);
    /* All points at one place: only their mean is told. */
    for (int i = 0; i < 9; i++) {
        x[i] = 0.5;
        y[i] = 3;
    }
    trn_fit_polynomial(9, x, y, weight, 3, rows, found);
    ck_assert_double_eq_tol(found[0] + 0.5 * found[1] + 0.25 * found[2], 3, 1e-12);
}
END_TEST

START_TEST(lines_are_fitted)
{
    static const double x[] = {1, 2, 3, 4}, y[] = {2.1, 3.9, 6.1, 7.9}, same[] = {0.1, 0.1, 0.1};
    struct trn_line line = trn_fit_line(4, x, y);

    ck_assert_double_eq_tol(line.slope, 1.96, 1e-12);
    ck_assert_double_eq_tol(line.offset, 0.1, 1e-12);
    ck_assert_double_eq_tol(line.residual, 0.032 / 2, 1e-12);
    line = trn_fit_line(3, same, y);
    ck_assert_double_eq(line.slope, 0);
    ck_assert_double_eq_tol(line.offset, 12.1 / 3, 1e-12);
}
END_TEST

TCase *measurement_tests(void)
{
    TCase *tcase = tcase_create("measurements");

    tcase_add_checked_fixture(tcase, setup_base, teardown_base);
    tcase_add_loop_test(tcase, known_constants_come_back, 0, 2);
    tcase_add_test(tcase, any_order_of_lines);
    tcase_add_test(tcase, without_later_reads_the_drift_is_the_bases);
    tcase_add_test(tcase, options_are_taken);
    tcase_add_test(tcase, options_are_checked);
    tcase_add_loop_test(tcase, bad_files, 0, sizeof bad / sizeof bad[0]);
    tcase_add_test(tcase, zero_bytes);
    tcase_add_test(tcase, polynomials_are_fitted);
    tcase_add_test(tcase, lines_are_fitted);
    return tcase;
}
