/* Patches: from correlations alone, items of a field get together as they lie in it. */
#include "suite.h"

#include <math.h>

#include "cluster/neighbours.h"
#include "cluster/patches.h"

enum { SIDE = 12, ITEMS = SIDE * SIDE };

static size_t place[ITEMS]; /* of each item on the grid */

static float grid_distance(size_t a, size_t b)
{
    float x = (float)(place[a] % SIDE) - (float)(place[b] % SIDE);
    float y = (float)(place[a] / SIDE) - (float)(place[b] / SIDE);

    return sqrtf(x * x + y * y);
}

/* Correlations of a smooth field on a grid whose items are shuffled; every second one is negative. */
static void make_field(float *correlation)
{
    uint32_t order[ITEMS];
    struct trn_random random;

    for (size_t i = 0; i < ITEMS; i++)
        order[i] = (uint32_t)i;
    trn_random_init(&random, 1, TRN_RANDOM_TEST, 0);
    trn_random_shuffle(&random, order, ITEMS);
    for (size_t i = 0; i < ITEMS; i++)
        place[i] = order[i];
    for (size_t i = 0; i < ITEMS; i++) {
        for (size_t j = 0; j < ITEMS; j++) {
            float d = grid_distance(i, j), sign = (i + j) % 2 ? -1.0f : 1.0f;

            correlation[i * ITEMS + j] = sign * expf(-d * d / 8);
        }
    }
}

START_TEST(paths_follow_the_grid)
{
    static float correlation[ITEMS * ITEMS], distance[ITEMS * ITEMS];

    make_field(correlation);
    ck_assert_int_eq(trn_neighbour_distances(ctx, ITEMS, correlation, distance), TRNNSF_OK);
    for (size_t i = 0; i < ITEMS; i++) {
        ck_assert_float_eq(distance[i * ITEMS + i], 0);
        for (size_t j = 0; j < ITEMS; j++) {
            ck_assert_float_eq(distance[i * ITEMS + j], distance[j * ITEMS + i]);
            /* A step to a neighbour is sqrt(2 - 2 exp(-1/8)) = 0.485 long. */
            float steps = distance[i * ITEMS + j] / 0.4849f, d = grid_distance(i, j);

            ck_assert_msg(steps >= 0.7f * d && steps < 1.5f * d + 0.01f,
                          "%zu and %zu: %f steps, %f apart", i, j, (double)steps, (double)d);
        }
    }
}
END_TEST

static double mean_spread(const uint32_t *input, size_t count, size_t side)
{
    double sum = 0;

    for (size_t g = 0; g < count; g++) {
        for (size_t i = 0; i < side; i++) {
            for (size_t j = 0; j < side; j++)
                sum += (double)grid_distance(input[g * side + i], input[g * side + j]);
        }
    }
    return sum / (double)(count * side * side);
}

static void check_patches(const uint32_t *input, size_t count, size_t side, size_t *held)
{
    memset(held, 0, ITEMS * sizeof *held);
    for (size_t g = 0; g < count; g++) {
        for (size_t i = 0; i < side; i++) {
            uint32_t item = input[g * side + i];

            ck_assert_uint_lt(item, ITEMS);
            ck_assert(i == 0 || input[g * side + i - 1] < item);
            held[item]++;
        }
    }
}

/* Nine patches of 16 have every item once and are about as compact as squares of 4 x 4 (a mean
 * distance of 2.0, where that of the whole grid is 6.3). */
START_TEST(patches_are_compact)
{
    static float correlation[ITEMS * ITEMS], distance[ITEMS * ITEMS];
    uint32_t input[9 * 16], again[9 * 16];
    size_t held[ITEMS];

    make_field(correlation);
    ck_assert_int_eq(trn_neighbour_distances(ctx, ITEMS, correlation, distance), TRNNSF_OK);
    ck_assert_int_eq(trn_patches(ctx, ITEMS, distance, 9, 16, 5, input), TRNNSF_OK);
    check_patches(input, 9, 16, held);
    for (size_t i = 0; i < ITEMS; i++)
        ck_assert_uint_eq(held[i], 1);
    ck_assert_double_lt(mean_spread(input, 9, 16), 2.5);
    ck_assert_int_eq(trn_patches(ctx, ITEMS, distance, 9, 16, 5, again), TRNNSF_OK);
    ck_assert_mem_eq(input, again, sizeof input);
}
END_TEST

START_TEST(patches_overlap_or_leave_out)
{
    static float correlation[ITEMS * ITEMS], distance[ITEMS * ITEMS];
    static uint32_t input[200 * ITEMS];
    static const size_t counts[] = {1, 3, 7, 40, 200}, sides[] = {1, 5, 24, ITEMS};
    size_t held[ITEMS];

    make_field(correlation);
    ck_assert_int_eq(trn_neighbour_distances(ctx, ITEMS, correlation, distance), TRNNSF_OK);
    for (size_t c = 0; c < 5; c++) {
        for (size_t s = 0; s < 4; s++) {
            size_t places = counts[c] * sides[s], in_one = 0;

            ck_assert_int_eq(trn_patches(ctx, ITEMS, distance, counts[c], sides[s], 5, input),
                             TRNNSF_OK);
            check_patches(input, counts[c], sides[s], held);
            for (size_t i = 0; i < ITEMS; i++)
                in_one += held[i] > 0;
            ck_assert_uint_eq(in_one, places < ITEMS ? places : ITEMS);
        }
    }
}
END_TEST

/* Items that correlate with nothing are as good as strangers, and still get a place. */
START_TEST(items_without_neighbours)
{
    static float correlation[ITEMS * ITEMS], distance[ITEMS * ITEMS];
    uint32_t input[6 * 24];
    size_t held[ITEMS];

    make_field(correlation);
    for (size_t i = 0; i < ITEMS / 2; i++) {
        for (size_t j = 0; j < ITEMS; j++)
            correlation[i * ITEMS + j] = correlation[j * ITEMS + i] = 0;
    }
    ck_assert_int_eq(trn_neighbour_distances(ctx, ITEMS, correlation, distance), TRNNSF_OK);
    for (size_t e = 0; e < ITEMS * ITEMS; e++)
        ck_assert(isfinite(distance[e]));
    ck_assert_int_eq(trn_patches(ctx, ITEMS, distance, 6, 24, 5, input), TRNNSF_OK);
    check_patches(input, 6, 24, held);
    for (size_t i = 0; i < ITEMS; i++)
        ck_assert_uint_eq(held[i], 1);
}
END_TEST

/* One item is its own patch; two far groups come apart whatever the seed. */
START_TEST(tiny_sets)
{
    float one = 1, zero = 1, distance[16];
    uint32_t input[4];

    ck_assert_int_eq(trn_neighbour_distances(ctx, 1, &one, &zero), TRNNSF_OK);
    ck_assert_float_eq(zero, 0);
    ck_assert_int_eq(trn_patches(ctx, 1, &zero, 2, 1, 1, input), TRNNSF_OK);
    ck_assert(input[0] == 0 && input[1] == 0);
    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 0; j < 4; j++)
            distance[i * 4 + j] = i == j ? 0 : i % 2 == j % 2 ? 1 : 9;
    }
    for (uint64_t seed = 0; seed < 10; seed++) {
        ck_assert_int_eq(trn_patches(ctx, 4, distance, 2, 2, seed, input), TRNNSF_OK);
        ck_assert_uint_eq(input[0] + 2, input[1]);
        ck_assert_uint_eq(input[2] + 2, input[3]);
    }
}
END_TEST

TCase *patches_tests(void)
{
    TCase *tests = tcase_create("patches");

    tcase_add_test(tests, paths_follow_the_grid);
    tcase_add_test(tests, patches_are_compact);
    tcase_add_test(tests, patches_overlap_or_leave_out);
    tcase_add_test(tests, items_without_neighbours);
    tcase_add_test(tests, tiny_sets);
    return tests;
}
