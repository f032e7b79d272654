/* Windows over an image: geometry drawn from a shape, and the kernels pixel by pixel. */
#include <stdlib.h>
#include <string.h>

#include "cases.h"
#include "windows.h"

enum { SIDE_MOST = 11, SAMPLES_MOST = 8, CELLS_MOST = 9, PLACES_MOST = 15 * 15 };

struct geometry {
    struct trnnsf_window window;
    size_t first, n_rows; /* of output rows */
    size_t n;             /* samples */
    size_t ld;
};

/* Kernels up to 3 x 3, strides and steps of 1 or 2, padding so wide that cells lie off the image. */
static struct geometry geometry_of(const struct shape *s)
{
    struct geometry g = {.n = 1 + s->pad};
    struct trnnsf_window *w = &g.window;

    w->struct_size = sizeof *w;
    w->height = 1 + s->m % 9;
    w->width = 1 + s->n % SIDE_MOST;
    w->kernel_height = 1 + s->k % 3;
    w->kernel_width = 1 + s->k / 3 % 3;
    w->stride_height = 1 + s->transpose_a;
    w->stride_width = 1 + s->transpose_b;
    w->dilation_height = 1 + s->n % 2;
    w->dilation_width = 1 + s->m % 2;
    w->pad_top = (w->kernel_height - 1) * w->dilation_height;
    w->pad_left = (w->kernel_width - 1) * w->dilation_width;
    w->out_height = (w->height + w->pad_top - 1) / w->stride_height + 1;
    w->out_width = (w->width + w->pad_left - 1) / w->stride_width + 1;
    g.first = w->out_height / 3;
    g.n_rows = w->out_height - g.first - (w->out_height > 2);
    g.ld = g.n_rows * w->out_width * g.n + s->pad;
    return g;
}

static size_t cells(const struct geometry *g)
{
    return g->window.kernel_height * g->window.kernel_width;
}

size_t lowered_size(const struct shape *s)
{
    struct geometry g = geometry_of(s);

    return cells(&g) * g.ld;
}

size_t image_size(const struct shape *s)
{
    struct geometry g = geometry_of(s);

    return g.window.height * g.window.width * g.n;
}

static float value_at(size_t i)
{
    return (float)(i * 37 % 101) / 50.0f - 1.0f;
}

trnnsf_status run_window_lower(const struct trn_backend *backend, const struct shape *s,
                               const struct inputs *in, float *out)
{
    struct geometry g = geometry_of(s);
    float image[9 * SIDE_MOST * SAMPLES_MOST];

    (void)in;
    for (size_t i = 0; i < image_size(s); i++)
        image[i] = value_at(i);
    return trn_kernel_window_lower(backend, &g.window, g.first, g.n_rows, g.n, image, out, g.ld);
}

trnnsf_status run_window_raise(const struct trn_backend *backend, const struct shape *s,
                               const struct inputs *in, float *out)
{
    struct geometry g = geometry_of(s);
    float lowered[CELLS_MOST * (PLACES_MOST + 1) * SAMPLES_MOST];

    (void)in;
    for (size_t i = 0; i < lowered_size(s); i++)
        lowered[i] = value_at(i);
    return trn_kernel_window_raise(backend, &g.window, g.first, g.n_rows, g.n, lowered, g.ld, out);
}

/* Each pair of a cell and a place: where it is in the lowered panel, and, on the image, in the image. */
static void visit(const struct shape *s, double *lowered, double *image, bool raise)
{
    struct geometry g = geometry_of(s);
    const struct trnnsf_window *w = &g.window;
    size_t row = w->out_width * g.n, count = cells(&g) * g.n_rows * row;

    for (size_t i = 0; i < count; i++) {
        size_t cell = i / (g.n_rows * row), oy = i / row % g.n_rows, ox = i / g.n % w->out_width;
        long y = (long)((g.first + oy) * w->stride_height +
                        cell / w->kernel_width * w->dilation_height) -
                 (long)w->pad_top;
        long x = (long)(ox * w->stride_width + cell % w->kernel_width * w->dilation_width) -
                 (long)w->pad_left;
        bool inside = y >= 0 && x >= 0 && y < (long)w->height && x < (long)w->width;
        size_t pixel = inside ? ((size_t)y * w->width + (size_t)x) * g.n + i % g.n : 0;
        size_t at = cell * g.ld + i % (g.n_rows * row);

        if (raise && inside)
            image[pixel] += (double)value_at(at);
        else if (!raise)
            lowered[at] = inside ? (double)value_at(pixel) : 0.0;
    }
}

void true_window_lower(const struct shape *s, const struct inputs *in, double *out)
{
    (void)in;
    visit(s, out, NULL, false);
}

void true_window_raise(const struct shape *s, const struct inputs *in, double *out)
{
    (void)in;
    visit(s, NULL, out, true);
}

/* An image's value and at most one of each cell. */
double window_tolerance(const struct shape *s)
{
    struct geometry g = geometry_of(s);

    return (double)((cells(&g) + 1) * (cells(&g) + 1));
}

/* Two cells of three are wanted. */
static bool is_wanted(const struct shape *s, size_t cell)
{
    return (cell + s->n) % 3 > 0;
}

trnnsf_status run_window_lower_cells(const struct trn_backend *backend, const struct shape *s,
                                     const struct inputs *in, float *out)
{
    struct geometry g = geometry_of(s);
    float *image = malloc((image_size(s) + 1) * sizeof *image);
    uint8_t wanted[CELLS_MOST];

    (void)in;
    for (size_t i = 0; i < image_size(s); i++)
        image[i] = value_at(i);
    for (size_t c = 0; c < cells(&g); c++)
        wanted[c] = is_wanted(s, c);

    trnnsf_status status = trn_kernel_window_lower_cells(backend, &g.window, g.first, g.n_rows, g.n,
                                                         wanted, image, out, g.ld);

    free(image);
    return status;
}

void true_window_lower_cells(const struct shape *s, const struct inputs *in, double *out)
{
    struct geometry g = geometry_of(s);
    double *all = calloc(lowered_size(s) + 1, sizeof *all);
    size_t row = g.n_rows * g.window.out_width * g.n;

    (void)in;
    visit(s, all, NULL, false);
    for (size_t c = 0; c < cells(&g); c++) {
        if (is_wanted(s, c))
            memcpy(out + c * g.ld, all + c * g.ld, row * sizeof *all);
    }
    free(all);
}

/* The same geometry without a stripe, of more samples: what is computed sixteen at a time has a rest. */
static struct geometry plane_of(const struct shape *s)
{
    struct geometry g = geometry_of(s);

    g.n = 1 + (s->m + 3 * s->k) % SAMPLES_MOST * 3;
    g.first = 0;
    g.n_rows = g.window.out_height;
    return g;
}

static size_t values_of(const struct geometry *g)
{
    return g->window.height * g->window.width * g->n;
}

size_t places_size(const struct shape *s)
{
    struct geometry g = plane_of(s);

    return g.window.out_height * g.window.out_width * g.n;
}

size_t plane_size(const struct shape *s)
{
    struct geometry g = plane_of(s);

    return values_of(&g);
}

size_t kernel_size(const struct shape *s)
{
    struct geometry g = geometry_of(s);

    return cells(&g);
}

/* Values of images, places and kernel, which differ. */
static float image_at(size_t i)
{
    return value_at(i);
}

static float place_at(size_t i)
{
    return value_at(3 * i + 11);
}

static float cell_at(size_t i)
{
    return value_at(7 * i + 5);
}

static float *fill(size_t count, float (*value)(size_t i))
{
    float *values = malloc((count + 1) * sizeof *values);

    for (size_t i = 0; i < count; i++)
        values[i] = value(i);
    return values;
}

trnnsf_status run_window_multiply(const struct trn_backend *backend, const struct shape *s,
                                  const struct inputs *in, float *out)
{
    struct geometry g = plane_of(s);
    float *image = fill(values_of(&g), image_at), *kernel = fill(cells(&g), cell_at);
    trnnsf_status status =
        trn_kernel_window_multiply(backend, &g.window, g.n, kernel, image, s->beta, out);

    (void)in;
    free(image);
    free(kernel);
    return status;
}

trnnsf_status run_window_transposed(const struct trn_backend *backend, const struct shape *s,
                                    const struct inputs *in, float *out)
{
    struct geometry g = plane_of(s);
    float *places = fill(places_size(s), place_at), *kernel = fill(cells(&g), cell_at);
    trnnsf_status status =
        trn_kernel_window_multiply_transposed(backend, &g.window, g.n, kernel, places, out);

    (void)in;
    free(places);
    free(kernel);
    return status;
}

trnnsf_status run_window_gradient(const struct trn_backend *backend, const struct shape *s,
                                  const struct inputs *in, float *out)
{
    struct geometry g = plane_of(s);
    float *image = fill(values_of(&g), image_at), *places = fill(places_size(s), place_at);
    trnnsf_status status = trn_kernel_window_gradient(backend, &g.window, g.n, s->alpha, places,
                                                      image, s->beta, out);

    (void)in;
    free(image);
    free(places);
    return status;
}

enum target { PLACES, IMAGE, KERNEL };

/* Adds each product of a cell, a place and a pixel to one of the three, of the other two. */
static void multiply_all(const struct shape *s, enum target target, double alpha, double *out)
{
    struct geometry g = plane_of(s);
    const struct trnnsf_window *w = &g.window;

    for (size_t i = 0; i < cells(&g) * places_size(s); i++) {
        size_t cell = i / places_size(s), at = i % places_size(s);
        size_t oy = at / g.n / w->out_width, ox = at / g.n % w->out_width;
        long y = (long)(oy * w->stride_height + cell / w->kernel_width * w->dilation_height) -
                 (long)w->pad_top;
        long x = (long)(ox * w->stride_width + cell % w->kernel_width * w->dilation_width) -
                 (long)w->pad_left;
        size_t pixel = ((size_t)y * w->width + (size_t)x) * g.n + at % g.n;

        if (y < 0 || x < 0 || y >= (long)w->height || x >= (long)w->width)
            continue;
        if (target == PLACES)
            out[at] += (double)cell_at(cell) * (double)image_at(pixel);
        else if (target == IMAGE)
            out[pixel] += (double)cell_at(cell) * (double)place_at(at);
        else
            out[cell] += alpha * (double)image_at(pixel) * (double)place_at(at);
    }
}

static void scale(size_t count, double beta, double *out)
{
    for (size_t i = 0; i < count; i++)
        out[i] = beta == 0.0 ? 0.0 : beta * out[i];
}

void true_window_multiply(const struct shape *s, const struct inputs *in, double *out)
{
    (void)in;
    scale(places_size(s), (double)s->beta, out);
    multiply_all(s, PLACES, 1.0, out);
}

void true_window_transposed(const struct shape *s, const struct inputs *in, double *out)
{
    (void)in;
    multiply_all(s, IMAGE, 1.0, out);
}

void true_window_gradient(const struct shape *s, const struct inputs *in, double *out)
{
    (void)in;
    scale(kernel_size(s), (double)s->beta, out);
    multiply_all(s, KERNEL, (double)s->alpha, out);
}

double gradient_tolerance(const struct shape *s)
{
    return 2.0 * (double)places_size(s) + 4.0;
}
