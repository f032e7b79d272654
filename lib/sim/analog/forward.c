/* Batches of samples through all layers of a chip. */
#include <string.h>

#include "base/context.h"
#include "network/convert.h"
#include "network/loss.h"
#include "sim/analog/graph.h"
#include "sim/analog/read.h"
#include "tensor/gemm.h"

/* Samples at once; chosen here: eight chunks, and fewer where layers are wide. */
enum { BATCH = 8 * TRN_ANALOG_CHUNK, PANEL_VALUES = 1 << 24 };

struct pass {
    trnnsf_context *ctx;
    const struct trnnsf_analog *analog;
    size_t batch;      /* samples at once */
    size_t ld;         /* a little more, so that rows do not meet in a cache */
    uint64_t numbered; /* the first sample of the call */
    uint64_t noise_seed;
    float *panel[2];
    float *converted; /* [batch x n_in], where the network converts its inputs; or NULL */
    struct trn_read_scratch *scratch;
    struct trn_analog_counts *counts;     /* or NULL */
    const struct trn_analog_watch *watch; /* or NULL */
};

static void pass_clear(struct pass *pass)
{
    trn_free(pass->ctx, pass->panel[0]);
    trn_free(pass->ctx, pass->panel[1]);
    trn_free(pass->ctx, pass->converted);
    trn_read_scratch_free(pass->ctx, pass->scratch);
}

static trnnsf_status pass_init(trnnsf_context *ctx, const struct trnnsf_analog *analog,
                               size_t n_samples, uint64_t number, struct pass *pass)
{
    const struct trn_analog_plan *plan = analog->plan;
    size_t widest = 0;

    pass->ctx = ctx;
    pass->analog = analog;
    pass->noise_seed = trn_read_noise_seed(plan->options.seed, analog->chip, number);
    for (size_t l = 0; l < plan->n_layers; l++)
        widest = plan->layers[l].n_out > widest ? plan->layers[l].n_out : widest;
    pass->batch = BATCH;
    while (pass->batch > TRN_ANALOG_CHUNK &&
           (pass->batch * widest > PANEL_VALUES || pass->batch / 2 >= n_samples))
        pass->batch /= 2;
    pass->ld = pass->batch + 16;
    for (int i = 0; i < 2; i++) {
        pass->panel[i] = trn_malloc(ctx, widest, pass->ld * sizeof(float));
        if (!pass->panel[i])
            return TRN_NO_MEMORY;
    }
    if (trn_analog_digital(plan, 0)) {
        pass->converted = trn_malloc(ctx, plan->layers[0].n_in, pass->batch * sizeof(float));
        if (!pass->converted)
            return TRN_NO_MEMORY;
    }
    return trn_read_scratch_new(ctx, analog, &pass->scratch);
}

/* What the network's own converter makes of n inputs. */
static const float *convert_inputs(struct pass *pass, size_t n, const float *inputs)
{
    const struct trn_analog_plan *plan = pass->analog->plan;
    size_t n_in = plan->layers[0].n_in;
    struct trn_panel samples = {n, n_in, n_in, pass->converted,
                                NULL}; /* value by value: no order */

    if (!pass->converted)
        return inputs;
    memcpy(pass->converted, inputs, n * n_in * sizeof *inputs);
    trn_convert(pass->ctx, TRNNSF_ACTIVATION_LINEAR, trn_analog_digital(plan, 0), NULL, &samples,
                NULL);
    return pass->converted;
}

/* n inputs, samples `first` and on of the call; *out_last is where the outputs are.
 */
static trnnsf_status pass_layers(struct pass *pass, size_t first, size_t n, const float *inputs,
                                 int *out_last)
{
    const struct trn_analog_plan *plan = pass->analog->plan;
    int now = 0;

    TRN_TRY(trn_cancelled(pass->ctx, "analog"));
    inputs = convert_inputs(pass, n, inputs);
    for (size_t l = 0; l < plan->n_layers; l++) {
        const struct trn_analog_layer *layer = &plan->layers[l];
        struct trn_read read = {.ctx = pass->ctx,
                                .analog = pass->analog,
                                .layer = l,
                                .n = n,
                                .ld = pass->ld,
                                .x = l == 0 ? NULL : pass->panel[now],
                                .samples = inputs,
                                .y = pass->panel[1 - now],
                                .sample = pass->numbered + first,
                                .noise_seed = pass->noise_seed,
                                .scratch = pass->scratch};
        struct trn_panel panel = {layer->n_out, n, pass->ld, read.y, NULL};

        TRN_TRY(trn_read_layer(&read));
        trn_read_scratch_collect(pass->ctx, pass->scratch,
                                 pass->counts ? &pass->counts[l] : NULL);
        trn_activate_converted(pass->ctx, layer->activation, layer->biases,
                               trn_analog_digital(plan, l + 1), l + 1 == plan->n_layers, NULL,
                               &panel, NULL);
        now = 1 - now;
        if (pass->watch)
            TRN_TRY(pass->watch->layer(pass->watch->user, l, first, n, read.y, pass->ld));
    }
    *out_last = now;
    return TRNNSF_OK;
}

trnnsf_status trn_analog_forward(trnnsf_context *ctx, const struct trnnsf_analog *analog,
                                 uint64_t numbered, size_t n_samples, const float *inputs,
                                 uint64_t number, float *outputs, struct trn_analog_counts *counts,
                                 const struct trn_analog_watch *watch)
{
    trnnsf_status status = TRNNSF_OK;
    const struct trn_analog_plan *plan = analog->plan;
    size_t n_in = plan->layers[0].n_in, n_out = plan->layers[plan->n_layers - 1].n_out;
    struct pass pass = {.ctx = ctx, .numbered = numbered, .counts = counts, .watch = watch};

    if (plan->graph)
        return trn_analog_graph_forward(ctx, analog, numbered, n_samples, inputs, number, outputs,
                                        counts);
    TRN_TRY_OUT(pass_init(ctx, analog, n_samples, number, &pass));
    for (size_t s = 0; s < n_samples; s += pass.batch) {
        size_t n = n_samples - s < pass.batch ? n_samples - s : pass.batch;
        int last;

        TRN_TRY_OUT(pass_layers(&pass, s, n, inputs + s * n_in, &last));
        if (outputs)
            trn_transpose(ctx, n_out, n, pass.panel[last], pass.ld, outputs + s * n_out, n_out);
    }
out:
    pass_clear(&pass);
    return status;
}

trnnsf_status trn_analog_evaluate(trnnsf_context *ctx, const struct trnnsf_analog *analog,
                                  size_t n_samples, const float *inputs, const uint32_t *labels,
                                  uint32_t loss, uint64_t number,
                                  struct trnnsf_evaluation *out_result)
{
    trnnsf_status status = TRNNSF_OK;
    const struct trn_analog_plan *plan = analog->plan;
    const struct trn_analog_layer *layer = &plan->layers[plan->n_layers - 1];
    struct trn_loss_sum sums[BATCH / TRN_LOSS_SAMPLES], total = {0, 0};
    struct pass pass = {.ctx = ctx};

    if (plan->graph)
        return trn_analog_graph_evaluate(ctx, analog, n_samples, inputs, labels, loss, number,
                                         out_result);
    TRN_TRY_OUT(pass_init(ctx, analog, n_samples, number, &pass));
    for (size_t s = 0; s < n_samples; s += pass.batch) {
        size_t n = n_samples - s < pass.batch ? n_samples - s : pass.batch;
        int last;

        TRN_TRY_OUT(pass_layers(&pass, s, n, inputs + s * plan->layers[0].n_in, &last));
        struct trn_panel panel = {layer->n_out, n, pass.ld, pass.panel[last], NULL};
        struct trn_loss_sum part =
            trn_loss(ctx, loss, layer->activation, &panel, labels + s, NULL, sums);
        total.loss += part.loss;
        total.correct += part.correct;
    }
    *out_result =
        (struct trnnsf_evaluation){sizeof *out_result, (double)total.correct / (double)n_samples,
                                   total.loss / (double)n_samples, total.correct, n_samples};
out:
    pass_clear(&pass);
    return status;
}
