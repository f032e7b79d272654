/** \file report.h
 * Reports (JSON) and figures (SVG, PNG, PDF) of finished experiments. Mutable: a report grows by
 * entries; one thread at a time. All that an entry needs is computed and copied when it is added.
 *
 * Keys of the JSON text, SI units, what is not known null: version, method, seed, seconds, technology,
 * mca[], network[] (layer sizes), accuracy.{train,validation,test}, of an entry with a spiking run
 * spiking.{steps,accuracy,spikes} (a sample; accuracy after the last step), sparsity, synapses, clusters,
 * crossbars.{dense,pruned,clustered,residue,total,lower_bound,gap}, crossbars.by_mca.SHAPE, utilisation,
 * area_m2 and energy_j.{array,periphery,neuron,buffer,communication,total}, latency_s;
 * dense.{accuracy,crossbars,area_m2,energy_j}, each as above, of the entry named "dense" where there is
 * one; layers[] with inputs, outputs and the keys from sparsity to latency_s; compared.NAME with all of
 * this for each later entry; savings.{crossbars,area,energy,latency}_vs_NAME, fractions of NAME's totals
 * that the first entry saves; history[] with epoch, phase, loss, train_accuracy, validation_accuracy,
 * sparsity, clusters, crossbars; where the entry has a search, trials[] with budget, crossbars, area_m2,
 * energy_j, validation_accuracy, met (1 or 0). crossbars.lower_bound is the number that no mapping of the kept
 * synapses goes below, gap is total / lower_bound - 1, by_mca has the crossbars on each shape of mca[].
 * The text's bytes depend on the entries only.
 */
#ifndef TRNNSF_REPORT_H
#define TRNNSF_REPORT_H

#include <trnnsf/cost.h>
#include <trnnsf/run.h>
#include <trnnsf/search.h>
#include <trnnsf/spiking.h>

TRNNSF_BEGIN_DECLS

typedef struct trnnsf_report trnnsf_report;

/** Creates an empty report. The caller owns `*out_report`, which keeps the context alive.
 * TRNNSF_E_INVALID: a NULL argument; TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_report_create(trnnsf_context *context, trnnsf_report **out_report);

/** Frees a report and the text it has given out; NULL is fine. Since 0.1. */
TRNNSF_API void trnnsf_report_free(trnnsf_report *report);

/** One method's outcome. The objects are only read while it is added. */
struct trnnsf_report_entry {
    size_t struct_size;
    const char *method; /**< "dense", "prune", "offline", "transform" or another name of 1 … 63
                             letters, digits, '-' and '_' that the report does not have yet */
    const trnnsf_network *network;
    const trnnsf_mapping *mapping; /**< of this network */
    const trnnsf_tech *tech;       /**< of this mapping */
    const trnnsf_dataset *dataset; /**< NULL: accuracy and energy are null. Energy follows the
                                        activity on the test part; without one it is null too */
    const trnnsf_run *run;         /**< for the history; NULL: no training was done */
    uint64_t seed;                 /**< written as it is; above 2^63 - 1 rounded to a double */
    double seconds;                /**< below 0: null */
    const trnnsf_search *search;   /**< for its trials; NULL: none was searched */
    const trnnsf_spike_record *spikes; /**< of a spiking run of the network on the mapping's
                                            crossbars: energy and latency are then those of its
                                            steps and spikes; NULL: of the network itself */
};

/** Adds an entry: evaluates the network on each part of the dataset, counts crossbars, measures the
 * activity, evaluates the costs, and keeps a picture of each layer's connectivity for figures. The
 * first entry is the report's own, later ones stand under their names in "compared".
 * TRNNSF_E_INVALID: a NULL argument or member (dataset, run, search and spikes apart), a bad name, seconds that are not
 * finite; TRNNSF_E_STATE: the name is in the report; TRNNSF_E_LIMIT: more than 64 entries;
 * TRNNSF_E_MISMATCH: network, mapping, technology and dataset do not fit; TRNNSF_E_NO_MEMORY;
 * TRNNSF_E_CANCELLED. The report is then as before. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_report_add(trnnsf_context *context, trnnsf_report *report,
                                           const struct trnnsf_report_entry *entry);

/** A number by its JSON path, such as "crossbars.total", "layers.0.area_m2.array" or
 * "compared.prune.energy_j.total"; NaN where the text has null. Needs no JSON library.
 * TRNNSF_E_NOT_FOUND: no number there; TRNNSF_E_INVALID: a NULL argument. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_report_number(trnnsf_context *context, const trnnsf_report *report,
                                              const char *path, double *out_value);

/** Writes the JSON text into a file, which is replaced at once or not at all.
 * TRNNSF_E_INVALID: a NULL argument; TRNNSF_E_IO, TRNNSF_E_NOT_FOUND: the file could not be written;
 * TRNNSF_E_UNSUPPORTED: built without jansson; TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_report_save(trnnsf_context *context, const trnnsf_report *report,
                                            const char *path);

/** The JSON text, ending in a newline. It belongs to the report and is valid until an entry is added.
 * NULL on failure, as of trnnsf_report_save(); the context's error text says why. Since 0.1. */
TRNNSF_API const char *trnnsf_report_text(trnnsf_context *context, trnnsf_report *report);

/** Draws one page: of each layer the weights before (of the entry "dense", else "prune", else the own)
 * in natural order, and the own connectivity after with neurons in use ordered so that clusters show;
 * the crossbars' utilisation; area and energy of all entries by part; of an entry with a search, its
 * trials' accuracy over their crossbars. The format follows the ending: .svg, .png (two pixels a
 * point) or .pdf. The file is replaced at once or not at all.
 * TRNNSF_E_INVALID: a NULL argument; TRNNSF_E_STATE: no entry; TRNNSF_E_UNSUPPORTED: another ending, or
 * built without cairo; TRNNSF_E_IO, TRNNSF_E_NOT_FOUND: the file could not be written;
 * TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_report_figure(trnnsf_context *context, const trnnsf_report *report,
                                              const char *path);

TRNNSF_END_DECLS

#endif
