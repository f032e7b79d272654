#include "io/checkpoint_graph.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/context.h"

enum { NAME_ROOM = 64 };

static void name_of(char *name, size_t node, size_t tensor)
{
    snprintf(name, NAME_ROOM, "optimiser.node.%zu.%zu", node, tensor);
}

trnnsf_status trn_checkpoint_add_norms(struct trn_safetensors_writer *writer,
                                       const struct trnnsf_run *run)
{
    size_t tensors = trn_trainer_tensors(run->trainer);

    for (size_t i = 0; i < run->network->graph.n_nodes; i++) {
        const size_t shape[2] = {2, trn_trainer_norm_channels(run->trainer, i)};
        char name[NAME_ROOM];

        for (size_t t = 0; shape[1] > 0 && t < tensors; t++) {
            void *room = NULL;

            name_of(name, i, t);
            TRN_TRY(trn_safetensors_add_room(writer, name, TRN_TENSOR_F32, 2, shape, &room));
            trn_trainer_get_norm_state(run->trainer, i, t, room);
        }
    }
    return TRNNSF_OK;
}

trnnsf_status trn_checkpoint_read_norms(struct trnnsf_run *run, const struct trn_safetensors *file,
                                        bool apply)
{
    size_t tensors = trn_trainer_tensors(run->trainer);

    for (size_t i = 0; i < run->network->graph.n_nodes; i++) {
        const size_t shape[2] = {2, trn_trainer_norm_channels(run->trainer, i)};
        char name[NAME_ROOM];

        for (size_t t = 0; shape[1] > 0 && t < tensors; t++) {
            const float *values;

            name_of(name, i, t);
            TRN_TRY(trn_safetensors_get_finite(file, name, 2, shape, &values));
            if (apply)
                trn_trainer_set_norm_state(run->trainer, i, t, values);
        }
    }
    return TRNNSF_OK;
}

static bool same_node(const struct trn_node *a, const struct trn_node *b)
{
    const struct trnnsf_node_options *x = &a->options, *y = &b->options;

    /* Whole numbers follow one another (network_graph_file.c). */
    return memcmp(&x->kind, &y->kind, offsetof(struct trnnsf_node_options, slope) -
                                          offsetof(struct trnnsf_node_options, kind)) == 0 &&
           x->slope == y->slope && x->epsilon == y->epsilon && x->momentum == y->momentum &&
           x->dropout == y->dropout && memcmp(&a->shape, &b->shape, sizeof a->shape) == 0 &&
           a->n_inputs == b->n_inputs &&
           (a->n_inputs == 0 || memcmp(a->inputs, b->inputs, a->n_inputs * sizeof *a->inputs) == 0);
}

bool trn_checkpoint_same_graph(const struct trn_graph *a, const struct trn_graph *b)
{
    bool same = a->n_nodes == b->n_nodes;

    for (size_t i = 0; same && i < a->n_nodes; i++)
        same = same_node(&a->nodes[i], &b->nodes[i]);
    return same;
}
