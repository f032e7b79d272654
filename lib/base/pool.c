#include "base/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/context.h"

/* Products follow one another within microseconds, where sleeping and waking costs tens of them: so
 * a waiter first looks for this long. It does not yield: on a busy machine that would put it behind
 * all others, where a sleeper is woken ahead of them. With more threads than processors nobody
 * looks, as it would be in the way of those who work. (Chosen here: what one wake-up costs.) */
static const int64_t patience_ns = 50000;

struct worker {
    struct trn_pool *pool;
    pthread_t thread;
    size_t index;
};

/* `state` holds the number of the current job, how many workers are in it, and whether it may be
 * entered. The job's fields are written only while it is closed and nobody is inside. */
enum { OPEN = 1, ONE_INSIDE = 2, INSIDE = 0xFFFE, ONE_JOB = 0x10000 };

struct trn_pool {
    atomic_uint_fast64_t state;
    atomic_size_t next;
    atomic_bool stop;
    trn_task_function function;
    void *argument;
    size_t count;
    bool may_look;
    /* Only for sleeping. */
    pthread_mutex_t lock;
    pthread_cond_t start;
    pthread_cond_t finish;
    atomic_size_t sleepers;
    atomic_bool caller_sleeps;
    size_t n_workers;
    struct worker workers[];
};

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void pause_processor(void)
{
#if defined(__x86_64__) || defined(__i386__)
    for (int i = 0; i < 8; i++)
        __builtin_ia32_pause();
#endif
}

typedef bool (*condition)(struct trn_pool *pool, uint64_t number);

/* Whether the condition came true while looking. */
static bool looked(struct trn_pool *pool, condition holds, uint64_t number)
{
    int64_t end;

    if (holds(pool, number))
        return true;
    if (!pool->may_look)
        return false;
    for (end = now_ns() + patience_ns; now_ns() < end; pause_processor()) {
        if (holds(pool, number))
            return true;
    }
    return false;
}

static uint64_t job_of(uint64_t state)
{
    return state / ONE_JOB;
}

static void take_tasks(struct trn_pool *pool, size_t worker)
{
    for (;;) {
        size_t task = atomic_fetch_add(&pool->next, 1);

        if (task >= pool->count)
            return;
        pool->function(pool->argument, task, worker);
    }
}

/* Whether the worker got into a job that it has not seen. */
static bool enter(struct trn_pool *pool, uint64_t *seen)
{
    uint64_t state = atomic_load(&pool->state);

    while ((state & OPEN) && job_of(state) != *seen) {
        if (atomic_compare_exchange_weak(&pool->state, &state, state + ONE_INSIDE)) {
            *seen = job_of(state);
            return true;
        }
    }
    return false;
}

static void leave(struct trn_pool *pool)
{
    uint64_t before = atomic_fetch_sub(&pool->state, ONE_INSIDE);

    if ((before & INSIDE) != ONE_INSIDE || !atomic_load(&pool->caller_sleeps))
        return;
    pthread_mutex_lock(&pool->lock);
    pthread_cond_signal(&pool->finish);
    pthread_mutex_unlock(&pool->lock);
}

static bool is_news(struct trn_pool *pool, uint64_t seen)
{
    uint64_t state = atomic_load(&pool->state);

    return ((state & OPEN) && job_of(state) != seen) || atomic_load(&pool->stop);
}

/* The caller opens a job and then reads `sleepers`; here it is the other way round: one of the two
 * sees the other. */
static void await_job(struct trn_pool *pool, uint64_t seen)
{
    if (looked(pool, is_news, seen))
        return;
    pthread_mutex_lock(&pool->lock);
    atomic_fetch_add(&pool->sleepers, 1);
    while (!is_news(pool, seen))
        pthread_cond_wait(&pool->start, &pool->lock);
    atomic_fetch_sub(&pool->sleepers, 1);
    pthread_mutex_unlock(&pool->lock);
}

static void *worker_main(void *argument)
{
    struct worker *worker = argument;
    struct trn_pool *pool = worker->pool;
    uint64_t seen = 0;

    while (!atomic_load(&pool->stop)) {
        if (enter(pool, &seen)) {
            take_tasks(pool, worker->index);
            leave(pool);
        }
        await_job(pool, seen);
    }
    return NULL;
}

static bool is_empty(struct trn_pool *pool, uint64_t number)
{
    (void)number;
    return !(atomic_load(&pool->state) & INSIDE);
}

static void await_workers(struct trn_pool *pool)
{
    if (looked(pool, is_empty, 0))
        return;
    pthread_mutex_lock(&pool->lock);
    atomic_store(&pool->caller_sleeps, true);
    while (!is_empty(pool, 0))
        pthread_cond_wait(&pool->finish, &pool->lock);
    atomic_store(&pool->caller_sleeps, false);
    pthread_mutex_unlock(&pool->lock);
}

static void wake_workers(struct trn_pool *pool, size_t wanted)
{
    if (atomic_load(&pool->sleepers) == 0)
        return;
    pthread_mutex_lock(&pool->lock);
    if (wanted >= atomic_load(&pool->sleepers))
        pthread_cond_broadcast(&pool->start);
    else
        for (size_t i = 0; i < wanted; i++)
            pthread_cond_signal(&pool->start);
    pthread_mutex_unlock(&pool->lock);
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
    memset(pool, 0, sizeof *pool);
    pool->may_look = sysconf(_SC_NPROCESSORS_ONLN) >= (long)ctx->threads;
    atomic_init(&pool->state, 0);
    atomic_init(&pool->next, 0);
    atomic_init(&pool->stop, false);
    atomic_init(&pool->sleepers, 0);
    atomic_init(&pool->caller_sleeps, false);
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
    pool->function = function;
    pool->argument = argument;
    pool->count = count;
    atomic_store(&pool->next, 0);
    atomic_fetch_add(&pool->state, ONE_JOB + OPEN);
    wake_workers(pool, count - 1);

    take_tasks(pool, 0);
    /* Whoever has not come by now finds nothing to do, and is not waited for. */
    atomic_fetch_sub(&pool->state, OPEN);
    await_workers(pool);
}

void trn_pool_free(trnnsf_context *ctx)
{
    struct trn_pool *pool = ctx->pool;

    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    atomic_store(&pool->stop, true);
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
