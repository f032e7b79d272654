/* Streams: plain, gz and xz. The packed bytes are made here by the packers themselves. */
#include "io/stream.h"

#if TRN_HAVE_ZLIB
#include <zlib.h>
#endif
#if TRN_HAVE_LZMA
#include <lzma.h>
#endif

#include "io/suite.h"

enum { SIZE = 200000, ROOM = 400000 };
static uint8_t plain[SIZE], packed[ROOM];

static void fill_plain(void)
{
    uint32_t state = 1;

    for (size_t i = 0; i < SIZE; i++) {
        state = state * 1664525u + 1013904223u;
        plain[i] = i % 1000 < 500 ? 0 : (uint8_t)(state >> 24);
    }
}

enum packer { PLAIN, GZ, XZ, PACKERS };

/* 0 where the library was built without the packer. */
static size_t pack(enum packer packer, const uint8_t *bytes, size_t size)
{
    if (packer == PLAIN) {
        memcpy(packed, bytes, size);
        return size;
    }
#if TRN_HAVE_ZLIB
    if (packer == GZ) {
        z_stream z = {0};

        ck_assert_int_eq(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
        z.next_in = (Bytef *)(uintptr_t)bytes;
        z.avail_in = (uInt)size;
        z.next_out = packed;
        z.avail_out = ROOM;
        ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
        deflateEnd(&z);
        return ROOM - z.avail_out;
    }
#endif
#if TRN_HAVE_LZMA
    if (packer == XZ) {
        size_t used = 0;

        ck_assert_int_eq(
            lzma_easy_buffer_encode(1, LZMA_CHECK_CRC64, NULL, bytes, size, packed, &used, ROOM),
            LZMA_OK);
        return used;
    }
#endif
    return 0;
}

static struct trn_stream *open_packed(size_t size)
{
    struct trn_stream *stream;

    EXPECT_OK(trn_stream_open_memory(ctx, "memory", packed, size, &stream));
    return stream;
}

START_TEST(bytes_come_back)
{
    size_t size, got = 0;
    struct trn_stream *stream;
    uint8_t word[10], *taken = NULL, *rest = NULL;

    fill_plain();
    size = pack((enum packer)_i, plain, SIZE);
    if (size == 0)
        return;
    stream = open_packed(size);
    EXPECT_OK(trn_stream_read(stream, word, 10));
    ck_assert_mem_eq(word, plain, 10);
    EXPECT_OK(trn_stream_take(stream, 150000, &taken));
    ck_assert_mem_eq(taken, plain + 10, 150000);
    EXPECT_OK(trn_stream_take_rest(stream, SIZE - 150010, &rest, &got));
    ck_assert_uint_eq(got, SIZE - 150010);
    ck_assert_mem_eq(rest, plain + 150010, got);
    ck_assert_uint_eq(rest[got], 0);
    EXPECT_OK(trn_stream_expect_end(stream));
    trn_free(ctx, taken);
    trn_free(ctx, rest);
    trn_stream_free(stream);
}
END_TEST

START_TEST(more_or_fewer_than_expected)
{
    struct trn_stream *stream;
    uint8_t *bytes = NULL;
    size_t size, got;

    fill_plain();
    size = pack((enum packer)_i, plain, SIZE);
    if (size == 0)
        return;
    stream = open_packed(size);
    EXPECT(trn_stream_take(stream, SIZE + 1, &bytes), TRNNSF_E_FORMAT, "'memory' ends at byte");
    trn_stream_free(stream);
    stream = open_packed(size);
    EXPECT(trn_stream_take(stream, UINT32_MAX, &bytes), TRNNSF_E_FORMAT, "more must follow");
    trn_stream_free(stream);
    stream = open_packed(size);
    EXPECT_OK(trn_stream_take(stream, SIZE - 1, &bytes));
    EXPECT(trn_stream_expect_end(stream), TRNNSF_E_FORMAT, "more bytes than the 199999");
    trn_free(ctx, bytes);
    trn_stream_free(stream);
    stream = open_packed(size);
    EXPECT(trn_stream_take_rest(stream, SIZE - 1, &bytes, &got), TRNNSF_E_LIMIT,
           "more than 199999");
    trn_stream_free(stream);
}
END_TEST

/* Cut anywhere, or one bit turned: never more than a status. */
START_TEST(damage_is_seen)
{
    struct trn_stream *stream;
    uint8_t *bytes = NULL;
    size_t size, got;

    fill_plain();
    size = pack((enum packer)_i, plain, 3000);
    if (size == 0 || _i == PLAIN)
        return;
    for (size_t cut = 8; cut < size; cut += 13) {
        stream = open_packed(cut);
        ck_assert_int_ne(trn_stream_take_rest(stream, SIZE, &bytes, &got), TRNNSF_OK);
        trn_stream_free(stream);
    }
    for (size_t at = 12; at < size; at += 7) {
        packed[at] ^= 0x10;
        stream = open_packed(size);
        if (trn_stream_take_rest(stream, SIZE, &bytes, &got) == TRNNSF_OK) {
            /* a bit that means nothing, such as padding */
            ck_assert_uint_eq(got, 3000);
            ck_assert_mem_eq(bytes, plain, got);
            trn_free(ctx, bytes);
        }
        trn_stream_free(stream);
        packed[at] ^= 0x10;
    }
    packed[size] = 'x';
    stream = open_packed(size + 1);
    ck_assert_int_eq(trn_stream_take_rest(stream, SIZE, &bytes, &got), TRNNSF_E_FORMAT);
    trn_stream_free(stream);
}
END_TEST

/* `cat a.gz b.gz` is a gz file, and so with xz. */
START_TEST(members_follow_one_another)
{
    struct trn_stream *stream;
    uint8_t *bytes = NULL;
    size_t size, got;

    fill_plain();
    size = pack((enum packer)_i, plain, 1000);
    if (size == 0 || _i == PLAIN)
        return;
    memcpy(packed + size, packed, size);
    stream = open_packed(2 * size);
    EXPECT_OK(trn_stream_take_rest(stream, SIZE, &bytes, &got));
    ck_assert_uint_eq(got, 2000);
    ck_assert_mem_eq(bytes + 1000, plain, 1000);
    trn_free(ctx, bytes);
    trn_stream_free(stream);
}
END_TEST

/* A few kilobytes that unpack to 64 MiB are given up as soon as they exceed what was expected. */
START_TEST(bombs_are_bounded)
{
    const size_t bomb = (size_t)64 << 20;
    uint8_t *zeros = calloc(bomb, 1), *bytes = NULL;
    struct trn_stream *stream;
    size_t size = pack((enum packer)_i, zeros, _i == PLAIN ? 1 : bomb), got;

    free(zeros);
    if (size == 0 || _i == PLAIN)
        return;
    stream = open_packed(size);
    EXPECT(trn_stream_take_rest(stream, 1000, &bytes, &got), TRNNSF_E_LIMIT, "more than 1000");
    trn_stream_free(stream);
    stream = open_packed(size);
    EXPECT_OK(trn_stream_take(stream, 1000, &bytes));
    EXPECT(trn_stream_expect_end(stream), TRNNSF_E_FORMAT, "more bytes");
    trn_free(ctx, bytes);
    trn_stream_free(stream);
}
END_TEST

START_TEST(files_are_streams)
{
    struct trn_stream *stream;
    uint8_t word[4];

    write_bytes("a", "abcd", 4);
    EXPECT_OK(trn_stream_open(ctx, in_folder("a"), &stream));
    EXPECT_OK(trn_stream_read(stream, word, 4));
    ck_assert_mem_eq(word, "abcd", 4);
    ck_assert_str_eq(trn_stream_name(stream), in_folder("a"));
    trn_stream_free(stream);
    EXPECT(trn_stream_open(ctx, in_folder("b"), &stream), TRNNSF_E_NOT_FOUND, "b'");
    trn_stream_free(NULL);
}
END_TEST

TCase *stream_tests(void)
{
    TCase *tests = tcase_create("stream");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, bytes_come_back, 0, PACKERS);
    tcase_add_loop_test(tests, more_or_fewer_than_expected, 0, PACKERS);
    tcase_add_loop_test(tests, damage_is_seen, 0, PACKERS);
    tcase_add_loop_test(tests, members_follow_one_another, 0, PACKERS);
    tcase_add_loop_test(tests, bombs_are_bounded, 0, PACKERS);
    tcase_add_test(tests, files_are_streams);
    return tests;
}
