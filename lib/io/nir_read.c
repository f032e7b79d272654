/* HDF5 to graphs. */
#include <stdio.h>
#include <string.h>

#include "base/context.h"
#include "io/hdf5.h"
#include "io/nir_file.h"

enum { DEPTH_MAX = 8, PATH_MAX_BYTES = 4 * TRN_NIR_NAME_MAX };

struct reader {
    trnnsf_context *ctx;
    struct trnnsf_nir *nir;
};

/* Spellings of the first versions of the package, before 0.1. */
static const char *parameter_of(const char *name)
{
    static const char *const old[][2] = {
        {"weights", "weight"}, {"v_th", "v_threshold"}, {"theta", "v_threshold"}};

    for (size_t k = 0; k < sizeof old / sizeof old[0]; k++) {
        if (strcmp(name, old[k][0]) == 0)
            return old[k][1];
    }
    return name;
}

static const char *shown(const struct trn_nir_node *node)
{
    return node->name ? node->name : "(the graph)";
}

static trnnsf_status fail_member(const struct reader *reader, const struct trn_nir_node *node,
                                 const char *name, trnnsf_status status)
{
    return trn_fail_in(reader->ctx, status, "node \"%s\": %.64s", shown(node), name);
}

/* The dataset of that name; is_there: whether there is one. */
static trnnsf_status read_dataset(const struct reader *reader, hid_t group, const char *name,
                                  size_t most, struct trn_hdf5_array *array)
{
    hid_t object = H5Oopen(group, name, H5P_DEFAULT);
    trnnsf_status status;

    *array = (struct trn_hdf5_array){0};
    if (object < 0)
        return trn_hdf5_fail(reader->ctx, "it cannot be opened");
    if (H5Iget_type(object) == H5I_DATASET)
        status = trn_hdf5_read(reader->ctx, object, most, array);
    else
        status = trn_fail(reader->ctx, TRNNSF_E_FORMAT, "it is no dataset");
    H5Oclose(object);
    return status;
}

static bool is_group(hid_t group, const char *name)
{
    hid_t object = H5Oopen(group, name, H5P_DEFAULT);
    bool is = object >= 0 && H5Iget_type(object) == H5I_GROUP;

    if (object >= 0)
        H5Oclose(object);
    return is;
}

static void shape_of(const struct trn_hdf5_array *array, struct trn_nir_shape *shape)
{
    shape->rank = array->rank;
    memcpy(shape->length, array->length, sizeof shape->length);
}

static trnnsf_status keep_array(const struct reader *reader, struct trn_nir_node *node,
                                const char *name, struct trn_hdf5_array *array)
{
    struct trn_nir_shape shape = {0};
    double *values = array->values;

    if (array->is_null)
        return TRNNSF_OK;
    if (array->n_texts == 1)
        return trn_nir_set_text(reader->nir, node, name, array->texts[0]);
    if (!values)
        return trn_fail(reader->ctx, TRNNSF_E_FORMAT,
                        "node \"%s\": %.64s is neither numbers nor a text", shown(node), name);
    shape_of(array, &shape);
    array->values = NULL;
    return trn_nir_take_values(reader->nir, node, name,
                               array->is_integer ? TRNNSF_NIR_INT64
                               : array->size > 4 ? TRNNSF_NIR_FLOAT64
                                                 : TRNNSF_NIR_FLOAT32,
                               &shape, values);
}

static trnnsf_status read_metadata(const struct reader *reader, hid_t group,
                                   struct trn_nir_node *node, const char *path, size_t depth);

static trnnsf_status read_entry(const struct reader *reader, hid_t group, struct trn_nir_node *node,
                                const char *path, const char *name, size_t depth)
{
    struct trn_hdf5_array array;
    char whole[PATH_MAX_BYTES];
    int length = snprintf(whole, sizeof whole, "%s/%s", path, name);

    if (length > TRN_NIR_NAME_MAX)
        return trn_fail(reader->ctx, TRNNSF_E_LIMIT, "node \"%s\": names of metadata are too long",
                        shown(node));
    if (strcmp(whole, TRN_NIR_SAID_INPUT) == 0 || strcmp(whole, TRN_NIR_SAID_OUTPUT) == 0)
        return TRNNSF_OK;
    if (is_group(group, name)) {
        hid_t inner = H5Gopen2(group, name, H5P_DEFAULT);
        trnnsf_status status = read_metadata(reader, inner, node, whole, depth + 1);

        H5Gclose(inner);
        return status;
    }
    trnnsf_status status = read_dataset(reader, group, name, TRN_NIR_VALUES_MAX, &array);
    if (status != TRNNSF_OK)
        return fail_member(reader, node, whole, status);
    /* What is neither numbers nor a text is left out: nothing depends on metadata. */
    if (array.values || array.n_texts == 1)
        status = keep_array(reader, node, whole, &array);
    trn_hdf5_array_clear(reader->ctx, &array);
    return status;
}

static trnnsf_status read_metadata(const struct reader *reader, hid_t group,
                                   struct trn_nir_node *node, const char *path, size_t depth)
{
    struct trn_hdf5_names names;
    trnnsf_status status;

    if (depth > DEPTH_MAX)
        return trn_fail(reader->ctx, TRNNSF_E_LIMIT, "node \"%s\": metadata is nested too deep",
                        shown(node));
    status = trn_hdf5_list(reader->ctx, group, TRN_NIR_MEMBERS_MAX, &names);
    if (status != TRNNSF_OK)
        return fail_member(reader, node, path, status);
    for (size_t k = 0; k < names.count && status == TRNNSF_OK; k++)
        status = read_entry(reader, group, node, path, names.names[k], depth);
    trn_hdf5_names_clear(&names);
    return status;
}

/* A dataset of lengths, or a group that holds one. */
static trnnsf_status read_said(const struct reader *reader, hid_t group, struct trn_nir_node *node,
                               const char *name, struct trn_nir_shape **said)
{
    struct trn_hdf5_names names = {0};
    struct trn_hdf5_array array = {0};
    struct trn_nir_shape shape = {0};
    trnnsf_status status = TRNNSF_OK;
    hid_t inner = is_group(group, name) ? H5Gopen2(group, name, H5P_DEFAULT) : -1;

    if (inner >= 0)
        TRN_TRY_OUT(trn_hdf5_list(reader->ctx, inner, 1, &names));
    if (inner >= 0 && names.count == 0)
        goto out;
    TRN_TRY_OUT(read_dataset(reader, inner >= 0 ? inner : group,
                             inner >= 0 ? names.names[0] : name, TRN_NIR_RANK_MAX, &array));
    if (array.is_null)
        goto out;
    shape.rank = array.count;
    for (size_t k = 0; k < array.count; k++) {
        bool fits = array.values && array.values[k] >= 1 && array.values[k] <= TRN_NIR_VALUES_MAX;

        if (!fits) {
            status = trn_fail(reader->ctx, TRNNSF_E_FORMAT, "it does not hold lengths");
            goto out;
        }
        shape.length[k] = (size_t)array.values[k];
    }
    status = trn_nir_set_said(reader->nir, said, &shape);
out:
    if (inner >= 0)
        H5Gclose(inner);
    trn_hdf5_names_clear(&names);
    trn_hdf5_array_clear(reader->ctx, &array);
    return status == TRNNSF_OK ? status : fail_member(reader, node, name, status);
}

static trnnsf_status read_member(const struct reader *reader, hid_t group, size_t index,
                                 const char *name)
{
    struct trn_nir_node *node = &reader->nir->nodes[index];
    struct trn_hdf5_array array;
    trnnsf_status status;

    if (strcmp(name, "type") == 0)
        return TRNNSF_OK;
    if (strcmp(name, "input_type") == 0)
        return read_said(reader, group, node, name, &node->said_input);
    if (strcmp(name, "output_type") == 0)
        return read_said(reader, group, node, name, &node->said_output);
    if (strcmp(name, "metadata") == 0 && is_group(group, name)) {
        hid_t inner = H5Gopen2(group, name, H5P_DEFAULT);

        status = read_metadata(reader, inner, node, name, 0);
        H5Gclose(inner);
        return status;
    }
    status = read_dataset(reader, group, name, TRN_NIR_VALUES_MAX, &array);
    if (status != TRNNSF_OK)
        return fail_member(reader, node, name, status);
    name = parameter_of(name);
    if (trn_nir_member(node, name)) {
        trn_hdf5_array_clear(reader->ctx, &array);
        return trn_fail(reader->ctx, TRNNSF_E_FORMAT, "node \"%s\": %.64s is there twice",
                        shown(node), name);
    }
    if (node->type == TRN_NIR_LINEAR && strcmp(name, "bias") == 0)
        node->type = TRN_NIR_AFFINE; /* it was Linear before 0.1 */
    status = keep_array(reader, node, name, &array);
    trn_hdf5_array_clear(reader->ctx, &array);
    return status;
}

static trnnsf_status read_type(const struct reader *reader, hid_t group, const char *name,
                               uint32_t *out_type)
{
    struct trn_hdf5_array array;
    trnnsf_status status;

    if (H5Lexists(group, "type", H5P_DEFAULT) <= 0)
        return trn_fail(reader->ctx, TRNNSF_E_FORMAT, "node \"%.64s\": type is missing", name);
    status = read_dataset(reader, group, "type", 1, &array);
    if (status == TRNNSF_OK && array.n_texts != 1)
        status = trn_fail(reader->ctx, TRNNSF_E_FORMAT, "it is no text");
    if (status != TRNNSF_OK) {
        trn_hdf5_array_clear(reader->ctx, &array);
        return trn_fail_in(reader->ctx, status, "node \"%.64s\": type", name);
    }
    *out_type = trn_nir_type(array.texts[0]);
    if (*out_type == TRN_NIR_TYPES)
        status = trn_fail(reader->ctx, TRNNSF_E_UNSUPPORTED,
                          "node \"%.64s\": type \"%.64s\" is not supported", name, array.texts[0]);
    trn_hdf5_array_clear(reader->ctx, &array);
    return status;
}

static trnnsf_status read_graph(const struct reader *reader, hid_t group, const char *prefix,
                                size_t parent, size_t depth);

static trnnsf_status read_node(const struct reader *reader, hid_t nodes, const char *name,
                               const char *prefix, size_t parent, size_t depth)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_hdf5_names names = {0};
    char whole[PATH_MAX_BYTES];
    uint32_t type = 0;
    size_t index = 0;
    hid_t group = is_group(nodes, name) ? H5Gopen2(nodes, name, H5P_DEFAULT) : -1;

    snprintf(whole, sizeof whole, "%s%s", prefix, name);
    if (group < 0)
        return trn_fail(reader->ctx, TRNNSF_E_FORMAT, "node \"%.64s\" is no group", whole);
    TRN_TRY_OUT(read_type(reader, group, whole, &type));
    TRN_TRY_OUT(trn_nir_add_node(reader->nir, whole, type, parent, &index));
    if (type == TRN_NIR_GRAPH) {
        size_t length = strlen(whole);

        snprintf(whole + length, sizeof whole - length, ".");
        status = read_graph(reader, group, whole, index, depth + 1);
        goto out;
    }
    status = trn_hdf5_list(reader->ctx, group, TRN_NIR_MEMBERS_MAX, &names);
    if (status != TRNNSF_OK) {
        status = trn_fail_in(reader->ctx, status, "node \"%s\"", whole);
        goto out;
    }
    for (size_t k = 0; k < names.count && status == TRNNSF_OK; k++)
        status = read_member(reader, group, index, names.names[k]);
out:
    trn_hdf5_names_clear(&names);
    H5Gclose(group);
    return status;
}

/* One end: a name, or the number of a node. */
static trnnsf_status find_end(const struct reader *reader, const struct trn_hdf5_array *edges,
                              size_t at, const char *prefix, size_t *out_index)
{
    char whole[PATH_MAX_BYTES];

    if (edges->n_texts > 0)
        snprintf(whole, sizeof whole, "%s%s", prefix, edges->texts[at]);
    else
        snprintf(whole, sizeof whole, "%s%.0f", prefix, edges->values[at]);
    *out_index = trn_nir_find(reader->nir, whole);
    return *out_index != TRN_NIR_NONE
               ? TRNNSF_OK
               : trn_fail(reader->ctx, TRNNSF_E_FORMAT, "edge %zu: no node \"%.64s\"", at / 2,
                          whole);
}

static trnnsf_status read_edges(const struct reader *reader, hid_t group, const char *prefix)
{
    trnnsf_status status;
    struct trn_hdf5_array edges = {0};

    if (H5Lexists(group, "edges", H5P_DEFAULT) <= 0)
        return trn_fail(reader->ctx, TRNNSF_E_FORMAT, "node \"%s\": edges is missing",
                        *prefix ? prefix : "(the graph)");
    status = read_dataset(reader, group, "edges", 2 * TRN_NIR_EDGES_MAX, &edges);
    if (status == TRNNSF_OK && edges.count > 0 &&
        (edges.rank != 2 || edges.length[1] != 2 || (!edges.values && !edges.n_texts)))
        status = trn_fail(reader->ctx, TRNNSF_E_FORMAT, "it is not made of pairs of names");
    if (status != TRNNSF_OK) {
        trn_hdf5_array_clear(reader->ctx, &edges);
        return trn_fail_in(reader->ctx, status, "node \"%s\": edges",
                           *prefix ? prefix : "(the graph)");
    }
    for (size_t k = 0; k < edges.count; k += 2) {
        size_t from = 0, to = 0;

        TRN_TRY_OUT(find_end(reader, &edges, k, prefix, &from));
        TRN_TRY_OUT(find_end(reader, &edges, k + 1, prefix, &to));
        TRN_TRY_OUT(trn_nir_add_edge(reader->nir, from, to));
    }
out:
    trn_hdf5_array_clear(reader->ctx, &edges);
    return status;
}

static trnnsf_status read_nodes(const struct reader *reader, hid_t group, const char *prefix,
                                size_t parent, size_t depth)
{
    struct trn_hdf5_names names;
    trnnsf_status status;
    hid_t nodes = H5Lexists(group, "nodes", H5P_DEFAULT) > 0 && is_group(group, "nodes")
                      ? H5Gopen2(group, "nodes", H5P_DEFAULT)
                      : -1;

    if (nodes < 0)
        return trn_fail(reader->ctx, TRNNSF_E_FORMAT, "node \"%s\": nodes is missing",
                        *prefix ? prefix : "(the graph)");
    status = trn_hdf5_list(reader->ctx, nodes, TRN_NIR_NODES_MAX, &names);
    for (size_t k = 0; status == TRNNSF_OK && k < names.count; k++)
        status = read_node(reader, nodes, names.names[k], prefix, parent, depth);
    if (names.names)
        trn_hdf5_names_clear(&names);
    H5Gclose(nodes);
    return status;
}

static trnnsf_status read_graph(const struct reader *reader, hid_t group, const char *prefix,
                                size_t parent, size_t depth)
{
    if (depth > DEPTH_MAX)
        return trn_fail(reader->ctx, TRNNSF_E_LIMIT, "node \"%.64s\": graphs are nested too deep",
                        prefix);
    TRN_TRY(read_nodes(reader, group, prefix, parent, depth));
    TRN_TRY(read_edges(reader, group, prefix));
    if (parent != TRN_NIR_NONE || H5Lexists(group, "metadata", H5P_DEFAULT) <= 0 ||
        !is_group(group, "metadata"))
        return TRNNSF_OK;
    hid_t metadata = H5Gopen2(group, "metadata", H5P_DEFAULT);
    trnnsf_status status =
        read_metadata(reader, metadata, &reader->nir->graph, "metadata", 0);
    H5Gclose(metadata);
    return status;
}

static trnnsf_status read_version(const struct reader *reader, hid_t file)
{
    struct trn_hdf5_array array = {0};
    trnnsf_status status;

    if (H5Lexists(file, "version", H5P_DEFAULT) <= 0)
        return TRNNSF_OK;
    status = read_dataset(reader, file, "version", 1, &array);
    if (status == TRNNSF_OK && array.n_texts == 1) {
        reader->nir->version = array.texts[0];
        array.texts[0] = NULL;
    }
    trn_hdf5_array_clear(reader->ctx, &array);
    return status == TRNNSF_OK ? status : trn_fail_in(reader->ctx, status, "version");
}

/* Before 0.1 the root itself was the graph. */
static trnnsf_status read_root(const struct reader *reader, hid_t file)
{
    uint32_t type = TRN_NIR_GRAPH;
    trnnsf_status status;

    TRN_TRY(read_version(reader, file));
    if (H5Lexists(file, "node", H5P_DEFAULT) <= 0)
        return read_graph(reader, file, "", TRN_NIR_NONE, 0);
    if (!is_group(file, "node"))
        return trn_fail(reader->ctx, TRNNSF_E_FORMAT, "\"node\" is no group");
    hid_t node = H5Gopen2(file, "node", H5P_DEFAULT);
    status = read_type(reader, node, "(the graph)", &type);
    if (status == TRNNSF_OK && type != TRN_NIR_GRAPH)
        status = trn_fail(reader->ctx, TRNNSF_E_UNSUPPORTED,
                          "the file holds one %s, not a NIRGraph", trn_nir_kinds[type].name);
    if (status == TRNNSF_OK)
        status = read_graph(reader, node, "", TRN_NIR_NONE, 0);
    H5Gclose(node);
    return status;
}

trnnsf_status trn_nir_file_parse(trnnsf_context *ctx, const uint8_t *bytes, size_t size,
                                 struct trnnsf_nir **out_nir)
{
    struct trn_hdf5_quiet quiet;
    struct reader reader = {.ctx = ctx};
    trnnsf_status status = TRNNSF_OK;
    hid_t file = -1;

    trn_hdf5_quiet_begin(&quiet);
    TRN_TRY_OUT(trn_nir_new(ctx, &reader.nir));
    file = trn_hdf5_open_bytes(bytes, size);
    if (file < 0) {
        status = trn_hdf5_fail(ctx, "no HDF5 file");
        goto out;
    }
    TRN_TRY_OUT(read_root(&reader, file));
    TRN_TRY_OUT(trn_nir_flatten(reader.nir));
    status = trn_nir_check(reader.nir);
out:
    if (file >= 0)
        H5Fclose(file);
    trn_hdf5_quiet_end(&quiet);
    if (status == TRNNSF_OK)
        *out_nir = reader.nir;
    else
        trn_nir_free(reader.nir);
    return status;
}
