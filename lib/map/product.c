#include "map/product.h"

#include <string.h>

#include "base/context.h"
#include "base/pool.h"

/* Samples that a task has at once, chosen here: a partial sum stays in registers. */
enum { LANES = 32 };

void trn_map_products_free(struct trn_map_products *products)
{
    if (!products)
        return;
    for (size_t l = 0; products->lines && l < products->mapping->n_layers; l++)
        trn_map_lines_free(&products->lines[l]);
    trn_free(products->ctx, products->lines);
    trn_free(products->ctx, products);
}

trnnsf_status trn_map_products_create(trnnsf_context *ctx, const struct trnnsf_mapping *mapping,
                                      struct trn_map_products **out_products)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_map_products *products = TRN_NEW(ctx, struct trn_map_products);

    TRN_NEED_OUT(products);
    products->ctx = ctx;
    products->mapping = mapping;
    products->lines = TRN_NEW_ARRAY(ctx, struct trn_map_lines, mapping->n_layers);
    TRN_NEED_OUT(products->lines);
    for (size_t l = 0; l < mapping->n_layers; l++)
        TRN_TRY_OUT(trn_map_lines_create(ctx, &mapping->layers[l].geometry, &products->lines[l]));
    *out_products = products;
    products = NULL;
out:
    trn_map_products_free(products);
    return status;
}

struct work {
    const struct trnnsf_mapping *mapping;
    const struct trn_map_layer *layer;
    const struct trn_map_lines *lines;
    size_t n, capacity, blocks; /* of lanes */
    const float *x;
    float *y;
};

/* One output's partial sums on one crossbar, then added, of `lanes` samples from `first` on: a
 * number that the compiler knows. in[i] is NULL where there is padding. */
static inline void add_lanes(const float *weights, const float *const *in, size_t n_inputs,
                             size_t first, size_t lanes, float *y)
{
    float sum[LANES] = {0};

    for (size_t i = 0; i < n_inputs; i++) {
        const float *x = in[i];
        float w = weights[i];

        for (size_t s = 0; x && s < lanes; s++)
            sum[s] += w * x[first + s];
    }
    for (size_t s = 0; s < lanes; s++)
        y[first + s] += sum[s];
}

/* Of at most LANES samples. */
static void add_row(const float *weights, const float *const *in, size_t n_inputs, size_t n,
                    float *y)
{
    size_t s = 0;

    if (n == LANES) {
        add_lanes(weights, in, n_inputs, 0, LANES, y);
        return;
    }
    for (; s + 8 <= n; s += 8)
        add_lanes(weights, in, n_inputs, s, 8, y);
    for (; s < n; s++)
        add_lanes(weights, in, n_inputs, s, 1, y);
}

/* One crossbar at one read, samples first … first + n - 1. */
static void read_crossbar(const struct work *work, const struct trn_crossbar *crossbar,
                          uint64_t read, size_t first, size_t n)
{
    const uint32_t *inputs = work->mapping->index + crossbar->input_start;
    const uint32_t *outputs = work->mapping->index + crossbar->output_start;
    const float *weights = work->mapping->weights + crossbar->weight_start;
    size_t n_inputs = (size_t)crossbar->n_inputs;
    const float *in[TRN_TECH_SIDE_MAX];

    for (size_t i = 0; i < n_inputs; i++) {
        struct trn_map_line line = trn_map_input(work->lines, inputs[i]);
        uint32_t value = trn_map_input_value(work->lines, &line, read);

        in[i] = value == TRN_NO_VALUE ? NULL : work->x + (size_t)value * work->capacity + first;
    }
    for (size_t o = 0; o < crossbar->n_outputs; o++, weights += n_inputs) {
        struct trn_map_line line = trn_map_output(work->lines, outputs[o]);
        uint32_t value = trn_map_output_value(work->lines, &line, read);

        if (value == TRN_NO_VALUE)
            continue;

        add_row(weights, in, n_inputs, n, work->y + (size_t)value * work->capacity + first);
    }
}

/* Reads have outputs of their own, so that tasks share none. */
static void read_task(void *argument, size_t task, size_t worker)
{
    const struct work *work = argument;
    size_t first = task % work->blocks * LANES;
    size_t n = work->n - first < LANES ? work->n - first : LANES;

    (void)worker;
    for (size_t c = 0; c < work->layer->n_crossbars; c++)
        read_crossbar(work, &work->mapping->crossbars[work->layer->first + c], task / work->blocks,
                      first, n);
}

void trn_map_multiply(const struct trn_map_products *products, size_t layer, size_t n,
                      size_t capacity, const float *x, float *y)
{
    const struct trn_map_layer *mapped = &products->mapping->layers[layer];
    const struct trn_map_geometry *g = &mapped->geometry;
    size_t values = (size_t)(g->outputs * g->side[0].places * g->side[1].places);
    struct work work = {products->mapping,
                        mapped,
                        &products->lines[layer],
                        n,
                        capacity,
                        (n + LANES - 1) / LANES,
                        x,
                        y};

    memset(y, 0, values * capacity * sizeof *y);
    trn_parallel(products->ctx, (size_t)trn_map_reads(g) * work.blocks, read_task, &work);
}
