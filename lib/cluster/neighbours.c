#include "cluster/neighbours.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/context.h"

/* Chosen here: on MNIST's 28 x 28 pixels, 4 and 6 give patches as compact as those cut by pixel
 * coordinates. */
enum { NEAREST = 6 };

/* Edges as lists: item i's are to[start[i]] … to[start[i + 1]]. */
struct graph {
    size_t n;
    size_t *start; /* [n + 1] */
    uint32_t *to;
    float *length;
};

struct visit {
    float distance;
    uint32_t item;
};

/* A binary heap, the nearest first. */
struct queue {
    struct visit *visit;
    size_t count;
};

static bool before(const struct visit *a, const struct visit *b)
{
    return a->distance < b->distance || (a->distance == b->distance && a->item < b->item);
}

static void push(struct queue *queue, struct visit visit)
{
    size_t at = queue->count++;

    while (at > 0 && before(&visit, &queue->visit[(at - 1) / 2])) {
        queue->visit[at] = queue->visit[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    queue->visit[at] = visit;
}

static struct visit pop(struct queue *queue)
{
    struct visit first = queue->visit[0], last = queue->visit[--queue->count];
    size_t at = 0;

    for (;;) {
        size_t child = 2 * at + 1;

        if (child >= queue->count)
            break;
        if (child + 1 < queue->count && before(&queue->visit[child + 1], &queue->visit[child]))
            child++;
        if (!before(&queue->visit[child], &last))
            break;
        queue->visit[at] = queue->visit[child];
        at = child;
    }
    queue->visit[at] = last;
    return first;
}

/* The items that i correlates with most, itself left out. */
static size_t nearest(const float *correlation, size_t n, size_t i, uint32_t *out)
{
    size_t count = 0;

    for (size_t j = 0; j < n; j++) {
        float r = fabsf(correlation[j]);
        size_t at = count;

        if (j == i || (count == NEAREST && !(r > fabsf(correlation[out[NEAREST - 1]]))))
            continue;
        if (count < NEAREST)
            count++;
        else
            at = NEAREST - 1;
        for (; at > 0 && r > fabsf(correlation[out[at - 1]]); at--)
            out[at] = out[at - 1];
        out[at] = (uint32_t)j;
    }
    return count;
}

/* Standardised items are sqrt(2 - 2 r) apart. */
static float length_of(float correlation)
{
    return sqrtf(fmaxf(2.0f - 2.0f * fabsf(correlation), 0.0f));
}

/* Each item's nearest in `near` [n x NEAREST]; an edge is listed at both of its ends, twice where
 * each is near the other. */
static trnnsf_status join(trnnsf_context *ctx, const float *correlation, const uint32_t *near,
                          size_t count, struct graph *graph)
{
    size_t n = graph->n;

    graph->start = TRN_NEW_ARRAY(ctx, size_t, n + 2);
    graph->to = TRN_NEW_ARRAY(ctx, uint32_t, 2 * n * count + 1);
    graph->length = TRN_NEW_ARRAY(ctx, float, 2 * n * count + 1);
    if (!graph->start || !graph->to || !graph->length)
        return TRNNSF_E_NO_MEMORY;
    size_t *fill = graph->start + 1; /* of item i while edges are put in: its end so far */
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < count; k++) {
            fill[i + 1]++;
            fill[near[i * NEAREST + k] + 1]++;
        }
    }
    for (size_t i = 0; i < n; i++)
        fill[i + 1] += fill[i];
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < count; k++) {
            size_t j = near[i * NEAREST + k];
            float length = length_of(correlation[i * n + j]);

            graph->to[fill[i]] = (uint32_t)j;
            graph->length[fill[i]++] = length;
            graph->to[fill[j]] = (uint32_t)i;
            graph->length[fill[j]++] = length;
        }
    }
    return TRNNSF_OK;
}

/* Dijkstra's shortest paths; distance[n] is infinite where none leads. */
static void find_paths(const struct graph *graph, size_t from, struct queue *queue, float *distance)
{
    for (size_t j = 0; j < graph->n; j++)
        distance[j] = INFINITY;
    distance[from] = 0;
    queue->count = 0;
    push(queue, (struct visit){0, (uint32_t)from});
    while (queue->count > 0) {
        struct visit at = pop(queue);

        if (at.distance > distance[at.item])
            continue;
        for (size_t e = graph->start[at.item]; e < graph->start[at.item + 1]; e++) {
            float there = at.distance + graph->length[e];

            if (there < distance[graph->to[e]]) {
                distance[graph->to[e]] = there;
                push(queue, (struct visit){there, graph->to[e]});
            }
        }
    }
}

static void bound_distances(size_t n, float *distance)
{
    float most = 0;

    for (size_t e = 0; e < n * n; e++) {
        if (isfinite(distance[e]))
            most = fmaxf(most, distance[e]);
    }
    for (size_t e = 0; e < n * n; e++) {
        if (!isfinite(distance[e]))
            distance[e] = 2 * most;
    }
    /* Sums in either direction are rounded differently. */
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++)
            distance[i * n + j] = distance[j * n + i];
    }
}

trnnsf_status trn_neighbour_distances(trnnsf_context *ctx, size_t n, const float *correlation,
                                      float *distance)
{
    struct graph graph = {.n = n};
    struct queue queue = {NULL, 0};
    uint32_t *near = trn_malloc(ctx, n, NEAREST * sizeof *near);
    size_t count = 0;
    trnnsf_status status;

    TRN_NEED_OUT(near);
    for (size_t i = 0; i < n; i++)
        count = nearest(correlation + i * n, n, i, near + i * NEAREST);
    TRN_TRY_OUT(join(ctx, correlation, near, count, &graph));
    /* An edge shortens a path at most once from either end. */
    queue.visit = TRN_NEW_ARRAY(ctx, struct visit, 2 * n * count + 2);
    TRN_NEED_OUT(queue.visit);
    for (size_t i = 0; i < n; i++) {
        TRN_TRY_OUT(trn_cancelled(ctx, "pack"));
        find_paths(&graph, i, &queue, distance + i * n);
    }
    bound_distances(n, distance);
    status = TRNNSF_OK;
out:
    trn_free(ctx, near);
    trn_free(ctx, graph.start);
    trn_free(ctx, graph.to);
    trn_free(ctx, graph.length);
    trn_free(ctx, queue.visit);
    return status;
}
