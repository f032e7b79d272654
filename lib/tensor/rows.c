#include "tensor/rows.h"

#include "tensor/run.h"

/* Cells a task at least: a few microseconds of copying (chosen here). */
enum { TASK_CELLS = 1 << 16, TASKS_MAX = 64 };

static struct trn_cut cut_rows(size_t n_rows, size_t cells_a_row)
{
    double tasks = (double)n_rows * (double)cells_a_row / TASK_CELLS;

    return trn_cut_into(n_rows, tasks >= TASKS_MAX ? TASKS_MAX : (size_t)tasks + 1, 1);
}

struct assignment {
    struct trn_run run;
    struct trn_cut cut;
    size_t k;
    size_t dimension;
    const double *points;
    size_t ld_points;
    const double *centres;
    size_t ld_centres;
    uint32_t *assignment;
    double *distance;
};

static void assign_task(void *argument, size_t task, size_t worker)
{
    struct assignment *a = argument;
    size_t first = trn_cut_start(&a->cut, task);

    (void)worker;
    trn_run_note(&a->run, trn_kernel_kmeans_assign(
                              a->run.backend, trn_cut_length(&a->cut, task), a->k, a->dimension,
                              a->points + first * a->ld_points, a->ld_points, a->centres,
                              a->ld_centres, a->assignment + first, a->distance + first));
}

trnnsf_status trn_kmeans_assign(trnnsf_context *ctx, size_t n, size_t k, size_t dimension,
                                const double *points, size_t ld_points, const double *centres,
                                size_t ld_centres, uint32_t *assignment, double *distance)
{
    struct assignment a = {.k = k,
                           .dimension = dimension,
                           .points = points,
                           .ld_points = ld_points,
                           .centres = centres,
                           .ld_centres = ld_centres,
                           .assignment = assignment,
                           .distance = distance};

    a.cut = cut_rows(n, k * dimension);
    return trn_run_tasks(ctx, "kmeans_assign", a.cut.count, assign_task, &a.run);
}

struct movement {
    struct trn_run run;
    struct trn_cut cut;
    size_t n;
    const uint32_t *index;
    const float *in;
    size_t ld_in;
    float *out;
    size_t ld_out;
};

static void gather_rows_task(void *argument, size_t task, size_t worker)
{
    struct movement *m = argument;
    size_t first = trn_cut_start(&m->cut, task);

    (void)worker;
    trn_run_note(&m->run, trn_kernel_gather_rows(m->run.backend, trn_cut_length(&m->cut, task),
                                                 m->n, m->index + first, m->in, m->ld_in,
                                                 m->out + first * m->ld_out, m->ld_out));
}

static void scatter_add_rows_task(void *argument, size_t task, size_t worker)
{
    struct movement *m = argument;
    size_t first = trn_cut_start(&m->cut, task);

    (void)worker;
    trn_run_note(&m->run, trn_kernel_scatter_add_rows(
                              m->run.backend, trn_cut_length(&m->cut, task), m->n, m->index + first,
                              m->in + first * m->ld_in, m->ld_in, m->out, m->ld_out));
}

static void gather_columns_task(void *argument, size_t task, size_t worker)
{
    struct movement *m = argument;
    size_t first = trn_cut_start(&m->cut, task);

    (void)worker;
    trn_run_note(&m->run,
                 trn_kernel_gather_columns(m->run.backend, trn_cut_length(&m->cut, task), m->n,
                                           m->index, m->in + first * m->ld_in, m->ld_in,
                                           m->out + first * m->ld_out, m->ld_out));
}

static trnnsf_status move(trnnsf_context *ctx, const char *kernel, trn_task_function function,
                          size_t n_rows, struct movement *m)
{
    m->cut = cut_rows(n_rows, m->n);
    return trn_run_tasks(ctx, kernel, m->cut.count, function, &m->run);
}

trnnsf_status trn_gather_rows(trnnsf_context *ctx, size_t n_rows, size_t n, const uint32_t *index,
                              const float *in, size_t ld_in, float *out, size_t ld_out)
{
    struct movement m = {
        .n = n, .index = index, .in = in, .ld_in = ld_in, .out = out, .ld_out = ld_out};

    return move(ctx, "gather_rows", gather_rows_task, n_rows, &m);
}

trnnsf_status trn_scatter_add_rows(trnnsf_context *ctx, size_t n_rows, size_t n,
                                   const uint32_t *index, const float *in, size_t ld_in, float *out,
                                   size_t ld_out)
{
    struct movement m = {
        .n = n, .index = index, .in = in, .ld_in = ld_in, .out = out, .ld_out = ld_out};

    return move(ctx, "scatter_add_rows", scatter_add_rows_task, n_rows, &m);
}

trnnsf_status trn_gather_columns(trnnsf_context *ctx, size_t n_rows, size_t n,
                                 const uint32_t *index, const float *in, size_t ld_in, float *out,
                                 size_t ld_out)
{
    struct movement m = {
        .n = n, .index = index, .in = in, .ld_in = ld_in, .out = out, .ld_out = ld_out};

    return move(ctx, "gather_columns", gather_columns_task, n_rows, &m);
}
