/* Clusters of a bare matrix. */
#include "makes.h"

static trnnsf_status find(struct stage *s, uint32_t variant, uint32_t merge, uint32_t grow)
{
    struct trnnsf_cluster_options options = TRNNSF_CLUSTER_OPTIONS_INIT;
    trnnsf_clusters *clusters = NULL;

    options.variant = variant;
    options.merge = merge;
    options.grow = grow;
    options.inputs = 6;
    options.outputs = 5;
    trnnsf_status status = trnnsf_clusters_find(s->ctx, s->matrix, &options, &clusters);
    expect((status == TRNNSF_OK) == (clusters != NULL), "a result without success, or the reverse");
    if (status == TRNNSF_OK)
        s->result = (double)trnnsf_clusters_residue(clusters, s->matrix);
    if (status == TRNNSF_OK && variant == TRNNSF_CLUSTER_CORRECTED)
        status = trnnsf_clusters_check(s->ctx, clusters, 6, 5);
    trnnsf_clusters_free(clusters);
    return status;
}

static trnnsf_status find_published(struct stage *s)
{
    return find(s, TRNNSF_CLUSTER_PUBLISHED, 0, 0);
}

static trnnsf_status find_corrected(struct stage *s)
{
    return find(s, TRNNSF_CLUSTER_CORRECTED, 1, 1);
}

static trnnsf_status find_plain(struct stage *s)
{
    return find(s, TRNNSF_CLUSTER_CORRECTED, 0, 0);
}

static trnnsf_status check(struct stage *s)
{
    return trnnsf_clusters_check(s->ctx, s->clusters, 6, 6);
}

static trnnsf_status pack(struct stage *s, uint32_t goal, size_t shapes, uint32_t effort)
{
    static const uint32_t inputs[] = {8, 4}, outputs[] = {6, 3};
    static const double cost[] = {3, 1};
    struct trnnsf_pack_options options = TRNNSF_PACK_OPTIONS_INIT;
    struct trnnsf_pack_report report = {.struct_size = sizeof report};
    trnnsf_clusters *clusters = NULL;

    options.goal = goal;
    options.effort = effort;
    options.shapes = shapes;
    options.inputs = inputs;
    options.outputs = outputs;
    options.cost = cost;
    options.cost_limit = 6;
    options.discard = effort > 1 ? 0.02 : 0.2;
    options.salience = shapes > 1 ? TRNNSF_PACK_SQUARE : TRNNSF_PACK_MAGNITUDE;
    trnnsf_status status = trnnsf_clusters_pack(s->ctx, s->matrix, &options, &clusters);
    expect((status == TRNNSF_OK) == (clusters != NULL), "a result without success, or the reverse");
    if (status == TRNNSF_OK)
        status = trnnsf_pack_measure(s->ctx, s->matrix, &options, clusters, &report);
    if (status == TRNNSF_OK)
        s->result = report.kept;
    trnnsf_clusters_free(clusters);
    return status;
}

static trnnsf_status pack_budget(struct stage *s)
{
    return pack(s, TRNNSF_PACK_BUDGET, 1, 1);
}

static trnnsf_status pack_bound(struct stage *s)
{
    return pack(s, TRNNSF_PACK_BOUND, 2, 1);
}

/* Begins at a cover, too. */
static trnnsf_status pack_all(struct stage *s)
{
    return pack(s, TRNNSF_PACK_BOUND, 1, 2);
}

static trnnsf_status held(struct stage *s)
{
    trnnsf_matrix *matrix = NULL;
    trnnsf_status status = trnnsf_clusters_held(s->ctx, s->clusters, s->matrix, &matrix);

    expect((status == TRNNSF_OK) == (matrix != NULL), "a result without success, or the reverse");
    s->result = (double)trnnsf_matrix_nonzeros(matrix);
    trnnsf_matrix_free(matrix);
    return status;
}

static struct trnnsf_reorder_options small_tiles(void)
{
    struct trnnsf_reorder_options options = TRNNSF_REORDER_OPTIONS_INIT;

    options.inputs = 4;
    options.outputs = 5;
    options.effort = 1;
    return options;
}

/* Places of whole tiles: a tile's side more than lines is enough. */
static trnnsf_status reorder(struct stage *s)
{
    struct trnnsf_reorder_options options = small_tiles();
    uint32_t rows[MATRIX_ROWS + 5], columns[MATRIX_COLUMNS + 4];
    trnnsf_clusters *clusters = NULL;
    trnnsf_status status;

    rows[0] = columns[0] = 12345;
    status = trnnsf_reorder_find(s->ctx, s->matrix, &options, rows, columns);
    expect(status == TRNNSF_OK || (rows[0] == 12345 && columns[0] == 12345),
           "a result was written without success");
    if (status == TRNNSF_OK)
        status = trnnsf_reorder_tiles(s->ctx, s->matrix, &options, rows, columns, &clusters);
    expect((status == TRNNSF_OK) == (clusters != NULL), "a result without success, or the reverse");
    if (status == TRNNSF_OK)
        s->result = (double)trnnsf_clusters_count(clusters);
    trnnsf_clusters_free(clusters);
    return status;
}

static trnnsf_status reorder_bound(struct stage *s)
{
    struct trnnsf_reorder_options options = small_tiles();
    size_t bound = 0;
    trnnsf_status status = trnnsf_reorder_bound(s->ctx, s->matrix, &options, &bound);

    s->result = (double)bound;
    return status;
}

static trnnsf_status cover(struct stage *s)
{
    struct trnnsf_reorder_options options = small_tiles();
    trnnsf_clusters *clusters = NULL;
    trnnsf_status status = trnnsf_clusters_cover(s->ctx, s->matrix, &options, &clusters);

    expect((status == TRNNSF_OK) == (clusters != NULL), "a result without success, or the reverse");
    if (status == TRNNSF_OK)
        s->result = (double)trnnsf_clusters_count(clusters);
    trnnsf_clusters_free(clusters);
    return status;
}

const struct scene cluster_scenes[] = {
    {"clusters_find, published", NEED_MATRIX, find_published, NULL, NULL},
    {"clusters_find, corrected", NEED_MATRIX, find_corrected, NULL, NULL},
    {"clusters_find, neither merged nor grown", NEED_MATRIX, find_plain, NULL, NULL},
    {"clusters_pack, budget", NEED_MATRIX, pack_budget, NULL, NULL},
    {"clusters_pack, bound", NEED_MATRIX, pack_bound, NULL, NULL},
    {"clusters_pack, from a cover", NEED_MATRIX, pack_all, NULL, NULL},
    {"reorder_find, reorder_tiles", NEED_MATRIX, reorder, NULL, NULL},
    {"reorder_bound", NEED_MATRIX, reorder_bound, NULL, NULL},
    {"clusters_cover", NEED_MATRIX, cover, NULL, NULL},
    {"clusters_held", NEED_CLUSTERS, held, NULL, NULL},
    {"clusters_check", NEED_CLUSTERS, check, NULL, NULL},
    {NULL, 0, NULL, NULL, NULL},
};
