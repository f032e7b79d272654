/* Accuracy and cost side by side, as a table and as JSON. */
#include <math.h>
#include <stdio.h>

#include "work.h"

static const char *const effect_names[] = {
    "levels", "pulses",    "programming", "variation", "stuck", "read_noise", "flicker",
    "drift",  "retention", "nonlinear",   "wires",     "dac",   "adc"};
static const char *const part_names[] = {"array",  "periphery",     "neuron",
                                         "buffer", "communication", "total"};

const char *work_case_name(const struct work *work, size_t index)
{
    uint32_t effects = trnnsf_analog_study_effects(work->study, index);
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

static struct trnnsf_analog_summary summary_of(const struct work *work, size_t index)
{
    struct trnnsf_analog_summary summary = {.struct_size = sizeof summary};

    if (trnnsf_analog_study_summary(work->program.context, work->study, index, &summary) !=
        TRNNSF_OK)
        summary.mean = (double)NAN;
    return summary;
}

static void print_case(const struct work *work, size_t index)
{
    struct trnnsf_analog_summary summary = summary_of(work, index);
    size_t layers;
    const double *errors = trnnsf_analog_study_errors(work->study, index, &layers);

    printf("%-14s%7.2f +- %.2f %%   %6.2f %% ... %.2f %%   ", work_case_name(work, index),
           100 * summary.mean, 100 * summary.deviation, 100 * summary.least, 100 * summary.most);
    for (size_t l = 0; l < layers; l++)
        printf(" %.3f", errors[l]);
    printf("\n");
}

void work_print(const struct work *work)
{
    struct trnnsf_analog_summary summary = summary_of(work, 0);

    printf("%-14s%s, %zu crossbars\n", "technology", trnnsf_tech_name(work->tech),
           trnnsf_mapping_crossbars(work->mapping));
    printf("%-14s%7.2f %% on %zu samples\n", "network",
           100 * trnnsf_analog_study_ideal(work->study),
           trnnsf_dataset_samples(work->dataset, TRNNSF_PART_TEST));
    printf("%-14s%-18s%-24s error of layers\n", "effects", "accuracy", "of chips");
    for (size_t k = 0; k < trnnsf_analog_study_cases(work->study); k++)
        print_case(work, k);
    printf("%-14sDAC %.3f %%, ADC %.3f %%\n", "saturated", 100 * summary.dac_saturation,
           100 * summary.adc_saturation);
    printf("%-14s%.4g mm2\n", "area",
           1e6 * trnnsf_cost_area(work->cost, TRNNSF_ALL_LAYERS, TRNNSF_COST_TOTAL));
    printf("%-14s%.4g uJ an inference\n", "energy",
           1e6 * trnnsf_cost_energy(work->cost, TRNNSF_ALL_LAYERS, TRNNSF_COST_TOTAL));
    printf("%-14s%.4g us\n", "latency", 1e6 * trnnsf_cost_latency(work->cost, TRNNSF_ALL_LAYERS));
    printf("%-14s%.3f s\n", "time", work->seconds);
}

static void write_list(FILE *stream, const char *key, const double *values, size_t count)
{
    fprintf(stream, "\"%s\": [", key);
    for (size_t k = 0; k < count; k++)
        fprintf(stream, "%s%.9g", k ? ", " : "", values[k]);
    fprintf(stream, "]");
}

static void write_case(FILE *stream, const struct work *work, size_t index)
{
    struct trnnsf_analog_summary s = summary_of(work, index);
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
    const double *values = trnnsf_analog_study_accuracies(work->study, index, &count);

    fprintf(stream, "    {\"effects\": \"%s\", ", work_case_name(work, index));
    for (size_t k = 0; k < sizeof numbers / sizeof numbers[0]; k++) {
        program_put_number(stream, numbers[k].key, numbers[k].value);
        fprintf(stream, ", ");
    }
    write_list(stream, "accuracies", values, count);
    fprintf(stream, ", ");
    values = trnnsf_analog_study_errors(work->study, index, &count);
    write_list(stream, "layer_errors", values, count);
    fprintf(stream, "}");
}

static void write_parts(FILE *stream, const struct work *work, const char *key,
                        double (*part_of)(const trnnsf_cost *, size_t, uint32_t))
{
    fprintf(stream, "  \"%s\": {", key);
    for (uint32_t part = 0; part <= TRNNSF_COST_TOTAL; part++) {
        fprintf(stream, "%s", part ? ", " : "");
        program_put_number(stream, part_names[part], part_of(work->cost, TRNNSF_ALL_LAYERS, part));
    }
    fprintf(stream, "},\n");
}

int work_write_json(struct work *work)
{
    FILE *stream = program_open_json(&work->program);
    struct trnnsf_analog_summary summary = summary_of(work, 0);

    if (!stream)
        return EXIT_FAILED;
    fprintf(stream, "{\n  \"version\": \"%s\",\n  \"seed\": %llu,\n  ", trnnsf_version_text(),
            (unsigned long long)work->program.seed);
    program_put_number(stream, "time_s", work->options.time_second);
    fprintf(stream, ",\n  \"remap\": \"%s\",\n  \"accuracy\": {",
            work_remap_name(work->options.remap));
    program_put_number(stream, "network", trnnsf_analog_study_ideal(work->study));
    fprintf(stream, ", ");
    program_put_number(stream, "test", summary.mean);
    fprintf(stream, ", ");
    program_put_number(stream, "deviation", summary.deviation);
    fprintf(stream, "},\n  \"cases\": [\n");
    for (size_t k = 0; k < trnnsf_analog_study_cases(work->study); k++) {
        fprintf(stream, "%s", k ? ",\n" : "");
        write_case(stream, work, k);
    }
    fprintf(stream, "\n  ],\n  \"crossbars\": {\"total\": %zu},\n",
            trnnsf_mapping_crossbars(work->mapping));
    write_parts(stream, work, "area_m2", trnnsf_cost_area);
    write_parts(stream, work, "energy_j", trnnsf_cost_energy);
    fprintf(stream, "  ");
    program_put_number(stream, "latency_s", trnnsf_cost_latency(work->cost, TRNNSF_ALL_LAYERS));
    fprintf(stream, ",\n  ");
    program_put_number(stream, "seconds", work->program.reproducible ? (double)NAN : work->seconds);
    fprintf(stream, "\n}\n");
    return program_close_json(&work->program, stream);
}
