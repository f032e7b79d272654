/* What values reach: from what every worker has seen of some things to ranges of converters. */
#ifndef TRN_SIM_ANALOG_SURVEY_H
#define TRN_SIM_ANALOG_SURVEY_H

#include "sim/analog/read.h"

struct trn_survey {
    trnnsf_context *ctx;
    size_t things;
    struct trn_analog_seen *seen; /* [workers x things] */
    uint32_t *bins;               /* of all, where percentiles are wanted */
};

/* Of a percentile of 100 the largest value alone is kept. */
trnnsf_status trn_survey_init(trnnsf_context *ctx, size_t things, double percentile,
                              struct trn_survey *survey);
void trn_survey_free(struct trn_survey *survey);
/* Whether most of a layer's inputs are 0. */
bool trn_survey_is_driven(const struct trn_survey *survey, size_t thing);
/* The least edge of a bin below which the percentile of the values lies; 1 where all were 0. */
float trn_survey_range(const struct trn_survey *survey, size_t thing, double percentile,
                       bool *has_negative);

#endif
