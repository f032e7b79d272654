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
    TRN_TRY(trn_network_need_chain(context, function, network));
    TRN_TRY(read_options(context, function, options, &given));
    return trn_mapping_of_network(context, network, tech, given.rule, given.cost, out_mapping);
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
    struct trn_map_source source = {mask, clusters, NULL, matrix};
    trnnsf_status status =
        trn_mapping_create(context, &source, 1, tech, given.rule, given.cost, out_mapping);
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
    size_t n_in = network->layers[0].n_in, n_values;
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
