/* What several built-in descriptors cite. */
#ifndef TRN_TECH_PRESETS_PUBLISHED_H
#define TRN_TECH_PRESETS_PUBLISHED_H

#include "tech/presets.h"

#define TRN_CROSSSIM "sandialabs/cross-sim:simulator/"
#define TRN_AIHWKIT "IBM/aihwkit:src/aihwkit/inference/noise/"
#define TRN_CIMLOOP "mit-emze/cimloop:workspace/models/memory_cells/"
#define TRN_PUMA "Aayush-Ankit/puma-simulator:include/constants.py"

/* The periphery's feature size: that of puma-32nm. */
#define TRN_F2 (32e-9 * 32e-9)
#define TRN_F2_SOURCE ", at the 32 nm of the periphery"

#define TRN_PAIR "chosen here: a pair of devices a weight, its second array for the other sign"
#define TRN_ONE_SLICE "chosen here: an analog weight, one device a sign"
#define TRN_NO_SLICE "no meaning with one slice"
#define TRN_STEP_TIME 100e-9 /* of puma-32nm */
/* Drivers and samplers of puma-32nm are powers that last a step. */
#define TRN_ROW_POWER (3.50625e-6 + 0.390625e-6)
#define TRN_ROW_SOURCE                                                                             \
    TRN_PUMA " dac_pow_dyn_dict + dac_pow_leak_dict at 1 bit, over the step: the width of one "    \
             "pulse carries the number"
#define TRN_COLUMN_POWER 9.7e-9
#define TRN_COLUMN_SOURCE TRN_PUMA " snh_pow over the step"
#define TRN_EIGHT_STEPS "chosen here: inputs of 8 bits, one a step, as puma-32nm has 16"
#define TRN_EIGHT_BITS "chosen here: as the 8 bits of an input"
#define TRN_ONE_BIT "as puma-32nm: one bit a step"
#define TRN_PUMA_ADC TRN_PUMA " adc_lat_dict 8: the converter of puma-32nm"

#endif
