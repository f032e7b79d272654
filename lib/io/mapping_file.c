#include "io/mapping_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/context.h"
#include "map/mapping.h"

/* The bounds of trnnsf_network_build() and of a sparse matrix. */
enum { LAYERS_MAX = 1024, SIDE_MAX = INT32_MAX };

static const char *const rules[] = {"dense", "pruned", "clustered", "published", "tiles"};

/* A field of each struct of an array, kept as one U64 tensor. */
struct field {
    const char *name;
    size_t offset;
    size_t width; /* of the field in the struct */
};

#define FIELD(type, prefix, name) {prefix #name, offsetof(type, name), sizeof(((type *)0)->name)}
#define LAYER(name) FIELD(struct trn_map_layer, "layer.", name)
#define CROSSBAR(name) FIELD(struct trn_crossbar, "crossbar.", name)

static const struct field layer_fields[] = {
    LAYER(n_in),
    LAYER(n_out),
    LAYER(first),
    LAYER(n_crossbars),
    LAYER(counts.dense),
    LAYER(counts.pruned),
    LAYER(counts.clustered),
    LAYER(counts.residue),
    LAYER(counts.total),
    LAYER(counts.lower_bound),
    LAYER(counts.synapses),
    LAYER(counts.inputs_used),
    LAYER(counts.outputs_used),
};
static const struct field crossbar_fields[] = {
    CROSSBAR(layer),        CROSSBAR(shape_inputs), CROSSBAR(shape_outputs), CROSSBAR(n_inputs),
    CROSSBAR(n_outputs),    CROSSBAR(synapses),     CROSSBAR(residue),       CROSSBAR(input_start),
    CROSSBAR(output_start), CROSSBAR(weight_start),
};

/* Of mappings with convolutions. */
#define SIDE(name, index, field)                                                                  \
    {"layer." name, offsetof(struct trn_map_layer, geometry.side[index].field), sizeof(uint64_t)}
#define GEOMETRY(name, field)                                                                     \
    {"layer." name, offsetof(struct trn_map_layer, geometry.field), sizeof(uint64_t)}

static const struct field window_fields[] = {
    GEOMETRY("scheme", scheme),
    GEOMETRY("groups", groups),
    GEOMETRY("in_channels", inputs),
    GEOMETRY("out_channels", outputs),
    LAYER(full),
    SIDE("in_height", 0, pixels),
    SIDE("out_height", 0, places),
    SIDE("kernel_height", 0, kernel),
    SIDE("stride_height", 0, stride),
    SIDE("dilation_height", 0, dilation),
    SIDE("pad_top", 0, pad),
    SIDE("window_height", 0, window),
    SIDE("in_width", 1, pixels),
    SIDE("out_width", 1, places),
    SIDE("kernel_width", 1, kernel),
    SIDE("stride_width", 1, stride),
    SIDE("dilation_width", 1, dilation),
    SIDE("pad_left", 1, pad),
    SIDE("window_width", 1, window),
};

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* Fields are uint64_t or size_t, which is narrower on some machines. */
static uint64_t get_field(const void *at, size_t width)
{
    uint64_t wide;
    uint32_t narrow;

    if (width == sizeof wide) {
        memcpy(&wide, at, width);
        return wide;
    }
    memcpy(&narrow, at, sizeof narrow);
    return narrow;
}

static bool put_field(void *at, size_t width, uint64_t value)
{
    uint32_t narrow = (uint32_t)value;

    if (width == sizeof value) {
        memcpy(at, &value, width);
        return true;
    }
    memcpy(at, &narrow, sizeof narrow);
    return narrow == value;
}

/* ---- writing ---- */

static void add_fields(struct trn_safetensors_writer *writer, const struct field *fields,
                       size_t n_fields, const void *structs, size_t count, size_t size)
{
    void *room = NULL;

    for (size_t f = 0; f < n_fields; f++) {
        const uint8_t *at = (const uint8_t *)structs + fields[f].offset;

        if (trn_safetensors_add_room(writer, fields[f].name, TRN_TENSOR_U64, 1, &count, &room))
            return; /* kept by the writer */
        uint64_t *column = room;
        for (size_t i = 0; i < count; i++)
            column[i] = get_field(at + i * size, fields[f].width);
    }
}

static bool has_convolutions(const trnnsf_mapping *mapping)
{
    for (size_t l = 0; l < mapping->n_layers; l++) {
        const struct trn_map_geometry *g = &mapping->layers[l].geometry;
        const struct trn_map_geometry plain = trn_map_geometry_of_matrix(g->inputs, g->outputs);

        if (memcmp(g, &plain, sizeof plain) != 0)
            return true;
    }
    return false;
}

trnnsf_status trn_mapping_file_save(trnnsf_context *ctx, const trnnsf_mapping *mapping,
                                    const char *path)
{
    struct trn_safetensors_writer *writer;
    bool windows = has_convolutions(mapping);
    trnnsf_status status;
    char library[32];

    TRN_TRY(trn_safetensors_writer_create(ctx, &writer));
    snprintf(library, sizeof library, "trnnsf %s", trnnsf_version_text());
    trn_safetensors_set(writer, "format", TRN_MAPPING_FORMAT);
    trn_safetensors_set_number(writer, "format_version",
                               windows ? TRN_MAPPING_FORMAT_VERSION : TRN_MAPPING_FORMAT_PLAIN);
    trn_safetensors_set(writer, "library", library);
    trn_safetensors_set(writer, "rule", rules[mapping->rule]);
    trn_safetensors_set_number(writer, "columns_per_output", mapping->columns_per_output);
    add_fields(writer, layer_fields, COUNT_OF(layer_fields), mapping->layers, mapping->n_layers,
               sizeof *mapping->layers);
    if (windows)
        add_fields(writer, window_fields, COUNT_OF(window_fields), mapping->layers,
                   mapping->n_layers, sizeof *mapping->layers);
    add_fields(writer, crossbar_fields, COUNT_OF(crossbar_fields), mapping->crossbars,
               mapping->n_crossbars, sizeof *mapping->crossbars);
    trn_safetensors_add(writer, "index", TRN_TENSOR_U32, 1, &mapping->n_index, mapping->index);
    trn_safetensors_add(writer, "weights", TRN_TENSOR_F32, 1, &mapping->n_weights,
                        mapping->weights);
    status = trn_safetensors_write(writer, path);
    trn_safetensors_writer_free(writer);
    return status;
}

/* ---- reading ---- */

static trnnsf_status read_fields(const struct trn_safetensors *file, const struct field *fields,
                                 size_t n_fields, void *structs, size_t count, size_t size)
{
    for (size_t f = 0; f < n_fields; f++) {
        uint8_t *at = (uint8_t *)structs + fields[f].offset;
        const void *data = NULL;

        TRN_TRY(trn_safetensors_get(file, fields[f].name, TRN_TENSOR_U64, 1, &count, &data));
        const uint64_t *column = data;
        for (size_t i = 0; i < count; i++) {
            if (!put_field(at + i * size, fields[f].width, column[i]))
                return trn_fail(trn_safetensors_context(file), TRNNSF_E_LIMIT,
                                "'%s': element %zu of tensor '%s' is %" PRIu64
                                ", too large for this machine",
                                trn_safetensors_name(file), i, fields[f].name, column[i]);
        }
    }
    return TRNNSF_OK;
}

static trnnsf_status read_rule(const struct trn_safetensors *file, uint32_t *out_rule)
{
    const char *text = trn_safetensors_text(file, "rule");

    for (uint32_t i = 0; text && i < COUNT_OF(rules); i++) {
        if (strcmp(text, rules[i]) == 0) {
            *out_rule = i;
            return TRNNSF_OK;
        }
    }
    return trn_fail(trn_safetensors_context(file), TRNNSF_E_FORMAT,
                    "'%s': __metadata__ 'rule' is %s%.80s%s", trn_safetensors_name(file),
                    text ? "'" : "", text ? text : "missing", text ? "', which is unknown" : "");
}

static trnnsf_status check_sides(const struct trn_safetensors *file,
                                 const struct trnnsf_mapping *mapping, size_t index)
{
    const struct trn_map_layer *layer = &mapping->layers[index];

    if (layer->n_in < 1 || layer->n_in > SIDE_MAX || layer->n_out < 1 || layer->n_out > SIDE_MAX)
        return trn_fail(trn_safetensors_context(file), TRNNSF_E_LIMIT,
                        "'%s': layer %zu of %" PRIu64 " x %" PRIu64 " is not in [1, %d]",
                        trn_safetensors_name(file), index, layer->n_out, layer->n_in, SIDE_MAX);
    return TRNNSF_OK;
}

/* Counts must agree with the crossbars. */
static trnnsf_status check_layer(const struct trn_safetensors *file,
                                 const struct trnnsf_mapping *mapping, size_t index)
{
    const struct trn_map_layer *layer = &mapping->layers[index];
    uint64_t synapses = 0;

    for (size_t c = 0; c < layer->n_crossbars; c++) {
        if (mapping->crossbars[layer->first + c].layer != index)
            return trn_fail(trn_safetensors_context(file), TRNNSF_E_FORMAT,
                            "'%s': crossbar %" PRIu64 " is not of layer %zu",
                            trn_safetensors_name(file), layer->first + c, index);
        synapses += mapping->crossbars[layer->first + c].synapses;
    }
    if (layer->counts.total != layer->n_crossbars || layer->counts.synapses != synapses)
        return trn_fail(trn_safetensors_context(file), TRNNSF_E_FORMAT,
                        "'%s': layer %zu counts %" PRIu64 " crossbars and %" PRIu64
                        " synapses, but has %" PRIu64 " and %" PRIu64,
                        trn_safetensors_name(file), index, layer->counts.total,
                        layer->counts.synapses, layer->n_crossbars, synapses);
    return TRNNSF_OK;
}

/* What follows from the lines. */
static trnnsf_status count_synapses(trnnsf_context *ctx, struct trn_map_layer *layer)
{
    struct trn_map_lines lines;

    TRN_TRY(trn_map_lines_create(ctx, &layer->geometry, &lines));
    layer->synapses_dense = trn_map_synapses(&lines);
    trn_map_lines_free(&lines);
    return TRNNSF_OK;
}

static trnnsf_status check_mapping(const struct trn_safetensors *file,
                                   struct trnnsf_mapping *mapping)
{
    trnnsf_context *ctx = trn_safetensors_context(file);
    trnnsf_status status;

    for (size_t i = 0; i < mapping->n_layers; i++)
        TRN_TRY(check_sides(file, mapping, i));
    status = trn_mapping_verify(ctx, trn_safetensors_name(file), mapping);
    if (status != TRNNSF_OK)
        return status == TRNNSF_E_CHECK ? TRNNSF_E_FORMAT : status;
    for (size_t i = 0; i < mapping->n_layers; i++) {
        TRN_TRY(check_layer(file, mapping, i));
        TRN_TRY(count_synapses(ctx, &mapping->layers[i]));
    }
    return TRNNSF_OK;
}

/* Files of version 1 have fully connected layers only; there tiles of all are the dense ones. */
static trnnsf_status read_windows(const struct trn_safetensors *file,
                                  struct trnnsf_mapping *mapping)
{
    uint64_t version = 0;

    TRN_TRY(trn_safetensors_number(file, "format_version", 1, UINT64_MAX, &version));
    if (version > TRN_MAPPING_FORMAT_PLAIN)
        return read_fields(file, window_fields, COUNT_OF(window_fields), mapping->layers,
                           mapping->n_layers, sizeof *mapping->layers);
    for (size_t l = 0; l < mapping->n_layers; l++) {
        struct trn_map_layer *layer = &mapping->layers[l];

        layer->geometry = trn_map_geometry_of_matrix(layer->n_in, layer->n_out);
        layer->full = layer->counts.dense;
    }
    return TRNNSF_OK;
}

/* How many there are is known from the first column. */
static trnnsf_status read_count(const struct trn_safetensors *file, const char *name,
                                size_t *out_count)
{
    const void *data;

    return trn_safetensors_get_list(file, name, TRN_TENSOR_U64, out_count, &data);
}

static trnnsf_status read_arrays(const struct trn_safetensors *file, struct trnnsf_mapping *mapping)
{
    const void *index = NULL;
    const float *weights = NULL;

    TRN_TRY(read_fields(file, layer_fields, COUNT_OF(layer_fields), mapping->layers,
                        mapping->n_layers, sizeof *mapping->layers));
    TRN_TRY(read_windows(file, mapping));
    TRN_TRY(read_fields(file, crossbar_fields, COUNT_OF(crossbar_fields), mapping->crossbars,
                        mapping->n_crossbars, sizeof *mapping->crossbars));
    TRN_TRY(trn_safetensors_get(file, "index", TRN_TENSOR_U32, 1, &mapping->n_index, &index));
    TRN_TRY(trn_safetensors_get_finite(file, "weights", 1, &mapping->n_weights, &weights));
    if (mapping->n_index > 0)
        memcpy(mapping->index, index, mapping->n_index * sizeof *mapping->index);
    if (mapping->n_weights > 0)
        memcpy(mapping->weights, weights, mapping->n_weights * sizeof *mapping->weights);
    return TRNNSF_OK;
}

trnnsf_status trn_mapping_file_parse(trnnsf_context *ctx, const struct trn_safetensors *file,
                                     trnnsf_mapping **out_mapping)
{
    trnnsf_status status = TRNNSF_OK;
    struct trnnsf_mapping *mapping = NULL;
    size_t n_layers = 0, n_crossbars = 0, n_index = 0, n_weights = 0;
    uint64_t columns_per_output = 0;
    uint32_t rule = 0;
    const void *data;

    TRN_TRY(trn_safetensors_expect_format(file, TRN_MAPPING_FORMAT, TRN_MAPPING_FORMAT_VERSION));
    TRN_TRY(read_rule(file, &rule));
    TRN_TRY(trn_safetensors_number(file, "columns_per_output", 1, UINT32_MAX, &columns_per_output));
    TRN_TRY(read_count(file, layer_fields[0].name, &n_layers));
    TRN_TRY(read_count(file, crossbar_fields[0].name, &n_crossbars));
    TRN_TRY(trn_safetensors_get_list(file, "index", TRN_TENSOR_U32, &n_index, &data));
    TRN_TRY(trn_safetensors_get_list(file, "weights", TRN_TENSOR_F32, &n_weights, &data));
    if (n_layers < 1 || n_layers > LAYERS_MAX)
        return trn_fail(ctx, TRNNSF_E_LIMIT, "'%s': %zu layers are not in [1, %d]",
                        trn_safetensors_name(file), n_layers, LAYERS_MAX);
    TRN_TRY(trn_mapping_new(ctx, n_layers, n_crossbars, n_index, n_weights, &mapping));
    mapping->rule = rule;
    mapping->columns_per_output = (uint32_t)columns_per_output;
    TRN_TRY_OUT(read_arrays(file, mapping));
    TRN_TRY_OUT(check_mapping(file, mapping));
    *out_mapping = mapping;
    mapping = NULL;
out:
    trn_mapping_free(mapping);
    return status;
}

trnnsf_status trn_mapping_file_load(trnnsf_context *ctx, const char *path,
                                    trnnsf_mapping **out_mapping)
{
    struct trn_safetensors *file;
    trnnsf_status status;

    TRN_TRY(trn_safetensors_open(ctx, path, &file));
    status = trn_mapping_file_parse(ctx, file, out_mapping);
    trn_safetensors_free(file);
    return status;
}
