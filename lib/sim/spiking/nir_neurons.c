/* NIR's neurons by forward Euler: v += dt / tau (v_leak - v + r I), a spike above the threshold. */
#include <math.h>

#include "base/context.h"
#include "sim/spiking/from_nir.h"

bool trn_nir_is_neuron(uint32_t type)
{
    switch (type) {
    case TRN_NIR_CUBA_LI:
    case TRN_NIR_I:
    case TRN_NIR_LI:
        return true;
    default:
        return trn_nir_can_fire(type);
    }
}

bool trn_nir_can_fire(uint32_t type)
{
    return type == TRN_NIR_CUBA_LIF || type == TRN_NIR_IF || type == TRN_NIR_LIF ||
           type == TRN_NIR_THRESHOLD;
}

bool trn_nir_has_currents(uint32_t type)
{
    return type == TRN_NIR_CUBA_LI || type == TRN_NIR_CUBA_LIF;
}

bool trn_nir_has_time(uint32_t type)
{
    return trn_nir_has_currents(type) || type == TRN_NIR_LI || type == TRN_NIR_LIF ||
           type == TRN_NIR_DELAY;
}

static double parameter(const struct trn_nir_node *node, const char *name, size_t i,
                        double fallback)
{
    const struct trn_nir_member *member = trn_nir_member(node, name);

    return member && member->values ? member->values[member->count > 1 ? i : 0] : fallback;
}

/* dt over a time constant. */
static trnnsf_status rate(const struct trnnsf_nir *nir, const struct trn_nir_node *node,
                          const char *name, double dt, size_t i, double *out)
{
    double tau = parameter(node, name, i, 1);

    *out = dt / tau;
    if (*out <= 1)
        return TRNNSF_OK;
    return trn_fail(nir->ctx, TRNNSF_E_UNSUPPORTED,
                    "node \"%s\": %s[%zu] %g is shorter than a step of %g", node->name, name, i,
                    tau, dt);
}

/* Products of a time constant's inverse and what undoes it are meant to be 1. */
static double near_one(double value)
{
    return fabs(value - 1) < 1e-12 ? 1 : value;
}

/* Where potentials are counted from, and what is 1 there. */
static trnnsf_status frame_of(const struct trnnsf_nir *nir, const struct trn_nir_node *node,
                              bool subtract, size_t i, double *base, double *range)
{
    double threshold = parameter(node, "v_threshold", i, 1);

    *base = subtract ? 0 : parameter(node, "v_reset", i, 0);
    if (node->type == TRN_NIR_THRESHOLD) {
        threshold = parameter(node, "threshold", i, 1);
        *base = threshold > 0 ? 0 : threshold - 1; /* it keeps nothing, so any base will do */
    }
    *range = threshold - *base;
    if (*range > 0 && isfinite(1 / *range))
        return TRNNSF_OK;
    return trn_fail(nir->ctx, TRNNSF_E_UNSUPPORTED,
                    "node \"%s\": v_threshold[%zu] %g is not above %s %g", node->name, i, threshold,
                    subtract ? "0, by subtraction of which it is reset:" : "v_reset", *base);
}

trnnsf_status trn_nir_fold(const struct trnnsf_nir *nir, const struct trn_nir_node *node,
                           double dt, bool subtract, size_t i, struct trn_nir_fold *fold)
{
    bool has_currents = trn_nir_has_currents(node->type);
    double base = 0, range = 1, leak = 0, gain = 1, resistance = parameter(node, "r", i, 1);

    if (trn_nir_can_fire(node->type))
        TRN_TRY(frame_of(nir, node, subtract, i, &base, &range));
    fold->keep_current = 0;
    if (has_currents) {
        double synaptic = 0;

        TRN_TRY(rate(nir, node, "tau_mem", dt, i, &leak));
        TRN_TRY(rate(nir, node, "tau_syn", dt, i, &synaptic));
        fold->keep_current = 1 - synaptic;
        gain = near_one(synaptic * parameter(node, "w_in", i, 1)) * near_one(leak * resistance);
    } else if (trn_nir_has_time(node->type)) {
        TRN_TRY(rate(nir, node, "tau", dt, i, &leak));
        gain = near_one(leak * resistance);
    } else if (node->type == TRN_NIR_THRESHOLD) {
        leak = 1;
    } else {
        gain = near_one(dt * resistance);
    }
    double level = node->type == TRN_NIR_THRESHOLD ? 0 : parameter(node, "v_leak", i, 0);
    fold->keep = 1 - leak;
    fold->gain = gain / range;
    fold->rest = leak * (level - base) / range;
    fold->initial = (parameter(node, TRN_NIR_INITIAL, i, 0) - base) / range;
    if (isfinite(fold->gain) && isfinite(fold->rest) && isfinite(fold->initial))
        return TRNNSF_OK;
    return trn_fail(nir->ctx, TRNNSF_E_UNSUPPORTED, "node \"%s\": neuron %zu's parameters overflow",
                    node->name, i);
}
