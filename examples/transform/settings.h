/* trnnsf-transform's command line. */
#ifndef TRANSFORM_SETTINGS_H
#define TRANSFORM_SETTINGS_H

#include "../common/spikes.h"

enum { LAYERS_MAX = 64, SETS_MAX = 64, VARIATIONS_MAX = 16, VARIED_MAX = 8, TEACHERS_MAX = 64 };

/* One --set, --epochs or --target: a schedule key and its value, a number or a word. */
struct key_value {
    char key[64];
    const char *text;
    const char *option; /* for error lines */
};

/* A --target that is no key of the schedule: a cost that method pack is to stay within. */
enum cost_target { COST_TARGET_NONE, COST_TARGET_AREA, COST_TARGET_ENERGY };

/* One --vary: keys that are set otherwise than the schedule has them. */
struct variation {
    char text[256]; /* that the values lie in */
    struct key_value sets[VARIED_MAX];
    size_t n_sets;
};

struct settings {
    const char *network;
    size_t sizes[LAYERS_MAX];
    size_t n_sizes; /* 0: not given */
    const char *layers; /* those of a graph, as text; NULL: sizes */
    const char *data;
    struct trnnsf_dataset_options dataset;
    const char *method; /* NULL: the schedule file's, or transform */
    const char *variant;
    const char *teachers[TEACHERS_MAX];
    size_t n_teachers;
    const char *schedule;
    struct key_value sets[SETS_MAX];
    size_t n_sets;
    struct variation variations[VARIATIONS_MAX];
    size_t n_variations;
    enum cost_target cost_target;
    double cost_limit; /* square metres or joules an inference */
    const char *tech;
    const char *mca;
    uint32_t spiking; /* time steps; 0: costs are those of the network itself */
    bool compare_dense;
    bool compare_prune;
    bool compare_offline;
    const char *checkpoint;
    const char *save;
    const char *mapping;
    const char *figure;
};

extern const struct usage transform_usage;

/* EXIT_GO_ON, or an exit code when all has been said. */
int settings_read(struct settings *settings, struct program *program, int argc, char **argv);

#endif
