/* Which effects take place: asked for, and not ideal in the technology. */
#include <math.h>

#include "sim/analog/plan.h"

struct effect_keys {
    uint32_t effect;
    int count;
    enum trn_tech_key keys[8];
};

/* What is not 0 makes the effect. */
static const struct effect_keys table[] = {
    {TRNNSF_ANALOG_LEVELS, 1, {TRN_TECH_LEVELS}},
    {TRNNSF_ANALOG_PULSES, 1, {TRN_TECH_PULSES}},
    {TRNNSF_ANALOG_PROGRAMMING,
     6,
     {TRN_TECH_PROGRAMMING_CONSTANT, TRN_TECH_PROGRAMMING_LINEAR, TRN_TECH_PROGRAMMING_SQUARE,
      TRN_TECH_PROGRAMMING_CUBE, TRN_TECH_PROGRAMMING_FOURTH, TRN_TECH_PROGRAMMING_LOGNORMAL}},
    {TRNNSF_ANALOG_VARIATION, 2, {TRN_TECH_VARIATION_ON, TRN_TECH_VARIATION_OFF}},
    {TRNNSF_ANALOG_STUCK, 2, {TRN_TECH_STUCK_ON, TRN_TECH_STUCK_OFF}},
    {TRNNSF_ANALOG_READ_NOISE, 2, {TRN_TECH_READ_SIGMA, TRN_TECH_READ_SIGMA_ON}},
    {TRNNSF_ANALOG_FLICKER, 1, {TRN_TECH_FLICKER}},
    {TRNNSF_ANALOG_DRIFT,
     8,
     {TRN_TECH_DRIFT_SLOPE, TRN_TECH_DRIFT_OFFSET, TRN_TECH_DRIFT_LOW, TRN_TECH_DRIFT_HIGH,
      TRN_TECH_DRIFT_SIGMA_SLOPE, TRN_TECH_DRIFT_SIGMA_OFFSET, TRN_TECH_DRIFT_SIGMA_LOW,
      TRN_TECH_DRIFT_SIGMA_HIGH}},
    {TRNNSF_ANALOG_RETENTION, 2, {TRN_TECH_RETENTION_SHIFT, TRN_TECH_RETENTION_SIGMA}},
    {TRNNSF_ANALOG_NONLINEAR, 1, {TRN_TECH_SINH_ALPHA}},
    {TRNNSF_ANALOG_WIRES,
     5,
     {TRN_TECH_WORD_WIRE, TRN_TECH_BIT_WIRE, TRN_TECH_DRIVER, TRN_TECH_SENSE, TRN_TECH_ACCESS}},
    {TRNNSF_ANALOG_DAC, 1, {TRN_TECH_DAC_BITS}},
    {TRNNSF_ANALOG_ADC, 1, {TRN_TECH_ADC_BITS}},
};

/* Slices and bits of inputs have levels without any constant that says so. */
static bool is_inherent(const double *value, uint32_t effect)
{
    if (effect == TRNNSF_ANALOG_LEVELS)
        return value[TRN_TECH_WEIGHT_SLICES] > 1;
    return effect == TRNNSF_ANALOG_DAC && value[TRN_TECH_INPUT_CODING] > 0;
}

uint32_t trn_analog_effects(const struct trnnsf_tech *tech,
                            const struct trnnsf_analog_options *options, double *value)
{
    uint32_t effects = 0;

    for (size_t key = 0; key < TRN_TECH_KEYS; key++)
        value[key] = tech->value[key];
    for (size_t e = 0; e < sizeof table / sizeof table[0]; e++) {
        const struct effect_keys *entry = &table[e];
        bool is_late =
            entry->effect == TRNNSF_ANALOG_DRIFT || entry->effect == TRNNSF_ANALOG_RETENTION;
        bool is_on = is_inherent(value, entry->effect);

        for (int k = 0; k < entry->count; k++)
            is_on = is_on || value[entry->keys[k]] != 0;
        if (!(options->effects & entry->effect) || (is_late && options->time_second == 0))
            is_on = false;
        if (is_on)
            effects |= entry->effect;
        for (int k = 0; !is_on && k < entry->count; k++)
            value[entry->keys[k]] = 0;
    }
    return effects;
}
