/* Constants that contradict each other: refused by a change, and in a file with the line of the
 * last constant that has to do with it. */
#include <math.h>
#include <stdio.h>

#include "io/tech_yaml.h"
#include "suite.h"
#include "tech/agreement.h"

struct setting {
    const char *key;
    double value;
};

struct contradiction {
    struct setting first, second; /* the first alone is fine */
    const char *text;
};

static const struct contradiction contradictions[] = {
    {{"stuck_on_fraction", 0.6},
     {"stuck_off_fraction", 0.5},
     "stuck_on_fraction + stuck_off_fraction = 1.1 is above 1"},
    {{"drift_high", 0.05}, {"drift_low", 0.06}, "drift_low 0.06 is above drift_high 0.05"},
    {{"drift_sigma_high", 0.01},
     {"drift_sigma_low", 0.02},
     "drift_sigma_low 0.02 is above drift_sigma_high 0.01"},
    {{"flicker_most", 0.1}, {"flicker_sigma", 0.2}, "flicker_sigma 0.2 is above flicker_most 0.1"},
    {{"devices_per_sign", 2}, {"unipolar_weights", 1}, "unipolar_weights 1 leaves no use"},
    {{"pulses", 30}, {"conductance_levels", 32}, "conductance_levels 32 are more than 30 pulses"},
    {{"pulses", 0}, {"conductance_levels", 1}, "conductance_levels 1 hold nothing"},
    {{"programming_sigma_linear", 0.01},
     {"programming_sigma_constant", -0.02},
     "the polynomial of programming_sigma_constant -0.02 is below 0 for all x in [0, 1]: at most "
     "-0.01"},
    {{"resistance_off_ohm", 30e3}, {"resistance_on_ohm", 31e3}, "above resistance_off_ohm 30000"},
    {{"step_time_second", 6e-9}, {"read_time_second", 7e-9}, "above step_time_second 6e-09"},
    {{"devices_per_sign", 2}, {"columns_per_output", 3}, "columns_per_output 3 does not divide"},
    {{"slice_bits", 16}, {"weight_slices", 3}, "weight_slices x slice_bits = 48 is above 32"},
    {{"column_area_square_metre", 1e-11},
     {"adc_area_square_metre", 2e-11},
     "adc_area_square_metre 2e-11 is above column_area_square_metre 1e-11"},
};

enum { CONTRADICTIONS = sizeof contradictions / sizeof contradictions[0] };

START_TEST(changes_are_refused)
{
    const struct contradiction *c = &contradictions[_i];
    trnnsf_tech *tech = preset("resparc-45nm"), *one = NULL, *two = NULL;

    EXPECT_OK(trnnsf_tech_with_value(ctx, tech, c->first.key, c->first.value, &one));
    EXPECT(trnnsf_tech_with_value(ctx, one, c->second.key, c->second.value, &two), TRNNSF_E_INVALID,
           c->text);
    ck_assert_ptr_null(two);
    trnnsf_tech_free(one);
    trnnsf_tech_free(tech);
}
END_TEST

START_TEST(levels_of_slices)
{
    trnnsf_tech *tech = preset("puma-32nm"), *out = NULL;

    EXPECT(trnnsf_tech_with_value(ctx, tech, "conductance_levels", 3, &out), TRNNSF_E_INVALID,
           "conductance_levels 3 do not hold slice_bits 2: at least 4");
    EXPECT_OK(trnnsf_tech_with_value(ctx, tech, "conductance_levels", 4, &out));
    trnnsf_tech_free(out);
    trnnsf_tech_free(tech);
}
END_TEST

/* What a range refuses is not what this is about: limits that touch are fine. */
START_TEST(limits_touch)
{
    static const struct setting settings[] = {
        {"stuck_on_fraction", 0.9},
        {"stuck_off_fraction", 0.1},
        {"drift_high", 0.05},
        {"drift_low", 0.05},
        {"flicker_most", 0.2},
        {"flicker_sigma", 0.2},
        {"pulses", 31},
        {"conductance_levels", 32},
        {"unipolar_weights", 1},
    };
    trnnsf_tech *tech = preset("resparc-45nm");

    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        trnnsf_tech *next = NULL;

        EXPECT_OK(trnnsf_tech_with_value(ctx, tech, settings[i].key, settings[i].value, &next));
        trnnsf_tech_free(tech);
        tech = next;
    }
    trnnsf_tech_free(tech);
}
END_TEST

START_TEST(sigma_of_programming)
{
    trnnsf_tech *wan = preset("rram-wan-2022"), *milo = preset("rram-milo-2021");
    double value_of[TRN_TECH_KEYS] = {0};

    /* 2.258 uS at 10 uS and 1.103 uS at 40 uS, by the fit; 4.782 - 0.009107 x 100 uS. */
    ck_assert_double_eq_tol(40 * trn_tech_programming_sigma(wan->value, 0.25), 2.2581, 1e-3);
    ck_assert_double_eq_tol(40 * trn_tech_programming_sigma(wan->value, 1), 1.103, 1e-9);
    ck_assert_double_eq_tol(225 * trn_tech_programming_sigma(milo->value, 100 / 225.0),
                            4.782321 - 0.009107 * 100, 1e-9);
    value_of[TRN_TECH_PROGRAMMING_LINEAR] = 1;
    value_of[TRN_TECH_PROGRAMMING_CONSTANT] = -0.5;
    ck_assert_double_eq(trn_tech_programming_sigma(value_of, 0.25), 0);
    trnnsf_tech_free(wan);
    trnnsf_tech_free(milo);
}
END_TEST

#if TRN_HAVE_YAML

/* resparc-45nm has no device part in its file's upper lines, so the two lines are known. */
START_TEST(files_are_refused_with_line)
{
    const struct contradiction *c = &contradictions[_i];
    trnnsf_tech *out = NULL;
    struct trn_yaml *yaml;
    char text[1024], place[16];

    snprintf(text, sizeof text,
             "version: 1\nname: x\nlike: resparc-45nm\nconstants:\n"
             "  %s: {value: %g, source: here}\n"
             "  %s:\n    value: %g\n    source: here\n",
             c->first.key, c->first.value, c->second.key, c->second.value);
    EXPECT_OK(trn_yaml_parse(ctx, "t.yaml", (const uint8_t *)text, strlen(text), &yaml));
    EXPECT(trn_tech_read(yaml, &out), TRNNSF_E_FORMAT, c->text);
    snprintf(place, sizeof place, "t.yaml:7: ");
    ck_assert_msg(strncmp(trnnsf_context_error(ctx), place, strlen(place)) == 0, "%s",
                  trnnsf_context_error(ctx));
    ck_assert_ptr_null(out);
    trn_yaml_free(yaml);
}
END_TEST

#endif

TCase *agreement_tests(void)
{
    TCase *tcase = tcase_create("agreement");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, changes_are_refused, 0, CONTRADICTIONS);
    tcase_add_test(tcase, levels_of_slices);
    tcase_add_test(tcase, limits_touch);
    tcase_add_test(tcase, sigma_of_programming);
#if TRN_HAVE_YAML
    tcase_add_loop_test(tcase, files_are_refused_with_line, 0, CONTRADICTIONS);
#endif
    return tcase;
}
