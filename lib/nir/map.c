#include "nir/map.h"

#include <string.h>

#include "base/context.h"

enum { NONZEROS_MAX = 1 << 27 }; /* chosen here: 1.6 GiB */

void trn_nir_map_clear(trnnsf_context *ctx, struct trn_nir_map *map)
{
    trn_free(ctx, map->start);
    trn_free(ctx, map->column);
    trn_free(ctx, map->value);
    trn_free(ctx, map->bias);
    *map = (struct trn_nir_map){0};
}

trnnsf_status trn_nir_map_begin(trnnsf_context *ctx, size_t n_in, size_t n_out,
                                struct trn_nir_map_builder *builder)
{
    *builder = (struct trn_nir_map_builder){.ctx = ctx, .map = {.n_in = n_in, .n_out = n_out}};
    builder->map.start = TRN_NEW_ARRAY(ctx, size_t, n_out + 1);
    return builder->map.start ? TRNNSF_OK : TRN_NO_MEMORY;
}

static trnnsf_status make_room(struct trn_nir_map_builder *builder)
{
    size_t room = builder->room ? 2 * builder->room : 256;

    if (builder->room >= NONZEROS_MAX)
        return trn_fail(builder->ctx, TRNNSF_E_LIMIT, "more than %d weights", NONZEROS_MAX);
    uint32_t *column = trn_realloc(builder->ctx, builder->map.column, room, sizeof *column);
    if (!column)
        return TRN_NO_MEMORY;
    builder->map.column = column;
    double *value = trn_realloc(builder->ctx, builder->map.value, room, sizeof *value);
    if (!value)
        return TRN_NO_MEMORY;
    builder->map.value = value;
    builder->room = room;
    return TRNNSF_OK;
}

trnnsf_status trn_nir_map_add(struct trn_nir_map_builder *builder, size_t column, double value)
{
    size_t *end = &builder->map.start[builder->rows + 1];

    if (value == 0)
        return TRNNSF_OK;
    if (*end == builder->room)
        TRN_TRY(make_room(builder));
    builder->map.column[*end] = (uint32_t)column;
    builder->map.value[*end] = value;
    ++*end;
    return TRNNSF_OK;
}

void trn_nir_map_end_row(struct trn_nir_map_builder *builder)
{
    size_t row = ++builder->rows;

    if (row < builder->map.n_out)
        builder->map.start[row + 1] = builder->map.start[row];
}

trnnsf_status trn_nir_map_finish(struct trn_nir_map_builder *builder, trnnsf_status status,
                                 struct trn_nir_map *map)
{
    if (status == TRNNSF_OK)
        *map = builder->map;
    else
        trn_nir_map_clear(builder->ctx, &builder->map);
    return status;
}

trnnsf_status trn_nir_map_identity(trnnsf_context *ctx, size_t n, struct trn_nir_map *map)
{
    struct trn_nir_map_builder builder;
    trnnsf_status status = trn_nir_map_begin(ctx, n, n, &builder);

    for (size_t i = 0; i < n && status == TRNNSF_OK; i++) {
        status = trn_nir_map_add(&builder, i, 1);
        trn_nir_map_end_row(&builder);
    }
    return trn_nir_map_finish(&builder, status, map);
}

/* One row of the product; sum[n_in of first] is 0 before and after. */
static trnnsf_status multiply_row(const struct trn_nir_map *second,
                                  const struct trn_nir_map *first, size_t row, double *sum,
                                  struct trn_nir_map_builder *builder)
{
    trnnsf_status status = TRNNSF_OK;
    size_t low = first->n_in, high = 0;

    for (size_t k = second->start[row]; k < second->start[row + 1]; k++) {
        size_t middle = second->column[k];

        for (size_t j = first->start[middle]; j < first->start[middle + 1]; j++) {
            size_t column = first->column[j];

            sum[column] += second->value[k] * first->value[j];
            low = column < low ? column : low;
            high = column + 1 > high ? column + 1 : high;
        }
    }
    for (size_t i = low; i < high; i++) {
        if (status == TRNNSF_OK)
            status = trn_nir_map_add(builder, i, sum[i]);
        sum[i] = 0;
    }
    trn_nir_map_end_row(builder);
    return status;
}

static trnnsf_status add_bias(trnnsf_context *ctx, const struct trn_nir_map *second,
                              const struct trn_nir_map *first, struct trn_nir_map *product)
{
    if (!second->bias && !first->bias)
        return TRNNSF_OK;
    product->bias = TRN_NEW_ARRAY(ctx, double, second->n_out);
    if (!product->bias)
        return TRN_NO_MEMORY;
    for (size_t o = 0; o < second->n_out; o++) {
        for (size_t k = second->start[o]; first->bias && k < second->start[o + 1]; k++)
            product->bias[o] += second->value[k] * first->bias[second->column[k]];
        product->bias[o] += second->bias ? second->bias[o] : 0;
    }
    return TRNNSF_OK;
}

trnnsf_status trn_nir_map_follow(trnnsf_context *ctx, const struct trn_nir_map *second,
                                 struct trn_nir_map *first)
{
    struct trn_nir_map_builder builder = {.ctx = ctx};
    struct trn_nir_map product = {0};
    double *sum = TRN_NEW_ARRAY(ctx, double, first->n_in);
    trnnsf_status status = TRNNSF_OK;

    TRN_NEED_OUT(sum);
    status = trn_nir_map_begin(ctx, first->n_in, second->n_out, &builder);
    for (size_t o = 0; o < second->n_out && status == TRNNSF_OK; o++)
        status = multiply_row(second, first, o, sum, &builder);
    if (status == TRNNSF_OK)
        status = add_bias(ctx, second, first, &builder.map);
    TRN_TRY_OUT(trn_nir_map_finish(&builder, status, &product));
    trn_nir_map_clear(ctx, first);
    *first = product;
out:
    trn_free(ctx, sum);
    return status;
}
