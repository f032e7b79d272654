#include "network/init.h"

#include <math.h>

#include "base/context.h"
#include "base/pool.h"
#include "base/random.h"

static const double largest_scale = 1e6;

trnnsf_status trn_network_check_init(trnnsf_context *ctx, const char *function,
                                     const struct trnnsf_network_options *o)
{
    if (o->init > TRNNSF_INIT_GLOROT)
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: init %u is not in [0, 2]", function, o->init);
    if (!(o->init_scale >= 0.0 && o->init_scale <= largest_scale))
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: init_scale %g is not in [0, %g]", function,
                        o->init_scale, largest_scale);
    return TRNNSF_OK;
}

struct work {
    const struct trnnsf_network_options *options;
    const struct trn_layer *layer;
    uint32_t index;
};

/* One stream a layer, one item an output: layers do not depend on one another. */
static void init_row(void *argument, size_t row, size_t worker)
{
    const struct work *work = argument;
    const struct trn_layer *layer = work->layer;
    double scale = work->options->init_scale;
    double n_in = (double)layer->n_in, n_out = (double)layer->n_out;
    struct trn_random random;

    (void)worker;
    if (work->options->init == TRNNSF_INIT_HE)
        scale *= sqrt(2.0 / n_in); /* He et al. 2015, eq. 10 */
    else if (work->options->init == TRNNSF_INIT_GLOROT)
        scale *= sqrt(6.0 / (n_in + n_out)); /* Glorot and Bengio 2010, eq. 16 */
    trn_random_init(&random, work->options->seed, TRN_RANDOM_INIT, work->index);
    trn_random_seek(&random, row);
    for (size_t j = 0; j < layer->n_in; j++) {
        double value = work->options->init == TRNNSF_INIT_HE
                           ? trn_random_normal(&random)
                           : 2.0 * trn_random_double(&random) - 1.0;

        layer->weights[row * layer->n_in + j] = (float)(scale * value);
    }
}

void trn_network_draw_weights(trnnsf_context *ctx, const struct trnnsf_network_options *options,
                              struct trnnsf_network *network)
{
    for (size_t l = 0; l < network->n_layers; l++) {
        struct work work = {options, &network->layers[l], (uint32_t)l};

        trn_parallel(ctx, network->layers[l].n_out, init_row, &work);
    }
}

trnnsf_status trn_network_create(trnnsf_context *ctx, const size_t *sizes, size_t n_sizes,
                                 const struct trnnsf_network_options *options,
                                 struct trnnsf_network **out_network)
{
    struct trnnsf_network *network = NULL;
    size_t n_layers = n_sizes - 1;
    uint32_t *activations = TRN_NEW_ARRAY(ctx, uint32_t, n_layers);

    if (!activations)
        return TRN_NO_MEMORY;
    for (size_t l = 0; l < n_layers; l++)
        activations[l] = l + 1 < n_layers ? options->hidden_activation : options->output_activation;

    trnnsf_status status =
        trn_network_create_empty(ctx, n_layers, sizes, activations, options->bias != 0, &network);
    trn_free(ctx, activations);
    if (status != TRNNSF_OK)
        return status;
    for (size_t l = 0; l < n_layers; l++) {
        struct work work = {options, &network->layers[l], (uint32_t)l};

        trn_parallel(ctx, network->layers[l].n_out, init_row, &work);
    }
    *out_network = network;
    return TRNNSF_OK;
}
