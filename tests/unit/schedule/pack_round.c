/* A round of packing: fields that fit their readers, blocks for a layer's share, and whole rounds whose
 * outcome is known. */
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "cluster/builder.h"
#include "cluster/packer.h"
#include "schedule/cases.h"
#include "schedule/fields.h"
#include "schedule/reach.h"
#include "schedule/rules.h"
#include "schedule/settle.h"

/* Of make_dataset() and make_tech(). */
enum { FEATURES = 36, CLASSES = 4, INPUTS = 16, OUTPUTS = 8 };
enum { SIDE = 16, HIDDEN = 40, DRAWS = 60 };

static trnnsf_context *ctx;
static trnnsf_dataset *dataset;
static trnnsf_schedule *schedule;
static struct trnnsf_network *network;
static struct trnnsf_run *run;
static struct trn_joint joint;

static void setup(void)
{
    ctx = make_context(1);
    dataset = make_dataset(ctx);
    schedule = make_schedule(ctx, "pack", "corrected");
    ck_assert_int_eq(trnnsf_schedule_set_word(ctx, schedule, "pack.salience", "magnitude"),
                     TRNNSF_OK);
}

static void teardown(void)
{
    trnnsf_schedule_free(schedule);
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
}

/* A network of those sizes, a run of it and the first round's state. */
static void begin(const size_t *sizes, size_t n_sizes, uint64_t seed)
{
    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;

    options.hidden_activation = TRNNSF_ACTIVATION_TANH;
    options.seed = seed;
    ck_assert_int_eq(trnnsf_network_create(ctx, sizes, n_sizes, &options, &network), TRNNSF_OK);
    run = make_run(ctx, network, dataset, schedule);
    ck_assert_int_eq(trn_joint_init(&joint, ctx, run, 1), TRNNSF_OK);
}

static void end(void)
{
    trn_joint_free(&joint);
    trnnsf_run_free(run);
    trnnsf_network_free(network);
}

static struct trnnsf_matrix *draw_salience(struct trn_random *random, size_t n_out, size_t n_in,
                                           double density)
{
    struct trnnsf_matrix *salience;
    struct trn_mask *mask;

    ck_assert_int_eq(trn_mask_create(ctx, n_out, n_in, &mask), TRNNSF_OK);
    for (size_t i = 0; i < n_out * n_in; i++) {
        if (trn_random_double(random) < density)
            trn_mask_set(mask, i / n_in, i % n_in);
    }
    ck_assert_int_eq(trn_sparse_from_mask(ctx, mask, NULL, 0, &salience), TRNNSF_OK);
    for (size_t e = 0; e < trn_sparse_nonzeros(salience); e++)
        salience->value[e] = 0.1f + trn_random_float(random);
    trn_mask_free(ctx, mask);
    return salience;
}

/* Buys `count` blocks at most for a layer: those that packing finds. */
static struct trnnsf_clusters *buy(size_t layer, const struct trnnsf_matrix *salience, size_t count)
{
    struct trn_pack_goal goal = trn_settle_goal(&joint, layer, count, (double)count);
    struct trnnsf_clusters *found, *kept;
    double worth[SIDE * SIDE];

    ck_assert_int_eq(trn_pack(ctx, salience, &run->pool, &goal, &found), TRNNSF_OK);
    for (size_t i = 0; i < trn_clusters_count(found); i++)
        worth[i] = 1;
    ck_assert_int_eq(trn_joint_propose(&joint, layer, found, worth), TRNNSF_OK);
    for (size_t i = 0; i < joint.n_candidates; i++)
        joint.candidates[i].bought = true;
    joint.spent = joint.budget = (double)joint.n_candidates;
    ck_assert_int_eq(trn_joint_keep(&joint, layer, &kept), TRNNSF_OK);
    return kept;
}

static double left_by(const struct trnnsf_clusters *clusters, const struct trnnsf_matrix *salience)
{
    double score[SIDE * SIDE];

    return trn_clusters_score(clusters, salience, score, NULL);
}

/* As where neurons turn out to lead nowhere. */
static void forget_some(struct trn_random *random, struct trnnsf_matrix *salience)
{
    double share = trn_random_double(random);

    for (size_t i = 0; i < salience->n_rows; i++) {
        bool forgotten = trn_random_double(random) < share;

        for (size_t e = salience->row_start[i]; forgotten && e < salience->row_start[i + 1]; e++)
            salience->value[e] = 0;
    }
}

/* Settles the second layer for `kept`; whether that took fewer blocks than packing for the share. */
static bool settle_for(const struct trnnsf_matrix *salience, struct trnnsf_clusters *kept)
{
    struct trn_pack_goal share = trn_settle_goal(&joint, 1, trn_clusters_count(kept), INFINITY);
    struct trn_pack_goal bound = share;
    struct trnnsf_clusters *all, *alone;

    share.start = kept;
    bound.bounded = true;
    ck_assert_int_eq(trn_pack(ctx, salience, &run->pool, &share, &alone), TRNNSF_OK);
    ck_assert_int_eq(trn_pack(ctx, salience, &run->pool, &bound, &all), TRNNSF_OK);
    ck_assert_int_eq(trn_settle_layer(&joint, 1, salience, kept), TRNNSF_OK);
    const struct trnnsf_clusters *held = network->layers[1].clusters;
    size_t count = trn_clusters_count(held);
    bool fewer = count < trn_clusters_count(alone);

    ck_assert_uint_le(count, trn_clusters_count(kept));
    ck_assert_double_le(left_by(held, salience), left_by(kept, salience) * (1 + 1e-9));
    if (left_by(held, salience) <= 0)
        ck_assert_uint_le(count, trn_clusters_count(all));
    trn_clusters_free(alone);
    trn_clusters_free(all);
    return fewer;
}

/* Blocks for a share in which all fits are no more than it takes to hold all; a share that is too
 * small is used, and holds no less than what was bought. */
START_TEST(no_more_blocks_than_hold_all)
{
    static const size_t sizes[] = {FEATURES, 3 * SIDE, 2 * SIDE, CLASSES};
    struct trn_random random;
    size_t spared = 0;

    trn_random_init(&random, 9, TRN_RANDOM_TEST, 0);
    for (size_t draw = 0; draw < DRAWS; draw++) {
        begin(sizes, 4, 1);
        struct trnnsf_matrix *salience = draw_salience(
            &random, sizes[2], sizes[1], 0.01 + 0.2 * trn_random_double(&random));
        struct trnnsf_clusters *kept = buy(1, salience, 1 + trn_random_below(&random, 20));

        forget_some(&random, salience);
        spared += settle_for(salience, kept);
        trn_clusters_free(kept);
        trnnsf_matrix_free(salience);
        end();
    }
    ck_assert_uint_gt(spared, 0); /* packing for the share alone had taken more at least once */
}
END_TEST

static size_t bought(size_t layer)
{
    size_t count = 0;

    for (size_t i = 0; i < joint.n_candidates; i++)
        count += joint.candidates[i].layer == layer && joint.candidates[i].bought;
    return count;
}

/* Fields share no output: as many as there are different first ones. */
static size_t count_fields(const struct trnnsf_clusters *clusters)
{
    bool first[2 * HIDDEN] = {false};
    size_t count = 0;

    for (size_t b = 0; b < trn_clusters_count(clusters); b++)
        first[clusters->blocks->row[clusters->blocks->row_start[b]]] = true;
    for (size_t i = 0; i < 2 * HIDDEN; i++)
        count += first[i];
    return count;
}

static void keep_layers(size_t n_layers, struct trnnsf_clusters **kept, struct trn_reach *reach)
{
    for (size_t l = 0; l < n_layers; l++)
        ck_assert_int_eq(trn_joint_keep(&joint, l, &kept[l]), TRNNSF_OK);
    ck_assert_int_eq(trn_reach_find(ctx, network, run->links, kept, reach), TRNNSF_OK);
}

static void free_layers(size_t n_layers, struct trnnsf_clusters **kept, struct trn_reach *reach)
{
    for (size_t l = 0; l < n_layers; l++)
        trn_clusters_free(kept[l]);
    trn_reach_free(ctx, reach);
}

/* Fields in the first layer, `readers` blocks each of which reads some hidden neurons in the second. */
static struct trnnsf_matrix *propose_fields_and_readers(struct trn_random *random, size_t readers)
{
    struct trnnsf_matrix *salience = draw_salience(random, HIDDEN, FEATURES, 1);
    size_t dead = trn_random_below(random, HIDDEN / 2);
    struct trn_cluster_builder builder;
    struct trnnsf_clusters *clusters;
    double worth[SIDE];

    for (size_t e = 0; e < dead * FEATURES; e++)
        salience->value[e] = 0;
    ck_assert_int_eq(trn_fields_propose(&joint, salience, HIDDEN), TRNNSF_OK);
    trn_builder_init(&builder, ctx);
    for (size_t b = 0; b < readers; b++) {
        uint32_t read[HIDDEN], output[] = {0, 1};
        size_t n = 0;

        for (uint32_t j = 0; j < HIDDEN && n < INPUTS; j++) {
            if (trn_random_below(random, 6) == 0 || (n == 0 && j + 1 == HIDDEN))
                read[n++] = j;
        }
        worth[b] = 0.1 + trn_random_double(random);
        ck_assert_int_eq(trn_builder_add(&builder, output, 2, read, n), TRNNSF_OK);
    }
    ck_assert_int_eq(trn_builder_finish(&builder, CLASSES, HIDDEN, &clusters), TRNNSF_OK);
    trn_builder_free(&builder);
    ck_assert_int_eq(trn_joint_propose(&joint, 1, clusters, worth), TRNNSF_OK);
    return salience;
}

static double row_salience(const struct trnnsf_matrix *salience, size_t row)
{
    double sum = 0;

    for (size_t e = salience->row_start[row]; e < salience->row_start[row + 1]; e++)
        sum += (double)salience->value[e];
    return sum;
}

/* One field less would be too few for the neurons that are read and worth something, each of which
 * has a field as far as there are any; what is saved buys readers, so that none is lost. */
static void check_fit(const struct trn_reach *before, const struct trn_reach *after,
                      const struct trnnsf_matrix *salience, size_t readers)
{
    size_t fields = count_fields(joint.found[0]), read = 0, in_fields = 0;

    for (size_t i = 0; i < HIDDEN; i++) {
        bool wanted = before->outputs[0][i] && row_salience(salience, i) > 0;
        bool has = trn_clusters_has_row(joint.found[0], i);

        read += wanted;
        in_fields += wanted && has;
        ck_assert(!(wanted && has) || after->outputs[0][i]);
    }
    ck_assert_msg((fields - 1) * OUTPUTS < (read > 0 ? read : 1), "%zu fields, %zu read", fields,
                  read);
    ck_assert(in_fields == read || in_fields == fields * OUTPUTS);
    ck_assert_uint_ge(bought(1), readers);
    ck_assert_uint_eq(bought(0), trn_clusters_count(joint.found[0]));
}

START_TEST(fields_fit_their_readers)
{
    static const size_t sizes[] = {FEATURES, HIDDEN, CLASSES};
    struct trn_random random;
    size_t fewer = 0, narrow = 0;

    trn_random_init(&random, 10, TRN_RANDOM_TEST, 0);
    for (size_t draw = 0; draw < DRAWS; draw++) {
        struct trnnsf_clusters *kept[2], *again[2];
        struct trn_reach before, after;

        set(ctx, schedule, "target.crossbars", 2 + trn_random_below(&random, 12));
        set(ctx, schedule, "pack.patches", 0.2 + 0.7 * trn_random_double(&random));
        set(ctx, schedule, "pack.patch_inputs", 1 + trn_random_below(&random, FEATURES));
        begin(sizes, 3, 1);
        joint.budget = (double)trn_joint_last_budget(run);
        struct trnnsf_matrix *salience =
            propose_fields_and_readers(&random, 1 + trn_random_below(&random, 6));
        size_t fields = count_fields(joint.found[0]);

        ck_assert_uint_le(trn_clusters_count(joint.found[0]), trn_fields_crossbars(run));
        ck_assert_int_eq(trn_joint_share(&joint, NAN), TRNNSF_OK);
        size_t readers = bought(1);
        keep_layers(2, kept, &before);
        ck_assert_int_eq(trn_fields_fit(&joint, &before, salience), TRNNSF_OK);
        keep_layers(2, again, &after);
        if (before.whole)
            check_fit(&before, &after, salience, readers);
        fewer += count_fields(joint.found[0]) < fields;
        narrow += bought(1) > readers;
        free_layers(2, kept, &before);
        free_layers(2, again, &after);
        trnnsf_matrix_free(salience);
        end();
    }
    ck_assert(fewer > DRAWS / 10 && narrow > 0); /* there was something to fit */
}
END_TEST

/* Whole first rounds of networks whose last layer is one crossbar high: of what it may read, packing
 * loses nothing, so that the bound on fields is one on the neurons that are read in the end. */
START_TEST(first_rounds_with_fields)
{
    static const size_t sizes[] = {FEATURES, HIDDEN, CLASSES};
    struct trn_random random;

    trn_random_init(&random, 11, TRN_RANDOM_TEST, 0);
    for (uint32_t draw = 0; draw < DRAWS; draw++) {
        set(ctx, schedule, "target.crossbars", 2 + trn_random_below(&random, 8));
        set(ctx, schedule, "pack.patches", 0.5 + 0.4 * trn_random_double(&random));
        set(ctx, schedule, "pack.patch_inputs", 1 + trn_random_below(&random, FEATURES));
        set(ctx, schedule, "train.epochs", 1);
        begin(sizes, 3, draw);
        ck_assert_int_eq(trn_rule_pack(ctx, run, 1, NAN), TRNNSF_OK);
        const struct trnnsf_clusters *first = network->layers[0].clusters;
        const struct trnnsf_clusters *last = network->layers[1].clusters;
        bool reads[HIDDEN] = {false};
        size_t read = 0, fields = count_fields(first);

        for (size_t c = 0; c < last->blocks->column_start[last->blocks->count]; c++)
            reads[last->blocks->column[c]] = true;
        for (size_t i = 0; i < HIDDEN; i++) {
            read += reads[i];
            ck_assert(reads[i] == trn_clusters_has_row(first, i));
        }
        ck_assert_msg((fields - 1) * OUTPUTS < read && read <= fields * OUTPUTS,
                      "%zu fields, %zu read", fields, read);
        end();
    }
}
END_TEST

static void fill(size_t layer, uint32_t row, uint32_t column, size_t n_rows, float value)
{
    struct trn_layer *at = &network->layers[layer];

    for (size_t i = 0; i < n_rows; i++) {
        for (size_t j = 0; j < INPUTS; j++)
            at->weights[(row + i) * at->n_in + column + j] = value;
    }
}

/* The first layer's best block leads to neurons that the last one, which has a crossbar, does not
 * read; its next best one leads to those that are read. What is bought for the former goes to what is
 * left of the latter. */
START_TEST(what_leads_nowhere_buys_nothing)
{
    static const size_t sizes[] = {FEATURES, 2 * INPUTS, CLASSES};

    set(ctx, schedule, "target.crossbars", 5);
    set(ctx, schedule, "train.epochs", 1);
    begin(sizes, 3, 1);
    for (size_t l = 0; l < 2; l++)
        memset(network->layers[l].weights, 0,
               network->layers[l].n_in * network->layers[l].n_out * sizeof(float));
    fill(0, 0, 0, INPUTS, 1.0f);       /* two blocks: neurons 0 ... 15 */
    fill(0, INPUTS, 0, INPUTS, 0.5f);  /* two: neurons 16 ... 31 */
    fill(0, INPUTS, INPUTS, INPUTS, 0.4f);
    fill(1, 0, 0, CLASSES, 0.1f);
    fill(1, 0, INPUTS, CLASSES, 1.0f);
    ck_assert_int_eq(trn_rule_pack(ctx, run, 1, NAN), TRNNSF_OK);
    for (size_t i = 0; i < 2 * INPUTS; i++)
        ck_assert(trn_clusters_has_row(network->layers[0].clusters, i) == (i >= INPUTS));
    ck_assert_uint_eq(trn_clusters_count(network->layers[0].clusters), 4);
    ck_assert_uint_eq(trn_layer_synapses(&network->layers[0]), 2 * INPUTS * INPUTS);
    ck_assert_uint_eq(trn_layer_synapses(&network->layers[1]), CLASSES * INPUTS);
    end();
}
END_TEST

TCase *pack_round_case(void)
{
    TCase *tests = tcase_create("pack-round");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, no_more_blocks_than_hold_all);
    tcase_add_test(tests, fields_fit_their_readers);
    tcase_add_test(tests, first_rounds_with_fields);
    tcase_add_test(tests, what_leads_nowhere_buys_nothing);
    return tests;
}
