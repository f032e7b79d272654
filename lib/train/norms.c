#include "train/norms.h"

#include <string.h>

#include "base/context.h"
#include "data/dataset.h"
#include "network/node_pass.h"

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

/* Scale's tensors come before shift's. */
static float *state_of(const struct trnnsf_trainer *trainer, size_t node, size_t value,
                       size_t tensor)
{
    size_t n = trainer->network->graph.nodes[node].shape.channels;

    return trainer->norms[node] + (value * trn_trainer_tensors(trainer) + tensor) * n;
}

size_t trn_trainer_norm_channels(const struct trnnsf_trainer *trainer, size_t node)
{
    return is_norm(trainer, node) ? trainer->network->graph.nodes[node].shape.channels : 0;
}

void trn_trainer_get_norm_state(const struct trnnsf_trainer *trainer, size_t node, size_t tensor,
                                float *values)
{
    size_t n = trn_trainer_norm_channels(trainer, node);

    for (size_t v = 0; v < 2; v++)
        memcpy(values + v * n, state_of(trainer, node, v, tensor), n * sizeof *values);
}

void trn_trainer_set_norm_state(struct trnnsf_trainer *trainer, size_t node, size_t tensor,
                                const float *values)
{
    size_t n = trn_trainer_norm_channels(trainer, node);

    for (size_t v = 0; v < 2; v++)
        memcpy(state_of(trainer, node, v, tensor), values + v * n, n * sizeof *values);
}

void trn_train_update_norms(struct trnnsf_trainer *trainer, double rate)
{
    size_t tensors = trn_trainer_tensors(trainer);
    float scale = trn_train_vector_scale(trainer, rate);

    for (size_t i = 0; trainer->norms && i < trainer->network->graph.n_nodes; i++) {
        const struct trn_node *node = &trainer->network->graph.nodes[i];
        struct trn_node_state *state = &trainer->pass->nodes->states[i];
        size_t n = node->shape.channels;

        for (size_t v = 0; trainer->norms[i] && v < 2; v++) {
            float *gradient = v == TRNNSF_NORM_SCALE ? state->d_scale : state->d_shift;
            float *const moments[2] = {state_of(trainer, i, v, 0),
                                       tensors > 1 ? state_of(trainer, i, v, 1) : NULL};

            for (size_t c = 0; c < n; c++)
                gradient[c] *= scale;
            trn_train_update_vector(trainer, rate, n, moments, gradient, node->norm[v]);
        }
    }
}

/* Shares of new batches in running values; NULL: each norm's own. */
static void set_momenta(struct trnnsf_trainer *trainer, const double *own, double share)
{
    struct trn_graph *graph = &trainer->network->graph;

    for (size_t i = 0; i < graph->n_nodes; i++) {
        if (is_norm(trainer, i))
            graph->nodes[i].options.momentum = own ? own[i] : share;
    }
}

/* Batches of full size alone, where there is one: the variance of few samples is another. */
static trnnsf_status run_batches(struct trnnsf_trainer *trainer)
{
    size_t capacity = trainer->pass->capacity, n = trainer->n_samples < capacity
                                                       ? trainer->n_samples
                                                       : capacity;
    const float *values = trainer->dataset->part[TRNNSF_PART_TRAIN].values;

    for (size_t i = 0; i < trainer->n_samples; i++)
        trainer->order[i] = (uint32_t)i;
    for (size_t b = 0; (b + 1) * n <= trainer->n_samples; b++) {
        set_momenta(trainer, NULL, 1.0 / (double)(b + 1));
        trn_pass_load(trainer->pass, n, values, trainer->order + b * n, NULL);
        TRN_TRY(trn_pass_forward(trainer->pass, NULL));
    }
    return TRNNSF_OK;
}

trnnsf_status trn_train_measure_norms(struct trnnsf_trainer *trainer)
{
    const struct trn_graph *graph = &trainer->network->graph;
    bool any = false;
    double *own;

    for (size_t i = 0; i < graph->n_nodes; i++)
        any = any || is_norm(trainer, i);
    if (!any)
        return TRNNSF_OK;
    own = TRN_NEW_ARRAY(trainer->ctx, double, graph->n_nodes);
    if (!own)
        return TRN_NO_MEMORY;
    for (size_t i = 0; i < graph->n_nodes; i++)
        own[i] = graph->nodes[i].options.momentum;

    trnnsf_status status = run_batches(trainer);

    set_momenta(trainer, own, 0);
    trn_free(trainer->ctx, own);
    return status;
}
