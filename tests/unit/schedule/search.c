/* Search: trials bisect to a floor of accuracy or aim at a budget; the best that keeps it stays. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "schedule/search_scene.h"

static struct search_scene scene;

static void setup(void)
{
    search_scene_begin(&scene, 0);
}

static void teardown(void)
{
    search_scene_end(&scene);
}

static trnnsf_search *make_search(uint32_t target, double limit, uint32_t trials)
{
    return search_scene_search(&scene, target, limit, trials);
}

/* Every trial obeys its budget, `met` is what it says, and budgets stay between those known. */
static void check_trials(const trnnsf_search *search, double floor)
{
    uint64_t failed = 0, met = UINT64_MAX;

    for (size_t i = 0; i < trnnsf_search_trials(search); i++) {
        struct trnnsf_trial trial = {.struct_size = sizeof trial};

        ck_assert_int_eq(trnnsf_search_trial(scene.ctx, search, i, &trial), TRNNSF_OK);
        ck_assert_uint_le(trial.crossbars, trial.budget);
        ck_assert(trial.area > 0 && trial.energy > 0);
        ck_assert_uint_eq(trial.met, trial.validation_accuracy >= floor);
        ck_assert_uint_gt(trial.budget, failed);
        ck_assert_uint_lt(trial.budget, met);
        if (trial.met)
            met = trial.budget;
        else
            failed = trial.budget;
    }
    if (met == UINT64_MAX) {
        ck_assert_ptr_null(trnnsf_search_network(search));
        ck_assert_ptr_null(trnnsf_search_run(search));
        return;
    }
    ck_assert_double_ge(search_scene_validate(&scene, trnnsf_search_network(search)), floor);
    ck_assert_ptr_nonnull(trnnsf_search_run(search));
}

START_TEST(finds_the_fewest)
{
    /* None is too low a floor, all too high a one. */
    static const double floors[] = {0, 0.9, 1};
    uint64_t last = 0;

    for (size_t i = 0; i < 3; i++) {
        trnnsf_search *search = make_search(TRNNSF_TARGET_ACCURACY, floors[i], 12);
        struct trnnsf_trial trial = {.struct_size = sizeof trial};
        size_t steps = 0;

        while (!trnnsf_search_done(search)) {
            ck_assert_msg(trnnsf_search_step(scene.ctx, search, &trial) == TRNNSF_OK, "%s",
                          trnnsf_context_error(scene.ctx));
            ck_assert_uint_eq(trnnsf_search_trials(search), ++steps);
        }
        ck_assert_int_eq(trnnsf_search_step(scene.ctx, search, &trial), TRNNSF_E_STATE);
        check_trials(search, floors[i]);
        if (i == 0)
            ck_assert_uint_eq(trial.budget, 3); /* one a layer */
        if (trnnsf_search_network(search)) {
            struct trnnsf_step step = {.struct_size = sizeof step};
            const trnnsf_run *run = trnnsf_search_run(search);

            ck_assert_int_eq(trnnsf_run_history(scene.ctx, run, trnnsf_run_steps(run) - 1, &step),
                             TRNNSF_OK);
            ck_assert_uint_ge(step.crossbars, last);
            last = step.crossbars;
        }
        trnnsf_search_free(search);
    }
}
END_TEST

static double in_unit(uint32_t target, const struct trnnsf_trial *trial)
{
    return target == TRNNSF_TARGET_AREA     ? trial->area
           : target == TRNNSF_TARGET_ENERGY ? trial->energy
                                            : (double)trial->crossbars;
}

/* What a network costs by the public functions. */
static struct trnnsf_trial cost_of(const trnnsf_network *network, uint32_t rule)
{
    static const char *const costs[] = {"crossbars", "area", "energy"};
    struct trnnsf_map_options options = TRNNSF_MAP_OPTIONS_INIT;
    struct trnnsf_trial trial = {.struct_size = sizeof trial};
    trnnsf_mapping *mapping;
    trnnsf_activity *activity;
    trnnsf_cost *cost;

    options.rule = rule;
    while (strcmp(costs[options.cost], trnnsf_schedule_word(scene.schedule, "pack.cost")) != 0)
        options.cost++;
    ck_assert_int_eq(trnnsf_mapping_create(scene.ctx, network, scene.tech, &options, &mapping),
                     TRNNSF_OK);
    ck_assert_int_eq(trnnsf_activity_measure(scene.ctx, network, scene.dataset,
                                             TRNNSF_PART_VALIDATION, &activity),
                     TRNNSF_OK);
    ck_assert_int_eq(trnnsf_cost_evaluate(scene.ctx, mapping, scene.tech, activity, &cost),
                     TRNNSF_OK);
    trial.crossbars = trnnsf_mapping_crossbars(mapping);
    trial.area = trnnsf_cost_area(cost, TRNNSF_ALL_LAYERS, TRNNSF_COST_TOTAL);
    trial.energy = trnnsf_cost_energy(cost, TRNNSF_ALL_LAYERS, TRNNSF_COST_TOTAL);
    trnnsf_cost_free(cost);
    trnnsf_activity_free(activity);
    trnnsf_mapping_free(mapping);
    return trial;
}

/* The most accurate of the trials within the limit is what is handed out, costs are those that the
 * public functions give, and no other budget than those tried can be told to serve better. */
static void check_budget_search(const trnnsf_search *search, uint32_t target, double limit)
{
    double best = -1;
    uint64_t kept = 2, broken = UINT64_MAX;

    for (size_t i = 0; i < trnnsf_search_trials(search); i++) {
        struct trnnsf_trial trial = {.struct_size = sizeof trial};

        ck_assert_int_eq(trnnsf_search_trial(scene.ctx, search, i, &trial), TRNNSF_OK);
        ck_assert_uint_gt(trial.budget, kept);
        ck_assert_uint_lt(trial.budget, broken);
        ck_assert_uint_eq(trial.met, in_unit(target, &trial) <= limit);
        if (trial.met && trial.validation_accuracy > best)
            best = trial.validation_accuracy;
        if (trial.met)
            kept = trial.budget;
        else
            broken = trial.budget;
    }
    if (best < 0) {
        ck_assert_ptr_null(trnnsf_search_network(search));
        return;
    }
    struct trnnsf_trial cost = cost_of(trnnsf_search_network(search), TRNNSF_MAP_CLUSTERED);
    ck_assert_double_le(in_unit(target, &cost), limit);
    ck_assert_double_eq_tol(search_scene_validate(&scene, trnnsf_search_network(search)), best,
                            1e-12);
}

START_TEST(keeps_a_budget)
{
    static const uint32_t targets[] = {TRNNSF_TARGET_CROSSBARS, TRNNSF_TARGET_AREA,
                                       TRNNSF_TARGET_ENERGY};
    static const double shares[] = {0.001, 0.1, 0.4, 3};
    struct trnnsf_trial whole = cost_of(scene.dense, TRNNSF_MAP_DENSE);

    for (size_t i = 0; i < 3; i++) {
        for (size_t k = 0; k < 4; k++) {
            double limit = shares[k] * in_unit(targets[i], &whole);

            limit = targets[i] == TRNNSF_TARGET_CROSSBARS ? fmax(ceil(limit), 3) : limit;
            trnnsf_search *search = make_search(targets[i], limit, 10);
            while (!trnnsf_search_done(search))
                ck_assert_msg(trnnsf_search_step(scene.ctx, search, NULL) == TRNNSF_OK, "%s",
                              trnnsf_context_error(scene.ctx));
            check_budget_search(search, targets[i], limit);
            ck_assert_uint_le(trnnsf_search_trials(search), 5);
            if (targets[i] == TRNNSF_TARGET_CROSSBARS)
                ck_assert_ptr_nonnull(trnnsf_search_network(search));
            trnnsf_search_free(search);
        }
    }
}
END_TEST

static void use_pool(const char *cost)
{
    trnnsf_tech *one = scene.tech;

    ck_assert_int_eq(trnnsf_tech_with_shapes(scene.ctx, one, "16x8,8x8,32x16,8x32", &scene.tech),
                     TRNNSF_OK);
    ck_assert_int_eq(trnnsf_schedule_set_word(scene.ctx, scene.schedule, "pack.cost", cost),
                     TRNNSF_OK);
    trnnsf_tech_free(one);
}

START_TEST(budgets_of_pools)
{
    static const char *const costs[] = {"crossbars", "area", "energy"};

    for (size_t i = 0; i < 3; i++) {
        use_pool(costs[i]);

        struct trnnsf_trial whole = cost_of(scene.dense, TRNNSF_MAP_DENSE);
        double limit = 0.4 * whole.area;
        trnnsf_search *search = make_search(TRNNSF_TARGET_AREA, limit, 6);
        while (!trnnsf_search_done(search))
            ck_assert_msg(trnnsf_search_step(scene.ctx, search, NULL) == TRNNSF_OK, "%s",
                          trnnsf_context_error(scene.ctx));
        ck_assert_ptr_nonnull(trnnsf_search_network(search));
        check_budget_search(search, TRNNSF_TARGET_AREA, limit);
        trnnsf_search_free(search);
    }
}
END_TEST

/* The cheapest by pack.cost of what kept the floor, whatever number of crossbars that is. */
START_TEST(cheapest_of_pools)
{
    trnnsf_search *search;
    double least = INFINITY;

    use_pool("area");
    search = make_search(TRNNSF_TARGET_ACCURACY, 0.5, 6);
    while (!trnnsf_search_done(search)) {
        struct trnnsf_trial trial = {.struct_size = sizeof trial};

        ck_assert_int_eq(trnnsf_search_step(scene.ctx, search, &trial), TRNNSF_OK);
        if (trial.met)
            least = fmin(least, trial.area);
    }
    ck_assert_ptr_nonnull(trnnsf_search_network(search));
    ck_assert_double_eq(cost_of(trnnsf_search_network(search), TRNNSF_MAP_CLUSTERED).area, least);
    trnnsf_search_free(search);
}
END_TEST

START_TEST(does_not_touch_the_start)
{
    trnnsf_network *before;
    trnnsf_search *a = make_search(TRNNSF_TARGET_ACCURACY, 0.9, 1);
    trnnsf_search *b = make_search(TRNNSF_TARGET_ACCURACY, 0.9, 1);

    ck_assert_int_eq(trnnsf_network_copy(scene.ctx, scene.dense, &before), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_search_step(scene.ctx, a, NULL), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_search_step(scene.ctx, b, NULL), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_search_done(a), 1);
    same_bits(scene.dense, before);
    ck_assert_ptr_nonnull(trnnsf_search_network(a));
    same_bits(trnnsf_search_network(a), trnnsf_search_network(b));
    trnnsf_search_free(a);
    trnnsf_search_free(b);
    trnnsf_network_free(before);
}
END_TEST

static int stop_in_an_epoch(const struct trnnsf_progress *progress, void *user)
{
    int *left = user;

    (void)progress;
    return --*left == 0;
}

/* A context that is cancelled at its `left`th moment of progress, once; 0: never. */
static trnnsf_context *make_stopping_context(int *left)
{
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
    trnnsf_context *context;

    options.progress = stop_in_an_epoch;
    options.progress_user = left;
    ck_assert_int_eq(trnnsf_context_create(&options, &context), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_backend_select(context, "reference"), TRNNSF_OK);
    return context;
}

/* Two trials for an energy; how many moments of progress there were. */
static int search_energy(int stop_at, trnnsf_network **out_network)
{
    struct trnnsf_search_options options = search_options_of(TRNNSF_TARGET_ENERGY, 3e-9, 2);
    int left = stop_at;
    trnnsf_context *context = make_stopping_context(&left);
    trnnsf_dataset *data = make_dataset(context);
    trnnsf_network *network = make_network(context);
    trnnsf_search *search;
    size_t lost = 0;

    ck_assert_int_eq(
        trnnsf_search_create(context, network, data, scene.schedule, scene.tech, &options, &search),
        TRNNSF_OK);
    while (!trnnsf_search_done(search)) {
        size_t trials = trnnsf_search_trials(search);
        trnnsf_status status = trnnsf_search_step(context, search, NULL);

        if (status == TRNNSF_E_CANCELLED)
            lost++;
        else
            ck_assert_msg(status == TRNNSF_OK, "%s", trnnsf_context_error(context));
        ck_assert_uint_eq(trnnsf_search_trials(search), trials + (status == TRNNSF_OK));
    }
    ck_assert_uint_eq(lost, stop_at > 0);
    ck_assert_ptr_nonnull(trnnsf_search_network(search));
    ck_assert_int_eq(trnnsf_network_copy(scene.ctx, trnnsf_search_network(search), out_network),
                     TRNNSF_OK);
    trnnsf_search_free(search);
    trnnsf_network_free(network);
    trnnsf_dataset_free(data);
    trnnsf_context_free(context);
    return stop_at - left;
}

START_TEST(cancelled_anywhere)
{
    trnnsf_network *whole, *again;
    int moments = search_energy(0, &whole);

    ck_assert_int_gt(moments, 20);
    for (int i = 1; i <= 6; i++) {
        search_energy(1 + (moments - 2) * i / 6, &again);
        same_bits(whole, again);
        trnnsf_network_free(again);
    }
    trnnsf_network_free(whole);
}
END_TEST

START_TEST(cancelled_and_gone_on)
{
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
    struct trnnsf_search_options accuracy = search_options_of(TRNNSF_TARGET_ACCURACY, 0, 1);
    trnnsf_context *context;
    int left = 100;

    options.progress = stop_in_an_epoch;
    options.progress_user = &left;
    ck_assert_int_eq(trnnsf_context_create(&options, &context), TRNNSF_OK);
    trnnsf_dataset *data = make_dataset(context);
    trnnsf_network *network = make_network(context);
    trnnsf_search *search;
    ck_assert_int_eq(trnnsf_search_create(context, network, data, scene.schedule, scene.tech,
                                          &accuracy, &search),
                     TRNNSF_OK);
    ck_assert_int_eq(trnnsf_search_step(context, search, NULL), TRNNSF_E_CANCELLED);
    ck_assert_uint_eq(trnnsf_search_trials(search), 0);
    ck_assert_ptr_null(trnnsf_search_network(search));
    ck_assert_int_eq(trnnsf_search_step(context, search, NULL), TRNNSF_OK);
    ck_assert_ptr_nonnull(trnnsf_search_network(search));
    trnnsf_search_free(search);
    trnnsf_network_free(network);
    trnnsf_dataset_free(data);
    trnnsf_context_free(context);
}
END_TEST

/* What trnnsf_search_create() refuses. */
static void refused(const struct trnnsf_search_options *options)
{
    trnnsf_search *search = NULL;

    ck_assert_int_eq(trnnsf_search_create(scene.ctx, scene.dense, scene.dataset, scene.schedule,
                                          scene.tech, options, &search),
                     TRNNSF_E_INVALID);
    ck_assert_ptr_null(search);
}

/* Trials of a spiking search cost what their networks do as spiking ones: four times the steps,
 * about four times the energy. */
START_TEST(of_spikes)
{
    struct trnnsf_search_options options = search_options_of(TRNNSF_TARGET_CROSSBARS, 6, 4);
    struct trnnsf_trial trial[2] = {{.struct_size = sizeof trial[0]},
                                    {.struct_size = sizeof trial[0]}};
    trnnsf_search *search;

    for (uint32_t turn = 0; turn < 2; turn++) {
        options.spiking_steps = turn ? 32 : 8;
        ck_assert_msg(trnnsf_search_create(scene.ctx, scene.dense, scene.dataset, scene.schedule,
                                           scene.tech, &options, &search) == TRNNSF_OK,
                      "%s", trnnsf_context_error(scene.ctx));
        ck_assert_msg(trnnsf_search_step(scene.ctx, search, &trial[turn]) == TRNNSF_OK, "%s",
                      trnnsf_context_error(scene.ctx));
        trnnsf_search_free(search);
    }
    ck_assert_uint_eq(trial[0].crossbars, trial[1].crossbars);
    ck_assert_double_eq(trial[0].validation_accuracy, trial[1].validation_accuracy);
    ck_assert_double_gt(trial[0].energy, 0);
    ck_assert_double_eq_tol(trial[1].energy / trial[0].energy, 4, 1);
    options.spiking_steps = 65537;
    refused(&options);
}
END_TEST

START_TEST(hostile_options)
{
    static const struct {
        uint32_t target, trials;
        double limit;
    } bad[] = {
        {TRNNSF_TARGET_ACCURACY, 1, 1.5},    {TRNNSF_TARGET_ACCURACY, 1, -1},
        {TRNNSF_TARGET_ACCURACY, 1, NAN},    {TRNNSF_TARGET_ACCURACY, 0, 0},
        {TRNNSF_TARGET_ACCURACY, 1001, 0},   {TRNNSF_TARGET_CROSSBARS, 1, 2},
        {TRNNSF_TARGET_CROSSBARS, 1, 2e9},   {TRNNSF_TARGET_CROSSBARS, 1, NAN},
        {TRNNSF_TARGET_AREA, 1, 0},          {TRNNSF_TARGET_AREA, 1, INFINITY},
        {TRNNSF_TARGET_ENERGY, 1, -1e-9},    {TRNNSF_TARGET_ENERGY, 1, NAN},
        {TRNNSF_TARGET_ENERGY + 1u, 1, 0.5},
    };
    struct trnnsf_search_options defaults;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct trnnsf_search_options options =
            search_options_of(bad[i].target, bad[i].limit, bad[i].trials);

        refused(&options);
    }
    trnnsf_search_options_init(NULL);
    trnnsf_search_options_init(&defaults);
    refused(&defaults); /* a limit must be set */
    refused(NULL);
    defaults.limit = 0.5;
    defaults.struct_size = 3;
    refused(&defaults);
}
END_TEST

START_TEST(hostile_arguments)
{
    struct trnnsf_search_options options = search_options_of(TRNNSF_TARGET_ACCURACY, 0, 1);
    struct trnnsf_trial trial = {.struct_size = sizeof trial};
    trnnsf_search *search = NULL;

    ck_assert_int_eq(trnnsf_search_create(NULL, scene.dense, scene.dataset, scene.schedule,
                                          scene.tech, &options, &search),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_search_create(scene.ctx, NULL, scene.dataset, scene.schedule,
                                          scene.tech, &options, &search),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_search_create(scene.ctx, scene.dense, scene.dataset, scene.schedule,
                                          NULL, &options, &search),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_search_create(scene.ctx, scene.dense, scene.dataset, scene.schedule,
                                          scene.tech, &options, NULL),
                     TRNNSF_E_INVALID);
    set(scene.ctx, scene.schedule, "train.distil", 0.5);
    set(scene.ctx, scene.schedule, "pack.distil", 0);
    ck_assert_int_eq(trnnsf_search_create(scene.ctx, scene.dense, scene.dataset, scene.schedule,
                                          scene.tech, &options, &search),
                     TRNNSF_E_INVALID);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(scene.ctx), "no teachers"));
    set(scene.ctx, scene.schedule, "train.distil", 0);
    ck_assert_ptr_null(search);
    ck_assert_int_eq(trnnsf_search_step(scene.ctx, NULL, &trial), TRNNSF_E_INVALID);
    search = make_search(TRNNSF_TARGET_ACCURACY, 0.5, 1);
    ck_assert_int_eq(trnnsf_search_trial(scene.ctx, search, 0, &trial), TRNNSF_E_INVALID);
    trial.struct_size = 3;
    ck_assert_int_eq(trnnsf_search_step(scene.ctx, search, &trial), TRNNSF_E_INVALID);
    ck_assert_uint_eq(trnnsf_search_trials(search), 0);
    ck_assert_int_eq(trnnsf_search_done(NULL), 1);
    ck_assert_uint_eq(trnnsf_search_trials(NULL), 0);
    ck_assert_ptr_null(trnnsf_search_run(NULL));
    ck_assert_ptr_null(trnnsf_search_network(NULL));
    trnnsf_search_free(search);
    trnnsf_search_free(NULL);
}
END_TEST

TCase *search_case(void)
{
    TCase *tests = tcase_create("search");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, finds_the_fewest);
    tcase_add_test(tests, keeps_a_budget);
    tcase_add_test(tests, budgets_of_pools);
    tcase_add_test(tests, cheapest_of_pools);
    tcase_add_test(tests, cancelled_anywhere);
    tcase_add_test(tests, does_not_touch_the_start);
    tcase_add_test(tests, cancelled_and_gone_on);
    tcase_add_test(tests, of_spikes);
    tcase_add_test(tests, hostile_options);
    tcase_add_test(tests, hostile_arguments);
    return tests;
}
