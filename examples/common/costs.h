/* Area, energy and latency of all layers, as lines of a table and as members of a JSON object. */
#ifndef COMMON_COSTS_H
#define COMMON_COSTS_H

#include "program.h"

/* The names of the lines take `width` columns. */
void costs_print(const trnnsf_cost *cost, int width);
/* "area_m2", "energy_j" by parts, "latency_s"; a comma follows. */
void costs_write(FILE *stream, const trnnsf_cost *cost);

#endif
