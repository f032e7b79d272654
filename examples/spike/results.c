/* Accuracy over time, rates and cost, as a table and as JSON. */
#include <math.h>
#include <stdio.h>

#include "../common/costs.h"
#include "work.h"

/* Steps 1, 2, 4, … and the last one. */
static size_t after(size_t step, size_t steps)
{
    return step == steps ? steps + 1 : 2 * step < steps ? 2 * step : steps;
}

static double mean_of(const struct work *work, double *out_deviation)
{
    double sum = 0, square = 0, n = (double)work->n_chips;

    for (size_t k = 0; k < work->n_chips; k++)
        sum += work->chips[k];
    for (size_t k = 0; k < work->n_chips; k++)
        square += (work->chips[k] - sum / n) * (work->chips[k] - sum / n);
    *out_deviation = work->n_chips > 1 ? sqrt(square / (n - 1)) : 0;
    return sum / n;
}

static void print_chips(const struct work *work)
{
    double deviation, mean = mean_of(work, &deviation);

    if (work->n_chips == 0)
        return;
    printf("%-12s%.2f +- %.2f %% of %zu chips after the last step", "devices", 100 * mean,
           100 * deviation, (size_t)work->n_chips);
    if (work->saturation > 0)
        printf(", %.3f %% of conversions beyond full scale", 100 * work->saturation);
    printf("\n");
}

static void print_rates(const struct work *work)
{
    printf("%-12s%10s%12s%10s%10s%10s%10s%13s\n", "layer", "rate", "activation", "error", "bias",
           "clipped", "silent", "correlation");
    for (size_t l = 0; l < work->hidden; l++) {
        const struct trnnsf_rate_report *r = &work->reports[l];

        printf("%-12zu%10.4f%12.4f%10.4f%10.4f%9.2f %%%8.2f %%%13.4f\n", l + 1, r->rate,
               r->activation, r->error, r->bias, 100 * r->clipped, 100 * r->silent, r->correlation);
    }
}

/* What is known of a network on its crossbars. */
static void print_crossbars(const struct work *work)
{
    printf("%-12s%zu, %s\n", "crossbars", trnnsf_mapping_crossbars(work->mapping),
           trnnsf_tech_name(work->tech));
    costs_print(work->cost, 12);
}

void work_print(const struct work *work)
{
    size_t steps;
    const double *accuracy = trnnsf_spike_record_accuracy(work->record, &steps);

    if (work->network)
        printf("%-12s%7.2f %% on %zu samples\n", "network", 100 * work->network_accuracy,
               trnnsf_spike_record_samples(work->record));
    printf("%-12s", "steps");
    for (size_t t = 1; t <= steps; t = after(t, steps))
        printf("%8zu", t);
    printf("\n%-12s", "accuracy");
    for (size_t t = 1; t <= steps; t = after(t, steps))
        printf(" %5.2f %%", 100 * accuracy[t - 1]);
    printf("\n%-12s%.1f spikes and %.1f steps a sample\n", "run",
           trnnsf_spike_record_rate(work->record), trnnsf_spike_record_mean_steps(work->record));
    if (work->mapping && !work_is_graph(work)) {
        printf("%-12s%.1f rows driven and %.1f packets a sample; met: %.1f crossbars read, %.1f "
               "spikes from PE to PE\n",
               "traffic", work->rows, work->packets, work->traffic.reads, work->traffic.messages);
        print_chips(work);
    }
    if (work->network)
        print_rates(work);
    if (work->mapping)
        print_crossbars(work);
    if (work->tiles.given)
        tiles_print(&work->tiles);
    printf("%-12s%.3f s\n", "time", work->seconds);
}

static void write_report(FILE *stream, const struct trnnsf_rate_report *r)
{
    const struct {
        const char *key;
        double value;
    } numbers[] = {{"rate", r->rate},
                   {"activation", r->activation},
                   {"error", r->error},
                   {"bias", r->bias},
                   {"clipped", r->clipped},
                   {"silent", r->silent},
                   {"correlation", r->correlation}};

    fprintf(stream, "    {");
    for (size_t k = 0; k < sizeof numbers / sizeof numbers[0]; k++) {
        fprintf(stream, "%s", k ? ", " : "");
        program_put_number(stream, numbers[k].key, numbers[k].value);
    }
    fprintf(stream, "}");
}

static void write_traffic(FILE *stream, const struct trnnsf_spike_traffic *traffic)
{
    const struct {
        const char *key;
        double value;
    } numbers[] = {{"rows", traffic->rows},
                   {"messages", traffic->messages},
                   {"reads", traffic->reads},
                   {"updates", traffic->updates}};

    fprintf(stream, ",\n  \"traffic_a_sample\": {");
    for (size_t k = 0; k < sizeof numbers / sizeof numbers[0]; k++) {
        fprintf(stream, "%s", k ? ", " : "");
        program_put_number(stream, numbers[k].key, numbers[k].value);
    }
    fprintf(stream, "}");
}

static void write_run(FILE *stream, const struct work *work)
{
    size_t steps;
    const double *accuracy = trnnsf_spike_record_accuracy(work->record, &steps);

    fprintf(stream, "  \"accuracy\": {");
    program_put_number(stream, "network", work->network_accuracy);
    fprintf(stream, ", ");
    program_put_number(stream, "test", accuracy[steps - 1]);
    fprintf(stream, "},\n  \"steps\": %zu,\n  \"accuracy_after_step\": [", steps);
    for (size_t t = 0; t < steps; t++)
        fprintf(stream, "%s%.9g", t ? ", " : "", accuracy[t]);
    fprintf(stream, "],\n  ");
    program_put_number(stream, "spikes_a_sample", trnnsf_spike_record_rate(work->record));
    fprintf(stream, ",\n  ");
    program_put_number(stream, "steps_a_sample", trnnsf_spike_record_mean_steps(work->record));
    fprintf(stream, ",\n  ");
    program_put_number(stream, "rows_a_sample", work->rows);
    fprintf(stream, ",\n  ");
    program_put_number(stream, "packets_a_sample", work->packets);
    if (work->mapping && !work_is_graph(work))
        write_traffic(stream, &work->traffic);
    fprintf(stream, ",\n  \"layers\": [\n");
    for (size_t l = 0; l < work->hidden; l++) {
        write_report(stream, &work->reports[l]);
        fprintf(stream, "%s\n", l + 1 < work->hidden ? "," : "");
    }
    fprintf(stream, "  ],\n");
}

int work_write_json(struct work *work)
{
    FILE *stream = program_open_json(&work->program);

    if (!stream)
        return EXIT_FAILED;
    fprintf(stream, "{\n  \"version\": \"%s\",\n  \"seed\": %llu,\n", trnnsf_version_text(),
            (unsigned long long)work->program.seed);
    write_run(stream, work);
    fprintf(stream, "  \"chips\": [");
    for (size_t k = 0; k < work->n_chips; k++)
        fprintf(stream, "%s%.9g", k ? ", " : "", work->chips[k]);
    fprintf(stream, "],\n");
    if (work->mapping) {
        fprintf(stream, "  ");
        program_put_number(stream, "adc_saturation", work->saturation);
        fprintf(stream, ",\n  \"crossbars\": {\"total\": %zu},\n",
                trnnsf_mapping_crossbars(work->mapping));
        costs_write(stream, work->cost);
        if (work->tiles.given)
            tiles_write(stream, &work->tiles);
    }
    fprintf(stream, "  ");
    program_put_number(stream, "seconds", work->program.reproducible ? (double)NAN : work->seconds);
    fprintf(stream, "\n}\n");
    return program_close_json(&work->program, stream);
}
