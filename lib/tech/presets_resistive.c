/* Resistive, charge-trap and magnetic memories: measured or modelled devices; the periphery is that
 * of puma-32nm, at 8 bits. */
#include "tech/presets_published.h"

#define MEMTORCH                                                                                   \
    "coreylammie/MemTorch:memtorch/examples/Exemplar_Simulations.ipynb (C. Lammie et al., arXiv "  \
    "2201.06703)"
#define WAN TRN_AIHWKIT "reram.py (W. Wan et al., Nature 608, 504, 2022)"
#define WAN_CELL TRN_CIMLOOP "rram_wan_nature_2022.cell.yaml"
#define MILO                                                                                       \
    TRN_CROSSSIM "devices/custom/RRAM_Milo.py (V. Milo et al., IRPS 2021, fig. 4, IGVVA-100)"
#define ASI                                                                                        \
    "neurosim/MLP_NeuroSim_V3.0:Cell.cpp RealDevice, 3.8462e-8 S version (S. H. Jo et al., Nano "  \
    "Lett. 10, 1297, 2010)"
#define SONOS                                                                                      \
    TRN_CROSSSIM "devices/custom/SONOS.py (V. Agrawal et al., IEDM 2022, https://ieeexplore.ieee." \
                 "org/document/10019564)"
#define SONOS_CONFIG TRN_CROSSSIM "configs/SONOS-TCAS.json"
#define STT "Accelergy-Project/accelergy-neurosim-plug-in:cells/nvsim_STTRAM.cell"

#define READ_PULSE "as rram-wan-2022: " WAN_CELL " ReadPulse"
/* Cell with a transistor; its own source has none. */
#define CELL "as rram-wan-2022: " WAN_CELL " CellArea" TRN_F2_SOURCE

/* Constants of an analog weight in a pair of devices, read with inputs of 8 bits. */
#define EIGHT_BIT_PAIR(pair)                                                                       \
    [TRN_TECH_TIME_STEPS] = {8, TRN_EIGHT_STEPS}, [TRN_TECH_DEVICES_PER_SIGN] = {2, pair},         \
    [TRN_TECH_VALUE_BITS] = {8, TRN_EIGHT_BITS}, [TRN_TECH_DAC_BITS] = {1, TRN_ONE_BIT},           \
    [TRN_TECH_ADC_BITS] = {8, TRN_PUMA_ADC}
#define ONE_SLICE                                                                                  \
    [TRN_TECH_WEIGHT_SLICES] = {1, TRN_ONE_SLICE}, [TRN_TECH_SLICE_BITS] = {1, TRN_NO_SLICE}

const struct trn_tech_preset trn_preset_rram_memtorch = {
    "rram-memtorch",
    &trn_preset_puma,
    {128, 128},
    {
        EIGHT_BIT_PAIR(MEMTORCH ": DoubleColumn"),
        ONE_SLICE,
        [TRN_TECH_RESISTANCE_ON] = {14e3, MEMTORCH ": VTEAM, 1T1R; its sweeps of variation, levels "
                                                   "and stuck devices are for the user to set"},
        [TRN_TECH_RESISTANCE_OFF] = {50e6, MEMTORCH ": VTEAM, 1T1R"},
        [TRN_TECH_READ_VOLTAGE] = {0.3, MEMTORCH ": inputs up to 0.3 V"},
        [TRN_TECH_READ_TIME] = {2e-9, READ_PULSE},
        [TRN_TECH_CELL_AREA] = {125.73964497 * TRN_F2, CELL},
    }};

/* The fit over time: aihwkit has sigma of x at 1 s, 1 d and 2 d; what its mean square over x gains
 * goes as the logarithm of the time (0.0322 and 0.0312 a root of a decade; least squares). */
const struct trn_tech_preset trn_preset_rram_wan = {
    "rram-wan-2022",
    &trn_preset_puma,
    {256, 256},
    {
        EIGHT_BIT_PAIR("W. Wan et al., Nature 608, 504, 2022: pairs of rows; here of arrays"),
        ONE_SLICE,
        [TRN_TECH_RESISTANCE_ON] = {1 / 40e-6, WAN ": g_max 40 uS; " WAN_CELL " has 250 kOhm"},
        [TRN_TECH_RESISTANCE_OFF] = {1e6, WAN_CELL " ResistanceOff"},
        [TRN_TECH_READ_VOLTAGE] = {0.5, WAN_CELL " ReadVoltage"},
        [TRN_TECH_READ_TIME] = {2e-9, WAN_CELL " ReadPulse"},
        [TRN_TECH_CELL_AREA] = {125.73964497 * TRN_F2, WAN_CELL " CellArea" TRN_F2_SOURCE},
        [TRN_TECH_PROGRAMMING_CONSTANT] = {0.348 / 40, WAN ": 0.348 uS at 1 s, over 40 uS"},
        [TRN_TECH_PROGRAMMING_LINEAR] = {16.030 / 40, WAN ": 16.030 uS at 1 s, over 40 uS"},
        [TRN_TECH_PROGRAMMING_SQUARE] = {-43.853 / 40, WAN ": -43.853 uS at 1 s, over 40 uS"},
        [TRN_TECH_PROGRAMMING_CUBE] = {45.393 / 40, WAN ": 45.393 uS at 1 s, over 40 uS"},
        [TRN_TECH_PROGRAMMING_FOURTH] = {-16.815 / 40, WAN ": -16.815 uS at 1 s, over 40 uS"},
        [TRN_TECH_READ_SIGMA_ON] = {0.01, WAN ": about 1 % of the largest weight"},
        [TRN_TECH_DRIFT_START] = {1, WAN ": first fit at 1 s"},
        [TRN_TECH_RETENTION_SIGMA] = {0.0317, WAN ": fits at 1 d and 2 d over that at 1 s, mean "
                                                  "square over x, fitted here"},
    }};

const struct trn_tech_preset trn_preset_rram_milo = {
    "rram-milo-2021",
    &trn_preset_puma,
    {128, 128},
    {
        EIGHT_BIT_PAIR(TRN_PAIR),
        ONE_SLICE,
        [TRN_TECH_RESISTANCE_ON] = {1 / 225e-6, MILO ": 225 uS"},
        [TRN_TECH_RESISTANCE_OFF] = {1 / 50e-6, MILO ": 50 uS"},
        [TRN_TECH_READ_VOLTAGE] = {0.5, MILO ": up to 0.5 V"},
        [TRN_TECH_READ_TIME] = {2e-9, READ_PULSE},
        [TRN_TECH_CELL_AREA] = {125.73964497 * TRN_F2, CELL},
        [TRN_TECH_PROGRAMMING_CONSTANT] = {4.782321 / 225, MILO ": 4.782321 uS, over 225 uS"},
        [TRN_TECH_PROGRAMMING_LINEAR] = {-0.009107, MILO ": -0.009107 G"},
    }};

/* NeuroSim's label 2.4 of non-linearity stands for A = 0.499181 of all pulses in its curve
 * (1 - exp(-p / A)) / (1 - exp(-1 / A)) (formula.cpp getParamA). */
const struct trn_tech_preset trn_preset_ag_asi = {
    "ag-asi",
    &trn_preset_puma,
    {128, 128},
    {
        EIGHT_BIT_PAIR(TRN_PAIR),
        ONE_SLICE,
        [TRN_TECH_RESISTANCE_ON] = {1 / 3.8462e-8, ASI ": maxConductance"},
        [TRN_TECH_RESISTANCE_OFF] = {1 / 3.0769e-9, ASI ": minConductance"},
        [TRN_TECH_READ_VOLTAGE] = {0.5, ASI ": readVoltage"},
        [TRN_TECH_READ_TIME] = {5e-9, ASI ": readPulseWidth"},
        [TRN_TECH_CELL_AREA] = {16 * TRN_F2, ASI ": 4 F x 4 F with a transistor" TRN_F2_SOURCE},
        [TRN_TECH_PULSES] = {97, ASI ": maxNumLevelLTP"},
        [TRN_TECH_PULSE_NONLINEARITY] = {1 / 0.499181,
                                         ASI ": NL_LTP 2.4, which is exp(-p / A), A 0.499181 of "
                                             "all pulses; this is 1 / A"},
        [TRN_TECH_PULSE_SIGMA] = {0.035, ASI ": sigmaCtoC"},
        [TRN_TECH_ACCESS] = {15e3, ASI ": resistanceAccess"},
    }};

/* SONOS.py has currents I = 1600 nA x. Its sigma after writing, 19.88665 nA (1 - exp(-I /
 * 176.3115 nA)), is fitted here by a polynomial over x in [0, 1]; what the mean square of sigma
 * gains at 1 to 5 days by a straight line over the logarithm of the time, which leaves 0 at
 * 43300 s; the mean over x of its shifts by one through that time. */
#define SONOS_SIGMA SONOS ": random variation at time 0, fitted here: largest error 0.0009"

const struct trn_tech_preset trn_preset_sonos = {
    "sonos-40nm",
    &trn_preset_puma,
    {1152, 256},
    {
        EIGHT_BIT_PAIR(SONOS_CONFIG " balanced: two arrays, one a sign"),
        ONE_SLICE,
        [TRN_TECH_RESISTANCE_ON] = {1 / 16e-6, SONOS ": 16 uS; " SONOS_CONFIG " has 35 kOhm"},
        [TRN_TECH_RESISTANCE_OFF] = {6e12, SONOS_CONFIG " Rmax"},
        [TRN_TECH_READ_VOLTAGE] = {0.1, SONOS ": 1600 nA at 16 uS"},
        [TRN_TECH_READ_TIME] = {TRN_STEP_TIME,
                                "chosen here: below the threshold a cell is slow; it "
                                "conducts throughout the step of puma-32nm"},
        [TRN_TECH_CELL_AREA] = {53 * 40e-9 * 40e-9,
                                "chosen here: 53 F^2 of a cell with a transistor, "
                                "Accelergy-Project/accelergy-neurosim-plug-in:cells/"
                                "nvmexplorer_RRAM.cell, at 40 nm"},
        [TRN_TECH_LEVELS] = {128, SONOS_CONFIG " cell_bits 7"},
        [TRN_TECH_PROGRAMMING_CONSTANT] = {0.000882, SONOS_SIGMA},
        [TRN_TECH_PROGRAMMING_LINEAR] = {0.08051, SONOS_SIGMA},
        [TRN_TECH_PROGRAMMING_SQUARE] = {-0.20711, SONOS_SIGMA},
        [TRN_TECH_PROGRAMMING_CUBE] = {0.22824, SONOS_SIGMA},
        [TRN_TECH_PROGRAMMING_FOURTH] = {-0.0905, SONOS_SIGMA},
        [TRN_TECH_READ_SIGMA_ON] = {0.00702, SONOS ": read noise, root of its mean square over x"},
        [TRN_TECH_DRIFT_START] = {43300, SONOS ": variation at 1 to 5 days, fitted here"},
        [TRN_TECH_RETENTION_SHIFT] = {-0.0263, SONOS ": drift at 1 to 5 days, mean over x, fitted "
                                                     "here"},
        [TRN_TECH_RETENTION_SIGMA] = {0.0156, SONOS ": variation at 1 to 5 days, fitted here"},
    }};

const struct trn_tech_preset trn_preset_stt_mram = {
    "stt-mram",
    &trn_preset_puma,
    {128, 128},
    {
        EIGHT_BIT_PAIR(TRN_PAIR),
        [TRN_TECH_WEIGHT_SLICES] = {8, "chosen here: 8 bits of a weight in cells of one bit"},
        [TRN_TECH_SLICE_BITS] = {1, STT ": one bit a cell"},
        [TRN_TECH_RESISTANCE_ON] = {3e3, STT " ResistanceOn"},
        [TRN_TECH_RESISTANCE_OFF] = {6e3, STT " ResistanceOff"},
        [TRN_TECH_READ_VOLTAGE] = {0.25, STT " ReadVoltage"},
        [TRN_TECH_READ_TIME] = {2e-9, READ_PULSE},
        [TRN_TECH_CELL_AREA] = {54 * TRN_F2, STT " CellArea" TRN_F2_SOURCE},
        [TRN_TECH_LEVELS] = {2, STT ": one bit a cell"},
    }};
