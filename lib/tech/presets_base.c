/* Architectures whose sources give every constant of the cost model; the other descriptors are like
 * one of them. A constant that a preset's own source lacks is taken from a named other one, or
 * chosen here with its reason; doc/cost-model.md has the derivations. Golden files and results
 * depend on these values. */
#include "tech/presets.h"

#define RESPARC_OLD "Aayush-Ankit/RESPARC-plc:src/compute_energy.py"
#define RESPARC_MLP "Aayush-Ankit/RESPARC-plc:src/compute_energy_latency_mlp.py"
#define PUMA "Aayush-Ankit/puma-simulator:include/constants.py"
#define PUMA_CONFIG "Aayush-Ankit/puma-simulator:include/config.py"
#define ISAAC_CELL "mit-emze/cimloop:workspace/models/memory_cells/rram_isaac_isca_2016.cell.yaml"
#define SCALED " at 32 nm, area times (45/32)^2"
#define ONE_DEVICE "chosen here: " RESPARC_OLD " counts N^2 devices an MCA, one a weight"

/* Areas of resparc-45nm, so that four 64x64 MCAs make up the PE of RESPARC_MLP (0.0196 mm2). */
#define NODE_SCALE ((45.0 / 32) * (45.0 / 32))
#define MCA_AREA (0.0196e-6 / 4)
#define CELL45 (6.25e-12 / 4096 * NODE_SCALE)
#define BIT45 (0.00033e-6 / 1024 * NODE_SCALE)
#define REST_AREA (MCA_AREA - 4096 * CELL45 - (64 * 1 + 64 * 4) * BIT45)
#define REST_SOURCE                                                                                \
    "chosen here: " RESPARC_MLP " compute_area 0.0196 mm2 a PE is not split by its source; what "  \
    "arrays and buffers leave of it goes half to neurons, a quarter each to rows and columns"

const struct trn_tech_preset trn_preset_resparc = {
    "resparc-45nm",
    NULL,
    {64, 64},
    {
        [TRN_TECH_RESISTANCE_ON] = {20e3, RESPARC_OLD " g_min, g_max"},
        [TRN_TECH_RESISTANCE_OFF] = {200e3, RESPARC_OLD " g_min, g_max"},
        [TRN_TECH_READ_VOLTAGE] = {0.5, RESPARC_OLD " v_mca = vdd/2"},
        [TRN_TECH_READ_TIME] = {5e-9, RESPARC_OLD " cycle_time"},
        [TRN_TECH_STEP_TIME] = {100e-9, RESPARC_MLP " compute_lat"},
        [TRN_TECH_TIME_STEPS] = {32, "chosen here: the rates of 4-bit membrane potentials settle "
                                     "within some tens of steps; sources give no number"},
        [TRN_TECH_INPUT_CODING] = {0, RESPARC_OLD " spike_probability: rate-coded spikes"},
        [TRN_TECH_DEVICES_PER_SIGN] = {1, ONE_DEVICE},
        [TRN_TECH_WEIGHT_SLICES] = {1, ONE_DEVICE},
        [TRN_TECH_SLICE_BITS] = {1, "no meaning with one slice"},
        [TRN_TECH_COLUMNS_PER_OUTPUT] = {1, ONE_DEVICE},
        [TRN_TECH_CELL_AREA] = {CELL45, PUMA " xbar_area_dict 64" SCALED},
        [TRN_TECH_ROW_AREA] = {REST_AREA / 4 / 64, REST_SOURCE},
        [TRN_TECH_COLUMN_AREA] = {REST_AREA / 4 / 64, REST_SOURCE},
        [TRN_TECH_NEURON_AREA] = {REST_AREA / 2 / 64, REST_SOURCE},
        [TRN_TECH_BUFFER_BIT_AREA] = {BIT45, PUMA " xbar_inMem_area_dict 64: 64 x 16 bits" SCALED},
        [TRN_TECH_PE_AREA] = {0, RESPARC_MLP " compute_area holds all of a PE"},
        [TRN_TECH_ROUTER_AREA] = {0.0259e-6, RESPARC_MLP " router_area"},
        [TRN_TECH_LINK_AREA] = {0.00996e-6, RESPARC_MLP " link_area"},
        [TRN_TECH_ROW_ENERGY] = {(3.50625e-6 + 0.390625e-6) * 45 / 32 * 5e-9, PUMA
                                 " dac_pow_dyn_dict + dac_pow_leak_dict at 1 bit, times 45/32, "
                                 "over the 5 ns cycle"},
        [TRN_TECH_COLUMN_ENERGY] = {0, RESPARC_OLD ": the neuron takes the column's current"},
        [TRN_TECH_ADC_ENERGY] = {0, RESPARC_OLD ": no converter"},
        [TRN_TECH_SHIFT_ADD_ENERGY] = {0, RESPARC_OLD ": no slices"},
        [TRN_TECH_ADDER_ENERGY] = {0.373e-12 * 4 / 16,
                                   PUMA " alu_pow_others_dyn before its 32/45, 1 ns, 4 of 16 bits"},
        [TRN_TECH_NEURON_ENERGY] = {2e-12 * 45 / 65, RESPARC_OLD " neuron_energy"},
        [TRN_TECH_BUFFER_WRITE_ENERGY] = {0.28 * 0.6e-3 * 5e-9 / 64,
                                          RESPARC_OLD " buff_write_energy, a write of 64 spikes"},
        [TRN_TECH_BUFFER_READ_ENERGY] = {0, RESPARC_OLD " counts writes only"},
        [TRN_TECH_SHARED_ENERGY] = {0, RESPARC_OLD ": no shared memory"},
        [TRN_TECH_SWITCH_ENERGY] = {2 * 0.231e-3 * 5e-9, RESPARC_OLD " switch_energy"},
        [TRN_TECH_VOLTAGE_FACTOR] = {0.7 * 0.7, RESPARC_OLD " v_scale"},
        [TRN_TECH_ROUTER_POWER] = {23.1e-3, RESPARC_MLP " router_pow"},
        [TRN_TECH_LINK_POWER] = {3e-3, RESPARC_MLP " link_pow"},
        [TRN_TECH_HOP_TIME] = {57.29e-9 / 5.54, RESPARC_MLP
                               " noc_average_latency / noc_average_hop at side 14, that "
                               "of the dense 784-1200-1200-10 network"},
        [TRN_TECH_LOCAL_TIME] = {14.86e-9,
                                 RESPARC_MLP " noc_average_latency / noc_average_hop at side 2"},
        [TRN_TECH_PACKET_BITS] = {128, RESPARC_MLP " packet_width"},
        [TRN_TECH_FLIT_BITS] = {16, RESPARC_MLP " flit_width"},
        [TRN_TECH_VALUE_BITS] = {1, RESPARC_MLP ": 64 spikes are 64 bits"},
        [TRN_TECH_SUM_BITS] = {4, RESPARC_MLP " vmem_precision"},
        [TRN_TECH_MCAS_PER_PE] = {4, RESPARC_MLP " num_xbar_per_pe"},
        [TRN_TECH_PES_PER_ROUTER] = {4, RESPARC_MLP " noc_conc"},
    }};

/* The effective time for which the array draws current, so that one at the mean conductance with
 * all rows driven takes what PUMA's table says: 0.3 mW for 100 ns at 128x128. */
#define ISAAC_ON 1333.0
#define ISAAC_OFF 20000.0
#define PUMA_READ_TIME                                                                             \
    (0.3e-3 * 100e-9 / (0.2 * 0.2 * (1 / ISAAC_ON + 1 / ISAAC_OFF) / 2 * 128 * 128))

const struct trn_tech_preset trn_preset_puma = {
    "puma-32nm",
    NULL,
    {128, 128},
    {
        [TRN_TECH_RESISTANCE_ON] = {ISAAC_ON, ISAAC_CELL " (1.333 kOhm, ISAAC)"},
        [TRN_TECH_RESISTANCE_OFF] = {ISAAC_OFF, ISAAC_CELL " (20 kOhm, ISAAC)"},
        [TRN_TECH_READ_VOLTAGE] = {0.2, ISAAC_CELL " (0.2 V, ISAAC)"},
        [TRN_TECH_READ_TIME] = {PUMA_READ_TIME,
                                "chosen here: " PUMA " xbar_pow_dict 128 (0.3 mW for 100 ns) over "
                                "V^2 g_mean N^2 of the ISAAC cell"},
        [TRN_TECH_STEP_TIME] = {100e-9, PUMA " xbar_ip_lat"},
        [TRN_TECH_TIME_STEPS] = {16, PUMA_CONFIG " input_prec 16 / dac_res 1"},
        [TRN_TECH_INPUT_CODING] = {1, PUMA_CONFIG " dac_res 1: one bit a step"},
        [TRN_TECH_DEVICES_PER_SIGN] = {1, PUMA_CONFIG " phy2log_ratio 8: no second array a sign"},
        [TRN_TECH_WEIGHT_SLICES] = {8, PUMA_CONFIG " phy2log_ratio = num_bits 16 / xbar_bits 2"},
        [TRN_TECH_SLICE_BITS] = {2, PUMA_CONFIG " xbar_bits"},
        [TRN_TECH_COLUMNS_PER_OUTPUT] = {1, PUMA_CONFIG ": slices are physical crossbars"},
        [TRN_TECH_CELL_AREA] = {25e-12 / 16384, PUMA " xbar_area_dict 128"},
        [TRN_TECH_ROW_AREA] = {1.67e-13, PUMA " dac_area_dict"},
        [TRN_TECH_COLUMN_AREA] = {(0.0012e-6 + 6e-11) / 128 + 0.00004e-6 / 8 / 128,
                                  PUMA " adc_area_dict + sna_area, one a physical crossbar as its "
                                       "100 ns step needs, and snh_area"},
        [TRN_TECH_NEURON_AREA] = {0.0003e-6 / 128, PUMA " act_area, one an MCA"},
        [TRN_TECH_BUFFER_BIT_AREA] = {0.00078e-6 / 2048, PUMA " xbar_inMem_area_dict 128"},
        [TRN_TECH_PE_AREA] = {(0.086 + 0.090 + 0.00145 + 0.0044) * 1e-6,
                              PUMA " edram 64 KB + edram_bus + edram_ctrl + receive_buffer"},
        [TRN_TECH_ROUTER_AREA] = {0.047e-6, PUMA " noc_area_dict 4"},
        [TRN_TECH_LINK_AREA] = {0, PUMA ": router and channel are one figure"},
        [TRN_TECH_ROW_ENERGY] = {(3.50625e-6 + 0.390625e-6) * 100e-9,
                                 PUMA " dac_pow_dyn_dict + dac_pow_leak_dict over the 100 ns step"},
        [TRN_TECH_COLUMN_ENERGY] = {9.7e-9 * 100e-9, PUMA " snh_pow over the 100 ns step"},
        [TRN_TECH_ADC_ENERGY] = {2e-3 * 100e-9 / 128, PUMA
                                 " adc_pow_dyn_dict 8 + adc_pow_leak_dict 8: 128 conversions in "
                                 "adc_lat_dict 8"},
        [TRN_TECH_SHIFT_ADD_ENERGY] = {0.05e-3 * 1e-9, PUMA " sna_pow x sna_lat"},
        [TRN_TECH_ADDER_ENERGY] = {0.373e-3 * 32 / 45 * 1e-9, PUMA " alu_pow_others_dyn x alu_lat"},
        [TRN_TECH_NEURON_ENERGY] = {0.26e-3 * 1e-9, PUMA " act_pow x act_lat"},
        [TRN_TECH_BUFFER_WRITE_ENERGY] = {(0.16e-3 + 0.04e-3) * 1e-9 / 16,
                                          PUMA " xbar_inMem_pow_dyn_write_dict + leak, 16 bits"},
        [TRN_TECH_BUFFER_READ_ENERGY] = {(1.7e-3 + 0.04e-3) * 1e-9 / 128,
                                         PUMA " xbar_inMem_pow_dyn_read_dict + leak, 128 rows"},
        [TRN_TECH_SHARED_ENERGY] = {17.2e-12 / 256, PUMA " edram: 17.2 pJ an access of 256 bits"},
        [TRN_TECH_SWITCH_ENERGY] = {(3e-3 + 0.5e-3) * 2e-9,
                                    PUMA " edram_bus_pow, two cycles for 256 bits"},
        [TRN_TECH_VOLTAGE_FACTOR] = {1, PUMA ": no voltage scaling"},
        [TRN_TECH_ROUTER_POWER] = {(16.13 + 0.41) * 1e-3, PUMA " noc_pow_dyn_dict 4 + leak"},
        [TRN_TECH_LINK_POWER] = {0, PUMA ": router and channel are one figure"},
        [TRN_TECH_HOP_TIME] = {31e-9 / 4.81, PUMA
                               " noc_lat_dict 0.005 (31 ns a packet) over the 4.81 mean hops "
                               "that " RESPARC_MLP " has for a 12x12 mesh, nearest to 168 tiles"},
        [TRN_TECH_LOCAL_TIME] = {31e-9 / 4.81, "as hop_time_second"},
        [TRN_TECH_PACKET_BITS] = {256, PUMA_CONFIG " edram_buswidth: 16 neurons a packet"},
        [TRN_TECH_FLIT_BITS] = {32, PUMA_CONFIG " flit_width"},
        [TRN_TECH_VALUE_BITS] = {16, PUMA_CONFIG " num_bits"},
        [TRN_TECH_SUM_BITS] = {16, PUMA_CONFIG " num_bits"},
        [TRN_TECH_MCAS_PER_PE] = {16, PUMA_CONFIG " num_ima 8 x num_matrix 2 a tile"},
        [TRN_TECH_PES_PER_ROUTER] = {4, PUMA_CONFIG " cmesh_c"},
    }};
