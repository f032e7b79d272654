/* Texts of any length, from the global heap of a file in memory ("HDF5 File Format Specification", III.E).
 * HDF5's own reading of it believes lengths and addresses as they stand there. */
#include <string.h>

#include "base/context.h"
#include "io/hdf5.h"

enum { HEAD = 16, ELEMENT = 16, COLLECTION_MAX = 1 << 20 };

struct image {
    const uint8_t *bytes;
    uint64_t size;
};

static uint64_t little_endian(const uint8_t *at, int n)
{
    uint64_t value = 0;

    while (n-- > 0)
        value = value << 8 | at[n];
    return value;
}

/* The file's bytes, where its addresses have 8 bytes and count from its beginning. */
static bool get_image(hid_t dataset, struct image *image)
{
    hid_t file = H5Iget_file_id(dataset), how = file >= 0 ? H5Fget_create_plist(file) : -1;
    size_t address = 0, length = 0;
    hsize_t block = 1, size = 0;
    uint8_t **bytes = NULL;
    bool is_known = how >= 0 && H5Pget_sizes(how, &address, &length) >= 0 && address == 8 &&
                    length == 8 && H5Pget_userblock(how, &block) >= 0 && block == 0 &&
                    H5Fget_filesize(file, &size) >= 0 &&
                    H5Fget_vfd_handle(file, H5P_DEFAULT, (void **)&bytes) >= 0 && *bytes;

    if (is_known)
        *image = (struct image){*bytes, size};
    if (how >= 0)
        H5Pclose(how);
    if (file >= 0)
        H5Fclose(file);
    return is_known;
}

/* Object `index` of the collection at an address; NULL where there is none of that many bytes. */
static const uint8_t *heap_object(const struct image *image, uint64_t address, uint64_t index,
                                  uint64_t wanted)
{
    if (image->size < HEAD || address > image->size - HEAD)
        return NULL;
    const uint8_t *heap = image->bytes + address;
    uint64_t size = little_endian(heap + 8, 8), at = HEAD;
    if (memcmp(heap, "GCOL\1", 5) != 0 || size > image->size - address || size > COLLECTION_MAX)
        return NULL;
    while (at + HEAD <= size) {
        uint64_t number = little_endian(heap + at, 2), bytes = little_endian(heap + at + 8, 8);

        if (number == 0 || bytes > size - at - HEAD)
            return NULL;
        if (number == index)
            return bytes >= wanted ? heap + at + HEAD : NULL;
        at += HEAD + (bytes + 7) / 8 * 8;
    }
    return NULL;
}

/* An element: the text's length, its collection's address, its number there. */
static trnnsf_status read_one(trnnsf_context *ctx, const struct image *image,
                              const uint8_t *element, struct trn_hdf5_array *array)
{
    uint64_t length = little_endian(element, 4);
    const uint8_t *text = (const uint8_t *)"";

    if (length > TRN_HDF5_TEXT_MAX)
        return trn_fail(ctx, TRNNSF_E_LIMIT, "a text of more than %d bytes", TRN_HDF5_TEXT_MAX);
    if (length > 0)
        text = heap_object(image, little_endian(element + 4, 8), little_endian(element + 12, 4),
                           length);
    if (!text)
        return trn_fail(ctx, TRNNSF_E_FORMAT, "a text is not where the file says");
    return trn_hdf5_keep_text(ctx, (const char *)text, (size_t)length, array);
}

trnnsf_status trn_hdf5_read_heap_texts(trnnsf_context *ctx, hid_t dataset,
                                       struct trn_hdf5_array *array)
{
    struct image image = {0};
    haddr_t begin = H5Dget_offset(dataset);
    uint64_t stored = H5Dget_storage_size(dataset);

    if (begin == HADDR_UNDEF || !get_image(dataset, &image))
        return trn_fail(ctx, TRNNSF_E_UNSUPPORTED,
                        "texts of any length that are not stored in one piece, or are in a file "
                        "with addresses of other than 8 bytes");
    if (stored / ELEMENT != array->count || begin > image.size || stored > image.size - begin)
        return trn_fail(ctx, TRNNSF_E_FORMAT, "%zu texts are not where the file says",
                        array->count);
    for (size_t k = 0; k < array->count; k++)
        TRN_TRY(read_one(ctx, &image, image.bytes + begin + k * ELEMENT, array));
    return TRNNSF_OK;
}
