/* Inputs to spikes. */
#include <math.h>

#include "base/random.h"
#include "sim/spiking/run.h"

/* Inputs beyond it are cut: chosen here, so that sums of charges stay exact in doubles. */
static const float size_most = 1024.0f;

void trn_spike_sizes(const struct trnnsf_spiking *spiking, const float *inputs, float *sizes)
{
    const struct trn_spiking_layer *first = &spiking->layers[0];
    const float one = (float)(1 << TRN_SPIKE_INPUT_BITS);
    float factor = (float)(1 / first->scale);

    for (size_t i = 0; i < first->n_in; i++) {
        float size = inputs[i] * factor;

        size = size > size_most ? size_most : size < -size_most ? -size_most : size;
        sizes[i] = rintf(size * one) / one;
    }
}

/* A spike where a random number of 24 bits is below the size. */
static void poisson(const struct trn_spike_job *job, size_t sample, const float *sizes, size_t step,
                    size_t count, uint32_t *masks)
{
    struct trn_random random;

    trn_random_init(&random, job->options->seed, TRN_RANDOM_SPIKES,
                    (uint32_t)(step / TRN_SPIKE_CHUNK));
    trn_random_seek(&random, sample);
    for (size_t i = 0; i < job->spiking->layers[0].n_in; i++) {
        float size = fabsf(sizes[i]);

        masks[i] = 0;
        for (size_t t = 0; size > 0 && t < count; t++)
            masks[i] |= (uint32_t)(trn_random_float(&random) < size) << t;
    }
}

/* At round((1 - size) (steps - 1)): then its current, on from there, is size of the whole in all.
 */
static void first_spike(const struct trn_spike_job *job, const float *sizes, size_t step,
                        size_t count, uint32_t *masks)
{
    float last = (float)(job->options->steps - 1);

    for (size_t i = 0; i < job->spiking->layers[0].n_in; i++) {
        float size = fminf(fabsf(sizes[i]), 1.0f);
        size_t at = (size_t)lrintf((1.0f - size) * last);

        masks[i] = size > 0 && at >= step && at < step + count ? UINT32_C(1) << (at - step) : 0;
    }
}

void trn_spike_encode(const struct trn_spike_job *job, size_t sample, const float *sizes,
                      size_t step, size_t count, uint32_t *masks)
{
    switch (job->options->coding) {
    case TRNNSF_CODING_POISSON:
        poisson(job, sample, sizes, step, count, masks);
        break;
    case TRNNSF_CODING_FIRST_SPIKE:
        first_spike(job, sizes, step, count, masks);
        break;
    default:
        for (size_t i = 0; i < job->spiking->layers[0].n_in; i++)
            masks[i] = 0;
        break;
    }
}
