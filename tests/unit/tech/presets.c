/* The published presets against the figures they cite, and what they have from puma-32nm. */
#include <math.h>
#include <stdio.h>

#include "suite.h"
#include "tech/agreement.h"

struct figure {
    const char *preset, *key;
    double value;
};

static const struct figure figures[] = {
    {"isaac", "resistance_on_ohm", 2e3},
    {"isaac", "resistance_off_ohm", 2e6},
    {"isaac", "adc_energy_joule", 1.6666667e-12},
    {"isaac", "mcas_per_pe", 12},
    {"isaac", "router_power_watt", 42e-3},
    {"prime", "conductance_levels", 16},
    {"prime", "adc_bits", 6},
    {"prime", "dac_bits", 3},
    {"prime", "time_steps", 2},
    {"rram-memtorch", "resistance_on_ohm", 14e3},
    {"rram-memtorch", "resistance_off_ohm", 50e6},
    {"rram-wan-2022", "resistance_on_ohm", 25e3},
    {"rram-wan-2022", "programming_sigma_linear", 0.40075},
    {"rram-milo-2021", "resistance_on_ohm", 4444.4444},
    {"rram-milo-2021", "resistance_off_ohm", 20e3},
    {"rram-milo-2021", "programming_sigma_linear", -0.009107},
    {"ag-asi", "resistance_on_ohm", 26e6},
    {"ag-asi", "resistance_off_ohm", 325e6},
    {"ag-asi", "pulses", 97},
    {"ag-asi", "access_ohm", 15e3},
    {"pcm-joshi-2020", "resistance_on_ohm", 40e3},
    {"pcm-joshi-2020", "resistance_off_ohm", 4e6},
    {"pcm-joshi-2020", "programming_sigma_square", -0.04469175},
    {"pcm-nandakumar-2019", "resistance_on_ohm", 40e3},
    {"pcm-nandakumar-2019", "drift_slope", -0.0155},
    {"pcm-nandakumar-2019", "drift_start_second", 20},
    {"pcm-nandakumar-2019", "flicker_exponent", 0.65},
    {"pcm-hermes", "resistance_on_ohm", 48309.179},
    {"pcm-hermes", "drift_start_second", 300},
    {"sonos-40nm", "conductance_levels", 128},
    {"sonos-40nm", "resistance_off_ohm", 6e12},
    {"stt-mram", "resistance_on_ohm", 3e3},
    {"stt-mram", "resistance_off_ohm", 6e3},
    {"stt-mram", "conductance_levels", 2},
};

START_TEST(cited_figures)
{
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        trnnsf_tech *tech = preset(figures[i].preset);
        double has = value(tech, figures[i].key);

        ck_assert_msg(fabs(has / figures[i].value - 1) < 2e-5, "%s %s is %.9g", figures[i].preset,
                      figures[i].key, has);
        trnnsf_tech_free(tech);
    }
}
END_TEST

/* Sigma in uS over G in uS, as the sources have it; 1e-9 of the fits' digits. */
START_TEST(fits_keep_their_units)
{
    trnnsf_tech *joshi = preset("pcm-joshi-2020"), *nandakumar = preset("pcm-nandakumar-2019");
    trnnsf_tech *hermes = preset("pcm-hermes");

    for (int i = 0; i <= 10; i++) {
        double x = i / 10.0, g = 25 * x;

        ck_assert_double_eq_tol(25 * trn_tech_programming_sigma(joshi->value, x),
                                -0.00178767 * g * g + 0.07585724 * g + 0.28638599, 1e-9);
        ck_assert_double_eq_tol(25 * trn_tech_programming_sigma(nandakumar->value, x),
                                0.26348 + 1.9650 * x - 1.1731 * x * x, 1e-9);
        ck_assert_double_eq_tol(20.7 * trn_tech_programming_sigma(hermes->value, x),
                                0.16603222 + x * (4.71806468 + x * (-8.48101252 + x * 4.68961419)),
                                1e-9);
    }
    trnnsf_tech_free(hermes);
    trnnsf_tech_free(nandakumar);
    trnnsf_tech_free(joshi);
}
END_TEST

static double line(const trnnsf_tech *tech, double x, enum trn_tech_key slope)
{
    const double *v = &tech->value[slope]; /* slope, offset, low, high */

    return fmin(fmax(v[0] * log(x) + v[1], v[2]), v[3]);
}

/* Errors of the fits that are made here are as their sources say. */
START_TEST(errors_of_fits)
{
    trnnsf_tech *hermes = preset("pcm-hermes"), *sonos = preset("sonos-40nm");
    double mean = 0, spread = 0, noise = 0, written = 0;

    for (int i = 1; i <= 1000; i++) {
        double x = i / 1000.0, l = log(x);
        double mu = x < 0.0945 ? fmin(fmax(-0.0387 * l - 0.0182, 0.0720), 0.13)
                               : -0.0436 * x * x - 0.0126 * x + 0.0736;
        double sigma = x < 0.3055 ? fmin(fmax(-0.0117 * l - 0.0057, 0.0091), 0.04)
                                  : -0.0118 * x * x + 0.0093 * x + 0.0073;
        double q = x < 0.16 ? fmin(fmax(-0.0117 * l - 0.0069, 0.015), 0.04)
                            : 0.0069 * x * x * x - 0.0280 * x * x + 0.0211 * x + 0.0123;
        double flicker =
            fmin(value(hermes, "flicker_sigma") * pow(x, -value(hermes, "flicker_exponent")),
                 value(hermes, "flicker_most"));

        mean = fmax(mean, fabs(line(hermes, x, TRN_TECH_DRIFT_SLOPE) - mu));
        spread = fmax(spread, fabs(line(hermes, x, TRN_TECH_DRIFT_SIGMA_SLOPE) - sigma));
        noise = fmax(noise, fabs(flicker - q));
        written = fmax(written, fabs(trn_tech_programming_sigma(sonos->value, x) -
                                     19.88665 / 1600 * (1 - exp(-x * 1600 / 176.3115))));
    }
    ck_assert_double_lt(mean, 0.016);
    ck_assert_double_lt(spread, 0.0031);
    ck_assert_double_lt(noise, 0.0068);
    ck_assert_double_lt(written, 0.0009);
    trnnsf_tech_free(sonos);
    trnnsf_tech_free(hermes);
}
END_TEST

/* What is taken over says from where, and is the same. */
START_TEST(periphery_names_its_source)
{
    static const char as[] = "as puma-32nm: ";
    trnnsf_tech *puma = preset("puma-32nm");

    for (size_t p = 2; p < trnnsf_tech_preset_count(); p++) {
        trnnsf_tech *tech = preset(trnnsf_tech_preset_name(p));

        ck_assert_str_eq(tech->source[TRN_TECH_FLIT_BITS] + strlen(as),
                         puma->source[TRN_TECH_FLIT_BITS]);
        for (size_t key = 0; key < TRN_TECH_KEYS; key++) {
            if (strncmp(tech->source[key], as, strlen(as)) == 0 &&
                strcmp(tech->source[key] + strlen(as), puma->source[key]) == 0)
                ck_assert_double_eq(tech->value[key], puma->value[key]);
        }
        trnnsf_tech_free(tech);
    }
    trnnsf_tech_free(puma);
}
END_TEST

/* The first two are judged against by golden files and results: their devices stay ideal. */
START_TEST(the_first_presets_stay)
{
    for (size_t p = 0; p < 2; p++) {
        trnnsf_tech *tech = preset(trnnsf_tech_preset_name(p));

        for (size_t key = TRN_TECH_UNIPOLAR; key < TRN_TECH_KEYS; key++)
            ck_assert_str_eq(tech->source[key], trn_tech_unsaid);
        trnnsf_tech_free(tech);
    }
}
END_TEST

START_TEST(unknown_names_list_the_known)
{
    trnnsf_tech *tech = NULL;

    EXPECT(trnnsf_tech_preset(ctx, "pcm", &tech), TRNNSF_E_NOT_FOUND,
           "no technology 'pcm' (there are resparc-45nm, puma-32nm, isaac, ");
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), ", stt-mram)"));
}
END_TEST

TCase *preset_tests(void)
{
    TCase *tcase = tcase_create("presets");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, cited_figures);
    tcase_add_test(tcase, fits_keep_their_units);
    tcase_add_test(tcase, errors_of_fits);
    tcase_add_test(tcase, periphery_names_its_source);
    tcase_add_test(tcase, the_first_presets_stay);
    tcase_add_test(tcase, unknown_names_list_the_known);
    return tcase;
}
