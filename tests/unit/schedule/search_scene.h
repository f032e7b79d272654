/* What the tests of searches share: a small trained network, and searches that begin at it. */
#ifndef UNIT_SCHEDULE_SEARCH_SCENE_H
#define UNIT_SCHEDULE_SEARCH_SCENE_H

#include "schedule/cases.h"

struct search_scene {
    trnnsf_context *ctx;
    trnnsf_dataset *dataset;
    trnnsf_tech *tech;
    trnnsf_schedule *schedule;
    trnnsf_network *dense;
};

/* `epochs`: of the dense network and of each trial; 0: as make_schedule() has them. */
void search_scene_begin(struct search_scene *scene, unsigned epochs);
void search_scene_end(struct search_scene *scene);

struct trnnsf_search_options search_options_of(uint32_t target, double limit, uint32_t trials);
trnnsf_search *search_scene_search(const struct search_scene *scene, uint32_t target, double limit,
                                   uint32_t trials);
/* Accuracy on the validation part. */
double search_scene_validate(const struct search_scene *scene, const trnnsf_network *network);

#endif
