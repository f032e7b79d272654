#include "data/dataset.h"

#include <math.h>
#include <string.h>

#include "base/context.h"
#include "base/wide.h"
#include "base/random.h"

static trnnsf_status check_shape(trnnsf_context *ctx, size_t channels, size_t height, size_t width)
{
    size_t features;

    if (channels == 0 || height == 0 || width == 0)
        return trn_fail(ctx, TRNNSF_E_INVALID,
                        "channels %zu, height %zu, width %zu: each must be at least 1", channels,
                        height, width);
    if (!trn_size_multiply(channels, height, &features) ||
        !trn_size_multiply(features, width, &features) || features > TRN_DATASET_FEATURES_MAX)
        return trn_fail(ctx, TRNNSF_E_LIMIT, "%zu x %zu x %zu features exceed %zu", channels,
                        height, width, TRN_DATASET_FEATURES_MAX);
    return TRNNSF_OK;
}

trnnsf_status trn_dataset_create(trnnsf_context *ctx, size_t channels, size_t height, size_t width,
                                 size_t n_classes, struct trnnsf_dataset **out_dataset)
{
    TRN_TRY(check_shape(ctx, channels, height, width));
    if (n_classes == 0)
        return trn_fail(ctx, TRNNSF_E_INVALID, "n_classes 0 is not in [1, %zu]",
                        TRN_DATASET_CLASSES_MAX);
    if (n_classes > TRN_DATASET_CLASSES_MAX)
        return trn_fail(ctx, TRNNSF_E_LIMIT, "n_classes %zu is not in [1, %zu]", n_classes,
                        TRN_DATASET_CLASSES_MAX);

    struct trnnsf_dataset *dataset = TRN_NEW(ctx, struct trnnsf_dataset);
    if (!dataset)
        return TRNNSF_E_NO_MEMORY;
    dataset->ctx = trn_context_retain(ctx);
    dataset->channels = channels;
    dataset->height = height;
    dataset->width = width;
    dataset->n_classes = n_classes;
    *out_dataset = dataset;
    return TRNNSF_OK;
}

trnnsf_status trn_dataset_shape(trnnsf_context *ctx, struct trnnsf_dataset *dataset,
                                size_t channels, size_t height, size_t width)
{
    TRN_TRY(check_shape(ctx, channels, height, width));
    if (channels * height * width != trn_dataset_features(dataset))
        return trn_fail(ctx, TRNNSF_E_INVALID,
                        "images of %zu x %zu x %zu have not the %zu features of the samples",
                        channels, height, width, trn_dataset_features(dataset));
    dataset->channels = channels;
    dataset->height = height;
    dataset->width = width;
    return TRNNSF_OK;
}

void trn_part_free(trnnsf_context *ctx, struct trn_part *part)
{
    trn_free(ctx, part->values);
    trn_free(ctx, part->labels);
    memset(part, 0, sizeof *part);
}

void trn_dataset_free(struct trnnsf_dataset *dataset)
{
    if (!dataset)
        return;
    trnnsf_context *ctx = dataset->ctx;

    for (int i = 0; i < TRN_PARTS; i++)
        trn_part_free(ctx, &dataset->part[i]);
    trn_free(ctx, dataset);
    trn_context_release(ctx);
}

/* Values looked at together, without a branch: chosen here. */
enum { PIECE = 256 };

/* x - x is 0 but for infinities and NaN, of which it is NaN. */
TRN_INLINE bool any_not_finite(const float *values)
{
    int32_t count = 0;

    for (int i = 0; i < PIECE; i++)
        count += !(values[i] - values[i] == 0.0f);
    return count > 0;
}

TRN_WIDE static bool any_not_finite_wide(const float *values)
{
    return any_not_finite(values);
}

size_t trn_first_not_finite(const float *values, size_t count)
{
    size_t i = 0;

    for (; i + PIECE <= count; i += PIECE) {
        if (trn_is_wide() ? any_not_finite_wide(values + i) : any_not_finite(values + i))
            break;
    }
    while (i < count && isfinite(values[i]))
        i++;
    return i;
}

static trnnsf_status check_part(trnnsf_context *ctx, const struct trnnsf_dataset *dataset,
                                const struct trn_part *part)
{
    size_t features = trn_dataset_features(dataset);
    size_t count = part->n_samples * features;
    size_t bad = trn_first_not_finite(part->values, count);

    if (bad < count)
        return trn_fail(ctx, TRNNSF_E_NUMERIC, "feature %zu of sample %zu is not finite",
                        bad % features, bad / features);
    for (size_t i = 0; i < part->n_samples; i++) {
        if (part->labels[i] >= dataset->n_classes)
            return trn_fail(ctx, TRNNSF_E_INVALID,
                            "label %u of sample %zu is not below %zu classes", part->labels[i], i,
                            dataset->n_classes);
    }
    return TRNNSF_OK;
}

trnnsf_status trn_dataset_take(trnnsf_context *ctx, struct trnnsf_dataset *dataset, uint32_t which,
                               struct trn_part *part)
{
    TRN_TRY(check_part(ctx, dataset, part));
    trn_part_free(dataset->ctx, &dataset->part[which]);
    dataset->part[which] = *part;
    memset(part, 0, sizeof *part);
    return TRNNSF_OK;
}

/* chosen[i] is 1 for the samples that go. */
static trnnsf_status choose_last(trnnsf_context *ctx, size_t n_samples, size_t n_chosen,
                                 uint8_t **out_chosen)
{
    uint8_t *chosen = TRN_NEW_ARRAY(ctx, uint8_t, n_samples);

    if (!chosen)
        return TRNNSF_E_NO_MEMORY;
    memset(chosen + n_samples - n_chosen, 1, n_chosen);
    *out_chosen = chosen;
    return TRNNSF_OK;
}

/* The same of random ones. */
static trnnsf_status choose(trnnsf_context *ctx, size_t n_samples, size_t n_chosen, uint64_t seed,
                            uint8_t **out_chosen)
{
    struct trn_random random;
    uint32_t *order = TRN_NEW_ARRAY(ctx, uint32_t, n_samples);
    uint8_t *chosen = TRN_NEW_ARRAY(ctx, uint8_t, n_samples);

    if (!order || !chosen) {
        trn_free(ctx, order);
        trn_free(ctx, chosen);
        return TRNNSF_E_NO_MEMORY;
    }
    for (size_t i = 0; i < n_samples; i++)
        order[i] = (uint32_t)i;
    trn_random_init(&random, seed, TRN_RANDOM_SPLIT, 0);
    trn_random_shuffle(&random, order, n_samples);
    for (size_t i = 0; i < n_chosen; i++)
        chosen[order[i]] = 1;
    trn_free(ctx, order);
    *out_chosen = chosen;
    return TRNNSF_OK;
}

/* The training part closes its gaps in place: a large dataset does not exist twice. */
static void move_chosen(struct trn_part *train, const uint8_t *chosen, struct trn_part *to,
                        size_t features)
{
    size_t kept = 0;

    for (size_t i = 0; i < train->n_samples; i++) {
        struct trn_part *part = chosen[i] ? to : train;
        size_t place = chosen[i] ? to->n_samples++ : kept++;

        part->labels[place] = train->labels[i];
        memmove(part->values + place * features, train->values + i * features,
                features * sizeof(float));
    }
    train->n_samples = kept;
}

/* Room given back; where that fails the arrays stay as they are, which is benign. */
static void shrink(trnnsf_context *ctx, struct trn_part *part, size_t features)
{
    float *values = trn_realloc(ctx, part->values, part->n_samples * features, sizeof *values);
    uint32_t *labels = trn_realloc(ctx, part->labels, part->n_samples, sizeof *labels);

    if (values)
        part->values = values;
    if (labels)
        part->labels = labels;
}

/* `seed` NULL: the last ones. */
static trnnsf_status split(trnnsf_context *ctx, struct trnnsf_dataset *dataset, double fraction,
                           const uint64_t *seed)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_part *train = &dataset->part[TRNNSF_PART_TRAIN], grown = {0};
    struct trn_part *validation = &dataset->part[TRNNSF_PART_VALIDATION];
    size_t features = trn_dataset_features(dataset), before = validation->n_samples;
    size_t n_chosen = (size_t)(fraction * (double)train->n_samples + 0.5);
    uint8_t *chosen = NULL;

    if (n_chosen >= train->n_samples)
        n_chosen = train->n_samples ? train->n_samples - 1 : 0;
    if (n_chosen == 0)
        return TRNNSF_OK;
    if (seed)
        TRN_TRY_OUT(choose(ctx, train->n_samples, n_chosen, *seed, &chosen));
    else
        TRN_TRY_OUT(choose_last(ctx, train->n_samples, n_chosen, &chosen));
    grown.values = trn_malloc(dataset->ctx, (before + n_chosen) * features, sizeof *grown.values);
    TRN_NEED_OUT(grown.values);
    grown.labels = trn_malloc(dataset->ctx, before + n_chosen, sizeof *grown.labels);
    TRN_NEED_OUT(grown.labels);
    if (before > 0) {
        memcpy(grown.values, validation->values, before * features * sizeof *grown.values);
        memcpy(grown.labels, validation->labels, before * sizeof *grown.labels);
    }
    grown.n_samples = before;
    move_chosen(train, chosen, &grown, features);
    shrink(dataset->ctx, train, features);
    trn_part_free(dataset->ctx, validation);
    *validation = grown;
    memset(&grown, 0, sizeof grown);
out:
    trn_part_free(dataset->ctx, &grown);
    trn_free(ctx, chosen);
    return status;
}

trnnsf_status trn_dataset_split(trnnsf_context *ctx, struct trnnsf_dataset *dataset,
                                double fraction, uint64_t seed)
{
    return split(ctx, dataset, fraction, &seed);
}

trnnsf_status trn_dataset_split_last(trnnsf_context *ctx, struct trnnsf_dataset *dataset,
                                     double fraction)
{
    return split(ctx, dataset, fraction, NULL);
}
