/* Trains, prunes, clusters and maps a network for 64 x 64 crossbars. */
#include <stdio.h>
#include <trnnsf/trnnsf.h>

#define TRY(call)                                                                                  \
    if ((call) != TRNNSF_OK)                                                                       \
    return fprintf(stderr, "%s\n", trnnsf_context_error(context)), 1

int main(int argc, char **argv)
{
    const char *folder = argc > 1 ? argv[1] : "/usr/local/share/trnnsf/digits";
    size_t sizes[] = {64, 400, 400, 10};
    struct trnnsf_crossbar_counts counts = {.struct_size = sizeof counts};
    struct trnnsf_evaluation test = {.struct_size = sizeof test};
    trnnsf_context *context = NULL;
    trnnsf_dataset *digits = NULL;
    trnnsf_tech *tech = NULL;
    trnnsf_schedule *schedule = NULL;
    trnnsf_network *network = NULL;
    trnnsf_run *run = NULL;
    trnnsf_mapping *mapping = NULL;

    TRY(trnnsf_context_create(NULL, &context));
    TRY(trnnsf_dataset_load(context, folder, NULL, &digits));
    TRY(trnnsf_tech_preset(context, "resparc-45nm", &tech));
    TRY(trnnsf_schedule_create(context, "transform", "corrected", &schedule));
    TRY(trnnsf_schedule_set(context, schedule, "train.batch", 50));
    TRY(trnnsf_network_create(context, sizes, 4, NULL, &network));
    TRY(trnnsf_run_create(context, network, digits, schedule, tech, 0, &run));
    TRY(trnnsf_run_finish(context, run));
    TRY(trnnsf_mapping_create(context, network, tech, NULL, &mapping));
    TRY(trnnsf_mapping_counts(context, mapping, TRNNSF_ALL_LAYERS, &counts));
    TRY(trnnsf_network_evaluate(context, network, digits, TRNNSF_PART_TEST, 0, &test));
    printf("%.2f %% right, %d crossbars instead of %d\n", 100 * test.accuracy, (int)counts.total,
           (int)counts.dense);
    trnnsf_mapping_free(mapping), trnnsf_run_free(run), trnnsf_network_free(network);
    trnnsf_schedule_free(schedule), trnnsf_tech_free(tech), trnnsf_dataset_free(digits);
    trnnsf_context_free(context);
    return 0;
}
