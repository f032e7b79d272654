/* Times of fitting one crossbar to its faults: bench-remap [SIDE]. One thread; lines as mapped,
 * pairs of devices, no spare line. */
#include <stdio.h>
#include <stdlib.h>
#include <trnnsf/trnnsf.h>

#include "clock.h"

static void check(trnnsf_context *context, trnnsf_status status)
{
    if (status == TRNNSF_OK)
        return;
    fprintf(stderr, "bench-remap: %s\n", trnnsf_context_error(context));
    exit(EXIT_FAILURE);
}

static trnnsf_tech *with(trnnsf_context *context, trnnsf_tech *tech, const char *key, double value)
{
    trnnsf_tech *changed = NULL;

    check(context, trnnsf_tech_with_value(context, tech, key, value, &changed));
    trnnsf_tech_free(tech);
    return changed;
}

static trnnsf_tech *make_tech(trnnsf_context *context, size_t side, double stuck, double variation)
{
    trnnsf_tech *tech = NULL, *shaped = NULL;
    char shape[64];

    snprintf(shape, sizeof shape, "%zux%zu", side, side);
    check(context, trnnsf_tech_preset(context, "resparc-45nm", &tech));
    check(context, trnnsf_tech_with_shapes(context, tech, shape, &shaped));
    trnnsf_tech_free(tech);
    shaped = with(context, shaped, "resistance_off_ohm", 1e7);
    shaped = with(context, shaped, "resistance_on_ohm", 4e4);
    shaped = with(context, shaped, "devices_per_sign", 2);
    shaped = with(context, shaped, "stuck_on_fraction", stuck / 2);
    shaped = with(context, shaped, "stuck_off_fraction", stuck / 2);
    return with(context, shaped, "variation_on", variation);
}

static void fit(trnnsf_context *context, size_t side, double stuck, double variation,
                uint32_t means, uint32_t starts)
{
    struct trnnsf_map_options map_options = TRNNSF_MAP_OPTIONS_INIT;
    struct trnnsf_remap_options options = TRNNSF_REMAP_OPTIONS_INIT;
    struct trnnsf_remap_errors errors = {.struct_size = sizeof errors};
    const size_t sizes[] = {side, side};
    trnnsf_network *network = NULL;
    trnnsf_mapping *mapping = NULL;
    trnnsf_fault_map *faults = NULL;
    trnnsf_remap *remap = NULL;
    trnnsf_tech *tech = make_tech(context, side, stuck, variation);

    map_options.rule = TRNNSF_MAP_DENSE;
    options.means = means;
    options.starts = starts;
    check(context, trnnsf_network_create(context, sizes, 2, NULL, &network));
    check(context, trnnsf_mapping_create(context, network, tech, &map_options, &mapping));
    check(context, trnnsf_fault_map_draw(context, mapping, tech, NULL, &faults));
    double began = seconds();
    check(context, trnnsf_remap_create(context, network, mapping, tech, NULL, faults, &options, 0,
                                       NULL, &remap));
    double took = seconds() - began;
    check(context, trnnsf_remap_expect(context, remap, TRNNSF_ALL_CROSSBARS, &errors));
    printf("%4zu  stuck %4.1f %%  variation %3.1f  means %u  starts %2u: %8.4f s, error %.6f -> "
           "%.6f\n",
           side, 100 * stuck, variation, means, starts, took, errors.before / errors.signal,
           errors.after / errors.signal);
    trnnsf_remap_free(remap);
    trnnsf_fault_map_free(faults);
    trnnsf_mapping_free(mapping);
    trnnsf_network_free(network);
    trnnsf_tech_free(tech);
}

int main(int argc, char **argv)
{
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
    trnnsf_context *context = NULL;
    size_t side = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 128;

    options.threads = 1;
    if (side < 1 || side > 4096 || trnnsf_context_create(&options, &context) != TRNNSF_OK)
        return EXIT_FAILURE;
    for (uint32_t means = 1; means <= 3; means += 2) {
        fit(context, side, 0.01, 0, means, 1);
        fit(context, side, 0.1, 0, means, 1);
        fit(context, side, 0.1, 0, means, 4);
        fit(context, side, 0.25, 0, means, 1);
        fit(context, side, 0.1, 0.1, means, 1);
    }
    trnnsf_context_free(context);
    return EXIT_SUCCESS;
}
