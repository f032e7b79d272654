/* Phase-change memory: measured devices; the periphery is that of puma-32nm. Fits of sigma in uS
 * over x become those of x by division by the largest conductance in uS; fits over G in uS become
 * c_k Gmax^(k-1). */
#include "tech/presets_published.h"

#define JOSHI                                                                                      \
    TRN_CROSSSIM                                                                                   \
    "devices/custom/PCM_Joshi.py (V. Joshi et al., Nat. Commun. 11, 2473, 2020, fig. "             \
    "3b)"
#define NANDAKUMAR TRN_AIHWKIT "pcm.py (S. R. Nandakumar et al., ICECS 2019)"
#define HERMES TRN_AIHWKIT "hermes.py, num_devices 2 (M. Le Gallo et al., Nat. Electron. 2023)"
#define CELL                                                                                       \
    "Accelergy-Project/accelergy-neurosim-plug-in:cells/nvsim_PCRAM.cell, 9 F^2" TRN_F2_SOURCE
#define SIDE "M. Le Gallo et al., Nat. Electron. 2023: 256x256 a core"
#define READ NANDAKUMAR " t_read 250 ns"
#define CONVERTERS "chosen here: 8 bits, as the cores of M. Le Gallo et al., Nat. Electron. 2023"
#define ONE_STEP CONVERTERS ", in one step"
#define VOLTAGE "as puma-32nm: 0.2 V; the fits say none"

const struct trn_tech_preset trn_preset_pcm_joshi = {
    "pcm-joshi-2020",
    &trn_preset_puma,
    {256, 256},
    {
        [TRN_TECH_RESISTANCE_ON] = {1 / 25e-6, JOSHI ": Gmax 25 uS"},
        [TRN_TECH_RESISTANCE_OFF] = {100 / 25e-6, JOSHI ": on/off ratio 100"},
        [TRN_TECH_READ_VOLTAGE] = {0.2, VOLTAGE},
        [TRN_TECH_READ_TIME] = {250e-9, READ},
        [TRN_TECH_STEP_TIME] = {250e-9, READ},
        [TRN_TECH_INPUT_CODING] = {1, "as puma-32nm: numbers; here all bits in one step"},
        [TRN_TECH_TIME_STEPS] = {1, ONE_STEP},
        [TRN_TECH_DEVICES_PER_SIGN] = {2, TRN_PAIR},
        [TRN_TECH_WEIGHT_SLICES] = {1, TRN_ONE_SLICE},
        [TRN_TECH_SLICE_BITS] = {1, TRN_NO_SLICE},
        [TRN_TECH_CELL_AREA] = {9 * TRN_F2, CELL},
        [TRN_TECH_ROW_ENERGY] = {TRN_ROW_POWER * 250e-9, TRN_ROW_SOURCE},
        [TRN_TECH_COLUMN_ENERGY] = {TRN_COLUMN_POWER * 250e-9, TRN_COLUMN_SOURCE},
        [TRN_TECH_VALUE_BITS] = {8, CONVERTERS},
        [TRN_TECH_PROGRAMMING_CONSTANT] = {0.28638599 / 25, JOSHI ": 0.28638599 uS, over 25 uS"},
        [TRN_TECH_PROGRAMMING_LINEAR] = {0.07585724, JOSHI ": 0.07585724 G"},
        [TRN_TECH_PROGRAMMING_SQUARE] = {-0.00178767 * 25,
                                         JOSHI ": -0.00178767 G^2 / uS, times 25 uS"},
        [TRN_TECH_DRIFT_START] = {27.36, JOSHI ": measured 27.36 s after writing; no drift given"},
        [TRN_TECH_DAC_BITS] = {8, CONVERTERS},
        [TRN_TECH_ADC_BITS] = {8, CONVERTERS},
    }};

const struct trn_tech_preset trn_preset_pcm_nandakumar = {
    "pcm-nandakumar-2019",
    &trn_preset_puma,
    {256, 256},
    {
        [TRN_TECH_RESISTANCE_ON] = {1 / 25e-6, NANDAKUMAR ": g_max 25 uS"},
        [TRN_TECH_RESISTANCE_OFF] = {1e13, NANDAKUMAR ": down to 0 uS; the largest resistance "
                                                      "that a descriptor holds"},
        [TRN_TECH_READ_VOLTAGE] = {0.2, VOLTAGE},
        [TRN_TECH_READ_TIME] = {250e-9, READ},
        [TRN_TECH_STEP_TIME] = {250e-9, READ},
        [TRN_TECH_INPUT_CODING] = {1, "as puma-32nm: numbers; here all bits in one step"},
        [TRN_TECH_TIME_STEPS] = {1, ONE_STEP},
        [TRN_TECH_DEVICES_PER_SIGN] = {2, NANDAKUMAR " SinglePairConductanceConverter"},
        [TRN_TECH_WEIGHT_SLICES] = {1, NANDAKUMAR " SinglePairConductanceConverter"},
        [TRN_TECH_SLICE_BITS] = {1, TRN_NO_SLICE},
        [TRN_TECH_CELL_AREA] = {9 * TRN_F2, CELL},
        [TRN_TECH_ROW_ENERGY] = {TRN_ROW_POWER * 250e-9, TRN_ROW_SOURCE},
        [TRN_TECH_COLUMN_ENERGY] = {TRN_COLUMN_POWER * 250e-9, TRN_COLUMN_SOURCE},
        [TRN_TECH_VALUE_BITS] = {8, CONVERTERS},
        [TRN_TECH_PROGRAMMING_CONSTANT] = {0.26348 / 25, NANDAKUMAR ": 0.26348 uS, over 25 uS"},
        [TRN_TECH_PROGRAMMING_LINEAR] = {1.9650 / 25, NANDAKUMAR ": 1.9650 uS, over 25 uS"},
        [TRN_TECH_PROGRAMMING_SQUARE] = {-1.1731 / 25, NANDAKUMAR ": -1.1731 uS, over 25 uS"},
        [TRN_TECH_FLICKER] = {0.0088, NANDAKUMAR " q_s"},
        [TRN_TECH_FLICKER_EXPONENT] = {0.65, NANDAKUMAR " q_s"},
        [TRN_TECH_FLICKER_MOST] = {0.2, NANDAKUMAR " q_s"},
        [TRN_TECH_FLICKER_READ] = {250e-9, READ},
        [TRN_TECH_DRIFT_SLOPE] = {-0.0155, NANDAKUMAR " mu_drift"},
        [TRN_TECH_DRIFT_OFFSET] = {0.0244, NANDAKUMAR " mu_drift"},
        [TRN_TECH_DRIFT_LOW] = {0.049, NANDAKUMAR " mu_drift"},
        [TRN_TECH_DRIFT_HIGH] = {0.1, NANDAKUMAR " mu_drift"},
        [TRN_TECH_DRIFT_SIGMA_SLOPE] = {-0.0125, NANDAKUMAR " sig_drift"},
        [TRN_TECH_DRIFT_SIGMA_OFFSET] = {-0.0059, NANDAKUMAR " sig_drift"},
        [TRN_TECH_DRIFT_SIGMA_LOW] = {0.008, NANDAKUMAR " sig_drift"},
        [TRN_TECH_DRIFT_SIGMA_HIGH] = {0.045, NANDAKUMAR " sig_drift"},
        [TRN_TECH_DRIFT_START] = {20, NANDAKUMAR " t_0"},
        [TRN_TECH_DAC_BITS] = {8, CONVERTERS},
        [TRN_TECH_ADC_BITS] = {8, CONVERTERS},
    }};

/* hermes.py's drift and 1/f noise are in pieces; these are their least squares over x in (0, 1]. */
#define MU HERMES " mu_drift in pieces, fitted here: root mean square 0.007, largest error 0.016"
#define SIGMA HERMES " sig_drift in pieces, fitted here: rms 0.0011, largest error 0.003"
#define FLICKER HERMES " q_s in pieces, fitted here: rms 0.002, largest error 0.0068"

const struct trn_tech_preset trn_preset_pcm_hermes = {
    "pcm-hermes",
    &trn_preset_puma,
    {256, 256},
    {
        [TRN_TECH_RESISTANCE_ON] = {1 / 20.7e-6, HERMES ": g_max 20.7 uS; the two devices of a "
                                                        "sign count as one here"},
        [TRN_TECH_RESISTANCE_OFF] = {1e13, HERMES ": down to 0 uS; the largest resistance that a "
                                                  "descriptor holds"},
        [TRN_TECH_READ_VOLTAGE] = {0.2, VOLTAGE},
        [TRN_TECH_READ_TIME] = {512e-9, HERMES " t_read 512 ns"},
        [TRN_TECH_STEP_TIME] = {512e-9, HERMES " t_read 512 ns"},
        [TRN_TECH_INPUT_CODING] = {1, "as puma-32nm: numbers; here all bits in one step"},
        [TRN_TECH_TIME_STEPS] = {1, SIDE ", inputs of 8 bits in one step"},
        [TRN_TECH_DEVICES_PER_SIGN] = {2, HERMES " SinglePairConductanceConverter"},
        [TRN_TECH_WEIGHT_SLICES] = {1, HERMES " SinglePairConductanceConverter"},
        [TRN_TECH_SLICE_BITS] = {1, TRN_NO_SLICE},
        [TRN_TECH_CELL_AREA] = {2 * 9 * TRN_F2, CELL ", two devices"},
        [TRN_TECH_ROW_ENERGY] = {TRN_ROW_POWER * 512e-9, TRN_ROW_SOURCE},
        [TRN_TECH_COLUMN_ENERGY] = {TRN_COLUMN_POWER * 512e-9, TRN_COLUMN_SOURCE},
        [TRN_TECH_VALUE_BITS] = {8, CONVERTERS},
        [TRN_TECH_PROGRAMMING_CONSTANT] = {0.16603222 / 20.7, HERMES ": 0.16603222 uS, over 20.7"},
        [TRN_TECH_PROGRAMMING_LINEAR] = {4.71806468 / 20.7, HERMES ": 4.71806468 uS, over 20.7"},
        [TRN_TECH_PROGRAMMING_SQUARE] = {-8.48101252 / 20.7, HERMES ": -8.48101252 uS, over 20.7"},
        [TRN_TECH_PROGRAMMING_CUBE] = {4.68961419 / 20.7, HERMES ": 4.68961419 uS, over 20.7"},
        [TRN_TECH_FLICKER] = {0.0131, FLICKER},
        [TRN_TECH_FLICKER_EXPONENT] = {0.232, FLICKER},
        [TRN_TECH_FLICKER_MOST] = {0.04, FLICKER},
        [TRN_TECH_FLICKER_READ] = {512e-9, HERMES " t_read"},
        [TRN_TECH_DRIFT_SLOPE] = {-0.0228, MU},
        [TRN_TECH_DRIFT_OFFSET] = {0.0331, MU},
        [TRN_TECH_DRIFT_LOW] = {0.0331, MU},
        [TRN_TECH_DRIFT_HIGH] = {0.13, MU},
        [TRN_TECH_DRIFT_SIGMA_SLOPE] = {-0.0115, SIGMA},
        [TRN_TECH_DRIFT_SIGMA_OFFSET] = {-0.0053, SIGMA},
        [TRN_TECH_DRIFT_SIGMA_LOW] = {0.0078, SIGMA},
        [TRN_TECH_DRIFT_SIGMA_HIGH] = {0.04, SIGMA},
        [TRN_TECH_DRIFT_START] = {300, HERMES " t_0"},
        [TRN_TECH_DAC_BITS] = {8, CONVERTERS},
        [TRN_TECH_ADC_BITS] = {8, CONVERTERS},
    }};
