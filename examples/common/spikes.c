#include "spikes.h"

trnnsf_status spikes_run(struct program *program, const trnnsf_network *network,
                         const trnnsf_mapping *mapping, const trnnsf_dataset *dataset,
                         uint32_t part, uint32_t steps, trnnsf_spike_record **out_record)
{
    trnnsf_context *context = program->context;
    struct trnnsf_spike_run_options options = TRNNSF_SPIKE_RUN_OPTIONS_INIT;
    trnnsf_spiking *spiking = NULL, *mapped = NULL;
    trnnsf_status status = trnnsf_spiking_convert(context, network, dataset, NULL, &spiking);

    options.steps = steps;
    options.seed = program->seed;
    options.traffic = 1;
    if (status == TRNNSF_OK)
        status = trnnsf_spiking_map(context, spiking, mapping, &mapped);
    if (status == TRNNSF_OK)
        status = trnnsf_spiking_evaluate(context, mapped, dataset, part, &options, out_record);
    trnnsf_spiking_free(mapped);
    trnnsf_spiking_free(spiking);
    return status;
}

double spikes_accuracy(const trnnsf_spike_record *record)
{
    size_t steps;
    const double *accuracy = trnnsf_spike_record_accuracy(record, &steps);

    return accuracy[steps - 1];
}

void spikes_write(FILE *stream, const trnnsf_spike_record *record)
{
    fprintf(stream, "  \"spiking\": {");
    program_put_number(stream, "steps", trnnsf_spike_record_mean_steps(record));
    fprintf(stream, ", ");
    program_put_number(stream, "accuracy", spikes_accuracy(record));
    fprintf(stream, ", ");
    program_put_number(stream, "spikes", trnnsf_spike_record_rate(record));
    fprintf(stream, "},\n");
}
