/* Orders of clusters and neurons in which clusters show. */
#include <stdlib.h>
#include <string.h>

#include "base/context.h"
#include "io/connectivity.h"

static const uint32_t *side(const trnnsf_clusters *clusters, bool rows, size_t i, size_t *out_n)
{
    return rows ? trnnsf_clusters_outputs(clusters, i, out_n)
                : trnnsf_clusters_inputs(clusters, i, out_n);
}

/* Which clusters hold each neuron of a side: cluster[start[neuron]] … in the order of `by_rank`. */
struct membership {
    size_t *start;
    uint32_t *cluster;
};

static void membership_free(trnnsf_context *ctx, struct membership *membership)
{
    trn_free(ctx, membership->start);
    trn_free(ctx, membership->cluster);
}

/* by_rank[count] lists the clusters in the order wanted; the entries are positions in that list. */
static trnnsf_status make_membership(trnnsf_context *ctx, const trnnsf_clusters *clusters,
                                     bool rows, size_t n, const uint32_t *by_rank,
                                     struct membership *out)
{
    size_t count = clusters ? trnnsf_clusters_count(clusters) : 0, size, all = 0;

    out->start = TRN_NEW_ARRAY(ctx, size_t, n + 2);
    if (!out->start)
        return TRNNSF_E_NO_MEMORY;
    /* Counts two places ahead: filling moves each start to where the next begins. */
    for (size_t i = 0; i < count; i++) {
        const uint32_t *items = side(clusters, rows, i, &size);

        for (size_t k = 0; k < size; k++)
            out->start[items[k] + 2]++;
        all += size;
    }
    for (size_t i = 2; i < n + 2; i++)
        out->start[i] += out->start[i - 1];
    out->cluster = TRN_NEW_ARRAY(ctx, uint32_t, all);
    if (!out->cluster)
        return TRNNSF_E_NO_MEMORY;
    for (size_t position = 0; position < count; position++) {
        const uint32_t *items = side(clusters, rows, by_rank[position], &size);

        for (size_t k = 0; k < size; k++)
            out->cluster[out->start[items[k] + 1]++] = (uint32_t)position;
    }
    return TRNNSF_OK;
}

struct sized {
    size_t area;
    uint32_t cluster;
};

static int compare_sized(const void *left, const void *right)
{
    const struct sized *a = left, *b = right;

    if (a->area != b->area)
        return a->area > b->area ? -1 : 1;
    return a->cluster < b->cluster ? -1 : a->cluster > b->cluster;
}

static trnnsf_status sort_by_area(trnnsf_context *ctx, const trnnsf_clusters *clusters,
                                  uint32_t *by_area)
{
    size_t count = trnnsf_clusters_count(clusters);
    struct sized *sized = TRN_NEW_ARRAY(ctx, struct sized, count);

    if (!sized)
        return TRNNSF_E_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        size_t n_rows, n_columns;

        side(clusters, true, i, &n_rows);
        side(clusters, false, i, &n_columns);
        sized[i] = (struct sized){n_rows * n_columns, (uint32_t)i};
    }
    qsort(sized, count, sizeof *sized, compare_sized);
    for (size_t i = 0; i < count; i++)
        by_area[i] = sized[i].cluster;
    trn_free(ctx, sized);
    return TRNNSF_OK;
}

/* shared[position] += neurons that it has in common with `cluster` on a side. */
static void count_shared(const trnnsf_clusters *clusters, bool rows,
                         const struct membership *membership, uint32_t cluster, uint32_t *shared)
{
    size_t size;
    const uint32_t *items = side(clusters, rows, cluster, &size);

    for (size_t k = 0; k < size; k++) {
        for (size_t e = membership->start[items[k]]; e < membership->start[items[k] + 1]; e++)
            shared[membership->cluster[e]]++;
    }
}

/* The chain: rank[cluster] = its place. `shared` and `placed` have an entry for each cluster. */
static void chain_clusters(const trnnsf_clusters *clusters, const uint32_t *by_area,
                           const struct membership members[2], uint32_t *shared, uint8_t *placed,
                           uint32_t *rank)
{
    size_t count = trnnsf_clusters_count(clusters), next = 0;

    for (size_t place = 0; place < count; place++) {
        size_t best = SIZE_MAX;

        placed[next] = 1;
        rank[by_area[next]] = (uint32_t)place;
        memset(shared, 0, count * sizeof *shared);
        count_shared(clusters, true, &members[0], by_area[next], shared);
        count_shared(clusters, false, &members[1], by_area[next], shared);
        for (size_t i = 0; i < count; i++) {
            if (!placed[i] && (best == SIZE_MAX || shared[i] > shared[best]))
                best = i;
        }
        next = best;
    }
}

trnnsf_status trn_connectivity_rank(trnnsf_context *ctx, const trnnsf_clusters *clusters,
                                    uint32_t *rank)
{
    size_t count = trnnsf_clusters_count(clusters);
    struct membership members[2] = {{NULL, NULL}, {NULL, NULL}};
    uint32_t *by_area = TRN_NEW_ARRAY(ctx, uint32_t, count);
    uint32_t *shared = TRN_NEW_ARRAY(ctx, uint32_t, count);
    uint8_t *placed = TRN_NEW_ARRAY(ctx, uint8_t, count);
    trnnsf_status status = TRNNSF_OK;

    TRN_NEED_OUT(by_area);
    TRN_NEED_OUT(shared);
    TRN_NEED_OUT(placed);
    TRN_TRY_OUT(sort_by_area(ctx, clusters, by_area));
    TRN_TRY_OUT(
        make_membership(ctx, clusters, true, trnnsf_clusters_rows(clusters), by_area, &members[0]));
    TRN_TRY_OUT(make_membership(ctx, clusters, false, trnnsf_clusters_columns(clusters), by_area,
                                &members[1]));
    if (count > 0)
        chain_clusters(clusters, by_area, members, shared, placed, rank);
out:
    membership_free(ctx, &members[0]);
    membership_free(ctx, &members[1]);
    trn_free(ctx, placed);
    trn_free(ctx, shared);
    trn_free(ctx, by_area);
    return status;
}

/* One neuron and the ranks of its clusters, ascending. */
struct member {
    const uint32_t *ranks;
    size_t n_ranks;
    uint32_t neuron;
    bool live;
};

static int compare_members(const void *left, const void *right)
{
    const struct member *a = left, *b = right;

    if (a->live != b->live)
        return a->live ? -1 : 1;
    if ((a->n_ranks == 0) != (b->n_ranks == 0))
        return a->n_ranks ? -1 : 1;
    for (size_t i = 0; i < a->n_ranks && i < b->n_ranks; i++) {
        if (a->ranks[i] != b->ranks[i])
            return a->ranks[i] < b->ranks[i] ? -1 : 1;
    }
    if (a->n_ranks != b->n_ranks)
        return a->n_ranks < b->n_ranks ? -1 : 1;
    return a->neuron < b->neuron ? -1 : a->neuron > b->neuron;
}

trnnsf_status trn_connectivity_order(trnnsf_context *ctx, const trnnsf_clusters *clusters,
                                     const uint32_t *rank, bool rows, const uint8_t *live, size_t n,
                                     uint32_t *order)
{
    size_t count = clusters ? trnnsf_clusters_count(clusters) : 0;
    struct membership membership = {NULL, NULL};
    struct member *members = TRN_NEW_ARRAY(ctx, struct member, n);
    uint32_t *by_rank = TRN_NEW_ARRAY(ctx, uint32_t, count);
    trnnsf_status status = TRNNSF_OK;

    TRN_NEED_OUT(members);
    TRN_NEED_OUT(by_rank);
    for (size_t i = 0; i < count; i++)
        by_rank[rank[i]] = (uint32_t)i;
    TRN_TRY_OUT(make_membership(ctx, clusters, rows, n, by_rank, &membership));
    for (size_t i = 0; i < n; i++)
        members[i] = (struct member){membership.cluster + membership.start[i],
                                     membership.start[i + 1] - membership.start[i], (uint32_t)i,
                                     live[i] != 0};
    qsort(members, n, sizeof *members, compare_members);
    for (size_t i = 0; i < n; i++)
        order[i] = members[i].neuron;
out:
    membership_free(ctx, &membership);
    trn_free(ctx, by_rank);
    trn_free(ctx, members);
    return status;
}
