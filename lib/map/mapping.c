#include "map/mapping.h"

#include <inttypes.h>

#include "base/context.h"
#include "map/layout.h"
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

/* Crossbars of the same layer by another rule. */
static trnnsf_status count_by(trnnsf_context *ctx, const struct trn_map_source *source,
                              uint32_t rule, size_t n_shapes, const struct trn_map_shape *shapes,
                              uint64_t *out_count)
{
    struct trn_map_builder builder = {.count = 0};
    struct trn_layout *layout;

    TRN_TRY(trn_layout_create(ctx, source, rule, n_shapes, shapes, &layout));

    trnnsf_status status = trn_layout_build(layout, 0, &builder);
    trn_layout_free(layout);
    *out_count = builder.count;
    return status;
}

/* What does not depend on the rule. A layer that is one sheet at one place is counted by its
 * matrix. */
static trnnsf_status count_layer(trnnsf_context *ctx, const struct trn_map_source *source,
                                 const struct trn_layout *layout, struct trn_map_counts *counts)
{
    const struct trn_map_source all = {.geometry = source->geometry};
    const struct trn_map_geometry *g = &source->geometry;
    size_t n_shapes = layout->n_shapes;

    if (g->groups == 1 && layout->window.n_out == g->outputs &&
        layout->window.n_in == trn_map_fan_in(g))
        return trn_map_count_matrix(ctx, layout->sheets[0].mask, n_shapes, layout->shapes, counts);
    TRN_TRY(
        trn_map_count_lines(ctx, source->mask, &layout->window, n_shapes, layout->shapes, counts));
    TRN_TRY(count_by(ctx, &all, TRNNSF_MAP_DENSE, n_shapes, layout->shapes, &counts->dense));
    return count_by(ctx, source, TRNNSF_MAP_PRUNED, n_shapes, layout->shapes, &counts->pruned);
}

static uint64_t count_tiles(uint64_t lines, size_t side)
{
    return lines / side + (lines % side != 0);
}

static void describe_layer(const struct trn_layout *layout, struct trn_map_layer *layer)
{
    layer->n_in = layout->window.n_in;
    layer->n_out = layout->window.n_out;
    layer->geometry = layout->window.geometry;
    layer->synapses_dense = trn_map_synapses(&layout->window);
    layer->full = count_tiles(layer->n_in, layout->shapes[0].inputs) *
                  count_tiles(layer->n_out, layout->shapes[0].outputs);
}

/* More than this many crossbars are refused, chosen here: they would take gigabytes. Fully
 * connected layers and kernel columns have no more than their weights. */
static const uint64_t crossbars_most = UINT64_C(1) << 22;

static trnnsf_status check_size(trnnsf_context *ctx, const struct trn_layout *layout, size_t layer)
{
    const struct trn_map_side *window = layout->window.geometry.side;
    const struct trn_map_side *patch = layout->patch.geometry.side;
    uint64_t crossbars = layout->count;

    for (int s = 0; s < 2; s++)
        crossbars *= (window[s].window + patch[s].window - 1) / patch[s].window;
    if (crossbars <= crossbars_most || layout->count == crossbars)
        return TRNNSF_OK;
    return trn_fail(ctx, TRNNSF_E_LIMIT,
                    "map: layer %zu takes %" PRIu64 " crossbars in windows of %" PRIu64 "x%" PRIu64
                    " places, more than %" PRIu64,
                    layer, crossbars, window[0].window, window[1].window, crossbars_most);
}

static trnnsf_status map_layer(trnnsf_context *ctx, const struct trn_map_source *source,
                               uint32_t rule, size_t n_shapes, const struct trn_map_shape *shapes,
                               size_t index, struct trn_map_builder *builder)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_map_layer *layer = &builder->mapping->layers[index];
    struct trn_layout *layout = NULL;

    TRN_TRY_OUT(trn_layout_create(ctx, source, rule, n_shapes, shapes, &layout));
    TRN_TRY_OUT(check_size(ctx, layout, index));
    describe_layer(layout, layer);
    TRN_TRY_OUT(count_layer(ctx, source, layout, &layer->counts));
    builder->count = builder->residue = 0;
    layer->first = builder->mapping->n_crossbars;
    TRN_TRY_OUT(trn_layout_build(layout, index, builder));
    layer->n_crossbars = layer->counts.total = builder->count;
    layer->counts.residue = builder->residue;
    layer->counts.clustered = builder->count - builder->residue;
out:
    trn_layout_free(layout);
    return status;
}

static trnnsf_status choose_windows(trnnsf_context *ctx, struct trn_map_source *source,
                                    const struct trnnsf_map_options *options,
                                    struct trn_map_shape shape)
{
    const uint32_t window[2] = {options->window_height, options->window_width};

    return trn_map_window_set(ctx, options->scheme, window, shape, source->clusters != NULL,
                              &source->geometry);
}

static trnnsf_status shrink(trnnsf_context *ctx, void **array, size_t count, size_t size)
{
    void *moved = trn_realloc(ctx, *array, count, size);

    if (!moved)
        return TRN_NO_MEMORY;
    *array = moved;
    return TRNNSF_OK;
}

/* Gives back what growing arrays have taken too much. */
static trnnsf_status shrink_arrays(trnnsf_context *ctx, struct trnnsf_mapping *mapping)
{
    void *crossbars = mapping->crossbars, *index = mapping->index, *weights = mapping->weights;
    trnnsf_status status =
        shrink(ctx, &crossbars, mapping->n_crossbars, sizeof *mapping->crossbars);

    mapping->crossbars = crossbars;
    if (status == TRNNSF_OK)
        status = shrink(ctx, &index, mapping->n_index, sizeof *mapping->index);
    mapping->index = index;
    if (status == TRNNSF_OK)
        status = shrink(ctx, &weights, mapping->n_weights, sizeof *mapping->weights);
    mapping->weights = weights;
    return status;
}

trnnsf_status trn_mapping_create(trnnsf_context *ctx, struct trn_map_source *sources,
                                 size_t n_layers, const struct trnnsf_tech *tech,
                                 const struct trnnsf_map_options *options,
                                 struct trnnsf_mapping **out_mapping)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_map_shape shapes[TRN_TECH_SHAPES_MAX];
    struct trn_map_builder builder = {.tech = tech};

    read_shapes(tech, options->cost, shapes);
    TRN_TRY_OUT(trn_mapping_new(ctx, n_layers, 0, 0, 0, &builder.mapping));
    builder.mapping->rule = options->rule;
    builder.mapping->columns_per_output = (uint32_t)tech->value[TRN_TECH_COLUMNS_PER_OUTPUT];
    for (size_t l = 0; l < n_layers; l++) {
        TRN_TRY_OUT(trn_cancelled(ctx, "map"));
        TRN_TRY_OUT(choose_windows(ctx, &sources[l], options, shapes[0]));
        TRN_TRY_OUT(
            map_layer(ctx, &sources[l], options->rule, tech->n_shapes, shapes, l, &builder));
    }
    TRN_TRY_OUT(shrink_arrays(ctx, builder.mapping));
    *out_mapping = builder.mapping;
    builder.mapping = NULL;
out:
    trn_mapping_free(builder.mapping);
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
    counts->synapses_dense += from->synapses_dense;
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
