/* What feeds what, told by what changes where: without weights a layer's outputs are its biases, so that a
 * bias that changes shows up in the lines that its output feeds, and nowhere else. */
#include "network/links.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "network/cases.h"
#include "network/pass.h"
#include "network/random_graphs.h"

enum { FEATURES = 108, DRAWS = 120 };

static trnnsf_context *ctx;

static void setup(void)
{
    ctx = open_context(1, "reference");
}

static void teardown(void)
{
    trnnsf_context_free(ctx);
}

static void draw_biases(struct trnnsf_network *network, struct trn_random *random)
{
    for (size_t l = 0; l < network->n_layers; l++) {
        struct trn_layer *layer = &network->layers[l];

        memset(layer->weights, 0, layer->n_in * layer->n_out * sizeof(float));
        for (size_t i = 0; i < layer->n_out; i++)
            layer->biases[i] = 0.5f + trn_random_float(random);
    }
}

static struct trn_pass *run(struct trnnsf_network *network, const float *inputs)
{
    struct trn_pass *pass;

    ck_assert_int_eq(trn_pass_create(ctx, network, 1, true, &pass), TRNNSF_OK);
    trn_pass_freeze_norms(pass);
    trn_pass_load(pass, 1, inputs, NULL, NULL);
    ck_assert_int_eq(trn_pass_forward(pass, NULL), TRNNSF_OK);
    return pass;
}

static const struct trn_shape *read_shape(const struct trnnsf_network *network, size_t layer)
{
    const struct trn_graph *graph = &network->graph;
    size_t node = layer < network->n_layers ? trn_graph_layer_node(graph, layer) : graph->n_nodes;

    return &graph->nodes[layer < network->n_layers ? graph->nodes[node].inputs[0] : node - 1].shape;
}

static bool has_source(const struct trn_links *links, size_t layer, size_t line, size_t source)
{
    size_t at = links->first_line[layer] + line;

    for (size_t e = links->start[at]; e < links->start[at + 1]; e++) {
        if (links->source[e] == source)
            return true;
    }
    return false;
}

/* A line has `source` among its sources where a value of it differs between both passes, and, if `exact`,
 * nowhere else: a reshape's channel has the sources of all the channels that it is made of. */
static size_t check_source(const struct trnnsf_network *network, const struct trn_links *links,
                           const struct trn_pass *before, const struct trn_pass *after,
                           size_t source, bool exact)
{
    size_t found = 0;

    for (size_t l = 0; l <= network->n_layers; l++) {
        const struct trn_shape *shape = read_shape(network, l);
        size_t pixels = trn_shape_pixels(shape);

        ck_assert_uint_eq(trn_links_lines(links, l), shape->channels);
        for (size_t c = 0; c < shape->channels; c++) {
            bool differs = memcmp(before->panel[l] + c * pixels, after->panel[l] + c * pixels,
                                  pixels * sizeof(float)) != 0;

            bool has = has_source(links, l, c, source);

            ck_assert_msg(exact ? has == differs : has || !differs,
                          "layer %zu, line %zu, source %zu: %d", l, c, source, differs);
            found += differs;
        }
    }
    return found;
}

START_TEST(as_what_changes)
{
    float inputs[FEATURES], others[FEATURES];
    struct trn_random random;
    size_t found = 0;

    trn_random_init(&random, 51, TRN_RANDOM_TEST, 0);
    for (size_t i = 0; i < FEATURES; i++) {
        inputs[i] = 0.5f + trn_random_float(&random);
        others[i] = inputs[i] + 1;
    }
    for (uint32_t number = 0; number < DRAWS; number++) {
        trnnsf_network *network = random_graph(ctx, number, true, number % 2);
        struct trn_links *links;
        struct trn_pass *before, *after;

        ck_assert_int_eq(trn_links_create(ctx, network, &links), TRNNSF_OK);
        draw_biases(network, &random);
        before = run(network, inputs);
        after = run(network, others);
        check_source(network, links, before, after, TRN_SAMPLES, number % 2);
        trn_pass_free(after);
        for (size_t l = 0; l < network->n_layers; l++) {
            for (size_t i = 0; i < network->layers[l].n_out; i++) {
                float bias = network->layers[l].biases[i];

                network->layers[l].biases[i] = bias + 1;
                after = run(network, inputs);
                found += check_source(network, links, before, after,
                                      links->first_output[l] + i, number % 2);
                trn_pass_free(after);
                network->layers[l].biases[i] = bias;
            }
        }
        trn_pass_free(before);
        trn_links_free(ctx, links);
        trnnsf_network_free(network);
    }
    ck_assert_uint_gt(found, DRAWS);
}
END_TEST

/* Columns of a line follow one another, lines of a group too; of a depthwise convolution output i reads
 * channel i / multiplier. */
START_TEST(lines_of_columns)
{
    for (uint32_t number = 0; number < DRAWS / 4; number++) {
        trnnsf_network *network = random_graph(ctx, number, true, number % 2);
        struct trn_links *links;

        ck_assert_int_eq(trn_links_create(ctx, network, &links), TRNNSF_OK);
        for (size_t l = 0; l < network->n_layers; l++) {
            struct trn_layer *layer = &network->layers[l];

            ck_assert_uint_eq(links->group_rows[l] * trn_links_lines(links, l),
                              links->group_lines[l] * layer->n_out);
            ck_assert_uint_eq(links->columns[l] * links->group_lines[l], layer->n_in);
            for (size_t i = 0; layer->grouped && i < layer->n_out; i++)
                ck_assert_uint_eq(trn_links_line(links, l, i, layer->n_in - 1),
                                  i / (layer->n_out / trn_links_lines(links, l)));
            for (size_t j = 0; !layer->grouped && j < layer->n_in; j++)
                ck_assert_uint_eq(trn_links_line(links, l, 0, j),
                                  j / (layer->n_in / trn_links_lines(links, l)));
        }
        trn_links_free(ctx, links);
        trnnsf_network_free(network);
    }
}
END_TEST

START_TEST(of_a_chain)
{
    static const size_t sizes[] = {5, 4, 3};
    trnnsf_network *network;
    struct trn_links *links;
    bool outputs[7] = {true, false, false, true}, lines[5], read[7] = {false};

    ck_assert_int_eq(trnnsf_network_create(ctx, sizes, 3, NULL, &network), TRNNSF_OK);
    ck_assert_int_eq(trn_links_create(ctx, network, &links), TRNNSF_OK);
    ck_assert_uint_eq(trn_links_outputs(links), 7);
    for (size_t l = 0; l < 3; l++)
        ck_assert_uint_eq(trn_links_lines(links, l), sizes[l]);
    trn_links_feed(links, 0, outputs, lines);
    for (size_t j = 0; j < 5; j++)
        ck_assert(lines[j] && has_source(links, 0, j, TRN_SAMPLES));
    trn_links_feed(links, 1, outputs, lines);
    ck_assert(lines[0] && !lines[1] && !lines[2] && lines[3]);
    trn_links_read(links, 1, lines, read);
    ck_assert_mem_eq(read, outputs, sizeof read);
    ck_assert(trn_links_join(links, 0, 1) && !trn_links_join(links, 1, 1));
    trn_links_free(ctx, links);
    trnnsf_network_free(network);
}
END_TEST

TCase *links_case(void)
{
    TCase *tests = tcase_create("links");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, of_a_chain);
    tcase_add_test(tests, as_what_changes);
    tcase_add_test(tests, lines_of_columns);
    return tests;
}
