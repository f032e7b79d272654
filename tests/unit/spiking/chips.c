/* Chips as they are read at each step: against plain loops and by hand. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/spiking/run.h"
#include "spiking/chip.h"

enum { WIDEST = 150, STEPS = 40 };

/* The scene with weights of one sign. */
static void make_positive(struct scene *scene)
{
    for (size_t l = 0; l < LAYERS; l++) {
        struct trn_layer *layer = &scene->network->layers[l];

        for (size_t k = 0; k < layer->n_in * layer->n_out; k++)
            layer->weights[k] = fabsf(layer->weights[k]);
    }
    trnnsf_spiking_free(scene->spiking);
    OK(trnnsf_spiking_convert(ctx, scene->network, scene->dataset, NULL, &scene->spiking));
}

/* The judge: one sample, all in doubles that hold whole numbers. */
struct judge {
    const struct chip *chip;
    double v[LAYERS + 1][WIDEST]; /* what drives the rows: -1, 0, 1, or sizes */
    float potential[LAYERS + 1][WIDEST];
    bool is_on[WIDEST]; /* a first spike's current */
    uint64_t spikes[LAYERS + 1][WIDEST];
    uint64_t made[LAYERS], beyond[LAYERS];
    bool is_survey; /* sums are looked at and not converted */
    double most[LAYERS][TRN_SPIKE_GROUPS];
};

static double convert(struct judge *judge, size_t l, size_t g, double sum)
{
    const struct trn_analog_plan *plan = judge->chip->analog->plan;
    bool is_signed = plan->layers[l].signed_sums;
    double bits = plan->value[TRN_TECH_ADC_BITS];
    double most = pow(2, is_signed ? bits - 1 : bits) - 1, least = is_signed ? -most : 0;
    double lsb = judge->chip->spiking->layers[l].reads->range[g] / most, code = rint(sum / lsb);

    judge->most[l][g] = fmax(judge->most[l][g], fabs(sum));
    if (judge->is_survey)
        return sum;
    judge->made[l]++;
    judge->beyond[l] += sum / lsb > most + 0.5 || sum / lsb < least - 0.5;
    return fmin(fmax(code, least), most) * lsb;
}

/* Whole units of a row of a crossbar: its weights are those of the chip, rounded. */
static double row_sum(const struct judge *judge, size_t l, size_t c, size_t row)
{
    const struct trnnsf_analog *analog = judge->chip->analog;
    const struct trn_analog_crossbar *crossbar = &analog->plan->crossbars[c];
    const float *sums = analog->sums + analog->row_start[c] + row * crossbar->n_in;
    double sum = 0;

    for (size_t i = 0; i < crossbar->n_in; i++)
        sum += judge->v[l][crossbar->inputs[i]] *
               rint((double)sums[i] * judge->chip->spiking->layers[l].factor);
    return rint(sum);
}

static bool is_read(const struct judge *judge, size_t l, size_t c)
{
    const struct trn_analog_crossbar *crossbar = &judge->chip->analog->plan->crossbars[c];

    for (size_t i = 0; i < crossbar->n_in; i++) {
        if (judge->v[l][crossbar->inputs[i]] != 0)
            return true;
    }
    return false;
}

static void read_digital(struct judge *judge, size_t l, size_t c, double *to)
{
    const struct trn_analog_plan *plan = judge->chip->analog->plan;
    const struct trn_analog_crossbar *crossbar = &plan->crossbars[c];
    size_t rows = trn_analog_rows(plan, crossbar), minus = trn_analog_minus(plan, crossbar);

    for (size_t g = 0; g < plan->groups; g++) {
        double shared =
            minus == 1 ? convert(judge, l, g, row_sum(judge, l, c, g * rows + crossbar->n_out)) : 0;

        for (size_t o = 0; o < crossbar->n_out; o++) {
            double value = convert(judge, l, g, row_sum(judge, l, c, g * rows + o));

            value -= minus > 1 ? convert(judge, l, g,
                                         row_sum(judge, l, c, g * rows + crossbar->n_out + o))
                               : shared;
            to[crossbar->outputs[o]] += rint(value * (double)crossbar->sign);
        }
    }
}

static void read_common(struct judge *judge, size_t l, double *to)
{
    const struct trn_analog_plan *plan = judge->chip->analog->plan;
    const struct trn_analog_layer *layer = &plan->layers[l];

    for (size_t g = 0; g < plan->groups; g++) {
        double common[WIDEST] = {0};
        bool is_driven[WIDEST] = {false};

        for (size_t c = layer->first; c < layer->first + layer->n_crossbars; c++) {
            const struct trn_analog_crossbar *crossbar = &plan->crossbars[c];

            for (size_t o = 0; is_read(judge, l, c) && o < crossbar->n_out; o++) {
                is_driven[crossbar->outputs[o]] = true;
                common[crossbar->outputs[o]] += row_sum(judge, l, c, g * crossbar->n_out + o);
            }
        }
        for (size_t o = 0; o < layer->n_out; o++)
            to[o] += is_driven[o] ? rint(convert(judge, l, g, common[o])) : 0;
    }
}

static void step_layer(struct judge *judge, size_t l)
{
    const struct trn_analog_plan *plan = judge->chip->analog->plan;
    const struct trn_spiking_layer *layer = &judge->chip->spiking->layers[l];
    double sums[WIDEST] = {0};

    if (plan->value[TRN_TECH_ANALOG_SUMS] > 0)
        read_common(judge, l, sums);
    for (size_t c = plan->layers[l].first; !(plan->value[TRN_TECH_ANALOG_SUMS] > 0) &&
                                           c < plan->layers[l].first + plan->layers[l].n_crossbars;
         c++) {
        if (is_read(judge, l, c))
            read_digital(judge, l, c, sums);
    }
    for (size_t o = 0; o < layer->n_out; o++) {
        float *v = &judge->potential[l + 1][o];

        *v += (float)sums[o] * layer->unit;
        *v += layer->biases ? layer->biases[o] : 0;
        judge->v[l + 1][o] = l + 1 < LAYERS && *v >= 1;
        *v -= (float)judge->v[l + 1][o];
        judge->spikes[l + 1][o] += judge->v[l + 1][o] > 0;
    }
}

static void judge_sample(struct judge *judge, size_t sample, const float *inputs,
                         const struct trnnsf_spike_run_options *way)
{
    const struct trnnsf_spiking *spiking = judge->chip->spiking;
    const struct trn_spike_job job = {.spiking = spiking, .options = way};
    float sizes[WIDEST];
    uint32_t masks[WIDEST];

    for (size_t l = 0; l <= LAYERS; l++) {
        for (size_t i = 0; i < WIDEST; i++)
            judge->potential[l][i] = (float)spiking->options.initial;
    }
    memset(judge->is_on, 0, sizeof judge->is_on);
    trn_spike_sizes(spiking, inputs, sizes);
    for (uint32_t t = 0; t < way->steps; t++) {
        uint32_t left = way->steps - t / 32 * 32;

        trn_spike_encode(&job, sample, sizes, t / 32 * 32, left < 32 ? left : 32, masks);
        for (size_t i = 0; i < spiking->layers[0].n_in; i++) {
            bool fires = masks[i] >> t % 32 & 1;

            judge->is_on[i] =
                way->coding == TRNNSF_CODING_FIRST_SPIKE ? judge->is_on[i] || fires : fires;
            judge->v[0][i] = judge->is_on[i] ? sizes[i] < 0 ? -1 : 1 : 0;
            if (way->coding == TRNNSF_CODING_CURRENT)
                judge->v[0][i] = (double)sizes[i];
            judge->spikes[0][i] += fires;
        }
        for (size_t l = 0; l < LAYERS; l++)
            step_layer(judge, l);
    }
}

/* Ranges of the ADC: what plain sums reach on a chip that has levels alone. */
static void assert_ranges(const struct chip *chip, const struct scene *scene,
                          const struct design *design, const struct trnnsf_spike_run_options *way)
{
    struct judge *judge = calloc(1, sizeof *judge);
    trnnsf_tech *tech = make_tech(design);

    set_value(&tech, "adc_bits", 8);
    struct chip ideal = make_chip(scene, tech, design->subtraction, way);
    judge->chip = &ideal;
    judge->is_survey = true;
    for (size_t s = 0; s < SAMPLES; s++)
        judge_sample(judge, s, scene->inputs + s * scene->n_in, way);
    for (size_t l = 0; l < LAYERS; l++) {
        for (size_t g = 0; g < chip->analog->plan->groups; g++)
            ck_assert_double_eq_tol(chip->spiking->layers[l].reads->range[g] /
                                        chip->spiking->layers[l].factor /
                                        (judge->most[l][g] / ideal.spiking->layers[l].factor),
                                    1, 1e-5);
    }
    free_chip(&ideal);
    free(judge);
}

/* All schemes, codes and kinds of networks, with written weights that are others than the
 * network's. */
START_TEST(equals_plain_reads)
{
    const struct design *design = &designs[(size_t)_i % DESIGNS];
    struct trnnsf_spike_run_options way = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    uint32_t turn = (uint32_t)_i / DESIGNS;
    struct scene scene = make_scene(turn == 1 ? 3 : turn, 300 + (uint64_t)_i, NULL);
    struct judge *judge = calloc(1, sizeof *judge);
    trnnsf_tech *tech = make_tech(design);

    way.steps = STEPS;
    way.coding = turn;
    if (design->is_positive)
        make_positive(&scene);
    set_value(&tech, "adc_bits", 3 + _i % 5);
    set_value(&tech, "programming_sigma_constant", 0.05);
    struct chip chip = make_chip(&scene, tech, design->subtraction, &way);
    trnnsf_spike_record *record = run(chip.spiking, &scene, &way);

    judge->chip = &chip;
    assert_ranges(&chip, &scene, design, &way);
    for (size_t s = 0; s < SAMPLES; s++)
        judge_sample(judge, s, scene.inputs + s * scene.n_in, &way);
    for (size_t l = way.coding == TRNNSF_CODING_CURRENT; l < LAYERS; l++) {
        size_t count;
        const uint64_t *spikes = trnnsf_spike_record_spikes(record, l, &count);

        for (size_t i = 0; i < count; i++)
            ck_assert_msg(spikes[i] == judge->spikes[l][i], "layer %zu neuron %zu: %llu, not %llu",
                          l, i, (unsigned long long)spikes[i],
                          (unsigned long long)judge->spikes[l][i]);
    }
    for (size_t l = 0; l < LAYERS; l++) {
        ck_assert_uint_eq(record->totals.made[l], judge->made[l]);
        ck_assert_uint_eq(record->totals.beyond[l], judge->beyond[l]);
        ck_assert_double_eq(trnnsf_spike_record_saturation(record, l),
                            (double)judge->beyond[l] / (double)judge->made[l]);
    }
    trnnsf_spike_record_free(record);
    free_chip(&chip);
    free(judge);
    free_scene(&scene);
}
END_TEST

/* Neither noise nor ADC: what is written, to the last spike, and without reads; an ADC of ample
 * bits: nothing else. */
START_TEST(ample_or_none)
{
    struct trnnsf_spike_run_options way = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    const struct design *design = &designs[_i];
    struct scene scene = make_scene(1, 90, NULL);

    if (design->is_positive)
        make_positive(&scene);
    for (int turn = 0; turn < 2; turn++) {
        trnnsf_tech *tech = make_tech(design);
        trnnsf_spiking *written;

        set_value(&tech, "conductance_levels", 65);
        set_value(&tech, "adc_bits", turn ? 24 : 0);
        struct chip chip = make_chip(&scene, tech, design->subtraction, &way);
        OK(trnnsf_spiking_write(ctx, scene.spiking, chip.analog, &written));
        trnnsf_spike_record *one = run(written, &scene, &way),
                            *other = run(chip.spiking, &scene, &way);

        ck_assert((chip.spiking->layers[0].reads != NULL) == turn);
        assert_same(one, other, LAYERS);
        trnnsf_spike_record_free(one);
        trnnsf_spike_record_free(other);
        trnnsf_spiking_free(written);
        free_chip(&chip);
    }
    free_scene(&scene);
}
END_TEST

/* Weights 0.3 and 1 of two inputs: sums of 0.3, 1 and 1.3, which is full scale. Two bits with a
 * sign are the codes -1, 0 and 1, three bits -3 to 3. A sum of 2.6 saturates. */
START_TEST(by_hand)
{
    static const float weights[] = {0.3f, 1}, inputs[] = {1, 0, 0, 1, 1, 1, 0, 0};
    static const double wanted[2][4] = {{0, 1.3, 1.3, 0}, {1.3 / 3, 2.6 / 3, 1.3, 0}};
    struct trnnsf_spike_run_options way = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    struct trnnsf_analog_options options = TRNNSF_ANALOG_OPTIONS_INIT;
    struct scene scene = make_layer(2, 1, weights, 4, inputs);
    const uint32_t labels[4] = {0};
    trnnsf_tech *tech = make_tech(&designs[0]);
    struct chip chip = {.tech = tech};
    float twice[] = {2, 2};
    trnnsf_spike_record *record;

    way.steps = 3;
    set_value(&chip.tech, "adc_bits", 2 + _i);
    OK(trnnsf_mapping_create(ctx, scene.network, chip.tech, NULL, &chip.mapping));
    OK(trnnsf_analog_create(ctx, scene.network, chip.mapping, chip.tech, &options, 4, inputs,
                            &chip.analog));
    OK(trnnsf_spiking_on_chip(ctx, scene.spiking, chip.analog, 4, inputs, &way, &chip.spiking));

    double scale = trnnsf_spiking_scale(chip.spiking, 1);
    double *currents = currents_of(chip.spiking, 4, inputs, &way);
    for (size_t s = 0; s < 4; s++) {
        for (size_t t = 0; t < way.steps; t++)
            ck_assert_double_eq_tol(currents[s * way.steps + t] * scale, wanted[_i][s], 1e-6);
    }
    OK(trnnsf_spiking_run(ctx, chip.spiking, 4, inputs, labels, &way, &record));
    ck_assert_double_eq(trnnsf_spike_record_saturation(record, 0), 0);
    ck_assert(isnan(trnnsf_spike_record_saturation(record, 1)));
    ck_assert(isnan(trnnsf_spike_record_saturation(NULL, 0)));
    ck_assert_uint_eq(record->totals.made[0], 9); /* the black sample drives nothing */
    trnnsf_spike_record_free(record);
    OK(trnnsf_spiking_run(ctx, chip.spiking, 1, twice, labels, &way, &record));
    ck_assert_double_eq(trnnsf_spike_record_saturation(record, 0), 1);
    trnnsf_spike_record_free(record);
    free(currents);
    free_chip(&chip);
    free_scene(&scene);
}
END_TEST

START_TEST(refusals)
{
    struct scene scene = make_scene(0, 1, NULL);
    struct trnnsf_spike_run_options way = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    trnnsf_tech *tech = make_tech(&designs[0]);
    trnnsf_spiking *out = NULL;
    float inputs[70] = {NAN};

    set_value(&tech, "adc_bits", 6);
    struct chip chip = make_chip(&scene, tech, 0, &way);
    ck_assert_int_eq(trnnsf_spiking_on_chip(NULL, scene.spiking, chip.analog, 0, NULL, NULL, &out),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_spiking_on_chip(ctx, NULL, chip.analog, 0, NULL, NULL, &out),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_spiking_on_chip(ctx, scene.spiking, NULL, 0, NULL, NULL, &out),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_spiking_on_chip(ctx, scene.spiking, chip.analog, 0, NULL, NULL, NULL),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_spiking_on_chip(ctx, scene.spiking, chip.analog, 0, NULL, NULL, &out),
                     TRNNSF_E_INVALID);
    ck_assert_ptr_nonnull(strstr(trnnsf_context_error(ctx), "n_calibration 0"));
    ck_assert_int_eq(trnnsf_spiking_on_chip(ctx, scene.spiking, chip.analog, 1, NULL, NULL, &out),
                     TRNNSF_E_INVALID);
    ck_assert_int_eq(trnnsf_spiking_on_chip(ctx, scene.spiking, chip.analog, 1, inputs, NULL, &out),
                     TRNNSF_E_NUMERIC);
    way.steps = 0;
    ck_assert_int_eq(
        trnnsf_spiking_on_chip(ctx, scene.spiking, chip.analog, 1, scene.inputs, &way, &out),
        TRNNSF_E_INVALID);
    ck_assert_ptr_null(out);
    free_chip(&chip);
    free_scene(&scene);
}
END_TEST

TCase *chips_case(void)
{
    TCase *tcase = tcase_create("chips");

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, equals_plain_reads, 0, 3 * DESIGNS);
    tcase_add_loop_test(tcase, ample_or_none, 0, DESIGNS);
    tcase_add_loop_test(tcase, by_hand, 0, 2);
    tcase_add_test(tcase, refusals);
    return tcase;
}
