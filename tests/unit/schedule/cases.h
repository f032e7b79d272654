/* What the schedule suite's cases share: a small problem that every method learns. */
#ifndef TEST_SCHEDULE_CASES_H
#define TEST_SCHEDULE_CASES_H

#include <check.h>
#include <trnnsf/trnnsf.h>

TCase *keys_case(void);
TCase *checkpoints_case(void);
TCase *device_case(void);
TCase *search_case(void);
TCase *search_vary_case(void);
TCase *joint_case(void);
TCase *reach_case(void);
TCase *graph_moments_case(void);
TCase *graph_reach_case(void);
TCase *graph_runs_case(void);
TCase *regrow_case(void);
TCase *rollback_case(void);
TCase *teachers_case(void);
TCase *traffic_case(void);
TCase *traffic_runs_case(void);
TCase *widen_case(void);
TCase *pack_round_case(void);
TCase *pack_properties_case(void);
TCase *pack_interrupted_case(void);

trnnsf_context *make_context(uint32_t threads);
trnnsf_dataset *make_dataset(trnnsf_context *context);
trnnsf_tech *make_tech(trnnsf_context *context);
trnnsf_schedule *make_schedule(trnnsf_context *context, const char *method, const char *variant);
trnnsf_network *make_network(trnnsf_context *context);
trnnsf_run *make_run(trnnsf_context *context, trnnsf_network *network, const trnnsf_dataset *data,
                     const trnnsf_schedule *schedule);
void set(trnnsf_context *context, trnnsf_schedule *schedule, const char *key, double value);
/* The network after a whole run of `method`. */
trnnsf_network *run_alone(trnnsf_context *context, const char *method, const char *variant);
/* Trains a network that `make` makes (NULL: make_network) for `epochs`, each in a run of its own that
 * begins at the last one's checkpoint at `path`, which is removed; in one run where files are not
 * supported. */
trnnsf_network *run_in_pieces(trnnsf_context *context, trnnsf_network *(*make)(trnnsf_context *),
                              const trnnsf_dataset *data, const trnnsf_schedule *schedule,
                              size_t epochs, const char *path);
/* Weights, biases and numbers of kept synapses. */
void same_bits(const trnnsf_network *a, const trnnsf_network *b);

#endif
