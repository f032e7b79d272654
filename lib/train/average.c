#include "train/average.h"

#include <string.h>

#include "base/context.h"
#include "base/pool.h"
#include "train/norms.h"

enum { CHUNK = 16384 }; /* values a task, as elsewhere */

/* What is averaged, one vector after another. */
struct vector {
    size_t n;
    float *values;
    float **mean;
};

static size_t count_vectors(const struct trnnsf_trainer *trainer)
{
    return 2 * trainer->n_layers + 2 * trainer->network->graph.n_nodes;
}

static struct vector vector_of_layer(struct trnnsf_trainer *trainer, size_t l, bool biases)
{
    const struct trn_layer *layer = &trainer->network->layers[l];
    const struct trn_packed *packed = trainer->pass->packed[l];

    if (biases)
        return (struct vector){layer->biases ? layer->n_out : 0, layer->biases, NULL};
    return (struct vector){packed->n_values, packed->values, NULL};
}

static struct vector vector_at(struct trnnsf_trainer *trainer, size_t index)
{
    size_t at = index / 2, value = index % 2;
    struct vector vector = {0, NULL, NULL};

    if (at < trainer->n_layers) {
        vector = vector_of_layer(trainer, at, value == 1);
    } else {
        const struct trn_node *node = &trainer->network->graph.nodes[at - trainer->n_layers];

        if (node->options.kind == TRNNSF_NODE_BATCH_NORM)
            vector = (struct vector){node->shape.channels, node->norm[value], NULL};
    }
    vector.mean = trainer->average.means ? &trainer->average.means[index] : NULL;
    return vector;
}

void trn_average_free(struct trnnsf_trainer *trainer)
{
    struct trn_average *average = &trainer->average;

    for (size_t i = 0; average->means && i < count_vectors(trainer); i++)
        trn_free(trainer->ctx, average->means[i]);
    trn_free(trainer->ctx, average->means);
    *average = (struct trn_average){0, NULL};
}

trnnsf_status trn_average_create(struct trnnsf_trainer *trainer)
{
    trn_average_free(trainer);
    if (trainer->options.average == TRNNSF_AVERAGE_NONE)
        return TRNNSF_OK;
    trainer->average.means = TRN_NEW_ARRAY(trainer->ctx, float *, count_vectors(trainer));
    if (!trainer->average.means)
        return TRN_NO_MEMORY;
    for (size_t i = 0; i < count_vectors(trainer); i++) {
        struct vector vector = vector_at(trainer, i);

        if (vector.n == 0)
            continue;
        *vector.mean = TRN_NEW_ARRAY(trainer->ctx, float, vector.n);
        if (!*vector.mean) {
            trn_average_free(trainer);
            return TRN_NO_MEMORY;
        }
    }
    return TRNNSF_OK;
}

struct move {
    const float *from;
    float *to;
    size_t n;
    float share;
};

static void move_task(void *argument, size_t task, size_t worker)
{
    const struct move *move = argument;
    size_t first = task * CHUNK, n = move->n - first < CHUNK ? move->n - first : CHUNK;
    const float *restrict from = move->from + first;
    float *restrict to = move->to + first, share = move->share;

    (void)worker;
    for (size_t i = 0; i < n; i++)
        to[i] = share == 1.0f ? from[i] : to[i] + share * (from[i] - to[i]);
}

/* to += share (from - to) */
static void move_towards(trnnsf_context *ctx, size_t n, const float *from, float share, float *to)
{
    struct move move = {from, to, n, share};

    trn_parallel(ctx, (n + CHUNK - 1) / CHUNK, move_task, &move);
}

static void enter(struct trnnsf_trainer *trainer, double share)
{
    for (size_t i = 0; i < count_vectors(trainer); i++) {
        struct vector vector = vector_at(trainer, i);

        if (vector.n > 0)
            move_towards(trainer->ctx, vector.n, vector.values, (float)share, *vector.mean);
    }
    trainer->average.count++;
}

static bool has_begun(const struct trnnsf_trainer *trainer, uint32_t kind)
{
    return trainer->average.means && trainer->options.average == kind &&
           trainer->epochs >= trainer->options.average_from;
}

/* The decay grows from 2/11 on, so that the first weights are soon forgotten (as TensorFlow's
 * ExponentialMovingAverage does with num_updates). */
void trn_average_step(struct trnnsf_trainer *trainer)
{
    double t = (double)trainer->average.count, decay = (1.0 + t) / (10.0 + t);

    if (!has_begun(trainer, TRNNSF_AVERAGE_EXPONENTIAL))
        return;
    if (decay > trainer->options.average_decay)
        decay = trainer->options.average_decay;
    enter(trainer, trainer->average.count > 0 ? 1.0 - decay : 1.0);
}

void trn_average_epoch(struct trnnsf_trainer *trainer)
{
    if (has_begun(trainer, TRNNSF_AVERAGE_EPOCHS))
        enter(trainer, 1.0 / (double)(trainer->average.count + 1));
}

trnnsf_status trn_average_take(struct trnnsf_trainer *trainer)
{
    if (!trainer->average.means || trainer->average.count == 0)
        return TRNNSF_OK;
    for (size_t i = 0; i < count_vectors(trainer); i++) {
        struct vector vector = vector_at(trainer, i);

        if (vector.n > 0)
            move_towards(trainer->ctx, vector.n, *vector.mean, 1.0f, vector.values);
    }
    trainer->average.count = 0;
    return trn_train_measure_norms(trainer);
}

uint64_t trn_trainer_averaged(const struct trnnsf_trainer *trainer)
{
    return trainer->average.count;
}

void trn_trainer_set_averaged(struct trnnsf_trainer *trainer, uint64_t count)
{
    trainer->average.count = trainer->average.means ? count : 0;
}

size_t trn_trainer_average_vectors(const struct trnnsf_trainer *trainer)
{
    return count_vectors(trainer);
}

/* The layer whose weights the vector is of; NULL: other values. */
static const struct trn_layer *layer_of(const struct trnnsf_trainer *trainer, size_t vector)
{
    return vector % 2 == 0 && vector / 2 < trainer->n_layers ? &trainer->network->layers[vector / 2]
                                                             : NULL;
}

size_t trn_trainer_average_values(const struct trnnsf_trainer *trainer, size_t vector)
{
    const struct trn_layer *layer = layer_of(trainer, vector);

    return layer ? layer->n_in * layer->n_out
                 : vector_at((struct trnnsf_trainer *)trainer, vector).n;
}

void trn_trainer_get_average(const struct trnnsf_trainer *trainer, size_t vector, float *values)
{
    struct vector of = vector_at((struct trnnsf_trainer *)trainer, vector);

    if (layer_of(trainer, vector))
        trn_packed_to_dense(trainer->pass->packed[vector / 2], *of.mean, values);
    else
        memcpy(values, *of.mean, of.n * sizeof *values);
}

void trn_trainer_set_average(struct trnnsf_trainer *trainer, size_t vector, const float *values)
{
    struct vector of;

    if (!trainer->average.means)
        return;
    of = vector_at(trainer, vector);
    if (layer_of(trainer, vector))
        trn_packed_from_dense(trainer->pass->packed[vector / 2], values, *of.mean);
    else
        memcpy(*of.mean, values, of.n * sizeof *values);
}
