/* What all chips of one design share: how weights become devices, and the ranges of converters. */
#ifndef TRN_SIM_ANALOG_PLAN_H
#define TRN_SIM_ANALOG_PLAN_H

#include <stdbool.h>
#include <trnnsf/analog.h>

#include "map/geometry.h"
#include "map/mapping.h"
#include "network/network.h"
#include "tech/tech.h"

/* Chosen here: a crossbar's side; codes that a float rounds exactly; samples of a task. */
enum { TRN_ANALOG_SIDE_MAX = 65536, TRN_ANALOG_BITS_MAX = 22, TRN_ANALOG_CHUNK = 128 };

enum trn_analog_scheme {
    TRN_ANALOG_PAIR,
    TRN_ANALOG_REFERENCE, /* weight 0 in the middle of the range */
    TRN_ANALOG_UNIPOLAR   /* weight 0 at its end, one sign a crossbar */
};

struct trn_analog_layer {
    size_t n_in, n_out; /* of the mapped matrix */
    struct trn_map_lines lines; /* of a graph's layer: what drives its rows, and where sums go */
    uint32_t activation;
    float *biases; /* or NULL */
    size_t first, n_crossbars;
    struct trn_converter input; /* the network's own of what feeds the layer; range 0: none */
    float weight_range;         /* of weights; positive */
    float input_range;          /* of inputs; 1 where they are not scaled */
    bool signed_sums;           /* what the ADC sees */
    bool is_driven;             /* most inputs are 0: driven.c */
    float sum_range[32];        /* of a group: decoded sum at the ADC's full scale */
    double *moments;            /* [n_in] mean squares of inputs, for remapping; or NULL */
};

struct trn_analog_crossbar {
    size_t layer, n_in, n_out;
    size_t rows, places; /* of the physical arrays: rows, and outputs that they have room for */
    const uint32_t *inputs, *outputs;
    const float *weights; /* [n_out x n_in] */
    bool adjoining;       /* inputs are consecutive numbers */
    float sign;           /* of the digital sums: -1 for negative weights of a unipolar device */
};

struct trn_analog_plan {
    trnnsf_context *ctx; /* not held: a plan is part of what holds it */
    struct trnnsf_analog_options options;
    double value[TRN_TECH_KEYS]; /* the technology, ideal where an effect is left out */
    uint32_t effects;            /* that take place */
    enum trn_analog_scheme scheme;
    size_t slices, signs, devices; /* devices of a weight = slices x signs */
    size_t per_array, arrays;      /* devices side by side; physical arrays */
    double base, top;              /* of a slice's digits; largest number of all slices */
    double centre;                 /* weight 0 of REFERENCE as a number 0 … top, or in [0, 1] */
    double levels;                 /* of one slice; 0: any */
    double multiple;               /* largest weight over the used part of the range */
    double off;                    /* resistance_on_ohm / resistance_off_ohm */
    double place[32];              /* what a slice's full range is of the weight */
    size_t groups;                 /* slices that are converted by themselves, or 1 */
    bool codes;                    /* subtraction after the ADC */
    bool scaled;                   /* inputs are scaled to input_range */
    bool sums_only;                /* nobody asks for devices: they may be left out */
    bool by_vector;                /* wires are solved for each input */
    size_t bits;                   /* steps of bit-serial inputs; 0: one read of all */
    struct trn_converter output;   /* the network's own of the last layer's sums; range 0: none */
    size_t n_features, n_classes;  /* of a sample; of the outputs */
    uint32_t activation;           /* of these */
    /* A graph's nodes, for what they do between the layers; its own weights are gone. NULL: a chain. */
    struct trnnsf_network *graph;
    size_t n_layers, n_crossbars;
    struct trn_analog_layer *layers;
    struct trn_analog_crossbar *crossbars;
    uint32_t *index; /* copies of the mapping's */
    float *weights;
    const struct trn_analog_lines *lines; /* of a remapped chip; NULL: as mapped */
};

/* Columns of all arrays of a crossbar, references included. */
static inline size_t trn_analog_references(const struct trn_analog_plan *plan)
{
    return plan->scheme == TRN_ANALOG_PAIR ? 0 : plan->devices;
}

static inline size_t trn_analog_physical(const struct trn_analog_plan *plan,
                                         const struct trn_analog_crossbar *crossbar)
{
    return crossbar->n_out * plan->devices + trn_analog_references(plan);
}

static inline size_t trn_analog_array_columns(const struct trn_analog_plan *plan,
                                              const struct trn_analog_crossbar *crossbar)
{
    return trn_analog_physical(plan, crossbar) / plan->arrays;
}

/* The physical column of an output's device, or, for output n_out, of the device's reference. */
static inline size_t trn_analog_column(const struct trn_analog_plan *plan,
                                       const struct trn_analog_crossbar *crossbar, size_t output,
                                       size_t device)
{
    return device / plan->per_array * trn_analog_array_columns(plan, crossbar) +
           output * plan->per_array + device % plan->per_array;
}

/* Columns that are converted after those of the outputs, a group. */
static inline size_t trn_analog_minus(const struct trn_analog_plan *plan,
                                      const struct trn_analog_crossbar *crossbar)
{
    if (!plan->codes)
        return 0;
    return plan->scheme == TRN_ANALOG_PAIR ? crossbar->n_out : 1;
}

/* Sums that a group of a crossbar has. */
static inline size_t trn_analog_rows(const struct trn_analog_plan *plan,
                                     const struct trn_analog_crossbar *crossbar)
{
    return crossbar->n_out + trn_analog_minus(plan, crossbar);
}

/* The same of noise: a reference that is subtracted as a current has noise of its own. */
static inline size_t trn_analog_noise_rows(const struct trn_analog_plan *plan,
                                           const struct trn_analog_crossbar *crossbar)
{
    if (plan->codes || plan->scheme == TRN_ANALOG_PAIR)
        return trn_analog_rows(plan, crossbar);
    return crossbar->n_out + 1;
}

/* Weight for a relative conductance in a slice of a layer. */
static inline double trn_analog_coefficient(const struct trn_analog_plan *plan, size_t layer,
                                            size_t slice)
{
    return (double)plan->layers[layer].weight_range * plan->multiple * plan->place[slice] /
           (1 - plan->off);
}

/* Values that feed a layer: of a convolution the image's. */
static inline size_t trn_analog_values(const struct trn_analog_plan *plan, size_t layer)
{
    const struct trn_analog_layer *own = &plan->layers[layer];

    return plan->graph ? (size_t)trn_map_values(&own->lines.geometry) : own->n_in;
}

static inline bool trn_analog_has(const struct trn_analog_plan *plan, uint32_t effects)
{
    return (plan->effects & effects) != 0;
}

/* The network's own converter of what feeds a layer, or, for the number of layers, of the last
 * one's sums; NULL: none. */
static inline const struct trn_converter *trn_analog_converter(const struct trn_analog_plan *plan,
                                                               size_t layer)
{
    const struct trn_converter *converter =
        layer < plan->n_layers ? &plan->layers[layer].input : &plan->output;

    return converter->range > 0 ? converter : NULL;
}

/* The same where no DAC stands in for it: then it works on numbers. */
static inline const struct trn_converter *trn_analog_digital(const struct trn_analog_plan *plan,
                                                             size_t layer)
{
    return layer < plan->n_layers && trn_analog_has(plan, TRNNSF_ANALOG_DAC)
               ? NULL
               : trn_analog_converter(plan, layer);
}

/* Effects that change what devices conduct in the end. */
enum {
    TRN_ANALOG_DEVICE_EFFECTS = TRNNSF_ANALOG_LEVELS | TRNNSF_ANALOG_PULSES |
                                TRNNSF_ANALOG_PROGRAMMING | TRNNSF_ANALOG_VARIATION |
                                TRNNSF_ANALOG_STUCK | TRNNSF_ANALOG_FLICKER | TRNNSF_ANALOG_DRIFT |
                                TRNNSF_ANALOG_RETENTION
};

/* What a mapping and a technology alone say: scheme and crossbars. */
trnnsf_status trn_analog_plan_devices(trnnsf_context *ctx, const char *function,
                                      const struct trnnsf_mapping *mapping,
                                      const struct trnnsf_tech *tech,
                                      const struct trnnsf_analog_options *options,
                                      struct trn_analog_plan *plan);
/* All but the ranges of converters that samples tell. `function` is named in error texts. */
trnnsf_status trn_analog_plan_init(trnnsf_context *ctx, const char *function,
                                   const struct trnnsf_network *network,
                                   const struct trnnsf_mapping *mapping,
                                   const struct trnnsf_tech *tech,
                                   const struct trnnsf_analog_options *options,
                                   struct trn_analog_plan *plan);
void trn_analog_plan_clear(struct trn_analog_plan *plan);

/* The technology's constants with all effects outside the mask ideal; the effects that take place
 * are returned. */
uint32_t trn_analog_effects(const struct trnnsf_tech *tech,
                            const struct trnnsf_analog_options *options, double *value);

/* Whether ranges are wanted: then trn_analog_calibrate() has to be called with samples. */
bool trn_analog_needs_ranges(const struct trn_analog_plan *plan);
trnnsf_status trn_analog_calibrate(trnnsf_context *ctx, const char *function,
                                   struct trn_analog_plan *plan,
                                   const struct trnnsf_network *network, size_t n_samples,
                                   const float *inputs);

/* Where in [0, 1] between off and on a device of one output, or (output n_out) of the reference,
 * should be, for all inputs. */
void trn_analog_target(const struct trn_analog_plan *plan,
                       const struct trn_analog_crossbar *crossbar, size_t output, size_t device,
                       float *m);
/* The same of one input, for all devices of an output: m[devices]. */
void trn_analog_targets_of(const struct trn_analog_plan *plan,
                           const struct trn_analog_crossbar *crossbar, size_t output, size_t input,
                           float *m);
/* The same of the reference of one slice, which is that of all inputs. */
float trn_analog_reference_target(const struct trn_analog_plan *plan, size_t slice);

#endif
