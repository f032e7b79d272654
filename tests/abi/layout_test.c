/* Public structs keep the place and size of every member that a release had; constants keep their
 * values. Structs may only grow at the end. The compiler makes the comparison, on any machine. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "layouts.h"

#define MEMBER_SIZE(name, member) sizeof(((struct name *)0)->member)
#define SAME_MEMBER(name, member)                                                                  \
    _Static_assert(offsetof(struct name, member) == offsetof(struct frozen_##name, member),        \
                   #name "." #member " has moved");                                                \
    _Static_assert(MEMBER_SIZE(name, member) == MEMBER_SIZE(frozen_##name, member),                \
                   #name "." #member " has another size");
#define NO_SMALLER(name)                                                                           \
    _Static_assert(sizeof(struct name) >= sizeof(struct frozen_##name), #name " has shrunk");
#define SAME_VALUE(constant, value) _Static_assert((constant) == (value), #constant " has changed");

FROZEN_MEMBERS(SAME_MEMBER)
FROZEN_STRUCTS(NO_SMALLER)
FROZEN_CONSTANTS(SAME_VALUE)

_Static_assert(sizeof(trnnsf_status) == sizeof(int), "a status is as large as an int");

/* On 64-bit machines members fill their structs: bytes of padding at the end would become a later
 * version's field, with whatever the callers of today leave in them. */
static size_t padding_of(size_t struct_size, size_t member_bytes, const char *name)
{
    if (sizeof(size_t) == 8 && struct_size != member_bytes) {
        printf("struct %s: %zu bytes, of which members %zu\n", name, struct_size, member_bytes);
        return struct_size - member_bytes;
    }
    return 0;
}

int main(void)
{
#define COUNTER(name) size_t bytes_##name = 0;
#define ADD_MEMBER(name, member) bytes_##name += MEMBER_SIZE(frozen_##name, member);
#define ADD_PADDING(name) padding += padding_of(sizeof(struct frozen_##name), bytes_##name, #name);
    size_t padding = 0;

    FROZEN_STRUCTS(COUNTER)
    FROZEN_MEMBERS(ADD_MEMBER)
    FROZEN_STRUCTS(ADD_PADDING)
    if (padding == 0)
        printf("layouts and values are the released ones\n");
    return padding == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
