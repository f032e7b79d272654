/* Which budget a search tries next. */
#include <math.h>

#include "search/search.h"

/* Chosen here: what is left of a limit that another trial is not worth. */
static const double slack = 0.02;

static uint64_t between(const struct trn_search_range *range, double budget)
{
    if (!(budget > (double)range->low))
        return range->low + 1;
    return budget < (double)range->high ? (uint64_t)budget : range->high - 1;
}

/* The middle of both ends' logarithms. */
static uint64_t bisect(const struct trn_search_range *range)
{
    double low = (double)(range->low > 0 ? range->low : 1);

    return between(range, floor(sqrt(low * (double)range->high) + 0.5));
}

struct point {
    double budget, cost;
};

/* Two points near the limit, `a` the nearer one. Budgets that all lie on one side: the last two, or the
 * only one and the dense network. False before the first. */
static bool find_points(const struct trnnsf_search *search, struct point *a, struct point *b)
{
    const struct trn_search_range *range = &search->range;
    double dense = trn_search_dense_crossbars(search);

    if (search->budget.budget == 0)
        return false;
    *a = (struct point){(double)range->low, range->low_cost};
    *b = (struct point){(double)range->high, range->high_cost};
    if (isfinite(a->cost) && isfinite(b->cost))
        return true;
    if (!isfinite(a->cost))
        *a = *b;
    *b = (struct point){dense, dense * search->unit_cost};
    if (search->before.budget > 0)
        *b = (struct point){(double)search->before.budget, trn_search_cost(search, &search->before)};
    return true;
}

/* The budget where the straight line through both points reaches the limit: costs have a part that no
 * budget changes, of neurons and of inputs. */
static double aim(const struct trnnsf_search *search)
{
    struct point a, b;
    double limit = search->options.limit;

    if (!find_points(search, &a, &b))
        return floor(limit / search->unit_cost);

    double slope = (b.cost - a.cost) / (b.budget - a.budget);
    if (slope > 0 && isfinite(slope))
        return floor(a.budget + (limit - a.cost) / slope);
    return floor(a.budget * limit / a.cost);
}

uint64_t trn_search_next_budget(const struct trnnsf_search *search)
{
    return search->options.target == TRNNSF_TARGET_ACCURACY ? bisect(&search->range)
                                                            : between(&search->range, aim(search));
}

void trn_search_narrow(struct trnnsf_search *search, const struct trnnsf_trial *trial)
{
    struct trn_search_range *range = &search->range;
    double cost = trn_search_cost(search, trial);

    if ((trial->met != 0) == (search->options.target == TRNNSF_TARGET_ACCURACY)) {
        range->high = trial->budget;
        range->high_cost = cost;
    } else {
        range->low = trial->budget;
        range->low_cost = cost;
    }
}

bool trn_search_narrowed(const struct trnnsf_search *search)
{
    const struct trn_search_range *range = &search->range;

    if (range->high - range->low <= 1)
        return true;
    if (search->options.target == TRNNSF_TARGET_ACCURACY || !isfinite(range->low_cost))
        return false;
    if (range->low_cost * (1 + slack) > search->options.limit)
        return true;
    return search->before.budget > 0 && aim(search) <= (double)range->low;
}
