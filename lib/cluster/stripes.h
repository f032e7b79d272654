/* Stripes: which rows stand in which band of rows, which columns in which band of columns, and how
 * many connections each tile holds. Two lines of one side can change places; the energy that falls
 * or rises with that is the sum over all tiles of log2(1 + connections). */
#ifndef TRN_CLUSTER_STRIPES_H
#define TRN_CLUSTER_STRIPES_H

#include "cluster/bipartite.h"

/* Beyond this (chosen here: 256 KiB) logarithms are computed, not looked up. */
enum { TRN_STRIPES_TABLE = 65536 };

struct trn_band {
    size_t limit; /* lines a stripe takes */
    size_t stripes;
    size_t places;    /* stripes x limit */
    uint32_t *stripe; /* [places]: of each line; lines from the side's count on are empty, those
                         from its all on are gaps: places without a line of the matrix */
    uint32_t *place;  /* [places]: of each line */
    uint32_t *line;   /* [places]: at each place */
};

struct trn_stripes {
    const struct trn_bipartite *graph;
    const float *table; /* [TRN_STRIPES_TABLE] log2(1 + n) */
    struct trn_band band[TRN_SIDES];
    uint32_t *held;    /* [row stripes x column stripes] connections */
    size_t filled;     /* tiles that hold some */
    size_t astray;     /* gaps that are not in the last stripe of their side */
    int32_t *change;   /* [most stripes of a side], 0 between calls */
    uint32_t *touched; /* [two lines' connections] */
};

/* How many stripes and places a side has. */
void trn_band_size(const struct trn_side *side, size_t limit, struct trn_band *band);
void trn_stripes_table(float *table);

trnnsf_status trn_stripes_init(trnnsf_context *ctx, const struct trn_bipartite *graph,
                               const size_t *limit, const float *table,
                               struct trn_stripes *stripes);
void trn_stripes_free(trnnsf_context *ctx, struct trn_stripes *stripes);

/* Places the lines by order[s][place], the empty ones after them; counts the tiles. */
void trn_stripes_set(struct trn_stripes *stripes, uint32_t *const *order);

/* How many gaps leave the last stripe (negative: go there) when lines a and b of side s change
 * places. */
int trn_stripes_strays(const struct trn_stripes *stripes, int s, size_t a, size_t b);
/* What the energy gains when lines a and b of side s, of two stripes, change places. */
float trn_stripes_gain(struct trn_stripes *stripes, int s, size_t a, size_t b);
void trn_stripes_swap(struct trn_stripes *stripes, int s, size_t a, size_t b);

/* Tiles with connections where the line at each place is order[s][place]; `mark` has as many
 * entries, zeros, as there are stripes of columns. Needs no table of tiles. */
size_t trn_stripes_count(const struct trn_bipartite *graph, const size_t *limit,
                         uint32_t *const *order, uint32_t *place, uint32_t *mark);

#endif
