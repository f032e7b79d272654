/* Constants of the device from reads of written devices; trnnsf/tech.h states the rules. */
#ifndef TRN_TECH_MEASUREMENTS_H
#define TRN_TECH_MEASUREMENTS_H

#include "tech/tech.h"

struct trn_tech_read {
    uint32_t device;
    double target;      /* siemens */
    double time;        /* seconds after writing */
    double conductance; /* siemens */
};

/* Sorts `reads`. `file` stands in the sources and begins error texts. TRNNSF_E_FORMAT: too little
 * for a fit; TRNNSF_E_INVALID: constants that no descriptor may have, or at odds with the base's.
 */
trnnsf_status trn_tech_fit(trnnsf_context *ctx, const struct trnnsf_tech *base, const char *file,
                           size_t count, struct trn_tech_read *reads,
                           const struct trnnsf_tech_measurements_options *options,
                           struct trnnsf_tech **out_tech);

#endif
