#include "sim/analog/plan.h"

#include <math.h>
#include <string.h>

#include "base/context.h"

/* Of the law sinh's argument: single precision holds it. */
static const double BEND_MAX = 50;

static trnnsf_status check_technology(trnnsf_context *ctx, const char *function,
                                      const struct trn_analog_plan *plan)
{
    const double *value = plan->value;

    if (value[TRN_TECH_RESISTANCE_ON] >= value[TRN_TECH_RESISTANCE_OFF])
        return trn_fail(ctx, TRNNSF_E_MISMATCH,
                        "%s: resistance_on_ohm %g is not below resistance_off_ohm %g", function,
                        value[TRN_TECH_RESISTANCE_ON], value[TRN_TECH_RESISTANCE_OFF]);
    if (value[TRN_TECH_SINH_ALPHA] * value[TRN_TECH_READ_VOLTAGE] > BEND_MAX)
        return trn_fail(ctx, TRNNSF_E_LIMIT,
                        "%s: sinh_alpha_per_volt x read_voltage_volt %g is above %g", function,
                        value[TRN_TECH_SINH_ALPHA] * value[TRN_TECH_READ_VOLTAGE], BEND_MAX);
    if (trn_analog_has(plan, TRNNSF_ANALOG_DAC) && value[TRN_TECH_INPUT_CODING] > 0 &&
        value[TRN_TECH_TIME_STEPS] > 24)
        return trn_fail(ctx, TRNNSF_E_LIMIT,
                        "%s: time_steps %g bits of an input are not in [1, 24]", function,
                        value[TRN_TECH_TIME_STEPS]);
    return TRNNSF_OK;
}

/* How a weight is shared among its slices. Without LEVELS every slice has the same part of its
 * range: the digits' sum is then the weight itself. */
static void set_slices(struct trn_analog_plan *plan)
{
    double slices = (double)plan->slices, levels = plan->value[TRN_TECH_LEVELS];
    bool is_digital = trn_analog_has(plan, TRNNSF_ANALOG_LEVELS);

    plan->base = plan->slices > 1 ? pow(2, plan->value[TRN_TECH_SLICE_BITS]) : 2;
    for (size_t k = 0; k < plan->slices; k++)
        plan->place[k] = plan->slices > 1 ? pow(plan->base, (double)k) * (plan->base - 1) /
                                                (pow(plan->base, slices) - 1)
                                          : 1;
    plan->levels = is_digital ? (plan->slices > 1 ? plan->base : levels) : 0;
    plan->top =
        plan->levels > 0 ? (plan->slices > 1 ? pow(plan->base, slices) : plan->levels) - 1 : 1;
    plan->centre = plan->levels > 2 || plan->slices > 1 ? floor(plan->top / 2) : 0.5;
    if (plan->levels == 0 || plan->centre == 0)
        plan->centre = 0.5 * plan->top;
    plan->multiple = plan->scheme == TRN_ANALOG_REFERENCE ? plan->top / plan->centre : 1;
}

static void set_scheme(struct trn_analog_plan *plan)
{
    const double *value = plan->value;
    bool is_serial = trn_analog_has(plan, TRNNSF_ANALOG_DAC) && value[TRN_TECH_INPUT_CODING] > 0;
    bool is_curved = trn_analog_has(plan, TRNNSF_ANALOG_NONLINEAR);

    plan->signs = (size_t)value[TRN_TECH_DEVICES_PER_SIGN];
    plan->slices = (size_t)value[TRN_TECH_WEIGHT_SLICES];
    plan->devices = plan->signs * plan->slices;
    plan->per_array = (size_t)value[TRN_TECH_COLUMNS_PER_OUTPUT];
    plan->arrays = plan->devices / plan->per_array;
    plan->off = value[TRN_TECH_RESISTANCE_ON] / value[TRN_TECH_RESISTANCE_OFF];
    plan->scheme = plan->signs == 2               ? TRN_ANALOG_PAIR
                   : value[TRN_TECH_UNIPOLAR] > 0 ? TRN_ANALOG_UNIPOLAR
                                                  : TRN_ANALOG_REFERENCE;
    plan->by_vector =
        trn_analog_has(plan, TRNNSF_ANALOG_WIRES) && (is_curved || plan->options.wires_passes > 0);
    plan->bits = is_serial ? (size_t)value[TRN_TECH_TIME_STEPS] : 0;
    plan->scaled =
        plan->by_vector || is_curved || trn_analog_has(plan, TRNNSF_ANALOG_DAC | TRNNSF_ANALOG_ADC);
    plan->codes = trn_analog_has(plan, TRNNSF_ANALOG_ADC) && value[TRN_TECH_ANALOG_SUMS] == 0 &&
                  plan->options.subtraction == TRNNSF_ANALOG_CODES;
    plan->groups = trn_analog_has(plan, TRNNSF_ANALOG_ADC) ? plan->slices : 1;
    set_slices(plan);
}

/* The graph's weights are the crossbars', and its converters the DACs' where there are any. */
static trnnsf_status strip_layer(trnnsf_context *ctx, struct trn_analog_plan *plan, size_t l)
{
    struct trn_layer *layer = &plan->graph->layers[l];
    struct trn_mask *none;

    TRN_TRY(trn_mask_create(ctx, layer->n_out, layer->n_in, &none));
    trn_network_take_clusters(plan->graph, l, NULL);
    trn_network_take_mask(plan->graph, l, none);
    if (!trn_analog_digital(plan, l))
        layer->input = (struct trn_converter){0};
    if (!trn_analog_digital(plan, plan->n_layers))
        layer->output = (struct trn_converter){0};
    return TRNNSF_OK;
}

/* What runs between the crossbars. */
static trnnsf_status copy_graph(trnnsf_context *ctx, const struct trnnsf_network *network,
                                const struct trnnsf_mapping *mapping, struct trn_analog_plan *plan)
{
    if (trn_network_is_chain(network))
        return TRNNSF_OK;
    for (size_t l = 0; l < network->n_layers; l++) {
        struct trn_analog_layer *layer = &plan->layers[l];

        TRN_TRY(trn_map_lines_create(ctx, &mapping->layers[l].geometry, &layer->lines));
        layer->n_in = layer->lines.n_in;
        layer->n_out = layer->lines.n_out;
    }
    TRN_TRY(trn_network_copy(ctx, network, &plan->graph));
    for (size_t l = 0; l < network->n_layers; l++)
        TRN_TRY(strip_layer(ctx, plan, l));
    return TRNNSF_OK;
}

static trnnsf_status copy_layers(trnnsf_context *ctx, const struct trnnsf_network *network,
                                 const struct trnnsf_mapping *mapping, struct trn_analog_plan *plan)
{
    plan->n_layers = network->n_layers;
    plan->n_features = trn_network_inputs(network);
    plan->n_classes = trn_network_outputs(network);
    plan->activation = trn_network_output_activation(network);
    plan->layers = TRN_NEW_ARRAY(ctx, struct trn_analog_layer, plan->n_layers);
    if (!plan->layers)
        return TRN_NO_MEMORY;
    for (size_t l = 0; l < plan->n_layers; l++) {
        const struct trn_layer *from = &network->layers[l];
        struct trn_analog_layer *layer = &plan->layers[l];

        layer->n_in = from->n_in;
        layer->n_out = from->n_out;
        layer->activation = from->activation;
        layer->first = (size_t)mapping->layers[l].first;
        layer->n_crossbars = (size_t)mapping->layers[l].n_crossbars;
        layer->input_range = 1;
        layer->signed_sums = true;
        if (plan->options.network_ranges) {
            layer->input = from->input;
            layer->weight_range = from->grid.range;
            plan->output = from->output; /* the last layer's stays */
        }
        if (!from->biases)
            continue;
        layer->biases = trn_copy(ctx, from->biases, from->n_out, sizeof *from->biases);
        if (!layer->biases)
            return TRN_NO_MEMORY;
    }
    return copy_graph(ctx, network, mapping, plan);
}

/* The one sign of a crossbar's weights; 0 where it has both. */
static float sign_of(const struct trn_crossbar *crossbar, const float *weights)
{
    bool has_positive = false, has_negative = false;

    for (size_t k = 0; k < crossbar->n_inputs * crossbar->n_outputs; k++) {
        has_positive = has_positive || weights[k] > 0;
        has_negative = has_negative || weights[k] < 0;
    }
    if (has_positive && has_negative)
        return 0;
    return has_negative ? -1.0f : 1.0f;
}

static trnnsf_status copy_crossbar(trnnsf_context *ctx, const char *function,
                                   const struct trnnsf_mapping *mapping, size_t c,
                                   struct trn_analog_plan *plan)
{
    const struct trn_crossbar *from = &mapping->crossbars[c];
    struct trn_analog_crossbar *crossbar = &plan->crossbars[c];

    if (from->n_inputs > TRN_ANALOG_SIDE_MAX || from->n_outputs > TRN_ANALOG_SIDE_MAX)
        return trn_fail(ctx, TRNNSF_E_LIMIT, "%s: crossbar %zu has a side above %d", function, c,
                        TRN_ANALOG_SIDE_MAX);
    crossbar->layer = (size_t)from->layer;
    crossbar->n_in = (size_t)from->n_inputs;
    crossbar->n_out = (size_t)from->n_outputs;
    crossbar->rows = (size_t)from->shape_inputs;
    crossbar->places = (size_t)from->shape_outputs / plan->per_array;
    crossbar->inputs = plan->index + from->input_start;
    crossbar->outputs = plan->index + from->output_start;
    crossbar->weights = plan->weights + from->weight_start;
    crossbar->adjoining =
        crossbar->n_in > 0 &&
        crossbar->inputs[crossbar->n_in - 1] - crossbar->inputs[0] + 1 == crossbar->n_in;
    crossbar->sign = 1;
    if (plan->scheme != TRN_ANALOG_UNIPOLAR)
        return TRNNSF_OK;
    crossbar->sign = sign_of(from, crossbar->weights);
    if (crossbar->sign == 0)
        return trn_fail(ctx, TRNNSF_E_MISMATCH,
                        "%s: crossbar %zu has weights of both signs: unipolar_weights is 1",
                        function, c);
    return TRNNSF_OK;
}

static trnnsf_status copy_crossbars(trnnsf_context *ctx, const char *function,
                                    const struct trnnsf_mapping *mapping,
                                    struct trn_analog_plan *plan)
{
    plan->n_crossbars = mapping->n_crossbars;
    plan->crossbars = TRN_NEW_ARRAY(ctx, struct trn_analog_crossbar, plan->n_crossbars);
    plan->index = trn_copy(ctx, mapping->index, mapping->n_index, sizeof *plan->index);
    plan->weights = trn_copy(ctx, mapping->weights, mapping->n_weights, sizeof *plan->weights);
    if (!plan->crossbars || !plan->index || !plan->weights)
        return TRN_NO_MEMORY;
    for (size_t c = 0; c < plan->n_crossbars; c++)
        TRN_TRY(copy_crossbar(ctx, function, mapping, c, plan));
    return TRNNSF_OK;
}

/* Where all inputs have ranges of the network's own nothing need be found. */
static void set_input_ranges(struct trn_analog_plan *plan)
{
    float most = 0;

    for (size_t l = 0; plan->scaled && l < plan->n_layers; l++) {
        struct trn_analog_layer *layer = &plan->layers[l];

        layer->input_range = layer->input.range > 0 ? layer->input.range : 1;
        most = fmaxf(most, layer->input_range);
    }
    for (size_t l = 0; plan->scaled && plan->options.uniform && l < plan->n_layers; l++)
        plan->layers[l].input_range = most;
}

/* The network's own, or the largest weight's, which is never outside of it as it was trained. */
static void set_weight_ranges(struct trn_analog_plan *plan)
{
    float most = 0;

    for (size_t c = 0; c < plan->n_crossbars; c++) {
        const struct trn_analog_crossbar *crossbar = &plan->crossbars[c];
        float *range = &plan->layers[crossbar->layer].weight_range;

        for (size_t k = 0; k < crossbar->n_in * crossbar->n_out; k++) {
            float size = fabsf(crossbar->weights[k]);

            *range = size > *range ? size : *range;
        }
    }
    for (size_t l = 0; l < plan->n_layers; l++)
        most = fmaxf(most, plan->layers[l].weight_range);
    for (size_t l = 0; l < plan->n_layers; l++) {
        float *range = &plan->layers[l].weight_range;

        if (plan->options.uniform)
            *range = most;
        if (!(*range > 0)) /* a layer without weights */
            *range = 1;
    }
}

trnnsf_status trn_analog_plan_devices(trnnsf_context *ctx, const char *function,
                                      const struct trnnsf_mapping *mapping,
                                      const struct trnnsf_tech *tech,
                                      const struct trnnsf_analog_options *options,
                                      struct trn_analog_plan *plan)
{
    double columns = tech->value[TRN_TECH_COLUMNS_PER_OUTPUT];

    memset(plan, 0, sizeof *plan);
    plan->ctx = ctx;
    plan->options = *options;
    if (mapping->columns_per_output != (uint32_t)columns)
        return trn_fail(ctx, TRNNSF_E_MISMATCH,
                        "%s: the mapping has %u columns an output, the technology %g", function,
                        mapping->columns_per_output, columns);
    plan->effects = trn_analog_effects(tech, options, plan->value);
    TRN_TRY(check_technology(ctx, function, plan));
    set_scheme(plan);
    return copy_crossbars(ctx, function, mapping, plan);
}

trnnsf_status trn_analog_plan_init(trnnsf_context *ctx, const char *function,
                                   const struct trnnsf_network *network,
                                   const struct trnnsf_mapping *mapping,
                                   const struct trnnsf_tech *tech,
                                   const struct trnnsf_analog_options *options,
                                   struct trn_analog_plan *plan)
{
    memset(plan, 0, sizeof *plan);
    plan->ctx = ctx;
    TRN_TRY(trn_mapping_fits(ctx, function, mapping, network));
    TRN_TRY(trn_analog_plan_devices(ctx, function, mapping, tech, options, plan));
    TRN_TRY(copy_layers(ctx, network, mapping, plan));
    set_weight_ranges(plan);
    set_input_ranges(plan);
    return TRNNSF_OK;
}

void trn_analog_plan_clear(struct trn_analog_plan *plan)
{
    for (size_t l = 0; plan->layers && l < plan->n_layers; l++) {
        trn_free(plan->ctx, plan->layers[l].biases);
        trn_free(plan->ctx, plan->layers[l].moments);
        trn_map_lines_free(&plan->layers[l].lines);
    }
    trn_network_free(plan->graph);
    trn_free(plan->ctx, plan->layers);
    trn_free(plan->ctx, plan->crossbars);
    trn_free(plan->ctx, plan->index);
    trn_free(plan->ctx, plan->weights);
}

bool trn_analog_needs_ranges(const struct trn_analog_plan *plan)
{
    bool needs = trn_analog_has(plan, TRNNSF_ANALOG_ADC);

    for (size_t l = 0; l < plan->n_layers; l++)
        needs = needs || !trn_analog_converter(plan, l);
    return plan->scaled && needs;
}
