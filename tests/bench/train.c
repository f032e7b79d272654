/* Training's rate against the matrix product's, and a pruned epoch against the dense one, measured
 * in turn in one process so that whatever else the machine does weighs on all alike. Medians over
 * the rounds.
 *
 *     bench-train [threads] [rounds]
 */
#include <stdio.h>
#include <stdlib.h>
#include <trnnsf/trnnsf.h>

#include "clock.h"
#include "base/random.h"
#include "tensor/gemm.h"

enum {
    SIDE = 1024,
    BATCH = 400,
    BATCHES = 12,
    INPUTS = 784,
    HIDDEN = 1200,
    CLASSES = 10,
    TILE = 64
};
enum { MOST_ROUNDS = 101 };

static const size_t sizes[4] = {INPUTS, HIDDEN, HIDDEN, CLASSES};

static void check(trnnsf_context *ctx, trnnsf_status status)
{
    if (status == TRNNSF_OK)
        return;
    fprintf(stderr, "%s: %s\n", trnnsf_status_name(status), trnnsf_context_error(ctx));
    exit(1);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
    qsort(values, n, sizeof values[0], compare);
    return values[n / 2];
}

static float *random_values(uint32_t stream, size_t count)
{
    struct trn_random random;
    float *values = malloc(count * sizeof(float));

    if (!values)
        exit(1);
    trn_random_init(&random, 1, TRN_RANDOM_TEST, stream);
    for (size_t i = 0; i < count; i++)
        values[i] = trn_random_float(&random);
    return values;
}

static trnnsf_dataset *make_dataset(trnnsf_context *ctx)
{
    size_t n = (size_t)BATCH * BATCHES;
    float *values = random_values(0, n * INPUTS);
    uint32_t *labels = malloc(n * sizeof(uint32_t));
    trnnsf_dataset *dataset;

    if (!labels)
        exit(1);
    for (size_t i = 0; i < n; i++)
        labels[i] = (uint32_t)(i % CLASSES);
    check(ctx, trnnsf_dataset_create(ctx, 1, 1, INPUTS, CLASSES, &dataset));
    check(ctx, trnnsf_dataset_set(ctx, dataset, TRNNSF_PART_TRAIN, n, values, labels));
    free(values);
    free(labels);
    return dataset;
}

/* Every 20th tile of 64 x 64 stays, as a cluster; everything else goes. */
static void prune_layer(trnnsf_context *ctx, trnnsf_network *network, size_t layer)
{
    size_t n_in = sizes[layer], n_out = sizes[layer + 1], count = 0, tile = 0;
    size_t tiles = ((n_in + TILE - 1) / TILE) * ((n_out + TILE - 1) / TILE);
    uint8_t *mask = calloc(n_in * n_out, 1);
    size_t *row_start = calloc(tiles + 1, sizeof(size_t)),
           *column_start = calloc(tiles + 1, sizeof(size_t));
    uint32_t *row = malloc(tiles * TILE * sizeof(uint32_t));
    uint32_t *column = malloc(tiles * TILE * sizeof(uint32_t));
    trnnsf_clusters *clusters;

    if (!mask || !row_start || !column_start || !row || !column)
        exit(1);
    for (size_t i = 0; i < n_out; i += TILE) {
        for (size_t j = 0; j < n_in; j += TILE) {
            if (tile++ % 20 != 0)
                continue;
            row_start[count + 1] = row_start[count];
            column_start[count + 1] = column_start[count];
            for (size_t r = i; r < i + TILE && r < n_out; r++)
                row[row_start[count + 1]++] = (uint32_t)r;
            for (size_t c = j; c < j + TILE && c < n_in; c++)
                column[column_start[count + 1]++] = (uint32_t)c;
            count++;
        }
    }
    check(ctx, trnnsf_clusters_create(ctx, n_out, n_in, count, row_start, row, column_start, column,
                                      &clusters));
    check(ctx, trnnsf_network_set_mask(ctx, network, layer, mask));
    check(ctx, trnnsf_network_set_clusters(ctx, network, layer, clusters));
    trnnsf_clusters_free(clusters);
    free(mask);
    free(row_start);
    free(column_start);
    free(row);
    free(column);
}

static double time_products(trnnsf_context *ctx, const float *a, const float *b, float *c)
{
    enum { PRODUCTS = 10 };
    double start = seconds();

    for (int i = 0; i < PRODUCTS; i++)
        check(ctx, trn_gemm(ctx, TRN_NO_TRANSPOSE, TRN_NO_TRANSPOSE, SIDE, SIDE, SIDE, 1.0f, a,
                            SIDE, b, SIDE, 0.0f, c, SIDE));
    return (seconds() - start) / PRODUCTS;
}

static double time_epoch(trnnsf_context *ctx, trnnsf_trainer *trainer)
{
    struct trnnsf_epoch epoch = {.struct_size = sizeof epoch};
    double start = seconds();

    check(ctx, trnnsf_trainer_epoch(ctx, trainer, &epoch));
    return seconds() - start;
}

/* Products of forward, weight gradient and, but for the first layer, input gradient. */
static double epoch_flops(void)
{
    double flops = 0.0;

    for (size_t l = 0; l < 3; l++)
        flops += 2.0 * (double)sizes[l] * (double)sizes[l + 1] * (l > 0 ? 3.0 : 2.0);
    return flops * BATCH * BATCHES;
}

int main(int argc, char **argv)
{
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
    struct trnnsf_trainer_options training = TRNNSF_TRAINER_OPTIONS_INIT;
    int rounds = argc > 2 ? atoi(argv[2]) : 9;
    double product[MOST_ROUNDS], dense[MOST_ROUNDS], pruned[MOST_ROUNDS];
    trnnsf_context *ctx;
    trnnsf_network *network, *small;
    trnnsf_trainer *trainer, *small_trainer;

    options.threads = argc > 1 ? (uint32_t)atoi(argv[1]) : 2;
    if (rounds < 1 || rounds > MOST_ROUNDS)
        return 1;
    if (trnnsf_context_create(&options, &ctx) != TRNNSF_OK)
        return 1;
    training.rate = 0.01;

    trnnsf_dataset *dataset = make_dataset(ctx);
    float *a = random_values(1, SIDE * SIDE), *b = random_values(2, SIDE * SIDE);
    float *c = random_values(3, SIDE * SIDE);

    check(ctx, trnnsf_network_create(ctx, sizes, 4, NULL, &network));
    check(ctx, trnnsf_network_copy(ctx, network, &small));
    for (size_t l = 0; l < 3; l++)
        prune_layer(ctx, small, l);
    check(ctx, trnnsf_trainer_create(ctx, network, dataset, &training, &trainer));
    check(ctx, trnnsf_trainer_create(ctx, small, dataset, &training, &small_trainer));
    for (int i = -1; i < rounds; i++) {
        size_t at = i < 0 ? 0 : (size_t)i; /* round -1 warms up */

        product[at] = time_products(ctx, a, b, c);
        dense[at] = time_epoch(ctx, trainer);
        pruned[at] = time_epoch(ctx, small_trainer);
    }

    double product_rate = 2.0 * SIDE * SIDE * SIDE / median(product, (size_t)rounds) * 1e-9;
    double dense_time = median(dense, (size_t)rounds), pruned_time = median(pruned, (size_t)rounds);
    double rate = epoch_flops() / dense_time * 1e-9;

    printf("backend %s, %u threads, 784-1200-1200-10, batch %d, medians of %d rounds\n",
           trnnsf_backend_selected(ctx), trnnsf_context_threads(ctx), BATCH, rounds);
    printf("sgemm 1024^3      %8.1f GFLOP/s\n", product_rate);
    printf("training          %8.1f GFLOP/s, %.3f of sgemm\n", rate, rate / product_rate);
    printf("dense epoch       %8.2f ms a batch\n", dense_time / BATCHES * 1e3);
    printf("95 %% pruned epoch %8.2f ms a batch, %.2f times faster\n", pruned_time / BATCHES * 1e3,
           dense_time / pruned_time);

    free(a);
    free(b);
    free(c);
    trnnsf_trainer_free(trainer);
    trnnsf_trainer_free(small_trainer);
    trnnsf_network_free(network);
    trnnsf_network_free(small);
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
    return 0;
}
