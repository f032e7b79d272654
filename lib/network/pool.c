#include "network/pool.h"

#include <math.h>
#include <string.h>

#include "base/pool.h"

enum { SEGMENT = 256 }; /* samples at once, on the stack */

struct work {
    const struct trn_pool *pool;
    const float *x;
    float *y;
    const float *dy;
    float *dx;
};

/* The cells of one place's window that lie on the image: every cell of rows y, y + step, … */
struct field {
    size_t top, bottom, left, right; /* pixels; bottom and right are past the last */
    size_t down, across;             /* steps */
    float share;                     /* of a value in the mean */
};

/* First pixel inside, and one past the last, of cells at start, start + step, …, where `start` is
 * counted from `pad` before the image. */
static void clip(size_t start, size_t kernel, size_t step, size_t pad, size_t pixels, size_t *first,
                 size_t *end)
{
    size_t outside = start < pad ? (pad - start + step - 1) / step : 0;
    size_t last = start + (kernel - 1) * step;

    *first = start + outside * step - pad;
    *end = last < pad ? 0 : last - pad + 1;
    *end = *end < pixels ? *end : pixels;
}

static struct field field_of(const struct trn_pool *pool, size_t oy, size_t ox)
{
    const struct trnnsf_node_options *o = &pool->node->options;
    struct field f = {.down = o->dilation_height, .across = o->dilation_width};
    size_t count = (size_t)o->kernel_height * o->kernel_width;

    clip(oy * o->stride_height, o->kernel_height, f.down, o->pad_top, pool->input->height, &f.top,
         &f.bottom);
    clip(ox * o->stride_width, o->kernel_width, f.across, o->pad_left, pool->input->width, &f.left,
         &f.right);
    if (!o->count_pad && f.top < f.bottom && f.left < f.right)
        count = ((f.bottom - f.top - 1) / f.down + 1) * ((f.right - f.left - 1) / f.across + 1);
    f.share = 1.0f / (float)count;
    return f;
}

/* A NaN wins. */
static void larger(size_t n, const float *restrict x, float *restrict most)
{
    for (size_t s = 0; s < n; s++)
        most[s] = x[s] > most[s] || x[s] != x[s] ? x[s] : most[s];
}

static void largest(const struct trn_pool *pool, const struct field *f, const float *x, size_t n,
                    float *most)
{
    for (size_t s = 0; s < n; s++)
        most[s] = -INFINITY;
    for (size_t y = f->top; y < f->bottom; y += f->down) {
        for (size_t p = f->left; p < f->right; p += f->across)
            larger(n, x + (y * pool->input->width + p) * pool->ld, most);
    }
}

static void mean(const struct trn_pool *pool, const struct field *f, const float *x, size_t n,
                 float *restrict sum)
{
    memset(sum, 0, n * sizeof *sum);
    for (size_t y = f->top; y < f->bottom; y += f->down) {
        for (size_t p = f->left; p < f->right; p += f->across) {
            const float *restrict from = x + (y * pool->input->width + p) * pool->ld;

            for (size_t s = 0; s < n; s++)
                sum[s] += from[s];
        }
    }
    for (size_t s = 0; s < n; s++)
        sum[s] *= f->share;
}

static void forward_task(void *argument, size_t channel, size_t worker)
{
    const struct work *work = argument;
    const struct trn_pool *pool = work->pool;
    const struct trn_shape *out = &pool->node->shape;
    const float *x = work->x + channel * trn_shape_pixels(pool->input) * pool->ld;
    float *y = work->y + channel * trn_shape_pixels(out) * pool->ld;

    (void)worker;
    for (size_t oy = 0; oy < out->height; oy++) {
        for (size_t ox = 0; ox < out->width; ox++, y += pool->ld) {
            struct field f = field_of(pool, oy, ox);

            if (pool->node->options.kind == TRNNSF_NODE_MAX_POOL)
                largest(pool, &f, x, pool->n, y);
            else
                mean(pool, &f, x, pool->n, y);
        }
    }
}

static void give_to_largest(const struct trn_pool *pool, const struct field *f, const float *x,
                            const float *dy, size_t n, float *dx)
{
    float most[SEGMENT], left[SEGMENT];

    largest(pool, f, x, n, most);
    memcpy(left, dy, n * sizeof *left);
    for (size_t y = f->top; y < f->bottom; y += f->down) {
        for (size_t p = f->left; p < f->right; p += f->across) {
            size_t at = (y * pool->input->width + p) * pool->ld;

            for (size_t s = 0; s < n; s++) {
                float part = x[at + s] == most[s] ? left[s] : 0.0f;

                dx[at + s] += part;
                left[s] -= part;
            }
        }
    }
}

static void give_to_all(const struct trn_pool *pool, const struct field *f,
                        const float *restrict dy, size_t n, float *restrict dx)
{
    for (size_t y = f->top; y < f->bottom; y += f->down) {
        for (size_t p = f->left; p < f->right; p += f->across) {
            float *restrict to = dx + (y * pool->input->width + p) * pool->ld;

            for (size_t s = 0; s < n; s++)
                to[s] += f->share * dy[s];
        }
    }
}

static void backward_task(void *argument, size_t channel, size_t worker)
{
    const struct work *work = argument;
    const struct trn_pool *pool = work->pool;
    const struct trn_shape *out = &pool->node->shape;
    size_t first = channel * trn_shape_pixels(pool->input) * pool->ld;
    const float *dy = work->dy + channel * trn_shape_pixels(out) * pool->ld;

    (void)worker;
    for (size_t oy = 0; oy < out->height; oy++) {
        for (size_t ox = 0; ox < out->width; ox++, dy += pool->ld) {
            struct field f = field_of(pool, oy, ox);

            if (pool->node->options.kind == TRNNSF_NODE_MEAN_POOL) {
                give_to_all(pool, &f, dy, pool->n, work->dx + first);
                continue;
            }
            for (size_t s = 0; s < pool->n; s += SEGMENT)
                give_to_largest(pool, &f, work->x + first + s, dy + s,
                                pool->n - s < SEGMENT ? pool->n - s : SEGMENT, work->dx + first + s);
        }
    }
}

void trn_pool_forward(trnnsf_context *ctx, const struct trn_pool *pool, const float *x, float *y)
{
    struct work work = {.pool = pool, .x = x, .y = y};

    trn_parallel(ctx, pool->input->channels, forward_task, &work);
}

void trn_pool_backward(trnnsf_context *ctx, const struct trn_pool *pool, const float *x,
                       const float *dy, float *dx)
{
    struct work work = {.pool = pool, .x = x, .dy = dy, .dx = dx};

    trn_parallel(ctx, pool->input->channels, backward_task, &work);
}
