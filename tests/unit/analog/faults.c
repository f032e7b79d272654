/* Fault maps: what is set, what is drawn, what is saved. */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analog/common.h"

static const size_t sizes[] = {20, 10, 4};
static const struct constant pairs[] = {{"stuck_on_fraction", 0.1},
                                        {"stuck_off_fraction", 0.2},
                                        {"variation_on", 0.2},
                                        {"variation_off", 0.3},
                                        {NULL, 0}};
static const struct constant reference[] = {{"columns_per_output", 1},
                                            {"devices_per_sign", 1},
                                            {"stuck_on_fraction", 0.1},
                                            {"stuck_off_fraction", 0.2},
                                            {NULL, 0}};
static const struct constant slices[] = {{"weight_slices", 2},        {"slice_bits", 2},
                                         {"columns_per_output", 2},   {"stuck_on_fraction", 0.1},
                                         {"stuck_off_fraction", 0.2}, {NULL, 0}};

static trnnsf_fault_map *draw(const struct design *design,
                              const struct trnnsf_analog_options *options)
{
    trnnsf_fault_map *map = NULL;

    OK(trnnsf_fault_map_draw(ctx, design->mapping, design->tech, options, &map));
    return map;
}

struct arrays {
    size_t n;
    uint8_t *fault;
    float *on, *off;
};

static struct arrays get(const trnnsf_fault_map *map, size_t crossbar, size_t array)
{
    struct arrays a = {.n = trnnsf_fault_map_rows(map, crossbar) *
                            trnnsf_fault_map_columns(map, crossbar)};

    a.fault = calloc(a.n, 1);
    a.on = calloc(a.n, sizeof *a.on);
    a.off = calloc(a.n, sizeof *a.off);
    OK(trnnsf_fault_map_get(ctx, map, crossbar, array, a.fault, a.on, a.off));
    return a;
}

static void drop(struct arrays *a)
{
    free(a->fault);
    free(a->on);
    free(a->off);
}

static void same_maps(const trnnsf_fault_map *a, const trnnsf_fault_map *b)
{
    ck_assert_uint_eq(trnnsf_fault_map_crossbars(a), trnnsf_fault_map_crossbars(b));
    for (size_t c = 0; c < trnnsf_fault_map_crossbars(a); c++) {
        for (size_t k = 0; k < trnnsf_fault_map_arrays(a); k++) {
            struct arrays x = get(a, c, k), y = get(b, c, k);

            ck_assert_uint_eq(x.n, y.n);
            ck_assert_mem_eq(x.fault, y.fault, x.n);
            ck_assert_mem_eq(x.on, y.on, x.n * sizeof *x.on);
            ck_assert_mem_eq(x.off, y.off, x.n * sizeof *x.off);
            drop(&x);
            drop(&y);
        }
    }
}

/* Stuck devices of a chip conduct what the drawn map says, at the same rows and columns; the
 * reference of a chip comes last, after the places that it does not use. */
static void check_drawn(const struct constant *constants, bool has_reference)
{
    struct design design = make_design(sizes, 3, "24x16", constants);
    struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;
    size_t stuck = 0;

    options.chip = 3;
    options.effects = TRNNSF_ANALOG_STUCK | TRNNSF_ANALOG_VARIATION;
    trnnsf_analog *chip = make_chip(&design, &options, 0, NULL);
    trnnsf_fault_map *map = draw(&design, &options);
    for (size_t c = 0; c < trnnsf_fault_map_crossbars(map); c++) {
        size_t rows = trnnsf_analog_rows(chip, c), columns = trnnsf_analog_columns(chip, c);
        size_t all = trnnsf_fault_map_columns(map, c);
        double *x = calloc(rows * columns, sizeof *x);

        ck_assert_uint_eq(trnnsf_fault_map_rows(map, c), 24);
        for (size_t a = 0; a < trnnsf_analog_arrays(chip); a++) {
            struct arrays known = get(map, c, a);

            OK(trnnsf_analog_conductances(ctx, chip, c, a, x));
            for (size_t k = 0; k < rows * columns; k++) {
                size_t column = k % columns;
                bool is_reference = has_reference && column == columns - 1;
                size_t at = k / columns * all + (is_reference ? all - 1 : column);

                if (known.fault[at] == TRNNSF_FAULT_NONE)
                    continue;
                stuck++;
                ck_assert_double_eq_tol(x[k],
                                        known.fault[at] == TRNNSF_FAULT_STUCK_ON
                                            ? 1e-4 * (double)known.on[at]
                                            : 1e-6 * (double)known.off[at],
                                        1e-10);
            }
            drop(&known);
        }
        free(x);
    }
    ck_assert_uint_gt(stuck, 50);
    trnnsf_fault_map_free(map);
    trnnsf_analog_free(chip);
    free_design(&design);
}

START_TEST(drawn)
{
    check_drawn(pairs, false);
    check_drawn(reference, true);
    check_drawn(slices, false);
}
END_TEST

/* As many as the technology says, on spare lines too, and other ones on other chips. */
START_TEST(fractions)
{
    struct design design = make_design((const size_t[]){40, 30}, 2, "200x160", pairs);
    struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;
    trnnsf_fault_map *map = draw(&design, &options);
    struct arrays known = get(map, 0, 0);
    double *on = calloc(known.n, sizeof *on);
    size_t counts[3] = {0, 0, 0};

    ck_assert_uint_eq(known.n, 200 * 160);
    for (size_t k = 0; k < known.n; k++) {
        counts[known.fault[k]]++;
        on[k] = 1 / (double)known.on[k];
    }
    check_count(known.n, counts[TRNNSF_FAULT_STUCK_ON], 0.1);
    check_count(known.n, counts[TRNNSF_FAULT_STUCK_OFF], 0.2);
    ck_assert_uint_eq(trnnsf_fault_map_stuck(map, 0), counts[1] + counts[2]);
    ck_assert_uint_eq(trnnsf_fault_map_stuck(map, TRNNSF_ALL_CROSSBARS), counts[1] + counts[2]);
    check_normal(known.n, on, 1, 0.2);
    options.chip = 1;
    trnnsf_fault_map *other = draw(&design, &options);
    struct arrays second = get(other, 0, 0);
    ck_assert_mem_ne(known.fault, second.fault, known.n);
    options.effects = 0;
    trnnsf_fault_map *none = draw(&design, &options);
    ck_assert_uint_eq(trnnsf_fault_map_stuck(none, TRNNSF_ALL_CROSSBARS), 0);
    drop(&known);
    drop(&second);
    free(on);
    trnnsf_fault_map_free(map);
    trnnsf_fault_map_free(other);
    trnnsf_fault_map_free(none);
    free_design(&design);
}
END_TEST

static char folder[64], path[96];

static const char *write_text(const char *text)
{
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
    return path;
}

static void begin_files(void)
{
    snprintf(folder, sizeof folder, "/tmp/trnnsf-faults-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/faults.csv", folder);
}

static void end_files(void)
{
    unlink(path);
    rmdir(folder);
}

START_TEST(files)
{
    const struct constant *const all[] = {pairs, reference, slices};

    begin_files();
    for (int k = 0; k < 3; k++) {
        struct design design = make_design(sizes, 3, "24x16", all[k]);
        trnnsf_fault_map *map = draw(&design, NULL), *read = NULL;

        OK(trnnsf_fault_map_save(ctx, map, path));
        OK(trnnsf_fault_map_load(ctx, design.mapping, design.tech, path, &read));
        same_maps(map, read);
        trnnsf_fault_map_free(map);
        trnnsf_fault_map_free(read);
        free_design(&design);
    }
    end_files();
}
END_TEST

START_TEST(texts)
{
    static const struct {
        const char *text, *wanted;
    } bad[] = {
        {"", "no header"},
        {"crossbar,array,row,column\n", "column fault is missing"},
        {"crossbar,array,row,column,fault,state\n", "unknown column 'state'"},
        {"crossbar,array,row,column,fault\n0,0,0,0\n", ":2: fewer than 5"},
        {"crossbar,array,row,column,fault\n0,0,0,0,on,1\n", ":2: more than 5"},
        {"crossbar,array,row,column,fault\n9,0,0,0,on\n",
         "crossbar 9 is not a whole number below 3"},
        {"crossbar,array,row,column,fault\n0,1,0,0,on\n", "array 1 is"},
        {"crossbar,array,row,column,fault\n0,0,24,0,on\n", "row 24 is"},
        {"crossbar,array,row,column,fault\n0,0,-1,0,on\n", "row -1 is"},
        {"crossbar,array,row,column,fault\n0,0,0.5,0,on\n", "row 0.5 is"},
        {"crossbar,array,row,column,fault\n0,0,0,16,on\n", "column 16 is"},
        {"crossbar,array,row,column,fault\n0,0,0,x,on\n", "column: 'x' is not a finite number"},
        {"crossbar,array,row,column,fault\n0,0,0,0,high\n", "fault 'high'"},
        {"crossbar,array,row,column,fault,on\n0,0,0,0,none,0\n", "on 0 is not in (0, 1000]"},
        {"crossbar,array,row,column,fault,off\n0,0,0,0,none,1001\n",
         "off 1001 is not in [0, 1000]"},
        {"crossbar,array,row,column,fault,off\n0,0,0,0,none,nan\n", "off: 'nan'"},
    };
    struct design design = make_design(sizes, 3, "24x16", pairs);
    trnnsf_fault_map *map = NULL;
    uint8_t faults[24 * 16];
    float on[24 * 16];

    begin_files();
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
        trnnsf_status status =
            trnnsf_fault_map_load(ctx, design.mapping, design.tech, write_text(bad[k].text), &map);

        ck_assert_int_eq(status, TRNNSF_E_FORMAT);
        ck_assert_ptr_null(map);
        ck_assert_msg(strstr(trnnsf_context_error(ctx), bad[k].wanted), "'%s' is not in '%s'",
                      bad[k].wanted, trnnsf_context_error(ctx));
    }
    write_text("# measured\n\nfault, on, column,row,array,crossbar\r\n off, 0.5, 3,2,0,1\r\n");
    OK(trnnsf_fault_map_load(ctx, design.mapping, design.tech, path, &map));
    OK(trnnsf_fault_map_get(ctx, map, 1, 0, faults, on, NULL));
    ck_assert_uint_eq(faults[2 * 16 + 3], TRNNSF_FAULT_STUCK_OFF);
    ck_assert_float_eq(on[2 * 16 + 3], 0.5f);
    ck_assert_uint_eq(trnnsf_fault_map_stuck(map, TRNNSF_ALL_CROSSBARS), 1);
    trnnsf_fault_map_free(map);
    end_files();
    free_design(&design);
}
END_TEST

TCase *faults_case(void)
{
    TCase *tests = tcase_create("faults");

    tcase_add_test(tests, drawn);
    tcase_add_test(tests, fractions);
    tcase_add_test(tests, files);
    tcase_add_test(tests, texts);
    return tests;
}
