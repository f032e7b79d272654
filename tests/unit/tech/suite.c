/* tech/ and its YAML files: presets against the figures they cite, changes, hostile input. */
#define _XOPEN_SOURCE 700 /* mkdtemp */

#include "suite.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "io/tech_yaml.h"

trnnsf_context *ctx;

void setup(void)
{
    ck_assert_int_eq(trnnsf_context_create(NULL, &ctx), TRNNSF_OK);
}

void teardown(void)
{
    trnnsf_context_free(ctx);
}

trnnsf_tech *preset(const char *name)
{
    trnnsf_tech *tech;

    ck_assert_int_eq(trnnsf_tech_preset(ctx, name, &tech), TRNNSF_OK);
    return tech;
}

double value(const trnnsf_tech *tech, const char *key)
{
    double out = NAN;

    ck_assert_int_eq(trnnsf_tech_value(ctx, tech, key, &out), TRNNSF_OK);
    return out;
}

static char test_folder[64];

const char *in_folder(const char *name)
{
    static char paths[10][384];
    static size_t next;
    char *path = paths[next++ % 10];

    snprintf(path, sizeof paths[0], "%s/%s", test_folder, name);
    return path;
}

void write_text(const char *name, const char *text)
{
    FILE *file = fopen(in_folder(name), "wb");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text, 1, strlen(text), file), strlen(text));
    ck_assert_int_eq(fclose(file), 0);
}

void setup_files(void)
{
    setup();
    snprintf(test_folder, sizeof test_folder, "/tmp/trnnsf-tech-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(test_folder));
}

void teardown_files(void)
{
    DIR *folder = opendir(test_folder);
    struct dirent *entry;

    while (folder && (entry = readdir(folder)) != NULL)
        remove(in_folder(entry->d_name));
    closedir(folder);
    rmdir(test_folder);
    teardown();
}

/* Figures of Aayush-Ankit/RESPARC-plc:src/compute_energy.py and compute_energy_latency_mlp.py. */
START_TEST(resparc_figures)
{
    trnnsf_tech *tech = preset("resparc-45nm");
    static const struct {
        const char *key;
        double value;
    } cited[] = {
        {"resistance_on_ohm", 20e3},
        {"resistance_off_ohm", 200e3},
        {"read_voltage_volt", 0.5},
        {"read_time_second", 5e-9},
        {"step_time_second", 100e-9},
        {"neuron_energy_joule", 1.3846153846e-12},
        {"switch_energy_joule", 2.31e-12},
        {"digital_voltage_factor", 0.49},
        {"packet_bits", 128},
        {"flit_bits", 16},
        {"sum_bits", 4},
        {"mcas_per_pe", 4},
        {"router_power_watt", 23.1e-3},
        {"router_area_square_metre", 0.0259e-6},
        {"link_power_watt", 3e-3},
        {"link_area_square_metre", 0.00996e-6},
        {"local_time_second", 14.86e-9},
        {"columns_per_output", 1},
    };

    for (size_t i = 0; i < sizeof cited / sizeof cited[0]; i++)
        ck_assert_double_eq_tol(value(tech, cited[i].key) / cited[i].value, 1, 1e-9);
    /* A buffer write of 64 spikes is 0.84 pJ; an MCA at the mean conductance reads with 141 pJ. */
    ck_assert_double_eq_tol(value(tech, "buffer_write_energy_joule_per_bit") * 64, 0.84e-12, 1e-20);
    double mean =
        (1 / value(tech, "resistance_on_ohm") + 1 / value(tech, "resistance_off_ohm")) / 2;
    ck_assert_double_eq_tol(mean, 27.5e-6, 1e-12);
    ck_assert_double_eq_tol(4096 * 0.25 * mean * 5e-9, 141e-12, 0.5e-12);
    ck_assert_uint_eq(trnnsf_tech_shapes(tech), 1);
    ck_assert_uint_eq(trnnsf_tech_shape_inputs(tech, 0), 64);
    ck_assert_uint_eq(trnnsf_tech_shape_outputs(tech, 0), 64);
    ck_assert_double_eq(trn_tech_arrays(tech), 1);
    trnnsf_tech_free(tech);
}
END_TEST

/* Figures of Aayush-Ankit/puma-simulator:include/constants.py. */
START_TEST(puma_figures)
{
    trnnsf_tech *tech = preset("puma-32nm");
    double on = 1 / value(tech, "resistance_on_ohm"), off = 1 / value(tech, "resistance_off_ohm");
    double volt = value(tech, "read_voltage_volt");

    /* An array at the mean conductance, all rows driven: 0.3 mW for 100 ns. */
    ck_assert_double_eq_tol(volt * volt * (on + off) / 2 * 16384 * value(tech, "read_time_second"),
                            0.3e-3 * 100e-9, 1e-20);
    ck_assert_double_eq_tol(value(tech, "cell_area_square_metre") * 16384, 2.5e-11, 1e-20);
    ck_assert_double_eq_tol(value(tech, "adc_energy_joule") * 128, 2e-3 * 100e-9, 1e-18);
    ck_assert_double_eq_tol(value(tech, "row_area_square_metre"), 1.67e-13, 1e-20);
    ck_assert_double_eq_tol(value(tech, "column_area_square_metre") * 128, 1.26e-9 + 5e-12, 1e-15);
    ck_assert_double_eq_tol(value(tech, "router_power_watt"), 16.54e-3, 1e-12);
    ck_assert_double_eq(trn_tech_arrays(tech), 8);
    ck_assert_double_eq(value(tech, "time_steps"), 16);
    trnnsf_tech_free(tech);
}
END_TEST

START_TEST(presets_are_listed_and_sourced)
{
    ck_assert_uint_eq(trnnsf_tech_preset_count(), 13);
    ck_assert_ptr_null(trnnsf_tech_preset_name(13));
    ck_assert_uint_gt(trnnsf_tech_keys(), 30);
    ck_assert_ptr_null(trnnsf_tech_key(trnnsf_tech_keys()));
    for (size_t p = 0; p < trnnsf_tech_preset_count(); p++) {
        trnnsf_tech *tech = preset(trnnsf_tech_preset_name(p));

        ck_assert_str_eq(trnnsf_tech_name(tech), trnnsf_tech_preset_name(p));
        for (size_t k = 0; k < trnnsf_tech_keys(); k++) {
            ck_assert_ptr_nonnull(trnnsf_tech_source(tech, trnnsf_tech_key(k)));
            ck_assert_uint_gt(strlen(trnnsf_tech_source(tech, trnnsf_tech_key(k))), 10);
        }
        ck_assert_ptr_null(trnnsf_tech_source(tech, "no_such_key"));
        trnnsf_tech_free(tech);
    }
}
END_TEST

START_TEST(keys_are_described)
{
    double minimum = NAN, maximum = NAN;

    for (size_t k = 0; k < trnnsf_tech_keys(); k++) {
        const char *key = trnnsf_tech_key(k);
        double otherwise = trnnsf_tech_key_default(key);

        ck_assert_int_eq(trnnsf_tech_key_range(ctx, key, &minimum, &maximum), TRNNSF_OK);
        ck_assert_double_lt(minimum, maximum);
        ck_assert_uint_gt(strlen(trnnsf_tech_key_text(key)), 5);
        ck_assert(isnan(otherwise) == (k < TRN_TECH_UNIPOLAR));
        ck_assert(isnan(otherwise) || (otherwise >= minimum && otherwise <= maximum));
        ck_assert(!trnnsf_tech_key_whole(key) ||
                  (floor(minimum) == minimum && floor(maximum) == maximum));
    }
    ck_assert_uint_eq(trnnsf_tech_key_whole("adc_bits"), 1);
    ck_assert_uint_eq(trnnsf_tech_key_whole("access_ohm"), 0);
    ck_assert_double_eq(trnnsf_tech_key_default("flicker_most"), 1);

    minimum = 5;
    EXPECT(trnnsf_tech_key_range(ctx, "volts", &minimum, &maximum), TRNNSF_E_NOT_FOUND, "'volts'");
    EXPECT(trnnsf_tech_key_range(ctx, "adc_bits", &minimum, NULL), TRNNSF_E_INVALID,
           "out_maximum is NULL");
    ck_assert_double_eq(minimum, 5);
    ck_assert_ptr_null(trnnsf_tech_key_text("volts"));
    ck_assert_ptr_null(trnnsf_tech_key_text(NULL));
    ck_assert_uint_eq(trnnsf_tech_key_whole(NULL), 0);
    ck_assert_double_nan(trnnsf_tech_key_default("volts"));
}
END_TEST

START_TEST(shapes_are_parsed)
{
    static const char *const bad[] = {
        "",       "64",       "64x",    "x64",       "64x64,",
        "0x64",   "64x0",     "4097x1", "1x4097",    "-1x2",
        "64 x64", "64x64x64", "64X64",  "64x64;2x2", "99999999999999999999x1",
        "+1x1"};
    trnnsf_tech *tech = preset("resparc-45nm"), *other = NULL;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_int_eq(trnnsf_tech_with_shapes(ctx, tech, bad[i], &other), TRNNSF_E_INVALID);
        ck_assert_ptr_null(other);
    }
    ck_assert_int_eq(trnnsf_tech_with_shapes(ctx, tech,
                                             "1x1,1x1,1x1,1x1,1x1,1x1,1x1,1x1,1x1,1x1,1x1,1x1,1x1,"
                                             "1x1,1x1,1x1,1x1",
                                             &other),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_tech_with_shapes(ctx, tech, "4096x1,32x128", &other), TRNNSF_OK);
    ck_assert_uint_eq(trnnsf_tech_shapes(other), 2);
    ck_assert_uint_eq(trnnsf_tech_shape_inputs(other, 0), 4096);
    ck_assert_uint_eq(trnnsf_tech_shape_outputs(other, 1), 128);
    ck_assert_uint_eq(trnnsf_tech_shape_outputs(other, 2), 0);
    trnnsf_tech_free(other);
    trnnsf_tech_free(tech);
}
END_TEST

START_TEST(values_are_changed_within_range)
{
    trnnsf_tech *tech = preset("resparc-45nm"), *other = NULL, *pair;

    ck_assert_int_eq(trnnsf_tech_with_value(ctx, tech, "read_voltage_volt", 500, &other),
                     TRNNSF_E_INVALID);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "read_voltage_volt 500"));
    ck_assert_int_eq(trnnsf_tech_with_value(ctx, tech, "time_steps", 1.5, &other),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_tech_with_value(ctx, tech, "time_steps", (double)NAN, &other),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_tech_with_value(ctx, tech, "resistance_on_ohm", 1e6, &other),
                     TRNNSF_E_INVALID); /* above resistance_off_ohm */
    ck_assert_int_eq(trnnsf_tech_with_value(ctx, tech, "columns_per_output", 2, &other),
                     TRNNSF_E_INVALID); /* there is one device only */
    ck_assert_int_eq(trnnsf_tech_with_value(ctx, tech, "volts", 1, &other), TRNNSF_E_NOT_FOUND);
    ck_assert_ptr_null(other);

    ck_assert_int_eq(trnnsf_tech_with_value(ctx, tech, "devices_per_sign", 2, &other), TRNNSF_OK);
    ck_assert_double_eq(trn_tech_arrays(other), 2);
    ck_assert_int_eq(trnnsf_tech_with_value(ctx, other, "columns_per_output", 2, &pair), TRNNSF_OK);
    ck_assert_double_eq(trn_tech_arrays(pair), 1);
    ck_assert_uint_eq(trn_tech_outputs(pair, 64), 32);
    ck_assert_str_eq(trnnsf_tech_source(pair, "devices_per_sign"), "set by the caller");
    ck_assert_str_eq(trnnsf_tech_source(pair, "flit_bits"), trnnsf_tech_source(tech, "flit_bits"));
    trnnsf_tech_free(pair);
    trnnsf_tech_free(other);
    trnnsf_tech_free(tech);
}
END_TEST

START_TEST(conductance_of_weights)
{
    trnnsf_tech *resparc = preset("resparc-45nm"), *puma = preset("puma-32nm");
    double on = 1 / 1333.0, off = 1 / 20000.0;

    ck_assert_double_eq_tol(trn_tech_conductance(resparc, 0), 5e-6, 1e-15);
    ck_assert_double_eq_tol(trn_tech_conductance(resparc, 1), 50e-6, 1e-15);
    ck_assert_double_eq_tol(trn_tech_conductance(resparc, 0.5), 27.5e-6, 1e-15);
    ck_assert_double_eq_tol(trn_tech_conductance(puma, 0), 8 * off, 1e-12);
    ck_assert_double_eq_tol(trn_tech_conductance(puma, 1), 8 * on, 1e-12);
    /* 1/65535 of the range is one level in the lowest of 8 slices of 2 bits. */
    ck_assert_double_eq_tol(trn_tech_conductance(puma, 1 / 65535.0), 8 * off + (on - off) / 3,
                            1e-12);
    trnnsf_tech_free(resparc);
    trnnsf_tech_free(puma);
}
END_TEST

START_TEST(null_arguments)
{
    trnnsf_tech *tech = preset("resparc-45nm"), *other = NULL;
    double out;

    ck_assert_int_eq(trnnsf_tech_preset(NULL, "puma-32nm", &other), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_tech_preset(ctx, NULL, &other), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_tech_preset(ctx, "puma-32nm", NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_tech_preset(ctx, "", &other), TRNNSF_E_NOT_FOUND);
    ck_assert_int_eq(trnnsf_tech_with_shapes(ctx, NULL, "1x1", &other), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_tech_with_shapes(ctx, tech, NULL, &other), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_tech_with_value(ctx, tech, NULL, 1, &other), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_tech_value(ctx, tech, "flit_bits", NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_tech_value(ctx, tech, "nothing", &out), TRNNSF_E_NOT_FOUND);
    ck_assert_int_eq(trnnsf_tech_load(ctx, NULL, &other), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_tech_load(NULL, "x", &other), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_tech_save(ctx, NULL, "x"), TRNNSF_E_INVALID);
    ck_assert_ptr_null(other);
    ck_assert_ptr_null(trnnsf_tech_name(NULL));
    ck_assert_uint_eq(trnnsf_tech_shapes(NULL), 0);
    ck_assert_ptr_null(trnnsf_tech_source(NULL, "flit_bits"));
    ck_assert_double_nan(trnnsf_tech_shape_area(NULL, 0));
    ck_assert_double_nan(trnnsf_tech_shape_area(tech, 1));
    ck_assert_double_nan(trnnsf_tech_shape_energy(NULL, 0));
    ck_assert_double_nan(trnnsf_tech_shape_energy(tech, 1));
    trnnsf_tech_free(NULL);
    trnnsf_tech_free(tech);
}
END_TEST

#if TRN_HAVE_YAML

static void make_path(char path[64])
{
    snprintf(path, 64, "/tmp/trnnsf-tech-%ld.yaml", (long)getpid());
}

START_TEST(yaml_round_trip)
{
    char path[64];

    make_path(path);
    for (size_t p = 0; p < trnnsf_tech_preset_count(); p++) {
        trnnsf_tech *one = preset(trnnsf_tech_preset_name(p)), *shaped, *tech, *back;

        ck_assert_int_eq(trnnsf_tech_with_shapes(ctx, one, "48x80,16x16", &shaped), TRNNSF_OK);
        ck_assert_int_eq(trnnsf_tech_with_value(ctx, shaped, "hop_time_second", 1.0 / 3e9, &tech),
                         TRNNSF_OK);
        ck_assert_int_eq(trnnsf_tech_save(ctx, tech, path), TRNNSF_OK);
        ck_assert_int_eq(trnnsf_tech_load(ctx, path, &back), TRNNSF_OK);
        ck_assert_str_eq(back->name, tech->name);
        ck_assert_int_eq(memcmp(back->value, tech->value, sizeof tech->value), 0);
        for (size_t k = 0; k < TRN_TECH_KEYS; k++)
            ck_assert_str_eq(back->source[k], tech->source[k]);
        ck_assert_uint_eq(back->n_shapes, 2);
        ck_assert_uint_eq(back->shapes[0].outputs, 80);
        trnnsf_tech_free(back);
        trnnsf_tech_free(tech);
        trnnsf_tech_free(shaped);
        trnnsf_tech_free(one);
    }
    remove(path);
}
END_TEST

/* A good file, with the first `from` in it replaced by `to`, must fail and its error text name
 * `what`. */
static void expect_refused(const char *from, const char *to, const char *what)
{
    static char text[64 * 1024], changed[128 * 1024];
    char path[64];
    trnnsf_tech *tech = preset("resparc-45nm"), *out = NULL;
    struct trn_yaml *yaml;

    make_path(path);
    ck_assert_int_eq(trnnsf_tech_save(ctx, tech, path), TRNNSF_OK);
    FILE *file = fopen(path, "rb");
    size_t size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    remove(path);
    text[size] = '\0';

    char *at = strstr(text, from);
    ck_assert_ptr_nonnull(at);
    snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    trnnsf_status status =
        trn_yaml_parse(ctx, "t.yaml", (const uint8_t *)changed, strlen(changed), &yaml);
    if (status == TRNNSF_OK) {
        status = trn_tech_read(yaml, &out);
        trn_yaml_free(yaml);
    }
    ck_assert_msg(status == TRNNSF_E_FORMAT || status == TRNNSF_E_UNSUPPORTED, "status %d for %s",
                  status, to);
    ck_assert_ptr_null(out);
    ck_assert_msg(strstr(trnnsf_context_error(ctx), what) != NULL, "'%s' lacks '%s'",
                  trnnsf_context_error(ctx), what);
    trnnsf_tech_free(tech);
}

START_TEST(yaml_refusals_name_line_and_key)
{
    expect_refused("version: 1", "version: 2", "t.yaml:1: version");
    expect_refused("version: 1", "colour: red\nversion: 1", "t.yaml:1: colour");
    expect_refused("shapes: 64x64", "shapes: 64", "t.yaml:3");
    expect_refused("shapes: 64x64", "shapes: [64x64]", "shapes.0");
    expect_refused("shapes: 64x64\n", "", "shapes is missing");
    expect_refused("name: \"resparc-45nm\"", "name: \"\"", "name");
    expect_refused("  resistance_on_ohm:", "  resistance_on_kiloohm:", "t.yaml:6");
    expect_refused("value: 20000", "value: 20000e9", "t.yaml:6: resistance_on_ohm");
    expect_refused("value: 20000", "value: 20 kOhm", "constants.resistance_on_ohm.value");
    expect_refused("value: 20000", "value: .nan", "constants.resistance_on_ohm.value");
    expect_refused("value: 20000", "value: 250000", "above resistance_off_ohm");
    expect_refused("value: 20000\n", "unit: ohm\n", "constants.resistance_on_ohm.unit");
    expect_refused("    value: 20000\n", "", "constants.resistance_on_ohm.value is missing");
    expect_refused("    value: 20000\n", "    value: 20000\n    value: 20000\n", "twice");
    expect_refused("constants:\n", "constants:\n  x: 1\n", "constants.x");
    expect_refused("constants:\n", "constants: 5\nother:\n", "constants");
    expect_refused("source: \"Aayush", "source: \"\"\n    more: \"Aayush", "a source is a text");
    expect_refused("constants:\n  resistance_on_ohm:\n",
                   "constants:\n  resistance_on_ohm: 5\n  y:\n", "{value: NUMBER, source: TEXT}");
}
END_TEST

#endif

int main(void)
{
    Suite *suite = suite_create("tech");

    suite_add_tcase(suite, agreement_tests());
    suite_add_tcase(suite, like_tests());
    suite_add_tcase(suite, measurement_tests());
    suite_add_tcase(suite, preset_tests());
    TCase *tcase = tcase_create("tech");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, resparc_figures);
    tcase_add_test(tcase, puma_figures);
    tcase_add_test(tcase, presets_are_listed_and_sourced);
    tcase_add_test(tcase, keys_are_described);
    tcase_add_test(tcase, shapes_are_parsed);
    tcase_add_test(tcase, values_are_changed_within_range);
    tcase_add_test(tcase, conductance_of_weights);
    tcase_add_test(tcase, null_arguments);
#if TRN_HAVE_YAML
    tcase_add_test(tcase, yaml_round_trip);
    tcase_add_test(tcase, yaml_refusals_name_line_and_key);
#endif
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
