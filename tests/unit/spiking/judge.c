/* The simulator against plain loops over all synapses of all steps. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/spiking/run.h"
#include "spiking/common.h"

enum { WIDEST = 150, LAYERS = 3 };

struct judge {
    const struct trnnsf_spiking *spiking;
    const struct trnnsf_network *network;
    const struct trnnsf_spike_run_options *options;
    float potential[LAYERS + 1][WIDEST], drive[WIDEST];
    int64_t carry[WIDEST];
    uint8_t spike[LAYERS + 1][WIDEST];
    uint64_t spikes[LAYERS + 1][WIDEST];
    uint32_t counts[WIDEST];
};

static int64_t weight(const struct judge *judge, size_t l, size_t o, size_t i)
{
    const struct trn_layer *layer = &judge->network->layers[l];

    return lrint((double)layer->weights[o * layer->n_in + i] * judge->spiking->layers[l].factor);
}

/* The constant drive, in exact arithmetic: whole units and 12 bits of the input. */
static void set_drive(struct judge *judge, const float *sizes)
{
    const struct trn_spiking_layer *layer = &judge->spiking->layers[0];

    for (size_t o = 0; o < layer->n_out; o++) {
        int64_t sum = 0;

        for (size_t i = 0; i < layer->n_in; i++)
            sum += weight(judge, 0, o, i) * lrintf(sizes[i] * 4096);
        judge->drive[o] = (float)((double)sum / 4096 * (double)layer->unit);
    }
}

static void step_layer(struct judge *judge, size_t l, const float *sizes, bool fires)
{
    const struct trn_spiking_layer *layer = &judge->spiking->layers[l];
    const struct trnnsf_spiking_options *options = &judge->spiking->options;
    bool driven = l == 0 && judge->options->coding == TRNNSF_CODING_CURRENT;

    for (size_t o = 0; o < layer->n_out; o++) {
        float *v = &judge->potential[l + 1][o];
        int64_t sum = 0;

        for (size_t i = 0; i < layer->n_in; i++)
            sum += judge->spike[l][i] * weight(judge, l, o, i) * (l == 0 && sizes[i] < 0 ? -1 : 1);
        if (l == 0 && judge->options->coding == TRNNSF_CODING_FIRST_SPIKE)
            sum = judge->carry[o] += sum;
        *v *= (float)(1 - options->leak);
        *v += driven ? judge->drive[o] : (float)sum * layer->unit;
        *v += layer->biases ? layer->biases[o] : 0;
        judge->spike[l + 1][o] = fires && *v >= 1;
        if (judge->spike[l + 1][o])
            *v = options->reset == TRNNSF_RESET_ZERO ? 0 : *v - 1;
    }
}

static uint32_t class_of(const struct judge *judge, size_t n_out, bool fires)
{
    uint32_t best = 0;
    const float *v = judge->potential[LAYERS];

    for (uint32_t o = 1; o < n_out; o++) {
        bool more = judge->counts[o] > judge->counts[best];
        bool equal = judge->counts[o] == judge->counts[best];

        if (fires ? more || (equal && v[o] > v[best]) : v[o] > v[best])
            best = o;
    }
    return best;
}

/* Ends where the class has stood; the class after each step in classes[steps]. */
static uint32_t judge_sample(struct judge *judge, size_t sample, const float *inputs,
                             uint32_t *classes)
{
    const struct trnnsf_spiking *spiking = judge->spiking;
    const struct trn_spike_job job = {.spiking = spiking, .options = judge->options};
    size_t n_in = spiking->layers[0].n_in, n_out = spiking->layers[LAYERS - 1].n_out;
    bool fires = judge->options->readout == TRNNSF_READOUT_SPIKES;
    float sizes[WIDEST];
    uint32_t masks[WIDEST], stood = 0;

    for (size_t l = 0; l <= LAYERS; l++) {
        for (size_t o = 0; o < WIDEST; o++)
            judge->potential[l][o] = (float)spiking->options.initial;
    }
    memset(judge->carry, 0, sizeof judge->carry);
    memset(judge->counts, 0, sizeof judge->counts);
    trn_spike_sizes(spiking, inputs, sizes);
    set_drive(judge, sizes);
    for (uint32_t t = 0; t < judge->options->steps; t++) {
        size_t left = judge->options->steps - t / 32 * 32;

        trn_spike_encode(&job, sample, sizes, t / 32 * 32, left < 32 ? left : 32, masks);
        for (size_t i = 0; i < n_in; i++)
            judge->spike[0][i] = masks[i] >> t % 32 & 1;
        for (size_t l = 0; l < LAYERS; l++)
            step_layer(judge, l, sizes, l + 1 < LAYERS || fires);
        for (size_t l = 0; l <= LAYERS; l++) {
            for (size_t i = 0; i < trn_spiking_neurons(spiking, l); i++)
                judge->spikes[l][i] += judge->spike[l][i];
        }
        for (size_t o = 0; o < n_out; o++)
            judge->counts[o] += judge->spike[LAYERS][o];
        classes[t] = class_of(judge, n_out, fires);
        stood = t > 0 && classes[t] == classes[t - 1] ? stood + 1 : 1;
        if (judge->options->patience > 0 && stood >= judge->options->patience)
            return t + 1;
    }
    return judge->options->steps;
}

static void assert_judged(const struct scene *scene, const struct trnnsf_spike_run_options *options)
{
    struct judge *judge = calloc(1, sizeof *judge);
    trnnsf_spike_record *record = run(scene->spiking, scene, options);
    double correct[200] = {0};
    uint32_t classes[200];

    judge->spiking = scene->spiking;
    judge->network = scene->network;
    judge->options = options;
    for (size_t s = 0; s < SAMPLES; s++) {
        uint32_t steps = judge_sample(judge, s, scene->inputs + s * scene->n_in, classes);

        ck_assert_uint_eq(trnnsf_spike_record_steps(record)[s], steps);
        ck_assert_uint_eq(trnnsf_spike_record_classes(record)[s], classes[steps - 1]);
        for (uint32_t t = 0; t < options->steps; t++)
            correct[t] += classes[t < steps ? t : steps - 1] == scene->labels[s];
    }
    for (uint32_t t = 0; t < options->steps; t++)
        ck_assert_double_eq(trnnsf_spike_record_accuracy(record, NULL)[t], correct[t] / SAMPLES);
    for (size_t l = 0; l <= LAYERS; l++) {
        size_t count;
        const uint64_t *spikes = trnnsf_spike_record_spikes(record, l, &count);

        for (size_t i = 0; i < count; i++)
            ck_assert_uint_eq(spikes[i], judge->spikes[l][i]);
    }
    trnnsf_spike_record_free(record);
    free(judge);
}

/* All kinds of networks, codes, resets and readouts, with and without leak and early end. */
START_TEST(equals_plain_loops)
{
    struct trnnsf_spiking_options options = TRNNSF_SPIKING_OPTIONS_INIT;
    struct trnnsf_spike_run_options way = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    uint32_t kind = (uint32_t)_i % KINDS, turn = (uint32_t)_i / KINDS;

    options.reset = turn & 1;
    options.leak = turn & 2 ? 0.125 : 0;
    options.initial = turn & 1 ? 0 : 0.5;
    options.percentile = turn & 2 ? 100 : 90;
    options.balance = turn == 3;
    way.coding = turn % 3;
    way.readout = turn / 2 % 2;
    way.patience = turn & 4 ? 7 : 0;
    way.steps = turn & 1 ? 77 : 32;
    way.seed = turn;
    struct scene scene = make_scene(kind, turn, &options);
    assert_judged(&scene, &way);
    free_scene(&scene);
}
END_TEST

/* The number of threads, the place in a call and a mapping's crossbars do not show. */
START_TEST(same_spikes)
{
    struct trnnsf_spike_run_options way = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    struct trnnsf_context_options threads = TRNNSF_CONTEXT_OPTIONS_INIT;
    struct trnnsf_map_options map = TRNNSF_MAP_OPTIONS_INIT;
    struct scene scene = make_scene((uint32_t)_i % KINDS, 5, NULL);
    trnnsf_context *three, *own = ctx;
    trnnsf_spike_record *one, *other;
    trnnsf_tech *tech, *shaped;
    trnnsf_mapping *mapping;
    trnnsf_spiking *mapped;

    way.coding = (uint32_t)_i / KINDS;
    way.steps = 40;
    one = run(scene.spiking, &scene, &way);
    threads.threads = 3;
    OK(trnnsf_context_create(&threads, &three));
    ctx = three;
    other = run(scene.spiking, &scene, &way);
    ctx = own;
    assert_same(one, other, LAYERS);
    trnnsf_spike_record_free(other);

    OK(trnnsf_tech_preset(ctx, "resparc-45nm", &tech));
    OK(trnnsf_tech_with_shapes(ctx, tech, "16x24", &shaped));
    map.rule = _i % 2 ? TRNNSF_MAP_CLUSTERED : TRNNSF_MAP_PRUNED;
    OK(trnnsf_mapping_create(ctx, scene.network, shaped, &map, &mapping));
    OK(trnnsf_spiking_map(ctx, scene.spiking, mapping, &mapped));
    other = run(mapped, &scene, &way);
    assert_same(one, other, LAYERS);
    trnnsf_spike_record_free(other);
    trnnsf_spike_record_free(one);
    trnnsf_spiking_free(mapped);
    trnnsf_mapping_free(mapping);
    trnnsf_tech_free(shaped);
    trnnsf_tech_free(tech);
    trnnsf_context_free(three);
    free_scene(&scene);
}
END_TEST

/* A chip of pairs on 24 x 24 arrays with the given constant. */
static trnnsf_spiking *written(const struct scene *scene, const char *key, double value)
{
    const char *keys[] = {"devices_per_sign", "columns_per_output", "resistance_off_ohm", key};
    double values[] = {2, 2, 1e9, value};
    trnnsf_tech *tech, *changed;
    trnnsf_mapping *mapping;
    trnnsf_analog *chip;
    trnnsf_spiking *spiking;

    OK(trnnsf_tech_preset(ctx, "resparc-45nm", &tech));
    for (size_t k = 0; k < 4; k++) {
        OK(trnnsf_tech_with_value(ctx, tech, keys[k], values[k], &changed));
        trnnsf_tech_free(tech);
        tech = changed;
    }
    OK(trnnsf_tech_with_shapes(ctx, tech, "24x24", &changed));
    OK(trnnsf_mapping_create(ctx, scene->network, changed, NULL, &mapping));
    OK(trnnsf_analog_create(ctx, scene->network, mapping, changed, NULL, 0, NULL, &chip));
    OK(trnnsf_spiking_write(ctx, scene->spiking, chip, &spiking));
    trnnsf_analog_free(chip);
    trnnsf_mapping_free(mapping);
    trnnsf_tech_free(changed);
    trnnsf_tech_free(tech);
    return spiking;
}

/* Of the spikes of the first hidden layer's neurons, over all of them. */
static double difference(const trnnsf_spike_record *a, const trnnsf_spike_record *b)
{
    size_t count;
    const uint64_t *x = trnnsf_spike_record_spikes(a, 1, &count);
    const uint64_t *y = trnnsf_spike_record_spikes(b, 1, NULL);
    double sum = 0, all = 0;

    for (size_t i = 0; i < count; i++) {
        sum += fabs((double)x[i] - (double)y[i]);
        all += (double)x[i];
    }
    return sum / all;
}

/* Ideal devices give the same spikes; many levels nearly as many; devices that are stuck at on,
 * even where sums of currents grow beyond the network's, are another network. */
START_TEST(written_to_chips)
{
    struct trnnsf_spike_run_options way = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    struct scene scene = make_scene((uint32_t)_i, 70, NULL);
    trnnsf_spike_record *one = run(scene.spiking, &scene, &way), *other;
    trnnsf_spiking *chip = written(&scene, "time_steps", 1);

    other = run(chip, &scene, &way);
    assert_same(one, other, LAYERS);
    trnnsf_spike_record_free(other);
    trnnsf_spiking_free(chip);
    chip = written(&scene, "conductance_levels", 4096);
    other = run(chip, &scene, &way);
    ck_assert_double_eq_tol(trnnsf_spike_record_rate(other) / trnnsf_spike_record_rate(one), 1,
                            0.02);
    trnnsf_spike_record_free(other);
    trnnsf_spiking_free(chip);
    chip = written(&scene, "stuck_on_fraction", 0.4);
    other = run(chip, &scene, &way);
    ck_assert_double_gt(difference(one, other), 0.1);
    trnnsf_spike_record_free(other);
    trnnsf_spiking_free(chip);
    trnnsf_spike_record_free(one);
    free_scene(&scene);
}
END_TEST

TCase *judge_case(void)
{
    TCase *tcase = tcase_create("judge");

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, equals_plain_loops, 0, 8 * KINDS);
    tcase_add_loop_test(tcase, same_spikes, 0, 3 * KINDS);
    tcase_add_loop_test(tcase, written_to_chips, 0, KINDS);
    return tcase;
}
