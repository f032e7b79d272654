/* Mappings by each rule, checked, run, costed, saved. */
#include <math.h>

#include "makes.h"

static trnnsf_status map(struct stage *s, uint32_t rule)
{
    struct trnnsf_map_options options = TRNNSF_MAP_OPTIONS_INIT;
    trnnsf_mapping *mapping = NULL;

    options.rule = rule;
    trnnsf_status status = trnnsf_mapping_create(s->ctx, s->network, s->tech, &options, &mapping);
    expect((status == TRNNSF_OK) == (mapping != NULL), "a result without success, or the reverse");
    s->result = (double)trnnsf_mapping_crossbars(mapping);
    trnnsf_mapping_free(mapping);
    return status;
}

static trnnsf_status map_dense(struct stage *s)
{
    return map(s, TRNNSF_MAP_DENSE);
}

static trnnsf_status map_pruned(struct stage *s)
{
    return map(s, TRNNSF_MAP_PRUNED);
}

static trnnsf_status map_clustered(struct stage *s)
{
    return map(s, TRNNSF_MAP_CLUSTERED);
}

static trnnsf_status map_published(struct stage *s)
{
    return map(s, TRNNSF_MAP_PUBLISHED);
}

static trnnsf_status map_tiles(struct stage *s)
{
    return map(s, TRNNSF_MAP_TILES);
}

MAKES(from_matrix, mapping,
      trnnsf_mapping_from_matrix(s->ctx, s->matrix, s->clusters, s->tech, NULL, &out))
MAKES(mapping_load, mapping,
      trnnsf_mapping_load(s->ctx, stage_path(s, "mapping.safetensors"), &out))
MAKES(activity, activity,
      trnnsf_activity_measure(s->ctx, s->network, s->dataset, TRNNSF_PART_TEST, &out))

static trnnsf_status mapping_save(struct stage *s)
{
    return trnnsf_mapping_save(s->ctx, s->mapping, stage_path(s, "saved.safetensors"));
}

static trnnsf_status counts(struct stage *s)
{
    struct trnnsf_crossbar_counts counts = {.struct_size = sizeof counts};
    struct trnnsf_crossbar crossbar = {.struct_size = sizeof crossbar};
    trnnsf_status status = trnnsf_mapping_counts(s->ctx, s->mapping, TRNNSF_ALL_LAYERS, &counts);

    s->result = counts.utilisation;
    if (status == TRNNSF_OK)
        status = trnnsf_mapping_crossbar(s->ctx, s->mapping, 0, &crossbar);
    return status;
}

static trnnsf_status check(struct stage *s)
{
    return trnnsf_mapping_check(s->ctx, s->mapping, s->network);
}

static trnnsf_status forward(struct stage *s)
{
    float outputs[TRAIN * CLASSES];
    trnnsf_status status =
        trnnsf_mapping_forward(s->ctx, s->mapping, s->network, TRAIN, stage_features(), outputs);

    for (size_t i = 0; status == TRNNSF_OK && i < TRAIN * CLASSES; i++)
        s->result += (double)outputs[i];
    return status;
}

static trnnsf_status cost(struct stage *s)
{
    trnnsf_cost *out = NULL;
    trnnsf_status status = trnnsf_cost_evaluate(s->ctx, s->mapping, s->tech, s->activity, &out);

    expect((status == TRNNSF_OK) == (out != NULL), "a result without success, or the reverse");
    if (status == TRNNSF_OK) {
        s->result = trnnsf_cost_energy(out, TRNNSF_ALL_LAYERS, TRNNSF_COST_TOTAL);
        expect(isfinite(s->result), "no energy");
    }
    trnnsf_cost_free(out);
    return status;
}

const struct scene map_scenes[] = {
    {"map dense", NEED_NETWORK | NEED_TECH, map_dense, NULL, NULL},
    {"map pruned", NEED_NETWORK | NEED_TECH, map_pruned, NULL, NULL},
    {"map clustered", NEED_NETWORK | NEED_TECH, map_clustered, NULL, NULL},
    {"map published", NEED_NETWORK | NEED_TECH, map_published, NULL, NULL},
    {"map tiles", NEED_NETWORK | NEED_TECH, map_tiles, NULL, NULL},
    {"mapping_from_matrix", NEED_CLUSTERS | NEED_TECH, from_matrix, NULL, NULL},
    {"mapping_counts", NEED_MAPPING, counts, NULL, NULL},
    {"mapping_check", NEED_MAPPING, check, NULL, NULL},
    {"mapping_forward", NEED_MAPPING, forward, NULL, NULL},
    {"mapping_save", NEED_MAPPING, mapping_save, NULL, NULL},
    {"mapping_load", NEED_FILES, mapping_load, NULL, NULL},
    {"activity_measure", NEED_NETWORK | NEED_DATASET, activity, NULL, NULL},
    {"cost_evaluate", NEED_MAPPING | NEED_ACTIVITY, cost, NULL, NULL},
    {NULL, 0, NULL, NULL, NULL},
};
