/* The table of results on standard output. */
#ifndef TRANSFORM_TABLE_H
#define TRANSFORM_TABLE_H

#include "methods.h"

/* Rows of the methods in the order of `outcomes`, the last being the report's own. */
void print_table(struct program *program, const trnnsf_report *report,
                 const struct outcome *outcomes, size_t count);

#endif
