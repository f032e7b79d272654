/* Energy of one layer from the measured activity of its inputs. */
#include <math.h>

#include "base/context.h"
#include "base/pool.h"
#include "cost/cost.h"
#include "tech/shape.h"

/* What each crossbar's task finds. */
struct read {
    double conductance; /* sum over rows of drive x conductance of the whole row, siemens */
    double drive;       /* rows driven a step, on average */
    double any;         /* probability that a transfer brings the crossbar something */
};

struct energy_work {
    const struct trnnsf_mapping *mapping;
    const struct trn_map_layer *layer;
    const struct trnnsf_tech *tech;
    const double *drive;  /* [n_in] probability that a row is driven in a step */
    const double *silent; /* [n_in] log of the probability that a transfer brings nothing */
    double largest;           /* weight of the layer */
    double reads;             /* an inference */
    struct read *read;    /* [n_crossbars] */
    size_t *quiet_start;  /* [n_crossbars] */
    double *quiet;        /* [used columns of all crossbars] log that no synapse of it brings any */
};

/* Per crossbar or output of a layer, where the spiking run was on this mapping; else NULL. */
static const float *measured(const struct trnnsf_activity *activity,
                             const struct trnnsf_mapping *mapping, size_t layer,
                             const size_t *start, const float *values)
{
    if (!values || activity->mapping != trn_mapping_fingerprint(mapping))
        return NULL;
    values += start[layer];
    return start[layer + 1] > start[layer] && isfinite(values[0]) ? values : NULL;
}

/* Inputs of one crossbar row by row; unused cells of a driven row are at the off conductance. */
static void read_task(void *argument, size_t task, size_t worker)
{
    const struct energy_work *work = argument;
    const struct trnnsf_mapping *mapping = work->mapping;
    const double *value = work->tech->value;
    const struct trn_crossbar *crossbar = &mapping->crossbars[work->layer->first + task];
    const uint32_t *inputs = mapping->index + crossbar->input_start;
    const float *weights = mapping->weights + crossbar->weight_start;
    double *quiet = work->quiet + work->quiet_start[task];
    struct read *read = &work->read[task];
    double devices = value[TRN_TECH_DEVICES_PER_SIGN] * value[TRN_TECH_WEIGHT_SLICES];
    double unused = (double)crossbar->shape_outputs * trn_tech_arrays(work->tech) -
                    (double)crossbar->n_outputs * devices;
    double silent = 0;

    (void)worker;
    for (size_t i = 0; i < crossbar->n_inputs; i++) {
        double row = unused / value[TRN_TECH_RESISTANCE_OFF];

        for (size_t o = 0; o < crossbar->n_outputs; o++) {
            double size = fabs((double)weights[o * crossbar->n_inputs + i]);

            row += trn_tech_conductance(work->tech, size > 0 ? size / work->largest : 0);
            if (size > 0)
                quiet[o] += work->silent[inputs[i]];
        }
        read->conductance += work->drive[inputs[i]] * row;
        read->drive += work->drive[inputs[i]];
        silent += work->silent[inputs[i]];
    }
    read->any = -expm1(silent);
}

/* Of the input values; those of a line are their means over the reads, padding being silent. */
static void read_activity(const struct trnnsf_activity *activity, size_t layer,
                          const struct trnnsf_tech *tech, const struct trn_map_lines *lines,
                          double *drive, double *silent)
{
    const float *rate = activity->rate + activity->start[layer];
    const float *nonzero = activity->nonzero + activity->start[layer];
    bool bits = tech->value[TRN_TECH_INPUT_CODING] > 0;
    uint64_t reads = trn_map_reads(&lines->geometry);

    for (size_t i = 0; i < lines->n_in; i++) {
        struct trn_map_line line = trn_map_input(lines, i);
        double sum[2] = {0, 0};

        for (uint64_t read = 0; read < reads; read++) {
            uint32_t value = trn_map_input_value(lines, &line, read);

            sum[0] += value == TRN_NO_VALUE ? 0 : (double)rate[value];
            sum[1] += value == TRN_NO_VALUE ? 0 : (double)nonzero[value];
        }
        sum[0] /= (double)reads;
        sum[1] /= (double)reads;
        drive[i] = bits ? sum[1] / 2 : sum[0];
        silent[i] = log1p(-sum[bits]);
    }
}

static double largest_weight(const struct trnnsf_mapping *mapping,
                             const struct trn_map_layer *layer)
{
    double largest = 0;

    for (size_t c = 0; c < layer->n_crossbars; c++) {
        const struct trn_crossbar *crossbar = &mapping->crossbars[layer->first + c];
        const float *weights = mapping->weights + crossbar->weight_start;

        for (size_t i = 0; i < crossbar->n_inputs * crossbar->n_outputs; i++)
            largest = fmax(largest, fabs((double)weights[i]));
    }
    return largest;
}

/* Per read of an array, and per transfer of values to it, for all reads. */
static void add_crossbars(const struct energy_work *work, const struct trn_placement *placement,
                          double *energy)
{
    for (size_t c = 0; c < work->layer->n_crossbars; c++) {
        const struct trn_crossbar *crossbar = &work->mapping->crossbars[work->layer->first + c];
        const struct read *read = &work->read[c];
        struct trn_crossbar_use use = {(double)crossbar->n_inputs,
                                       (double)crossbar->n_outputs,
                                       read->conductance,
                                       read->drive,
                                       read->any,
                                       placement->mean_hops};
        struct trn_crossbar_energy one = trn_tech_crossbar_energy(work->tech, &use);

        energy[TRNNSF_COST_ARRAY] += work->reads * one.array;
        energy[TRNNSF_COST_PERIPHERY] += work->reads * one.periphery;
        energy[TRNNSF_COST_BUFFER] += work->reads * one.buffer;
        energy[TRNNSF_COST_COMMUNICATION] += work->reads * one.communication;
    }
}

/* Per output value with synapses: its update, its partial sums, its result. */
static void add_outputs(const struct energy_work *work, const struct trn_map_lines *lines,
                        const struct trn_spread *spread, const double *silent, double *energy)
{
    const double *value = work->tech->value;
    double transfers = value[TRN_TECH_INPUT_CODING] > 0 ? 1 : value[TRN_TECH_TIME_STEPS];
    double bit = value[TRN_TECH_VOLTAGE_FACTOR] *
                 (value[TRN_TECH_BUFFER_WRITE_ENERGY] + value[TRN_TECH_SHARED_ENERGY]);
    double local = (value[TRN_TECH_ROUTER_POWER] + value[TRN_TECH_LINK_POWER]) /
                   value[TRN_TECH_PES_PER_ROUTER] * value[TRN_TECH_LOCAL_TIME];

    for (size_t o = 0; o < work->layer->n_out; o++) {
        struct trn_map_line line = trn_map_output(lines, o);
        double values = (double)trn_map_output_reads(&lines->geometry, &line);
        double events = transfers * -expm1(silent[o]) * values;

        if (spread->crossbars[o] == 0)
            continue;
        energy[TRNNSF_COST_NEURON] += events * value[TRN_TECH_NEURON_ENERGY];
        energy[TRNNSF_COST_BUFFER] += events * value[TRN_TECH_VALUE_BITS] * bit;
        energy[TRNNSF_COST_PERIPHERY] +=
            events * (spread->crossbars[o] - 1) * value[TRN_TECH_ADDER_ENERGY];
        energy[TRNNSF_COST_COMMUNICATION] += events * (spread->pes[o] - 1) *
                                             value[TRN_TECH_SUM_BITS] /
                                             value[TRN_TECH_PACKET_BITS] * local;
    }
}

static void sum_outputs(const struct energy_work *work, double *silent)
{
    for (size_t c = 0; c < work->layer->n_crossbars; c++) {
        const struct trn_crossbar *crossbar = &work->mapping->crossbars[work->layer->first + c];
        const uint32_t *outputs = work->mapping->index + crossbar->output_start;

        for (size_t o = 0; o < crossbar->n_outputs; o++)
            silent[outputs[o]] += work->quiet[work->quiet_start[c] + o];
    }
}

static size_t number_columns(const struct energy_work *work)
{
    size_t columns = 0;

    for (size_t c = 0; c < work->layer->n_crossbars; c++) {
        work->quiet_start[c] = columns;
        columns += (size_t)work->mapping->crossbars[work->layer->first + c].n_outputs;
    }
    return columns;
}

/* What was met takes the place of what independent neurons would do. */
static void take_measured(const struct trnnsf_mapping *mapping, size_t layer,
                          const struct trnnsf_activity *activity, struct read *reads,
                          double *silent)
{
    const float *any =
        measured(activity, mapping, layer, activity->crossbar_start, activity->reads);
    const float *updates =
        measured(activity, mapping, layer, activity->output_start, activity->updates);

    for (size_t c = 0; any && c < mapping->layers[layer].n_crossbars; c++)
        reads[c].any = (double)any[c];
    for (size_t o = 0; updates && o < mapping->layers[layer].n_out; o++)
        silent[o] = log1p(-(double)updates[o]);
}

trnnsf_status trn_cost_energy(trnnsf_context *ctx, const struct trnnsf_mapping *mapping,
                              size_t layer, const struct trnnsf_tech *tech,
                              const struct trnnsf_activity *activity,
                              const struct trn_placement *placement,
                              const struct trn_spread *spread, double *energy)
{
    trnnsf_status status = TRNNSF_OK;
    const struct trn_map_layer *mapped = &mapping->layers[layer];
    size_t n_in = (size_t)mapped->n_in, count = (size_t)mapped->n_crossbars;
    struct trn_map_lines lines = {.ctx = ctx};
    double *drive = TRN_NEW_ARRAY(ctx, double, n_in);
    double *silent_in = TRN_NEW_ARRAY(ctx, double, n_in);
    double *silent_out = TRN_NEW_ARRAY(ctx, double, (size_t)mapped->n_out);
    struct read *reads = TRN_NEW_ARRAY(ctx, struct read, count);
    size_t *quiet_start = TRN_NEW_ARRAY(ctx, size_t, count);
    double *quiet = NULL;

    TRN_NEED_OUT(drive);
    TRN_NEED_OUT(silent_in);
    TRN_NEED_OUT(silent_out);
    TRN_NEED_OUT(reads);
    TRN_NEED_OUT(quiet_start);
    TRN_TRY_OUT(trn_map_lines_create(ctx, &mapped->geometry, &lines));
    struct energy_work work = {.mapping = mapping,
                               .layer = mapped,
                               .tech = tech,
                               .drive = drive,
                               .silent = silent_in,
                               .largest = largest_weight(mapping, mapped),
                               .reads = (double)trn_map_reads(&mapped->geometry),
                               .read = reads,
                               .quiet_start = quiet_start};
    quiet = TRN_NEW_ARRAY(ctx, double, number_columns(&work));
    TRN_NEED_OUT(quiet);
    work.quiet = quiet;
    read_activity(activity, layer, tech, &lines, drive, silent_in);
    trn_parallel(ctx, count, read_task, &work);
    sum_outputs(&work, silent_out);
    take_measured(mapping, layer, activity, reads, silent_out);
    add_crossbars(&work, placement, energy);
    add_outputs(&work, &lines, spread, silent_out, energy);
out:
    trn_map_lines_free(&lines);
    trn_free(ctx, drive);
    trn_free(ctx, silent_in);
    trn_free(ctx, silent_out);
    trn_free(ctx, reads);
    trn_free(ctx, quiet_start);
    trn_free(ctx, quiet);
    return status;
}
