/* Contexts, backends, matrices, datasets, technologies, schedules. */
#include "makes.h"

/* A context of its own: the stage's allocator serves it too. */
static trnnsf_status backends(struct stage *s)
{
    struct trnnsf_backend_ops ops = {.struct_size = sizeof ops,
                                     .api_version = TRNNSF_BACKEND_API_VERSION,
                                     .flags = TRNNSF_BACKEND_DETERMINISTIC,
                                     .name = "nothing"};
    trnnsf_status status = trnnsf_backend_register(s->ctx, &ops);

    /* On a second play the name is taken already. */
    if (status == TRNNSF_E_INVALID)
        status = TRNNSF_OK;
    if (status == TRNNSF_OK)
        status = trnnsf_backend_select(s->ctx, "nothing");
    return status;
}

MAKES(matrix_from_dense, matrix,
      trnnsf_matrix_from_dense(s->ctx, MATRIX_ROWS, MATRIX_COLUMNS, stage_matrix(), &out))
MAKES(matrix_load, matrix, trnnsf_matrix_load(s->ctx, stage_path(s, "matrix.mtx"), &out))

static trnnsf_status matrix_save(struct stage *s)
{
    return trnnsf_matrix_save(s->ctx, s->matrix, stage_path(s, "saved.mtx"));
}

static trnnsf_status matrix_create(struct stage *s)
{
    static const size_t row_start[] = {0, 2, 3};
    static const uint32_t column[] = {0, 4, 2};
    static const float value[] = {1, 2, 3};
    trnnsf_matrix *out = NULL;
    trnnsf_status status = trnnsf_matrix_create(s->ctx, 2, 5, row_start, column, value, &out);

    expect((status == TRNNSF_OK) == (out != NULL), "a result without success, or the reverse");
    trnnsf_matrix_free(out);
    return status;
}

MAKES(dataset_create, dataset, trnnsf_dataset_create(s->ctx, 1, 3, 4, CLASSES, &out))
MAKES(dataset_load, dataset, trnnsf_dataset_load(s->ctx, s->folder, NULL, &out))

static trnnsf_status dataset_set(struct stage *s)
{
    trnnsf_status status = trnnsf_dataset_set(s->ctx, s->dataset, TRNNSF_PART_TRAIN, TRAIN,
                                              stage_features(), stage_labels());
    s->result = (double)trnnsf_dataset_samples(s->dataset, TRNNSF_PART_TEST);
    return status;
}

static trnnsf_status dataset_split(struct stage *s)
{
    size_t before = trnnsf_dataset_samples(s->dataset, TRNNSF_PART_TRAIN) +
                    trnnsf_dataset_samples(s->dataset, TRNNSF_PART_VALIDATION);
    trnnsf_status status = trnnsf_dataset_split(s->ctx, s->dataset, 0.25, 3);
    size_t after = trnnsf_dataset_samples(s->dataset, TRNNSF_PART_TRAIN) +
                   trnnsf_dataset_samples(s->dataset, TRNNSF_PART_VALIDATION);

    expect(before == after, "samples are lost");
    return status;
}

MAKES(tech_preset, tech, trnnsf_tech_preset(s->ctx, "puma-32nm", &out))
MAKES(tech_with_shapes, tech, trnnsf_tech_with_shapes(s->ctx, s->tech, "8x8,4x2", &out))

static trnnsf_status tech_with_value(struct stage *s)
{
    trnnsf_tech *out = NULL;
    double value = 0;
    trnnsf_status status = trnnsf_tech_value(s->ctx, s->tech, trnnsf_tech_key(0), &value);

    if (status == TRNNSF_OK)
        status = trnnsf_tech_with_value(s->ctx, s->tech, trnnsf_tech_key(0), value * 1.01, &out);
    expect((status == TRNNSF_OK) == (out != NULL), "a result without success, or the reverse");
    trnnsf_tech_free(out);
    return status;
}

MAKES(tech_load, tech, trnnsf_tech_load(s->ctx, stage_path(s, "tech.yaml"), &out))

/* like.yaml is like tech.yaml beside it. */
MAKES(tech_load_like, tech, trnnsf_tech_load(s->ctx, stage_path(s, "like.yaml"), &out))
MAKES(tech_preset_like, tech, trnnsf_tech_preset(s->ctx, "pcm-hermes", &out))

MAKES(tech_from_measurements, tech,
      trnnsf_tech_from_measurements(s->ctx, s->tech, stage_path(s, "measured.csv"), NULL, &out))

static trnnsf_status tech_save(struct stage *s)
{
    return trnnsf_tech_save(s->ctx, s->tech, stage_path(s, "saved.yaml"));
}

MAKES(schedule_create, schedule, trnnsf_schedule_create(s->ctx, "prune", "published", &out))
MAKES(schedule_copy, schedule, trnnsf_schedule_copy(s->ctx, s->schedule, &out))
MAKES(schedule_load, schedule, trnnsf_schedule_load(s->ctx, stage_path(s, "schedule.yaml"), &out))

static trnnsf_status schedule_save(struct stage *s)
{
    return trnnsf_schedule_save(s->ctx, s->schedule, stage_path(s, "saved.yaml"));
}

static trnnsf_status schedule_set(struct stage *s)
{
    trnnsf_status status = trnnsf_schedule_set(s->ctx, s->schedule, "train.epochs", 7);

    if (status == TRNNSF_OK)
        status = trnnsf_schedule_set_word(s->ctx, s->schedule, "method", "offline");
    if (status == TRNNSF_OK)
        status = trnnsf_schedule_get(s->ctx, s->schedule, "train.epochs", &s->result);
    return status;
}

const struct scene data_scenes[] = {
    {"backends", 0, backends, NULL, NULL},
    {"matrix_create", 0, matrix_create, NULL, NULL},
    {"matrix_from_dense", 0, matrix_from_dense, NULL, NULL},
    {"matrix_load", NEED_FILES, matrix_load, NULL, NULL},
    {"matrix_save", NEED_MATRIX, matrix_save, NULL, NULL},
    {"dataset_create", 0, dataset_create, NULL, NULL},
    {"dataset_set", NEED_DATASET, dataset_set, NULL, NULL},
    {"dataset_split", NEED_DATASET, dataset_split, NULL, NULL},
    {"dataset_load", NEED_FILES, dataset_load, NULL, NULL},
    {"tech_preset", 0, tech_preset, NULL, NULL},
    {"tech_with_shapes", NEED_TECH, tech_with_shapes, NULL, NULL},
    {"tech_with_value", NEED_TECH, tech_with_value, NULL, NULL},
    {"tech_load", NEED_FILES, tech_load, NULL, NULL},
    {"tech_preset like another", 0, tech_preset_like, NULL, NULL},
    {"tech_load like another", NEED_FILES, tech_load_like, NULL, NULL},
    {"tech_from_measurements", NEED_FILES, tech_from_measurements, NULL, NULL},
    {"tech_save", NEED_TECH, tech_save, NULL, NULL},
    {"schedule_create", 0, schedule_create, NULL, NULL},
    {"schedule_copy", NEED_SCHEDULE, schedule_copy, NULL, NULL},
    {"schedule_set", NEED_SCHEDULE, schedule_set, NULL, NULL},
    {"schedule_load", NEED_FILES, schedule_load, NULL, NULL},
    {"schedule_save", NEED_SCHEDULE, schedule_save, NULL, NULL},
    {NULL, 0, NULL, NULL, NULL},
};
