/* The linear sum assignment: each of n things gets a place of its own among m >= n, at least cost.
 */
#ifndef TRN_SIM_ANALOG_ASSIGNMENT_H
#define TRN_SIM_ANALOG_ASSIGNMENT_H

#include <stdbool.h>
#include <trnnsf/context.h>

/* Memory for assignments of at most so many things and places. */
struct trn_assignment {
    double *price_thing; /* dual variables */
    double *price_place;
    double *distance;   /* [places] of the shortest path so far */
    uint32_t *previous; /* [places] thing before it on that path */
    uint32_t *thing_at; /* [places], or TRN_NOWHERE */
    uint32_t *open;     /* [places] not reached yet */
    uint32_t *reached;  /* [places] */
};

#define TRN_NOWHERE UINT32_MAX

/* To be cleared after failure, too. */
trnnsf_status trn_assignment_init(trnnsf_context *ctx, size_t things, size_t places,
                                  struct trn_assignment *work);
void trn_assignment_clear(trnnsf_context *ctx, struct trn_assignment *work);

/* cost[n x m], finite; place[n] is written. Equal costs go to the first place. */
void trn_assign(struct trn_assignment *work, size_t n, size_t m, const float *cost,
                uint32_t *place);

#endif
