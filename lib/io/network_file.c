#include "io/network_file.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/context.h"
#include "cluster/clusters.h"
#include "io/network_graph_file.h"
#include "network/device.h"

/* The bounds of trnnsf_network_create(). */
enum { LAYERS_MAX = 63, NEURONS_MAX = 1 << 24 };
/* Of "good.layer.N.clusters.output_start" and the like. */
enum { NAME_ROOM = 64 };

static const char *const activations[] = {"linear", "relu", "sigmoid", "tanh", "softmax"};

static void name_of(char *name, const char *prefix, size_t layer, const char *what)
{
    snprintf(name, NAME_ROOM, "%slayer.%zu.%s", prefix, layer, what);
}

/* ---- writing ---- */

/* The writer keeps the first failure, so single results need no look. */
static void add_mask(struct trn_safetensors_writer *writer, const char *prefix, size_t index,
                     const struct trn_layer *layer)
{
    const size_t shape[2] = {layer->n_out, layer->n_in};
    char name[NAME_ROOM];
    void *room = NULL;

    name_of(name, prefix, index, "mask");
    if (trn_safetensors_add_room(writer, name, TRN_TENSOR_U8, 2, shape, &room) != TRNNSF_OK)
        return;
    uint8_t *cells = room;
    for (size_t i = 0; i < layer->n_out; i++) {
        for (size_t j = 0; j < layer->n_in; j++)
            cells[i * layer->n_in + j] = trn_mask_get(layer->mask, i, j);
    }
}

static void add_clusters(struct trn_safetensors_writer *writer, const char *prefix, size_t index,
                         const struct trn_blocks *blocks)
{
    char name[NAME_ROOM];

    name_of(name, prefix, index, "clusters.output_start");
    trn_safetensors_add_sizes(writer, name, blocks->count + 1, blocks->row_start);
    name_of(name, prefix, index, "clusters.output");
    trn_safetensors_add(writer, name, TRN_TENSOR_U32, 1, &blocks->row_start[blocks->count],
                        blocks->row);
    name_of(name, prefix, index, "clusters.input_start");
    trn_safetensors_add_sizes(writer, name, blocks->count + 1, blocks->column_start);
    name_of(name, prefix, index, "clusters.input");
    trn_safetensors_add(writer, name, TRN_TENSOR_U32, 1, &blocks->column_start[blocks->count],
                        blocks->column);
}

enum { DEVICE_FIELDS = 9 };

static bool has_device(const struct trn_layer *layer)
{
    return layer->grid.range > 0.0f || layer->input.range > 0.0f || layer->output.range > 0.0f;
}

static void add_device(struct trn_safetensors_writer *writer, const char *prefix, size_t index,
                       const struct trn_layer *layer)
{
    const size_t count = DEVICE_FIELDS;
    const double fields[DEVICE_FIELDS] = {
        (double)layer->grid.range,    layer->grid.levels,  layer->grid.unipolar,
        (double)layer->input.range,   layer->input.bits,   layer->input.is_signed,
        (double)layer->output.range,  layer->output.bits,  layer->output.is_signed};
    char name[NAME_ROOM];
    void *room = NULL;

    name_of(name, prefix, index, "device");
    if (trn_safetensors_add_room(writer, name, TRN_TENSOR_F64, 1, &count, &room) == TRNNSF_OK)
        memcpy(room, fields, sizeof fields);
}

static void add_layer(struct trn_safetensors_writer *writer, const char *prefix, size_t index,
                      const struct trn_layer *layer)
{
    const size_t shape[2] = {layer->n_out, layer->n_in};
    char name[NAME_ROOM];

    name_of(name, prefix, index, "weight");
    trn_safetensors_add(writer, name, TRN_TENSOR_F32, 2, shape, layer->weights);
    if (layer->biases) {
        name_of(name, prefix, index, "bias");
        trn_safetensors_add(writer, name, TRN_TENSOR_F32, 1, shape, layer->biases);
    }
    if (has_device(layer))
        add_device(writer, prefix, index, layer);
    if (layer->mask)
        add_mask(writer, prefix, index, layer);
    if (layer->clusters)
        add_clusters(writer, prefix, index, layer->clusters->blocks);
}

trnnsf_status trn_network_file_add(struct trn_safetensors_writer *writer, const char *prefix,
                                   const trnnsf_network *network)
{
    char library[32], name[NAME_ROOM];

    snprintf(library, sizeof library, "trnnsf %s", trnnsf_version_text());
    trn_safetensors_set(writer, "library", library);
    for (size_t i = 0; i < network->n_layers; i++)
        add_layer(writer, prefix, i, &network->layers[i]);
    for (size_t i = 0; trn_network_is_chain(network) && i < network->n_layers; i++) {
        name_of(name, prefix, i, "activation");
        trn_safetensors_set(writer, name, activations[network->layers[i].activation]);
    }
    if (!trn_network_is_chain(network))
        trn_network_graph_add(writer, prefix, &network->graph);
    snprintf(name, sizeof name, "%slayers", prefix);
    return trn_safetensors_set_number(writer, name, network->n_layers);
}

trnnsf_status trn_network_file_save(trnnsf_context *ctx, const trnnsf_network *network,
                                    const char *path)
{
    struct trn_safetensors_writer *writer;
    trnnsf_status status;

    TRN_TRY(trn_safetensors_writer_create(ctx, &writer));
    trn_safetensors_set(writer, "format", TRN_NETWORK_FORMAT);
    trn_safetensors_set_number(writer, "format_version", TRN_NETWORK_FORMAT_VERSION);
    trn_network_file_add(writer, "", network);
    status = trn_safetensors_write(writer, path);
    trn_safetensors_writer_free(writer);
    return status;
}

/* ---- reading ---- */

struct reading {
    trnnsf_context *ctx;
    const struct trn_safetensors *file;
    const char *prefix;
    size_t n_layers;
    size_t sizes[LAYERS_MAX + 1];
    uint32_t activations[LAYERS_MAX];
    bool bias;
};

static trnnsf_status read_activation(struct reading *reading, size_t layer)
{
    const char *file = trn_safetensors_name(reading->file), *text;
    char name[NAME_ROOM];

    name_of(name, reading->prefix, layer, "activation");
    text = trn_safetensors_text(reading->file, name);
    if (!text)
        return trn_fail(reading->ctx, TRNNSF_E_FORMAT, "'%s': __metadata__ '%s' is missing", file,
                        name);
    for (uint32_t i = 0; i < sizeof activations / sizeof *activations; i++) {
        if (strcmp(text, activations[i]) != 0)
            continue;
        if (i == TRNNSF_ACTIVATION_SOFTMAX && layer + 1 < reading->n_layers)
            return trn_fail(reading->ctx, TRNNSF_E_FORMAT,
                            "'%s': softmax at layer %zu, which is not the last", file, layer);
        reading->activations[layer] = i;
        return TRNNSF_OK;
    }
    return trn_fail(reading->ctx, TRNNSF_E_UNSUPPORTED, "'%s': %s is '%.80s', which is unknown",
                    file, name, text);
}

/* A layer's sizes are its weights' shape. */
static trnnsf_status read_sizes(struct reading *reading, size_t layer)
{
    const char *file = trn_safetensors_name(reading->file);
    const struct trn_tensor *tensor;
    char name[NAME_ROOM];

    name_of(name, reading->prefix, layer, "weight");
    tensor = trn_safetensors_find(reading->file, name);
    if (!tensor || tensor->rank != 2)
        return trn_fail(reading->ctx, TRNNSF_E_FORMAT, "'%s': tensor '%s' is %s", file, name,
                        tensor ? "not a matrix" : "missing");
    for (size_t i = 0; i < 2; i++) {
        if (tensor->shape[i] < 1 || tensor->shape[i] > NEURONS_MAX)
            return trn_fail(reading->ctx, TRNNSF_E_LIMIT,
                            "'%s': dimension %zu of tensor '%s' is %zu, not in [1, %d]", file, i,
                            name, tensor->shape[i], NEURONS_MAX);
    }
    if (layer > 0 && tensor->shape[1] != reading->sizes[layer])
        return trn_fail(reading->ctx, TRNNSF_E_FORMAT,
                        "'%s': layer %zu has %zu inputs, but layer %zu has %zu outputs", file,
                        layer, tensor->shape[1], layer - 1, reading->sizes[layer]);
    reading->sizes[layer] = tensor->shape[1];
    reading->sizes[layer + 1] = tensor->shape[0];
    return TRNNSF_OK;
}

static trnnsf_status read_outline(struct reading *reading)
{
    uint64_t n_layers = 0;
    char name[NAME_ROOM];

    snprintf(name, sizeof name, "%slayers", reading->prefix);
    TRN_TRY(trn_safetensors_number(reading->file, name, 1, LAYERS_MAX, &n_layers));
    reading->n_layers = (size_t)n_layers;
    for (size_t i = 0; i < reading->n_layers; i++) {
        TRN_TRY(read_activation(reading, i));
        TRN_TRY(read_sizes(reading, i));
    }
    name_of(name, reading->prefix, 0, "bias");
    reading->bias = trn_safetensors_find(reading->file, name) != NULL;
    return TRNNSF_OK;
}

static trnnsf_status read_mask(const struct reading *reading, size_t index,
                               struct trnnsf_network *network)
{
    const struct trn_layer *layer = &network->layers[index];
    const size_t shape[2] = {layer->n_out, layer->n_in};
    struct trn_mask *bits = NULL;
    const void *data = NULL;
    char name[NAME_ROOM];

    name_of(name, reading->prefix, index, "mask");
    if (!trn_safetensors_find(reading->file, name))
        return TRNNSF_OK;
    TRN_TRY(trn_safetensors_get(reading->file, name, TRN_TENSOR_U8, 2, shape, &data));
    TRN_TRY(trn_mask_create(reading->ctx, layer->n_out, layer->n_in, &bits));
    const uint8_t *cells = data;
    for (size_t i = 0; i < layer->n_out; i++) {
        for (size_t j = 0; j < layer->n_in; j++) {
            uint8_t cell = cells[i * layer->n_in + j];

            if (cell > 1) {
                trn_mask_free(reading->ctx, bits);
                return trn_fail(reading->ctx, TRNNSF_E_FORMAT,
                                "'%s': element %zu of tensor '%s' is %u, not 0 or 1",
                                trn_safetensors_name(reading->file), i * layer->n_in + j, name,
                                cell);
            }
            if (cell)
                trn_mask_set(bits, i, j);
        }
    }
    trn_network_take_mask(network, index, bits);
    return TRNNSF_OK;
}

/* One side of all clusters: starts and indices, which trnnsf_clusters_create() checks further. */
static trnnsf_status read_side(const struct reading *reading, size_t layer, const char *side,
                               size_t *out_count, size_t **out_start, const uint32_t **out_index)
{
    const char *file = trn_safetensors_name(reading->file);
    char name[NAME_ROOM], what[32];
    size_t n_starts = 0, n_indices = 0, *start = NULL;
    const void *data = NULL;

    snprintf(what, sizeof what, "clusters.%s", side);
    name_of(name, reading->prefix, layer, what);
    TRN_TRY(trn_safetensors_get_list(reading->file, name, TRN_TENSOR_U32, &n_indices, &data));
    snprintf(what, sizeof what, "clusters.%s_start", side);
    name_of(name, reading->prefix, layer, what);
    TRN_TRY(trn_safetensors_get_sizes(reading->file, name, n_indices, &n_starts, &start));
    if (n_starts == 0 || start[n_starts - 1] != n_indices) {
        trn_free(reading->ctx, start);
        return trn_fail(reading->ctx, TRNNSF_E_FORMAT,
                        "'%s': tensor '%s' does not end with the number of indices, %zu", file,
                        name, n_indices);
    }
    *out_count = n_starts - 1;
    *out_start = start;
    *out_index = data;
    return TRNNSF_OK;
}

static trnnsf_status read_clusters(const struct reading *reading, size_t index,
                                   struct trnnsf_network *network)
{
    trnnsf_status status = TRNNSF_OK;
    const struct trn_layer *layer = &network->layers[index];
    size_t n_output_lists = 0, n_input_lists = 0, *output_start = NULL, *input_start = NULL;
    const uint32_t *output = NULL, *input = NULL;
    struct trnnsf_clusters *clusters = NULL;
    char name[NAME_ROOM];

    name_of(name, reading->prefix, index, "clusters.output_start");
    if (!trn_safetensors_find(reading->file, name))
        return TRNNSF_OK;
    TRN_TRY_OUT(read_side(reading, index, "output", &n_output_lists, &output_start, &output));
    TRN_TRY_OUT(read_side(reading, index, "input", &n_input_lists, &input_start, &input));
    if (n_output_lists != n_input_lists) {
        status =
            trn_fail(reading->ctx, TRNNSF_E_FORMAT,
                     "'%s': layer %zu has outputs of %zu clusters and inputs of %zu",
                     trn_safetensors_name(reading->file), index, n_output_lists, n_input_lists);
        goto out;
    }
    status = trnnsf_clusters_create(reading->ctx, layer->n_out, layer->n_in, n_output_lists,
                                    output_start, output, input_start, input, &clusters);
    if (status == TRNNSF_E_INVALID)
        status = trn_fail_in(reading->ctx, TRNNSF_E_FORMAT, "'%s': layer %zu",
                             trn_safetensors_name(reading->file), index);
    if (status == TRNNSF_OK)
        status = trn_network_set_clusters(reading->ctx, network, index, clusters);
out:
    trnnsf_clusters_free(clusters);
    trn_free(reading->ctx, output_start);
    trn_free(reading->ctx, input_start);
    return status;
}

/* Ranges of 0 (there is none) or normal floats up to 1e9, so that their steps are not 0;
 * whole numbers of levels (not 1) or bits; 0 or 1. */
static bool is_of_device(size_t i, double field)
{
    if (i % 3 == 0)
        return field == 0 || (field >= (double)FLT_MIN && field <= 1e9);
    double most = i == 1 ? TRN_LEVELS_MAX : i % 3 == 1 ? TRN_BITS_MAX : 1;

    return field >= 0 && field <= most && field == floor(field) && !(i == 1 && field == 1);
}

static struct trn_converter converter_from(const double *fields)
{
    return (struct trn_converter){(float)fields[0], (uint32_t)fields[1], fields[2] > 0};
}

static trnnsf_status read_device(const struct reading *reading, size_t index,
                                 struct trn_layer *layer)
{
    const size_t count = DEVICE_FIELDS;
    const void *data = NULL;
    char name[NAME_ROOM];

    name_of(name, reading->prefix, index, "device");
    if (!trn_safetensors_find(reading->file, name))
        return TRNNSF_OK;
    TRN_TRY(trn_safetensors_get(reading->file, name, TRN_TENSOR_F64, 1, &count, &data));
    const double *fields = data;

    for (size_t i = 0; i < DEVICE_FIELDS; i++) {
        if (!is_of_device(i, fields[i]))
            return trn_fail(reading->ctx, TRNNSF_E_FORMAT,
                            "'%s': element %zu of tensor '%s' is %g, which is none of a device",
                            trn_safetensors_name(reading->file), i, name, fields[i]);
    }
    layer->grid = (struct trn_level_grid){(float)fields[0], (uint32_t)fields[1], fields[2] > 0};
    layer->input = converter_from(fields + 3);
    layer->output = converter_from(fields + 6);
    return TRNNSF_OK;
}

static trnnsf_status read_layer(const struct reading *reading, size_t index,
                                struct trnnsf_network *network)
{
    struct trn_layer *layer = &network->layers[index];
    const size_t shape[2] = {layer->n_out, layer->n_in};
    const float *values = NULL;
    char name[NAME_ROOM];

    name_of(name, reading->prefix, index, "weight");
    TRN_TRY(trn_safetensors_get_finite(reading->file, name, 2, shape, &values));
    memcpy(layer->weights, values, layer->n_out * layer->n_in * sizeof *values);
    name_of(name, reading->prefix, index, "bias");
    if (layer->biases) {
        TRN_TRY(trn_safetensors_get_finite(reading->file, name, 1, shape, &values));
        memcpy(layer->biases, values, layer->n_out * sizeof *values);
    } else if (trn_safetensors_find(reading->file, name)) {
        return trn_fail(reading->ctx, TRNNSF_E_FORMAT,
                        "'%s': tensor '%s' is there, but %s has no bias",
                        trn_safetensors_name(reading->file), name,
                        trn_network_is_chain(network) ? "layer 0" : "its node");
    }
    TRN_TRY(read_device(reading, index, layer));
    TRN_TRY(read_mask(reading, index, network));
    return read_clusters(reading, index, network);
}

trnnsf_status trn_network_file_read(trnnsf_context *ctx, const struct trn_safetensors *file,
                                    const char *prefix, trnnsf_network **out_network)
{
    trnnsf_status status = TRNNSF_OK;
    struct reading reading = {.ctx = ctx, .file = file, .prefix = prefix};
    struct trnnsf_network *network = NULL;

    if (trn_network_graph_is_in(file, prefix)) {
        TRN_TRY_OUT(trn_network_graph_read(ctx, file, prefix, &network));
    } else {
        TRN_TRY_OUT(read_outline(&reading));
        TRN_TRY_OUT(trn_network_create_empty(ctx, reading.n_layers, reading.sizes,
                                             reading.activations, reading.bias, &network));
    }
    for (size_t i = 0; i < network->n_layers; i++)
        TRN_TRY_OUT(read_layer(&reading, i, network));
    *out_network = network;
    network = NULL;
out:
    trn_network_free(network);
    return status;
}

/* A tensor that none of the names above means would be lost without a word. */
static trnnsf_status refuse_others(const struct trn_safetensors *file,
                                   const struct trnnsf_network *network)
{
    static const char *const known[] = {"weight",
                                        "bias",
                                        "mask",
                                        "device",
                                        "clusters.output_start",
                                        "clusters.output",
                                        "clusters.input_start",
                                        "clusters.input"};
    size_t found = trn_network_graph_tensors(file, network);
    char name[NAME_ROOM];

    for (size_t layer = 0; layer < network->n_layers; layer++) {
        for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
            name_of(name, "", layer, known[i]);
            found += trn_safetensors_find(file, name) != NULL;
        }
    }
    if (found == trn_safetensors_count(file))
        return TRNNSF_OK;
    return trn_fail(trn_safetensors_context(file), TRNNSF_E_FORMAT,
                    "'%s' holds %zu tensors that are no part of a network of %zu layers",
                    trn_safetensors_name(file), trn_safetensors_count(file) - found,
                    network->n_layers);
}

trnnsf_status trn_network_file_parse(trnnsf_context *ctx, const struct trn_safetensors *file,
                                     trnnsf_network **out_network)
{
    struct trnnsf_network *network = NULL;
    trnnsf_status status;

    TRN_TRY(trn_safetensors_expect_format(file, TRN_NETWORK_FORMAT, TRN_NETWORK_FORMAT_VERSION));
    TRN_TRY(trn_network_file_read(ctx, file, "", &network));
    status = refuse_others(file, network);
    if (status != TRNNSF_OK) {
        trn_network_free(network);
        return status;
    }
    *out_network = network;
    return TRNNSF_OK;
}

trnnsf_status trn_network_file_load(trnnsf_context *ctx, const char *path,
                                    trnnsf_network **out_network)
{
    struct trn_safetensors *file;
    trnnsf_status status;

    TRN_TRY(trn_safetensors_open(ctx, path, &file));
    status = trn_network_file_parse(ctx, file, out_network);
    trn_safetensors_free(file);
    return status;
}
