/* Links whose synapses are on crossbars. */
#include <math.h>
#include <string.h>

#include "base/context.h"
#include "sim/spiking/links.h"
#include "tensor/window.h"

static const char function[] = "trnnsf_spiking_map";

/* Where the lines of a mapped matrix are in the groups' matrices of a link. */
struct places {
    const struct trnnsf_mapping *mapping;
    const struct trn_map_layer *layer;
    size_t in_channels, out_channels; /* of a group */
    uint32_t *group, *column;         /* [inputs of the mapped matrix] */
};

static trnnsf_status copy_synapses(trnnsf_context *ctx, const struct trn_spike_link *from,
                                   struct trn_spike_link *to)
{
    const struct trn_synapses *synapses = &from->synapses[0];
    size_t count = synapses->start[from->n_in];
    struct trn_synapses *copy = &to->synapses[0];

    copy->start = trn_copy(ctx, synapses->start, from->n_in + 1, sizeof *copy->start);
    copy->target = trn_copy(ctx, synapses->target, count, sizeof *copy->target);
    copy->weight = trn_copy(ctx, synapses->weight, count, sizeof *copy->weight);
    return copy->start && copy->target && copy->weight ? TRNNSF_OK : TRN_NO_MEMORY;
}

/* All but synapses. */
static trnnsf_status copy_window(trnnsf_context *ctx, const struct trn_spike_link *from,
                                 struct trn_spike_link *to)
{
    const struct trn_convolution *c = &from->convolution;
    size_t outputs = c->groups * c->out_channels, values = trn_spike_link_values(from);
    size_t places = c->window.out_height * c->window.out_width;

    to->cells = trn_copy(ctx, from->cells, trn_spike_link_columns(from), sizeof *to->cells);
    to->input_gain =
        trn_copy(ctx, from->input_gain, c->groups * c->in_channels, sizeof *to->input_gain);
    to->output_gain = trn_copy(ctx, from->output_gain, outputs, sizeof *to->output_gain);
    if (!to->cells || !to->input_gain || !to->output_gain)
        return TRN_NO_MEMORY;
    if (from->tap_start) {
        to->tap_start = trn_copy(ctx, from->tap_start, values + 1, sizeof *to->tap_start);
        to->taps = trn_copy(ctx, from->taps, from->tap_start[values], sizeof *to->taps);
        if (!to->tap_start || !to->taps)
            return TRN_NO_MEMORY;
    }
    if (from->targets) {
        to->targets = trn_copy(ctx, from->targets, outputs * places, sizeof *to->targets);
        if (!to->targets)
            return TRN_NO_MEMORY;
    }
    return TRNNSF_OK;
}

static bool same_side(const struct trn_map_side *side, size_t pixels, size_t places, size_t kernel,
                      size_t stride, size_t dilation, size_t pad)
{
    return side->pixels == pixels && side->places == places && side->kernel == kernel &&
           side->stride == stride && side->dilation == dilation && side->pad == pad;
}

static trnnsf_status check_layer(trnnsf_context *ctx, const struct trn_spike_link *link,
                                 const struct trn_map_layer *layer)
{
    const struct trn_convolution *c = &link->convolution;
    const struct trnnsf_window *w = &c->window;
    const struct trn_map_geometry *g = &layer->geometry;

    if (g->inputs != c->groups * c->in_channels || g->outputs != c->groups * c->out_channels ||
        g->groups != c->groups ||
        !same_side(&g->side[0], w->height, w->out_height, w->kernel_height, w->stride_height,
                   w->dilation_height, w->pad_top) ||
        !same_side(&g->side[1], w->width, w->out_width, w->kernel_width, w->stride_width,
                   w->dilation_width, w->pad_left))
        return trn_fail(ctx, TRNNSF_E_MISMATCH,
                        "%s: layer %zu of the mapping is not that of the network, folded", function,
                        link->layer);
    if (g->side[0].window != 1 || g->side[1].window != 1)
        return trn_fail(ctx, TRNNSF_E_UNSUPPORTED,
                        "%s: layer %zu of the mapping computes %llu x %llu places at once; spikes "
                        "go through kernel columns alone",
                        function, link->layer, (unsigned long long)g->side[0].window,
                        (unsigned long long)g->side[1].window);
    return TRNNSF_OK;
}

static trnnsf_status find_places(trnnsf_context *ctx, const struct trn_spike_link *link,
                                 struct places *places)
{
    const struct trn_convolution *c = &link->convolution;
    struct trn_map_lines lines = {0};
    trnnsf_status status = TRNNSF_OK;

    TRN_TRY(trn_map_lines_create(ctx, &places->layer->geometry, &lines));
    places->group = TRN_NEW_ARRAY(ctx, uint32_t, lines.n_in);
    TRN_NEED_OUT(places->group);
    places->column = TRN_NEW_ARRAY(ctx, uint32_t, lines.n_in);
    TRN_NEED_OUT(places->column);
    for (size_t i = 0; i < lines.n_in; i++) {
        struct trn_map_line line = trn_map_input(&lines, i);
        size_t ky = trn_map_kernel_at(&lines, 0, 0, line.at[0]);
        size_t kx = trn_map_kernel_at(&lines, 1, 0, line.at[1]);

        places->group[i] = (uint32_t)(line.channel / c->in_channels);
        places->column[i] =
            (uint32_t)((line.channel % c->in_channels * c->window.kernel_height + ky) *
                           c->window.kernel_width +
                       kx);
    }
out:
    trn_map_lines_free(&lines);
    return status;
}

/* Inputs and outputs of a crossbar that are a group's; into lists that may be NULL. */
static void lines_of_group(const struct places *places, const struct trn_crossbar *crossbar,
                           size_t g, size_t count[2], uint32_t *inputs, uint32_t *outputs)
{
    const uint32_t *index = places->mapping->index;

    count[0] = count[1] = 0;
    for (size_t k = 0; k < crossbar->n_inputs; k++) {
        if (places->group[index[crossbar->input_start + k]] != g)
            continue;
        if (inputs)
            inputs[count[0]] = (uint32_t)k;
        count[0]++;
    }
    for (size_t k = 0; k < crossbar->n_outputs; k++) {
        if (index[crossbar->output_start + k] / places->out_channels != g)
            continue;
        if (outputs)
            outputs[count[1]] = (uint32_t)k;
        count[1]++;
    }
}

/* The block's lists hold places on the crossbar, and become those in the group's matrix. */
static void fill_block(const struct places *places, const struct trn_crossbar *crossbar,
                       const struct trn_synapse_factor *factor, uint32_t *inputs, uint32_t *outputs,
                       int32_t *weights, struct trn_spike_block *block)
{
    const struct trnnsf_mapping *mapping = places->mapping;
    const float *from = mapping->weights + crossbar->weight_start;

    for (size_t o = 0; o < block->n_out; o++) {
        size_t output = mapping->index[crossbar->output_start + outputs[o]] % places->out_channels;

        for (size_t i = 0; i < block->n_in; i++) {
            size_t column = places->column[mapping->index[crossbar->input_start + inputs[i]]];

            weights[i * block->width + o] = trn_synapse_units(
                from[outputs[o] * crossbar->n_inputs + inputs[i]], factor, column, output);
        }
        outputs[o] = (uint32_t)output;
    }
    for (size_t i = 0; i < block->n_in; i++)
        inputs[i] = places->column[mapping->index[crossbar->input_start + inputs[i]]];
}

static trnnsf_status add_group(trnnsf_context *ctx, const struct places *places, size_t g,
                               const struct trn_synapse_factor *factor, struct trn_synapses *to)
{
    const struct trn_crossbar *crossbars = places->mapping->crossbars + places->layer->first;
    size_t n_blocks = 0, n_index = 0, n_weights = 0, count[2];

    for (size_t c = 0; c < places->layer->n_crossbars; c++) {
        lines_of_group(places, &crossbars[c], g, count, NULL, NULL);
        if (count[0] == 0 || count[1] == 0)
            continue;
        n_blocks++;
        n_index += count[0] + count[1];
        n_weights += count[0] * trn_spike_width(count[1]);
    }
    to->blocks = TRN_NEW_ARRAY(ctx, struct trn_spike_block, n_blocks);
    to->index = TRN_NEW_ARRAY(ctx, uint32_t, n_index);
    to->weights = TRN_NEW_ARRAY(ctx, int32_t, n_weights);
    if (!to->blocks || !to->index || !to->weights)
        return TRN_NO_MEMORY;

    uint32_t *index = to->index;
    int32_t *weights = to->weights;

    for (size_t c = 0; c < places->layer->n_crossbars; c++) {
        lines_of_group(places, &crossbars[c], g, count, NULL, NULL);
        if (count[0] == 0 || count[1] == 0)
            continue;

        uint32_t *inputs = index, *outputs = index + count[0];
        struct trn_spike_block *block = &to->blocks[to->n_blocks++];

        lines_of_group(places, &crossbars[c], g, count, inputs, outputs);
        *block = (struct trn_spike_block){
            count[0], count[1], trn_spike_width(count[1]), inputs, outputs, weights};
        fill_block(places, &crossbars[c], factor, inputs, outputs, weights, block);
        index += count[0] + count[1];
        weights += count[0] * block->width;
    }
    return TRNNSF_OK;
}

/* Weights that are together larger than the network's could leave the range of whole numbers. */
static trnnsf_status check_range(trnnsf_context *ctx, const struct trn_spike_link *link,
                                 const struct places *places)
{
    const struct trn_convolution *c = &link->convolution;
    size_t cells = trn_window_cells(&c->window), outputs = c->groups * c->out_channels;
    const struct trnnsf_mapping *mapping = places->mapping;
    double most = 0, *sums = TRN_NEW_ARRAY(ctx, double, outputs);

    if (!sums)
        return TRN_NO_MEMORY;
    for (size_t k = 0; k < places->layer->n_crossbars; k++) {
        const struct trn_crossbar *x = &mapping->crossbars[places->layer->first + k];

        for (size_t w = 0; w < x->n_inputs * x->n_outputs; w++) {
            size_t input = mapping->index[x->input_start + w % x->n_inputs];
            size_t channel =
                places->group[input] * c->in_channels + places->column[input] / cells;

            sums[mapping->index[x->output_start + w / x->n_inputs]] +=
                fabs((double)mapping->weights[x->weight_start + w] * link->input_gain[channel]);
        }
    }
    for (size_t o = 0; o < outputs; o++)
        most = fmax(most, sums[o] * fabs(link->output_gain[o]));
    trn_free(ctx, sums);
    most *= link->share * (double)link->most_taps * (double)link->most_targets;
    if (most <= link->bound * (1 + 1e-6))
        return TRNNSF_OK;
    return trn_fail(ctx, TRNNSF_E_MISMATCH,
                    "%s: the mapping's weights of layer %zu are not the network's, folded",
                    function, link->layer);
}

static trnnsf_status map_layer_link(trnnsf_context *ctx, const struct trn_spiking_layer *layer,
                                    const struct trnnsf_mapping *mapping,
                                    struct trn_spike_link *link)
{
    const struct trn_convolution *c = &link->convolution;
    struct places places = {mapping, &mapping->layers[link->layer], c->in_channels,
                            c->out_channels, NULL, NULL};
    size_t n_columns = trn_spike_link_columns(link);
    double *columns = TRN_NEW_ARRAY(ctx, double, n_columns);
    trnnsf_status status = TRNNSF_OK;

    TRN_NEED_OUT(columns);
    TRN_TRY_OUT(find_places(ctx, link, &places));
    TRN_TRY_OUT(check_range(ctx, link, &places));
    for (size_t g = 0; g < link->n_groups; g++) {
        const struct trn_synapse_factor factor = {layer->factor * link->share, columns,
                                                  link->output_gain + g * c->out_channels};

        for (size_t j = 0; j < n_columns; j++)
            columns[j] =
                link->input_gain[g * c->in_channels + j / trn_window_cells(&c->window)];
        TRN_TRY_OUT(add_group(ctx, &places, g, &factor, &link->synapses[g]));
    }
out:
    trn_free(ctx, places.group);
    trn_free(ctx, places.column);
    trn_free(ctx, columns);
    return status;
}

static trnnsf_status map_link(trnnsf_context *ctx, const struct trn_spiking_layer *layer,
                              const struct trn_spike_link *from,
                              const struct trnnsf_mapping *mapping, struct trn_spike_link *to)
{
    *to = *from;
    to->cells = NULL;
    to->tap_start = NULL;
    to->taps = to->targets = NULL;
    to->input_gain = to->output_gain = NULL;
    to->synapses = TRN_NEW_ARRAY(ctx, struct trn_synapses, from->n_groups);
    if (!to->synapses)
        return TRN_NO_MEMORY;
    if (from->layer == TRN_NO_LAYER)
        return copy_synapses(ctx, from, to);
    if (from->layer >= mapping->n_layers)
        return trn_fail(ctx, TRNNSF_E_MISMATCH, "%s: the mapping has %zu layers, too few", function,
                        mapping->n_layers);
    TRN_TRY(check_layer(ctx, from, &mapping->layers[from->layer]));
    TRN_TRY(copy_window(ctx, from, to));
    return map_layer_link(ctx, layer, mapping, to);
}

trnnsf_status trn_spike_links_map(trnnsf_context *ctx, const struct trn_spiking_layer *from,
                                  const struct trnnsf_mapping *mapping,
                                  struct trn_spiking_layer *to)
{
    to->links = TRN_NEW_ARRAY(ctx, struct trn_spike_link, from->n_links);
    if (!to->links)
        return TRN_NO_MEMORY;
    for (size_t k = 0; k < from->n_links; k++) {
        to->n_links = k + 1;
        TRN_TRY(map_link(ctx, from, &from->links[k], mapping, &to->links[k]));
    }
    return TRNNSF_OK;
}
