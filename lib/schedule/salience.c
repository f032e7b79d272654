#include "schedule/salience.h"

#include <math.h>

#include "base/context.h"

static float salience(enum trn_salience_kind kind, float w, float input, float output)
{
    switch (kind) {
    case TRN_SALIENCE_MAGNITUDE:
        return fabsf(w);
    case TRN_SALIENCE_ACTIVATION:
        return w * w * input;
    default:
        return w * w * input * output;
    }
}

static trnnsf_status connections(trnnsf_context *ctx, const struct trn_layer *layer,
                                 const struct trn_mask *live, struct trnnsf_matrix **out_matrix)
{
    struct trn_mask *all;

    if (live)
        return trn_sparse_from_mask(ctx, live, layer->weights, layer->n_in, out_matrix);
    TRN_TRY(trn_mask_create(ctx, layer->n_out, layer->n_in, &all));
    trn_mask_fill(all, true);
    trnnsf_status status = trn_sparse_from_mask(ctx, all, layer->weights, layer->n_in, out_matrix);
    trn_mask_free(ctx, all);
    return status;
}

trnnsf_status trn_layer_salience(trnnsf_context *ctx, const struct trnnsf_network *network,
                                 size_t index, const struct trn_moments *moments,
                                 enum trn_salience_kind kind, const struct trn_mask *live,
                                 bool share, struct trnnsf_matrix **out_matrix)
{
    const float *input = moments->input[index], *output = moments->output[index];
    struct trnnsf_matrix *matrix;
    double sum = 0;

    TRN_TRY(connections(ctx, &network->layers[index], live, &matrix));
    for (size_t i = 0; i < matrix->n_rows; i++) {
        for (size_t e = matrix->row_start[i]; e < matrix->row_start[i + 1]; e++) {
            matrix->value[e] =
                salience(kind, matrix->value[e], input[matrix->column[e]], output[i]);
            sum += (double)matrix->value[e];
        }
    }
    for (size_t e = 0; share && e < trn_sparse_nonzeros(matrix) && sum > 0; e++)
        matrix->value[e] = (float)((double)matrix->value[e] / sum);
    *out_matrix = matrix;
    return TRNNSF_OK;
}
