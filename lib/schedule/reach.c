#include "schedule/reach.h"

#include <string.h>

#include "base/context.h"
#include "cluster/builder.h"

static bool any(const bool *of, size_t n)
{
    bool some = false;

    for (size_t i = 0; i < n && !some; i++)
        some = of[i];
    return some;
}

static size_t lines_of(const struct trn_reach *reach, size_t index)
{
    return trn_links_lines(reach->links, index);
}

static size_t outputs_of(const struct trn_reach *reach, size_t index)
{
    return reach->network->layers[index].n_out;
}

/* A block of clusters; its outputs are of one group. */
struct block {
    const uint32_t *row, *column;
    size_t n_rows, n_columns;
};

static struct block block_of(const struct trn_blocks *blocks, size_t b)
{
    return (struct block){blocks->row + blocks->row_start[b],
                          blocks->column + blocks->column_start[b], trn_block_rows(blocks, b),
                          trn_block_columns(blocks, b)};
}

/* Outputs of blocks that read a line of lines[]. */
static void spread_up(const struct trn_reach *reach, size_t index, const struct trn_blocks *blocks,
                      const bool *lines, bool *outputs)
{
    for (size_t b = 0; b < blocks->count; b++) {
        struct block block = block_of(blocks, b);
        bool fed = false;

        for (size_t j = 0; j < block.n_columns && !fed; j++)
            fed = lines[trn_links_line(reach->links, index, block.row[0], block.column[j])];
        for (size_t i = 0; fed && i < block.n_rows; i++)
            outputs[block.row[i]] = true;
    }
}

/* Lines of blocks with an output of outputs[]. */
static void spread_down(const struct trn_reach *reach, size_t index,
                        const struct trn_blocks *blocks, const bool *outputs, bool *lines)
{
    for (size_t b = 0; b < blocks->count; b++) {
        struct block block = block_of(blocks, b);
        bool read = false;

        for (size_t i = 0; i < block.n_rows && !read; i++)
            read = outputs[block.row[i]];
        for (size_t j = 0; read && j < block.n_columns; j++)
            lines[trn_links_line(reach->links, index, block.row[0], block.column[j])] = true;
    }
}

/* Either way by the mask of a layer that has no blocks. */
static void spread_mask(const struct trn_reach *reach, size_t index, bool upward, bool *lines,
                        bool *outputs)
{
    const struct trn_layer *layer = &reach->network->layers[index];

    for (size_t i = 0; i < layer->n_out; i++) {
        for (size_t j = 0; j < layer->n_in; j++) {
            size_t line = trn_links_line(reach->links, index, i, j);

            if (layer->mask && !trn_mask_get(layer->mask, i, j))
                continue;
            if (upward)
                outputs[i] = outputs[i] || lines[line];
            else
                lines[line] = lines[line] || outputs[i];
        }
    }
}

static trnnsf_status make_room(trnnsf_context *ctx, struct trn_reach *reach)
{
    size_t n = reach->links->n_layers;

    reach->fed_outputs = TRN_NEW_ARRAY(ctx, bool *, n);
    reach->outputs = TRN_NEW_ARRAY(ctx, bool *, n);
    reach->fed_lines = TRN_NEW_ARRAY(ctx, bool *, n + 1);
    reach->lines = TRN_NEW_ARRAY(ctx, bool *, n + 1);
    if (!reach->fed_outputs || !reach->outputs || !reach->fed_lines || !reach->lines)
        return TRN_NO_MEMORY;
    /* One array each, so that the links can speak of the outputs of all layers. */
    reach->fed_outputs[0] = TRN_NEW_ARRAY(ctx, bool, trn_links_outputs(reach->links));
    reach->outputs[0] = TRN_NEW_ARRAY(ctx, bool, trn_links_outputs(reach->links));
    reach->fed_lines[0] = TRN_NEW_ARRAY(ctx, bool, reach->links->first_line[n + 1]);
    reach->lines[0] = TRN_NEW_ARRAY(ctx, bool, reach->links->first_line[n + 1]);
    if (!reach->fed_outputs[0] || !reach->outputs[0] || !reach->fed_lines[0] || !reach->lines[0])
        return TRN_NO_MEMORY;
    for (size_t l = 1; l <= n; l++) {
        reach->fed_lines[l] = reach->fed_lines[0] + reach->links->first_line[l];
        reach->lines[l] = reach->lines[0] + reach->links->first_line[l];
        if (l == n)
            break;
        reach->fed_outputs[l] = reach->fed_outputs[0] + reach->links->first_output[l];
        reach->outputs[l] = reach->outputs[0] + reach->links->first_output[l];
    }
    return TRNNSF_OK;
}

/* What `clusters` read of the layer's lines; true where some of it is fed. */
static bool find_read(struct trn_reach *reach, size_t index, const struct trnnsf_clusters *clusters)
{
    bool *lines = reach->lines[index], some = false;

    memset(lines, false, lines_of(reach, index));
    if (clusters)
        spread_down(reach, index, clusters->blocks, reach->outputs[index], lines);
    else
        spread_mask(reach, index, false, lines, reach->outputs[index]);
    for (size_t c = 0; c < lines_of(reach, index); c++)
        some = some || (lines[c] && reach->fed_lines[index][c]);
    return some;
}

static void keep(bool *lines, const bool *of, size_t n)
{
    for (size_t i = 0; i < n; i++)
        lines[i] = lines[i] && of[i];
}

void trn_reach_read(struct trn_reach *reach, size_t index, const struct trnnsf_clusters *clusters)
{
    if (find_read(reach, index, clusters))
        keep(reach->lines[index], reach->fed_lines[index], lines_of(reach, index));
    trn_links_read(reach->links, index, reach->lines[index], reach->outputs[0]);
}

static void find_fed(struct trn_reach *reach, struct trnnsf_clusters *const *clusters)
{
    size_t n_layers = reach->links->n_layers;

    for (size_t l = 0; l <= n_layers; l++) {
        trn_links_feed(reach->links, l, reach->fed_outputs[0], reach->fed_lines[l]);
        if (l == n_layers)
            break;
        if (clusters[l])
            spread_up(reach, l, clusters[l]->blocks, reach->fed_lines[l], reach->fed_outputs[l]);
        else
            spread_mask(reach, l, true, reach->fed_lines[l], reach->fed_outputs[l]);
    }
}

/* A layer's outputs are known when all that read them have told: those come behind it. */
static void find_alive(struct trn_reach *reach, struct trnnsf_clusters *const *clusters)
{
    size_t n_layers = reach->links->n_layers;

    memcpy(reach->lines[n_layers], reach->fed_lines[n_layers], lines_of(reach, n_layers));
    trn_links_read(reach->links, n_layers, reach->lines[n_layers], reach->outputs[0]);
    for (size_t l = n_layers; l-- > 0;) {
        keep(reach->outputs[l], reach->fed_outputs[l], outputs_of(reach, l));
        find_read(reach, l, clusters[l]);
        keep(reach->lines[l], reach->fed_lines[l], lines_of(reach, l));
        trn_links_read(reach->links, l, reach->lines[l], reach->outputs[0]);
    }
}

trnnsf_status trn_reach_find(trnnsf_context *ctx, const struct trnnsf_network *network,
                             const struct trn_links *links,
                             struct trnnsf_clusters *const *clusters, struct trn_reach *out_reach)
{
    *out_reach = (struct trn_reach){.network = network, .links = links, .whole = true};
    TRN_TRY(make_room(ctx, out_reach));
    find_fed(out_reach, clusters);
    find_alive(out_reach, clusters);
    for (size_t l = 0; l < links->n_layers; l++)
        out_reach->whole = out_reach->whole &&
                           any(out_reach->outputs[l], outputs_of(out_reach, l)) &&
                           any(out_reach->lines[l], lines_of(out_reach, l));
    return TRNNSF_OK;
}

static void free_arrays(trnnsf_context *ctx, bool **arrays)
{
    if (arrays)
        trn_free(ctx, arrays[0]);
    trn_free(ctx, arrays);
}

void trn_reach_free(trnnsf_context *ctx, struct trn_reach *reach)
{
    free_arrays(ctx, reach->fed_outputs);
    free_arrays(ctx, reach->outputs);
    free_arrays(ctx, reach->fed_lines);
    free_arrays(ctx, reach->lines);
    *reach = (struct trn_reach){.links = NULL};
}

void trn_reach_forget_reads(struct trn_reach *reach)
{
    const struct trn_links *links = reach->links;
    size_t n = links->n_layers;

    memcpy(reach->lines[0], reach->fed_lines[0], links->first_line[n + 1]);
    memset(reach->lines[n], true, lines_of(reach, n));
    memset(reach->outputs[0], false, trn_links_outputs(links));
    trn_links_read(links, n, reach->lines[n], reach->outputs[0]);
}

/* The salience of cells whose output is alive, and with `inputs` their line too; takes it off all
 * others with `clear`. */
static double sum_alive(const struct trn_reach *reach, size_t index, bool inputs, bool clear,
                        struct trnnsf_matrix *salience)
{
    double sum = 0;

    for (size_t i = 0; i < salience->n_rows; i++) {
        for (size_t e = salience->row_start[i]; e < salience->row_start[i + 1]; e++) {
            size_t line = trn_links_line(reach->links, index, i, salience->column[e]);

            if (reach->outputs[index][i] && (!inputs || reach->lines[index][line]))
                sum += trn_salience(salience, e);
            else if (clear)
                salience->value[e] = 0;
        }
    }
    return sum;
}

void trn_reach_filter(const struct trn_reach *reach, size_t index, struct trnnsf_matrix *salience)
{
    bool inputs = sum_alive(reach, index, true, false, salience) > 0;

    if (inputs || sum_alive(reach, index, false, false, salience) > 0)
        sum_alive(reach, index, inputs, true, salience);
}

/* The block without dead rows and columns: rows[n_rows], columns[n_columns]. */
static struct block trim_block(const struct trn_reach *reach, size_t index, struct block block,
                               uint32_t *rows, uint32_t *columns)
{
    struct block left = {rows, columns, 0, 0};

    for (size_t i = 0; i < block.n_rows; i++) {
        if (reach->outputs[index][block.row[i]])
            rows[left.n_rows++] = block.row[i];
    }
    for (size_t j = 0; j < block.n_columns; j++) {
        if (reach->lines[index][trn_links_line(reach->links, index, block.row[0], block.column[j])])
            columns[left.n_columns++] = block.column[j];
    }
    return left;
}

trnnsf_status trn_reach_trim(trnnsf_context *ctx, const struct trn_reach *reach, size_t index,
                             const struct trnnsf_clusters *clusters,
                             struct trnnsf_clusters **out_clusters)
{
    const struct trn_blocks *blocks = clusters->blocks;
    uint32_t *rows = TRN_NEW_ARRAY(ctx, uint32_t, blocks->n_rows);
    uint32_t *columns = TRN_NEW_ARRAY(ctx, uint32_t, blocks->n_columns);
    struct trn_cluster_builder builder;
    trnnsf_status status;

    trn_builder_init(&builder, ctx);
    TRN_NEED_OUT(rows);
    TRN_NEED_OUT(columns);
    for (size_t b = 0; b < blocks->count; b++) {
        struct block left = trim_block(reach, index, block_of(blocks, b), rows, columns);

        TRN_TRY_OUT(trn_builder_add(&builder, rows, left.n_rows, columns, left.n_columns));
    }
    status = trn_builder_finish(&builder, blocks->n_rows, blocks->n_columns, out_clusters);
out:
    trn_builder_free(&builder);
    trn_free(ctx, rows);
    trn_free(ctx, columns);
    return status;
}
