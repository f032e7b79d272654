/* What a group has met: spikes, conversions, traffic. */
#include <string.h>

#include "sim/spiking/group.h"

/* Bits that are set, two by two, four by four …: vectorised, where the instruction may be missing.
 */
static uint32_t ones(uint32_t mask)
{
    mask -= mask >> 1 & UINT32_C(0x55555555);
    mask = (mask & UINT32_C(0x33333333)) + (mask >> 2 & UINT32_C(0x33333333));
    mask = (mask + (mask >> 4)) & UINT32_C(0x0F0F0F0F);
    return mask * UINT32_C(0x01010101) >> 24;
}

/* Those of the chunk up to the sample's end. */
static uint32_t valid_steps(const struct trn_group *group, size_t s)
{
    return group->end[s] < 32 ? (UINT32_C(1) << group->end[s]) - 1 : UINT32_MAX;
}

static void count_spikes(const struct trn_group *group, size_t s)
{
    const struct trn_spike_job *job = group->job;
    uint32_t *masks = trn_group_masks(group, s, 0), *seen = group->scratch->seen + s * job->neurons;
    uint32_t valid = valid_steps(group, s);

    size_t first = trn_group_has_currents(group) ? job->record->start[1] : 0;

    for (size_t i = first; i < job->neurons; i++) {
        masks[i] &= valid;
        group->scratch->totals.spikes[i] += ones(masks[i]);
        seen[i] |= masks[i];
    }
    if (job->watch && job->watch->masks)
        job->watch->masks(job->watch->user, group->sample + s, group->step, group->end[s], masks);
}

static void count_traffic(const struct trn_group *group, size_t s)
{
    const struct trnnsf_spike_record *record = group->job->record;
    struct trn_spike_totals *totals = &group->scratch->totals;
    size_t neurons = group->job->neurons, n_crossbars = record->crossbars[record->n_layers];
    uint32_t *reached = group->scratch->reached + s * n_crossbars;
    uint32_t *arrived = group->scratch->arrived + s * neurons;
    uint32_t valid = valid_steps(group, s);

    for (size_t c = 0; c < n_crossbars; c++)
        totals->reads[c] += ones(reached[c] & valid);
    for (size_t i = 0; i < neurons; i++)
        totals->updates[i] += ones(arrived[i] & valid);
    memset(reached, 0, n_crossbars * sizeof *reached);
    memset(arrived, 0, neurons * sizeof *arrived);
}

static void count_conversions(const struct trn_group *group, size_t s)
{
    size_t n_layers = group->spiking->n_layers;
    struct trn_spike_totals *totals = &group->scratch->totals;

    for (size_t l = 0; l < n_layers; l++) {
        const struct trn_spike_conversions *conversions =
            group->scratch->conversions + (s * n_layers + l) * CHUNK;

        for (size_t t = 0; group->spiking->layers[l].reads && t < group->end[s]; t++) {
            totals->made[l] += conversions[t].made;
            totals->beyond[l] += conversions[t].beyond;
        }
    }
}

void trn_group_count(const struct trn_group *group, size_t s)
{
    count_spikes(group, s);
    count_conversions(group, s);
    if (group->job->record->mapping)
        count_traffic(group, s);
}
