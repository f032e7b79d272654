/* How far spikes travel: rows that they drive and packets that bring them, as doc/cost-model.md
 * counts them. */
#include <math.h>

#include "work.h"

/* Inputs of one crossbar: rows driven in a step, and whether any is, on average. */
static void add_crossbar(const struct trnnsf_crossbar *crossbar, const float *rate, double *rows,
                         double *packets)
{
    double silent = 1;

    for (uint64_t i = 0; i < crossbar->n_inputs; i++) {
        double driven = (double)rate[crossbar->inputs[i]];

        *rows += driven;
        silent *= 1 - driven;
    }
    *packets += 1 - silent;
}

trnnsf_status work_count_traffic(struct work *work)
{
    double steps = ceil(trnnsf_spike_record_mean_steps(work->record));
    trnnsf_status status = TRNNSF_OK;

    work->rows = work->packets = 0;
    for (size_t c = 0; c < trnnsf_mapping_crossbars(work->mapping) && status == TRNNSF_OK; c++) {
        struct trnnsf_crossbar crossbar = {.struct_size = sizeof crossbar};

        status = trnnsf_mapping_crossbar(work->program.context, work->mapping, c, &crossbar);
        if (status == TRNNSF_OK)
            add_crossbar(&crossbar, trnnsf_activity_rate(work->activity, crossbar.layer, NULL),
                         &work->rows, &work->packets);
    }
    work->rows *= steps;
    work->packets *= steps;
    return status;
}
