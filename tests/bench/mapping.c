/* Mapping of convolutional networks with random weights: seconds of ResNet-18 by the rules, and
 * what each scheme takes of crossbars, reads, energy and time.
 *
 *     bench-mapping speed
 *     bench-mapping schemes [TECHNOLOGY [SHAPE]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "mapping_networks.h"

enum { SAMPLES = 8 };

static trnnsf_context *ctx;

static void check(trnnsf_status status)
{
    if (status == TRNNSF_OK)
        return;
    fprintf(stderr, "bench-mapping: %s\n", trnnsf_context_error(ctx));
    exit(EXIT_FAILURE);
}

static void *need(void *pointer)
{
    if (!pointer)
        exit(EXIT_FAILURE);
    return pointer;
}

static uint32_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 32);
}

static trnnsf_tech *make_tech(const char *name, const char *shape)
{
    trnnsf_tech *preset = NULL, *tech = NULL;

    check(trnnsf_tech_preset(ctx, name, &preset));
    check(trnnsf_tech_with_shapes(ctx, preset, shape, &tech));
    trnnsf_tech_free(preset);
    return tech;
}

/* Keeps a share of each layer's synapses, anywhere. */
static void prune(trnnsf_network *network, double keep)
{
    uint64_t state = 1;

    for (size_t l = 0; l < trnnsf_network_layers(network); l++) {
        size_t n = trnnsf_network_inputs(network, l) * trnnsf_network_outputs(network, l);
        uint8_t *mask = need(malloc(n));

        for (size_t i = 0; i < n; i++)
            mask[i] = next_random(&state) < keep * 4294967296.0;
        check(trnnsf_network_set_mask(ctx, network, l, mask));
        free(mask);
    }
}

static const struct {
    const char *name;
    uint32_t rule;
} rules[] = {{"dense", TRNNSF_MAP_DENSE},
             {"tiles", TRNNSF_MAP_TILES},
             {"pruned", TRNNSF_MAP_PRUNED},
             {"clustered", TRNNSF_MAP_CLUSTERED}};

static void time_rules(const trnnsf_network *network, const trnnsf_tech *tech, const char *what)
{
    for (size_t r = 0; r < sizeof rules / sizeof rules[0]; r++) {
        struct trnnsf_map_options options = TRNNSF_MAP_OPTIONS_INIT;
        trnnsf_mapping *mapping = NULL;
        double began = seconds();

        options.rule = rules[r].rule;
        check(trnnsf_mapping_create(ctx, network, tech, &options, &mapping));
        printf("ResNet-18, %s, %-9s %6.3f s, %zu crossbars\n", what, rules[r].name,
               seconds() - began, trnnsf_mapping_crossbars(mapping));
        trnnsf_mapping_free(mapping);
    }
}

static void speed(void)
{
    trnnsf_network *network = make_resnet18(ctx);
    trnnsf_tech *tech = make_tech("resparc-45nm", "128x128");

    time_rules(network, tech, "all synapses ");
    prune(network, 0.1);
    time_rules(network, tech, "one in ten    ");
    trnnsf_tech_free(tech);
    trnnsf_network_free(network);
}

/* Of random images. */
static trnnsf_activity *measure(const trnnsf_network *network)
{
    size_t n_in, channels, height, width, n_out;
    struct trnnsf_mapped_layer first = {.struct_size = sizeof first};
    trnnsf_tech *tech = make_tech("resparc-45nm", "128x128");
    trnnsf_mapping *mapping = NULL;
    trnnsf_dataset *dataset = NULL;
    trnnsf_activity *activity = NULL;
    uint32_t labels[SAMPLES] = {0};
    uint64_t state = 2;

    check(trnnsf_mapping_create(ctx, network, tech, NULL, &mapping));
    check(trnnsf_mapping_layer(ctx, mapping, 0, &first));
    channels = first.in_channels;
    height = first.in_height;
    width = first.in_width;
    n_in = channels * height * width;
    n_out = trnnsf_network_outputs(network, trnnsf_network_layers(network) - 1);
    float *values = need(malloc(SAMPLES * n_in * sizeof *values));
    for (size_t i = 0; i < SAMPLES * n_in; i++)
        values[i] = (float)next_random(&state) / 4294967296.0f;
    check(trnnsf_dataset_create(ctx, channels, height, width, n_out, &dataset));
    check(trnnsf_dataset_set(ctx, dataset, TRNNSF_PART_TEST, SAMPLES, values, labels));
    check(trnnsf_activity_measure(ctx, network, dataset, TRNNSF_PART_TEST, &activity));
    free(values);
    trnnsf_dataset_free(dataset);
    trnnsf_mapping_free(mapping);
    trnnsf_tech_free(tech);
    return activity;
}

static const struct {
    const char *name;
    uint32_t scheme;
} schemes[] = {{"kernel column", TRNNSF_MAP_KERNEL_COLUMN},
               {"duplicated", TRNNSF_MAP_DUPLICATED},
               {"unrolled", TRNNSF_MAP_UNROLLED}};

/* Reads of all layers, and crossbars with the empty tiles of the whole mapped matrices. */
static void sum_layers(const trnnsf_mapping *mapping, uint64_t *reads, uint64_t *full)
{
    *reads = *full = 0;
    for (size_t l = 0; l < trnnsf_mapping_layers(mapping); l++) {
        struct trnnsf_mapped_layer layer = {.struct_size = sizeof layer};

        check(trnnsf_mapping_layer(ctx, mapping, l, &layer));
        *reads += layer.reads;
        *full += layer.full;
    }
}

static void print_scheme(const char *name, const trnnsf_network *network, const trnnsf_tech *tech,
                         const trnnsf_activity *activity, size_t scheme)
{
    struct trnnsf_map_options options = TRNNSF_MAP_OPTIONS_INIT;
    struct trnnsf_crossbar_counts counts = {.struct_size = sizeof counts};
    trnnsf_mapping *mapping = NULL;
    trnnsf_cost *cost = NULL;
    uint64_t reads, full;
    double began = seconds();

    options.rule = TRNNSF_MAP_TILES;
    options.scheme = schemes[scheme].scheme;
    check(trnnsf_mapping_create(ctx, network, tech, &options, &mapping));
    double mapped = seconds() - began;
    check(trnnsf_mapping_counts(ctx, mapping, TRNNSF_ALL_LAYERS, &counts));
    check(trnnsf_cost_evaluate(ctx, mapping, tech, activity, &cost));
    sum_layers(mapping, &reads, &full);
    printf("| %s | %s | %llu | %llu | %llu | %.1f | %.3g | %.3g | %.3g | %.2f |\n", name,
           schemes[scheme].name, (unsigned long long)counts.total, (unsigned long long)full,
           (unsigned long long)reads, 100 * counts.utilisation,
           1e6 * trnnsf_cost_area(cost, TRNNSF_ALL_LAYERS, TRNNSF_COST_TOTAL),
           1e6 * trnnsf_cost_energy(cost, TRNNSF_ALL_LAYERS, TRNNSF_COST_TOTAL),
           1e3 * trnnsf_cost_latency(cost, TRNNSF_ALL_LAYERS), mapped);
    trnnsf_cost_free(cost);
    trnnsf_mapping_free(mapping);
}

static void compare_schemes(const char *technology, const char *shape)
{
    static const struct {
        const char *name;
        trnnsf_network *(*make)(trnnsf_context *ctx);
    } networks[] = {{"LeNet", make_lenet}, {"VGG-8", make_vgg8}, {"MobileNetV2", make_mobilenet}};
    trnnsf_tech *tech = make_tech(technology, shape);

    printf(
        "| network | scheme | crossbars | with empty tiles | reads | used, %% | area, mm2 | "
        "energy, uJ | latency, ms | mapped in, s |\n|---|---|---|---|---|---|---|---|---|---|\n");
    for (size_t n = 0; n < sizeof networks / sizeof networks[0]; n++) {
        trnnsf_network *network = networks[n].make(ctx);
        trnnsf_activity *activity = measure(network);

        for (size_t s = 0; s < sizeof schemes / sizeof schemes[0]; s++)
            print_scheme(networks[n].name, network, tech, activity, s);
        trnnsf_activity_free(activity);
        trnnsf_network_free(network);
    }
    trnnsf_tech_free(tech);
}

int main(int argc, char **argv)
{
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;

    options.threads = 2;
    if (trnnsf_context_create(&options, &ctx) != TRNNSF_OK)
        return EXIT_FAILURE;
    if (argc > 1 && strcmp(argv[1], "speed") == 0)
        speed();
    else if (argc > 1 && strcmp(argv[1], "schemes") == 0)
        compare_schemes(argc > 2 ? argv[2] : "resparc-45nm", argc > 3 ? argv[3] : "128x128");
    else
        fprintf(stderr, "usage: bench-mapping speed | schemes [TECHNOLOGY [SHAPE]]\n");
    trnnsf_context_free(ctx);
    return EXIT_SUCCESS;
}
