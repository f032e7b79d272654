/* Convolutions of few channels a group, one plane of one channel after another. */
#include "tensor/run.h"
#include "tensor/window.h"

struct work {
    struct trn_run run;
    const struct trn_planes *planes;
    const float *kernels;
    const float *x;
    float *y;
    const float *dy;
    float *dx;
    float alpha;
    float beta;
    float *g;
};

static size_t image_values(const struct trn_planes *p)
{
    return p->window->height * p->window->width * p->n;
}

static size_t place_values(const struct trn_planes *p)
{
    return p->window->out_height * p->window->out_width * p->n;
}

/* Of an output channel of all groups and an input channel of its group. */
static size_t kernel_at(const struct trn_planes *p, size_t output, size_t input)
{
    return (output * p->inputs + input) * trn_window_cells(p->window);
}

static void multiply_task(void *argument, size_t output, size_t worker)
{
    struct work *work = argument;
    const struct trn_planes *p = work->planes;
    size_t first = output / p->outputs * p->inputs;

    (void)worker;
    for (size_t i = 0; i < p->inputs; i++)
        trn_run_note(&work->run,
                     trn_kernel_window_multiply(work->run.backend, p->window, p->n,
                                                work->kernels + kernel_at(p, output, i),
                                                work->x + (first + i) * image_values(p),
                                                i > 0 ? 1.0f : 0.0f,
                                                work->y + output * place_values(p)));
}

static void transposed_task(void *argument, size_t input, size_t worker)
{
    struct work *work = argument;
    const struct trn_planes *p = work->planes;
    size_t first = input / p->inputs * p->outputs;

    (void)worker;
    for (size_t o = first; o < first + p->outputs; o++)
        trn_run_note(&work->run, trn_kernel_window_multiply_transposed(
                                     work->run.backend, p->window, p->n,
                                     work->kernels + kernel_at(p, o, input % p->inputs),
                                     work->dy + o * place_values(p),
                                     work->dx + input * image_values(p)));
}

static void gradient_task(void *argument, size_t output, size_t worker)
{
    struct work *work = argument;
    const struct trn_planes *p = work->planes;
    size_t first = output / p->outputs * p->inputs;

    (void)worker;
    for (size_t i = 0; i < p->inputs; i++)
        trn_run_note(&work->run,
                     trn_kernel_window_gradient(work->run.backend, p->window, p->n, work->alpha,
                                                work->dy + output * place_values(p),
                                                work->x + (first + i) * image_values(p), work->beta,
                                                work->g + kernel_at(p, output, i)));
}

trnnsf_status trn_planes_multiply(trnnsf_context *ctx, const struct trn_planes *planes,
                                  const float *kernels, const float *x, float *y)
{
    struct work work = {.planes = planes, .kernels = kernels, .x = x, .y = y};

    return trn_run_tasks(ctx, "window_multiply", planes->groups * planes->outputs, multiply_task,
                         &work.run);
}

trnnsf_status trn_planes_transposed(trnnsf_context *ctx, const struct trn_planes *planes,
                                    const float *kernels, const float *dy, float *dx)
{
    struct work work = {.planes = planes, .kernels = kernels, .dy = dy, .dx = dx};

    return trn_run_tasks(ctx, "window_multiply_transposed", planes->groups * planes->inputs,
                         transposed_task, &work.run);
}

trnnsf_status trn_planes_gradient(trnnsf_context *ctx, const struct trn_planes *planes, float alpha,
                                  const float *dy, const float *x, float beta, float *g)
{
    struct work work = {
        .planes = planes, .x = x, .dy = dy, .alpha = alpha, .beta = beta, .g = g};

    return trn_run_tasks(ctx, "window_gradient", planes->groups * planes->outputs, gradient_task,
                         &work.run);
}
