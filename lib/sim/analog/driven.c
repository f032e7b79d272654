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

/* Crossbars with the same inputs stand side by side: [n_in x width]. */
static void turn_task(void *argument, size_t index, size_t worker)
{
    const struct trnnsf_analog *analog = argument;
    const struct trn_analog_plan *plan = analog->plan;
    const struct trn_analog_set *set = &analog->sets[index];
    size_t n_in = analog->order[set->first]->n_in, column = 0;

    (void)worker;
    for (size_t k = set->first; k < set->first + set->count; k++) {
        const struct trn_analog_crossbar *crossbar = analog->order[k];
        const float *sums = analog->sums + analog->row_start[crossbar - plan->crossbars];
        size_t rows = whole_rows(plan, crossbar);

        /* Sixteen rows at once: whole cache lines are written. */
        for (size_t first = 0; first < rows; first += BLOCK) {
            size_t end = first + BLOCK < rows ? first + BLOCK : rows;

            for (size_t i = 0; i < n_in; i++) {
                float *to = set->turned + i * set->width + column;

                for (size_t r = first; r < end; r++)
                    to[r] = sums[r * n_in + i];
            }
        }
        column += rows;
    }
    for (size_t i = 0; i < n_in; i++)
        memset(set->turned + i * set->width + column, 0, (set->width - column) * sizeof(float));
}

/* Lists the sets of driven layers, whose crossbars follow one another in order[]; returns what the
 * turned sums of all take. */
static size_t list_sets(struct trnnsf_analog *analog)
{
    const struct trn_analog_plan *plan = analog->plan;
    size_t size = 0;

    for (size_t k = 0; k < plan->n_crossbars;) {
        const struct trn_analog_crossbar *crossbar = analog->order[k];
        struct trn_analog_set set = {.layer = crossbar->layer, .first = k};

        for (; k < plan->n_crossbars && analog->order[k]->layer == set.layer &&
               same_inputs(crossbar, analog->order[k]);
             k++)
            set.width += whole_rows(plan, analog->order[k]);
        set.count = k - set.first;
        set.width = (set.width + 7) / 8 * 8;
        if (!plan->layers[set.layer].is_driven)
            continue;
        analog->sets[analog->n_sets++] = set;
        size += crossbar->n_in * set.width;
    }
    return size;
}

/* Whether each input of each driven layer is in one set. */
static trnnsf_status look_for_shared(trnnsf_context *ctx, struct trnnsf_analog *analog)
{
    const struct trn_analog_plan *plan = analog->plan;
    uint32_t *count = NULL;

    for (size_t l = 0; l < plan->n_layers; l++) {
        bool is_split = true;

        count = TRN_NEW_ARRAY(ctx, uint32_t, plan->layers[l].n_in);
        if (!count)
            return TRN_NO_MEMORY;
        for (size_t k = 0; k < analog->n_sets; k++) {
            const struct trn_analog_crossbar *crossbar = analog->order[analog->sets[k].first];

            for (size_t i = 0; crossbar->layer == l && i < crossbar->n_in; i++)
                count[crossbar->inputs[i]]++;
        }
        for (size_t i = 0; i < plan->layers[l].n_in; i++)
            is_split = is_split && count[i] == 1;
        for (size_t k = 0; k < analog->n_sets; k++)
            analog->sets[k].is_alone =
                analog->sets[k].layer == l ? is_split : analog->sets[k].is_alone;
        trn_free(ctx, count);
    }
    return TRNNSF_OK;
}

trnnsf_status trn_analog_turn(trnnsf_context *ctx, struct trnnsf_analog *analog)
{
    const struct trn_analog_plan *plan = analog->plan;
    bool any = false;

    for (size_t l = 0; l < plan->n_layers; l++)
        any = any || plan->layers[l].is_driven;
    if (!any)
        return TRNNSF_OK;
    analog->order = TRN_NEW_ARRAY(ctx, const struct trn_analog_crossbar *, plan->n_crossbars);
    analog->sets = TRN_NEW_ARRAY(ctx, struct trn_analog_set, plan->n_crossbars);
    if (!analog->order || !analog->sets)
        return TRN_NO_MEMORY;
    for (size_t c = 0; c < plan->n_crossbars; c++)
        analog->order[c] = &plan->crossbars[c];
    qsort(analog->order, plan->n_crossbars, sizeof *analog->order, by_inputs);
    analog->driven = trn_malloc(ctx, list_sets(analog), sizeof *analog->driven);
    if (!analog->driven)
        return TRN_NO_MEMORY;
    for (size_t k = 0, at = 0; k < analog->n_sets; k++) {
        analog->sets[k].turned = analog->driven + at;
        at += analog->order[analog->sets[k].first]->n_in * analog->sets[k].width;
    }
    TRN_TRY(look_for_shared(ctx, analog));
    trn_parallel(ctx, analog->n_sets, turn_task, analog);
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

TRN_WIDE static size_t pack_four(unsigned mask, const float *v, size_t i, uint32_t *column,
                                 float *value)
{
    __m128i packed = _mm_loadu_si128((const __m128i *)packing[mask]);
    __m128i at = _mm_add_epi32(_mm_set1_epi32((int32_t)i), _mm_set_epi32(3, 2, 1, 0));

    _mm_storeu_si128((__m128i *)column, _mm_shuffle_epi8(at, packed));
    _mm_storeu_si128((__m128i *)value,
                     _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(v + i)), packed));
    return (UINT64_C(0x4332322132212110) >> (4 * mask)) & 7u;
}

/* Whole fours are stored; the next ones go over what was not wanted. */
TRN_WIDE static size_t list_nonzero_wide(size_t n, const float *v, uint32_t *column, float *value)
{
    size_t count = 0, i = 0;

    for (; i + 8 <= n; i += 8) {
        __m256 differs = _mm256_cmp_ps(_mm256_loadu_ps(v + i), _mm256_setzero_ps(), _CMP_NEQ_UQ);
        unsigned mask = (unsigned)_mm256_movemask_ps(differs);

        if (mask == 0)
            continue;
        count += pack_four(mask & 15u, v, i, column + count, value + count);
        count += pack_four(mask >> 4, v, i + 4, column + count, value + count);
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

    if (n > 0 && crossbar->outputs[n - 1] - crossbar->outputs[0] + 1 == n) {
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
static void convert(const struct trn_read *read, struct trn_read_scratch *scratch,
                    const struct trn_analog_set *set, size_t n)
{
    const struct trnnsf_analog *analog = read->analog;
    const struct trn_analog_plan *plan = analog->plan;
    float *sums = scratch->sums;

    if (plan->groups == 1 && !scratch->seen) {
        trn_read_adc_run(read, scratch, 0, n * set->width, sums);
        return;
    }
    for (size_t k = set->first; k < set->first + set->count; k++) {
        size_t rows = trn_analog_rows(plan, analog->order[k]);

        for (size_t g = 0; g < plan->groups; g++) {
            for (size_t s = 0; s < n; s++)
                trn_read_adc_run(read, scratch, g, rows, sums + s * set->width);
            sums += rows;
        }
    }
}

static void add_set(const struct trn_read *read, struct trn_read_scratch *scratch,
                    const struct trn_analog_set *set, size_t n, float weight)
{
    const struct trnnsf_analog *analog = read->analog;
    const struct trn_analog_plan *plan = analog->plan;
    struct addition addition = {.n = n,
                                .sums = scratch->sums,
                                .ld_sums = set->width,
                                .y = scratch->outputs,
                                .ld_y = plan->layers[read->layer].n_out};

    for (size_t k = set->first; k < set->first + set->count; k++) {
        const struct trn_analog_crossbar *crossbar = analog->order[k];
        size_t rows = trn_analog_rows(plan, crossbar), minus = trn_analog_minus(plan, crossbar);

        addition.n_out = crossbar->n_out;
        addition.weight = weight * analog->gain[crossbar - plan->crossbars] * crossbar->sign;
        if (trn_analog_has(plan, TRNNSF_ANALOG_ADC) && !scratch->seen)
            scratch->counts.adc += n * plan->groups * rows;
        for (size_t g = 0; g < plan->groups; g++) {
            if (read->y)
                add_outputs(crossbar, &addition);
            if (read->y && minus > 0)
                subtract_outputs(crossbar, minus, &addition);
            addition.sums += rows;
        }
    }
}

static void read_set(struct trn_read *read, struct trn_read_scratch *scratch,
                     const struct trn_analog_set *set, size_t n, const float *samples)
{
    const struct trn_analog_plan *plan = read->analog->plan;
    size_t start[BLOCK + 1];

    list_rows(read->analog->order[set->first], plan->layers[read->layer].n_in, n, samples, scratch,
              start);
    trn_read_dac_values(read, scratch, start[n], scratch->value, set->is_alone);
    for (size_t step = 0; step < trn_read_steps(plan); step++) {
        const float *v = trn_read_drive_values(read, scratch, start[n], step, scratch->value);

        trn_run_sparse(&read->run, n, set->width, start, scratch->column, v, set->turned,
                       set->width, scratch->sums, set->width);
        convert(read, scratch, set, n);
        add_set(read, scratch, set, n, trn_read_weight(read, step));
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

/* samples[n x n_in] as they come: those of the call, or a turned piece of a panel. */
static const float *take_samples(const struct trn_read *read, struct trn_read_scratch *scratch,
                                 size_t first, size_t n)
{
    size_t n_in = read->analog->plan->layers[read->layer].n_in;

    if (!read->x)
        return read->samples + first * n_in;
    for (size_t i = 0; i < n_in; i++) {
        for (size_t s = 0; s < n; s++)
            scratch->turned[s * n_in + i] = read->x[i * read->ld + first + s];
    }
    return scratch->turned;
}

void trn_read_driven(struct trn_read *read, struct trn_read_scratch *scratch, size_t first,
                     size_t n)
{
    const struct trnnsf_analog *analog = read->analog;
    const struct trn_analog_layer *layer = &analog->plan->layers[read->layer];

    for (size_t begin = first; begin < first + n; begin += BLOCK) {
        size_t count = first + n - begin < BLOCK ? first + n - begin : BLOCK;
        const float *samples = take_samples(read, scratch, begin, count);
        bool is_counted = false;

        memset(scratch->outputs, 0, count * layer->n_out * sizeof *scratch->outputs);
        for (size_t k = 0; k < analog->n_sets; k++) {
            if (analog->sets[k].layer != read->layer)
                continue;
            read_set(read, scratch, &analog->sets[k], count, samples);
            is_counted = is_counted || analog->sets[k].is_alone;
        }
        trn_read_dac_count(read, scratch, count * layer->n_in, is_counted ? NULL : samples);
        if (read->y)
            put_outputs(read, scratch, begin, count);
    }
}
