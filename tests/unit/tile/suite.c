/* tile/: graphs, decomposition, maps, placements; plain judges for all of them. */
#include "tile/common.h"

trnnsf_context *ctx;

static void setup(void)
{
    OK(trnnsf_context_create(NULL, &ctx));
}

static void teardown(void)
{
    trnnsf_context_free(ctx);
}

void *zeros(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);

    ck_assert_ptr_nonnull(memory);
    return memory;
}

static float random_weight(struct trn_random *random)
{
    return (float)((int)trn_random_below(random, 65) - 32) / 16;
}

/* Ids as the recipe wants them: inputs come first, or last. */
static uint32_t id_of(const struct recipe *recipe, size_t i)
{
    size_t n = recipe->n_inputs + recipe->n_neurons;

    return (uint32_t)(recipe->reversed ? n - 1 - i : i);
}

trnnsf_spike_graph *random_graph(struct trn_random *random, const struct recipe *recipe)
{
    size_t n = recipe->n_inputs + recipe->n_neurons, next = 0;
    uint32_t *kinds = zeros(n, sizeof *kinds), *pool = zeros(n, sizeof *pool);
    size_t *starts = zeros(n + 1, sizeof *starts);
    uint32_t *sources = zeros(n * recipe->most, sizeof *sources);
    float *weights = zeros(n * recipe->most, sizeof *weights);
    double *spikes = zeros(n, sizeof *spikes), *thresholds = zeros(n, sizeof *thresholds);
    double *biases = zeros(n, sizeof *biases);
    trnnsf_spike_graph *graph = NULL;

    for (size_t id = 0; id < n; id++) {
        size_t i = id_of(recipe, id), below = recipe->layered ? recipe->n_inputs : i;
        size_t count = 0;

        spikes[id] = trn_random_below(random, 21);
        thresholds[id] = 1 + trn_random_below(random, 9) / 4.0;
        if (i >= recipe->n_inputs) {
            kinds[id] = TRNNSF_SPIKE_NEURON;
            biases[id] = recipe->biased ? (double)trn_random_below(random, 17) / 16 - 0.5 : 0;
            count = trn_random_below(random, (uint32_t)recipe->most + 1);
            count = count < below ? count : below;
            for (size_t k = 0; k < below; k++)
                pool[k] = id_of(recipe, k);
            trn_random_shuffle(random, pool, below);
        }
        for (size_t k = 0; k < count; k++, next++) {
            sources[next] = pool[k];
            weights[next] = random_weight(random);
        }
        starts[id + 1] = next;
    }
    OK(trnnsf_spike_graph_create(ctx, n, kinds, starts, sources, weights, spikes, thresholds,
                                 biases, &graph));
    ck_assert_uint_eq(trnnsf_spike_graph_neurons(graph), n);
    ck_assert_uint_eq(trnnsf_spike_graph_inputs(graph), recipe->n_inputs);
    ck_assert_uint_eq(trnnsf_spike_graph_synapses(graph), next);
    ck_assert_mem_eq(trnnsf_spike_graph_starts(graph), starts, (n + 1) * sizeof *starts);
    ck_assert_mem_eq(trnnsf_spike_graph_sources(graph), sources, next * sizeof *sources);
    free(biases);
    free(thresholds);
    free(spikes);
    free(weights);
    free(sources);
    free(starts);
    free(pool);
    free(kinds);
    return graph;
}

uint8_t *random_spikes(struct trn_random *random, size_t n_steps, size_t n_inputs)
{
    uint8_t *spikes = zeros(n_steps * n_inputs, 1);

    for (size_t k = 0; k < n_steps * n_inputs; k++)
        spikes[k] = (uint8_t)trn_random_below(random, 2);
    return spikes;
}

uint32_t *own_units(const trnnsf_spike_graph *decomposed, size_t n_origins)
{
    const uint32_t *origins = trnnsf_spike_graph_origins(decomposed);
    uint32_t *own = zeros(n_origins, sizeof *own);

    for (size_t u = 0; u < trnnsf_spike_graph_neurons(decomposed); u++) {
        ck_assert_uint_lt(origins[u], n_origins);
        own[origins[u]] = (uint32_t)u;
    }
    return own;
}

int main(void)
{
    Suite *suite = suite_create("tile");
    TCase *cases[] = {graph_case(), decompose_case(), map_case(),
                      place_case(), shared_case(),    blocks_case(), hostile_case()};

    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        tcase_set_timeout(cases[k], 60);
        tcase_add_checked_fixture(cases[k], setup, teardown);
        suite_add_tcase(suite, cases[k]);
    }

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
