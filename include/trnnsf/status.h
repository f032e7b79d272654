/** \file status.h
 * Results of calls that can fail, and the marks that every public header uses.
 */
#ifndef TRNNSF_STATUS_H
#define TRNNSF_STATUS_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define TRNNSF_API __attribute__((visibility("default")))
#else
#define TRNNSF_API
#endif

#ifdef __cplusplus
#define TRNNSF_BEGIN_DECLS extern "C" {
#define TRNNSF_END_DECLS }
#else
#define TRNNSF_BEGIN_DECLS
#define TRNNSF_END_DECLS
#endif

TRNNSF_BEGIN_DECLS

/** Number, name and text of every status. Numbers are fixed for ever. */
#define TRNNSF_STATUS_LIST(X)                                                                      \
    X(0, OK, "success")                                                                            \
    X(1, E_INVALID, "an argument or option is out of its range")                                   \
    X(2, E_NO_MEMORY, "the allocator had no memory")                                               \
    X(3, E_CANCELLED, "cancelled by the caller")                                                   \
    X(4, E_IO, "a file could not be read or written")                                              \
    X(5, E_FORMAT, "a file's contents are not what its format says")                               \
    X(6, E_UNSUPPORTED, "not supported, or built without the library it needs")                    \
    X(7, E_LIMIT, "a size exceeds a stated limit")                                                 \
    X(8, E_NUMERIC, "a computation met a value that is not finite, or did not converge")           \
    X(9, E_STATE, "the object is not in a state in which this can be done")                        \
    X(10, E_NOT_FOUND, "no such name, key or file")                                                \
    X(11, E_MISMATCH, "two objects do not fit each other")                                         \
    X(12, E_CHECK, "an invariant does not hold")

typedef enum trnnsf_status {
#define TRNNSF_STATUS_ENUM(number, name, text) TRNNSF_##name = number,
    TRNNSF_STATUS_LIST(TRNNSF_STATUS_ENUM)
#undef TRNNSF_STATUS_ENUM
} trnnsf_status;

/** The name of a status, such as "TRNNSF_E_INVALID"; "unknown" for a number that is none.
 * The string is constant. Any thread. Since 0.1. */
TRNNSF_API const char *trnnsf_status_name(trnnsf_status status);

/** One sentence on a status. The string is constant. Any thread. Since 0.1. */
TRNNSF_API const char *trnnsf_status_text(trnnsf_status status);

TRNNSF_END_DECLS

#endif
