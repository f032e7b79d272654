#include "base/pool.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/context.h"

struct worker {
    struct trn_pool *pool;
    pthread_t thread;
    size_t index;
};

struct trn_pool {
    pthread_mutex_t lock;
    pthread_cond_t start;
    pthread_cond_t finish;
    uint64_t generation;
    size_t busy;
    bool stop;
    trn_task_function function;
    void *argument;
    size_t count;
    atomic_size_t next;
    size_t n_workers;
    struct worker workers[];
};

static void take_tasks(struct trn_pool *pool, size_t worker)
{
    for (;;) {
        size_t task = atomic_fetch_add(&pool->next, 1);

        if (task >= pool->count)
            return;
        pool->function(pool->argument, task, worker);
    }
}

static void *worker_main(void *argument)
{
    struct worker *worker = argument;
    struct trn_pool *pool = worker->pool;
    uint64_t seen = 0;

    pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (!pool->stop && pool->generation == seen)
            pthread_cond_wait(&pool->start, &pool->lock);
        if (pool->stop)
            break;
        seen = pool->generation;
        pthread_mutex_unlock(&pool->lock);
        take_tasks(pool, worker->index);
        pthread_mutex_lock(&pool->lock);
        if (--pool->busy == 0)
            pthread_cond_signal(&pool->finish);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static bool init_locks(struct trn_pool *pool)
{
    if (pthread_mutex_init(&pool->lock, NULL))
        return false;
    if (pthread_cond_init(&pool->start, NULL))
        goto no_start;
    if (pthread_cond_init(&pool->finish, NULL))
        goto no_finish;
    return true;
no_finish:
    pthread_cond_destroy(&pool->start);
no_start:
    pthread_mutex_destroy(&pool->lock);
    return false;
}

/* A pool that cannot be made is no failure: the caller's thread does the work. */
static struct trn_pool *make_pool(trnnsf_context *ctx)
{
    size_t wanted = ctx->threads - 1;
    struct trnnsf_allocator *allocator = &ctx->allocator;
    struct trn_pool *pool =
        allocator->allocate(sizeof *pool + wanted * sizeof pool->workers[0], allocator->user);

    if (!pool)
        return NULL;
    *pool = (struct trn_pool){.generation = 0};
    atomic_init(&pool->next, 0);
    if (!init_locks(pool)) {
        allocator->release(pool, allocator->user);
        return NULL;
    }
    for (size_t i = 0; i < wanted; i++) {
        struct worker *worker = &pool->workers[i];

        *worker = (struct worker){.pool = pool, .index = i + 1};
        if (pthread_create(&worker->thread, NULL, worker_main, worker))
            break;
        pool->n_workers++;
    }
    return pool;
}

void trn_parallel(trnnsf_context *ctx, size_t count, trn_task_function function, void *argument)
{
    if (ctx->threads > 1 && count > 1 && !ctx->pool)
        ctx->pool = make_pool(ctx);
    if (ctx->threads == 1 || count <= 1 || !ctx->pool) {
        for (size_t task = 0; task < count; task++)
            function(argument, task, 0);
        return;
    }

    struct trn_pool *pool = ctx->pool;
    pthread_mutex_lock(&pool->lock);
    pool->function = function;
    pool->argument = argument;
    pool->count = count;
    atomic_store(&pool->next, 0);
    pool->busy = pool->n_workers;
    pool->generation++;
    pthread_cond_broadcast(&pool->start);
    pthread_mutex_unlock(&pool->lock);

    take_tasks(pool, 0);

    pthread_mutex_lock(&pool->lock);
    while (pool->busy > 0)
        pthread_cond_wait(&pool->finish, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
}

void trn_pool_free(trnnsf_context *ctx)
{
    struct trn_pool *pool = ctx->pool;

    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->stop = true;
    pthread_cond_broadcast(&pool->start);
    pthread_mutex_unlock(&pool->lock);
    for (size_t i = 0; i < pool->n_workers; i++)
        pthread_join(pool->workers[i].thread, NULL);
    pthread_cond_destroy(&pool->finish);
    pthread_cond_destroy(&pool->start);
    pthread_mutex_destroy(&pool->lock);
    trn_free(ctx, pool);
    ctx->pool = NULL;
}
