#include "io/npy.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/context.h"
#include "io/bytes.h"

/* Chosen here: NumPy writes 128 bytes or little more for arrays of plain numbers. */
enum { HEADER_MAX = 4096 };

/* The header is the text of a Python dictionary:
 * {'descr': '<f4', 'fortran_order': False, 'shape': (2400, 9, 128), } */
struct header {
    struct trn_stream *stream;
    const char *next;
    struct trn_npy npy;
    bool swapped;
    bool fortran;
    unsigned seen; /* bits by the order of the keys above */
};

static trnnsf_status fail_header(const struct header *header, const char *what)
{
    return trn_fail(trn_stream_context(header->stream), TRNNSF_E_FORMAT,
                    "'%s': %s in the NPY header near '%.20s'", trn_stream_name(header->stream),
                    what, header->next);
}

static void skip_spaces(struct header *header)
{
    header->next += strspn(header->next, " \t\n");
}

static bool accept(struct header *header, const char *token)
{
    size_t length = strlen(token);

    skip_spaces(header);
    if (strncmp(header->next, token, length) != 0)
        return false;
    header->next += length;
    return true;
}

static bool accept_quoted(struct header *header, const char *word)
{
    const char *start = header->next, *quotes = "'\"";

    skip_spaces(header);
    for (; *quotes; quotes++) {
        size_t length = strlen(word);

        if (header->next[0] == *quotes && strncmp(header->next + 1, word, length) == 0 &&
            header->next[length + 1] == *quotes) {
            header->next += length + 2;
            return true;
        }
    }
    header->next = start;
    return false;
}

static trnnsf_status read_type(struct header *header)
{
    static const char *const types[] = {"b1", "i1", "i2", "i4", "i8", "u1",
                                        "u2", "u4", "u8", "f4", "f8"};
    static const char orders[] = "<>=|";

    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        for (const char *order = orders; *order; order++) {
            const char word[4] = {*order, types[i][0], types[i][1], '\0'};

            if (!accept_quoted(header, word))
                continue;
            header->npy.kind = types[i][0];
            header->npy.width = (size_t)(types[i][1] - '0');
            header->swapped =
                header->npy.width > 1 && *order == (trn_machine_is_little() ? '>' : '<');
            return TRNNSF_OK;
        }
    }
    return trn_fail(trn_stream_context(header->stream), TRNNSF_E_UNSUPPORTED,
                    "'%s': NPY elements of type %.20s; read are b1, i1 to i8, u1 to u8, f4, f8",
                    trn_stream_name(header->stream), header->next);
}

static trnnsf_status read_size(struct header *header, size_t *out_size)
{
    size_t size = 0;

    skip_spaces(header);
    if (*header->next < '0' || *header->next > '9')
        return fail_header(header, "no dimension");
    for (; *header->next >= '0' && *header->next <= '9'; header->next++) {
        if (!trn_size_multiply(size, 10, &size) ||
            !trn_size_add(size, (size_t)(*header->next - '0'), &size))
            return trn_fail(trn_stream_context(header->stream), TRNNSF_E_LIMIT,
                            "'%s': an NPY dimension is too large", trn_stream_name(header->stream));
    }
    *out_size = size;
    return TRNNSF_OK;
}

static trnnsf_status read_shape(struct header *header)
{
    struct trn_npy *npy = &header->npy;

    if (!accept(header, "("))
        return fail_header(header, "no shape");
    for (npy->rank = 0; !accept(header, ")"); npy->rank++) {
        if (npy->rank == TRN_NPY_RANK_MAX)
            return trn_fail(trn_stream_context(header->stream), TRNNSF_E_LIMIT,
                            "'%s': more than %d NPY dimensions", trn_stream_name(header->stream),
                            TRN_NPY_RANK_MAX);
        TRN_TRY(read_size(header, &npy->shape[npy->rank]));
        if (!accept(header, ",") && *header->next != ')')
            return fail_header(header, "no ',' or ')'");
    }
    return TRNNSF_OK;
}

static trnnsf_status read_order(struct header *header)
{
    if (accept(header, "True"))
        header->fortran = true;
    else if (!accept(header, "False"))
        return fail_header(header, "no True or False");
    return TRNNSF_OK;
}

static trnnsf_status read_dictionary(struct header *header)
{
    static const struct {
        const char *key;
        trnnsf_status (*read)(struct header *header);
    } entries[] = {{"descr", read_type}, {"fortran_order", read_order}, {"shape", read_shape}};
    enum { ALL = 7 };

    if (!accept(header, "{"))
        return fail_header(header, "no '{'");
    while (!accept(header, "}")) {
        size_t i = 0;

        while (i < 3 && !accept_quoted(header, entries[i].key))
            i++;
        if (i == 3 || header->seen & 1u << i)
            return fail_header(header, i == 3 ? "an unknown key" : "a repeated key");
        header->seen |= 1u << i;
        if (!accept(header, ":"))
            return fail_header(header, "no ':'");
        skip_spaces(header);
        TRN_TRY(entries[i].read(header));
        if (!accept(header, ",") && *header->next != '}')
            return fail_header(header, "no ',' or '}'");
    }
    skip_spaces(header);
    if (header->seen != ALL || *header->next != '\0')
        return fail_header(header, header->seen != ALL ? "a key missing" : "something after it");
    if (header->fortran && header->npy.rank > 1)
        return trn_fail(trn_stream_context(header->stream), TRNNSF_E_UNSUPPORTED,
                        "'%s': NPY arrays in Fortran order are not read; save a C-ordered copy",
                        trn_stream_name(header->stream));
    return TRNNSF_OK;
}

/* Magic, version and the length of the dictionary's text. */
static trnnsf_status read_preamble(struct trn_stream *stream, size_t *out_length)
{
    trnnsf_context *ctx = trn_stream_context(stream);
    const char *name = trn_stream_name(stream);
    uint8_t magic[8], length[4] = {0};

    TRN_TRY(trn_stream_read(stream, magic, sizeof magic));
    if (memcmp(magic, "\x93NUMPY", 6) != 0)
        return trn_fail(ctx, TRNNSF_E_FORMAT, "'%s' does not begin as an NPY file", name);
    if (magic[6] < 1 || magic[6] > 3)
        return trn_fail(ctx, TRNNSF_E_UNSUPPORTED, "'%s': NPY version %u.%u; read are 1.0 to 3.0",
                        name, magic[6], magic[7]);
    TRN_TRY(trn_stream_read(stream, length, magic[6] == 1 ? 2 : 4));
    *out_length = trn_u32_little(length);
    if (*out_length > HEADER_MAX)
        return trn_fail(ctx, TRNNSF_E_LIMIT, "'%s': an NPY header of %zu bytes exceeds %d", name,
                        *out_length, HEADER_MAX);
    return TRNNSF_OK;
}

trnnsf_status trn_npy_read(struct trn_stream *stream, struct trn_npy *out_npy)
{
    trnnsf_context *ctx = trn_stream_context(stream);
    struct header header = {.stream = stream};
    struct trn_npy *npy = &header.npy;
    char text[HEADER_MAX + 1];
    size_t length = 0, size;
    trnnsf_status status;

    TRN_TRY(read_preamble(stream, &length));
    TRN_TRY(trn_stream_read(stream, text, length));
    text[length] = '\0';
    header.next = text;
    TRN_TRY(read_dictionary(&header));
    size = npy->width;
    for (size_t i = 0; i < npy->rank; i++) {
        if (!trn_size_multiply(size, npy->shape[i], &size) || size > TRN_STREAM_BYTES_MAX)
            return trn_fail(ctx, TRNNSF_E_LIMIT,
                            "'%s': NPY dimension %zu of %zu makes more than %ju "
                            "bytes",
                            trn_stream_name(stream), i, npy->shape[i],
                            (uintmax_t)TRN_STREAM_BYTES_MAX);
    }
    npy->count = size / npy->width;
    TRN_TRY(trn_stream_take(stream, size, &npy->bytes));
    status = trn_stream_expect_end(stream);
    if (status != TRNNSF_OK) {
        trn_free(ctx, npy->bytes);
        return status;
    }
    if (header.swapped)
        trn_reverse_each(npy->bytes, npy->count, npy->width);
    *out_npy = *npy;
    return TRNNSF_OK;
}

static double element(const struct trn_npy *npy, size_t i)
{
    union {
        int8_t i1;
        int16_t i2;
        int32_t i4;
        int64_t i8;
        uint8_t u1;
        uint16_t u2;
        uint32_t u4;
        uint64_t u8;
        float f4;
        double f8;
    } value;

    memcpy(&value, npy->bytes + i * npy->width, npy->width);
    switch (npy->kind) {
    case 'f':
        return npy->width == 4 ? (double)value.f4 : value.f8;
    case 'i':
        return npy->width == 1   ? value.i1
               : npy->width == 2 ? value.i2
               : npy->width == 4 ? value.i4
                                 : (double)value.i8;
    default:
        return npy->width == 1   ? value.u1
               : npy->width == 2 ? value.u2
               : npy->width == 4 ? value.u4
                                 : (double)value.u8;
    }
}

void trn_npy_floats(const struct trn_npy *npy, float *values)
{
    for (size_t i = 0; i < npy->count; i++)
        values[i] = (float)element(npy, i);
}

trnnsf_status trn_npy_integers(trnnsf_context *ctx, const char *name, const struct trn_npy *npy,
                               int64_t *values)
{
    const double exact = 0x1p53;

    for (size_t i = 0; i < npy->count; i++) {
        double value = element(npy, i);

        if (!(fabs(value) <= exact) || value != floor(value))
            return trn_fail(ctx, TRNNSF_E_FORMAT,
                            "'%s': element %zu is %g, not an integer in ±2^53", name, i, value);
        values[i] = (int64_t)value;
    }
    return TRNNSF_OK;
}
