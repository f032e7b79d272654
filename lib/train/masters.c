#include <string.h>

#include "base/context.h"
#include "train/device.h"

void trn_masters_free(trnnsf_context *ctx, struct trn_masters *masters)
{
    trn_free(ctx, masters->values);
    trn_free(ctx, masters->signs);
    *masters = (struct trn_masters){NULL, NULL};
}

static trnnsf_status make_room(trnnsf_context *ctx, const struct trn_packed *packed, bool signs,
                               struct trn_masters *masters)
{
    masters->values = TRN_NEW_ARRAY(ctx, float, packed->n_values);
    masters->signs = signs ? TRN_NEW_ARRAY(ctx, float, packed->n_values) : NULL;
    if (masters->values && (!signs || masters->signs))
        return TRNNSF_OK;
    trn_masters_free(ctx, masters);
    return TRN_NO_MEMORY;
}

trnnsf_status trn_masters_create(trnnsf_context *ctx, const struct trn_layer *layer,
                                 const struct trn_packed *packed, const float *dense,
                                 const float *dense_signs, struct trn_masters *masters)
{
    struct trn_masters made;

    TRN_TRY(make_room(ctx, packed, dense_signs != NULL, &made));
    trn_packed_from_dense(packed, dense, made.values);
    if (dense_signs)
        trn_packed_from_dense(packed, dense_signs, made.signs);
    trn_device_clip(ctx, &layer->grid, made.signs, packed->n_values, made.values);
    trn_masters_free(ctx, masters);
    *masters = made;
    return TRNNSF_OK;
}

/* Values of the old masters where the layer's weight is their level, else that weight. */
static void choose(const struct trn_layer *layer, const float *old, const float *levels, float *dense)
{
    for (size_t i = 0; i < layer->n_in * layer->n_out; i++)
        dense[i] = levels[i] == layer->weights[i] ? old[i] : layer->weights[i];
}

trnnsf_status trn_masters_follow(trnnsf_context *ctx, const struct trn_device *device,
                                 const struct trn_layer *layer, const struct trn_packed *old,
                                 const struct trn_packed *packed, const struct trn_masters *from,
                                 struct trn_masters *out)
{
    size_t n = layer->n_in * layer->n_out;
    float *dense = TRN_NEW_ARRAY(ctx, float, n), *levels = TRN_NEW_ARRAY(ctx, float, n);
    float *work = TRN_NEW_ARRAY(ctx, float, old->n_values);
    struct trn_masters made = {NULL, NULL};
    trnnsf_status status = TRNNSF_OK;

    TRN_NEED_OUT(dense);
    TRN_NEED_OUT(levels);
    TRN_NEED_OUT(work);
    TRN_TRY_OUT(make_room(ctx, packed, from->signs != NULL, &made));
    trn_device_levels(ctx, &layer->grid, from->signs, old->keep, old->n_values, from->values, work);
    trn_packed_to_dense(old, work, levels);
    trn_packed_to_dense(old, from->values, dense);
    choose(layer, dense, levels, dense);
    trn_packed_from_dense(packed, dense, made.values);
    if (made.signs) {
        TRN_TRY_OUT(trn_device_signs(ctx, layer, dense, device, levels));
        trn_packed_from_dense(packed, levels, made.signs);
    }
    trn_device_clip(ctx, &layer->grid, made.signs, packed->n_values, made.values);
    *out = made;
    made = (struct trn_masters){NULL, NULL};
out:
    trn_masters_free(ctx, &made);
    trn_free(ctx, dense);
    trn_free(ctx, levels);
    trn_free(ctx, work);
    return status;
}

void trn_masters_apply(trnnsf_context *ctx, const struct trn_masters *masters,
                       const struct trn_layer *layer, struct trn_packed *packed)
{
    trn_device_levels(ctx, &layer->grid, masters->signs, packed->keep, packed->n_values,
                      masters->values, packed->values);
}
