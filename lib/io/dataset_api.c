/* The folder's parts put together: labels shifted, shapes compared, the validation part split off.
 */
#include <inttypes.h>
#include <string.h>

#include "base/context.h"
#include "base/options.h"
#include "data/dataset.h"
#include "data/mirror.h"
#include "data/standardise.h"
#include "io/dataset_files.h"

static trnnsf_status check_parts(const struct trn_dataset_files *files,
                                 const struct trn_samples *train, const struct trn_samples *test)
{
    if (train->channels == test->channels && train->height == test->height &&
        train->width == test->width)
        return TRNNSF_OK;
    return trn_fail(files->ctx, TRNNSF_E_MISMATCH,
                    "'%s': test samples are %zu x %zu x %zu, training samples %zu x %zu x %zu",
                    files->folder, test->channels, test->height, test->width, train->channels,
                    train->height, train->width);
}

static void widen_range(const struct trn_samples *samples, int64_t *first, int64_t *last)
{
    for (size_t i = 0; i < samples->n_samples; i++) {
        *first = samples->labels[i] < *first ? samples->labels[i] : *first;
        *last = samples->labels[i] > *last ? samples->labels[i] : *last;
    }
}

/* Hands values and shifted labels to the dataset. */
static trnnsf_status give_part(struct trnnsf_dataset *dataset, uint32_t which, int64_t first,
                               struct trn_samples *samples)
{
    trnnsf_context *ctx = dataset->ctx;
    struct trn_part part = {.n_samples = samples->n_samples};
    trnnsf_status status;

    part.labels = TRN_NEW_ARRAY(ctx, uint32_t, part.n_samples);
    if (!part.labels)
        return TRNNSF_E_NO_MEMORY;
    for (size_t i = 0; i < part.n_samples; i++)
        part.labels[i] = (uint32_t)(samples->labels[i] - first);
    part.values = samples->values;
    samples->values = NULL;
    status = trn_dataset_take(ctx, dataset, which, &part);
    trn_part_free(ctx, &part);
    return status;
}

static trnnsf_status assemble(const struct trn_dataset_files *files, struct trn_samples *train,
                              struct trn_samples *test, struct trnnsf_dataset **out_dataset)
{
    int64_t first = train->labels[0], last = first;

    TRN_TRY(check_parts(files, train, test));
    widen_range(train, &first, &last);
    widen_range(test, &first, &last);
    if (last - first >= (int64_t)TRN_DATASET_CLASSES_MAX)
        return trn_fail(files->ctx, TRNNSF_E_LIMIT,
                        "'%s': labels from %" PRId64 " to %" PRId64 " make more than %zu classes",
                        files->folder, first, last, TRN_DATASET_CLASSES_MAX);
    TRN_TRY(trn_dataset_create(files->ctx, train->channels, train->height, train->width,
                               (size_t)(last - first) + 1, out_dataset));
    TRN_TRY(give_part(*out_dataset, TRNNSF_PART_TRAIN, first, train));
    return give_part(*out_dataset, TRNNSF_PART_TEST, first, test);
}

static trnnsf_status load(struct trn_dataset_files *files,
                          const struct trnnsf_dataset_options *options,
                          struct trnnsf_dataset **out_dataset)
{
    trnnsf_status status = TRNNSF_OK;
    const struct trn_dataset_format *format;
    struct trn_samples train = {0}, test = {0};
    struct trnnsf_dataset *dataset = NULL;

    TRN_TRY_OUT(trn_dataset_format_find(files, &format));
    TRN_TRY_OUT(format->train(files, &train));
    TRN_TRY_OUT(format->test(files, &test));
    TRN_TRY_OUT(assemble(files, &train, &test, &dataset));
    if (options->channels || options->height || options->width)
        TRN_TRY_OUT(trn_dataset_shape(files->ctx, dataset, options->channels, options->height,
                                      options->width));
    if (options->validation_last)
        TRN_TRY_OUT(trn_dataset_split_last(files->ctx, dataset, options->validation_fraction));
    else
        TRN_TRY_OUT(
            trn_dataset_split(files->ctx, dataset, options->validation_fraction, options->seed));
    if (options->standardise == TRNNSF_STANDARDISE_FEATURES)
        TRN_TRY_OUT(trn_dataset_standardise(files->ctx, dataset));
    if (options->standardise == TRNNSF_STANDARDISE_CHANNELS)
        trn_dataset_standardise_channels(dataset);
    if (options->mirror)
        TRN_TRY_OUT(trn_dataset_mirror(files->ctx, dataset));
    *out_dataset = dataset;
    dataset = NULL;
out:
    trn_dataset_free(dataset);
    trn_samples_free(files->ctx, &train);
    trn_samples_free(files->ctx, &test);
    return status;
}

trnnsf_status trnnsf_dataset_load(trnnsf_context *context, const char *folder,
                                  const struct trnnsf_dataset_options *options,
                                  trnnsf_dataset **out_dataset)
{
    struct trnnsf_dataset_options given = TRNNSF_DATASET_OPTIONS_INIT;
    struct trn_dataset_files files = {.ctx = context, .folder = folder};
    trnnsf_status status;

    if (!context)
        return TRNNSF_E_INVALID;
    if (!folder || !out_dataset)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_dataset_load: %s is NULL",
                        folder ? "out_dataset" : "folder");
    TRN_TRY(trn_options_read(context, "trnnsf_dataset_load", options, &given, sizeof given));
    TRN_TRY(trn_option_count(context, "trnnsf_dataset_load", "validation_last",
                             given.validation_last, 0, 1));
    TRN_TRY(trn_option_count(context, "trnnsf_dataset_load", "mirror", given.mirror, 0, 1));
    TRN_TRY(trn_option_count(context, "trnnsf_dataset_load", "grey", given.grey, 0, 1));
    TRN_TRY(trn_option_count(context, "trnnsf_dataset_load", "standardise", given.standardise, 0,
                             TRNNSF_STANDARDISE_CHANNELS));
    TRN_TRY(trn_option_count(context, "trnnsf_dataset_load", "reserved", given.reserved, 0, 0));
    if (!(given.validation_fraction >= 0 && given.validation_fraction < 1))
        return trn_fail(context, TRNNSF_E_INVALID,
                        "trnnsf_dataset_load: validation_fraction %g is not in [0, 1)",
                        given.validation_fraction);
    files.grey = given.grey == 1;
    status = load(&files, &given, out_dataset);
    return status ? trn_fail_in(context, status, "trnnsf_dataset_load") : TRNNSF_OK;
}
