/* Assignments: every permutation of small ones, proofs by prices of large ones. */
#include "sim/analog/assignment.h"

#include <math.h>
#include <stdlib.h>

#include "analog/common.h"
#include "base/random.h"

enum { SMALL = 6, SMALL_PLACES = 8 };

/* kind 0: normals; 1: few whole numbers, many ties; 2: mostly 0. */
static void draw(struct trn_random *random, size_t count, int kind, float *cost)
{
    for (size_t k = 0; k < count; k++)
        cost[k] = kind == 0   ? (float)trn_random_normal(random)
                  : kind == 1 ? (float)trn_random_below(random, 4)
                              : (float)(trn_random_below(random, 10) == 0);
}

static double least(size_t n, size_t m, const float *cost, size_t thing, unsigned taken)
{
    double best = thing == n ? 0 : INFINITY;

    for (size_t p = 0; thing < n && p < m; p++) {
        if (!(taken >> p & 1))
            best = fmin(best, (double)cost[thing * m + p] +
                                  least(n, m, cost, thing + 1, taken | 1u << p));
    }
    return best;
}

static double sum_of(size_t n, size_t m, const float *cost, const uint32_t *place)
{
    double sum = 0;

    for (size_t t = 0; t < n; t++) {
        ck_assert_uint_lt(place[t], m);
        for (size_t other = 0; other < t; other++)
            ck_assert_uint_ne(place[t], place[other]);
        sum += (double)cost[t * m + place[t]];
    }
    return sum;
}

START_TEST(small)
{
    struct trn_assignment work = {0};
    struct trn_random random;
    float cost[SMALL * SMALL_PLACES];
    uint32_t place[SMALL];

    OK(trn_assignment_init(ctx, SMALL, SMALL_PLACES, &work));
    trn_random_init(&random, 1, TRN_RANDOM_TEST, 1);
    for (int k = 0; k < 600; k++) {
        size_t n = 1 + trn_random_below(&random, SMALL);
        size_t m = n + trn_random_below(&random, (uint32_t)(SMALL_PLACES - n + 1));

        draw(&random, n * m, k % 3, cost);
        trn_assign(&work, n, m, cost, place);
        ck_assert_double_eq_tol(sum_of(n, m, cost, place), least(n, m, cost, 0, 0), 1e-12);
    }
    trn_assignment_clear(ctx, &work);
}
END_TEST

/* Prices that no pair undercuts, that chosen pairs meet and that free places do not ask for prove
 * that nothing is cheaper (duality). */
static void prove(const struct trn_assignment *work, size_t n, size_t m, const float *cost,
                  const uint32_t *place)
{
    for (size_t t = 0; t < n; t++) {
        for (size_t p = 0; p < m; p++) {
            double slack = (double)cost[t * m + p] - work->price_thing[t] - work->price_place[p];

            ck_assert_double_ge(slack, -1e-9);
            if (place[t] == p)
                ck_assert_double_le(slack, 1e-9);
        }
    }
    for (size_t p = 0; p < m; p++) {
        ck_assert_double_le(work->price_place[p], 1e-9);
        if (work->thing_at[p] == TRN_NOWHERE)
            ck_assert_double_ge(work->price_place[p], -1e-9);
    }
}

START_TEST(large)
{
    static const size_t sizes[][2] = {{1, 1}, {1, 90}, {60, 60}, {90, 100}, {150, 150}};
    struct trn_assignment work = {0};
    struct trn_random random;
    float *cost = calloc((size_t)150 * 150, sizeof *cost);
    uint32_t place[150];

    OK(trn_assignment_init(ctx, 150, 150, &work));
    trn_random_init(&random, 2, TRN_RANDOM_TEST, 1);
    for (size_t k = 0; k < 5; k++) {
        for (int kind = 0; kind < 3; kind++) {
            size_t n = sizes[k][0], m = sizes[k][1];

            draw(&random, n * m, kind, cost);
            trn_assign(&work, n, m, cost, place);
            (void)sum_of(n, m, cost, place);
            prove(&work, n, m, cost, place);
        }
    }
    trn_assignment_clear(ctx, &work);
    free(cost);
}
END_TEST

TCase *assignment_case(void)
{
    TCase *tests = tcase_create("assignment");

    tcase_add_test(tests, small);
    tcase_add_test(tests, large);
    return tests;
}
