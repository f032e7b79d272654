/* Neurons on a path of blocks, against every path walked one by one. */
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "cluster/builder.h"
#include "schedule/cases.h"
#include "schedule/reach.h"

enum { LAYERS = 4, SIDE = 6, BLOCKS = 4, ROUNDS = 400 };

static trnnsf_context *ctx;

/* Layers of blocks, and which neurons the paths that were walked have. */
struct stack {
    size_t n_layers;
    size_t sizes[LAYERS + 1];
    struct trnnsf_network *network;
    struct trn_links *links;
    struct trnnsf_clusters *clusters[LAYERS];
    bool joined[LAYERS][SIDE][SIDE]; /* [layer][output][input] */
    bool walked[LAYERS + 1][SIDE];
};

static void setup(void)
{
    ctx = make_context(1);
}

static void teardown(void)
{
    trnnsf_context_free(ctx);
}

static void free_stack(struct stack *stack)
{
    for (size_t l = 0; l < stack->n_layers; l++)
        trn_clusters_free(stack->clusters[l]);
    trn_links_free(ctx, stack->links);
    trn_network_free(stack->network);
}

/* The network that the blocks are of. */
static void make_layers(struct stack *stack)
{
    static const uint32_t activations[LAYERS] = {0};

    ck_assert_int_eq(trn_network_create_empty(ctx, stack->n_layers, stack->sizes, activations,
                                              false, &stack->network),
                     TRNNSF_OK);
    ck_assert_int_eq(trn_links_create(ctx, stack->network, &stack->links), TRNNSF_OK);
}

static void note_cells(struct stack *stack, size_t layer)
{
    const struct trnnsf_clusters *clusters = stack->clusters[layer];

    memset(stack->joined[layer], 0, sizeof stack->joined[layer]);
    for (size_t b = 0; b < trn_clusters_count(clusters); b++) {
        size_t n_outputs, n_inputs;
        const uint32_t *output = trnnsf_clusters_outputs(clusters, b, &n_outputs);
        const uint32_t *input = trnnsf_clusters_inputs(clusters, b, &n_inputs);

        for (size_t i = 0; i < n_outputs * n_inputs; i++)
            stack->joined[layer][output[i / n_inputs]][input[i % n_inputs]] = true;
    }
}

/* Every path on from a neuron; true where one ends at the outputs. */
static bool walk(struct stack *stack, size_t boundary, size_t neuron)
{
    bool arrives = boundary == stack->n_layers;

    for (size_t i = 0; boundary < stack->n_layers && i < stack->sizes[boundary + 1]; i++) {
        if (stack->joined[boundary][i][neuron])
            arrives = walk(stack, boundary + 1, i) || arrives;
    }
    if (arrives)
        stack->walked[boundary][neuron] = true;
    return arrives;
}

/* True where some path arrives. */
static bool walk_all(struct stack *stack)
{
    bool some = false;

    for (size_t l = 0; l < stack->n_layers; l++)
        note_cells(stack, l);
    memset(stack->walked, 0, sizeof stack->walked);
    for (size_t j = 0; j < stack->sizes[0]; j++)
        some = walk(stack, 0, j) || some;
    return some;
}

static size_t draw_lines(struct trn_random *random, size_t n, uint32_t *line)
{
    size_t count = 0;

    for (uint32_t i = 0; i < n; i++) {
        if (trn_random_below(random, 3) == 0)
            line[count++] = i;
    }
    return count;
}

/* A layer may be without a block, and blocks may share lines. */
static struct stack draw_stack(uint32_t number)
{
    struct stack stack = {0};
    struct trn_random random;

    trn_random_init(&random, 31, TRN_RANDOM_TEST, number);
    stack.n_layers = 1 + trn_random_below(&random, LAYERS);
    for (size_t l = 0; l <= stack.n_layers; l++)
        stack.sizes[l] = 1 + trn_random_below(&random, SIDE);
    make_layers(&stack);
    for (size_t l = 0; l < stack.n_layers; l++) {
        struct trn_cluster_builder builder;
        size_t count = trn_random_below(&random, BLOCKS + 1);

        trn_builder_init(&builder, ctx);
        for (size_t b = 0; b < count; b++) {
            uint32_t rows[SIDE], columns[SIDE];
            size_t n_rows = draw_lines(&random, stack.sizes[l + 1], rows);
            size_t n_columns = draw_lines(&random, stack.sizes[l], columns);

            ck_assert_int_eq(trn_builder_add(&builder, rows, n_rows, columns, n_columns),
                             TRNNSF_OK);
        }
        ck_assert_int_eq(trn_builder_finish(&builder, stack.sizes[l + 1], stack.sizes[l],
                                            &stack.clusters[l]),
                         TRNNSF_OK);
        trn_builder_free(&builder);
    }
    return stack;
}

static struct trn_reach find(const struct stack *stack)
{
    struct trn_reach reach;

    ck_assert_int_eq(
        trn_reach_find(ctx, stack->network, stack->links, stack->clusters, &reach), TRNNSF_OK);
    return reach;
}

static void same_as_walked(const struct trn_reach *reach, const struct stack *stack)
{
    for (size_t l = 0; l <= stack->n_layers; l++) {
        for (size_t i = 0; i < stack->sizes[l]; i++)
            ck_assert_msg(reach->lines[l][i] == stack->walked[l][i], "boundary %zu, neuron %zu", l,
                          i);
        for (size_t i = 0; l > 0 && i < stack->sizes[l]; i++)
            ck_assert(reach->outputs[l - 1][i] == stack->walked[l][i]);
    }
}

START_TEST(found_as_walked)
{
    size_t whole = 0;

    for (uint32_t number = 0; number < ROUNDS; number++) {
        struct stack stack = draw_stack(number);
        struct trn_reach reach = find(&stack);

        ck_assert(reach.whole == walk_all(&stack));
        same_as_walked(&reach, &stack);
        whole += reach.whole;
        trn_reach_free(ctx, &reach);
        free_stack(&stack);
    }
    ck_assert(whole > ROUNDS / 8 && whole < 7 * ROUNDS / 8); /* both were seen often */
}
END_TEST

static bool on_path(const struct stack *stack, size_t l, size_t cell)
{
    size_t n_in = stack->sizes[l];

    return stack->walked[l + 1][cell / n_in] && stack->walked[l][cell % n_in];
}

/* A cell keeps its salience where both of its neurons are on a path, whichever block has it; where no
 * cell's are, where the output is; where none is, all do. */
START_TEST(filtered_as_walked)
{
    for (uint32_t number = 0; number < ROUNDS; number++) {
        struct stack stack = draw_stack(number);
        struct trn_reach reach = find(&stack);

        walk_all(&stack);
        for (size_t l = 0; l < stack.n_layers; l++) {
            size_t n_out = stack.sizes[l + 1], n_in = stack.sizes[l];
            struct trnnsf_matrix *salience;
            struct trn_mask *all;

            ck_assert_int_eq(trn_mask_create(ctx, n_out, n_in, &all), TRNNSF_OK);
            for (size_t i = 0; i < n_out * n_in; i++)
                trn_mask_set(all, i / n_in, i % n_in);
            ck_assert_int_eq(trn_sparse_from_mask(ctx, all, NULL, 0, &salience), TRNNSF_OK);
            trn_reach_filter(&reach, l, salience);
            bool some = false, some_out = false;
            for (size_t i = 0; i < n_out * n_in; i++) {
                some = some || on_path(&stack, l, i);
                some_out = some_out || stack.walked[l + 1][i / n_in];
            }
            for (size_t i = 0; i < n_out * n_in; i++)
                ck_assert((salience->value[i] > 0) ==
                          (some ? on_path(&stack, l, i)
                                : !some_out || stack.walked[l + 1][i / n_in]));
            trnnsf_matrix_free(salience);
            trn_mask_free(ctx, all);
        }
        trn_reach_free(ctx, &reach);
        free_stack(&stack);
    }
}
END_TEST

/* The cells of the old blocks between neurons on paths, no others: nothing else is lost or won. */
static void check_trimmed(const struct stack *stack, const struct stack *trimmed)
{
    for (size_t l = 0; l < stack->n_layers; l++) {
        const struct trn_blocks *blocks = trimmed->clusters[l]->blocks;

        ck_assert_uint_le(blocks->count, trn_clusters_count(stack->clusters[l]));
        for (size_t i = 0; i < stack->sizes[l + 1]; i++) {
            for (size_t j = 0; j < stack->sizes[l]; j++)
                ck_assert(trimmed->joined[l][i][j] ==
                          (stack->joined[l][i][j] && stack->walked[l + 1][i] &&
                           stack->walked[l][j]));
        }
        for (size_t b = 0; b < blocks->count; b++)
            ck_assert(trn_block_rows(blocks, b) > 0 && trn_block_columns(blocks, b) > 0);
        for (size_t r = 0; r < blocks->row_start[blocks->count]; r++)
            ck_assert(stack->walked[l + 1][blocks->row[r]]);
        for (size_t c = 0; c < blocks->column_start[blocks->count]; c++)
            ck_assert(stack->walked[l][blocks->column[c]]);
    }
}

START_TEST(trimmed_as_walked)
{
    for (uint32_t number = 0; number < ROUNDS; number++) {
        struct stack stack = draw_stack(number), trimmed = stack;
        struct trn_reach reach = find(&stack);
        bool whole = walk_all(&stack);

        for (size_t l = 0; l < stack.n_layers; l++)
            ck_assert_int_eq(
                trn_reach_trim(ctx, &reach, l, stack.clusters[l], &trimmed.clusters[l]),
                TRNNSF_OK);
        ck_assert(walk_all(&trimmed) == whole);
        ck_assert_mem_eq(trimmed.walked, stack.walked, sizeof stack.walked);
        check_trimmed(&stack, &trimmed);
        trn_reach_free(ctx, &reach);
        for (size_t l = 0; l < stack.n_layers; l++)
            trn_clusters_free(trimmed.clusters[l]);
        free_stack(&stack);
    }
}
END_TEST

static struct trnnsf_clusters *make_blocks(size_t n_out, size_t n_in, const uint32_t (*pair)[2],
                                           size_t n)
{
    struct trn_cluster_builder builder;
    struct trnnsf_clusters *clusters;

    trn_builder_init(&builder, ctx);
    for (size_t i = 0; i < n; i++)
        ck_assert_int_eq(trn_builder_add(&builder, &pair[i][0], 1, &pair[i][1], 1), TRNNSF_OK);
    ck_assert_int_eq(trn_builder_finish(&builder, n_out, n_in, &clusters), TRNNSF_OK);
    trn_builder_free(&builder);
    return clusters;
}

/* Cells as (output, input): 0 - 0 - 0 leads through; 1 ends in the middle; 2 begins there. */
START_TEST(by_hand)
{
    static const uint32_t lower[][2] = {{0, 0}, {1, 1}}, upper[][2] = {{0, 0}, {0, 2}};
    static const uint32_t elsewhere[][2] = {{1, 2}};
    struct stack stack = {.n_layers = 2, .sizes = {2, 3, 2}};
    struct trn_reach reach;

    make_layers(&stack);
    stack.clusters[0] = make_blocks(3, 2, lower, 2);
    stack.clusters[1] = make_blocks(2, 3, upper, 2);
    reach = find(&stack);
    ck_assert(reach.whole);
    ck_assert(reach.lines[0][0] && !reach.lines[0][1]);
    ck_assert(reach.lines[1][0] && !reach.lines[1][1] && !reach.lines[1][2]);
    ck_assert(reach.lines[2][0] && !reach.lines[2][1]);
    trn_reach_free(ctx, &reach);
    trn_clusters_free(stack.clusters[1]);
    stack.clusters[1] = make_blocks(2, 3, elsewhere, 1);
    reach = find(&stack);
    ck_assert(!reach.whole);
    for (size_t i = 0; i < 7; i++)
        ck_assert(!reach.lines[i < 2 ? 0 : i < 5 ? 1 : 2][i < 2 ? i : i < 5 ? i - 2 : i - 5]);
    trn_reach_free(ctx, &reach);
    free_stack(&stack);
}
END_TEST

/* Inputs of the layer that an output in `wanted` reads: those that are fed, or all where none is. */
static void read_by(const struct stack *stack, const struct trn_reach *reach, size_t l,
                    const bool *wanted, bool *read)
{
    bool some = false;

    for (size_t j = 0; j < stack->sizes[l]; j++) {
        read[j] = false;
        for (size_t i = 0; i < stack->sizes[l + 1]; i++)
            read[j] = read[j] || (wanted[i] && stack->joined[l][i][j]);
        some = some || (read[j] && reach->fed_lines[l][j]);
    }
    for (size_t j = 0; some && j < stack->sizes[l]; j++)
        read[j] = read[j] && reach->fed_lines[l][j];
}

/* Chosen from the last layer to the first: what is fed counts until the clusters that read it are known. */
START_TEST(read_from_above)
{
    for (uint32_t number = 0; number < ROUNDS; number++) {
        struct stack stack = draw_stack(number);
        struct trn_reach reach = find(&stack);
        bool wanted[SIDE], read[SIDE];

        walk_all(&stack);
        trn_reach_forget_reads(&reach);
        for (size_t l = 0; l < stack.n_layers; l++)
            ck_assert_mem_eq(reach.lines[l], reach.fed_lines[l], stack.sizes[l]);
        memset(wanted, true, sizeof wanted);
        ck_assert_mem_eq(reach.lines[stack.n_layers], wanted, stack.sizes[stack.n_layers]);
        for (size_t l = stack.n_layers; l-- > 0;) {
            trn_reach_read(&reach, l, stack.clusters[l]);
            read_by(&stack, &reach, l, wanted, read);
            ck_assert_mem_eq(reach.lines[l], read, stack.sizes[l]);
            if (l > 0)
                ck_assert_mem_eq(reach.outputs[l - 1], read, stack.sizes[l]);
            memcpy(wanted, read, sizeof wanted);
        }
        trn_reach_free(ctx, &reach);
        free_stack(&stack);
    }
}
END_TEST

TCase *reach_case(void)
{
    TCase *tests = tcase_create("reach");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, by_hand);
    tcase_add_test(tests, found_as_walked);
    tcase_add_test(tests, filtered_as_walked);
    tcase_add_test(tests, read_from_above);
    tcase_add_test(tests, trimmed_as_walked);
    return tests;
}
