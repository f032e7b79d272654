#include "costs.h"

void costs_print(const trnnsf_cost *cost, int width)
{
    printf("%-*s%.4g mm2\n", width, "area",
           1e6 * trnnsf_cost_area(cost, TRNNSF_ALL_LAYERS, TRNNSF_COST_TOTAL));
    printf("%-*s%.4g uJ an inference\n", width, "energy",
           1e6 * trnnsf_cost_energy(cost, TRNNSF_ALL_LAYERS, TRNNSF_COST_TOTAL));
    printf("%-*s%.4g us\n", width, "latency", 1e6 * trnnsf_cost_latency(cost, TRNNSF_ALL_LAYERS));
}

static void write_parts(FILE *stream, const trnnsf_cost *cost, const char *key,
                        double (*part_of)(const trnnsf_cost *, size_t, uint32_t))
{
    static const char *const names[] = {"array",  "periphery",     "neuron",
                                        "buffer", "communication", "total"};

    fprintf(stream, "  \"%s\": {", key);
    for (uint32_t part = 0; part <= TRNNSF_COST_TOTAL; part++) {
        fprintf(stream, "%s", part ? ", " : "");
        program_put_number(stream, names[part], part_of(cost, TRNNSF_ALL_LAYERS, part));
    }
    fprintf(stream, "},\n");
}

void costs_write(FILE *stream, const trnnsf_cost *cost)
{
    write_parts(stream, cost, "area_m2", trnnsf_cost_area);
    write_parts(stream, cost, "energy_j", trnnsf_cost_energy);
    fprintf(stream, "  ");
    program_put_number(stream, "latency_s", trnnsf_cost_latency(cost, TRNNSF_ALL_LAYERS));
    fprintf(stream, ",\n");
}
