/* What the files of this suite share. */
#ifndef TESTS_SPIKING_COMMON_H
#define TESTS_SPIKING_COMMON_H

#include <check.h>
#include <stdbool.h>
#include <trnnsf/trnnsf.h>

extern trnnsf_context *ctx;

#define OK(call) ck_assert_msg((call) == TRNNSF_OK, "%s", trnnsf_context_error(ctx))

enum { SAMPLES = 13 };

/* A random network with biases, masks and clusters on its layers by `kind`, random samples (as many
 * in each part) and the network converted. */
struct scene {
    trnnsf_network *network;
    trnnsf_dataset *dataset;
    trnnsf_spiking *spiking;
    size_t n_in, n_out;
    const float *inputs;    /* [SAMPLES x n_in] */
    const uint32_t *labels; /* [SAMPLES] */
};

enum { KINDS = 4 }; /* dense, masked, clusters with residue, no biases and inputs of both signs */

struct scene make_scene(uint32_t kind, uint64_t seed, const struct trnnsf_spiking_options *options);
void free_scene(struct scene *scene);
trnnsf_spike_record *run(const trnnsf_spiking *spiking, const struct scene *scene,
                         const struct trnnsf_spike_run_options *options);
/* All that a record tells is the same. */
void assert_same(const trnnsf_spike_record *a, const trnnsf_spike_record *b, size_t n_layers);

TCase *judge_case(void);
TCase *chip_noise_case(void);
TCase *chips_case(void);
TCase *codes_case(void);
TCase *conversion_case(void);
TCase *convolutions_case(void);
TCase *graph_case(void);
TCase *hostile_case(void);
TCase *traffic_case(void);
TCase *nir_case(void);

#endif
