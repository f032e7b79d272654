#include "cluster/pack_copy.h"

#include "base/alloc.h"
#include "base/context.h"
#include "base/pool.h"

enum { LINES_A_TASK = 256 };

struct copying {
    const struct trn_pack_side *side;
    struct trn_pack_copy *copy;
};

static size_t end_of(const struct copying *c, size_t task)
{
    size_t end = (task + 1) * LINES_A_TASK;

    return end < c->side->lines ? end : c->side->lines;
}

static void count_task(void *argument, size_t task, size_t worker)
{
    const struct copying *c = argument;
    const struct trn_pack_side *side = c->side;

    (void)worker;
    for (size_t i = task * LINES_A_TASK; i < end_of(c, task); i++) {
        size_t count = 0;

        for (size_t e = side->start[i]; e < side->start[i + 1]; e++)
            count += side->open[e] > 0;
        c->copy->start[i + 1] = count;
    }
}

static void copy_task(void *argument, size_t task, size_t worker)
{
    const struct copying *c = argument;
    const struct trn_pack_side *side = c->side;

    (void)worker;
    for (size_t i = task * LINES_A_TASK; i < end_of(c, task); i++) {
        size_t at = c->copy->start[i];

        for (size_t e = side->start[i]; e < side->start[i + 1]; e++) {
            if (!(side->open[e] > 0))
                continue;
            c->copy->index[at] = side->index[e];
            c->copy->open[at++] = side->open[e];
        }
    }
}

/* What is open only shrinks within one generation: room for the first copy does for the others. */
static trnnsf_status make_room(trnnsf_context *ctx, size_t lines, size_t opened,
                               struct trn_pack_copy *copy)
{
    if (!copy->start)
        copy->start = TRN_NEW_ARRAY(ctx, size_t, lines + 1);
    if (!copy->start)
        return TRNNSF_E_NO_MEMORY;
    if (opened <= copy->room && copy->index && copy->open)
        return TRNNSF_OK;
    trn_free(ctx, copy->index);
    trn_free(ctx, copy->open);
    copy->open = NULL;
    copy->index = trn_malloc(ctx, opened, sizeof *copy->index);
    if (!copy->index)
        return TRNNSF_E_NO_MEMORY;
    copy->open = trn_malloc(ctx, opened, sizeof *copy->open);
    if (!copy->open)
        return TRNNSF_E_NO_MEMORY;
    copy->room = opened;
    return TRNNSF_OK;
}

trnnsf_status trn_pack_copy_open(trnnsf_context *ctx, const struct trn_pack_side *side,
                                 size_t opened, struct trn_pack_copy *copy,
                                 struct trn_pack_side *out)
{
    struct copying c = {side, copy};
    size_t tasks = (side->lines + LINES_A_TASK - 1) / LINES_A_TASK;

    TRN_TRY(make_room(ctx, side->lines, opened, copy));
    trn_parallel(ctx, tasks, count_task, &c);
    for (size_t i = 0; i < side->lines; i++)
        copy->start[i + 1] += copy->start[i];
    trn_parallel(ctx, tasks, copy_task, &c);
    *out = *side;
    out->start = copy->start;
    out->index = copy->index;
    out->open = copy->open;
    return TRNNSF_OK;
}

void trn_pack_copy_free(trnnsf_context *ctx, struct trn_pack_copy *copy)
{
    trn_free(ctx, copy->start);
    trn_free(ctx, copy->index);
    trn_free(ctx, copy->open);
}
