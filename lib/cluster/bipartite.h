/* A matrix's connections as a bipartite graph, without the lines that have none. */
#ifndef TRN_CLUSTER_BIPARTITE_H
#define TRN_CLUSTER_BIPARTITE_H

#include "tensor/sparse.h"

/* The two sides of the graph: rows are outputs, columns are inputs. */
enum { TRN_OUTPUTS = 0, TRN_INPUTS = 1, TRN_SIDES = 2 };

struct trn_side {
    size_t all;      /* lines of the matrix */
    size_t count;    /* of these with connections */
    uint32_t *index; /* [all]: each line's index in the matrix; the empty ones last */
    size_t *start;   /* [count + 1] */
    uint32_t *other; /* [nonzeros]: the lines met on the other side, by rising degree */
    size_t longest;  /* most connections of a line */
};

struct trn_bipartite {
    size_t nonzeros;
    struct trn_side side[TRN_SIDES];
};

trnnsf_status trn_bipartite_create(trnnsf_context *ctx, const struct trnnsf_matrix *matrix,
                                   struct trn_bipartite **out_graph);
void trn_bipartite_free(trnnsf_context *ctx, struct trn_bipartite *graph);

static inline size_t trn_degree(const struct trn_side *side, size_t line)
{
    return side->start[line + 1] - side->start[line];
}

#endif
