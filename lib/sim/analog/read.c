#include "sim/analog/read.h"

#include <string.h>

#include "base/context.h"
#include "sim/analog/lines.h"
#include "tensor/gemm.h"

enum { CHUNK = TRN_ANALOG_CHUNK };

/* The crossbar's rows of a panel of the layer's inputs. */
static const float *gather(const struct trn_analog_crossbar *crossbar, size_t n, const float *panel,
                           float *gathered)
{
    if (crossbar->adjoining)
        return panel + crossbar->inputs[0] * (size_t)CHUNK;
    for (size_t i = 0; i < crossbar->n_in; i++)
        memcpy(gathered + i * CHUNK, panel + crossbar->inputs[i] * (size_t)CHUNK,
               n * sizeof *gathered);
    return gathered;
}

/* Currents of arrays with wires, for each sample. */
static trnnsf_status solve_wires(const struct trn_read *read, struct trn_read_scratch *scratch,
                                 size_t c, size_t n, const float *v)
{
    static const char function[] = "trnnsf_analog: wires";
    const struct trn_analog_plan *plan = read->analog->plan;
    const struct trn_analog_crossbar *crossbar = &plan->crossbars[c];
    size_t columns = trn_analog_array_columns(plan, crossbar), n_in = crossbar->n_in;
    double volt = plan->value[TRN_TECH_READ_VOLTAGE];
    double factor = plan->value[TRN_TECH_RESISTANCE_ON] / volt;

    for (size_t s = 0; s < n; s++) {
        for (size_t i = 0; i < n_in; i++)
            scratch->volts[s * n_in + trn_lines_row(plan, c, i)] = (double)v[i * CHUNK + s] * volt;
    }
    for (size_t a = 0; a < plan->arrays; a++) {
        const struct trnnsf_wires *wires = read->analog->wires[c * plan->arrays + a];
        struct trn_wires_results results = {.currents = scratch->currents};
        float *physical = scratch->physical + a * columns * CHUNK;

        TRN_TRY(trn_wires_check_inputs(read->ctx, function, wires, n, scratch->volts));
        if (plan->options.wires_passes > 0)
            TRN_TRY(trn_wires_approximate(read->ctx, wires, n, scratch->volts,
                                          plan->options.wires_passes, scratch->currents));
        else
            TRN_TRY(trn_wires_solve(read->ctx, function, wires, n, scratch->volts, &results));
        for (size_t s = 0; s < n; s++) {
            for (size_t j = 0; j < columns; j++)
                physical[j * CHUNK + s] =
                    (float)(scratch->currents[s * columns + trn_lines_column(plan, c, j)] * factor);
        }
    }
    trn_analog_combine(plan, crossbar, n, scratch->physical, CHUNK, scratch->sums, CHUNK);
    return TRNNSF_OK;
}

/* sums of one crossbar in one step, noise included. */
static trnnsf_status read_columns(struct trn_read *read, struct trn_read_scratch *scratch, size_t c,
                                  size_t first, size_t n, size_t step)
{
    const struct trnnsf_analog *analog = read->analog;
    const struct trn_analog_plan *plan = analog->plan;
    const struct trn_analog_crossbar *crossbar = &plan->crossbars[c];
    size_t n_in = crossbar->n_in, groups = plan->groups;
    const float *v = gather(crossbar, n, scratch->v, scratch->gathered);

    if (plan->by_vector)
        TRN_TRY(solve_wires(read, scratch, c, n, v));
    else
        trn_run_gemm(&read->run, groups * trn_analog_rows(plan, crossbar), n, n_in,
                     analog->sums + analog->row_start[c], n_in, v, CHUNK, scratch->sums, CHUNK);
    if (!analog->noise || scratch->seen)
        return TRNNSF_OK;
    trn_run_gemm(&read->run, groups * trn_analog_noise_rows(plan, crossbar), n, n_in,
                 analog->noise + analog->noise_start[c], n_in,
                 gather(crossbar, n, scratch->square, scratch->gathered), CHUNK, scratch->variance,
                 CHUNK);
    trn_read_add_noise(read, scratch, c, first, n, step);
    return TRNNSF_OK;
}

static void add_row(size_t n, float factor, const float *from, float *to)
{
    for (size_t s = 0; s < n; s++)
        to[s] += factor * from[s];
}

/* Converted sums of a crossbar to the layer's. */
static void add_digital(const struct trn_read *read, struct trn_read_scratch *scratch, size_t c,
                        size_t first, size_t n, float weight)
{
    const struct trn_analog_plan *plan = read->analog->plan;
    const struct trn_analog_crossbar *crossbar = &plan->crossbars[c];
    size_t rows = trn_analog_rows(plan, crossbar), minus = trn_analog_minus(plan, crossbar);

    for (size_t g = 0; g < plan->groups; g++) {
        float *sums = scratch->sums + g * rows * CHUNK;

        trn_read_adc(read, scratch, g, rows, n, sums);
        for (size_t o = 0; read->y && o < crossbar->n_out; o++) {
            float *y = read->y + crossbar->outputs[o] * read->ld + first;

            add_row(n, weight, sums + o * CHUNK, y);
            if (minus > 0)
                add_row(n, -weight, sums + (crossbar->n_out + (minus > 1 ? o : 0)) * CHUNK, y);
        }
    }
}

static void add_analog(const struct trn_read *read, struct trn_read_scratch *scratch, size_t c,
                       size_t n)
{
    const struct trn_analog_plan *plan = read->analog->plan;
    const struct trn_analog_crossbar *crossbar = &plan->crossbars[c];
    size_t n_out = plan->layers[read->layer].n_out;

    for (size_t g = 0; g < plan->groups; g++) {
        for (size_t o = 0; o < crossbar->n_out; o++)
            add_row(n, crossbar->sign, scratch->sums + (g * crossbar->n_out + o) * CHUNK,
                    scratch->common + (g * n_out + crossbar->outputs[o]) * CHUNK);
    }
}

static void convert_common(const struct trn_read *read, struct trn_read_scratch *scratch,
                           size_t first, size_t n, float weight)
{
    const struct trn_analog_plan *plan = read->analog->plan;
    size_t n_out = plan->layers[read->layer].n_out;

    for (size_t g = 0; g < plan->groups; g++) {
        float *common = scratch->common + g * n_out * CHUNK;

        trn_read_adc(read, scratch, g, n_out, n, common);
        for (size_t o = 0; read->y && o < n_out; o++)
            add_row(n, weight, common + o * CHUNK, read->y + o * read->ld + first);
    }
}

static trnnsf_status read_step(struct trn_read *read, struct trn_read_scratch *scratch,
                               size_t first, size_t n, size_t step)
{
    const struct trnnsf_analog *analog = read->analog;
    const struct trn_analog_plan *plan = analog->plan;
    const struct trn_analog_layer *layer = &plan->layers[read->layer];
    float weight = trn_read_weight(read, step);

    trn_read_drive(read, scratch, n, step);
    if (scratch->common)
        memset(scratch->common, 0, plan->groups * layer->n_out * CHUNK * sizeof(float));
    for (size_t c = layer->first; c < layer->first + layer->n_crossbars; c++) {
        TRN_TRY(read_columns(read, scratch, c, first, n, step));
        if (scratch->common)
            add_analog(read, scratch, c, n);
        else
            add_digital(read, scratch, c, first, n,
                        weight * analog->gain[c] * plan->crossbars[c].sign);
    }
    if (scratch->common && layer->n_crossbars > 0)
        convert_common(read, scratch, first, n, weight * analog->gain[layer->first]);
    return TRNNSF_OK;
}

static trnnsf_status read_chunk(struct trn_read *read, size_t chunk, size_t worker)
{
    struct trn_read_scratch *scratch = &read->scratch[worker];
    size_t first = chunk * CHUNK, n = read->n - first < CHUNK ? read->n - first : CHUNK;
    size_t n_out = read->analog->plan->layers[read->layer].n_out;

    if (read->analog->plan->layers[read->layer].is_driven) {
        trn_read_driven(read, scratch, first, n);
        return TRNNSF_OK;
    }

    for (size_t o = 0; read->y && o < n_out; o++)
        memset(read->y + o * read->ld + first, 0, n * sizeof *read->y);
    trn_read_dac(read, scratch, first, n);
    for (size_t step = 0; step < trn_read_steps(read->analog->plan); step++)
        TRN_TRY(read_step(read, scratch, first, n, step));
    return TRNNSF_OK;
}

static void read_task(void *argument, size_t task, size_t worker)
{
    /* Only by vector can it fail otherwise than by a kernel. */
    (void)read_chunk(argument, task, worker);
}

trnnsf_status trn_read_layer(struct trn_read *read)
{
    size_t chunks = (read->n + CHUNK - 1) / CHUNK;

    read->adc_steps = trn_read_adc_steps(read->analog->plan, read->layer);
    if (!read->analog->plan->by_vector)
        return trn_run_tasks(read->ctx, "gemm", chunks, read_task, &read->run);
    /* Solving wires takes memory and the context: one chunk after the other. */
    TRN_TRY(trn_run_tasks(read->ctx, "gemm", 0, read_task, &read->run));
    for (size_t chunk = 0; chunk < chunks; chunk++) {
        TRN_TRY(trn_cancelled(read->ctx, "analog"));
        TRN_TRY(read_chunk(read, chunk, 0));
    }
    return (trnnsf_status)atomic_load(&read->run.failure);
}
