#include "tensor/window.h"

#include "tensor/run.h"

struct movement {
    struct trn_run run;
    const struct trnnsf_window *window;
    size_t first;
    size_t n_rows;
    size_t n;
    size_t pixels;  /* a channel's values */
    size_t lowered; /* the same of what is lowered */
    size_t ld;
    const uint8_t *wanted;
    const float *from;
    float *to;
};

static void lower_task(void *argument, size_t channel, size_t worker)
{
    struct movement *m = argument;

    const float *from = m->from + channel * m->pixels;
    float *to = m->to + channel * m->lowered;

    (void)worker;
    if (!m->wanted)
        trn_run_note(&m->run, trn_kernel_window_lower(m->run.backend, m->window, m->first,
                                                      m->n_rows, m->n, from, to, m->ld));
    else
        trn_run_note(&m->run, trn_kernel_window_lower_cells(
                                  m->run.backend, m->window, m->first, m->n_rows, m->n,
                                  m->wanted + channel * trn_window_cells(m->window), from, to,
                                  m->ld));
}

static void raise_task(void *argument, size_t channel, size_t worker)
{
    struct movement *m = argument;

    (void)worker;
    trn_run_note(&m->run,
                 trn_kernel_window_raise(m->run.backend, m->window, m->first, m->n_rows, m->n,
                                         m->from + channel * m->lowered, m->ld,
                                         m->to + channel * m->pixels));
}

static struct movement movement_of(const struct trnnsf_window *window, size_t first, size_t n_rows,
                                   size_t n, size_t ld)
{
    return (struct movement){.window = window,
                             .first = first,
                             .n_rows = n_rows,
                             .n = n,
                             .pixels = window->height * window->width * n,
                             .lowered = trn_window_cells(window) * ld,
                             .ld = ld};
}

trnnsf_status trn_window_lower(trnnsf_context *ctx, const struct trnnsf_window *window,
                               size_t n_channels, size_t first, size_t n_rows, size_t n,
                               const uint8_t *wanted, const float *in, float *out, size_t ld_out)
{
    struct movement m = movement_of(window, first, n_rows, n, ld_out);

    m.wanted = wanted;
    m.from = in;
    m.to = out;
    return trn_run_tasks(ctx, "window_lower", n_channels, lower_task, &m.run);
}

trnnsf_status trn_window_raise(trnnsf_context *ctx, const struct trnnsf_window *window,
                               size_t n_channels, size_t first, size_t n_rows, size_t n,
                               const float *out, size_t ld_out, float *in)
{
    struct movement m = movement_of(window, first, n_rows, n, ld_out);

    m.from = out;
    m.to = in;
    return trn_run_tasks(ctx, "window_raise", n_channels, raise_task, &m.run);
}
