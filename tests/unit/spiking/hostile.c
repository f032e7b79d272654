/* What must be refused, with words that name it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "spiking/common.h"

#define REFUSED(call, wanted, words)                                                               \
    do {                                                                                           \
        trnnsf_status status_ = (call);                                                            \
        ck_assert_msg(status_ == TRNNSF_E_##wanted, "%s", trnnsf_status_name(status_));            \
        ck_assert_msg(strstr(trnnsf_context_error(ctx), words), "%s", trnnsf_context_error(ctx));  \
    } while (0)

static void refuse_conversion(const struct scene *scene, const char *words, uint32_t reset,
                              uint32_t calibration, double percentile, double leak, double initial)
{
    struct trnnsf_spiking_options options = TRNNSF_SPIKING_OPTIONS_INIT;
    trnnsf_spiking *out = NULL;

    options.reset = reset;
    options.calibration = calibration;
    options.percentile = percentile;
    options.leak = leak;
    options.initial = initial;
    REFUSED(trnnsf_spiking_convert(ctx, scene->network, scene->dataset, &options, &out), INVALID,
            words);
    ck_assert_ptr_null(out);
}

START_TEST(conversion)
{
    struct scene scene = make_scene(0, 1, NULL);
    struct trnnsf_network_options options = TRNNSF_NETWORK_OPTIONS_INIT;
    static const size_t sizes[] = {70, 6, 5}, narrow[] = {69, 5};
    trnnsf_network *network;
    trnnsf_spiking *out = NULL;

    ck_assert_int_eq(trnnsf_spiking_convert(NULL, scene.network, scene.dataset, NULL, &out),
                     TRNNSF_E_INVALID);
    REFUSED(trnnsf_spiking_convert(ctx, NULL, scene.dataset, NULL, &out), INVALID,
            "network is NULL");
    REFUSED(trnnsf_spiking_convert(ctx, scene.network, NULL, NULL, &out), INVALID,
            "dataset is NULL");
    REFUSED(trnnsf_spiking_convert(ctx, scene.network, scene.dataset, NULL, NULL), INVALID,
            "out_spiking is NULL");
    refuse_conversion(&scene, "reset 2 ", 2, 10, 99, 0, 0);
    refuse_conversion(&scene, "calibration 0 ", 0, 0, 99, 0, 0);
    refuse_conversion(&scene, "percentile 0 ", 0, 10, 0, 0, 0);
    refuse_conversion(&scene, "percentile nan", 0, 10, (double)NAN, 0, 0);
    refuse_conversion(&scene, "leak 1 ", 0, 10, 99, 1, 0);
    refuse_conversion(&scene, "initial -0.1 ", 0, 10, 99, 0, -0.1);
    options.hidden_activation = TRNNSF_ACTIVATION_TANH;
    OK(trnnsf_network_create(ctx, sizes, 3, &options, &network));
    REFUSED(trnnsf_spiking_convert(ctx, network, scene.dataset, NULL, &out), UNSUPPORTED,
            "layer 0");
    trnnsf_network_free(network);
    OK(trnnsf_network_create(ctx, narrow, 2, NULL, &network));
    REFUSED(trnnsf_spiking_convert(ctx, network, scene.dataset, NULL, &out), MISMATCH,
            "70 features, the network 69");
    trnnsf_network_free(network);
    OK(trnnsf_dataset_set(ctx, scene.dataset, TRNNSF_PART_TRAIN, 0, NULL, NULL));
    REFUSED(trnnsf_spiking_convert(ctx, scene.network, scene.dataset, NULL, &out), STATE,
            "no training samples");
    ck_assert_ptr_null(out);
    free_scene(&scene);
}
END_TEST

START_TEST(runs)
{
    struct scene scene = make_scene(0, 1, NULL);
    struct trnnsf_spike_run_options way = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    trnnsf_spike_record *out = NULL;
    uint32_t labels[SAMPLES] = {0};
    float inputs[70 * SAMPLES] = {0};
    uint8_t trains[150 * 32];

    REFUSED(trnnsf_spiking_run(ctx, NULL, 1, inputs, labels, NULL, &out), INVALID,
            "spiking is NULL");
    REFUSED(trnnsf_spiking_run(ctx, scene.spiking, 1, NULL, labels, NULL, &out), INVALID,
            "inputs is NULL");
    REFUSED(trnnsf_spiking_run(ctx, scene.spiking, 0, inputs, labels, NULL, &out), INVALID,
            "n_samples 0 ");
    REFUSED(trnnsf_spiking_run(ctx, scene.spiking, SIZE_MAX, inputs, labels, NULL, &out), INVALID,
            "n_samples");
    labels[4] = 5;
    REFUSED(trnnsf_spiking_run(ctx, scene.spiking, SAMPLES, inputs, labels, NULL, &out), INVALID,
            "label 5 of sample 4");
    labels[4] = 0;
    inputs[2 * 70 + 9] = INFINITY;
    REFUSED(trnnsf_spiking_run(ctx, scene.spiking, SAMPLES, inputs, labels, NULL, &out), NUMERIC,
            "inputs[2, 9]");
    way.steps = 0;
    REFUSED(trnnsf_spiking_evaluate(ctx, scene.spiking, scene.dataset, 2, &way, &out), INVALID,
            "steps 0 ");
    way.steps = 32;
    way.coding = 3;
    REFUSED(trnnsf_spiking_evaluate(ctx, scene.spiking, scene.dataset, 2, &way, &out), INVALID,
            "coding 3 ");
    REFUSED(trnnsf_spiking_evaluate(ctx, scene.spiking, scene.dataset, 3, NULL, &out), INVALID,
            "part 3 ");
    OK(trnnsf_dataset_set(ctx, scene.dataset, TRNNSF_PART_VALIDATION, 0, NULL, NULL));
    REFUSED(trnnsf_spiking_evaluate(ctx, scene.spiking, scene.dataset, 1, NULL, &out), STATE,
            "part 1 ");
    REFUSED(trnnsf_spiking_trains(ctx, scene.spiking, inputs, NULL, 4, trains), INVALID,
            "layer 4 ");
    ck_assert_ptr_null(out);
    free_scene(&scene);
}
END_TEST

START_TEST(others)
{
    struct scene scene = make_scene(0, 1, NULL);
    static const size_t sizes[] = {70, 5};
    struct trnnsf_rate_report reports[2] = {{.struct_size = 3}};
    trnnsf_network *network;
    trnnsf_tech *tech;
    trnnsf_mapping *mapping;
    trnnsf_analog *chip;
    trnnsf_spiking *out = NULL;
    trnnsf_activity *activity = NULL;

    OK(trnnsf_network_create(ctx, sizes, 2, NULL, &network));
    OK(trnnsf_tech_preset(ctx, "resparc-45nm", &tech));
    OK(trnnsf_mapping_create(ctx, network, tech, NULL, &mapping));
    REFUSED(trnnsf_spiking_map(ctx, scene.spiking, mapping, &out), MISMATCH, "1 layers, not 3");
    REFUSED(trnnsf_spiking_map(ctx, scene.spiking, NULL, &out), INVALID, "mapping is NULL");
    REFUSED(trnnsf_spiking_write(ctx, scene.spiking, NULL, &out), INVALID, "analog is NULL");
    OK(trnnsf_analog_create(ctx, network, mapping, tech, NULL, 0, NULL, &chip));
    REFUSED(trnnsf_spiking_write(ctx, scene.spiking, chip, &out), MISMATCH, "1 layers, not 3");
    trnnsf_analog_free(chip);
    REFUSED(trnnsf_spiking_compare(ctx, scene.spiking, network, 1, scene.inputs, NULL, reports),
            MISMATCH, "layers are others");
    REFUSED(
        trnnsf_spiking_compare(ctx, scene.spiking, scene.network, 1, scene.inputs, NULL, reports),
        INVALID, "struct_size");
    REFUSED(trnnsf_spike_record_activity(ctx, NULL, &activity), INVALID, "record is NULL");
    ck_assert_uint_eq(trnnsf_spiking_layers(NULL), 0);
    ck_assert(isnan(trnnsf_spiking_scale(NULL, 0)));
    ck_assert(isnan(trnnsf_spike_record_rate(NULL)));
    ck_assert(isnan(trnnsf_spike_record_mean_steps(NULL)));
    ck_assert_uint_eq(trnnsf_spike_record_samples(NULL), 0);
    ck_assert_ptr_null(trnnsf_spike_record_accuracy(NULL, NULL));
    ck_assert_ptr_null(trnnsf_spike_record_spikes(NULL, 0, NULL));
    trnnsf_spiking_free(NULL);
    trnnsf_spike_record_free(NULL);
    trnnsf_mapping_free(mapping);
    trnnsf_tech_free(tech);
    trnnsf_network_free(network);
    free_scene(&scene);
}
END_TEST

static int stop(const struct trnnsf_progress *progress, void *user)
{
    (void)progress;
    return --*(int *)user < 0;
}

/* Cancelled at each of its looks. */
START_TEST(cancelled)
{
    struct scene scene = make_scene(0, 1, NULL);
    struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
    trnnsf_spike_record *out = NULL;
    trnnsf_status status = TRNNSF_E_CANCELLED;
    trnnsf_context *watched;
    int looks = 0, left;

    options.progress = stop;
    options.progress_user = &left;
    OK(trnnsf_context_create(&options, &watched));
    for (; status == TRNNSF_E_CANCELLED; looks++) {
        left = looks;
        status = trnnsf_spiking_evaluate(watched, scene.spiking, scene.dataset, 2, NULL, &out);
        ck_assert((status == TRNNSF_OK) == (out != NULL));
    }
    ck_assert_int_eq(status, TRNNSF_OK);
    ck_assert_int_ge(looks, 2);
    trnnsf_spike_record_free(out);
    trnnsf_context_free(watched);
    free_scene(&scene);
}
END_TEST

TCase *hostile_case(void)
{
    TCase *tcase = tcase_create("hostile");

    tcase_add_test(tcase, conversion);
    tcase_add_test(tcase, runs);
    tcase_add_test(tcase, others);
    tcase_add_test(tcase, cancelled);
    return tcase;
}
