/* What trnnsf-analog works on. */
#ifndef ANALOG_WORK_H
#define ANALOG_WORK_H

#include "../common/data.h"
#include "../common/spikes.h"

enum { SETTINGS_MAX = 64, NETWORKS_MAX = 16, VALUES_MAX = 64, VALUE_LENGTH = 40 };

/* [NAME=]FILE, where {} in FILE is the value of the sweep. */
struct operand {
    char name[64];
    const char *file;
};

/* KEY[+KEY…]=VALUE,…; without one there is one nameless value. */
struct sweep {
    char keys[128]; /* "": none */
    char values[VALUES_MAX][VALUE_LENGTH];
    size_t n_values;
};

/* A network at a value of the sweep. */
struct point {
    size_t network;
    size_t value;
    size_t crossbars;
    trnnsf_cost *cost;
    trnnsf_spike_record *spikes; /* that the cost is of; or NULL */
    trnnsf_analog_study *study;
    double seconds;
};

struct work {
    struct program program;
    struct operand networks[NETWORKS_MAX];
    size_t n_networks;
    const char *data;
    const char *tech_name;
    const char *mca;
    const char *mapping_file;
    const char *settings[SETTINGS_MAX]; /* KEY=VALUE */
    size_t n_settings;
    struct sweep sweep;
    const char *figure;
    uint32_t spiking; /* time steps; 0: costs are those of the network itself */
    double floor; /* percent; negative: none */
    const char *wires_map;
    const char *conductances;
    uint32_t crossbar;
    uint32_t part;      /* enum trnnsf_part */
    uint32_t n_samples; /* of it; 0: all */
    struct trnnsf_dataset_options samples;
    uint64_t calibration;
    struct trnnsf_analog_options options;
    struct trnnsf_analog_study_options study_options;
    trnnsf_dataset *dataset;
    /* Of the point that is worked on. */
    char file[4096]; /* that `network` was read from */
    trnnsf_network *network;
    trnnsf_activity *activity; /* of the network itself */
    trnnsf_tech *tech;
    trnnsf_mapping *mapping;
    /* All of them, the values of a network side by side. */
    struct point *points;
    size_t n_points;
};

/* All studies, figures and results. An exit code. */
int work_run(struct work *work);

/* Reads --sweep. EXIT_GO_ON or an exit code, as all below. */
int sweep_read(struct work *work, const char *text);
/* The crossbars' shapes at a value. */
const char *sweep_mca(const struct work *work, size_t value);
/* Puts a value into the technology and the options of chips. */
int sweep_apply(struct work *work, size_t value);
/* Its place on a figure's axis; NaN where it is no number. */
double sweep_place(const struct work *work, size_t value);

/* A name that ends as a figure's. */
int figures_read(struct work *work, const char *option, const char *text, const char **out_path);
/* Accuracy over the values of the sweep. */
trnnsf_status figures_sweep(struct work *work);
/* Of a chip of the network and technology that are loaded: what its wires take, what is written on
 * it. */
trnnsf_status figures_chip(struct work *work);

/* Samples from which ranges are found. */
size_t work_calibration(const struct work *work);
trnnsf_status work_summary(const struct work *work, const struct point *point, size_t index,
                           struct trnnsf_analog_summary *out_summary);
/* The name of means of remapping: none, lines, compensation, both. */
const char *work_remap_name(uint32_t means);
void work_print(struct work *work);
int work_write_json(struct work *work);

#endif
