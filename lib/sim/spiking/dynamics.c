#include "sim/spiking/dynamics.h"

#include "base/context.h"

/* The float after 1. */
static const float above_one = 1.0f + 1.0f / 8388608;

trnnsf_status trn_dynamics_new(trnnsf_context *ctx, size_t n_in, size_t n_out, bool has_currents,
                               struct trn_dynamics **out_dynamics)
{
    struct trn_dynamics *dynamics = TRN_NEW(ctx, struct trn_dynamics);

    if (!dynamics)
        return TRN_NO_MEMORY;
    dynamics->n_in = n_in;
    dynamics->n_out = n_out;
    dynamics->keep = TRN_NEW_ARRAY(ctx, float, n_out);
    dynamics->initial = TRN_NEW_ARRAY(ctx, float, n_out);
    bool is_whole = dynamics->keep && dynamics->initial;
    if (has_currents) {
        dynamics->keep_current = TRN_NEW_ARRAY(ctx, float, n_out);
        dynamics->rest = TRN_NEW_ARRAY(ctx, float, n_out);
        is_whole = is_whole && dynamics->keep_current && dynamics->rest;
    }
    if (!is_whole) {
        trn_dynamics_free(ctx, dynamics);
        return TRN_NO_MEMORY;
    }
    *out_dynamics = dynamics;
    return TRNNSF_OK;
}

void trn_dynamics_free(trnnsf_context *ctx, struct trn_dynamics *dynamics)
{
    if (!dynamics)
        return;
    trn_free(ctx, dynamics->keep);
    trn_free(ctx, dynamics->initial);
    trn_free(ctx, dynamics->keep_current);
    trn_free(ctx, dynamics->rest);
    trn_free(ctx, dynamics->delay);
    trn_free(ctx, dynamics);
}

static void add_inputs(const struct trn_neurons *neurons, const int32_t *sums, float *to)
{
    const float unit = neurons->unit;

    for (size_t o = 0; sums && o < neurons->n; o++)
        to[o] += (float)sums[o] * unit;
    for (size_t o = 0; neurons->drive && o < neurons->n; o++)
        to[o] += neurons->drive[o];
    for (size_t o = 0; neurons->biases && o < neurons->n; o++)
        to[o] += neurons->biases[o];
}

/* Both by the values of the last step. */
static void integrate(const struct trn_dynamics *dynamics, const struct trn_neurons *neurons,
                      const int32_t *sums, float *potential, float *current)
{
    for (size_t o = 0; o < neurons->n; o++)
        potential[o] *= dynamics->keep[o];
    if (!dynamics->keep_current) {
        add_inputs(neurons, sums, potential);
        return;
    }
    for (size_t o = 0; o < neurons->n; o++)
        potential[o] += current[o] + dynamics->rest[o];
    for (size_t o = 0; o < neurons->n; o++)
        current[o] *= dynamics->keep_current[o];
    add_inputs(neurons, sums, current);
}

void trn_dynamics_step(const struct trn_dynamics *dynamics, const struct trn_neurons *neurons,
                       const int32_t *sums, bool fires, size_t step, float *potential,
                       float *current, uint32_t *masks)
{
    const float bar = dynamics->is_strict ? above_one : 1.0f;
    const float kept = dynamics->to_zero ? 0.0f : 1.0f;

    integrate(dynamics, neurons, sums, potential, current);
    for (size_t o = 0; fires && o < neurons->n; o++) {
        uint32_t spikes = potential[o] >= bar;

        potential[o] = spikes ? kept * (potential[o] - 1.0f) : potential[o];
        masks[o] |= spikes << step;
    }
}

void trn_dynamics_delay(const struct trn_dynamics *dynamics, const uint32_t *masks, size_t chunk,
                        uint32_t *history, uint32_t *late)
{
    size_t n = dynamics->n_in, words = trn_dynamics_words(dynamics);

    for (size_t i = 0; i < n; i++) {
        size_t whole = dynamics->delay[i] / TRN_SPIKE_CHUNK, rest = dynamics->delay[i] % 32;

        history[chunk % words * n + i] = masks[i];
        late[i] = chunk >= whole ? history[(chunk - whole) % words * n + i] << rest : 0;
        if (rest > 0 && chunk > whole)
            late[i] |= history[(chunk - whole - 1) % words * n + i] >> (32 - rest);
    }
}
