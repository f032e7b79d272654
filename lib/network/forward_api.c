#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/context.h"
#include "base/options.h"
#include "data/dataset.h"
#include "network/loss.h"
#include "network/network.h"

/* Exponents of all ones are those of infinities and NaNs. Without a branch, so that it costs little
 * beside a packed network. */
static bool all_finite(const float *values, size_t n)
{
    int32_t others = 0;

    for (size_t i = 0; i < n; i++) {
        union {
            float value;
            int32_t bits;
        } x = {.value = values[i]};

        others |= (x.bits & 0x7F800000) == 0x7F800000;
    }
    return !others;
}

trnnsf_status trnnsf_network_forward(trnnsf_context *context, const trnnsf_network *network,
                                     size_t n_samples, const float *inputs, float *out_outputs)
{
    static const char function[] = "trnnsf_network_forward";

    if (!context)
        return TRNNSF_E_INVALID;
    if (!network)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: network is NULL", function);
    if (!inputs)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: inputs is NULL", function);
    if (!out_outputs)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: out_outputs is NULL", function);

    size_t n_in = trn_network_inputs(network), n_out = trn_network_outputs(network);
    size_t most = SIZE_MAX / sizeof(float) / (n_in > n_out ? n_in : n_out);

    if (n_samples < 1 || n_samples > most)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: n_samples %zu is not in [1, %zu]", function,
                        n_samples, most);
    bool finite = all_finite(inputs, n_samples * n_in);
    for (size_t i = 0; !finite && i < n_samples * n_in; i++) {
        if (!isfinite(inputs[i]))
            return trn_fail(context, TRNNSF_E_INVALID,
                            "%s: inputs: feature %zu of sample %zu, %g, is not finite", function,
                            i % n_in, i / n_in, (double)inputs[i]);
    }
    return trn_network_forward(context, network, n_samples, inputs, out_outputs);
}

trnnsf_status trnnsf_network_evaluate(trnnsf_context *context, const trnnsf_network *network,
                                      const trnnsf_dataset *dataset, uint32_t part, uint32_t loss,
                                      struct trnnsf_evaluation *out_result)
{
    static const char function[] = "trnnsf_network_evaluate";
    struct trnnsf_evaluation result = {.struct_size = sizeof result};

    if (!context)
        return TRNNSF_E_INVALID;
    if (!network)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: network is NULL", function);
    if (!dataset)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: dataset is NULL", function);
    if (!out_result)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: out_result is NULL", function);
    TRN_TRY(trn_result_check(context, function, out_result, sizeof result));
    if (part > TRNNSF_PART_TEST)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: part %u is not in [0, 2]", function, part);
    if (loss > TRNNSF_LOSS_CROSS_ENTROPY)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: loss %u is not in [0, 1]", function, loss);
    TRN_TRY(trn_network_check_dataset(context, function, network, dataset, part, loss));

    const struct trn_part *samples = &dataset->part[part];

    TRN_TRY(trn_network_evaluate(context, network, samples->n_samples, samples->values,
                                 samples->labels, loss, &result));
    trn_result_write(out_result, &result);
    return TRNNSF_OK;
}
