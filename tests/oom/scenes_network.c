/* Networks: made, changed, run, saved. */
#include "makes.h"

static const size_t sizes[] = {INPUTS, HIDDEN, HIDDEN, CLASSES};

MAKES(network_create, network, trnnsf_network_create(s->ctx, sizes, 4, NULL, &out))
MAKES(network_copy, network, trnnsf_network_copy(s->ctx, s->network, &out))
MAKES(network_load, network,
      trnnsf_network_load(s->ctx, stage_path(s, "network.safetensors"), &out))
MAKES(network_connectivity, matrix, trnnsf_network_connectivity(s->ctx, s->network, 0, &out))

static trnnsf_status network_save(struct stage *s)
{
    return trnnsf_network_save(s->ctx, s->network, stage_path(s, "saved.safetensors"));
}

static trnnsf_status set_weights(struct stage *s)
{
    float values[HIDDEN * INPUTS];

    for (size_t i = 0; i < HIDDEN * INPUTS; i++)
        values[i] = (float)i / 100;
    trnnsf_status status = trnnsf_network_set_weights(s->ctx, s->network, 0, values);
    if (status == TRNNSF_OK)
        s->result = (double)trnnsf_network_weights(s->network, 0)[7];
    return status;
}

static trnnsf_status set_mask(struct stage *s)
{
    uint8_t mask[HIDDEN * INPUTS];

    for (size_t i = 0; i < HIDDEN * INPUTS; i++)
        mask[i] = i % 3 == 0;
    size_t before = trnnsf_network_synapses(s->network, 0);
    trnnsf_status status = trnnsf_network_set_mask(s->ctx, s->network, 0, mask);
    s->result = (double)trnnsf_network_synapses(s->network, 0);
    if (status != TRNNSF_OK)
        expect(trnnsf_network_synapses(s->network, 0) == before, "a failed call changed the mask");
    if (status == TRNNSF_OK)
        status = trnnsf_network_get_mask(s->ctx, s->network, 0, mask);
    return status;
}

static trnnsf_status set_clusters(struct stage *s)
{
    static const size_t output_start[] = {0, 2, 4}, input_start[] = {0, 3, 5};
    static const uint32_t output[] = {0, 3, 5, 9}, input[] = {1, 2, 7, 0, 11};
    trnnsf_clusters *clusters = NULL;
    trnnsf_status status = trnnsf_clusters_create(s->ctx, HIDDEN, INPUTS, 2, output_start, output,
                                                  input_start, input, &clusters);

    if (status == TRNNSF_OK)
        status = trnnsf_network_set_clusters(s->ctx, s->network, 0, clusters);
    if (status == TRNNSF_OK)
        s->result = (double)trnnsf_clusters_count(trnnsf_network_clusters(s->network, 0));
    trnnsf_clusters_free(clusters);
    return status;
}

static trnnsf_status forward(struct stage *s)
{
    float outputs[TRAIN * CLASSES];
    trnnsf_status status =
        trnnsf_network_forward(s->ctx, s->network, TRAIN, stage_features(), outputs);

    for (size_t i = 0; status == TRNNSF_OK && i < TRAIN * CLASSES; i++)
        s->result += (double)outputs[i];
    return status;
}

static trnnsf_status forward_with_clusters(struct stage *s)
{
    trnnsf_status status = set_mask(s);

    if (status == TRNNSF_OK)
        status = set_clusters(s);
    s->result = 0;
    return status == TRNNSF_OK ? forward(s) : status;
}

static trnnsf_status evaluate(struct stage *s)
{
    struct trnnsf_evaluation result = {.struct_size = sizeof result};
    trnnsf_status status = trnnsf_network_evaluate(s->ctx, s->network, s->dataset, TRNNSF_PART_TEST,
                                                   TRNNSF_LOSS_SQUARED, &result);

    s->result = result.loss;
    return status;
}

/* A failure leaves masks and clusters as they were. */
static trnnsf_status pack(struct stage *s, uint32_t goal)
{
    static const uint32_t inputs[] = {4, 8}, outputs[] = {4, 6};
    static const double cost[] = {1, 2.5};
    struct trnnsf_pack_options options = TRNNSF_PACK_OPTIONS_INIT;
    struct trnnsf_pack_report report = {.struct_size = sizeof report};
    size_t synapses = trnnsf_network_synapses(s->network, 0);

    options.goal = goal;
    options.effort = 1;
    options.shapes = 2;
    options.inputs = inputs;
    options.outputs = outputs;
    options.cost = cost;
    options.cost_limit = 5;
    options.discard = 0.3;
    trnnsf_status status = trnnsf_network_pack(s->ctx, s->network, &options, &report);
    expect(status == TRNNSF_OK || (trnnsf_network_synapses(s->network, 0) == synapses &&
                                   !trnnsf_network_clusters(s->network, 0)),
           "a failure has changed the network");
    s->result = report.kept;
    return status;
}

static trnnsf_status pack_budget(struct stage *s)
{
    return pack(s, TRNNSF_PACK_BUDGET);
}

static trnnsf_status pack_bound(struct stage *s)
{
    return pack(s, TRNNSF_PACK_BOUND);
}

const struct scene network_scenes[] = {
    {"network_create", 0, network_create, NULL, NULL},
    {"network_copy", NEED_NETWORK, network_copy, NULL, NULL},
    {"network_load", NEED_FILES, network_load, NULL, NULL},
    {"network_save", NEED_NETWORK, network_save, NULL, NULL},
    {"network_connectivity", NEED_NETWORK, network_connectivity, NULL, NULL},
    {"network_set_weights", NEED_NETWORK, set_weights, NULL, NULL},
    {"network_set_mask", NEED_NETWORK, set_mask, NULL, NULL},
    {"network_set_clusters", NEED_NETWORK, set_clusters, NULL, NULL},
    {"network_pack, budget", NEED_NETWORK, pack_budget, NULL, NULL},
    {"network_pack, bound", NEED_NETWORK, pack_bound, NULL, NULL},
    {"network_forward", NEED_NETWORK, forward, NULL, NULL},
    {"network_forward, clusters", NEED_NETWORK, forward_with_clusters, NULL, NULL},
    {"network_evaluate", NEED_NETWORK | NEED_DATASET, evaluate, NULL, NULL},
    {NULL, 0, NULL, NULL, NULL},
};
