/* A report's inside: what trnnsf_report_add() computes and keeps, one walk over it in the order of
 * the JSON keys, and the visitors of that walk (JSON text, look-up by path). */
#ifndef TRN_IO_REPORT_H
#define TRN_IO_REPORT_H

#include <stdbool.h>
#include <trnnsf/report.h>

#include "io/connectivity.h"

enum { TRN_REPORT_COSTS = TRNNSF_COST_TOTAL + 1, TRN_REPORT_BINS = 20, TRN_REPORT_METHOD_MAX = 63 };
enum { TRN_REPORT_SHAPES = 16 }; /* a technology has no more */

/* Counts and costs of one layer, or of all. Not known is NaN. */
struct trn_report_part {
    uint64_t n_inputs;
    uint64_t n_outputs;
    uint64_t clusters;
    struct trnnsf_crossbar_counts counts;
    uint64_t by_shape[TRN_REPORT_SHAPES]; /* crossbars on each of the technology's shapes */
    double area[TRN_REPORT_COSTS];
    double energy[TRN_REPORT_COSTS];
    double latency;
    struct trnnsf_mapped_layer mapped; /* of one layer */
};

struct trn_report_entry {
    char *method;
    char *technology;
    char *shapes; /* "64x64,32x32" */
    uint64_t seed;
    double seconds;     /* below 0: not given */
    double accuracy[3]; /* by enum trnnsf_part */
    struct trn_report_spiking {
        double steps, accuracy, spikes; /* steps 0: no spiking run */
    } spiking;
    struct trn_report_part total;
    size_t n_layers;
    struct trn_report_part *layers;
    struct trn_connectivity **connectivity; /* one a layer, for figures */
    /* Crossbars by utilisation, in bins of equal width from 0 to 1: [0] clusters and tiles, [1]
     * residue. */
    uint64_t utilisation[2][TRN_REPORT_BINS];
    size_t n_steps;
    struct trnnsf_step *steps;
    size_t n_trials;
    struct trnnsf_trial *trials; /* NULL: nothing was searched */
};

struct trnnsf_report {
    trnnsf_context *ctx; /* held */
    size_t n_entries;
    struct trn_report_entry **entries;
    char *text; /* what trnnsf_report_text() has given out */
};

/* Computes an entry; the arguments were checked. */
trnnsf_status trn_report_collect(trnnsf_context *ctx, const struct trnnsf_report_entry *from,
                                 struct trn_report_entry **out_entry);
void trn_report_entry_free(trnnsf_context *ctx, struct trn_report_entry *entry);
/* The entry of that method, or NULL. */
const struct trn_report_entry *trn_report_find(const trnnsf_report *report, const char *method);
/* 1 - own / other: NaN where one is not known or the other is 0. */
double trn_report_saving(double own, double other);

/* Keys are NULL inside arrays. A number that is not finite is written as null. */
struct trn_report_visitor {
    void (*open)(void *self, const char *key, bool array);
    void (*close)(void *self);
    void (*number)(void *self, const char *key, double value);
    void (*integer)(void *self, const char *key, uint64_t value);
    void (*text)(void *self, const char *key, const char *value);
    void *self;
};

/* Visits the whole report in the order of its JSON keys, the outermost braces left out. */
void trn_report_walk(const trnnsf_report *report, const struct trn_report_visitor *visitor);

/* The number at a path such as "layers.0.area_m2.total"; false where there is none. */
bool trn_report_number_at(const trnnsf_report *report, const char *path, double *out_value);

/* The JSON text, 0-terminated; free with trn_free(). TRNNSF_E_UNSUPPORTED without jansson. */
trnnsf_status trn_report_json(trnnsf_context *ctx, const trnnsf_report *report, char **out_text,
                              size_t *out_size);

#endif
