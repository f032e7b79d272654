/* Clusters in the order in which they share processing elements. */
#include "cluster/groups.h"
#include "suite.h"

enum { ROWS = 60, COLUMNS = 50, CLUSTERS_MAX = 24 };

static bool has(const trnnsf_clusters *clusters, size_t cluster, uint32_t row)
{
    size_t n;
    const uint32_t *rows = trnnsf_clusters_outputs(clusters, cluster, &n);

    for (size_t i = 0; i < n; i++) {
        if (rows[i] == row)
            return true;
    }
    return false;
}

/* Outputs of `cluster` that the clusters first … last - 1 have. */
static size_t shared(const trnnsf_clusters *clusters, size_t cluster, size_t first, size_t last)
{
    size_t count = 0;

    for (uint32_t row = 0; row < ROWS; row++) {
        bool some = false;

        for (size_t k = first; k < last && !some; k++)
            some = has(clusters, k, row);
        count += some && has(clusters, cluster, row);
    }
    return count;
}

static bool same_lists(const trnnsf_clusters *a, size_t i, const trnnsf_clusters *b, size_t j)
{
    size_t n, m;
    const uint32_t *x = trnnsf_clusters_outputs(a, i, &n), *y = trnnsf_clusters_outputs(b, j, &m);

    if (n != m || memcmp(x, y, n * sizeof *x) != 0)
        return false;
    x = trnnsf_clusters_inputs(a, i, &n);
    y = trnnsf_clusters_inputs(b, j, &m);
    return n == m && memcmp(x, y, n * sizeof *x) == 0;
}

/* All clusters are there, once. */
static void check_permutation(const trnnsf_clusters *a, const trnnsf_clusters *b)
{
    bool used[CLUSTERS_MAX] = {false};

    ck_assert_uint_eq(trn_clusters_count(a), trn_clusters_count(b));
    for (size_t i = 0; i < trn_clusters_count(a); i++) {
        size_t j = 0;

        while (j < trn_clusters_count(b) && (used[j] || !same_lists(a, i, b, j)))
            j++;
        ck_assert_uint_lt(j, trn_clusters_count(b));
        used[j] = true;
    }
}

/* Each shares as much with its group as any that comes after it would have. */
START_TEST(groups_share_outputs)
{
    for (uint64_t seed = 0; seed < 60; seed++) {
        size_t count = 1 + seed % CLUSTERS_MAX, size = 1 + seed % 6;
        trnnsf_clusters *clusters = random_clusters(seed, ROWS, COLUMNS, count, 8, 7), *grouped;

        ck_assert_int_eq(trn_clusters_group(ctx, clusters, size, &grouped), TRNNSF_OK);
        check_permutation(clusters, grouped);
        for (size_t i = 0; i < count; i++) {
            size_t first = i / size * size, most = shared(grouped, i, first, i);

            for (size_t later = i + 1; later < count; later++)
                ck_assert_uint_le(shared(grouped, later, first, i), most);
        }
        if (size == 1)
            ck_assert(same_clusters(clusters, grouped));
        trnnsf_clusters_free(grouped);
        trnnsf_clusters_free(clusters);
    }
}
END_TEST

/* Two bands, in turn: each gets an element of its own. */
START_TEST(bands_come_together)
{
    static const size_t row_start[] = {0, 2, 4, 6, 8}, column_start[] = {0, 1, 2, 3, 4};
    static const uint32_t rows[] = {0, 1, 2, 3, 0, 1, 2, 3}, columns[] = {0, 1, 2, 3};
    static const uint32_t expected[] = {0, 2, 1, 3};
    trnnsf_clusters *clusters, *grouped;

    ck_assert_int_eq(trnnsf_clusters_create(ctx, 4, 4, 4, row_start, rows, column_start, columns,
                                            &clusters),
                     TRNNSF_OK);
    ck_assert_int_eq(trn_clusters_group(ctx, clusters, 2, &grouped), TRNNSF_OK);
    for (size_t i = 0; i < 4; i++)
        ck_assert_uint_eq(trnnsf_clusters_inputs(grouped, i, NULL)[0], expected[i]);
    trnnsf_clusters_free(grouped);
    trnnsf_clusters_free(clusters);
}
END_TEST

TCase *groups_tests(void)
{
    TCase *tests = tcase_create("groups");

    tcase_add_test(tests, groups_share_outputs);
    tcase_add_test(tests, bands_come_together);
    return tests;
}
