#include "map/cases.h"

#include <check.h>
#include <stdlib.h>

trnnsf_tech *make_tech(const char *shapes)
{
    trnnsf_tech *tech, *shaped;

    ck_assert_int_eq(trnnsf_tech_preset(ctx, "resparc-45nm", &tech), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_tech_with_shapes(ctx, tech, shapes, &shaped), TRNNSF_OK);
    trnnsf_tech_free(tech);
    return shaped;
}

/* About half of the lines, ascending, at least one. */
static size_t draw_lines(struct trn_random *random, size_t n, uint32_t *lines)
{
    size_t count = 0;
    double density = 0.1 + 0.5 * trn_random_double(random);

    for (size_t i = 0; i < n; i++) {
        if (trn_random_double(random) < density)
            lines[count++] = (uint32_t)i;
    }
    if (count == 0)
        lines[count++] = trn_random_below(random, (uint32_t)n);
    return count;
}

static trnnsf_clusters *draw_clusters(struct trn_random *random, size_t n_out, size_t n_in,
                                      size_t count)
{
    trnnsf_clusters *clusters;
    size_t *row_start = calloc(count + 1, sizeof *row_start);
    size_t *column_start = calloc(count + 1, sizeof *column_start);
    uint32_t *rows = calloc(count * n_out, sizeof *rows);
    uint32_t *columns = calloc(count * n_in, sizeof *columns);

    for (size_t c = 0; c < count; c++) {
        row_start[c + 1] = row_start[c] + draw_lines(random, n_out, rows + row_start[c]);
        column_start[c + 1] = column_start[c] + draw_lines(random, n_in, columns + column_start[c]);
    }
    ck_assert_int_eq(trnnsf_clusters_create(ctx, n_out, n_in, count, row_start, rows, column_start,
                                            columns, &clusters),
                     TRNNSF_OK);
    free(row_start);
    free(column_start);
    free(rows);
    free(columns);
    return clusters;
}

static void thin_out(struct trn_random *random, trnnsf_network *network, size_t layer,
                     double density)
{
    size_t n = trnnsf_network_inputs(network, layer) * trnnsf_network_outputs(network, layer);
    uint8_t *mask = malloc(n);
    float *weights = malloc(n * sizeof *weights);

    for (size_t i = 0; i < n; i++) {
        mask[i] = trn_random_double(random) < density;
        weights[i] = trn_random_below(random, 10) ? (float)trn_random_normal(random) : 0;
    }
    ck_assert_int_eq(trnnsf_network_set_mask(ctx, network, layer, mask), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_network_set_weights(ctx, network, layer, weights), TRNNSF_OK);
    free(mask);
    free(weights);
}

trnnsf_network *make_network(struct trn_random *random, const size_t *sizes, size_t n_sizes,
                             double density, uint32_t clusters)
{
    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;
    trnnsf_network *network;

    options.bias = 1;
    options.hidden_activation = TRNNSF_ACTIVATION_TANH;
    options.output_activation = TRNNSF_ACTIVATION_SIGMOID;
    options.seed = trn_random_u32(random);
    ck_assert_int_eq(trnnsf_network_create(ctx, sizes, n_sizes, &options, &network), TRNNSF_OK);
    for (size_t l = 0; l + 1 < n_sizes; l++) {
        uint32_t count = clusters ? trn_random_below(random, clusters + 1) : 0;

        thin_out(random, network, l, density);
        if (count > 0) {
            trnnsf_clusters *set = draw_clusters(random, sizes[l + 1], sizes[l], count);

            ck_assert_int_eq(trnnsf_network_set_clusters(ctx, network, l, set), TRNNSF_OK);
            trnnsf_clusters_free(set);
        }
    }
    return network;
}

trnnsf_mapping *make_mapping(const trnnsf_network *network, const trnnsf_tech *tech, uint32_t rule)
{
    struct trnnsf_map_options options = TRNNSF_MAP_OPTIONS_INIT;
    trnnsf_mapping *mapping = NULL;

    options.rule = rule;
    ck_assert_int_eq(trnnsf_mapping_create(ctx, network, tech, &options, &mapping), TRNNSF_OK);
    return mapping;
}

struct trnnsf_crossbar_counts count_all(const trnnsf_mapping *mapping)
{
    struct trnnsf_crossbar_counts counts = {.struct_size = sizeof counts};

    ck_assert_int_eq(trnnsf_mapping_counts(ctx, mapping, TRNNSF_ALL_LAYERS, &counts), TRNNSF_OK);
    return counts;
}
