/* Windows over the residue. A window is any set of outputs x any set of inputs that a crossbar
 * holds, so rows and columns need no common order. Greedy peeling (chosen here): take the window
 * that holds most of what is left, found by alternately choosing the outputs with most cells in the
 * chosen inputs and the inputs with most cells in the chosen outputs; no half step loses, so this
 * ends. Where plain compacted tiles are as few, they are taken. */
#include <math.h>
#include <string.h>

#include "base/context.h"
#include "map/bits.h"
#include "map/plan.h"

enum {
    HALF_STEPS_MAX = 16, /* chosen here: windows settle within some 4 to 8 */
    OUTLOOK_FROM = 8     /* windows from which on the fall of the gains is trusted */
};

/* One side of the matrix: its lines' cells are the rows of `mask`. */
struct side {
    struct trn_mask *mask;
    size_t n;        /* lines */
    size_t most;     /* lines a window takes */
    uint32_t *left;  /* [n] cells that are left in each line */
    uint32_t *score; /* [n] */
    uint32_t *line;  /* [most] chosen, ascending */
    size_t chosen;
    uint32_t *best; /* [most] of the best window so far */
    size_t n_best;
};

struct peel {
    trnnsf_context *ctx;
    struct side outputs, inputs;
    uint32_t *histogram; /* [most cells of a line + 1] */
    uint64_t cells;      /* left */
    size_t count, room;  /* windows */
    size_t *start;       /* two a window: outputs, then inputs */
    size_t n_index, index_room;
    uint32_t *index;
};

static void free_side(trnnsf_context *ctx, struct side *side)
{
    trn_mask_free(ctx, side->mask);
    trn_free(ctx, side->left);
    trn_free(ctx, side->score);
    trn_free(ctx, side->line);
    trn_free(ctx, side->best);
}

static void free_peel(struct peel *peel)
{
    free_side(peel->ctx, &peel->outputs);
    free_side(peel->ctx, &peel->inputs);
    trn_free(peel->ctx, peel->histogram);
    trn_free(peel->ctx, peel->start);
    trn_free(peel->ctx, peel->index);
}

static trnnsf_status init_side(trnnsf_context *ctx, struct side *side, size_t n, size_t most)
{
    side->n = n;
    side->most = most < n ? most : n;
    side->left = TRN_NEW_ARRAY(ctx, uint32_t, n);
    side->score = TRN_NEW_ARRAY(ctx, uint32_t, n);
    side->line = TRN_NEW_ARRAY(ctx, uint32_t, side->most);
    side->best = TRN_NEW_ARRAY(ctx, uint32_t, side->most);
    return side->left && side->score && side->line && side->best ? TRNNSF_OK : TRNNSF_E_NO_MEMORY;
}

static trnnsf_status init_peel(struct peel *peel, const struct trn_plan *plan)
{
    trnnsf_context *ctx = plan->ctx;
    const struct trn_mask *mask = plan->remaining;
    size_t longest = mask->n_rows > mask->n_columns ? mask->n_rows : mask->n_columns;

    memset(peel, 0, sizeof *peel);
    peel->ctx = ctx;
    TRN_TRY(init_side(ctx, &peel->outputs, mask->n_rows, plan->shapes[0].outputs));
    TRN_TRY(init_side(ctx, &peel->inputs, mask->n_columns, plan->shapes[0].inputs));
    TRN_TRY(trn_mask_copy(ctx, mask, &peel->outputs.mask));
    TRN_TRY(trn_mask_create(ctx, mask->n_columns, mask->n_rows, &peel->inputs.mask));
    peel->histogram = TRN_NEW_ARRAY(ctx, uint32_t, longest + 1);
    if (!peel->histogram)
        return TRNNSF_E_NO_MEMORY;
    for (size_t row = 0; row < mask->n_rows; row++) {
        struct trn_bits bits;

        trn_bits_start(&bits, mask, row);
        while (trn_bits_next(&bits)) {
            trn_mask_set(peel->inputs.mask, bits.column, row);
            peel->outputs.left[row]++;
            peel->inputs.left[bits.column]++;
            peel->cells++;
        }
    }
    return TRNNSF_OK;
}

/* The lines with the largest positive scores, the lower index where equal; returns their sum. */
static uint64_t choose(struct side *side, uint32_t *histogram)
{
    uint32_t top = 0;
    uint64_t sum = 0;
    size_t above = 0;

    for (size_t i = 0; i < side->n; i++)
        top = side->score[i] > top ? side->score[i] : top;
    memset(histogram, 0, ((size_t)top + 1) * sizeof *histogram);
    for (size_t i = 0; i < side->n; i++)
        histogram[side->score[i]]++;

    uint32_t threshold = top; /* all above it are in, of those equal to it some */
    while (threshold > 0 && above + histogram[threshold] <= side->most)
        above += histogram[threshold--];

    size_t equal = threshold > 0 ? side->most - above : 0;
    side->chosen = 0;
    for (size_t i = 0; i < side->n; i++) {
        uint32_t score = side->score[i];

        if (score < threshold || score == 0 || (score == threshold && equal == 0))
            continue;
        if (score == threshold)
            equal--;
        side->line[side->chosen++] = (uint32_t)i;
        sum += score;
    }
    return sum;
}

/* to->score = cells that each line of `to` has in the chosen lines of `from`. */
static void score_across(const struct side *from, struct side *to)
{
    memset(to->score, 0, to->n * sizeof *to->score);
    for (size_t k = 0; k < from->chosen; k++) {
        struct trn_bits bits;

        trn_bits_start(&bits, from->mask, from->line[k]);
        while (trn_bits_next(&bits))
            to->score[bits.column]++;
    }
}

static void keep_best(struct side *side)
{
    memcpy(side->best, side->line, side->chosen * sizeof *side->line);
    side->n_best = side->chosen;
}

/* Alternates from the outputs chosen now; keeps the window where it beats `best`. */
static uint64_t settle(struct peel *peel, uint64_t best)
{
    struct side *from = &peel->outputs, *to = &peel->inputs;
    uint64_t gain = 0;

    for (int step = 0; step < HALF_STEPS_MAX; step++) {
        score_across(from, to);
        uint64_t now = choose(to, peel->histogram);
        if (now <= gain)
            break;
        gain = now;
        if (gain > best) {
            best = gain;
            keep_best(&peel->outputs);
            keep_best(&peel->inputs);
        }
        struct side *swap = from;
        from = to;
        to = swap;
    }
    return best;
}

/* Two starts: the fullest outputs; and the outputs alike the fullest one. */
static uint64_t find_window(struct peel *peel)
{
    struct side *outputs = &peel->outputs, *inputs = &peel->inputs;
    size_t fullest = 0;

    memcpy(outputs->score, outputs->left, outputs->n * sizeof *outputs->score);
    choose(outputs, peel->histogram);
    uint64_t best = settle(peel, 0);

    for (size_t i = 1; i < outputs->n; i++)
        fullest = outputs->left[i] > outputs->left[fullest] ? i : fullest;
    struct trn_bits bits;
    memset(inputs->score, 0, inputs->n * sizeof *inputs->score);
    trn_bits_start(&bits, outputs->mask, fullest);
    while (trn_bits_next(&bits))
        inputs->score[bits.column] = inputs->left[bits.column];
    choose(inputs, peel->histogram);
    score_across(inputs, outputs);
    choose(outputs, peel->histogram);
    return settle(peel, best);
}

static void remove_window(struct peel *peel)
{
    const struct side *outputs = &peel->outputs, *inputs = &peel->inputs;

    for (size_t o = 0; o < outputs->n_best; o++) {
        for (size_t i = 0; i < inputs->n_best; i++) {
            size_t row = outputs->best[o], column = inputs->best[i];

            if (!trn_mask_get(outputs->mask, row, column))
                continue;
            trn_mask_clear(outputs->mask, row, column);
            trn_mask_clear(inputs->mask, column, row);
            outputs->left[row]--;
            inputs->left[column]--;
            peel->cells--;
        }
    }
}

static void append_lines(struct peel *peel, const struct side *side)
{
    memcpy(peel->index + peel->n_index, side->best, side->n_best * sizeof *side->best);
    peel->n_index += side->n_best;
}

static trnnsf_status record_window(struct peel *peel)
{
    size_t need = peel->outputs.n_best + peel->inputs.n_best;

    if (peel->index_room - peel->n_index < need) {
        size_t room = peel->index_room * 2 + need + 1024;
        void *index = trn_realloc(peel->ctx, peel->index, room, sizeof *peel->index);

        if (!index)
            return TRNNSF_E_NO_MEMORY;
        peel->index = index;
        peel->index_room = room;
    }
    if (peel->room - peel->count < 2) {
        size_t room = peel->room * 2 + 64;
        void *start = trn_realloc(peel->ctx, peel->start, 2 * room, sizeof *peel->start);

        if (!start)
            return TRNNSF_E_NO_MEMORY;
        peel->start = start;
        peel->room = room;
    }
    peel->start[2 * peel->count] = peel->n_index;
    append_lines(peel, &peel->outputs);
    peel->start[2 * peel->count + 1] = peel->n_index;
    append_lines(peel, &peel->inputs);
    peel->count++;
    peel->start[2 * peel->count] = peel->n_index;
    return TRNNSF_OK;
}

/* How many windows there will be, going by the first window's gain and that of the next one: their
 * fall is continued as a straight line. Where the line ends before the cells do, the gains must
 * flatten out; the mean gain to come is then taken as half of the present one. Chosen here: it may
 * only save time, for whichever is fewer at the end is kept. */
static double outlook(const struct peel *peel, double first, double gain)
{
    double cells = (double)peel->cells, count = (double)peel->count;
    double fall = count > 0 && gain < first ? (first - gain) / count : 0;
    double root = gain * gain - 2 * fall * cells;

    if (count < OUTLOOK_FROM || fall <= 0)
        return count + ceil(cells / gain);
    return count + (root < 0 ? 2 * cells / gain : (gain - sqrt(root)) / fall);
}

/* *out_better: all cells are in fewer than `limit` windows. */
static trnnsf_status peel_windows(struct peel *peel, uint64_t limit, bool *out_better)
{
    double first = 0;

    *out_better = false;
    while (peel->cells > 0) {
        double gain = (double)find_window(peel);

        first = peel->count == 0 ? gain : first;
        if (peel->count + 1 >= limit || outlook(peel, first, gain) > (double)limit)
            return TRNNSF_OK;
        TRN_TRY(record_window(peel));
        remove_window(peel);
    }
    *out_better = true;
    return TRNNSF_OK;
}

static trnnsf_status place_windows(struct trn_plan *plan, const struct peel *peel)
{
    for (size_t w = 0; w < peel->count; w++) {
        const size_t *start = peel->start + 2 * w;

        TRN_TRY(trn_plan_place(plan, peel->index + start[0], start[1] - start[0],
                               peel->index + start[1], start[2] - start[1],
                               TRN_PLACE_TRIM | TRN_PLACE_RESIDUE));
    }
    return TRNNSF_OK;
}

/* No set of windows is below cells / cells of a crossbar: tiles near that need no peeling, and
 * dense tiles would make it slow for nothing. */
static bool worth_peeling(const struct trn_plan *plan, uint64_t cells, uint64_t tiles)
{
    uint64_t size = (uint64_t)plan->shapes[0].inputs * plan->shapes[0].outputs;

    return tiles > 1 && (cells + size - 1) / size < tiles && cells * 2 < tiles * size;
}

trnnsf_status trn_plan_residue(struct trn_plan *plan)
{
    trnnsf_context *ctx = plan->ctx;
    trnnsf_status status = TRNNSF_OK;
    struct peel peel = {.ctx = ctx};
    size_t n_outputs = 0, n_inputs = 0;
    uint64_t tiles;
    bool better = false;
    uint64_t cells = trn_mask_count(plan->remaining);
    uint32_t *outputs = trn_malloc(ctx, plan->kept->n_rows, sizeof *outputs);
    uint32_t *inputs = trn_malloc(ctx, plan->kept->n_columns, sizeof *inputs);

    TRN_NEED_OUT(outputs);
    TRN_NEED_OUT(inputs);
    if (cells == 0)
        goto out;
    trn_plan_live(plan->remaining, outputs, &n_outputs, inputs, &n_inputs);
    TRN_TRY_OUT(trn_plan_count_tiles(ctx, plan->remaining, plan->shapes[0], outputs, n_outputs,
                                     inputs, n_inputs, &tiles));
    if (worth_peeling(plan, cells, tiles)) {
        TRN_TRY_OUT(init_peel(&peel, plan));
        TRN_TRY_OUT(peel_windows(&peel, tiles, &better));
    }
    if (better)
        TRN_TRY_OUT(place_windows(plan, &peel));
    else
        TRN_TRY_OUT(trn_plan_tile(plan, outputs, n_outputs, inputs, n_inputs,
                                  TRN_PLACE_TRIM | TRN_PLACE_RESIDUE));
out:
    free_peel(&peel);
    trn_free(ctx, outputs);
    trn_free(ctx, inputs);
    return status;
}
