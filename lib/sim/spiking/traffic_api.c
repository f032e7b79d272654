#include <math.h>

#include "base/context.h"
#include "base/options.h"
#include "sim/spiking/run.h"

const uint64_t *trnnsf_spike_record_reads(const trnnsf_spike_record *record, size_t layer,
                                          size_t *out_count)
{
    if (!record || layer >= record->n_layers || record->mapping == 0)
        return NULL;
    if (out_count)
        *out_count = record->crossbars[layer + 1] - record->crossbars[layer];
    return record->totals.reads + record->crossbars[layer];
}

const uint64_t *trnnsf_spike_record_updates(const trnnsf_spike_record *record, size_t layer,
                                            size_t *out_count)
{
    if (!record || layer >= record->n_layers || record->mapping == 0)
        return NULL;
    if (out_count)
        *out_count = record->start[layer + 2] - record->start[layer + 1];
    return record->totals.updates + record->start[layer + 1];
}

static bool fits(const struct trnnsf_spike_record *record, const struct trnnsf_mapping *mapping)
{
    bool is_same = mapping->n_layers == record->n_layers;

    for (size_t l = 0; is_same && l < record->n_layers; l++)
        is_same = mapping->layers[l].n_in == record->start[l + 1] - record->start[l] &&
                  mapping->layers[l].n_out == record->start[l + 2] - record->start[l + 1];
    return is_same;
}

trnnsf_status trnnsf_spike_record_traffic(trnnsf_context *context,
                                          const trnnsf_spike_record *record,
                                          const trnnsf_mapping *mapping, const trnnsf_tech *tech,
                                          size_t layer, struct trnnsf_spike_traffic *out_traffic)
{
    static const char function[] = "trnnsf_spike_record_traffic";
    struct trnnsf_spike_traffic traffic = {.struct_size = sizeof traffic};

    if (!context)
        return TRNNSF_E_INVALID;
    if (!record || !mapping || !tech || !out_traffic)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", function,
                        !record    ? "record"
                        : !mapping ? "mapping"
                        : !tech    ? "tech"
                                   : "out_traffic");
    TRN_TRY(trn_result_check(context, function, out_traffic, sizeof traffic));
    if (layer >= record->n_layers && layer != TRNNSF_ALL_LAYERS)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: layer %zu is not below %zu", function,
                        layer, record->n_layers);
    if (!fits(record, mapping))
        return trn_fail(context, TRNNSF_E_MISMATCH, "%s: the mapping's layers are others",
                        function);
    TRN_TRY(trn_spike_record_traffic(context, record, mapping, tech, layer, &traffic));
    trn_result_write(out_traffic, &traffic);
    return TRNNSF_OK;
}
