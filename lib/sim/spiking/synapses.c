/* Synapses of networks and of crossbars as whole numbers. */
#include <math.h>
#include <string.h>

#include "base/context.h"
#include "network/packed.h"
#include "sim/spiking/spiking.h"

void trn_synapses_clear(trnnsf_context *ctx, struct trn_synapses *synapses)
{
    trn_free(ctx, synapses->blocks);
    trn_free(ctx, synapses->index);
    trn_free(ctx, synapses->weights);
    trn_free(ctx, synapses->start);
    trn_free(ctx, synapses->target);
    trn_free(ctx, synapses->weight);
    *synapses = (struct trn_synapses){0};
}

int32_t trn_synapse_units(float weight, const struct trn_synapse_factor *by, size_t input,
                          size_t output)
{
    double factor = by->factor;

    factor *= by->inputs ? by->inputs[input] : 1;
    factor *= by->outputs ? by->outputs[output] : 1;
    return (int32_t)lrint((double)weight * factor);
}

/* A rectangle to come: index lists, and weights row-major by output. */
struct rectangle {
    size_t n_in, n_out;
    const uint32_t *inputs, *outputs; /* NULL: all of them */
    const float *weights;             /* [n_out x n_in] */
    const uint8_t *keep;              /* or NULL */
};

static trnnsf_status make_room(trnnsf_context *ctx, size_t n_blocks, size_t n_index,
                               size_t n_weights, struct trn_synapses *to)
{
    to->blocks = TRN_NEW_ARRAY(ctx, struct trn_spike_block, n_blocks);
    to->index = TRN_NEW_ARRAY(ctx, uint32_t, n_index);
    to->weights = TRN_NEW_ARRAY(ctx, int32_t, n_weights);
    return to->blocks && to->index && to->weights ? TRNNSF_OK : TRN_NO_MEMORY;
}

static void add_rectangle(const struct rectangle *from, const struct trn_synapse_factor *factor,
                          uint32_t **index, int32_t **weights, struct trn_synapses *to)
{
    size_t width = trn_spike_width(from->n_out);
    uint32_t *inputs = *index, *outputs = inputs + from->n_in;

    for (size_t i = 0; i < from->n_in; i++)
        inputs[i] = from->inputs ? from->inputs[i] : (uint32_t)i;
    for (size_t o = 0; o < from->n_out; o++)
        outputs[o] = from->outputs ? from->outputs[o] : (uint32_t)o;
    for (size_t o = 0; o < from->n_out; o++) {
        for (size_t i = 0; i < from->n_in; i++) {
            size_t at = o * from->n_in + i;

            if (!from->keep || from->keep[at])
                (*weights)[i * width + o] =
                    trn_synapse_units(from->weights[at], factor, inputs[i], outputs[o]);
        }
    }
    to->blocks[to->n_blocks++] =
        (struct trn_spike_block){from->n_in, from->n_out, width, inputs, outputs, *weights};
    *index += from->n_in + from->n_out;
    *weights += from->n_in * width;
}

/* The residue's weights stand after those of the rectangles. */
static trnnsf_status add_scattered(trnnsf_context *ctx, const struct trnnsf_matrix *residue,
                                   const float *values, const struct trn_synapse_factor *factor,
                                   struct trn_synapses *to)
{
    trnnsf_status status = TRNNSF_OK;
    struct trnnsf_matrix *by_input = NULL;
    size_t count = trn_sparse_nonzeros(residue), *order = TRN_NEW_ARRAY(ctx, size_t, count);

    TRN_NEED_OUT(order);
    TRN_TRY_OUT(trn_sparse_transpose(ctx, residue, order, &by_input));
    to->start = trn_copy(ctx, by_input->row_start, by_input->n_rows + 1, sizeof *to->start);
    TRN_NEED_OUT(to->start);
    to->target = trn_copy(ctx, by_input->column, count, sizeof *to->target);
    TRN_NEED_OUT(to->target);
    to->weight = TRN_NEW_ARRAY(ctx, int32_t, count);
    TRN_NEED_OUT(to->weight);
    for (size_t i = 0; i < by_input->n_rows; i++) {
        for (size_t k = to->start[i]; k < to->start[i + 1]; k++)
            to->weight[k] = trn_synapse_units(values[order[k]], factor, i, to->target[k]);
    }
out:
    trnnsf_matrix_free(by_input);
    trn_free(ctx, order);
    return status;
}

static trnnsf_status of_dense(trnnsf_context *ctx, const struct trn_layer *layer,
                              const struct trn_synapse_factor *factor, struct trn_synapses *to)
{
    struct rectangle all = {layer->n_in, layer->n_out, NULL, NULL, layer->weights, NULL};
    uint32_t *index;
    int32_t *weights;

    TRN_TRY(make_room(ctx, 1, layer->n_in + layer->n_out,
                      layer->n_in * trn_spike_width(layer->n_out), to));
    index = to->index;
    weights = to->weights;
    add_rectangle(&all, factor, &index, &weights, to);
    return TRNNSF_OK;
}

static trnnsf_status of_packed(trnnsf_context *ctx, const struct trn_packed *packed,
                               const struct trn_synapse_factor *factor, struct trn_synapses *to)
{
    const struct trn_blocks *blocks = packed->blocks;
    size_t count = blocks ? blocks->count : 0, n_index = 0, n_weights = 0, value = 0;
    uint32_t *index;
    int32_t *weights;

    for (size_t b = 0; b < count; b++) {
        n_index += trn_block_rows(blocks, b) + trn_block_columns(blocks, b);
        n_weights += trn_block_columns(blocks, b) * trn_spike_width(trn_block_rows(blocks, b));
    }
    TRN_TRY(make_room(ctx, count, n_index, n_weights, to));
    index = to->index;
    weights = to->weights;
    for (size_t b = 0; b < count; b++) {
        struct rectangle one = {trn_block_columns(blocks, b),
                                trn_block_rows(blocks, b),
                                blocks->column + blocks->column_start[b],
                                blocks->row + blocks->row_start[b],
                                packed->values + value,
                                packed->keep ? packed->keep + value : NULL};

        add_rectangle(&one, factor, &index, &weights, to);
        value += trn_block_cells(blocks, b);
    }
    return packed->residue ? add_scattered(ctx, packed->residue, packed->values + value, factor, to)
                           : TRNNSF_OK;
}

trnnsf_status trn_synapses_scattered(trnnsf_context *ctx, const struct trn_layer *layer,
                                     const struct trn_synapse_factor *factor,
                                     struct trn_synapses *to)
{
    size_t count = 0;

    for (size_t k = 0; k < layer->n_in * layer->n_out; k++)
        count += layer->weights[k] != 0;
    to->start = TRN_NEW_ARRAY(ctx, size_t, layer->n_in + 1);
    to->target = TRN_NEW_ARRAY(ctx, uint32_t, count);
    to->weight = TRN_NEW_ARRAY(ctx, int32_t, count);
    if (!to->start || !to->target || !to->weight) {
        trn_synapses_clear(ctx, to);
        return TRN_NO_MEMORY;
    }
    for (size_t i = 0, k = 0; i < layer->n_in; i++) {
        for (size_t o = 0; o < layer->n_out; o++) {
            float weight = layer->weights[o * layer->n_in + i];

            if (weight == 0)
                continue;
            to->target[k] = (uint32_t)o;
            to->weight[k++] = trn_synapse_units(weight, factor, i, o);
        }
        to->start[i + 1] = k;
    }
    return TRNNSF_OK;
}

trnnsf_status trn_synapses_of_layer(trnnsf_context *ctx, const struct trn_layer *layer,
                                    const struct trn_synapse_factor *factor,
                                    struct trn_synapses *to)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_packed *packed = NULL;

    /* What does not compute reads the layer only. */
    TRN_TRY(trn_packed_create(ctx, (struct trn_layer *)layer, 0, false, &packed));
    if (packed->dense)
        TRN_TRY_OUT(of_dense(ctx, layer, factor, to));
    else
        TRN_TRY_OUT(of_packed(ctx, packed, factor, to));
out:
    trn_packed_free(ctx, packed);
    if (status != TRNNSF_OK)
        trn_synapses_clear(ctx, to);
    return status;
}

/* Rows of a group that add to output o, and that are subtracted from it. */
static float chip_weight(const struct trnnsf_analog *analog, size_t c, size_t o, size_t i)
{
    const struct trn_analog_plan *plan = analog->plan;
    const struct trn_analog_crossbar *crossbar = &plan->crossbars[c];
    const float *sums = analog->sums + analog->row_start[c];
    size_t rows = trn_analog_rows(plan, crossbar), minus = trn_analog_minus(plan, crossbar);
    float weight = 0;

    for (size_t g = 0; g < plan->groups; g++, sums += rows * crossbar->n_in) {
        weight += sums[o * crossbar->n_in + i];
        if (minus > 0)
            weight -= sums[(crossbar->n_out + (minus > 1 ? o : 0)) * crossbar->n_in + i];
    }
    return weight * analog->gain[c] * crossbar->sign;
}

static size_t crossbars_of(const struct trn_synapse_source *source, size_t *out_first)
{
    if (source->mapping) {
        *out_first = (size_t)source->mapping->layers[source->layer].first;
        return (size_t)source->mapping->layers[source->layer].n_crossbars;
    }
    *out_first = source->analog->plan->layers[source->layer].first;
    return source->analog->plan->layers[source->layer].n_crossbars;
}

/* Crossbar c of all; its weights are in `room` where they are a chip's (NULL: not wanted). */
static struct rectangle rectangle_of(const struct trn_synapse_source *source, size_t c, float *room)
{
    if (source->mapping) {
        const struct trnnsf_mapping *mapping = source->mapping;
        const struct trn_crossbar *crossbar = &mapping->crossbars[c];

        return (struct rectangle){(size_t)crossbar->n_inputs,
                                  (size_t)crossbar->n_outputs,
                                  mapping->index + crossbar->input_start,
                                  mapping->index + crossbar->output_start,
                                  mapping->weights + crossbar->weight_start,
                                  NULL};
    }
    const struct trn_analog_crossbar *crossbar = &source->analog->plan->crossbars[c];

    for (size_t k = 0; room && k < crossbar->n_in * crossbar->n_out; k++)
        room[k] = chip_weight(source->analog, c, k / crossbar->n_in, k % crossbar->n_in);
    return (struct rectangle){
        crossbar->n_in, crossbar->n_out, crossbar->inputs, crossbar->outputs, room, NULL};
}

/* The unit is made coarser where weights are larger than the network's: sums must stay in range. */
static void fit_unit(const struct trn_synapse_source *source, float *room, double *sums,
                     struct trn_spiking_layer *layer)
{
    size_t first, count = crossbars_of(source, &first);
    double most = 0;

    for (size_t c = first; c < first + count; c++) {
        struct rectangle one = rectangle_of(source, c, room);

        for (size_t k = 0; k < one.n_in * one.n_out; k++)
            sums[one.outputs[k / one.n_in]] += fabs((double)one.weights[k]);
    }
    for (size_t o = 0; o < layer->n_out; o++)
        most = fmax(most, sums[o]);
    while (most * layer->factor >= (double)(1 << (TRN_SPIKE_SUM_BITS - 1))) {
        layer->factor /= 2;
        layer->unit *= 2;
    }
}

trnnsf_status trn_synapses_of_crossbars(trnnsf_context *ctx,
                                        const struct trn_synapse_source *source,
                                        struct trn_spiking_layer *layer)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_synapses *to = &layer->synapses;
    size_t first, count = crossbars_of(source, &first), n_index = 0, n_weights = 0, largest = 0;
    double *sums = TRN_NEW_ARRAY(ctx, double, layer->n_out);
    float *room = NULL;
    struct trn_synapse_factor factor = {0};

    TRN_NEED_OUT(sums);
    for (size_t c = first; c < first + count; c++) {
        struct rectangle one = rectangle_of(source, c, NULL);

        n_index += one.n_in + one.n_out;
        n_weights += one.n_in * trn_spike_width(one.n_out);
        largest = one.n_in * one.n_out > largest ? one.n_in * one.n_out : largest;
    }
    room = TRN_NEW_ARRAY(ctx, float, largest);
    TRN_NEED_OUT(room);
    TRN_TRY_OUT(make_room(ctx, count, n_index, n_weights, to));
    fit_unit(source, room, sums, layer);
    factor.factor = layer->factor;

    uint32_t *index = to->index;
    int32_t *weights = to->weights;
    for (size_t c = first; c < first + count; c++) {
        struct rectangle one = rectangle_of(source, c, room);

        add_rectangle(&one, &factor, &index, &weights, to);
    }
out:
    trn_free(ctx, room);
    trn_free(ctx, sums);
    if (status != TRNNSF_OK)
        trn_synapses_clear(ctx, to);
    return status;
}
