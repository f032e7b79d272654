/* NIR graphs: read and run, or written. */
#include "nir.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), size = strlen(end);

    return length > size && strcmp(text + length - size, end) == 0;
}

int nir_is_file(const char *path)
{
    return ends_with(path, ".nir") || ends_with(path, ".h5") || ends_with(path, ".hdf5");
}

trnnsf_status nir_write(const struct work *work)
{
    trnnsf_context *context = work->program.context;
    struct trnnsf_nir_export_options options = TRNNSF_NIR_EXPORT_OPTIONS_INIT;
    trnnsf_nir *nir = NULL;
    trnnsf_status status;

    options.readout = work->run.readout;
    if (work->step_seconds > 0)
        options.dt = work->step_seconds;
    status = trnnsf_nir_of_spiking(context, work->spiking, &options, &nir);
    if (status == TRNNSF_OK)
        status = trnnsf_nir_save(context, nir, work->nir_file);
    trnnsf_nir_free(nir);
    return status;
}

/* Whether what an output gets is spikes. */
static int gives_spikes(const trnnsf_nir *nir)
{
    static const char *const firing[] = {"IF", "LIF", "CubaLIF", "Threshold"};

    for (size_t k = 0; k < trnnsf_nir_edges(nir); k++) {
        const char *from = trnnsf_nir_node_type(nir, trnnsf_nir_edge_from(nir, k));
        const char *to = trnnsf_nir_node_type(nir, trnnsf_nir_edge_to(nir, k));

        for (size_t f = 0; strcmp(to, "Output") == 0 && f < sizeof firing / sizeof firing[0]; f++) {
            if (strcmp(from, firing[f]) == 0)
                return 1;
        }
    }
    return 0;
}

static trnnsf_status load(struct work *work)
{
    trnnsf_context *context = work->program.context;
    struct trnnsf_nir_import_options options = TRNNSF_NIR_IMPORT_OPTIONS_INIT;
    trnnsf_nir *nir = NULL;
    trnnsf_status status;

    options.dt = work->step_seconds;
    if (work->reset_given)
        options.reset = work->options.reset == TRNNSF_RESET_ZERO ? TRNNSF_NIR_RESET_VALUE
                                                                 : TRNNSF_NIR_RESET_SUBTRACT;
    status = trnnsf_nir_load(context, work->file, &nir);
    if (status == TRNNSF_OK)
        status = trnnsf_nir_to_spiking(context, nir, &options, &work->spiking);
    if (status == TRNNSF_OK && !work->readout_given && gives_spikes(nir))
        work->run.readout = TRNNSF_READOUT_SPIKES;
    trnnsf_nir_free(nir);
    return status;
}

int nir_run(struct work *work)
{
    struct program *program = &work->program;
    double began;

    if (work->mapping_file || work->mca || work->n_settings > 0 || work->n_chips > 0 ||
        work->tiles.given)
        return options_error(program->usage, "--mapping, --mca, --set, --chips and --tiles need a "
                                             "network (safetensors)");
    work->network_accuracy = work->rows = work->packets = (double)NAN;
    if (data_load(program, work->data, &work->samples, &work->dataset) != TRNNSF_OK ||
        load(work) != TRNNSF_OK)
        return program_failed(program);
    began = program_now();
    if (trnnsf_spiking_evaluate(program->context, work->spiking, work->dataset,
                                TRNNSF_PART_TEST, &work->run, &work->record) != TRNNSF_OK)
        return program_failed(program);
    work->seconds = program_now() - began;
    return EXIT_GO_ON;
}
