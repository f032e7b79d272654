/* Channels on a path of blocks in random graphs: where no weight is below 0 and no sample 0, a channel is
 * fed where it has a value above 0, and alive where the outputs' gradient there is too. */
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "cluster/builder.h"
#include "network/pass.h"
#include "network/random_graphs.h"
#include "schedule/cases.h"
#include "schedule/reach.h"

enum { FEATURES = 108, OUTPUTS = 3, DRAWS = 150, LAYERS_MOST = 16, LINES_MOST = 512 };

static trnnsf_context *ctx;

/* A graph, blocks of its layers but the grouped ones, and its only sample at work. */
struct scene {
    trnnsf_network *network;
    struct trn_links *links;
    struct trnnsf_clusters *clusters[LAYERS_MOST];
    struct trn_pass *pass;
};

static void setup(void)
{
    ctx = make_context(1);
}

static void teardown(void)
{
    trnnsf_context_free(ctx);
}

static bool draw(struct trn_random *random)
{
    return trn_random_below(random, 3) == 0;
}

/* Rows, and lines of which a column is the middle of the kernel and others may be too: what a channel has
 * above 0 stays so in all places. */
static struct trnnsf_clusters *draw_blocks(const struct scene *s, size_t l,
                                           struct trn_random *random)
{
    const struct trn_layer *layer = &s->network->layers[l];
    size_t columns = s->links->columns[l];
    struct trn_cluster_builder builder;
    struct trnnsf_clusters *clusters;

    trn_builder_init(&builder, ctx);
    for (size_t b = 0, count = trn_random_below(random, 5); b < count; b++) {
        uint32_t row[LINES_MOST], column[LINES_MOST];
        size_t n_rows = 0, n_columns = 0;

        for (uint32_t i = 0; i < layer->n_out; i++) {
            if (draw(random))
                row[n_rows++] = i;
        }
        for (uint32_t j = 0; j < layer->n_in; j += (uint32_t)columns) {
            bool takes = draw(random);

            for (uint32_t k = 0; takes && k < columns; k++) {
                if (k == columns / 2 || draw(random))
                    column[n_columns++] = j + k;
            }
        }
        ck_assert_int_eq(trn_builder_add(&builder, row, n_rows, column, n_columns), TRNNSF_OK);
    }
    ck_assert_int_eq(trn_builder_finish(&builder, layer->n_out, layer->n_in, &clusters), TRNNSF_OK);
    trn_builder_free(&builder);
    return clusters;
}

/* Weights above 0 in the blocks, and in all of a layer without; no biases. */
static void set_weights(struct scene *s, size_t l, struct trn_random *random)
{
    struct trn_layer *layer = &s->network->layers[l];
    struct trn_mask *cover = NULL;

    if (s->clusters[l])
        ck_assert_int_eq(trn_clusters_cover_mask(ctx, s->clusters[l], &cover), TRNNSF_OK);
    for (size_t i = 0; i < layer->n_in * layer->n_out; i++)
        layer->weights[i] = 0.1f + trn_random_float(random);
    memset(layer->biases, 0, layer->n_out * sizeof(float));
    trn_network_take_mask(s->network, l, cover);
}

static void compute(struct scene *s)
{
    const uint32_t label = 0;
    float sample[FEATURES];

    for (size_t i = 0; i < FEATURES; i++)
        sample[i] = 1;
    ck_assert_int_eq(trn_pass_create(ctx, s->network, 1, true, &s->pass), TRNNSF_OK);
    trn_pass_freeze_norms(s->pass);
    trn_pass_load(s->pass, 1, sample, NULL, NULL);
    ck_assert_int_eq(trn_pass_forward(s->pass, NULL), TRNNSF_OK);
    trn_pass_loss(s->pass, TRNNSF_LOSS_SQUARED, &label, true);
    for (size_t i = 0; i < OUTPUTS; i++)
        trn_pass_output_gradient(s->pass)[i] = 1;
}

static struct scene make_scene(uint32_t number)
{
    struct scene s = {.network = random_graph(ctx, number, true, true)};
    struct trn_random random;

    trn_random_init(&random, 52, TRN_RANDOM_TEST, number);
    ck_assert_int_eq(trn_links_create(ctx, s.network, &s.links), TRNNSF_OK);
    for (size_t l = 0; l < s.network->n_layers; l++) {
        if (!s.network->layers[l].grouped)
            s.clusters[l] = draw_blocks(&s, l, &random);
        set_weights(&s, l, &random);
    }
    compute(&s);
    return s;
}

static void free_scene(struct scene *s)
{
    for (size_t l = 0; l < s->network->n_layers; l++)
        trn_clusters_free(s->clusters[l]);
    trn_pass_free(s->pass);
    trn_links_free(ctx, s->links);
    trnnsf_network_free(s->network);
}

static bool some(const float *values, size_t n)
{
    bool any = false;

    for (size_t i = 0; i < n && !any; i++)
        any = values[i] > 0;
    return any;
}

/* After all layers above. What the node of a layer computes is what its readers' panels hold. */
static void check_layer(const struct scene *s, const struct trn_reach *reach, size_t l)
{
    const struct trn_graph *graph = &s->network->graph;
    size_t at = trn_graph_layer_node(graph, l);
    struct trn_panel gradient;

    ck_assert_int_eq(trn_pass_backward(s->pass, l, NULL), TRNNSF_OK);
    gradient = trn_pass_gradient(s->pass, l);
    ck_assert_uint_eq(gradient.n_features, s->network->layers[l].n_out);
    for (size_t i = 0; i < gradient.n_features; i++) {
        const float *row = gradient.values + i * gradient.ld;
        bool fed = reach->fed_outputs[l][i], alive = reach->outputs[l][i];

        ck_assert_msg(alive == (fed && some(row, gradient.n)), "node %zu, output %zu: alive %d", at,
                      i, alive);
    }
}

static void check_fed(const struct scene *s, const struct trn_reach *reach, size_t l)
{
    const struct trn_graph *graph = &s->network->graph;
    const struct trn_node *last = &graph->nodes[graph->n_nodes - 1];
    size_t node = l < s->network->n_layers ? trn_graph_layer_node(graph, l) : 0;
    const struct trn_shape *shape =
        node > 0 ? &graph->nodes[graph->nodes[node].inputs[0]].shape : &last->shape;
    size_t pixels = trn_shape_pixels(shape);

    for (size_t c = 0; c < shape->channels; c++)
        ck_assert_msg(reach->fed_lines[l][c] == some(s->pass->panel[l] + c * pixels, pixels),
                      "layer %zu, line %zu: fed %d", l, c, reach->fed_lines[l][c]);
}

START_TEST(found_as_computed)
{
    size_t whole = 0;

    for (uint32_t number = 0; number < DRAWS; number++) {
        struct scene s = make_scene(number);
        struct trn_reach reach;

        ck_assert_int_eq(trn_reach_find(ctx, s.network, s.links, s.clusters, &reach), TRNNSF_OK);
        for (size_t l = 0; l <= s.network->n_layers; l++)
            check_fed(&s, &reach, l);
        for (size_t l = s.network->n_layers; l-- > 0;)
            check_layer(&s, &reach, l);
        whole += reach.whole;
        trn_reach_free(ctx, &reach);
        free_scene(&s);
    }
    ck_assert(whole > DRAWS / 8 && whole < 7 * DRAWS / 8);
}
END_TEST

/* What trimming takes was of no use: the outputs stay. */
START_TEST(trimmed_computes_the_same)
{
    for (uint32_t number = 0; number < DRAWS; number++) {
        struct scene s = make_scene(number);
        float before[OUTPUTS];
        struct trn_reach reach;

        memcpy(before, trn_pass_outputs(s.pass), sizeof before);
        ck_assert_int_eq(trn_reach_find(ctx, s.network, s.links, s.clusters, &reach), TRNNSF_OK);
        for (size_t l = 0; l < s.network->n_layers; l++) {
            struct trnnsf_clusters *trimmed;
            struct trn_mask *cover;

            if (!s.clusters[l])
                continue;
            ck_assert_int_eq(trn_reach_trim(ctx, &reach, l, s.clusters[l], &trimmed), TRNNSF_OK);
            ck_assert_int_eq(trn_clusters_cover_mask(ctx, trimmed, &cover), TRNNSF_OK);
            trn_network_take_mask(s.network, l, cover);
            trn_clusters_free(trimmed);
        }
        trn_reach_free(ctx, &reach);
        trn_pass_free(s.pass);
        compute(&s);
        for (size_t i = 0; i < OUTPUTS; i++)
            ck_assert_float_le(fabsf(trn_pass_outputs(s.pass)[i] - before[i]), 1e-5f * before[i]);
        free_scene(&s);
    }
}
END_TEST

TCase *graph_reach_case(void)
{
    TCase *tests = tcase_create("graph reach");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, found_as_computed);
    tcase_add_test(tests, trimmed_computes_the_same);
    return tests;
}
