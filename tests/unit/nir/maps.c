/* Linear nodes as matrices: against plain loops, and chains of them against one after the other. */
#include "nir/map.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "nir/common.h"

static double *times(const struct trn_nir_map *map, const double *x)
{
    double *y = calloc(map->n_out + 1, sizeof *y);

    for (size_t o = 0; o < map->n_out; o++) {
        y[o] = map->bias ? map->bias[o] : 0;
        for (size_t k = map->start[o]; k < map->start[o + 1]; k++)
            y[o] += map->value[k] * x[map->column[k]];
    }
    return y;
}

static double *draw(struct trn_random *random, size_t n)
{
    double *values = calloc(n + 1, sizeof *values);

    for (size_t i = 0; i < n; i++)
        values[i] = trn_random_double(random) - 0.5;
    return values;
}

/* A convolution of random size, groups, stride, padding and dilation between Input and Output. */
struct convolution {
    size_t n_in, n_out, groups, size[2], kernel[2], stride[2], padding[2], dilation[2];
    bool is_1d;
    double *weights, *bias;
};

static trnnsf_nir *make_convolution(struct trn_random *random, struct convolution *c)
{
    trnnsf_nir *nir;

    c->is_1d = trn_random_below(random, 3) == 0;
    c->groups = 1 + trn_random_below(random, 3);
    c->n_in = c->groups * (1 + trn_random_below(random, 2));
    c->n_out = c->groups * (1 + trn_random_below(random, 3));
    for (size_t k = 0; k < 2; k++) {
        bool is_one = c->is_1d && k == 0;

        c->kernel[k] = is_one ? 1 : 1 + trn_random_below(random, 4);
        c->stride[k] = is_one ? 1 : 1 + trn_random_below(random, 3);
        c->padding[k] = is_one ? 0 : trn_random_below(random, 3);
        c->dilation[k] = is_one ? 1 : 1 + trn_random_below(random, 2);
        c->size[k] = is_one ? 1 : 7 + trn_random_below(random, 4);
    }
    size_t skip = c->is_1d ? 1 : 0, rank = 4 - skip, one = c->n_out;
    size_t weight[4] = {c->n_out, c->n_in / c->groups}, in[3] = {c->n_in};
    for (size_t k = skip; k < 2; k++) {
        weight[2 + k - skip] = c->kernel[k];
        in[1 + k - skip] = c->size[k];
    }
    c->weights = draw(random, c->n_out * weight[1] * c->kernel[0] * c->kernel[1]);
    c->bias = draw(random, c->n_out);
    OK(trnnsf_nir_create(ctx, &nir));
    put_port(nir, "in", "Input", rank - 1, in);
    OK(trnnsf_nir_add_node(ctx, nir, "c", c->is_1d ? "Conv1d" : "Conv2d"));
    OK(trnnsf_nir_set_values(ctx, nir, "c", "weight", TRNNSF_NIR_FLOAT64, rank, weight,
                             c->weights));
    OK(trnnsf_nir_set_values(ctx, nir, "c", "bias", TRNNSF_NIR_FLOAT64, 1, &one, c->bias));
    put_whole(nir, "c", "groups", c->groups);
    if (c->is_1d) {
        put_whole(nir, "c", "stride", c->stride[1]);
        put_whole(nir, "c", "padding", c->padding[1]);
        put_whole(nir, "c", "dilation", c->dilation[1]);
    } else {
        put_pair(nir, "c", "stride", c->stride[0], c->stride[1]);
        put_pair(nir, "c", "padding", c->padding[0], c->padding[1]);
        put_pair(nir, "c", "dilation", c->dilation[0], c->dilation[1]);
    }
    OK(trnnsf_nir_add_node(ctx, nir, "out", "Output"));
    OK(trnnsf_nir_add_edge(ctx, nir, "in", "c"));
    OK(trnnsf_nir_add_edge(ctx, nir, "c", "out"));
    OK(trnnsf_nir_check(ctx, nir));
    return nir;
}

/* sum over channels and kernel, by the definition; x is 0 outside. */
static double convolved(const struct convolution *c, const double *x, size_t o, size_t row,
                        size_t column)
{
    size_t per_group = c->n_in / c->groups, first = o / (c->n_out / c->groups) * per_group;
    double sum = c->bias[o];

    for (size_t i = 0; i < per_group; i++) {
        for (size_t a = 0; a < c->kernel[0]; a++) {
            for (size_t b = 0; b < c->kernel[1]; b++) {
                long y = (long)(row * c->stride[0] + a * c->dilation[0]) - (long)c->padding[0];
                long z = (long)(column * c->stride[1] + b * c->dilation[1]) - (long)c->padding[1];
                size_t at = ((o * per_group + i) * c->kernel[0] + a) * c->kernel[1] + b;

                if (y >= 0 && z >= 0 && y < (long)c->size[0] && z < (long)c->size[1])
                    sum += c->weights[at] *
                           x[((first + i) * c->size[0] + (size_t)y) * c->size[1] + (size_t)z];
            }
        }
    }
    return sum;
}

START_TEST(convolutions)
{
    struct trn_random random;
    struct convolution c;
    struct trn_nir_map map = {0};

    trn_random_init(&random, 11, TRN_RANDOM_TEST, (uint32_t)_i);
    trnnsf_nir *nir = make_convolution(&random, &c);
    OK(trn_nir_map_of_node(nir, &nir->nodes[1], &map));
    double *x = draw(&random, map.n_in), *y = times(&map, x);
    size_t rank = 0;
    const size_t *out = trnnsf_nir_output_shape(nir, "c", &rank);
    size_t rows = c.is_1d ? 1 : out[1], columns = out[rank - 1];
    ck_assert_uint_eq(map.n_out, c.n_out * rows * columns);
    for (size_t k = 0; k < map.n_out; k++)
        ck_assert_double_eq_tol(
            y[k], convolved(&c, x, k / (rows * columns), k / columns % rows, k % columns), 1e-12);
    trn_nir_map_clear(ctx, &map);
    trnnsf_nir_free(nir);
    free(x), free(y), free(c.weights), free(c.bias);
}
END_TEST

static void random_map(struct trn_random *random, size_t n_in, size_t n_out, bool bias,
                       struct trn_nir_map *map)
{
    struct trn_nir_map_builder builder;

    OK(trn_nir_map_begin(ctx, n_in, n_out, &builder));
    for (size_t o = 0; o < n_out; o++) {
        for (size_t i = 0; i < n_in; i++) {
            if (trn_random_below(random, 3) == 0)
                OK(trn_nir_map_add(&builder, i, trn_random_double(random) - 0.5));
        }
        trn_nir_map_end_row(&builder);
    }
    OK(trn_nir_map_finish(&builder, TRNNSF_OK, map));
    if (bias)
        map->bias = trn_calloc(ctx, n_out, sizeof *map->bias);
    for (size_t o = 0; bias && o < n_out; o++)
        map->bias[o] = trn_random_double(random);
}

START_TEST(chains)
{
    struct trn_random random;
    struct trn_nir_map first = {0}, second = {0}, both = {0};

    trn_random_init(&random, 12, TRN_RANDOM_TEST, (uint32_t)_i);
    size_t n[3] = {1 + trn_random_below(&random, 20), 1 + trn_random_below(&random, 20),
                   1 + trn_random_below(&random, 20)};
    random_map(&random, n[0], n[1], _i % 2, &first);
    random_map(&random, n[1], n[2], _i / 2 % 2, &second);
    OK(trn_nir_map_identity(ctx, n[0], &both));
    OK(trn_nir_map_follow(ctx, &first, &both));
    OK(trn_nir_map_follow(ctx, &second, &both));
    double *x = draw(&random, n[0]), *middle = times(&first, x), *y = times(&second, middle);
    double *z = times(&both, x);
    for (size_t o = 0; o < n[2]; o++)
        ck_assert_double_eq_tol(y[o], z[o], 1e-12);
    for (size_t o = 0; o < n[2]; o++) {
        for (size_t k = both.start[o] + 1; k < both.start[o + 1]; k++)
            ck_assert_uint_lt(both.column[k - 1], both.column[k]);
    }
    trn_nir_map_clear(ctx, &first);
    trn_nir_map_clear(ctx, &second);
    trn_nir_map_clear(ctx, &both);
    free(x), free(middle), free(y), free(z);
}
END_TEST

TCase *maps_case(void)
{
    TCase *tcase = tcase_create("maps");

    tcase_add_loop_test(tcase, convolutions, 0, 40);
    tcase_add_loop_test(tcase, chains, 0, 20);
    return tcase;
}
