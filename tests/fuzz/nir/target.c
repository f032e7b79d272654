/* NIR graphs. Bytes that begin as HDF5 does are a file; others are read as steps that build a graph:
 * nodes, members, edges, nesting. Either gives a graph that is whole, or a status; what is whole can
 * be written and read again, and what can be simulated, is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../fuzz.h"
#include "base/alloc.h"
#include "io/nir_file.h"

static const uint8_t signature[] = {0x89, 'H', 'D', 'F'};

struct source {
    const uint8_t *bytes;
    size_t left;
};

static unsigned take(struct source *source, unsigned below)
{
    if (source->left == 0)
        return 0;
    source->left--;
    return *source->bytes++ % below;
}

static double take_value(struct source *source)
{
    static const double values[] = {1, 2, 0.5, 3, 0, -1, 0.25, 4, 1e-3, 1e9, -0.0, 1e308, 8, 7};

    return values[take(source, sizeof values / sizeof values[0])];
}

static trnnsf_status set_member(struct trnnsf_nir *nir, struct trn_nir_node *node,
                                struct source *source)
{
    static const char *const texts[] = {"same", "valid", "subtract", "x"};
    static const char *const more[] = {"metadata/reset", "metadata/initial", "metadata/dt", "tao"};
    const struct trn_nir_parameter *parameters = trn_nir_kinds[node->type].parameters;
    unsigned which = take(source, TRN_NIR_PARAMETERS + 4);
    const char *name = which < TRN_NIR_PARAMETERS ? parameters[which].name
                                                  : more[which - TRN_NIR_PARAMETERS];
    struct trn_nir_shape shape = {.rank = take(source, 5)};
    double values[4 * 4 * 4 * 4];

    if (!name)
        return TRNNSF_OK;
    if (take(source, 8) == 0)
        return trn_nir_set_text(nir, node, name, texts[take(source, 4)]);
    for (size_t k = 0; k < shape.rank; k++)
        shape.length[k] = 1 + take(source, 4);
    double value = take_value(source), other = take_value(source);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        values[i] = i % 3 ? value : other;
    return trn_nir_set_values(nir, node, name, take(source, 2), &shape, values);
}

static trnnsf_status step(struct trnnsf_nir *nir, struct source *source)
{
    char name[16];
    unsigned what = take(source, 8);

    if (what == 0 || nir->n_nodes == 0) {
        size_t parent = TRN_NIR_NONE, in = take(source, 12);

        if (in < nir->n_nodes && nir->nodes[in].type == TRN_NIR_GRAPH)
            parent = in;
        snprintf(name, sizeof name, "n%zu", nir->n_nodes);
        return trn_nir_add_node(nir, name, take(source, TRN_NIR_TYPES), parent, NULL);
    }
    if (what < 5)
        return set_member(nir, &nir->nodes[take(source, (unsigned)nir->n_nodes)], source);
    if (what == 5) {
        struct trn_nir_shape said = {.rank = 1, .length = {1 + take(source, 4)}};

        return trn_nir_set_said(nir, &nir->nodes[take(source, (unsigned)nir->n_nodes)].said_input,
                                &said);
    }
    size_t from = take(source, (unsigned)nir->n_nodes), to = take(source, (unsigned)nir->n_nodes);
    return trn_nir_add_edge(nir, from, to);
}

static trnnsf_status build(trnnsf_context *ctx, struct source *source, struct trnnsf_nir **out)
{
    struct trnnsf_nir *nir = NULL;
    trnnsf_status status = trn_nir_new(ctx, &nir);

    while (status != TRNNSF_E_NO_MEMORY && nir && source->left > 0)
        status = step(nir, source); /* what is refused is left out */
    if (status != TRNNSF_E_NO_MEMORY)
        status = trn_nir_flatten(nir);
    if (status == TRNNSF_OK)
        status = trn_nir_check(nir);
    if (status == TRNNSF_OK)
        *out = nir;
    else
        trn_nir_free(nir);
    return status;
}

static void expect(int holds)
{
    if (!holds)
        abort();
}

/* Every value, so that the sanitizers see them; every node's shape. */
static size_t touch(const trnnsf_nir *nir)
{
    size_t signals = 1, rank = 0, count = 0;
    double sum = 0;

    for (size_t i = 0; i < trnnsf_nir_nodes(nir); i++) {
        const char *name = trnnsf_nir_node_name(nir, i);
        const size_t *shape = trnnsf_nir_output_shape(nir, name, &rank);
        size_t all = 1;

        expect(shape != NULL && rank <= TRN_NIR_RANK_MAX);
        for (size_t k = 0; k < rank; k++)
            all *= shape[k];
        signals = all > signals ? all : signals;
        for (size_t k = 0; k < trnnsf_nir_members(nir, name); k++) {
            const double *values =
                trnnsf_nir_values(nir, name, trnnsf_nir_member_name(nir, name, k), &count);

            for (size_t j = 0; values && j < count; j++)
                sum += values[j];
        }
    }
    (void)*(volatile double *)&sum;
    return signals;
}

static trnnsf_status simulate(trnnsf_context *ctx, const trnnsf_nir *nir)
{
    struct trnnsf_nir_import_options options = TRNNSF_NIR_IMPORT_OPTIONS_INIT;
    struct trnnsf_spike_run_options run = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    static float inputs[4096];
    const uint32_t label = 0;
    trnnsf_spiking *spiking = NULL;
    trnnsf_spike_record *record = NULL;
    size_t n_in = 1, rank = 0;
    trnnsf_status status;

    options.dt = 0.25;
    run.steps = 40;
    run.readout = TRNNSF_READOUT_SPIKES;
    status = trnnsf_nir_to_spiking(ctx, nir, &options, &spiking);
    for (size_t i = 0; i < trnnsf_nir_nodes(nir); i++) {
        const char *name = trnnsf_nir_node_name(nir, i);
        const size_t *shape = trnnsf_nir_output_shape(nir, name, &rank);

        for (size_t k = 0; strcmp(trnnsf_nir_node_type(nir, name), "Input") == 0 && k < rank; k++)
            n_in *= shape[k];
    }
    if (status == TRNNSF_OK && n_in <= 4096) {
        status = trnnsf_spiking_run(ctx, spiking, 1, inputs, &label, &run, &record);
        expect(status == TRNNSF_OK || status == TRNNSF_E_NO_MEMORY);
    }
    trnnsf_spike_record_free(record);
    trnnsf_spiking_free(spiking);
    return status;
}

/* What is whole comes back from a file the same size. */
static trnnsf_status write_and_read(trnnsf_context *ctx, trnnsf_nir *nir)
{
    trnnsf_nir *again = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;
    trnnsf_status status = trn_nir_file_format(nir, &bytes, &size);

    if (status == TRNNSF_OK) {
        status = trn_nir_file_parse(ctx, bytes, size, &again);
        expect(status == TRNNSF_OK || status == TRNNSF_E_NO_MEMORY);
        expect(!again || trnnsf_nir_edges(again) == trnnsf_nir_edges(nir));
    }
    trnnsf_nir_free(again);
    trn_free(ctx, bytes);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    trnnsf_context *ctx = fuzz_begin(data, size);
    struct source source = {data, size};
    trnnsf_nir *nir = NULL;
    trnnsf_status status;

    if (size >= sizeof signature && memcmp(data, signature, sizeof signature) == 0)
        status = trn_nir_file_parse(ctx, data, size, &nir);
    else
        status = build(ctx, &source, &nir);
    expect((status == TRNNSF_OK) == (nir != NULL));
    if (nir && touch(nir) <= 4096) {
        status = write_and_read(ctx, nir);
        if (status == TRNNSF_OK || status == TRNNSF_E_UNSUPPORTED)
            status = simulate(ctx, nir);
    }
    trnnsf_nir_free(nir);
    fuzz_end(ctx, status);
    return 0;
}
