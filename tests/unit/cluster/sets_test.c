#include "suite.h"

/* Two rectangles that share cell (1, 1). */
static trnnsf_clusters *two_overlapping(void)
{
    static const size_t start[] = {0, 2, 4};
    static const uint32_t rows[] = {0, 1, 1, 2}, columns[] = {0, 1, 1, 3};
    trnnsf_clusters *clusters;

    ck_assert_int_eq(
        trnnsf_clusters_create(ctx, 3, 4, 2, start, rows, start, columns, &clusters), TRNNSF_OK);
    return clusters;
}

START_TEST(first_cluster_owns)
{
    static const float ones[12] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    trnnsf_clusters *clusters = two_overlapping();
    trnnsf_matrix *matrix;
    size_t count;

    ck_assert_int_eq(trnnsf_matrix_from_dense(ctx, 3, 4, ones, &matrix), TRNNSF_OK);
    ck_assert_uint_eq(trnnsf_clusters_synapses(clusters, matrix, 0), 4);
    ck_assert_uint_eq(trnnsf_clusters_synapses(clusters, matrix, 1), 3);
    ck_assert_uint_eq(trnnsf_clusters_residue(clusters, matrix), 5);
    ck_assert_uint_eq(trn_clusters_owner(clusters, 1, 1), 0);
    ck_assert_uint_eq(trn_clusters_owner(clusters, 1, 3), 1);
    ck_assert_uint_eq(trn_clusters_owner(clusters, 0, 3), TRN_NO_CLUSTER);
    ck_assert_uint_eq(trnnsf_clusters_outputs(clusters, 1, &count)[1], 2);
    ck_assert_uint_eq(count, 2);
    ck_assert_uint_eq(trnnsf_clusters_inputs(clusters, 1, NULL)[1], 3);
    trnnsf_clusters_free(clusters);
    trnnsf_matrix_free(matrix);
}
END_TEST

START_TEST(owned_and_residue_are_all)
{
    for (uint64_t seed = 0; seed < 30; seed++) {
        trnnsf_matrix *matrix = random_matrix(seed, 70, 90, 0.2), *left;
        trnnsf_clusters *clusters = random_clusters(seed, 70, 90, 1 + seed % 9, 30, 25);
        struct trn_mask *mask, *cover, *rest;
        double score[16], residue, sum = 0, all = 0;
        size_t synapses[16];

        check_invariants(clusters, matrix, 25, 30);
        residue = trn_clusters_score(clusters, matrix, score, synapses);
        for (size_t i = 0; i < trn_clusters_count(clusters); i++) {
            sum += score[i];
            ck_assert_uint_eq(synapses[i], trnnsf_clusters_synapses(clusters, matrix, i));
        }
        for (size_t e = 0; e < trnnsf_matrix_nonzeros(matrix); e++)
            all += (double)trnnsf_matrix_value(matrix)[e];
        ck_assert_double_eq_tol(sum + residue, all, 1e-9 * all);

        ck_assert_int_eq(trn_sparse_to_mask(ctx, matrix, &mask), TRNNSF_OK);
        ck_assert_int_eq(trn_clusters_cover_mask(ctx, clusters, &cover), TRNNSF_OK);
        ck_assert_int_eq(trn_clusters_residue_mask(ctx, clusters, mask, &rest), TRNNSF_OK);
        ck_assert_int_eq(trn_clusters_residue_matrix(ctx, clusters, matrix, &left), TRNNSF_OK);
        ck_assert_uint_eq(trn_mask_count(rest), trnnsf_clusters_residue(clusters, matrix));
        ck_assert_uint_eq(trnnsf_matrix_nonzeros(left), trn_mask_count(rest));
        trn_mask_and(cover, rest);
        ck_assert_uint_eq(trn_mask_count(cover), 0);
        trn_mask_free(ctx, mask);
        trn_mask_free(ctx, cover);
        trn_mask_free(ctx, rest);
        trnnsf_matrix_free(left);
        trnnsf_matrix_free(matrix);
        trnnsf_clusters_free(clusters);
    }
}
END_TEST

START_TEST(copies_selections_and_joins)
{
    trnnsf_clusters *all = random_clusters(3, 40, 50, 6, 10, 10), *copy, *even, *odd, *joined;
    bool keep_even[6], keep_odd[6];

    for (size_t i = 0; i < 6; i++)
        keep_odd[i] = !(keep_even[i] = i % 2 == 0);
    ck_assert_int_eq(trn_clusters_copy(ctx, all, &copy), TRNNSF_OK);
    ck_assert(same_clusters(all, copy));
    ck_assert_int_eq(trn_clusters_select(ctx, all, keep_even, &even), TRNNSF_OK);
    ck_assert_int_eq(trn_clusters_select(ctx, all, keep_odd, &odd), TRNNSF_OK);
    ck_assert_int_eq(trn_clusters_join(ctx, even, odd, &joined), TRNNSF_OK);
    ck_assert_uint_eq(trnnsf_clusters_count(even), 3);
    ck_assert_uint_eq(trnnsf_clusters_count(joined), 6);
    for (size_t i = 0; i < 6; i++) {
        size_t n_a, n_b, from = i % 2 ? 3 + i / 2 : i / 2;
        const uint32_t *a = trnnsf_clusters_inputs(all, i, &n_a);
        const uint32_t *b = trnnsf_clusters_inputs(joined, from, &n_b);

        ck_assert_uint_eq(n_a, n_b);
        ck_assert_mem_eq(a, b, n_a * sizeof *a);
    }
    trnnsf_clusters_free(joined);
    ck_assert_int_eq(trn_clusters_join(ctx, NULL, all, &joined), TRNNSF_OK);
    ck_assert(same_clusters(all, joined));
    trnnsf_clusters_free(joined);
    trnnsf_clusters_free(odd);
    trnnsf_clusters_free(even);
    trnnsf_clusters_free(copy);
    trnnsf_clusters_free(all);
}
END_TEST

START_TEST(sets_outlive_their_context)
{
    trnnsf_clusters *clusters = two_overlapping();

    trnnsf_context_free(ctx);
    ctx = NULL;
    ck_assert_uint_eq(trnnsf_clusters_count(clusters), 2);
    trnnsf_clusters_free(clusters);
}
END_TEST

START_TEST(check_names_the_cluster)
{
    trnnsf_clusters *clusters = two_overlapping();

    ck_assert_int_eq(trnnsf_clusters_check(ctx, clusters, 2, 2), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_clusters_check(ctx, clusters, 1, 2), TRNNSF_E_CHECK);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "cluster 0 has 2 inputs"));
    clusters->blocks->row[2] = 9;
    ck_assert_int_eq(trnnsf_clusters_check(ctx, clusters, 2, 2), TRNNSF_E_CHECK);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "cluster 1, output 0 is 9"));
    clusters->blocks->row[2] = 2;
    ck_assert_int_eq(trnnsf_clusters_check(ctx, clusters, 2, 2), TRNNSF_E_CHECK);
    trnnsf_clusters_free(clusters);
}
END_TEST

START_TEST(what_clusters_hold)
{
    for (uint64_t seed = 0; seed < 5; seed++) {
        trnnsf_matrix *matrix = random_matrix(seed, 40, 50, 0.3), *held;
        trnnsf_clusters *clusters = random_clusters(seed, 40, 50, 6, 10, 12);
        size_t owned = 0;

        ck_assert_int_eq(trnnsf_clusters_held(ctx, clusters, matrix, &held), TRNNSF_OK);
        for (size_t i = 0; i < 6; i++)
            owned += trnnsf_clusters_synapses(clusters, matrix, i);
        ck_assert_uint_eq(trnnsf_matrix_nonzeros(held), owned);
        ck_assert_uint_eq(trnnsf_clusters_residue(clusters, held), 0);
        ck_assert_uint_eq(trnnsf_clusters_residue(clusters, matrix) + owned,
                          trnnsf_matrix_nonzeros(matrix));
        for (size_t i = 0; i < 40; i++) {
            size_t e = matrix->row_start[i];

            for (size_t h = held->row_start[i]; h < held->row_start[i + 1]; h++) {
                while (matrix->column[e] < held->column[h])
                    e++;
                ck_assert_uint_eq(matrix->column[e], held->column[h]);
                ck_assert_float_eq(matrix->value[e], held->value[h]);
            }
        }
        trnnsf_matrix_free(held);
        held = NULL;
        ck_assert_int_eq(trnnsf_clusters_held(NULL, clusters, matrix, &held), TRNNSF_E_INVALID);
        ck_assert_int_eq(trnnsf_clusters_held(ctx, NULL, matrix, &held), TRNNSF_E_INVALID);
        ck_assert_int_eq(trnnsf_clusters_held(ctx, clusters, NULL, &held), TRNNSF_E_INVALID);
        ck_assert_int_eq(trnnsf_clusters_held(ctx, clusters, matrix, NULL), TRNNSF_E_INVALID);
        trnnsf_matrix_free(matrix);
        matrix = random_matrix(seed, 40, 49, 0.3);
        ck_assert_int_eq(trnnsf_clusters_held(ctx, clusters, matrix, &held), TRNNSF_E_MISMATCH);
        ck_assert_ptr_null(held);
        trnnsf_matrix_free(matrix);
        trnnsf_clusters_free(clusters);
    }
}
END_TEST

/* A call of trnnsf_clusters_create that must be refused, with a word of its text. */
static void refused(size_t n_outputs, size_t n_inputs, size_t count, const size_t *output_start,
                    const uint32_t *output, const char *word)
{
    static const size_t start[] = {0, 1, 2};
    static const uint32_t input[] = {0, 1};
    trnnsf_clusters *out = NULL;

    ck_assert_int_eq(trnnsf_clusters_create(ctx, n_outputs, n_inputs, count, output_start, output,
                                            start, input, &out),
                     TRNNSF_E_INVALID);
    ck_assert_ptr_null(out);
    ck_assert_msg(strstr(trnnsf_context_error(ctx), word) != NULL, "%s",
                  trnnsf_context_error(ctx));
}

START_TEST(hostile_sets)
{
    static const size_t good[] = {0, 1, 2}, later[] = {1, 1, 2}, back[] = {0, 2, 1},
                        none[] = {0, 0, 1}, huge[] = {0, SIZE_MAX, SIZE_MAX}, pair[] = {0, 2, 2};
    static const uint32_t index[] = {0, 1, 2}, wide[] = {0, 4, 0}, twice[] = {1, 1, 1};
    trnnsf_clusters *out;

    refused(0, 4, 2, good, index, "shape 0 x 4");
    refused(4, (size_t)UINT32_MAX + 1, 2, good, index, "shape");
    refused(4, 4, SIZE_MAX, good, index, "count");
    refused(4, 4, 2, later, index, "output_start[0]");
    refused(4, 4, 2, back, index, "cluster 1");
    refused(4, 4, 2, none, index, "cluster 0");
    refused(4, 4, 2, huge, index, "[1, 4]");
    refused(4, 4, 2, good, wide, "output[1] 4");
    refused(4, 4, 1, pair, twice, "not above");
    refused(4, 4, 2, NULL, index, "NULL");
    refused(4, 4, 2, good, NULL, "NULL");
    ck_assert_int_eq(trnnsf_clusters_create(NULL, 4, 4, 0, NULL, NULL, NULL, NULL, &out),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_clusters_create(ctx, 4, 4, 0, NULL, NULL, NULL, NULL, NULL),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_clusters_create(ctx, 4, 4, 0, NULL, NULL, NULL, NULL, &out), TRNNSF_OK);
    ck_assert_uint_eq(trnnsf_clusters_count(out), 0);
    ck_assert_int_eq(trnnsf_clusters_check(ctx, out, 0, 1), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_clusters_check(ctx, NULL, 1, 1), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_clusters_check(NULL, out, 1, 1), TRNNSF_E_INVALID);
    trnnsf_clusters_free(out);
}
END_TEST

START_TEST(getters_of_nothing)
{
    trnnsf_clusters *clusters = two_overlapping();
    trnnsf_matrix *other = random_matrix(1, 5, 5, 0.5);
    size_t count = 7;

    trnnsf_clusters_free(NULL);
    ck_assert_uint_eq(trnnsf_clusters_count(NULL), 0);
    ck_assert_uint_eq(trnnsf_clusters_rows(NULL) + trnnsf_clusters_columns(NULL), 0);
    ck_assert_ptr_null(trnnsf_clusters_outputs(NULL, 0, &count));
    ck_assert_uint_eq(count, 0);
    ck_assert_ptr_null(trnnsf_clusters_inputs(clusters, 2, NULL));
    ck_assert_uint_eq(trnnsf_clusters_synapses(clusters, NULL, 0), 0);
    ck_assert_uint_eq(trnnsf_clusters_synapses(clusters, other, 0), 0);
    ck_assert_uint_eq(trnnsf_clusters_residue(NULL, other), 0);
    trnnsf_matrix_free(other);
    trnnsf_clusters_free(clusters);
}
END_TEST

TCase *sets_tests(void)
{
    TCase *tests = tcase_create("sets");

    tcase_add_test(tests, first_cluster_owns);
    tcase_add_test(tests, owned_and_residue_are_all);
    tcase_add_test(tests, copies_selections_and_joins);
    tcase_add_test(tests, sets_outlive_their_context);
    tcase_add_test(tests, check_names_the_cluster);
    tcase_add_test(tests, what_clusters_hold);
    tcase_add_test(tests, hostile_sets);
    tcase_add_test(tests, getters_of_nothing);
    return tests;
}
