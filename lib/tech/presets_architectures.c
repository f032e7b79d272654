/* ISAAC and PRIME: like puma-32nm, whose tables are of the same kind, but for what is published. */
#include "tech/presets_published.h"

#define ISAAC_CONFIG TRN_CROSSSIM "configs/ISAAC.json"
#define ISAAC_PARTS                                                                                \
    "Accelergy-Project/hwcomponents-library:hwcomponents_library/library/isaac.py (A. Shafiee et " \
    "al., ISCA 2016)"
#define ISAAC_CELL TRN_CIMLOOP "rram_isaac_isca_2016.cell.yaml"
#define PRIME_CONFIG TRN_CROSSSIM "configs/PRIME.json"

/* Both arrays' powers are in PUMA's table; no cell read at 0.2 V for the whole step fits them, so
 * the time for which it draws current does, as in puma-32nm. */
#define ARRAY_TIME(energy, on, off, cells)                                                         \
    ((energy) / (0.2 * 0.2 * (1 / (on) + 1 / (off)) / 2 * (cells)))
#define ARRAY_TIME_SOURCE " over V^2 g_mean N^2 of the cell"

const struct trn_tech_preset trn_preset_isaac = {
    "isaac",
    &trn_preset_puma,
    {128, 128},
    {
        [TRN_TECH_RESISTANCE_ON] = {2e3, ISAAC_CONFIG " Rmin"},
        [TRN_TECH_RESISTANCE_OFF] = {2e6, ISAAC_CONFIG " Rmax"},
        [TRN_TECH_READ_VOLTAGE] = {0.2, ISAAC_CELL " ReadVoltage"},
        [TRN_TECH_READ_TIME] = {ARRAY_TIME(0.3e-3 * 100e-9, 2e3, 2e6, 128 * 128),
                                "chosen here: " TRN_PUMA
                                " xbar_pow_dict 128 (0.3 mW for 100 ns, ISAAC's too)" //
                                ARRAY_TIME_SOURCE},
        [TRN_TECH_TIME_STEPS] = {16, ISAAC_CONFIG " dac: 16 bits, slice_size 1"},
        [TRN_TECH_WEIGHT_SLICES] = {8, ISAAC_CONFIG " num_slices"},
        [TRN_TECH_SLICE_BITS] = {2, ISAAC_CONFIG " cell_bits"},
        [TRN_TECH_COLUMN_AREA] = {1200e-12 / 128 + (60e-12 / 2 + 40e-12 / 8) / 128,
                                  ISAAC_PARTS " IsaacADC, one an array, half an IsaacShiftAdd; "
                                              "snh_area of " TRN_PUMA},
        [TRN_TECH_PE_AREA] = {(0.083 + 0.090) * 1e-6, ISAAC_PARTS " IsaacEDRAM, IsaacEDRAMBus"},
        [TRN_TECH_ROUTER_AREA] = {0.15e-6, ISAAC_PARTS " IsaacRouter"},
        [TRN_TECH_ADC_ENERGY] = {16e-3 / (1.2e9 * 8), ISAAC_PARTS " IsaacADC"},
        [TRN_TECH_SHIFT_ADD_ENERGY] = {0.021e-12, ISAAC_PARTS " IsaacShiftAdd"},
        [TRN_TECH_SHARED_ENERGY] = {20.45e-12 / 256, ISAAC_PARTS " IsaacEDRAM, 256 bits"},
        [TRN_TECH_SWITCH_ENERGY] = {0.054e-12 * 256, ISAAC_PARTS " IsaacEDRAMBus, 256 bits"},
        [TRN_TECH_ROUTER_POWER] = {42e-3, ISAAC_PARTS " IsaacRouter: 42 mW, shared by four tiles"},
        [TRN_TECH_MCAS_PER_PE] = {12, ISAAC_PARTS ": a tile's 12 IMAs of 8 arrays, the 8 slices"},
        [TRN_TECH_PES_PER_ROUTER] = {4, ISAAC_PARTS " IsaacRouterSharedByFour"},
        [TRN_TECH_LEVELS] = {4, ISAAC_CONFIG " cell_bits 2"},
        [TRN_TECH_DAC_BITS] = {1, ISAAC_CONFIG " dac slice_size 1"},
        [TRN_TECH_ADC_BITS] = {8, ISAAC_PARTS " IsaacADC: 8 bits; 9 with a sign in " ISAAC_CONFIG},
    }};

const struct trn_tech_preset trn_preset_prime = {
    "prime",
    &trn_preset_puma,
    {256, 256},
    {
        [TRN_TECH_RESISTANCE_ON] = {1e3, PRIME_CONFIG " Rmin"},
        [TRN_TECH_RESISTANCE_OFF] = {20e3, PRIME_CONFIG " Rmax"},
        [TRN_TECH_READ_VOLTAGE] = {0.2, ISAAC_CELL " ReadVoltage, from PRIME"},
        [TRN_TECH_READ_TIME] = {ARRAY_TIME(1.2e-3 * 256e-9, 1e3, 20e3, 256 * 256),
                                "chosen here: " TRN_PUMA
                                " xbar_pow_dict 256 (1.2 mW for 256 ns)" ARRAY_TIME_SOURCE},
        [TRN_TECH_STEP_TIME] = {256e-9, TRN_PUMA " xbar_ip_lat 256"},
        [TRN_TECH_TIME_STEPS] = {2, PRIME_CONFIG " dac: 6 bits, slice_size 3"},
        [TRN_TECH_DEVICES_PER_SIGN] = {2, PRIME_CONFIG " balanced: two arrays, one a sign"},
        [TRN_TECH_WEIGHT_SLICES] = {2, PRIME_CONFIG " num_slices"},
        [TRN_TECH_SLICE_BITS] = {4, PRIME_CONFIG " cell_bits"},
        [TRN_TECH_COLUMNS_PER_OUTPUT] = {1, PRIME_CONFIG " interleaved_posneg: false"},
        [TRN_TECH_ROW_ENERGY] = {TRN_ROW_POWER * 256e-9, TRN_ROW_SOURCE},
        [TRN_TECH_COLUMN_ENERGY] = {TRN_COLUMN_POWER * 256e-9, TRN_COLUMN_SOURCE},
        [TRN_TECH_ADC_ENERGY] = {6 * 0.25e-3 * 75e-9 / 128,
                                 TRN_PUMA " adc_pow_dyn_dict 6 + adc_pow_leak_dict 6: 128 "
                                          "conversions in adc_lat_dict 6"},
        [TRN_TECH_VALUE_BITS] = {6, PRIME_CONFIG " dac bits"},
        [TRN_TECH_LEVELS] = {16, PRIME_CONFIG " cell_bits 4"},
        [TRN_TECH_DAC_BITS] = {3, PRIME_CONFIG " dac slice_size 3"},
        [TRN_TECH_ADC_BITS] = {6, PRIME_CONFIG " RampADC, 6 bits"},
    }};
