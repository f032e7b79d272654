#include "map/count.h"

#include "base/context.h"
#include "cluster/bound.h"

static uint64_t ceil_divide(uint64_t a, uint64_t b)
{
    return (a + b - 1) / b;
}

static trnnsf_status count_lines(trnnsf_context *ctx, const struct trn_mask *mask,
                                 struct trn_map_shape widest, struct trn_map_counts *counts)
{
    size_t bound;
    uint32_t *fan_out = TRN_NEW_ARRAY(ctx, uint32_t, mask->n_columns);

    if (!fan_out)
        return TRNNSF_E_NO_MEMORY;
    trn_mask_count_columns(mask, fan_out);
    for (size_t column = 0; column < mask->n_columns; column++)
        counts->inputs_used += fan_out[column] > 0;
    trn_free(ctx, fan_out);
    for (size_t row = 0; row < mask->n_rows; row++) {
        size_t fan_in = trn_mask_count_row(mask, row);

        counts->synapses += fan_in;
        counts->outputs_used += fan_in > 0;
    }
    TRN_TRY(trn_crossbar_lower_bound_mask(ctx, mask, widest.inputs, widest.outputs, &bound));
    counts->lower_bound = bound;
    return TRNNSF_OK;
}

trnnsf_status trn_map_count_matrix(trnnsf_context *ctx, const struct trn_mask *mask,
                                   struct trn_map_shape shape, struct trn_map_shape widest,
                                   struct trn_map_counts *out_counts)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_map_counts counts = {0};
    size_t n_outputs, n_inputs;
    uint32_t *outputs = trn_malloc(ctx, mask->n_rows, sizeof *outputs);
    uint32_t *inputs = trn_malloc(ctx, mask->n_columns, sizeof *inputs);

    TRN_NEED_OUT(outputs);
    TRN_NEED_OUT(inputs);
    TRN_TRY_OUT(count_lines(ctx, mask, widest, &counts));
    counts.dense =
        ceil_divide(mask->n_columns, shape.inputs) * ceil_divide(mask->n_rows, shape.outputs);
    trn_plan_live(mask, outputs, &n_outputs, inputs, &n_inputs);
    TRN_TRY_OUT(trn_plan_count_tiles(ctx, mask, shape, outputs, n_outputs, inputs, n_inputs,
                                     &counts.pruned));
    *out_counts = counts;
out:
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
