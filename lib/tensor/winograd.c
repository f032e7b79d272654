#include "tensor/winograd.h"

#include <string.h>

#include "tensor/run.h"
#include "tensor/winograd_tile.h"

/* Transformed values at once, of input and output together: what a third-level cache holds. Fewer
 * columns than so many would leave products to pack their operands only. Chosen here, by measurement. */
static const size_t stripe_values = (size_t)1 << 18, least_columns = 512;

/* Tiles first … first + tiles - 1 of all, row by row. */
struct work {
    struct trn_run run;
    const struct trn_winograd *w;
    size_t first;
    size_t tiles;
    size_t columns; /* tiles * n: what transformed panels [16 x channels x columns] are wide */
    const float *x;
    float *y;
    const float *dy;
    bool add;
    float *v; /* transformed input */
    float *m; /* transformed output */
    float *u; /* transformed kernels [16 x out x in] */
    float keep; /* of the sums in u, where it is a gradient's */
};

struct kernels {
    const struct trn_winograd *w;
    const float *from;
    bool transposed;
    float *u;
    float alpha;
    float beta;
    float *to;
};

static size_t tiles_across(const struct trn_winograd *w)
{
    return (w->out_width + 1) / 2;
}

static size_t count_tiles(const struct trn_winograd *w)
{
    return (w->out_height + 1) / 2 * tiles_across(w);
}

static size_t stripe_tiles(const struct trn_winograd *w)
{
    size_t one = TRN_FREQUENCIES * (w->in_channels + w->out_channels) * w->n;
    size_t tiles = stripe_values / one, least = (least_columns + w->n - 1) / w->n;

    tiles = tiles > least ? tiles : least;
    return tiles < count_tiles(w) ? tiles : count_tiles(w);
}

/* The convolution that passes gradients back. */
static struct trn_winograd reverse(const struct trn_winograd *w)
{
    return (struct trn_winograd){.in_channels = w->out_channels,
                                 .out_channels = w->in_channels,
                                 .height = w->out_height,
                                 .width = w->out_width,
                                 .pad_top = 2 - w->pad_top,
                                 .pad_left = 2 - w->pad_left,
                                 .out_height = w->height,
                                 .out_width = w->width,
                                 .n = w->n};
}

size_t trn_winograd_room(const struct trn_winograd *w)
{
    const struct trn_winograd back = reverse(w);
    size_t tiles = stripe_tiles(w) > stripe_tiles(&back) ? stripe_tiles(w) : stripe_tiles(&back);
    size_t channels = w->in_channels + w->out_channels;

    return TRN_FREQUENCIES * (channels * tiles * w->n + w->in_channels * w->out_channels);
}

TRN_INLINE void take(const float *from, size_t lanes, float *to)
{
    if (lanes == TRN_LANES) {
        memcpy(to, from, sizeof(trn_lanes));
        return;
    }
    memset(to, 0, sizeof(trn_lanes));
    memcpy(to, from, lanes * sizeof *to);
}

TRN_INLINE void give(const float *from, size_t lanes, bool add, float *to)
{
    if (!add && lanes == TRN_LANES) {
        memcpy(to, from, sizeof(trn_lanes));
        return;
    }
    for (size_t l = 0; l < lanes; l++)
        to[l] = add ? to[l] + from[l] : from[l];
}

/* The window's 4 x 4 pixels of one tile, nought off the image. */
TRN_INLINE void take_window(const struct work *k, const float *image, size_t tile, size_t s,
                            size_t lanes, trn_lanes d[16])
{
    const struct trn_winograd *w = k->w;
    size_t top = 2 * (tile / tiles_across(w)), left = 2 * (tile % tiles_across(w));

    for (size_t i = 0; i < 16; i++) {
        size_t y = top + i / 4 - w->pad_top, x = left + i % 4 - w->pad_left;

        /* What is before the first row or column wraps around to be far past the last. */
        if (y < w->height && x < w->width)
            take(image + (y * w->width + x) * w->n + s, lanes, d[i]);
        else
            memset(d[i], 0, sizeof(trn_lanes));
    }
}

/* Place i of 2 x 2 of a tile of outputs; NULL past the last. */
TRN_INLINE float *place_of(const struct work *k, float *image, size_t tile, size_t i)
{
    const struct trn_winograd *w = k->w;
    size_t y = 2 * (tile / tiles_across(w)) + i / 2, x = 2 * (tile % tiles_across(w)) + i % 2;

    return y < w->out_height && x < w->out_width ? image + (y * w->out_width + x) * w->n : NULL;
}

static size_t lanes_at(const struct trn_winograd *w, size_t s)
{
    return w->n - s < TRN_LANES ? w->n - s : TRN_LANES;
}

TRN_INLINE void input_channel(const struct work *k, size_t channel)
{
    const struct trn_winograd *w = k->w;
    const float *image = k->x + channel * w->height * w->width * w->n;
    float *v = k->v + channel * k->columns;
    size_t apart = w->in_channels * k->columns;

    for (size_t t = 0; t < k->tiles; t++) {
        for (size_t s = 0; s < w->n; s += TRN_LANES) {
            size_t lanes = lanes_at(w, s);
            trn_lanes d[16], out[16];

            take_window(k, image, k->first + t, s, lanes, d);
            trn_winograd_input(d, out);
            for (size_t f = 0; f < TRN_FREQUENCIES; f++)
                give(out[f], lanes, false, v + f * apart + t * w->n + s);
        }
    }
}

TRN_INLINE void output_channel(const struct work *k, size_t channel)
{
    const struct trn_winograd *w = k->w;
    float *image = k->y + channel * w->out_height * w->out_width * w->n;
    const float *m = k->m + channel * k->columns;
    size_t apart = w->out_channels * k->columns;

    for (size_t t = 0; t < k->tiles; t++) {
        for (size_t s = 0; s < w->n; s += TRN_LANES) {
            size_t lanes = lanes_at(w, s);
            trn_lanes in[16], y[4];

            for (size_t f = 0; f < TRN_FREQUENCIES; f++)
                take(m + f * apart + t * w->n + s, lanes, in[f]);
            trn_winograd_output(in, y);
            for (size_t i = 0; i < 4; i++) {
                float *place = place_of(k, image, k->first + t, i);

                if (place)
                    give(y[i], lanes, k->add, place + s);
            }
        }
    }
}

TRN_INLINE void slope_channel(const struct work *k, size_t channel)
{
    const struct trn_winograd *w = k->w;
    const float *image = k->dy + channel * w->out_height * w->out_width * w->n;
    float *m = k->m + channel * k->columns;
    size_t apart = w->out_channels * k->columns;

    for (size_t t = 0; t < k->tiles; t++) {
        for (size_t s = 0; s < w->n; s += TRN_LANES) {
            size_t lanes = lanes_at(w, s);
            trn_lanes y[4], out[16];

            for (size_t i = 0; i < 4; i++) {
                const float *place = place_of(k, (float *)image, k->first + t, i);

                if (place)
                    take(place + s, lanes, y[i]);
                else
                    memset(y[i], 0, sizeof(trn_lanes));
            }
            trn_winograd_output_adjoint(y, out);
            for (size_t f = 0; f < TRN_FREQUENCIES; f++)
                give(out[f], lanes, false, m + f * apart + t * w->n + s);
        }
    }
}

TRN_WIDE static void input_wide(const struct work *k, size_t channel)
{
    input_channel(k, channel);
}

TRN_WIDE static void output_wide(const struct work *k, size_t channel)
{
    output_channel(k, channel);
}

TRN_WIDE static void slope_wide(const struct work *k, size_t channel)
{
    slope_channel(k, channel);
}

static void input_task(void *argument, size_t task, size_t worker)
{
    (void)worker;
    if (trn_is_wide())
        input_wide(argument, task);
    else
        input_channel(argument, task);
}

static void output_task(void *argument, size_t task, size_t worker)
{
    (void)worker;
    if (trn_is_wide())
        output_wide(argument, task);
    else
        output_channel(argument, task);
}

static void slope_task(void *argument, size_t task, size_t worker)
{
    (void)worker;
    if (trn_is_wide())
        slope_wide(argument, task);
    else
        slope_channel(argument, task);
}

/* One row of the transformed kernels: an output of what is computed. */
static void kernel_task(void *argument, size_t row, size_t worker)
{
    const struct kernels *k = argument;
    size_t rows = k->w->out_channels, columns = k->w->in_channels;

    (void)worker;
    for (size_t c = 0; c < columns; c++) {
        const float *from = k->from + 9 * (k->transposed ? c * rows + row : row * columns + c);
        float g[9], u[16];

        for (size_t i = 0; i < 9; i++)
            g[i] = from[k->transposed ? 8 - i : i];
        trn_winograd_kernel(g, u);
        for (size_t f = 0; f < TRN_FREQUENCIES; f++)
            k->u[(f * rows + row) * columns + c] = u[f];
    }
}

static void kernel_back_task(void *argument, size_t row, size_t worker)
{
    const struct kernels *k = argument;
    size_t rows = k->w->out_channels, columns = k->w->in_channels;

    (void)worker;
    for (size_t c = 0; c < columns; c++) {
        float *to = k->to + 9 * (row * columns + c);
        float g[9], u[16];

        for (size_t f = 0; f < TRN_FREQUENCIES; f++)
            u[f] = k->u[(f * rows + row) * columns + c];
        trn_winograd_kernel_adjoint(u, g);
        for (size_t i = 0; i < 9; i++)
            to[i] = k->beta == 0.0f ? k->alpha * g[i] : k->alpha * g[i] + k->beta * to[i];
    }
}

/* m = u v of one frequency. */
static void multiply_task(void *argument, size_t f, size_t worker)
{
    struct work *k = argument;
    size_t in = k->w->in_channels, out = k->w->out_channels, n = k->columns;

    (void)worker;
    trn_run_note(&k->run,
                 trn_kernel_gemm(k->run.backend, 0, 0, out, n, in, 1.0f, k->u + f * out * in, in,
                                 k->v + f * in * n, n, 0.0f, k->m + f * out * n, n));
}

/* u = m v' + keep u of one frequency. */
static void correlate_task(void *argument, size_t f, size_t worker)
{
    struct work *k = argument;
    size_t in = k->w->in_channels, out = k->w->out_channels, n = k->columns;

    (void)worker;
    trn_run_note(&k->run,
                 trn_kernel_gemm(k->run.backend, 0, 1, out, in, n, 1.0f, k->m + f * out * n, n,
                                 k->v + f * in * n, n, k->keep, k->u + f * out * in, in));
}

static struct work work_of(const struct trn_winograd *w, float *room)
{
    struct work work = {.w = w};
    size_t columns = stripe_tiles(w) * w->n;

    work.u = room;
    work.v = work.u + TRN_FREQUENCIES * w->in_channels * w->out_channels;
    work.m = work.v + TRN_FREQUENCIES * w->in_channels * columns;
    return work;
}

/* The stripe after the work's, which a fresh one has 0 tiles for; false after the last. */
static bool next_stripe(struct work *k)
{
    size_t left;

    k->first += k->tiles;
    left = count_tiles(k->w) - k->first;
    k->tiles = left < stripe_tiles(k->w) ? left : stripe_tiles(k->w);
    k->columns = k->tiles * k->w->n;
    return left > 0;
}

static trnnsf_status convolve(trnnsf_context *ctx, struct work *k)
{
    while (next_stripe(k)) {
        trn_parallel(ctx, k->w->in_channels, input_task, k);
        TRN_TRY(trn_run_tasks(ctx, "gemm", TRN_FREQUENCIES, multiply_task, &k->run));
        trn_parallel(ctx, k->w->out_channels, output_task, k);
    }
    return TRNNSF_OK;
}

trnnsf_status trn_winograd_convolve(trnnsf_context *ctx, const struct trn_winograd *w,
                                    const float *kernels, const float *x, float *y, float *room)
{
    struct work work = work_of(w, room);
    struct kernels transform = {.w = w, .from = kernels, .u = work.u};

    work.x = x;
    work.y = y;
    trn_parallel(ctx, w->out_channels, kernel_task, &transform);
    return convolve(ctx, &work);
}

trnnsf_status trn_winograd_transposed(trnnsf_context *ctx, const struct trn_winograd *w,
                                      const float *kernels, const float *dy, bool add, float *dx,
                                      float *room)
{
    const struct trn_winograd back = reverse(w);
    struct work work = work_of(&back, room);
    struct kernels transform = {.w = &back, .from = kernels, .transposed = true, .u = work.u};

    work.x = dy;
    work.y = dx;
    work.add = add;
    trn_parallel(ctx, back.out_channels, kernel_task, &transform);
    return convolve(ctx, &work);
}

trnnsf_status trn_winograd_gradient(trnnsf_context *ctx, const struct trn_winograd *w, float alpha,
                                    const float *dy, const float *x, float beta, float *g,
                                    float *room)
{
    struct work work = work_of(w, room);
    struct kernels back = {.w = w, .u = work.u, .alpha = alpha, .beta = beta, .to = g};

    work.x = x;
    work.dy = dy;
    while (next_stripe(&work)) {
        trn_parallel(ctx, w->in_channels, input_task, &work);
        trn_parallel(ctx, w->out_channels, slope_task, &work);
        TRN_TRY(trn_run_tasks(ctx, "gemm", TRN_FREQUENCIES, correlate_task, &work.run));
        work.keep = 1.0f;
    }
    trn_parallel(ctx, w->out_channels, kernel_back_task, &back);
    return TRNNSF_OK;
}
