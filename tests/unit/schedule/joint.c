/* Offers of a round over all layers: taken back, and shared out. */
#include <math.h>
#include <stdlib.h>

#include "base/random.h"
#include "cluster/builder.h"
#include "network/network.h"
#include "schedule/cases.h"
#include "schedule/joint.h"

/* Layers are SIDE x SIDE. */
enum { SIDE = 16, DRAWS = 60 };

static trnnsf_context *ctx;
static struct trnnsf_network *network;
static struct trnnsf_run run;
static struct trn_joint joint;

static void setup(void)
{
    ctx = make_context(1);
    run = (struct trnnsf_run){.ctx = ctx,
                              .schedule = make_schedule(ctx, "pack", "corrected"),
                              .inputs = SIDE,
                              .outputs = SIDE,
                              .pool = {.count = 1, .shape = {{SIDE, SIDE, 1}}}};
}

static void teardown(void)
{
    trnnsf_schedule_free(run.schedule);
    trnnsf_context_free(ctx);
}

static void begin(const size_t *sizes, size_t n_sizes)
{
    ck_assert_int_eq(trnnsf_network_create(ctx, sizes, n_sizes, NULL, &network), TRNNSF_OK);
    run.network = network;
    run.layers = calloc(n_sizes - 1, sizeof *run.layers);
    for (size_t l = 0; l + 1 < n_sizes; l++)
        run.layers[l].chosen = true;
    ck_assert_int_eq(trn_links_create(ctx, network, &run.links), TRNNSF_OK);
    ck_assert_int_eq(trn_joint_init(&joint, ctx, &run, 1), TRNNSF_OK);
}

static void end(void)
{
    trn_joint_free(&joint);
    free(run.layers);
    trn_links_free(ctx, run.links);
    trnnsf_network_free(network);
}

/* `count` blocks of a cell each. */
static struct trnnsf_clusters *single_cells(size_t count)
{
    struct trn_cluster_builder builder;
    struct trnnsf_clusters *clusters;

    trn_builder_init(&builder, ctx);
    for (uint32_t i = 0; i < count; i++)
        ck_assert_int_eq(trn_builder_add(&builder, &i, 1, &i, 1), TRNNSF_OK);
    ck_assert_int_eq(trn_builder_finish(&builder, SIDE, SIDE, &clusters), TRNNSF_OK);
    trn_builder_free(&builder);
    return clusters;
}

static void propose(size_t layer, size_t count, const double *worth)
{
    ck_assert_int_eq(trn_joint_propose(&joint, layer, single_cells(count), worth), TRNNSF_OK);
}

static size_t offered(size_t layer)
{
    size_t count = 0;

    for (size_t i = 0; i < joint.n_candidates; i++)
        count += joint.candidates[i].layer == layer;
    return count;
}

static size_t bought(size_t layer)
{
    size_t count = 0;

    for (size_t i = 0; i < joint.n_candidates; i++)
        count += joint.candidates[i].layer == layer && joint.candidates[i].bought;
    return count;
}

START_TEST(withdrawn_and_made_anew)
{
    static const size_t sizes[] = {SIDE, SIDE, SIDE, SIDE};
    static const double worth[] = {5, 4, 3, 0};

    begin(sizes, 4);
    for (size_t l = 0; l < 3; l++)
        propose(l, 2 + l, worth); /* a block without worth is no offer */
    ck_assert(offered(0) == 2 && offered(1) == 3 && offered(2) == 3);
    ck_assert(trn_joint_complete(&joint));
    trn_joint_withdraw(&joint, 1);
    ck_assert(offered(0) == 2 && offered(1) == 0 && offered(2) == 3);
    ck_assert(joint.n_candidates == 5 && !joint.found[1] && joint.found[0] && joint.found[2]);
    ck_assert(!trn_joint_complete(&joint));
    for (size_t i = 0; i < 5; i++) {
        ck_assert_uint_eq(joint.candidates[i].layer, i < 2 ? 0 : 2);
        ck_assert_uint_eq(joint.candidates[i].cluster, i < 2 ? i : i - 2);
    }
    propose(1, 1, worth);
    ck_assert(offered(1) == 1 && trn_joint_complete(&joint));
    joint.budget = 4;
    ck_assert_int_eq(trn_joint_share(&joint, NAN), TRNNSF_OK);
    ck_assert(bought(0) + bought(1) + bought(2) == 4 && bought(1) == 1);
    end();
}
END_TEST

static void hold(size_t layer, size_t count)
{
    struct trnnsf_clusters *clusters = single_cells(count);

    ck_assert_int_eq(trn_joint_apply(&joint, layer, clusters), TRNNSF_OK);
    trn_clusters_free(clusters);
}

/* The second layer's blocks are worth next to nothing, and yet it keeps most of them. */
START_TEST(a_round_takes_twice_its_share_at_most)
{
    static const size_t sizes[] = {SIDE, SIDE, SIDE};
    double much[SIDE], little[SIDE];

    for (size_t i = 0; i < SIDE; i++) {
        much[i] = 100 - (double)i;
        little[i] = 1e-3 * much[i];
    }
    for (int clustered = 0; clustered < 2; clustered++) {
        begin(sizes, 3);
        for (size_t l = 0; l < 2 && clustered; l++)
            hold(l, 10);
        propose(0, 10, much);
        propose(1, 10, little);
        joint.shrink = 0.9;
        joint.budget = 17;
        ck_assert_int_eq(trn_joint_share(&joint, NAN), TRNNSF_OK);
        ck_assert_uint_eq(bought(0), clustered ? 9 : 10);
        ck_assert_uint_eq(bought(1), clustered ? 8 : 7); /* 10 * 0.81 */
        end();
    }
}
END_TEST

/* Where the layers' least fits the budget each has it, or all that it offers; and all is spent. */
START_TEST(shares_of_random_offers)
{
    static const size_t sizes[] = {SIDE, SIDE, SIDE, SIDE};
    struct trn_random random;

    trn_random_init(&random, 8, TRN_RANDOM_TEST, 0);
    for (size_t draw = 0; draw < DRAWS; draw++) {
        size_t least[3], sum = 0, all = 0;

        begin(sizes, 4);
        joint.shrink = 0.3 + 0.7 * trn_random_double(&random);
        for (size_t l = 0; l < 3; l++) {
            size_t present = trn_random_below(&random, SIDE + 1);
            size_t offers = 1 + trn_random_below(&random, SIDE);
            double worth[SIDE];

            if (present > 0)
                hold(l, present);
            for (size_t i = 0; i < offers; i++)
                worth[i] = exp(10 * trn_random_double(&random) + 4 * (double)l);
            propose(l, offers, worth);
            least[l] = (size_t)floor((double)present * joint.shrink * joint.shrink);
            least[l] = least[l] < 1 ? 1 : least[l] < offers ? least[l] : offers;
            sum += least[l];
            all += offers;
        }
        size_t budget = sum + trn_random_below(&random, 10);
        joint.budget = (double)budget;
        ck_assert_int_eq(trn_joint_share(&joint, NAN), TRNNSF_OK);
        for (size_t l = 0; l < 3; l++)
            ck_assert_uint_ge(bought(l), least[l]);
        ck_assert_uint_eq(bought(0) + bought(1) + bought(2), budget < all ? budget : all);
        end();
    }
}
END_TEST

TCase *joint_case(void)
{
    TCase *tests = tcase_create("joint");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, withdrawn_and_made_anew);
    tcase_add_test(tests, a_round_takes_twice_its_share_at_most);
    tcase_add_test(tests, shares_of_random_offers);
    return tests;
}
