/* Graphs to HDF5. */
#include <string.h>

#include "base/context.h"
#include "io/hdf5.h"
#include "io/nir_file.h"

enum { PRESS_FROM = 512, CHUNK = 1 << 17, LEVEL = 4 }; /* values; gzip's level: chosen here */
/* The version of the package whose layout this is. */
static const char layout_version[] = "1.0";

/* Property lists and types of a file; failures are kept, so that calls follow each other. */
struct writer {
    struct trnnsf_nir *nir;
    hid_t links, untimed, text;
    bool failed;
};

static void close_dataset(struct writer *writer, hid_t dataset, hid_t space, herr_t written)
{
    writer->failed = writer->failed || dataset < 0 || written < 0;
    if (dataset >= 0)
        H5Dclose(dataset);
    if (space >= 0)
        H5Sclose(space);
}

static void put_text(struct writer *writer, hid_t group, const char *name, const char *text)
{
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t dataset = H5Dcreate2(group, name, writer->text, space, writer->links, writer->untimed,
                               H5P_DEFAULT);
    herr_t written = dataset < 0 ? -1
                                 : H5Dwrite(dataset, writer->text, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                                            &text);

    close_dataset(writer, dataset, space, written);
}

/* Larger arrays are pressed, in chunks along the first axis. */
static hid_t how_to_store(const struct writer *writer, const struct trn_nir_shape *shape,
                          size_t count)
{
    hsize_t chunk[TRN_NIR_RANK_MAX] = {0};
    hid_t how = H5Pcopy(writer->untimed);
    size_t row = 1;

    if (how < 0 || shape->rank == 0 || count < PRESS_FROM ||
        H5Zfilter_avail(H5Z_FILTER_DEFLATE) <= 0)
        return how;
    for (size_t k = 0; k < shape->rank; k++) {
        chunk[k] = shape->length[k];
        row *= k > 0 ? shape->length[k] : 1;
    }
    if (count > CHUNK)
        chunk[0] = row < CHUNK ? CHUNK / row : 1;
    if (H5Pset_chunk(how, (int)shape->rank, chunk) < 0 || H5Pset_deflate(how, LEVEL) < 0) {
        H5Pclose(how);
        return -1;
    }
    return how;
}

static void put_values(struct writer *writer, hid_t group, const char *name, uint32_t element,
                       const struct trn_nir_shape *shape, const double *values)
{
    const hid_t types[] = {H5T_IEEE_F32LE, H5T_IEEE_F64LE, H5T_STD_I64LE};
    hsize_t lengths[TRN_NIR_RANK_MAX];
    size_t count = 1;

    for (size_t k = 0; k < shape->rank; k++) {
        lengths[k] = shape->length[k];
        count *= shape->length[k];
    }
    hid_t space = shape->rank ? H5Screate_simple((int)shape->rank, lengths, NULL)
                              : H5Screate(H5S_SCALAR);
    hid_t how = how_to_store(writer, shape, count);
    hid_t dataset =
        H5Dcreate2(group, name, types[element], space, writer->links, how, H5P_DEFAULT);
    herr_t written =
        dataset < 0 ? -1
                    : H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);

    close_dataset(writer, dataset, space, written);
    if (how >= 0)
        H5Pclose(how);
}

/* A shape's lengths from axis `first` on as whole numbers; one alone as a plain number. */
static void put_lengths(struct writer *writer, hid_t group, const char *name,
                        const struct trn_nir_shape *shape, size_t first, bool plain)
{
    double values[TRN_NIR_RANK_MAX];
    struct trn_nir_shape all = {.rank = plain ? 0 : 1, .length = {shape->rank - first}};

    for (size_t k = first; k < shape->rank; k++)
        values[k - first] = (double)shape->length[k];
    put_values(writer, group, name, TRNNSF_NIR_INT64, &all, values);
}

/* Whether the package's class takes input_type and output_type; it refuses members that it does not
 * know. */
static bool takes_types(uint32_t type)
{
    switch (type) {
    case TRN_NIR_AFFINE:
    case TRN_NIR_CONV_1D:
    case TRN_NIR_CUBA_LI:
    case TRN_NIR_CUBA_LIF:
    case TRN_NIR_DELAY:
    case TRN_NIR_I:
    case TRN_NIR_IF:
    case TRN_NIR_LI:
    case TRN_NIR_LIF:
    case TRN_NIR_SUM_POOL_2D:
    case TRN_NIR_THRESHOLD:
        return true;
    default:
        return false;
    }
}

/* Signals' shapes: where the type has a place for them, and for all types in the metadata. */
static void put_shapes(struct writer *writer, hid_t group, const struct trn_nir_node *node)
{
    bool is_port = node->type == TRN_NIR_INPUT || node->type == TRN_NIR_OUTPUT;

    if (takes_types(node->type)) {
        put_lengths(writer, group, "input_type/input", &node->input, 0, false);
        put_lengths(writer, group, "output_type/output", &node->output, 0, false);
    }
    if (node->type == TRN_NIR_FLATTEN)
        put_lengths(writer, group, "input_type", &node->input, 0, false);
    if (is_port && !trn_nir_member(node, "shape"))
        put_lengths(writer, group, "shape", &node->input, 0, false);
    put_lengths(writer, group, TRN_NIR_SAID_INPUT, &node->input, 0, false);
    put_lengths(writer, group, TRN_NIR_SAID_OUTPUT, &node->output, 0, false);
}

/* What the package requires and the graph may leave out. */
static trnnsf_status put_required(struct writer *writer, hid_t group,
                                  const struct trn_nir_node *node)
{
    bool is_1d = node->type == TRN_NIR_CONV_1D;

    if (!is_1d && node->type != TRN_NIR_CONV_2D)
        return TRNNSF_OK;
    if (!trn_nir_member(node, "input_shape"))
        put_lengths(writer, group, "input_shape", &node->input, 1, is_1d);
    if (trn_nir_member(node, "bias"))
        return TRNNSF_OK;
    struct trn_nir_shape shape = {.rank = 1, .length = {node->output.length[0]}};
    double *zeros = TRN_NEW_ARRAY(writer->nir->ctx, double, node->output.length[0]);
    if (!zeros)
        return TRN_NO_MEMORY;
    put_values(writer, group, "bias", trn_nir_member(node, "weight")->element, &shape, zeros);
    trn_free(writer->nir->ctx, zeros);
    return TRNNSF_OK;
}

static void put_members(struct writer *writer, hid_t group, const struct trn_nir_node *node)
{
    for (size_t k = 0; k < node->n_members; k++) {
        const struct trn_nir_member *member = &node->members[k];

        if (strcmp(member->name, TRN_NIR_SAID_INPUT) == 0 ||
            strcmp(member->name, TRN_NIR_SAID_OUTPUT) == 0)
            continue;
        if (member->text)
            put_text(writer, group, member->name, member->text);
        else if (member->values)
            put_values(writer, group, member->name, member->element, &member->shape,
                       member->values);
    }
}

static trnnsf_status put_node(struct writer *writer, hid_t nodes, const struct trn_nir_node *node)
{
    hid_t group = H5Gcreate2(nodes, node->name, writer->links, H5P_DEFAULT, H5P_DEFAULT);
    trnnsf_status status;

    writer->failed = writer->failed || group < 0;
    if (group < 0)
        return TRNNSF_OK;
    put_text(writer, group, "type", trn_nir_kinds[node->type].name);
    put_members(writer, group, node);
    put_shapes(writer, group, node);
    status = put_required(writer, group, node);
    H5Gclose(group);
    return status;
}

static trnnsf_status put_edges(struct writer *writer, hid_t group)
{
    const struct trnnsf_nir *nir = writer->nir;
    hsize_t lengths[2] = {nir->n_edges, 2};
    const char **names = TRN_NEW_ARRAY(nir->ctx, const char *, 2 * nir->n_edges);

    if (!names)
        return TRN_NO_MEMORY;
    for (size_t k = 0; k < nir->n_edges; k++) {
        names[2 * k] = nir->nodes[nir->edges[k].from].name;
        names[2 * k + 1] = nir->nodes[nir->edges[k].to].name;
    }
    hid_t space = H5Screate_simple(2, lengths, NULL);
    hid_t dataset = H5Dcreate2(group, "edges", writer->text, space, H5P_DEFAULT, writer->untimed,
                               H5P_DEFAULT);
    herr_t written = dataset < 0 ? -1
                                 : H5Dwrite(dataset, writer->text, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                                            names);

    close_dataset(writer, dataset, space, written);
    trn_free(nir->ctx, names);
    return TRNNSF_OK;
}

static trnnsf_status put_graph(struct writer *writer, hid_t file)
{
    const struct trnnsf_nir *nir = writer->nir;
    trnnsf_status status = TRNNSF_OK;
    hid_t graph = H5Gcreate2(file, "node", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    hid_t nodes = graph < 0 ? -1
                            : H5Gcreate2(graph, "nodes", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);

    writer->failed = nodes < 0;
    if (nodes >= 0) {
        put_text(writer, file, "version", layout_version);
        put_text(writer, graph, "type", trn_nir_kinds[TRN_NIR_GRAPH].name);
        put_members(writer, graph, &nir->graph);
        for (size_t i = 0; i < nir->n_nodes && status == TRNNSF_OK; i++)
            status = put_node(writer, nodes, &nir->nodes[i]);
        if (status == TRNNSF_OK)
            status = put_edges(writer, graph);
        H5Gclose(nodes);
    }
    if (graph >= 0)
        H5Gclose(graph);
    return status;
}

static trnnsf_status take_image(struct writer *writer, hid_t file, uint8_t **out_bytes,
                                size_t *out_size)
{
    trnnsf_context *ctx = writer->nir->ctx;
    ssize_t size = H5Fflush(file, H5F_SCOPE_GLOBAL) < 0 ? -1 : H5Fget_file_image(file, NULL, 0);

    if (size <= 0)
        return trn_hdf5_fail(ctx, "the file cannot be finished");
    uint8_t *bytes = trn_malloc(ctx, (size_t)size, 1);
    if (!bytes)
        return TRN_NO_MEMORY;
    if (H5Fget_file_image(file, bytes, (size_t)size) != size) {
        trn_free(ctx, bytes);
        return trn_hdf5_fail(ctx, "the file cannot be finished");
    }
    *out_bytes = bytes;
    *out_size = (size_t)size;
    return TRNNSF_OK;
}

static void begin(struct writer *writer)
{
    writer->links = H5Pcreate(H5P_LINK_CREATE);
    writer->untimed = H5Pcreate(H5P_DATASET_CREATE);
    writer->text = H5Tcopy(H5T_C_S1);
    writer->failed = writer->links < 0 || writer->untimed < 0 || writer->text < 0 ||
                     H5Pset_create_intermediate_group(writer->links, 1) < 0 ||
                     H5Pset_obj_track_times(writer->untimed, false) < 0 ||
                     H5Tset_size(writer->text, H5T_VARIABLE) < 0 ||
                     H5Tset_cset(writer->text, H5T_CSET_UTF8) < 0;
}

static void end(const struct writer *writer)
{
    if (writer->text >= 0)
        H5Tclose(writer->text);
    if (writer->untimed >= 0)
        H5Pclose(writer->untimed);
    if (writer->links >= 0)
        H5Pclose(writer->links);
}

trnnsf_status trn_nir_file_format(struct trnnsf_nir *nir, uint8_t **out_bytes, size_t *out_size)
{
    struct trn_hdf5_quiet quiet;
    struct writer writer = {.nir = nir};
    trnnsf_status status = TRNNSF_OK;
    hid_t file;

    trn_hdf5_quiet_begin(&quiet);
    begin(&writer);
    file = writer.failed ? -1 : trn_hdf5_create();
    if (file >= 0)
        status = put_graph(&writer, file);
    if (status == TRNNSF_OK && (file < 0 || writer.failed))
        status = trn_hdf5_fail(nir->ctx, "the file cannot be made");
    if (status == TRNNSF_OK)
        status = take_image(&writer, file, out_bytes, out_size);
    if (file >= 0)
        H5Fclose(file);
    end(&writer);
    trn_hdf5_quiet_end(&quiet);
    return status;
}
