#include "schedule/traffic.h"

#include <float.h>
#include <math.h>

#include "base/context.h"
#include "sim/common/activity.h"

size_t trn_traffic_inputs(const struct trnnsf_network *network)
{
    size_t count = 0;

    for (size_t l = 0; l < network->n_layers; l++)
        count += network->layers[l].n_in;
    return count;
}

trnnsf_status trn_traffic_give(trnnsf_context *ctx, struct trnnsf_run *run, const float *rates)
{
    float *copy = NULL;

    if (rates) {
        copy = trn_copy(ctx, rates, trn_traffic_inputs(run->network), sizeof *copy);
        if (!copy)
            return TRNNSF_E_NO_MEMORY;
    }
    trn_free(ctx, run->rates);
    run->rates = copy;
    return TRNNSF_OK;
}

static trnnsf_status measure(trnnsf_context *ctx, const struct trnnsf_run *run,
                             struct trnnsf_activity **out_activity)
{
    const struct trn_part *part = &run->dataset->part[TRNNSF_PART_TRAIN];
    size_t wanted = (size_t)run->schedule->number[TRN_TRAFFIC_SAMPLES];
    size_t samples = part->n_samples < wanted ? part->n_samples : wanted;

    return trn_activity_measure(ctx, run->network, samples, part->n_samples / samples,
                                part->values, out_activity);
}

/* Sums of fewer than 2^29 equal floats are exact, so that the mean of equal rates is each of
 * them. */
static void set_prices(const float *rate, size_t count, double weight, double *price)
{
    double sum = 0;

    for (size_t j = 0; j < count; j++)
        sum += (double)rate[j];
    for (size_t j = 0; j < count; j++) {
        double share = sum > 0 ? (double)rate[j] / (sum / (double)count) : 1;

        price[j] = (1 + weight * share) / (1 + weight);
    }
}

static trnnsf_status fill(trnnsf_context *ctx, const struct trnnsf_run *run, const float *rates,
                          struct trn_traffic *traffic)
{
    const struct trnnsf_network *network = run->network;
    size_t first = 0;

    traffic->price = TRN_NEW_ARRAY(ctx, double, trn_traffic_inputs(network));
    traffic->first = TRN_NEW_ARRAY(ctx, size_t, network->n_layers);
    if (!traffic->price || !traffic->first)
        return TRNNSF_E_NO_MEMORY;
    for (size_t l = 0; l < network->n_layers; l++) {
        size_t count = network->layers[l].n_in;

        traffic->first[l] = first;
        set_prices(rates + first, count, run->schedule->number[TRN_TRAFFIC_WEIGHT],
                   traffic->price + first);
        first += count;
    }
    return TRNNSF_OK;
}

trnnsf_status trn_traffic_measure(trnnsf_context *ctx, const struct trnnsf_run *run,
                                  struct trn_traffic *out_traffic)
{
    struct trnnsf_activity *activity = NULL;

    *out_traffic = (struct trn_traffic){NULL, NULL};
    if (!(run->schedule->number[TRN_TRAFFIC_WEIGHT] > 0))
        return TRNNSF_OK;
    if (!run->rates)
        TRN_TRY(measure(ctx, run, &activity));
    trnnsf_status status = fill(ctx, run, activity ? activity->rate : run->rates, out_traffic);
    trn_activity_free(activity);
    return status;
}

void trn_traffic_free(trnnsf_context *ctx, struct trn_traffic *traffic)
{
    trn_free(ctx, traffic->price);
    trn_free(ctx, traffic->first);
    *traffic = (struct trn_traffic){NULL, NULL};
}

void trn_traffic_charge(const struct trn_traffic *traffic, size_t layer,
                        struct trnnsf_matrix *salience)
{
    if (!traffic->price)
        return;

    const double *price = traffic->price + traffic->first[layer];
    for (size_t e = 0; e < trn_sparse_nonzeros(salience); e++) {
        double worth = (double)salience->value[e] / price[salience->column[e]];

        salience->value[e] = (float)fmin(worth, (double)FLT_MAX);
    }
}
