#include "map/mapping.h"

#include <string.h>

#include "base/context.h"
#include "tech/shape.h"

void trn_mapping_free(struct trnnsf_mapping *mapping)
{
    if (!mapping)
        return;

    trnnsf_context *ctx = mapping->ctx;
    trn_free(ctx, mapping->layers);
    trn_free(ctx, mapping->crossbars);
    trn_free(ctx, mapping->index);
    trn_free(ctx, mapping->weights);
    trn_free(ctx, mapping);
    trn_context_release(ctx);
}

trnnsf_status trn_mapping_new(trnnsf_context *ctx, size_t n_layers, size_t n_crossbars,
                              size_t n_index, size_t n_weights, struct trnnsf_mapping **out_mapping)
{
    trnnsf_status status = TRNNSF_OK;
    struct trnnsf_mapping *mapping = TRN_NEW(ctx, struct trnnsf_mapping);

    if (!mapping)
        return TRNNSF_E_NO_MEMORY;
    mapping->ctx = trn_context_retain(ctx);
    mapping->columns_per_output = 1;
    mapping->n_layers = n_layers;
    mapping->n_crossbars = n_crossbars;
    mapping->n_index = n_index;
    mapping->n_weights = n_weights;
    mapping->layers = TRN_NEW_ARRAY(ctx, struct trn_map_layer, n_layers);
    TRN_NEED_OUT(mapping->layers);
    mapping->crossbars = TRN_NEW_ARRAY(ctx, struct trn_crossbar, n_crossbars);
    TRN_NEED_OUT(mapping->crossbars);
    mapping->index = TRN_NEW_ARRAY(ctx, uint32_t, n_index);
    TRN_NEED_OUT(mapping->index);
    mapping->weights = TRN_NEW_ARRAY(ctx, float, n_weights);
    TRN_NEED_OUT(mapping->weights);
out:
    if (status == TRNNSF_OK)
        *out_mapping = mapping;
    else
        trn_mapping_free(mapping);
    return status;
}

/* Values of one row at all its columns. A sparse row is spread over `spread`, which is 0 before and
 * must be 0 again after (clear_row). */
static const float *spread_row(const struct trn_map_source *source, size_t row, float *spread)
{
    if (source->dense)
        return source->dense + row * source->mask->n_columns;
    for (size_t e = source->sparse->row_start[row]; e < source->sparse->row_start[row + 1]; e++)
        spread[source->sparse->column[e]] = source->sparse->value[e];
    return spread;
}

static void clear_row(const struct trn_map_source *source, size_t row, float *spread)
{
    if (source->dense)
        return;
    for (size_t e = source->sparse->row_start[row]; e < source->sparse->row_start[row + 1]; e++)
        spread[source->sparse->column[e]] = 0;
}

/* The kept cells that no earlier crossbar took, as the plan took them. */
static void fill_weights(const struct trn_map_source *source, const struct trn_crossbar *crossbar,
                         const uint32_t *index, struct trn_mask *remaining, float *spread,
                         float *weights)
{
    const uint32_t *outputs = index + crossbar->output_start;
    const uint32_t *inputs = index + crossbar->input_start;

    for (size_t o = 0; o < crossbar->n_outputs; o++) {
        const float *row = spread_row(source, outputs[o], spread);

        for (size_t i = 0; i < crossbar->n_inputs; i++) {
            if (!trn_mask_get(remaining, outputs[o], inputs[i]))
                continue;
            trn_mask_clear(remaining, outputs[o], inputs[i]);
            weights[o * crossbar->n_inputs + i] = row[inputs[i]];
        }
        clear_row(source, outputs[o], spread);
    }
}

struct cursor {
    size_t crossbar, index, weight;
};

static void describe_crossbars(struct trnnsf_mapping *mapping, size_t layer,
                               const struct trn_plan *plan, const struct trnnsf_tech *tech,
                               struct cursor *at)
{
    if (plan->n_index > 0)
        memcpy(mapping->index + at->index, plan->index, plan->n_index * sizeof *plan->index);
    for (size_t i = 0; i < plan->count; i++) {
        const struct trn_plan_item *item = &plan->items[i];
        struct trn_crossbar *crossbar = &mapping->crossbars[at->crossbar++];

        crossbar->layer = layer;
        crossbar->shape_inputs = tech->shapes[item->shape].inputs;
        crossbar->shape_outputs = tech->shapes[item->shape].outputs;
        crossbar->n_inputs = item->n_inputs;
        crossbar->n_outputs = item->n_outputs;
        crossbar->synapses = item->synapses;
        crossbar->residue = item->residue;
        crossbar->input_start = at->index + item->input_start;
        crossbar->output_start = at->index + item->output_start;
        crossbar->weight_start = at->weight;
        at->weight += item->n_inputs * item->n_outputs;
    }
    at->index += plan->n_index;
}

static trnnsf_status fill_layer(struct trnnsf_mapping *mapping, size_t layer,
                                const struct trn_map_source *source, const struct trn_plan *plan,
                                const struct trnnsf_tech *tech, struct cursor *at)
{
    trnnsf_context *ctx = mapping->ctx;
    trnnsf_status status = TRNNSF_OK;
    struct trn_map_layer *out = &mapping->layers[layer];
    struct trn_mask *remaining = NULL;
    float *spread = TRN_NEW_ARRAY(ctx, float, source->mask->n_columns);

    TRN_NEED_OUT(spread);
    TRN_TRY_OUT(trn_mask_copy(ctx, source->mask, &remaining));
    out->n_in = source->mask->n_columns;
    out->n_out = source->mask->n_rows;
    out->first = at->crossbar;
    out->n_crossbars = plan->count;
    describe_crossbars(mapping, layer, plan, tech, at);
    for (size_t i = 0; i < plan->count; i++) {
        const struct trn_crossbar *crossbar = &mapping->crossbars[out->first + i];

        fill_weights(source, crossbar, mapping->index, remaining, spread,
                     mapping->weights + crossbar->weight_start);
    }
out:
    trn_mask_free(ctx, remaining);
    trn_free(ctx, spread);
    return status;
}

/* The technology's shapes after weight encoding. */
static void read_shapes(const struct trnnsf_tech *tech, uint32_t cost, struct trn_map_shape *shapes)
{
    for (size_t i = 0; i < tech->n_shapes; i++) {
        shapes[i].inputs = tech->shapes[i].inputs;
        shapes[i].outputs = trn_tech_outputs(tech, tech->shapes[i].outputs);
        shapes[i].cost = cost == TRNNSF_MAP_COST_AREA     ? trn_tech_shape_area(tech, i)
                         : cost == TRNNSF_MAP_COST_ENERGY ? trn_tech_shape_energy(tech, i)
                                                          : 0; /* cells decide */
    }
}

static trnnsf_status assemble(trnnsf_context *ctx, const struct trn_map_source *sources,
                              size_t n_layers, struct trn_plan *const *plans,
                              const struct trn_map_counts *counts, const struct trnnsf_tech *tech,
                              struct trnnsf_mapping **out_mapping)
{
    struct trnnsf_mapping *mapping;
    struct cursor size = {0, 0, 0}, at = {0, 0, 0};

    for (size_t l = 0; l < n_layers; l++) {
        size.crossbar += plans[l]->count;
        size.index += plans[l]->n_index;
        for (size_t i = 0; i < plans[l]->count; i++)
            size.weight += plans[l]->items[i].n_inputs * plans[l]->items[i].n_outputs;
    }
    TRN_TRY(trn_mapping_new(ctx, n_layers, size.crossbar, size.index, size.weight, &mapping));
    for (size_t l = 0; l < n_layers; l++) {
        trnnsf_status status = fill_layer(mapping, l, &sources[l], plans[l], tech, &at);

        if (status != TRNNSF_OK) {
            trn_mapping_free(mapping);
            return status;
        }
        mapping->layers[l].counts = counts[l];
    }
    *out_mapping = mapping;
    return TRNNSF_OK;
}

trnnsf_status trn_mapping_create(trnnsf_context *ctx, const struct trn_map_source *sources,
                                 size_t n_layers, const struct trnnsf_tech *tech, uint32_t rule,
                                 uint32_t cost, struct trnnsf_mapping **out_mapping)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_map_shape shapes[TRN_TECH_SHAPES_MAX];
    struct trn_map_counts *counts = TRN_NEW_ARRAY(ctx, struct trn_map_counts, n_layers);
    struct trn_plan **plans = TRN_NEW_ARRAY(ctx, struct trn_plan *, n_layers);

    TRN_NEED_OUT(counts);
    TRN_NEED_OUT(plans);
    read_shapes(tech, cost, shapes);
    for (size_t l = 0; l < n_layers; l++) {
        TRN_TRY_OUT(trn_cancelled(ctx, "map"));
        TRN_TRY_OUT(trn_map_count_matrix(ctx, sources[l].mask, tech->n_shapes, shapes, &counts[l]));
        TRN_TRY_OUT(trn_plan_create(ctx, rule, sources[l].mask, sources[l].clusters, tech->n_shapes,
                                    shapes, &plans[l]));
        trn_map_count_plan(plans[l], &counts[l]);
    }
    TRN_TRY_OUT(assemble(ctx, sources, n_layers, plans, counts, tech, out_mapping));
    (*out_mapping)->rule = rule;
    (*out_mapping)->columns_per_output = (uint32_t)tech->value[TRN_TECH_COLUMNS_PER_OUTPUT];
out:
    for (size_t l = 0; plans && l < n_layers; l++)
        trn_plan_free(plans[l]);
    trn_free(ctx, plans);
    trn_free(ctx, counts);
    return status;
}

static void add_counts(const struct trnnsf_mapping *mapping, size_t layer,
                       struct trnnsf_crossbar_counts *counts, uint64_t *cells)
{
    const struct trn_map_layer *from = &mapping->layers[layer];

    counts->dense += from->counts.dense;
    counts->pruned += from->counts.pruned;
    counts->clustered += from->counts.clustered;
    counts->residue += from->counts.residue;
    counts->total += from->counts.total;
    counts->lower_bound += from->counts.lower_bound;
    counts->synapses += from->counts.synapses;
    counts->synapses_dense += from->n_in * from->n_out;
    counts->inputs_used += from->counts.inputs_used;
    counts->outputs_used += from->counts.outputs_used;
    for (size_t c = 0; c < from->n_crossbars; c++) {
        const struct trn_crossbar *crossbar = &mapping->crossbars[from->first + c];

        *cells += crossbar->shape_inputs * crossbar->shape_outputs;
    }
}

void trn_mapping_counts(const struct trnnsf_mapping *mapping, size_t layer,
                        struct trnnsf_crossbar_counts *counts)
{
    uint64_t cells = 0;

    for (size_t l = 0; l < mapping->n_layers; l++) {
        if (layer == TRNNSF_ALL_LAYERS || layer == l)
            add_counts(mapping, l, counts, &cells);
    }
    if (cells > 0)
        counts->utilisation =
            (double)(counts->synapses * mapping->columns_per_output) / (double)cells;
}
