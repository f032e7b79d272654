#include "tech/shape.h"

#include <math.h>

struct trn_crossbar_area trn_tech_crossbar_area(const struct trnnsf_tech *tech, double rows,
                                                double columns)
{
    const double *value = tech->value;
    double arrays = trn_tech_arrays(tech);
    double outputs = (double)trn_tech_outputs(tech, (size_t)columns);
    struct trn_crossbar_area area;

    columns += value[TRN_TECH_REFERENCES];
    area.array = rows * columns * arrays * value[TRN_TECH_CELL_AREA];
    area.periphery =
        arrays * (rows * value[TRN_TECH_ROW_AREA] + columns * value[TRN_TECH_COLUMN_AREA]);
    area.neuron = outputs * value[TRN_TECH_NEURON_AREA];
    area.buffer = (rows * value[TRN_TECH_VALUE_BITS] + outputs * value[TRN_TECH_SUM_BITS]) *
                  value[TRN_TECH_BUFFER_BIT_AREA];
    return area;
}

double trn_tech_converters_area(const struct trnnsf_tech *tech, double columns)
{
    return trn_tech_arrays(tech) * (columns + tech->value[TRN_TECH_REFERENCES]) *
           tech->value[TRN_TECH_ADC_AREA];
}

double trn_tech_pe_buffer_area(const struct trnnsf_tech *tech, double pes)
{
    return pes * tech->value[TRN_TECH_PE_AREA];
}

double trn_tech_pe_router_area(const struct trnnsf_tech *tech, double pes)
{
    const double *value = tech->value;

    return pes / value[TRN_TECH_PES_PER_ROUTER] *
           (value[TRN_TECH_ROUTER_AREA] + value[TRN_TECH_LINK_AREA]);
}

/* Values reach a crossbar once an inference, or once a step where they are spikes. */
static double transfers(const struct trnnsf_tech *tech)
{
    return tech->value[TRN_TECH_INPUT_CODING] > 0 ? 1 : tech->value[TRN_TECH_TIME_STEPS];
}

static double packet_energy(const struct trnnsf_tech *tech, double bits, double hops)
{
    const double *value = tech->value;
    double flits = ceil(bits / value[TRN_TECH_FLIT_BITS]);
    double packets = flits * value[TRN_TECH_FLIT_BITS] / value[TRN_TECH_PACKET_BITS];
    double doors = ceil(bits / value[TRN_TECH_PACKET_BITS]);
    double hop = (2 * value[TRN_TECH_ROUTER_POWER] + value[TRN_TECH_LINK_POWER]) /
                 value[TRN_TECH_PES_PER_ROUTER] * value[TRN_TECH_HOP_TIME];

    return packets * hops * hop +
           doors * value[TRN_TECH_SWITCH_ENERGY] * value[TRN_TECH_VOLTAGE_FACTOR];
}

struct trn_crossbar_energy trn_tech_crossbar_energy(const struct trnnsf_tech *tech,
                                                    const struct trn_crossbar_use *use)
{
    const double *value = tech->value;
    double steps = value[TRN_TECH_TIME_STEPS];
    double devices = value[TRN_TECH_DEVICES_PER_SIGN] * value[TRN_TECH_WEIGHT_SLICES];
    double read_factor = steps * value[TRN_TECH_READ_VOLTAGE] * value[TRN_TECH_READ_VOLTAGE] *
                         value[TRN_TECH_READ_TIME];
    double column = value[TRN_TECH_COLUMN_ENERGY] + value[TRN_TECH_ADC_ENERGY] +
                    value[TRN_TECH_SHIFT_ADD_ENERGY];
    double bit = value[TRN_TECH_VOLTAGE_FACTOR] *
                 (value[TRN_TECH_BUFFER_WRITE_ENERGY] + value[TRN_TECH_BUFFER_READ_ENERGY] +
                  value[TRN_TECH_SHARED_ENERGY]);
    double references = trn_tech_arrays(tech) * value[TRN_TECH_REFERENCES];
    double bits = use->inputs * value[TRN_TECH_VALUE_BITS];
    struct trn_crossbar_energy energy;

    /* Devices of references hold weight 0 in the mean: off, as unused ones. */
    energy.array =
        read_factor * (use->conductance + use->drive * references / value[TRN_TECH_RESISTANCE_OFF]);
    energy.periphery = steps * (use->drive * trn_tech_arrays(tech) * value[TRN_TECH_ROW_ENERGY] +
                                use->any * (use->outputs * devices + references) * column);
    energy.buffer = transfers(tech) * use->any * bits * bit;
    energy.communication = transfers(tech) * use->any * packet_energy(tech, bits, use->hops);
    return energy;
}

double trn_tech_shape_area(const struct trnnsf_tech *tech, size_t shape)
{
    struct trn_crossbar_area area = trn_tech_crossbar_area(tech, (double)tech->shapes[shape].inputs,
                                                           (double)tech->shapes[shape].outputs);
    double pes = 1 / tech->value[TRN_TECH_MCAS_PER_PE];

    return area.array + area.periphery + area.neuron + area.buffer +
           trn_tech_pe_buffer_area(tech, pes) + trn_tech_pe_router_area(tech, pes);
}

/* Chosen here: every input active, weights of half the largest, one hop, one sum an output. */
double trn_tech_shape_energy(const struct trnnsf_tech *tech, size_t shape)
{
    const double *value = tech->value;
    double rows = (double)tech->shapes[shape].inputs;
    double columns = (double)tech->shapes[shape].outputs;
    double outputs = (double)trn_tech_outputs(tech, tech->shapes[shape].outputs);
    double devices = value[TRN_TECH_DEVICES_PER_SIGN] * value[TRN_TECH_WEIGHT_SLICES];
    double drive = rows * (value[TRN_TECH_INPUT_CODING] > 0 ? 0.5 : 1);
    double row =
        outputs * trn_tech_conductance(tech, 0.5) +
        (columns * trn_tech_arrays(tech) - outputs * devices) / value[TRN_TECH_RESISTANCE_OFF];
    struct trn_crossbar_use use = {rows, outputs, drive * row, drive, 1, 1};
    struct trn_crossbar_energy energy = trn_tech_crossbar_energy(tech, &use);

    return energy.array + energy.periphery + energy.buffer + energy.communication +
           transfers(tech) * outputs * value[TRN_TECH_ADDER_ENERGY];
}
