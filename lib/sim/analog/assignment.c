/* Shortest augmenting paths with dual variables, for more places than things: R. Jonker, A.
 * Volgenant, "A shortest augmenting path algorithm for dense and sparse linear assignment
 * problems", Computing 38, 1987, in the rectangular form of D. F. Crouse, "On implementing 2D
 * rectangular assignment algorithms", IEEE TAES 52(4), 2016. */
#include "sim/analog/assignment.h"

#include <math.h>

#include "base/alloc.h"
#include "base/context.h"

trnnsf_status trn_assignment_init(trnnsf_context *ctx, size_t things, size_t places,
                                  struct trn_assignment *work)
{
    work->price_thing = trn_malloc(ctx, things, sizeof(double));
    work->price_place = trn_malloc(ctx, places, sizeof(double));
    work->distance = trn_malloc(ctx, places, sizeof(double));
    work->previous = trn_malloc(ctx, places, sizeof(uint32_t));
    work->thing_at = trn_malloc(ctx, places, sizeof(uint32_t));
    work->open = trn_malloc(ctx, places, sizeof(uint32_t));
    work->reached = trn_malloc(ctx, places, sizeof(uint32_t));
    return work->price_thing && work->price_place && work->distance && work->previous &&
                   work->thing_at && work->open && work->reached
               ? TRNNSF_OK
               : TRN_NO_MEMORY;
}

void trn_assignment_clear(trnnsf_context *ctx, struct trn_assignment *work)
{
    trn_free(ctx, work->price_thing);
    trn_free(ctx, work->price_place);
    trn_free(ctx, work->distance);
    trn_free(ctx, work->previous);
    trn_free(ctx, work->thing_at);
    trn_free(ctx, work->open);
    trn_free(ctx, work->reached);
}

/* The two places that cost a thing least, at today's prices. */
struct least {
    double first, second;
    size_t first_place, second_place;
};

static struct least least_of(const struct trn_assignment *work, size_t m, const float *cost)
{
    struct least least = {INFINITY, INFINITY, 0, 0};

    for (size_t p = 0; p < m; p++) {
        double price = (double)cost[p] - work->price_place[p];

        if (price >= least.second)
            continue;
        if (price < least.first) {
            least.second = least.first;
            least.second_place = least.first_place;
            least.first = price;
            least.first_place = p;
        } else {
            least.second = price;
            least.second_place = p;
        }
    }
    return least;
}

/* Gives a thing its cheapest place, at a price that makes the second one as cheap, and whoever was
 * there moves out ("augmenting row reduction"). Prices of free places stay 0. Returns who moves
 * out, or TRN_NOWHERE. */
static uint32_t take(struct trn_assignment *work, size_t m, const float *cost, uint32_t thing,
                     uint32_t *place)
{
    struct least least = least_of(work, m, cost + thing * m);
    size_t to = least.first_place;

    if (m > 1 && least.first < least.second)
        work->price_place[to] -= least.second - least.first;
    else if (m > 1 && work->thing_at[to] != TRN_NOWHERE)
        to = least.second_place;

    uint32_t mover = work->thing_at[to];
    work->thing_at[to] = thing;
    place[thing] = (uint32_t)to;
    if (mover != TRN_NOWHERE)
        place[mover] = TRN_NOWHERE;
    return mover;
}

/* Most things get a place here; the steps are limited, as ties can move things in circles. */
static void begin(struct trn_assignment *work, size_t n, size_t m, const float *cost,
                  uint32_t *place)
{
    size_t steps = 4 * n;

    for (size_t p = 0; p < m; p++) {
        work->price_place[p] = 0;
        work->thing_at[p] = TRN_NOWHERE;
    }
    for (size_t t = 0; t < n; t++)
        place[t] = TRN_NOWHERE;
    for (size_t t = 0; t < n; t++) {
        for (uint32_t mover = (uint32_t)t; mover != TRN_NOWHERE && steps > 0; steps--)
            mover = take(work, m, cost, mover, place);
    }
    for (size_t t = 0; t < n; t++)
        work->price_thing[t] = place[t] == TRN_NOWHERE
                                   ? least_of(work, m, cost + t * m).first
                                   : (double)cost[t * m + place[t]] - work->price_place[place[t]];
}

/* From `thing` to a free place by the least sum of reduced costs, which is *out_length;
 * reached[*out_count] are the places passed on the way, with their distances. */
static uint32_t shortest_path(struct trn_assignment *work, size_t m, const float *cost,
                              uint32_t thing, double *out_length, size_t *out_count)
{
    double length = 0;
    size_t n_open = m, n_reached = 0;

    for (size_t p = 0; p < m; p++) {
        work->distance[p] = INFINITY;
        work->open[p] = (uint32_t)p;
    }
    for (;;) {
        const float *own = cost + thing * m;
        double base = length - work->price_thing[thing], least = INFINITY;
        size_t at = 0;

        for (size_t k = 0; k < n_open; k++) {
            uint32_t p = work->open[k];
            double reduced = base + (double)own[p] - work->price_place[p];

            if (reduced < work->distance[p]) {
                work->distance[p] = reduced;
                work->previous[p] = thing;
            }
            /* Of equal ones a free place, which ends the path, then the first. */
            if (work->distance[p] < least ||
                (work->distance[p] == least &&
                 (work->thing_at[p] == TRN_NOWHERE) >
                     (work->thing_at[work->open[at]] == TRN_NOWHERE))) {
                least = work->distance[p];
                at = k;
            }
        }
        uint32_t place = work->open[at];
        length = least;
        if (work->thing_at[place] == TRN_NOWHERE) {
            *out_length = length;
            *out_count = n_reached;
            return place;
        }
        work->reached[n_reached++] = place;
        work->open[at] = work->open[--n_open];
        thing = work->thing_at[place];
    }
}

static void augment(struct trn_assignment *work, size_t m, const float *cost, uint32_t thing,
                    uint32_t *place)
{
    double length;
    size_t count;
    uint32_t end = shortest_path(work, m, cost, thing, &length, &count);

    work->price_thing[thing] += length;
    for (size_t k = 0; k < count; k++) {
        uint32_t p = work->reached[k];

        work->price_thing[work->thing_at[p]] += length - work->distance[p];
        work->price_place[p] -= length - work->distance[p];
    }
    for (uint32_t mover = TRN_NOWHERE; mover != thing;) {
        uint32_t left;

        mover = work->previous[end];
        work->thing_at[end] = mover;
        left = place[mover];
        place[mover] = end;
        end = left;
    }
}

void trn_assign(struct trn_assignment *work, size_t n, size_t m, const float *cost, uint32_t *place)
{
    begin(work, n, m, cost, place);
    for (size_t t = 0; t < n; t++) {
        if (place[t] == TRN_NOWHERE)
            augment(work, m, cost, (uint32_t)t, place);
    }
}
