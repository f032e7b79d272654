/* Trained networks on tiles of 128 x 128 (doc/tiles.md): what first fit makes of them when inputs
 * past 128 are dropped, and decomposed ones under the three rules: accuracy, tiles, packets,
 * energy.
 *
 *     bench-tiles-trained networks.txt [name [exact|spiking|own-F]]
 *
 * networks.txt is tiles_train.py's; a line of fields "key=value" a map, parted by tabs.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <trnnsf/trnnsf.h>

#include "clock.h"
#include "tiles_bound.h"
#include "tiles_metis.h"

enum {
    SIDE = 128,
    TIME = 64,
    SAMPLES = 1000,
    CALIBRATION = 50,
    RULES = 4,
    MANY = 500,
    LINE = 4096
};

static const char *const rule_names[RULES] = {"first-fit", "min-comm", "hypergraph", "compact"};
/* Of all neurons, or (whole) of those alone that do not fit. */
static const struct {
    uint32_t cut;
    bool whole;
} cut_kinds[] = {{TRNNSF_DECOMPOSE_OWN, false},
                 {TRNNSF_DECOMPOSE_SHARED, false},
                 {TRNNSF_DECOMPOSE_BUSY, false},
                 {TRNNSF_DECOMPOSE_SHARED, true},
                 {TRNNSF_DECOMPOSE_BUSY, true}};
static const char *const cut_names[] = {"own", "shared",       "busy",
                                        "own", "shared-whole", "busy-whole"};
static trnnsf_context *ctx;

struct subject {
    const char *name;
    bool is_image; /* judged by its outputs' rates */
    size_t n_in, n_out, n_samples;
    const float *inputs;
    const uint32_t *labels;
    uint32_t *targets; /* [n_samples x n_out] spikes of an image's outputs in the whole network */
    double *samples;   /* [CALIBRATION x neurons] spikes for single training samples */
    double network;    /* its own accuracy */
    trnnsf_network *ann;
    trnnsf_dataset *dataset;
    trnnsf_spiking *spiking;
    trnnsf_spike_graph *graph;
    struct trnnsf_spike_run_options run;
};

static void check(trnnsf_status status)
{
    if (status == TRNNSF_OK)
        return;
    fprintf(stderr, "tiles: %s: %s\n", trnnsf_status_name(status), trnnsf_context_error(ctx));
    exit(1);
}

static void *room(size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);

    if (!memory)
        exit(1);
    return memory;
}

/* Share of right classes in per cent; of images 100 (1 - error / size), root mean squares of how
 * the rates differ from those of the whole network for the same input spikes, and of these. */
static double judge(const struct subject *subject, const uint32_t *classes, const uint32_t *counts)
{
    double right = 0, error = 0, size = 0;

    for (size_t s = 0; !subject->is_image && s < subject->n_samples; s++)
        right += classes[s] == subject->labels[s];
    if (!subject->is_image)
        return 100 * right / (double)subject->n_samples;
    for (size_t k = 0; k < subject->n_samples * subject->n_out; k++) {
        double target = subject->targets[k], count = counts[k];

        error += (count - target) * (count - target);
        size += target * target;
    }
    return 100 * (1 - sqrt(error / size));
}

/* Accuracy of a graph; where `measure` is set, its traffic becomes that of the run. */
static double accuracy_of(const struct subject *subject, trnnsf_spike_graph *graph, bool measure)
{
    uint32_t *classes = room(subject->n_samples, sizeof *classes);
    uint32_t *counts = room(subject->n_samples * subject->n_out, sizeof *counts);
    double *spikes = room(trnnsf_spike_graph_neurons(graph), sizeof *spikes);

    check(trnnsf_spiking_graph_run(ctx, subject->spiking, graph, subject->n_samples,
                                   subject->inputs, &subject->run, classes, counts, spikes));
    if (measure)
        check(trnnsf_spike_graph_set_spikes(ctx, graph, spikes));
    double accuracy = judge(subject, classes, counts);
    free(spikes);
    free(counts);
    free(classes);
    return accuracy;
}

static struct trnnsf_tile_map_options map_options(uint32_t rule)
{
    struct trnnsf_tile_map_options options = TRNNSF_TILE_MAP_OPTIONS_INIT;

    check(trnnsf_tile_map_preset(ctx, TRNNSF_TILE_DYNAP_SE, &options));
    options.rule = rule;
    options.steps = TIME;
    return options;
}

static struct trnnsf_tile_traffic place(const trnnsf_tile_map *map)
{
    struct trnnsf_tile_placement_options options = TRNNSF_TILE_PLACEMENT_OPTIONS_INIT;
    struct trnnsf_tile_traffic traffic = {.struct_size = sizeof traffic};
    trnnsf_tile_placement *placement = NULL;

    options.moves = trnnsf_tile_map_tiles(map) > MANY ? 20 : options.moves;
    check(trnnsf_tile_placement_create(ctx, map, &options, &placement));
    check(trnnsf_tile_placement_traffic(ctx, placement, &traffic));
    trnnsf_tile_placement_free(placement);
    return traffic;
}

/* Maps a graph and prints all that is known of it. How many tiles. */
static size_t print(const struct subject *subject, const char *form, uint32_t rule,
                    const struct trnnsf_decompose_options *chosen, const trnnsf_spike_graph *graph,
                    double accuracy)
{
    struct trnnsf_tile_counts counts = {.struct_size = sizeof counts};
    const struct trnnsf_tile_map_options options = map_options(rule);
    trnnsf_tile_map *map = NULL;
    double began = seconds();

    check(trnnsf_tile_map_create(ctx, graph, &options, &map));
    double took = seconds() - began;
    check(trnnsf_tile_map_check(ctx, map, graph));
    check(trnnsf_tile_map_counts(ctx, map, &counts));
    struct trnnsf_tile_traffic traffic = place(map);
    printf("network=%s\tform=%s\trule=%s\tfan_in=%u\tcut=%s\taccuracy=%.3f\ttiles=%llu\t"
           "neurons=%.6g\trows=%.6g\tsynapses=%.6g\tidle=%.6g\tdriven=%.6g\tin=%.9g\tbetween=%.9g\t"
           "bound=%.9g\tmesh=%.6g\thops=%llu\tbusiest=%.6g\tdepth=%llu\tseconds=%.1f\n",
           subject->name, form, rule_names[rule], chosen ? chosen->fan_in : 0,
           chosen ? cut_names[chosen->cut + (chosen->whole > 0 ? 3 : 0)] : "-", accuracy,
           (unsigned long long)counts.tiles, 100 * counts.neuron_utilisation,
           100 * counts.row_utilisation, 100 * counts.synapse_utilisation, 1e9 * counts.idle_joule,
           1e9 * counts.driven_joule, counts.packets_in, counts.packets_between,
           tiles_bound(graph, SIDE, SIDE), 1e9 * (traffic.router_joule + traffic.link_joule),
           (unsigned long long)traffic.most_hops, traffic.busiest_link,
           (unsigned long long)counts.depth, took);
    fflush(stdout);
    trnnsf_tile_map_free(map);
    return (size_t)counts.tiles;
}

static void print_metis(const struct subject *subject, const trnnsf_spike_graph *graph,
                        size_t tiles)
{
    struct tiles_partition result;
    double began = seconds();

    if (!tiles_metis(graph, SIDE, SIDE, tiles, &result))
        return;
    printf("network=%s\tform=exact\trule=metis\ttiles=%zu\tin=%.9g\tbetween=%.9g\tseconds=%.1f\n",
           subject->name, result.tiles, result.in, result.between, seconds() - began);
}

/* Spikes of each neuron in each of some training samples [CALIBRATION x neurons]. */
static double *calibrate(const struct subject *subject)
{
    size_t n = trnnsf_spike_graph_neurons(subject->graph);
    const float *inputs = trnnsf_dataset_values(subject->dataset, TRNNSF_PART_TRAIN);
    double *samples = room(CALIBRATION * n, sizeof *samples);

    for (size_t s = 0; s < CALIBRATION; s++)
        check(trnnsf_spiking_graph_run(ctx, subject->spiking, subject->graph, 1,
                                       inputs + s * subject->n_in, &subject->run, NULL, NULL,
                                       samples + s * n));
    return samples;
}

/* Fan-in and cut by the library, for a rule; then what the units' traffic is when it is run. */
static trnnsf_spike_graph *fit(const struct subject *subject,
                               const struct trnnsf_decompose_options *decompose, uint32_t rule,
                               struct trnnsf_decompose_options *chosen, double *out_accuracy)
{
    struct trnnsf_tile_map_options options = map_options(rule);
    trnnsf_spike_graph *graph = NULL;
    trnnsf_tile_map *map = NULL;

    chosen->struct_size = sizeof *chosen;
    check(trnnsf_tile_fit(ctx, subject->graph, decompose, CALIBRATION, subject->samples, &options,
                          chosen, &graph, &map));
    *out_accuracy = accuracy_of(subject, graph, true);
    trnnsf_tile_map_free(map);
    return graph;
}

/* All rules on one graph, and METIS. */
static void print_all(const struct subject *subject, const char *form,
                      const struct trnnsf_decompose_options *chosen,
                      const trnnsf_spike_graph *graph, double accuracy)
{
    size_t tiles = 0;

    for (uint32_t rule = 0; rule < RULES; rule++)
        tiles = print(subject, form, rule, chosen, graph, accuracy);
    if (chosen->rule == TRNNSF_DECOMPOSE_EXACT)
        print_metis(subject, graph, tiles);
}

/* Each rule on the graph that the library chooses for it. The choice goes by foreseen traffic:
 * where `hypergraph` then needs more tiles than `min-communication` on the traffic met, it maps
 * that one's graph as well, and the later line counts. */
static void run_decomposed(const struct subject *subject, const char *form, uint32_t rule,
                           uint32_t shape)
{
    struct trnnsf_decompose_options decompose = TRNNSF_DECOMPOSE_OPTIONS_INIT, chosen;
    size_t tiles, ours = 0;
    char name[64];

    decompose.rule = rule;
    decompose.form = shape;
    decompose.steps = TIME;
    if (rule == TRNNSF_DECOMPOSE_SPIKING)
        decompose.order = TRNNSF_DECOMPOSE_SIGNED;
    snprintf(name, sizeof name, "%s-own-best", form);
    for (uint32_t r = RULES; r-- > 0;) {
        double accuracy, began = seconds();
        trnnsf_spike_graph *graph = fit(subject, &decompose, r, &chosen, &accuracy);

        printf("network=%s\tform=%s-choice\trule=%s\tseconds=%.1f\n", subject->name, form,
               rule_names[r], seconds() - began);
        if (r == TRNNSF_TILE_COMPACT) {
            print_all(subject, form, &chosen, graph, accuracy);
        } else {
            tiles = print(subject, name, r, &chosen, graph, accuracy);
            ours = r == TRNNSF_TILE_HYPERGRAPH ? tiles : ours;
            if (r == TRNNSF_TILE_MIN_COMMUNICATION && tiles < ours)
                print(subject, name, TRNNSF_TILE_HYPERGRAPH, &chosen, graph, accuracy);
        }
        trnnsf_spike_graph_free(graph);
    }
}

/* `min-communication` beyond what the library tries for it: at the fan-in and cut, of some cuts, of
 * fewest tiles, then packets. */
static void run_min_comm(const struct subject *subject, const char *form, uint32_t first_cut,
                         uint32_t end_cut)
{
    static const uint32_t shares[] = {48, 40, 36, 32, 24, 18, 16, 12, 8, 6, 4, 3, 2};
    enum { SHARES = sizeof shares / sizeof shares[0], KINDS = 5 };
    struct trnnsf_decompose_options decompose = TRNNSF_DECOMPOSE_OPTIONS_INIT, best;
    const struct trnnsf_tile_map_options options = map_options(TRNNSF_TILE_MIN_COMMUNICATION);
    struct trnnsf_tile_counts counts = {.struct_size = sizeof counts};
    struct trnnsf_tile_counts least = {.tiles = UINT64_MAX};
    trnnsf_spike_graph *graph = NULL;

    decompose.form = TRNNSF_DECOMPOSE_TREE;
    decompose.steps = TIME;
    for (size_t k = 0; k < (SHARES + 1) * KINDS; k++) {
        trnnsf_tile_map *map = NULL;
        size_t units;

        decompose.cut = cut_kinds[k % KINDS].cut;
        if (decompose.cut < first_cut || decompose.cut >= end_cut)
            continue;
        decompose.fan_in = k / KINDS < SHARES ? SIDE * shares[k / KINDS] / 48 : SIDE - 1;
        decompose.whole = cut_kinds[k % KINDS].whole ? decompose.fan_in : 0;
        check(trnnsf_spike_graph_decompose(ctx, subject->graph, &decompose, CALIBRATION,
                                           subject->samples, &graph));
        units = trnnsf_spike_graph_neurons(graph) - trnnsf_spike_graph_inputs(graph);
        if (units <= SIDE * least.tiles) {
            check(trnnsf_tile_map_create(ctx, graph, &options, &map));
            check(trnnsf_tile_map_counts(ctx, map, &counts));
            if (counts.tiles < least.tiles ||
                (counts.tiles == least.tiles && counts.packets_in + counts.packets_between <
                                                    least.packets_in + least.packets_between)) {
                least = counts;
                best = decompose;
            }
        }
        trnnsf_tile_map_free(map);
        trnnsf_spike_graph_free(graph);
    }
    check(trnnsf_spike_graph_decompose(ctx, subject->graph, &best, 0, NULL, &graph));
    double accuracy = accuracy_of(subject, graph, true);
    print(subject, form, TRNNSF_TILE_MIN_COMMUNICATION, &best, graph, accuracy);
    trnnsf_spike_graph_free(graph);
}

/* Each neuron cut for itself at a given fan-in, by all rules. */
static void run_own(const struct subject *subject, uint32_t fan_in)
{
    struct trnnsf_decompose_options decompose = TRNNSF_DECOMPOSE_OPTIONS_INIT;
    trnnsf_spike_graph *graph = NULL;

    decompose.form = TRNNSF_DECOMPOSE_TREE;
    decompose.cut = TRNNSF_DECOMPOSE_OWN;
    decompose.fan_in = fan_in;
    decompose.steps = TIME;
    check(trnnsf_spike_graph_decompose(ctx, subject->graph, &decompose, 0, NULL, &graph));
    double accuracy = accuracy_of(subject, graph, true);
    for (uint32_t rule = 0; rule < RULES; rule++)
        print(subject, "own", rule, &decompose, graph, accuracy);
    trnnsf_spike_graph_free(graph);
}

/* `form`: exact, spiking or own-F, NULL for the first two. */
static void run(struct subject *subject, const char *form)
{
    trnnsf_spike_graph *less = NULL;
    double synapses, drive, whole, record;
    size_t steps;
    trnnsf_spike_record *run = NULL;

    check(trnnsf_spiking_run(ctx, subject->spiking, subject->n_samples, subject->inputs,
                             subject->labels, &subject->run, &run));
    record = trnnsf_spike_record_accuracy(run, &steps)[TIME - 1];
    check(trnnsf_spiking_graph(ctx, subject->spiking, run, &subject->graph));
    trnnsf_spike_record_free(run);
    subject->targets = room(subject->n_samples * subject->n_out, sizeof *subject->targets);
    check(trnnsf_spiking_graph_run(ctx, subject->spiking, subject->graph, subject->n_samples,
                                   subject->inputs, &subject->run, NULL, subject->targets, NULL));
    whole = accuracy_of(subject, subject->graph, false);
    check(trnnsf_spike_graph_trim(ctx, subject->graph, SIDE, TRNNSF_SPIKE_TRIM_LAST, &less,
                                  &synapses, &drive));
    printf("network=%s\tform=network\taccuracy=%.3f\tspiking=%.3f\trecord=%.3f\tcount=%zu\t"
           "synapses=%zu\tfan_in=%zu\tdropped=%.3f\tdrive=%.3f\tdepth=%zu\tsamples=%zu\n",
           subject->name, subject->network, whole, subject->is_image ? 0 : 100 * record,
           trnnsf_spike_graph_neurons(subject->graph) - trnnsf_spike_graph_inputs(subject->graph),
           trnnsf_spike_graph_synapses(subject->graph), trnnsf_spike_graph_fan_in(subject->graph),
           100 * synapses, 100 * drive, trnnsf_spike_graph_depth(subject->graph),
           subject->n_samples);
    subject->samples = calibrate(subject);
    double dropped = accuracy_of(subject, less, true);
    for (uint32_t rule = 0; rule < RULES; rule++)
        print(subject, "dropped", rule, NULL, less, dropped);
    trnnsf_spike_graph_free(less);
    run_min_comm(subject, "spinemap", TRNNSF_DECOMPOSE_OWN, TRNNSF_DECOMPOSE_SHARED);
    run_min_comm(subject, "all-cuts", TRNNSF_DECOMPOSE_OWN, TRNNSF_DECOMPOSE_BUSY + 1);
    if (form && strncmp(form, "own-", 4) == 0)
        run_own(subject, (uint32_t)strtoul(form + 4, NULL, 10));
    if (!form || strcmp(form, "exact") == 0)
        run_decomposed(subject, "exact", TRNNSF_DECOMPOSE_EXACT, TRNNSF_DECOMPOSE_TREE);
    if (!form || strcmp(form, "spiking") == 0)
        run_decomposed(subject, "spiking", TRNNSF_DECOMPOSE_SPIKING, TRNNSF_DECOMPOSE_CHAIN);
    trnnsf_spike_graph_free(subject->graph);
}

static void open_subject(struct subject *subject, const char *file, const char *data)
{
    struct trnnsf_dataset_options options = TRNNSF_DATASET_OPTIONS_INIT;
    struct trnnsf_evaluation result = {.struct_size = sizeof result};

    options.validation_fraction = 0;
    check(trnnsf_network_load(ctx, file, &subject->ann));
    check(trnnsf_dataset_load(ctx, data, &options, &subject->dataset));
    check(trnnsf_spiking_convert(ctx, subject->ann, subject->dataset, NULL, &subject->spiking));
    size_t layers = trnnsf_network_layers(subject->ann);
    size_t samples = trnnsf_dataset_samples(subject->dataset, TRNNSF_PART_TEST);
    subject->n_in = trnnsf_network_inputs(subject->ann, 0);
    subject->n_out = trnnsf_network_outputs(subject->ann, layers - 1);
    subject->n_samples = samples < SAMPLES ? samples : SAMPLES;
    subject->inputs = trnnsf_dataset_values(subject->dataset, TRNNSF_PART_TEST);
    subject->labels = trnnsf_dataset_labels(subject->dataset, TRNNSF_PART_TEST);
    trnnsf_spike_run_options_init(&subject->run);
    subject->run.steps = TIME;
    subject->run.coding = TRNNSF_CODING_POISSON;
    subject->run.readout = TRNNSF_READOUT_SPIKES;
    subject->network = 100;
    if (subject->is_image)
        return;
    check(trnnsf_network_evaluate(ctx, subject->ann, subject->dataset, TRNNSF_PART_TEST,
                                  TRNNSF_LOSS_SQUARED, &result));
    subject->network = 100 * result.accuracy;
}

static void close_subject(struct subject *subject)
{
    free(subject->samples);
    free(subject->targets);
    trnnsf_spiking_free(subject->spiking);
    trnnsf_dataset_free(subject->dataset);
    trnnsf_network_free(subject->ann);
}

int main(int argc, char **argv)
{
    FILE *list = argc > 1 ? fopen(argv[1], "r") : NULL;
    char line[LINE];

    if (!list) {
        fprintf(stderr, "tiles: %s: no list of networks\n", argc > 1 ? argv[1] : "(none)");
        return 1;
    }
    check(trnnsf_context_create(NULL, &ctx));
    while (fgets(line, sizeof line, list)) {
        const char *name = strtok(line, "\t"), *file = strtok(NULL, "\t");
        const char *data = strtok(NULL, "\t"), *judged = strtok(NULL, "\t");
        struct subject subject = {.name = name};

        if (!name || !file || !data || !judged || (argc > 2 && strcmp(argv[2], name) != 0))
            continue;
        subject.is_image = strcmp(judged, "image") == 0;
        open_subject(&subject, file, data);
        run(&subject, argc > 3 ? argv[3] : NULL);
        close_subject(&subject);
    }
    trnnsf_context_free(ctx);
    fclose(list);
    return 0;
}
