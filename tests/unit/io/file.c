/* base/file: reading with a bound, writing beside. */
#include "base/file.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/suite.h"

START_TEST(written_is_read)
{
    uint8_t bytes[70000], *read = NULL;
    size_t size;

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7);
    for (size_t n = 0; n <= sizeof bytes; n = n * 5 + 1) {
        EXPECT_OK(trn_file_write(ctx, in_folder("a"), bytes, n));
        EXPECT_OK(trn_file_read(ctx, in_folder("a"), n, &read, &size));
        ck_assert_uint_eq(size, n);
        ck_assert_mem_eq(read, bytes, n);
        ck_assert_uint_eq(read[n], 0);
        trn_free(ctx, read);
        if (n > 0)
            EXPECT(trn_file_read(ctx, in_folder("a"), n - 1, &read, &size), TRNNSF_E_LIMIT,
                   "bytes");
    }
    ck_assert_uint_eq(files_in_folder(), 1);
}
END_TEST

START_TEST(what_cannot_be_read)
{
    uint8_t *read = NULL;
    size_t size;

    EXPECT(trn_file_read(ctx, in_folder("none"), 10, &read, &size), TRNNSF_E_NOT_FOUND, "none'");
    EXPECT(trn_file_read(ctx, folder(), 10, &read, &size), TRNNSF_E_IO, "folder");
    /* It tells no size and never ends. */
    EXPECT(trn_file_read(ctx, "/dev/zero", 100000, &read, &size), TRNNSF_E_LIMIT, "100000");
    EXPECT_OK(trn_file_read(ctx, "/dev/null", 0, &read, &size));
    ck_assert_uint_eq(size, 0);
    trn_free(ctx, read);
}
END_TEST

START_TEST(old_file_stands_until_the_commit)
{
    struct trn_file_writer *writer;
    uint8_t *read = NULL;
    size_t size;

    EXPECT_OK(trn_file_write(ctx, in_folder("a"), "old", 3));
    EXPECT_OK(trn_file_begin(ctx, in_folder("a"), &writer));
    EXPECT_OK(trn_file_append(writer, "new!", 4));
    read = read_bytes(in_folder("a"), &size);
    ck_assert_uint_eq(size, 3);
    free(read);
    trn_file_discard(writer);
    ck_assert_uint_eq(files_in_folder(), 1);

    EXPECT_OK(trn_file_begin(ctx, in_folder("a"), &writer));
    EXPECT_OK(trn_file_append(writer, "new!", 4));
    EXPECT_OK(trn_file_commit(writer));
    read = read_bytes(in_folder("a"), &size);
    ck_assert_uint_eq(size, 4);
    free(read);
    ck_assert_uint_eq(files_in_folder(), 1);
    trn_file_discard(NULL);
}
END_TEST

START_TEST(two_writers_do_not_meet)
{
    struct trn_file_writer *first, *second;
    uint8_t *read;
    size_t size;

    EXPECT_OK(trn_file_begin(ctx, in_folder("a"), &first));
    EXPECT_OK(trn_file_begin(ctx, in_folder("a"), &second));
    EXPECT_OK(trn_file_append(first, "first", 5));
    EXPECT_OK(trn_file_append(second, "2nd", 3));
    EXPECT_OK(trn_file_commit(first));
    EXPECT_OK(trn_file_commit(second));
    read = read_bytes(in_folder("a"), &size);
    ck_assert_uint_eq(size, 3);
    free(read);
}
END_TEST

START_TEST(links_and_modes_stay)
{
    struct stat info;
    uint8_t *read;
    size_t size;

    EXPECT_OK(trn_file_write(ctx, in_folder("a"), "old", 3));
    ck_assert_int_eq(chmod(in_folder("a"), 0640), 0);
    ck_assert_int_eq(symlink("a", in_folder("link")), 0);
    EXPECT_OK(trn_file_write(ctx, in_folder("link"), "newer", 5));
    ck_assert_int_eq(lstat(in_folder("link"), &info), 0);
    ck_assert(S_ISLNK(info.st_mode));
    read = read_bytes(in_folder("a"), &size);
    ck_assert_uint_eq(size, 5);
    free(read);
    ck_assert_int_eq(stat(in_folder("a"), &info), 0);
    ck_assert_uint_eq(info.st_mode & 0777, 0640);
}
END_TEST

START_TEST(what_cannot_be_written)
{
    EXPECT(trn_file_write(ctx, in_folder("no/where"), "x", 1), TRNNSF_E_NOT_FOUND, "no/where");
    EXPECT(trn_file_write(ctx, folder(), "x", 1), TRNNSF_E_IO, "folder");
    EXPECT_OK(trn_file_write(ctx, "/dev/null", "x", 1));
    if (access("/dev/full", W_OK) == 0)
        EXPECT(trn_file_write(ctx, "/dev/full", "x", 1), TRNNSF_E_IO, "/dev/full");
    ck_assert_uint_eq(files_in_folder(), 0);
}
END_TEST

TCase *file_tests(void)
{
    TCase *tests = tcase_create("file");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, written_is_read);
    tcase_add_test(tests, what_cannot_be_read);
    tcase_add_test(tests, old_file_stands_until_the_commit);
    tcase_add_test(tests, two_writers_do_not_meet);
    tcase_add_test(tests, links_and_modes_stay);
    tcase_add_test(tests, what_cannot_be_written);
    return tests;
}
