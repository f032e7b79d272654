/* Values of the file by name: who gives them, who reads them, what they are. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/context.h"
#include "io/onnx_read.h"

/* ---- names ---- */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct trn_onnx_value *)a)->name,
                  ((const struct trn_onnx_value *)b)->name);
}

/* Of one name, what is more than an input comes first. */
static int by_name_and_giver(const void *a, const void *b)
{
    const struct trn_onnx_value *x = a, *y = b;
    int order = by_name(a, b);

    return order != 0 ? order : (int)x->is_input - (int)y->is_input;
}

static void add_value(struct trn_onnx_reader *r, const char *name,
                      const Onnx__TensorProto *initialiser, bool is_input)
{
    if (name && name[0] != '\0')
        r->values[r->n_values++] =
            (struct trn_onnx_value){.name = name,
                                    .state = initialiser ? TRN_ONNX_CONSTANT : TRN_ONNX_LATER,
                                    .proto = initialiser,
                                    .is_input = is_input};
}

/* Sorts. Before IR version 4, initialisers are inputs, too: these are dropped. */
static trnnsf_status order_values(struct trn_onnx_reader *r)
{
    struct trn_onnx_value *values = r->values;
    size_t n = 0;

    qsort(values, r->n_values, sizeof *values, by_name_and_giver);
    for (size_t i = 0; i < r->n_values; i++) {
        if (n == 0 || by_name(&values[n - 1], &values[i]) != 0)
            values[n++] = values[i];
        else if (!values[i].is_input || values[n - 1].state != TRN_ONNX_CONSTANT)
            return trn_fail(r->ctx, TRNNSF_E_FORMAT, "value '%.200s' is given twice",
                            values[i].name);
    }
    r->n_values = n;
    return TRNNSF_OK;
}

trnnsf_status trn_onnx_values_create(struct trn_onnx_reader *r)
{
    const Onnx__GraphProto *file = r->file;
    size_t room = file->n_input + file->n_initializer;

    for (size_t i = 0; i < file->n_node; i++)
        room += file->node[i]->n_output;
    r->values = TRN_NEW_ARRAY(r->ctx, struct trn_onnx_value, room);
    if (!r->values)
        return TRN_NO_MEMORY;
    for (size_t i = 0; i < file->n_initializer; i++)
        add_value(r, file->initializer[i]->name, file->initializer[i], false);
    for (size_t i = 0; i < file->n_node; i++) {
        for (size_t k = 0; k < file->node[i]->n_output; k++)
            add_value(r, file->node[i]->output[k], NULL, false);
    }
    for (size_t i = 0; i < file->n_input; i++)
        add_value(r, file->input[i]->name, NULL, true);
    return order_values(r);
}

void trn_onnx_values_clear(struct trn_onnx_reader *r)
{
    for (size_t i = 0; i < r->n_tensors; i++) {
        trn_onnx_tensor_clear(r->ctx, r->tensors[i]);
        trn_free(r->ctx, r->tensors[i]);
    }
    trn_free(r->ctx, r->tensors);
    trn_free(r->ctx, r->values);
}

struct trn_onnx_value *trn_onnx_find(const struct trn_onnx_reader *r, const char *name)
{
    struct trn_onnx_value key = {.name = name};

    if (r->n_values == 0)
        return NULL;
    return bsearch(&key, r->values, r->n_values, sizeof *r->values, by_name);
}

static bool is_needed(const struct trn_onnx_reader *r, const Onnx__NodeProto *node)
{
    for (size_t k = 0; k < node->n_output; k++) {
        const struct trn_onnx_value *value = trn_onnx_find(r, node->output[k]);

        if (value && value->readers > 0)
            return true;
    }
    return false;
}

trnnsf_status trn_onnx_count_readers(struct trn_onnx_reader *r, uint8_t *needed)
{
    const char *name = r->file->output[0]->name;
    struct trn_onnx_value *output = name ? trn_onnx_find(r, name) : NULL;

    if (!output)
        return trn_fail(r->ctx, TRNNSF_E_FORMAT, "no node gives the output '%.200s'",
                        name ? name : "");
    output->readers = 1;
    for (size_t i = r->file->n_node; i-- > 0;) {
        const Onnx__NodeProto *node = r->file->node[i];

        needed[i] = is_needed(r, node);
        for (size_t k = 0; needed[i] && k < node->n_input; k++) {
            struct trn_onnx_value *value = trn_onnx_find(r, node->input[k]);

            if (value)
                value->readers++;
        }
    }
    return TRNNSF_OK;
}

/* ---- tensors ---- */

trnnsf_status trn_onnx_spend(struct trn_onnx_reader *r, uint64_t count)
{
    if (count > r->budget)
        return trn_fail(r->ctx, TRNNSF_E_LIMIT,
                        "%zu values more than a file of this size may lead to", (size_t)count);
    r->budget -= count;
    return TRNNSF_OK;
}

static trnnsf_status keep(struct trn_onnx_reader *r, struct trn_onnx_tensor *tensor,
                          const struct trn_onnx_tensor **out)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_onnx_tensor *kept = NULL;

    if (r->n_tensors == r->tensors_room) {
        size_t room = r->tensors_room ? 2 * r->tensors_room : 32;
        struct trn_onnx_tensor **more = trn_realloc(r->ctx, r->tensors, room, sizeof *more);

        TRN_NEED_OUT(more);
        r->tensors = more;
        r->tensors_room = room;
    }
    kept = TRN_NEW(r->ctx, struct trn_onnx_tensor);
    TRN_NEED_OUT(kept);
    *kept = *tensor;
    r->tensors[r->n_tensors++] = kept;
    *out = kept;
    return TRNNSF_OK;
out:
    trn_onnx_tensor_clear(r->ctx, tensor);
    return status;
}

static trnnsf_status decode(struct trn_onnx_reader *r, struct trn_onnx_value *value)
{
    struct trn_onnx_tensor tensor;
    trnnsf_status status = trn_onnx_tensor_decode(&r->folder, value->proto, &tensor);

    if (status != TRNNSF_OK)
        return trn_fail_in(r->ctx, status, "tensor '%.100s'", value->name);
    r->budget += tensor.count; /* what the file, or one beside it, does hold */
    return keep(r, &tensor, &value->tensor);
}

/* ---- inputs of the node ---- */

bool trn_onnx_has(const struct trn_onnx_reader *r, size_t input)
{
    return input < r->node->n_input && r->node->input[input][0] != '\0';
}

trnnsf_status trn_onnx_input(const struct trn_onnx_reader *r, size_t input,
                             struct trn_onnx_value **out)
{
    struct trn_onnx_value *value;

    if (!trn_onnx_has(r, input))
        return trn_fail(r->ctx, TRNNSF_E_FORMAT, "input %zu is missing", input);
    value = trn_onnx_find(r, r->node->input[input]);
    if (!value)
        return trn_fail(r->ctx, TRNNSF_E_FORMAT, "reads '%.100s', which nothing gives",
                        r->node->input[input]);
    if (value->state == TRN_ONNX_LATER)
        return trn_fail(r->ctx, TRNNSF_E_FORMAT,
                        "reads '%.100s', which comes later: out of order, or a cycle", value->name);
    *out = value;
    return TRNNSF_OK;
}

trnnsf_status trn_onnx_constant(struct trn_onnx_reader *r, size_t input,
                                const struct trn_onnx_tensor **out)
{
    struct trn_onnx_value *value = NULL;

    TRN_TRY(trn_onnx_input(r, input, &value));
    if (value->state != TRN_ONNX_CONSTANT)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED,
                        "input %zu, '%.100s', is no constant, but depends on the sample", input,
                        value->name);
    if (!value->tensor)
        TRN_TRY(decode(r, value));
    *out = value->tensor;
    return TRNNSF_OK;
}

trnnsf_status trn_onnx_reals(struct trn_onnx_reader *r, size_t input,
                             const struct trn_onnx_tensor **out)
{
    const struct trn_onnx_tensor *tensor = NULL;

    TRN_TRY(trn_onnx_constant(r, input, &tensor));
    if (!tensor->reals)
        return trn_fail(r->ctx, TRNNSF_E_FORMAT, "input %zu, '%.100s', is of whole numbers", input,
                        r->node->input[input]);
    for (size_t i = 0; i < tensor->count; i++) {
        if (!isfinite(tensor->reals[i]))
            return trn_fail(r->ctx, TRNNSF_E_NUMERIC, "value %zu of '%.100s' is not finite", i,
                            r->node->input[input]);
    }
    *out = tensor;
    return TRNNSF_OK;
}

trnnsf_status trn_onnx_scalar(struct trn_onnx_reader *r, size_t input, double *out)
{
    const struct trn_onnx_tensor *tensor = NULL;

    TRN_TRY(trn_onnx_constant(r, input, &tensor));
    if (tensor->count != 1 || (tensor->wholes && tensor->wholes[0] == TRN_ONNX_BATCH))
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "input %zu, '%.100s', is not one number",
                        input, r->node->input[input]);
    *out = tensor->reals ? (double)tensor->reals[0] : (double)tensor->wholes[0];
    return TRNNSF_OK;
}

trnnsf_status trn_onnx_padded(const struct trn_onnx_reader *r, size_t input,
                              struct trn_onnx_value **out)
{
    TRN_TRY(trn_onnx_input(r, input, out));
    if ((*out)->state == TRN_ONNX_CONSTANT)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "input %zu, '%.100s', is a constant", input,
                        (*out)->name);
    if ((*out)->stage != TRN_ONNX_WHOLE)
        return trn_fail(
            r->ctx, TRNNSF_E_UNSUPPORTED,
            "input %zu, '%.100s', is a sum, a hard sigmoid or a product that makes up no "
            "hard swish",
            input, (*out)->name);
    return TRNNSF_OK;
}

trnnsf_status trn_onnx_signal(const struct trn_onnx_reader *r, size_t input,
                              struct trn_onnx_value **out)
{
    TRN_TRY(trn_onnx_padded(r, input, out));
    for (size_t k = 0; k < TRN_ONNX_SIDES; k++) {
        if ((*out)->pads[k] > 0)
            return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED,
                            "input %zu, '%.100s', is padded and not for a window to take up", input,
                            (*out)->name);
    }
    return TRNNSF_OK;
}

size_t trn_onnx_sample_size(const struct trn_onnx_value *value)
{
    size_t size = 1;

    for (size_t k = 1; k < value->rank; k++)
        size *= value->dims[k];
    return size;
}

bool trn_onnx_is_sole(const struct trn_onnx_value *value)
{
    return value->sole && value->readers == 1;
}

/* ---- outputs of the node ---- */

/* NULL where nothing reads it. */
static struct trn_onnx_value *output_of(const struct trn_onnx_reader *r)
{
    const char *name = r->node->n_output > 0 ? r->node->output[0] : "";

    return name[0] != '\0' ? trn_onnx_find(r, name) : NULL;
}

trnnsf_status trn_onnx_give_tensor(struct trn_onnx_reader *r, struct trn_onnx_tensor *tensor)
{
    struct trn_onnx_value *output = output_of(r);
    const struct trn_onnx_tensor *kept = NULL;

    TRN_TRY(keep(r, tensor, &kept));
    if (output) {
        output->state = TRN_ONNX_CONSTANT;
        output->tensor = kept;
    }
    return TRNNSF_OK;
}

void trn_onnx_give_same(struct trn_onnx_reader *r, const struct trn_onnx_value *from)
{
    struct trn_onnx_value *output = output_of(r), copy = *from;

    if (!output)
        return;
    copy.name = output->name;
    copy.readers = output->readers;
    copy.sole = trn_onnx_is_sole(from);
    *output = copy;
}

trnnsf_status trn_onnx_give_shaped(struct trn_onnx_reader *r, const struct trn_onnx_value *from,
                                   size_t rank, const size_t *dims)
{
    struct trn_onnx_value copy = *from;

    if (rank < 2 || rank > TRN_ONNX_RANK_MAX)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED,
                        "a signal of %zu dimensions, not of a batch and 1 to %d more", rank,
                        TRN_ONNX_RANK_MAX - 1);
    copy.rank = rank;
    memcpy(copy.dims, dims, rank * sizeof *dims);
    trn_onnx_give_same(r, &copy);
    return TRNNSF_OK;
}

static struct trn_shape image_of(const struct trn_onnx_value *value)
{
    const size_t *d = value->dims;

    switch (value->rank) {
    case 2:
        return (struct trn_shape){d[1], 1, 1};
    case 3:
        return (struct trn_shape){d[1], 1, d[2]};
    default:
        return (struct trn_shape){d[1], d[2], d[3]};
    }
}

void trn_onnx_give_node(struct trn_onnx_reader *r, size_t rank)
{
    struct trn_onnx_value *output = output_of(r);
    uint32_t node = (uint32_t)(r->graph.n_nodes - 1);
    const struct trn_shape *shape = &r->graph.nodes[node].shape;

    if (!output)
        return;
    output->state = TRN_ONNX_SIGNAL;
    output->sole = true;
    output->node = node;
    output->rank = rank;
    output->dims[0] = 1;
    output->dims[1] = shape->channels;
    output->dims[2] = rank == 3 ? shape->width : shape->height;
    output->dims[3] = shape->width;
}

trnnsf_status trn_onnx_image(struct trn_onnx_reader *r, const struct trn_onnx_value *value,
                             uint32_t *out_node)
{
    struct trnnsf_node_options options = TRNNSF_NODE_OPTIONS_INIT;
    const struct trn_shape *found = &r->graph.nodes[value->node].shape;
    struct trn_shape wanted = image_of(value);

    *out_node = value->node;
    if (value->rank > 4)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "'%.100s' has %zu dimensions, more than 4",
                        value->name, value->rank);
    if (found->channels == wanted.channels && found->height == wanted.height &&
        found->width == wanted.width)
        return TRNNSF_OK;
    options.kind = TRNNSF_NODE_RESHAPE;
    options.outputs = (uint32_t)wanted.channels;
    options.height = (uint32_t)wanted.height;
    options.width = (uint32_t)wanted.width;
    TRN_TRY(trn_onnx_add(r, &value->node, 1, &options));
    *out_node = (uint32_t)(r->graph.n_nodes - 1);
    return TRNNSF_OK;
}

/* ---- the graph ---- */

trnnsf_status trn_onnx_add(struct trn_onnx_reader *r, const uint32_t *inputs, size_t n_inputs,
                           const struct trnnsf_node_options *options)
{
    for (size_t i = 0; i < n_inputs; i++) {
        if (r->graph.nodes[inputs[i]].options.activation == TRNNSF_ACTIVATION_SOFTMAX)
            return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "reads a softmax, which is not the last");
    }

    trnnsf_status status = trn_graph_add(r->ctx, &r->graph, inputs, n_inputs, options);

    return status == TRNNSF_E_INVALID || status == TRNNSF_E_MISMATCH ? TRNNSF_E_FORMAT : status;
}

trnnsf_status trn_onnx_add_layer(struct trn_onnx_reader *r, size_t n_in, size_t n_out,
                                 struct trn_onnx_layer **out)
{
    if (r->n_layers == r->layers_room) {
        size_t room = r->layers_room ? 2 * r->layers_room : 16;
        struct trn_onnx_layer *more = trn_realloc(r->ctx, r->layers, room, sizeof *more);

        if (!more)
            return TRN_NO_MEMORY;
        r->layers = more;
        r->layers_room = room;
    }
    TRN_TRY(trn_onnx_spend(r, (uint64_t)n_in * n_out));

    float *weights = TRN_NEW_ARRAY(r->ctx, float, n_in *n_out);

    if (!weights)
        return TRN_NO_MEMORY;
    *out = &r->layers[r->n_layers++];
    **out = (struct trn_onnx_layer){(uint32_t)(r->graph.n_nodes - 1), n_in, n_out, weights, NULL};
    return TRNNSF_OK;
}

trnnsf_status trn_onnx_need_biases(struct trn_onnx_reader *r, struct trn_onnx_layer *layer)
{
    if (!layer->biases)
        layer->biases = TRN_NEW_ARRAY(r->ctx, float, layer->n_out);
    if (!layer->biases)
        return TRN_NO_MEMORY;
    r->graph.nodes[layer->node].options.bias = 1;
    return TRNNSF_OK;
}
