#include "data/standardise.h"

#include <math.h>

#include "base/context.h"

static void feature_means(const struct trn_part *part, size_t n_features, double *mean)
{
    for (size_t s = 0; s < part->n_samples; s++) {
        for (size_t i = 0; i < n_features; i++)
            mean[i] += (double)part->values[s * n_features + i];
    }
    for (size_t i = 0; i < n_features; i++)
        mean[i] /= (double)part->n_samples;
}

/* The deviation of all values from the mean of all: as the scale of an image, not of a pixel. */
static double deviation(const struct trn_part *part, size_t n_features, const double *mean)
{
    double centre = 0, sum = 0;
    size_t count = part->n_samples * n_features;

    for (size_t i = 0; i < n_features; i++)
        centre += mean[i] / (double)n_features;
    for (size_t i = 0; i < count; i++) {
        double x = (double)part->values[i] - centre;

        sum += x * x;
    }
    return sqrt(sum / (double)count);
}

trnnsf_status trn_dataset_standardise(trnnsf_context *ctx, struct trnnsf_dataset *dataset)
{
    const struct trn_part *train = &dataset->part[TRNNSF_PART_TRAIN];
    size_t n_features = trn_dataset_features(dataset);
    double *mean;

    if (train->n_samples == 0)
        return TRNNSF_OK;
    mean = TRN_NEW_ARRAY(ctx, double, n_features);
    if (!mean)
        return TRNNSF_E_NO_MEMORY;
    feature_means(train, n_features, mean);
    double sigma = deviation(train, n_features, mean);
    if (!(sigma > 0))
        sigma = 1;
    for (size_t p = 0; p < TRN_PARTS; p++) {
        struct trn_part *part = &dataset->part[p];

        for (size_t i = 0; i < part->n_samples * n_features; i++)
            part->values[i] = (float)(((double)part->values[i] - mean[i % n_features]) / sigma);
    }
    trn_free(ctx, mean);
    return TRNNSF_OK;
}

/* Of floats: what a channel of one value seems to spread by is rounding. */
static const double resolution = 0x1p-23;

/* Values of one channel of a part's samples. */
struct channel {
    const struct trn_part *part;
    size_t first;  /* in a sample */
    size_t pixels; /* values of a sample */
    size_t n_features;
};

/* Sum of (x - centre)^power, power 1 or 2. */
static double sum_channel(const struct channel *c, double centre, int power)
{
    double sum = 0;

    for (size_t s = 0; s < c->part->n_samples; s++) {
        const float *x = c->part->values + s * c->n_features + c->first;

        for (size_t i = 0; i < c->pixels; i++) {
            double d = (double)x[i] - centre;

            sum += power == 2 ? d * d : d;
        }
    }
    return sum;
}

static void move_channel(const struct channel *c, double mean, double sigma)
{
    for (size_t s = 0; s < c->part->n_samples; s++) {
        float *x = c->part->values + s * c->n_features + c->first;

        for (size_t i = 0; i < c->pixels; i++)
            x[i] = (float)(((double)x[i] - mean) / sigma);
    }
}

void trn_dataset_standardise_channels(struct trnnsf_dataset *dataset)
{
    const struct trn_part *train = &dataset->part[TRNNSF_PART_TRAIN];
    struct channel c = {train, 0, dataset->height * dataset->width, trn_dataset_features(dataset)};
    double count = (double)train->n_samples * (double)c.pixels;

    for (size_t k = 0; k < dataset->channels && train->n_samples > 0; k++) {
        c.part = train;
        c.first = k * c.pixels;

        double mean = sum_channel(&c, 0, 1) / count, sigma = sqrt(sum_channel(&c, mean, 2) / count);

        for (size_t p = 0; p < TRN_PARTS; p++) {
            c.part = &dataset->part[p];
            move_channel(&c, mean, sigma > resolution * fabs(mean) ? sigma : 1);
        }
    }
}
