/* What is refused, with what text. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analog/common.h"

static const size_t sizes[] = {10, 6, 3};

static void refused(trnnsf_status got, trnnsf_status wanted, const char *text)
{
    ck_assert_int_eq(got, wanted);
    ck_assert_msg(strstr(trnnsf_context_error(ctx), text), "'%s' is not in '%s'", text,
                  trnnsf_context_error(ctx));
}

static trnnsf_status create(const struct design *design,
                            const struct trnnsf_analog_options *options, size_t n,
                            const float *inputs)
{
    trnnsf_analog *chip = NULL;
    trnnsf_status status = trnnsf_analog_create(ctx, design->network, design->mapping, design->tech,
                                                options, n, inputs, &chip);

    ck_assert_ptr_null(chip);
    return status;
}

START_TEST(nothing)
{
    struct design d = make_design(sizes, 3, "16x8", NULL);
    trnnsf_analog *chip = chip_of(&d, 0, 0, NULL), *none = NULL;
    float inputs[10] = {0}, outputs[3];

    ck_assert_int_eq(trnnsf_analog_create(NULL, d.network, d.mapping, d.tech, NULL, 0, NULL, &none),
                     TRNNSF_E_INVALID);
    refused(trnnsf_analog_create(ctx, NULL, d.mapping, d.tech, NULL, 0, NULL, &none),
            TRNNSF_E_INVALID, "network is NULL");
    refused(trnnsf_analog_create(ctx, d.network, NULL, d.tech, NULL, 0, NULL, &none),
            TRNNSF_E_INVALID, "mapping is NULL");
    refused(trnnsf_analog_create(ctx, d.network, d.mapping, NULL, NULL, 0, NULL, &none),
            TRNNSF_E_INVALID, "tech is NULL");
    refused(trnnsf_analog_create(ctx, d.network, d.mapping, d.tech, NULL, 0, NULL, NULL),
            TRNNSF_E_INVALID, "out_analog is NULL");
    refused(create(&d, NULL, 1, NULL), TRNNSF_E_INVALID, "calibration_inputs is NULL");
    refused(trnnsf_analog_forward(ctx, NULL, 1, inputs, 0, outputs), TRNNSF_E_INVALID, "analog");
    refused(trnnsf_analog_forward(ctx, chip, 0, inputs, 0, outputs), TRNNSF_E_INVALID, "n_samples");
    refused(trnnsf_analog_forward(ctx, chip, SIZE_MAX / 2, inputs, 0, outputs), TRNNSF_E_INVALID,
            "too many");
    refused(trnnsf_analog_forward(ctx, chip, 1, NULL, 0, outputs), TRNNSF_E_INVALID, "inputs");
    refused(trnnsf_analog_forward(ctx, chip, 1, inputs, 0, NULL), TRNNSF_E_INVALID, "out_outputs");
    inputs[3] = NAN;
    refused(trnnsf_analog_forward(ctx, chip, 1, inputs, 0, outputs), TRNNSF_E_NUMERIC, "[0, 3]");
    refused(create(&d, NULL, 1, inputs), TRNNSF_E_NUMERIC, "calibration_inputs[0, 3]");
    ck_assert_uint_eq(trnnsf_analog_layers(NULL), 0);
    ck_assert_uint_eq(trnnsf_analog_rows(chip, 99), 0);
    ck_assert_uint_eq(trnnsf_analog_columns(NULL, 0), 0);
    ck_assert(isnan(trnnsf_analog_weight_range(chip, 2)));
    trnnsf_analog_free(NULL);
    trnnsf_analog_study_free(NULL);
    trnnsf_analog_free(chip);
    free_design(&d);
}
END_TEST

#define OPTION(member, bad, text)                                                                  \
    do {                                                                                           \
        struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;                         \
                                                                                                   \
        options.member = bad;                                                                      \
        refused(create(&design, &options, 0, NULL), TRNNSF_E_INVALID, text);                       \
    } while (0)

START_TEST(out_of_range)
{
    struct design design = make_design(sizes, 3, "16x8", NULL);

    OPTION(effects, 0x2000, "effects");
    OPTION(time_second, -1, "time_second");
    OPTION(time_second, NAN, "time_second");
    OPTION(time_second, 1e13, "time_second");
    OPTION(compensation, 2, "compensation");
    OPTION(uniform, 2, "uniform");
    OPTION(subtraction, 2, "subtraction");
    OPTION(wires_passes, 100001, "wires_passes");
    OPTION(input_percentile, 0, "input_percentile");
    OPTION(input_percentile, 100.5, "input_percentile");
    OPTION(sum_percentile, NAN, "sum_percentile");
    OPTION(network_ranges, 2, "network_ranges");
    OPTION(reserved, 1, "reserved");
    OPTION(struct_size, 3, "struct_size");
    free_design(&design);
}
END_TEST

START_TEST(technologies)
{
    static const struct constant adc[] = {{"adc_bits", 8}, {NULL, 0}};
    static const struct constant same[] = {{"resistance_on_ohm", 1e6}, {NULL, 0}};
    static const struct constant unipolar[] = {
        {"columns_per_output", 1}, {"devices_per_sign", 1}, {"unipolar_weights", 1}, {NULL, 0}};
    static const struct constant steps[] = {{"input_coding", 1}, {"time_steps", 25}, {NULL, 0}};
    static const struct constant bend[] = {
        {"sinh_alpha_per_volt", 60}, {"read_voltage_volt", 1}, {NULL, 0}};
    static const struct {
        const struct constant *constants;
        trnnsf_status status;
        const char *text;
    } cases[] = {{adc, TRNNSF_E_INVALID, "n_calibration 0"},
                 {same, TRNNSF_E_MISMATCH, "is not below resistance_off_ohm"},
                 {unipolar, TRNNSF_E_MISMATCH, "crossbar 0 has weights of both signs"},
                 {steps, TRNNSF_E_LIMIT, "time_steps 25"},
                 {bend, TRNNSF_E_LIMIT, "read_voltage_volt 60"}};
    struct design design = make_design(sizes, 3, "16x8", cases[_i].constants);

    refused(create(&design, NULL, 0, NULL), cases[_i].status, cases[_i].text);
    free_design(&design);
}
END_TEST

START_TEST(mismatches)
{
    static const size_t others[] = {10, 7, 3};
    static const struct constant one[] = {{"columns_per_output", 1}, {NULL, 0}};
    struct design a = make_design(sizes, 3, "16x8", NULL), b = make_design(others, 3, "16x8", one);
    trnnsf_analog *chip = chip_of(&a, 0, 0, NULL), *none = NULL;
    trnnsf_dataset *dataset = NULL;
    struct trnnsf_evaluation result = {.struct_size = sizeof result};
    trnnsf_wires *wires = NULL;
    float inputs[10] = {0};
    double cells[1];

    refused(trnnsf_analog_create(ctx, a.network, b.mapping, a.tech, NULL, 0, NULL, &none),
            TRNNSF_E_MISMATCH, "layer 0");
    refused(trnnsf_analog_create(ctx, a.network, a.mapping, b.tech, NULL, 0, NULL, &none),
            TRNNSF_E_MISMATCH, "2 columns an output");
    refused(trnnsf_analog_measure(ctx, chip, b.network, 1, inputs, 0, NULL, NULL, NULL),
            TRNNSF_E_MISMATCH, "layer 0");
    refused(trnnsf_analog_conductances(ctx, chip, 99, 0, cells), TRNNSF_E_INVALID, "crossbar 99");
    refused(trnnsf_analog_conductances(ctx, chip, 0, 1, cells), TRNNSF_E_INVALID, "array 1");
    refused(trnnsf_analog_wires(ctx, chip, 99, 0, &wires), TRNNSF_E_INVALID, "crossbar 99");
    refused(trnnsf_analog_wires(ctx, chip, 0, 1, &wires), TRNNSF_E_INVALID, "array 1");
    refused(trnnsf_analog_wires(ctx, chip, 0, 0, NULL), TRNNSF_E_INVALID, "out_wires is NULL");
    ck_assert_int_eq(trnnsf_analog_wires(NULL, chip, 0, 0, &wires), TRNNSF_E_INVALID);
    ck_assert_ptr_null(wires);
    refused(trnnsf_analog_netlist(ctx, chip, 0, 0, cells, ""), TRNNSF_E_INVALID, "path is empty");
    OK(trnnsf_dataset_create(ctx, 1, 1, 10, 3, &dataset));
    refused(trnnsf_analog_evaluate(ctx, chip, dataset, 3, 0, 0, &result), TRNNSF_E_INVALID, "part");
    refused(trnnsf_analog_evaluate(ctx, chip, dataset, 2, 2, 0, &result), TRNNSF_E_INVALID, "loss");
    refused(trnnsf_analog_evaluate(ctx, chip, dataset, 2, 0, 0, &result), TRNNSF_E_STATE,
            "no samples");
    trnnsf_dataset_free(dataset);
    trnnsf_analog_free(chip);
    free_design(&a);
    free_design(&b);
}
END_TEST

TCase *hostile_case(void)
{
    TCase *tests = tcase_create("hostile");

    tcase_add_test(tests, nothing);
    tcase_add_test(tests, out_of_range);
    tcase_add_loop_test(tests, technologies, 0, 5);
    tcase_add_test(tests, mismatches);
    return tests;
}
