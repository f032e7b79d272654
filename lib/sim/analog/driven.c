/* Layers most of whose inputs are 0: samples are read one after the other, each driving only the
 * rows that are not at 0 V. Everything lies sample by sample, [BLOCK x ...]. */
#include <stdlib.h>
#include <string.h>
#if TRN_HAVE_AVX2
#include <immintrin.h>
#endif

#include "base/context.h"
#include "base/wide.h"
#include "sim/analog/read.h"
#include "tensor/sparse.h"

enum { BLOCK = TRN_READ_TURNED };

/* Inputs of which a product takes less time than one of all; measured: with OpenBLAS on AVX-512
 * 0.6, elsewhere more. */
static const double DRIVEN_MOST = 0.5;

static size_t whole_rows(const struct trn_analog_plan *plan,
                         const struct trn_analog_crossbar *crossbar)
{
    return plan->groups * trn_analog_rows(plan, crossbar);
}

size_t trn_analog_driven_width(const struct trn_analog_plan *plan,
                               const struct trn_analog_crossbar *crossbar)
{
    return (whole_rows(plan, crossbar) + 7) / 8 * 8;
}

bool trn_analog_may_be_driven(const struct trn_analog_plan *plan)
{
    return !plan->by_vector && plan->value[TRN_TECH_ANALOG_SUMS] == 0 &&
           !trn_analog_has(plan, TRNNSF_ANALOG_READ_NOISE);
}

bool trn_analog_is_driven(uint64_t total, uint64_t zeros)
{
    return (double)(total - zeros) < DRIVEN_MOST * (double)total;
}

/* Crossbars with the same inputs one after the other; of those in their own order. */
static int by_inputs(const void *a, const void *b)
{
    const struct trn_analog_crossbar *x = *(const struct trn_analog_crossbar *const *)a;
    const struct trn_analog_crossbar *y = *(const struct trn_analog_crossbar *const *)b;

    if (x->layer != y->layer)
        return x->layer < y->layer ? -1 : 1;
    for (size_t i = 0; i < x->n_in && i < y->n_in; i++) {
        if (x->inputs[i] != y->inputs[i])
            return x->inputs[i] < y->inputs[i] ? -1 : 1;
    }
    if (x->n_in != y->n_in)
        return x->n_in < y->n_in ? -1 : 1;
    return x < y ? -1 : x > y;
}

static bool same_inputs(const struct trn_analog_crossbar *a, const struct trn_analog_crossbar *b)
{
    return a && a->n_in == b->n_in &&
           memcmp(a->inputs, b->inputs, a->n_in * sizeof *a->inputs) == 0;
}

struct turn_work {
    struct trnnsf_analog *analog;
};

/* turned[n_in x width]: rows of the crossbar, one after the other. */
static void turn_task(void *argument, size_t c, size_t worker)
{
    const struct turn_work *work = argument;
    struct trnnsf_analog *analog = work->analog;
    const struct trn_analog_plan *plan = analog->plan;
    const struct trn_analog_crossbar *crossbar = &plan->crossbars[c];
    size_t rows = whole_rows(plan, crossbar), width = trn_analog_driven_width(plan, crossbar);
    const float *sums = analog->sums + analog->row_start[c];

    (void)worker;
    if (!plan->layers[crossbar->layer].is_driven)
        return;
    for (size_t i = 0; i < crossbar->n_in; i++) {
        float *to = analog->driven + analog->driven_start[c] + i * width;

        for (size_t r = 0; r < rows; r++)
            to[r] = sums[r * crossbar->n_in + i];
        for (size_t r = rows; r < width; r++)
            to[r] = 0;
    }
}

trnnsf_status trn_analog_turn(trnnsf_context *ctx, struct trnnsf_analog *analog)
{
    const struct trn_analog_plan *plan = analog->plan;
    struct turn_work work = {analog};
    bool any = false;

    for (size_t l = 0; l < plan->n_layers; l++)
        any = any || plan->layers[l].is_driven;
    if (!any)
        return TRNNSF_OK;
    analog->order = TRN_NEW_ARRAY(ctx, const struct trn_analog_crossbar *, plan->n_crossbars);
    analog->driven_start = TRN_NEW_ARRAY(ctx, size_t, plan->n_crossbars + 1);
    if (!analog->order || !analog->driven_start)
        return TRN_NO_MEMORY;
    for (size_t c = 0; c < plan->n_crossbars; c++) {
        const struct trn_analog_crossbar *crossbar = &plan->crossbars[c];
        size_t cells = trn_analog_driven_width(plan, crossbar) * crossbar->n_in;

        analog->order[c] = crossbar;
        analog->driven_start[c + 1] =
            analog->driven_start[c] + (plan->layers[crossbar->layer].is_driven ? cells : 0);
    }
    qsort(analog->order, plan->n_crossbars, sizeof *analog->order, by_inputs);
    analog->driven =
        trn_malloc(ctx, analog->driven_start[plan->n_crossbars], sizeof *analog->driven);
    if (!analog->driven)
        return TRN_NO_MEMORY;
    trn_parallel(ctx, plan->n_crossbars, turn_task, &work);
    return TRNNSF_OK;
}

/* The values of a row that are not 0; out for n and four more. Eight 0 at once are the rule. */
static size_t list_nonzero(size_t n, const float *v, uint32_t *column, float *value)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++) {
        uint64_t words[4];

        if (i % 8 == 0 && i + 8 <= n) {
            memcpy(words, v + i, sizeof words);
            if ((words[0] | words[1] | words[2] | words[3]) == 0) {
                i += 7;
                continue;
            }
        }
        column[count] = (uint32_t)i;
        value[count] = v[i];
        count += v[i] != 0;
    }
    return count;
}

#if TRN_HAVE_AVX2
/* Of four values, by a bit for each: bytes of those wanted, in order. */
static const uint8_t packing[16][16] = {
    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
    {0, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
    {4, 5, 6, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
    {0, 1, 2, 3, 4, 5, 6, 7, 0, 0, 0, 0, 0, 0, 0, 0},
    {8, 9, 10, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
    {0, 1, 2, 3, 8, 9, 10, 11, 0, 0, 0, 0, 0, 0, 0, 0},
    {4, 5, 6, 7, 8, 9, 10, 11, 0, 0, 0, 0, 0, 0, 0, 0},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 0, 0, 0},
    {12, 13, 14, 15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
    {0, 1, 2, 3, 12, 13, 14, 15, 0, 0, 0, 0, 0, 0, 0, 0},
    {4, 5, 6, 7, 12, 13, 14, 15, 0, 0, 0, 0, 0, 0, 0, 0},
    {0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15, 0, 0, 0, 0},
    {8, 9, 10, 11, 12, 13, 14, 15, 0, 0, 0, 0, 0, 0, 0, 0},
    {0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 0, 0, 0, 0},
    {4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 0, 0, 0},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
};

/* Without a branch that the values decide: what is not wanted is written over. */
TRN_WIDE static size_t list_nonzero_wide(size_t n, const float *v, uint32_t *column, float *value)
{
    __m128i at = _mm_set_epi32(3, 2, 1, 0);
    size_t count = 0, i = 0;

    for (; i + 4 <= n; i += 4) {
        __m128 four = _mm_loadu_ps(v + i);
        unsigned mask = (unsigned)_mm_movemask_ps(_mm_cmpneq_ps(four, _mm_setzero_ps()));
        __m128i packed = _mm_loadu_si128((const __m128i *)packing[mask]);

        _mm_storeu_si128((__m128i *)(column + count), _mm_shuffle_epi8(at, packed));
        _mm_storeu_ps(value + count,
                      _mm_castsi128_ps(_mm_shuffle_epi8(_mm_castps_si128(four), packed)));
        at = _mm_add_epi32(at, _mm_set1_epi32(4));
        count += (0x4332322132212110u >> (4 * mask)) & 7u;
    }
    for (; i < n; i++) {
        column[count] = (uint32_t)i;
        value[count] = v[i];
        count += v[i] != 0;
    }
    return count;
}
#else
#define list_nonzero_wide list_nonzero
#endif

/* start[n + 1], column, value: what drives the crossbar's rows. v[n x n_in of the layer]. */
static void list_rows(const struct trn_analog_crossbar *crossbar, size_t n_in, size_t n,
                      const float *v, struct trn_read_scratch *scratch, size_t *start)
{
    start[0] = 0;
    for (size_t s = 0; s < n; s++) {
        const float *row = v + s * n_in;

        if (crossbar->adjoining) {
            row += crossbar->inputs[0];
        } else {
            for (size_t i = 0; i < crossbar->n_in; i++)
                scratch->gathered[i] = row[crossbar->inputs[i]];
            row = scratch->gathered;
        }
        start[s + 1] = start[s] + (trn_is_wide() ? list_nonzero_wide : list_nonzero)(
                                      crossbar->n_in, row, scratch->column + start[s],
                                      scratch->value + start[s]);
    }
}

/* A panel of sums to adjoining outputs. */
struct addition {
    size_t n, n_out; /* samples; outputs of the crossbar */
    const float *sums;
    size_t ld_sums;
    float *y;
    size_t ld_y;
    float weight;
};

TRN_INLINE void add_panel(const struct addition *a)
{
    for (size_t s = 0; s < a->n; s++) {
        const float *from = a->sums + s * a->ld_sums;
        float *to = a->y + s * a->ld_y, weight = a->weight;

        for (size_t k = 0; k < a->n_out; k++)
            to[k] += weight * from[k];
    }
}

TRN_WIDE static void add_panel_wide(const struct addition *a)
{
    add_panel(a);
}

static void add_outputs(const struct trn_analog_crossbar *crossbar, const struct addition *a)
{
    size_t n = crossbar->n_out;
    struct addition adjoining = *a;

    if (crossbar->outputs[n - 1] - crossbar->outputs[0] + 1 == n) {
        adjoining.y += crossbar->outputs[0];
        if (trn_is_wide())
            add_panel_wide(&adjoining);
        else
            add_panel(&adjoining);
        return;
    }
    for (size_t s = 0; s < a->n; s++) {
        for (size_t o = 0; o < n; o++)
            a->y[s * a->ld_y + crossbar->outputs[o]] += a->weight * a->sums[s * a->ld_sums + o];
    }
}

/* Columns of the other sign, or the one reference: `minus` of them. */
static void subtract_outputs(const struct trn_analog_crossbar *crossbar, size_t minus,
                             const struct addition *a)
{
    for (size_t s = 0; s < a->n; s++) {
        const float *from = a->sums + s * a->ld_sums + crossbar->n_out;
        float *to = a->y + s * a->ld_y;

        for (size_t o = 0; o < crossbar->n_out; o++)
            to[crossbar->outputs[o]] -= a->weight * from[minus > 1 ? o : 0];
    }
}

/* All at once where they have one range: what fills a row up is 0, and stays near it. */
static void convert(const struct trn_read *read, struct trn_read_scratch *scratch, size_t n,
                    size_t rows, size_t width)
{
    size_t groups = read->analog->plan->groups;

    if (trn_analog_has(read->analog->plan, TRNNSF_ANALOG_ADC) && !scratch->seen)
        scratch->counts.adc += n * groups * rows;
    if (groups == 1 && !scratch->seen) {
        trn_read_adc_run(read, scratch, 0, n * width, scratch->sums);
        return;
    }
    for (size_t s = 0; s < n; s++) {
        for (size_t g = 0; g < groups; g++)
            trn_read_adc_run(read, scratch, g, rows, scratch->sums + s * width + g * rows);
    }
}

static void convert_and_add(const struct trn_read *read, struct trn_read_scratch *scratch,
                            const struct trn_analog_crossbar *crossbar, size_t n, float weight)
{
    const struct trn_analog_plan *plan = read->analog->plan;
    size_t rows = trn_analog_rows(plan, crossbar), minus = trn_analog_minus(plan, crossbar);
    size_t width = trn_analog_driven_width(plan, crossbar);
    struct addition addition = {n,     crossbar->n_out,  scratch->sums,
                                width, scratch->outputs, plan->layers[read->layer].n_out,
                                weight};

    convert(read, scratch, n, rows, width);
    for (size_t g = 0; read->y && g < plan->groups; g++) {
        add_outputs(crossbar, &addition);
        if (minus > 0)
            subtract_outputs(crossbar, minus, &addition);
        addition.sums += rows;
    }
}

static void read_step(struct trn_read *read, struct trn_read_scratch *scratch, size_t n,
                      const float *v, float weight)
{
    const struct trnnsf_analog *analog = read->analog;
    const struct trn_analog_plan *plan = analog->plan;
    const struct trn_analog_layer *layer = &plan->layers[read->layer];
    const struct trn_analog_crossbar *last = NULL;
    size_t start[BLOCK + 1];

    for (size_t k = layer->first; k < layer->first + layer->n_crossbars; k++) {
        const struct trn_analog_crossbar *crossbar = analog->order[k];
        size_t c = (size_t)(crossbar - plan->crossbars);
        size_t width = trn_analog_driven_width(plan, crossbar);

        if (!same_inputs(last, crossbar))
            list_rows(crossbar, layer->n_in, n, v, scratch, start);
        last = crossbar;
        trn_run_sparse(&read->run, n, width, start, scratch->column, scratch->value,
                       analog->driven + analog->driven_start[c], width, scratch->sums, width);
        convert_and_add(read, scratch, crossbar, n, weight * analog->gain[c] * crossbar->sign);
    }
}

/* y[o, first + s] = outputs[s, o] */
static void put_outputs(const struct trn_read *read, const struct trn_read_scratch *scratch,
                        size_t first, size_t n)
{
    size_t n_out = read->analog->plan->layers[read->layer].n_out;

    for (size_t o = 0; o < n_out; o++) {
        float *to = read->y + o * read->ld + first;

        for (size_t s = 0; s < n; s++)
            to[s] = scratch->outputs[s * n_out + o];
    }
}

void trn_read_driven(struct trn_read *read, struct trn_read_scratch *scratch, size_t first,
                     size_t n)
{
    const struct trn_analog_plan *plan = read->analog->plan;
    const struct trn_analog_layer *layer = &plan->layers[read->layer];

    for (size_t begin = first; begin < first + n; begin += BLOCK) {
        size_t count = first + n - begin < BLOCK ? first + n - begin : BLOCK;

        trn_read_dac_samples(read, scratch, begin, count);
        memset(scratch->outputs, 0, count * layer->n_out * sizeof *scratch->outputs);
        for (size_t step = 0; step < trn_read_steps(plan); step++) {
            const float *v =
                trn_read_drive_run(read, scratch, count * layer->n_in, step, scratch->turned);

            read_step(read, scratch, count, v, trn_read_weight(read, step));
        }
        if (read->y)
            put_outputs(read, scratch, begin, count);
    }
}
