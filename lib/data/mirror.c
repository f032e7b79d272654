#include "data/mirror.h"

#include "base/context.h"

static void copy_mirrored(const struct trn_part *part, size_t n_features, float *values)
{
    for (size_t s = 0; s < part->n_samples; s++) {
        const float *from = part->values + s * n_features;
        float *to = values + 2 * s * n_features;

        for (size_t i = 0; i < n_features; i++) {
            to[i] = from[i];
            to[n_features + i] = -from[i];
        }
    }
}

trnnsf_status trn_dataset_mirror(trnnsf_context *ctx, struct trnnsf_dataset *dataset)
{
    size_t n_features = trn_dataset_features(dataset);
    float *values[TRN_PARTS] = {NULL};
    trnnsf_status status = TRNNSF_OK;

    if (2 * n_features > TRN_DATASET_FEATURES_MAX)
        return trn_fail(ctx, TRNNSF_E_LIMIT, "mirrored samples of 2 x %zu features are above %zu",
                        n_features, TRN_DATASET_FEATURES_MAX);
    for (size_t p = 0; p < TRN_PARTS; p++) {
        const struct trn_part *part = &dataset->part[p];

        if (part->n_samples == 0)
            continue;
        values[p] = trn_malloc(dataset->ctx, part->n_samples * n_features, 2 * sizeof(float));
        TRN_NEED_OUT(values[p]);
        copy_mirrored(part, n_features, values[p]);
    }
    for (size_t p = 0; p < TRN_PARTS; p++) {
        float *swap = dataset->part[p].values;

        dataset->part[p].values = values[p];
        values[p] = swap;
    }
    dataset->channels *= 2;
out:
    for (size_t p = 0; p < TRN_PARTS; p++)
        trn_free(dataset->ctx, values[p]);
    return status;
}
