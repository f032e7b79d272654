/* Random small problems for method `pack`: networks, shapes, data and keys. */
#ifndef TEST_SCHEDULE_PACK_PROBLEMS_H
#define TEST_SCHEDULE_PACK_PROBLEMS_H

#include <stdbool.h>

#include "base/random.h"
#include "schedule/cases.h"

enum {
    LAYERS_MAX = 4,
    SIDE_MAX = 40,
    SAMPLES_MAX = 60,
    EPOCHS_MAX = 9,
    SHAPES_MAX = 4
};

/* Numbers of problems: one shape; at FIRST_POOL … several. */
enum { PROBLEMS = 150, MORE = 3, FIRST_POOL = PROBLEMS + MORE, POOLS = 60 };

/* All that a problem is, so that each context can make its own. */
struct problem {
    uint32_t number;
    size_t n_layers;
    size_t sizes[LAYERS_MAX + 1];
    struct trnnsf_network_options network;
    const char *loss;
    bool pruned; /* packing begins with masks */
    size_t n_shapes;
    size_t inputs[SHAPES_MAX], outputs[SHAPES_MAX];
    const char *cost; /* of shapes */
    size_t train, held_back;
    uint32_t epochs;
    double first, until, target_crossbars, target_loss;
};

struct problem draw_problem(int index);
/* How many of them: a quarter where TRNNSF_TEST_BRIEF is set, for memory checkers. */
int some_of(int problems);
trnnsf_schedule *draw_schedule(trnnsf_context *ctx, const struct problem *p);
trnnsf_dataset *draw_dataset(trnnsf_context *ctx, const struct problem *p);
trnnsf_network *draw_network(trnnsf_context *ctx, const struct problem *p);
/* The shapes first … last - 1. */
trnnsf_tech *shapes_of(trnnsf_context *ctx, const struct problem *p, size_t first, size_t last);
/* In crossbars of the first shape. */
double shape_cost(const struct problem *p, const trnnsf_tech *tech, size_t shape);

/* Streams of a problem: 0 itself, 1 the schedule, 2 samples, 3 … masks, 22 the pool. */
struct trn_random problem_stream(uint32_t number, uint32_t what);

#endif
