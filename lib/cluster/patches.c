#include "cluster/patches.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/context.h"
#include "base/random.h"
#include "base/sort.h"

/* Chosen here: starts and turns settle on MNIST's pixels long before. Exchanges look at all pairs;
 * above LARGE items that takes seconds, and one pass must do. */
enum { STARTS = 4, TURNS = 20, PASSES = 10, LARGE = 2048 };

struct work {
    trnnsf_context *ctx;
    const float *distance;
    size_t stride; /* of distance */
    size_t n;      /* items to be placed */
    size_t count, room;
    uint32_t *middle; /* [count] */
    uint32_t *patch;  /* [n] */
    uint32_t *best;   /* [n] */
    size_t *held;     /* [count] */
    struct pair *pair; /* [n x count] */
};

struct pair {
    float distance;
    uint32_t item;
    uint32_t patch;
};

static float apart(const struct work *work, size_t i, size_t j)
{
    return work->distance[i * work->stride + j];
}

static float squared(float x)
{
    return x * x;
}

/* Far from those before it, the farther the likelier: k-means++ (Arthur and Vassilvitskii 2007). */
static void choose_middles(struct work *work, struct trn_random *random)
{
    work->middle[0] = trn_random_below(random, (uint32_t)work->n);
    for (size_t g = 1; g < work->count; g++) {
        double sum = 0, at = trn_random_double(random), seen = 0;
        size_t chosen = 0;

        for (int turn = 0; turn < 2; turn++) {
            for (size_t i = 0; i < work->n && seen <= at * sum; i++) {
                float near = INFINITY;

                for (size_t k = 0; k < g; k++)
                    near = fminf(near, apart(work, i, work->middle[k]));
                if (turn == 0) {
                    sum += (double)squared(near);
                    seen = -1;
                } else {
                    seen += (double)squared(near);
                    chosen = i;
                }
            }
            seen = 0;
        }
        work->middle[g] = (uint32_t)chosen;
    }
}

static int nearest_first(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;

    if (x->distance != y->distance)
        return x->distance < y->distance ? -1 : 1;
    if (x->item != y->item)
        return x->item < y->item ? -1 : 1;
    return (x->patch > y->patch) - (x->patch < y->patch);
}

/* The nearest pairs of item and middle first, as far as there is room. */
static void place(struct work *work)
{
    size_t pairs = 0;

    for (size_t i = 0; i < work->n; i++) {
        work->patch[i] = UINT32_MAX;
        for (size_t g = 0; g < work->count; g++)
            work->pair[pairs++] =
                (struct pair){apart(work, i, work->middle[g]), (uint32_t)i, (uint32_t)g};
    }
    qsort(work->pair, pairs, sizeof *work->pair, nearest_first);
    memset(work->held, 0, work->count * sizeof *work->held);
    for (size_t p = 0; p < pairs; p++) {
        const struct pair *pair = &work->pair[p];

        if (work->patch[pair->item] != UINT32_MAX || work->held[pair->patch] == work->room)
            continue;
        work->patch[pair->item] = pair->patch;
        work->held[pair->patch]++;
    }
}

/* Two items change places where that brings them nearer to their middles. */
static void exchange(struct work *work)
{
    size_t passes = work->n > LARGE ? 1 : PASSES;
    bool changed = true;

    for (size_t pass = 0; changed && pass < passes; pass++) {
        changed = false;
        for (size_t i = 0; i < work->n; i++) {
            for (size_t j = 0; j < i; j++) {
                uint32_t a = work->patch[i], b = work->patch[j];
                float now = squared(apart(work, i, work->middle[a])) +
                            squared(apart(work, j, work->middle[b]));
                float then = squared(apart(work, j, work->middle[a])) +
                             squared(apart(work, i, work->middle[b]));

                if (a != b && then < now * (1 - 1e-6f)) {
                    work->patch[i] = b;
                    work->patch[j] = a;
                    changed = true;
                }
            }
        }
    }
}

/* Each patch's middle is the item from which its own are the least far; whether one has moved. */
static bool centre(struct work *work)
{
    bool moved = false;

    for (size_t g = 0; g < work->count; g++) {
        double least = INFINITY;
        uint32_t middle = work->middle[g];

        for (size_t i = 0; i < work->n; i++) {
            double sum = 0;

            if (work->patch[i] != g)
                continue;
            for (size_t j = 0; j < work->n; j++) {
                if (work->patch[j] == g)
                    sum += (double)squared(apart(work, i, j));
            }
            if (sum < least) {
                least = sum;
                middle = (uint32_t)i;
            }
        }
        moved = moved || middle != work->middle[g];
        work->middle[g] = middle;
    }
    return moved;
}

static double spread(const struct work *work)
{
    double sum = 0;

    for (size_t i = 0; i < work->n; i++)
        sum += (double)squared(apart(work, i, work->middle[work->patch[i]]));
    return sum;
}

static trnnsf_status group(struct work *work, uint64_t seed)
{
    double least = INFINITY;

    for (uint32_t start = 0; start < STARTS; start++) {
        struct trn_random random;

        TRN_TRY(trn_cancelled(work->ctx, "pack"));
        trn_random_init(&random, seed, TRN_RANDOM_PACK, 2 + start);
        choose_middles(work, &random);
        for (int turn = 0; turn < TURNS; turn++) {
            place(work);
            exchange(work);
            if (!centre(work))
                break;
        }
        if (spread(work) < least) {
            least = spread(work);
            memcpy(work->best, work->patch, work->n * sizeof *work->best);
        }
    }
    memcpy(work->patch, work->best, work->n * sizeof *work->best);
    centre(work);
    return TRNNSF_OK;
}

/* A patch's own items, then the nearest others until it is full; all n items, not only the placed. */
static void fill(const struct work *work, size_t g, size_t side, uint32_t *out)
{
    size_t held = 0, others = 0, n = work->stride;

    for (size_t i = 0; i < n; i++) {
        if (i < work->n && work->patch[i] == g)
            out[held++] = (uint32_t)i;
        else
            work->pair[others++] =
                (struct pair){apart(work, i, work->middle[g]), (uint32_t)i, (uint32_t)g};
    }
    qsort(work->pair, others, sizeof *work->pair, nearest_first);
    for (size_t i = 0; held < side; i++)
        out[held++] = work->pair[i].item;
    trn_sort_indices(out, side);
}

trnnsf_status trn_patches(trnnsf_context *ctx, size_t n, const float *distance, size_t count,
                          size_t side, uint64_t seed, uint32_t *input)
{
    struct work work = {.ctx = ctx, .distance = distance, .stride = n, .count = count};
    trnnsf_status status;

    work.n = count <= n / side ? count * side : n;
    if (work.count > work.n)
        work.count = work.n; /* the rest would be copies */
    work.room = (work.n + work.count - 1) / work.count;
    work.middle = TRN_NEW_ARRAY(ctx, uint32_t, work.count);
    TRN_NEED_OUT(work.middle);
    work.held = TRN_NEW_ARRAY(ctx, size_t, work.count);
    TRN_NEED_OUT(work.held);
    work.patch = TRN_NEW_ARRAY(ctx, uint32_t, work.n);
    TRN_NEED_OUT(work.patch);
    work.best = TRN_NEW_ARRAY(ctx, uint32_t, work.n);
    TRN_NEED_OUT(work.best);
    work.pair = trn_malloc(ctx, n, work.count * sizeof *work.pair);
    TRN_NEED_OUT(work.pair);
    TRN_TRY_OUT(group(&work, seed));
    for (size_t g = 0; g < count; g++)
        fill(&work, g % work.count, side, input + g * side);
out:
    trn_free(ctx, work.middle);
    trn_free(ctx, work.held);
    trn_free(ctx, work.patch);
    trn_free(ctx, work.best);
    trn_free(ctx, work.pair);
    return status;
}
