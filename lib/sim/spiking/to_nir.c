/* Layers as nodes: Affine or Linear, and the neurons behind it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/context.h"
#include "sim/spiking/to_nir.h"

/* A time constant this many steps long loses nothing a step in floats. */
static const double steps_for_ever = 1099511627776.0; /* 2^40 */

trnnsf_status trn_nir_put_node(struct trn_nir_writer *writer, const char *name, uint32_t type,
                               struct trn_nir_node **out_node)
{
    size_t index = 0;

    TRN_TRY(trn_nir_add_node(writer->nir, name, type, TRN_NIR_NONE, &index));
    if (writer->last != TRN_NIR_NONE)
        TRN_TRY(trn_nir_add_edge(writer->nir, writer->last, index));
    writer->last = index;
    *out_node = &writer->nir->nodes[index];
    return TRNNSF_OK;
}

static uint32_t element_for(const struct trn_nir_writer *writer, const double *values, size_t count)
{
    if (writer->options->precision == TRNNSF_NIR_PRECISION_FLOAT32)
        return TRNNSF_NIR_FLOAT32;
    if (writer->options->precision == TRNNSF_NIR_PRECISION_FLOAT64)
        return TRNNSF_NIR_FLOAT64;
    for (size_t i = 0; i < count; i++) {
        if ((double)(float)values[i] != values[i])
            return TRNNSF_NIR_FLOAT64;
    }
    return TRNNSF_NIR_FLOAT32;
}

trnnsf_status trn_nir_put_values(struct trn_nir_writer *writer, struct trn_nir_node *node,
                                 const char *name, const struct trn_nir_shape *shape,
                                 double *values)
{
    size_t count = 0;

    trn_nir_shape_count(shape, &count);
    return trn_nir_take_values(writer->nir, node, name, element_for(writer, values, count), shape,
                               values);
}

static trnnsf_status set_number(struct trn_nir_writer *writer, struct trn_nir_node *node,
                                const char *name, uint32_t element, double value)
{
    const struct trn_nir_shape one = {.rank = 0};

    return trn_nir_set_values(writer->nir, node, name, element, &one, &value);
}

/* values[n] of a vector. */
static trnnsf_status set_vector(struct trn_nir_writer *writer, struct trn_nir_node *node,
                                const char *name, const double *values, size_t n)
{
    const struct trn_nir_shape shape = {.rank = 1, .length = {n}};

    return trn_nir_set_values(writer->nir, node, name, element_for(writer, values, n), &shape,
                              values);
}

static trnnsf_status put_port(struct trn_nir_writer *writer, const char *name, uint32_t type)
{
    const struct trn_nir_shape shape = {.rank = 1, .length = {writer->signals.rank}};
    struct trn_nir_node *node = NULL;
    double lengths[TRN_NIR_RANK_MAX];

    for (size_t k = 0; k < writer->signals.rank; k++)
        lengths[k] = (double)writer->signals.length[k];
    TRN_TRY(trn_nir_put_node(writer, name, type, &node));
    return trn_nir_set_values(writer->nir, node, "shape", TRNNSF_NIR_INT64, &shape, lengths);
}

static trnnsf_status put_delay(struct trn_nir_writer *writer, size_t l)
{
    const struct trn_dynamics *dynamics = writer->spiking->layers[l].dynamics;
    struct trn_nir_node *node = NULL;
    const struct trn_nir_shape shape = {.rank = 1, .length = {dynamics->n_in}};
    char name[32];

    snprintf(name, sizeof name, "delay%zu", l + 1);
    TRN_TRY(trn_nir_put_node(writer, name, TRN_NIR_DELAY, &node));
    double *delay = TRN_NEW_ARRAY(writer->ctx, double, dynamics->n_in);
    if (!delay)
        return TRN_NO_MEMORY;
    for (size_t i = 0; i < dynamics->n_in; i++)
        delay[i] = dynamics->delay[i] * writer->options->dt;
    return trn_nir_put_values(writer, node, "delay", &shape, delay);
}

static trnnsf_status put_matrix(struct trn_nir_writer *writer, size_t l)
{
    const struct trn_spiking_layer *layer = &writer->spiking->layers[l];
    struct trn_nir_shape shape = {.rank = 2, .length = {layer->n_out, layer->n_in}};
    struct trn_nir_node *node = NULL;
    size_t count;
    char name[32];

    if (!trn_nir_shape_count(&shape, &count))
        return trn_fail(writer->ctx, TRNNSF_E_LIMIT, "layer %zu has %zu x %zu weights", l,
                        layer->n_out, layer->n_in);
    snprintf(name, sizeof name, "fc%zu", l + 1);
    TRN_TRY(trn_nir_put_node(writer, name, layer->biases ? TRN_NIR_AFFINE : TRN_NIR_LINEAR, &node));
    double *weights = TRN_NEW_ARRAY(writer->ctx, double, count);
    if (!weights)
        return TRN_NO_MEMORY;
    trn_synapses_to_dense(layer, weights);
    TRN_TRY(trn_nir_put_values(writer, node, "weight", &shape, weights));
    shape = (struct trn_nir_shape){.rank = 1, .length = {layer->n_out}};
    writer->signals = shape;
    if (!layer->biases)
        return TRNNSF_OK;
    double *biases = TRN_NEW_ARRAY(writer->ctx, double, layer->n_out);
    if (!biases)
        return TRN_NO_MEMORY;
    for (size_t o = 0; o < layer->n_out; o++)
        biases[o] = (double)layer->biases[o];
    return trn_nir_put_values(writer, node, "bias", &shape, biases);
}

/* What a layer's neurons are, whether they have parameters of their own or the network's. */
struct neurons {
    const struct trnnsf_spiking *spiking;
    const struct trn_dynamics *dynamics; /* or NULL */
    size_t n;
    bool fires, leaks;
    double dt;
};

static double keep_of(const struct neurons *neurons, size_t o)
{
    return neurons->dynamics ? (double)neurons->dynamics->keep[o]
                             : (double)(float)(1 - neurons->spiking->options.leak);
}

static struct neurons neurons_of(const struct trn_nir_writer *writer, size_t l)
{
    const struct trn_spiking_layer *layer = &writer->spiking->layers[l];
    bool is_last = l + 1 == writer->spiking->n_layers;
    struct neurons neurons = {.spiking = writer->spiking,
                              .dynamics = layer->dynamics,
                              .n = layer->n_out,
                              .dt = writer->options->dt};

    neurons.fires = layer->dynamics ? !layer->dynamics->is_silent
                                    : !is_last || writer->options->readout == TRNNSF_READOUT_SPIKES;
    for (size_t o = 0; o < neurons.n; o++)
        neurons.leaks = neurons.leaks || keep_of(&neurons, o) < 1;
    return neurons;
}

static uint32_t type_of(const struct neurons *neurons)
{
    if (neurons->dynamics && neurons->dynamics->keep_current)
        return neurons->fires ? TRN_NIR_CUBA_LIF : TRN_NIR_CUBA_LI;
    if (neurons->leaks)
        return neurons->fires ? TRN_NIR_LIF : TRN_NIR_LI;
    return neurons->fires ? TRN_NIR_IF : TRN_NIR_I;
}

/* dt over what is lost a step. */
static double time_constant(const struct neurons *neurons, double keep)
{
    return keep < 1 ? neurons->dt / (1 - keep) : neurons->dt * steps_for_ever;
}

static double value_of(const struct neurons *neurons, const char *name, size_t o)
{
    const struct trn_dynamics *dynamics = neurons->dynamics;
    bool has_currents = dynamics && dynamics->keep_current;
    double tau = time_constant(neurons, keep_of(neurons, o));
    double tau_syn =
        has_currents ? time_constant(neurons, (double)dynamics->keep_current[o]) : 0;

    if (strcmp(name, "tau") == 0 || strcmp(name, "tau_mem") == 0)
        return tau;
    if (strcmp(name, "tau_syn") == 0)
        return tau_syn;
    if (strcmp(name, "r") == 0)
        return neurons->leaks || has_currents ? tau / neurons->dt : 1 / neurons->dt;
    if (strcmp(name, "w_in") == 0)
        return tau_syn / neurons->dt;
    if (strcmp(name, "v_leak") == 0)
        return has_currents ? (double)dynamics->rest[o] * (tau / neurons->dt) : 0;
    return strcmp(name, "v_threshold") == 0 ? 1 : 0;
}

static trnnsf_status put_parameters(struct trn_nir_writer *writer, struct trn_nir_node *node,
                                    const struct neurons *neurons)
{
    const struct trn_nir_parameter *parameters = trn_nir_kinds[node->type].parameters;

    for (size_t k = 0; k < TRN_NIR_PARAMETERS && parameters[k].name; k++) {
        double *values = TRN_NEW_ARRAY(writer->ctx, double, neurons->n);

        if (!values)
            return TRN_NO_MEMORY;
        for (size_t o = 0; o < neurons->n; o++)
            values[o] = value_of(neurons, parameters[k].name, o);
        TRN_TRY(trn_nir_put_values(writer, node, parameters[k].name, &writer->signals, values));
    }
    return TRNNSF_OK;
}

/* What NIR has no parameters for. */
static trnnsf_status put_metadata(struct trn_nir_writer *writer, struct trn_nir_node *node,
                                  const struct neurons *neurons, size_t l)
{
    const struct trn_dynamics *dynamics = neurons->dynamics;
    bool to_zero = dynamics ? dynamics->to_zero
                            : neurons->spiking->options.reset == TRNNSF_RESET_ZERO;
    double *initial = TRN_NEW_ARRAY(writer->ctx, double, neurons->n);

    if (!initial)
        return TRN_NO_MEMORY;
    for (size_t o = 0; o < neurons->n; o++)
        initial[o] = dynamics ? (double)dynamics->initial[o]
                              : (double)(float)neurons->spiking->options.initial;
    trnnsf_status status = set_vector(writer, node, TRN_NIR_INITIAL, initial, neurons->n);
    trn_free(writer->ctx, initial);
    TRN_TRY(status);
    if (neurons->fires) {
        bool at_threshold = !dynamics || !dynamics->is_strict;

        TRN_TRY(trn_nir_set_text(writer->nir, node, TRN_NIR_RESET, to_zero ? "zero" : "subtract"));
        TRN_TRY(set_number(writer, node, TRN_NIR_AT_THRESHOLD, TRNNSF_NIR_INT64, at_threshold));
    }
    return set_number(writer, node, TRN_NIR_SCALE_OF, TRNNSF_NIR_FLOAT64,
                      l + 1 < writer->spiking->n_layers ? writer->spiking->layers[l + 1].scale
                                                        : writer->spiking->output_scale);
}

static trnnsf_status put_neurons(struct trn_nir_writer *writer, size_t l)
{
    const struct neurons neurons = neurons_of(writer, l);
    struct trn_nir_node *node = NULL;
    uint32_t type = type_of(&neurons);
    char name[32], *letter = name;

    snprintf(name, sizeof name, "%s%zu", trn_nir_kinds[type].name, l + 1);
    for (; *letter; letter++)
        *letter = (char)(*letter >= 'A' && *letter <= 'Z' ? *letter + 'a' - 'A' : *letter);
    TRN_TRY(trn_nir_put_node(writer, name, type, &node));
    TRN_TRY(put_parameters(writer, node, &neurons));
    return put_metadata(writer, node, &neurons, l);
}

static struct trn_nir_shape input_shape(const struct trnnsf_spiking *spiking)
{
    if (!trn_spiking_is_graph(spiking))
        return (struct trn_nir_shape){.rank = 1, .length = {spiking->layers[0].n_in}};
    return trn_nir_shape_of(&spiking->graph.nodes[0].shape);
}

static trnnsf_status put_all(struct trn_nir_writer *writer)
{
    const struct trnnsf_spiking *spiking = writer->spiking;
    struct trnnsf_nir *nir = writer->nir;
    char library[64];

    snprintf(library, sizeof library, "libtrnnsf %s", trnnsf_version_text());
    TRN_TRY(trn_nir_set_text(nir, &nir->graph, "metadata/library", library));
    TRN_TRY(set_number(writer, &nir->graph, TRN_NIR_DT, TRNNSF_NIR_FLOAT64, writer->options->dt));
    writer->signals = input_shape(spiking);
    TRN_TRY(put_port(writer, "input", TRN_NIR_INPUT));
    TRN_TRY(set_number(writer, &nir->nodes[0], TRN_NIR_SCALE_OF, TRNNSF_NIR_FLOAT64,
                       spiking->layers[0].scale));
    for (size_t l = 0; l < spiking->n_layers; l++) {
        if (spiking->layers[l].dynamics && spiking->layers[l].dynamics->delay)
            TRN_TRY(put_delay(writer, l));
        if (trn_spiking_is_graph(spiking))
            TRN_TRY(trn_nir_put_links(writer, l));
        else
            TRN_TRY(put_matrix(writer, l));
        TRN_TRY(put_neurons(writer, l));
    }
    TRN_TRY(put_port(writer, "output", TRN_NIR_OUTPUT));
    return trn_nir_check(nir);
}

trnnsf_status trn_nir_of_spiking(trnnsf_context *ctx, const struct trnnsf_spiking *spiking,
                                 const struct trnnsf_nir_export_options *options,
                                 struct trnnsf_nir **out_nir)
{
    struct trn_nir_writer writer = {
        .ctx = ctx, .spiking = spiking, .options = options, .last = TRN_NIR_NONE};
    trnnsf_status status = trn_nir_new(ctx, &writer.nir);

    if (status == TRNNSF_OK)
        status = put_all(&writer);
    if (status == TRNNSF_OK)
        *out_nir = writer.nir;
    else
        trn_nir_free(writer.nir);
    return status;
}
