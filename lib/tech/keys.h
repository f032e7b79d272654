/* The one list of constants, in two parts: id, key (its unit in its name; without one it is a
 * number or a fraction), plausible range, whole numbers only, and what it means; those of the
 * device have the value that they take where a descriptor says nothing: an ideal device. Keys are
 * never renamed; new ones are appended. */
#ifndef TRN_TECH_KEYS_H
#define TRN_TECH_KEYS_H

/* Ranges are chosen here: wide around the devices and circuits of the public literature, but narrow
 * enough to catch a slip of units (mm2 for m2, nJ for pJ). */
#define TRN_TECH_KEY_LIST(X)                                                                       \
    X(RESISTANCE_ON, "resistance_on_ohm", 10, 1e9, 0, "device that holds the largest weight")      \
    X(RESISTANCE_OFF, "resistance_off_ohm", 10, 1e13, 0, "device that holds weight 0")             \
    X(READ_VOLTAGE, "read_voltage_volt", 1e-3, 5, 0, "on a row that is driven")                    \
    X(READ_TIME, "read_time_second", 1e-12, 1e-3, 0, "how long a driven row draws current")        \
    X(STEP_TIME, "step_time_second", 1e-10, 1e-2, 0, "one read of an MCA with its periphery")      \
    X(TIME_STEPS, "time_steps", 1, 100000, 1, "reads an inference: spike steps or input bits")     \
    X(INPUT_CODING, "input_coding", 0, 1, 1, "0: spike rate; 1: bits of a number, one a step")     \
    X(DEVICES_PER_SIGN, "devices_per_sign", 1, 2, 1, "1: one device a weight; 2: a pair")          \
    X(WEIGHT_SLICES, "weight_slices", 1, 32, 1, "devices that share a weight's magnitude")         \
    X(SLICE_BITS, "slice_bits", 1, 16, 1, "bits a device holds where there are slices")            \
    X(COLUMNS_PER_OUTPUT, "columns_per_output", 1, 64, 1, "columns of one array an output takes")  \
    X(CELL_AREA, "cell_area_square_metre", 1e-18, 1e-9, 0, "one device with its access")           \
    X(ROW_AREA, "row_area_square_metre", 0, 1e-9, 0, "driver or DAC of one row")                   \
    X(COLUMN_AREA, "column_area_square_metre", 0, 1e-8, 0, "sensing and ADC share of a column")    \
    X(NEURON_AREA, "neuron_area_square_metre", 0, 1e-8, 0, "neuron circuit of one MCA output")     \
    X(BUFFER_BIT_AREA, "buffer_area_square_metre_per_bit", 0, 1e-10, 0, "input and output buffer") \
    X(PE_AREA, "pe_area_square_metre", 0, 1e-5, 0, "what a PE has beside MCAs: shared memory")     \
    X(ROUTER_AREA, "router_area_square_metre", 0, 1e-5, 0, "one router")                           \
    X(LINK_AREA, "link_area_square_metre", 0, 1e-5, 0, "the links of one router")                  \
    X(ROW_ENERGY, "row_energy_joule", 0, 1e-11, 0, "driving one row for one step")                 \
    X(COLUMN_ENERGY, "column_energy_joule", 0, 1e-11, 0, "sense or sample one column")             \
    X(ADC_ENERGY, "adc_energy_joule", 0, 1e-9, 0, "one conversion")                                \
    X(SHIFT_ADD_ENERGY, "shift_add_energy_joule", 0, 1e-11, 0, "adding one converted column")      \
    X(ADDER_ENERGY, "adder_energy_joule", 0, 1e-11, 0, "adding one partial sum")                   \
    X(NEURON_ENERGY, "neuron_energy_joule", 0, 1e-9, 0, "one neuron update or activation")         \
    X(BUFFER_WRITE_ENERGY, "buffer_write_energy_joule_per_bit", 0, 1e-11, 0, "MCA's buffers")      \
    X(BUFFER_READ_ENERGY, "buffer_read_energy_joule_per_bit", 0, 1e-11, 0, "MCA's buffers")        \
    X(SHARED_ENERGY, "shared_memory_energy_joule_per_bit", 0, 1e-11, 0, "memory of the PE")        \
    X(SWITCH_ENERGY, "switch_energy_joule", 0, 1e-9, 0, "a packet from the PE's door to an MCA")   \
    X(VOLTAGE_FACTOR, "digital_voltage_factor", 0.01, 4, 0, "scales buffers and switches")         \
    X(ROUTER_POWER, "router_power_watt", 0, 1, 0, "one router, active")                            \
    X(LINK_POWER, "link_power_watt", 0, 1, 0, "the links of one router, active")                   \
    X(HOP_TIME, "hop_time_second", 0, 1e-5, 0, "a packet past one router of the mesh")             \
    X(LOCAL_TIME, "local_time_second", 0, 1e-5, 0, "a packet between PEs of one router")           \
    X(PACKET_BITS, "packet_bits", 1, 65536, 1, "payload of a packet")                              \
    X(FLIT_BITS, "flit_bits", 1, 65536, 1, "unit in which transfers are rounded up")               \
    X(VALUE_BITS, "value_bits", 1, 64, 1, "of an activation in a transfer; 1 for a spike")         \
    X(SUM_BITS, "sum_bits", 1, 64, 1, "of a partial sum or membrane potential")                    \
    X(MCAS_PER_PE, "mcas_per_pe", 1, 4096, 1, "MCAs that share a PE")                              \
    X(PES_PER_ROUTER, "pes_per_router", 1, 4096, 1, "PEs that share a router")

/* x is a device's conductance over that of resistance_on_ohm. */
#define TRN_TECH_DEVICE_LIST(X)                                                                    \
    X(UNIPOLAR, "unipolar_weights", 0, 1, 1, 0, "1: a crossbar's weights have one sign")           \
    X(LEVELS, "conductance_levels", 0, 65536, 1, 0, "that can be written; 0: any conductance")     \
    X(PULSES, "pulses", 0, 100000, 1, 0, "from off to on; 0: written until it is right")           \
    X(PULSE_NONLINEARITY, "pulse_nonlinearity", -20, 20, 0, 0, "of conductance over pulses")       \
    X(PULSE_SIGMA, "pulse_sigma", 0, 1, 0, 0, "of one pulse, over the conductance range")          \
    X(PROGRAMMING_CONSTANT, "programming_sigma_constant", -10, 10, 0, 0, "of x after writing")     \
    X(PROGRAMMING_LINEAR, "programming_sigma_linear", -10, 10, 0, 0, "the same, times x")          \
    X(PROGRAMMING_SQUARE, "programming_sigma_square", -10, 10, 0, 0, "the same, times x^2")        \
    X(PROGRAMMING_CUBE, "programming_sigma_cube", -10, 10, 0, 0, "the same, times x^3")            \
    X(PROGRAMMING_FOURTH, "programming_sigma_fourth", -10, 10, 0, 0, "the same, times x^4")        \
    X(PROGRAMMING_LOGNORMAL, "programming_sigma_log", 0, 5, 0, 0, "of ln x after writing")         \
    X(VARIATION_ON, "variation_on", 0, 2, 0, 0, "sigma of resistance_on_ohm, over its mean")       \
    X(VARIATION_OFF, "variation_off", 0, 2, 0, 0, "sigma of resistance_off_ohm, over its mean")    \
    X(STUCK_ON, "stuck_on_fraction", 0, 1, 0, 0, "of devices that stay on")                        \
    X(STUCK_OFF, "stuck_off_fraction", 0, 1, 0, 0, "of devices that stay off")                     \
    X(READ_SIGMA, "read_sigma", 0, 2, 0, 0, "of a device's current at each read, over it")         \
    X(READ_SIGMA_ON, "read_sigma_on", 0, 2, 0, 0, "the same, over the current of an on device")    \
    X(FLICKER, "flicker_sigma", 0, 1, 0, 0, "1/f noise: of x over x, at x = 1")                    \
    X(FLICKER_EXPONENT, "flicker_exponent", 0, 5, 0, 0, "falls as x to the power -exponent")       \
    X(FLICKER_MOST, "flicker_most", 0, 1, 0, 1, "and is this at most")                             \
    X(FLICKER_READ, "flicker_read_second", 1e-12, 1, 0, 250e-9, "time of the read it is for")      \
    X(DRIFT_SLOPE, "drift_slope", -1, 1, 0, 0, "exponent of drift: slope times ln x ...")          \
    X(DRIFT_OFFSET, "drift_offset", -1, 1, 0, 0, "... and this, ...")                              \
    X(DRIFT_LOW, "drift_low", -1, 1, 0, 0, "... at least this, ...")                               \
    X(DRIFT_HIGH, "drift_high", -1, 1, 0, 0, "... at most this")                                   \
    X(DRIFT_SIGMA_SLOPE, "drift_sigma_slope", -1, 1, 0, 0, "devices' sigma of it: likewise")       \
    X(DRIFT_SIGMA_OFFSET, "drift_sigma_offset", -1, 1, 0, 0, "likewise")                           \
    X(DRIFT_SIGMA_LOW, "drift_sigma_low", 0, 1, 0, 0, "likewise")                                  \
    X(DRIFT_SIGMA_HIGH, "drift_sigma_high", 0, 1, 0, 0, "likewise")                                \
    X(DRIFT_START, "drift_start_second", 1e-9, 1e9, 0, 1, "after writing; errors of writing hold") \
    X(RETENTION_SHIFT, "retention_shift_per_decade", -1, 1, 0, 0, "of x in ten times the time")    \
    X(RETENTION_SIGMA, "retention_sigma_per_decade", 0, 1, 0, 0, "of x, growing as its root")      \
    X(SINH_ALPHA, "sinh_alpha_per_volt", 0, 100, 0, 0, "I = g sinh(alpha V) / alpha; 0: linear")   \
    X(WORD_WIRE, "word_wire_ohm", 0, 1e6, 0, 0, "of a word line between two cells")                \
    X(BIT_WIRE, "bit_wire_ohm", 0, 1e6, 0, 0, "of a bit line between two cells")                   \
    X(DRIVER, "driver_ohm", 0, 1e6, 0, 0, "of a row's driver")                                     \
    X(SENSE, "sense_ohm", 0, 1e6, 0, 0, "of a column's sense amplifier")                           \
    X(ACCESS, "access_ohm", 0, 1e9, 0, 0, "in series with each device: its transistor")            \
    X(DAC_BITS, "dac_bits", 0, 24, 1, 0, "of an input's magnitude in a step; 0: any")              \
    X(ADC_BITS, "adc_bits", 0, 24, 1, 0, "of a converted column; 0: any")                          \
    X(ANALOG_SUMS, "analog_sums", 0, 1, 1, 0, "1: partial sums add as currents, then convert")     \
    X(REFERENCES, "reference_columns", 0, 16, 1, 0,                                                \
      "of an array beside its shape's: of references")                                             \
    X(ADC_AREA, "adc_area_square_metre", 0, 1e-8, 0, 0, "of column_area_square_metre: the ADC")    \
    X(SHARED_ADC, "shared_converters", 0, 1, 1, 0, "1: all layers take turns at one bank of ADCs")

#endif
