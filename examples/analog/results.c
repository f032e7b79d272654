/* Accuracy and cost side by side, as a table and as JSON. */
#include <math.h>
#include <stdio.h>

#include "../common/costs.h"
#include "work.h"

static const char *const effect_names[] = {
    "levels", "pulses",    "programming", "variation", "stuck", "read_noise", "flicker",
    "drift",  "retention", "nonlinear",   "wires",     "dac",   "adc"};
static const char *const data_names[] = {"train", "validation", "test"}; /* enum trnnsf_part */

/* One network as it is: the plain results, not a table of them. */
static bool is_one(const struct work *work)
{
    return work->n_points == 1 && !work->sweep.keys[0];
}

static const char *case_name(const struct point *point, size_t index)
{
    uint32_t effects = trnnsf_analog_study_effects(point->study, index);
    size_t bit = 0;

    if (index == 0)
        return "all";
    while (effects > 1) {
        effects >>= 1;
        bit++;
    }
    return bit < sizeof effect_names / sizeof effect_names[0] ? effect_names[bit] : "unknown";
}

const char *work_remap_name(uint32_t means)
{
    static const char *const names[] = {"none", "lines", "compensation", "both"};

    return names[means & TRNNSF_REMAP_ALL];
}

trnnsf_status work_summary(const struct work *work, const struct point *point, size_t index,
                           struct trnnsf_analog_summary *out_summary)
{
    *out_summary = (struct trnnsf_analog_summary){.struct_size = sizeof *out_summary};
    return trnnsf_analog_study_summary(work->program.context, point->study, index, out_summary);
}

static struct trnnsf_analog_summary summary_of(const struct work *work, const struct point *point,
                                               size_t index)
{
    struct trnnsf_analog_summary summary;

    if (work_summary(work, point, index, &summary) != TRNNSF_OK)
        summary.mean = (double)NAN;
    return summary;
}

static void print_case(const struct work *work, const struct point *point, size_t index)
{
    struct trnnsf_analog_summary summary = summary_of(work, point, index);
    size_t layers;
    const double *errors = trnnsf_analog_study_errors(point->study, index, &layers);

    printf("%-14s%7.2f +- %.2f %%   %6.2f %% ... %.2f %%   ", case_name(point, index),
           100 * summary.mean, 100 * summary.deviation, 100 * summary.least, 100 * summary.most);
    for (size_t l = 0; l < layers; l++)
        printf(" %.3f", errors[l]);
    printf("\n");
}

static double area_of(const struct point *point)
{
    return trnnsf_cost_area(point->cost, TRNNSF_ALL_LAYERS, TRNNSF_COST_TOTAL);
}

static double energy_of(const struct point *point)
{
    return trnnsf_cost_energy(point->cost, TRNNSF_ALL_LAYERS, TRNNSF_COST_TOTAL);
}

static void print_one(const struct work *work)
{
    const struct point *point = work->points;
    struct trnnsf_analog_summary summary = summary_of(work, point, 0);

    printf("%-14s%s, %zu crossbars\n", "technology", trnnsf_tech_name(work->tech),
           point->crossbars);
    printf("%-14s%7.2f %% on %zu samples\n", "network",
           100 * trnnsf_analog_study_ideal(point->study),
           trnnsf_dataset_samples(work->dataset, work->part));
    printf("%-14s%-18s%-24s error of layers\n", "effects", "accuracy", "of chips");
    for (size_t k = 0; k < trnnsf_analog_study_cases(point->study); k++)
        print_case(work, point, k);
    printf("%-14sDAC %.3f %%, ADC %.3f %%\n", "saturated", 100 * summary.dac_saturation,
           100 * summary.adc_saturation);
    if (point->spikes)
        printf("%-14s%7.2f %% after %u steps, %.1f spikes: what follows is of it\n", "spiking",
               100 * spikes_accuracy(point->spikes), work->spiking,
               trnnsf_spike_record_rate(point->spikes));
    costs_print(point->cost, 14);
    printf("%-14s%.3f s\n", "time", point->seconds);
}

void work_print(struct work *work)
{
    if (is_one(work)) {
        print_one(work);
        return;
    }
    printf("technology  %s\n", trnnsf_tech_name(work->tech));
    if (work->sweep.keys[0])
        printf("values of   %s\n", work->sweep.keys);
    printf("%-20s%-12s%-10s%-18s%-22s%9s%10s%10s\n", "network", "value", "itself", "accuracy",
           "of chips", "crossbars", "area/mm2", "energy/uJ");
    for (size_t k = 0; k < work->n_points; k++) {
        const struct point *point = &work->points[k];
        struct trnnsf_analog_summary summary = summary_of(work, point, 0);

        printf("%-20s%-12s%6.2f %% %7.2f +- %-5.2f%% %6.2f %% ... %.2f %% %9zu%10.4g%10.4g\n",
               work->networks[point->network].name, work->sweep.values[point->value],
               100 * trnnsf_analog_study_ideal(point->study), 100 * summary.mean,
               100 * summary.deviation, 100 * summary.least, 100 * summary.most, point->crossbars,
               1e6 * area_of(point), 1e6 * energy_of(point));
    }
}

static void write_list(FILE *stream, const char *key, const double *values, size_t count)
{
    fprintf(stream, "\"%s\": [", key);
    for (size_t k = 0; k < count; k++)
        fprintf(stream, "%s%.9g", k ? ", " : "", values[k]);
    fprintf(stream, "]");
}

static void write_case(FILE *stream, const struct work *work, const struct point *point,
                       size_t index)
{
    struct trnnsf_analog_summary s = summary_of(work, point, index);
    const struct {
        const char *key;
        double value;
    } numbers[] = {{"mean", s.mean},
                   {"deviation", s.deviation},
                   {"least", s.least},
                   {"low", s.low},
                   {"median", s.median},
                   {"high", s.high},
                   {"most", s.most},
                   {"loss", s.loss},
                   {"dac_saturation", s.dac_saturation},
                   {"adc_saturation", s.adc_saturation}};
    size_t count = 0;
    const double *values = trnnsf_analog_study_accuracies(point->study, index, &count);

    fprintf(stream, "    {\"effects\": \"%s\", ", case_name(point, index));
    for (size_t k = 0; k < sizeof numbers / sizeof numbers[0]; k++) {
        program_put_number(stream, numbers[k].key, numbers[k].value);
        fprintf(stream, ", ");
    }
    write_list(stream, "accuracies", values, count);
    fprintf(stream, ", ");
    values = trnnsf_analog_study_errors(point->study, index, &count);
    write_list(stream, "layer_errors", values, count);
    fprintf(stream, "}");
}

/* What a study of one network gives, without the braces around it. */
static void write_point(FILE *stream, const struct work *work, const struct point *point)
{
    struct trnnsf_analog_summary summary = summary_of(work, point, 0);

    fprintf(stream, "  \"accuracy\": {");
    program_put_number(stream, "network", trnnsf_analog_study_ideal(point->study));
    fprintf(stream, ", ");
    program_put_number(stream, data_names[work->part], summary.mean);
    fprintf(stream, ", ");
    program_put_number(stream, "deviation", summary.deviation);
    fprintf(stream, "},\n  \"cases\": [\n");
    for (size_t k = 0; k < trnnsf_analog_study_cases(point->study); k++) {
        fprintf(stream, "%s", k ? ",\n" : "");
        write_case(stream, work, point, k);
    }
    fprintf(stream, "\n  ],\n  \"crossbars\": {\"total\": %zu},\n", point->crossbars);
    if (point->spikes)
        spikes_write(stream, point->spikes);
    costs_write(stream, point->cost);
    fprintf(stream, "  ");
    program_put_number(stream, "seconds",
                       work->program.reproducible ? (double)NAN : point->seconds);
}

static void write_points(FILE *stream, const struct work *work)
{
    fprintf(stream, "  \"sweep\": ");
    program_put_text(stream, work->sweep.keys);
    fprintf(stream, ",\n  \"points\": [\n");
    for (size_t k = 0; k < work->n_points; k++) {
        fprintf(stream, "%s  {\"network\": ", k ? ",\n" : "");
        program_put_text(stream, work->networks[work->points[k].network].name);
        fprintf(stream, ", \"value\": ");
        program_put_text(stream, work->sweep.values[work->points[k].value]);
        fprintf(stream, ",\n");
        write_point(stream, work, &work->points[k]);
        fprintf(stream, "}");
    }
    fprintf(stream, "\n  ]");
}

int work_write_json(struct work *work)
{
    FILE *stream = program_open_json(&work->program);

    if (!stream)
        return EXIT_FAILED;
    fprintf(stream, "{\n  \"version\": \"%s\",\n  \"seed\": %llu,\n  ", trnnsf_version_text(),
            (unsigned long long)work->program.seed);
    program_put_number(stream, "time_s", work->options.time_second);
    fprintf(stream, ",\n  \"remap\": \"%s\",\n", work_remap_name(work->options.remap));
    if (is_one(work))
        write_point(stream, work, work->points);
    else
        write_points(stream, work);
    fprintf(stream, "\n}\n");
    return program_close_json(&work->program, stream);
}
