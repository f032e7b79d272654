/* Checks that the public functions of this room share. */
#ifndef TRN_SIM_ANALOG_API_H
#define TRN_SIM_ANALOG_API_H

#include <trnnsf/remap.h>

#include "data/dataset.h"
#include "sim/analog/plan.h"

/* Chosen here. */
enum { TRN_REMAP_STARTS_MAX = 1000 };

trnnsf_status trn_analog_check_pointer(trnnsf_context *ctx, const char *function, const char *name,
                                       const void *pointer);
trnnsf_status trn_analog_read_options(trnnsf_context *ctx, const char *function,
                                      const struct trnnsf_analog_options *given,
                                      struct trnnsf_analog_options *options);
trnnsf_status trn_analog_check_samples(trnnsf_context *ctx, const char *function, const char *name,
                                       size_t n_samples, size_t n_in, const float *inputs);
trnnsf_status trn_analog_check_design(trnnsf_context *ctx, const char *function,
                                      const struct trnnsf_network *network,
                                      const struct trnnsf_mapping *mapping,
                                      const struct trnnsf_tech *tech, size_t n_calibration,
                                      const float *calibration_inputs);
trnnsf_status trn_analog_check_part(trnnsf_context *ctx, const char *function,
                                    const struct trn_analog_plan *plan,
                                    const struct trnnsf_dataset *dataset, uint32_t part,
                                    uint32_t loss);
trnnsf_status trn_analog_check_network(trnnsf_context *ctx, const char *function,
                                       const struct trn_analog_plan *plan,
                                       const struct trnnsf_network *network);

/* The plan with its ranges. */
trnnsf_status trn_analog_make_plan(trnnsf_context *ctx, const char *function,
                                   const struct trnnsf_network *network,
                                   const struct trnnsf_mapping *mapping,
                                   const struct trnnsf_tech *tech,
                                   const struct trnnsf_analog_options *options,
                                   size_t n_calibration, const float *calibration_inputs,
                                   struct trn_analog_plan **out_plan);
/* What a caller hands in to make chips of. */
struct trn_analog_design {
    const struct trnnsf_network *network;
    const struct trnnsf_mapping *mapping;
    const struct trnnsf_tech *tech;
    const struct trnnsf_analog_options *options; /* or NULL */
    size_t n_calibration;
    const float *calibration_inputs;
};
/* Checks all of it and makes a chip; faults and remap may be NULL. */
trnnsf_status trn_analog_create(trnnsf_context *ctx, const char *function,
                                const struct trn_analog_design *design,
                                const struct trnnsf_fault_map *faults,
                                const struct trnnsf_remap *remap,
                                struct trnnsf_analog **out_analog);
/* Frees a plan; NULL is fine. */
void trn_analog_plan_drop(trnnsf_context *ctx, struct trn_analog_plan *plan);

#endif
