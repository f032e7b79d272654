#include "table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A number of a method: the report's own, or one it is compared with. */
static double number_of(struct program *program, const trnnsf_report *report, const char *method,
                        const char *key)
{
    char path[160];
    double value = NAN;

    if (method)
        snprintf(path, sizeof path, "compared.%s.%s", method, key);
    else
        snprintf(path, sizeof path, "%s", key);
    if (trnnsf_report_number(program->context, report, path, &value) != TRNNSF_OK)
        return NAN;
    return value;
}

/* Right-aligned; a dash for what is not known. */
static void cell(int width, int digits, double value, const char *unit)
{
    char text[48];

    if (isfinite(value))
        snprintf(text, sizeof text, "%.*f%s", digits, value, unit);
    else
        snprintf(text, sizeof text, "-");
    printf("%*s", width, text);
}

/* Small values keep three digits. */
static int digits_of(double value)
{
    double size = fabs(value);

    return size >= 100 ? 1 : size >= 1 ? 2 : size >= 0.01 ? 4 : 6;
}

static void print_row(struct program *program, const trnnsf_report *report, const char *name,
                      const char *method)
{
    double area = 1e6 * number_of(program, report, method, "area_m2.total");
    double energy = 1e9 * number_of(program, report, method, "energy_j.total");
    double latency = 1e6 * number_of(program, report, method, "latency_s");
    char parts[48];

    snprintf(parts, sizeof parts, "%.0f + %.0f",
             number_of(program, report, method, "crossbars.clustered"),
             number_of(program, report, method, "crossbars.residue"));
    printf("%-14s", name);
    cell(10, 2, 100 * number_of(program, report, method, "accuracy.test"), " %");
    cell(10, 1, 100 * number_of(program, report, method, "sparsity"), " %");
    cell(11, 0, number_of(program, report, method, "crossbars.total"), "");
    printf("%16s", parts);
    cell(13, 1, 100 * number_of(program, report, method, "utilisation"), " %");
    cell(12, digits_of(area), area, "");
    cell(12, digits_of(energy), energy, "");
    cell(12, digits_of(latency), latency, "");
    printf("\n");
}

/* How few crossbars could hold what the last method keeps, and how many more it has. */
static void print_bound(struct program *program, const trnnsf_report *report)
{
    double gap = 100 * number_of(program, report, NULL, "crossbars.gap");
    char text[48] = "-";

    if (isfinite(gap))
        snprintf(text, sizeof text, "gap %.1f %%", gap);
    printf("%-14s", "at least");
    cell(31, 0, number_of(program, report, NULL, "crossbars.lower_bound"), "");
    printf("%16s\n", text);
}

static void print_savings(struct program *program, const trnnsf_report *report, const char *method)
{
    static const struct {
        const char *key;
        int width;
    } columns[] = {{"crossbars", 31}, {"area", 41}, {"energy", 12}, {"latency", 12}};
    char name[32], key[128];

    snprintf(name, sizeof name, "saved/%s", method);
    printf("%-14s", name);
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        snprintf(key, sizeof key, "savings.%s_vs_%s", columns[i].key, method);
        cell(columns[i].width, 1, 100 * number_of(program, report, NULL, key), " %");
    }
    printf("\n");
}

/* What costs are of, where the networks were run as spiking ones. */
static void print_spiking(struct program *program, const trnnsf_report *report,
                          const struct outcome *outcomes, size_t count)
{
    for (size_t i = 0; i < count && outcomes[i].spikes; i++) {
        const char *method = i + 1 < count ? outcomes[i].method : NULL;

        printf("%-14s%7.2f %%", i ? "" : "spiking",
               100 * number_of(program, report, method, "spiking.accuracy"));
        printf("   %s: after %.0f steps, %.1f spikes\n", outcomes[i].method,
               number_of(program, report, method, "spiking.steps"),
               number_of(program, report, method, "spiking.spikes"));
    }
}

void print_table(struct program *program, const trnnsf_report *report,
                 const struct outcome *outcomes, size_t count)
{
    printf("%-14s%10s%10s%11s%16s%13s%12s%12s%12s\n", "", "test", "sparsity", "crossbars",
           "cluster+residue", "utilisation", "area/mm2", "energy/nJ", "latency/us");
    for (size_t i = 0; i < count; i++)
        print_row(program, report, outcomes[i].method, i + 1 < count ? outcomes[i].method : NULL);
    print_bound(program, report);
    print_spiking(program, report, outcomes, count);
    for (size_t i = 0; i + 1 < count; i++)
        print_savings(program, report, outcomes[i].method);
}
