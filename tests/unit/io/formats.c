/* IDX, CIFAR-10 and NPY from memory. */
#include <math.h>
#include <stdio.h>

#include "io/cifar.h"
#include "io/idx.h"
#include "io/npy.h"
#include "io/suite.h"

static struct trn_stream *open_bytes(const void *bytes, size_t size)
{
    struct trn_stream *stream;

    EXPECT_OK(trn_stream_open_memory(ctx, "file", bytes, size, &stream));
    return stream;
}

static trnnsf_status read_idx(const void *bytes, size_t size)
{
    struct trn_stream *stream = open_bytes(bytes, size);
    struct trn_idx idx = {0};
    trnnsf_status status = trn_idx_read(stream, &idx);

    trn_free(ctx, idx.bytes);
    trn_stream_free(stream);
    return status;
}

#define EXPECT_IDX(bytes, size, wanted, fragment) EXPECT(read_idx(bytes, size), wanted, fragment)

START_TEST(idx_images)
{
    const uint8_t bytes[] = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255};
    struct trn_stream *stream = open_bytes(bytes, sizeof bytes);
    struct trn_idx idx;

    EXPECT_OK(trn_idx_read(stream, &idx));
    ck_assert_uint_eq(idx.rank, 3);
    ck_assert_uint_eq(idx.shape[0], 2);
    ck_assert_uint_eq(idx.shape[2], 3);
    ck_assert_uint_eq(idx.size, 6);
    ck_assert_mem_eq(idx.bytes, bytes + 16, 6);
    trn_free(ctx, idx.bytes);
    trn_stream_free(stream);
}
END_TEST

START_TEST(idx_hostile)
{
    const uint8_t huge[] = {0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 3};
    const uint8_t lying[] = {0, 0, 8, 1, 255, 255, 255, 255, 1};
    const uint8_t longer[] = {0, 0, 8, 1, 0, 0, 0, 1, 7, 8};
    const uint8_t floats[] = {0, 0, 13, 1, 0, 0, 0, 0};
    const uint8_t rank[] = {0, 0, 8, 200, 0, 0, 0, 0};

    EXPECT_IDX(huge, sizeof huge, TRNNSF_E_LIMIT, "'file': IDX dimension 1 of 4294967295");
    EXPECT_IDX(lying, sizeof lying, TRNNSF_E_FORMAT, "4294967295 more must follow");
    EXPECT_IDX(longer, sizeof longer, TRNNSF_E_FORMAT, "more bytes than the 9");
    EXPECT_IDX(floats, sizeof floats, TRNNSF_E_UNSUPPORTED, "type 0x0d");
    EXPECT_IDX(rank, sizeof rank, TRNNSF_E_LIMIT, "200 IDX dimensions");
    EXPECT_IDX("PNG!", 4, TRNNSF_E_FORMAT, "begins with 50 4e");
    for (size_t cut = 0; cut < sizeof huge; cut++)
        EXPECT_IDX(longer, cut < 9 ? cut : 8, TRNNSF_E_FORMAT, "'file' ends at byte");
}
END_TEST

START_TEST(cifar_records)
{
    static uint8_t bytes[2 * 3073];
    static float colour[2 * 3072], grey[2 * 1024];
    int64_t labels[2];
    struct trn_stream *stream;

    bytes[0] = 9;
    bytes[1] = 255;           /* red of the first pixel */
    bytes[1 + 1024] = 51;     /* its green */
    bytes[1 + 2048] = 102;    /* its blue */
    bytes[3073 + 3072] = 255; /* blue of the last pixel of the second */
    stream = open_bytes(bytes, sizeof bytes);
    EXPECT_OK(trn_cifar_read(stream, 2, false, colour, labels));
    trn_stream_free(stream);
    ck_assert_int_eq(labels[0], 9);
    ck_assert_int_eq(labels[1], 0);
    ck_assert_float_eq(colour[0], 1.0f);
    ck_assert_float_eq_tol(colour[1024], 0.2f, 1e-7f);
    ck_assert_float_eq(colour[2 * 3072 - 1], 1.0f);

    stream = open_bytes(bytes, sizeof bytes);
    EXPECT_OK(trn_cifar_read(stream, 2, true, grey, labels));
    trn_stream_free(stream);
    ck_assert_float_eq_tol(grey[0], 0.299f + 0.2f * 0.587f + 0.4f * 0.114f, 1e-6f);
    ck_assert_float_eq_tol(grey[2 * 1024 - 1], 0.114f, 1e-7f);

    stream = open_bytes(bytes, sizeof bytes - 1);
    EXPECT(trn_cifar_read(stream, 2, true, grey, labels), TRNNSF_E_FORMAT, "ends at byte 6145");
    trn_stream_free(stream);
    stream = open_bytes(bytes, sizeof bytes);
    EXPECT(trn_cifar_read(stream, 1, true, grey, labels), TRNNSF_E_FORMAT, "more bytes");
    trn_stream_free(stream);
    bytes[3073] = 10;
    stream = open_bytes(bytes, sizeof bytes);
    EXPECT(trn_cifar_read(stream, 2, true, grey, labels), TRNNSF_E_FORMAT, "label 10 of sample 1");
    trn_stream_free(stream);
}
END_TEST

/* An NPY file of the given dictionary and data; padded as NumPy does. */
static struct trn_stream *open_npy(const char *dictionary, const void *data, size_t size)
{
    static uint8_t bytes[8192];
    size_t length = strlen(dictionary), padded = (10 + length + 64) / 64 * 64 - 10;

    memset(bytes, ' ', sizeof bytes);
    memcpy(bytes, "\x93NUMPY\x01", 7);
    bytes[7] = 0;
    bytes[8] = (uint8_t)padded;
    bytes[9] = (uint8_t)(padded >> 8);
    memcpy(bytes + 10, dictionary, length);
    bytes[10 + padded - 1] = '\n';
    if (size > 0)
        memcpy(bytes + 10 + padded, data, size);
    return open_bytes(bytes, 10 + padded + size);
}

static trnnsf_status read_npy(const char *dictionary)
{
    struct trn_stream *stream = open_npy(dictionary, "0123456789abcdef", 16);
    struct trn_npy npy = {0};
    trnnsf_status status = trn_npy_read(stream, &npy);

    trn_free(ctx, npy.bytes);
    trn_stream_free(stream);
    return status;
}

#define EXPECT_NPY(dictionary, wanted, fragment) EXPECT(read_npy(dictionary), wanted, fragment)

START_TEST(npy_types)
{
    static const struct {
        const char *type;
        uint8_t bytes[16];
        size_t width;
        float first, second;
    } cases[] = {
        {"|b1", {0, 1}, 1, 0, 1},
        {"|u1", {255, 1}, 1, 255, 1},
        {"|i1", {255, 1}, 1, -1, 1},
        {"<i2", {0xfe, 0xff, 1, 0}, 2, -2, 1},
        {">i2", {0xff, 0xfe, 0, 1}, 2, -2, 1},
        {"<u2", {0xfe, 0xff, 1, 0}, 2, 65534, 1},
        {"<i4", {0xfe, 0xff, 0xff, 0xff, 1, 0, 0, 0}, 4, -2, 1},
        {"<u4", {0, 0, 0, 0x80, 1, 0, 0, 0}, 4, 2147483648.0f, 1},
        {">u4", {0x80, 0, 0, 0, 0, 0, 0, 1}, 4, 2147483648.0f, 1},
        {"<i8", {0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}, 8, -2, 1},
        {"<u8", {0, 0, 0, 0, 0, 0, 0, 0x80, 1}, 8, 9223372036854775808.0f, 1},
        {"<f4", {0, 0, 0xc0, 0x3f, 0, 0, 0x80, 0x3f}, 4, 1.5f, 1},
        {">f4", {0x3f, 0xc0, 0, 0, 0x3f, 0x80, 0, 0}, 4, 1.5f, 1},
        {"<f8", {0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f}, 8, 1.5f, 1},
    };
    char dictionary[128];
    float values[2];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct trn_stream *stream;
        struct trn_npy npy;

        snprintf(dictionary, sizeof dictionary,
                 "{'descr': '%s', 'fortran_order': False, 'shape': (2,), }", cases[i].type);
        stream = open_npy(dictionary, cases[i].bytes, 2 * cases[i].width);
        EXPECT_OK(trn_npy_read(stream, &npy));
        trn_npy_floats(&npy, values);
        ck_assert_msg(values[0] == cases[i].first && values[1] == cases[i].second, "%s: %g %g",
                      cases[i].type, (double)values[0], (double)values[1]);
        trn_free(ctx, npy.bytes);
        trn_stream_free(stream);
    }
}
END_TEST

START_TEST(npy_headers)
{
    struct trn_stream *stream = open_npy(
        "{\"shape\":(2,4,2),\"descr\":\"|u1\",\"fortran_order\":False}", "0123456789abcdef", 16);
    struct trn_npy npy;

    EXPECT_OK(trn_npy_read(stream, &npy));
    ck_assert_uint_eq(npy.rank, 3);
    ck_assert_uint_eq(npy.shape[1], 4);
    trn_free(ctx, npy.bytes);
    trn_stream_free(stream);

    EXPECT_NPY("{'descr': '<c8', 'fortran_order': False, 'shape': (2,), }", TRNNSF_E_UNSUPPORTED,
               "type '<c8'");
    EXPECT_NPY("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }",
               TRNNSF_E_UNSUPPORTED, "type [('a'");
    EXPECT_NPY("{'descr': '|u1', 'fortran_order': True, 'shape': (4, 4), }", TRNNSF_E_UNSUPPORTED,
               "Fortran");
    EXPECT_NPY("{'descr': '|u1', 'fortran_order': False, 'shape': (1,1,1,1,16), }", TRNNSF_E_LIMIT,
               "more than 4");
    EXPECT_NPY("{'descr': '|u1', 'fortran_order': False, 'shape': (9223372036854775808, 4), }",
               TRNNSF_E_LIMIT, "'file': NPY dimension 0");
    EXPECT_NPY("{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999999999,), }",
               TRNNSF_E_LIMIT, "too large");
    EXPECT_NPY("{'descr': '|u1', 'fortran_order': False, 'shape': (-1,), }", TRNNSF_E_FORMAT,
               "no dimension");
    EXPECT_NPY("{'descr': '|u1', 'fortran_order': False, 'shape': 16, }", TRNNSF_E_FORMAT,
               "no shape");
    EXPECT_NPY("{'descr': '|u1', 'shape': (16,), }", TRNNSF_E_FORMAT, "a key missing");
    EXPECT_NPY("{'descr': '|u1', 'descr': '|u1', }", TRNNSF_E_FORMAT, "a repeated key");
    EXPECT_NPY("{'descr': '|u1', 'color': '|u1', }", TRNNSF_E_FORMAT, "an unknown key");
    EXPECT_NPY("{'descr': '|u1', 'fortran_order': False, 'shape': (16,), } x", TRNNSF_E_FORMAT,
               "something after it");
    EXPECT_NPY("{'descr': '|u1', 'fortran_order': False, 'shape': (17,), }", TRNNSF_E_FORMAT,
               "ends at byte");
    EXPECT_NPY("{'descr': '|u1', 'fortran_order': False, 'shape': (15,), }", TRNNSF_E_FORMAT,
               "more bytes");
    EXPECT_NPY("[]", TRNNSF_E_FORMAT, "no '{'");
}
END_TEST

START_TEST(npy_preambles)
{
    uint8_t bytes[16] = "\x93NUMPY\x04";
    struct trn_stream *stream = open_bytes("PK\3\4....", 8);
    struct trn_npy npy;

    EXPECT(trn_npy_read(stream, &npy), TRNNSF_E_FORMAT, "does not begin");
    trn_stream_free(stream);
    stream = open_bytes(bytes, 16);
    EXPECT(trn_npy_read(stream, &npy), TRNNSF_E_UNSUPPORTED, "version 4.0");
    trn_stream_free(stream);
    bytes[6] = 2;
    memset(bytes + 8, 255, 4);
    stream = open_bytes(bytes, 16);
    EXPECT(trn_npy_read(stream, &npy), TRNNSF_E_LIMIT, "4294967295");
    trn_stream_free(stream);
}
END_TEST

START_TEST(npy_labels)
{
    const double doubles[2] = {-3, 4}, halves[2] = {0.5, 1}, nans[2] = {0, NAN};
    struct trn_npy npy = {.kind = 'f', .width = 8, .rank = 1, .shape = {2}, .count = 2};
    uint8_t bytes[16];
    int64_t labels[2];

    npy.bytes = bytes;
    memcpy(bytes, doubles, 16);
    EXPECT_OK(trn_npy_integers(ctx, "y", &npy, labels));
    ck_assert_int_eq(labels[0], -3);
    memcpy(bytes, halves, 16);
    EXPECT(trn_npy_integers(ctx, "y", &npy, labels), TRNNSF_E_FORMAT, "'y': element 0 is 0.5");
    memcpy(bytes, nans, 16);
    EXPECT(trn_npy_integers(ctx, "y", &npy, labels), TRNNSF_E_FORMAT, "'y': element 1 is");
    npy.kind = 'u';
    memset(bytes, 255, 16);
    EXPECT(trn_npy_integers(ctx, "y", &npy, labels), TRNNSF_E_FORMAT, "2^53");
}
END_TEST

TCase *format_tests(void)
{
    TCase *tests = tcase_create("formats");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, idx_images);
    tcase_add_test(tests, idx_hostile);
    tcase_add_test(tests, cifar_records);
    tcase_add_test(tests, npy_types);
    tcase_add_test(tests, npy_headers);
    tcase_add_test(tests, npy_preambles);
    tcase_add_test(tests, npy_labels);
    return tests;
}
