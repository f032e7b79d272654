/* Winograd's convolutions and both gradients against plain sums, of all paddings and odd sizes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tensor/common.h"
#include "tensor/winograd.h"

enum { ROUNDS = 12 };

static struct trn_winograd random_shape(struct trn_random *random)
{
    struct trn_winograd w = {.in_channels = 1 + trn_random_below(random, 7),
                             .out_channels = 1 + trn_random_below(random, 6),
                             .height = 1 + trn_random_below(random, 9),
                             .width = 1 + trn_random_below(random, 9),
                             .pad_top = trn_random_below(random, 3),
                             .pad_left = trn_random_below(random, 3),
                             .n = 1 + trn_random_below(random, 40)};
    size_t bottom = trn_random_below(random, 3), right = trn_random_below(random, 3);

    w.height += w.height + w.pad_top + bottom < 3 ? 2 : 0;
    w.width += w.width + w.pad_left + right < 3 ? 2 : 0;
    w.out_height = w.height + w.pad_top + bottom - 2;
    w.out_width = w.width + w.pad_left + right - 2;
    return w;
}

struct panels {
    float *kernels, *x, *y;
    size_t n_kernels, n_x, n_y;
};

static struct panels make_panels(const struct trn_winograd *w, uint32_t stream)
{
    struct panels p = {.n_kernels = 9 * w->in_channels * w->out_channels,
                       .n_x = w->in_channels * w->height * w->width * w->n,
                       .n_y = w->out_channels * w->out_height * w->out_width * w->n};

    p.kernels = random_floats(stream + 0, p.n_kernels);
    p.x = random_floats(stream + 1, p.n_x);
    p.y = random_floats(stream + 2, p.n_y);
    return p;
}

static void free_panels(struct panels *p)
{
    free(p->kernels);
    free(p->x);
    free(p->y);
}

/* Calls `term` for each product of a kernel's cell, a pixel and a place. */
static void for_each(const struct trn_winograd *w,
                     void (*term)(void *sums, size_t kernel, size_t x, size_t y), void *sums)
{
    for (size_t k = 0; k < w->out_channels * w->in_channels * 9; k++) {
        size_t out = k / 9 / w->in_channels, in = k / 9 % w->in_channels;

        for (size_t place = 0; place < w->out_height * w->out_width; place++) {
            size_t row = place / w->out_width + k / 3 % 3 - w->pad_top;
            size_t column = place % w->out_width + k % 3 - w->pad_left;

            if (row >= w->height || column >= w->width)
                continue;
            for (size_t s = 0; s < w->n; s++)
                term(sums, k, ((in * w->height + row) * w->width + column) * w->n + s,
                     (out * w->out_height * w->out_width + place) * w->n + s);
        }
    }
}

struct sums {
    const struct panels *p;
    double *kernels, *x, *y;
};

static void add_term(void *argument, size_t kernel, size_t x, size_t y)
{
    struct sums *s = argument;

    s->y[y] += (double)s->p->kernels[kernel] * (double)s->p->x[x];
    s->x[x] += (double)s->p->kernels[kernel] * (double)s->p->y[y];
    s->kernels[kernel] += (double)s->p->x[x] * (double)s->p->y[y];
}

static void check(const float *got, const double *expected, size_t count, double scale)
{
    for (size_t i = 0; i < count; i++) {
        if (!(fabs((double)got[i] - expected[i]) <= 1e-6 * scale))
            ck_abort_msg("element %zu is %.9g, not %.9g", i, (double)got[i], expected[i]);
    }
}

START_TEST(plain_sums)
{
    trnnsf_context *ctx = make_context(2, "reference");
    struct trn_random random;

    if (_i & 1) /* where it is built */
        (void)trnnsf_backend_select(ctx, "cblas");
    trn_random_init(&random, 21, TRN_RANDOM_TEST, (uint32_t)_i);
    for (int round = 0; round < ROUNDS; round++) {
        struct trn_winograd w = random_shape(&random);
        struct panels p = make_panels(&w, 40 + 3 * (uint32_t)round);
        struct sums sums = {&p, calloc(p.n_kernels, sizeof(double)),
                            calloc(p.n_x, sizeof(double)), calloc(p.n_y, sizeof(double))};
        float *room = malloc(trn_winograd_room(&w) * sizeof *room);
        float *y = calloc(p.n_y, sizeof *y), *x = calloc(p.n_x, sizeof *x);
        float *g = random_floats(9, p.n_kernels), *before = malloc(p.n_kernels * sizeof *g);

        for_each(&w, add_term, &sums);
        memset(room, 255, trn_winograd_room(&w) * sizeof *room);
        ck_assert_int_eq(trn_winograd_convolve(ctx, &w, p.kernels, p.x, y, room), TRNNSF_OK);
        check(y, sums.y, p.n_y, 9 * (double)w.in_channels);
        ck_assert_int_eq(trn_winograd_transposed(ctx, &w, p.kernels, p.y, false, x, room),
                         TRNNSF_OK);
        check(x, sums.x, p.n_x, 9 * (double)w.out_channels);
        ck_assert_int_eq(trn_winograd_transposed(ctx, &w, p.kernels, p.y, true, x, room),
                         TRNNSF_OK);
        for (size_t i = 0; i < p.n_x; i++)
            sums.x[i] *= 2;
        check(x, sums.x, p.n_x, 18 * (double)w.out_channels);
        memcpy(before, g, p.n_kernels * sizeof *g);
        ck_assert_int_eq(trn_winograd_gradient(ctx, &w, 0.5f, p.y, p.x, 3.0f, g, room), TRNNSF_OK);
        for (size_t i = 0; i < p.n_kernels; i++)
            sums.kernels[i] = 0.5 * sums.kernels[i] + 3.0 * (double)before[i];
        check(g, sums.kernels, p.n_kernels, 4 + (double)(w.out_height * w.out_width * w.n));
        memset(g, 255, p.n_kernels * sizeof *g); /* not read where beta is 0 */
        ck_assert_int_eq(trn_winograd_gradient(ctx, &w, 1.0f, p.y, p.x, 0.0f, g, room), TRNNSF_OK);
        for (size_t i = 0; i < p.n_kernels; i++)
            sums.kernels[i] = 2 * (sums.kernels[i] - 3.0 * (double)before[i]);
        check(g, sums.kernels, p.n_kernels, 4 + (double)(w.out_height * w.out_width * w.n));
        free(sums.kernels);
        free(sums.x);
        free(sums.y);
        free(room);
        free(x);
        free(y);
        free(g);
        free(before);
        free_panels(&p);
    }
    trnnsf_context_free(ctx);
}
END_TEST

/* Several stripes, the last one shorter. */
START_TEST(same_bits_for_any_thread_count)
{
    const struct trn_winograd w = {40, 24, 21, 19, 1, 1, 21, 19, 33};
    float *results[3];
    struct panels p = make_panels(&w, 90);
    size_t all = p.n_x + p.n_y + p.n_kernels;

    for (uint32_t threads = 1; threads <= 3; threads++) {
        trnnsf_context *ctx = make_context(threads, "reference");
        float *room = malloc(trn_winograd_room(&w) * sizeof *room);
        float *r = results[threads - 1] = calloc(all, sizeof *r);

        ck_assert_int_eq(trn_winograd_convolve(ctx, &w, p.kernels, p.x, r, room), TRNNSF_OK);
        ck_assert_int_eq(
            trn_winograd_transposed(ctx, &w, p.kernels, p.y, false, r + p.n_y, room), TRNNSF_OK);
        ck_assert_int_eq(
            trn_winograd_gradient(ctx, &w, 1.0f, p.y, p.x, 0.0f, r + p.n_y + p.n_x, room),
            TRNNSF_OK);
        free(room);
        trnnsf_context_free(ctx);
    }
    ck_assert_mem_eq(results[0], results[1], all * sizeof **results);
    ck_assert_mem_eq(results[0], results[2], all * sizeof **results);
    for (size_t i = 0; i < 3; i++)
        free(results[i]);
    free_panels(&p);
}
END_TEST

TCase *winograd_tests(void)
{
    TCase *tc = tcase_create("winograd");

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, plain_sums, 0, 4);
    tcase_add_test(tc, same_bits_for_any_thread_count);
    return tc;
}
