#include "sim/analog/survey.h"

#include <math.h>
#include <string.h>

#include "base/context.h"

void trn_survey_free(struct trn_survey *survey)
{
    trn_free(survey->ctx, survey->seen);
    trn_free(survey->ctx, survey->bins);
}

trnnsf_status trn_survey_init(trnnsf_context *ctx, size_t things, double percentile,
                              struct trn_survey *survey)
{
    size_t count = ctx->threads * things;

    survey->ctx = ctx;
    survey->things = things;
    survey->seen = TRN_NEW_ARRAY(ctx, struct trn_analog_seen, count);
    if (!survey->seen)
        return TRN_NO_MEMORY;
    if (percentile >= 100)
        return TRNNSF_OK;
    survey->bins = trn_calloc(ctx, count, TRN_SEEN_BINS * sizeof *survey->bins);
    if (!survey->bins)
        return TRN_NO_MEMORY;
    for (size_t k = 0; k < count; k++)
        survey->seen[k].bins = survey->bins + k * TRN_SEEN_BINS;
    return TRNNSF_OK;
}

bool trn_survey_is_driven(const struct trn_survey *survey, size_t thing)
{
    uint64_t total = 0, zeros = 0;

    for (size_t w = 0; w < survey->ctx->threads; w++) {
        total += survey->seen[w * survey->things + thing].total;
        zeros += survey->seen[w * survey->things + thing].zeros;
    }
    return trn_analog_is_driven(total, zeros);
}

float trn_survey_range(const struct trn_survey *survey, size_t thing, double percentile,
                       bool *has_negative)
{
    uint64_t total = 0, below = 0;
    float most = 0, edge;
    uint32_t bin = 0;

    *has_negative = false;
    for (size_t w = 0; w < survey->ctx->threads; w++) {
        const struct trn_analog_seen *seen = &survey->seen[w * survey->things + thing];

        most = fmaxf(most, seen->most);
        *has_negative = *has_negative || seen->has_negative;
        total += seen->total;
    }
    if (!(most > 0))
        return 1;
    if (percentile >= 100)
        return most;
    for (bin = 0; bin < TRN_SEEN_BINS - 1; bin++) {
        for (size_t w = 0; w < survey->ctx->threads; w++)
            below += survey->seen[w * survey->things + thing].bins[bin];
        if ((double)below >= percentile / 100 * (double)total)
            break;
    }
    bin = (bin + 1) << TRN_SEEN_SHIFT;
    memcpy(&edge, &bin, sizeof edge);
    /* Not where nearly all values are 0. */
    return edge < most && edge > 1e-6f * most ? edge : most;
}
