#include "cluster/pack_work.h"

#include "base/alloc.h"
#include "base/context.h"

/* Candidates at a time: this many for each block that a round takes, and some at least, so that
 * even a single block is the best of several starts. (Measured on a 4096 x 9216 layer of density
 * 0.1 in 922 blocks: 2 for 3 loses 0.3 % of the salience kept and saves a sixth of the time.) */
enum { CANDIDATES_A_BLOCK = 3, CANDIDATES_MIN = 8, CANDIDATES_AN_EFFORT = 8 };
/* Rounds that a generation takes, about: the more, the nearer to one block at a time. Each sums up
 * all that is open. */
enum { ROUNDS_AN_EFFORT = 32, ROUNDS_QUICK = 16 };
/* Alternation settles within some ten turns. Where many blocks are taken in a round, later rounds
 * bring what is left after the first ones. (Measured as above: 8 for 5 gains 0.3 % and takes a half
 * more time.) */
enum { TURNS = 5, TURNS_ALONE = 20 };

trnnsf_status trn_pack_work_init(struct trn_pack_work *work, trnnsf_context *ctx,
                                 const struct trnnsf_matrix *matrix,
                                 const struct trn_pack_pool *pool, const struct trn_pack_goal *goal)
{
    *work = (struct trn_pack_work){.ctx = ctx,
                                   .pool = pool,
                                   .goal = goal,
                                   .field = {.ctx = ctx},
                                   .search = {.ctx = ctx},
                                   .cost_limit = INFINITY};
    trn_pack_set_init(&work->set, ctx);
    trn_pack_sides(pool, matrix->n_rows, matrix->n_columns, &work->rows, &work->columns);
    TRN_TRY(trn_pack_field_init(&work->field, ctx, matrix));
    TRN_TRY(trn_pack_search_init(&work->search, ctx, &work->field));
    work->open = work->field.total;
    return TRNNSF_OK;
}

void trn_pack_work_free(struct trn_pack_work *work)
{
    trn_pack_set_free(&work->set);
    trn_free(work->ctx, work->candidate);
    trn_free(work->ctx, work->lines);
    trn_pack_search_free(&work->search);
    trn_pack_field_free(&work->field);
}

size_t trn_pack_work_quota(const struct trn_pack_work *work)
{
    uint32_t effort = work->goal->effort;

    return work->expected / (effort > 0 ? ROUNDS_AN_EFFORT * effort : ROUNDS_QUICK) + 1;
}

trnnsf_status trn_pack_work_expect(struct trn_pack_work *work, size_t expected)
{
    size_t count = CANDIDATES_MIN + CANDIDATES_AN_EFFORT * work->goal->effort;
    size_t stride = work->rows + work->columns;

    work->expected = expected;
    work->search.begin_turns = trn_pack_work_quota(work) == 1 ? TURNS_ALONE : TURNS;
    size_t a_block = work->goal->effort > 1 ? CANDIDATES_A_BLOCK : CANDIDATES_A_BLOCK - 1;
    if (count < a_block * trn_pack_work_quota(work))
        count = a_block * trn_pack_work_quota(work);
    trn_free(work->ctx, work->candidate);
    trn_free(work->ctx, work->lines);
    work->lines = NULL;
    work->candidate = TRN_NEW_ARRAY(work->ctx, struct trn_pack_candidate, count);
    if (!work->candidate)
        return TRNNSF_E_NO_MEMORY;
    work->lines = trn_malloc(work->ctx, count, stride * sizeof *work->lines);
    if (!work->lines)
        return TRNNSF_E_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        work->candidate[i].block.row = work->lines + i * stride;
        work->candidate[i].block.column = work->lines + i * stride + work->rows;
    }
    work->candidates = count;
    return TRNNSF_OK;
}

void trn_pack_work_renew(struct trn_pack_work *work)
{
    trn_pack_field_reset(&work->field);
    trn_pack_take_all(&work->field, &work->set);
    work->open = trn_pack_field_sum(&work->field);
}

bool trn_pack_work_enough(const struct trn_pack_work *work)
{
    if (!work->goal->bounded)
        return false;
    return work->field.opened == 0 || work->open <= work->goal->discard * work->field.total;
}
