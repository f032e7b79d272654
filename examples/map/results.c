/* What has come out, as a table and as JSON. */
#include <math.h>
#include <stdio.h>

#include "work.h"

typedef unsigned long long number; /* for %llu */

/* How much more than the least: 0.1 for ten per cent. */
static double gap(double own, double least)
{
    return least > 0 ? own / least - 1 : (double)NAN;
}

static double crossbar_gap(const struct part *part)
{
    return gap((double)part->counts.total, (double)part->counts.lower_bound);
}

/* ", gap 3.1 %", or nothing where there is no bound. */
static void print_gap(double share)
{
    if (isfinite(share))
        printf(", gap %.1f %%", 100 * share);
}

static void print_shapes(const struct work *work)
{
    size_t shapes = trnnsf_tech_shapes(work->tech);

    printf("%-14s", "");
    for (size_t i = 0; i < shapes; i++) {
        size_t inputs = trnnsf_tech_shape_inputs(work->tech, i);
        size_t outputs = trnnsf_tech_shape_outputs(work->tech, i);

        printf("%s%zu of %zux%zu", i ? ", " : "",
               trnnsf_mapping_shape_crossbars(work->mapping, TRNNSF_ALL_LAYERS, inputs, outputs),
               inputs, outputs);
    }
    printf("\n");
}

static void print_packing(const struct work *work)
{
    const struct trnnsf_pack_report *pack = &work->all.pack;

    printf("%-14s%.4f %% of the salience%s (no blocks at this cost discard below %.4f %%)\n",
           "discarded", 100 * (1 - pack->kept), work->network ? ", mean of the layers" : "",
           100 * (1 - pack->kept_most));
    printf("%-14s%.4g %s, at least %.4g for what is kept", "cost", pack->cost,
           cost_units[work->cost], pack->cost_least);
    print_gap(gap(pack->cost, pack->cost_least));
    printf("\n");
}

/* Of convolutions. */
static void print_reads(const struct trnnsf_mapped_layer *mapped)
{
    if (mapped->reads * mapped->window_height * mapped->window_width == 1)
        return;
    printf(", %llu reads of %llux%llu places", (number)mapped->reads,
           (number)mapped->window_height, (number)mapped->window_width);
    if (mapped->groups > 1)
        printf(", %lu groups", (unsigned long)mapped->groups);
}

static void print_layers(const struct work *work)
{
    for (size_t i = 0; work->network && i < work->n_parts; i++) {
        const struct part *part = &work->parts[i];
        char name[32], size[48];

        snprintf(name, sizeof name, "layer %zu", i);
        snprintf(size, sizeof size, "%llu x %llu", (number)part->outputs, (number)part->inputs);
        printf("%-14s%-14s%8llu synapses %6llu crossbars, at least %llu", name, size,
               (number)part->counts.synapses, (number)part->counts.total,
               (number)part->counts.lower_bound);
        print_gap(crossbar_gap(part));
        print_reads(&part->mapped);
        if (work->rule == RULE_PACK)
            printf(", %.3f %% discarded", 100 * (1 - part->pack.kept));
        printf("\n");
    }
}

void work_print(const struct work *work)
{
    const struct trnnsf_crossbar_counts *counts = &work->all.counts;

    printf("%-14s%s\n", "rule", rule_names[work->rule]);
    printf("%-14s%llu outputs x %llu inputs%s\n", "size", (number)work->all.outputs,
           (number)work->all.inputs, work->network ? ", summed over the layers" : "");
    printf("%-14s%llu", "synapses", (number)counts->synapses);
    if (work->rule == RULE_PACK)
        printf(" of %llu", (number)work->nonzeros);
    printf("\n%-14s%llu (in natural order %llu, dense %llu, lower bound %llu", "crossbars",
           (number)counts->total, (number)work->tiles, (number)counts->dense,
           (number)counts->lower_bound);
    print_gap(crossbar_gap(&work->all));
    printf(")\n");
    if (work->rule == RULE_SCIC)
        printf("%-14s%llu with clusters, %llu with residue\n", "", (number)counts->clustered,
               (number)counts->residue);
    if (trnnsf_tech_shapes(work->tech) > 1)
        print_shapes(work);
    if (work->rule == RULE_PACK)
        print_packing(work);
    print_layers(work);
    printf("%-14s%.2f %%\n", "utilisation", 100 * counts->utilisation);
    printf("%-14s%.3f s\n", "time", work->seconds);
}

static void write_shapes(FILE *stream, const struct work *work, size_t layer)
{
    size_t shapes = trnnsf_tech_shapes(work->tech);

    fprintf(stream, "\"by_mca\": {");
    for (size_t i = 0; i < shapes; i++) {
        size_t inputs = trnnsf_tech_shape_inputs(work->tech, i);
        size_t outputs = trnnsf_tech_shape_outputs(work->tech, i);

        fprintf(stream, "%s\"%zux%zu\": %zu", i ? ", " : "", inputs, outputs,
                trnnsf_mapping_shape_crossbars(work->mapping, layer, inputs, outputs));
    }
    fprintf(stream, "}");
}

static void write_packing(FILE *stream, const struct work *work,
                          const struct trnnsf_pack_report *pack)
{
    fprintf(stream, ",\n  \"pack\": {\"salience\": \"%s\", \"cost_in\": \"%s\", ",
            salience_names[work->salience], cost_units[work->cost]);
    program_put_number(stream, "discarded", 1 - pack->kept);
    fprintf(stream, ", ");
    program_put_number(stream, "discarded_least", 1 - pack->kept_most);
    fprintf(stream, ", ");
    program_put_number(stream, "cost", pack->cost);
    fprintf(stream, ", ");
    program_put_number(stream, "cost_least", pack->cost_least);
    fprintf(stream, ", ");
    program_put_number(stream, "gap", gap(pack->cost, pack->cost_least));
    fprintf(stream, "}");
}

static void write_crossbars(FILE *stream, const struct work *work, const struct part *part,
                            size_t layer)
{
    const struct trnnsf_crossbar_counts *counts = &part->counts;

    fprintf(stream, "  \"crossbars\": {\n    ");
    if (layer == TRNNSF_ALL_LAYERS)
        fprintf(stream, "\"tiles\": %llu,\n    ", (number)work->tiles);
    fprintf(stream,
            "\"total\": %llu,\n    \"lower_bound\": %llu,\n    \"dense\": %llu,\n"
            "    \"pruned\": %llu,\n    \"clustered\": %llu,\n    \"residue\": %llu,\n    ",
            (number)counts->total, (number)counts->lower_bound, (number)counts->dense,
            (number)counts->pruned, (number)counts->clustered, (number)counts->residue);
    program_put_number(stream, "gap", crossbar_gap(part));
    fprintf(stream, ",\n    ");
    write_shapes(stream, work, layer);
    fprintf(stream, "\n  },\n  ");
    program_put_number(stream, "utilisation", counts->utilisation);
    if (work->rule == RULE_PACK)
        write_packing(stream, work, &part->pack);
}

static void write_sizes(FILE *stream, const struct part *part)
{
    fprintf(stream, "  \"rows\": %llu,\n  \"columns\": %llu,\n  \"nonzeros\": %llu,\n",
            (number)part->outputs, (number)part->inputs, (number)part->counts.synapses);
}

static void write_reads(FILE *stream, const struct trnnsf_mapped_layer *mapped)
{
    fprintf(stream,
            ",\n  \"scheme\": \"%s\",\n  \"window\": [%llu, %llu],\n  \"reads\": %llu,\n"
            "  \"groups\": %lu,\n  \"full_crossbars\": %llu",
            scheme_names[mapped->scheme], (number)mapped->window_height,
            (number)mapped->window_width, (number)mapped->reads, (unsigned long)mapped->groups,
            (number)mapped->full);
}

static void write_layers(FILE *stream, const struct work *work)
{
    fprintf(stream, ",\n  \"layers\": [");
    for (size_t i = 0; i < work->n_parts; i++) {
        fprintf(stream, "%s{\n", i ? ", " : "");
        write_sizes(stream, &work->parts[i]);
        write_crossbars(stream, work, &work->parts[i], i);
        write_reads(stream, &work->parts[i].mapped);
        fprintf(stream, "\n  }");
    }
    fprintf(stream, "]");
}

int work_write_json(struct work *work)
{
    FILE *stream = program_open_json(&work->program);

    if (!stream)
        return EXIT_FAILED;
    fprintf(stream, "{\n  \"version\": \"%s\",\n  \"rule\": \"%s\",\n  \"mca\": \"%s\",\n",
            trnnsf_version_text(), rule_names[work->rule], work->mca);
    fprintf(stream, "  \"nonzeros_before\": %llu,\n", (number)work->nonzeros);
    write_sizes(stream, &work->all);
    write_crossbars(stream, work, &work->all, TRNNSF_ALL_LAYERS);
    if (work->network)
        write_layers(stream, work);
    fprintf(stream, ",\n  ");
    program_put_number(stream, "seconds", work->program.reproducible ? (double)NAN : work->seconds);
    fprintf(stream, "\n}\n");
    return program_close_json(&work->program, stream);
}
