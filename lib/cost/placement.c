/* Where crossbars lie, and what follows from that: area and latency. The mesh and its hops are
 * those of Aayush-Ankit/RESPARC-plc:src/compute_energy_latency_mlp.py. */
#include <math.h>

#include "cost/cost.h"
#include "tech/shape.h"

/* Columns of the mesh that a layer's PEs take; the first layer's inputs come from one column. */
static double mesh_columns(double pes, double side)
{
    return pes > 0 ? ceil(pes / side) : 1;
}

void trn_cost_place(const struct trnnsf_mapping *mapping, const struct trnnsf_tech *tech,
                    struct trn_placement *placements)
{
    double all = 0, from = 1;

    for (size_t l = 0; l < mapping->n_layers; l++) {
        placements[l].pes =
            ceil((double)mapping->layers[l].n_crossbars / tech->value[TRN_TECH_MCAS_PER_PE]);
        all += placements[l].pes;
    }

    double side = ceil(sqrt(all > 0 ? all : 1));
    for (size_t l = 0; l < mapping->n_layers; l++) {
        double to = mesh_columns(placements[l].pes, side);

        /* From column x of the layer before to column y of this one it is x + y + 1 hops. */
        placements[l].mean_hops = (from + to) / 2;
        placements[l].most_hops = from + to - 1;
        from = to;
    }
}

/* The last PE that had an output is kept beside its count, so each PE counts once. */
void trn_cost_spread(const struct trnnsf_mapping *mapping, size_t layer,
                     const struct trnnsf_tech *tech, const struct trn_spread *spread)
{
    const struct trn_map_layer *mapped = &mapping->layers[layer];
    size_t per_pe = (size_t)tech->value[TRN_TECH_MCAS_PER_PE];

    for (size_t c = 0; c < mapped->n_crossbars; c++) {
        const struct trn_crossbar *crossbar = &mapping->crossbars[mapped->first + c];
        const uint32_t *outputs = mapping->index + crossbar->output_start;
        uint32_t pe = (uint32_t)(c / per_pe) + 1;

        for (size_t o = 0; o < crossbar->n_outputs; o++) {
            spread->crossbars[outputs[o]]++;
            spread->pes[outputs[o]] += spread->last_pe[outputs[o]] != pe;
            spread->last_pe[outputs[o]] = pe;
        }
    }
}

void trn_cost_area(const struct trnnsf_mapping *mapping, size_t layer,
                   const struct trnnsf_tech *tech, const struct trn_placement *placement,
                   double *area)
{
    const struct trn_map_layer *mapped = &mapping->layers[layer];

    for (size_t c = 0; c < mapped->n_crossbars; c++) {
        const struct trn_crossbar *crossbar = &mapping->crossbars[mapped->first + c];
        struct trn_crossbar_area one = trn_tech_crossbar_area(tech, (double)crossbar->shape_inputs,
                                                              (double)crossbar->shape_outputs);

        area[TRNNSF_COST_ARRAY] += one.array;
        area[TRNNSF_COST_PERIPHERY] += one.periphery;
        area[TRNNSF_COST_NEURON] += one.neuron;
        area[TRNNSF_COST_BUFFER] += one.buffer;
    }
    area[TRNNSF_COST_BUFFER] += trn_tech_pe_buffer_area(tech, placement->pes);
    area[TRNNSF_COST_COMMUNICATION] += trn_tech_pe_router_area(tech, placement->pes);
}

static double converters_of(const struct trnnsf_mapping *mapping, size_t layer,
                            const struct trnnsf_tech *tech)
{
    const struct trn_map_layer *mapped = &mapping->layers[layer];
    double area = 0;

    for (size_t c = 0; c < mapped->n_crossbars; c++)
        area += trn_tech_converters_area(
            tech, (double)mapping->crossbars[mapped->first + c].shape_outputs);
    return area;
}

void trn_cost_share_converters(const struct trnnsf_mapping *mapping, const struct trnnsf_tech *tech,
                               struct trn_layer_cost *layers)
{
    size_t keeper = 0;

    for (size_t l = 1; l < mapping->n_layers; l++)
        keeper =
            converters_of(mapping, l, tech) > converters_of(mapping, keeper, tech) ? l : keeper;
    for (size_t l = 0; l < mapping->n_layers; l++)
        layers[l].area[TRNNSF_COST_PERIPHERY] -= l == keeper ? 0 : converters_of(mapping, l, tech);
}

/* Partial sums travel in a tree: a stage a halving of the most PEs that share an output. */
static double reduction_stages(const struct trn_map_layer *mapped, const struct trn_spread *spread)
{
    uint32_t most = 1;
    double stages = 0;

    for (size_t o = 0; o < mapped->n_out; o++)
        most = spread->pes[o] > most ? spread->pes[o] : most;
    while (most > 1) {
        most -= most / 2;
        stages++;
    }
    return stages;
}

double trn_cost_latency(const struct trnnsf_mapping *mapping, size_t layer,
                        const struct trnnsf_tech *tech, const struct trn_placement *placement,
                        const struct trn_spread *spread)
{
    const struct trn_map_layer *mapped = &mapping->layers[layer];
    const double *value = tech->value;
    double steps = value[TRN_TECH_TIME_STEPS];
    double transfers = value[TRN_TECH_INPUT_CODING] > 0 ? 1 : steps;
    double most_outputs = 0;

    if (mapped->n_crossbars == 0)
        return 0;
    for (size_t c = 0; c < mapped->n_crossbars; c++)
        most_outputs = fmax(most_outputs, (double)mapping->crossbars[mapped->first + c].n_outputs);
    double packets = most_outputs * value[TRN_TECH_SUM_BITS] / value[TRN_TECH_PACKET_BITS];
    double reduce = reduction_stages(mapped, spread) * packets * value[TRN_TECH_LOCAL_TIME];
    double travel = placement->most_hops * value[TRN_TECH_HOP_TIME];
    return (double)trn_map_reads(&mapped->geometry) *
           (steps * value[TRN_TECH_STEP_TIME] + transfers * (travel + reduce));
}
