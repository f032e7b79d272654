#include "network/norm.h"

#include <math.h>

#include "base/pool.h"
#include "base/wide.h"

enum { LANES = 8 }; /* partial sums, so that adding is not bound by its latency */

struct work {
    const struct trn_norm *norm;
    const float *x;
    float *y;
    const float *dy;
    float *dx;
    float *d_scale;
    float *d_shift;
    bool add;
};

/* Sums of f(x) over the samples of a channel, in a fixed order: of x - centre and its square, or of dy
 * and dy (x - centre). */
struct sums {
    double first;
    double second;
};

TRN_INLINE void add_term(double x, double centre, double dy, bool slope, double *first,
                         double *second)
{
    double d = x - centre, f = slope ? dy : d;

    *first += f;
    *second += f * d;
}

TRN_INLINE struct sums sum_row(const float *x, const float *dy, float centre, size_t n)
{
    double first[LANES] = {0}, second[LANES] = {0};
    struct sums total = {0.0, 0.0};
    size_t s = 0;

    for (; s + LANES <= n; s += LANES) {
        for (size_t i = 0; i < LANES; i++)
            add_term((double)x[s + i], (double)centre, dy ? (double)dy[s + i] : 0.0, dy != NULL,
                     &first[i], &second[i]);
    }
    for (size_t i = 0; s + i < n; i++)
        add_term((double)x[s + i], (double)centre, dy ? (double)dy[s + i] : 0.0, dy != NULL,
                 &first[i], &second[i]);
    for (size_t i = 0; i < LANES; i++) {
        total.first += first[i];
        total.second += second[i];
    }
    return total;
}

TRN_INLINE struct sums sum_all(const struct trn_norm *norm, const float *x, const float *dy,
                               float centre)
{
    struct sums total = {0.0, 0.0};

    for (size_t p = 0; p < trn_shape_pixels(&norm->node->shape); p++) {
        size_t at = p * norm->ld;
        struct sums row = sum_row(x + at, dy ? dy + at : NULL, centre, norm->n);

        total.first += row.first;
        total.second += row.second;
    }
    return total;
}

TRN_WIDE static struct sums sum_values_wide(const struct trn_norm *norm, const float *x,
                                            float centre)
{
    return sum_all(norm, x, NULL, centre);
}

TRN_WIDE static struct sums sum_slopes_wide(const struct trn_norm *norm, const float *x,
                                            const float *dy, float centre)
{
    return sum_all(norm, x, dy, centre);
}

static struct sums sum_channel(const struct trn_norm *norm, const float *x, const float *dy,
                               float centre)
{
    if (!trn_is_wide())
        return sum_all(norm, x, dy, centre);
    return dy ? sum_slopes_wide(norm, x, dy, centre) : sum_values_wide(norm, x, centre);
}

static double channel_values(const struct trn_norm *norm)
{
    return (double)norm->n * (double)trn_shape_pixels(&norm->node->shape);
}

/* y = factor (x - mean) + shift */
static void write_channel(const struct trn_norm *norm, const float *x, float mean, float factor,
                          float shift, float *y)
{
    size_t pixels = trn_shape_pixels(&norm->node->shape);

    for (size_t p = 0; p < pixels; p++) {
        const float *restrict from = x + p * norm->ld;
        float *restrict to = y + p * norm->ld;

        for (size_t s = 0; s < norm->n; s++)
            to[s] = factor * (from[s] - mean) + shift;
    }
}

double trn_norm_factor(const struct trn_node *norm, size_t channel)
{
    double variance = (double)norm->norm[TRNNSF_NORM_VARIANCE][channel];

    return (double)norm->norm[TRNNSF_NORM_SCALE][channel] / sqrt(variance + norm->options.epsilon);
}

double trn_norm_offset(const struct trn_node *norm, size_t channel)
{
    return (double)norm->norm[TRNNSF_NORM_SHIFT][channel] -
           (double)norm->norm[TRNNSF_NORM_MEAN][channel] * trn_norm_factor(norm, channel);
}

static void apply_task(void *argument, size_t c, size_t worker)
{
    const struct work *work = argument;
    const struct trn_norm *norm = work->norm;
    const struct trn_node *node = norm->node;
    size_t first = c * trn_shape_pixels(&node->shape) * norm->ld;

    (void)worker;
    write_channel(norm, work->x + first, node->norm[TRNNSF_NORM_MEAN][c],
                  (float)trn_norm_factor(node, c), node->norm[TRNNSF_NORM_SHIFT][c],
                  work->y + first);
}

static void apply_backward_task(void *argument, size_t c, size_t worker)
{
    const struct work *work = argument;
    const struct trn_norm *norm = work->norm;
    size_t columns = trn_shape_pixels(&norm->node->shape) * norm->ld;
    const float *restrict dy = work->dy + c * columns;
    float *restrict dx = work->dx + c * columns;
    float factor = (float)trn_norm_factor(norm->node, c);

    (void)worker;
    for (size_t i = 0; i < columns; i++)
        dx[i] = work->add ? dx[i] + factor * dy[i] : factor * dy[i];
}

static void move_towards(float *value, double target, double share)
{
    *value = (float)((1.0 - share) * (double)*value + share * target);
}

/* The variance in a second pass: the difference of two large sums would lose its digits. */
static void train_task(void *argument, size_t c, size_t worker)
{
    const struct work *work = argument;
    const struct trn_norm *norm = work->norm;
    const struct trn_node *node = norm->node;
    const float *x = work->x + c * trn_shape_pixels(&node->shape) * norm->ld;
    double count = channel_values(norm), share = node->options.momentum;
    float mean = (float)(sum_channel(norm, x, NULL, 0.0f).first / count);
    double variance = sum_channel(norm, x, NULL, mean).second / count;

    (void)worker;
    norm->mean[c] = mean;
    norm->inverse[c] = (float)(1.0 / sqrt(variance + node->options.epsilon));
    move_towards(&node->norm[TRNNSF_NORM_MEAN][c], (double)mean, share);
    move_towards(&node->norm[TRNNSF_NORM_VARIANCE][c],
                 count > 1.0 ? variance * count / (count - 1.0) : variance, share);
    write_channel(norm, x, mean, node->norm[TRNNSF_NORM_SCALE][c] * norm->inverse[c],
                  node->norm[TRNNSF_NORM_SHIFT][c], work->y + (x - work->x));
}

/* dx = factor (dy - mean_dy - (x - mean) slope) */
static void backward_task(void *argument, size_t c, size_t worker)
{
    const struct work *work = argument;
    const struct trn_norm *norm = work->norm;
    size_t pixels = trn_shape_pixels(&norm->node->shape), first = c * pixels * norm->ld;
    float mean = norm->mean[c], inverse = norm->inverse[c];
    struct sums sums = sum_channel(norm, work->x + first, work->dy + first, mean);
    double count = channel_values(norm);
    float factor = norm->node->norm[TRNNSF_NORM_SCALE][c] * inverse;
    float mean_dy = (float)(sums.first / count);
    float slope = (float)(sums.second / count * (double)inverse * (double)inverse);

    (void)worker;
    work->d_shift[c] = (float)sums.first;
    work->d_scale[c] = (float)(sums.second * (double)inverse);
    for (size_t p = 0; work->dx && p < pixels; p++) {
        const float *restrict x = work->x + first + p * norm->ld;
        const float *restrict dy = work->dy + first + p * norm->ld;
        float *restrict dx = work->dx + first + p * norm->ld;

        for (size_t s = 0; s < norm->n; s++) {
            float d = factor * (dy[s] - mean_dy - (x[s] - mean) * slope);

            dx[s] = work->add ? dx[s] + d : d;
        }
        for (size_t s = norm->n; !work->add && s < norm->ld; s++)
            dx[s] = 0.0f;
    }
}

void trn_norm_apply(trnnsf_context *ctx, const struct trn_norm *norm, const float *x, float *y)
{
    struct work work = {.norm = norm, .x = x, .y = y};

    trn_parallel(ctx, norm->node->shape.channels, apply_task, &work);
}

void trn_norm_apply_backward(trnnsf_context *ctx, const struct trn_norm *norm, const float *dy,
                             bool add, float *dx)
{
    struct work work = {.norm = norm, .dy = dy, .dx = dx, .add = add};

    trn_parallel(ctx, norm->node->shape.channels, apply_backward_task, &work);
}

void trn_norm_train(trnnsf_context *ctx, const struct trn_norm *norm, const float *x, float *y)
{
    struct work work = {.norm = norm, .x = x, .y = y};

    trn_parallel(ctx, norm->node->shape.channels, train_task, &work);
}

void trn_norm_backward(trnnsf_context *ctx, const struct trn_norm *norm, const float *x,
                       const float *dy, bool add, float *dx, float *d_scale, float *d_shift)
{
    struct work work = {norm, x, NULL, dy, dx, d_scale, d_shift, add};

    trn_parallel(ctx, norm->node->shape.channels, backward_task, &work);
}
