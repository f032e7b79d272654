#include "suite.h"

#include "cluster/pack.h"

enum { INPUTS = 24, OUTPUTS = 16 };

static bool contains(const uint32_t *items, size_t count, uint32_t item)
{
    for (size_t i = 0; i < count; i++) {
        if (items[i] == item)
            return true;
    }
    return false;
}

static bool side_within(const uint32_t *inner, size_t n_inner, const uint32_t *outer,
                        size_t n_outer)
{
    for (size_t i = 0; i < n_inner; i++) {
        if (!contains(outer, n_outer, inner[i]))
            return false;
    }
    return true;
}

/* Cluster i of `inner` lies in cluster j of `outer`. */
static bool within(const trnnsf_clusters *inner, size_t i, const trnnsf_clusters *outer, size_t j)
{
    size_t n_a, n_b, n_c, n_d;
    const uint32_t *a = trnnsf_clusters_outputs(inner, i, &n_a);
    const uint32_t *b = trnnsf_clusters_outputs(outer, j, &n_b);
    const uint32_t *c = trnnsf_clusters_inputs(inner, i, &n_c);
    const uint32_t *d = trnnsf_clusters_inputs(outer, j, &n_d);

    return side_within(a, n_a, b, n_b) && side_within(c, n_c, d, n_d);
}

START_TEST(merging_never_costs)
{
    for (uint64_t seed = 0; seed < 25; seed++) {
        trnnsf_matrix *matrix = random_matrix(seed, 60, 80, 0.15);
        trnnsf_clusters *before = random_clusters(seed, 60, 80, 2 + seed, 9, 13), *after;

        ck_assert_int_eq(trn_clusters_merge(ctx, matrix, before, INPUTS, OUTPUTS, &after),
                         TRNNSF_OK);
        ck_assert_uint_le(trnnsf_clusters_count(after), trnnsf_clusters_count(before));
        check_invariants(after, matrix, INPUTS, OUTPUTS);
        ck_assert_uint_le(trnnsf_clusters_residue(after, matrix),
                          trnnsf_clusters_residue(before, matrix));
        for (size_t i = 0; i < trnnsf_clusters_count(before); i++) {
            bool found = false;

            for (size_t j = 0; j < trnnsf_clusters_count(after); j++)
                found |= within(before, i, after, j);
            ck_assert(found);
        }
        trnnsf_clusters_free(before);
        trnnsf_clusters_free(after);
        trnnsf_matrix_free(matrix);
    }
}
END_TEST

START_TEST(merging_takes_the_pair_that_gains)
{
    /* Three 2 x 2 clusters on the diagonal; only cells between the first and the last are live. */
    static const size_t start[] = {0, 2, 4, 6};
    static const uint32_t index[] = {0, 1, 2, 3, 4, 5};
    float dense[36] = {0};
    trnnsf_clusters *before, *after;
    trnnsf_matrix *matrix;
    size_t count;

    dense[0 * 6 + 5] = dense[4 * 6 + 1] = 1;
    ck_assert_int_eq(trnnsf_matrix_from_dense(ctx, 6, 6, dense, &matrix), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_clusters_create(ctx, 6, 6, 3, start, index, start, index, &before),
                     TRNNSF_OK);
    ck_assert_int_eq(trn_clusters_merge(ctx, matrix, before, 4, 4, &after), TRNNSF_OK);
    ck_assert_uint_eq(trnnsf_clusters_count(after), 2);
    ck_assert_uint_eq(trnnsf_clusters_outputs(after, 0, &count)[3], 5);
    ck_assert_uint_eq(trnnsf_clusters_residue(after, matrix), 0);
    trnnsf_clusters_free(after);
    trnnsf_clusters_free(before);
    trnnsf_matrix_free(matrix);
}
END_TEST

START_TEST(growing_keeps_and_gains)
{
    for (uint64_t seed = 0; seed < 25; seed++) {
        trnnsf_matrix *matrix = random_matrix(seed, 60, 80, 0.15);
        trnnsf_clusters *before = random_clusters(seed, 60, 80, 1 + seed % 7, 12, 20), *after;

        ck_assert_int_eq(trn_clusters_grow(ctx, matrix, before, INPUTS, OUTPUTS, &after),
                         TRNNSF_OK);
        ck_assert_uint_eq(trnnsf_clusters_count(after), trnnsf_clusters_count(before));
        check_invariants(after, matrix, INPUTS, OUTPUTS);
        ck_assert_uint_le(trnnsf_clusters_residue(after, matrix),
                          trnnsf_clusters_residue(before, matrix));
        for (size_t i = 0; i < trnnsf_clusters_count(before); i++)
            ck_assert(within(before, i, after, i));
        trnnsf_clusters_free(before);
        trnnsf_clusters_free(after);
        trnnsf_matrix_free(matrix);
    }
}
END_TEST

START_TEST(growing_leaves_oversize_clusters)
{
    trnnsf_matrix *matrix = random_matrix(1, 30, 30, 0.5);
    trnnsf_clusters *before = random_clusters(5, 30, 30, 3, 30, 30), *after;

    ck_assert_int_eq(trn_clusters_grow(ctx, matrix, before, 2, 2, &after), TRNNSF_OK);
    ck_assert(same_clusters(before, after));
    trnnsf_clusters_free(after);
    ck_assert_int_eq(trn_clusters_merge(ctx, matrix, before, 1, 1, &after), TRNNSF_OK);
    ck_assert(same_clusters(before, after));
    trnnsf_clusters_free(after);
    trnnsf_clusters_free(before);
    trnnsf_matrix_free(matrix);
}
END_TEST

START_TEST(seeds_find_the_heavy_block)
{
    float dense[40 * 50];
    trnnsf_matrix *matrix;
    trnnsf_clusters *seeds;
    size_t n_out, n_in;

    for (size_t i = 0; i < 40; i++) {
        for (size_t j = 0; j < 50; j++)
            dense[i * 50 + j] = i % 5 == 2 && j % 5 == 3 ? 5.0f : (i * 7 + j * 3) % 11 == 0;
    }
    ck_assert_int_eq(trnnsf_matrix_from_dense(ctx, 40, 50, dense, &matrix), TRNNSF_OK);
    ck_assert_int_eq(trn_clusters_seed(ctx, matrix, 10, 8, 4, 4, 1, &seeds), TRNNSF_OK);
    ck_assert_uint_eq(trnnsf_clusters_count(seeds), 4);
    check_invariants(seeds, matrix, 10, 8);
    const uint32_t *out = trnnsf_clusters_outputs(seeds, 0, &n_out);
    const uint32_t *in = trnnsf_clusters_inputs(seeds, 0, &n_in);
    ck_assert_uint_eq(n_out, 8);
    ck_assert_uint_eq(n_in, 10);
    for (size_t i = 0; i < 8; i++)
        ck_assert_uint_eq(out[i] % 5, 2);
    for (size_t j = 0; j < 10; j++)
        ck_assert_uint_eq(in[j] % 5, 3);
    trnnsf_clusters_free(seeds);
    trnnsf_matrix_free(matrix);
}
END_TEST

START_TEST(seeds_end_with_the_salience)
{
    for (uint64_t seed = 0; seed < 10; seed++) {
        trnnsf_matrix *matrix = random_matrix(seed, 30, 40, 0.05);
        trnnsf_clusters *seeds;

        ck_assert_int_eq(trn_clusters_seed(ctx, matrix, 6, 5, 1000, 2, seed, &seeds), TRNNSF_OK);
        ck_assert_uint_lt(trnnsf_clusters_count(seeds), 1000);
        ck_assert_uint_eq(trnnsf_clusters_residue(seeds, matrix), 0);
        check_invariants(seeds, matrix, 6, 5);
        trnnsf_clusters_free(seeds);
        trnnsf_matrix_free(matrix);
    }
}
END_TEST

TCase *pack_tests(void)
{
    TCase *tests = tcase_create("pack");

    tcase_add_test(tests, merging_never_costs);
    tcase_add_test(tests, merging_takes_the_pair_that_gains);
    tcase_add_test(tests, growing_keeps_and_gains);
    tcase_add_test(tests, growing_leaves_oversize_clusters);
    tcase_add_test(tests, seeds_find_the_heavy_block);
    tcase_add_test(tests, seeds_end_with_the_salience);
    return tests;
}
