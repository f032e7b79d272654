/* Orders of neurons, and the cells of pictures. */
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "io/connectivity.h"
#include "suite.h"

static trnnsf_context *ctx;

static void setup(void)
{
    ck_assert_int_eq(trnnsf_context_create(NULL, &ctx), TRNNSF_OK);
}

static void teardown(void)
{
    trnnsf_context_free(ctx);
}

/* 6 outputs x 7 inputs. Cluster 0 is {0, 4} x {1, 5}, cluster 1 is {1, 2, 4} x {0, 5, 6}, cluster 2
 * is {3} x {2}: cluster 1 is the largest and shares output 4 and input 5 with cluster 0. */
static trnnsf_clusters *example(void)
{
    static const size_t row_start[] = {0, 2, 5, 6}, column_start[] = {0, 2, 5, 6};
    static const uint32_t rows[] = {0, 4, 1, 2, 4, 3}, columns[] = {1, 5, 0, 5, 6, 2};
    trnnsf_clusters *clusters = NULL;

    ck_assert_int_eq(
        trnnsf_clusters_create(ctx, 6, 7, 3, row_start, rows, column_start, columns, &clusters),
        TRNNSF_OK);
    return clusters;
}

START_TEST(order_by_hand)
{
    static const uint8_t live_rows[] = {1, 1, 1, 1, 1, 0}, live_columns[] = {1, 1, 1, 1, 0, 1, 1};
    static const uint32_t row_order[] = {1, 2, 4, 0, 3, 5};
    static const uint32_t column_order[] = {0, 6, 5, 1, 2, 3, 4};
    trnnsf_clusters *clusters = example();
    uint32_t rank[3], order[7];

    ck_assert_int_eq(trn_connectivity_rank(ctx, clusters, rank), TRNNSF_OK);
    ck_assert_uint_eq(rank[1], 0);
    ck_assert_uint_eq(rank[0], 1);
    ck_assert_uint_eq(rank[2], 2);
    ck_assert_int_eq(trn_connectivity_order(ctx, clusters, rank, true, live_rows, 6, order),
                     TRNNSF_OK);
    ck_assert_mem_eq(order, row_order, sizeof row_order);
    ck_assert_int_eq(trn_connectivity_order(ctx, clusters, rank, false, live_columns, 7, order),
                     TRNNSF_OK);
    ck_assert_mem_eq(order, column_order, sizeof column_order);
    trnnsf_clusters_free(clusters);
}
END_TEST

START_TEST(order_without_clusters)
{
    static const uint8_t live[] = {0, 1, 0, 1, 1};
    static const uint32_t expected[] = {1, 3, 4, 0, 2};
    uint32_t order[5];

    ck_assert_int_eq(trn_connectivity_order(ctx, NULL, NULL, true, live, 5, order), TRNNSF_OK);
    ck_assert_mem_eq(order, expected, sizeof expected);
}
END_TEST

START_TEST(cells_by_hand)
{
    float weights[42] = {0};
    uint8_t mask[42] = {0};
    struct trn_connectivity *picture = NULL;
    trnnsf_clusters *clusters = example();

    mask[0 * 7 + 1] = 1; /* cluster 0 */
    mask[1 * 7 + 6] = 1; /* cluster 1 */
    mask[3 * 7 + 3] = 1; /* residue */
    weights[0 * 7 + 1] = -4;
    weights[1 * 7 + 6] = 2;
    ck_assert_int_eq(trn_connectivity_create(ctx, 6, 7, weights, mask, clusters, &picture),
                     TRNNSF_OK);
    ck_assert_uint_eq(picture->natural.bin, 1);
    ck_assert_uint_eq(picture->live.n_rows, 3);
    ck_assert_uint_eq(picture->live.n_columns, 3);
    /* Rows 1, 0, 3; columns 6, 1, 3. */
    static const uint8_t clustered[] = {255, 0, 0, 0, 255, 0, 0, 0, 0};
    static const uint8_t residue[] = {0, 0, 0, 0, 0, 0, 0, 0, 255};
    ck_assert_mem_eq(picture->clustered, clustered, sizeof clustered);
    ck_assert_mem_eq(picture->residue, residue, sizeof residue);
    ck_assert_uint_eq(picture->shade[0], 0);
    ck_assert_uint_eq(picture->shade[4], 1);
    ck_assert_uint_eq(picture->magnitude[1], 255);
    ck_assert_uint_gt(picture->magnitude[1 * 7 + 6], 100);
    ck_assert_uint_lt(picture->magnitude[1 * 7 + 6], 160);
    ck_assert_uint_eq(picture->magnitude[2], 0);
    trn_connectivity_free(ctx, picture);
    trnnsf_clusters_free(clusters);
}
END_TEST

/* Sums of cells against counts of synapses, for sides that are no multiple of the bin. */
START_TEST(large_layers_lose_no_synapse)
{
    const size_t n_rows = 1303, n_columns = 641;
    float *weights = calloc(n_rows * n_columns, sizeof *weights);
    uint8_t *mask = calloc(n_rows * n_columns, 1);
    struct trn_connectivity *picture = NULL;
    struct trn_random random;
    double kept = 0, drawn = 0;

    ck_assert(weights && mask);
    trn_random_init(&random, 3, TRN_RANDOM_TEST, 0);
    for (size_t i = 0; i < n_rows * n_columns; i++) {
        mask[i] = trn_random_below(&random, 10) == 0;
        kept += mask[i];
    }
    ck_assert_int_eq(trn_connectivity_create(ctx, n_rows, n_columns, weights, mask, NULL, &picture),
                     TRNNSF_OK);
    ck_assert_uint_eq(picture->live.bin, 3);
    ck_assert_uint_eq(picture->live.height, 435);
    ck_assert_uint_eq(picture->live.width, 214);
    for (size_t y = 0; y < 435; y++) {
        for (size_t x = 0; x < 214; x++) {
            double rows = y == 434 ? 1 : 3, columns = x == 213 ? 2 : 3;

            drawn += picture->residue[y * 214 + x] / 255.0 * rows * columns;
        }
    }
    ck_assert_double_eq_tol(drawn / kept, 1.0, 0.01);
    trn_connectivity_free(ctx, picture);
    free(weights);
    free(mask);
}
END_TEST

START_TEST(empty_layer)
{
    float weights[6] = {0};
    uint8_t mask[6] = {0};
    struct trn_connectivity *picture = NULL;

    ck_assert_int_eq(trn_connectivity_create(ctx, 2, 3, weights, mask, NULL, &picture), TRNNSF_OK);
    ck_assert_uint_eq(picture->live.n_rows, 2);
    ck_assert_uint_eq(picture->live.n_columns, 3);
    ck_assert_uint_eq(picture->n_outlines, 0);
    trn_connectivity_free(ctx, picture);
}
END_TEST

TCase *connectivity_tests(void)
{
    TCase *tests = tcase_create("connectivity");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, order_by_hand);
    tcase_add_test(tests, order_without_clusters);
    tcase_add_test(tests, cells_by_hand);
    tcase_add_test(tests, large_layers_lose_no_synapse);
    tcase_add_test(tests, empty_layer);
    return tests;
}
