#include "suite.h"

#include "cluster/refine.h"

enum { INPUTS = 24, OUTPUTS = 16 };

static double owned(const trnnsf_clusters *clusters, const trnnsf_matrix *matrix, double *score)
{
    double sum = 0;

    trn_clusters_score(clusters, matrix, score, NULL);
    for (size_t i = 0; i < trnnsf_clusters_count(clusters); i++)
        sum += score[i];
    return sum;
}

/* The strongest cluster, with all to choose from, never loses by exchange; bounds hold. */
START_TEST(the_strongest_gains)
{
    double before_score[40], after_score[40];

    for (uint64_t seed = 0; seed < 25; seed++) {
        trnnsf_matrix *matrix = random_matrix(seed, 60, 80, 0.2);
        trnnsf_clusters *before = random_clusters(seed, 60, 80, 2 + seed, OUTPUTS, INPUTS), *after;
        double best = 0;

        ck_assert_int_eq(trn_clusters_refine(ctx, matrix, before, INPUTS, OUTPUTS, &after),
                         TRNNSF_OK);
        check_invariants(after, matrix, INPUTS, OUTPUTS);
        ck_assert_uint_le(trnnsf_clusters_count(after), trnnsf_clusters_count(before));
        owned(before, matrix, before_score);
        owned(after, matrix, after_score);
        for (size_t i = 0; i < trnnsf_clusters_count(before); i++)
            best = before_score[i] > best ? before_score[i] : best;
        ck_assert_double_ge(after_score[0], best * (1 - 1e-9));
        trnnsf_clusters_free(before);
        trnnsf_clusters_free(after);
        trnnsf_matrix_free(matrix);
    }
}
END_TEST

/* Planted blocks are exact after exchange when each cluster begins with a part of one. */
START_TEST(parts_become_blocks)
{
    enum { BLOCKS = 3 };
    float dense[BLOCKS * OUTPUTS * BLOCKS * INPUTS] = {0};
    size_t output_start[BLOCKS + 1], input_start[BLOCKS + 1];
    uint32_t output[BLOCKS * 4], input[BLOCKS * 5];
    trnnsf_matrix *matrix;
    trnnsf_clusters *parts, *whole;

    for (size_t b = 0; b < BLOCKS; b++) {
        for (size_t i = 0; i < OUTPUTS; i++) {
            for (size_t j = 0; j < INPUTS; j++)
                dense[(b * OUTPUTS + i) * BLOCKS * INPUTS + b * INPUTS + j] = 1;
        }
        for (size_t i = 0; i < 4; i++)
            output[b * 4 + i] = (uint32_t)(b * OUTPUTS + 2 * i);
        for (size_t j = 0; j < 5; j++)
            input[b * 5 + j] = (uint32_t)(b * INPUTS + 3 * j);
        output_start[b] = b * 4;
        input_start[b] = b * 5;
    }
    output_start[BLOCKS] = BLOCKS * 4;
    input_start[BLOCKS] = BLOCKS * 5;
    ck_assert_int_eq(
        trnnsf_matrix_from_dense(ctx, BLOCKS * OUTPUTS, BLOCKS * INPUTS, dense, &matrix),
        TRNNSF_OK);
    ck_assert_int_eq(trnnsf_clusters_create(ctx, BLOCKS * OUTPUTS, BLOCKS * INPUTS, BLOCKS,
                                            output_start, output, input_start, input, &parts),
                     TRNNSF_OK);
    ck_assert_int_eq(trn_clusters_refine(ctx, matrix, parts, INPUTS, OUTPUTS, &whole), TRNNSF_OK);
    ck_assert_uint_eq(trnnsf_clusters_count(whole), BLOCKS);
    ck_assert_uint_eq(trnnsf_clusters_residue(whole, matrix), 0);
    trnnsf_clusters_free(parts);
    trnnsf_clusters_free(whole);
    trnnsf_matrix_free(matrix);
}
END_TEST

TCase *refine_tests(void)
{
    TCase *tests = tcase_create("refine");

    tcase_add_test(tests, the_strongest_gains);
    tcase_add_test(tests, parts_become_blocks);
    return tests;
}
