/* Schedules alone: keys with their ranges, files and what is wrong with them. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "schedule/cases.h"

static trnnsf_context *ctx;

static void setup(void)
{
    ctx = make_context(2);
}

static void teardown(void)
{
    trnnsf_context_free(ctx);
}

START_TEST(keys)
{
    trnnsf_schedule *schedule = make_schedule(ctx, "transform", NULL);
    double value, minimum, maximum;

    ck_assert_str_eq(trnnsf_schedule_word(schedule, "variant"), "corrected");
    ck_assert_ptr_null(trnnsf_schedule_word(schedule, "train.epochs"));
    ck_assert_int_eq(trnnsf_schedule_set(ctx, schedule, "train.rate", NAN), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_schedule_set(ctx, schedule, "train.epochs", 2.5), TRNNSF_E_INVALID);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "train.epochs 2.5"));
    ck_assert_int_eq(trnnsf_schedule_set(ctx, schedule, "train.epoch", 2), TRNNSF_E_NOT_FOUND);
    ck_assert_int_eq(trnnsf_schedule_set_word(ctx, schedule, "method", "magic"), TRNNSF_E_INVALID);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "dense, prune, offline, transform"));
    ck_assert_int_eq(trnnsf_schedule_create(ctx, "transform", "best", &schedule), TRNNSF_E_INVALID);
    for (size_t i = 0; i < trnnsf_schedule_keys(); i++) {
        const char *key = trnnsf_schedule_key(i);

        ck_assert_ptr_nonnull(key);
        if (trnnsf_schedule_word(schedule, key))
            continue;
        ck_assert_int_eq(trnnsf_schedule_range(ctx, key, &minimum, &maximum), TRNNSF_OK);
        ck_assert_int_eq(trnnsf_schedule_get(ctx, schedule, key, &value), TRNNSF_OK);
        ck_assert_double_ge(value, minimum);
        ck_assert_double_le(value, maximum);
        ck_assert_int_eq(trnnsf_schedule_set(ctx, schedule, key, maximum), TRNNSF_OK);
        ck_assert_int_eq(trnnsf_schedule_set(ctx, schedule, key, maximum * 2 + 1),
                         TRNNSF_E_INVALID);
    }
    ck_assert_ptr_null(trnnsf_schedule_key(trnnsf_schedule_keys()));
    trnnsf_schedule_free(schedule);
    trnnsf_schedule_free(NULL);
}
END_TEST

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

START_TEST(files)
{
    static const struct {
        const char *text;
        trnnsf_status status;
        const char *message;
    } cases[] = {
        {"method: prune\ntrain:\n  epochs: 7\n", TRNNSF_OK, ""},
        {"train:\n  epochs: 7\n  speed: 3\n", TRNNSF_E_NOT_FOUND, ":3: train.speed"},
        {"train:\n  epochs: seven\n", TRNNSF_E_FORMAT, ":2: train.epochs"},
        {"train:\n  epochs: .nan\n", TRNNSF_E_FORMAT, ":2: train.epochs"},
        {"train:\n\n  momentum: 1.5\n", TRNNSF_E_INVALID, ":3: train.momentum 1.5"},
        {"method: best\n", TRNNSF_E_INVALID, ":1: method"},
        {"train:\n  epochs: 7\n  epochs: 8\n", TRNNSF_E_FORMAT, ":3: train.epochs"},
        {"cluster: {quality_first: 0.3, quality_last: 0.5}\n", TRNNSF_E_INVALID, "quality_last"},
        {"train: &a\n  epochs: 7\nprune: *a\n", TRNNSF_E_FORMAT, ":3: an alias"},
        {"- 1\n- 2\n", TRNNSF_E_FORMAT, "no map"},
        {"train: [1, {a: [", TRNNSF_E_FORMAT, ":"},
        {"", TRNNSF_E_FORMAT, "no map"},
    };
    const char *path = "schedule-test.yaml";

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        trnnsf_schedule *schedule = NULL;

        write_text(path, cases[i].text);
        trnnsf_status status = trnnsf_schedule_load(ctx, path, &schedule);
        if (status == TRNNSF_E_UNSUPPORTED)
            break;
        ck_assert_msg(status == cases[i].status, "case %zu: %s", i, trnnsf_context_error(ctx));
        if (status != TRNNSF_OK)
            ck_assert_msg(strstr(trnnsf_context_error(ctx), cases[i].message) != NULL,
                          "case %zu: %s", i, trnnsf_context_error(ctx));
        trnnsf_schedule_free(schedule);
    }
    unlink(path);
}
END_TEST

START_TEST(saved_is_loaded)
{
    const char *path = "schedule-saved.yaml";
    trnnsf_schedule *schedule = make_schedule(ctx, "offline", "published"), *loaded;
    double a, b;

    set(ctx, schedule, "train.rate", 0.1234567890123);
    ck_assert_int_eq(trnnsf_schedule_save(ctx, schedule, path), TRNNSF_OK);
    trnnsf_status status = trnnsf_schedule_load(ctx, path, &loaded);
    if (status != TRNNSF_E_UNSUPPORTED) {
        ck_assert_msg(status == TRNNSF_OK, "%s", trnnsf_context_error(ctx));
        for (size_t i = 0; i < trnnsf_schedule_keys(); i++) {
            const char *key = trnnsf_schedule_key(i), *word = trnnsf_schedule_word(schedule, key);

            if (word) {
                ck_assert_str_eq(word, trnnsf_schedule_word(loaded, key));
                continue;
            }
            ck_assert_int_eq(trnnsf_schedule_get(ctx, schedule, key, &a), TRNNSF_OK);
            ck_assert_int_eq(trnnsf_schedule_get(ctx, loaded, key, &b), TRNNSF_OK);
            ck_assert_msg(a == b, "%s", key);
        }
        trnnsf_schedule_free(loaded);
    }
    trnnsf_schedule_free(schedule);
    unlink(path);
}
END_TEST

TCase *keys_case(void)
{
    TCase *tests = tcase_create("keys");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, keys);
    tcase_add_test(tests, files);
    tcase_add_test(tests, saved_is_loaded);
    return tests;
}
