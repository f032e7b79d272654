/* A group of samples on its way: what the files of a task share. */
#ifndef TRN_SIM_SPIKING_GROUP_H
#define TRN_SIM_SPIKING_GROUP_H

#include "sim/spiking/run.h"

enum { GROUP = TRN_SPIKE_GROUP, CHUNK = TRN_SPIKE_CHUNK };

struct trn_group {
    const struct trn_spike_job *job;
    const struct trnnsf_spiking *spiking;
    struct trn_spike_scratch *scratch;
    size_t sample, n;               /* the first one, and how many */
    bool active[GROUP];             /* its class may still change */
    uint32_t class[GROUP];          /* of the last step */
    uint32_t stood[GROUP];          /* steps that it is the same */
    size_t step, count, end[GROUP]; /* of the chunk; steps of it that count */
};

static inline uint32_t *trn_group_masks(const struct trn_group *group, size_t s, size_t layer)
{
    const struct trn_spike_job *job = group->job;

    return group->scratch->masks + s * job->neurons + job->record->start[layer];
}

static inline bool trn_group_has_currents(const struct trn_group *group)
{
    return group->job->options->coding == TRNNSF_CODING_CURRENT;
}

/* What sample s has met in the chunk, into the worker's totals. */
void trn_group_count(const struct trn_group *group, size_t s);

#endif
