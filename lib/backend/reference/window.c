/* Windows over images: copied out for a matrix product, and added back. */
#include <string.h>

#include "backend/reference/reference.h"

/* Output places [begin, end) of an axis at which a kernel's cell lies on the image. */
struct span {
    size_t begin;
    size_t end;
};

/* `offset` is the cell's distance from the window's start; pixel = place * stride + offset - pad. */
static struct span places_inside(size_t places, size_t pixels, size_t stride, size_t offset,
                                 size_t pad)
{
    struct span span = {offset < pad ? (pad - offset + stride - 1) / stride : 0, 0};

    if (pixels + pad > offset)
        span.end = (pixels + pad - offset - 1) / stride + 1;
    span.end = span.end < places ? span.end : places;
    span.begin = span.begin < span.end ? span.begin : span.end;
    return span;
}

static const float *pixel_at(const struct trnnsf_window *w, const float *in, size_t n, size_t y,
                             size_t x)
{
    return in + (y * w->width + x) * n;
}

/* One row of places under one cell; `in` is the image's row that the cell lies on. */
static void lower_row(const struct trnnsf_window *w, struct span inside, size_t offset, size_t n,
                      const float *in, float *out)
{
    size_t first = inside.begin * w->stride_width + offset - w->pad_left;

    memset(out, 0, inside.begin * n * sizeof *out);
    memset(out + inside.end * n, 0, (w->out_width - inside.end) * n * sizeof *out);
    if (w->stride_width == 1) {
        memcpy(out + inside.begin * n, in + first * n, (inside.end - inside.begin) * n * sizeof *out);
        return;
    }
    for (size_t ox = inside.begin; ox < inside.end; ox++, first += w->stride_width)
        memcpy(out + ox * n, in + first * n, n * sizeof *out);
}

/* One cell's row of the lowered panel. */
static void lower_cell(const struct trnnsf_window *w, size_t ky, size_t kx, size_t first,
                       size_t n_rows, size_t n, const float *in, float *out)
{
    size_t down = ky * w->dilation_height, right = kx * w->dilation_width, row = w->out_width * n;
    struct span rows = places_inside(w->out_height, w->height, w->stride_height, down, w->pad_top);
    struct span columns =
        places_inside(w->out_width, w->width, w->stride_width, right, w->pad_left);

    for (size_t oy = first; oy < first + n_rows; oy++, out += row) {
        if (oy < rows.begin || oy >= rows.end || columns.begin == columns.end)
            memset(out, 0, row * sizeof *out);
        else
            lower_row(w, columns, right, n,
                      pixel_at(w, in, n, oy * w->stride_height + down - w->pad_top, 0), out);
    }
}

trnnsf_status trn_reference_window_lower_cells(void *self, const struct trnnsf_window *w,
                                               size_t first, size_t n_rows, size_t n,
                                               const uint8_t *wanted, const float *in, float *out,
                                               size_t ld_out)
{
    (void)self;
    for (size_t cell = 0; cell < w->kernel_height * w->kernel_width; cell++) {
        if (!wanted || wanted[cell])
            lower_cell(w, cell / w->kernel_width, cell % w->kernel_width, first, n_rows, n, in,
                       out + cell * ld_out);
    }
    return TRNNSF_OK;
}

trnnsf_status trn_reference_window_lower(void *self, const struct trnnsf_window *w, size_t first,
                                         size_t n_rows, size_t n, const float *in, float *out,
                                         size_t ld_out)
{
    return trn_reference_window_lower_cells(self, w, first, n_rows, n, NULL, in, out, ld_out);
}

static void add(size_t n, const float *restrict from, float *restrict to)
{
    for (size_t i = 0; i < n; i++)
        to[i] += from[i];
}

static void raise_row(const struct trnnsf_window *w, struct span inside, size_t offset, size_t n,
                      const float *out, float *in)
{
    size_t first = inside.begin * w->stride_width + offset - w->pad_left;

    if (w->stride_width == 1) {
        add((inside.end - inside.begin) * n, out + inside.begin * n, in + first * n);
        return;
    }
    for (size_t ox = inside.begin; ox < inside.end; ox++, first += w->stride_width)
        add(n, out + ox * n, in + first * n);
}

trnnsf_status trn_reference_window_raise(void *self, const struct trnnsf_window *w, size_t first,
                                         size_t n_rows, size_t n, const float *out, size_t ld_out,
                                         float *in)
{
    size_t row = w->out_width * n;

    (void)self;
    for (size_t ky = 0; ky < w->kernel_height; ky++) {
        size_t down = ky * w->dilation_height;
        struct span rows =
            places_inside(w->out_height, w->height, w->stride_height, down, w->pad_top);
        size_t begin = rows.begin > first ? rows.begin : first;
        size_t end = rows.end < first + n_rows ? rows.end : first + n_rows;

        for (size_t kx = 0; kx < w->kernel_width; kx++) {
            size_t right = kx * w->dilation_width;
            struct span columns =
                places_inside(w->out_width, w->width, w->stride_width, right, w->pad_left);
            const float *from = out + (ky * w->kernel_width + kx) * ld_out;

            for (size_t oy = begin; oy < end && columns.begin < columns.end; oy++)
                raise_row(w, columns, right, n, from + (oy - first) * row,
                          in + (oy * w->stride_height + down - w->pad_top) * w->width * n);
        }
    }
    return TRNNSF_OK;
}
