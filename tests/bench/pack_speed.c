/* Inference and retraining of a network packed into 31 of its 627 crossbars of 64 x 64, beside the
 * dense network: the same samples, batch and threads, both through the public calls, in turn in one
 * process so that whatever else the machine does weighs on both alike. Medians over the rounds of
 * each round's ratio; fails where a ratio is below 8. Samples and labels are random: with MNIST's
 * shapes, the time does not depend on what is in them.
 *
 *     bench-pack-speed [threads] [rounds]
 *
 * Threads 0, or none given: on 1 and on 2.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <trnnsf/trnnsf.h>

#include "clock.h"

enum { LAYERS = 3, SAMPLES = 4800, SINGLE = 50, MOST_ROUNDS = 101 };
/* Quantities timed. */
enum { FORWARD, EVALUATE, EPOCH, ONE_SAMPLE, QUANTITIES };

static const size_t sizes[LAYERS + 1] = {784, 1200, 1200, 10};
/* Of 247, 361 and 19: 31 of 627. */
static const size_t crossbars[LAYERS] = {12, 17, 2};
static const char *const names[QUANTITIES] = {"inference, forward", "inference, evaluate",
                                              "retraining epoch", "one sample, forward"};
static const double wanted = 8.0;

struct subject {
    trnnsf_network *network;
    trnnsf_trainer *trainer;
};

struct samples {
    float *values;
    float *outputs;
    trnnsf_dataset *dataset;
};

static trnnsf_context *ctx;

static void check(trnnsf_status status)
{
    if (status == TRNNSF_OK)
        return;
    fprintf(stderr, "pack-speed: %s: %s\n", trnnsf_status_name(status), trnnsf_context_error(ctx));
    exit(1);
}

static void *room(size_t count, size_t size)
{
    void *memory = calloc(count, size);

    if (!memory)
        exit(1);
    return memory;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(const double *values, size_t n)
{
    double sorted[MOST_ROUNDS];

    memcpy(sorted, values, n * sizeof *values);
    qsort(sorted, n, sizeof sorted[0], compare);
    return sorted[n / 2];
}

static struct samples make_samples(void)
{
    struct samples samples = {room(SAMPLES * sizes[0], sizeof(float)),
                              room(SAMPLES * sizes[LAYERS], sizeof(float)), NULL};
    uint32_t *labels = room(SAMPLES, sizeof *labels), state = 1;

    for (size_t i = 0; i < SAMPLES * sizes[0]; i++) {
        state = state * 1664525u + 1013904223u;
        samples.values[i] = (float)(state >> 8) / 16777216.0f;
    }
    for (size_t i = 0; i < SAMPLES; i++)
        labels[i] = (uint32_t)(i % sizes[LAYERS]);
    check(trnnsf_dataset_create(ctx, 1, 28, 28, sizes[LAYERS], &samples.dataset));
    for (uint32_t part = TRNNSF_PART_TRAIN; part <= TRNNSF_PART_TEST; part++)
        check(trnnsf_dataset_set(ctx, samples.dataset, part, SAMPLES, samples.values, labels));
    free(labels);
    return samples;
}

/* What the packer may hold: the weights, but those into neurons that nothing reads. */
static trnnsf_matrix *salience(trnnsf_network *network, size_t layer, const uint8_t *read)
{
    size_t n_in = sizes[layer], n_out = sizes[layer + 1], count = 0;
    const float *weights = trnnsf_network_weights(network, layer);
    size_t *start = room(n_out + 1, sizeof *start);
    uint32_t *column = room(n_out * n_in, sizeof *column);
    float *value = room(n_out * n_in, sizeof *value);
    trnnsf_matrix *matrix;

    for (size_t i = 0; i < n_out; i++) {
        for (size_t j = 0; read[i] && j < n_in; j++) {
            column[count] = (uint32_t)j;
            value[count++] = weights[i * n_in + j];
        }
        start[i + 1] = count;
    }
    check(trnnsf_matrix_create(ctx, n_out, n_in, start, column, value, &matrix));
    free(start);
    free(column);
    free(value);
    return matrix;
}

/* Packs a layer; `read` [inputs] becomes what its blocks read. */
static void pack_layer(trnnsf_network *network, size_t layer, const uint8_t *read_of_outputs,
                       uint8_t *read)
{
    struct trnnsf_pack_options options = TRNNSF_PACK_OPTIONS_INIT;
    uint8_t *mask = room(sizes[layer] * sizes[layer + 1], 1);
    trnnsf_matrix *matrix = salience(network, layer, read_of_outputs);
    trnnsf_clusters *clusters;

    options.effort = 1;
    options.crossbars = crossbars[layer];
    check(trnnsf_clusters_pack(ctx, matrix, &options, &clusters));
    memset(read, 0, sizes[layer]);
    for (size_t k = 0; k < trnnsf_clusters_count(clusters); k++) {
        size_t n_inputs, n_outputs;
        const uint32_t *inputs = trnnsf_clusters_inputs(clusters, k, &n_inputs);
        const uint32_t *outputs = trnnsf_clusters_outputs(clusters, k, &n_outputs);

        for (size_t j = 0; j < n_inputs; j++) {
            read[inputs[j]] = 1;
            for (size_t i = 0; i < n_outputs; i++)
                mask[outputs[i] * sizes[layer] + inputs[j]] = 1;
        }
    }
    check(trnnsf_network_set_mask(ctx, network, layer, mask));
    check(trnnsf_network_set_clusters(ctx, network, layer, clusters));
    trnnsf_clusters_free(clusters);
    trnnsf_matrix_free(matrix);
    free(mask);
}

/* From the last layer on. `alone`: each layer is packed by itself; else only synapses into neurons
 * that the packed layer above reads, as method `pack` leaves them. */
static trnnsf_network *pack(const trnnsf_network *dense, int alone)
{
    trnnsf_network *network;
    uint8_t read[2][1200];

    check(trnnsf_network_copy(ctx, dense, &network));
    memset(read[1], 1, sizeof read[1]);
    for (size_t l = LAYERS; l-- > 0;) {
        pack_layer(network, l, read[1], read[0]);
        memcpy(read[1], read[0], sizeof read[1]);
        if (alone)
            memset(read[1], 1, sizeof read[1]);
    }
    return network;
}

static struct subject make_subject(trnnsf_network *network, const struct samples *samples)
{
    struct trnnsf_trainer_options options = TRNNSF_TRAINER_OPTIONS_INIT;
    struct subject subject = {.network = network};

    options.rate = 0.01;
    check(trnnsf_trainer_create(ctx, network, samples->dataset, &options, &subject.trainer));
    return subject;
}

static void measure(struct subject *subject, const struct samples *samples, double *out)
{
    struct trnnsf_evaluation evaluation = {.struct_size = sizeof evaluation};
    struct trnnsf_epoch epoch = {.struct_size = sizeof epoch};
    double times[QUANTITIES + 1];

    times[FORWARD] = seconds();
    check(
        trnnsf_network_forward(ctx, subject->network, SAMPLES, samples->values, samples->outputs));
    times[EVALUATE] = seconds();
    check(trnnsf_network_evaluate(ctx, subject->network, samples->dataset, TRNNSF_PART_TEST,
                                  TRNNSF_LOSS_SQUARED, &evaluation));
    times[EPOCH] = seconds();
    check(trnnsf_trainer_epoch(ctx, subject->trainer, &epoch));
    times[ONE_SAMPLE] = seconds();
    for (size_t s = 0; s < SINGLE; s++)
        check(trnnsf_network_forward(ctx, subject->network, 1, samples->values + s * sizes[0],
                                     samples->outputs));
    times[QUANTITIES] = seconds();
    for (int q = 0; q < QUANTITIES; q++)
        out[q] = (times[q + 1] - times[q]) / (q == ONE_SAMPLE ? SINGLE : 1);
}

/* Whether each ratio of retraining and inference is wide enough; a single sample's is only told. */
static int report(const char *name, double (*dense)[QUANTITIES], double (*packed)[QUANTITIES],
                  size_t rounds)
{
    int enough = 1;

    printf("%s\n", name);
    for (int q = 0; q < QUANTITIES; q++) {
        double a[MOST_ROUNDS], b[MOST_ROUNDS], ratio[MOST_ROUNDS];

        for (size_t i = 0; i < rounds; i++) {
            a[i] = 1e3 * dense[i][q];
            b[i] = 1e3 * packed[i][q];
            ratio[i] = a[i] / b[i];
        }
        printf("  %-20s %9.3f ms dense, %8.3f ms packed, %6.2f times faster\n", names[q],
               median(a, rounds), median(b, rounds), median(ratio, rounds));
        enough = enough && (q == ONE_SAMPLE || median(ratio, rounds) >= wanted);
    }
    return enough;
}

/* All measurements on so many threads; whether all ratios are wide enough. */
static int run(uint32_t threads, size_t rounds)
{
    static double times[3][MOST_ROUNDS][QUANTITIES];
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
    trnnsf_network *dense;
    int enough;

    options.threads = threads;
    if (trnnsf_context_create(&options, &ctx) != TRNNSF_OK)
        exit(2);
    check(trnnsf_network_create(ctx, sizes, LAYERS + 1, NULL, &dense));
    struct samples samples = make_samples();
    struct subject subjects[3] = {make_subject(dense, &samples),
                                  make_subject(pack(dense, 0), &samples),
                                  make_subject(pack(dense, 1), &samples)};

    for (size_t i = 0; i <= rounds; i++) { /* the first one warms up */
        for (size_t k = 0; k < 3; k++)
            measure(&subjects[k], &samples, times[k][i > 0 ? i - 1 : 0]);
    }
    printf("pack-speed: backend %s, threads %u, 784-1200-1200-10, 31 of 627 crossbars of 64 x 64, "
           "%d samples, training batch 400, medians of %zu rounds\n",
           trnnsf_backend_selected(ctx), trnnsf_context_threads(ctx), SAMPLES, rounds);
    enough =
        report("packed, no synapse into neurons that nothing reads:", times[0], times[1], rounds);
    enough &= report("packed, each layer by itself:", times[0], times[2], rounds);
    for (size_t k = 0; k < 3; k++) {
        trnnsf_trainer_free(subjects[k].trainer);
        trnnsf_network_free(subjects[k].network);
    }
    trnnsf_dataset_free(samples.dataset);
    free(samples.values);
    free(samples.outputs);
    trnnsf_context_free(ctx);
    return enough;
}

int main(int argc, char **argv)
{
    int threads = argc > 1 ? atoi(argv[1]) : 0, rounds = argc > 2 ? atoi(argv[2]) : 9;

    if (threads < 0 || rounds < 1 || rounds > MOST_ROUNDS)
        return 2;
    if (threads > 0)
        return run((uint32_t)threads, (size_t)rounds) ? 0 : 1;

    int one = run(1, (size_t)rounds), two = run(2, (size_t)rounds);
    return one && two ? 0 : 1;
}
