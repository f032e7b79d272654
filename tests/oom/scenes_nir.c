/* NIR graphs. What HDF5 itself allocates is out of reach. */
#include <string.h>

#include "makes.h"

/* Input, Affine, CubaLIF, Delay, Conv1d, LIF, Output. */
static trnnsf_status build(struct stage *s, trnnsf_nir **out)
{
    static const struct {
        const char *node, *member;
        size_t rank, shape[3];
        double value;
    } members[] = {{"in", "shape", 1, {1}, 6},          {"fc", "weight", 2, {8, 6}, 0.25},
                   {"fc", "bias", 1, {8}, 0.125},       {"cuba", "tau_syn", 1, {8}, 2},
                   {"cuba", "tau_mem", 0, {0}, 4},      {"cuba", "r", 0, {0}, 4},
                   {"cuba", "v_leak", 0, {0}, 0},       {"cuba", "v_threshold", 0, {0}, 1},
                   {"late", "delay", 1, {8}, 3},        {"fc2", "weight", 2, {3, 8}, 0.5},
                   {"lif", "tau", 0, {0}, 4},           {"lif", "r", 0, {0}, 4},
                   {"lif", "v_leak", 0, {0}, 0},        {"lif", "v_threshold", 0, {0}, 1},
                   {"lif", "metadata/why", 0, {0}, 42}};
    static const char *const nodes[][2] = {{"in", "Input"},   {"fc", "Affine"},
                                           {"cuba", "CubaLIF"}, {"late", "Delay"},
                                           {"fc2", "Linear"}, {"lif", "LIF"},
                                           {"out", "Output"}};
    trnnsf_status status = trnnsf_nir_create(s->ctx, out);

    for (size_t k = 0; status == TRNNSF_OK && k < sizeof nodes / sizeof nodes[0]; k++) {
        status = trnnsf_nir_add_node(s->ctx, *out, nodes[k][0], nodes[k][1]);
        if (status == TRNNSF_OK && k > 0)
            status = trnnsf_nir_add_edge(s->ctx, *out, nodes[k - 1][0], nodes[k][0]);
    }
    for (size_t k = 0; status == TRNNSF_OK && k < sizeof members / sizeof members[0]; k++) {
        double values[64];

        for (size_t i = 0; i < 64; i++)
            values[i] = members[k].value;
        status = trnnsf_nir_set_values(s->ctx, *out, members[k].node, members[k].member,
                                       TRNNSF_NIR_FLOAT64, members[k].rank, members[k].shape,
                                       values);
    }
    if (status == TRNNSF_OK)
        status = trnnsf_nir_set_text(s->ctx, *out, NULL, "metadata/who", "we");
    return status == TRNNSF_OK ? trnnsf_nir_check(s->ctx, *out) : status;
}

static trnnsf_status simulate(struct stage *s, const trnnsf_nir *nir)
{
    struct trnnsf_nir_import_options import = TRNNSF_NIR_IMPORT_OPTIONS_INIT;
    const uint32_t label = 0;
    const float inputs[6] = {1, 1, 1, 1, 1, 1};
    trnnsf_spiking *spiking = NULL;
    trnnsf_spike_record *record = NULL;
    trnnsf_nir *again = NULL;
    trnnsf_status status;

    import.dt = 1;
    status = trnnsf_nir_to_spiking(s->ctx, nir, &import, &spiking);
    expect((status == TRNNSF_OK) == (spiking != NULL), "a result without success, or the reverse");
    if (status == TRNNSF_OK)
        status = trnnsf_nir_of_spiking(s->ctx, spiking, NULL, &again);
    expect((status == TRNNSF_OK) == (again != NULL), "a result without success, or the reverse");
    if (status == TRNNSF_OK)
        status = trnnsf_spiking_run(s->ctx, spiking, 1, inputs, &label, NULL, &record);
    s->result = trnnsf_spike_record_rate(record);
    trnnsf_spike_record_free(record);
    trnnsf_nir_free(again);
    trnnsf_spiking_free(spiking);
    return status;
}

static trnnsf_status graphs(struct stage *s)
{
    trnnsf_nir *nir = NULL;
    trnnsf_status status = build(s, &nir);

    if (status == TRNNSF_OK)
        status = simulate(s, nir);
    trnnsf_nir_free(nir);
    return status;
}

/* Few nodes: HDF5 takes its time with each file. */
static trnnsf_status build_small(struct stage *s, trnnsf_nir **out)
{
    const double three = 3;
    const size_t one = 1;
    trnnsf_status status = trnnsf_nir_create(s->ctx, out);

    if (status == TRNNSF_OK)
        status = trnnsf_nir_add_node(s->ctx, *out, "in", "Input");
    if (status == TRNNSF_OK)
        status = trnnsf_nir_set_values(s->ctx, *out, "in", "shape", TRNNSF_NIR_INT64, 1, &one,
                                       &three);
    if (status == TRNNSF_OK)
        status = trnnsf_nir_add_node(s->ctx, *out, "out", "Output");
    if (status == TRNNSF_OK)
        status = trnnsf_nir_add_edge(s->ctx, *out, "in", "out");
    if (status == TRNNSF_OK)
        status = trnnsf_nir_set_text(s->ctx, *out, "in", "metadata/who", "we");
    return status;
}

/* Written and read; without HDF5 there is nothing to fail. */
static trnnsf_status files(struct stage *s)
{
    static uint8_t bytes[1 << 15];
    trnnsf_nir *nir = NULL, *again = NULL;
    size_t size = 0;
    trnnsf_status status = build_small(s, &nir);

    if (status == TRNNSF_OK)
        status = trnnsf_nir_write(s->ctx, nir, sizeof bytes, bytes, &size);
    if (status == TRNNSF_E_UNSUPPORTED) {
        trnnsf_nir_free(nir);
        return TRNNSF_OK;
    }
    if (status == TRNNSF_OK)
        status = trnnsf_nir_read(s->ctx, bytes, size, &again);
    expect((status == TRNNSF_OK) == (again != NULL), "a result without success, or the reverse");
    s->result = (double)trnnsf_nir_nodes(again);
    trnnsf_nir_free(again);
    trnnsf_nir_free(nir);
    return status;
}

const struct scene nir_scenes[] = {{"nir-graphs", 0, graphs, NULL, NULL},
                                   {"nir-files", 0, files, NULL, NULL},
                                   {NULL, 0, NULL, NULL, NULL}};
