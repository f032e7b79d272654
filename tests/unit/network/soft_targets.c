/* Gradients towards a teacher's answers against finite differences of the loss as its paper has it.
 */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "network/cases.h"
#include "network/reference.h"
#include "network/loss.h"
#include "network/soft_targets.h"

/* More samples than one task takes. */
enum { CLASSES = 5, SAMPLES = 70, LD = 80 };

struct problem {
    uint32_t loss, activation;
    double weight, temperature;
    uint32_t label;
    double teacher[CLASSES]; /* before its activation */
};

static void activate(uint32_t activation, double temperature, const double *z, double *a)
{
    double sum = 0;

    for (size_t f = 0; f < CLASSES; f++) {
        double x = z[f] / temperature;

        a[f] = activation == TRNNSF_ACTIVATION_RELU      ? (z[f] > 0 ? z[f] : 0)
               : activation == TRNNSF_ACTIVATION_SIGMOID ? 1 / (1 + exp(-x))
               : activation == TRNNSF_ACTIVATION_TANH    ? tanh(z[f])
               : activation == TRNNSF_ACTIVATION_SOFTMAX ? exp(x)
                                                         : z[f];
        sum += a[f];
    }
    for (size_t f = 0; activation == TRNNSF_ACTIVATION_SOFTMAX && f < CLASSES; f++)
        a[f] /= sum;
}

static double distance(const struct problem *p, const double *a, const double *target)
{
    double sum = 0;

    for (size_t f = 0; f < CLASSES; f++) {
        double t = target[f];

        if (p->loss == TRNNSF_LOSS_SQUARED)
            sum += 0.5 * (a[f] - t) * (a[f] - t);
        else if (p->activation == TRNNSF_ACTIVATION_SOFTMAX)
            sum -= t * log(a[f]);
        else
            sum -= t * log(a[f]) + (1 - t) * log(1 - a[f]);
    }
    return sum;
}

static double loss_at(const struct problem *p, const double *z)
{
    double temperature = p->loss == TRNNSF_LOSS_SQUARED ? 1 : p->temperature;
    double one[CLASSES] = {0}, a[CLASSES], soft[CLASSES], teacher[CLASSES];

    one[p->label] = 1;
    activate(p->activation, 1, z, a);
    activate(p->activation, temperature, z, soft);
    activate(p->activation, temperature, p->teacher, teacher);
    return (1 - p->weight) * distance(p, a, one) +
           p->weight * temperature * temperature * distance(p, soft, teacher);
}

static void check_problem(trnnsf_context *ctx, uint32_t loss, uint32_t activation, double weight,
                          double temperature)
{
    float *z = random_floats(1, SAMPLES * CLASSES), *zt = random_floats(2, SAMPLES * CLASSES);
    float outputs[CLASSES * LD] = {0}, answers[CLASSES * LD] = {0}, gradient[CLASSES * LD] = {0};
    uint32_t *labels = random_labels(3, SAMPLES, CLASSES);
    struct trn_loss_sum sums[SAMPLES / TRN_LOSS_SAMPLES + 1];
    struct trn_panel panel = {CLASSES, SAMPLES, LD, outputs, NULL};
    struct trn_soft_targets soft = {answers, LD, weight, temperature};
    struct problem p = {
        .loss = loss, .activation = activation, .weight = weight, .temperature = temperature};
    double logits[CLASSES], a[CLASSES];

    for (size_t s = 0; s < SAMPLES; s++) {
        for (size_t f = 0; f < CLASSES; f++) {
            logits[f] = 2 * (double)z[s * CLASSES + f];
            p.teacher[f] = 2 * (double)zt[s * CLASSES + f];
        }
        activate(activation, 1, logits, a);
        for (size_t f = 0; f < CLASSES; f++)
            outputs[f * LD + s] = (float)a[f];
        activate(activation, 1, p.teacher, a);
        for (size_t f = 0; f < CLASSES; f++)
            answers[f * LD + s] = (float)a[f];
        if (loss != TRNNSF_LOSS_SQUARED)
            trn_temper(activation, temperature, answers + s, CLASSES, LD);
    }
    trn_loss(ctx, loss, activation, &panel, labels, gradient, sums);
    trn_soft_gradient(ctx, &soft, loss, activation, &panel, gradient);
    for (size_t s = 0; s < SAMPLES; s++) {
        p.label = labels[s];
        for (size_t f = 0; f < CLASSES; f++) {
            logits[f] = 2 * (double)z[s * CLASSES + f];
            p.teacher[f] = 2 * (double)zt[s * CLASSES + f];
        }
        for (size_t f = 0; f < CLASSES; f++) {
            double before = logits[f], up, down;

            logits[f] = before + 1e-5;
            up = loss_at(&p, logits);
            logits[f] = before - 1e-5;
            down = loss_at(&p, logits);
            logits[f] = before;
            ck_assert_double_eq_tol((up - down) / 2e-5, (double)gradient[f * LD + s], 2e-5);
        }
    }
    free(z);
    free(zt);
    free(labels);
}

START_TEST(teacher_gradients)
{
    static const double temperatures[] = {1, 2, 4.5};
    static const double weights[] = {0.3, 1};
    trnnsf_context *ctx = open_context(2, "reference");

    for (uint32_t a = 0; a <= TRNNSF_ACTIVATION_SOFTMAX; a++) {
        for (uint32_t loss = 0; loss < 2; loss++) {
            for (size_t i = 0; trn_loss_fits(loss, a) && i < 6; i++)
                check_problem(ctx, loss, a, weights[i % 2], temperatures[i / 2]);
        }
    }
    trnnsf_context_free(ctx);
}
END_TEST

TCase *soft_targets_case(void)
{
    TCase *tcase = tcase_create("soft targets");

    tcase_add_test(tcase, teacher_gradients);
    return tcase;
}
