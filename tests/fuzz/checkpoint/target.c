/* Checkpoints: any bytes restore the run or leave it as it was, able to go on. */
#include <stdlib.h>
#include <string.h>

#include "../fuzz.h"
#include "io/checkpoint.h"

enum { FEATURES = 4, CLASSES = 2, SAMPLES = 6 };

struct scene {
    trnnsf_dataset *dataset;
    trnnsf_network *network;
    trnnsf_schedule *schedule;
    trnnsf_run *run;
};

/* What the seeds are checkpoints of; seeds are made with trnnsf_run_save() after two epochs. */
static trnnsf_status make_scene(trnnsf_context *ctx, struct scene *scene)
{
    static const size_t sizes[] = {FEATURES, 3, CLASSES};
    static const struct trn_pack_pool pool = {.count = 1, .shape = {{4, 4, 1}}};
    float values[SAMPLES * FEATURES];
    uint32_t labels[SAMPLES];
    trnnsf_status status;

    for (size_t i = 0; i < SAMPLES * FEATURES; i++)
        values[i] = (float)(i % 7) / 7.0f;
    for (size_t i = 0; i < SAMPLES; i++)
        labels[i] = (uint32_t)(i % CLASSES);
    status = trnnsf_dataset_create(ctx, 1, 2, 2, CLASSES, &scene->dataset);
    if (status == TRNNSF_OK)
        status =
            trnnsf_dataset_set(ctx, scene->dataset, TRNNSF_PART_TRAIN, SAMPLES, values, labels);
    if (status == TRNNSF_OK)
        status = trnnsf_network_create(ctx, sizes, 3, NULL, &scene->network);
    if (status == TRNNSF_OK)
        status = trnnsf_schedule_create(ctx, "transform", "corrected", &scene->schedule);
    if (status == TRNNSF_OK)
        status = trnnsf_schedule_set(ctx, scene->schedule, "train.epochs", 4);
    if (status == TRNNSF_OK)
        status = trn_run_create(ctx, scene->network, scene->dataset, scene->schedule, &pool, 0,
                                &scene->run);
    return status;
}

static trnnsf_status restore(trnnsf_context *ctx, struct scene *scene, const uint8_t *data,
                             size_t size)
{
    struct trn_safetensors *file;
    trnnsf_status status = trn_safetensors_parse(ctx, "fuzz", data, size, &file);

    if (status == TRNNSF_OK) {
        size_t steps = scene->run->n_steps;

        status = trn_checkpoint_restore(ctx, scene->run, file);
        if (status != TRNNSF_OK && scene->run->n_steps != steps)
            abort();
        trn_safetensors_free(file);
    }
    return status;
}

static void free_scene(struct scene *scene)
{
    trnnsf_run_free(scene->run);
    trnnsf_schedule_free(scene->schedule);
    trnnsf_network_free(scene->network);
    trnnsf_dataset_free(scene->dataset);
}

int fuzz_write_seed(const char *path)
{
    trnnsf_context *ctx = NULL;
    struct scene first = {NULL, NULL, NULL, NULL}, second = first;
    trnnsf_status status = trnnsf_context_create(NULL, &ctx);

    if (status == TRNNSF_OK)
        status = make_scene(ctx, &first);
    for (int epoch = 0; epoch < 2 && status == TRNNSF_OK; epoch++)
        status = trn_run_step(ctx, first.run, NULL);
    if (status == TRNNSF_OK)
        status = trnnsf_run_save(ctx, first.run, path);
    if (status == TRNNSF_OK)
        status = make_scene(ctx, &second);
    if (status == TRNNSF_OK)
        status = trnnsf_run_restore(ctx, second.run, path);
    free_scene(&first);
    free_scene(&second);
    trnnsf_context_free(ctx);
    return status == TRNNSF_E_UNSUPPORTED ? 2 : status == TRNNSF_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    trnnsf_context *ctx = fuzz_begin(data, size);
    struct scene scene = {NULL, NULL, NULL, NULL};
    trnnsf_status status = make_scene(ctx, &scene);

    if (status == TRNNSF_OK)
        status = restore(ctx, &scene, data, size);
    if (status == TRNNSF_OK && !trn_run_done(scene.run))
        status = trn_run_step(ctx, scene.run, NULL);
    free_scene(&scene);
    fuzz_end(ctx, status);
    return 0;
}
