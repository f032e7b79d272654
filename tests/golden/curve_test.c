/* What a search's curve shows, read back from its pixels: curve long|short FILE. The file has the marks that
 * must be there, and no others may be. Texts are left out, as fonts differ. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/figure_curve.h"

enum { SCALE = 4, PAGE = 400, MARKS = 32, NEAR = 8 };

static const struct trn_box box = {50, 30, 320, 200};

/* In the order in which a search could have tried them; one is without any accuracy. */
static struct trnnsf_trial long_trials[] = {
    {.crossbars = 40, .validation_accuracy = 0.97, .met = 1},
    {.crossbars = 6, .validation_accuracy = 0.90},
    {.crossbars = 15, .validation_accuracy = 0.94},
    {.crossbars = 25, .validation_accuracy = 0.955, .met = 1},
    {.crossbars = 20, .validation_accuracy = 0.945},
    {.crossbars = 10, .validation_accuracy = NAN},
    {.crossbars = 25, .validation_accuracy = 0.965, .met = 1},
    {.crossbars = 120, .validation_accuracy = 0.968, .met = 1},
};
static struct trnnsf_trial short_trials[] = {
    {.crossbars = 130, .validation_accuracy = 0.97},
    {.crossbars = 110, .validation_accuracy = 0.90, .met = 1},
};

struct mark {
    char kind[16];
    double x, y; /* points; 0 where a line has none */
};

struct picture {
    cairo_surface_t *surface;
    const unsigned char *pixel;
    int stride;
    bool *seen; /* [rows x columns] of pixels: in a blob that was taken */
};

static int mistakes;

static void mistake(const char *text, const struct mark *mark)
{
    fprintf(stderr, "%s: %s %.2f %.2f\n", text, mark->kind, mark->x, mark->y);
    mistakes++;
}

static bool is_colour(const struct picture *picture, int x, int y, enum trn_colour colour)
{
    unsigned char bytes[4];
    uint32_t rgb;

    memcpy(bytes, picture->pixel + (size_t)y * (size_t)picture->stride + 4 * (size_t)x, 4);
    memcpy(&rgb, bytes, 4); /* cairo's RGB24 is a native number */
    for (int shift = 0; shift < 24; shift += 8) {
        if (abs((int)(rgb >> shift & 255) - (int)((uint32_t)colour >> shift & 255)) > NEAR)
            return false;
    }
    return true;
}

static struct picture draw(struct trnnsf_trial *trials, size_t n_trials)
{
    struct trn_report_entry own = {.n_trials = n_trials, .trials = trials};
    struct trn_report_entry dense = {.accuracy = {NAN, NAN, NAN}};
    struct picture picture = {.surface = cairo_image_surface_create(
                                  CAIRO_FORMAT_RGB24, SCALE * PAGE, SCALE * PAGE)};
    cairo_t *cairo = cairo_create(picture.surface);

    dense.accuracy[TRNNSF_PART_VALIDATION] = 0.975;
    cairo_scale(cairo, SCALE, SCALE);
    trn_canvas_rectangle(cairo, (struct trn_box){0, 0, PAGE, PAGE}, TRN_COLOUR_PAPER);
    trn_figure_curve(cairo, &own, &dense, box);
    cairo_destroy(cairo);
    cairo_surface_flush(picture.surface);
    picture.pixel = cairo_image_surface_get_data(picture.surface);
    picture.stride = cairo_image_surface_get_stride(picture.surface);
    picture.seen = calloc((size_t)SCALE * PAGE * SCALE * PAGE, sizeof *picture.seen);
    if (!picture.pixel || !picture.seen)
        exit(2);
    return picture;
}

struct extent {
    int left, right, top, bottom;
};

/* Of the blue pixels that hang together with this one. */
static void take_blob(struct picture *picture, int x, int y, struct extent *extent)
{
    bool *seen = &picture->seen[(size_t)y * SCALE * PAGE + (size_t)x];

    if (*seen || !is_colour(picture, x, y, TRN_COLOUR_BLUE))
        return;
    *seen = true;
    extent->left = x < extent->left ? x : extent->left;
    extent->right = x > extent->right ? x : extent->right;
    extent->top = y < extent->top ? y : extent->top;
    extent->bottom = y > extent->bottom ? y : extent->bottom;
    for (int i = -1; i <= 1; i++) {
        for (int j = -1; j <= 1; j++)
            take_blob(picture, x + j, y + i, extent);
    }
}

static size_t find_points(struct picture *picture, struct mark *found)
{
    size_t count = 0;

    for (int y = (int)(SCALE * box.y); y < SCALE * (box.y + box.height); y++) {
        for (int x = (int)(SCALE * box.x); x < SCALE * (box.x + box.width); x++) {
            struct extent extent = {x, x, y, y};

            if (picture->seen[(size_t)y * SCALE * PAGE + (size_t)x] ||
                !is_colour(picture, x, y, TRN_COLOUR_BLUE))
                continue;
            take_blob(picture, x, y, &extent);
            if (extent.right - extent.left < 2 * SCALE || count == MARKS)
                continue; /* a seam of two colours is no point */
            int middle_x = (extent.left + extent.right) / 2;
            int middle_y = (extent.top + extent.bottom) / 2;
            bool full = is_colour(picture, middle_x, middle_y, TRN_COLOUR_BLUE);

            if (!full && !is_colour(picture, middle_x, middle_y, TRN_COLOUR_PAPER))
                continue;
            strcpy(found[count].kind, full ? "full" : "hollow");
            found[count].x = (extent.left + extent.right + 1) / 2.0 / SCALE;
            found[count++].y = (extent.top + extent.bottom + 1) / 2.0 / SCALE;
        }
    }
    return count;
}

/* How much of the pixel line is of that colour. */
static double share_down(const struct picture *picture, int x, enum trn_colour colour)
{
    int count = 0, first = (int)(SCALE * box.y), end = (int)(SCALE * (box.y + box.height));

    for (int y = first; y < end; y++)
        count += is_colour(picture, x, y, colour);
    return (double)count / (end - first);
}

static double share_across(const struct picture *picture, int y, enum trn_colour colour)
{
    int count = 0, first = (int)(SCALE * box.x), end = (int)(SCALE * (box.x + box.width));

    for (int x = first; x < end; x++)
        count += is_colour(picture, x, y, colour);
    return (double)count / (end - first);
}

/* Neighbouring pixel lines are one; two points hide less than the half. */
static size_t find_lines(const struct picture *picture, const char *kind, bool down,
                         enum trn_colour colour, struct mark *found)
{
    double from = down ? box.x : box.y, room = down ? box.width : box.height;
    int last = -2;
    size_t count = 0;

    for (int at = (int)(SCALE * from) - SCALE; at < SCALE * (from + room) + SCALE; at++) {
        double share = down ? share_down(picture, at, colour) : share_across(picture, at, colour);
        double place = (at + 0.5) / SCALE;

        if (share < 0.5 || count == MARKS)
            continue;
        if (last != at - 1) {
            found[count] = (struct mark){.x = down ? place : 0, .y = down ? 0 : place};
            strcpy(found[count++].kind, kind);
        }
        last = at;
    }
    return count;
}

static bool is_near(const struct mark *a, const struct mark *b)
{
    return strcmp(a->kind, b->kind) == 0 && fabs(a->x - b->x) < 0.6 && fabs(a->y - b->y) < 0.6;
}

static void compare(const struct mark *wanted, size_t n_wanted, const struct mark *found,
                    size_t n_found)
{
    for (size_t i = 0; i < n_wanted; i++) {
        size_t j = 0;

        while (j < n_found && !is_near(&wanted[i], &found[j]))
            j++;
        if (j == n_found)
            mistake("missing", &wanted[i]);
    }
    for (size_t j = 0; j < n_found; j++) {
        size_t i = 0;

        while (i < n_wanted && !is_near(&wanted[i], &found[j]))
            i++;
        if (i == n_wanted)
            mistake("not wanted", &found[j]);
    }
}

static bool is_point(const struct mark *mark)
{
    return strcmp(mark->kind, "full") == 0 || strcmp(mark->kind, "hollow") == 0;
}

/* A line leads from point to point, in the file's order; looked at in its middle half. */
static void check_joints(const struct picture *picture, const struct mark *marks, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        for (int step = 1; step <= 3 && is_point(&marks[i]) && is_point(&marks[i - 1]); step++) {
            double part = 0.25 * step;
            double x = (1 - part) * marks[i - 1].x + part * marks[i].x;
            double y = (1 - part) * marks[i - 1].y + part * marks[i].y;
            bool some = false;

            for (int k = 0; k < 9; k++)
                some = some || is_colour(picture, (int)(SCALE * x) + k % 3 - 1,
                                         (int)(SCALE * y) + k / 3 - 1, TRN_COLOUR_SKY);
            if (!some)
                mistake("no line to", &marks[i]);
        }
    }
}

/* Lines that begin with # are comments. */
static size_t read_marks(const char *path, struct mark *marks)
{
    FILE *file = fopen(path, "r");
    char line[256];
    size_t count = 0;

    while (file && count < MARKS && fgets(line, sizeof line, file)) {
        struct mark *mark = &marks[count];

        if (line[0] != '#')
            count += sscanf(line, "%15s %lf %lf", mark->kind, &mark->x, &mark->y) == 3;
    }
    if (file)
        fclose(file);
    return count;
}

int main(int argc, char **argv)
{
    struct mark wanted[MARKS], found[4 * MARKS];
    size_t n_wanted = argc > 2 ? read_marks(argv[2], wanted) : 0, n_found;
    bool is_long = argc > 1 && strcmp(argv[1], "long") == 0;
    struct picture picture =
        draw(is_long ? long_trials : short_trials,
             is_long ? sizeof long_trials / sizeof *long_trials
                     : sizeof short_trials / sizeof *short_trials);

    n_found = find_points(&picture, found);
    n_found += find_lines(&picture, "level", false, TRN_COLOUR_INK, found + n_found);
    n_found += find_lines(&picture, "across", false, TRN_COLOUR_GRID, found + n_found);
    n_found += find_lines(&picture, "down", true, TRN_COLOUR_GRID, found + n_found);
    compare(wanted, n_wanted, found, n_found);
    check_joints(&picture, wanted, n_wanted);
    if (n_wanted == 0)
        fprintf(stderr, "curve long|short FILE: no marks\n");
    cairo_surface_destroy(picture.surface);
    free(picture.seen);
    return mistakes > 0 || n_wanted == 0;
}
