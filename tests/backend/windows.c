/* Windows over an image: geometry drawn from a shape, and the kernels pixel by pixel. */
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
