#include "io/hdf5.h"

#include <stdio.h>
#include <string.h>

#include "base/context.h"

enum { GROW = 65536 };
/* Deflate cannot do better than 1 to 1032. */
static const uint64_t pressed_most = 1100;
/* Below no folder, so that HDF5 cannot meet a file of that name. */
static const char nowhere[] = "/dev/null/trnnsf";

void trn_hdf5_quiet_begin(struct trn_hdf5_quiet *quiet)
{
    H5Eget_auto2(H5E_DEFAULT, &quiet->function, &quiet->data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

void trn_hdf5_quiet_end(const struct trn_hdf5_quiet *quiet)
{
    H5Eset_auto2(H5E_DEFAULT, quiet->function, quiet->data);
}

static herr_t note_innermost(unsigned n, const H5E_error2_t *error, void *user)
{
    if (n == 0)
        snprintf(user, 128, "%s", error->desc ? error->desc : "");
    return 0;
}

trnnsf_status trn_hdf5_fail(trnnsf_context *ctx, const char *what)
{
    char text[128] = "";

    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, note_innermost, text);
    return trn_fail(ctx, TRNNSF_E_FORMAT, "%s (HDF5: %s)", what, text);
}

static hid_t in_memory(const uint8_t *bytes, size_t size)
{
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);

    /* Whatever a broken file leaves open inside HDF5 is closed with the file. */
    if (access >= 0 && H5Pset_fapl_core(access, GROW, 0) >= 0 &&
        H5Pset_fclose_degree(access, H5F_CLOSE_STRONG) >= 0 &&
        (!bytes || H5Pset_file_image(access, (void *)bytes, size) >= 0))
        return access;
    H5Pclose(access);
    return -1;
}

hid_t trn_hdf5_open_bytes(const uint8_t *bytes, size_t size)
{
    hid_t access = size > 0 ? in_memory(bytes, size) : -1;
    hid_t file = access >= 0 ? H5Fopen(nowhere, H5F_ACC_RDONLY, access) : -1;

    if (access >= 0)
        H5Pclose(access);
    return file;
}

hid_t trn_hdf5_create(void)
{
    hid_t access = in_memory(NULL, 0);
    hid_t file = access >= 0 ? H5Fcreate(nowhere, H5F_ACC_TRUNC, H5P_DEFAULT, access) : -1;

    if (access >= 0)
        H5Pclose(access);
    return file;
}

static herr_t note_name(hid_t group, const char *name, const H5L_info_t *info, void *user)
{
    struct trn_hdf5_names *names = user;

    (void)group;
    if (info->type != H5L_TYPE_HARD)
        names->status = trn_fail(names->ctx, TRNNSF_E_UNSUPPORTED,
                                 "\"%.64s\" is a link to somewhere else", name);
    else if (names->count == names->most)
        names->status = trn_fail(names->ctx, TRNNSF_E_LIMIT, "more than %zu members", names->most);
    if (names->status != TRNNSF_OK)
        return -1;
    if (names->count == names->room) {
        size_t room = names->room ? 2 * names->room : 8;
        char **larger = trn_realloc(names->ctx, names->names, room, sizeof *larger);

        if (!larger) {
            names->status = TRN_NO_MEMORY;
            return -1;
        }
        names->names = larger;
        names->room = room;
    }
    names->names[names->count] = trn_copy_text(names->ctx, name);
    if (!names->names[names->count]) {
        names->status = TRN_NO_MEMORY;
        return -1;
    }
    names->count++;
    return 0;
}

trnnsf_status trn_hdf5_list(trnnsf_context *ctx, hid_t group, size_t most,
                            struct trn_hdf5_names *names)
{
    *names = (struct trn_hdf5_names){.ctx = ctx, .most = most};
    if (H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, note_name, names) < 0 &&
        names->status == TRNNSF_OK)
        names->status = trn_hdf5_fail(ctx, "a group cannot be listed");
    trnnsf_status status = names->status;
    if (status != TRNNSF_OK)
        trn_hdf5_names_clear(names);
    return status;
}

void trn_hdf5_names_clear(struct trn_hdf5_names *names)
{
    for (size_t k = 0; k < names->count; k++)
        trn_free(names->ctx, names->names[k]);
    trn_free(names->ctx, names->names);
    names->names = NULL;
    names->count = 0;
}

void trn_hdf5_array_clear(trnnsf_context *ctx, struct trn_hdf5_array *array)
{
    for (size_t k = 0; k < array->n_texts; k++)
        trn_free(ctx, array->texts[k]);
    trn_free(ctx, array->texts);
    trn_free(ctx, array->values);
    *array = (struct trn_hdf5_array){0};
}

static trnnsf_status read_shape(trnnsf_context *ctx, hid_t space, size_t most,
                                struct trn_hdf5_array *array)
{
    hsize_t lengths[TRN_HDF5_RANK_MAX] = {0};
    H5S_class_t class = H5Sget_simple_extent_type(space);
    int rank = class == H5S_SIMPLE ? H5Sget_simple_extent_ndims(space) : 0;

    array->is_null = class == H5S_NULL;
    array->count = array->is_null ? 0 : 1;
    if (class == H5S_NO_CLASS || rank < 0)
        return trn_hdf5_fail(ctx, "it has no shape");
    if (rank > TRN_HDF5_RANK_MAX)
        return trn_fail(ctx, TRNNSF_E_LIMIT, "it has %d axes, more than %d", rank,
                        TRN_HDF5_RANK_MAX);
    if (rank > 0 && H5Sget_simple_extent_dims(space, lengths, NULL) < 0)
        return trn_hdf5_fail(ctx, "it has no lengths");
    array->rank = (size_t)rank;
    for (int k = 0; k < rank; k++) {
        if (lengths[k] > most)
            return trn_fail(ctx, TRNNSF_E_LIMIT, "axis %d has %llu values, more than %zu", k,
                            (unsigned long long)lengths[k], most);
        array->length[k] = (size_t)lengths[k];
        if (!trn_size_multiply(array->count, array->length[k], &array->count) ||
            array->count > most)
            return trn_fail(ctx, TRNNSF_E_LIMIT, "it has more than %zu values", most);
    }
    return TRNNSF_OK;
}

/* In this file, by filters that are part of HDF5, and as large as its bytes can be. */
static trnnsf_status check_storage(trnnsf_context *ctx, hid_t dataset,
                                   const struct trn_hdf5_array *array, size_t size)
{
    hid_t how = H5Dget_create_plist(dataset);
    int filters = how >= 0 ? H5Pget_nfilters(how) : -1;
    bool plain = filters >= 0 && H5Pget_external_count(how) == 0 &&
                 H5Pget_layout(how) != H5D_VIRTUAL && H5Pget_layout(how) != H5D_LAYOUT_ERROR;
    uint64_t stored = H5Dget_storage_size(dataset);

    for (int k = 0; plain && k < filters; k++) {
        unsigned flags;
        H5Z_filter_t filter = H5Pget_filter2(how, (unsigned)k, &flags, NULL, NULL, 0, NULL, NULL);

        plain = filter == H5Z_FILTER_DEFLATE || filter == H5Z_FILTER_SHUFFLE ||
                filter == H5Z_FILTER_FLETCHER32;
    }
    if (how >= 0)
        H5Pclose(how);
    if (!plain)
        return trn_fail(ctx, TRNNSF_E_UNSUPPORTED,
                        "it lies in another file, or was written by a filter other than gzip, "
                        "shuffle and fletcher32");
    if (array->count > 0 && (uint64_t)array->count * size > stored * (filters ? pressed_most : 1))
        return trn_fail(ctx, TRNNSF_E_FORMAT, "%zu values of %zu bytes cannot be in %llu bytes",
                        array->count, size, (unsigned long long)stored);
    return TRNNSF_OK;
}

static trnnsf_status read_numbers(trnnsf_context *ctx, hid_t dataset, struct trn_hdf5_array *array)
{
    array->values = TRN_NEW_ARRAY(ctx, double, array->count);
    if (!array->values)
        return TRN_NO_MEMORY;
    if (array->count > 0 &&
        H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, array->values) < 0)
        return trn_hdf5_fail(ctx, "its values cannot be read");
    return TRNNSF_OK;
}

trnnsf_status trn_hdf5_keep_text(trnnsf_context *ctx, const char *text, size_t length,
                                 struct trn_hdf5_array *array)
{
    size_t used = strnlen(text, length);
    char *copy = trn_malloc(ctx, used + 1, 1);

    if (!copy)
        return TRN_NO_MEMORY;
    memcpy(copy, text, used);
    copy[used] = '\0';
    array->texts[array->n_texts++] = copy;
    return TRNNSF_OK;
}

/* Texts of `size` bytes each. */
static trnnsf_status read_fixed(trnnsf_context *ctx, hid_t dataset, hid_t type,
                                struct trn_hdf5_array *array)
{
    trnnsf_status status = TRNNSF_OK;
    char *texts = trn_calloc(ctx, array->count, array->size);

    TRN_NEED_OUT(texts);
    if (H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts) < 0)
        status = trn_hdf5_fail(ctx, "its texts cannot be read");
    for (size_t k = 0; k < array->count && status == TRNNSF_OK; k++)
        status = trn_hdf5_keep_text(ctx, texts + k * array->size, array->size, array);
out:
    trn_free(ctx, texts);
    return status;
}

static trnnsf_status read_texts(trnnsf_context *ctx, hid_t dataset, hid_t type,
                                struct trn_hdf5_array *array)
{
    trnnsf_status status;

    if (array->size > TRN_HDF5_TEXT_MAX)
        return trn_fail(ctx, TRNNSF_E_LIMIT, "a text of more than %d bytes", TRN_HDF5_TEXT_MAX);
    array->texts = TRN_NEW_ARRAY(ctx, char *, array->count);
    if (!array->texts)
        return TRN_NO_MEMORY;
    if (array->count == 0)
        return TRNNSF_OK;
    if (H5Tis_variable_str(type) > 0)
        return trn_hdf5_read_heap_texts(ctx, dataset, array);
    hid_t own = H5Tcopy(type);
    if (own < 0)
        return trn_hdf5_fail(ctx, "its type is unknown");
    status = read_fixed(ctx, dataset, own, array);
    H5Tclose(own);
    return status;
}

static trnnsf_status read_typed(trnnsf_context *ctx, hid_t dataset, hid_t type, hid_t space,
                                size_t most, struct trn_hdf5_array *array)
{
    H5T_class_t class = H5Tget_class(type);

    array->size = H5Tget_size(type);
    array->is_integer = class == H5T_INTEGER;
    array->is_other = class != H5T_INTEGER && class != H5T_FLOAT && class != H5T_STRING;
    TRN_TRY(read_shape(ctx, space, most, array));
    if (array->is_null || array->is_other)
        return TRNNSF_OK;
    if (class != H5T_STRING && array->size > sizeof(double))
        return trn_fail(ctx, TRNNSF_E_UNSUPPORTED, "numbers of %zu bytes", array->size);
    if (array->size == 0)
        return trn_fail(ctx, TRNNSF_E_FORMAT, "elements of no size");
    TRN_TRY(check_storage(ctx, dataset, array, array->size));
    return class == H5T_STRING ? read_texts(ctx, dataset, type, array)
                               : read_numbers(ctx, dataset, array);
}

trnnsf_status trn_hdf5_read(trnnsf_context *ctx, hid_t dataset, size_t most,
                            struct trn_hdf5_array *array)
{
    hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
    trnnsf_status status;

    *array = (struct trn_hdf5_array){0};
    if (type < 0 || space < 0)
        status = trn_hdf5_fail(ctx, "it has no type or shape");
    else
        status = read_typed(ctx, dataset, type, space, most, array);
    if (type >= 0)
        H5Tclose(type);
    if (space >= 0)
        H5Sclose(space);
    if (status != TRNNSF_OK)
        trn_hdf5_array_clear(ctx, array);
    return status;
}
