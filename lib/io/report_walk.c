/* The report's keys and their order. */
#include "io/report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef const struct trn_report_visitor visitor;

static void open_object(visitor *v, const char *key)
{
    v->open(v->self, key, false);
}

static void number(visitor *v, const char *key, double value)
{
    v->number(v->self, key, value);
}

static void integer(visitor *v, const char *key, uint64_t value)
{
    v->integer(v->self, key, value);
}

static void close_it(visitor *v)
{
    v->close(v->self);
}

static void walk_cost(visitor *v, const char *key, const double *parts)
{
    static const char *const names[TRN_REPORT_COSTS] = {
        [TRNNSF_COST_ARRAY] = "array",   [TRNNSF_COST_PERIPHERY] = "periphery",
        [TRNNSF_COST_NEURON] = "neuron", [TRNNSF_COST_BUFFER] = "buffer",
        [TRNNSF_COST_TOTAL] = "total",   [TRNNSF_COST_COMMUNICATION] = "communication"};

    open_object(v, key);
    for (size_t i = 0; i < TRN_REPORT_COSTS; i++)
        number(v, names[i], parts[i]);
    close_it(v);
}

static void walk_accuracy(visitor *v, const double *accuracy)
{
    open_object(v, "accuracy");
    number(v, "train", accuracy[TRNNSF_PART_TRAIN]);
    number(v, "validation", accuracy[TRNNSF_PART_VALIDATION]);
    number(v, "test", accuracy[TRNNSF_PART_TEST]);
    close_it(v);
}

static void walk_spiking(visitor *v, const struct trn_report_spiking *spiking)
{
    if (!(spiking->steps > 0))
        return;
    open_object(v, "spiking");
    number(v, "steps", spiking->steps);
    number(v, "accuracy", spiking->accuracy);
    number(v, "spikes", spiking->spikes);
    close_it(v);
}

/* Takes the next shape off a list such as "64x64,32x32"; false at its end. */
static bool next_shape(const char **shapes, char *shape, size_t room)
{
    size_t length = strcspn(*shapes, ",");

    if (length == 0)
        return false;
    snprintf(shape, room, "%.*s", (int)length, *shapes);
    *shapes += length + ((*shapes)[length] == ',');
    return true;
}

static void walk_counts(visitor *v, const struct trn_report_part *part, const char *shapes)
{
    const struct trnnsf_crossbar_counts *counts = &part->counts;
    char shape[64];

    open_object(v, "crossbars");
    integer(v, "dense", counts->dense);
    integer(v, "pruned", counts->pruned);
    integer(v, "clustered", counts->clustered);
    integer(v, "residue", counts->residue);
    integer(v, "total", counts->total);
    integer(v, "lower_bound", counts->lower_bound);
    number(v, "gap",
           counts->lower_bound ? (double)counts->total / (double)counts->lower_bound - 1 : NAN);
    open_object(v, "by_mca");
    for (size_t s = 0; next_shape(&shapes, shape, sizeof shape) && s < TRN_REPORT_SHAPES; s++)
        integer(v, shape, part->by_shape[s]);
    close_it(v);
    close_it(v);
}

static void walk_part(visitor *v, const struct trn_report_part *part, const char *shapes)
{
    const struct trnnsf_crossbar_counts *counts = &part->counts;

    number(v, "sparsity",
           counts->synapses_dense ? 1.0 - (double)counts->synapses / (double)counts->synapses_dense
                                  : NAN);
    integer(v, "synapses", counts->synapses);
    integer(v, "clusters", part->clusters);
    walk_counts(v, part, shapes);
    number(v, "utilisation", counts->utilisation);
    walk_cost(v, "area_m2", part->area);
    walk_cost(v, "energy_j", part->energy);
    number(v, "latency_s", part->latency);
}

static void walk_mapped(visitor *v, const struct trnnsf_mapped_layer *mapped)
{
    static const char *const schemes[] = {"kernel-column", "unrolled", "duplicated"};

    v->text(v->self, "scheme", schemes[mapped->scheme]);
    v->open(v->self, "window", true);
    integer(v, NULL, mapped->window_height);
    integer(v, NULL, mapped->window_width);
    close_it(v);
    integer(v, "reads", mapped->reads);
    integer(v, "groups", mapped->groups);
    integer(v, "full_crossbars", mapped->full);
}

static void walk_layers(visitor *v, const struct trn_report_entry *entry)
{
    v->open(v->self, "layers", true);
    for (size_t i = 0; i < entry->n_layers; i++) {
        open_object(v, NULL);
        integer(v, "inputs", entry->layers[i].n_inputs);
        integer(v, "outputs", entry->layers[i].n_outputs);
        walk_part(v, &entry->layers[i], entry->shapes);
        walk_mapped(v, &entry->layers[i].mapped);
        close_it(v);
    }
    close_it(v);
}

static void walk_history(visitor *v, const struct trn_report_entry *entry)
{
    v->open(v->self, "history", true);
    for (size_t i = 0; i < entry->n_steps; i++) {
        const struct trnnsf_step *step = &entry->steps[i];

        open_object(v, NULL);
        integer(v, "epoch", step->epoch);
        v->text(v->self, "phase", step->phase ? step->phase : "");
        number(v, "loss", step->loss);
        number(v, "train_accuracy", step->train_accuracy);
        number(v, "validation_accuracy", step->validation_accuracy);
        number(v, "sparsity", step->sparsity);
        integer(v, "clusters", step->clusters);
        integer(v, "crossbars", step->crossbars);
        close_it(v);
    }
    close_it(v);
}

static void walk_trials(visitor *v, const struct trn_report_entry *entry)
{
    if (!entry->trials)
        return;
    v->open(v->self, "trials", true);
    for (size_t i = 0; i < entry->n_trials; i++) {
        const struct trnnsf_trial *trial = &entry->trials[i];

        open_object(v, NULL);
        integer(v, "budget", trial->budget);
        integer(v, "crossbars", trial->crossbars);
        number(v, "area_m2", trial->area);
        number(v, "energy_j", trial->energy);
        number(v, "validation_accuracy", trial->validation_accuracy);
        integer(v, "met", trial->met);
        integer(v, "variant", trial->variant);
        close_it(v);
    }
    close_it(v);
}

static void walk_shapes(visitor *v, const char *shapes)
{
    char shape[64];

    v->open(v->self, "mca", true);
    while (next_shape(&shapes, shape, sizeof shape))
        v->text(v->self, NULL, shape);
    close_it(v);
}

/* The keys of a method, all but its history and its layers. */
static void walk_entry(visitor *v, const struct trn_report_entry *entry)
{
    v->text(v->self, "method", entry->method);
    integer(v, "seed", entry->seed);
    number(v, "seconds", entry->seconds < 0 ? NAN : entry->seconds);
    v->text(v->self, "technology", entry->technology);
    walk_shapes(v, entry->shapes);
    v->open(v->self, "network", true);
    integer(v, NULL, entry->total.n_inputs);
    for (size_t i = 0; i < entry->n_layers; i++)
        integer(v, NULL, entry->layers[i].n_outputs);
    close_it(v);
    walk_accuracy(v, entry->accuracy);
    walk_spiking(v, &entry->spiking);
    walk_part(v, &entry->total, entry->shapes);
}

static void walk_dense(visitor *v, const struct trn_report_entry *dense)
{
    open_object(v, "dense");
    walk_accuracy(v, dense->accuracy);
    walk_counts(v, &dense->total, dense->shapes);
    walk_cost(v, "area_m2", dense->total.area);
    walk_cost(v, "energy_j", dense->total.energy);
    close_it(v);
}

static void walk_compared(visitor *v, const trnnsf_report *report)
{
    open_object(v, "compared");
    for (size_t i = 1; i < report->n_entries; i++) {
        open_object(v, report->entries[i]->method);
        walk_entry(v, report->entries[i]);
        walk_layers(v, report->entries[i]);
        walk_history(v, report->entries[i]);
        walk_trials(v, report->entries[i]);
        close_it(v);
    }
    close_it(v);
}

double trn_report_saving(double own, double other)
{
    return isfinite(own) && isfinite(other) && other > 0 ? 1.0 - own / other : NAN;
}

static void walk_saving(visitor *v, const char *what, const char *method, double own, double other)
{
    char key[TRN_REPORT_METHOD_MAX + 32];

    snprintf(key, sizeof key, "%s_vs_%s", what, method);
    number(v, key, trn_report_saving(own, other));
}

static void walk_savings(visitor *v, const trnnsf_report *report)
{
    const struct trn_report_part *own = &report->entries[0]->total;

    open_object(v, "savings");
    for (size_t i = 1; i < report->n_entries; i++) {
        const char *method = report->entries[i]->method;
        const struct trn_report_part *other = &report->entries[i]->total;

        walk_saving(v, "crossbars", method, (double)own->counts.total, (double)other->counts.total);
        walk_saving(v, "area", method, own->area[TRNNSF_COST_TOTAL],
                    other->area[TRNNSF_COST_TOTAL]);
        walk_saving(v, "energy", method, own->energy[TRNNSF_COST_TOTAL],
                    other->energy[TRNNSF_COST_TOTAL]);
        walk_saving(v, "latency", method, own->latency, other->latency);
    }
    close_it(v);
}

void trn_report_walk(const trnnsf_report *report, const struct trn_report_visitor *v)
{
    const struct trn_report_entry *dense = trn_report_find(report, "dense");

    v->text(v->self, "version", trnnsf_version_text());
    if (report->n_entries == 0)
        return;
    walk_entry(v, report->entries[0]);
    if (dense)
        walk_dense(v, dense);
    walk_layers(v, report->entries[0]);
    walk_compared(v, report);
    walk_savings(v, report);
    walk_history(v, report->entries[0]);
    walk_trials(v, report->entries[0]);
}
