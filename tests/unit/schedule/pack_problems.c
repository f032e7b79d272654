#include "schedule/pack_problems.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Beyond the first PROBLEMS: at these the first budget was once more than the pruned tiling. */
static const uint32_t more[MORE] = {2211, 3384, 4081};

static double between(struct trn_random *random, double least, double most)
{
    return least + (most - least) * trn_random_double(random);
}

static size_t whole(struct trn_random *random, size_t least, size_t most)
{
    return least + trn_random_below(random, (uint32_t)(most - least + 1));
}

static bool chance(struct trn_random *random, double probability)
{
    return trn_random_double(random) < probability;
}

static size_t dense_crossbars(const struct problem *p)
{
    size_t sum = 0;

    for (size_t l = 0; l < p->n_layers; l++)
        sum += (p->sizes[l] + p->inputs[0] - 1) / p->inputs[0] *
               ((p->sizes[l + 1] + p->outputs[0] - 1) / p->outputs[0]);
    return sum;
}

struct trn_random problem_stream(uint32_t number, uint32_t what)
{
    struct trn_random random;

    trn_random_init(&random, 100 + number, TRN_RANDOM_TEST, what);
    return random;
}

static void draw_pool(struct problem *p)
{
    static const char *const costs[] = {"crossbars", "area", "energy"};
    struct trn_random r = problem_stream(p->number, 22);

    p->n_shapes = whole(&r, 2, SHAPES_MAX);
    for (size_t s = 1; s < p->n_shapes; s++) {
        p->inputs[s] = whole(&r, 1, 40);
        p->outputs[s] = whole(&r, 1, 40);
    }
    p->cost = costs[whole(&r, 0, 2)];
}

static uint32_t number_of(int index)
{
    if (index >= FIRST_POOL)
        return 10000 + (uint32_t)(index - FIRST_POOL);
    return index < PROBLEMS ? (uint32_t)index : more[index - PROBLEMS];
}

int some_of(int problems)
{
    return getenv("TRNNSF_TEST_BRIEF") ? (problems + 3) / 4 : problems;
}

struct problem draw_problem(int index)
{
    uint32_t number = number_of(index);
    struct trn_random r = problem_stream(number, 0);
    struct problem p = {.number = number, .network = TRNNSF_NETWORK_OPTIONS_INIT};

    p.n_layers = whole(&r, 1, LAYERS_MAX);
    for (size_t l = 0; l <= p.n_layers; l++)
        p.sizes[l] = l < p.n_layers ? whole(&r, 1, SIDE_MAX) : whole(&r, 2, 6);
    p.network.hidden_activation = (uint32_t)whole(&r, 0, TRNNSF_ACTIVATION_TANH);
    p.network.output_activation = (uint32_t)whole(&r, 0, TRNNSF_ACTIVATION_SOFTMAX);
    p.network.bias = chance(&r, 0.5);
    p.network.seed = number + 1;
    p.loss = p.network.output_activation >= TRNNSF_ACTIVATION_SIGMOID &&
                     p.network.output_activation != TRNNSF_ACTIVATION_TANH && chance(&r, 0.6)
                 ? "cross-entropy"
                 : "squared";
    p.pruned = chance(&r, 0.4);
    p.n_shapes = 1;
    p.cost = "crossbars";
    p.inputs[0] = chance(&r, 0.15) ? 64 : whole(&r, 1, 16);
    p.outputs[0] = chance(&r, 0.15) ? 64 : whole(&r, 1, 16);
    p.train = whole(&r, 1, SAMPLES_MAX);
    p.held_back = chance(&r, 0.8) ? whole(&r, 1, 20) : 0;
    p.epochs = (uint32_t)whole(&r, 1, EPOCHS_MAX);
    p.first = chance(&r, 0.5) ? 0 : between(&r, 0, 0.6);
    p.until = between(&r, p.first, 1);
    if (chance(&r, 0.7))
        p.target_crossbars = (double)whole(&r, p.n_layers, dense_crossbars(&p));
    p.target_loss = chance(&r, 0.2) ? between(&r, 0, 20) : 0;
    if (index >= FIRST_POOL)
        draw_pool(&p);
    return p;
}

trnnsf_schedule *draw_schedule(trnnsf_context *ctx, const struct problem *p)
{
    static const char *const saliences[] = {"loss", "activation", "magnitude"};
    static const char *const rates[] = {"constant", "step", "exponential", "cosine"};
    struct trn_random r = problem_stream(p->number, 1);
    trnnsf_schedule *s;

    ck_assert_int_eq(trnnsf_schedule_create(ctx, "pack", NULL, &s), TRNNSF_OK);
    set(ctx, s, "train.epochs", p->epochs);
    set(ctx, s, "train.batch", (double)whole(&r, 1, SAMPLES_MAX + 10));
    set(ctx, s, "train.rate", exp(between(&r, log(1e-3), log(0.05))));
    set(ctx, s, "train.momentum", between(&r, 0, 0.9));
    set(ctx, s, "train.l2", chance(&r, 0.3) ? between(&r, 0, 0.01) : 0);
    set(ctx, s, "train.input_dropout", chance(&r, 0.3) ? between(&r, 0, 0.5) : 0);
    set(ctx, s, "train.hidden_dropout", between(&r, 0, 0.5));
    set(ctx, s, "train.classic_dropout", chance(&r, 0.5));
    set(ctx, s, "train.seed", p->number);
    set(ctx, s, "cluster.first", p->first);
    set(ctx, s, "cluster.until", p->until);
    set(ctx, s, "cluster.budget_first", chance(&r, 0.3) ? 1 : between(&r, 0.3, 1));
    set(ctx, s, "cluster.budget_last", between(&r, 0.001, 0.3));
    set(ctx, s, "cluster.dissolve", between(&r, 0, 1));
    set(ctx, s, "pack.rate", between(&r, 0.1, 2));
    set(ctx, s, "pack.input_dropout", chance(&r, 0.3) ? between(&r, 0, 0.3) : 0);
    set(ctx, s, "pack.hidden_dropout", chance(&r, 0.3) ? between(&r, 0, 0.5) : 0);
    set(ctx, s, "pack.patches", chance(&r, 0.4) ? between(&r, 0, 0.9) : 0);
    set(ctx, s, "pack.patch_inputs", (double)whole(&r, 1, 40));
    set(ctx, s, "pack.effort", (double)whole(&r, 1, 2));
    set(ctx, s, "pack.widen", (double)whole(&r, 0, 1));
    set(ctx, s, "pack.distil", chance(&r, 0.5) ? between(&r, 0, 1) : 0);
    set(ctx, s, "pack.temperature", between(&r, 0.5, 5));
    set(ctx, s, "target.crossbars", p->target_crossbars);
    set(ctx, s, "target.loss", p->target_loss);
    ck_assert_int_eq(trnnsf_schedule_set_word(ctx, s, "pack.salience", saliences[whole(&r, 0, 2)]),
                     TRNNSF_OK);
    ck_assert_int_eq(
        trnnsf_schedule_set_word(ctx, s, "train.rate_schedule", rates[whole(&r, 0, 3)]), TRNNSF_OK);
    ck_assert_int_eq(
        trnnsf_schedule_set_word(ctx, s, "train.optimiser", chance(&r, 0.5) ? "adam" : "sgd"),
        TRNNSF_OK);
    ck_assert_int_eq(trnnsf_schedule_set_word(ctx, s, "train.loss", p->loss), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_schedule_set_word(ctx, s, "pack.cost", p->cost), TRNNSF_OK);
    set(ctx, s, "traffic.weight", chance(&r, 0.4) ? between(&r, 0, 20) : 0);
    set(ctx, s, "traffic.samples", (double)whole(&r, 1, SAMPLES_MAX));
    return s;
}

static void draw_part(struct trn_random *r, const struct problem *p, trnnsf_context *ctx,
                      trnnsf_dataset *dataset, uint32_t part, size_t n)
{
    static float values[SAMPLES_MAX * SIDE_MAX];
    static uint32_t labels[SAMPLES_MAX];
    size_t n_in = p->sizes[0], classes = p->sizes[p->n_layers];

    for (size_t s = 0; s < n; s++) {
        labels[s] = trn_random_below(r, (uint32_t)classes);
        for (size_t i = 0; i < n_in; i++)
            values[s * n_in + i] =
                trn_random_float(r) * (i % classes == labels[s] ? 1.0f : 0.3f) - 0.1f;
    }
    ck_assert_int_eq(trnnsf_dataset_set(ctx, dataset, part, n, values, labels), TRNNSF_OK);
}

trnnsf_dataset *draw_dataset(trnnsf_context *ctx, const struct problem *p)
{
    struct trn_random r = problem_stream(p->number, 2);
    trnnsf_dataset *dataset;

    ck_assert_int_eq(trnnsf_dataset_create(ctx, 1, 1, p->sizes[0], p->sizes[p->n_layers], &dataset),
                     TRNNSF_OK);
    draw_part(&r, p, ctx, dataset, TRNNSF_PART_TRAIN, p->train);
    if (p->held_back > 0)
        draw_part(&r, p, ctx, dataset, TRNNSF_PART_VALIDATION, p->held_back);
    return dataset;
}

trnnsf_network *draw_network(trnnsf_context *ctx, const struct problem *p)
{
    uint8_t mask[SIDE_MAX * SIDE_MAX];
    trnnsf_network *network;

    ck_assert_int_eq(trnnsf_network_create(ctx, p->sizes, p->n_layers + 1, &p->network, &network),
                     TRNNSF_OK);
    for (size_t l = 0; p->pruned && l < p->n_layers; l++) {
        struct trn_random r = problem_stream(p->number, 3 + (uint32_t)l);
        double density = between(&r, 0.01, 1);

        for (size_t i = 0; i < p->sizes[l] * p->sizes[l + 1]; i++)
            mask[i] = i == 0 || chance(&r, density);
        ck_assert_int_eq(trnnsf_network_set_mask(ctx, network, l, mask), TRNNSF_OK);
    }
    return network;
}

trnnsf_tech *shapes_of(trnnsf_context *ctx, const struct problem *p, size_t first, size_t last)
{
    trnnsf_tech *preset, *made;
    char shapes[32 * SHAPES_MAX] = "";

    for (size_t s = first; s < last; s++)
        snprintf(shapes + strlen(shapes), 32, "%s%zux%zu", s > first ? "," : "", p->inputs[s],
                 p->outputs[s]);
    ck_assert_int_eq(trnnsf_tech_preset(ctx, "resparc-45nm", &preset), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_tech_with_shapes(ctx, preset, shapes, &made), TRNNSF_OK);
    ck_assert_uint_eq(trnnsf_tech_shape_outputs(made, 0), p->outputs[first]);
    trnnsf_tech_free(preset);
    return made;
}

double shape_cost(const struct problem *p, const trnnsf_tech *tech, size_t shape)
{
    if (strcmp(p->cost, "area") == 0)
        return trnnsf_tech_shape_area(tech, shape) / trnnsf_tech_shape_area(tech, 0);
    if (strcmp(p->cost, "energy") == 0)
        return trnnsf_tech_shape_energy(tech, shape) / trnnsf_tech_shape_energy(tech, 0);
    return 1;
}
