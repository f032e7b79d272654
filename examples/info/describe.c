#include "describe.h"

#include <math.h>
#include <string.h>

#include "../common/networks.h"

static void describe_part(const trnnsf_dataset *dataset, const char *key, uint32_t part,
                          struct facts *facts)
{
    fact_number(facts, key, (double)trnnsf_dataset_samples(dataset, part));
}

trnnsf_status describe_dataset(struct program *program, const char *path, struct facts *facts)
{
    struct trnnsf_dataset_options options = TRNNSF_DATASET_OPTIONS_INIT;
    trnnsf_dataset *dataset = NULL;

    options.validation_fraction = 0;
    trnnsf_status status = trnnsf_dataset_load(program->context, path, &options, &dataset);
    if (status != TRNNSF_OK)
        return status;
    fact_text(facts, "kind", "data set");
    fact_text(facts, "shape", "%zu x %zu x %zu (channels x height x width)",
              trnnsf_dataset_channels(dataset), trnnsf_dataset_height(dataset),
              trnnsf_dataset_width(dataset));
    fact_number(facts, "features", (double)trnnsf_dataset_features(dataset));
    fact_number(facts, "classes", (double)trnnsf_dataset_classes(dataset));
    describe_part(dataset, "training samples", TRNNSF_PART_TRAIN, facts);
    describe_part(dataset, "test samples", TRNNSF_PART_TEST, facts);
    trnnsf_dataset_free(dataset);
    return TRNNSF_OK;
}

trnnsf_status describe_matrix(struct program *program, const char *path, struct facts *facts)
{
    trnnsf_matrix *matrix = NULL;
    trnnsf_status status = trnnsf_matrix_load(program->context, path, &matrix);

    if (status != TRNNSF_OK)
        return status;
    double rows = (double)trnnsf_matrix_rows(matrix),
           columns = (double)trnnsf_matrix_columns(matrix);
    double nonzeros = (double)trnnsf_matrix_nonzeros(matrix);
    fact_text(facts, "kind", "sparse matrix");
    fact_number(facts, "rows", rows);
    fact_number(facts, "columns", columns);
    fact_number(facts, "nonzeros", nonzeros);
    fact_number(facts, "density", rows * columns > 0 ? nonzeros / (rows * columns) : 0);
    trnnsf_matrix_free(matrix);
    return TRNNSF_OK;
}

static void describe_layer(const trnnsf_network *network, size_t layer, struct facts *facts)
{
    static const char *const activations[] = {"linear",  "relu",  "sigmoid",   "tanh",
                                              "softmax", "relu6", "leaky relu"};
    uint32_t activation = trnnsf_network_activation(network, layer);
    size_t n_in = trnnsf_network_inputs(network, layer);
    size_t n_out = trnnsf_network_outputs(network, layer);
    size_t synapses = trnnsf_network_synapses(network, layer);
    const trnnsf_clusters *clusters = trnnsf_network_clusters(network, layer);
    char key[32];

    snprintf(key, sizeof key, "layer %zu", layer);
    fact_text(facts, key,
              "%zu inputs, %zu outputs, %s%s, %zu of %zu synapses (%.2f %%), %zu clusters", n_in,
              n_out, activation < 7 ? activations[activation] : "?",
              trnnsf_network_biases(network, layer) ? " with bias" : "", synapses, n_in * n_out,
              100.0 * (double)synapses / ((double)n_in * (double)n_out),
              clusters ? trnnsf_clusters_count(clusters) : 0);
}

trnnsf_status describe_network(struct program *program, const char *path, struct facts *facts)
{
    trnnsf_network *network = NULL;
    trnnsf_status status = networks_load(program->context, path, &network);

    if (status != TRNNSF_OK)
        return status;
    fact_text(facts, "kind", "network");
    fact_number(facts, "layers", (double)trnnsf_network_layers(network));
    for (size_t i = 0; i < trnnsf_network_layers(network); i++)
        describe_layer(network, i, facts);
    describe_nodes(program, network, facts);
    trnnsf_network_free(network);
    return TRNNSF_OK;
}

static trnnsf_status describe_counts(struct program *program, const trnnsf_mapping *mapping,
                                     size_t layer, struct facts *facts)
{
    struct trnnsf_crossbar_counts counts = {.struct_size = sizeof counts};
    trnnsf_status status = trnnsf_mapping_counts(program->context, mapping, layer, &counts);
    char key[32] = "crossbars";

    if (status != TRNNSF_OK)
        return status;
    if (layer != TRNNSF_ALL_LAYERS)
        snprintf(key, sizeof key, "layer %zu", layer);
    fact_text(
        facts, key,
        "%llu (%llu clusters or tiles, %llu residue; dense %llu, pruned %llu, lower bound %llu), "
        "%llu synapses, utilisation %.2f %%",
        (unsigned long long)counts.total, (unsigned long long)(counts.total - counts.residue),
        (unsigned long long)counts.residue, (unsigned long long)counts.dense,
        (unsigned long long)counts.pruned, (unsigned long long)counts.lower_bound,
        (unsigned long long)counts.synapses, 100 * counts.utilisation);
    return TRNNSF_OK;
}

/* Of layers with windows of places: convolutions. */
static trnnsf_status describe_reads(struct program *program, const trnnsf_mapping *mapping,
                                    size_t layer, struct facts *facts)
{
    static const char *const schemes[] = {"kernel columns", "unrolled", "duplicated kernels"};
    struct trnnsf_mapped_layer mapped = {.struct_size = sizeof mapped};
    trnnsf_status status = trnnsf_mapping_layer(program->context, mapping, layer, &mapped);
    char key[40];

    if (status != TRNNSF_OK || mapped.out_height * mapped.out_width * mapped.in_height *
                                       mapped.in_width == 1)
        return status;
    snprintf(key, sizeof key, "reads of layer %zu", layer);
    fact_text(facts, key,
              "%s, %llu of %llux%llu places, %llux%llux%llu to %llux%llux%llu, %lu groups",
              schemes[mapped.scheme], (unsigned long long)mapped.reads,
              (unsigned long long)mapped.window_height, (unsigned long long)mapped.window_width,
              (unsigned long long)mapped.in_channels, (unsigned long long)mapped.in_height,
              (unsigned long long)mapped.in_width, (unsigned long long)mapped.out_channels,
              (unsigned long long)mapped.out_height, (unsigned long long)mapped.out_width,
              (unsigned long)mapped.groups);
    return TRNNSF_OK;
}

trnnsf_status describe_mapping(struct program *program, const char *path, struct facts *facts)
{
    trnnsf_mapping *mapping = NULL;
    trnnsf_status status = trnnsf_mapping_load(program->context, path, &mapping);

    if (status != TRNNSF_OK)
        return status;
    fact_text(facts, "kind", "mapping");
    fact_number(facts, "layers", (double)trnnsf_mapping_layers(mapping));
    status = describe_counts(program, mapping, TRNNSF_ALL_LAYERS, facts);
    for (size_t i = 0; i < trnnsf_mapping_layers(mapping) && status == TRNNSF_OK; i++) {
        status = describe_counts(program, mapping, i, facts);
        if (status == TRNNSF_OK)
            status = describe_reads(program, mapping, i, facts);
    }
    trnnsf_mapping_free(mapping);
    return status;
}

void describe_tech(struct program *program, const trnnsf_tech *tech, struct facts *facts)
{
    fact_text(facts, "kind", "technology");
    fact_text(facts, "name", "%s", trnnsf_tech_name(tech));
    for (size_t i = 0; i < trnnsf_tech_shapes(tech); i++)
        fact_text(facts, "mca", "%zux%zu", trnnsf_tech_shape_inputs(tech, i),
                  trnnsf_tech_shape_outputs(tech, i));
    for (size_t i = 0; i < trnnsf_tech_keys(); i++) {
        const char *key = trnnsf_tech_key(i), *source = trnnsf_tech_source(tech, key);
        double value = NAN;

        if (trnnsf_tech_value(program->context, tech, key, &value) == TRNNSF_OK)
            fact_text(facts, key, "%-14.6g%s", value, source ? source : "");
    }
}

trnnsf_status describe_tech_keys(struct program *program, struct facts *facts)
{
    trnnsf_status status = TRNNSF_OK;

    for (size_t i = 0; i < trnnsf_tech_keys() && status == TRNNSF_OK; i++) {
        const char *key = trnnsf_tech_key(i), *text = trnnsf_tech_key_text(key);
        double minimum = NAN, maximum = NAN, otherwise = trnnsf_tech_key_default(key);
        char said[32] = "to be said";

        if (!isnan(otherwise))
            snprintf(said, sizeof said, "%g", otherwise);
        status = trnnsf_tech_key_range(program->context, key, &minimum, &maximum);
        fact_text(facts, key, "%-10s in [%g, %g]%s: %s", said, minimum, maximum,
                  trnnsf_tech_key_whole(key) ? ", whole" : "", text ? text : "");
    }
    return status;
}

static trnnsf_status schedule_value(struct program *program, const trnnsf_schedule *schedule,
                                    const char *key, struct facts *facts)
{
    const char *word = trnnsf_schedule_word(schedule, key);
    double value = NAN;

    if (word) {
        fact_text(facts, key, "%s", word);
        return TRNNSF_OK;
    }
    trnnsf_status status = trnnsf_schedule_get(program->context, schedule, key, &value);
    if (status == TRNNSF_OK)
        fact_number(facts, key, value);
    return status;
}

trnnsf_status describe_yaml(struct program *program, const char *path, struct facts *facts)
{
    trnnsf_schedule *schedule = NULL;
    trnnsf_tech *tech = NULL;
    char first[256], both[640];
    trnnsf_status status = trnnsf_tech_load(program->context, path, &tech);

    if (status == TRNNSF_OK) {
        describe_tech(program, tech, facts);
        trnnsf_tech_free(tech);
        return status;
    }
    if (status == TRNNSF_E_NOT_FOUND || status == TRNNSF_E_IO || status == TRNNSF_E_UNSUPPORTED)
        return status;
    snprintf(first, sizeof first, "%s", trnnsf_context_error(program->context));
    status = trnnsf_schedule_load(program->context, path, &schedule);
    if (status != TRNNSF_OK) {
        snprintf(both, sizeof both, "neither a technology (%s) nor a schedule (%s)", first,
                 trnnsf_context_error(program->context));
        facts_reason(facts, both);
        return status;
    }
    fact_text(facts, "kind", "schedule");
    for (size_t i = 0; i < trnnsf_schedule_keys() && status == TRNNSF_OK; i++)
        status = schedule_value(program, schedule, trnnsf_schedule_key(i), facts);
    trnnsf_schedule_free(schedule);
    return status;
}

trnnsf_status describe_keys(struct program *program, struct facts *facts)
{
    trnnsf_schedule *schedule = NULL;
    trnnsf_status status =
        trnnsf_schedule_create(program->context, "transform", "corrected", &schedule);

    for (size_t i = 0; i < trnnsf_schedule_keys() && status == TRNNSF_OK; i++) {
        const char *key = trnnsf_schedule_key(i), *word = trnnsf_schedule_word(schedule, key);
        double value = NAN, minimum = NAN, maximum = NAN;

        if (word) {
            fact_text(facts, key, "%s", word);
            continue;
        }
        status = trnnsf_schedule_get(program->context, schedule, key, &value);
        if (status == TRNNSF_OK)
            status = trnnsf_schedule_range(program->context, key, &minimum, &maximum);
        fact_text(facts, key, "%-10.6g in [%g, %g]", value, minimum, maximum);
    }
    trnnsf_schedule_free(schedule);
    return status;
}
