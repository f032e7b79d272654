/* safetensors: what is written is read; hostile headers. */
#include "io/safetensors.h"

#include <math.h>
#include <stdio.h>

#include "io/bytes.h"
#include "io/suite.h"

#if TRN_HAVE_JANSSON

static struct trn_safetensors_writer *writer(void)
{
    struct trn_safetensors_writer *made;

    EXPECT_OK(trn_safetensors_writer_create(ctx, &made));
    return made;
}

START_TEST(written_is_read)
{
    const float floats[6] = {0, 1, -2.5f, 1e-40f, 3e38f, -0.0f};
    const uint8_t bytes[3] = {1, 2, 3};
    const double doubles[1] = {0.1};
    const size_t shape[2] = {2, 3}, three = 3, one = 1, zero = 0, sizes[3] = {0, 5, 1u << 31};
    struct trn_safetensors_writer *made = writer();
    struct trn_safetensors *file = NULL;
    const void *data = NULL;
    const float *values = NULL;
    size_t count, *read = NULL;
    uint64_t number = 0;
    double real = 0;

    trn_safetensors_set(made, "format", "other");
    trn_safetensors_set(made, "format", "trnnsf-test");
    trn_safetensors_set_number(made, "format_version", 1);
    trn_safetensors_set_number(made, "big", UINT64_MAX);
    trn_safetensors_set_real(made, "real", 0.1);
    trn_safetensors_set(made, "text", "a \"quote\",\n\xC3\xA9");
    /* Bytes first: the writer puts wide elements before them. */
    trn_safetensors_add(made, "bytes", TRN_TENSOR_U8, 1, &three, bytes);
    trn_safetensors_add(made, "floats", TRN_TENSOR_F32, 2, shape, floats);
    trn_safetensors_add(made, "double", TRN_TENSOR_F64, 1, &one, doubles);
    trn_safetensors_add(made, "scalar", TRN_TENSOR_F32, 0, NULL, floats + 2);
    trn_safetensors_add(made, "empty", TRN_TENSOR_F32, 1, &zero, NULL);
    trn_safetensors_add_sizes(made, "sizes", 3, sizes);
    EXPECT_OK(trn_safetensors_write(made, in_folder("a")));
    trn_safetensors_writer_free(made);

    EXPECT_OK(trn_safetensors_open(ctx, in_folder("a"), &file));
    ck_assert_uint_eq(trn_safetensors_count(file), 6);
    EXPECT_OK(trn_safetensors_get_finite(file, "floats", 2, shape, &values));
    ck_assert_mem_eq(values, floats, sizeof floats);
    EXPECT_OK(trn_safetensors_get(file, "double", TRN_TENSOR_F64, 1, &one, &data));
    ck_assert_mem_eq(data, doubles, sizeof doubles);
    EXPECT_OK(trn_safetensors_get(file, "bytes", TRN_TENSOR_U8, 1, &three, &data));
    ck_assert_mem_eq(data, bytes, 3);
    EXPECT_OK(trn_safetensors_get(file, "scalar", TRN_TENSOR_F32, 0, NULL, &data));
    ck_assert_mem_eq(data, floats + 2, 4);
    EXPECT_OK(trn_safetensors_get_list(file, "empty", TRN_TENSOR_F32, &count, &data));
    ck_assert_uint_eq(count, 0);
    EXPECT_OK(trn_safetensors_get_sizes(file, "sizes", SIZE_MAX, &count, &read));
    ck_assert_uint_eq(count, 3);
    ck_assert_uint_eq(read[2], 1u << 31);
    trn_free(ctx, read);

    EXPECT_OK(trn_safetensors_expect_format(file, "trnnsf-test", 1));
    EXPECT_OK(trn_safetensors_number(file, "big", 0, UINT64_MAX, &number));
    ck_assert(number == UINT64_MAX);
    EXPECT_OK(trn_safetensors_real(file, "real", &real));
    ck_assert_double_eq(real, 0.1);
    ck_assert_str_eq(trn_safetensors_text(file, "text"), "a \"quote\",\n\xC3\xA9");
    ck_assert_ptr_null(trn_safetensors_text(file, "none"));
    trn_safetensors_free(file);
}
END_TEST

START_TEST(bytes_depend_on_the_calls_alone)
{
    uint8_t *bytes[2];
    size_t size[2], shape = 4;
    const float values[4] = {1, 2, 3, 4};

    for (int i = 0; i < 2; i++) {
        struct trn_safetensors_writer *made = writer();

        trn_safetensors_set(made, "z", "1");
        trn_safetensors_set(made, "a", "2");
        trn_safetensors_add(made, "w", TRN_TENSOR_F32, 1, &shape, values);
        EXPECT_OK(trn_safetensors_write(made, in_folder("a")));
        trn_safetensors_writer_free(made);
        bytes[i] = read_bytes(in_folder("a"), &size[i]);
    }
    ck_assert_uint_eq(size[0], size[1]);
    ck_assert_mem_eq(bytes[0], bytes[1], size[0]);
    /* The data begins on 8 bytes. */
    ck_assert_uint_eq((size[0] - 16) % 8, 0);
    ck_assert_uint_eq(trn_u64_little(bytes[0]) + 8 + 16, size[0]);
    free(bytes[0]);
    free(bytes[1]);
}
END_TEST

START_TEST(first_failure_is_kept)
{
    struct trn_safetensors_writer *made = writer();
    const size_t one = 1, huge[2] = {SIZE_MAX, 2};
    const float value = 1;

    trn_safetensors_add(made, "w", TRN_TENSOR_F32, 1, &one, &value);
    EXPECT(trn_safetensors_add(made, "w", TRN_TENSOR_F32, 1, &one, &value), TRNNSF_E_INVALID,
           "tensor 'w' is added twice");
    ck_assert_int_eq(trn_safetensors_set(made, "k", "v"), TRNNSF_E_INVALID);
    ck_assert_int_eq(trn_safetensors_write(made, in_folder("a")), TRNNSF_E_INVALID);
    ck_assert_uint_eq(files_in_folder(), 0);
    trn_safetensors_writer_free(made);
    made = writer();
    EXPECT(trn_safetensors_add(made, "w", TRN_TENSOR_F32, 2, huge, &value), TRNNSF_E_LIMIT, "'w'");
    trn_safetensors_writer_free(made);
    made = writer();
    EXPECT(trn_safetensors_set_real(made, "loss", NAN), TRNNSF_E_INVALID, "'loss' is not finite");
    trn_safetensors_writer_free(made);
    made = writer();
    EXPECT(trn_safetensors_write(made, in_folder("no/where")), TRNNSF_E_NOT_FOUND, "no/where");
    trn_safetensors_writer_free(made);
    trn_safetensors_writer_free(NULL);
    trn_safetensors_free(NULL);
}
END_TEST

/* A file of this header and so many bytes of data. */
static trnnsf_status parse(const char *header, size_t data, struct trn_safetensors **file)
{
    size_t length = strlen(header);
    uint8_t *bytes = calloc(8 + length + data, 1);
    trnnsf_status status;

    trn_u64_put_little(bytes, length);
    memcpy(bytes + 8, header, length);
    status = trn_safetensors_parse(ctx, "f", bytes, 8 + length + data, file);
    free(bytes);
    return status;
}

START_TEST(hostile_headers)
{
    static const struct {
        const char *header;
        size_t data;
        trnnsf_status status;
        const char *fragment;
    } cases[] = {
        {"", 0, TRNNSF_E_FORMAT, "does not begin with '{'"},
        {" {}", 0, TRNNSF_E_FORMAT, "does not begin with '{'"},
        {"[]", 0, TRNNSF_E_FORMAT, "does not begin with '{'"},
        {"{", 0, TRNNSF_E_FORMAT, "of the header"},
        {"{}{}", 0, TRNNSF_E_FORMAT, "of the header"},
        {"{}", 1, TRNNSF_E_FORMAT, "1 bytes of data belong to no tensor"},
        {"{\"w\":1}", 0, TRNNSF_E_FORMAT, "tensor 'w' is not an object"},
        {"{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":1}}", 4,
         TRNNSF_E_FORMAT, "is not an object of"},
        {"{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offset\":[0,4]}}", 4, TRNNSF_E_FORMAT,
         "no valid data_offsets"},
        {"{\"w\":{\"dtype\":\"F31\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4,
         TRNNSF_E_UNSUPPORTED, "unknown dtype 'F31'"},
        {"{\"w\":{\"dtype\":32,\"shape\":[1],\"data_offsets\":[0,4]}}", 4, TRNNSF_E_FORMAT,
         "has no dtype"},
        {"{\"w\":{\"dtype\":\"F32\",\"shape\":1,\"data_offsets\":[0,4]}}", 4, TRNNSF_E_FORMAT,
         "has no shape"},
        {"{\"w\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4, TRNNSF_E_FORMAT,
         "dimension 0 of tensor 'w'"},
        {"{\"w\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}}", 4, TRNNSF_E_FORMAT,
         "is not a size"},
        {"{\"w\":{\"dtype\":\"F32\",\"shape\":[9223372036854775808],\"data_offsets\":[0,4]}}", 4,
         TRNNSF_E_FORMAT, "too big integer"},
        {"{\"w\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807,4],\"data_offsets\":[0,4]}}", 4,
         TRNNSF_E_LIMIT, "of tensor 'w' is too large"},
        {"{\"w\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807],\"data_offsets\":[0,4]}}", 4,
         TRNNSF_E_LIMIT, "tensor 'w' is too large"},
        {"{\"w\":{\"dtype\":\"U8\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,1]}}", 1,
         TRNNSF_E_LIMIT, "9 dimensions"},
        {"{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4, TRNNSF_E_FORMAT,
         "has 4 bytes where its shape and dtype need 8"},
        {"{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 3, TRNNSF_E_FORMAT,
         "ends at byte 4 of 3"},
        {"{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4, TRNNSF_E_FORMAT,
         "no valid data_offsets"},
        {"{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}}", 4, TRNNSF_E_FORMAT,
         "no valid data_offsets"},
        {"{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}", 4, TRNNSF_E_FORMAT,
         "no valid data_offsets"},
        {"{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8, TRNNSF_E_FORMAT,
         "leaves a hole"},
        {"{\"v\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
         "\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[2,6]}}",
         6, TRNNSF_E_FORMAT, "tensor 'w' begins at byte 2 of the data and overlaps"},
        {"{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
         "\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
         8, TRNNSF_E_FORMAT, "duplicate"},
        {"{\"__metadata__\":[]}", 0, TRNNSF_E_FORMAT, "__metadata__ is not an object"},
        {"{\"__metadata__\":{\"a\":1}}", 0, TRNNSF_E_FORMAT, "'a' is not a text"},
        {"{\"\xff\":1}", 0, TRNNSF_E_FORMAT, "unable to decode byte 0xff"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct trn_safetensors *file = NULL;

        EXPECT(parse(cases[i].header, cases[i].data, &file), cases[i].status, cases[i].fragment);
        ck_assert_ptr_null(file);
    }
}
END_TEST

START_TEST(hostile_lengths)
{
    uint8_t bytes[16] = {0};
    struct trn_safetensors *file = NULL;

    EXPECT(trn_safetensors_parse(ctx, "f", bytes, 7, &file), TRNNSF_E_FORMAT, "'f' has 7 bytes");
    trn_u64_put_little(bytes, 9);
    EXPECT(trn_safetensors_parse(ctx, "f", bytes, 16, &file), TRNNSF_E_FORMAT, "only 8 are left");
    trn_u64_put_little(bytes, 100000001);
    EXPECT(trn_safetensors_parse(ctx, "f", bytes, 16, &file), TRNNSF_E_LIMIT, "100000001");
    memset(bytes, 255, 16);
    EXPECT(trn_safetensors_parse(ctx, "f", bytes, 16, &file), TRNNSF_E_LIMIT,
           "another kind of file");
}
END_TEST

START_TEST(deep_nesting)
{
    enum { DEPTH = 200000 };
    char *header = malloc(DEPTH + 16);
    struct trn_safetensors *file = NULL;

    memcpy(header, "{\"w\":", 5);
    memset(header + 5, '[', DEPTH);
    header[5 + DEPTH] = '\0';
    EXPECT(parse(header, 0, &file), TRNNSF_E_FORMAT, "depth");
    free(header);
}
END_TEST

/* Other writers may place a tensor off its alignment. */
START_TEST(odd_places)
{
    struct trn_safetensors *file = NULL;
    const size_t shape = 1;
    const void *data = NULL;

    EXPECT_OK(parse("{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},"
                    "\"b\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[3,11]},"
                    "\"c\":{\"dtype\":\"BF16\",\"shape\":[1,1],\"data_offsets\":[11,13]}}  ",
                    13, &file));
    EXPECT_OK(trn_safetensors_get(file, "b", TRN_TENSOR_F64, 1, &shape, &data));
    ck_assert_uint_eq((uintptr_t)data % 8, 0);
    EXPECT(trn_safetensors_get(file, "d", TRN_TENSOR_F64, 1, &shape, &data), TRNNSF_E_FORMAT,
           "'f': tensor 'd' is missing");
    EXPECT(trn_safetensors_get(file, "b", TRN_TENSOR_F32, 1, &shape, &data), TRNNSF_E_FORMAT,
           "tensor 'b' is F64 of 1 dimensions, not F32 of 1");
    EXPECT(trn_safetensors_get(file, "a", TRN_TENSOR_U8, 1, &shape, &data), TRNNSF_E_FORMAT,
           "dimension 0 of tensor 'a' is 3, not 1");
    trn_safetensors_free(file);
}
END_TEST

START_TEST(expectations)
{
    struct trn_safetensors *file = NULL;
    uint64_t number = 0;
    double real = 0;

    EXPECT_OK(parse("{\"__metadata__\":{\"format\":\"pt\",\"n\":\"12\",\"m\":\"-1\",\"o\":"
                    "\"18446744073709551616\",\"p\":\"\",\"r\":\"1e999\",\"s\":\"1.5x\"}}",
                    0, &file));
    EXPECT(trn_safetensors_expect_format(file, "trnnsf-network", 1), TRNNSF_E_FORMAT,
           "'f' is no trnnsf-network file: its format is 'pt'");
    EXPECT(trn_safetensors_expect_format(file, "pt", 1), TRNNSF_E_FORMAT,
           "'format_version' is missing");
    EXPECT(trn_safetensors_number(file, "n", 0, 11, &number), TRNNSF_E_FORMAT,
           "'12', not a number");
    EXPECT(trn_safetensors_number(file, "m", 0, 11, &number), TRNNSF_E_FORMAT, "'-1'");
    EXPECT(trn_safetensors_number(file, "o", 0, UINT64_MAX, &number), TRNNSF_E_FORMAT, "'o'");
    EXPECT(trn_safetensors_number(file, "p", 0, UINT64_MAX, &number), TRNNSF_E_FORMAT, "'p'");
    EXPECT(trn_safetensors_real(file, "r", &real), TRNNSF_E_FORMAT, "'r'");
    EXPECT(trn_safetensors_real(file, "s", &real), TRNNSF_E_FORMAT, "'1.5x', not a number");
    EXPECT(trn_safetensors_real(file, "t", &real), TRNNSF_E_FORMAT, "'t' is missing");
    trn_safetensors_free(file);
}
END_TEST

/* Any cut of a good file is refused. */
START_TEST(truncated)
{
    struct trn_safetensors_writer *made = writer();
    struct trn_safetensors *file = NULL;
    const float values[5] = {1, 2, 3, 4, 5};
    size_t shape = 5, size;
    uint8_t *bytes;

    trn_safetensors_set(made, "format", "x");
    trn_safetensors_add(made, "w", TRN_TENSOR_F32, 1, &shape, values);
    EXPECT_OK(trn_safetensors_write(made, in_folder("a")));
    trn_safetensors_writer_free(made);
    bytes = read_bytes(in_folder("a"), &size);
    for (size_t cut = 0; cut < size; cut++)
        EXPECT(trn_safetensors_parse(ctx, "f", bytes, cut, &file), TRNNSF_E_FORMAT, "'f'");
    EXPECT_OK(trn_safetensors_parse(ctx, "f", bytes, size, &file));
    trn_safetensors_free(file);
    free(bytes);
}
END_TEST

#else

START_TEST(built_without)
{
    struct trn_safetensors_writer *made = NULL;
    struct trn_safetensors *file = NULL;

    EXPECT(trn_safetensors_writer_create(ctx, &made), TRNNSF_E_UNSUPPORTED, "jansson");
    EXPECT(trn_safetensors_parse(ctx, "f", (const uint8_t *)"", 0, &file), TRNNSF_E_UNSUPPORTED,
           "jansson");
}
END_TEST

#endif

TCase *safetensors_tests(void)
{
    TCase *tests = tcase_create("safetensors");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 30);
#if TRN_HAVE_JANSSON
    tcase_add_test(tests, written_is_read);
    tcase_add_test(tests, bytes_depend_on_the_calls_alone);
    tcase_add_test(tests, first_failure_is_kept);
    tcase_add_test(tests, hostile_headers);
    tcase_add_test(tests, hostile_lengths);
    tcase_add_test(tests, deep_nesting);
    tcase_add_test(tests, odd_places);
    tcase_add_test(tests, expectations);
    tcase_add_test(tests, truncated);
#else
    tcase_add_test(tests, built_without);
#endif
    return tests;
}
