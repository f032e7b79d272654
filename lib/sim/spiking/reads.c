/* A chip's matrices as whole numbers. */
#include "sim/spiking/reads.h"

#include <math.h>

#include "base/context.h"
#include "sim/analog/normals.h"

/* Chosen here: noise beyond as many standard deviations is not drawn (normals.h). */
static const double NOISE_MOST = 7;

void trn_spike_reads_free(trnnsf_context *ctx, struct trn_spike_reads *reads)
{
    if (!reads)
        return;
    trn_free(ctx, reads->crossbars);
    trn_free(ctx, reads->index);
    trn_free(ctx, reads->weights);
    trn_free(ctx, reads);
}

struct work {
    const struct trnnsf_analog *analog;
    const struct trn_analog_plan *plan;
    const struct trn_analog_layer *layer;
    const float *ranges;
    struct trn_spike_reads *reads;
    double variance_scale; /* whole numbers for a variance */
};

static const float *sums_of(const struct work *work, size_t c)
{
    return work->analog->sums + work->analog->row_start[c];
}

/* NULL: no noise. */
static const float *noise_of(const struct work *work, size_t c)
{
    return work->analog->noise ? work->analog->noise + work->analog->noise_start[c] : NULL;
}

static double sum_of_sizes(const float *values, size_t n)
{
    double sum = 0;

    for (size_t i = 0; values && i < n; i++)
        sum += fabs((double)values[i]);
    return sum;
}

/* The largest of a crossbar's variances with all rows driven. */
static double most_variance(const struct work *work, size_t c)
{
    const struct trn_analog_crossbar *crossbar = &work->plan->crossbars[c];
    const float *noise = noise_of(work, c);
    size_t rows = work->plan->groups * trn_analog_noise_rows(work->plan, crossbar);
    double most = 0;

    for (size_t r = 0; noise && r < rows; r++)
        most = fmax(most, sum_of_sizes(noise + r * crossbar->n_in, crossbar->n_in));
    return most;
}

/* What a crossbar may add to each output, in weights: bounds[n_out of the layer]. */
static void add_bounds(const struct work *work, size_t c, double *bounds)
{
    const struct trn_analog_plan *plan = work->plan;
    const struct trn_analog_crossbar *crossbar = &plan->crossbars[c];
    size_t rows = trn_analog_rows(plan, crossbar), minus = trn_analog_minus(plan, crossbar);
    double noise = 2 * NOISE_MOST * sqrt(most_variance(work, c));
    double gain = fmax((double)work->analog->gain[c], 1);

    for (size_t g = 0; g < plan->groups; g++) {
        const float *sums = sums_of(work, c) + g * rows * crossbar->n_in;

        for (size_t o = 0; o < crossbar->n_out; o++) {
            double bound = sum_of_sizes(sums + o * crossbar->n_in, crossbar->n_in) + noise;

            if (minus > 0)
                bound += noise + sum_of_sizes(sums + (crossbar->n_out + (minus > 1 ? o : 0)) *
                                                         crossbar->n_in,
                                              crossbar->n_in);
            if (work->ranges)
                bound += 2 * (double)work->ranges[g];
            bounds[crossbar->outputs[o]] += gain * bound;
        }
    }
}

static trnnsf_status fit_unit(trnnsf_context *ctx, const struct work *work,
                              struct trn_spiking_layer *to)
{
    double *bounds = TRN_NEW_ARRAY(ctx, double, to->n_out), most = 0;

    if (!bounds)
        return TRN_NO_MEMORY;
    for (size_t k = 0; k < work->layer->n_crossbars; k++)
        add_bounds(work, work->layer->first + k, bounds);
    for (size_t o = 0; o < to->n_out; o++)
        most = fmax(most, bounds[o]);
    trn_free(ctx, bounds);
    while (most * to->factor >= (double)(1 << (TRN_SPIKE_SUM_BITS - 1))) {
        to->factor /= 2;
        to->unit *= 2;
    }
    return TRNNSF_OK;
}

/* A layer's variances are whole multiples of the same small one. */
static void set_noise(struct work *work, double factor)
{
    double most = 0;

    for (size_t k = 0; k < work->layer->n_crossbars; k++)
        most = fmax(most, most_variance(work, work->layer->first + k));
    work->variance_scale = most > 0 ? (double)(1 << (TRN_SPIKE_SUM_BITS - 1)) / most : 0;
    work->reads->noise_factor = most > 0 ? factor * factor / work->variance_scale : 0;
}

static void set_adc(const struct work *work, double factor)
{
    struct trn_spike_reads *reads = work->reads;

    reads->adc_steps = -1;
    if (!work->ranges)
        return;
    double bits = work->plan->value[TRN_TECH_ADC_BITS];
    reads->is_signed = work->layer->signed_sums;
    reads->adc_steps = exp2(reads->is_signed ? bits - 1 : bits) - 1;
    for (size_t g = 0; g < reads->groups; g++)
        reads->range[g] = (double)work->ranges[g] * factor;
}

static size_t width_of(size_t rows)
{
    return (rows + TRN_SPIKE_WIDTH - 1) / TRN_SPIKE_WIDTH * TRN_SPIKE_WIDTH;
}

static trnnsf_status make_room(trnnsf_context *ctx, const struct work *work)
{
    struct trn_spike_reads *reads = work->reads;
    size_t n_index = 0, n_weights = 0, longest = 0;

    for (size_t k = 0; k < work->layer->n_crossbars; k++) {
        const struct trn_analog_crossbar *crossbar = &work->plan->crossbars[work->layer->first + k];
        size_t sums = reads->groups * trn_analog_rows(work->plan, crossbar);
        size_t noise = work->variance_scale > 0
                           ? reads->groups * trn_analog_noise_rows(work->plan, crossbar)
                           : 0;

        reads->widest = sums > reads->widest ? sums : reads->widest;
        reads->widest_noise = noise > reads->widest_noise ? noise : reads->widest_noise;
        n_index += crossbar->n_in + crossbar->n_out;
        n_weights += crossbar->n_in * (width_of(sums) + width_of(noise));
    }
    longest = reads->widest > reads->widest_noise ? reads->widest : reads->widest_noise;
    reads->crossbars = TRN_NEW_ARRAY(ctx, struct trn_spike_crossbar, work->layer->n_crossbars);
    reads->index = TRN_NEW_ARRAY(ctx, uint32_t, longest + n_index);
    reads->weights = TRN_NEW_ARRAY(ctx, int32_t, n_weights);
    if (!reads->crossbars || !reads->index || !reads->weights)
        return TRN_NO_MEMORY;
    for (size_t r = 0; r < longest; r++)
        reads->index[r] = (uint32_t)r;
    return TRNNSF_OK;
}

/* values[rows x n_in] times a factor; the block's outputs are 0, 1, … */
static struct trn_spike_block make_block(const struct trn_spike_reads *reads, size_t n_in,
                                         size_t rows, const uint32_t *inputs, const float *values,
                                         double factor, int32_t **weights)
{
    struct trn_spike_block block = {n_in, rows, width_of(rows), inputs, reads->index, *weights};

    for (size_t r = 0; r < rows; r++) {
        for (size_t i = 0; i < n_in; i++)
            (*weights)[i * block.width + r] = (int32_t)lrint((double)values[r * n_in + i] * factor);
    }
    *weights += n_in * block.width;
    return block;
}

static void make_crossbar(const struct work *work, size_t c, double factor, uint32_t **index,
                          int32_t **weights)
{
    struct trn_spike_reads *reads = work->reads;
    const struct trn_analog_crossbar *from = &work->plan->crossbars[c];
    struct trn_spike_crossbar *to = &reads->crossbars[reads->n_crossbars++];
    uint32_t *inputs = *index, *outputs = inputs + from->n_in;

    for (size_t i = 0; i < from->n_in; i++)
        inputs[i] = from->inputs[i];
    for (size_t o = 0; o < from->n_out; o++)
        outputs[o] = from->outputs[o];
    *index += from->n_in + from->n_out;
    *to = (struct trn_spike_crossbar){.number = (uint32_t)c,
                                      .n_out = from->n_out,
                                      .rows = trn_analog_rows(work->plan, from),
                                      .minus = trn_analog_minus(work->plan, from),
                                      .outputs = outputs,
                                      .sign = from->sign < 0 ? -1 : 1,
                                      .gain = (double)work->analog->gain[c]};
    to->sums = make_block(reads, from->n_in, reads->groups * to->rows, inputs, sums_of(work, c),
                          factor, weights);
    if (!(work->variance_scale > 0))
        return;
    to->noise_rows = trn_analog_noise_rows(work->plan, from);
    to->noise = make_block(reads, from->n_in, reads->groups * to->noise_rows, inputs,
                           noise_of(work, c), work->variance_scale, weights);
}

trnnsf_status trn_spike_reads_create(trnnsf_context *ctx, const struct trnnsf_analog *analog,
                                     size_t layer, const float *ranges,
                                     struct trn_spiking_layer *to)
{
    trnnsf_status status = TRNNSF_OK;
    const struct trn_analog_plan *plan = analog->plan;
    struct trn_spike_reads *reads = TRN_NEW(ctx, struct trn_spike_reads);
    struct work work = {analog, plan, &plan->layers[layer], ranges, reads, 0};

    if (!reads)
        return TRN_NO_MEMORY;
    reads->groups = plan->groups;
    reads->is_common = plan->value[TRN_TECH_ANALOG_SUMS] > 0;
    TRN_TRY_OUT(fit_unit(ctx, &work, to));
    set_noise(&work, to->factor);
    set_adc(&work, to->factor);
    TRN_TRY_OUT(make_room(ctx, &work));

    uint32_t *index =
        reads->index + (reads->widest > reads->widest_noise ? reads->widest : reads->widest_noise);
    int32_t *weights = reads->weights;
    for (size_t k = 0; k < work.layer->n_crossbars; k++)
        make_crossbar(&work, work.layer->first + k, to->factor, &index, &weights);
out:
    if (status == TRNNSF_OK)
        to->reads = reads;
    else
        trn_spike_reads_free(ctx, reads);
    return status;
}

void trn_spike_read_scratch_clear(trnnsf_context *ctx, struct trn_spike_read_scratch *scratch)
{
    trn_free(ctx, scratch->sums);
    trn_free(ctx, scratch->variances);
    trn_free(ctx, scratch->normals);
    trn_free(ctx, scratch->squares);
    trn_free(ctx, scratch->charges);
    trn_free(ctx, scratch->common);
    trn_free(ctx, scratch->driven);
}

static void widen(size_t *size, size_t other)
{
    *size = other > *size ? other : *size;
}

trnnsf_status trn_spike_read_scratch_init(trnnsf_context *ctx, const struct trnnsf_spiking *spiking,
                                          struct trn_spike_read_scratch *scratch)
{
    size_t sums = 0, noise = 0, common = 0, n_in = 0, n_out = 0;

    for (size_t l = 0; l < spiking->n_layers; l++) {
        const struct trn_spiking_layer *layer = &spiking->layers[l];

        if (!layer->reads)
            continue;
        widen(&sums, layer->reads->widest);
        widen(&noise, layer->reads->widest_noise);
        widen(&n_in, layer->n_in);
        widen(&n_out, layer->n_out);
        widen(&common, layer->reads->is_common ? layer->reads->groups * layer->n_out : 0);
    }
    if (sums == 0)
        return TRNNSF_OK;
    scratch->sums = TRN_NEW_ARRAY(ctx, int32_t, TRN_SPIKE_CHUNK * sums);
    scratch->variances = TRN_NEW_ARRAY(ctx, int32_t, TRN_SPIKE_CHUNK * noise);
    scratch->normals = TRN_NEW_ARRAY(ctx, float, trn_normals_whole(noise));
    scratch->squares = TRN_NEW_ARRAY(ctx, float, n_in);
    scratch->charges = TRN_NEW_ARRAY(ctx, double, sums > noise ? sums : noise);
    scratch->common = TRN_NEW_ARRAY(ctx, int32_t, TRN_SPIKE_CHUNK * common);
    scratch->driven = TRN_NEW_ARRAY(ctx, uint32_t, n_out);
    return scratch->sums && scratch->variances && scratch->normals && scratch->squares &&
                   scratch->charges && scratch->common && scratch->driven
               ? TRNNSF_OK
               : TRN_NO_MEMORY;
}
