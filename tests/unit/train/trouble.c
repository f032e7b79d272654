/* Cancelling, divergence, no memory, and what callers do wrong. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/cases.h"
#include "train/trainer.h"

static int stop_at(const struct trnnsf_progress *progress, void *user)
{
    return progress->done == *(const uint64_t *)user;
}

START_TEST(cancelled_epoch)
{
    struct trnnsf_context_options context_options = TRNNSF_CONTEXT_OPTIONS_INIT;
    struct trnnsf_trainer_options options = small_options(0);
    uint64_t when = 3;
    trnnsf_context *ctx;
    trnnsf_trainer *trainer;
    struct trnnsf_evaluation result = {.struct_size = sizeof result};

    context_options.progress = stop_at;
    context_options.progress_user = &when;
    ck_assert_int_eq(trnnsf_context_create(&context_options, &ctx), TRNNSF_OK);

    trnnsf_network *network = make_network(ctx, TRNNSF_ACTIVATION_SOFTMAX, 1), *copy;
    trnnsf_dataset *dataset = make_dataset(ctx, 150, 40, 5);

    ck_assert_int_eq(trnnsf_network_copy(ctx, network, &copy), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, &options, &trainer), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_trainer_epoch(ctx, trainer, NULL), TRNNSF_E_CANCELLED);
    ck_assert_uint_eq(trnnsf_trainer_epochs_done(trainer), 0);
    ck_assert_uint_eq(trn_trainer_steps(trainer), 3);
    for (size_t l = 0; l < 3; l++)
        ck_assert_mem_ne(trnnsf_network_weights(network, l), trnnsf_network_weights(copy, l),
                         40 * 5 * sizeof(float));
    assert_masked_zero(network);
    ck_assert_int_eq(trnnsf_network_evaluate(ctx, network, dataset, 0, 1, &result), TRNNSF_OK);
    ck_assert(isfinite(result.loss));
    when = 1000;
    train(ctx, trainer, 1);
    ck_assert_uint_eq(trnnsf_trainer_epochs_done(trainer), 1);
    trnnsf_trainer_free(trainer);
    trnnsf_network_free(network);
    trnnsf_network_free(copy);
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
}
END_TEST

START_TEST(diverging)
{
    trnnsf_context *ctx = open_context(2, "reference");
    trnnsf_network *network = make_network(ctx, TRNNSF_ACTIVATION_LINEAR, 0);
    trnnsf_dataset *dataset = make_dataset(ctx, 150, 40, 5);
    struct trnnsf_trainer_options options = small_options(0);
    trnnsf_trainer *trainer;
    trnnsf_status status = TRNNSF_OK;

    options.loss = TRNNSF_LOSS_SQUARED;
    options.rate = 1e5;
    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, &options, &trainer), TRNNSF_OK);
    for (int e = 0; e < 20 && status == TRNNSF_OK; e++)
        status = trnnsf_trainer_epoch(ctx, trainer, NULL);
    ck_assert_int_eq(status, TRNNSF_E_NUMERIC);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "loss is not finite at epoch"));
    trnnsf_trainer_free(trainer);
    trnnsf_network_free(network);
    trnnsf_dataset_free(dataset);
    trnnsf_context_free(ctx);
}
END_TEST

/* An allocator whose call number `fail_at` fails, and that counts what is held. */
struct failing {
    size_t calls;
    size_t fail_at;
    size_t held;
};

static void *failing_allocate(size_t size, void *user)
{
    struct failing *failing = user;

    if (++failing->calls == failing->fail_at)
        return NULL;
    failing->held++;
    return malloc(size);
}

static void *failing_reallocate(void *pointer, size_t size, void *user)
{
    struct failing *failing = user;

    if (++failing->calls == failing->fail_at)
        return NULL;
    failing->held += pointer == NULL;
    return realloc(pointer, size);
}

static void failing_release(void *pointer, void *user)
{
    ((struct failing *)user)->held--;
    free(pointer);
}

/* A trainer, an epoch, other masks, an epoch; what fails for want of memory is repeated at once. */
static void train_without_memory(trnnsf_context *ctx, struct failing *failing, size_t k,
                                 uint32_t optimiser)
{
    struct trnnsf_trainer_options options = small_options(optimiser);
    trnnsf_network *network = make_network(ctx, TRNNSF_ACTIVATION_SOFTMAX, 1);
    trnnsf_dataset *dataset = make_dataset(ctx, 40, 40, 5);
    trnnsf_trainer *trainer = NULL;
    trnnsf_status status;

    failing->calls = 0;

    for (int round = 0; round < 2; round++) {
        if (round > 0)
            mask_layer(ctx, network, 1, 0.03, 70);
        failing->fail_at = k;
        if (round == 0) {
            status = trnnsf_trainer_create(ctx, network, dataset, &options, &trainer);
            if (status != TRNNSF_OK) {
                ck_assert_int_eq(status, TRNNSF_E_NO_MEMORY);
                ck_assert_ptr_null(trainer);
                status = trnnsf_trainer_create(ctx, network, dataset, &options, &trainer);
            }
            ck_assert_int_eq(status, TRNNSF_OK);
        }
        status = trnnsf_trainer_epoch(ctx, trainer, NULL);
        if (status != TRNNSF_OK) {
            ck_assert_int_eq(status, TRNNSF_E_NO_MEMORY);
            status = trnnsf_trainer_epoch(ctx, trainer, NULL);
        }
        ck_assert_int_eq(status, TRNNSF_OK);
        failing->fail_at = 0;
    }
    ck_assert_uint_eq(trnnsf_trainer_epochs_done(trainer), 2);
    trnnsf_trainer_free(trainer);
    trnnsf_network_free(network);
    trnnsf_dataset_free(dataset);
}

START_TEST(no_memory)
{
    struct failing failing = {0};
    struct trnnsf_allocator allocator = {sizeof allocator, failing_allocate, failing_reallocate,
                                         failing_release, &failing};
    size_t last = SIZE_MAX;

    for (size_t k = 1; k < last; k++) {
        struct trnnsf_context_options options = TRNNSF_CONTEXT_OPTIONS_INIT;
        trnnsf_context *ctx;

        options.allocator = &allocator;
        options.threads = 1;
        failing = (struct failing){.fail_at = 0};
        ck_assert_int_eq(trnnsf_context_create(&options, &ctx), TRNNSF_OK);
        ck_assert_int_eq(trnnsf_backend_select(ctx, "reference"), TRNNSF_OK);
        train_without_memory(ctx, &failing, k, (uint32_t)_i);
        last = failing.calls;
        trnnsf_context_free(ctx);
        ck_assert_uint_eq(failing.held, 0);
    }
    ck_assert_uint_gt(last, 40);
}
END_TEST

static void refused(trnnsf_context *ctx, trnnsf_network *network, const trnnsf_dataset *dataset,
                    const struct trnnsf_trainer_options *options, const char *text)
{
    trnnsf_trainer *trainer = NULL;

    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, options, &trainer),
                     TRNNSF_E_INVALID);
    ck_assert_ptr_null(trainer);
    ck_assert_msg(strstr(trnnsf_context_error(ctx), text) != NULL, "%s", trnnsf_context_error(ctx));
}

#define REFUSED(member, value, text)                                                               \
    do {                                                                                           \
        struct trnnsf_trainer_options bad = TRNNSF_TRAINER_OPTIONS_INIT;                           \
        bad.member = (value);                                                                      \
        refused(ctx, network, dataset, &bad, text);                                                \
    } while (0)

START_TEST(hostile)
{
    trnnsf_context *ctx = open_context(1, "reference"), *other = open_context(1, "reference");
    trnnsf_network *network = make_network(ctx, TRNNSF_ACTIVATION_LINEAR, 0);
    trnnsf_dataset *dataset = make_dataset(ctx, 20, 40, 5), *few = make_dataset(ctx, 20, 40, 4);
    struct trnnsf_trainer_options options = TRNNSF_TRAINER_OPTIONS_INIT;
    trnnsf_trainer *trainer = NULL;

    REFUSED(optimiser, 2, "optimiser 2 is not in [0, 1]");
    REFUSED(loss, 2, "loss 2 is not in [0, 1]");
    REFUSED(batch, 0, "batch 0 is not in [1, 65536]");
    REFUSED(batch, 65537, "batch 65537");
    REFUSED(epochs, 0, "epochs 0");
    REFUSED(rate_schedule, 4, "rate_schedule 4");
    REFUSED(rate_period, 0, "rate_period 0");
    REFUSED(classic_dropout, 3, "classic_dropout 3");
    REFUSED(rate, (double)NAN, "rate nan is not in [0, 1e+06)");
    REFUSED(rate, -0.1, "rate -0.1");
    REFUSED(rate_factor, (double)INFINITY, "rate_factor inf");
    REFUSED(momentum, 1.0, "momentum 1 is not in [0, 1)");
    REFUSED(adam_beta1, 1.0, "adam_beta1 1");
    REFUSED(adam_beta2, -1.0, "adam_beta2 -1");
    REFUSED(adam_epsilon, 0.0, "adam_epsilon 0");
    REFUSED(l2, -1.0, "l2 -1");
    REFUSED(input_dropout, 1.0, "input_dropout 1");
    REFUSED(hidden_dropout, (double)NAN, "hidden_dropout nan");
    refused(ctx, NULL, dataset, &options, "network is NULL");
    refused(ctx, network, NULL, &options, "dataset is NULL");
    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, &options, NULL),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_trainer_create(NULL, network, dataset, &options, &trainer),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, few, &options, &trainer),
                     TRNNSF_E_MISMATCH);
    options.loss = TRNNSF_LOSS_CROSS_ENTROPY;
    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, &options, &trainer),
                     TRNNSF_E_MISMATCH);
    ck_assert_ptr_null(trainer);
    ck_assert_int_eq(trnnsf_trainer_create(ctx, network, dataset, NULL, &trainer), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_trainer_epoch(ctx, NULL, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_trainer_epoch(NULL, trainer, NULL), TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_trainer_epoch(other, trainer, NULL), TRNNSF_E_MISMATCH);
    ck_assert_int_eq(trnnsf_dataset_split(ctx, dataset, 0.5, 1), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_trainer_epoch(ctx, trainer, NULL), TRNNSF_E_STATE);
    ck_assert_uint_eq(trnnsf_trainer_epochs_done(NULL), 0);
    trnnsf_trainer_free(NULL);
    trnnsf_trainer_free(trainer);
    trnnsf_network_free(network);
    trnnsf_dataset_free(dataset);
    trnnsf_dataset_free(few);
    trnnsf_context_free(ctx);
    trnnsf_context_free(other);
}
END_TEST

TCase *trouble_case(void)
{
    TCase *tcase = tcase_create("trouble");

    tcase_add_test(tcase, cancelled_epoch);
    tcase_add_test(tcase, diverging);
    tcase_add_loop_test(tcase, no_memory, 0, 2);
    tcase_add_test(tcase, hostile);
    return tcase;
}
