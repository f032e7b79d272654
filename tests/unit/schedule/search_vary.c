/* Search in several ways: each budget is tried with every schedule. */
#include "schedule/search_scene.h"

static struct search_scene scene;

static void setup(void)
{
    search_scene_begin(&scene, 8);
}

static void teardown(void)
{
    search_scene_end(&scene);
}

static trnnsf_search *make_search(uint32_t target, double limit, uint32_t trials)
{
    return search_scene_search(&scene, target, limit, trials);
}

static trnnsf_schedule *with_fields(double patches)
{
    trnnsf_schedule *varied;

    ck_assert_int_eq(trnnsf_schedule_copy(scene.ctx, scene.schedule, &varied), TRNNSF_OK);
    set(scene.ctx, varied, "pack.patches", patches);
    set(scene.ctx, varied, "pack.patch_inputs", 16);
    return varied;
}

/* Every budget is tried in every way, and what is handed out is the best of them all. */
START_TEST(every_way_at_every_budget)
{
    trnnsf_search *search = make_search(TRNNSF_TARGET_CROSSBARS, 12, 30);
    double best = -1;
    uint64_t budget = 0;

    for (int i = 1; i <= 2; i++) {
        trnnsf_schedule *varied = with_fields(0.3 * i);

        ck_assert_int_eq(trnnsf_search_vary(scene.ctx, search, varied), TRNNSF_OK);
        trnnsf_schedule_free(varied);
    }
    for (uint32_t i = 0; !trnnsf_search_done(search); i++) {
        struct trnnsf_trial trial = {.struct_size = sizeof trial};

        ck_assert_int_eq(trnnsf_search_step(scene.ctx, search, &trial), TRNNSF_OK);
        ck_assert_uint_eq(trial.variant, i % 3);
        ck_assert(trial.variant == 0 || trial.budget == budget);
        budget = trial.budget;
        if (trial.met && trial.validation_accuracy > best)
            best = trial.validation_accuracy;
    }
    ck_assert_uint_eq(trnnsf_search_trials(search) % 3, 0);
    ck_assert_ptr_nonnull(trnnsf_search_network(search));
    ck_assert_double_eq_tol(search_scene_validate(&scene, trnnsf_search_network(search)), best,
                            1e-12);
    trnnsf_search_free(search);
}
END_TEST

/* The first way is the search without others; a floor that it keeps asks for no second. */
START_TEST(first_way_alone)
{
    static const double floors[] = {0, 1};
    trnnsf_schedule *varied;

    set(scene.ctx, scene.schedule, "pack.rate", 1e-5); /* too low to keep all that is right */
    varied = with_fields(0.5);

    for (size_t k = 0; k < 2; k++) {
        trnnsf_search *one = make_search(TRNNSF_TARGET_ACCURACY, floors[k], 8);
        trnnsf_search *two = make_search(TRNNSF_TARGET_ACCURACY, floors[k], 16);
        uint64_t failed = 0;

        ck_assert_int_eq(trnnsf_search_vary(scene.ctx, two, varied), TRNNSF_OK);
        while (!trnnsf_search_done(one))
            ck_assert_int_eq(trnnsf_search_step(scene.ctx, one, NULL), TRNNSF_OK);
        while (!trnnsf_search_done(two)) {
            struct trnnsf_trial trial = {.struct_size = sizeof trial};

            ck_assert_int_eq(trnnsf_search_step(scene.ctx, two, &trial), TRNNSF_OK);
            ck_assert(trial.variant == 0 || trial.budget == failed);
            failed = trial.met ? 0 : trial.budget;
        }
        if (k == 0)
            ck_assert_uint_eq(trnnsf_search_trials(one), trnnsf_search_trials(two));
        else
            ck_assert_uint_gt(trnnsf_search_trials(two), trnnsf_search_trials(one));
        trnnsf_search_free(one);
        trnnsf_search_free(two);
    }
    trnnsf_schedule_free(varied);
}
END_TEST

START_TEST(ways_that_are_none)
{
    trnnsf_search *search = make_search(TRNNSF_TARGET_CROSSBARS, 12, 1);
    trnnsf_context *stranger = make_context(1);
    trnnsf_schedule *none;

    ck_assert_int_eq(trnnsf_search_vary(NULL, search, scene.schedule), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_search_vary(scene.ctx, NULL, scene.schedule), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_search_vary(scene.ctx, search, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_search_vary(stranger, search, scene.schedule), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_schedule_copy(scene.ctx, scene.schedule, &none), TRNNSF_OK);
    set(scene.ctx, none, "train.epochs", 0);
    ck_assert_int_eq(trnnsf_search_vary(scene.ctx, search, none), TRNNSF_E_INVALID);
    for (int i = 1; i < 64; i++)
        ck_assert_int_eq(trnnsf_search_vary(scene.ctx, search, scene.schedule), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_search_vary(scene.ctx, search, scene.schedule), TRNNSF_E_LIMIT);
    ck_assert_int_eq(trnnsf_search_step(scene.ctx, search, NULL), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_search_vary(scene.ctx, search, scene.schedule), TRNNSF_E_STATE);
    trnnsf_schedule_free(none);
    trnnsf_search_free(search);
    trnnsf_context_free(stranger);
}
END_TEST

TCase *search_vary_case(void)
{
    TCase *tests = tcase_create("search-vary");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, every_way_at_every_budget);
    tcase_add_test(tests, first_way_alone);
    tcase_add_test(tests, ways_that_are_none);
    return tests;
}
