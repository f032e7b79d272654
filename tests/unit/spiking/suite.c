/* sim/spiking/: the simulator against plain loops, codes against their definitions, conversion
 * against what it promises, hostile arguments. */
#include "spiking/common.h"

#include <stdlib.h>

#include "base/random.h"
#include "data/dataset.h"

trnnsf_context *ctx;

static void setup(void)
{
    OK(trnnsf_context_create(NULL, &ctx));
}

static void teardown(void)
{
    trnnsf_context_free(ctx);
}

static float *draw(struct trn_random *random, size_t n, double low, double high, double zeros)
{
    float *values = malloc(n * sizeof *values);

    for (size_t i = 0; i < n; i++) {
        double value = low + (high - low) * trn_random_double(random);

        values[i] = trn_random_double(random) < zeros ? 0.0f : (float)value;
    }
    return values;
}

static trnnsf_dataset *make_dataset(struct trn_random *random, size_t n_in, size_t n_out,
                                    bool is_signed)
{
    trnnsf_dataset *dataset;
    uint32_t labels[SAMPLES];
    float *values = draw(random, SAMPLES * n_in, is_signed ? -2 : 0, 2, 0.4);

    for (size_t s = 0; s < SAMPLES; s++)
        labels[s] = trn_random_below(random, (uint32_t)n_out);
    OK(trnnsf_dataset_create(ctx, 1, 1, n_in, n_out, &dataset));
    for (uint32_t part = 0; part < TRN_PARTS; part++)
        OK(trnnsf_dataset_set(ctx, dataset, part, SAMPLES, values, labels));
    free(values);
    return dataset;
}

static void set_layer(struct trn_random *random, trnnsf_network *network, size_t l, bool has_biases)
{
    size_t n_in = trnnsf_network_inputs(network, l), n_out = trnnsf_network_outputs(network, l);
    float *weights = draw(random, n_in * n_out, -0.3, 0.4, 0), *biases;

    OK(trnnsf_network_set_weights(ctx, network, l, weights));
    free(weights);
    if (!has_biases)
        return;
    biases = draw(random, n_out, -0.2, 0.3, 0);
    OK(trnnsf_network_set_biases(ctx, network, l, biases));
    free(biases);
}

static void set_mask(struct trn_random *random, trnnsf_network *network, size_t l, double density)
{
    size_t n = trnnsf_network_inputs(network, l) * trnnsf_network_outputs(network, l);
    uint8_t *mask = malloc(n);

    for (size_t i = 0; i < n; i++)
        mask[i] = trn_random_double(random) < density;
    OK(trnnsf_network_set_mask(ctx, network, l, mask));
    free(mask);
}

/* Two rectangles on even and on odd lines, few synapses outside. */
static void set_clusters(struct trn_random *random, trnnsf_network *network, size_t l)
{
    size_t n_in = trnnsf_network_inputs(network, l), n_out = trnnsf_network_outputs(network, l);
    size_t row_start[3] = {0}, column_start[3] = {0};
    uint32_t *rows = malloc(n_out * sizeof *rows), *columns = malloc(n_in * sizeof *columns);
    uint8_t *mask = calloc(n_in * n_out, 1);
    trnnsf_clusters *clusters;

    for (uint32_t b = 0; b < 2; b++) {
        row_start[b + 1] = row_start[b];
        column_start[b + 1] = column_start[b];
        for (uint32_t o = b; o < n_out / 2; o += 2)
            rows[row_start[b + 1]++] = o;
        for (uint32_t i = b; i < n_in / 2; i += 2)
            columns[column_start[b + 1]++] = i;
    }
    for (size_t k = 0; k < n_in * n_out; k++) {
        size_t o = k / n_in, i = k % n_in;
        bool inside = o < n_out / 2 && i < n_in / 2 && o % 2 == i % 2;

        mask[k] = trn_random_double(random) < (inside ? 0.95 : 0.01);
    }
    OK(trnnsf_clusters_create(ctx, n_out, n_in, 2, row_start, rows, column_start, columns,
                              &clusters));
    OK(trnnsf_network_set_mask(ctx, network, l, mask));
    OK(trnnsf_network_set_clusters(ctx, network, l, clusters));
    trnnsf_clusters_free(clusters);
    free(rows);
    free(columns);
    free(mask);
}

struct scene make_scene(uint32_t kind, uint64_t seed, const struct trnnsf_spiking_options *options)
{
    static const size_t sizes[] = {70, 150, 81, 5};
    struct trnnsf_network_options network = TRNNSF_NETWORK_OPTIONS_INIT;
    struct scene scene = {.n_in = sizes[0], .n_out = sizes[3]};
    struct trn_random random;

    trn_random_init(&random, seed, TRN_RANDOM_TEST, kind);
    network.bias = kind != 3;
    OK(trnnsf_network_create(ctx, sizes, 4, &network, &scene.network));
    for (size_t l = 0; l < 3; l++) {
        set_layer(&random, scene.network, l, network.bias);
        if (kind == 1)
            set_mask(&random, scene.network, l, 0.08);
        if (kind == 2 && l < 2)
            set_clusters(&random, scene.network, l);
    }
    scene.dataset = make_dataset(&random, scene.n_in, scene.n_out, kind == 3);
    scene.inputs = scene.dataset->part[TRNNSF_PART_TEST].values;
    scene.labels = scene.dataset->part[TRNNSF_PART_TEST].labels;
    OK(trnnsf_spiking_convert(ctx, scene.network, scene.dataset, options, &scene.spiking));
    return scene;
}

void free_scene(struct scene *scene)
{
    trnnsf_spiking_free(scene->spiking);
    trnnsf_network_free(scene->network);
    trnnsf_dataset_free(scene->dataset);
}

trnnsf_spike_record *run(const trnnsf_spiking *spiking, const struct scene *scene,
                         const struct trnnsf_spike_run_options *options)
{
    trnnsf_spike_record *record;

    OK(trnnsf_spiking_run(ctx, spiking, SAMPLES, scene->inputs, scene->labels, options, &record));
    return record;
}

void assert_same(const trnnsf_spike_record *a, const trnnsf_spike_record *b, size_t n_layers)
{
    size_t n = trnnsf_spike_record_samples(a), steps, count;
    const double *accuracy = trnnsf_spike_record_accuracy(a, &steps);

    ck_assert_uint_eq(trnnsf_spike_record_samples(b), n);
    ck_assert_mem_eq(accuracy, trnnsf_spike_record_accuracy(b, NULL), steps * sizeof *accuracy);
    ck_assert_mem_eq(trnnsf_spike_record_classes(a), trnnsf_spike_record_classes(b), n * 4);
    ck_assert_mem_eq(trnnsf_spike_record_steps(a), trnnsf_spike_record_steps(b), n * 4);
    for (size_t l = 0; l <= n_layers; l++) {
        const uint64_t *spikes = trnnsf_spike_record_spikes(a, l, &count);

        ck_assert_mem_eq(spikes, trnnsf_spike_record_spikes(b, l, NULL), count * sizeof *spikes);
    }
}

int main(void)
{
    Suite *suite = suite_create("spiking");
    TCase *cases[] = {judge_case(),   chips_case(),      chip_noise_case(),
                      codes_case(),   conversion_case(), graph_case(),
                      hostile_case(), nir_case(),        traffic_case(),
                      convolutions_case()};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tcase_add_checked_fixture(cases[i], setup, teardown);
        suite_add_tcase(suite, cases[i]);
    }

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
