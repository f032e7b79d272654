#include "map/count.h"

#include <string.h>

#include "base/context.h"
#include "map/bits.h"

static uint64_t ceil_divide(uint64_t a, uint64_t b)
{
    return (a + b - 1) / b;
}

static uint64_t largest(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Any mapping that has each synapse on one crossbar of at most R inputs x C outputs needs
 * - ceil(synapses / RC), for a crossbar holds no more than RC;
 * - ceil(sum over outputs of ceil(fan-in / R) / C): an output of fan-in d takes a column on at
 *   least ceil(d / R) crossbars, and a crossbar has C columns; and the same for inputs.
 * The largest is the bound. */
static void count_lines(const struct trn_mask *mask, struct trn_map_shape widest,
                        uint32_t *fan_out, struct trn_map_counts *counts)
{
    uint64_t columns = 0, rows = 0;

    for (size_t row = 0; row < mask->n_rows; row++) {
        struct trn_bits bits;
        uint64_t fan_in = 0;

        trn_bits_start(&bits, mask, row);
        while (trn_bits_next(&bits)) {
            fan_out[bits.column]++;
            fan_in++;
        }
        counts->synapses += fan_in;
        counts->outputs_used += fan_in > 0;
        columns += ceil_divide(fan_in, widest.inputs);
    }
    for (size_t column = 0; column < mask->n_columns; column++) {
        counts->inputs_used += fan_out[column] > 0;
        rows += ceil_divide(fan_out[column], widest.outputs);
    }
    uint64_t bound = ceil_divide(counts->synapses, (uint64_t)widest.inputs * widest.outputs);
    bound = largest(bound, ceil_divide(columns, widest.outputs));
    counts->lower_bound = largest(bound, ceil_divide(rows, widest.inputs));
}

trnnsf_status trn_map_count_matrix(trnnsf_context *ctx, const struct trn_mask *mask,
                                   struct trn_map_shape shape, struct trn_map_shape widest,
                                   struct trn_map_counts *out_counts)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_map_counts counts = {0};
    size_t n_outputs, n_inputs;
    uint32_t *fan_out = TRN_NEW_ARRAY(ctx, uint32_t, mask->n_columns);
    uint32_t *outputs = trn_malloc(ctx, mask->n_rows, sizeof *outputs);
    uint32_t *inputs = trn_malloc(ctx, mask->n_columns, sizeof *inputs);

    TRN_NEED_OUT(fan_out);
    TRN_NEED_OUT(outputs);
    TRN_NEED_OUT(inputs);
    count_lines(mask, widest, fan_out, &counts);
    counts.dense = ceil_divide(mask->n_columns, shape.inputs) *
                   ceil_divide(mask->n_rows, shape.outputs);
    trn_plan_live(mask, outputs, &n_outputs, inputs, &n_inputs);
    TRN_TRY_OUT(trn_plan_count_tiles(ctx, mask, shape, outputs, n_outputs, inputs, n_inputs,
                                     &counts.pruned));
    *out_counts = counts;
out:
    trn_free(ctx, fan_out);
    trn_free(ctx, outputs);
    trn_free(ctx, inputs);
    return status;
}

void trn_map_count_plan(const struct trn_plan *plan, struct trn_map_counts *counts)
{
    counts->residue = 0;
    for (size_t i = 0; i < plan->count; i++)
        counts->residue += plan->items[i].residue;
    counts->total = plan->count;
    counts->clustered = counts->total - counts->residue;
}

trnnsf_status trn_map_count(trnnsf_context *ctx, const struct trn_mask *mask,
                            const struct trnnsf_clusters *clusters, size_t inputs, size_t outputs,
                            struct trn_map_counts *out_counts)
{
    struct trn_map_shape shape = {inputs, outputs};
    struct trn_map_counts counts;
    struct trn_plan *plan;

    TRN_TRY(trn_map_count_matrix(ctx, mask, shape, shape, &counts));
    TRN_TRY(trn_plan_create(ctx, TRNNSF_MAP_CLUSTERED, mask, clusters, 1, &shape, &plan));
    trn_map_count_plan(plan, &counts);
    trn_plan_free(plan);
    *out_counts = counts;
    return TRNNSF_OK;
}
