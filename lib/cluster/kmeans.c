#include "cluster/kmeans.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/context.h"
#include "base/random.h"
#include "tensor/rows.h"

/* MATLAB's default, which the released code uses. */
enum { ITERATIONS_MAX = 100 };

struct kmeans {
    trnnsf_context *ctx;
    size_t n, k, dimension;
    const double *points;
    double *centres; /* [k x dimension] */
    double *distance;
    uint32_t *assignment;
    uint32_t *previous;
    size_t *members;
    struct trn_random random;
};

static double squared_distance(const struct kmeans *s, size_t point, const double *centre)
{
    const double *x = s->points + point * s->dimension;
    double sum = 0;

    for (size_t d = 0; d < s->dimension; d++)
        sum += (x[d] - centre[d]) * (x[d] - centre[d]);
    return sum;
}

static void take_centre(struct kmeans *s, size_t centre, size_t point)
{
    memcpy(s->centres + centre * s->dimension, s->points + point * s->dimension,
           s->dimension * sizeof *s->centres);
}

/* A point drawn with probability proportional to its distance; any where all are 0. */
static size_t draw_point(struct kmeans *s)
{
    double total = 0, sum = 0;

    for (size_t i = 0; i < s->n; i++)
        total += s->distance[i];
    if (!(total > 0))
        return trn_random_below(&s->random, (uint32_t)s->n);
    double wanted = trn_random_double(&s->random) * total;
    for (size_t i = 0; i < s->n; i++) {
        sum += s->distance[i];
        if (sum > wanted)
            return i;
    }
    return s->n - 1;
}

static void seed_centres(struct kmeans *s)
{
    take_centre(s, 0, trn_random_below(&s->random, (uint32_t)s->n));
    for (size_t i = 0; i < s->n; i++)
        s->distance[i] = squared_distance(s, i, s->centres);
    for (size_t c = 1; c < s->k; c++) {
        take_centre(s, c, draw_point(s));
        for (size_t i = 0; i < s->n; i++) {
            double distance = squared_distance(s, i, s->centres + c * s->dimension);

            if (distance < s->distance[i])
                s->distance[i] = distance;
        }
    }
}

/* A group without members takes the farthest point that is not its own group's only one. */
static void fill_empty(struct kmeans *s)
{
    for (size_t c = 0; c < s->k; c++) {
        size_t farthest = s->n;

        if (s->members[c] > 0)
            continue;
        for (size_t i = 0; i < s->n; i++) {
            if (s->members[s->assignment[i]] > 1 &&
                (farthest == s->n || s->distance[i] > s->distance[farthest]))
                farthest = i;
        }
        if (farthest == s->n)
            return;
        s->members[s->assignment[farthest]]--;
        s->members[c] = 1;
        s->assignment[farthest] = (uint32_t)c;
        s->distance[farthest] = 0;
    }
}

static void move_centres(struct kmeans *s)
{
    memset(s->centres, 0, s->k * s->dimension * sizeof *s->centres);
    for (size_t i = 0; i < s->n; i++) {
        double *centre = s->centres + s->assignment[i] * s->dimension;

        for (size_t d = 0; d < s->dimension; d++)
            centre[d] += s->points[i * s->dimension + d];
    }
    for (size_t c = 0; c < s->k; c++) {
        for (size_t d = 0; s->members[c] > 0 && d < s->dimension; d++)
            s->centres[c * s->dimension + d] /= (double)s->members[c];
    }
}

/* One run from new centres; the sum of squared distances. */
static trnnsf_status run(struct kmeans *s, double *out_cost)
{
    seed_centres(s);
    memset(s->previous, 0xff, s->n * sizeof *s->previous);
    for (int iteration = 0; iteration < ITERATIONS_MAX; iteration++) {
        TRN_TRY(trn_kmeans_assign(s->ctx, s->n, s->k, s->dimension, s->points, s->dimension,
                                  s->centres, s->dimension, s->assignment, s->distance));
        memset(s->members, 0, s->k * sizeof *s->members);
        for (size_t i = 0; i < s->n; i++)
            s->members[s->assignment[i]]++;
        fill_empty(s);
        if (memcmp(s->previous, s->assignment, s->n * sizeof *s->previous) == 0)
            break;
        memcpy(s->previous, s->assignment, s->n * sizeof *s->previous);
        move_centres(s);
    }
    *out_cost = 0;
    for (size_t i = 0; i < s->n; i++)
        *out_cost += s->distance[i];
    return TRNNSF_OK;
}

static bool all_finite(const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(values[i]))
            return false;
    }
    return true;
}

trnnsf_status trn_kmeans(trnnsf_context *ctx, size_t n, size_t k, size_t dimension,
                         const double *points, uint64_t seed, uint32_t stream, uint32_t restarts,
                         uint32_t *assignment)
{
    struct kmeans s = {.ctx = ctx, .n = n, .k = k, .dimension = dimension, .points = points};
    double best = HUGE_VAL;
    trnnsf_status status;

    if (k == 0 || n < k || n > UINT32_MAX || !all_finite(points, n * dimension))
        return trn_fail(ctx, TRNNSF_E_NUMERIC, "k-means: %zu groups of %zu points", k, n);
    s.centres = TRN_NEW_ARRAY(ctx, double, k * dimension);
    s.distance = TRN_NEW_ARRAY(ctx, double, n);
    s.assignment = TRN_NEW_ARRAY(ctx, uint32_t, n);
    s.previous = TRN_NEW_ARRAY(ctx, uint32_t, n);
    s.members = TRN_NEW_ARRAY(ctx, size_t, k);
    if (!s.centres || !s.distance || !s.assignment || !s.previous || !s.members) {
        status = TRNNSF_E_NO_MEMORY;
        goto out;
    }
    trn_random_init(&s.random, seed, TRN_RANDOM_KMEANS, stream);
    status = TRNNSF_OK;
    for (uint32_t r = 0; r < (restarts ? restarts : 1); r++) {
        double cost;

        TRN_TRY_OUT(run(&s, &cost));
        if (r > 0 && !(cost < best))
            continue;
        best = cost;
        memcpy(assignment, s.assignment, n * sizeof *assignment);
    }
out:
    trn_free(ctx, s.members);
    trn_free(ctx, s.previous);
    trn_free(ctx, s.assignment);
    trn_free(ctx, s.distance);
    trn_free(ctx, s.centres);
    return status;
}
