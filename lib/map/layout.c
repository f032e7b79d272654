#include "map/layout.h"

#include <string.h>

#include "base/context.h"

void trn_layout_free(struct trn_layout *layout)
{
    if (!layout)
        return;

    trnnsf_context *ctx = layout->ctx;
    for (size_t g = 0; layout->plans && g < layout->n_sheets; g++)
        trn_plan_free(layout->plans[g]);
    for (size_t g = 0; layout->sheets && g < layout->n_sheets; g++)
        trn_sheet_free(&layout->sheets[g]);
    trn_map_lines_free(&layout->window);
    trn_map_lines_free(&layout->patch);
    trn_free(ctx, layout->plans);
    trn_free(ctx, layout->sheets);
    trn_free(ctx, layout->start);
    trn_free(ctx, layout->part);
    trn_free(ctx, layout);
}

/* Crossbars that have room for parts of further sheets. */
enum { OPEN_MOST = 32 }; /* chosen here: groups are alike, so that the last few do */

struct open {
    size_t crossbar;
    size_t sheet; /* the last one */
    size_t n_inputs, n_outputs;
    bool residue;
};

struct sharing {
    struct trn_map_shape shape;
    struct open open[OPEN_MOST];
    size_t n_open, oldest;
    size_t count; /* crossbars so far */
};

/* The first open crossbar that has room for the item, or a new one. Sheets share no lines, so that
 * their parts stand in disjoint rows and columns. */
static size_t share(struct sharing *s, size_t sheet, const struct trn_plan_item *item)
{
    for (size_t i = 0; i < s->n_open; i++) {
        struct open *open = &s->open[i];

        if (open->sheet == sheet || open->residue != item->residue ||
            open->n_inputs + item->n_inputs > s->shape.inputs ||
            open->n_outputs + item->n_outputs > s->shape.outputs)
            continue;
        open->sheet = sheet;
        open->n_inputs += item->n_inputs;
        open->n_outputs += item->n_outputs;
        return open->crossbar;
    }

    struct open *open = &s->open[s->n_open < OPEN_MOST ? s->n_open++ : s->oldest++ % OPEN_MOST];
    *open = (struct open){s->count, sheet, item->n_inputs, item->n_outputs, item->residue};
    return s->count++;
}

/* Which crossbar each item of each plan is on, in order, and how many there are. */
static size_t assign_items(const struct trn_layout *layout, size_t *crossbar)
{
    struct sharing sharing = {.shape = layout->shapes[0]};
    size_t n = 0;

    for (size_t g = 0; g < layout->n_sheets; g++) {
        const struct trn_plan *plan = layout->plans[g];

        for (size_t i = 0; i < plan->count; i++)
            crossbar[n++] =
                layout->n_sheets > 1 ? share(&sharing, g, &plan->items[i]) : sharing.count++;
    }
    return sharing.count;
}

/* Sorts the items by crossbar, those of one crossbar staying in order. */
static trnnsf_status share_crossbars(struct trn_layout *layout)
{
    trnnsf_context *ctx = layout->ctx;
    trnnsf_status status = TRNNSF_OK;
    size_t n = 0;

    for (size_t g = 0; g < layout->n_sheets; g++)
        n += layout->plans[g]->count;
    size_t *crossbar = trn_malloc(ctx, n, sizeof *crossbar);
    TRN_NEED_OUT(crossbar);
    layout->count = assign_items(layout, crossbar);
    layout->start = TRN_NEW_ARRAY(ctx, size_t, layout->count + 2);
    TRN_NEED_OUT(layout->start);
    layout->part = TRN_NEW_ARRAY(ctx, struct trn_layout_part, n);
    TRN_NEED_OUT(layout->part);

    size_t *next = layout->start + 1; /* ends where start is wanted */
    for (size_t i = 0; i < n; i++)
        next[crossbar[i] + 1]++;
    for (size_t c = 0; c < layout->count; c++)
        next[c + 1] += next[c];
    n = 0;
    for (size_t g = 0; g < layout->n_sheets; g++) {
        for (size_t i = 0; i < layout->plans[g]->count; i++)
            layout->part[next[crossbar[n++]]++] = (struct trn_layout_part){g, i};
    }
out:
    trn_free(ctx, crossbar);
    return status;
}

static trnnsf_status make_lines(struct trn_layout *layout, const struct trn_map_source *source,
                                bool fixed)
{
    struct trn_map_geometry geometry = source->geometry;
    struct trn_map_patch patch;

    TRN_TRY(trn_map_lines_create(layout->ctx, &geometry, &layout->window));
    TRN_TRY(trn_map_patch_find(layout->ctx, &geometry, layout->shapes[0], fixed, &patch));
    geometry.scheme = TRNNSF_MAP_KERNEL_COLUMN; /* edges are cut off later */
    geometry.side[0].window = patch.places[0];
    geometry.side[1].window = patch.places[1];
    return trn_map_lines_create(layout->ctx, &geometry, &layout->patch);
}

static bool follows_clusters(uint32_t rule)
{
    return rule == TRNNSF_MAP_CLUSTERED || rule == TRNNSF_MAP_PUBLISHED;
}

trnnsf_status trn_layout_create(trnnsf_context *ctx, const struct trn_map_source *source,
                                uint32_t rule, size_t n_shapes, const struct trn_map_shape *shapes,
                                struct trn_layout **out_layout)
{
    trnnsf_status status = TRNNSF_OK;
    struct trn_layout *layout = TRN_NEW(ctx, struct trn_layout);

    TRN_NEED_OUT(layout);
    layout->ctx = ctx;
    layout->rule = rule;
    layout->n_shapes = n_shapes;
    layout->shapes = shapes;
    TRN_TRY_OUT(make_lines(layout, source, source->clusters && follows_clusters(rule)));
    layout->n_sheets = (size_t)source->geometry.groups;
    layout->sheets = TRN_NEW_ARRAY(ctx, struct trn_sheet, layout->n_sheets);
    TRN_NEED_OUT(layout->sheets);
    layout->plans = TRN_NEW_ARRAY(ctx, struct trn_plan *, layout->n_sheets);
    TRN_NEED_OUT(layout->plans);
    for (size_t g = 0; g < layout->n_sheets; g++) {
        struct trn_sheet *sheet = &layout->sheets[g];

        TRN_TRY_OUT(trn_sheet_create(ctx, source, &layout->patch, g, sheet));
        TRN_TRY_OUT(trn_plan_create(ctx, rule, sheet->mask, sheet->clusters, n_shapes, shapes,
                                    &layout->plans[g]));
    }
    TRN_TRY_OUT(share_crossbars(layout));
    *out_layout = layout;
    layout = NULL;
out:
    trn_layout_free(layout);
    return status;
}
