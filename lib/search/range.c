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

/* Where the cost, taken as proportional to the budget, or as straight between two trials, reaches the
 * limit. */
static uint64_t aim(const struct trnnsf_search *search)
{
    const struct trn_search_range *range = &search->range;
    double limit = search->options.limit, low = (double)range->low, high = (double)range->high;

    if (isfinite(range->low_cost) && isfinite(range->high_cost))
        return between(range, floor(low + (high - low) * (limit - range->low_cost) /
                                              (range->high_cost - range->low_cost)));
    if (isfinite(range->low_cost))
        return between(range, floor(low * limit / range->low_cost));
    if (isfinite(range->high_cost))
        return between(range, floor(high * limit / range->high_cost));
    return between(range, floor(limit / search->unit_cost));
}

uint64_t trn_search_next_budget(const struct trnnsf_search *search)
{
    return search->options.target == TRNNSF_TARGET_ACCURACY ? bisect(&search->range) : aim(search);
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
    return range->low_cost * (1 + fmax(slack, 1 / (double)range->low)) > search->options.limit;
}
