/* A kernel slid over one channel's images without lowering them: of convolutions that join few channels. */
#include "backend/reference/reference.h"
#include "base/wide.h"

enum { LANES = 16 }; /* samples in registers: four, or with AVX2 two vectors */

/* Cells begin, begin + 1, … end - 1 of an axis, of which the first lies on pixel `first`, and each
 * later one `step` pixels on. */
struct cells {
    size_t begin;
    size_t end;
    size_t first;
};

/* Those of the window at `place` that lie on the image. */
static struct cells cells_at(size_t place, size_t stride, size_t step, size_t pad, size_t kernel,
                             size_t pixels)
{
    size_t start = place * stride; /* counted from `pad` before the image */
    struct cells c = {start < pad ? (pad - start + step - 1) / step : 0, 0, 0};

    if (pixels + pad > start)
        c.end = (pixels + pad - start - 1) / step + 1;
    c.end = c.end < kernel ? c.end : kernel;
    c.begin = c.begin < c.end ? c.begin : c.end;
    c.first = start + c.begin * step - pad;
    return c;
}

static struct cells rows_at(const struct trnnsf_window *w, size_t oy)
{
    return cells_at(oy, w->stride_height, w->dilation_height, w->pad_top, w->kernel_height,
                    w->height);
}

static struct cells columns_at(const struct trnnsf_window *w, size_t ox)
{
    return cells_at(ox, w->stride_width, w->dilation_width, w->pad_left, w->kernel_width, w->width);
}

/* Up to LANES samples of one place. */
TRN_INLINE void sum_lanes(const struct trnnsf_window *w, size_t n, const struct cells *rows,
                          const struct cells *columns, const float *kernel, const float *in,
                          float beta, size_t lanes, float *out)
{
    float sum[LANES] = {0};

    for (size_t l = 0; beta != 0.0f && l < lanes; l++)
        sum[l] = beta * out[l];
    for (size_t ky = rows->begin; ky < rows->end; ky++) {
        size_t y = rows->first + (ky - rows->begin) * w->dilation_height;

        for (size_t kx = columns->begin; kx < columns->end; kx++) {
            size_t x = columns->first + (kx - columns->begin) * w->dilation_width;
            const float *from = in + (y * w->width + x) * n;
            float weight = kernel[ky * w->kernel_width + kx];

            for (size_t l = 0; l < lanes; l++)
                sum[l] += weight * from[l];
        }
    }
    for (size_t l = 0; l < lanes; l++)
        out[l] = sum[l];
}

TRN_INLINE void multiply(const struct trnnsf_window *w, size_t n, const float *kernel,
                         const float *in, float beta, float *out)
{
    for (size_t oy = 0; oy < w->out_height; oy++) {
        struct cells rows = rows_at(w, oy);

        for (size_t ox = 0; ox < w->out_width; ox++, out += n) {
            struct cells columns = columns_at(w, ox);
            size_t s = 0;

            for (; s + LANES <= n; s += LANES)
                sum_lanes(w, n, &rows, &columns, kernel, in + s, beta, LANES, out + s);
            if (s < n)
                sum_lanes(w, n, &rows, &columns, kernel, in + s, beta, n - s, out + s);
        }
    }
}

TRN_WIDE static void multiply_wide(const struct trnnsf_window *w, size_t n, const float *kernel,
                                   const float *in, float beta, float *out)
{
    multiply(w, n, kernel, in, beta, out);
}

trnnsf_status trn_reference_window_multiply(void *self, const struct trnnsf_window *window,
                                            size_t n, const float *kernel, const float *in,
                                            float beta, float *out)
{
    (void)self;
    if (trn_is_wide())
        multiply_wide(window, n, kernel, in, beta, out);
    else
        multiply(window, n, kernel, in, beta, out);
    return TRNNSF_OK;
}

/* The place at which a cell lies on a pixel: that of the window that begins `back` = pixel + pad - step *
 * cell after the first one. */
static bool place_of(size_t pixel, size_t pad, size_t offset, size_t stride, size_t places,
                     size_t *out)
{
    size_t back = pixel + pad - offset;

    if (pixel + pad < offset)
        return false;
    if (stride > 1 && back % stride != 0)
        return false;
    *out = stride > 1 ? back / stride : back;
    return *out < places;
}

/* One pixel and one row of cells, which lies on `out`'s row of places. */
TRN_INLINE void add_cells(const struct trnnsf_window *w, size_t n, size_t x, const float *kernel,
                          const float *out, size_t lanes, float *sum)
{
    for (size_t kx = 0; kx < w->kernel_width; kx++) {
        size_t ox;

        if (!place_of(x, w->pad_left, kx * w->dilation_width, w->stride_width, w->out_width, &ox))
            continue;
        for (size_t l = 0; l < lanes; l++)
            sum[l] += kernel[kx] * out[ox * n + l];
    }
}

TRN_INLINE void raise_lanes(const struct trnnsf_window *w, size_t n, size_t y, size_t x,
                            const float *kernel, const float *out, size_t lanes, float *in)
{
    float sum[LANES] = {0};

    for (size_t l = 0; l < lanes; l++)
        sum[l] = in[l];
    for (size_t ky = 0; ky < w->kernel_height; ky++) {
        size_t oy;

        if (place_of(y, w->pad_top, ky * w->dilation_height, w->stride_height, w->out_height, &oy))
            add_cells(w, n, x, kernel + ky * w->kernel_width, out + oy * w->out_width * n, lanes,
                      sum);
    }
    for (size_t l = 0; l < lanes; l++)
        in[l] = sum[l];
}

TRN_INLINE void multiply_transposed(const struct trnnsf_window *w, size_t n, const float *kernel,
                                    const float *out, float *in)
{
    for (size_t y = 0; y < w->height; y++) {
        for (size_t x = 0; x < w->width; x++, in += n) {
            size_t s = 0;

            for (; s + LANES <= n; s += LANES)
                raise_lanes(w, n, y, x, kernel, out + s, LANES, in + s);
            if (s < n)
                raise_lanes(w, n, y, x, kernel, out + s, n - s, in + s);
        }
    }
}

TRN_WIDE static void multiply_transposed_wide(const struct trnnsf_window *w, size_t n,
                                              const float *kernel, const float *out, float *in)
{
    multiply_transposed(w, n, kernel, out, in);
}

trnnsf_status trn_reference_window_multiply_transposed(void *self,
                                                       const struct trnnsf_window *window, size_t n,
                                                       const float *kernel, const float *out,
                                                       float *in)
{
    (void)self;
    if (trn_is_wide())
        multiply_transposed_wide(window, n, kernel, out, in);
    else
        multiply_transposed(window, n, kernel, out, in);
    return TRNNSF_OK;
}

/* Sums of LANES each, added up at last. */
TRN_INLINE float dot(size_t n, const float *a, const float *b)
{
    float sum[LANES] = {0}, total = 0.0f;
    size_t i = 0;

    for (; i + LANES <= n; i += LANES) {
        for (size_t l = 0; l < LANES; l++)
            sum[l] += a[i + l] * b[i + l];
    }
    for (; i < n; i++)
        sum[i % LANES] += a[i] * b[i];
    for (size_t l = 0; l < LANES; l++)
        total += sum[l];
    return total;
}

/* One row of places under one cell that lies on the image from place `begin` up to `end`; `in` is the pixel
 * that it lies on at `begin`. */
TRN_INLINE float dot_row(const struct trnnsf_window *w, size_t n, size_t begin, size_t end,
                         const float *in, const float *out)
{
    float total = 0.0f;

    if (w->stride_width == 1)
        return dot((end - begin) * n, in, out + begin * n);
    for (size_t ox = begin; ox < end; ox++, in += w->stride_width * n)
        total += dot(n, in, out + ox * n);
    return total;
}

/* All cells of row ky of the kernel, which lies on `in`'s row of pixels. */
TRN_INLINE void correlate_row(const struct trnnsf_window *w, size_t n, float alpha, const float *in,
                              const float *out, float *g)
{
    for (size_t kx = 0; kx < w->kernel_width; kx++) {
        size_t offset = kx * w->dilation_width, stride = w->stride_width, end = 0;
        size_t begin = offset < w->pad_left ? (w->pad_left - offset + stride - 1) / stride : 0;

        if (w->width + w->pad_left > offset)
            end = (w->width + w->pad_left - offset - 1) / stride + 1;
        end = end < w->out_width ? end : w->out_width;
        if (begin < end)
            g[kx] += alpha * dot_row(w, n, begin, end,
                                     in + (begin * stride + offset - w->pad_left) * n, out);
    }
}

/* Row by row, so that those of the image and of the gradient stay in the first cache. */
TRN_INLINE void correlate(const struct trnnsf_window *w, size_t n, float alpha, const float *in,
                          const float *out, float *g)
{
    for (size_t oy = 0; oy < w->out_height; oy++) {
        struct cells rows = rows_at(w, oy);

        for (size_t ky = rows.begin; ky < rows.end; ky++) {
            size_t y = rows.first + (ky - rows.begin) * w->dilation_height;

            correlate_row(w, n, alpha, in + y * w->width * n, out + oy * w->out_width * n,
                          g + ky * w->kernel_width);
        }
    }
}

TRN_WIDE static void correlate_wide(const struct trnnsf_window *w, size_t n, float alpha,
                                    const float *in, const float *out, float *g)
{
    correlate(w, n, alpha, in, out, g);
}

trnnsf_status trn_reference_window_gradient(void *self, const struct trnnsf_window *window,
                                            size_t n, float alpha, const float *out,
                                            const float *in, float beta, float *g)
{
    (void)self;
    for (size_t c = 0; c < window->kernel_height * window->kernel_width; c++)
        g[c] = beta == 0.0f ? 0.0f : beta * g[c];
    if (trn_is_wide())
        correlate_wide(window, n, alpha, in, out, g);
    else
        correlate(window, n, alpha, in, out, g);
    return TRNNSF_OK;
}
