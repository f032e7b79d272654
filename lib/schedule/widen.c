#include "schedule/widen.h"

#include <math.h>
#include <string.h>

#include "base/context.h"
#include "base/random.h"
#include "cluster/builder.h"
#include "schedule/rules.h"

/* One side of the gap between two layers: the lower one's outputs, or the upper one's inputs.
 * Blocks with the same lines on that side are a group: what joins one of them joins all. */
struct side {
    const struct trnnsf_clusters *clusters;
    bool outputs;
    size_t *group; /* [blocks] */
    size_t *room;  /* [blocks], of a group at its first block; lines that all of it could take */
};

/* An idle neuron and the groups that it joins. */
struct joining {
    uint32_t neuron;
    size_t lower, upper;
};

static const uint32_t *lines_of(const struct side *side, size_t i, size_t *count)
{
    const struct trn_blocks *blocks = side->clusters->blocks;

    *count = side->outputs ? trn_block_rows(blocks, i) : trn_block_columns(blocks, i);
    return side->outputs ? blocks->row + blocks->row_start[i]
                         : blocks->column + blocks->column_start[i];
}

static size_t room_of(const struct trn_pack_pool *pool, const struct side *side, size_t i)
{
    const struct trn_blocks *blocks = side->clusters->blocks;
    size_t rows = trn_block_rows(blocks, i), columns = trn_block_columns(blocks, i);
    const struct trn_pack_shape *shape = &pool->shape[trn_pack_cheapest(pool, rows, columns)];

    return side->outputs ? shape->rows - rows : shape->columns - columns;
}

static size_t first_alike(const struct side *side, size_t i)
{
    size_t count, other_count;
    const uint32_t *lines = lines_of(side, i, &count);

    for (size_t other = 0; other < i; other++) {
        const uint32_t *others = lines_of(side, other, &other_count);

        if (other_count == count && memcmp(lines, others, count * sizeof *lines) == 0)
            return other;
    }
    return i;
}

static trnnsf_status open_side(struct trn_joint *joint, struct side *side,
                               const struct trnnsf_clusters *clusters, bool outputs)
{
    size_t count = trn_clusters_count(clusters);

    *side = (struct side){.clusters = clusters,
                          .outputs = outputs,
                          .group = TRN_NEW_ARRAY(joint->ctx, size_t, count),
                          .room = TRN_NEW_ARRAY(joint->ctx, size_t, count)};
    if (!side->group || !side->room)
        return TRNNSF_E_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        size_t room = room_of(&joint->run->pool, side, i), group = first_alike(side, i);

        side->group[i] = group;
        if (group == i || room < side->room[group])
            side->room[group] = room;
    }
    return TRNNSF_OK;
}

static void close_side(trnnsf_context *ctx, struct side *side)
{
    trn_free(ctx, side->group);
    trn_free(ctx, side->room);
}

/* The group with most room; the first one of equals. */
static size_t roomiest(const struct side *side)
{
    size_t best = 0;

    for (size_t i = 1; i < trn_clusters_count(side->clusters); i++) {
        if (side->group[i] == i && side->room[i] > side->room[best])
            best = i;
    }
    return best;
}

/* idle[neurons of the gap]; how many. */
static size_t find_idle(const struct side *lower, const struct side *upper, size_t neurons,
                        bool *idle)
{
    const struct trn_blocks *reads = upper->clusters->blocks;
    size_t count = 0;

    for (size_t i = 0; i < neurons; i++)
        idle[i] = !trn_clusters_has_row(lower->clusters, i);
    for (size_t c = 0; c < reads->column_start[reads->count]; c++)
        idle[reads->column[c]] = false;
    for (size_t i = 0; i < neurons; i++)
        count += idle[i];
    return count;
}

/* joinings[idle neurons], by neuron; how many. */
static size_t match(struct side *lower, struct side *upper, const bool *idle, size_t neurons,
                    struct joining *joinings)
{
    size_t count = 0;

    for (size_t i = 0; i < neurons; i++) {
        if (!idle[i])
            continue;

        size_t a = roomiest(lower), b = roomiest(upper);
        if (lower->room[a] == 0 || upper->room[b] == 0)
            break;
        lower->room[a]--;
        upper->room[b]--;
        joinings[count++] = (struct joining){(uint32_t)i, a, b};
    }
    return count;
}

/* Ascending lines of block i and those that join its group, into out[]; how many. */
static size_t merge_lines(const struct side *side, size_t i, const struct joining *joinings,
                          size_t count, uint32_t *out)
{
    size_t n_lines, next = 0, merged = 0;
    const uint32_t *lines = lines_of(side, i, &n_lines);

    for (size_t k = 0; k < count; k++) {
        if ((side->outputs ? joinings[k].lower : joinings[k].upper) != side->group[i])
            continue;
        while (next < n_lines && lines[next] < joinings[k].neuron)
            out[merged++] = lines[next++];
        out[merged++] = joinings[k].neuron;
    }
    while (next < n_lines)
        out[merged++] = lines[next++];
    return merged;
}

/* The side's clusters with what joins them. */
static trnnsf_status rebuild(trnnsf_context *ctx, const struct side *side,
                             const struct joining *joinings, size_t count,
                             struct trnnsf_clusters **out_clusters)
{
    const struct trn_blocks *blocks = side->clusters->blocks;
    size_t neurons = side->outputs ? blocks->n_rows : blocks->n_columns;
    uint32_t *merged = TRN_NEW_ARRAY(ctx, uint32_t, neurons);
    struct trn_cluster_builder builder;
    trnnsf_status status;

    trn_builder_init(&builder, ctx);
    TRN_NEED_OUT(merged);
    for (size_t i = 0; i < blocks->count; i++) {
        size_t n = merge_lines(side, i, joinings, count, merged);
        const uint32_t *row = blocks->row + blocks->row_start[i];
        const uint32_t *column = blocks->column + blocks->column_start[i];

        TRN_TRY_OUT(side->outputs
                        ? trn_builder_add(&builder, merged, n, column, trn_block_columns(blocks, i))
                        : trn_builder_add(&builder, row, trn_block_rows(blocks, i), merged, n));
    }
    status = trn_builder_finish(&builder, blocks->n_rows, blocks->n_columns, out_clusters);
out:
    trn_builder_free(&builder);
    trn_free(ctx, merged);
    return status;
}

/* The neuron's incoming weights, wherever it has synapses. */
static void draw_weights(const struct trn_joint *joint, size_t index, uint32_t neuron)
{
    struct trn_layer *layer = &joint->run->network->layers[index];
    float *weights = layer->weights + (size_t)neuron * layer->n_in;
    struct trn_random random;

    trn_random_init(&random, trn_rule_seed(joint->run, index, joint->epoch), TRN_RANDOM_PACK, 2);
    trn_random_seek(&random, neuron);
    double scale = sqrt(2.0 / (double)trn_mask_count_row(layer->mask, neuron));
    for (size_t j = 0; j < layer->n_in; j++) {
        if (trn_mask_get(layer->mask, neuron, j))
            weights[j] = (float)(scale * trn_random_normal(&random));
    }
    if (layer->biases)
        layer->biases[neuron] = 0;
}

/* Both layers take what joins, or neither. */
static trnnsf_status adopt(struct trn_joint *joint, size_t index, const struct side *lower,
                           const struct side *upper, const struct joining *joinings, size_t count)
{
    trnnsf_context *ctx = joint->ctx;
    struct trnnsf_clusters *feeds = NULL, *reads = NULL;
    trnnsf_status status;

    TRN_TRY_OUT(rebuild(ctx, lower, joinings, count, &feeds));
    TRN_TRY_OUT(rebuild(ctx, upper, joinings, count, &reads));
    TRN_TRY_OUT(trn_joint_apply(joint, index, feeds));
    TRN_TRY_OUT(trn_joint_apply(joint, index + 1, reads));
    for (size_t k = 0; k < count; k++)
        draw_weights(joint, index, joinings[k].neuron);
out:
    trn_clusters_free(feeds);
    trn_clusters_free(reads);
    return status;
}

/* Between layer `index` and the next. */
static trnnsf_status widen_gap(struct trn_joint *joint, size_t index)
{
    trnnsf_context *ctx = joint->ctx;
    const struct trn_layer *layers = joint->run->network->layers;
    size_t neurons = layers[index].n_out, count;
    struct side lower = {.outputs = true}, upper = {.outputs = false};
    bool *idle = TRN_NEW_ARRAY(ctx, bool, neurons);
    struct joining *joinings = NULL;
    trnnsf_status status;

    TRN_NEED_OUT(idle);
    TRN_TRY_OUT(open_side(joint, &lower, layers[index].clusters, true));
    TRN_TRY_OUT(open_side(joint, &upper, layers[index + 1].clusters, false));
    count = find_idle(&lower, &upper, neurons, idle);
    joinings = TRN_NEW_ARRAY(ctx, struct joining, count + 1);
    TRN_NEED_OUT(joinings);
    count = match(&lower, &upper, idle, neurons, joinings);
    status = count > 0 ? adopt(joint, index, &lower, &upper, joinings, count) : TRNNSF_OK;
out:
    close_side(ctx, &lower);
    close_side(ctx, &upper);
    trn_free(ctx, idle);
    trn_free(ctx, joinings);
    return status;
}

trnnsf_status trn_joint_widen(struct trn_joint *joint)
{
    const struct trnnsf_network *network = joint->run->network;

    for (size_t l = 0; l < network->n_layers; l++) {
        if (trn_clusters_count(network->layers[l].clusters) == 0)
            return TRNNSF_OK; /* nothing leads through */
    }
    for (size_t l = 0; l + 1 < network->n_layers; l++)
        TRN_TRY(widen_gap(joint, l));
    return TRNNSF_OK;
}
