/* Every public scenario with the k-th allocation failing, once or from then on, k = 1, 2, … until
 * it passes. The library is seen through its public headers only; the failing allocator is given
 * with the context. Libraries below that call malloc themselves are out of reach. */
#ifndef OOM_HARNESS_H
#define OOM_HARNESS_H

#include <trnnsf/trnnsf.h>

/* What a scene finds ready; the harness makes what it `needs`, without failures, and frees all. */
struct stage {
    trnnsf_context *ctx;
    trnnsf_dataset *dataset;
    trnnsf_network *network;
    trnnsf_matrix *matrix;
    trnnsf_clusters *clusters;
    trnnsf_tech *tech;
    trnnsf_mapping *mapping;
    trnnsf_schedule *schedule;
    trnnsf_trainer *trainer;
    trnnsf_run *run;
    trnnsf_activity *activity;
    trnnsf_report *report;
    const char *method;
    const char *variant;
    char folder[64]; /* for files */
    /* What the act computed: a scene that succeeds in spite of a failure gives the same. */
    double result;
};

enum need {
    NEED_DATASET = 1,
    NEED_NETWORK = 2,
    NEED_MATRIX = 4,
    NEED_CLUSTERS = 8,  /* of the matrix */
    NEED_TECH = 16,     /* MCAs of 4 x 4 */
    NEED_MAPPING = 32,  /* of the network */
    NEED_SCHEDULE = 64, /* of `method` and `variant` */
    NEED_TRAINER = 128,
    NEED_RUN = 256,
    NEED_ACTIVITY = 512,
    NEED_REPORT = 1024, /* with one entry */
    NEED_FILES = 2048   /* network, mapping, schedule, technology, matrix, images in `folder` */
};

struct scene {
    const char *name;
    unsigned needs;
    trnnsf_status (*act)(struct stage *stage);
    const char *method; /* of the schedule; NULL: transform, corrected */
    const char *variant;
};

/* Data small enough for thousands of runs, large enough for several crossbars. */
enum {
    INPUTS = 12,
    HIDDEN = 16,
    CLASSES = 3,
    TRAIN = 60,
    TEST = 30,
    MATRIX_ROWS = 24,
    MATRIX_COLUMNS = 20
};
const float *stage_features(void);                             /* [TRAIN x INPUTS] */
const uint32_t *stage_labels(void);                            /* [TRAIN] */
const float *stage_matrix(void);                               /* [MATRIX_ROWS x MATRIX_COLUMNS] */
const char *stage_path(struct stage *stage, const char *name); /* valid until the next call */

void stage_set(struct stage *stage, unsigned needs);
void stage_clear(struct stage *stage);
void stage_remove_files(const char *folder);

/* Counts a fault of the library: the scene goes on. */
void expect(int holds, const char *what);

extern const struct scene data_scenes[], network_scenes[], cluster_scenes[], map_scenes[],
    train_scenes[], report_scenes[], wires_scenes[], analog_scenes[],
    spiking_scenes[], tile_scenes[], graph_scenes[], nir_scenes[], onnx_scenes[];

#endif
