/* What the cases of spike traffic share. */
#ifndef TEST_SCHEDULE_TRAFFIC_CASES_H
#define TEST_SCHEDULE_TRAFFIC_CASES_H

#include "schedule/cases.h"

/* Of the small problem in cases.h and its network; INPUTS are those of all layers. */
enum { FEATURES = 36, TRAIN = 320, CLASSES = 4, INPUTS = FEATURES + 40 + 24, WEIGHED_EPOCHS = 10 };

trnnsf_schedule *weighing(trnnsf_context *context, const char *method, double weight);
/* rates[INPUTS] in [0, 1], a fifth of them 0. */
void draw_rates(uint32_t stream, float *rates);

#endif
