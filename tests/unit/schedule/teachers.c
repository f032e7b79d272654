/* Runs that learn from given teachers. The gradient is affine in the soft targets and in their share, and
 * the first step of SGD from the same weights is that gradient: so means of teachers and of shares are
 * means of what is learnt. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "schedule/cases.h"

enum { FEATURES = 36, TRAIN = 320, CLASSES = 4 };

static trnnsf_context *ctx;
static trnnsf_dataset *dataset;

static void setup(void)
{
    ctx = make_context(2);
    dataset = make_dataset(ctx);
}

static void teardown(void)
{
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
}

static trnnsf_network *make_net(size_t inputs, uint64_t seed)
{
    const size_t sizes[] = {inputs, 20, CLASSES};
    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;
    trnnsf_network *network;

    options.init = TRNNSF_INIT_UNIFORM;
    options.init_scale = 0.3;
    options.bias = 1;
    options.output_activation = TRNNSF_ACTIVATION_SOFTMAX;
    options.seed = seed;
    ck_assert_int_eq(trnnsf_network_create(ctx, sizes, 3, &options, &network), TRNNSF_OK);
    return network;
}

/* One step an epoch, plain SGD: weights after it are the initial ones less the gradient. */
static trnnsf_schedule *plain_schedule(double share, double temperature)
{
    trnnsf_schedule *schedule = make_schedule(ctx, "dense", "corrected");

    set(ctx, schedule, "pack.distil", 0);
    set(ctx, schedule, "train.batch", TRAIN);
    set(ctx, schedule, "train.rate", 0.5);
    set(ctx, schedule, "train.momentum", 0);
    set(ctx, schedule, "train.hidden_dropout", 0);
    set(ctx, schedule, "train.distil", share);
    set(ctx, schedule, "train.temperature", temperature);
    ck_assert_int_eq(trnnsf_schedule_set_word(ctx, schedule, "train.loss", "cross-entropy"),
                     TRNNSF_OK);
    return schedule;
}

/* The student of seed 1 after `steps` steps; no teachers where n is 0. */
static trnnsf_network *learn(const trnnsf_dataset *data, double share, double temperature,
                             const trnnsf_network *const *teachers, size_t n, size_t steps)
{
    trnnsf_schedule *schedule = plain_schedule(share, temperature);
    trnnsf_network *student = make_net(trnnsf_dataset_features(data), 1);
    trnnsf_run *run = make_run(ctx, student, data, schedule);

    if (n > 0)
        ck_assert_msg(trnnsf_run_set_teachers(ctx, run, teachers, n) == TRNNSF_OK, "%s",
                      trnnsf_context_error(ctx));
    for (size_t i = 0; i < steps; i++)
        ck_assert_msg(trnnsf_run_step(ctx, run, NULL) == TRNNSF_OK, "%s",
                      trnnsf_context_error(ctx));
    trnnsf_run_free(run);
    trnnsf_schedule_free(schedule);
    return student;
}

/* c is (1 - t) a + t b. */
static void is_between(const trnnsf_network *a, const trnnsf_network *b, double t,
                       const trnnsf_network *c)
{
    for (size_t l = 0; l < trnnsf_network_layers(a); l++) {
        size_t cells = trnnsf_network_inputs(a, l) * trnnsf_network_outputs(a, l);
        const float *x = trnnsf_network_weights(a, l), *y = trnnsf_network_weights(b, l);
        double apart = 0;

        for (size_t i = 0; i < cells; i++) {
            double expected = (1 - t) * (double)x[i] + t * (double)y[i];

            ck_assert_double_eq_tol((double)trnnsf_network_weights(c, l)[i], expected, 2e-6);
            apart = fmax(apart, fabs((double)x[i] - (double)y[i]));
        }
        ck_assert_double_gt(apart, 1e-4);
    }
}

START_TEST(teachers_are_averaged)
{
    trnnsf_network *teacher[2] = {make_net(FEATURES, 2), make_net(FEATURES, 3)};
    const trnnsf_network *const both[] = {teacher[0], teacher[1]};
    const trnnsf_network *const twice[] = {teacher[0], teacher[0]};
    trnnsf_network *a = learn(dataset, 0.7, 3, &both[0], 1, 1);
    trnnsf_network *b = learn(dataset, 0.7, 3, &both[1], 1, 1);
    trnnsf_network *mean = learn(dataset, 0.7, 3, both, 2, 1);
    trnnsf_network *same = learn(dataset, 0.7, 3, twice, 2, 1);

    is_between(a, b, 0.5, mean);
    same_bits(a, same);
    trnnsf_network_free(a);
    trnnsf_network_free(b);
    trnnsf_network_free(mean);
    trnnsf_network_free(same);
    trnnsf_network_free(teacher[0]);
    trnnsf_network_free(teacher[1]);
}
END_TEST

START_TEST(share_of_the_loss)
{
    trnnsf_network *teacher = make_net(FEATURES, 2);
    const trnnsf_network *const one[] = {teacher};
    trnnsf_network *alone = learn(dataset, 0, 2, NULL, 0, 1);
    trnnsf_network *all = learn(dataset, 1, 2, one, 1, 1);
    trnnsf_network *some = learn(dataset, 0.3, 2, one, 1, 1);

    is_between(alone, all, 0.3, some);
    trnnsf_network_free(alone);
    trnnsf_network_free(all);
    trnnsf_network_free(some);
    trnnsf_network_free(teacher);
}
END_TEST

/* A network that learns from itself alone is where it wants to be, at any temperature. */
START_TEST(own_teacher)
{
    trnnsf_network *own = make_net(FEATURES, 1);
    const trnnsf_network *const one[] = {own};
    trnnsf_network *learnt = learn(dataset, 1, 4, one, 1, 2);

    for (size_t l = 0; l < 2; l++) {
        size_t cells = trnnsf_network_inputs(own, l) * trnnsf_network_outputs(own, l);

        for (size_t i = 0; i < cells; i++)
            ck_assert_float_eq_tol(trnnsf_network_weights(own, l)[i],
                                   trnnsf_network_weights(learnt, l)[i], 1e-5f);
    }
    trnnsf_network_free(own);
    trnnsf_network_free(learnt);
}
END_TEST

/* Inputs and the same negated, as trnnsf_dataset_options' mirror makes them. */
static trnnsf_dataset *mirrored(void)
{
    const float *values = trnnsf_dataset_values(dataset, TRNNSF_PART_TRAIN);
    static float twice[TRAIN * 2 * FEATURES];
    trnnsf_dataset *made;

    for (size_t s = 0; s < TRAIN; s++) {
        for (size_t i = 0; i < FEATURES; i++) {
            twice[s * 2 * FEATURES + i] = values[s * FEATURES + i];
            twice[(2 * s + 1) * FEATURES + i] = -values[s * FEATURES + i];
        }
    }
    ck_assert_int_eq(trnnsf_dataset_create(ctx, 2, 6, 6, CLASSES, &made), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_dataset_set(ctx, made, TRNNSF_PART_TRAIN, TRAIN, twice,
                                        trnnsf_dataset_labels(dataset, TRNNSF_PART_TRAIN)),
                     TRNNSF_OK);
    return made;
}

/* A teacher of the first half is one of all whose other weights are 0. */
START_TEST(teacher_of_half_the_inputs)
{
    trnnsf_dataset *data = mirrored();
    trnnsf_network *half = make_net(FEATURES, 2), *whole = make_net(2 * FEATURES, 3);
    const trnnsf_network *const teachers[] = {half, whole};
    float weights[20 * 2 * FEATURES] = {0};

    for (size_t i = 0; i < 20; i++)
        memcpy(weights + i * 2 * FEATURES, trnnsf_network_weights(half, 0) + i * FEATURES,
               FEATURES * sizeof *weights);
    ck_assert_int_eq(trnnsf_network_set_weights(ctx, whole, 0, weights), TRNNSF_OK);
    ck_assert_int_eq(
        trnnsf_network_set_weights(ctx, whole, 1, trnnsf_network_weights(half, 1)),
        TRNNSF_OK);
    trnnsf_network *a = learn(data, 0.9, 2, &teachers[0], 1, 1);
    trnnsf_network *b = learn(data, 0.9, 2, &teachers[1], 1, 1);
    for (size_t i = 0; i < 20 * 2 * FEATURES; i++)
        ck_assert_float_eq_tol(trnnsf_network_weights(a, 0)[i], trnnsf_network_weights(b, 0)[i],
                               1e-6f);
    trnnsf_network_free(a);
    trnnsf_network_free(b);
    trnnsf_network_free(half);
    trnnsf_network_free(whole);
    trnnsf_dataset_free(data);
}
END_TEST

START_TEST(resumed_with_its_teacher)
{
    const char *path = "run-teacher.safetensors";
    trnnsf_network *teacher = make_net(FEATURES, 2), *student[2];
    const trnnsf_network *const one[] = {teacher};
    trnnsf_schedule *schedule = plain_schedule(0.5, 2);
    trnnsf_run *run[2];

    for (size_t i = 0; i < 2; i++) {
        student[i] = make_net(FEATURES, 1);
        run[i] = make_run(ctx, student[i], dataset, schedule);
    }
    ck_assert_int_eq(trnnsf_run_set_teachers(ctx, run[0], one, 1), TRNNSF_OK);
    trnnsf_network_free(teacher);
    ck_assert_int_eq(trnnsf_run_step(ctx, run[0], NULL), TRNNSF_OK);
    if (trnnsf_run_save(ctx, run[0], path) == TRNNSF_OK) {
        ck_assert_msg(trnnsf_run_restore(ctx, run[1], path) == TRNNSF_OK, "%s",
                      trnnsf_context_error(ctx));
        for (size_t i = 0; i < 2; i++)
            ck_assert_int_eq(trnnsf_run_step(ctx, run[i], NULL), TRNNSF_OK);
        same_bits(student[0], student[1]);
        remove(path);
    }
    for (size_t i = 0; i < 2; i++) {
        trnnsf_run_free(run[i]);
        trnnsf_network_free(student[i]);
    }
    trnnsf_schedule_free(schedule);
}
END_TEST

static void refuses(trnnsf_run *run, const trnnsf_network *teacher, trnnsf_status expected,
                    const char *text)
{
    const trnnsf_network *const one[] = {teacher};

    ck_assert_int_eq(trnnsf_run_set_teachers(ctx, run, one, 1), expected);
    ck_assert_msg(strstr(trnnsf_context_error(ctx), text) != NULL, "%s",
                  trnnsf_context_error(ctx));
}

START_TEST(hostile_teachers)
{
    trnnsf_network *student = make_net(FEATURES, 1), *narrow = make_net(FEATURES - 1, 2);
    trnnsf_network *linear = make_network(ctx);
    const trnnsf_network *const one[] = {student};
    trnnsf_schedule *schedule = plain_schedule(0.5, 2), *none = plain_schedule(0, 2);
    trnnsf_run *run = make_run(ctx, student, dataset, schedule);
    trnnsf_run *without = make_run(ctx, student, dataset, none), *made;

    ck_assert_int_eq(trnnsf_run_set_teachers(NULL, run, one, 1), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_run_set_teachers(ctx, NULL, one, 1), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_run_set_teachers(ctx, run, NULL, 1), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_run_set_teachers(ctx, run, one, 0), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_run_set_teachers(ctx, run, one, (size_t)-1), TRNNSF_E_INVALID);
    refuses(run, NULL, TRNNSF_E_INVALID, "teacher 0 is NULL");
    refuses(run, narrow, TRNNSF_E_MISMATCH, "35 inputs");
    refuses(run, linear, TRNNSF_E_MISMATCH, "activation");
    refuses(without, student, TRNNSF_E_STATE, "train.distil");
    ck_assert_int_eq(trnnsf_run_step(ctx, run, NULL), TRNNSF_E_STATE);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "wants a teacher"));
    ck_assert_int_eq(trnnsf_run_set_teachers(ctx, run, one, 1), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_run_step(ctx, run, NULL), TRNNSF_OK);

    /* Logits of 10^39 and their opposites: no softmax. */
    trnnsf_network *loud = make_net(FEATURES, 3);
    float weights[20 * FEATURES];
    for (size_t i = 0; i < 20 * FEATURES; i++)
        weights[i] = 3e38f;
    ck_assert_int_eq(trnnsf_network_set_weights(ctx, loud, 0, weights), TRNNSF_OK);
    refuses(run, loud, TRNNSF_E_NUMERIC, "is not finite");
    trnnsf_network_free(loud);
    ck_assert_int_eq(trnnsf_run_step(ctx, run, NULL), TRNNSF_OK);

    trnnsf_tech *tech = make_tech(ctx);
    set(ctx, schedule, "pack.distil", 0.5);
    ck_assert_int_eq(trnnsf_run_create(ctx, student, dataset, schedule, tech, 0, &made),
                     TRNNSF_E_INVALID);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "different teachers"));
    trnnsf_tech_free(tech);
    trnnsf_run_free(run);
    trnnsf_run_free(without);
    trnnsf_schedule_free(schedule);
    trnnsf_schedule_free(none);
    trnnsf_network_free(student);
    trnnsf_network_free(narrow);
    trnnsf_network_free(linear);
}
END_TEST

TCase *teachers_case(void)
{
    TCase *tests = tcase_create("teachers");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, teachers_are_averaged);
    tcase_add_test(tests, share_of_the_loss);
    tcase_add_test(tests, own_teacher);
    tcase_add_test(tests, teacher_of_half_the_inputs);
    tcase_add_test(tests, resumed_with_its_teacher);
    tcase_add_test(tests, hostile_teachers);
    return tests;
}
