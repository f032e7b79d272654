/** \file spiking.h
 * Networks as spiking ones: conversion to integrate-and-fire neurons, an event-driven simulator
 * whose cost follows the spikes, on the network itself or through a mapping's crossbars, and
 * reports of firing rates against activations. Handles are immutable once made and may be shared
 * between threads and contexts. doc/spiking.md has every formula.
 */
#ifndef TRNNSF_SPIKING_H
#define TRNNSF_SPIKING_H

#include <trnnsf/analog.h>
#include <trnnsf/cost.h>
#include <trnnsf/tile.h>

TRNNSF_BEGIN_DECLS

typedef struct trnnsf_spiking trnnsf_spiking;
typedef struct trnnsf_spike_record trnnsf_spike_record;

/** What a spike does to its neuron's potential. */
enum trnnsf_reset {
    TRNNSF_RESET_SUBTRACT = 0, /**< the threshold is subtracted: no charge is lost */
    TRNNSF_RESET_ZERO = 1      /**< it becomes 0 */
};

/** How a layer's threshold is set against what drives it. */
enum trnnsf_balance {
    TRNNSF_BALANCE_ACTIVATIONS = 0, /**< by a percentile of the network's activations */
    TRNNSF_BALANCE_CURRENTS = 1     /**< by a percentile of the largest currents met while spiking */
};

/** How conversion is done. */
struct trnnsf_spiking_options {
    size_t struct_size;
    uint32_t reset;       /**< enum trnnsf_reset; default SUBTRACT */
    uint32_t balance;     /**< enum trnnsf_balance; default ACTIVATIONS */
    uint32_t calibration; /**< training samples looked at, the first ones; 1 … 2^24, default 2048 */
    uint32_t steps;       /**< of the runs of CURRENTS; 1 … 65536, default 64 */
    double percentile;    /**< (0, 100]; 100: the largest; default 99.9 */
    double leak;          /**< part of the potential lost in a step, [0, 1); default 0 */
    double initial;       /**< potential at the start over the threshold, [0, 1); default 0.5 */
};
#define TRNNSF_SPIKING_OPTIONS_INIT                                                                \
    {                                                                                              \
        sizeof(struct trnnsf_spiking_options), 0, 0, 2048, 64, 99.9, 0.0, 0.5                      \
    }
/** Fills `options` with the defaults; NULL is fine. Any thread. Since 0.1. */
TRNNSF_API void trnnsf_spiking_options_init(struct trnnsf_spiking_options *options);

/** Turns a network into a spiking one. Hidden neurons integrate and fire; the last layer's
 * integrate what they get, and fire as well where a run asks for it.
 *
 * Weights of layer l are multiplied by s(l-1) / s(l), biases by 1 / s(l), the threshold is 1: s is
 * a percentile of the layer's activations over the calibration samples (of the inputs, the largest;
 * where the network has converters, their range), so a neuron that spikes at every step stands for
 * s. With CURRENTS s is, layer by layer, the same percentile of the largest currents that a neuron
 * met in a step while the layers before it spiked.
 *
 * Of a graph, which is folded first, nodes with max(z, 0) or that cut at 6 and the last node are the
 * layers; means, sums, joins and batch norms between them are done by synapses (doc/spiking.md).
 *
 * \param network hidden layers have max(z, 0); its weights and biases are copied.
 * \param dataset whose training part calibrates.
 * \param options NULL: the defaults.
 * \param out_spiking the result; the caller owns it.
 * TRNNSF_E_INVALID: a NULL argument, an option out of range; TRNNSF_E_UNSUPPORTED: a hidden layer
 * with another activation, a node that spikes cannot stand for, such as a max pool (the text names
 * it); TRNNSF_E_MISMATCH: the dataset's features are not
 * the network's inputs; TRNNSF_E_STATE: no training samples; TRNNSF_E_NUMERIC: an activation is not
 * finite; TRNNSF_E_CANCELLED; TRNNSF_E_NO_MEMORY. The same bits for any number of threads. Source:
 * P. U. Diehl et al., "Fast-classifying, high-accuracy spiking deep networks through weight and
 * threshold balancing", IJCNN 2015 (largest activation; thresholds); B. Rueckauer et al.,
 * "Conversion of continuous-valued deep networks to efficient event-driven networks for image
 * classification", Frontiers in Neuroscience 11:682, 2017 (percentile; reset by subtraction).
 * Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_spiking_convert(trnnsf_context *context,
                                                const trnnsf_network *network,
                                                const trnnsf_dataset *dataset,
                                                const struct trnnsf_spiking_options *options,
                                                trnnsf_spiking **out_spiking);
/** The same spiking network with the synapses that a mapping has on its crossbars: spikes drive
 * crossbars, partial sums of an output's crossbars are added. Synaptic currents are whole multiples
 * of a layer's unit and their sums exact, so the spikes are those of the network itself, whatever
 * the mapping, where it holds all weights.
 * \param spiking converted from the mapping's network; of a graph the mapping is that of the network
 *        folded, by kernel columns, and its reads are not recorded.
 * \param out_mapped the result; the caller owns it.
 * TRNNSF_E_INVALID: a NULL argument; TRNNSF_E_MISMATCH: layers of other sizes, of a graph also larger
 * weights; TRNNSF_E_UNSUPPORTED: several places of a graph's convolution at once;
 * TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_spiking_map(trnnsf_context *context, const trnnsf_spiking *spiking,
                                            const trnnsf_mapping *mapping,
                                            trnnsf_spiking **out_mapped);
/** The same spiking network with the synapses that the devices of a chip make: levels, programming
 * errors, variation, stuck devices, drift, retention, flicker, wires. An input that fires drives its
 * row at the full read voltage, so DAC and NONLINEAR do not show; read noise and the ADC take no
 * part (trnnsf_spiking_on_chip() has them). A chip without device effects gives the spikes of the network itself.
 * \param spiking converted from the network that the chip was made for.
 * \param out_written the result; the caller owns it.
 * TRNNSF_E_INVALID: a NULL argument; TRNNSF_E_MISMATCH: layers of other sizes;
 * TRNNSF_E_UNSUPPORTED: wires that are solved for each input; TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_spiking_write(trnnsf_context *context,
                                              const trnnsf_spiking *spiking,
                                              const trnnsf_analog *analog,
                                              trnnsf_spiking **out_written);
/** Frees a spiking network; NULL is fine. Since 0.1. */
TRNNSF_API void trnnsf_spiking_free(trnnsf_spiking *spiking);
/** Layers of neurons, the inputs apart; 0 for NULL. Any thread. Since 0.1. */
TRNNSF_API size_t trnnsf_spiking_layers(const trnnsf_spiking *spiking);
/** What a rate of 1 of the neurons that feed a layer stands for, or, for the number of layers, of
 * the last layer's; NaN for no such layer. Any thread. Since 0.1. */
TRNNSF_API double trnnsf_spiking_scale(const trnnsf_spiking *spiking, size_t layer);
/** What inputs are turned into. */
enum trnnsf_coding {
    TRNNSF_CODING_CURRENT = 0,    /**< a constant current, at every step */
    TRNNSF_CODING_POISSON = 1,    /**< a spike at a step with probability |x| / largest |x| */
    TRNNSF_CODING_FIRST_SPIKE = 2 /**< one spike, the earlier the larger x; its current stays on */
};
/** What a sample's class is read from. */
enum trnnsf_readout {
    TRNNSF_READOUT_POTENTIAL = 0, /**< the largest potential; the last layer does not fire */
    TRNNSF_READOUT_SPIKES = 1     /**< most spikes, among equals the largest potential */
};

/** How a run goes. */
struct trnnsf_spike_run_options {
    size_t struct_size;
    uint32_t steps;    /**< 1 … 1048576; default 32 */
    uint32_t coding;   /**< enum trnnsf_coding; default CURRENT */
    uint32_t readout;  /**< enum trnnsf_readout; default POTENTIAL */
    uint32_t patience; /**< a sample ends where its class has stood for so many steps; 0: never */
    uint64_t seed;     /**< of POISSON and of read noise; default 0 */
    uint32_t traffic;  /**< 1: on a mapping, what its crossbars meet is recorded; default 0 */
    uint32_t reserved; /**< 0 */
};
#define TRNNSF_SPIKE_RUN_OPTIONS_INIT                                                              \
    {                                                                                              \
        sizeof(struct trnnsf_spike_run_options), 32, 0, 0, 0, 0, 0, 0                                  \
    }
/** Fills `options` with the defaults; NULL is fine. Any thread. Since 0.1. */
TRNNSF_API void trnnsf_spike_run_options_init(struct trnnsf_spike_run_options *options);

/** The same spiking network on a chip, as its crossbars are read at each step: the sums of the rows
 * that are driven, with the read noise of each column and crossbar, pass the ADC; partial sums of
 * crossbars are added as converted numbers, or, where analog_sums is 1, as currents before one
 * conversion an output. A crossbar that nothing drives in a step is not read. Noise hangs on the
 * chip's seed and number, the run's seed, sample, step, crossbar and column. What is not random is
 * in whole units, and so the same in any order; a chip that has neither read noise nor ADC gives
 * the spikes of trnnsf_spiking_write(), at no further cost. Inputs coded as currents drive their
 * rows at each step, with 12 bits of their scale: no DAC, no law of the device.
 * \param spiking converted from the network that the chip was made for.
 * \param n_calibration samples that the ranges of the ADC come from, 1 … 2^31; 0 without ADC.
 * \param calibration_inputs [n_calibration x inputs of the first layer], row-major, finite: run on
 *        a chip with levels, but no other effect; sum_percentile of the sums' sizes is full scale.
 * \param options how that is run: steps, coding; NULL: the defaults.
 * \param out_chip the result; the caller owns it.
 * TRNNSF_E_INVALID: a NULL argument, an option out of range, no calibration inputs where there is
 * an ADC; TRNNSF_E_NUMERIC: an input is not finite; others as for trnnsf_spiking_write(), and
 * TRNNSF_E_CANCELLED. The same bits for any number of threads. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_spiking_on_chip(trnnsf_context *context,
                                                const trnnsf_spiking *spiking,
                                                const trnnsf_analog *analog, size_t n_calibration,
                                                const float *calibration_inputs,
                                                const struct trnnsf_spike_run_options *options,
                                                trnnsf_spiking **out_chip);

/** Runs samples with labels.
 * \param n_samples at least 1, at most 2^31.
 * \param inputs [n_samples x inputs of the first layer], row-major, finite.
 * \param labels [n_samples], each below the last layer's outputs.
 * \param options NULL: the defaults.
 * \param out_record what happened; the caller owns it.
 * TRNNSF_E_INVALID: a NULL argument, an option or a label out of range; TRNNSF_E_NUMERIC: an input
 * is not finite; TRNNSF_E_CANCELLED; TRNNSF_E_NO_MEMORY. Progress phase: "spikes". The same bits
 * for any number of threads, and a sample's do not depend on the others. Cost: for each spike its
 * outgoing synapses, for each neuron and step some nanoseconds. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_spiking_run(trnnsf_context *context, const trnnsf_spiking *spiking,
                                            size_t n_samples, const float *inputs,
                                            const uint32_t *labels,
                                            const struct trnnsf_spike_run_options *options,
                                            trnnsf_spike_record **out_record);
/** Runs one part of a dataset.
 * \param part enum trnnsf_part; must have samples.
 * TRNNSF_E_STATE: it has none; TRNNSF_E_MISMATCH: features or classes do not fit; others as for
 * trnnsf_spiking_run(). Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_spiking_evaluate(trnnsf_context *context,
                                                 const trnnsf_spiking *spiking,
                                                 const trnnsf_dataset *dataset, uint32_t part,
                                                 const struct trnnsf_spike_run_options *options,
                                                 trnnsf_spike_record **out_record);
/** Frees a record; NULL is fine. Since 0.1. */
TRNNSF_API void trnnsf_spike_record_free(trnnsf_spike_record *record);
/** Samples of the run; 0 for NULL. Any thread. Since 0.1. */
TRNNSF_API size_t trnnsf_spike_record_samples(const trnnsf_spike_record *record);
/** Accuracy, 0 … 1, after each step [steps], samples that have ended counting with the class that
 * they ended with; the number of steps in *out_count (may be NULL). Belongs to the record. NULL for
 * NULL. Any thread. Since 0.1. */
TRNNSF_API const double *trnnsf_spike_record_accuracy(const trnnsf_spike_record *record,
                                                      size_t *out_count);
/** Class of each sample [samples] at its end; belongs to the record. NULL for NULL. Any thread.
 * Since 0.1. */
TRNNSF_API const uint32_t *trnnsf_spike_record_classes(const trnnsf_spike_record *record);
/** Steps that each sample took [samples]; as above. Since 0.1. */
TRNNSF_API const uint32_t *trnnsf_spike_record_steps(const trnnsf_spike_record *record);
/** Spikes of each neuron that feeds a layer (0: the inputs), or, for the number of layers, of the
 * last layer's, over all samples; their number in *out_count (may be NULL). Inputs coded as currents
 * and last layers that do not fire have none. Belongs to the record; NULL for no such layer,
 * *out_count then unchanged. Any thread. Since 0.1. */
TRNNSF_API const uint64_t *trnnsf_spike_record_spikes(const trnnsf_spike_record *record,
                                                      size_t layer, size_t *out_count);
/** Spikes a sample of all layers together. NaN for NULL. Any thread. Since 0.1. */
TRNNSF_API double trnnsf_spike_record_rate(const trnnsf_spike_record *record);
/** The activity that a cost is computed from, as it was met: a neuron's rate is its spikes a step,
 * its `nonzero` the fraction of the samples in which it spiked. Of inputs coded as currents, as
 * trnnsf_activity_measure() has them. It carries the mean number of steps of the run, which a cost
 * takes in the place of the technology's time_steps, and, where traffic was recorded, the reads and
 * updates below (not of inputs coded as currents). TRNNSF_E_INVALID: a NULL argument;
 * TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_spike_record_activity(trnnsf_context *context,
                                                      const trnnsf_spike_record *record,
                                                      trnnsf_activity **out_activity);
/** Steps a sample took in the mean; NaN for NULL. Any thread. Since 0.1. */
TRNNSF_API double trnnsf_spike_record_mean_steps(const trnnsf_spike_record *record);

/** Fraction of the conversions of a layer that were beyond the ADC's full scale; 0 where none was
 * made, NaN for no such layer. Any thread. Since 0.1. */
TRNNSF_API double trnnsf_spike_record_saturation(const trnnsf_spike_record *record, size_t layer);

/** Steps, over all samples, in which an input of a crossbar spiked, for each crossbar of a layer in the
 * order of the mapping; their number in *out_count (may be NULL). Belongs to the record; NULL for no
 * such layer or where traffic was not recorded, *out_count then unchanged. Any thread. Since 0.1. */
TRNNSF_API const uint64_t *trnnsf_spike_record_reads(const trnnsf_spike_record *record,
                                                     size_t layer, size_t *out_count);
/** The same of each output of a layer: steps in which a spike came to it over a synapse. Since 0.1.
 */
TRNNSF_API const uint64_t *trnnsf_spike_record_updates(const trnnsf_spike_record *record,
                                                       size_t layer, size_t *out_count);

/** Spikes on their way into a layer, a sample. */
struct trnnsf_spike_traffic {
    size_t struct_size;
    double spikes;   /**< of the neurons that feed it */
    double rows;     /**< rows driven: each spike once for every crossbar that reads its neuron */
    double messages; /**< spikes between PEs: each once for every PE with such a crossbar */
    double reads;    /**< crossbars driven, step by step: the vectors of spikes that are sent to
                          crossbars, of which the cost model makes packets; NaN: not recorded */
    double updates;  /**< neurons to which something came, step by step; likewise */
};
/** What a run's spikes are on a mapping.
 * \param mapping of a network with the record's layer sizes; reads and updates are known on the one
 *        that the run was on, with `traffic` 1.
 * \param tech whose mcas_per_pe crossbars are a PE, layer by layer.
 * \param layer or TRNNSF_ALL_LAYERS.
 * \param out_traffic its struct_size is set by the caller; filled as far as that reaches.
 * TRNNSF_E_INVALID: a NULL argument, no such layer, a struct_size that is none; TRNNSF_E_MISMATCH:
 * layers of other sizes; TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_spike_record_traffic(trnnsf_context *context,
                                                     const trnnsf_spike_record *record,
                                                     const trnnsf_mapping *mapping,
                                                     const trnnsf_tech *tech, size_t layer,
                                                     struct trnnsf_spike_traffic *out_traffic);

/** How a layer's firing rates stand to the network's activations over their scale. */
struct trnnsf_rate_report {
    size_t struct_size;
    double rate;       /**< spikes a neuron and step, mean */
    double activation; /**< activation over scale, mean */
    double error;      /**< root mean square of rate - activation clipped to [0, 1] */
    double bias;       /**< mean of the same difference: charge lost or gained on the way */
    double clipped;    /**< fraction of the activations above the scale */
    double silent;     /**< fraction of the activations above 0 whose neuron never fired */
    double correlation; /**< of rate and activation; NaN where one of them is constant */
};
/** Explains a loss of accuracy: compares layer by layer.
 * \param network the one that was converted.
 * \param n_samples, inputs, options as for trnnsf_spiking_run().
 * \param out_reports [layers - 1], of the hidden layers; each one's struct_size is set by the
 *        caller; filled as far as that reaches.
 * TRNNSF_E_MISMATCH: another network's layers; others as for trnnsf_spiking_run(). Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_spiking_compare(trnnsf_context *context,
                                                const trnnsf_spiking *spiking,
                                                const trnnsf_network *network, size_t n_samples,
                                                const float *inputs,
                                                const struct trnnsf_spike_run_options *options,
                                                struct trnnsf_rate_report *out_reports);
/** The spikes of one sample, for raster plots and other tools.
 * \param inputs [inputs of the first layer].
 * \param layer as for trnnsf_spike_record_spikes().
 * \param out_trains [neurons x steps], 1 where it spiked; the caller's.
 * TRNNSF_E_INVALID also for no such layer; others as for trnnsf_spiking_run(). Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_spiking_trains(trnnsf_context *context,
                                               const trnnsf_spiking *spiking, const float *inputs,
                                               const struct trnnsf_spike_run_options *options,
                                               size_t layer, uint8_t *out_trains);

/** The spiking network as a graph for tiles (trnnsf/tile.h), layer by layer: its inputs, then each
 * layer's neurons. Weights, biases and initial potentials are those of the conversion, over the
 * threshold, which is 1; a weight that came to 0 is no synapse. With spikes for inputs,
 * trnnsf_spike_graph_simulate() gives the spikes of trnnsf_spiking_run(), up to roundings of 2^-24
 * of the threshold.
 * \param record a run of this network: its spikes a sample are the graph's. Inputs that were
 *        currents get those that a rate code would send, |x| over its scale in each step.
 * \param out_graph the caller's; free with trnnsf_spike_graph_free().
 * TRNNSF_E_INVALID: a NULL argument; TRNNSF_E_MISMATCH: the record has other layers;
 * TRNNSF_E_UNSUPPORTED: neurons that leak or are reset to 0; TRNNSF_E_LIMIT: too many neurons or
 * synapses (2^31, 2^32); TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_spiking_graph(trnnsf_context *context,
                                              const trnnsf_spiking *spiking,
                                              const trnnsf_spike_record *record,
                                              trnnsf_spike_graph **out_graph);
/** Runs samples through such a graph, or through one made from it by trimming or decomposition,
 * event by event: what decomposition does to a network's classes. Inputs are coded, with the same
 * random numbers, as trnnsf_spiking_run() does; an input below 0 spikes with its weights negated.
 * Arithmetic is that of trnnsf_spike_graph_simulate(), so that an exact decomposition has the same
 * results, bit by bit.
 * \param spiking the network that the graph was made from.
 * \param n_samples, inputs, options as for trnnsf_spiking_run(); patience must be 0.
 * \param out_classes [n_samples]; NULL: not wanted.
 * \param out_counts [n_samples x outputs of the network] spikes of its last layer's neurons (0 with
 *        READOUT_POTENTIAL, where they do not fire); NULL: not wanted.
 * \param out_spikes [neurons of the graph] spikes a sample, for trnnsf_spike_graph_set_spikes();
 *        of a sum the steps in which it is not 0; NULL: not wanted.
 * TRNNSF_E_INVALID: a NULL argument, an option out of range; TRNNSF_E_MISMATCH: the graph has other
 * inputs or outputs; TRNNSF_E_UNSUPPORTED: patience; TRNNSF_E_NUMERIC: an input is not finite;
 * TRNNSF_E_LIMIT: as trnnsf_spike_graph_simulate(); TRNNSF_E_CANCELLED, the outputs then being
 * filled in part; TRNNSF_E_NO_MEMORY. Progress phase: "spikes". The same bits for any number of
 * threads. Cost: for each spike its outgoing synapses, for each neuron and step some nanoseconds.
 * Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_spiking_graph_run(trnnsf_context *context,
                                                  const trnnsf_spiking *spiking,
                                                  const trnnsf_spike_graph *graph, size_t n_samples,
                                                  const float *inputs,
                                                  const struct trnnsf_spike_run_options *options,
                                                  uint32_t *out_classes, uint32_t *out_counts,
                                                  double *out_spikes);

TRNNSF_END_DECLS

#endif
