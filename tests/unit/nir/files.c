/* Graphs through bytes and files; h5py_test.py has what other programs write. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nir/common.h"

static void same_member(const trnnsf_nir *a, const trnnsf_nir *b, const char *node,
                        const char *member)
{
    size_t count = 0, other = 0;
    const double *x = trnnsf_nir_values(a, node, member, &count);
    const double *y = trnnsf_nir_values(b, node, member, &other);

    ck_assert_uint_eq(count, other);
    ck_assert_uint_eq(trnnsf_nir_element_of(a, node, member),
                      trnnsf_nir_element_of(b, node, member));
    if (!x) {
        ck_assert_str_eq(trnnsf_nir_text(a, node, member), trnnsf_nir_text(b, node, member));
        return;
    }
    ck_assert_mem_eq(x, y, count * sizeof *x);
    const size_t *shape = trnnsf_nir_shape(a, node, member, &count);
    ck_assert_mem_eq(shape, trnnsf_nir_shape(b, node, member, &other), count * sizeof *shape);
    ck_assert_uint_eq(count, other);
}

/* The order of nodes and members may differ. */
static void same_graph(const trnnsf_nir *a, const trnnsf_nir *b)
{
    size_t n = trnnsf_nir_nodes(a);

    ck_assert_uint_eq(n, trnnsf_nir_nodes(b));
    for (size_t i = 0; i <= n; i++) {
        const char *name = i < n ? trnnsf_nir_node_name(a, i) : NULL;

        if (name)
            ck_assert_str_eq(trnnsf_nir_node_type(a, name), trnnsf_nir_node_type(b, name));
        for (size_t k = 0; k < trnnsf_nir_members(a, name); k++)
            same_member(a, b, name, trnnsf_nir_member_name(a, name, k));
    }
    ck_assert_uint_eq(trnnsf_nir_edges(a), trnnsf_nir_edges(b));
    for (size_t k = 0; k < trnnsf_nir_edges(a); k++) {
        ck_assert_str_eq(trnnsf_nir_edge_from(a, k), trnnsf_nir_edge_from(b, k));
        ck_assert_str_eq(trnnsf_nir_edge_to(a, k), trnnsf_nir_edge_to(b, k));
    }
}

#if TRN_HAVE_HDF5
static uint8_t *bytes_of(trnnsf_nir *nir, size_t *out_size)
{
    size_t size = 0;

    OK(trnnsf_nir_write(ctx, nir, 0, NULL, &size));
    uint8_t *bytes = malloc(size);
    *out_size = 0;
    OK(trnnsf_nir_write(ctx, nir, size, bytes, out_size));
    ck_assert_uint_eq(*out_size, size);
    return bytes;
}

static void add_metadata(trnnsf_nir *nir)
{
    const size_t shape[] = {3, 50};

    OK(trnnsf_nir_set_text(ctx, nir, "lif", "metadata/who", "w\xc3\xa4r"));
    put(nir, "lif", "metadata/deep/er", 0.1, 0.3, 2, shape);
    put_whole(nir, NULL, "metadata/one", 7);
    OK(trnnsf_nir_set_text(ctx, nir, NULL, "metadata/empty", ""));
}

START_TEST(through_bytes)
{
    trnnsf_nir *nir = make_graph(), *again = NULL;
    size_t size, other;

    add_metadata(nir);
    uint8_t *bytes = bytes_of(nir, &size);
    OK(trnnsf_nir_read(ctx, bytes, size, &again));
    same_graph(nir, again);
    /* Shapes that the graph leaves out are written, and input_shape and zero biases with them. */
    ck_assert_ptr_nonnull(trnnsf_nir_values(again, "conv2d", "input_shape", NULL));
    ck_assert_str_eq(trnnsf_nir_version(again), "1.0");
    uint8_t *twice = bytes_of(again, &other);
    trnnsf_nir *third = NULL;
    OK(trnnsf_nir_read(ctx, twice, other, &third));
    same_graph(again, third);
    uint8_t *same = bytes_of(again, &size);
    ck_assert_uint_eq(size, other);
    ck_assert_mem_eq(same, twice, size);
    FAILS(trnnsf_nir_write(ctx, nir, 10, same, &size), TRNNSF_E_INVALID, "capacity 10");
    free(same), free(twice), free(bytes);
    trnnsf_nir_free(third);
    trnnsf_nir_free(again);
    trnnsf_nir_free(nir);
}
END_TEST

START_TEST(through_files)
{
    trnnsf_nir *nir = make_graph(), *again = NULL;
    char path[64];

    snprintf(path, sizeof path, "nir-%ld.nir", (long)getpid());
    OK(trnnsf_nir_save(ctx, nir, path));
    OK(trnnsf_nir_load(ctx, path, &again));
    same_graph(nir, again);
    trnnsf_nir_free(again);
    again = NULL;
    /* A graph that cannot be leaves the old file. */
    OK(trnnsf_nir_add_edge(ctx, nir, "lif", "affine"));
    FAILS(trnnsf_nir_save(ctx, nir, path), TRNNSF_E_UNSUPPORTED, "recurrent");
    OK(trnnsf_nir_load(ctx, path, &again));
    FAILS(trnnsf_nir_save(ctx, again, "no-such-folder/x.nir"), TRNNSF_E_NOT_FOUND, "no-such-folder");
    remove(path);
    trnnsf_nir_free(again);
    again = NULL;
    FAILS(trnnsf_nir_load(ctx, path, &again), TRNNSF_E_NOT_FOUND, path);
    ck_assert_ptr_null(again);
    trnnsf_nir_free(nir);
}
END_TEST

/* A bit turned over in what HDF5 checks least: values. Nothing but statuses comes of it. */
START_TEST(turned_bits)
{
    trnnsf_nir *nir = make_graph(), *again = NULL;
    size_t size, taken = 0, turn = 0;
    uint8_t *bytes = bytes_of(nir, &size);
    const double marks[] = {-0.5, 0.01, 1};

    for (size_t at = 0; at + sizeof marks[0] <= size; at++) {
        bool found = false;

        for (size_t k = 0; k < sizeof marks / sizeof marks[0]; k++)
            found = found || memcmp(bytes + at, &marks[k], sizeof marks[k]) == 0;
        /* Few of them: HDF5 takes its time with each file. */
        for (int bit = 0; found && turn++ % 16 == 0 && bit < 64; bit += 5) {
            bytes[at + (size_t)bit / 8] ^= (uint8_t)(1 << bit % 8);
            trnnsf_status status = trnnsf_nir_read(ctx, bytes, size, &again);
            ck_assert_int_eq(status == TRNNSF_OK, again != NULL);
            ck_assert(status == TRNNSF_OK || status == TRNNSF_E_FORMAT);
            taken += status == TRNNSF_OK;
            trnnsf_nir_free(again);
            again = NULL;
            bytes[at + (size_t)bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
    ck_assert_uint_gt(taken, 10);
    free(bytes);
    trnnsf_nir_free(nir);
}
END_TEST
#endif

START_TEST(hostile_files)
{
    const uint8_t byte = 0;
    trnnsf_nir *nir = make_graph(), *out = NULL;
    size_t size = 5;

    FAILS(trnnsf_nir_load(ctx, NULL, &out), TRNNSF_E_INVALID, "path is NULL");
    FAILS(trnnsf_nir_load(ctx, "x", NULL), TRNNSF_E_INVALID, "out_nir is NULL");
    FAILS(trnnsf_nir_save(ctx, NULL, "x"), TRNNSF_E_INVALID, "nir is NULL");
    FAILS(trnnsf_nir_read(ctx, NULL, 1, &out), TRNNSF_E_INVALID, "bytes is NULL");
    FAILS(trnnsf_nir_write(ctx, nir, 1, NULL, &size), TRNNSF_E_INVALID, "out_bytes is NULL");
    FAILS(trnnsf_nir_write(ctx, nir, 0, NULL, NULL), TRNNSF_E_INVALID, "out_size is NULL");
    ck_assert_int_eq(trnnsf_nir_load(NULL, "x", &out), TRNNSF_E_INVALID);
    trnnsf_status none = TRN_HAVE_HDF5 ? TRNNSF_E_FORMAT : TRNNSF_E_UNSUPPORTED;
    FAILS(trnnsf_nir_read(ctx, &byte, 1, &out), none, "HDF5");
    FAILS(trnnsf_nir_read(ctx, &byte, 0, &out), none, "HDF5");
    ck_assert_ptr_null(out);
    ck_assert_uint_eq(size, 5);
    same_graph(nir, nir);
    trnnsf_nir_free(nir);
}
END_TEST

TCase *files_case(void)
{
    TCase *tcase = tcase_create("files");

    tcase_set_timeout(tcase, 60);
#if TRN_HAVE_HDF5
    tcase_add_test(tcase, through_bytes);
    tcase_add_test(tcase, through_files);
    tcase_add_test(tcase, turned_bits);
#endif
    tcase_add_test(tcase, hostile_files);
    return tcase;
}
