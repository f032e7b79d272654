#include "train/norms.h"

#include <math.h>

#include "base/context.h"
#include "network/node_pass.h"
#include "train/update.h"

static bool is_norm(const struct trnnsf_trainer *trainer, size_t node)
{
    return trainer->network->graph.nodes[node].options.kind == TRNNSF_NODE_BATCH_NORM;
}

/* Of each batch norm: scale and shift, and for each as many tensors as the optimiser has. */
trnnsf_status trn_train_create_norms(struct trnnsf_trainer *trainer)
{
    const struct trn_graph *graph = &trainer->network->graph;

    if (trn_network_is_chain(trainer->network))
        return TRNNSF_OK;
    trainer->norms = TRN_NEW_ARRAY(trainer->ctx, float *, graph->n_nodes);
    if (!trainer->norms)
        return TRN_NO_MEMORY;
    for (size_t i = 0; i < graph->n_nodes; i++) {
        if (!is_norm(trainer, i))
            continue;
        trainer->norms[i] =
            TRN_NEW_ARRAY(trainer->ctx, float,
                          2 * trn_trainer_tensors(trainer) * graph->nodes[i].shape.channels);
        if (!trainer->norms[i])
            return TRN_NO_MEMORY;
    }
    return TRNNSF_OK;
}

void trn_train_free_norms(struct trnnsf_trainer *trainer)
{
    for (size_t i = 0; trainer->norms && i < trainer->network->graph.n_nodes; i++)
        trn_free(trainer->ctx, trainer->norms[i]);
    trn_free(trainer->ctx, trainer->norms);
}

/* `gradient` is a sum over samples. Weight decay is for layers alone, as of biases. */
static void update_sgd(struct trnnsf_trainer *trainer, size_t n, double rate, float *gradient,
                       float *state, float *values)
{
    float factor = (float)(rate / (double)trainer->pass->n);
    struct trn_update update = {.n = n,
                                .weights = values,
                                .first = state,
                                .gradient = gradient,
                                .momentum = (float)trainer->options.momentum};

    for (size_t i = 0; i < n; i++)
        gradient[i] *= factor;
    trn_update_sgd(trainer->ctx, &update);
}

static void update_adam(struct trnnsf_trainer *trainer, size_t n, double rate, float *gradient,
                        float *state, float *values)
{
    const struct trnnsf_trainer_options *options = &trainer->options;
    double t = (double)(trainer->steps + 1), root = sqrt(1.0 - pow(options->adam_beta2, t));
    float mean = (float)(1.0 / (double)trainer->pass->n);
    struct trn_update update = {.n = n,
                                .weights = values,
                                .first = state,
                                .second = state + n,
                                .gradient = gradient,
                                .rate = (float)(rate * root / (1.0 - pow(options->adam_beta1, t))),
                                .beta1 = (float)options->adam_beta1,
                                .beta2 = (float)options->adam_beta2,
                                .epsilon = (float)(options->adam_epsilon * root)};

    for (size_t i = 0; i < n; i++)
        gradient[i] *= mean;
    trn_update_adam(trainer->ctx, &update);
}

void trn_train_update_norms(struct trnnsf_trainer *trainer, double rate)
{
    size_t tensors = trn_trainer_tensors(trainer);

    for (size_t i = 0; trainer->norms && i < trainer->network->graph.n_nodes; i++) {
        const struct trn_node *node = &trainer->network->graph.nodes[i];
        struct trn_node_state *state = &trainer->pass->nodes->states[i];
        size_t n = node->shape.channels;

        for (size_t v = 0; trainer->norms[i] && v < 2; v++) {
            float *gradient = v == TRNNSF_NORM_SCALE ? state->d_scale : state->d_shift;
            float *moments = trainer->norms[i] + v * tensors * n;

            if (trainer->options.optimiser == TRNNSF_OPTIMISER_ADAM)
                update_adam(trainer, n, rate, gradient, moments, node->norm[v]);
            else
                update_sgd(trainer, n, rate, gradient, moments, node->norm[v]);
        }
    }
}
