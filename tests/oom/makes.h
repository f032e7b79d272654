/* A scene that makes one object by one call: the object is there exactly on success. */
#ifndef OOM_MAKES_H
#define OOM_MAKES_H

#include "harness.h"

#define MAKES(name, type, call)                                                                    \
    static trnnsf_status name(struct stage *s)                                                     \
    {                                                                                              \
        trnnsf_##type *out = NULL;                                                                 \
        trnnsf_status status = (call);                                                             \
                                                                                                   \
        expect((status == TRNNSF_OK) == (out != NULL),                                             \
               "a result without success, or the reverse");                                        \
        trnnsf_##type##_free(out);                                                                 \
        return status;                                                                             \
    }

#endif
