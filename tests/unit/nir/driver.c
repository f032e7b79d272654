/* What h5py_test.py asks of the library, by its public headers alone.
 *
 *     driver check FILE                              nodes, shapes and edges, or what was refused
 *     driver copy FILE OUT                           loads and saves
 *     driver export OUT SEED LEAK RESET READOUT STEPS  a random network's graph; its spikes on stdout
 *     driver run FILE DT RESET STEPS READOUT INPUTS  the graph's spikes for float32 inputs of a file
 *
 * Spikes: for each layer behind the inputs, neurons and steps as text, then a byte a neuron and step. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <trnnsf/trnnsf.h>

static trnnsf_context *context;

#define TRY(call)                                                                                  \
    do {                                                                                           \
        trnnsf_status try_status = (call);                                                         \
        if (try_status != TRNNSF_OK) {                                                             \
            printf("%s: %s\n", trnnsf_status_name(try_status), trnnsf_context_error(context));     \
            return 1;                                                                              \
        }                                                                                          \
    } while (0)

static void print_shape(const char *what, const size_t *shape, size_t rank)
{
    printf(" %s", what);
    for (size_t k = 0; k < rank; k++)
        printf("%s%zu", k ? "," : "=", shape[k]);
}

static int check(const char *path)
{
    trnnsf_nir *nir = NULL;
    size_t rank = 0;

    TRY(trnnsf_nir_load(context, path, &nir));
    printf("version %s\n", trnnsf_nir_version(nir) ? trnnsf_nir_version(nir) : "none");
    for (size_t i = 0; i < trnnsf_nir_nodes(nir); i++) {
        const char *name = trnnsf_nir_node_name(nir, i);

        printf("node %s %s", name, trnnsf_nir_node_type(nir, name));
        print_shape("in", trnnsf_nir_input_shape(nir, name, &rank), rank);
        print_shape("out", trnnsf_nir_output_shape(nir, name, &rank), rank);
        for (size_t k = 0; k < trnnsf_nir_members(nir, name); k++)
            printf(" %s", trnnsf_nir_member_name(nir, name, k));
        printf("\n");
    }
    for (size_t k = 0; k < trnnsf_nir_edges(nir); k++)
        printf("edge %s %s\n", trnnsf_nir_edge_from(nir, k), trnnsf_nir_edge_to(nir, k));
    trnnsf_nir_free(nir);
    return 0;
}

static int copy(const char *from, const char *to)
{
    trnnsf_nir *nir = NULL;

    TRY(trnnsf_nir_load(context, from, &nir));
    TRY(trnnsf_nir_save(context, nir, to));
    trnnsf_nir_free(nir);
    return 0;
}

static int print_spikes(const trnnsf_spiking *spiking, const float *inputs,
                        const struct trnnsf_spike_run_options *run)
{
    const uint32_t label = 0;
    trnnsf_spike_record *record = NULL;

    TRY(trnnsf_spiking_run(context, spiking, 1, inputs, &label, run, &record));
    for (size_t l = 1; l <= trnnsf_spiking_layers(spiking); l++) {
        size_t count = 0;

        trnnsf_spike_record_spikes(record, l, &count);
        uint8_t *trains = malloc(count * run->steps);
        if (!trains)
            return 1;
        TRY(trnnsf_spiking_trains(context, spiking, inputs, run, l, trains));
        printf("%zu %u\n", count, run->steps);
        fwrite(trains, 1, count * run->steps, stdout);
        free(trains);
    }
    printf("class %u\n", trnnsf_spike_record_classes(record)[0]);
    trnnsf_spike_record_free(record);
    return 0;
}

/* Numbers of a small linear congruential generator, in [low, high). */
static float draw(uint64_t *state, double low, double high)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (float)(low + (high - low) * (double)(*state >> 40) / 16777216);
}

enum { INPUTS = 20, HIDDEN = 30, OUTPUTS = 4, SAMPLES = 8 };

static int make_network(uint64_t *state, trnnsf_network **network, trnnsf_dataset **dataset)
{
    static const size_t sizes[] = {INPUTS, HIDDEN, HIDDEN, OUTPUTS};
    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;
    float weights[HIDDEN * HIDDEN], biases[HIDDEN], values[SAMPLES * INPUTS];
    uint32_t labels[SAMPLES] = {0};

    options.bias = 1;
    TRY(trnnsf_network_create(context, sizes, 4, &options, network));
    for (size_t l = 0; l < 3; l++) {
        for (size_t k = 0; k < HIDDEN * HIDDEN; k++)
            weights[k] = draw(state, -0.3, 0.5);
        for (size_t k = 0; k < HIDDEN; k++)
            biases[k] = draw(state, -0.2, 0.3);
        TRY(trnnsf_network_set_weights(context, *network, l, weights));
        TRY(trnnsf_network_set_biases(context, *network, l, biases));
    }
    for (size_t k = 0; k < SAMPLES * INPUTS; k++)
        values[k] = draw(state, 0, 1);
    TRY(trnnsf_dataset_create(context, 1, 1, INPUTS, OUTPUTS, dataset));
    TRY(trnnsf_dataset_set(context, *dataset, TRNNSF_PART_TRAIN, SAMPLES, values, labels));
    return 0;
}

/* Also writes the inputs, over their scale, to OUT.inputs. */
static int export(char **arguments)
{
    struct trnnsf_spiking_options options = TRNNSF_SPIKING_OPTIONS_INIT;
    struct trnnsf_nir_export_options way = TRNNSF_NIR_EXPORT_OPTIONS_INIT;
    struct trnnsf_spike_run_options run = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    uint64_t state = strtoull(arguments[1], NULL, 10);
    trnnsf_network *network = NULL;
    trnnsf_dataset *dataset = NULL;
    trnnsf_spiking *spiking = NULL;
    trnnsf_nir *nir = NULL;
    char path[1024];
    float inputs[INPUTS];

    if (make_network(&state, &network, &dataset) != 0)
        return 1;
    options.leak = strtod(arguments[2], NULL);
    options.reset = (uint32_t)strtoul(arguments[3], NULL, 10);
    way.readout = run.readout = (uint32_t)strtoul(arguments[4], NULL, 10);
    run.steps = (uint32_t)strtoul(arguments[5], NULL, 10);
    TRY(trnnsf_spiking_convert(context, network, dataset, &options, &spiking));
    TRY(trnnsf_nir_of_spiking(context, spiking, &way, &nir));
    TRY(trnnsf_nir_save(context, nir, arguments[0]));
    for (size_t i = 0; i < INPUTS; i++)
        inputs[i] = draw(&state, 0, 1);
    snprintf(path, sizeof path, "%s.inputs", arguments[0]);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(inputs, sizeof *inputs, INPUTS, file) != INPUTS || fclose(file) != 0)
        return 1;
    int result = print_spikes(spiking, inputs, &run);
    trnnsf_nir_free(nir);
    trnnsf_spiking_free(spiking);
    trnnsf_dataset_free(dataset);
    trnnsf_network_free(network);
    return result;
}

static int run(char **arguments)
{
    struct trnnsf_nir_import_options way = TRNNSF_NIR_IMPORT_OPTIONS_INIT;
    struct trnnsf_spike_run_options options = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    static float inputs[1 << 16];
    trnnsf_nir *nir = NULL;
    trnnsf_spiking *spiking = NULL;
    FILE *file = fopen(arguments[5], "rb");

    if (!file || fread(inputs, sizeof *inputs, 1 << 16, file) == 0)
        return 1;
    fclose(file);
    way.dt = strtod(arguments[1], NULL);
    way.reset = (uint32_t)strtoul(arguments[2], NULL, 10);
    options.steps = (uint32_t)strtoul(arguments[3], NULL, 10);
    options.readout = (uint32_t)strtoul(arguments[4], NULL, 10);
    TRY(trnnsf_nir_load(context, arguments[0], &nir));
    TRY(trnnsf_nir_to_spiking(context, nir, &way, &spiking));
    int result = print_spikes(spiking, inputs, &options);
    trnnsf_spiking_free(spiking);
    trnnsf_nir_free(nir);
    return result;
}

int main(int argc, char **argv)
{
    int result = 2;

    if (trnnsf_context_create(NULL, &context) != TRNNSF_OK)
        return 2;
    if (argc == 3 && strcmp(argv[1], "check") == 0)
        result = check(argv[2]);
    else if (argc == 4 && strcmp(argv[1], "copy") == 0)
        result = copy(argv[2], argv[3]);
    else if (argc == 8 && strcmp(argv[1], "export") == 0)
        result = export(argv + 2);
    else if (argc == 8 && strcmp(argv[1], "run") == 0)
        result = run(argv + 2);
    trnnsf_context_free(context);
    return result;
}
