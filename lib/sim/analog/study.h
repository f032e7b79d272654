/* Accuracy over many chips. */
#ifndef TRN_SIM_ANALOG_STUDY_H
#define TRN_SIM_ANALOG_STUDY_H

#include "data/dataset.h"
#include "sim/analog/analog.h"

struct trn_analog_case {
    uint32_t effects;
    double *accuracy; /* [chips] */
    double *errors;   /* [layers] means over chips */
    double loss, dac_saturation, adc_saturation;
};

struct trnnsf_analog_study {
    trnnsf_context *ctx; /* held */
    size_t n_cases, n_chips, n_layers;
    struct trn_analog_case *cases;
    double ideal;
};

/* What is studied; arguments have been checked. */
struct trn_analog_subject {
    const struct trnnsf_network *network;
    const struct trnnsf_mapping *mapping;
    const struct trnnsf_tech *tech;
    struct trnnsf_analog_options options;
    size_t n_calibration;
    const float *calibration_inputs;
    const struct trn_part *part;
    uint32_t loss;
};

trnnsf_status trn_analog_study_run(trnnsf_context *ctx, const char *function,
                                   const struct trn_analog_subject *subject,
                                   const struct trnnsf_analog_study_options *options,
                                   struct trnnsf_analog_study **out_study);
void trn_analog_study_free(struct trnnsf_analog_study *study);

#endif
