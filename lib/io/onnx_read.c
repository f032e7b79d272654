#include "io/onnx_read.h"

#include <inttypes.h>
#include <string.h>

#include "base/context.h"
#include "io/onnx_file.h"
#include "network/build.h"

enum { OPSET_LEAST = 9, OPSET_MOST = 21, NODES_MAX = 1 << 16 };

static const uint64_t budget_least = UINT64_C(1) << 22; /* values: chosen here */

/* ---- the model ---- */

static bool is_onnx_domain(const char *domain)
{
    return !domain || domain[0] == '\0' || strcmp(domain, "ai.onnx") == 0;
}

static trnnsf_status find_opset(struct trn_onnx_reader *r, const Onnx__ModelProto *model)
{
    for (size_t i = 0; i < model->n_opset_import; i++) {
        const Onnx__OperatorSetIdProto *set = model->opset_import[i];

        if (is_onnx_domain(set->domain) && set->has_version)
            r->opset = set->version;
    }
    if (r->opset < OPSET_LEAST || r->opset > OPSET_MOST)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "opset %" PRId64 " is not in [%d, %d]",
                        r->opset, OPSET_LEAST, OPSET_MOST);
    return TRNNSF_OK;
}

static trnnsf_status check_graph(const struct trn_onnx_reader *r)
{
    const Onnx__GraphProto *file = r->file;

    if (file->n_output != 1)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "%zu outputs, not 1", file->n_output);
    if (file->n_sparse_initializer > 0)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "sparse initialisers");
    if (file->n_node > NODES_MAX)
        return trn_fail(r->ctx, TRNNSF_E_LIMIT, "%zu nodes are more than %d", file->n_node,
                        NODES_MAX);
    return TRNNSF_OK;
}

/* ---- the input ---- */

static trnnsf_status find_input(struct trn_onnx_reader *r, const Onnx__ValueInfoProto **out_info,
                                struct trn_onnx_value **out_value)
{
    size_t found = 0;

    for (size_t i = 0; i < r->file->n_input; i++) {
        const Onnx__ValueInfoProto *info = r->file->input[i];
        struct trn_onnx_value *value = info->name ? trn_onnx_find(r, info->name) : NULL;

        if (!value || value->state == TRN_ONNX_CONSTANT)
            continue;
        *out_info = info;
        *out_value = value;
        found++;
    }
    if (found != 1)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "%zu inputs, not 1", found);
    return TRNNSF_OK;
}

static trnnsf_status input_side(const struct trn_onnx_reader *r,
                                const Onnx__TensorShapeProto__Dimension *side, size_t k,
                                size_t *out)
{
    bool known = side->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;

    if (!known && k == 0) {
        *out = 0;
        return TRNNSF_OK;
    }
    if (!known)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "dimension %zu is symbolic", k);
    if (side->dim_value < 1 || side->dim_value > 1 << 24)
        return trn_fail(r->ctx, TRNNSF_E_FORMAT, "dimension %zu is %" PRId64 ", not in [1, %d]", k,
                        side->dim_value, 1 << 24);
    if (k == 0 && side->dim_value != 1)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED,
                        "the batch is %" PRId64 " samples, neither symbolic nor 1",
                        side->dim_value);
    *out = (size_t)side->dim_value;
    return TRNNSF_OK;
}

static trnnsf_status input_shape(struct trn_onnx_reader *r, const Onnx__TypeProto *type,
                                 size_t *out_rank, size_t dims[4])
{
    bool tensor = type && type->value_case == ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    int32_t element = tensor ? type->tensor_type->elem_type : 0;
    const Onnx__TensorShapeProto *shape = tensor ? type->tensor_type->shape : NULL;

    if (element != ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT &&
        element != ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED,
                        "its type %d is neither float (1) nor float16 (10)", element);
    if (!shape || shape->n_dim < 2 || shape->n_dim > 4)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "%zu dimensions, not a batch and 1 to 3 more",
                        shape ? shape->n_dim : 0);
    for (size_t k = 0; k < shape->n_dim; k++)
        TRN_TRY(input_side(r, shape->dim[k], k, &dims[k]));
    *out_rank = shape->n_dim;
    return TRNNSF_OK;
}

static trnnsf_status begin_graph(struct trn_onnx_reader *r, struct trn_onnx_value *value,
                                 size_t rank, const size_t dims[4])
{
    size_t height = rank == 4 ? dims[2] : 1, width = rank > 2 ? dims[rank - 1] : 1;
    trnnsf_status status = trn_graph_begin(r->ctx, &r->graph, dims[1], height, width);

    if (status != TRNNSF_OK)
        return status == TRNNSF_E_INVALID ? TRNNSF_E_LIMIT : status;
    r->batch_is_1 = dims[0] == 1;
    value->state = TRN_ONNX_SIGNAL;
    value->sole = true;
    value->rank = rank;
    memcpy(value->dims, dims, rank * sizeof *dims);
    value->dims[0] = 1;
    return TRNNSF_OK;
}

static trnnsf_status read_input(struct trn_onnx_reader *r)
{
    const Onnx__ValueInfoProto *info = NULL;
    struct trn_onnx_value *value = NULL;
    size_t rank = 0, dims[4] = {0};

    TRN_TRY(find_input(r, &info, &value));

    trnnsf_status status = input_shape(r, info->type, &rank, dims);

    if (status == TRNNSF_OK)
        status = begin_graph(r, value, rank, dims);
    return status ? trn_fail_in(r->ctx, status, "input '%.100s'", info->name) : TRNNSF_OK;
}

/* ---- the nodes ---- */

static trnnsf_status read_node(struct trn_onnx_reader *r)
{
    bool done = false;

    if (!is_onnx_domain(r->node->domain))
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "operators of '%.64s' are not read",
                        r->node->domain);
    TRN_TRY(trn_onnx_fold(r, &done));
    return done ? TRNNSF_OK : trn_onnx_operate(r);
}

static trnnsf_status name_node(struct trn_onnx_reader *r, size_t at, trnnsf_status status)
{
    const Onnx__NodeProto *node = r->node;
    const char *name = node->name ? node->name : "", *type = node->op_type ? node->op_type : "";

    if (name[0] == '\0' && node->n_output > 0)
        name = node->output[0];
    return trn_fail_in(r->ctx, status, "node %zu '%.100s' (%.64s, opset %" PRId64 ")", at, name,
                       type, r->opset);
}

static trnnsf_status read_nodes(struct trn_onnx_reader *r)
{
    trnnsf_status status = TRNNSF_OK;
    uint8_t *needed = TRN_NEW_ARRAY(r->ctx, uint8_t, r->file->n_node);

    TRN_NEED_OUT(needed);
    TRN_TRY_OUT(trn_onnx_count_readers(r, needed));
    for (size_t i = 0; status == TRNNSF_OK && i < r->file->n_node; i++) {
        r->node = r->file->node[i];
        if (!needed[i])
            continue;
        status = read_node(r);
        if (status != TRNNSF_OK)
            status = name_node(r, i, status);
    }
out:
    trn_free(r->ctx, needed);
    return status;
}

/* What the output is has to be what the graph's last node gives. */
static trnnsf_status check_output(struct trn_onnx_reader *r)
{
    Onnx__NodeProto reads = ONNX__NODE_PROTO__INIT;
    struct trn_onnx_value *value = NULL;

    reads.n_input = 1;
    reads.input = &r->file->output[0]->name;
    r->node = &reads;

    trnnsf_status status = trn_onnx_signal(r, 0, &value);

    r->node = NULL;
    return status ? trn_fail_in(r->ctx, status, "output '%.100s'", r->file->output[0]->name)
                  : TRNNSF_OK;
}

/* ---- the network ---- */

/* Features through fully connected layers alone, of activations that a chain may have. */
static bool is_chain(const struct trn_onnx_reader *r)
{
    const struct trn_graph *graph = &r->graph;

    if (trn_shape_pixels(&graph->nodes[0].shape) != 1 || graph->n_nodes < 2)
        return false;
    for (size_t i = 1; i < graph->n_nodes; i++) {
        const struct trn_node *node = &graph->nodes[i];

        if (node->options.kind != TRNNSF_NODE_DENSE || node->inputs[0] + 1 != i ||
            node->options.activation > TRNNSF_ACTIVATION_SOFTMAX ||
            (node->options.activation == TRNNSF_ACTIVATION_SOFTMAX && i + 1 < graph->n_nodes))
            return false;
    }
    return true;
}

static trnnsf_status build_chain(struct trn_onnx_reader *r, struct trnnsf_network **out_network)
{
    struct trnnsf_network *network = NULL;
    trnnsf_status status = trn_network_new(r->ctx, r->n_layers, &network);

    for (size_t l = 0; status == TRNNSF_OK && l < r->n_layers; l++)
        status =
            trn_layer_create(r->ctx, &network->layers[l], r->layers[l].n_in, r->layers[l].n_out,
                             r->graph.nodes[l + 1].options.activation, r->layers[l].biases != NULL);
    if (status == TRNNSF_OK)
        *out_network = network;
    else
        trn_network_free(network);
    return status;
}

static trnnsf_status build_graph(struct trn_onnx_reader *r, struct trnnsf_network **out_network)
{
    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;

    options.init_scale = 0.0;

    if (r->n_layers == 0)
        return trn_fail(r->ctx, TRNNSF_E_UNSUPPORTED, "there is no layer of weights");

    trnnsf_status status = trn_network_build(r->ctx, &r->graph, &options, out_network);

    return status == TRNNSF_E_STATE ? TRNNSF_E_UNSUPPORTED : status;
}

static trnnsf_status mask_zeros(trnnsf_context *ctx, struct trnnsf_network *network, size_t l)
{
    const struct trn_layer *layer = &network->layers[l];
    struct trn_mask *mask = NULL;
    size_t kept = 0;

    TRN_TRY(trn_mask_create(ctx, layer->n_out, layer->n_in, &mask));
    for (size_t i = 0; i < layer->n_out; i++) {
        for (size_t j = 0; j < layer->n_in; j++) {
            if (layer->weights[i * layer->n_in + j] != 0.0f) {
                trn_mask_set(mask, i, j);
                kept++;
            }
        }
    }
    if (kept < layer->n_in * layer->n_out)
        trn_network_take_mask(network, l, mask);
    else
        trn_mask_free(ctx, mask);
    return TRNNSF_OK;
}

/* Layers of the network stand in the order in which they were read. */
static trnnsf_status build(struct trn_onnx_reader *r, struct trnnsf_network **out_network)
{
    trnnsf_status status;
    struct trnnsf_network *network = NULL;

    status = is_chain(r) ? build_chain(r, &network) : build_graph(r, &network);
    if (status != TRNNSF_OK)
        return status;
    for (size_t l = 0; l < network->n_layers; l++) {
        struct trn_layer *layer = &network->layers[l];
        const struct trn_onnx_layer *from = &r->layers[l];

        memcpy(layer->weights, from->weights, layer->n_in * layer->n_out * sizeof(float));
        if (from->biases)
            memcpy(layer->biases, from->biases, layer->n_out * sizeof(float));
        if (r->options->mask_zeros)
            TRN_TRY_OUT(mask_zeros(r->ctx, network, l));
    }
    *out_network = network;
    network = NULL;
out:
    trn_network_free(network);
    return status;
}

/* ---- all of it ---- */

static trnnsf_status read_model(struct trn_onnx_reader *r, const Onnx__ModelProto *model,
                                struct trnnsf_network **out_network)
{
    if (!model->graph)
        return trn_fail(r->ctx, TRNNSF_E_FORMAT, "no graph: no ONNX");
    r->file = model->graph;
    TRN_TRY(find_opset(r, model));
    TRN_TRY(check_graph(r));
    TRN_TRY(trn_onnx_values_create(r));
    TRN_TRY(read_input(r));
    TRN_TRY(read_nodes(r));
    TRN_TRY(check_output(r));
    return build(r, out_network);
}

static void clear(struct trn_onnx_reader *r)
{
    for (size_t l = 0; l < r->n_layers; l++) {
        trn_free(r->ctx, r->layers[l].weights);
        trn_free(r->ctx, r->layers[l].biases);
    }
    trn_free(r->ctx, r->layers);
    trn_onnx_values_clear(r);
    trn_onnx_folder_clear(&r->folder);
    trn_graph_clear(r->ctx, &r->graph);
}

trnnsf_status trn_onnx_parse(trnnsf_context *ctx, const char *path, const uint8_t *bytes,
                             size_t size, const struct trnnsf_onnx_options *options,
                             struct trnnsf_network **out_network)
{
    struct trn_onnx_reader reader = {.ctx = ctx,
                                     .options = options,
                                     .budget = budget_least + size,
                                     .folder = {.ctx = ctx, .from = path}};
    Onnx__ModelProto *model = NULL;
    trnnsf_status status = trn_onnx_unpack(ctx, bytes, size, &model);

    if (status == TRNNSF_OK)
        status = read_model(&reader, model, out_network);
    clear(&reader);
    trn_onnx_release(ctx, model);
    return status;
}
