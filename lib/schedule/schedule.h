/* The schedule's inside: one table of keys gives defaults, ranges, setters, file format and manual. */
#ifndef TRN_SCHEDULE_SCHEDULE_H
#define TRN_SCHEDULE_SCHEDULE_H

#include <stdbool.h>
#include <trnnsf/schedule.h>

/* name in C, key, default, minimum, maximum, whole number.
 * Defaults are the authors' regime (Aayush-Ankit/traNNsformers, papers.md 1.4) where they have the
 * constant; those of the corrected loop were chosen on validation accuracy (doc/schedule.md). */
#define TRN_SCHEDULE_NUMBERS(X)                                                                    \
    X(EPOCHS, "train.epochs", 40, 0, 100000, true)                                                 \
    X(BATCH, "train.batch", 400, 1, 65536, true)                                                   \
    X(RATE, "train.rate", 0.5, 0, 1000, false)                                                     \
    X(RATE_FACTOR, "train.rate_factor", 0.1, 0, 1, false)                                          \
    X(RATE_PERIOD, "train.rate_period", 10, 1, 100000, true)                                       \
    X(MOMENTUM, "train.momentum", 0.5, 0, 0.999999, false)                                         \
    X(L2, "train.l2", 0, 0, 1000, false)                                                           \
    X(INPUT_DROPOUT, "train.input_dropout", 0, 0, 0.99, false)                                     \
    X(HIDDEN_DROPOUT, "train.hidden_dropout", 0.5, 0, 0.99, false)                                 \
    X(CLASSIC_DROPOUT, "train.classic_dropout", 1, 0, 1, true)                                     \
    X(SEED, "train.seed", 1, 0, 9007199254740992.0, true)                                          \
    X(DISTIL, "train.distil", 0, 0, 1, false)                                                      \
    X(TEMPERATURE, "train.temperature", 2, 0.1, 100, false)                                        \
    X(SHIFT, "train.shift", 0, 0, 65536, true)                                                     \
    X(CROP, "train.crop", 0, 0, 65535, true)                                                       \
    X(FLIP, "train.flip", 0, 0, 1, true)                                                           \
    X(NESTEROV, "train.nesterov", 0, 0, 1, true)                                                   \
    X(AVERAGE_FROM, "train.average_from", 0.75, 0, 1, false)                                       \
    X(AVERAGE_DECAY, "train.average_decay", 0.999, 0, 0.999999, false)                             \
    X(LABEL_SMOOTHING, "train.label_smoothing", 0, 0, 0.99, false)                                 \
    X(BIAS, "network.bias", 0, 0, 1, true)                                                         \
    X(INIT_SCALE, "network.init_scale", 0.01, 0, 1000, false)                                      \
    X(PRUNE_STEP, "prune.step", 0.0005, 0, 1000, false)                                            \
    X(PRUNE_STEP_LAST, "prune.step_last", 0.0025, 0, 1000, false)                                  \
    X(PRUNE_SLOWDOWN, "prune.slowdown", 0, 0, 1000, false)                                         \
    X(PRUNE_FACTOR_ALONE, "prune.factor_alone", 0.7, 0, 1000, false)                               \
    X(CLUSTER_FIRST, "cluster.first", 0.2, 0, 1, false)                                            \
    X(CLUSTER_UNTIL, "cluster.until", 0.75, 0, 1, false)                                           \
    X(CLUSTER_CHANGE, "cluster.change", 0.05, 0, 1, false)                                         \
    X(CLUSTER_GROUPS, "cluster.groups", 5, 2, 64, true)                                            \
    X(QUALITY_FIRST, "cluster.quality_first", 0.7, 0.01, 1, false)                                 \
    X(QUALITY_LAST, "cluster.quality_last", 0.4, 0.01, 1, false)                                   \
    X(QUALITY_STEP, "cluster.quality_step", 0.1, 0.01, 1, false)                                   \
    X(BUDGET_FIRST, "cluster.budget_first", 0.5, 0.001, 1, false)                                  \
    X(BUDGET_LAST, "cluster.budget_last", 0.25, 0.0001, 1, false)                                  \
    X(DISSOLVE, "cluster.dissolve", 0.5, 0, 1, false)                                              \
    X(DROPOUT_EXPONENT, "cluster.dropout_exponent", 0.5, 0, 4, false)                              \
    X(PACK_DISTIL, "pack.distil", 0, 0, 1, false)                                                  \
    X(PACK_TEMPERATURE, "pack.temperature", 2, 0.1, 100, false)                                    \
    X(PACK_RATE, "pack.rate", 1, 0.000001, 1000, false)                                            \
    X(PACK_INPUT_DROPOUT, "pack.input_dropout", 0, 0, 0.99, false)                               \
    X(PACK_HIDDEN_DROPOUT, "pack.hidden_dropout", 0, 0, 0.99, false)                               \
    X(PACK_EFFORT, "pack.effort", 1, 1, 9, true)                                                   \
    X(PACK_PATCHES, "pack.patches", 0, 0, 0.9, false)                                              \
    X(PACK_PATCH_INPUTS, "pack.patch_inputs", 64, 1, 65536, true)                                  \
    X(PACK_PATIENCE, "pack.patience", 3, 1, 100000, true)                                          \
    X(PACK_WIDEN, "pack.widen", 0, 0, 1, true)                                                     \
    X(PACK_KERNELS, "pack.kernels", 0, 0, 1, true)                                                 \
    X(TRAFFIC_WEIGHT, "traffic.weight", 0, 0, 1000, false)                                         \
    X(TRAFFIC_SAMPLES, "traffic.samples", 1024, 1, 65536, true)                                    \
    X(DROP_FROM, "drop.from", 0.8, 0, 1, false)                                                    \
    X(DROP_START, "drop.start", 0.005, 0, 1, false)                                                \
    X(DROP_GROWTH, "drop.growth", 0.01, 0, 1, false)                                               \
    X(DEVICE_WEIGHT_LEVELS, "device.weight_levels", 0, 0, 65536, true)                             \
    X(DEVICE_WEIGHT_RANGE, "device.weight_range", 0, 0, 1000, false)                               \
    X(DEVICE_ACTIVATION_BITS, "device.activation_bits", 0, 0, 16, true)                            \
    X(DEVICE_ACTIVATION_RANGE, "device.activation_range", 0, 0, 100000, false)                     \
    X(DEVICE_QUANTILE, "device.activation_quantile", 0.999, 0.5, 1, false)                         \
    X(DEVICE_NOISE, "device.noise", 0, 0, 1, false)                                                \
    X(DEVICE_STUCK_ON, "device.stuck_on", 0, 0, 0.5, false)                                        \
    X(DEVICE_STUCK_OFF, "device.stuck_off", 0, 0, 0.5, false)                                      \
    X(DEVICE_UNIFORM, "device.uniform", 0, 0, 1, true)                                             \
    X(DEVICE_EXACT_OUTPUTS, "device.exact_outputs", 0, 0, 1, true)                                 \
    X(DEVICE_SIGN_ROUNDS, "device.sign_rounds", 0, 0, 1000, true)                                  \
    X(DEVICE_SIGN_SAMPLES, "device.sign_samples", 512, 1, 65536, true)                             \
    X(DEVICE_FIRST, "device.first", 0, 0, 1, false)                                                \
    X(DEVICE_RATE, "device.rate", 1, 0.000001, 1000, false)                                        \
    X(TARGET_LOSS, "target.loss", 0, 0, 100, false)                                                \
    X(TARGET_CROSSBARS, "target.crossbars", 0, 0, 1000000000, true)

enum trn_schedule_number {
#define NUMBER_ENUM(name, key, value, minimum, maximum, whole) TRN_##name,
    TRN_SCHEDULE_NUMBERS(NUMBER_ENUM)
#undef NUMBER_ENUM
        TRN_SCHEDULE_N_NUMBERS
};

/* Keys whose value is a word, in the order of the table in schedule.c. */
enum trn_schedule_word {
    TRN_METHOD,
    TRN_VARIANT,
    TRN_OPTIMISER,
    TRN_LOSS,
    TRN_RATE_SCHEDULE,
    TRN_HIDDEN_ACTIVATION,
    TRN_OUTPUT_ACTIVATION,
    TRN_INIT,
    TRN_PACK_SALIENCE,
    TRN_PACK_COST,
    TRN_DEVICE_UNIPOLAR,
    TRN_CROP_FILL,
    TRN_AVERAGE,
    TRN_LAYERS,
    TRN_SCHEDULE_N_WORDS
};

enum trn_method {
    TRN_METHOD_DENSE = 0,
    TRN_METHOD_PRUNE = 1,
    TRN_METHOD_OFFLINE = 2,
    TRN_METHOD_TRANSFORM = 3,
    TRN_METHOD_PACK = 4
};
enum trn_pack_cost {
    TRN_PACK_COST_CROSSBARS = 0,
    TRN_PACK_COST_AREA = 1,
    TRN_PACK_COST_ENERGY = 2
};
enum trn_layers { TRN_LAYERS_ALL = 0, TRN_LAYERS_DENSE = 1, TRN_LAYERS_CONVOLUTIONS = 2 };
enum trn_variant { TRN_VARIANT_PUBLISHED = 0, TRN_VARIANT_CORRECTED = 1 };

struct trnnsf_schedule {
    trnnsf_context *ctx; /* held */
    double number[TRN_SCHEDULE_N_NUMBERS];
    uint32_t word[TRN_SCHEDULE_N_WORDS];
};

trnnsf_status trn_schedule_create(trnnsf_context *ctx, struct trnnsf_schedule **out_schedule);
trnnsf_status trn_schedule_copy(trnnsf_context *ctx, const struct trnnsf_schedule *schedule,
                                struct trnnsf_schedule **out_schedule);
void trn_schedule_free(struct trnnsf_schedule *schedule);

/* Keys that contradict one another: TRNNSF_E_INVALID. */
trnnsf_status trn_schedule_check(trnnsf_context *ctx, const char *function,
                                 const struct trnnsf_schedule *schedule);

/* The table. Indices run over numbers first, then words. */
size_t trn_schedule_key_count(void);
const char *trn_schedule_key_name(size_t index);
/* TRN_SCHEDULE_N_… where the key is none of the kind. */
size_t trn_schedule_find_number(const char *key);
size_t trn_schedule_find_word(const char *key);
void trn_schedule_number_range(size_t number, double *out_minimum, double *out_maximum);

/* `where` begins the error text: the public function, or "FILE:LINE". */
trnnsf_status trn_schedule_set_number(trnnsf_context *ctx, const char *where,
                                      struct trnnsf_schedule *schedule, size_t number,
                                      double value);
trnnsf_status trn_schedule_set_word(trnnsf_context *ctx, const char *where,
                                    struct trnnsf_schedule *schedule, size_t word,
                                    const char *text);
/* The current word of a key: a pointer into a table of constants. */
const char *trn_schedule_word_text(const struct trnnsf_schedule *schedule, size_t word);

#endif
