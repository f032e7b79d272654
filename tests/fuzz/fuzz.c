#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>

static struct {
    size_t live; /* allocations not yet released */
    size_t made;
    size_t failing; /* the number of the one that fails; 0: none */
    int lasting;
} state;

static int fails(void)
{
    state.made++;
    if (state.failing == 0)
        return 0;
    return state.lasting ? state.made >= state.failing : state.made == state.failing;
}

static void *allocate(size_t size, void *user)
{
    (void)user;
    void *pointer = fails() ? NULL : malloc(size);

    state.live += pointer != NULL;
    return pointer;
}

static void *reallocate(void *pointer, size_t size, void *user)
{
    (void)user;
    void *moved = fails() ? NULL : realloc(pointer, size);

    state.live += moved && !pointer;
    return moved;
}

static void release(void *pointer, void *user)
{
    (void)user;
    free(pointer);
    state.live--;
}

/* FNV-1a: any hash would do that spreads inputs. */
static uint32_t hash(const uint8_t *data, size_t size)
{
    uint32_t value = 2166136261u;

    for (size_t i = 0; i < size; i++)
        value = (value ^ data[i]) * 16777619u;
    return value ^ value >> 15;
}

trnnsf_context *fuzz_begin(const uint8_t *data, size_t size)
{
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
    struct trnnsf_allocator allocator = {sizeof allocator, allocate, reallocate, release, NULL};
    uint32_t chance = hash(data, size);
    trnnsf_context *ctx = NULL;

    state.live = state.made = state.failing = 0;
    options.threads = 1;
    options.allocator = &allocator;
    if (trnnsf_context_create(&options, &ctx) != TRNNSF_OK)
        abort();
    state.made = 0;
    if (chance % 8 == 0)
        state.failing = 1 + chance / 8 % 64;
    state.lasting = chance >> 31;
    return ctx;
}

void fuzz_end(trnnsf_context *ctx, trnnsf_status status)
{
    if (status != TRNNSF_OK && trnnsf_context_error(ctx)[0] == '\0') {
        fprintf(stderr, "%s without a text\n", trnnsf_status_name(status));
        abort();
    }
    if (status == TRNNSF_E_NO_MEMORY && state.failing == 0) {
        fprintf(stderr, "no memory: %s\n", trnnsf_context_error(ctx));
        abort();
    }
    trnnsf_context_free(ctx);
    if (state.live != 0) {
        fprintf(stderr, "%zu allocations are left\n", state.live);
        abort();
    }
}
