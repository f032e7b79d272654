/* NIR graphs: nodes of documented types with named parameters, and edges between them. */
#ifndef TRN_NIR_NIR_H
#define TRN_NIR_NIR_H

#include <stdbool.h>
#include <trnnsf/nir.h>

/* Limits on what files may hold: chosen here, far above what networks have. */
enum {
    TRN_NIR_RANK_MAX = 8,
    TRN_NIR_NAME_MAX = 255,
    TRN_NIR_TEXT_MAX = 65536,
    TRN_NIR_NODES_MAX = 4096,
    TRN_NIR_EDGES_MAX = 16384,
    TRN_NIR_MEMBERS_MAX = 256,
    TRN_NIR_VALUES_MAX = 1 << 28 /* of one array, and signals of one node */
};
#define TRN_NIR_NONE ((size_t)-1)
#define TRN_NIR_METADATA "metadata/"

enum trn_nir_type {
    TRN_NIR_AFFINE,
    TRN_NIR_AVG_POOL_2D,
    TRN_NIR_CONV_1D,
    TRN_NIR_CONV_2D,
    TRN_NIR_CUBA_LI,
    TRN_NIR_CUBA_LIF,
    TRN_NIR_DELAY,
    TRN_NIR_FLATTEN,
    TRN_NIR_GRAPH,
    TRN_NIR_I,
    TRN_NIR_IF,
    TRN_NIR_INPUT,
    TRN_NIR_LI,
    TRN_NIR_LIF,
    TRN_NIR_LINEAR,
    TRN_NIR_OUTPUT,
    TRN_NIR_SCALE,
    TRN_NIR_SUM_POOL_2D,
    TRN_NIR_THRESHOLD,
    TRN_NIR_TYPES
};

/* What a parameter holds. */
enum trn_nir_role {
    TRN_NIR_OF_NEURONS = 1, /* one number a signal, or one for all */
    TRN_NIR_POSITIVE,       /* the same, above 0 */
    TRN_NIR_NOT_NEGATIVE,   /* the same, at least 0 */
    TRN_NIR_WEIGHTS,        /* shape by the type */
    TRN_NIR_SHAPE,          /* lengths, each at least 1 */
    TRN_NIR_COUNTS,         /* one or two whole numbers, each at least 1 */
    TRN_NIR_PADDING,        /* the same, each at least 0, or "same" or "valid" */
    TRN_NIR_PLACE           /* one whole number */
};

struct trn_nir_parameter {
    const char *name; /* NULL after the last one */
    enum trn_nir_role role;
    bool is_optional;
};
enum { TRN_NIR_PARAMETERS = 8 };

struct trn_nir_kind {
    const char *name;
    struct trn_nir_parameter parameters[TRN_NIR_PARAMETERS];
};
extern const struct trn_nir_kind trn_nir_kinds[TRN_NIR_TYPES];

struct trn_nir_shape {
    size_t rank;
    size_t length[TRN_NIR_RANK_MAX];
};

struct trn_nir_member {
    char *name;
    char *text;     /* or NULL */
    double *values; /* or NULL */
    size_t count;
    uint32_t element; /* enum trnnsf_nir_element, of files */
    struct trn_nir_shape shape;
};

struct trn_nir_node {
    char *name;
    uint32_t type;
    size_t parent; /* the node that it was nested in until flattened, or TRN_NIR_NONE */
    size_t n_members, room;
    struct trn_nir_member *members;
    struct trn_nir_shape input, output;         /* of the signals, once checked */
    struct trn_nir_shape *said_input, *said_output; /* by the file, or NULL */
};

struct trn_nir_edge {
    size_t from, to;
};

struct trnnsf_nir {
    trnnsf_context *ctx; /* held */
    char *version;       /* of the file, or NULL */
    size_t n_nodes, nodes_room, n_edges, edges_room;
    struct trn_nir_node *nodes;
    struct trn_nir_edge *edges;
    struct trn_nir_node graph; /* its metadata; without a name */
    bool is_checked;           /* and unchanged since */
};

trnnsf_status trn_nir_new(trnnsf_context *ctx, struct trnnsf_nir **out_nir);
void trn_nir_free(struct trnnsf_nir *nir);
void trn_nir_node_clear(trnnsf_context *ctx, struct trn_nir_node *node);

/* TRN_NIR_TYPES where there is none of that name. */
uint32_t trn_nir_type(const char *name);
/* NULL where the type has none of that name. */
const struct trn_nir_parameter *trn_nir_parameter(uint32_t type, const char *name);

/* Failures name the node. A node may be nested until trn_nir_flatten(). */
trnnsf_status trn_nir_add_node(struct trnnsf_nir *nir, const char *name, uint32_t type,
                               size_t parent, size_t *out_index);
trnnsf_status trn_nir_add_edge(struct trnnsf_nir *nir, size_t from, size_t to);
/* TRN_NIR_NONE where there is none. */
size_t trn_nir_find(const struct trnnsf_nir *nir, const char *name);
struct trn_nir_member *trn_nir_member(const struct trn_nir_node *node, const char *name);

/* Sets, or sets anew. `values` [product of the lengths] is taken, on failure too. */
trnnsf_status trn_nir_take_values(struct trnnsf_nir *nir, struct trn_nir_node *node,
                                  const char *name, uint32_t element,
                                  const struct trn_nir_shape *shape, double *values);
trnnsf_status trn_nir_set_values(struct trnnsf_nir *nir, struct trn_nir_node *node,
                                 const char *name, uint32_t element,
                                 const struct trn_nir_shape *shape, const double *values);
trnnsf_status trn_nir_set_text(struct trnnsf_nir *nir, struct trn_nir_node *node, const char *name,
                               const char *text);
/* What the file says that a node's signals are shaped like. */
trnnsf_status trn_nir_set_said(struct trnnsf_nir *nir, struct trn_nir_shape **said,
                               const struct trn_nir_shape *shape);

/* False where the product is above TRN_NIR_VALUES_MAX. 1 for rank 0. */
bool trn_nir_shape_count(const struct trn_nir_shape *shape, size_t *out_count);
bool trn_nir_shape_same(const struct trn_nir_shape *a, const struct trn_nir_shape *b);
/* "[2, 28, 28]" */
enum { TRN_NIR_SHAPE_TEXT = 192 };
const char *trn_nir_shape_text(const struct trn_nir_shape *shape, char text[TRN_NIR_SHAPE_TEXT]);

/* Nested graphs dissolve: their nodes stay, edges go through. */
trnnsf_status trn_nir_flatten(struct trnnsf_nir *nir);

/* Checks everything and infers shapes; see trnnsf_nir_check(). */
trnnsf_status trn_nir_check(struct trnnsf_nir *nir);
/* order[n_nodes]: each node after those that feed it. Refuses recurrent edges, and nodes that no
 * input reaches or that reach no output. */
trnnsf_status trn_nir_order(const struct trnnsf_nir *nir, size_t *order);
/* A node's input and output from the shape that comes in (NULL: nothing does). */
trnnsf_status trn_nir_infer(const struct trnnsf_nir *nir, struct trn_nir_node *node,
                            const struct trn_nir_shape *incoming);
/* Parameter k of two (one number serves for both): `fallback` where it is not there. */
size_t trn_nir_whole(const struct trn_nir_node *node, const char *name, size_t k, size_t fallback);
/* Numbers before the first element along axis k of a convolution or pool. */
size_t trn_nir_padding(const struct trn_nir_node *node, size_t k, size_t kernel, size_t dilation);

#endif
