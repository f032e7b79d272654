/** \file analog.h
 * What a mapped network computes on real devices: its weights written as conductances onto the
 * crossbars of one chip, read through converters. doc/analog.md has every effect with its formula
 * and source; the constants are those of the technology (the device's part of doc/cost-model.md).
 *
 * A chip and a study are immutable once made: any number of threads, each with its own context, may
 * use them. Every random number hangs on seed, chip, crossbar and device (written) or on seed,
 * chip, read, sample, crossbar and column (read), so results depend neither on threads nor on how
 * samples are cut into calls.
 */
#ifndef TRNNSF_ANALOG_H
#define TRNNSF_ANALOG_H

#include <trnnsf/mapping.h>
#include <trnnsf/wires.h>

TRNNSF_BEGIN_DECLS

/** One chip: a mapping written onto devices. */
typedef struct trnnsf_analog trnnsf_analog;
/** Accuracy over many chips. */
typedef struct trnnsf_analog_study trnnsf_analog_study;

/** What may keep a chip from being ideal, as bits. An effect takes place where its bit is set and
 * the technology's constants are not those of an ideal device. */
enum trnnsf_analog_effect {
    TRNNSF_ANALOG_LEVELS = 0x1,      /**< conductance_levels; digits of slices */
    TRNNSF_ANALOG_PULSES = 0x2,      /**< pulses, pulse_nonlinearity, pulse_sigma */
    TRNNSF_ANALOG_PROGRAMMING = 0x4, /**< programming_sigma_…: error of writing */
    TRNNSF_ANALOG_VARIATION = 0x8,   /**< variation_on, variation_off: device to device */
    TRNNSF_ANALOG_STUCK = 0x10,      /**< stuck_on_fraction, stuck_off_fraction */
    TRNNSF_ANALOG_READ_NOISE = 0x20, /**< read_sigma, read_sigma_on: white, anew at each read */
    TRNNSF_ANALOG_FLICKER = 0x40,    /**< flicker_…: 1/f noise, held during all reads of a chip */
    TRNNSF_ANALOG_DRIFT = 0x80,      /**< drift_… */
    TRNNSF_ANALOG_RETENTION = 0x100, /**< retention_… */
    TRNNSF_ANALOG_NONLINEAR = 0x200, /**< sinh_alpha_per_volt */
    TRNNSF_ANALOG_WIRES =
        0x400, /**< word_wire_ohm, bit_wire_ohm, driver_ohm, sense_ohm, access_ohm */
    TRNNSF_ANALOG_DAC = 0x800,  /**< dac_bits; with input_coding 1 the time_steps bits of inputs */
    TRNNSF_ANALOG_ADC = 0x1000, /**< adc_bits */
    TRNNSF_ANALOG_ALL = 0x1FFF
};

/** Where the column of negative weights, or the reference, is taken from a column. */
enum trnnsf_analog_subtraction {
    TRNNSF_ANALOG_CURRENTS = 0, /**< before the ADC, whose range then has both signs */
    TRNNSF_ANALOG_CODES = 1     /**< after it: each physical column is converted */
};

/** How a mapping is fitted to the defects of a chip, as bits (remap.h, doc/remap.md). */
enum trnnsf_remap_means {
    TRNNSF_REMAP_NONE = 0,
    TRNNSF_REMAP_LINES = 0x1,        /**< rows and columns are permuted, spare ones taken */
    TRNNSF_REMAP_COMPENSATION = 0x2, /**< good devices of a weight make up for its stuck ones */
    TRNNSF_REMAP_ALL = 0x3
};

/** How a chip is made and read. */
struct trnnsf_analog_options {
    size_t struct_size;
    uint64_t seed;         /**< of everything random; default 1 */
    uint32_t chip;         /**< number of the chip: others of one seed are independent; default 0 */
    uint32_t effects;      /**< enum trnnsf_analog_effect, or-ed; default ALL */
    double time_second;    /**< of reading, after drift_start_second after writing; 0 … 1e12,
                                default 0 */
    uint32_t compensation; /**< 1: each crossbar's outputs are multiplied by what its devices
                                together have lost since drift_start_second; default 1 */
    uint32_t uniform;      /**< 1: all layers share the scale of weights, and the ranges of DACs
                                and ADCs; default 0: each layer has its own */
    uint32_t subtraction;  /**< enum trnnsf_analog_subtraction; default CURRENTS */
    uint32_t wires_passes; /**< 0: exact wires; else line relaxation with as many passes, at most
                                100000, for each input; default 0 */
    double input_percentile; /**< of |input| of a layer that is the DAC's full scale, where the
                                  network has no range for it; (0, 100], default 100: the largest
                              */
    double sum_percentile;   /**< of |column's sum| that is the ADC's full scale; likewise */
    uint32_t network_ranges; /**< 1: a network trained or quantised for a device keeps the ranges
                                  of its weights and the converters that it has; 0: it is taken
                                  for one without; default 1 */
    uint32_t remap; /**< enum trnnsf_remap_means, or-ed: before writing, the mapping is fitted to
                         the stuck and off-nominal devices of each chip; default NONE */
    uint32_t remap_starts; /**< as `starts` of trnnsf_remap_options; default 1 */
    uint32_t reserved;     /**< 0 */
};
#define TRNNSF_ANALOG_OPTIONS_INIT                                                                 \
    {                                                                                              \
        sizeof(struct trnnsf_analog_options), 1, 0, 0x1FFF, 0.0, 1, 0, 0, 0, 100.0, 100.0, 1, 0,   \
            1, 0                                                                                   \
    }
/** Fills `options` with the defaults; NULL is fine. Any thread. Since 0.1. */
TRNNSF_API void trnnsf_analog_options_init(struct trnnsf_analog_options *options);

/** Writes a mapping onto the devices of one chip and sets the ranges of its converters.
 *
 * How a weight becomes conductances follows the technology: a pair where devices_per_sign is 2; one
 * device and a reference column a crossbar where it is 1: the reference holds weight 0 in the
 * middle of the range, or, where unipolar_weights is 1, at its end, and the sign of a crossbar's
 * weights is applied to its digital sums. weight_slices devices hold slice_bits bits of a weight
 * each.
 *
 * Ranges are those of the calibration inputs on an ideal chip (levels and digits only), so they are
 * the same for all chips. A network that was trained or quantised for a device
 * (trnnsf_network_device()) brings ranges of its own: full scale of a layer's weights is their
 * range, so that its levels are the devices' where both have as many; full scale of a layer's DAC
 * is the range of its converter, with the technology's bits. Where there is no DAC, and of the last
 * layer's sums, the network's converters work on numbers as in trnnsf_mapping_forward().
 *
 * \param network the one that was mapped; its biases and activations are copied, and what else the
 *        nodes of a graph compute, which is digital. A graph's layer is read once a window of its mapping.
 * \param mapping made for as many columns_per_output as `tech` has.
 * \param tech the technology.
 * \param options NULL: the defaults.
 * \param n_calibration samples to calibrate with; 0 where neither converters (DAC, ADC with bits)
 *        nor NONLINEAR take place, or no ADC and all inputs have ranges of the network's own.
 *        With `remap` they also tell what inputs weigh.
 * \param calibration_inputs [n_calibration x features of a sample], row-major, finite; NULL
 *        only for none.
 * \param out_analog the chip; the caller owns it.
 *
 * TRNNSF_E_INVALID: a NULL argument, an option out of range, no calibration inputs where they are
 * needed; TRNNSF_E_MISMATCH: the mapping is not the network's or not for the technology, a unipolar
 * technology and a crossbar of both signs (the text names it); TRNNSF_E_NUMERIC: an input is not
 * finite; TRNNSF_E_LIMIT: inputs of more than 24 bits,
 * sinh_alpha_per_volt x read_voltage_volt above 50, arrays above 4096 with wires;
 * TRNNSF_E_CANCELLED; TRNNSF_E_NO_MEMORY. The same bits for any number of threads. Cost: some
 * nanoseconds a device, a forward pass of the calibration inputs, and with wires an elimination an
 * array (trnnsf_wires_create()). Source: doc/analog.md. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_analog_create(
    trnnsf_context *context, const trnnsf_network *network, const trnnsf_mapping *mapping,
    const trnnsf_tech *tech, const struct trnnsf_analog_options *options, size_t n_calibration,
    const float *calibration_inputs, trnnsf_analog **out_analog);
/** Frees a chip; NULL is fine. Since 0.1. */
TRNNSF_API void trnnsf_analog_free(trnnsf_analog *analog);

/** What the chip computes.
 *
 * Inputs pass the DAC, column sums the ADC; partial sums of the crossbars are added as numbers, or,
 * where analog_sums is 1, as currents before the ADC; biases and activations are digital and exact.
 *
 * \param n_samples at least 1.
 * \param inputs [n_samples x inputs of the first layer], row-major, finite.
 * \param read number of the read: read noise of others is independent.
 * \param out_outputs [n_samples x outputs of the last layer], row-major; the caller's.
 * TRNNSF_E_INVALID: a NULL argument or no samples; TRNNSF_E_NUMERIC: an input is not finite, or
 * non-linear wires do not converge; TRNNSF_E_CANCELLED; TRNNSF_E_NO_MEMORY. Without effects equal
 * to trnnsf_mapping_forward() up to the rounding of float sums. Cost: a product, with read noise
 * two, for each slice and each bit of the inputs; with NONLINEAR cells and wires, or wires_passes,
 * a solution of every array for each input. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_analog_forward(trnnsf_context *context, const trnnsf_analog *analog,
                                               size_t n_samples, const float *inputs, uint64_t read,
                                               float *out_outputs);
/** Accuracy and loss of the chip on one part of a dataset.
 * \param part enum trnnsf_part; must have samples.
 * \param loss enum trnnsf_loss.
 * \param read as for trnnsf_analog_forward().
 * \param out_result written as a whole, of the caller.
 * TRNNSF_E_INVALID: a NULL argument, no such part or loss; TRNNSF_E_STATE: the part is empty;
 * TRNNSF_E_MISMATCH: features, classes or loss do not fit; the others as for
 * trnnsf_analog_forward(). Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_analog_evaluate(trnnsf_context *context,
                                                const trnnsf_analog *analog,
                                                const trnnsf_dataset *dataset, uint32_t part,
                                                uint32_t loss, uint64_t read,
                                                struct trnnsf_evaluation *out_result);
/** Where the chip leaves its network, layer by layer.
 * \param network the one that the chip was made for.
 * \param n_samples, inputs, read as for trnnsf_analog_forward().
 * \param out_errors [layers] root mean square of (output - the network's output) over that of the
 *        network's output, both after the activation, each on what its own previous layer gave;
 * NULL: not wanted. \param out_dac_saturation, out_adc_saturation [layers] fraction of the
 * conversions beyond full scale; 0 without converters; NULL: not wanted. TRNNSF_E_MISMATCH: another
 * network's layers; others as for trnnsf_analog_forward(). Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_analog_measure(trnnsf_context *context, const trnnsf_analog *analog,
                                               const trnnsf_network *network, size_t n_samples,
                                               const float *inputs, uint64_t read,
                                               double *out_errors, double *out_dac_saturation,
                                               double *out_adc_saturation);

/** Layers; 0 for NULL. Any thread. Since 0.1. */
TRNNSF_API size_t trnnsf_analog_layers(const trnnsf_analog *analog);
/** Crossbars, as the mapping has them; 0 for NULL. Any thread. Since 0.1. */
TRNNSF_API size_t trnnsf_analog_crossbars(const trnnsf_analog *analog);
/** Physical arrays of each crossbar: devices_per_sign x weight_slices / columns_per_output; 0 for
 * NULL. Any thread. Since 0.1. */
TRNNSF_API size_t trnnsf_analog_arrays(const trnnsf_analog *analog);
/** Rows of a crossbar's arrays that are used; 0 for no such crossbar. Any thread. Since 0.1. */
TRNNSF_API size_t trnnsf_analog_rows(const trnnsf_analog *analog, size_t crossbar);
/** Columns of a crossbar's arrays that are used, references included; 0 for no such crossbar. Any
 * thread. Since 0.1. */
TRNNSF_API size_t trnnsf_analog_columns(const trnnsf_analog *analog, size_t crossbar);
/** Conductances of one array, as they are at the time of reading, without wires.
 * \param crossbar, array below trnnsf_analog_crossbars() and trnnsf_analog_arrays().
 * \param out_conductances [rows x columns], row-major, siemens; the caller's. columns_per_output of
 *        an output stand side by side: devices of the first slice, positive before negative, then
 *        of the next one; references come last. On a remapped chip rows and outputs are in the
 *        order of the physical lines that they take (remap.h).
 * TRNNSF_E_INVALID: a NULL argument, no such crossbar or array. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_analog_conductances(trnnsf_context *context,
                                                    const trnnsf_analog *analog, size_t crossbar,
                                                    size_t array, double *out_conductances);
/** One array with the technology's wires and its law of cells, whether or not those effects take place:
 * where voltage and current are lost, input by input (wires.h).
 * \param crossbar, array as above.
 * \param out_wires of the conductances at the time of reading; the caller owns it.
 * TRNNSF_E_INVALID: a NULL argument, no such crossbar or array; TRNNSF_E_LIMIT: an array above 4096;
 * TRNNSF_E_CANCELLED; TRNNSF_E_NO_MEMORY. Cost: trnnsf_wires_create(). Source: doc/wires.md. Since
 * 0.1. */
TRNNSF_API trnnsf_status trnnsf_analog_wires(trnnsf_context *context, const trnnsf_analog *analog,
                                             size_t crossbar, size_t array,
                                             trnnsf_wires **out_wires);
/** Largest |weight| of a layer's scale: what resistance_on_ohm stands for. NaN for no such layer.
 * Any thread. Since 0.1. */
TRNNSF_API double trnnsf_analog_weight_range(const trnnsf_analog *analog, size_t layer);
/** Full scale of a layer's DACs in units of its inputs; NaN where inputs are not scaled, or for no
 * such layer. Any thread. Since 0.1. */
TRNNSF_API double trnnsf_analog_input_range(const trnnsf_analog *analog, size_t layer);
/** Full scale of the ADCs of one slice of a layer, in amperes at read_voltage_volt; NaN without
 * ADC, or for no such layer or slice. Any thread. Since 0.1. */
TRNNSF_API double trnnsf_analog_sum_range(const trnnsf_analog *analog, size_t layer, size_t slice);
/** Writes one array as a SPICE netlist, with the technology's wires and its law of cells where
 * those effects take place: trnnsf_wires_netlist() of trnnsf_analog_conductances(). \param inputs
 * [rows] volt. \param path the file; written beside and renamed. TRNNSF_E_INVALID: a NULL argument,
 * no such crossbar or array, an input out of range; TRNNSF_E_NOT_FOUND, TRNNSF_E_IO: it cannot be
 * written; TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_analog_netlist(trnnsf_context *context, const trnnsf_analog *analog,
                                               size_t crossbar, size_t array, const double *inputs,
                                               const char *path);

/** What a study does. */
struct trnnsf_analog_study_options {
    size_t struct_size;
    uint32_t chips; /**< 1 … 1000000; default 10: numbers `chip`, `chip` + 1, … of the options */
    uint32_t each;  /**< 1: also every effect that the technology has, alone; default 0 */
};
#define TRNNSF_ANALOG_STUDY_OPTIONS_INIT                                                           \
    {                                                                                              \
        sizeof(struct trnnsf_analog_study_options), 10, 0                                          \
    }
/** Fills `options` with the defaults; NULL is fine. Any thread. Since 0.1. */
TRNNSF_API void trnnsf_analog_study_options_init(struct trnnsf_analog_study_options *options);

/** Evaluates many chips on one part of a dataset: a Monte-Carlo study. Chip k is read with number
 * k.
 *
 * Case 0 has all effects of the options; with `each`, one further case for each of them that takes
 * place, alone.
 *
 * \param options of the chips; NULL: the defaults.
 * \param study_options NULL: the defaults.
 * \param part, loss as for trnnsf_analog_evaluate().
 * \param out_study the result; the caller owns it.
 * Others as for trnnsf_analog_create(). Statuses of that and of trnnsf_analog_evaluate().
 * Progress phase: "study". Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_analog_study_run(
    trnnsf_context *context, const trnnsf_network *network, const trnnsf_mapping *mapping,
    const trnnsf_tech *tech, const struct trnnsf_analog_options *options,
    const struct trnnsf_analog_study_options *study_options, size_t n_calibration,
    const float *calibration_inputs, const trnnsf_dataset *dataset, uint32_t part, uint32_t loss,
    trnnsf_analog_study **out_study);
/** Frees a study; NULL is fine. Since 0.1. */
TRNNSF_API void trnnsf_analog_study_free(trnnsf_analog_study *study);
/** Cases; 0 for NULL. Any thread. Since 0.1. */
TRNNSF_API size_t trnnsf_analog_study_cases(const trnnsf_analog_study *study);
/** The effects of a case that take place: bits of enum trnnsf_analog_effect; 0 for no such case.
 * Any thread. Since 0.1. */
TRNNSF_API uint32_t trnnsf_analog_study_effects(const trnnsf_analog_study *study, size_t index);
/** Accuracy of the network itself on the same samples; NaN for NULL. Any thread. Since 0.1. */
TRNNSF_API double trnnsf_analog_study_ideal(const trnnsf_analog_study *study);
/** Accuracy of each chip of a case [chips], 0 … 1, chip by chip; their number in *out_count (may be
 * NULL). Belongs to the study; NULL for no such case, *out_count then unchanged. Any thread. Since
 * 0.1. */
TRNNSF_API const double *trnnsf_analog_study_accuracies(const trnnsf_analog_study *study,
                                                        size_t index, size_t *out_count);
/** Error of each layer in a case [layers], as trnnsf_analog_measure() has it, on the first 256
 * samples at most: the mean over chips. As above. Since 0.1. */
TRNNSF_API const double *trnnsf_analog_study_errors(const trnnsf_analog_study *study, size_t index,
                                                    size_t *out_count);

/** Distribution of accuracy over the chips of a case. */
struct trnnsf_analog_summary {
    size_t struct_size;
    double mean;
    double deviation; /**< standard deviation, of n - 1; 0 for one chip */
    double least;
    double low;    /**< quantile 0.05, between order statistics linearly (as numpy does) */
    double median; /**< quantile 0.5 */
    double high;   /**< quantile 0.95 */
    double most;
    double loss;           /**< mean over chips */
    double dac_saturation; /**< mean over chips and layers, on the samples of the errors */
    double adc_saturation; /**< likewise */
};
/** Sums up a case.
 * \param out_summary its struct_size is set by the caller; filled as far as that reaches.
 * TRNNSF_E_INVALID: a NULL argument, no such case, a struct_size that is none. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_analog_study_summary(trnnsf_context *context,
                                                     const trnnsf_analog_study *study, size_t index,
                                                     struct trnnsf_analog_summary *out_summary);

TRNNSF_END_DECLS

#endif
