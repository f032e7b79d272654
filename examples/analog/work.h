/* What trnnsf-analog works on. */
#ifndef ANALOG_WORK_H
#define ANALOG_WORK_H

#include "../common/data.h"

enum { SETTINGS_MAX = 64 };

struct work {
    struct program program;
    const char *file;
    const char *data;
    const char *tech_name;
    const char *mca;
    const char *mapping_file;
    const char *settings[SETTINGS_MAX]; /* KEY=VALUE */
    size_t n_settings;
    struct trnnsf_dataset_options samples;
    uint64_t calibration;
    struct trnnsf_analog_options options;
    struct trnnsf_analog_study_options study_options;
    trnnsf_network *network;
    trnnsf_dataset *dataset;
    trnnsf_tech *tech;
    trnnsf_mapping *mapping;
    trnnsf_activity *activity;
    trnnsf_cost *cost;
    trnnsf_analog_study *study;
    double seconds;
};

/* The name of a case of the study: an effect's, or "all". */
const char *work_case_name(const struct work *work, size_t index);
/* The name of means of remapping: none, lines, compensation, both. */
const char *work_remap_name(uint32_t means);
void work_print(const struct work *work);
int work_write_json(struct work *work);

#endif
