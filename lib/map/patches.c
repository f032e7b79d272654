/* A layout's crossbars at all patches of a window. Patches are of a kind where their edges cut off
 * the same places and cells; crossbars of one kind differ only in which lines of the window theirs
 * are. */
#include <string.h>

#include "base/context.h"
#include "map/bits.h"
#include "map/layout.h"

#define NONE UINT32_MAX

/* A crossbar of a patch at patches of one kind; lines of the patch. */
struct block {
    size_t n_inputs, n_outputs; /* none: there is no such crossbar at them */
    uint32_t *lines;            /* inputs, then outputs */
    uint64_t synapses;
    size_t weight_start;
    uint32_t shape;
    bool residue;
};

/* Patches along a side. */
struct row {
    size_t count;
    size_t places;  /* of a patch that is not cut */
    uint32_t *kind; /* [count] */
    size_t *first;  /* [kinds] the first patch of each kind */
    size_t kinds;
    /* Of the patch at hand. */
    size_t place;   /* its first */
    size_t left;    /* its places */
    uint32_t *cell; /* [cells of a patch] which the window has for them; NONE: none */
};

struct walk {
    trnnsf_context *ctx;
    const struct trn_layout *layout;
    struct trn_map_builder *builder;
    size_t layer;
    struct row row[2];
    struct block **blocks; /* [kinds x kinds] of each crossbar, NULL until they are wanted */
    /* Of the part at hand, by its item's lines. */
    uint64_t alive[TRN_TECH_SIDE_MAX / 64];
    uint32_t rank[TRN_TECH_SIDE_MAX];
};

/* Goes to a patch. */
static void enter(struct walk *walk, int side, size_t patch)
{
    const struct trn_map_side *s = &walk->layout->window.geometry.side[side];
    const struct trn_map_cells *cells = &walk->layout->patch.cells[side];
    struct row *row = &walk->row[side];

    row->place = patch * row->places;
    row->left = (size_t)s->window - row->place;
    row->left = row->left < row->places ? row->left : row->places;
    for (size_t i = 0; i < cells->count; i++) {
        size_t found = trn_map_cell_at(&walk->layout->window, side,
                                       cells->pixel[i] + (int64_t)(row->place * s->stride));

        row->cell[i] = found == TRN_NO_CELL ? NONE : (uint32_t)found;
    }
}

/* Whether the patch at hand is cut as another one. */
static bool is_alike(const struct walk *walk, int side, size_t patch)
{
    const struct trn_map_side *s = &walk->layout->window.geometry.side[side];
    const struct trn_map_cells *cells = &walk->layout->patch.cells[side];
    const struct row *row = &walk->row[side];
    size_t place = patch * row->places, left = (size_t)s->window - place;

    if ((left < row->places ? left : row->places) != row->left)
        return false;
    for (size_t i = 0; i < cells->count; i++) {
        size_t found = trn_map_cell_at(&walk->layout->window, side,
                                       cells->pixel[i] + (int64_t)(place * s->stride));

        if ((found == TRN_NO_CELL) != (row->cell[i] == NONE))
            return false;
    }
    return true;
}

static trnnsf_status make_row(struct walk *walk, int side)
{
    const struct trn_map_side *s = &walk->layout->window.geometry.side[side];
    struct row *row = &walk->row[side];

    row->places = (size_t)walk->layout->patch.geometry.side[side].window;
    row->count = ((size_t)s->window + row->places - 1) / row->places;
    row->kind = TRN_NEW_ARRAY(walk->ctx, uint32_t, row->count);
    row->first = TRN_NEW_ARRAY(walk->ctx, size_t, row->count);
    row->cell = TRN_NEW_ARRAY(walk->ctx, uint32_t, walk->layout->patch.cells[side].count);
    if (!row->kind || !row->first || !row->cell)
        return TRN_NO_MEMORY;
    for (size_t i = 0; i < row->count; i++) {
        uint32_t kind = 0;

        enter(walk, side, i);
        while (kind < row->kinds && !is_alike(walk, side, row->first[kind]))
            kind++;
        if (kind == row->kinds)
            row->first[row->kinds++] = i;
        row->kind[i] = kind;
    }
    return TRNNSF_OK;
}

static bool keeps_empty_lines(const struct walk *walk)
{
    return walk->layout->rule == TRNNSF_MAP_DENSE || walk->layout->rule == TRNNSF_MAP_PUBLISHED;
}

static bool output_alive(const struct walk *walk, size_t line)
{
    struct trn_map_line at = trn_map_output(&walk->layout->patch, line);

    return at.at[0] < walk->row[0].left && at.at[1] < walk->row[1].left;
}

static bool input_alive(const struct walk *walk, size_t line)
{
    struct trn_map_line at = trn_map_input(&walk->layout->patch, line);

    return walk->row[0].cell[at.at[0]] != NONE && walk->row[1].cell[at.at[1]] != NONE;
}

/* A part's item, and where its lines begin in those of all groups. */
struct share {
    const struct trn_sheet *sheet;
    const struct trn_plan_item *item;
    const uint32_t *inputs, *outputs;
    const uint64_t *bits;
    size_t words;
    size_t first_input, first_output;
};

static struct share share_of(const struct trn_layout *layout, size_t part)
{
    size_t g = layout->part[part].sheet;
    const struct trn_plan *plan = layout->plans[g];
    const struct trn_plan_item *item = &plan->items[layout->part[part].item];

    return (struct share){&layout->sheets[g],
                          item,
                          plan->index + item->input_start,
                          plan->index + item->output_start,
                          plan->bits + item->bits_start,
                          trn_plan_words(item->n_inputs),
                          g * (layout->patch.n_in / layout->n_sheets),
                          g * (layout->patch.n_out / layout->n_sheets)};
}

/* Cells of the row that are alive, counted; `used` gets those. */
static size_t count_row(const struct walk *walk, const struct share *share, size_t o,
                        uint64_t *used)
{
    size_t count = 0;

    for (size_t k = 0; k < share->words; k++) {
        uint64_t here = share->bits[o * share->words + k] & walk->alive[k];

        count += trn_count_bits(here);
        used[k] |= here;
    }
    return count;
}

/* Adds what is left of a part: its outputs behind outputs[], its inputs to the block. */
static void add_part(struct walk *walk, const struct share *share, struct block *block,
                     uint32_t *outputs)
{
    uint64_t used[TRN_TECH_SIDE_MAX / 64] = {0};

    memset(walk->alive, 0, share->words * sizeof *walk->alive);
    for (size_t i = 0; i < share->item->n_inputs; i++) {
        if (input_alive(walk, share->first_input + share->inputs[i]))
            walk->alive[i / 64] |= UINT64_C(1) << (i % 64);
    }
    for (size_t o = 0; o < share->item->n_outputs; o++) {
        if (!output_alive(walk, share->first_output + share->outputs[o]))
            continue;

        size_t count = count_row(walk, share, o, used);
        if (count > 0 || keeps_empty_lines(walk))
            outputs[block->n_outputs++] = (uint32_t)(share->first_output + share->outputs[o]);
        block->synapses += count;
    }
    if (!keeps_empty_lines(walk))
        memcpy(walk->alive, used, share->words * sizeof *used);
    for (size_t i = 0; i < share->item->n_inputs; i++) {
        if (walk->alive[i / 64] >> (i % 64) & 1)
            block->lines[block->n_inputs++] = (uint32_t)(share->first_input + share->inputs[i]);
    }
}

/* Weights of a part in the block's rows from `output`, columns from `input`; both are moved on. */
static void fill_part(struct walk *walk, const struct share *share, const struct block *block,
                      size_t *input, size_t *output, float *weights)
{
    const uint32_t *inputs = block->lines, *outputs = inputs + block->n_inputs;
    size_t column = *input;

    for (size_t i = 0; i < share->item->n_inputs; i++) {
        bool here =
            column < block->n_inputs && inputs[column] == share->first_input + share->inputs[i];

        walk->rank[i] = here ? (uint32_t)column++ : NONE;
    }
    for (size_t o = 0; o < share->item->n_outputs; o++) {
        if (*output == block->n_outputs ||
            outputs[*output] != share->first_output + share->outputs[o])
            continue;

        float *to = weights + (*output)++ * block->n_inputs;
        for (size_t k = 0; k < share->words; k++) {
            for (uint64_t bits = share->bits[o * share->words + k]; bits; bits &= bits - 1) {
                size_t i = k * 64 + trn_lowest_bit(bits);

                if (walk->rank[i] != NONE)
                    to[walk->rank[i]] =
                        trn_sheet_value(share->sheet, share->outputs[o], share->inputs[i]);
            }
        }
    }
    *input = column;
}

/* Weights at the end of the mapping's. */
static trnnsf_status fill_block(struct walk *walk, size_t crossbar, struct block *block)
{
    struct trnnsf_mapping *mapping = walk->builder->mapping;
    size_t n = block->n_inputs * block->n_outputs, input = 0, output = 0;
    void *weights = mapping->weights;

    TRN_TRY(trn_map_grow(walk->ctx, &weights, sizeof *mapping->weights, mapping->n_weights, n,
                         &walk->builder->weight_room));
    mapping->weights = weights;
    block->weight_start = mapping->n_weights;
    memset(mapping->weights + mapping->n_weights, 0, n * sizeof *mapping->weights);
    for (size_t p = walk->layout->start[crossbar]; p < walk->layout->start[crossbar + 1]; p++) {
        struct share share = share_of(walk->layout, p);

        fill_part(walk, &share, block, &input, &output, mapping->weights + mapping->n_weights);
    }
    mapping->n_weights += n;
    return TRNNSF_OK;
}

/* Inputs and outputs that a crossbar has at patches that are not cut. */
static void count_lines(const struct trn_layout *layout, size_t crossbar, size_t *out_inputs,
                        size_t *out_outputs)
{
    *out_inputs = *out_outputs = 0;
    for (size_t p = layout->start[crossbar]; p < layout->start[crossbar + 1]; p++) {
        struct share share = share_of(layout, p);

        *out_inputs += share.item->n_inputs;
        *out_outputs += share.item->n_outputs;
    }
}

static trnnsf_status make_block(struct walk *walk, size_t crossbar, struct block *block)
{
    const struct trn_layout *layout = walk->layout;
    struct share first = share_of(layout, layout->start[crossbar]);
    size_t n_inputs, n_outputs;

    count_lines(layout, crossbar, &n_inputs, &n_outputs);
    block->lines = trn_malloc(walk->ctx, n_inputs + n_outputs, sizeof *block->lines);
    if (!block->lines)
        return TRN_NO_MEMORY;
    for (size_t p = layout->start[crossbar]; p < layout->start[crossbar + 1]; p++) {
        struct share share = share_of(layout, p);

        add_part(walk, &share, block, block->lines + n_inputs);
    }
    if (block->n_inputs == 0 || block->n_outputs == 0) {
        block->n_inputs = block->n_outputs = 0;
        return TRNNSF_OK;
    }
    memmove(block->lines + block->n_inputs, block->lines + n_inputs,
            block->n_outputs * sizeof *block->lines);
    block->residue = first.item->residue;
    if (layout->rule != TRNNSF_MAP_PUBLISHED)
        block->shape = layout->start[crossbar + 1] - layout->start[crossbar] == 1 &&
                               block->n_inputs == n_inputs && block->n_outputs == n_outputs
                           ? first.item->shape
                           : trn_plan_shape(layout->n_shapes, layout->shapes, block->n_inputs,
                                            block->n_outputs);
    return walk->builder->mapping ? fill_block(walk, crossbar, block) : TRNNSF_OK;
}

static trnnsf_status make_blocks(struct walk *walk, struct block **out_blocks)
{
    size_t count = walk->layout->count;
    struct block *blocks = *out_blocks = TRN_NEW_ARRAY(walk->ctx, struct block, count);

    if (!blocks)
        return TRN_NO_MEMORY;
    for (size_t c = 0; c < count; c++)
        TRN_TRY(make_block(walk, c, &blocks[c]));
    return TRNNSF_OK;
}

/* The patch's lines become the window's. */
static void place_lines(const struct walk *walk, const struct block *block, uint32_t *inputs,
                        uint32_t *outputs)
{
    const struct trn_map_lines *window = &walk->layout->window, *patch = &walk->layout->patch;
    const struct trn_map_side *side = window->geometry.side;

    for (size_t i = 0; i < block->n_inputs; i++) {
        struct trn_map_line at = trn_map_input(patch, block->lines[i]);

        inputs[i] = (uint32_t)((at.channel * window->cells[0].count + walk->row[0].cell[at.at[0]]) *
                                   window->cells[1].count +
                               walk->row[1].cell[at.at[1]]);
    }
    for (size_t o = 0; o < block->n_outputs; o++) {
        struct trn_map_line at = trn_map_output(patch, block->lines[block->n_inputs + o]);

        outputs[o] = (uint32_t)((at.channel * side[0].window + walk->row[0].place + at.at[0]) *
                                    side[1].window +
                                walk->row[1].place + at.at[1]);
    }
}

static trnnsf_status add_crossbar(struct walk *walk, const struct block *block)
{
    struct trn_map_builder *builder = walk->builder;
    struct trnnsf_mapping *mapping = builder->mapping;
    const struct trn_tech_shape *shape = &builder->tech->shapes[block->shape];
    size_t n = block->n_inputs + block->n_outputs;
    void *crossbars = mapping->crossbars, *index = mapping->index;
    trnnsf_status status = trn_map_grow(walk->ctx, &crossbars, sizeof *mapping->crossbars,
                                        mapping->n_crossbars, 1, &builder->crossbar_room);

    mapping->crossbars = crossbars;
    if (status == TRNNSF_OK)
        status = trn_map_grow(walk->ctx, &index, sizeof *mapping->index, mapping->n_index, n,
                              &builder->index_room);
    mapping->index = index;
    TRN_TRY(status);
    /* Outputs first, as plans have them. */
    mapping->crossbars[mapping->n_crossbars++] =
        (struct trn_crossbar){.layer = walk->layer,
                              .shape_inputs = shape->inputs,
                              .shape_outputs = shape->outputs,
                              .n_inputs = block->n_inputs,
                              .n_outputs = block->n_outputs,
                              .synapses = block->synapses,
                              .residue = block->residue,
                              .input_start = mapping->n_index + block->n_outputs,
                              .output_start = mapping->n_index,
                              .weight_start = block->weight_start};
    place_lines(walk, block, mapping->index + mapping->n_index + block->n_outputs,
                mapping->index + mapping->n_index);
    mapping->n_index += n;
    return TRNNSF_OK;
}

static trnnsf_status add_patch(struct walk *walk, size_t y, size_t x)
{
    size_t kind = walk->row[0].kind[y] * walk->row[1].kinds + walk->row[1].kind[x];
    struct trn_map_builder *builder = walk->builder;

    enter(walk, 1, x);
    if (!walk->blocks[kind])
        TRN_TRY(make_blocks(walk, &walk->blocks[kind]));
    for (size_t c = 0; c < walk->layout->count; c++) {
        const struct block *block = &walk->blocks[kind][c];

        if (block->n_outputs == 0)
            continue;
        builder->count++;
        builder->residue += block->residue;
        builder->synapses += block->synapses;
        if (builder->mapping)
            TRN_TRY(add_crossbar(walk, block));
    }
    return TRNNSF_OK;
}

static void free_walk(struct walk *walk)
{
    size_t kinds = walk->row[0].kinds * walk->row[1].kinds;

    for (size_t k = 0; walk->blocks && k < kinds; k++) {
        for (size_t c = 0; walk->blocks[k] && c < walk->layout->count; c++)
            trn_free(walk->ctx, walk->blocks[k][c].lines);
        trn_free(walk->ctx, walk->blocks[k]);
    }
    trn_free(walk->ctx, walk->blocks);
    for (int side = 0; side < 2; side++) {
        trn_free(walk->ctx, walk->row[side].kind);
        trn_free(walk->ctx, walk->row[side].first);
        trn_free(walk->ctx, walk->row[side].cell);
    }
}

trnnsf_status trn_layout_build(const struct trn_layout *layout, size_t layer,
                               struct trn_map_builder *builder)
{
    trnnsf_status status = TRNNSF_OK;
    struct walk *walk = TRN_NEW(layout->ctx, struct walk);

    if (!walk)
        return TRN_NO_MEMORY;
    walk->ctx = layout->ctx;
    walk->layout = layout;
    walk->builder = builder;
    walk->layer = layer;
    TRN_TRY_OUT(make_row(walk, 0));
    TRN_TRY_OUT(make_row(walk, 1));
    walk->blocks =
        TRN_NEW_ARRAY(layout->ctx, struct block *, walk->row[0].kinds * walk->row[1].kinds);
    TRN_NEED_OUT(walk->blocks);
    for (size_t y = 0; y < walk->row[0].count; y++) {
        TRN_TRY_OUT(trn_cancelled(layout->ctx, "map"));
        enter(walk, 0, y);
        for (size_t x = 0; x < walk->row[1].count; x++)
            TRN_TRY_OUT(add_patch(walk, y, x));
    }
out:
    free_walk(walk);
    trn_free(layout->ctx, walk);
    return status;
}
