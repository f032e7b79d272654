/* Memory of the workers that read. */
#include "base/context.h"
#include "sim/analog/read.h"

enum { CHUNK = TRN_ANALOG_CHUNK };

void trn_read_scratch_free(trnnsf_context *ctx, struct trn_read_scratch *scratch)
{
    for (size_t w = 0; scratch && w < ctx->threads; w++) {
        struct trn_read_scratch *own = &scratch[w];

        trn_free(ctx, own->turned);
        trn_free(ctx, own->bits);
        trn_free(ctx, own->column);
        trn_free(ctx, own->value);
        trn_free(ctx, own->outputs);
        trn_free(ctx, own->magnitude);
        trn_free(ctx, own->v);
        trn_free(ctx, own->square);
        trn_free(ctx, own->gathered);
        trn_free(ctx, own->sums);
        trn_free(ctx, own->variance);
        trn_free(ctx, own->common);
        trn_free(ctx, own->physical);
        trn_free(ctx, own->volts);
        trn_free(ctx, own->currents);
    }
    trn_free(ctx, scratch);
}

struct sizes {
    size_t n_in, n_out; /* of layers that are read as a whole */
    size_t inputs;      /* of crossbars */
    size_t rows, noise_rows, columns, physical;
    size_t driven_in, driven_out; /* of layers that are driven alone */
    bool is_scattered;            /* inputs of some crossbar */
};

static void widen(size_t *size, size_t other)
{
    *size = other > *size ? other : *size;
}

static struct sizes largest(const struct trnnsf_analog *analog)
{
    const struct trn_analog_plan *plan = analog->plan;
    struct sizes sizes = {0};

    for (size_t l = 0; l < plan->n_layers; l++) {
        bool is_driven = plan->layers[l].is_driven;

        widen(is_driven ? &sizes.driven_in : &sizes.n_in, plan->layers[l].n_in);
        widen(is_driven ? &sizes.driven_out : &sizes.n_out, plan->layers[l].n_out);
    }
    for (size_t c = 0; c < plan->n_crossbars; c++) {
        const struct trn_analog_crossbar *crossbar = &plan->crossbars[c];

        sizes.is_scattered = sizes.is_scattered || !crossbar->adjoining;
        widen(&sizes.inputs, crossbar->n_in);
        widen(&sizes.rows, plan->groups * trn_analog_rows(plan, crossbar));
        widen(&sizes.noise_rows, plan->groups * trn_analog_noise_rows(plan, crossbar));
        widen(&sizes.columns, trn_analog_array_columns(plan, crossbar));
        widen(&sizes.physical, trn_analog_physical(plan, crossbar));
    }
    /* [TURNED x width] */
    for (size_t k = 0; k < analog->n_sets; k++)
        widen(&sizes.rows, (analog->sets[k].width * TRN_READ_TURNED + CHUNK - 1) / CHUNK);
    return sizes;
}

/* Zero: a step reads what whole rows hold, samples or not. */
static float *panel(trnnsf_context *ctx, bool is_wanted, size_t rows)
{
    return is_wanted ? trn_calloc(ctx, rows, CHUNK * sizeof(float)) : NULL;
}

static trnnsf_status fill_driven(trnnsf_context *ctx, const struct trnnsf_analog *analog,
                                 const struct sizes *sizes, struct trn_read_scratch *own)
{
    size_t count = sizes->driven_in * TRN_READ_TURNED;
    bool is_serial = trn_read_steps(analog->plan) > 1;

    if (sizes->driven_in == 0)
        return TRNNSF_OK;
    own->bits = is_serial ? trn_malloc(ctx, count, sizeof *own->bits) : NULL;
    own->column = trn_malloc(ctx, count + 4, sizeof *own->column);
    own->value = trn_malloc(ctx, count + 4, sizeof *own->value);
    own->outputs = trn_malloc(ctx, sizes->driven_out, TRN_READ_TURNED * sizeof *own->outputs);
    return (is_serial && !own->bits) || !own->column || !own->value || !own->outputs ? TRN_NO_MEMORY
                                                                                     : TRNNSF_OK;
}

static trnnsf_status fill(trnnsf_context *ctx, const struct trnnsf_analog *analog,
                          const struct sizes *sizes, struct trn_read_scratch *own)
{
    const struct trn_analog_plan *plan = analog->plan;
    bool is_noisy = analog->noise != NULL;
    bool is_common = plan->value[TRN_TECH_ANALOG_SUMS] > 0;

    bool is_serial = trn_read_steps(plan) > 1;

    size_t turned =
        plan->layers[0].n_in > sizes->driven_in ? plan->layers[0].n_in : sizes->driven_in;

    TRN_TRY(fill_driven(ctx, analog, sizes, own));
    own->turned = trn_calloc(ctx, turned, TRN_READ_TURNED * sizeof *own->turned);
    own->magnitude = panel(ctx, is_serial, sizes->n_in);
    own->v = panel(ctx, true, sizes->n_in);
    own->square = panel(ctx, is_noisy, sizes->n_in);
    own->gathered = panel(ctx, sizes->is_scattered, sizes->inputs);
    own->sums = panel(ctx, true, sizes->rows);
    own->variance = panel(ctx, is_noisy, sizes->noise_rows);
    own->common = panel(ctx, is_common, plan->groups * sizes->n_out);
    if (!own->turned || !own->v || !own->sums || (is_serial && !own->magnitude) ||
        (sizes->is_scattered && !own->gathered) || (is_noisy && (!own->square || !own->variance)) ||
        (is_common && !own->common))
        return TRN_NO_MEMORY;
    if (!plan->by_vector)
        return TRNNSF_OK;
    own->physical = panel(ctx, true, sizes->physical);
    own->volts = trn_calloc(ctx, sizes->inputs, CHUNK * sizeof *own->volts);
    own->currents = trn_calloc(ctx, sizes->columns, CHUNK * sizeof *own->currents);
    return own->physical && own->volts && own->currents ? TRNNSF_OK : TRN_NO_MEMORY;
}

trnnsf_status trn_read_scratch_new(trnnsf_context *ctx, const struct trnnsf_analog *analog,
                                   struct trn_read_scratch **out_scratch)
{
    trnnsf_status status = TRNNSF_OK;
    struct sizes sizes = largest(analog);
    size_t workers = ctx->threads;
    struct trn_read_scratch *scratch = TRN_NEW_ARRAY(ctx, struct trn_read_scratch, workers);

    TRN_NEED_OUT(scratch);
    for (size_t w = 0; w < workers; w++)
        TRN_TRY_OUT(fill(ctx, analog, &sizes, &scratch[w]));
out:
    if (status == TRNNSF_OK)
        *out_scratch = scratch;
    else
        trn_read_scratch_free(ctx, scratch);
    return status;
}

void trn_read_scratch_collect(trnnsf_context *ctx, struct trn_read_scratch *scratch,
                              struct trn_analog_counts *to)
{
    for (size_t w = 0; w < ctx->threads; w++) {
        struct trn_analog_counts *own = &scratch[w].counts;

        if (to) {
            to->dac += own->dac;
            to->dac_beyond += own->dac_beyond;
            to->adc += own->adc;
            to->adc_beyond += own->adc_beyond;
        }
        *own = (struct trn_analog_counts){0};
    }
}
