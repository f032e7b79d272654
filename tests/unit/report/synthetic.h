/* Reports made up without any training, for the tests of JSON, look-up and figures. */
#ifndef TEST_REPORT_SYNTHETIC_H
#define TEST_REPORT_SYNTHETIC_H

#include "io/report.h"

/* Layers of sizes[n_sizes]. Entries "transform" (planted clusters, residue), "dense" and "prune",
 * or only the one named `alone`. Free with trnnsf_report_free(). */
trnnsf_report *synthetic_report(trnnsf_context *ctx, const size_t *sizes, size_t n_sizes,
                                const char *alone);

#endif
