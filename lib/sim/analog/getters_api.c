/* What a chip can be asked. */
#include <math.h>

#include "base/context.h"
#include "network/loss.h"
#include "sim/analog/analog.h"
#include "sim/analog/api.h"

trnnsf_status trn_analog_check_part(trnnsf_context *ctx, const char *function,
                                    const struct trn_analog_plan *plan,
                                    const struct trnnsf_dataset *dataset, uint32_t part,
                                    uint32_t loss)
{
    if (part >= TRN_PARTS)
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: part %u is not in [0, %d]", function, part,
                        TRN_PARTS - 1);
    if (loss > TRNNSF_LOSS_CROSS_ENTROPY)
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: loss %u is not in [0, %d]", function, loss,
                        TRNNSF_LOSS_CROSS_ENTROPY);
    if (trn_dataset_features(dataset) != plan->n_features || dataset->n_classes != plan->n_classes)
        return trn_fail(ctx, TRNNSF_E_MISMATCH,
                        "%s: the dataset has %zu features and %zu classes, the chip %zu inputs "
                        "and %zu outputs",
                        function, trn_dataset_features(dataset), dataset->n_classes,
                        plan->n_features, plan->n_classes);
    if (dataset->part[part].n_samples == 0)
        return trn_fail(ctx, TRNNSF_E_STATE, "%s: part %u of the dataset has no samples", function,
                        part);
    if (!trn_loss_fits(loss, plan->activation))
        return trn_fail(ctx, TRNNSF_E_MISMATCH,
                        "%s: cross-entropy needs softmax or sigmoid outputs, not activation %u",
                        function, plan->activation);
    return TRNNSF_OK;
}

trnnsf_status trn_analog_check_network(trnnsf_context *ctx, const char *function,
                                       const struct trn_analog_plan *plan,
                                       const struct trnnsf_network *network)
{
    if (network->n_layers != plan->n_layers)
        return trn_fail(ctx, TRNNSF_E_MISMATCH, "%s: the chip has %zu layers, the network %zu",
                        function, plan->n_layers, network->n_layers);
    if (network->graph.n_nodes != (plan->graph ? plan->graph->graph.n_nodes : 0))
        return trn_fail(ctx, TRNNSF_E_MISMATCH, "%s: the chip has %zu nodes, the network %zu",
                        function, plan->graph ? plan->graph->graph.n_nodes : 0,
                        network->graph.n_nodes);
    for (size_t l = 0; l < plan->n_layers; l++) {
        const struct trn_analog_layer *own = &plan->layers[l];
        const struct trn_layer *other = &network->layers[l];
        size_t n_in = plan->graph ? plan->graph->layers[l].n_in : own->n_in;
        size_t n_out = plan->graph ? plan->graph->layers[l].n_out : own->n_out;

        if (n_in != other->n_in || n_out != other->n_out || own->activation != other->activation)
            return trn_fail(ctx, TRNNSF_E_MISMATCH,
                            "%s: layer %zu of the chip is %zux%zu, of the network %zux%zu, or "
                            "their activations differ",
                            function, l, n_out, n_in, other->n_out, other->n_in);
    }
    return TRNNSF_OK;
}

size_t trnnsf_analog_layers(const trnnsf_analog *analog)
{
    return analog ? analog->plan->n_layers : 0;
}

size_t trnnsf_analog_crossbars(const trnnsf_analog *analog)
{
    return analog ? analog->plan->n_crossbars : 0;
}

size_t trnnsf_analog_arrays(const trnnsf_analog *analog)
{
    return analog ? analog->plan->arrays : 0;
}

size_t trnnsf_analog_rows(const trnnsf_analog *analog, size_t crossbar)
{
    return analog && crossbar < analog->plan->n_crossbars ? analog->plan->crossbars[crossbar].n_in
                                                          : 0;
}

size_t trnnsf_analog_columns(const trnnsf_analog *analog, size_t crossbar)
{
    return analog && crossbar < analog->plan->n_crossbars
               ? trn_analog_array_columns(analog->plan, &analog->plan->crossbars[crossbar])
               : 0;
}

trnnsf_status trn_analog_check_array(trnnsf_context *ctx, const char *function,
                                     const struct trnnsf_analog *analog, size_t crossbar,
                                     size_t array)
{
    TRN_TRY(trn_analog_check_pointer(ctx, function, "analog", analog));
    if (crossbar >= analog->plan->n_crossbars)
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: crossbar %zu is not below %zu", function,
                        crossbar, analog->plan->n_crossbars);
    if (array >= analog->plan->arrays)
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: array %zu is not below %zu", function, array,
                        analog->plan->arrays);
    return TRNNSF_OK;
}

trnnsf_status trnnsf_analog_conductances(trnnsf_context *context, const trnnsf_analog *analog,
                                         size_t crossbar, size_t array, double *out_conductances)
{
    static const char function[] = "trnnsf_analog_conductances";

    if (!context)
        return TRNNSF_E_INVALID;
    TRN_TRY(trn_analog_check_array(context, function, analog, crossbar, array));
    TRN_TRY(trn_analog_check_pointer(context, function, "out_conductances", out_conductances));
    trn_analog_cells(analog, crossbar, array, false, out_conductances);
    return TRNNSF_OK;
}

trnnsf_status trnnsf_analog_wires(trnnsf_context *context, const trnnsf_analog *analog,
                                  size_t crossbar, size_t array, trnnsf_wires **out_wires)
{
    static const char function[] = "trnnsf_analog_wires";

    if (!context)
        return TRNNSF_E_INVALID;
    TRN_TRY(trn_analog_check_array(context, function, analog, crossbar, array));
    TRN_TRY(trn_analog_check_pointer(context, function, "out_wires", out_wires));
    return trn_analog_array_wires(context, function, analog, crossbar, array, out_wires);
}

double trnnsf_analog_weight_range(const trnnsf_analog *analog, size_t layer)
{
    return analog && layer < analog->plan->n_layers
               ? (double)analog->plan->layers[layer].weight_range
               : (double)NAN;
}

double trnnsf_analog_input_range(const trnnsf_analog *analog, size_t layer)
{
    return analog && layer < analog->plan->n_layers && analog->plan->scaled
               ? (double)analog->plan->layers[layer].input_range
               : (double)NAN;
}

double trnnsf_analog_sum_range(const trnnsf_analog *analog, size_t layer, size_t slice)
{
    if (!analog || layer >= analog->plan->n_layers || slice >= analog->plan->slices ||
        !trn_analog_has(analog->plan, TRNNSF_ANALOG_ADC))
        return (double)NAN;

    const struct trn_analog_plan *plan = analog->plan;
    return (double)plan->layers[layer].sum_range[slice] /
           trn_analog_coefficient(plan, layer, slice) * plan->value[TRN_TECH_READ_VOLTAGE] /
           plan->value[TRN_TECH_RESISTANCE_ON];
}
