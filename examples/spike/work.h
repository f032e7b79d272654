/* What trnnsf-spike works on. */
#ifndef SPIKE_WORK_H
#define SPIKE_WORK_H

#include "../common/data.h"

enum { RATE_SAMPLES = 500, LAYERS_MAX = 64 }; /* of the comparison of rates; layers it shows */

struct work {
    struct program program;
    const char *file;
    const char *data;
    const char *tech_name;
    const char *mca;
    const char *mapping_file;
    const char *figure;
    uint64_t sample; /* of the raster */
    struct trnnsf_dataset_options samples;
    struct trnnsf_spiking_options options;
    struct trnnsf_spike_run_options run;
    trnnsf_network *network;
    trnnsf_dataset *dataset;
    trnnsf_tech *tech; /* with the steps of the run */
    trnnsf_mapping *mapping;
    trnnsf_spiking *spiking; /* on the mapping's crossbars */
    trnnsf_spike_record *record;
    trnnsf_activity *activity;
    trnnsf_cost *cost;
    double network_accuracy;
    size_t hidden; /* reports */
    struct trnnsf_rate_report reports[LAYERS_MAX];
    double seconds; /* of the run */
};

void work_print(const struct work *work);
int work_write_json(struct work *work);
/* Accuracy over steps, a raster of one sample, spikes of neurons. */
trnnsf_status work_draw(const struct work *work);

#endif
