/* A mapping held against its network: each kept synapse once at each place of the window. */
#include "base/context.h"
#include "map/mapping.h"

typedef unsigned long long number; /* for %llu */

/* A layer's synapses at all places of a window. */
struct census {
    trnnsf_context *ctx;
    const struct trnnsf_mapping *mapping;
    const struct trn_layer *layer;
    struct trn_map_lines lines;
    struct trn_mask *remaining; /* [mapped outputs x inputs of the layer's own matrix] */
    struct trn_map_line input[TRN_TECH_SIDE_MAX]; /* of the crossbar at hand */
    size_t *kernel[2]; /* [cells] of the output at hand: the kernel's row or column there */
};

static void free_census(struct census *census)
{
    trn_map_lines_free(&census->lines);
    trn_mask_free(census->ctx, census->remaining);
    trn_free(census->ctx, census->kernel[0]);
    trn_free(census->ctx, census->kernel[1]);
    trn_free(census->ctx, census);
}

/* Finds what reads the cells at an output's place. */
static void enter_output(struct census *census, const struct trn_map_line *output)
{
    for (int s = 0; s < 2; s++) {
        for (size_t cell = 0; cell < census->lines.cells[s].count; cell++)
            census->kernel[s][cell] = trn_map_kernel_at(&census->lines, s, output->at[s], cell);
    }
}

/* The column of the layer's own matrix that joins an input with the output at hand; TRN_NO_CELL. */
static size_t own_column(const struct census *census, const struct trn_map_line *output,
                         const struct trn_map_line *input)
{
    const struct trn_map_geometry *g = &census->lines.geometry;
    size_t n_in = (size_t)(g->inputs / g->groups), n_out = (size_t)(g->outputs / g->groups);
    size_t row = census->kernel[0][input->at[0]], column = census->kernel[1][input->at[1]];

    if (row == TRN_NO_CELL || column == TRN_NO_CELL ||
        input->channel / n_in != output->channel / n_out)
        return TRN_NO_CELL;
    return (size_t)((input->channel % n_in * g->side[0].kernel + row) * g->side[1].kernel + column);
}

/* All that the layer keeps, without what the window leaves out as padding. */
static void take_kept(struct census *census, size_t output)
{
    const struct trn_map_geometry *g = &census->lines.geometry;
    struct trn_map_line line = trn_map_output(&census->lines, output);
    const struct trn_mask *mask = census->layer->mask;
    size_t height = (size_t)g->side[0].kernel, width = (size_t)g->side[1].kernel;

    for (size_t k = 0; k < height * width; k++) {
        if (trn_map_cell_of(&census->lines, 0, line.at[0], k / width) == TRN_NO_CELL ||
            trn_map_cell_of(&census->lines, 1, line.at[1], k % width) == TRN_NO_CELL)
            continue;
        for (size_t i = k; i < census->layer->n_in; i += height * width) {
            if (!mask || trn_mask_get(mask, line.channel, i))
                trn_mask_set(census->remaining, output, i);
        }
    }
}

static trnnsf_status make_census(struct census *census, const struct trn_map_layer *mapped)
{
    trnnsf_context *ctx = census->ctx;

    TRN_TRY(trn_map_lines_create(ctx, &mapped->geometry, &census->lines));
    for (int s = 0; s < 2; s++) {
        census->kernel[s] = TRN_NEW_ARRAY(ctx, size_t, census->lines.cells[s].count);
        if (!census->kernel[s])
            return TRN_NO_MEMORY;
    }
    TRN_TRY(trn_mask_create(ctx, census->lines.n_out, census->layer->n_in, &census->remaining));
    for (size_t o = 0; o < census->lines.n_out; o++)
        take_kept(census, o);
    return TRNNSF_OK;
}

/* Takes the cells of one output of a crossbar from `remaining` and compares weights. */
static trnnsf_status check_row(struct census *census, size_t index, size_t o, uint64_t *synapses)
{
    const struct trnnsf_mapping *mapping = census->mapping;
    const struct trn_crossbar *crossbar = &mapping->crossbars[index];
    size_t output = mapping->index[crossbar->output_start + o];
    const float *weights = mapping->weights + crossbar->weight_start + o * crossbar->n_inputs;
    struct trn_map_line line = trn_map_output(&census->lines, output);
    const float *row = census->layer->weights + line.channel * census->layer->n_in;

    enter_output(census, &line);
    for (size_t i = 0; i < crossbar->n_inputs; i++) {
        size_t column = own_column(census, &line, &census->input[i]);
        bool here = column != TRN_NO_CELL && trn_mask_get(census->remaining, output, column);
        float expected = here ? row[column] : 0;

        if (!(weights[i] >= expected && weights[i] <= expected))
            return trn_fail(census->ctx, TRNNSF_E_CHECK,
                            "trnnsf_mapping_check: crossbar %zu (layer %llu): weight %g of output "
                            "%zu, input %u should be %g",
                            index, (number)crossbar->layer, (double)weights[i], output,
                            mapping->index[crossbar->input_start + i], (double)expected);
        if (here)
            trn_mask_clear(census->remaining, output, column);
        *synapses += here;
    }
    return TRNNSF_OK;
}

static trnnsf_status check_crossbar(struct census *census, size_t index)
{
    const struct trn_crossbar *crossbar = &census->mapping->crossbars[index];
    const uint32_t *inputs = census->mapping->index + crossbar->input_start;
    uint64_t synapses = 0;

    for (size_t i = 0; i < crossbar->n_inputs; i++)
        census->input[i] = trn_map_input(&census->lines, inputs[i]);
    for (size_t o = 0; o < crossbar->n_outputs; o++)
        TRN_TRY(check_row(census, index, o, &synapses));
    if (synapses != crossbar->synapses)
        return trn_fail(census->ctx, TRNNSF_E_CHECK,
                        "trnnsf_mapping_check: crossbar %zu (layer %llu, %llux%llu): its number of "
                        "synapses is not what the network keeps there",
                        index, (number)crossbar->layer, (number)crossbar->n_inputs,
                        (number)crossbar->n_outputs);
    return TRNNSF_OK;
}

static trnnsf_status check_layer(trnnsf_context *ctx, const struct trnnsf_mapping *mapping,
                                 size_t index, const struct trn_layer *layer)
{
    trnnsf_status status = TRNNSF_OK;
    const struct trn_map_layer *mapped = &mapping->layers[index];
    struct census *census = TRN_NEW(ctx, struct census);

    if (!census)
        return TRN_NO_MEMORY;
    census->ctx = ctx;
    census->mapping = mapping;
    census->layer = layer;
    TRN_TRY_OUT(make_census(census, mapped));
    for (size_t c = 0; c < mapped->n_crossbars; c++)
        TRN_TRY_OUT(check_crossbar(census, (size_t)mapped->first + c));
    size_t left = trn_mask_count(census->remaining);
    if (left > 0)
        status = trn_fail(ctx, TRNNSF_E_CHECK,
                          "trnnsf_mapping_check: %zu synapses of layer %zu are on no crossbar",
                          left, index);
out:
    free_census(census);
    return status;
}

trnnsf_status trn_mapping_check(trnnsf_context *ctx, const struct trnnsf_mapping *mapping,
                                const struct trnnsf_network *network)
{
    TRN_TRY(trn_mapping_fits(ctx, "trnnsf_mapping_check", mapping, network));
    TRN_TRY(trn_mapping_verify(ctx, "trnnsf_mapping_check", mapping));
    for (size_t l = 0; l < mapping->n_layers; l++)
        TRN_TRY(check_layer(ctx, mapping, l, &network->layers[l]));
    return TRNNSF_OK;
}
