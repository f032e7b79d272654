/* Backends as somebody outside the library writes them: from <trnnsf/backend.h> alone. */
#ifndef OUTSIDE_H
#define OUTSIDE_H

#include <stdatomic.h>
#include <trnnsf/backend.h>

struct outside_state {
    atomic_ulong calls;
};

/* Has gemm only, and counts its calls. */
void outside_counting(struct trnnsf_backend_ops *ops, struct outside_state *state);

/* Has every slot, and refuses every call. */
void outside_refusing(struct trnnsf_backend_ops *ops, struct outside_state *state);

#endif
