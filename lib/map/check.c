/* The invariants of a mapping. */
#include <math.h>

#include "base/context.h"
#include "map/mapping.h"

typedef unsigned long long number; /* for %llu */

static trnnsf_status fail_crossbar(trnnsf_context *ctx, const char *function, size_t index,
                                   const struct trn_crossbar *crossbar, const char *what)
{
    return trn_fail(ctx, TRNNSF_E_CHECK, "%s: crossbar %zu (layer %llu, %llux%llu): %s", function,
                    index, (number)crossbar->layer, (number)crossbar->n_inputs,
                    (number)crossbar->n_outputs, what);
}

static bool ascending_below(const uint32_t *lines, uint64_t n, uint64_t limit)
{
    for (size_t i = 0; i < n; i++) {
        if (lines[i] >= limit || (i > 0 && lines[i] <= lines[i - 1]))
            return false;
    }
    return true;
}

static bool within(size_t start, uint64_t n, size_t size)
{
    return start <= size && n <= size - start;
}

static trnnsf_status verify_crossbar(trnnsf_context *ctx, const char *function,
                                     const struct trnnsf_mapping *mapping, size_t index)
{
    const struct trn_crossbar *crossbar = &mapping->crossbars[index];
    uint64_t n_in = crossbar->n_inputs, n_out = crossbar->n_outputs;

    if (crossbar->layer >= mapping->n_layers)
        return fail_crossbar(ctx, function, index, crossbar, "there is no such layer");
    const struct trn_map_layer *layer = &mapping->layers[crossbar->layer];
    if (index < layer->first || index - layer->first >= layer->n_crossbars)
        return fail_crossbar(ctx, function, index, crossbar,
                             "stands outside its layer's crossbars");
    if (crossbar->shape_inputs > TRN_TECH_SIDE_MAX || crossbar->shape_outputs > TRN_TECH_SIDE_MAX)
        return fail_crossbar(ctx, function, index, crossbar, "its MCA has a side above 4096");
    if (n_in < 1 || n_in > crossbar->shape_inputs || n_out < 1 || n_out > TRN_TECH_SIDE_MAX ||
        n_out * mapping->columns_per_output > crossbar->shape_outputs)
        return fail_crossbar(ctx, function, index, crossbar, "does not fit its MCA");
    if (crossbar->synapses > n_in * n_out || crossbar->residue > 1)
        return fail_crossbar(ctx, function, index, crossbar, "has more synapses than cells");
    if (!within(crossbar->input_start, n_in, mapping->n_index) ||
        !within(crossbar->output_start, n_out, mapping->n_index) ||
        !within(crossbar->weight_start, n_in * n_out, mapping->n_weights))
        return fail_crossbar(ctx, function, index, crossbar, "points outside the mapping's arrays");
    if (!ascending_below(mapping->index + crossbar->input_start, n_in, layer->n_in) ||
        !ascending_below(mapping->index + crossbar->output_start, n_out, layer->n_out))
        return fail_crossbar(ctx, function, index, crossbar,
                             "its neurons are not ascending or not in the layer");
    const float *weights = mapping->weights + crossbar->weight_start;
    for (size_t i = 0; i < n_in * n_out; i++) {
        if (!isfinite(weights[i]))
            return fail_crossbar(ctx, function, index, crossbar, "has a weight that is not finite");
    }
    return TRNNSF_OK;
}

/* The geometry, and that the lines are as many as it has. */
static trnnsf_status verify_lines(trnnsf_context *ctx, const char *function,
                                  const struct trn_map_layer *layer, size_t index)
{
    struct trn_map_lines lines;

    TRN_TRY(trn_map_geometry_check(ctx, function, index, &layer->geometry));
    TRN_TRY(trn_map_lines_create(ctx, &layer->geometry, &lines));
    trn_map_lines_free(&lines);
    if (layer->n_in == lines.n_in && layer->n_out == lines.n_out)
        return TRNNSF_OK;
    return trn_fail(ctx, TRNNSF_E_CHECK,
                    "%s: layer %zu has %llux%llu lines, its windows %zux%zu", function, index,
                    (number)layer->n_out, (number)layer->n_in, lines.n_out, lines.n_in);
}

trnnsf_status trn_mapping_verify(trnnsf_context *ctx, const char *function,
                                 const struct trnnsf_mapping *mapping)
{
    uint64_t next = 0;

    if (mapping->columns_per_output < 1 || mapping->columns_per_output > TRN_TECH_SIDE_MAX)
        return trn_fail(ctx, TRNNSF_E_CHECK, "%s: columns_per_output %u is not in [1, %d]",
                        function, mapping->columns_per_output, TRN_TECH_SIDE_MAX);
    for (size_t l = 0; l < mapping->n_layers; l++) {
        const struct trn_map_layer *layer = &mapping->layers[l];

        if (layer->n_in > UINT32_MAX || layer->n_out > UINT32_MAX)
            return trn_fail(ctx, TRNNSF_E_CHECK, "%s: layer %zu has more than 2^32 - 1 neurons",
                            function, l);
        TRN_TRY(verify_lines(ctx, function, layer, l));
        if (layer->first != next || layer->n_crossbars > mapping->n_crossbars - next)
            return trn_fail(ctx, TRNNSF_E_CHECK,
                            "%s: the crossbars of layer %zu do not follow those before", function,
                            l);
        next += layer->n_crossbars;
    }
    if (next != mapping->n_crossbars)
        return trn_fail(ctx, TRNNSF_E_CHECK, "%s: %llu of %zu crossbars belong to layers", function,
                        (number)next, mapping->n_crossbars);
    for (size_t i = 0; i < mapping->n_crossbars; i++)
        TRN_TRY(verify_crossbar(ctx, function, mapping, i));
    return TRNNSF_OK;
}
