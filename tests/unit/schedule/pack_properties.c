/* Method `pack` on random small problems: what must hold after every step, whatever network, shape,
 * data and keys; and that threads do not change a bit. */
#include "schedule/pack_jobs.h"

START_TEST(every_step_keeps_its_word)
{
    struct problem p = draw_problem(_i);
    trnnsf_context *ctx = make_context(2);
    struct job job = begin(ctx, &p);
    struct trnnsf_step step = {.struct_size = sizeof step};

    while (!trnnsf_run_done(job.run)) {
        trnnsf_status status = trnnsf_run_step(ctx, job.run, &step);

        if (status == TRNNSF_E_NUMERIC)
            break;
        ck_assert_msg(status == TRNNSF_OK, "%s", trnnsf_context_error(ctx));
        check_step(&job, &p, &step);
    }
    end(&job);
    trnnsf_context_free(ctx);
}
END_TEST

static double cost_now(const struct job *job, const struct problem *p)
{
    trnnsf_tech *tech = shapes_of(job->ctx, p, 0, p->n_shapes);
    trnnsf_mapping *mapping;

    ck_assert_int_eq(trnnsf_mapping_create(job->ctx, job->network, tech, NULL, &mapping),
                     TRNNSF_OK);
    double cost = mapped_cost(job->ctx, p, tech, mapping);
    trnnsf_mapping_free(mapping);
    trnnsf_tech_free(tech);
    return cost;
}

/* Whatever the plan, where accuracy does not hold it: at least one crossbar a layer can be had. */
START_TEST(target_is_met)
{
    struct problem p = draw_problem(_i);
    trnnsf_context *ctx = make_context(2);

    p.target_loss = 0;
    if (p.target_crossbars <= 0)
        p.target_crossbars = (double)p.n_layers;
    struct job job = begin(ctx, &p);
    go_on(&job);
    if (trnnsf_run_done(job.run) && is_alive(&job, &p))
        ck_assert_msg(cost_now(&job, &p) <= p.target_crossbars * (1 + 1e-6),
                      "%g crossbars of %g, %u epochs, packed from %g to %g", cost_now(&job, &p),
                      p.target_crossbars, p.epochs, p.first, p.until);
    end(&job);
    trnnsf_context_free(ctx);
}
END_TEST

START_TEST(threads_do_not_matter)
{
    struct problem p = draw_problem(_i);
    trnnsf_context *one = make_context(1);
    struct job alone = begin(one, &p);

    go_on(&alone);
    for (uint32_t threads = 2; threads <= 3; threads++) {
        trnnsf_context *ctx = make_context(threads);
        struct job job = begin(ctx, &p);

        go_on(&job);
        same_bits(alone.network, job.network);
        same_history(alone.run, one, job.run, ctx);
        end(&job);
        trnnsf_context_free(ctx);
    }
    end(&alone);
    trnnsf_context_free(one);
}
END_TEST

TCase *pack_properties_case(void)
{
    TCase *tests = tcase_create("pack-properties");

    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, every_step_keeps_its_word, 0, some_of(PROBLEMS));
    tcase_add_loop_test(tests, every_step_keeps_its_word, PROBLEMS, FIRST_POOL + some_of(POOLS));
    tcase_add_loop_test(tests, target_is_met, 0, some_of(PROBLEMS));
    tcase_add_loop_test(tests, target_is_met, FIRST_POOL, FIRST_POOL + some_of(POOLS));
    tcase_add_loop_test(tests, threads_do_not_matter, FIRST_POOL, FIRST_POOL + some_of(POOLS / 6));
    tcase_add_loop_test(tests, threads_do_not_matter, 0, some_of(PROBLEMS / 3));
    return tests;
}
