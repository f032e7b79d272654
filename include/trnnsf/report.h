/** \file report.h
 * Reports (JSON) and figures (SVG, PNG, PDF) of finished experiments.
 */
#ifndef TRNNSF_REPORT_H
#define TRNNSF_REPORT_H

#include <trnnsf/cost.h>
#include <trnnsf/run.h>

TRNNSF_BEGIN_DECLS

typedef struct trnnsf_report trnnsf_report;

/** An empty report. Mutable. */
TRNNSF_API trnnsf_status trnnsf_report_create(trnnsf_context *context, trnnsf_report **out_report);
TRNNSF_API void trnnsf_report_free(trnnsf_report *report);

/** Adds one method's outcome: everything is computed and copied at once. The first is the report's
 * own ("method" …), later ones stand under their names in "compared" (and "dense" as the design
 * says). `run` may be NULL (no training done). `dataset` may be NULL (no accuracy, no activity:
 * then no energy). `seconds` below 0 is written as null. */
struct trnnsf_report_entry {
    size_t struct_size;
    const char *method; /**< "dense", "prune", "offline", "transform" */
    const trnnsf_network *network;
    const trnnsf_mapping *mapping;
    const trnnsf_tech *tech;
    const trnnsf_dataset *dataset;
    const trnnsf_run *run;
    uint64_t seed;
    double seconds;
};
TRNNSF_API trnnsf_status trnnsf_report_add(trnnsf_context *context, trnnsf_report *report,
                                           const struct trnnsf_report_entry *entry);
/** A number by its JSON path, such as "crossbars.total" or "compared.prune.area_m2.total". */
TRNNSF_API trnnsf_status trnnsf_report_number(trnnsf_context *context, const trnnsf_report *report,
                                              const char *path, double *out_value);
TRNNSF_API trnnsf_status trnnsf_report_save(trnnsf_context *context, const trnnsf_report *report,
                                            const char *path);
/** The whole report as JSON text; belongs to the report until it changes. NULL without memory. */
TRNNSF_API const char *trnnsf_report_text(trnnsf_context *context, trnnsf_report *report);

/** Draws connectivity before and after, utilisation, and cost bars of all entries; the format follows
 * the ending .svg, .png or .pdf. TRNNSF_E_UNSUPPORTED where built without cairo. */
TRNNSF_API trnnsf_status trnnsf_report_figure(trnnsf_context *context, const trnnsf_report *report,
                                              const char *path);

TRNNSF_END_DECLS

#endif
