/* What trnnsf-spike works on. */
#ifndef SPIKE_WORK_H
#define SPIKE_WORK_H

#include "../common/data.h"
#include "tiles.h"

/* Samples of the comparison of rates; layers that it shows. */
enum {
    RATE_SAMPLES = 500,
    LAYERS_MAX = 64,
    SETTINGS_MAX = 64,
    CHIPS_MAX = 10000,
    STEPS_MAX = 1048576
};

struct work {
    struct program program;
    const char *file;
    const char *data;
    const char *tech_name;
    const char *mca;
    const char *mapping_file;
    const char *figure;
    const char *nir_file; /* to be written */
    double step_seconds;  /* of NIR; 0: its default */
    int reset_given, readout_given;
    uint64_t sample;                    /* of the raster */
    const char *settings[SETTINGS_MAX]; /* KEY=VALUE */
    size_t n_settings;
    uint64_t n_chips;
    double *chips; /* [n_chips] accuracies */
    double sum_percentile;
    double saturation; /* of the ADC: mean over chips and layers */
    struct trnnsf_dataset_options samples;
    struct trnnsf_spiking_options options;
    struct trnnsf_spike_run_options run;
    trnnsf_network *network;
    trnnsf_dataset *dataset;
    trnnsf_tech *tech;
    trnnsf_mapping *mapping;
    trnnsf_spiking *spiking; /* on the mapping's crossbars */
    trnnsf_spike_record *record;
    trnnsf_activity *activity;
    trnnsf_cost *cost;
    struct trnnsf_spike_traffic traffic;
    struct tiles tiles;
    double rows;    /* driven in an inference */
    double packets; /* vectors of inputs that a crossbar gets in an inference */
    double network_accuracy;
    size_t hidden; /* reports */
    struct trnnsf_rate_report reports[LAYERS_MAX];
    double seconds; /* of the run */
};

/* Of nodes: its crossbars are costed, but spikes do not go through them. */
int work_is_graph(const struct work *work);
/* An exit code. */
int work_run(struct work *work);
/* Rows driven and packets of the run on the mapping. */
trnnsf_status work_count_traffic(struct work *work);
void work_print(const struct work *work);
int work_write_json(struct work *work);
/* Accuracy over steps, a raster of one sample, spikes of neurons. */
trnnsf_status work_draw(const struct work *work);

#endif
