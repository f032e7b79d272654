/* What fault maps and remappings refuse, with what text. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analog/common.h"

static const size_t sizes[] = {10, 6, 3};
enum { ROWS = 16, COLUMNS = 8 };

static void refused(trnnsf_status got, trnnsf_status wanted, const char *text)
{
    ck_assert_int_eq(got, wanted);
    ck_assert_msg(strstr(trnnsf_context_error(ctx), text), "'%s' is not in '%s'", text,
                  trnnsf_context_error(ctx));
}

static trnnsf_fault_map *map_of(const struct design *d)
{
    trnnsf_fault_map *map = NULL;

    OK(trnnsf_fault_map_create(ctx, d->mapping, d->tech, &map));
    return map;
}

START_TEST(no_maps)
{
    struct design d = make_design(sizes, 3, "16x8", NULL);
    struct trnnsf_analog_options bad = TRNNSF_ANALOG_OPTIONS_INIT;
    trnnsf_fault_map *map = NULL;

    bad.effects = 0x2000;
    ck_assert_int_eq(trnnsf_fault_map_create(NULL, d.mapping, d.tech, &map), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_fault_map_draw(NULL, d.mapping, d.tech, NULL, &map), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_fault_map_load(NULL, d.mapping, d.tech, "x", &map), TRNNSF_E_INVALID);
    refused(trnnsf_fault_map_create(ctx, NULL, d.tech, &map), TRNNSF_E_INVALID, "mapping is NULL");
    refused(trnnsf_fault_map_create(ctx, d.mapping, NULL, &map), TRNNSF_E_INVALID, "tech is NULL");
    refused(trnnsf_fault_map_create(ctx, d.mapping, d.tech, NULL), TRNNSF_E_INVALID, "out_map");
    refused(trnnsf_fault_map_draw(ctx, NULL, d.tech, NULL, &map), TRNNSF_E_INVALID, "mapping");
    refused(trnnsf_fault_map_draw(ctx, d.mapping, d.tech, &bad, &map), TRNNSF_E_INVALID, "effects");
    refused(trnnsf_fault_map_load(ctx, d.mapping, d.tech, NULL, &map), TRNNSF_E_INVALID, "path");
    refused(trnnsf_fault_map_load(ctx, d.mapping, NULL, "x", &map), TRNNSF_E_INVALID, "tech");
    refused(trnnsf_fault_map_load(ctx, d.mapping, d.tech, "/nowhere/at/all", &map),
            TRNNSF_E_NOT_FOUND, "trnnsf_fault_map_load");
    refused(trnnsf_fault_map_save(ctx, NULL, "x"), TRNNSF_E_INVALID, "map is NULL");
    ck_assert_ptr_null(map);
    ck_assert_uint_eq(trnnsf_fault_map_crossbars(NULL), 0);
    ck_assert_uint_eq(trnnsf_fault_map_arrays(NULL), 0);
    ck_assert_uint_eq(trnnsf_fault_map_rows(NULL, 0), 0);
    ck_assert_uint_eq(trnnsf_fault_map_stuck(NULL, TRNNSF_ALL_CROSSBARS), 0);
    trnnsf_fault_map_free(NULL);
    free_design(&d);
}
END_TEST

START_TEST(values_of_maps)
{
    struct design d = make_design(sizes, 3, "16x8", NULL);
    trnnsf_fault_map *map = map_of(&d);
    uint8_t fault[ROWS * COLUMNS] = {0};
    float range[ROWS * COLUMNS];

    for (size_t k = 0; k < ROWS * COLUMNS; k++)
        range[k] = 1;
    ck_assert_uint_eq(trnnsf_fault_map_columns(map, 0), COLUMNS);
    ck_assert_uint_eq(trnnsf_fault_map_columns(map, 99), 0);
    ck_assert_uint_eq(trnnsf_fault_map_stuck(map, 99), 0);
    refused(trnnsf_fault_map_set(ctx, NULL, 0, 0, fault, NULL, NULL), TRNNSF_E_INVALID, "map");
    refused(trnnsf_fault_map_set(ctx, map, 0, 0, NULL, NULL, NULL), TRNNSF_E_INVALID, "faults");
    refused(trnnsf_fault_map_set(ctx, map, 99, 0, fault, NULL, NULL), TRNNSF_E_INVALID,
            "crossbar 99");
    refused(trnnsf_fault_map_set(ctx, map, 0, 1, fault, NULL, NULL), TRNNSF_E_INVALID, "array 1");
    refused(trnnsf_fault_map_get(ctx, map, SIZE_MAX, 0, fault, NULL, NULL), TRNNSF_E_INVALID,
            "crossbar");
    fault[2 * COLUMNS + 5] = 3;
    refused(trnnsf_fault_map_set(ctx, map, 0, 0, fault, NULL, NULL), TRNNSF_E_INVALID,
            "faults[2, 5] 3");
    fault[2 * COLUMNS + 5] = 1;
    static const float bad[] = {NAN, -1, INFINITY, 1001, 0};
    for (int k = 0; k < 5; k++) {
        range[7] = bad[k];
        refused(trnnsf_fault_map_set(ctx, map, 0, 0, fault, range, NULL), TRNNSF_E_INVALID,
                "on[0, 7]");
        if (k < 4)
            refused(trnnsf_fault_map_set(ctx, map, 0, 0, fault, NULL, range), TRNNSF_E_INVALID,
                    "off[0, 7]");
    }
    /* Nothing was set. */
    ck_assert_uint_eq(trnnsf_fault_map_stuck(map, TRNNSF_ALL_CROSSBARS), 0);
    OK(trnnsf_fault_map_get(ctx, map, 0, 0, NULL, NULL, NULL));
    trnnsf_fault_map_free(map);
    free_design(&d);
}
END_TEST

#define OPTION(member, bad, text)                                                                  \
    do {                                                                                           \
        struct trnnsf_remap_options options = TRNNSF_REMAP_OPTIONS_INIT;                           \
                                                                                                   \
        options.member = bad;                                                                      \
        refused(trnnsf_remap_create(ctx, d.network, d.mapping, d.tech, NULL, map, &options, 0,     \
                                    NULL, &remap),                                                 \
                TRNNSF_E_INVALID, text);                                                           \
    } while (0)

START_TEST(no_remaps)
{
    struct design d = make_design(sizes, 3, "16x8", NULL),
                  other = make_design(sizes, 3, "32x8", NULL);
    trnnsf_fault_map *map = map_of(&d), *larger = map_of(&other);
    struct trnnsf_remap_errors errors = {.struct_size = 4};
    float inputs[10] = {NAN};
    trnnsf_remap *remap = NULL;

    ck_assert_int_eq(
        trnnsf_remap_create(NULL, d.network, d.mapping, d.tech, NULL, map, NULL, 0, NULL, &remap),
        TRNNSF_E_INVALID);
    refused(trnnsf_remap_create(ctx, NULL, d.mapping, d.tech, NULL, map, NULL, 0, NULL, &remap),
            TRNNSF_E_INVALID, "network");
    refused(
        trnnsf_remap_create(ctx, d.network, d.mapping, d.tech, NULL, NULL, NULL, 0, NULL, &remap),
        TRNNSF_E_INVALID, "faults");
    refused(
        trnnsf_remap_create(ctx, d.network, d.mapping, d.tech, NULL, map, NULL, 1, NULL, &remap),
        TRNNSF_E_INVALID, "calibration_inputs");
    refused(
        trnnsf_remap_create(ctx, d.network, d.mapping, d.tech, NULL, map, NULL, 1, inputs, &remap),
        TRNNSF_E_NUMERIC, "calibration_inputs");
    refused(
        trnnsf_remap_create(ctx, d.network, d.mapping, d.tech, NULL, larger, NULL, 0, NULL, &remap),
        TRNNSF_E_MISMATCH, "fault map");
    refused(trnnsf_remap_create(ctx, d.network, d.mapping, d.tech, NULL, map, NULL, 0, NULL, NULL),
            TRNNSF_E_INVALID, "out_remap");
    OPTION(means, 4, "means");
    OPTION(starts, 0, "starts");
    OPTION(starts, 1001, "starts");
    OPTION(rounds, 0, "rounds");
    OPTION(spare, 2, "spare");
    ck_assert_ptr_null(remap);
    trnnsf_context_cancel(ctx);
    ck_assert_int_eq(
        trnnsf_remap_create(ctx, d.network, d.mapping, d.tech, NULL, map, NULL, 0, NULL, &remap),
        TRNNSF_E_CANCELLED);
    ck_assert_ptr_null(remap);
    OK(trnnsf_remap_create(ctx, d.network, d.mapping, d.tech, NULL, map, NULL, 0, NULL, &remap));
    refused(trnnsf_remap_expect(ctx, remap, 99, &errors), TRNNSF_E_INVALID, "crossbar 99");
    refused(trnnsf_remap_expect(ctx, remap, 0, &errors), TRNNSF_E_INVALID, "struct_size");
    refused(trnnsf_remap_expect(ctx, remap, 0, NULL), TRNNSF_E_INVALID, "out_errors");
    refused(trnnsf_remap_expect(ctx, NULL, 0, &errors), TRNNSF_E_INVALID, "remap");
    ck_assert_ptr_null(trnnsf_remap_rows(remap, 99, NULL));
    ck_assert_ptr_null(trnnsf_remap_outputs(NULL, 0, NULL));
    ck_assert_uint_eq(trnnsf_remap_crossbars(NULL), 0);
    trnnsf_remap_free(NULL);
    trnnsf_remap_free(remap);
    trnnsf_fault_map_free(map);
    trnnsf_fault_map_free(larger);
    free_design(&d);
    free_design(&other);
}
END_TEST

START_TEST(no_chips)
{
    struct design d = make_design(sizes, 3, "16x8", NULL),
                  other = make_design(sizes, 3, "32x8", NULL);
    trnnsf_fault_map *map = map_of(&other);
    struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;
    trnnsf_remap *remap = NULL;
    trnnsf_analog *chip = NULL;

    OK(trnnsf_remap_create(ctx, other.network, other.mapping, other.tech, NULL, map, NULL, 0, NULL,
                           &remap));
    ck_assert_int_eq(trnnsf_analog_create_with_faults(NULL, d.network, d.mapping, d.tech, NULL,
                                                      NULL, NULL, 0, NULL, &chip),
                     TRNNSF_E_INVALID);
    refused(trnnsf_analog_create_with_faults(ctx, d.network, d.mapping, d.tech, NULL, map, NULL, 0,
                                             NULL, &chip),
            TRNNSF_E_MISMATCH, "fault map");
    refused(trnnsf_analog_create_with_faults(ctx, d.network, d.mapping, d.tech, NULL, NULL, remap,
                                             0, NULL, &chip),
            TRNNSF_E_MISMATCH, "remapping");
    refused(trnnsf_analog_create_with_faults(ctx, d.network, NULL, d.tech, NULL, NULL, remap, 0,
                                             NULL, &chip),
            TRNNSF_E_INVALID, "mapping");
    options.remap = 4;
    refused(trnnsf_analog_create(ctx, d.network, d.mapping, d.tech, &options, 0, NULL, &chip),
            TRNNSF_E_INVALID, "remap 4");
    options.remap = 1;
    options.remap_starts = 0;
    refused(trnnsf_analog_create(ctx, d.network, d.mapping, d.tech, &options, 0, NULL, &chip),
            TRNNSF_E_INVALID, "remap_starts 0");
    ck_assert_ptr_null(chip);
    trnnsf_remap_free(remap);
    trnnsf_fault_map_free(map);
    free_design(&d);
    free_design(&other);
}
END_TEST

TCase *remap_hostile_case(void)
{
    TCase *tests = tcase_create("remap hostile");

    tcase_add_test(tests, no_maps);
    tcase_add_test(tests, values_of_maps);
    tcase_add_test(tests, no_remaps);
    tcase_add_test(tests, no_chips);
    return tests;
}
