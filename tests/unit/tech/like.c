/* Files that are like another descriptor. */
#include <math.h>
#include <stdio.h>

#include "io/tech_yaml.h"
#include "suite.h"

#if TRN_HAVE_YAML

#define HEAD "version: 1\nname: mine\n"

static trnnsf_tech *load(const char *name)
{
    trnnsf_tech *tech = NULL;

    EXPECT_OK(trnnsf_tech_load(ctx, in_folder(name), &tech));
    return tech;
}

START_TEST(states_what_differs)
{
    trnnsf_tech *base = preset("pcm-nandakumar-2019");

    write_text("a.yaml", HEAD "like: pcm-nandakumar-2019\nconstants:\n"
                              "  adc_bits: {value: 6, source: a cheaper converter}\n");
    trnnsf_tech *tech = load("a.yaml");

    ck_assert_str_eq(trnnsf_tech_name(tech), "mine");
    ck_assert_double_eq(value(tech, "adc_bits"), 6);
    ck_assert_str_eq(trnnsf_tech_source(tech, "adc_bits"), "a cheaper converter");
    for (size_t key = 0; key < TRN_TECH_KEYS; key++) {
        if (key == TRN_TECH_ADC_BITS)
            continue;
        ck_assert_double_eq(tech->value[key], base->value[key]);
        ck_assert_str_eq(tech->source[key], base->source[key]);
    }
    ck_assert_uint_eq(trnnsf_tech_shapes(tech), 1);
    ck_assert_uint_eq(trnnsf_tech_shape_inputs(tech, 0), trnnsf_tech_shape_inputs(base, 0));
    trnnsf_tech_free(tech);
    trnnsf_tech_free(base);
}
END_TEST

START_TEST(shapes_and_no_constants)
{
    write_text("a.yaml", HEAD "like: isaac\nshapes: 8x8,4x16\n");
    trnnsf_tech *tech = load("a.yaml");

    ck_assert_uint_eq(trnnsf_tech_shapes(tech), 2);
    ck_assert_uint_eq(trnnsf_tech_shape_outputs(tech, 1), 16);
    trnnsf_tech_free(tech);
}
END_TEST

/* What a file says holds for those that are like it, and is saved flat. */
START_TEST(files_in_a_chain)
{
    write_text("a.yaml", HEAD "like: b.yaml\nconstants:\n"
                              "  adc_bits: {value: 5, source: of a}\n");
    write_text("b.yaml", HEAD "like: ./c.yaml\nshapes: 16x16\nconstants:\n"
                              "  adc_bits: {value: 6, source: of b}\n"
                              "  dac_bits: {value: 2, source: of b}\n");
    write_text("c.yaml", HEAD "like: prime\nconstants:\n"
                              "  dac_bits: {value: 4, source: of c}\n"
                              "  stuck_on_fraction: {value: 0.01, source: of c}\n");
    trnnsf_tech *tech = load("a.yaml"), *back;

    ck_assert_double_eq(value(tech, "adc_bits"), 5);
    ck_assert_str_eq(trnnsf_tech_source(tech, "dac_bits"), "of b");
    ck_assert_double_eq(value(tech, "dac_bits"), 2);
    ck_assert_str_eq(trnnsf_tech_source(tech, "stuck_on_fraction"), "of c");
    ck_assert_double_eq(value(tech, "conductance_levels"), 16);
    ck_assert_uint_eq(trnnsf_tech_shape_inputs(tech, 0), 16);

    EXPECT_OK(trnnsf_tech_save(ctx, tech, in_folder("flat.yaml")));
    remove(in_folder("b.yaml"));
    remove(in_folder("c.yaml"));
    back = load("flat.yaml");
    ck_assert_int_eq(memcmp(back->value, tech->value, sizeof tech->value), 0);
    trnnsf_tech_free(back);
    trnnsf_tech_free(tech);
}
END_TEST

static void refused(const char *name, trnnsf_status status, const char *fragment)
{
    trnnsf_tech *tech = NULL;

    EXPECT(trnnsf_tech_load(ctx, in_folder(name), &tech), status, fragment);
    ck_assert_ptr_null(tech);
}

START_TEST(cycles)
{
    write_text("self.yaml", HEAD "like: self.yaml\n");
    refused("self.yaml", TRNNSF_E_FORMAT, "self.yaml:3: like: the file is like itself");
    write_text("a.yaml", HEAD "\nlike: b.yaml\n");
    write_text("b.yaml", HEAD "like: c.yaml\n");
    write_text("c.yaml", "version: 1\nlike: ./a.yaml\nname: c\n");
    refused("a.yaml", TRNNSF_E_FORMAT, "a.yaml:4: like: ");
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "b.yaml:3: like: "));
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "c.yaml:2: like: the file is like"));
    /* Entered elsewhere, and by a path that is spelt otherwise. */
    refused("c.yaml", TRNNSF_E_FORMAT, "is like itself");
    write_text("b.yaml", HEAD "like: .//b.yaml\n");
    refused("a.yaml", TRNNSF_E_FORMAT, "b.yaml:3: like: the file is like itself");
}
END_TEST

START_TEST(chains_have_an_end)
{
    char name[16], text[128];

    for (int i = 0; i < 9; i++) {
        snprintf(name, sizeof name, "%d.yaml", i);
        snprintf(text, sizeof text, HEAD "like: %d.yaml\n", i + 1);
        write_text(name, i < 8 ? text : HEAD "like: puma-32nm\n");
    }
    refused("0.yaml", TRNNSF_E_FORMAT, "7.yaml:3: like: more than 8 files, each like the next");
    trnnsf_tech_free(load("1.yaml"));
}
END_TEST

START_TEST(bases_that_do_not_serve)
{
    write_text("a.yaml", HEAD "like: gone.yaml\n");
    refused("a.yaml", TRNNSF_E_NOT_FOUND, "a.yaml:3: like: ");
    write_text("a.yaml", HEAD "like: puma-32\n");
    refused("a.yaml", TRNNSF_E_NOT_FOUND, "a.yaml:3: like: ");
    write_text("a.yaml", HEAD "like: \"\"\n");
    refused("a.yaml", TRNNSF_E_FORMAT, "a.yaml:3: like: there is no such built-in technology");
    write_text("a.yaml", HEAD "like: .\n");
    refused("a.yaml", TRNNSF_E_IO, "a.yaml:3: like: ");
    write_text("a.yaml", HEAD "like: [puma-32nm]\n");
    refused("a.yaml", TRNNSF_E_FORMAT, "a.yaml:3: like.0");
    write_text("a.yaml", HEAD "like: b.yaml\n");
    write_text("b.yaml", "version: 1\nname: b\nlike: puma-32nm\nconstants:\n"
                         "  adc_bits:\n    value: 25\n    source: s\n");
    refused("a.yaml", TRNNSF_E_FORMAT, "a.yaml:3: like: ");
    ck_assert_ptr_nonnull(
        strstr(trnnsf_context_error(ctx), "b.yaml:6: adc_bits 25 is not in [0, 24]"));
}
END_TEST

START_TEST(what_a_file_must_still_say)
{
    write_text("a.yaml", "version: 1\nlike: puma-32nm\n");
    refused("a.yaml", TRNNSF_E_FORMAT, "name is missing");
    write_text("a.yaml", "name: a\nlike: puma-32nm\n");
    refused("a.yaml", TRNNSF_E_FORMAT, "version is missing");
    write_text("a.yaml", "version: 1\nname: \"\"\nlike: puma-32nm\n");
    refused("a.yaml", TRNNSF_E_FORMAT, "a.yaml:2: name: ");
    write_text("a.yaml", HEAD "like: puma-32nm\nconstants:\n  adc_bits:\n    value: 5\n");
    refused("a.yaml", TRNNSF_E_FORMAT, "a.yaml:6: constants.adc_bits.source is missing");
    write_text("a.yaml", HEAD "like: puma-32nm\nconstants:\n  adc_bits:\n    source: 5\n");
    refused("a.yaml", TRNNSF_E_FORMAT, "a.yaml:6: constants.adc_bits.value is missing");
    write_text("a.yaml", HEAD "like: puma-32nm\nshapes: 64x1\nconstants:\n"
                              "  columns_per_output: {value: 2, source: s}\n");
    refused("a.yaml", TRNNSF_E_FORMAT, "a.yaml:4: shape 64x1 has fewer columns");
    /* The base's shapes do not fit what is said here. */
    write_text("b.yaml", HEAD "like: puma-32nm\nshapes: 64x1\n");
    write_text("a.yaml", HEAD "like: b.yaml\nconstants:\n"
                              "  columns_per_output: {value: 2, source: s}\n");
    refused("a.yaml", TRNNSF_E_FORMAT, "a.yaml:5: shape 64x1 has fewer columns");
}
END_TEST

/* A contradiction between what is said and what is inherited names what is said. */
START_TEST(contradicts_its_base)
{
    write_text("a.yaml", HEAD "like: pcm-nandakumar-2019\nconstants:\n"
                              "  drift_low: {value: 0.2, source: s}\n");
    refused("a.yaml", TRNNSF_E_FORMAT, "a.yaml:5: drift_low 0.2 is above drift_high 0.1");
    write_text("a.yaml", HEAD "like: prime\nconstants:\n"
                              "  unipolar_weights: {value: 1, source: s}\n");
    refused("a.yaml", TRNNSF_E_FORMAT, "a.yaml:5: unipolar_weights 1");
}
END_TEST

/* Text from memory has no folder to look for files in. */
START_TEST(memory_knows_no_files)
{
    static const char text[] = HEAD "like: /etc/hostname\n";
    struct trn_yaml *yaml;
    trnnsf_tech *tech = NULL;

    EXPECT_OK(trn_yaml_parse(ctx, "t.yaml", (const uint8_t *)text, strlen(text), &yaml));
    EXPECT(trn_tech_read(yaml, &tech), TRNNSF_E_FORMAT,
           "t.yaml:3: like: there is no such built-in technology");
    trn_yaml_free(yaml);
}
END_TEST

#endif

TCase *like_tests(void)
{
    TCase *tcase = tcase_create("like");

    tcase_add_checked_fixture(tcase, setup_files, teardown_files);
#if TRN_HAVE_YAML
    tcase_add_test(tcase, states_what_differs);
    tcase_add_test(tcase, shapes_and_no_constants);
    tcase_add_test(tcase, files_in_a_chain);
    tcase_add_test(tcase, cycles);
    tcase_add_test(tcase, chains_have_an_end);
    tcase_add_test(tcase, bases_that_do_not_serve);
    tcase_add_test(tcase, what_a_file_must_still_say);
    tcase_add_test(tcase, contradicts_its_base);
    tcase_add_test(tcase, memory_knows_no_files);
#endif
    return tcase;
}
