/* What scenes find ready: tiny objects of every kind, and files of every format. */
#include "harness.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const float *stage_features(void)
{
    static float values[TRAIN * INPUTS];

    /* Each class has its own four bright pixels, with a little texture. */
    for (size_t i = 0; i < TRAIN; i++)
        for (size_t j = 0; j < INPUTS; j++)
            values[i * INPUTS + j] =
                (j / 4 == i % CLASSES ? 0.8f : 0.1f) + (float)((i * 7 + j * 5) % 11) / 100;
    return values;
}

const uint32_t *stage_labels(void)
{
    static uint32_t labels[TRAIN];

    for (size_t i = 0; i < TRAIN; i++)
        labels[i] = (uint32_t)(i % CLASSES);
    return labels;
}

const float *stage_matrix(void)
{
    static float values[MATRIX_ROWS * MATRIX_COLUMNS];

    for (size_t i = 0; i < MATRIX_ROWS; i++)
        for (size_t j = 0; j < MATRIX_COLUMNS; j++) {
            bool block = (i * 5) % MATRIX_ROWS / 6 == (j * 3) % MATRIX_COLUMNS / 5;

            values[i * MATRIX_COLUMNS + j] = block || (i * 31 + j * 17) % 29 == 0 ? 0.5f : 0.0f;
        }
    return values;
}

const char *stage_path(struct stage *stage, const char *name)
{
    static char path[192];

    snprintf(path, sizeof path, "%s/%s", stage->folder, name);
    return path;
}

void stage_remove_files(const char *folder)
{
    DIR *directory = opendir(folder);
    char path[512];

    if (!directory)
        return;
    for (const struct dirent *entry; (entry = readdir(directory));) {
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlink(path);
    }
    closedir(directory);
}

static void write_file(struct stage *stage, const char *name, const void *bytes, size_t size)
{
    FILE *file = fopen(stage_path(stage, name), "wb");

    if (!file || fwrite(bytes, 1, size, file) != size)
        expect(0, "a file of the stage cannot be written");
    if (file)
        fclose(file);
}

static void write_images(struct stage *stage, const char *prefix, uint8_t count)
{
    uint8_t images[16 + TRAIN * INPUTS] = {0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 3, 0, 0, 0, 4};
    uint8_t labels[8 + TRAIN] = {0, 0, 8, 1, 0, 0, 0, count};
    char name[64];

    for (size_t i = 0; i < (size_t)count * INPUTS; i++)
        images[16 + i] = (uint8_t)(stage_features()[i] * 255);
    for (size_t i = 0; i < count; i++)
        labels[8 + i] = (uint8_t)(i % CLASSES);
    snprintf(name, sizeof name, "%s-images-idx3-ubyte", prefix);
    write_file(stage, name, images, 16 + (size_t)count * INPUTS);
    snprintf(name, sizeof name, "%s-labels-idx1-ubyte", prefix);
    write_file(stage, name, labels, 8 + (size_t)count);
}

#define MUST(call) expect((call) == TRNNSF_OK, "the stage cannot be set: " #call)

static void set_files(struct stage *s)
{
    static const char market[] = "%%MatrixMarket matrix coordinate real general\n3 4 3\n"
                                 "1 1 0.5\n2 4 1.5\n3 2 -2\n";
    static const char like[] = "version: 1\nname: like\nlike: tech.yaml\nshapes: 4x4\n";
    static const char measured[] = "device,target_siemens,time_second,conductance_siemens\n"
                                   "1,1e-5,1,1.1e-5\n2,1e-5,1,1e-5\n1,1e-5,9,1e-5\n"
                                   "1,1e-6,1,1e-6\n2,1e-6,1,1.2e-6\n2,1e-5,9,9e-6\n";

    /* Once for all scenes: the writers wait for the disk. */
    if (access(stage_path(s, "matrix.mtx"), F_OK) == 0)
        return;
    write_images(s, "train", TRAIN);
    write_images(s, "t10k", TEST);
    write_file(s, "matrix.mtx", market, sizeof market - 1);
    write_file(s, "like.yaml", like, sizeof like - 1);
    write_file(s, "measured.csv", measured, sizeof measured - 1);
    trnnsf_network_save(s->ctx, s->network, stage_path(s, "network.safetensors"));
    trnnsf_mapping_save(s->ctx, s->mapping, stage_path(s, "mapping.safetensors"));
    trnnsf_schedule_save(s->ctx, s->schedule, stage_path(s, "schedule.yaml"));
    trnnsf_tech_save(s->ctx, s->tech, stage_path(s, "tech.yaml"));
}

static void set_dataset(struct stage *s)
{
    MUST(trnnsf_dataset_create(s->ctx, 1, 3, 4, CLASSES, &s->dataset));
    MUST(trnnsf_dataset_set(s->ctx, s->dataset, TRNNSF_PART_TRAIN, TRAIN, stage_features(),
                            stage_labels()));
    MUST(trnnsf_dataset_set(s->ctx, s->dataset, TRNNSF_PART_TEST, TEST, stage_features(),
                            stage_labels()));
    MUST(trnnsf_dataset_split(s->ctx, s->dataset, 0.2, 1));
}

static void set_schedule(struct stage *s)
{
    MUST(trnnsf_schedule_create(s->ctx, s->method, s->variant, &s->schedule));
    MUST(trnnsf_schedule_set(s->ctx, s->schedule, "train.epochs", 5));
    MUST(trnnsf_schedule_set(s->ctx, s->schedule, "train.batch", 16));
    MUST(trnnsf_schedule_set(s->ctx, s->schedule, "train.rate", 0.05));
    /* Prunes at once and much, so that five epochs see clusters made and dropped. */
    MUST(trnnsf_schedule_set(s->ctx, s->schedule, "prune.step", 0.1));
    MUST(trnnsf_schedule_set(s->ctx, s->schedule, "pack.distil", 0.5));
    MUST(trnnsf_schedule_set(s->ctx, s->schedule, "prune.step_last", 0.1));
}

static void set_report(struct stage *s)
{
    struct trnnsf_report_entry entry = {.struct_size = sizeof entry,
                                        .method = "transform",
                                        .network = s->network,
                                        .mapping = s->mapping,
                                        .tech = s->tech,
                                        .dataset = s->dataset,
                                        .seed = 1,
                                        .seconds = -1};

    MUST(trnnsf_report_create(s->ctx, &s->report));
    MUST(trnnsf_report_add(s->ctx, s->report, &entry));
}

static unsigned with_what_it_takes(unsigned needs)
{
    if (needs & NEED_FILES)
        needs |= NEED_NETWORK | NEED_MAPPING | NEED_SCHEDULE | NEED_TECH;
    if (needs & NEED_REPORT)
        needs |= NEED_NETWORK | NEED_MAPPING | NEED_TECH | NEED_DATASET;
    if (needs & NEED_RUN)
        needs |= NEED_NETWORK | NEED_DATASET | NEED_SCHEDULE | NEED_TECH;
    if (needs & NEED_MAPPING)
        needs |= NEED_NETWORK | NEED_TECH;
    if (needs & (NEED_TRAINER | NEED_ACTIVITY))
        needs |= NEED_NETWORK | NEED_DATASET;
    if (needs & NEED_CLUSTERS)
        needs |= NEED_MATRIX;
    return needs;
}

void stage_set(struct stage *s, unsigned needs)
{
    static const size_t sizes[] = {INPUTS, HIDDEN, CLASSES};
    struct trnnsf_cluster_options options = TRNNSF_CLUSTER_OPTIONS_INIT;
    trnnsf_tech *preset = NULL;

    needs = with_what_it_takes(needs);
    options.inputs = options.outputs = 6;
    if (needs & NEED_DATASET)
        set_dataset(s);
    if (needs & NEED_NETWORK)
        MUST(trnnsf_network_create(s->ctx, sizes, 3, NULL, &s->network));
    if (needs & NEED_MATRIX)
        MUST(trnnsf_matrix_from_dense(s->ctx, MATRIX_ROWS, MATRIX_COLUMNS, stage_matrix(),
                                      &s->matrix));
    if (needs & NEED_CLUSTERS)
        MUST(trnnsf_clusters_find(s->ctx, s->matrix, &options, &s->clusters));
    if (needs & NEED_TECH) {
        MUST(trnnsf_tech_preset(s->ctx, "resparc-45nm", &preset));
        MUST(trnnsf_tech_with_shapes(s->ctx, preset, "4x4", &s->tech));
        trnnsf_tech_free(preset);
    }
    if (needs & NEED_MAPPING)
        MUST(trnnsf_mapping_create(s->ctx, s->network, s->tech, NULL, &s->mapping));
    if (needs & NEED_SCHEDULE)
        set_schedule(s);
    if (needs & NEED_TRAINER)
        MUST(trnnsf_trainer_create(s->ctx, s->network, s->dataset, NULL, &s->trainer));
    if (needs & NEED_RUN)
        MUST(trnnsf_run_create(s->ctx, s->network, s->dataset, s->schedule, s->tech, 0, &s->run));
    if (needs & NEED_ACTIVITY)
        MUST(trnnsf_activity_measure(s->ctx, s->network, s->dataset, TRNNSF_PART_TEST,
                                     &s->activity));
    if (needs & NEED_REPORT)
        set_report(s);
    if (needs & NEED_FILES)
        set_files(s);
}

void stage_clear(struct stage *s)
{
    /* The context first: what it made keeps it alive. */
    trnnsf_context_free(s->ctx);
    trnnsf_report_free(s->report);
    trnnsf_activity_free(s->activity);
    trnnsf_run_free(s->run);
    trnnsf_trainer_free(s->trainer);
    trnnsf_schedule_free(s->schedule);
    trnnsf_mapping_free(s->mapping);
    trnnsf_tech_free(s->tech);
    trnnsf_clusters_free(s->clusters);
    trnnsf_matrix_free(s->matrix);
    trnnsf_network_free(s->network);
    trnnsf_dataset_free(s->dataset);
}
