#include <math.h>

#include "base/context.h"
#include "base/options.h"
#include "map/mapping.h"

void trnnsf_map_options_init(struct trnnsf_map_options *options)
{
    static const struct trnnsf_map_options defaults = TRNNSF_MAP_OPTIONS_INIT;

    if (options)
        *options = defaults;
}

static trnnsf_status read_options(trnnsf_context *context, const char *function,
                                  const struct trnnsf_map_options *options,
                                  struct trnnsf_map_options *out)
{
    *out = (struct trnnsf_map_options)TRNNSF_MAP_OPTIONS_INIT;
    TRN_TRY(trn_options_read(context, function, options, out, sizeof *out));
    if (out->rule > TRNNSF_MAP_TILES)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: rule %u is not in [0, %d]", function,
                        out->rule, TRNNSF_MAP_TILES);
    if (out->cost > TRNNSF_MAP_COST_ENERGY)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: cost %u is not in [0, %d]", function,
                        out->cost, TRNNSF_MAP_COST_ENERGY);
    if (out->scheme > TRNNSF_MAP_DUPLICATED)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: scheme %u is not in [0, %d]", function,
                        out->scheme, TRNNSF_MAP_DUPLICATED);
    if ((out->window_height == 0) != (out->window_width == 0))
        return trn_fail(context, TRNNSF_E_INVALID,
                        "%s: window_height %u and window_width %u: both are 0, or none", function,
                        out->window_height, out->window_width);
    if (out->reserved != 0)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: reserved %u is not 0", function,
                        out->reserved);
    return TRNNSF_OK;
}

trnnsf_status trnnsf_mapping_create(trnnsf_context *context, const trnnsf_network *network,
                                    const trnnsf_tech *tech,
                                    const struct trnnsf_map_options *options,
                                    trnnsf_mapping **out_mapping)
{
    static const char function[] = "trnnsf_mapping_create";
    struct trnnsf_map_options given;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!network || !tech || !out_mapping)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        !network ? "network"
                        : !tech  ? "tech"
                                 : "out_mapping");
    TRN_TRY(read_options(context, function, options, &given));
    return trn_mapping_of_network(context, network, tech, &given, out_mapping);
}

trnnsf_status trnnsf_mapping_from_matrix(trnnsf_context *context, const trnnsf_matrix *matrix,
                                         const trnnsf_clusters *clusters, const trnnsf_tech *tech,
                                         const struct trnnsf_map_options *options,
                                         trnnsf_mapping **out_mapping)
{
    static const char function[] = "trnnsf_mapping_from_matrix";
    struct trnnsf_map_options given;
    struct trn_mask *mask;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!matrix || !tech || !out_mapping)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        !matrix ? "matrix"
                        : !tech ? "tech"
                                : "out_mapping");
    TRN_TRY(read_options(context, function, options, &given));
    if (matrix->n_rows > UINT32_MAX || matrix->n_columns > UINT32_MAX)
        return trn_fail(context, TRNNSF_E_LIMIT,
                        "%s: a %zux%zu matrix has more than 2^32 - 1 lines", function,
                        matrix->n_rows, matrix->n_columns);
    if (matrix->n_columns > 0 && matrix->n_rows > TRN_MAP_CELLS_MAX / matrix->n_columns)
        return trn_fail(context, TRNNSF_E_LIMIT, "%s: a %zux%zu matrix has more than 2^35 cells",
                        function, matrix->n_rows, matrix->n_columns);
    TRN_TRY(trn_sparse_to_mask(context, matrix, &mask));
    struct trn_map_source source = {
        .geometry = trn_map_geometry_of_matrix(matrix->n_columns, matrix->n_rows),
        .mask = mask,
        .clusters = clusters,
        .sparse = matrix};
    trnnsf_status status = trn_mapping_create(context, &source, 1, tech, &given, out_mapping);
    trn_mask_free(context, mask);
    return status;
}

void trnnsf_mapping_free(trnnsf_mapping *mapping)
{
    trn_mapping_free(mapping);
}

size_t trnnsf_mapping_layers(const trnnsf_mapping *mapping)
{
    return mapping ? mapping->n_layers : 0;
}

size_t trnnsf_mapping_crossbars(const trnnsf_mapping *mapping)
{
    return mapping ? mapping->n_crossbars : 0;
}

size_t trnnsf_mapping_shape_crossbars(const trnnsf_mapping *mapping, size_t layer,
                                      size_t shape_inputs, size_t shape_outputs)
{
    size_t count = 0;

    for (size_t c = 0; mapping && c < mapping->n_crossbars; c++) {
        const struct trn_crossbar *crossbar = &mapping->crossbars[c];

        count += (layer == TRNNSF_ALL_LAYERS || crossbar->layer == layer) &&
                 crossbar->shape_inputs == shape_inputs && crossbar->shape_outputs == shape_outputs;
    }
    return count;
}

/* Gives the text its place for a layer that is none. */
static trnnsf_status check_layer(trnnsf_context *context, const char *function,
                                 const trnnsf_mapping *mapping, size_t layer)
{
    if (layer < mapping->n_layers)
        return TRNNSF_OK;
    return trn_fail(context, TRNNSF_E_INVALID, "%s: layer %zu is not below %zu", function, layer,
                    mapping->n_layers);
}

trnnsf_status trnnsf_mapping_layer(trnnsf_context *context, const trnnsf_mapping *mapping,
                                   size_t layer, struct trnnsf_mapped_layer *out_layer)
{
    static const char function[] = "trnnsf_mapping_layer";

    if (!context)
        return TRNNSF_E_INVALID;
    if (!mapping || !out_layer)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        mapping ? "out_layer" : "mapping");
    TRN_TRY(trn_result_check(context, function, out_layer, sizeof *out_layer));
    TRN_TRY(check_layer(context, function, mapping, layer));

    const struct trn_map_layer *from = &mapping->layers[layer];
    const struct trn_map_geometry *g = &from->geometry;
    const struct trn_map_side *rows = &g->side[0], *columns = &g->side[1];
    struct trnnsf_mapped_layer out = {
        .scheme = (uint32_t)g->scheme,
        .groups = (uint32_t)g->groups,
        .n_inputs = from->n_in,
        .n_outputs = from->n_out,
        .reads = trn_map_reads(g),
        .window_height = rows->window,
        .window_width = columns->window,
        .in_channels = g->inputs,
        .in_height = rows->pixels,
        .in_width = columns->pixels,
        .out_channels = g->outputs,
        .out_height = rows->places,
        .out_width = columns->places,
        .full = from->full,
    };
    trn_result_write(out_layer, &out);
    return TRNNSF_OK;
}

trnnsf_status trnnsf_mapping_read(trnnsf_context *context, const trnnsf_mapping *mapping,
                                  size_t layer, uint64_t read, uint32_t *out_inputs,
                                  uint32_t *out_outputs)
{
    static const char function[] = "trnnsf_mapping_read";
    struct trn_map_lines lines;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!mapping || (!out_inputs && !out_outputs))
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s", function,
                        mapping ? "out_inputs and out_outputs are NULL" : "mapping is NULL");
    TRN_TRY(check_layer(context, function, mapping, layer));

    const struct trn_map_geometry *geometry = &mapping->layers[layer].geometry;
    if (read >= trn_map_reads(geometry))
        return trn_fail(context, TRNNSF_E_INVALID, "%s: read %llu of layer %zu is not below %llu",
                        function, (unsigned long long)read, layer,
                        (unsigned long long)trn_map_reads(geometry));
    TRN_TRY(trn_map_lines_create(context, geometry, &lines));
    for (size_t i = 0; out_inputs && i < lines.n_in; i++) {
        struct trn_map_line line = trn_map_input(&lines, i);

        out_inputs[i] = trn_map_input_value(&lines, &line, read);
    }
    for (size_t o = 0; out_outputs && o < lines.n_out; o++) {
        struct trn_map_line line = trn_map_output(&lines, o);

        out_outputs[o] = trn_map_output_value(&lines, &line, read);
    }
    trn_map_lines_free(&lines);
    return TRNNSF_OK;
}

trnnsf_status trnnsf_mapping_crossbar(trnnsf_context *context, const trnnsf_mapping *mapping,
                                      size_t index, struct trnnsf_crossbar *out_crossbar)
{
    static const char function[] = "trnnsf_mapping_crossbar";

    if (!context)
        return TRNNSF_E_INVALID;
    if (!mapping || !out_crossbar)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        mapping ? "out_crossbar" : "mapping");
    TRN_TRY(trn_result_check(context, function, out_crossbar, sizeof *out_crossbar));
    if (index >= mapping->n_crossbars)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: index %zu is not below %zu", function,
                        index, mapping->n_crossbars);

    const struct trn_crossbar *crossbar = &mapping->crossbars[index];
    struct trnnsf_crossbar out = {
        .layer = crossbar->layer,
        .shape_inputs = crossbar->shape_inputs,
        .shape_outputs = crossbar->shape_outputs,
        .n_inputs = crossbar->n_inputs,
        .n_outputs = crossbar->n_outputs,
        .synapses = crossbar->synapses,
        .residue = (uint32_t)crossbar->residue,
        .inputs = mapping->index + crossbar->input_start,
        .outputs = mapping->index + crossbar->output_start,
        .weights = mapping->weights + crossbar->weight_start,
    };
    trn_result_write(out_crossbar, &out);
    return TRNNSF_OK;
}

trnnsf_status trnnsf_mapping_counts(trnnsf_context *context, const trnnsf_mapping *mapping,
                                    size_t layer, struct trnnsf_crossbar_counts *out_counts)
{
    static const char function[] = "trnnsf_mapping_counts";
    struct trnnsf_crossbar_counts counts = {0};

    if (!context)
        return TRNNSF_E_INVALID;
    if (!mapping || !out_counts)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        mapping ? "out_counts" : "mapping");
    TRN_TRY(trn_result_check(context, function, out_counts, sizeof *out_counts));
    if (layer >= mapping->n_layers && layer != TRNNSF_ALL_LAYERS)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: layer %zu is not below %zu", function,
                        layer, mapping->n_layers);
    trn_mapping_counts(mapping, layer, &counts);
    trn_result_write(out_counts, &counts);
    return TRNNSF_OK;
}

trnnsf_status trnnsf_mapping_check(trnnsf_context *context, const trnnsf_mapping *mapping,
                                   const trnnsf_network *network)
{
    if (!context)
        return TRNNSF_E_INVALID;
    if (!mapping || !network)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_mapping_check: %s is NULL",
                        mapping ? "network" : "mapping");
    return trn_mapping_check(context, mapping, network);
}

trnnsf_status trnnsf_mapping_forward(trnnsf_context *context, const trnnsf_mapping *mapping,
                                     const trnnsf_network *network, size_t n_samples,
                                     const float *inputs, float *out_outputs)
{
    static const char function[] = "trnnsf_mapping_forward";

    if (!context)
        return TRNNSF_E_INVALID;
    if (!mapping || !network || !inputs || !out_outputs)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        !mapping   ? "mapping"
                        : !network ? "network"
                        : !inputs  ? "inputs"
                                   : "out_outputs");
    TRN_TRY(trn_mapping_fits(context, function, mapping, network));
    size_t n_in = trn_network_inputs(network), n_values;
    if (n_samples == 0 || !trn_size_multiply(n_samples, n_in, &n_values))
        return trn_fail(context, TRNNSF_E_INVALID, "%s: n_samples %zu is not in [1, %zu]", function,
                        n_samples, SIZE_MAX / n_in);
    for (size_t i = 0; i < n_values; i++) {
        if (!isfinite(inputs[i]))
            return trn_fail(context, TRNNSF_E_NUMERIC,
                            "%s: inputs[%zu] of sample %zu is not finite", function, i % n_in,
                            i / n_in);
    }
    return trn_mapping_forward(context, mapping, network, n_samples, inputs, out_outputs);
}
