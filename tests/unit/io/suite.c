/* io/: readers and writers of files. */
#include "io/suite.h"

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

trnnsf_context *ctx;
static char place[256];

void setup(void)
{
    const char *parent = getenv("TMPDIR");

    snprintf(place, sizeof place, "%s/trnnsf-io-XXXXXX", parent ? parent : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(place));
    ck_assert_int_eq(trnnsf_context_create(NULL, &ctx), TRNNSF_OK);
}

const char *folder(void)
{
    return place;
}

const char *in_folder(const char *name)
{
    static char paths[10][512];
    static int last;

    last = (last + 1) % 10;
    snprintf(paths[last], sizeof paths[last], "%s/%s", place, name);
    return paths[last];
}

/* Counts, or removes, what is there. */
static size_t each_file(bool removing)
{
    DIR *listing = opendir(place);
    struct dirent *entry;
    size_t count = 0;

    while (listing && (entry = readdir(listing)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        count++;
        if (removing)
            remove(in_folder(entry->d_name));
    }
    closedir(listing);
    return count;
}

size_t files_in_folder(void)
{
    return each_file(false);
}

void teardown(void)
{
    trnnsf_context_free(ctx);
    each_file(true);
    rmdir(place);
}

void write_bytes(const char *name, const void *bytes, size_t size)
{
    FILE *file = fopen(in_folder(name), "wb");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
}

uint8_t *read_bytes(const char *path, size_t *out_size)
{
    FILE *file = fopen(path, "rb");
    long size;

    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fseek(file, 0, SEEK_END), 0);
    size = ftell(file);
    ck_assert_int_ge(size, 0);
    rewind(file);
    uint8_t *bytes = malloc((size_t)size + 1);
    ck_assert_uint_eq(fread(bytes, 1, (size_t)size, file), (size_t)size);
    fclose(file);
    *out_size = (size_t)size;
    return bytes;
}

int main(void)
{
    Suite *suite = suite_create("io");

    suite_add_tcase(suite, file_tests());
    suite_add_tcase(suite, stream_tests());
    suite_add_tcase(suite, format_tests());
    suite_add_tcase(suite, dataset_tests());
    suite_add_tcase(suite, matrix_tests());
    suite_add_tcase(suite, safetensors_tests());
    suite_add_tcase(suite, network_tests());
    suite_add_tcase(suite, network_graph_tests());
    suite_add_tcase(suite, mapping_tests());
    suite_add_tcase(suite, onnx_tests());

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
