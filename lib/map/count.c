#include "map/count.h"

#include "base/context.h"
#include "cluster/pack_bound.h"

static uint64_t ceil_divide(uint64_t a, uint64_t b)
{
    return (a + b - 1) / b;
}

trnnsf_status trn_map_bound(trnnsf_context *ctx, size_t n_shapes,
                            const struct trn_map_shape *shapes, const uint32_t *fan_in,
                            size_t n_out, const uint32_t *fan_out, size_t n_in, uint64_t *out_bound)
{
    struct trn_pack_pool pool = {.count = n_shapes};
    double bound;

    for (size_t s = 0; s < n_shapes; s++)
        pool.shape[s] = (struct trn_pack_shape){shapes[s].outputs, shapes[s].inputs, 1};
    TRN_TRY(trn_pack_bound_lines(ctx, &pool, fan_in, n_out, fan_out, n_in, &bound));
    *out_bound = (uint64_t)bound;
    return TRNNSF_OK;
}

/* fan_in[n_rows] and fan_out[n_columns] are filled. */
static void count_lines(const struct trn_mask *mask, uint32_t *fan_in, uint32_t *fan_out,
                        struct trn_map_counts *counts)
{
    trn_mask_count_columns(mask, fan_out);
    for (size_t column = 0; column < mask->n_columns; column++)
        counts->inputs_used += fan_out[column] > 0;
    for (size_t row = 0; row < mask->n_rows; row++) {
        fan_in[row] = (uint32_t)trn_mask_count_row(mask, row);
        counts->synapses += fan_in[row];
        counts->outputs_used += fan_in[row] > 0;
    }
}

trnnsf_status trn_map_count_matrix(trnnsf_context *ctx, const struct trn_mask *mask,
                                   size_t n_shapes, const struct trn_map_shape *shapes,
                                   struct trn_map_counts *out_counts)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_map_counts counts = {0};
    struct trn_map_shape shape = shapes[0];
    size_t n_outputs, n_inputs;
    uint32_t *outputs = trn_malloc(ctx, mask->n_rows, sizeof *outputs);
    uint32_t *inputs = trn_malloc(ctx, mask->n_columns, sizeof *inputs);

    TRN_NEED_OUT(outputs);
    TRN_NEED_OUT(inputs);
    count_lines(mask, outputs, inputs, &counts);
    TRN_TRY_OUT(trn_map_bound(ctx, n_shapes, shapes, outputs, mask->n_rows, inputs, mask->n_columns,
                              &counts.lower_bound));
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
    struct trn_map_shape shape = {inputs, outputs, 0};
    struct trn_map_counts counts;
    struct trn_plan *plan;

    TRN_TRY(trn_map_count_matrix(ctx, mask, 1, &shape, &counts));
    TRN_TRY(trn_plan_create(ctx, TRNNSF_MAP_CLUSTERED, mask, clusters, 1, &shape, &plan));
    trn_map_count_plan(plan, &counts);
    trn_plan_free(plan);
    *out_counts = counts;
    return TRNNSF_OK;
}
