/* Plots of plain arrays: what is drawn where. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plot_scene.h"
#include "suite.h"

#if TRN_HAVE_CAIRO

#include "io/figure_panel.h"

struct picture {
    cairo_surface_t *surface;
    int width, height;
};

static struct picture draw(void)
{
    const char *path = plot_path("a.png");
    struct picture picture;

    PLOT_GOOD(trnnsf_plot_save(plot_ctx, plot, path));
    picture.surface = cairo_image_surface_create_from_png(path);
    ck_assert_int_eq(cairo_surface_status(picture.surface), CAIRO_STATUS_SUCCESS);
    picture.width = cairo_image_surface_get_width(picture.surface);
    picture.height = cairo_image_surface_get_height(picture.surface);
    remove(path);
    return picture;
}

static bool is_colour(const struct picture *picture, int x, int y, uint32_t colour)
{
    const unsigned char *data = cairo_image_surface_get_data(picture->surface);
    uint32_t pixel;

    memcpy(&pixel, data + y * cairo_image_surface_get_stride(picture->surface) + 4 * x, 4);
    return (pixel & 0xFFFFFF) == colour;
}

struct extent {
    int left, right, top, bottom;
    double x, y; /* centre of mass */
    size_t count;
};

static struct extent find(const struct picture *picture, uint32_t colour)
{
    struct extent extent = {1 << 20, -1, 1 << 20, -1, 0, 0, 0};

    for (int y = 0; y < picture->height; y++) {
        for (int x = 0; x < picture->width; x++) {
            if (!is_colour(picture, x, y, colour))
                continue;
            extent.left = x < extent.left ? x : extent.left;
            extent.right = x > extent.right ? x : extent.right;
            extent.top = y < extent.top ? y : extent.top;
            extent.bottom = y > extent.bottom ? y : extent.bottom;
            extent.x += x;
            extent.y += y;
            extent.count++;
        }
    }
    ck_assert_uint_gt(extent.count, 0);
    extent.x /= (double)extent.count;
    extent.y /= (double)extent.count;
    return extent;
}

/* Three curves of one point each. Boxes have 640 x 420 pixels; the values' span takes 1 / 1.06 of a
 * linear axis, and all but a factor of 1.2 at both ends of a logarithmic one. */
START_TEST(points_are_where_they_belong)
{
    static const double x[] = {1, 1000, 10}, y[] = {0.25, 0.75, 0.5};
    struct trnnsf_plot_series series[3];

    for (uint32_t logarithmic = 0; logarithmic < 2; logarithmic++) {
        struct trnnsf_plot_lines_options options = TRNNSF_PLOT_LINES_OPTIONS_INIT;
        double span = 640 * (logarithmic ? log(1000) / log(1440) : 1 / 1.06);
        double part = logarithmic ? 1.0 / 3 : 9.0 / 999;

        plot_fresh();
        options.x_scale = logarithmic;
        options.y_high = 1;
        for (size_t i = 0; i < 3; i++)
            series[i] = plot_series_of(1, &x[i], &y[i]);
        PLOT_GOOD(trnnsf_plot_lines(plot_ctx, plot, 3, series, &options));
        struct picture picture = draw();
        struct extent low = find(&picture, TRN_COLOUR_BLUE);
        struct extent high = find(&picture, TRN_COLOUR_VERMILLION);
        struct extent middle = find(&picture, TRN_COLOUR_GREEN);
        ck_assert_double_eq_tol(high.x - low.x, span, 1);
        ck_assert_double_eq_tol(low.y - high.y, 210, 1);
        if (logarithmic) /* otherwise it stands over the first */
            ck_assert_double_eq_tol(middle.x - low.x, part * span, 1.5);
        ck_assert_double_eq_tol(low.y - middle.y, 105, 2);
        cairo_surface_destroy(picture.surface);
    }
}
END_TEST

static size_t count_in_columns(const struct picture *picture, double from, double to,
                               uint32_t colour)
{
    size_t count = 0;

    for (int x = (int)from; x < (int)to; x++) {
        for (int y = 0; y < picture->height; y++)
            count += is_colour(picture, x, y, colour);
    }
    return count;
}

/* The curve is horizontal, so that its core has its pure colour; too many points for marks. */
START_TEST(gaps_stay_open)
{
    enum { POINTS = 201 };
    double y[POINTS], x[POINTS];
    static const double holes[] = {NAN, INFINITY, -INFINITY, -1};

    for (size_t hole = 0; hole < 4; hole++) {
        struct trnnsf_plot_lines_options options = TRNNSF_PLOT_LINES_OPTIONS_INIT;

        for (size_t i = 0; i < POINTS; i++) {
            x[i] = (double)i;
            y[i] = i > 50 && i < 150 ? holes[hole] : 1;
        }
        options.y_scale = hole == 3; /* no place on a logarithmic axis */
        plot_fresh();
        struct trnnsf_plot_series series = plot_series_of(POINTS, x, y);
        PLOT_GOOD(trnnsf_plot_lines(plot_ctx, plot, 1, &series, &options));
        struct picture picture = draw();
        struct extent extent = find(&picture, TRN_COLOUR_BLUE);
        double left = extent.left, width = extent.right - extent.left;
        ck_assert_double_eq_tol(width, 640 / 1.06, 3);
        ck_assert_uint_eq(
            count_in_columns(&picture, left + 0.26 * width, left + 0.74 * width, TRN_COLOUR_BLUE),
            0);
        ck_assert_uint_gt(
            count_in_columns(&picture, left + 0.2 * width, left + 0.25 * width, TRN_COLOUR_BLUE),
            20);
        cairo_surface_destroy(picture.surface);
    }
}
END_TEST

/* Four cells, each in its quarter; one has no value. */
START_TEST(cells_are_where_they_belong)
{
    static const double values[] = {0, 1, NAN, 0.5};
    static const uint32_t colours[] = {0x440154, 0xFDE725, 0xC9C9C9, 0x21918C};
    static const double edges[] = {0, 1, 0, 1, 0, 0, 1, 1};

    PLOT_GOOD(trnnsf_plot_map(plot_ctx, plot, 2, 2, values, NULL));
    struct picture picture = draw();
    struct extent first = find(&picture, colours[0]);
    for (size_t i = 0; i < 4; i++) {
        /* The first cell is 210 x 210 pixels, less its frame. */
        int x = first.left + 105 + (int)(210 * edges[i]);
        int y = first.top + 105 + (int)(210 * edges[4 + i]);

        for (int dx = -90; dx <= 90; dx += 45)
            ck_assert_msg(is_colour(&picture, x + dx, y + dx, colours[i]), "cell %zu", i);
    }
    cairo_surface_destroy(picture.surface);
}
END_TEST

START_TEST(steps_are_as_high_as_counts)
{
    static const double edges[] = {0, 1, 2, 3, 4}, counts[] = {8, 0, 4, 2};
    const struct trnnsf_plot_group group = {sizeof group, NULL, 0, NULL, counts};
    struct trnnsf_plot_histogram_options options = TRNNSF_PLOT_HISTOGRAM_OPTIONS_INIT;

    options.bins = 4;
    options.edges = edges;
    PLOT_GOOD(trnnsf_plot_histogram(plot_ctx, plot, 1, &group, &options));
    struct picture picture = draw();
    struct extent extent = find(&picture, TRN_COLOUR_BLUE);
    double bin = (extent.right - extent.left) / 4.0;
    int tops[4];
    for (int i = 0; i < 4; i++) {
        int x = (int)(extent.left + (i + 0.5) * bin);

        for (tops[i] = 0; tops[i] < picture.height - 1; tops[i]++) {
            if (is_colour(&picture, x, tops[i], TRN_COLOUR_BLUE))
                break;
        }
    }
    /* 8 counts are 1 / 1.08 of 420 pixels. */
    ck_assert_double_eq_tol(tops[1] - tops[0], 420 / 1.08, 2);
    ck_assert_double_eq_tol(tops[2] - tops[0], 420 / 1.08 / 2, 2);
    ck_assert_double_eq_tol(tops[3] - tops[0], 420 / 1.08 * 0.75, 2);
    cairo_surface_destroy(picture.surface);
}
END_TEST

/* CIE 1976 lightness of an sRGB colour. */
static double lightness(uint32_t colour)
{
    static const double weights[] = {0.0722, 0.7152, 0.2126};
    double y = 0;

    for (int i = 0; i < 3; i++) {
        double c = (double)(colour >> 8 * i & 255) / 255;

        y += weights[i] * (c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4));
    }
    return y > 216.0 / 24389 ? 116 * cbrt(y) - 16 : 24389.0 / 27 * y;
}

START_TEST(colours_grow_evenly_lighter)
{
    double darkest = lightness(trn_viridis(0)), lightest = lightness(trn_viridis(1));

    ck_assert_double_gt(lightest - darkest, 70);
    for (int i = 0; i <= 100; i++) {
        double even = darkest + (lightest - darkest) * i / 100;

        ck_assert_double_eq_tol(lightness(trn_viridis(i / 100.0)), even, 3);
        ck_assert(i == 0 ||
                  lightness(trn_viridis(i / 100.0)) > lightness(trn_viridis((i - 1) / 100.0)));
    }
    ck_assert_uint_eq(trn_viridis(-5), trn_viridis(0));
    ck_assert_uint_eq(trn_viridis(7), trn_viridis(1));
}
END_TEST

START_TEST(numbers_have_prefixes)
{
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
    cairo_t *cairo = cairo_create(surface);
    struct trn_tick ticks[TRN_TICKS_MAX];
    struct trn_axis axis = {.low = 0, .high = 52e-6, .end = 300, .unit = "S"};
    char text[64];

    trn_axis_scale(&axis);
    trn_axis_name(text, sizeof text, &axis, "conductance");
    ck_assert_str_eq(text, "conductance / µS");
    size_t count = trn_axis_ticks(cairo, &axis, true, ticks);
    ck_assert_uint_eq(count, 6);
    ck_assert_str_eq(ticks[0].text, "0");
    ck_assert_str_eq(ticks[5].text, "50");

    axis =
        (struct trn_axis){.low = 5e-9, .high = 2e-3, .end = 300, .unit = "S", .logarithmic = true};
    count = trn_axis_ticks(cairo, &axis, true, ticks);
    ck_assert_uint_eq(count, 6);
    ck_assert_str_eq(ticks[0].text, "10 nS");
    ck_assert_str_eq(ticks[5].text, "1 mS");

    /* Neighbours never look the same. */
    axis = (struct trn_axis){.low = 98.00001, .high = 98.00005, .end = 300};
    count = trn_axis_ticks(cairo, &axis, true, ticks);
    ck_assert_uint_ge(count, 2);
    for (size_t i = 1; i < count; i++)
        ck_assert_str_ne(ticks[i].text, ticks[i - 1].text);
    cairo_destroy(cairo);
    cairo_surface_destroy(surface);
}
END_TEST

/* A page with a panel of each kind. */
static void fill_page(void)
{
    static const double y[] = {1, 3, NAN, 2, 5}, low[] = {0, 2, 1, 1, 4}, high[] = {2, 4, 3, 3, 6};
    struct trnnsf_plot_series series[2] = {plot_series_of(5, NULL, y),
                                           plot_series_of(5, NULL, low)};
    const struct trnnsf_plot_group group = {sizeof group, "<&>", 5, y, NULL};
    struct trnnsf_plot_lines_options lines = TRNNSF_PLOT_LINES_OPTIONS_INIT;
    struct trnnsf_plot_histogram_options histogram = TRNNSF_PLOT_HISTOGRAM_OPTIONS_INIT;
    struct trnnsf_plot_map_options map = TRNNSF_PLOT_MAP_OPTIONS_INIT;

    series[0].low = series[1].low = low;
    series[0].high = series[1].high = high;
    series[0].name = "<script>&\"'</svg>";
    series[1].spread = TRNNSF_PLOT_BARS;
    lines.title = map.title = histogram.title = "a <title> & more";
    lines.x_label = lines.y_label = histogram.x_label = map.value_label = "]]>";
    lines.x_unit = map.value_unit = histogram.x_unit = "S";
    lines.level_name = "level";
    lines.level = 4;
    PLOT_GOOD(trnnsf_plot_lines(plot_ctx, plot, 2, series, &lines));
    PLOT_GOOD(trnnsf_plot_histogram(plot_ctx, plot, 1, &group, &histogram));
    PLOT_GOOD(trnnsf_plot_map(plot_ctx, plot, 1, 5, y, &map));
}

static char *read_file(const char *path, size_t *out_size)
{
    FILE *file = fopen(path, "rb");
    char *bytes = calloc(1 << 20, 1);

    ck_assert(file && bytes);
    *out_size = fread(bytes, 1, (1 << 20) - 1, file);
    fclose(file);
    return bytes;
}

START_TEST(plot_formats)
{
    static const struct {
        const char *name, *begin, *end;
    } formats[] = {
        {"a.svg", "<?xml", "</svg>"}, {"a.PNG", "\x89PNG", "IEND"}, {"a.pdf", "%PDF-", "%%EOF"}};

    fill_page();
    for (size_t i = 0; i < 3; i++) {
        size_t size;

        PLOT_GOOD(trnnsf_plot_save(plot_ctx, plot, plot_path(formats[i].name)));
        char *bytes = read_file(plot_path(formats[i].name), &size);
        ck_assert_uint_gt(size, 5000);
        ck_assert_mem_eq(bytes, formats[i].begin, strlen(formats[i].begin));
        size_t length = strlen(formats[i].end);
        bool found = false;
        for (size_t at = size - 16; at + length <= size; at++)
            found = found || memcmp(bytes + at, formats[i].end, length) == 0;
        ck_assert_msg(found, "%s does not end well", formats[i].name);
        if (i == 0) {
            ck_assert_ptr_null(strstr(bytes, "<script"));
            ck_assert_ptr_null(strstr(bytes, "<title"));
        }
        free(bytes);
        remove(plot_path(formats[i].name));
    }
}
END_TEST

/* The same page is the same picture; cairo numbers what is in an SVG anew. */
START_TEST(drawn_again)
{
    size_t size, size_again;

    fill_page();
    PLOT_GOOD(trnnsf_plot_save(plot_ctx, plot, plot_path("a.png")));
    char *bytes = read_file(plot_path("a.png"), &size);
    PLOT_GOOD(trnnsf_plot_save(plot_ctx, plot, plot_path("a.png")));
    char *again = read_file(plot_path("a.png"), &size_again);
    ck_assert_uint_eq(size, size_again);
    ck_assert_mem_eq(bytes, again, size);
    fill_page();
    PLOT_GOOD(trnnsf_plot_save(plot_ctx, plot, plot_path("a.png")));
    free(bytes);
    free(again);
    remove(plot_path("a.png"));
}
END_TEST

START_TEST(plot_places_refused)
{
    static const double y[] = {1, 2};
    const struct trnnsf_plot_series series = plot_series_of(2, NULL, y);
    struct trnnsf_plot_options page = TRNNSF_PLOT_OPTIONS_INIT;

    ck_assert_int_eq(trnnsf_plot_save(plot_ctx, plot, plot_path("a.svg")), TRNNSF_E_STATE);
    fill_page();
    ck_assert_int_eq(trnnsf_plot_save(plot_ctx, plot, "a.gif"), TRNNSF_E_UNSUPPORTED);
    ck_assert_int_eq(trnnsf_plot_save(plot_ctx, plot, ""), TRNNSF_E_UNSUPPORTED);
    ck_assert_int_eq(trnnsf_plot_save(plot_ctx, plot, "/no/such/folder/a.svg"), TRNNSF_E_NOT_FOUND);
    ck_assert_int_eq(trnnsf_plot_save(plot_ctx, plot, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_plot_save(plot_ctx, NULL, "a.svg"), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_plot_save(NULL, plot, "a.svg"), TRNNSF_E_INVALID);

    trnnsf_plot_free(plot);
    plot = NULL;
    page.width = page.height = 2000;
    page.columns = 4;
    PLOT_GOOD(trnnsf_plot_create(plot_ctx, &page, &plot));
    for (size_t i = 0; i < 16; i++)
        PLOT_GOOD(trnnsf_plot_lines(plot_ctx, plot, 1, &series, NULL));
    ck_assert_int_eq(trnnsf_plot_save(plot_ctx, plot, plot_path("a.png")), TRNNSF_E_LIMIT);
}
END_TEST

/* Any double: a subnormal, 1e300, NaN, all the same, … */
static double any_number(uint64_t *state)
{
    static const double special[] = {0,      -0.0, 5e-324, -5e-324, 1e300,    -1e300,    NAN,
                                     1e-300, 1,    -1,     98.5,    INFINITY, -INFINITY, 1e15};
    double kind = plot_random(state);

    if (kind < 0.3)
        return special[(size_t)(plot_random(state) * 14)];
    if (kind < 0.5)
        return 1e15 + floor(4 * plot_random(state));
    return (plot_random(state) - 0.3) * pow(10, 600 * (plot_random(state) - 0.5));
}

START_TEST(any_numbers_are_drawn)
{
    uint64_t state = 23;

    for (unsigned trial = 0; trial < 150; trial++) {
        double x[6], y[6], low[6], high[6];
        size_t count = 1 + trial % 6;
        struct trnnsf_plot_series series = plot_series_of(count, x, y);
        struct trnnsf_plot_lines_options lines = TRNNSF_PLOT_LINES_OPTIONS_INIT;
        struct trnnsf_plot_histogram_options histogram = TRNNSF_PLOT_HISTOGRAM_OPTIONS_INIT;
        struct trnnsf_plot_map_options map = TRNNSF_PLOT_MAP_OPTIONS_INIT;
        const struct trnnsf_plot_group group = {sizeof group, "samples", count, y, NULL};

        for (size_t i = 0; i < 6; i++) {
            x[i] = any_number(&state);
            y[i] = any_number(&state);
            low[i] = any_number(&state);
            high[i] = any_number(&state);
        }
        if (trial % 3 == 0) {
            series.low = low;
            series.high = high;
            series.spread = trial / 3 % 2;
        }
        lines.x_scale = histogram.x_scale = trial / 2 % 2;
        lines.y_scale = histogram.y_scale = trial / 4 % 2;
        lines.x_unit = histogram.x_unit = map.value_unit = trial / 8 % 2 ? "S" : NULL;
        lines.level_name = trial / 16 % 2 ? "level" : NULL;
        plot_fresh();
        PLOT_GOOD(trnnsf_plot_lines(plot_ctx, plot, 1, &series, &lines));
        PLOT_GOOD(trnnsf_plot_histogram(plot_ctx, plot, 1, &group, &histogram));
        PLOT_GOOD(trnnsf_plot_map(plot_ctx, plot, 1, count, y, &map));
        PLOT_GOOD(trnnsf_plot_save(plot_ctx, plot, plot_path("a.svg")));
        size_t size;
        char *bytes = read_file(plot_path("a.svg"), &size);
        ck_assert_msg(!strstr(bytes, "nan") && !strstr(bytes, "inf "), "trial %u", trial);
        free(bytes);
    }
    remove(plot_path("a.svg"));
}
END_TEST

#else

START_TEST(plot_without_cairo)
{
    static const double y[] = {1, 2};
    const struct trnnsf_plot_series series = plot_series_of(2, NULL, y);

    PLOT_GOOD(trnnsf_plot_lines(plot_ctx, plot, 1, &series, NULL));
    ck_assert_int_eq(trnnsf_plot_save(plot_ctx, plot, "a.svg"), TRNNSF_E_UNSUPPORTED);
}
END_TEST

#endif

TCase *plot_drawing_tests(void)
{
    TCase *tests = tcase_create("plot drawing");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, plot_setup, plot_teardown);
#if TRN_HAVE_CAIRO
    tcase_add_test(tests, points_are_where_they_belong);
    tcase_add_test(tests, gaps_stay_open);
    tcase_add_test(tests, cells_are_where_they_belong);
    tcase_add_test(tests, steps_are_as_high_as_counts);
    tcase_add_test(tests, colours_grow_evenly_lighter);
    tcase_add_test(tests, numbers_have_prefixes);
    tcase_add_test(tests, plot_formats);
    tcase_add_test(tests, drawn_again);
    tcase_add_test(tests, plot_places_refused);
    tcase_add_test(tests, any_numbers_are_drawn);
#else
    tcase_add_test(tests, plot_without_cairo);
#endif
    return tests;
}
