#include "network/activation.h"

#include <stdbool.h>
#include <trnnsf/network.h>

#include "base/pool.h"
#include "base/random.h"
#include "network/vector_math.h"

/* Chosen here: the values of a task, 64 KiB, stay in a second-level cache; dropout factors are made
 * for so many samples at once, on the stack. */
enum { TASK_VALUES = 16384, SEGMENT = 512 };

struct work {
    uint32_t activation;
    const float *biases;
    const struct trn_dropout *dropout;
    const struct trn_panel *panel;
    float *gradient;
    size_t rows; /* a task */
};

static size_t rows_a_task(size_t n)
{
    size_t rows = n ? TASK_VALUES / n : 1;

    return rows ? rows : 1;
}

static size_t task_count(size_t n_features, size_t rows)
{
    return (n_features + rows - 1) / rows;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* A value is dropped where its 16 random bits are below rate * 2^16: half the cost of 32 bits, and
 * the rate is met within 2^-16. */
void trn_dropout_segment(const struct trn_dropout *dropout, size_t feature, size_t first, size_t n,
                         size_t ld, float *factor)
{
    struct trn_random random;
    uint32_t bits[SEGMENT / 2];
    uint32_t threshold = (uint32_t)((double)dropout->rate * 65536.0);
    float scale = 1.0f / (1.0f - dropout->rate);
    size_t blocks = (n + 7) / 8, words = 4 * blocks;

    trn_random_init(&random, dropout->seed, TRN_RANDOM_DROPOUT, dropout->layer);
    trn_random_seek(&random, (uint64_t)dropout->epoch << 32 | dropout->batch);
    trn_random_fill(&random, (uint32_t)(feature * ((ld + 7) / 8) + first / 8), blocks, bits);
    for (size_t i = 0; i < smaller(n, words); i++)
        factor[i] = (bits[i] & 0xFFFFu) < threshold ? 0.0f : scale;
    for (size_t i = words; i < n; i++)
        factor[i] = bits[i - words] >> 16 < threshold ? 0.0f : scale;
}

void trn_dropout_factors(const struct trn_dropout *dropout, size_t feature, size_t n, size_t ld,
                         float *factor)
{
    for (size_t first = 0; first < n; first += SEGMENT)
        trn_dropout_segment(dropout, feature, first, smaller(n - first, SEGMENT), ld,
                            factor + first);
}

static void activate_values(uint32_t activation, float bias, size_t n, float *x)
{
    switch (activation) {
    case TRNNSF_ACTIVATION_RELU:
        for (size_t i = 0; i < n; i++) {
            float z = x[i] + bias;
            x[i] = z < 0.0f ? 0.0f : z; /* lets a NaN through */
        }
        break;
    case TRNNSF_ACTIVATION_SIGMOID:
        for (size_t i = 0; i < n; i++)
            x[i] = trn_logistic(x[i] + bias);
        break;
    case TRNNSF_ACTIVATION_TANH:
        for (size_t i = 0; i < n; i++)
            x[i] = trn_tanh(x[i] + bias);
        break;
    default:
        if (bias != 0.0f) {
            for (size_t i = 0; i < n; i++)
                x[i] += bias;
        }
        break;
    }
}

static void activate_row(const struct work *work, size_t feature)
{
    const struct trn_panel *panel = work->panel;
    float bias = work->biases ? work->biases[feature] : 0.0f;
    float factor[SEGMENT];

    for (size_t first = 0; first < panel->n; first += SEGMENT) {
        size_t n = smaller(panel->n - first, SEGMENT);
        float *x = panel->values + feature * panel->ld + first;

        activate_values(work->activation, bias, n, x);
        if (work->dropout) {
            trn_dropout_segment(work->dropout, feature, first, n, panel->ld, factor);
            for (size_t i = 0; i < n; i++)
                x[i] *= factor[i];
        }
    }
}

static void activate_task(void *argument, size_t task, size_t worker)
{
    const struct work *work = argument;
    size_t first = task * work->rows;
    size_t end = smaller(first + work->rows, work->panel->n_features);

    (void)worker;
    for (size_t feature = first; feature < end; feature++) {
        if (trn_panel_uses(work->panel, feature))
            activate_row(work, feature);
    }
}

/* Softmax of columns first … end-1, the largest exponent 0 so that nothing overflows. */
static void softmax_columns(const struct trn_panel *panel, const float *biases, size_t first,
                            size_t n)
{
    float largest[64], sum[64];

    for (size_t f = 0; f < panel->n_features; f++) {
        float *x = panel->values + f * panel->ld + first;
        float bias = biases ? biases[f] : 0.0f;

        for (size_t i = 0; i < n; i++) {
            x[i] += bias;
            largest[i] = f == 0 || x[i] > largest[i] ? x[i] : largest[i];
        }
    }
    for (size_t i = 0; i < n; i++)
        sum[i] = 0.0f;
    for (size_t f = 0; f < panel->n_features; f++) {
        float *x = panel->values + f * panel->ld + first;

        for (size_t i = 0; i < n; i++) {
            x[i] = trn_exp(x[i] - largest[i]);
            sum[i] += x[i];
        }
    }
    for (size_t f = 0; f < panel->n_features; f++) {
        float *x = panel->values + f * panel->ld + first;

        for (size_t i = 0; i < n; i++)
            x[i] /= sum[i];
    }
}

static void softmax_task(void *argument, size_t task, size_t worker)
{
    const struct work *work = argument;

    (void)worker;
    softmax_columns(work->panel, work->biases, task * 64, smaller(work->panel->n - task * 64, 64));
}

void trn_activate(trnnsf_context *ctx, uint32_t activation, const float *biases,
                  const struct trn_dropout *dropout, const struct trn_panel *panel)
{
    struct work work = {.activation = activation,
                        .biases = biases,
                        .dropout = dropout && dropout->rate > 0.0f ? dropout : NULL,
                        .panel = panel,
                        .rows = rows_a_task(panel->n)};

    if (activation == TRNNSF_ACTIVATION_SOFTMAX)
        trn_parallel(ctx, (panel->n + 63) / 64, softmax_task, &work);
    else if (activation != TRNNSF_ACTIVATION_LINEAR || biases || work.dropout)
        trn_parallel(ctx, task_count(panel->n_features, work.rows), activate_task, &work);
}

/* `h` is the value after dropout, factor its factor: the activation's own value is h / factor. */
static void backward_values(uint32_t activation, float scale, const float *factor, size_t n,
                            const float *h, float *d)
{
    float keep = 1.0f / scale;

    switch (activation) {
    case TRNNSF_ACTIVATION_RELU:
        for (size_t i = 0; i < n; i++) {
            float scaled = d[i] * scale;
            d[i] = h[i] > 0.0f ? scaled : 0.0f;
        }
        break;
    case TRNNSF_ACTIVATION_SIGMOID:
        for (size_t i = 0; i < n; i++) {
            float a = h[i] * keep;
            d[i] = d[i] * factor[i] * (a * (1.0f - a));
        }
        break;
    case TRNNSF_ACTIVATION_TANH:
        for (size_t i = 0; i < n; i++) {
            float a = h[i] * keep;
            d[i] = d[i] * factor[i] * (1.0f - a * a);
        }
        break;
    default:
        for (size_t i = 0; i < n; i++)
            d[i] *= factor[i];
        break;
    }
}

static void backward_row(const struct work *work, size_t feature)
{
    const struct trn_panel *panel = work->panel;
    /* A dropped rectified value is 0, as is its slope: only the others need the factors anew. */
    bool draw = work->dropout && work->activation != TRNNSF_ACTIVATION_RELU;
    float scale = work->dropout ? 1.0f / (1.0f - work->dropout->rate) : 1.0f;
    float factor[SEGMENT];

    for (size_t i = 0; i < SEGMENT; i++)
        factor[i] = 1.0f;
    for (size_t first = 0; first < panel->n; first += SEGMENT) {
        size_t n = smaller(panel->n - first, SEGMENT);
        size_t at = feature * panel->ld + first;

        if (draw)
            trn_dropout_segment(work->dropout, feature, first, n, panel->ld, factor);
        backward_values(work->activation, scale, factor, n, panel->values + at,
                        work->gradient + at);
    }
}

static void backward_task(void *argument, size_t task, size_t worker)
{
    const struct work *work = argument;
    size_t first = task * work->rows;
    size_t end = smaller(first + work->rows, work->panel->n_features);

    (void)worker;
    for (size_t feature = first; feature < end; feature++) {
        if (trn_panel_uses(work->panel, feature))
            backward_row(work, feature);
    }
}

void trn_activate_backward(trnnsf_context *ctx, uint32_t activation,
                           const struct trn_dropout *dropout, const struct trn_panel *values,
                           float *gradient)
{
    struct work work = {.activation = activation,
                        .dropout = dropout && dropout->rate > 0.0f ? dropout : NULL,
                        .panel = values,
                        .gradient = gradient,
                        .rows = rows_a_task(values->n)};

    if (activation != TRNNSF_ACTIVATION_LINEAR || work.dropout)
        trn_parallel(ctx, task_count(values->n_features, work.rows), backward_task, &work);
}

struct sums {
    const struct trn_panel *panel;
    float scale;
    float *sums;
    size_t rows;
};

static void sums_task(void *argument, size_t task, size_t worker)
{
    const struct sums *work = argument;
    size_t first = task * work->rows;
    size_t end = smaller(first + work->rows, work->panel->n_features);

    (void)worker;
    for (size_t f = first; f < end; f++) {
        const float *x = work->panel->values + f * work->panel->ld;
        float sum[8] = {0};
        size_t i = trn_panel_uses(work->panel, f) ? 0 : work->panel->n;

        for (; i + 8 <= work->panel->n; i += 8) {
            for (size_t k = 0; k < 8; k++)
                sum[k] += x[i + k];
        }
        for (; i < work->panel->n; i++)
            sum[i % 8] += x[i];
        work->sums[f] = work->scale * (((sum[0] + sum[1]) + (sum[2] + sum[3])) +
                                       ((sum[4] + sum[5]) + (sum[6] + sum[7])));
    }
}

void trn_panel_row_sums(trnnsf_context *ctx, const struct trn_panel *panel, float scale,
                        float *sums)
{
    struct sums work = {
        .panel = panel, .scale = scale, .sums = sums, .rows = rows_a_task(panel->n)};

    trn_parallel(ctx, task_count(panel->n_features, work.rows), sums_task, &work);
}
