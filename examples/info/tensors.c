/* The header of a safetensors file: metadata and tensors. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"

#if TRN_HAVE_JANSSON

#include <jansson.h>

enum { HEADER_MAX = 100000000 }; /* the format's own limit */

/* Eight bytes of length, little-endian, then so many bytes of JSON that begin with {. NULL
 * otherwise. */
static char *read_header(const char *path, size_t *out_size)
{
    unsigned char length[9];
    uint64_t size = 0;
    char *text = NULL;
    FILE *file = fopen(path, "rb");

    if (!file)
        return NULL;
    if (fread(length, 1, sizeof length, file) == sizeof length && length[8] == '{') {
        for (int i = 7; i >= 0; i--)
            size = size << 8 | length[i];
        if (size >= 2 && size <= HEADER_MAX)
            text = malloc((size_t)size);
    }
    if (text) {
        text[0] = '{';
        if (fread(text + 1, 1, (size_t)size - 1, file) != size - 1) {
            free(text);
            text = NULL;
        }
    }
    fclose(file);
    *out_size = (size_t)size;
    return text;
}

static void describe_tensor(const char *name, json_t *tensor, struct facts *facts)
{
    const char *type = json_string_value(json_object_get(tensor, "dtype"));
    json_t *shape = json_object_get(tensor, "shape"), *side;
    char text[160] = "";
    size_t i, used = 0;

    json_array_foreach(shape, i, side)
    {
        if (used + 24 < sizeof text)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%lld", i ? " x " : "",
                                     (long long)json_integer_value(side));
    }
    fact_text(facts, name, "%s [%s]", type ? type : "?", text);
}

static void describe_header(json_t *header, struct facts *facts, char *format)
{
    json_t *metadata = json_object_get(header, "__metadata__"), *value;
    const char *key, *text = json_string_value(json_object_get(metadata, "format"));

    if (text)
        snprintf(format, 64, "%s", text);
    fact_text(facts, "file", "safetensors, %zu tensors",
              json_object_size(header) - (metadata ? 1 : 0));
    json_object_foreach(metadata, key, value)
    {
        if (json_is_string(value))
            fact_text(facts, key, "%s", json_string_value(value));
    }
    json_object_foreach(header, key, value)
    {
        if (value != metadata)
            describe_tensor(key, value, facts);
    }
}

bool describe_tensors(const char *path, struct facts *facts, char *format)
{
    size_t size;
    char *text = read_header(path, &size);
    json_t *header = text ? json_loadb(text, size, 0, NULL) : NULL;
    bool found = json_is_object(header);

    format[0] = '\0';
    if (found)
        describe_header(header, facts, format);
    json_decref(header);
    free(text);
    return found;
}

#else

bool describe_tensors(const char *path, struct facts *facts, char *format)
{
    (void)path;
    (void)facts;
    format[0] = '\0';
    return false;
}

#endif
