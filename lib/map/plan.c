#include "map/plan.h"

#include <string.h>

#include "base/context.h"
#include "map/bits.h"

void trn_plan_free(struct trn_plan *plan)
{
    if (!plan)
        return;

    trnnsf_context *ctx = plan->ctx;
    trn_mask_free(ctx, plan->remaining);
    trn_free(ctx, plan->items);
    trn_free(ctx, plan->index);
    trn_free(ctx, plan->line);
    trn_free(ctx, plan);
}

static trnnsf_status make_room(struct trn_plan *plan, size_t n_index)
{
    if (plan->count == plan->room) {
        size_t room = plan->room ? plan->room * 2 : 64;
        void *items = trn_realloc(plan->ctx, plan->items, room, sizeof *plan->items);

        if (!items)
            return TRNNSF_E_NO_MEMORY;
        plan->items = items;
        plan->room = room;
    }
    if (plan->index_room - plan->n_index < n_index) {
        size_t room = plan->index_room * 2 + n_index + 1024;
        void *index = trn_realloc(plan->ctx, plan->index, room, sizeof *plan->index);

        if (!index)
            return TRNNSF_E_NO_MEMORY;
        plan->index = index;
        plan->index_room = room;
    }
    return TRNNSF_OK;
}

static bool costs_less(const struct trn_map_shape *a, const struct trn_map_shape *b)
{
    if (a->cost < b->cost || a->cost > b->cost)
        return a->cost < b->cost;
    return a->inputs * a->outputs < b->inputs * b->outputs;
}

/* The shape that costs least of those that hold n_inputs x n_outputs; the first of equals. */
static uint32_t cheapest_shape(const struct trn_plan *plan, size_t n_inputs, size_t n_outputs)
{
    size_t best = plan->n_shapes;

    for (size_t i = 0; i < plan->n_shapes; i++) {
        const struct trn_map_shape *shape = &plan->shapes[i];

        if (shape->inputs < n_inputs || shape->outputs < n_outputs)
            continue;
        if (best == plan->n_shapes || costs_less(shape, &plan->shapes[best]))
            best = i;
    }
    return (uint32_t)best;
}

/* Takes the remaining cells; hits[] counts them by output, then by input. */
static uint64_t take(struct trn_plan *plan, const uint32_t *outputs, size_t n_outputs,
                     const uint32_t *inputs, size_t n_inputs, uint32_t *hits)
{
    struct trn_mask *remaining = plan->remaining;
    uint64_t synapses = 0;

    memset(hits, 0, (n_outputs + n_inputs) * sizeof *hits);
    for (size_t o = 0; o < n_outputs; o++) {
        uint64_t *words = remaining->words + outputs[o] * remaining->stride;
        uint32_t here = 0;

        for (size_t i = 0; i < n_inputs; i++) {
            uint32_t bit = (uint32_t)(words[inputs[i] / 64] >> (inputs[i] % 64) & 1);

            words[inputs[i] / 64] &= ~((uint64_t)bit << (inputs[i] % 64));
            hits[n_outputs + i] += bit;
            here += bit;
        }
        hits[o] = here;
        synapses += here;
    }
    return synapses;
}

static size_t append_lines(struct trn_plan *plan, const uint32_t *lines, size_t n,
                           const uint32_t *hits, bool trim)
{
    size_t start = plan->n_index;

    for (size_t i = 0; i < n; i++) {
        if (hits[i] > 0 || !trim)
            plan->index[plan->n_index++] = lines[i];
    }
    return start;
}

trnnsf_status trn_plan_place(struct trn_plan *plan, const uint32_t *outputs, size_t n_outputs,
                             const uint32_t *inputs, size_t n_inputs, unsigned flags)
{
    bool trim = flags & TRN_PLACE_TRIM;

    TRN_TRY(make_room(plan, n_outputs + n_inputs));
    uint64_t synapses = take(plan, outputs, n_outputs, inputs, n_inputs, plan->line);
    if (synapses == 0 && !(flags & TRN_PLACE_EMPTY))
        return TRNNSF_OK;

    struct trn_plan_item *item = &plan->items[plan->count++];
    memset(item, 0, sizeof *item);
    item->output_start = append_lines(plan, outputs, n_outputs, plan->line, trim);
    item->n_outputs = plan->n_index - item->output_start;
    item->input_start = append_lines(plan, inputs, n_inputs, plan->line + n_outputs, trim);
    item->n_inputs = plan->n_index - item->input_start;
    item->synapses = synapses;
    item->residue = flags & TRN_PLACE_RESIDUE;
    item->shape =
        flags & TRN_PLACE_DEFAULT ? 0 : cheapest_shape(plan, item->n_inputs, item->n_outputs);
    return TRNNSF_OK;
}

void trn_plan_live(const struct trn_mask *mask, uint32_t *outputs, size_t *out_n_outputs,
                   uint32_t *inputs, size_t *out_n_inputs)
{
    size_t n_outputs = 0, n_inputs = 0;

    for (size_t column = 0; column < mask->n_columns; column++)
        inputs[column] = 0;
    for (size_t row = 0; row < mask->n_rows; row++) {
        struct trn_bits bits;
        bool live = false;

        trn_bits_start(&bits, mask, row);
        while (trn_bits_next(&bits)) {
            inputs[bits.column] = 1;
            live = true;
        }
        if (live)
            outputs[n_outputs++] = (uint32_t)row;
    }
    for (size_t column = 0; column < mask->n_columns; column++) {
        if (inputs[column])
            inputs[n_inputs++] = (uint32_t)column;
    }
    *out_n_outputs = n_outputs;
    *out_n_inputs = n_inputs;
}

/* filled[block] = 1 where outputs of a band have cells; `block_of` an input is its block, or none.
 */
static void fill_band(const struct trn_mask *mask, const uint32_t *outputs, size_t n_outputs,
                      const uint32_t *block_of, uint8_t *filled)
{
    for (size_t o = 0; o < n_outputs; o++) {
        struct trn_bits bits;

        trn_bits_start(&bits, mask, outputs[o]);
        while (trn_bits_next(&bits)) {
            if (block_of[bits.column] != UINT32_MAX)
                filled[block_of[bits.column]] = 1;
        }
    }
}

/* Which tiles hold something: [output blocks x input blocks]. */
static trnnsf_status fill_tiles(trnnsf_context *ctx, const struct trn_mask *mask,
                                struct trn_map_shape shape, const uint32_t *outputs,
                                size_t n_outputs, const uint32_t *inputs, size_t n_inputs,
                                uint8_t **out_filled)
{
    trnnsf_status status = TRNNSF_OK;
    size_t bands = (n_outputs + shape.outputs - 1) / shape.outputs;
    size_t blocks = (n_inputs + shape.inputs - 1) / shape.inputs;
    uint32_t *block_of = trn_malloc(ctx, mask->n_columns, sizeof *block_of);
    uint8_t *filled = trn_calloc(ctx, bands, blocks);

    TRN_NEED_OUT(block_of);
    TRN_NEED_OUT(filled);
    memset(block_of, 0xff, mask->n_columns * sizeof *block_of);
    for (size_t i = 0; i < n_inputs; i++)
        block_of[inputs[i]] = (uint32_t)(i / shape.inputs);
    for (size_t band = 0; band < bands; band++) {
        size_t first = band * shape.outputs;
        size_t n = n_outputs - first < shape.outputs ? n_outputs - first : shape.outputs;

        fill_band(mask, outputs + first, n, block_of, filled + band * blocks);
    }
out:
    trn_free(ctx, block_of);
    if (status == TRNNSF_OK)
        *out_filled = filled;
    else
        trn_free(ctx, filled);
    return status;
}

trnnsf_status trn_plan_count_tiles(trnnsf_context *ctx, const struct trn_mask *mask,
                                   struct trn_map_shape shape, const uint32_t *outputs,
                                   size_t n_outputs, const uint32_t *inputs, size_t n_inputs,
                                   uint64_t *out_count)
{
    size_t bands = (n_outputs + shape.outputs - 1) / shape.outputs;
    size_t blocks = (n_inputs + shape.inputs - 1) / shape.inputs;
    uint8_t *filled;
    uint64_t count = 0;

    TRN_TRY(fill_tiles(ctx, mask, shape, outputs, n_outputs, inputs, n_inputs, &filled));
    for (size_t tile = 0; tile < bands * blocks; tile++)
        count += filled[tile];
    trn_free(ctx, filled);
    *out_count = count;
    return TRNNSF_OK;
}

trnnsf_status trn_plan_tile(struct trn_plan *plan, const uint32_t *outputs, size_t n_outputs,
                            const uint32_t *inputs, size_t n_inputs, unsigned flags)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_map_shape shape = plan->shapes[0];
    size_t blocks = (n_inputs + shape.inputs - 1) / shape.inputs;
    uint8_t *filled = NULL;

    TRN_TRY(fill_tiles(plan->ctx, plan->remaining, shape, outputs, n_outputs, inputs, n_inputs,
                       &filled));
    for (size_t o = 0; o < n_outputs; o += shape.outputs) {
        size_t n_o = n_outputs - o < shape.outputs ? n_outputs - o : shape.outputs;

        for (size_t i = 0; i < n_inputs; i += shape.inputs) {
            size_t n_i = n_inputs - i < shape.inputs ? n_inputs - i : shape.inputs;

            if (filled[o / shape.outputs * blocks + i / shape.inputs] || flags & TRN_PLACE_EMPTY)
                TRN_TRY_OUT(trn_plan_place(plan, outputs + o, n_o, inputs + i, n_i, flags));
        }
    }
out:
    trn_free(plan->ctx, filled);
    return status;
}
