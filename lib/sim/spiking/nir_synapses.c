/* Sparse real matrices as synapses of whole units, and back. */
#include <math.h>
#include <string.h>

#include "base/context.h"
#include "sim/spiking/from_nir.h"

enum { EXPONENT_MAX = 100 };
static const double dense_from = 0.25; /* share of weights that are not 0: chosen here */

/* The exponent of a number's last bit. */
static int last_bit(double value)
{
    int exponent;
    int64_t mantissa = (int64_t)ldexp(fabs(frexp(value, &exponent)), 53);

    return exponent - 53 + __builtin_ctzll((unsigned long long)mantissa);
}

/* Sums are below 2^30 units. Where the weights are whole multiples of a unit that allows it, that
 * one: nothing is rounded then. */
static trnnsf_status set_unit(trnnsf_context *ctx, const struct trn_nir_map *map,
                              const double *gain, struct trn_spiking_layer *layer)
{
    double most = 0;
    int finest = EXPONENT_MAX, exponent = 0;

    for (size_t o = 0; o < map->n_out; o++) {
        double sum = 0;

        for (size_t k = map->start[o]; k < map->start[o + 1]; k++) {
            double weight = map->value[k] * gain[o];

            sum += fabs(weight);
            if (weight != 0 && last_bit(weight) < finest)
                finest = last_bit(weight);
        }
        most = fmax(most, sum);
    }
    if (!(most < ldexp(1, EXPONENT_MAX)))
        return trn_fail(ctx, TRNNSF_E_UNSUPPORTED, "weights of %g thresholds together", most);
    frexp(most, &exponent); /* most < 2^exponent */
    if (most == 0)
        finest = 0;
    else if (exponent - finest > TRN_SPIKE_SUM_BITS || finest < -EXPONENT_MAX)
        finest = exponent + 1 - TRN_SPIKE_SUM_BITS; /* rounding may add half a unit a weight */
    finest = finest < -EXPONENT_MAX ? -EXPONENT_MAX : finest;
    layer->factor = ldexp(1, -finest);
    layer->unit = (float)ldexp(1, finest);
    return TRNNSF_OK;
}

static int32_t units(const struct trn_nir_map *map, const double *gain, size_t o, size_t k,
                     double factor)
{
    return (int32_t)lrint(map->value[k] * gain[o] * factor);
}

static trnnsf_status make_block(trnnsf_context *ctx, const struct trn_nir_map *map,
                                const double *gain, double factor, struct trn_synapses *to)
{
    size_t width = (map->n_out + TRN_SPIKE_WIDTH - 1) / TRN_SPIKE_WIDTH * TRN_SPIKE_WIDTH, cells;

    if (!trn_size_multiply(map->n_in, width, &cells))
        return trn_fail(ctx, TRNNSF_E_LIMIT, "%zu x %zu weights", map->n_out, map->n_in);
    to->blocks = TRN_NEW_ARRAY(ctx, struct trn_spike_block, 1);
    to->index = TRN_NEW_ARRAY(ctx, uint32_t, map->n_in + map->n_out);
    to->weights = TRN_NEW_ARRAY(ctx, int32_t, cells);
    if (!to->blocks || !to->index || !to->weights)
        return TRN_NO_MEMORY;
    for (size_t i = 0; i < map->n_in; i++)
        to->index[i] = (uint32_t)i;
    for (size_t o = 0; o < map->n_out; o++)
        to->index[map->n_in + o] = (uint32_t)o;
    for (size_t o = 0; o < map->n_out; o++) {
        for (size_t k = map->start[o]; k < map->start[o + 1]; k++)
            to->weights[map->column[k] * width + o] = units(map, gain, o, k, factor);
    }
    to->n_blocks = 1;
    to->blocks[0] = (struct trn_spike_block){map->n_in, map->n_out, width, to->index,
                                             to->index + map->n_in, to->weights};
    return TRNNSF_OK;
}

static trnnsf_status make_lists(trnnsf_context *ctx, const struct trn_nir_map *map,
                                const double *gain, double factor, struct trn_synapses *to)
{
    size_t count = map->start[map->n_out];

    to->start = TRN_NEW_ARRAY(ctx, size_t, map->n_in + 2);
    to->target = TRN_NEW_ARRAY(ctx, uint32_t, count);
    to->weight = TRN_NEW_ARRAY(ctx, int32_t, count);
    if (!to->start || !to->target || !to->weight)
        return TRN_NO_MEMORY;
    /* start[i + 2] counts, then start[i + 1] is where input i's next one goes. */
    for (size_t k = 0; k < count; k++)
        to->start[map->column[k] + 2]++;
    for (size_t i = 0; i < map->n_in; i++)
        to->start[i + 2] += to->start[i + 1];
    for (size_t o = 0; o < map->n_out; o++) {
        for (size_t k = map->start[o]; k < map->start[o + 1]; k++) {
            size_t place = to->start[map->column[k] + 1]++;

            to->target[place] = (uint32_t)o;
            to->weight[place] = units(map, gain, o, k, factor);
        }
    }
    return TRNNSF_OK;
}

trnnsf_status trn_synapses_of_map(trnnsf_context *ctx, const struct trn_nir_map *map,
                                  const double *gain, struct trn_spiking_layer *layer)
{
    double count = (double)map->start[map->n_out];
    bool is_dense = count >= dense_from * (double)map->n_in * (double)map->n_out;
    trnnsf_status status;

    TRN_TRY(set_unit(ctx, map, gain, layer));
    status = is_dense ? make_block(ctx, map, gain, layer->factor, &layer->synapses)
                      : make_lists(ctx, map, gain, layer->factor, &layer->synapses);
    if (status != TRNNSF_OK)
        trn_synapses_clear(ctx, &layer->synapses);
    return status;
}

void trn_synapses_to_dense(const struct trn_spiking_layer *layer, double *weights)
{
    const struct trn_synapses *from = &layer->synapses;
    double unit = (double)layer->unit;

    memset(weights, 0, layer->n_in * layer->n_out * sizeof *weights);
    for (size_t b = 0; b < from->n_blocks; b++) {
        const struct trn_spike_block *block = &from->blocks[b];

        for (size_t i = 0; i < block->n_in; i++) {
            for (size_t o = 0; o < block->n_out; o++)
                weights[block->outputs[o] * layer->n_in + block->inputs[i]] +=
                    unit * (double)block->weights[i * block->width + o];
        }
    }
    for (size_t i = 0; from->start && i < layer->n_in; i++) {
        for (size_t k = from->start[i]; k < from->start[i + 1]; k++)
            weights[from->target[k] * layer->n_in + i] += unit * (double)from->weight[k];
    }
}
