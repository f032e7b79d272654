/* Node types and their parameters, as the Python package `nir` writes them (github.com/neuromorphs/NIR,
 * nir/ir/). */
#include <string.h>

#include "nir/nir.h"

#define NEURONS(name) {name, TRN_NIR_OF_NEURONS, false}
#define MAYBE(name) {name, TRN_NIR_OF_NEURONS, true}
#define TIME(name) {name, TRN_NIR_POSITIVE, false}
#define POOL                                                                                       \
    {                                                                                              \
        {"kernel_size", TRN_NIR_COUNTS, false}, {"stride", TRN_NIR_COUNTS, false},                 \
            {"padding", TRN_NIR_PADDING, false}, {NULL, 0, false}                                  \
    }
#define CONVOLUTION                                                                                \
    {                                                                                              \
        {"input_shape", TRN_NIR_SHAPE, true}, {"weight", TRN_NIR_WEIGHTS, false},                  \
            {"stride", TRN_NIR_COUNTS, false}, {"padding", TRN_NIR_PADDING, false},                \
            {"dilation", TRN_NIR_COUNTS, false}, {"groups", TRN_NIR_COUNTS, false},                \
            {"bias", TRN_NIR_WEIGHTS, true}, {NULL, 0, false}                                      \
    }

const struct trn_nir_kind trn_nir_kinds[TRN_NIR_TYPES] = {
    [TRN_NIR_AFFINE] = {"Affine",
                        {{"weight", TRN_NIR_WEIGHTS, false}, {"bias", TRN_NIR_WEIGHTS, false}}},
    [TRN_NIR_AVG_POOL_2D] = {"AvgPool2d", POOL},
    [TRN_NIR_CONV_1D] = {"Conv1d", CONVOLUTION},
    [TRN_NIR_CONV_2D] = {"Conv2d", CONVOLUTION},
    [TRN_NIR_CUBA_LI] = {"CubaLI",
                         {TIME("tau_syn"), TIME("tau_mem"), NEURONS("r"), NEURONS("v_leak"),
                          MAYBE("w_in")}},
    [TRN_NIR_CUBA_LIF] = {"CubaLIF",
                          {TIME("tau_syn"), TIME("tau_mem"), NEURONS("r"), NEURONS("v_leak"),
                           NEURONS("v_threshold"), MAYBE("v_reset"), MAYBE("w_in")}},
    [TRN_NIR_DELAY] = {"Delay", {{"delay", TRN_NIR_NOT_NEGATIVE, false}}},
    [TRN_NIR_FLATTEN] = {"Flatten",
                         {{"start_dim", TRN_NIR_PLACE, true}, {"end_dim", TRN_NIR_PLACE, true}}},
    [TRN_NIR_GRAPH] = {"NIRGraph", {{NULL, 0, false}}},
    [TRN_NIR_I] = {"I", {NEURONS("r")}},
    [TRN_NIR_IF] = {"IF", {NEURONS("r"), NEURONS("v_threshold"), MAYBE("v_reset")}},
    [TRN_NIR_INPUT] = {"Input", {{"shape", TRN_NIR_SHAPE, false}}},
    [TRN_NIR_LI] = {"LI", {TIME("tau"), NEURONS("r"), NEURONS("v_leak")}},
    [TRN_NIR_LIF] = {"LIF",
                     {TIME("tau"), NEURONS("r"), NEURONS("v_leak"), NEURONS("v_threshold"),
                      MAYBE("v_reset")}},
    [TRN_NIR_LINEAR] = {"Linear", {{"weight", TRN_NIR_WEIGHTS, false}}},
    [TRN_NIR_OUTPUT] = {"Output", {{"shape", TRN_NIR_SHAPE, true}}},
    [TRN_NIR_SCALE] = {"Scale", {NEURONS("scale")}},
    [TRN_NIR_SUM_POOL_2D] = {"SumPool2d", POOL},
    [TRN_NIR_THRESHOLD] = {"Threshold", {NEURONS("threshold")}}};

uint32_t trn_nir_type(const char *name)
{
    uint32_t type = 0;

    while (type < TRN_NIR_TYPES && strcmp(trn_nir_kinds[type].name, name) != 0)
        type++;
    return type;
}

const struct trn_nir_parameter *trn_nir_parameter(uint32_t type, const char *name)
{
    const struct trn_nir_parameter *parameters = trn_nir_kinds[type].parameters;

    for (size_t k = 0; k < TRN_NIR_PARAMETERS && parameters[k].name; k++) {
        if (strcmp(parameters[k].name, name) == 0)
            return &parameters[k];
    }
    return NULL;
}
