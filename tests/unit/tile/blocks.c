/* Blocks of neurons: levels, moves that keep the state true, an exchange that single ones miss. */
#include "tile/blocks.h"
#include "tile/common.h"

static struct trn_tile_state *state_of(const trnnsf_spike_graph *graph,
                                       const struct trnnsf_tile_map_options *options)
{
    struct trn_tile_state *state = NULL;

    OK(trn_tile_state_create(ctx, graph, options, &state));
    return state;
}

/* Rows that some neurons read together. */
static size_t rows_together(const struct trn_tile_state *state, const uint32_t *members,
                            size_t count)
{
    const struct trnnsf_spike_graph *graph = state->graph;
    uint8_t *is_read = zeros(graph->n, 1);
    size_t rows = 0;

    for (size_t k = 0; k < count; k++) {
        for (size_t s = graph->starts[members[k]]; s < graph->starts[members[k] + 1]; s++) {
            rows += state->takes_row[graph->sources[s]] && !is_read[graph->sources[s]];
            is_read[graph->sources[s]] = 1;
        }
    }
    free(is_read);
    return rows;
}

/* A level's blocks part all members; each is one or two of the level below and fits a tile. */
static void check_level(const struct trn_tile_state *state, const struct trn_tile_blocks *blocks,
                        size_t l)
{
    const struct trn_block_level *level = &blocks->levels[l];

    ck_assert_uint_eq(level->starts[0], 0);
    ck_assert_uint_eq(level->starts[level->n_blocks], state->n_placeable);
    for (size_t b = 0; b < level->n_blocks; b++) {
        size_t first = level->starts[b], end = level->starts[b + 1], parts = 1;

        ck_assert_uint_lt(first, end);
        for (size_t k = first; k < end; k++) {
            const uint32_t *block_of = l > 0 ? blocks->levels[l - 1].block_of : NULL;

            ck_assert_uint_eq(level->block_of[blocks->members[k]], b);
            if (k > first)
                parts += !block_of ||
                         block_of[blocks->members[k]] != block_of[blocks->members[k - 1]];
        }
        ck_assert_uint_le(parts, 2);
        if (end - first > 1)
            ck_assert_uint_le(2 * (end - first), state->outputs);
        ck_assert_uint_le(rows_together(state, blocks->members + first, end - first),
                          state->inputs);
    }
}

START_TEST(levels)
{
    struct trn_random random;
    size_t most = 0;

    trn_random_init(&random, 61, TRN_RANDOM_TEST, (uint32_t)_i);
    for (int k = 0; k < 8; k++) {
        struct recipe recipe = {6 + trn_random_below(&random, 20), 80, 6, 1, k % 2, 0};
        trnnsf_spike_graph *graph = random_graph(&random, &recipe);
        struct trnnsf_tile_map_options options = TRNNSF_TILE_MAP_OPTIONS_INIT;
        struct trn_tile_blocks blocks = {0};
        uint8_t *is_member = zeros(graph->n, 1);

        options.inputs = 6 + trn_random_below(&random, 12);
        options.outputs = 4 + trn_random_below(&random, 20);
        struct trn_tile_state *state = state_of(graph, &options);
        OK(trn_tile_blocks_create(state, &blocks));
        for (size_t i = 0; blocks.n_levels > 0 && i < state->n_placeable; i++) {
            ck_assert_uint_eq(graph->kinds[blocks.members[i]], TRNNSF_SPIKE_NEURON);
            ck_assert_uint_eq(is_member[blocks.members[i]]++, 0);
        }
        for (size_t l = 0; l < blocks.n_levels; l++)
            check_level(state, &blocks, l);
        most = blocks.n_levels > most ? blocks.n_levels : most;
        trn_tile_blocks_clear(ctx, &blocks);
        trn_tile_state_free(state);
        free(is_member);
        trnnsf_spike_graph_free(graph);
    }
    ck_assert_uint_ge(most, 2);
}
END_TEST

/* Rows, outputs and packets as a plain count of the places has them, none above its limit. */
static void check_state(const struct trn_tile_state *state)
{
    const struct trnnsf_spike_graph *graph = state->graph;
    uint32_t *members = zeros(graph->n, sizeof *members);
    double packets = 0;

    for (uint32_t t = 0; t < state->n_tiles; t++) {
        uint8_t *is_read = zeros(graph->n, 1);
        size_t count = 0;

        for (uint32_t i = 0; i < graph->n; i++) {
            if (state->place[i] != t)
                continue;
            members[count++] = i;
            for (size_t s = graph->starts[i]; s < graph->starts[i + 1]; s++)
                is_read[graph->sources[s]] = 1;
        }
        for (uint32_t i = 0; i < graph->n; i++)
            packets += is_read[i] && state->place[i] != t ? graph->spikes[i] : 0;
        ck_assert_uint_eq(state->outputs_used[t], count);
        ck_assert_uint_le(count, state->outputs);
        ck_assert_uint_eq(state->rows_used[t], rows_together(state, members, count));
        ck_assert_uint_le(state->rows_used[t], state->inputs);
        free(is_read);
    }
    for (size_t i = 0; i < graph->n; i++)
        ck_assert_int_eq(state->place[i] == TRNNSF_NO_TILE,
                         graph->kinds[i] == TRNNSF_SPIKE_INPUT);
    ck_assert_double_eq_tol(trn_tile_state_packets(state), packets, 1e-9 * (packets + 1));
    free(members);
}

START_TEST(moves)
{
    struct trn_random random;
    int saved = 0;

    trn_random_init(&random, 62, TRN_RANDOM_TEST, (uint32_t)_i);
    for (int k = 0; k < 6; k++) {
        struct recipe recipe = {8 + trn_random_below(&random, 20), 90, 6, k % 2, 0, 0};
        trnnsf_spike_graph *graph = random_graph(&random, &recipe);
        struct trnnsf_tile_map_options options = TRNNSF_TILE_MAP_OPTIONS_INIT;

        options.inputs = 8 + trn_random_below(&random, 12);
        options.outputs = 4 + trn_random_below(&random, 20);
        struct trn_tile_state *state = state_of(graph, &options);
        struct trn_tile_state *other = state_of(graph, &options);
        OK(trn_tile_first_fit(state, k % 3 == 0, UINT64_MAX));
        OK(trn_tile_first_fit(other, k % 3 == 0, UINT64_MAX));
        double before = trn_tile_state_packets(state);
        size_t tiles = state->n_tiles;
        OK(trn_tile_regroup(state, 5, (uint64_t)k));
        check_state(state);
        ck_assert_double_le(trn_tile_state_packets(state), before * (1 + 1e-12));
        ck_assert_uint_le(state->n_tiles, tiles);
        saved += trn_tile_state_packets(state) < before;
        OK(trn_tile_regroup(other, 5, (uint64_t)k));
        ck_assert_mem_eq(state->place, other->place, graph->n * sizeof *state->place);
        trn_tile_state_free(other);
        trn_tile_state_free(state);
        trnnsf_spike_graph_free(graph);
    }
    ck_assert_int_ge(saved, 4);
}
END_TEST

/* Four blocks of eight neurons: two read one half of 20 inputs, two the other, and each three inputs
 * of its own besides. Two tiles, full, hold one of either kind. A neuron that changed places alone
 * would bring three rows for which there is no room. */
START_TEST(planted)
{
    enum { HALF = 10, OWN = 3, SIZE = 8, BLOCKS = 4 };
    enum { INPUTS = 2 * HALF + BLOCKS * OWN, ALL = INPUTS + BLOCKS * SIZE, READS = HALF + OWN };
    uint32_t kinds[ALL] = {0}, sources[BLOCKS * SIZE * READS], place[ALL];
    size_t starts[ALL + 1] = {0}, next = 0;
    float weights[BLOCKS * SIZE * READS];
    double spikes[ALL] = {0};
    struct trnnsf_tile_map_options options = TRNNSF_TILE_MAP_OPTIONS_INIT;
    trnnsf_spike_graph *graph = NULL;

    memset(place, 0xff, sizeof place);
    for (uint32_t i = 0; i < ALL; i++) {
        uint32_t block = i < INPUTS ? 0 : (i - INPUTS) / SIZE;

        kinds[i] = i >= INPUTS;
        spikes[i] = kinds[i] ? 0 : 1;
        for (uint32_t k = 0; kinds[i] && k < READS; k++, next++) {
            sources[next] = k < HALF ? block % 2 * HALF + k : 2 * HALF + block * OWN + k - HALF;
            weights[next] = 1;
        }
        starts[i + 1] = next;
        if (kinds[i])
            place[i] = block / 2;
    }
    OK(trnnsf_spike_graph_create(ctx, ALL, kinds, starts, sources, weights, spikes, NULL, NULL,
                                 &graph));
    options.inputs = 2 * READS;
    options.outputs = 2 * SIZE;
    struct trn_tile_state *state = state_of(graph, &options);
    trn_tile_state_set(state, place);
    ck_assert_double_eq(trn_tile_state_packets(state), BLOCKS * READS);
    OK(trn_tile_sweep(state, 20));
    OK(trn_tile_anneal(state, 20000, 1));
    ck_assert_double_eq(trn_tile_state_packets(state), BLOCKS * READS);
    OK(trn_tile_regroup(state, 5, 1));
    check_state(state);
    ck_assert_uint_eq(state->n_tiles, 2);
    ck_assert_double_eq(trn_tile_state_packets(state), 2 * HALF + BLOCKS * OWN);
    trn_tile_state_free(state);
    trnnsf_spike_graph_free(graph);
}
END_TEST

TCase *blocks_case(void)
{
    TCase *tests = tcase_create("blocks");

    tcase_add_loop_test(tests, levels, 0, 4);
    tcase_add_loop_test(tests, moves, 0, 6);
    tcase_add_test(tests, planted);
    return tests;
}
