#include <math.h>
#include <string.h>

#include "base/context.h"
#include "data/dataset.h"

void trnnsf_dataset_options_init(struct trnnsf_dataset_options *options)
{
    static const struct trnnsf_dataset_options defaults = TRNNSF_DATASET_OPTIONS_INIT;

    if (options)
        *options = defaults;
}

trnnsf_status trnnsf_dataset_create(trnnsf_context *context, size_t channels, size_t height,
                                    size_t width, size_t n_classes, trnnsf_dataset **out_dataset)
{
    trnnsf_status status;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!out_dataset)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_dataset_create: out_dataset is NULL");
    status = trn_dataset_create(context, channels, height, width, n_classes, out_dataset);
    return status ? trn_fail_in(context, status, "trnnsf_dataset_create") : TRNNSF_OK;
}

static trnnsf_status copy_part(trnnsf_context *ctx, size_t n_samples, size_t features,
                               const float *values, const uint32_t *labels, struct trn_part *part)
{
    size_t count;

    if (!trn_size_multiply(n_samples, features, &count))
        return trn_fail(ctx, TRNNSF_E_LIMIT, "%zu samples of %zu features are too many", n_samples,
                        features);
    if (n_samples == 0)
        return TRNNSF_OK;
    part->values = trn_copy(ctx, values, count, sizeof *values);
    if (!part->values)
        return TRNNSF_E_NO_MEMORY;
    part->labels = trn_copy(ctx, labels, n_samples, sizeof *labels);
    if (!part->labels)
        return TRNNSF_E_NO_MEMORY;
    part->n_samples = n_samples;
    return TRNNSF_OK;
}

trnnsf_status trnnsf_dataset_set(trnnsf_context *context, trnnsf_dataset *dataset, uint32_t part,
                                 size_t n_samples, const float *features, const uint32_t *labels)
{
    struct trn_part copy = {0};
    trnnsf_status status;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!dataset || (n_samples > 0 && (!features || !labels)))
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_dataset_set: %s is NULL",
                        !dataset    ? "dataset"
                        : !features ? "features"
                                    : "labels");
    if (part >= TRN_PARTS)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_dataset_set: part %u is not in [0, %d]",
                        part, TRN_PARTS - 1);
    if (n_samples > TRN_DATASET_SAMPLES_MAX)
        return trn_fail(context, TRNNSF_E_LIMIT, "trnnsf_dataset_set: n_samples %zu is above %zu",
                        n_samples, TRN_DATASET_SAMPLES_MAX);
    status =
        copy_part(dataset->ctx, n_samples, trn_dataset_features(dataset), features, labels, &copy);
    if (status == TRNNSF_OK)
        status = trn_dataset_take(context, dataset, part, &copy);
    trn_part_free(dataset->ctx, &copy);
    return status ? trn_fail_in(context, status, "trnnsf_dataset_set") : TRNNSF_OK;
}

trnnsf_status trnnsf_dataset_split(trnnsf_context *context, trnnsf_dataset *dataset,
                                   double fraction, uint64_t seed)
{
    trnnsf_status status;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!dataset)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_dataset_split: dataset is NULL");
    if (!(fraction >= 0 && fraction < 1))
        return trn_fail(context, TRNNSF_E_INVALID,
                        "trnnsf_dataset_split: fraction %g is not in [0, 1)", fraction);
    status = trn_dataset_split(context, dataset, fraction, seed);
    return status ? trn_fail_in(context, status, "trnnsf_dataset_split") : TRNNSF_OK;
}

void trnnsf_dataset_free(trnnsf_dataset *dataset)
{
    trn_dataset_free(dataset);
}

size_t trnnsf_dataset_features(const trnnsf_dataset *dataset)
{
    return dataset ? trn_dataset_features(dataset) : 0;
}

size_t trnnsf_dataset_classes(const trnnsf_dataset *dataset)
{
    return dataset ? dataset->n_classes : 0;
}

size_t trnnsf_dataset_samples(const trnnsf_dataset *dataset, uint32_t part)
{
    return dataset && part < TRN_PARTS ? dataset->part[part].n_samples : 0;
}

size_t trnnsf_dataset_channels(const trnnsf_dataset *dataset)
{
    return dataset ? dataset->channels : 0;
}

size_t trnnsf_dataset_height(const trnnsf_dataset *dataset)
{
    return dataset ? dataset->height : 0;
}

size_t trnnsf_dataset_width(const trnnsf_dataset *dataset)
{
    return dataset ? dataset->width : 0;
}

const float *trnnsf_dataset_values(const trnnsf_dataset *dataset, uint32_t part)
{
    return dataset && part < TRN_PARTS ? dataset->part[part].values : NULL;
}

const uint32_t *trnnsf_dataset_labels(const trnnsf_dataset *dataset, uint32_t part)
{
    return dataset && part < TRN_PARTS ? dataset->part[part].labels : NULL;
}
