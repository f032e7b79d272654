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
    trn_free(ctx, plan->bits);
    trn_free(ctx, plan->row);
    trn_free(ctx, plan);
}

trnnsf_status trn_map_grow(trnnsf_context *ctx, void **array, size_t size, size_t used, size_t more,
                           size_t *room)
{
    if (*room - used >= more)
        return TRNNSF_OK;

    size_t wanted = used / 2 * 3 + more + 64;
    void *moved = trn_realloc(ctx, *array, wanted, size);

    if (!moved)
        return TRN_NO_MEMORY;
    *array = moved;
    *room = wanted;
    return TRNNSF_OK;
}

static trnnsf_status make_room(struct trn_plan *plan, size_t n_outputs, size_t n_inputs)
{
    void *items = plan->items, *index = plan->index, *bits = plan->bits;
    trnnsf_status status;

    status = trn_map_grow(plan->ctx, &items, sizeof *plan->items, plan->count, 1, &plan->room);
    plan->items = items;
    if (status == TRNNSF_OK)
        status = trn_map_grow(plan->ctx, &index, sizeof *plan->index, plan->n_index,
                              n_outputs + n_inputs, &plan->index_room);
    plan->index = index;
    if (status == TRNNSF_OK)
        status = trn_map_grow(plan->ctx, &bits, sizeof *plan->bits, plan->n_bits,
                              n_outputs * trn_plan_words(n_inputs), &plan->bits_room);
    plan->bits = bits;
    return status;
}

static bool costs_less(const struct trn_map_shape *a, const struct trn_map_shape *b)
{
    if (a->cost < b->cost || a->cost > b->cost)
        return a->cost < b->cost;
    return a->inputs * a->outputs < b->inputs * b->outputs;
}

uint32_t trn_plan_shape(size_t n_shapes, const struct trn_map_shape *shapes, size_t n_inputs,
                        size_t n_outputs)
{
    size_t best = n_shapes;

    for (size_t i = 0; i < n_shapes; i++) {
        if (shapes[i].inputs < n_inputs || shapes[i].outputs < n_outputs)
            continue;
        if (best == n_shapes || costs_less(&shapes[i], &shapes[best]))
            best = i;
    }
    return (uint32_t)best;
}

/* Inputs first … first + n - 1 of a row, moved to bits[]. */
static void take_run(uint64_t *words, size_t first, size_t n, uint64_t *bits)
{
    uint64_t *from = words + first / 64;
    size_t shift = first % 64;

    for (size_t k = 0; k * 64 < n; k++) {
        size_t left = n - k * 64;
        uint64_t want = left < 64 ? (UINT64_C(1) << left) - 1 : UINT64_MAX;
        uint64_t taken = from[k] >> shift & want;

        from[k] &= ~(want << shift);
        if (shift > 0 && want >> (64 - shift) != 0) {
            taken |= from[k + 1] << (64 - shift) & want;
            from[k + 1] &= ~(want >> (64 - shift));
        }
        bits[k] = taken;
    }
}

static void take_scattered(uint64_t *words, const uint32_t *inputs, size_t n, uint64_t *bits)
{
    memset(bits, 0, trn_plan_words(n) * sizeof *bits);
    for (size_t i = 0; i < n; i++) {
        uint64_t bit = words[inputs[i] / 64] >> (inputs[i] % 64) & 1;

        words[inputs[i] / 64] &= ~(bit << (inputs[i] % 64));
        bits[i / 64] |= bit << (i % 64);
    }
}

/* Takes the remaining cells: which ones into bits[], a row an output. */
static void take(struct trn_plan *plan, const uint32_t *outputs, size_t n_outputs,
                 const uint32_t *inputs, size_t n_inputs, uint64_t *bits)
{
    struct trn_mask *remaining = plan->remaining;
    bool run = n_inputs > 0 && inputs[n_inputs - 1] - inputs[0] == n_inputs - 1;

    for (size_t o = 0; o < n_outputs; o++, bits += trn_plan_words(n_inputs)) {
        uint64_t *words = remaining->words + outputs[o] * remaining->stride;

        if (run)
            take_run(words, inputs[0], n_inputs, bits);
        else
            take_scattered(words, inputs, n_inputs, bits);
    }
}

/* The bits of `row` where `wanted` has one, close together in `to`, which may be the same. */
static void compact_row(const uint64_t *row, const uint64_t *wanted, size_t n, uint64_t *scratch,
                        uint64_t *to)
{
    size_t left = 0;

    memset(scratch, 0, trn_plan_words(n) * sizeof *scratch);
    for (size_t i = 0; i < n; i++) {
        if (wanted[i / 64] >> (i % 64) & 1) {
            scratch[left / 64] |= (row[i / 64] >> (i % 64) & 1) << (left % 64);
            left++;
        }
    }
    memcpy(to, scratch, trn_plan_words(left) * sizeof *to);
}

static bool is_empty(const uint64_t *row, size_t words)
{
    uint64_t any = 0;

    for (size_t k = 0; k < words; k++)
        any |= row[k];
    return any == 0;
}

/* An item's lines, as they are given; its bits stand where they belong. */
static void add_lines(struct trn_plan *plan, struct trn_plan_item *item, const uint32_t *outputs,
                      const uint32_t *inputs)
{
    item->output_start = plan->n_index;
    memcpy(plan->index + plan->n_index, outputs, item->n_outputs * sizeof *outputs);
    plan->n_index += item->n_outputs;
    item->input_start = plan->n_index;
    memcpy(plan->index + plan->n_index, inputs, item->n_inputs * sizeof *inputs);
    plan->n_index += item->n_inputs;
    plan->n_bits += item->n_outputs * trn_plan_words(item->n_inputs);
}

/* Likewise, without the lines that hold nothing. */
static void add_live_lines(struct trn_plan *plan, struct trn_plan_item *item,
                           const uint32_t *outputs, const uint32_t *inputs)
{
    size_t words = trn_plan_words(item->n_inputs), n_outputs = 0, n_inputs = 0;
    uint64_t *bits = plan->bits + item->bits_start, *used = plan->row;

    memset(used, 0, words * sizeof *used);
    item->output_start = plan->n_index;
    for (size_t o = 0; o < item->n_outputs; o++) {
        if (is_empty(bits + o * words, words))
            continue;
        plan->index[plan->n_index++] = outputs[o];
        memmove(bits + n_outputs++ * words, bits + o * words, words * sizeof *bits);
        for (size_t k = 0; k < words; k++)
            used[k] |= bits[(n_outputs - 1) * words + k];
    }
    item->input_start = plan->n_index;
    for (size_t i = 0; i < item->n_inputs; i++) {
        if (used[i / 64] >> (i % 64) & 1) {
            plan->index[plan->n_index++] = inputs[i];
            n_inputs++;
        }
    }
    for (size_t o = 0; n_inputs < item->n_inputs && o < n_outputs; o++)
        compact_row(bits + o * words, used, item->n_inputs, used + words,
                    bits + o * trn_plan_words(n_inputs));
    item->n_outputs = n_outputs;
    item->n_inputs = n_inputs;
    plan->n_bits += n_outputs * trn_plan_words(n_inputs);
}

trnnsf_status trn_plan_place(struct trn_plan *plan, const uint32_t *outputs, size_t n_outputs,
                             const uint32_t *inputs, size_t n_inputs, unsigned flags)
{
    struct trn_plan_item item = {.n_outputs = n_outputs,
                                 .n_inputs = n_inputs,
                                 .residue = flags & TRN_PLACE_RESIDUE,
                                 .bits_start = plan->n_bits};

    TRN_TRY(make_room(plan, n_outputs, n_inputs));

    uint64_t *bits = plan->bits + plan->n_bits;
    take(plan, outputs, n_outputs, inputs, n_inputs, bits);
    for (size_t k = 0; k < n_outputs * trn_plan_words(n_inputs); k++)
        item.synapses += trn_count_bits(bits[k]);
    if (item.synapses == 0 && !(flags & TRN_PLACE_EMPTY))
        return TRNNSF_OK;
    if (flags & TRN_PLACE_TRIM)
        add_live_lines(plan, &item, outputs, inputs);
    else
        add_lines(plan, &item, outputs, inputs);
    if (!(flags & TRN_PLACE_DEFAULT))
        item.shape = trn_plan_shape(plan->n_shapes, plan->shapes, item.n_inputs, item.n_outputs);
    plan->items[plan->count++] = item;
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
