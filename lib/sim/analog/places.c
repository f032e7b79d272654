#include "sim/analog/places.h"

#include <string.h>

#include "base/context.h"

enum { PANEL_VALUES = 1 << 24 }; /* of a graph's node; chosen here */

size_t trn_places_batch(const struct trnnsf_network *network, size_t most, size_t n_samples)
{
    size_t values = trn_network_is_chain(network) ? SIZE_MAX : PANEL_VALUES;

    return trn_pass_batch(network, most, 1, values, n_samples);
}

trnnsf_status trn_places_init(trnnsf_context *ctx, const struct trnnsf_analog *analog,
                              size_t capacity, struct trn_places *places)
{
    const struct trn_analog_plan *plan = analog->plan;
    size_t n_in = 0, n_out = 0;

    for (size_t l = 0; l < plan->n_layers; l++) {
        n_in = plan->layers[l].n_in > n_in ? plan->layers[l].n_in : n_in;
        n_out = plan->layers[l].n_out > n_out ? plan->layers[l].n_out : n_out;
    }
    places->ctx = ctx;
    places->analog = analog;
    places->ld = capacity + 16; /* so that rows do not meet in a cache */
    places->x = trn_malloc(ctx, n_in, places->ld * sizeof(float));
    places->y = trn_malloc(ctx, n_out, places->ld * sizeof(float));
    if (!places->x || !places->y)
        return TRN_NO_MEMORY;
    return trn_read_scratch_new(ctx, analog, &places->scratch);
}

void trn_places_clear(struct trn_places *places)
{
    trn_free(places->ctx, places->x);
    trn_free(places->ctx, places->y);
    trn_read_scratch_free(places->ctx, places->scratch);
}

/* What the read's cells of the images hold; outside of them it is 0. */
static void gather(const struct trn_places *places, const struct trn_map_lines *lines,
                   const struct trn_layer_product *product, uint64_t read)
{
    size_t bytes = product->n * sizeof(float);

    for (size_t i = 0; i < lines->n_in; i++) {
        struct trn_map_line line = trn_map_input(lines, i);
        uint32_t value = trn_map_input_value(lines, &line, read);
        float *row = places->x + i * places->ld;

        if (value == TRN_NO_VALUE)
            memset(row, 0, bytes);
        else
            memcpy(row, product->x + value * product->capacity, bytes);
    }
}

static void scatter(const struct trn_places *places, const struct trn_map_lines *lines,
                    const struct trn_layer_product *product, uint64_t read)
{
    for (size_t o = 0; o < lines->n_out; o++) {
        struct trn_map_line line = trn_map_output(lines, o);
        uint32_t value = trn_map_output_value(lines, &line, read);

        if (value != TRN_NO_VALUE)
            memcpy(product->y + value * product->capacity, places->y + o * places->ld,
                   product->n * sizeof(float));
    }
}

/* Noise of later reads is another one's; that of the first is a chain's. */
static uint64_t noise_of(const struct trn_places *places, uint64_t read)
{
    return read == 0 ? places->noise_seed
                     : trn_read_noise_seed(places->noise_seed, places->analog->chip, read);
}

trnnsf_status trn_places_read(struct trn_places *places, const struct trn_layer_product *product)
{
    const struct trn_map_lines *lines = &places->analog->plan->layers[product->layer].lines;
    uint64_t reads = trn_map_reads(&lines->geometry);

    for (uint64_t r = 0; r < reads; r++) {
        struct trn_read read = {.ctx = places->ctx,
                                .analog = places->analog,
                                .layer = product->layer,
                                .n = product->n,
                                .ld = places->ld,
                                .x = places->x,
                                .y = product->y ? places->y : NULL,
                                .sample = places->numbered + product->first,
                                .noise_seed = noise_of(places, r),
                                .scratch = places->scratch};

        TRN_TRY(trn_cancelled(places->ctx, "analog"));
        gather(places, lines, product, r);
        TRN_TRY(trn_read_layer(&read));
        if (product->y)
            scatter(places, lines, product, r);
    }
    trn_read_scratch_collect(places->ctx, places->scratch,
                             places->counts ? &places->counts[product->layer] : NULL);
    return TRNNSF_OK;
}
