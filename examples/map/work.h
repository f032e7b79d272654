/* What trnnsf-map works on, and its steps. */
#ifndef MAP_WORK_H
#define MAP_WORK_H

#include "../common/data.h"

enum { SHAPES_MAX = 16 };

enum rule { RULE_TILES, RULE_PERMUTATION, RULE_CLUSTERS, RULE_SCIC, RULE_PACK };
extern const char *const rule_names[];

/* What one crossbar costs. */
enum cost { COST_CROSSBARS, COST_AREA, COST_ENERGY };
extern const char *const cost_names[];
extern const char *const cost_units[];

/* By enum trnnsf_map_scheme. */
extern const char *const scheme_names[];

/* By enum trnnsf_pack_salience. */
extern const char *const salience_names[];

/* One layer; a bare matrix is one. */
struct part {
    uint64_t outputs, inputs;
    struct trnnsf_crossbar_counts counts;
    struct trnnsf_mapped_layer mapped;
    struct trnnsf_pack_report pack; /* rule pack */
};

struct work {
    struct program program;
    const char *file;
    const char *mca;
    const char *tech_name;
    const char *save;
    const char *save_pruned;
    enum rule rule;
    enum cost cost;
    uint32_t groups;
    bool effort_given;
    uint32_t effort;
    bool no_gaps;
    uint32_t scheme;    /* enum trnnsf_map_scheme */
    uint32_t window[2]; /* height, width; 0: found */
    /* Rule pack. */
    bool salience_given;
    uint32_t salience;
    bool discard_given;
    double discard;
    size_t crossbars;
    double cost_limit; /* in cost_units */
    trnnsf_tech *tech;
    trnnsf_network *network; /* one of these two */
    trnnsf_matrix *matrix;
    trnnsf_clusters *clusters; /* of the matrix */
    trnnsf_mapping *mapping;
    struct part all;
    size_t n_parts;
    struct part *parts;
    uint64_t nonzeros; /* before pruning */
    uint64_t tiles;    /* by the rule tiles, before pruning */
    double seconds;
};

/* Outputs that an MCA of a shape serves. */
uint32_t work_shape_outputs(struct work *work, size_t shape);
trnnsf_status work_map(struct work *work, uint32_t rule, const trnnsf_clusters *clusters,
                       trnnsf_mapping **out_mapping);

/* Clusters by the rules but pack and tiles, and their mapping. */
trnnsf_status work_by_rule(struct work *work);
/* Clusters by the packer, what they do not hold pruned, and the mapping. */
trnnsf_status work_by_packing(struct work *work);

void work_print(const struct work *work);
int work_write_json(struct work *work);

#endif
