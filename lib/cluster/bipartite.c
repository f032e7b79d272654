#include "cluster/bipartite.h"

#include <string.h>

#include "base/context.h"

void trn_bipartite_free(trnnsf_context *ctx, struct trn_bipartite *graph)
{
    if (!graph)
        return;
    for (int s = 0; s < TRN_SIDES; s++) {
        trn_free(ctx, graph->side[s].index);
        trn_free(ctx, graph->side[s].start);
        trn_free(ctx, graph->side[s].other);
    }
    trn_free(ctx, graph);
}

static trnnsf_status make_side(trnnsf_context *ctx, struct trn_side *side, size_t all,
                               size_t nonzeros)
{
    side->all = all;
    side->index = TRN_NEW_ARRAY(ctx, uint32_t, all);
    side->start = TRN_NEW_ARRAY(ctx, size_t, all + 1);
    side->other = TRN_NEW_ARRAY(ctx, uint32_t, nonzeros);
    return side->index && side->start && side->other ? TRNNSF_OK : TRNNSF_E_NO_MEMORY;
}

/* start[i + 1] holds the degree of matrix line i: numbers the live lines (number[i]; the empty ones
 * after them), and turns the degrees of the live ones into starts. */
static void number_lines(struct trn_side *side, uint32_t *number)
{
    size_t *start = side->start;

    side->count = side->longest = 0;
    for (size_t i = 0; i < side->all; i++) {
        size_t degree = start[i + 1];

        if (degree == 0)
            continue;
        if (degree > side->longest)
            side->longest = degree;
        start[side->count + 1] = start[side->count] + degree;
        side->index[side->count] = (uint32_t)i;
        number[i] = (uint32_t)side->count++;
    }
}

/* The lines without connections stand after the others, in their order. */
static void append_empty(struct trn_side *side)
{
    size_t live = 0, at = side->count;

    for (size_t i = 0; i < side->all; i++) {
        if (live < side->count && side->index[live] == i)
            live++;
        else
            side->index[at++] = (uint32_t)i;
    }
}

/* order[count]: lines by rising degree, equal ones in their order. `bin` has longest + 2 zeros. */
static void sort_by_degree(const struct trn_side *side, size_t *bin, uint32_t *order)
{
    for (size_t i = 0; i < side->count; i++)
        bin[trn_degree(side, i) + 1]++;
    for (size_t d = 1; d <= side->longest + 1; d++)
        bin[d] += bin[d - 1];
    for (size_t i = 0; i < side->count; i++)
        order[bin[trn_degree(side, i)]++] = (uint32_t)i;
}

/* Rewrites to->other so that each of its lists follows `order`, the other side's lines. */
static void list_by_order(const struct trn_side *from, const uint32_t *order, struct trn_side *to,
                          size_t *next)
{
    memcpy(next, to->start, to->count * sizeof *next);
    for (size_t i = 0; i < from->count; i++) {
        for (size_t e = from->start[order[i]]; e < from->start[order[i] + 1]; e++)
            to->other[next[from->other[e]]++] = order[i];
    }
}

static void fill_sides(const struct trnnsf_matrix *matrix, struct trn_bipartite *graph,
                       uint32_t *number, size_t *next)
{
    struct trn_side *rows = &graph->side[TRN_OUTPUTS], *columns = &graph->side[TRN_INPUTS];

    for (size_t i = 0; i < matrix->n_rows; i++)
        rows->start[i + 1] = matrix->row_start[i + 1] - matrix->row_start[i];
    for (size_t e = 0; e < graph->nonzeros; e++)
        columns->start[matrix->column[e] + 1]++;
    number_lines(rows, number);
    number_lines(columns, number);
    append_empty(rows);
    append_empty(columns);
    for (size_t e = 0; e < graph->nonzeros; e++)
        rows->other[e] = number[matrix->column[e]];
    /* Rows in their order give the columns' lists; degrees give the lists their final order. */
    for (size_t i = 0; i < rows->count; i++)
        number[i] = (uint32_t)i;
    list_by_order(rows, number, columns, next);
}

static trnnsf_status order_lists(trnnsf_context *ctx, struct trn_bipartite *graph, uint32_t *order,
                                 size_t *next)
{
    for (int s = 0; s < TRN_SIDES; s++) {
        struct trn_side *from = &graph->side[s], *to = &graph->side[1 - s];
        size_t *bin = TRN_NEW_ARRAY(ctx, size_t, from->longest + 2);

        if (!bin)
            return TRNNSF_E_NO_MEMORY;
        sort_by_degree(from, bin, order);
        trn_free(ctx, bin);
        list_by_order(from, order, to, next);
    }
    return TRNNSF_OK;
}

trnnsf_status trn_bipartite_create(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                   struct trn_bipartite **out_graph)
{
    size_t nonzeros = trn_sparse_nonzeros(matrix);
    size_t widest = matrix->n_rows > matrix->n_columns ? matrix->n_rows : matrix->n_columns;
    struct trn_bipartite *graph = TRN_NEW(ctx, struct trn_bipartite);
    uint32_t *number = TRN_NEW_ARRAY(ctx, uint32_t, widest);
    size_t *next = TRN_NEW_ARRAY(ctx, size_t, widest);
    trnnsf_status status = TRNNSF_OK;

    TRN_NEED_OUT(graph);
    TRN_NEED_OUT(number);
    TRN_NEED_OUT(next);
    graph->nonzeros = nonzeros;
    TRN_TRY_OUT(make_side(ctx, &graph->side[TRN_OUTPUTS], matrix->n_rows, nonzeros));
    TRN_TRY_OUT(make_side(ctx, &graph->side[TRN_INPUTS], matrix->n_columns, nonzeros));
    fill_sides(matrix, graph, number, next);
    TRN_TRY_OUT(order_lists(ctx, graph, number, next));
out:
    trn_free(ctx, next);
    trn_free(ctx, number);
    if (status == TRNNSF_OK)
        *out_graph = graph;
    else
        trn_bipartite_free(ctx, graph);
    return status;
}
