#include "schedule/search_scene.h"

void search_scene_begin(struct search_scene *scene, unsigned epochs)
{
    trnnsf_run *run;

    scene->ctx = make_context(2);
    scene->dataset = make_dataset(scene->ctx);
    scene->tech = make_tech(scene->ctx);
    scene->schedule = make_schedule(scene->ctx, "dense", "corrected");
    if (epochs > 0)
        set(scene->ctx, scene->schedule, "train.epochs", epochs);
    scene->dense = make_network(scene->ctx);
    run = make_run(scene->ctx, scene->dense, scene->dataset, scene->schedule);
    ck_assert_int_eq(trnnsf_run_finish(scene->ctx, run), TRNNSF_OK);
    trnnsf_run_free(run);
}

void search_scene_end(struct search_scene *scene)
{
    trnnsf_network_free(scene->dense);
    trnnsf_schedule_free(scene->schedule);
    trnnsf_tech_free(scene->tech);
    trnnsf_dataset_free(scene->dataset);
    trnnsf_context_free(scene->ctx);
}

struct trnnsf_search_options search_options_of(uint32_t target, double limit, uint32_t trials)
{
    struct trnnsf_search_options options = TRNNSF_SEARCH_OPTIONS_INIT;

    options.target = target;
    options.limit = limit;
    options.trials = trials;
    return options;
}

trnnsf_search *search_scene_search(const struct search_scene *scene, uint32_t target, double limit,
                                   uint32_t trials)
{
    struct trnnsf_search_options options = search_options_of(target, limit, trials);
    trnnsf_search *search;

    ck_assert_msg(trnnsf_search_create(scene->ctx, scene->dense, scene->dataset, scene->schedule,
                                       scene->tech, &options, &search) == TRNNSF_OK,
                  "%s", trnnsf_context_error(scene->ctx));
    return search;
}

double search_scene_validate(const struct search_scene *scene, const trnnsf_network *network)
{
    struct trnnsf_evaluation result = {.struct_size = sizeof result};

    ck_assert_int_eq(trnnsf_network_evaluate(scene->ctx, network, scene->dataset,
                                             TRNNSF_PART_VALIDATION, TRNNSF_LOSS_SQUARED, &result),
                     TRNNSF_OK);
    return result.accuracy;
}
