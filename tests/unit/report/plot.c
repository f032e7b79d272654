/* Plots of plain arrays: what is counted, what is refused. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "plot_scene.h"
#include "suite.h"

/* --- what is counted --- */

START_TEST(bins_by_freedman_and_diaconis)
{
    double even[1000], same[64], many[100];

    /* The middle half is 500 - 1 wide to rounding, n^(1/3) is 10: a width of a tenth. */
    for (size_t i = 0; i < 1000; i++)
        even[i] = (double)i;
    ck_assert_uint_ge(trn_plot_bins(even, 1000), 10);
    ck_assert_uint_le(trn_plot_bins(even, 1000), 11);
    for (size_t i = 0; i < 64; i++)
        same[i] = 3;
    ck_assert_uint_eq(trn_plot_bins(same, 64), 7); /* Sturges: log2(64) + 1 */
    for (size_t i = 0; i < 100; i++)
        many[i] = i == 99 ? 1e9 : (double)i;
    ck_assert_uint_eq(trn_plot_bins(many, 100), 200);
    ck_assert_uint_eq(trn_plot_bins(many, 1), 1);
}
END_TEST

START_TEST(samples_fall_into_their_bins)
{
    static const double edges[] = {0, 1, 2, 4};
    static const double samples[] = {0, 0.5, 1, 1.999, 2, 4, 4.001, -0.1, NAN, INFINITY};
    static const double counts[] = {7, 0, 1};
    const struct trnnsf_plot_group groups[] = {{sizeof *groups, "measured", 10, samples, NULL},
                                               {sizeof *groups, NULL, 0, NULL, counts}};
    struct trnnsf_plot_histogram_options options = TRNNSF_PLOT_HISTOGRAM_OPTIONS_INIT;

    options.bins = 3;
    options.edges = edges;
    PLOT_GOOD(trnnsf_plot_histogram(plot_ctx, plot, 2, groups, &options));
    const struct trn_plot_panel *panel = plot->panels[0];
    ck_assert_double_eq(panel->series[0].y[0], 2);
    ck_assert_double_eq(panel->series[0].y[1], 2);
    ck_assert_double_eq(panel->series[0].y[2], 2);
    ck_assert_str_eq(panel->series[0].name, "measured, 4 left out");
    ck_assert_mem_eq(panel->series[1].y, counts, sizeof counts);
    ck_assert_ptr_null(panel->series[1].name);

    options.shares = 1;
    PLOT_GOOD(trnnsf_plot_histogram(plot_ctx, plot, 2, groups, &options));
    ck_assert_double_eq_tol(plot->panels[1]->series[1].y[0], 87.5, 1e-12);
    ck_assert_str_eq(plot->panels[1]->y.label, "share / %");
}
END_TEST

/* None is lost at the ends, whatever the samples are, on either scale. */
START_TEST(no_sample_is_lost)
{
    enum { SAMPLES = 3000 };
    static double samples[SAMPLES];
    const struct trnnsf_plot_group group = {sizeof group, NULL, SAMPLES, samples, NULL};
    uint64_t state = 5;

    for (unsigned trial = 0; trial < 24; trial++) {
        struct trnnsf_plot_histogram_options options = TRNNSF_PLOT_HISTOGRAM_OPTIONS_INIT;
        double total = 0;

        for (size_t i = 0; i < SAMPLES; i++)
            samples[i] = pow(10, -9 + (double)(trial % 8) * plot_random(&state));
        options.x_scale = trial % 2;
        options.bins = trial < 12 ? 0 : 3 + trial;
        PLOT_GOOD(trnnsf_plot_histogram(plot_ctx, plot, 1, &group, &options));
        const struct trn_plot_panel *panel = plot->panels[trial];
        for (size_t i = 0; i < panel->n_bins; i++) {
            ck_assert_double_lt(panel->edges[i], panel->edges[i + 1]);
            total += panel->series[0].y[i];
        }
        ck_assert_double_eq(total, SAMPLES);
        ck_assert_ptr_null(panel->series[0].name);
    }
}
END_TEST

START_TEST(reduction_conserves_the_mean)
{
    enum { ROWS = 1100, COLUMNS = 700 };
    double *values = malloc(sizeof *values * ROWS * COLUMNS), mean = 0, kept = 0, weight = 0;
    uint64_t state = 11;
    size_t finite = 0;

    for (size_t i = 0; i < ROWS * COLUMNS; i++) {
        values[i] = plot_random(&state) - 0.3;
        mean += values[i] / (ROWS * COLUMNS);
    }
    PLOT_GOOD(trnnsf_plot_map(plot_ctx, plot, ROWS, COLUMNS, values, NULL));
    const struct trn_plot_panel *panel = plot->panels[0];
    ck_assert_uint_eq(panel->row_step, 3);
    ck_assert_uint_eq(panel->column_step, 2);
    ck_assert_uint_eq(panel->height, 367);
    ck_assert_uint_eq(panel->width, 350);
    for (size_t i = 0; i < panel->height; i++) {
        for (size_t j = 0; j < panel->width; j++) {
            double area = (double)(i + 1 < panel->height ? 3 : 2) * 2; /* 1100 = 366 * 3 + 2 */

            kept += area * panel->cells[i * panel->width + j];
            weight += area;
        }
    }
    ck_assert_double_eq(weight, ROWS * COLUMNS);
    ck_assert_double_eq_tol(kept / weight, mean, 1e-12);

    /* What is not finite counts for nothing. */
    double cells[4];
    const double holes[] = {1, NAN, 3, NAN, 5, 6, NAN, 8};
    trn_plot_reduce(2, 4, holes, 2, 2, cells);
    ck_assert_double_eq_tol(cells[0], 4, 1e-15);
    ck_assert_double_eq_tol(cells[1], 5.5, 1e-15);
    const double none[] = {NAN, INFINITY, 1e300, 1e300};
    trn_plot_reduce(2, 2, none, 1, 2, cells);
    ck_assert(isnan(cells[0]));
    ck_assert_double_eq(cells[1], 1e300);
    for (size_t i = 0; i < 4; i++)
        finite += isfinite(cells[i]) != 0;
    ck_assert_uint_ge(finite, 1);
    free(values);
}
END_TEST

/* --- what is refused --- */

static void refuse_lines(const struct trnnsf_plot_series *series, trnnsf_status wanted)
{
    ck_assert_int_eq(trnnsf_plot_lines(plot_ctx, plot, 1, series, NULL), wanted);
    ck_assert_uint_eq(plot->n_panels, 0);
    ck_assert_msg(strncmp(trnnsf_context_error(plot_ctx), "trnnsf_plot_lines", 17) == 0, "%s",
                  trnnsf_context_error(plot_ctx));
}

START_TEST(bad_series)
{
    static const double y[] = {1, 2, 3}, big[] = {1, 2e300, 3};
    const struct trnnsf_plot_series good = plot_series_of(3, NULL, y);
    struct trnnsf_plot_series bad = good;
    char text[300];

    ck_assert_int_eq(trnnsf_plot_lines(NULL, plot, 1, &good, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_plot_lines(plot_ctx, NULL, 1, &good, NULL), TRNNSF_E_INVALID);
    refuse_lines(NULL, TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_plot_lines(plot_ctx, plot, 0, &good, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_plot_lines(plot_ctx, plot, 17, &good, NULL), TRNNSF_E_LIMIT);
    ck_assert_int_eq(trnnsf_plot_lines(plot_ctx, plot, SIZE_MAX, &good, NULL), TRNNSF_E_LIMIT);
    bad.struct_size = 0;
    refuse_lines(&bad, TRNNSF_E_INVALID);
    bad = plot_series_of(0, NULL, y);
    refuse_lines(&bad, TRNNSF_E_INVALID);
    bad = plot_series_of(3, NULL, NULL);
    refuse_lines(&bad, TRNNSF_E_INVALID);
    bad = plot_series_of(SIZE_MAX, NULL, y);
    refuse_lines(&bad, TRNNSF_E_LIMIT);
    bad = plot_series_of(3, NULL, big);
    refuse_lines(&bad, TRNNSF_E_INVALID);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(plot_ctx), "series[0].y[1]"));
    bad = good;
    bad.low = y;
    refuse_lines(&bad, TRNNSF_E_INVALID);
    bad = good;
    bad.spread = 2;
    refuse_lines(&bad, TRNNSF_E_INVALID);
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    bad = good;
    bad.name = text;
    refuse_lines(&bad, TRNNSF_E_LIMIT);
    text[256] = '\0';
    PLOT_GOOD(trnnsf_plot_lines(plot_ctx, plot, 1, &bad, NULL));
}
END_TEST

START_TEST(bad_texts)
{
    static const char *const bad[] = {
        "\xff", "\xc3",     "a\xc0\xaf", "\xed\xa0\x80",        "\n", "\xf5\x80\x80\x80",
        "\x80", "\xe2\x82", "\xc2\x85",  "\xf8\x88\x80\x80\x80"};
    static const char *const good[] = {"", "µS", "\xf0\x9f\x98\x80", "<b>&amp;\"'", "\xe2\x82\xac"};
    static const double y[] = {1, 2};
    const struct trnnsf_plot_series series = plot_series_of(2, NULL, y);
    struct trnnsf_plot_lines_options options = TRNNSF_PLOT_LINES_OPTIONS_INIT;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        options.title = bad[i];
        ck_assert_msg(trnnsf_plot_lines(plot_ctx, plot, 1, &series, &options) == TRNNSF_E_INVALID,
                      "%zu", i);
    }
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        options.title = good[i];
        PLOT_GOOD(trnnsf_plot_lines(plot_ctx, plot, 1, &series, &options));
    }
}
END_TEST

START_TEST(bad_options)
{
    static const double y[] = {1, 2};
    const struct trnnsf_plot_series series = plot_series_of(2, NULL, y);
    static const struct {
        uint32_t x_scale, y_scale;
        double low, high, level;
    } bad[] = {{2, 0, 0, 0, 0},  {0, 2, 0, 0, 0},   {0, 0, 1, 1, 0},
               {0, 0, 2, 1, 0},  {0, 0, NAN, 1, 0}, {0, 0, 0, 2e300, 0},
               {0, 1, -1, 1, 0}, {0, 0, 0, 0, NAN}, {0, 1, 0, 1, 0}};
    struct trnnsf_plot_options page = TRNNSF_PLOT_OPTIONS_INIT;
    trnnsf_plot *none = NULL;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct trnnsf_plot_lines_options options = TRNNSF_PLOT_LINES_OPTIONS_INIT;

        options.x_scale = bad[i].x_scale;
        options.y_scale = bad[i].y_scale;
        options.y_low = bad[i].low;
        options.y_high = bad[i].high;
        options.level = bad[i].level;
        options.level_name = "level";
        ck_assert_msg(trnnsf_plot_lines(plot_ctx, plot, 1, &series, &options) == TRNNSF_E_INVALID,
                      "%zu", i);
    }
    page.columns = 17;
    ck_assert_int_eq(trnnsf_plot_create(plot_ctx, &page, &none), TRNNSF_E_INVALID);
    page.columns = 1;
    page.width = 99;
    ck_assert_int_eq(trnnsf_plot_create(plot_ctx, &page, &none), TRNNSF_E_INVALID);
    page.width = 320;
    page.height = NAN;
    ck_assert_int_eq(trnnsf_plot_create(plot_ctx, &page, &none), TRNNSF_E_INVALID);
    page.height = 200;
    page.title = "\xff";
    ck_assert_int_eq(trnnsf_plot_create(plot_ctx, &page, &none), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_plot_create(NULL, NULL, &none), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_plot_create(plot_ctx, NULL, NULL), TRNNSF_E_INVALID);
    ck_assert_ptr_null(none);
    for (size_t i = 0; i < 64; i++)
        PLOT_GOOD(trnnsf_plot_lines(plot_ctx, plot, 1, &series, NULL));
    ck_assert_int_eq(trnnsf_plot_lines(plot_ctx, plot, 1, &series, NULL), TRNNSF_E_LIMIT);
}
END_TEST

START_TEST(bad_groups_and_maps)
{
    static const double samples[] = {1, 2, 3}, edges[] = {1, 2, 3}, falling[] = {1, 3, 2};
    static const double negative[] = {1, -1}, big[] = {1, -2e300, 3}, zero[] = {0, 1, 2};
    const struct trnnsf_plot_group good = {sizeof good, NULL, 3, samples, NULL};
    const struct trnnsf_plot_group bad[] = {
        {sizeof *bad, NULL, 0, samples, NULL},  {sizeof *bad, NULL, 3, NULL, NULL},
        {sizeof *bad, NULL, 3, samples, edges}, {sizeof *bad, NULL, 0, NULL, negative},
        {sizeof *bad, NULL, 3, big, NULL},      {sizeof *bad, NULL, 2, NULL, edges}};
    const struct trnnsf_plot_group huge = {sizeof huge, NULL, SIZE_MAX, samples, NULL};
    struct trnnsf_plot_histogram_options options = TRNNSF_PLOT_HISTOGRAM_OPTIONS_INIT;
    struct trnnsf_plot_map_options map = TRNNSF_PLOT_MAP_OPTIONS_INIT;

    ck_assert_int_eq(trnnsf_plot_histogram(plot_ctx, plot, 1, &huge, NULL), TRNNSF_E_LIMIT);
    ck_assert_int_eq(trnnsf_plot_histogram(plot_ctx, plot, 0, &good, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_plot_histogram(plot_ctx, plot, 1, &bad[3], NULL), TRNNSF_E_INVALID);
    options.bins = 2;
    options.edges = edges;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(trnnsf_plot_histogram(plot_ctx, plot, 1, &bad[i], &options) ==
                          TRNNSF_E_INVALID,
                      "%zu", i);
    options.edges = falling;
    ck_assert_int_eq(trnnsf_plot_histogram(plot_ctx, plot, 1, &good, &options), TRNNSF_E_INVALID);
    options.edges = zero;
    options.x_scale = TRNNSF_PLOT_LOGARITHMIC;
    ck_assert_int_eq(trnnsf_plot_histogram(plot_ctx, plot, 1, &good, &options), TRNNSF_E_INVALID);
    options.bins = 0;
    ck_assert_int_eq(trnnsf_plot_histogram(plot_ctx, plot, 1, &good, &options), TRNNSF_E_INVALID);
    options.edges = NULL;
    options.bins = 1001;
    ck_assert_int_eq(trnnsf_plot_histogram(plot_ctx, plot, 1, &good, &options), TRNNSF_E_INVALID);

    ck_assert_int_eq(trnnsf_plot_map(plot_ctx, plot, 0, 3, samples, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_plot_map(plot_ctx, plot, 1, 0, samples, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_plot_map(plot_ctx, plot, 1, 4097, samples, NULL), TRNNSF_E_LIMIT);
    ck_assert_int_eq(trnnsf_plot_map(plot_ctx, plot, SIZE_MAX, 2, samples, NULL), TRNNSF_E_LIMIT);
    ck_assert_int_eq(trnnsf_plot_map(plot_ctx, plot, 1, 3, NULL, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_plot_map(plot_ctx, plot, 1, 3, big, NULL), TRNNSF_E_INVALID);
    map.low = 3;
    ck_assert_int_eq(trnnsf_plot_map(plot_ctx, plot, 1, 3, samples, &map), TRNNSF_E_INVALID);
    ck_assert_uint_eq(plot->n_panels, 0);
}
END_TEST

/* A later caller's structs are longer, and lie further apart. */
START_TEST(structs_of_other_sizes)
{
    struct longer {
        struct trnnsf_plot_series series;
        uint64_t more;
    } many[2];
    static const double y[] = {1, 2};

    memset(many, 0, sizeof many);
    for (size_t i = 0; i < 2; i++) {
        many[i].series = plot_series_of(2, NULL, y);
        many[i].series.struct_size = sizeof many[i];
    }
    PLOT_GOOD(trnnsf_plot_lines(plot_ctx, plot, 2, &many[0].series, NULL));
    ck_assert_mem_eq(plot->panels[0]->series[1].y, y, sizeof y);
    many[1].more = 1;
    ck_assert_int_eq(trnnsf_plot_lines(plot_ctx, plot, 2, &many[0].series, NULL),
                     TRNNSF_E_UNSUPPORTED);
    many[1].series.struct_size = sizeof many[1].series;
    ck_assert_int_eq(trnnsf_plot_lines(plot_ctx, plot, 2, &many[0].series, NULL), TRNNSF_E_INVALID);
}
END_TEST

TCase *plot_tests(void)
{
    TCase *tests = tcase_create("plot");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, plot_setup, plot_teardown);
    tcase_add_test(tests, bins_by_freedman_and_diaconis);
    tcase_add_test(tests, samples_fall_into_their_bins);
    tcase_add_test(tests, no_sample_is_lost);
    tcase_add_test(tests, reduction_conserves_the_mean);
    tcase_add_test(tests, bad_series);
    tcase_add_test(tests, bad_texts);
    tcase_add_test(tests, bad_options);
    tcase_add_test(tests, bad_groups_and_maps);
    tcase_add_test(tests, structs_of_other_sizes);
    return tests;
}
