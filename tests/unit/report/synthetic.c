#include "synthetic.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/context.h"
#include "base/random.h"

enum { SIDE = 64 };

static void need(trnnsf_status status)
{
    if (status != TRNNSF_OK)
        abort();
}

/* Clusters along a shuffled diagonal; some share inputs with the next. */
static trnnsf_clusters *plant(trnnsf_context *ctx, size_t n_rows, size_t n_columns, uint8_t *mask,
                              struct trn_random *random)
{
    size_t count = (n_rows / SIDE + 1) * 2, row_start[64] = {0}, column_start[64] = {0};
    uint32_t *rows = TRN_NEW_ARRAY(ctx, uint32_t, n_rows * 2 + 64);
    uint32_t *columns = TRN_NEW_ARRAY(ctx, uint32_t, 64 * n_columns);
    trnnsf_clusters *clusters = NULL;

    count = count < 60 ? count : 60;
    count = count < n_rows ? count : n_rows;
    count = count < n_columns ? count : n_columns;
    for (size_t i = 0; i < count; i++) {
        size_t r = row_start[i], c = column_start[i];

        for (size_t row = 0; row < n_rows; row++) {
            if (row % (count + 1) == i)
                rows[r++] = (uint32_t)row;
        }
        for (size_t column = 0; column < n_columns; column++) {
            size_t home = column % (count + 2);
            if (home == i || (home == i + 1 && i % 3 == 0))
                columns[c++] = (uint32_t)column;
        }
        row_start[i + 1] = r;
        column_start[i + 1] = c;
        for (size_t a = row_start[i]; a < r; a++) {
            for (size_t b = column_start[i]; b < c; b++) {
                if (trn_random_float(random) < 0.85f)
                    mask[rows[a] * n_columns + columns[b]] = 1;
            }
        }
    }
    need(trnnsf_clusters_create(ctx, n_rows, n_columns, count, row_start, rows, column_start,
                                columns, &clusters));
    trn_free(ctx, rows);
    trn_free(ctx, columns);
    return clusters;
}

static struct trn_connectivity *connect(trnnsf_context *ctx, const char *method, size_t n_rows,
                                        size_t n_columns)
{
    struct trn_random random;
    uint8_t *mask = TRN_NEW_ARRAY(ctx, uint8_t, n_rows * n_columns);
    float *weights = TRN_NEW_ARRAY(ctx, float, n_rows *n_columns);
    trnnsf_clusters *clusters = NULL;
    struct trn_connectivity *picture = NULL;
    double rate = strcmp(method, "dense") == 0 ? 1 : strcmp(method, "prune") == 0 ? 0.3 : 0.005;

    trn_random_init(&random, 7, TRN_RANDOM_TEST, (uint32_t)n_rows);
    if (strcmp(method, "transform") == 0)
        clusters = plant(ctx, n_rows, n_columns, mask, &random);
    for (size_t i = 0; i < n_rows * n_columns; i++) {
        size_t row = i / n_columns, column = i % n_columns;

        if (trn_random_double(&random) < rate && (rate > 0.9 || (row % 11 && column % 17)))
            mask[i] = 1;
        weights[i] = mask[i] ? (float)(trn_random_normal(&random) *
                                       exp(-4.0 * pow((double)column / (double)n_columns - 0.5, 2)))
                             : 0;
    }
    need(trn_connectivity_create(ctx, n_rows, n_columns, weights, mask, clusters, &picture));
    trnnsf_clusters_free(clusters);
    trn_free(ctx, mask);
    trn_free(ctx, weights);
    return picture;
}

static void fill_part(struct trn_report_part *part, size_t n_rows, size_t n_columns, double share)
{
    struct trnnsf_crossbar_counts *counts = &part->counts;

    part->n_inputs = n_columns;
    part->n_outputs = n_rows;
    part->clusters = share < 0.5 ? 7 : 0;
    counts->synapses_dense = n_rows * n_columns;
    counts->synapses = (uint64_t)(share * (double)counts->synapses_dense);
    counts->dense = ((n_rows + 63) / 64) * ((n_columns + 63) / 64);
    counts->total = (uint64_t)((double)counts->dense * share) + 1;
    counts->clustered = counts->total - counts->total / 4;
    counts->residue = counts->total / 4;
    counts->utilisation = 0.7;
    part->latency = 1e-6;
    part->area[TRNNSF_COST_TOTAL] = part->energy[TRNNSF_COST_TOTAL] = 0;
    for (int i = 0; i < TRNNSF_COST_TOTAL; i++) {
        part->area[i] = share * 1e-6 * (i + 1);
        part->energy[i] = share * 4e-8 * (5 - i);
        part->area[TRNNSF_COST_TOTAL] += part->area[i];
        part->energy[TRNNSF_COST_TOTAL] += part->energy[i];
    }
}

static struct trn_report_entry *synthetic_entry(trnnsf_context *ctx, const char *method,
                                                const size_t *sizes, size_t n_layers)
{
    struct trn_report_entry *entry = TRN_NEW(ctx, struct trn_report_entry);
    double share = strcmp(method, "dense") == 0 ? 1 : strcmp(method, "prune") == 0 ? 0.62 : 0.11;

    entry->method = trn_copy_text(ctx, method);
    entry->technology = trn_copy_text(ctx, "resparc-45nm");
    entry->shapes = trn_copy_text(ctx, "64x64,32x32");
    entry->seed = 3;
    entry->seconds = 1.5;
    entry->accuracy[0] = 0.99;
    entry->accuracy[1] = NAN;
    entry->accuracy[2] = 0.9 + 0.05 * share;
    entry->n_layers = n_layers;
    entry->layers = TRN_NEW_ARRAY(ctx, struct trn_report_part, n_layers);
    entry->connectivity = TRN_NEW_ARRAY(ctx, struct trn_connectivity *, n_layers);
    fill_part(&entry->total, 1200, 2000, share);
    entry->total.n_inputs = sizes[0];
    for (size_t i = 0; i < n_layers; i++) {
        fill_part(&entry->layers[i], sizes[i + 1], sizes[i], share);
        entry->connectivity[i] = connect(ctx, method, sizes[i + 1], sizes[i]);
    }
    for (size_t bin = 0; bin < TRN_REPORT_BINS; bin++) {
        entry->utilisation[0][bin] = share < 0.5 && bin > 9 ? bin - 5 : bin < 8 ? 3 : 0;
        entry->utilisation[1][bin] = share < 0.5 && bin < 8 ? 4 : 0;
    }
    entry->n_steps = 2;
    entry->steps = TRN_NEW_ARRAY(ctx, struct trnnsf_step, 2);
    entry->steps[0] = (struct trnnsf_step){.epoch = 1, .loss = 0.5, .phase = "train"};
    entry->steps[1] = (struct trnnsf_step){
        .epoch = 2, .loss = 0.25, .validation_accuracy = NAN, .clusters = 4, .phase = "cluster"};
    if (strcmp(method, "transform") == 0) {
        entry->n_trials = 2;
        entry->trials = TRN_NEW_ARRAY(ctx, struct trnnsf_trial, 2);
        entry->trials[0] = (struct trnnsf_trial){
            .budget = 20, .crossbars = 18, .validation_accuracy = 0.97, .met = 1, .area = 2e-8};
        entry->trials[1] = (struct trnnsf_trial){
            .budget = 6, .crossbars = 6, .validation_accuracy = 0.93, .energy = 3e-9};
    }
    return entry;
}

trnnsf_report *synthetic_report(trnnsf_context *ctx, const size_t *sizes, size_t n_sizes,
                                const char *alone)
{
    static const char *const methods[] = {"transform", "dense", "prune"};
    trnnsf_report *report = NULL;

    need(trnnsf_report_create(ctx, &report));
    report->entries = TRN_NEW_ARRAY(ctx, struct trn_report_entry *, 3);
    for (size_t i = 0; i < (alone ? 1 : 3); i++)
        report->entries[report->n_entries++] =
            synthetic_entry(ctx, alone ? alone : methods[i], sizes, n_sizes - 1);
    return report;
}
