/* Figures of networks of many forms, in each format. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"
#include "synthetic.h"

static trnnsf_context *ctx;
static char folder[] = "figures-XXXXXX";

static void setup(void)
{
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    ck_assert_int_eq(trnnsf_context_create(NULL, &ctx), TRNNSF_OK);
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void teardown(void)
{
    rmdir(folder);
    trnnsf_context_free(ctx);
}

#if TRN_HAVE_CAIRO

/* Draws, and returns the file's size; its first bytes are `magic`. */
static long draw(const trnnsf_report *report, const char *name, const char *magic)
{
    char path[64], begin[8] = {0};

    snprintf(path, sizeof path, "%s/%s", folder, name);
    ck_assert_msg(trnnsf_report_figure(ctx, report, path) == TRNNSF_OK, "%s",
                  trnnsf_context_error(ctx));
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fread(begin, 1, 7, file), 7);
    ck_assert_msg(strncmp(begin, magic, strlen(magic)) == 0, "%s", name);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    fclose(file);
    remove(path);
    return size;
}

START_TEST(formats)
{
    static const size_t sizes[] = {64, 100, 100, 10};
    trnnsf_report *report = synthetic_report(ctx, sizes, 4, NULL);

    ck_assert_int_gt(draw(report, "a.svg", "<?xml"), 10000);
    ck_assert_int_gt(draw(report, "a.png", "\x89PNG"), 10000);
    ck_assert_int_gt(draw(report, "a.PDF", "%PDF-"), 10000);
    trnnsf_report_free(report);
}
END_TEST

START_TEST(networks_of_many_forms)
{
    static const size_t forms[][10] = {{2, 1, 1},
                                       {2, 130, 3},
                                       {3, 3, 90, 2},
                                       {5, 64, 80, 40, 80, 10},
                                       {9, 8, 8, 8, 8, 8, 8, 8, 8, 8}};
    static const char *const alone[] = {NULL, "dense", "prune", "transform"};

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        trnnsf_report *report = synthetic_report(ctx, forms[i] + 1, forms[i][0], alone[i % 4]);

        ck_assert_int_gt(draw(report, "a.svg", "<?xml"), 1000);
        trnnsf_report_free(report);
    }
}
END_TEST

/* One trial alone, one crossbar, all of one accuracy, none that is known: axes still have a length. */
START_TEST(curves_of_little)
{
    static const size_t sizes[] = {64, 10};
    trnnsf_report *report = synthetic_report(ctx, sizes, 2, NULL);
    struct trn_report_entry *own = report->entries[0];

    ck_assert_int_gt(draw(report, "a.svg", "<?xml"), 1000);
    own->trials[1] = own->trials[0];
    ck_assert_int_gt(draw(report, "a.svg", "<?xml"), 1000);
    own->n_trials = 1;
    own->trials[0].crossbars = 1;
    ck_assert_int_gt(draw(report, "a.svg", "<?xml"), 1000);
    own->trials[0].crossbars = 0;
    own->trials[0].validation_accuracy = NAN;
    ck_assert_int_gt(draw(report, "a.svg", "<?xml"), 1000);
    trnnsf_report_free(report);
}
END_TEST

START_TEST(unknown_and_zero_numbers)
{
    static const size_t sizes[] = {64, 10};
    trnnsf_report *report = synthetic_report(ctx, sizes, 2, NULL);

    for (size_t i = 0; i < 3; i++) {
        for (size_t part = 0; part < TRN_REPORT_COSTS; part++) {
            report->entries[i]->total.energy[part] = NAN;
            report->entries[i]->total.area[part] = 0;
        }
        report->entries[i]->accuracy[TRNNSF_PART_TEST] = NAN;
        memset(report->entries[i]->utilisation, 0, sizeof report->entries[i]->utilisation);
    }
    ck_assert_int_gt(draw(report, "a.svg", "<?xml"), 1000);
    trnnsf_report_free(report);
}
END_TEST

START_TEST(places_and_endings_refused)
{
    static const size_t sizes[] = {4, 2};
    trnnsf_report *report = synthetic_report(ctx, sizes, 2, NULL), *empty = NULL;

    ck_assert_int_eq(trnnsf_report_figure(ctx, report, "a.gif"), TRNNSF_E_UNSUPPORTED);
    ck_assert_int_eq(trnnsf_report_figure(ctx, report, ".svg"), TRNNSF_E_UNSUPPORTED);
    ck_assert_int_eq(trnnsf_report_figure(ctx, report, ""), TRNNSF_E_UNSUPPORTED);
    ck_assert_int_eq(trnnsf_report_figure(ctx, report, "/no/such/folder/a.svg"),
                     TRNNSF_E_NOT_FOUND);
    ck_assert_int_eq(trnnsf_report_create(ctx, &empty), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_report_figure(ctx, empty, "a.svg"), TRNNSF_E_STATE);
    trnnsf_report_free(empty);
    trnnsf_report_free(report);
}
END_TEST

#else

START_TEST(without_cairo)
{
    static const size_t sizes[] = {4, 2};
    trnnsf_report *report = synthetic_report(ctx, sizes, 2, NULL);

    ck_assert_int_eq(trnnsf_report_figure(ctx, report, "a.svg"), TRNNSF_E_UNSUPPORTED);
    trnnsf_report_free(report);
}
END_TEST

#endif

TCase *figure_tests(void)
{
    TCase *tests = tcase_create("figure");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
#if TRN_HAVE_CAIRO
    tcase_add_test(tests, formats);
    tcase_add_test(tests, networks_of_many_forms);
    tcase_add_test(tests, curves_of_little);
    tcase_add_test(tests, unknown_and_zero_numbers);
    tcase_add_test(tests, places_and_endings_refused);
#else
    tcase_add_test(tests, without_cairo);
#endif
    return tests;
}
