#include "network/convolution.h"

#include <string.h>

#include "base/pool.h"
#include "tensor/gemm.h"
#include "tensor/window.h"
#include "tensor/winograd.h"

/* Lowered values at once, chosen here: 4 MiB, of which each worker's part of a product stays in its
 * second-level cache. */
static const size_t lowered_values = (size_t)1 << 20;

/* Pairs of channels of a group up to which products of matrices would be too small. Chosen here. */
static const size_t plane_pairs = 16;

static bool is_direct(const struct trnnsf_node_options *o)
{
    return o->kernel_height == 1 && o->kernel_width == 1 && o->stride_height == 1 &&
           o->stride_width == 1 && !o->pad_top && !o->pad_left && !o->pad_bottom && !o->pad_right;
}

static struct trnnsf_window window_of(const struct trnnsf_node_options *o,
                                      const struct trn_shape *input, const struct trn_shape *output)
{
    return (struct trnnsf_window){.struct_size = sizeof(struct trnnsf_window),
                                  .height = input->height,
                                  .width = input->width,
                                  .kernel_height = o->kernel_height,
                                  .kernel_width = o->kernel_width,
                                  .stride_height = o->stride_height,
                                  .stride_width = o->stride_width,
                                  .dilation_height = o->dilation_height,
                                  .dilation_width = o->dilation_width,
                                  .pad_top = o->pad_top,
                                  .pad_left = o->pad_left,
                                  .out_height = output->height,
                                  .out_width = output->width};
}

struct trn_convolution trn_convolution_of(const struct trn_node *node,
                                          const struct trn_shape *input, size_t capacity)
{
    const struct trnnsf_node_options *o = &node->options;
    struct trn_convolution c = {.groups = 1};

    if (o->kind == TRNNSF_NODE_DENSE) {
        const struct trn_shape features = {trn_shape_size(input), 1, 1};

        c.window = window_of(&(struct trnnsf_node_options)TRNNSF_NODE_OPTIONS_INIT, &features,
                             &node->shape);
        c.direct = true;
        c.in_channels = features.channels;
    } else {
        c.window = window_of(o, input, &node->shape);
        c.direct = is_direct(o);
        c.groups = o->groups;
        c.in_channels = input->channels / c.groups;
    }
    c.out_channels = o->outputs / c.groups;
    c.planes = c.groups > 1 && c.in_channels * c.out_channels <= plane_pairs;
    c.direct = c.direct && !c.planes;
    c.stripe = node->shape.height;

    size_t row = c.in_channels * trn_window_cells(&c.window) * c.window.out_width * capacity;

    if (!c.direct && c.stripe * row > lowered_values)
        c.stripe = row < lowered_values ? lowered_values / row : 1;
    return c;
}

/* With fewer channels on a side transforms cost more than they save; the rest bounds room. Chosen here. */
enum { WINOGRAD_CHANNELS = 16, WINOGRAD_MOST = 4096 };

static bool is_in_range(size_t channels)
{
    return channels >= WINOGRAD_CHANNELS && channels <= WINOGRAD_MOST;
}

void trn_convolution_allow_winograd(struct trn_convolution *c, const struct trn_node *node,
                                    size_t capacity)
{
    const struct trnnsf_node_options *o = &node->options;

    c->winograd = o->kind == TRNNSF_NODE_CONVOLUTION && o->groups == 1 && o->kernel_height == 3 &&
                  o->kernel_width == 3 && o->stride_height == 1 && o->stride_width == 1 &&
                  o->dilation_height == 1 && o->dilation_width == 1 && o->pad_top <= 2 &&
                  o->pad_left <= 2 && is_in_range(c->in_channels) &&
                  is_in_range(c->out_channels) && capacity <= WINOGRAD_MOST;
}

static struct trn_winograd winograd_of(const struct trn_convolution *c, size_t n)
{
    const struct trnnsf_window *w = &c->window;

    return (struct trn_winograd){.in_channels = c->in_channels,
                                 .out_channels = c->out_channels,
                                 .height = w->height,
                                 .width = w->width,
                                 .pad_top = w->pad_top,
                                 .pad_left = w->pad_left,
                                 .out_height = w->out_height,
                                 .out_width = w->out_width,
                                 .n = n};
}

static struct trn_planes planes_of(const struct trn_convolution *c, size_t n)
{
    return (struct trn_planes){&c->window, c->groups, c->in_channels, c->out_channels, n};
}

size_t trn_convolution_columns(const struct trn_convolution *c, size_t capacity)
{
    return c->stripe * c->window.out_width * capacity;
}

size_t trn_convolution_room(const struct trn_convolution *c, size_t capacity)
{
    const struct trn_winograd winograd = winograd_of(c, capacity);
    size_t room = c->in_channels * trn_window_cells(&c->window) * trn_convolution_columns(c, capacity);

    if (c->direct)
        return 0;
    if (c->winograd && room < trn_winograd_room(&winograd))
        room = trn_winograd_room(&winograd);
    return room;
}

/* A stripe of output rows of one group, and where its parts of the panels are. */
struct stripe {
    size_t first;
    size_t rows;
    size_t columns; /* of the lowered panel and of the output's */
    size_t inputs;  /* of the group's matrix */
    size_t group;
    size_t x; /* the group's first value in the input panel */
    size_t y; /* likewise of the stripe in the output panel */
    size_t ldx;
    size_t ldy;
};

/* The stripe after `s`, which a fresh one is 0 for; false after the last. */
static bool next_stripe(const struct trn_convolution *c, size_t n, struct stripe *s)
{
    const struct trnnsf_window *w = &c->window;
    size_t row = w->out_width * n;

    s->first += s->rows;
    if (s->first == w->out_height) {
        s->first = 0;
        s->group++;
    }
    if (s->group == c->groups)
        return false;
    s->rows = w->out_height - s->first < c->stripe ? w->out_height - s->first : c->stripe;
    s->columns = s->rows * row;
    s->inputs = c->in_channels * trn_window_cells(w);
    s->ldx = w->height * w->width * n;
    s->ldy = w->out_height * row;
    s->x = s->group * c->in_channels * s->ldx;
    s->y = s->group * c->out_channels * s->ldy + s->first * row;
    return true;
}

/* Several groups share no packed form: their matrices follow one another in the dense one. */
static float *group_values(const struct trn_convolution *c, const struct stripe *s, float *values)
{
    return values + s->group * c->out_channels * s->inputs;
}

/* The panel that the matrix is multiplied with; rows that `wanted` (NULL: all) has 0 for are not read. */
static trnnsf_status lower(trnnsf_context *ctx, const struct trn_convolution *c,
                           const uint8_t *wanted, const struct stripe *s, size_t n, const float *x,
                           float *lowered, const float **out)
{
    *out = c->direct ? x + s->x : lowered;
    if (c->direct)
        return TRNNSF_OK;
    return trn_window_lower(ctx, &c->window, c->in_channels, s->first, s->rows, n, wanted, x + s->x,
                            lowered, s->columns);
}

trnnsf_status trn_convolve(trnnsf_context *ctx, const struct trn_convolution *c,
                           const struct trn_packed *packed, size_t n, const float *x, float *y,
                           float *lowered)
{
    if (c->planes) {
        const struct trn_planes planes = planes_of(c, n);

        return trn_planes_multiply(ctx, &planes, packed->values, x, y);
    }
    if (c->winograd && packed->dense) {
        const struct trn_winograd winograd = winograd_of(c, n);

        return trn_winograd_convolve(ctx, &winograd, packed->values, x, y, lowered);
    }
    for (struct stripe s = {0}; next_stripe(c, n, &s);) {
        const float *panel;

        TRN_TRY(lower(ctx, c, packed->reads, &s, n, x, lowered, &panel));
        if (c->groups == 1)
            TRN_TRY(trn_packed_multiply(ctx, packed, s.columns, panel, s.columns, NULL, y + s.y,
                                        s.ldy));
        else
            TRN_TRY(trn_gemm(ctx, TRN_NO_TRANSPOSE, TRN_NO_TRANSPOSE, c->out_channels, s.columns,
                             s.inputs, 1.0f, group_values(c, &s, packed->values), s.inputs, panel,
                             s.columns, 0.0f, y + s.y, s.ldy));
    }
    return TRNNSF_OK;
}

trnnsf_status trn_convolve_transposed(trnnsf_context *ctx, const struct trn_convolution *c,
                                      const struct trn_packed *packed, size_t n, const float *dy,
                                      bool add, float *dx, float *lowered)
{
    if (c->winograd && packed->dense) {
        const struct trn_winograd winograd = winograd_of(c, n);

        return trn_winograd_transposed(ctx, &winograd, packed->values, dy, add, dx, lowered);
    }
    if (!add && !c->direct)
        memset(dx, 0,
               c->groups * c->in_channels * c->window.height * c->window.width * n * sizeof *dx);
    if (c->planes) {
        const struct trn_planes planes = planes_of(c, n);

        return trn_planes_transposed(ctx, &planes, packed->values, dy, dx);
    }
    for (struct stripe s = {0}; next_stripe(c, n, &s);) {
        float *panel = c->direct ? dx + s.x : lowered;

        if (c->groups == 1)
            TRN_TRY(trn_packed_multiply_transposed(ctx, packed, s.columns, dy + s.y, s.ldy, NULL,
                                                   panel, s.columns));
        else
            TRN_TRY(trn_gemm(ctx, TRN_TRANSPOSE, TRN_NO_TRANSPOSE, s.inputs, s.columns,
                             c->out_channels, 1.0f, group_values(c, &s, packed->values), s.inputs,
                             dy + s.y, s.ldy, 0.0f, panel, s.columns));
        if (!c->direct)
            TRN_TRY(trn_window_raise(ctx, &c->window, c->in_channels, s.first, s.rows, n, lowered,
                                     s.columns, dx + s.x));
    }
    return TRNNSF_OK;
}

trnnsf_status trn_convolve_gradient(trnnsf_context *ctx, const struct trn_convolution *c,
                                    const struct trn_packed *packed, float alpha, size_t n,
                                    const float *dy, const float *x, float beta, float *g,
                                    float *lowered)
{
    if (c->planes) {
        const struct trn_planes planes = planes_of(c, n);

        return trn_planes_gradient(ctx, &planes, alpha, dy, x, beta, g);
    }
    if (c->winograd && packed->dense) {
        const struct trn_winograd winograd = winograd_of(c, n);

        return trn_winograd_gradient(ctx, &winograd, alpha, dy, x, beta, g, lowered);
    }
    for (struct stripe s = {0}; next_stripe(c, n, &s);) {
        float keep = s.first == 0 ? beta : 1.0f;
        const float *panel;

        TRN_TRY(lower(ctx, c, packed->reads, &s, n, x, lowered, &panel));
        if (c->groups == 1)
            TRN_TRY(trn_packed_gradient(ctx, packed, alpha, s.columns, dy + s.y, s.ldy, panel,
                                        s.columns, keep, g));
        else
            TRN_TRY(trn_gemm(ctx, TRN_NO_TRANSPOSE, TRN_TRANSPOSE, c->out_channels, s.inputs,
                             s.columns, alpha, dy + s.y, s.ldy, panel, s.columns, keep,
                             group_values(c, &s, g), s.inputs));
    }
    return TRNNSF_OK;
}

struct row_sums {
    const float *panel;
    size_t places, live, n; /* of each row, `n` samples a place */
    bool squared;
    float scale;
    float *mean;
};

static void row_sum_task(void *argument, size_t row, size_t worker)
{
    const struct row_sums *work = argument;
    const float *x = work->panel + row * work->places * work->n;
    double sum = 0;

    (void)worker;
    for (size_t p = 0; p < work->places; p++) {
        for (size_t s = 0; s < work->live; s++) {
            double value = (double)x[p * work->n + s];

            sum += work->squared ? value * value : value;
        }
    }
    work->mean[row] += work->scale * (float)sum;
}

trnnsf_status trn_convolve_squares(trnnsf_context *ctx, const struct trn_convolution *c,
                                   size_t live, size_t n, float scale, const float *x,
                                   float *lowered, float *mean)
{
    size_t all = c->groups * c->window.out_height * c->window.out_width;
    struct row_sums work = {NULL, 0, live, n, true, scale / (float)all, mean};

    for (struct stripe s = {0}; next_stripe(c, n, &s);) {
        TRN_TRY(lower(ctx, c, NULL, &s, n, x, lowered, &work.panel));
        work.places = s.columns / n;
        trn_parallel(ctx, s.inputs, row_sum_task, &work);
    }
    return TRNNSF_OK;
}

trnnsf_status trn_convolve_means(trnnsf_context *ctx, const struct trn_convolution *c, size_t live,
                                 size_t n, const float *x, float *lowered, float *mean)
{
    size_t places = c->window.out_height * c->window.out_width;
    struct row_sums work = {NULL, 0, live, n, false, 1.0f / (float)(places * live), NULL};

    memset(mean, 0, c->groups * c->in_channels * trn_window_cells(&c->window) * sizeof *mean);
    for (struct stripe s = {0}; next_stripe(c, n, &s);) {
        TRN_TRY(lower(ctx, c, NULL, &s, n, x, lowered, &work.panel));
        work.places = s.columns / n;
        work.mean = mean + s.group * s.inputs;
        trn_parallel(ctx, s.inputs, row_sum_task, &work);
    }
    return TRNNSF_OK;
}
