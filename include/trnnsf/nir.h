/** \file nir.h
 * NIR, the Neuromorphic Intermediate Representation: spiking networks that are exchanged with other
 * programs as graphs in HDF5 files. Graphs are built, looked at, checked, read and written, and
 * turned into spiking networks and back. doc/nir.md says what is supported and what every node
 * computes. Source of the format: github.com/neuromorphs/NIR; J. E. Pedersen et al.,
 * "Neuromorphic intermediate representation: A unified instruction set for interoperable
 * brain-inspired computing", Nature Communications 15:8122, 2024.
 *
 * A graph may be read by several threads at once, changed by one only.
 */
#ifndef TRNNSF_NIR_H
#define TRNNSF_NIR_H

#include <trnnsf/spiking.h>

TRNNSF_BEGIN_DECLS

typedef struct trnnsf_nir trnnsf_nir;

/** How files hold the values of an array; in memory they are doubles. */
enum trnnsf_nir_element {
    TRNNSF_NIR_FLOAT32 = 0, /**< values are rounded to it as they are set */
    TRNNSF_NIR_FLOAT64 = 1,
    TRNNSF_NIR_INT64 = 2 /**< whole numbers up to 2^53 */
};

/** An empty graph.
 * \param out_nir the caller owns it.
 * TRNNSF_E_INVALID: a NULL argument; TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_nir_create(trnnsf_context *context, trnnsf_nir **out_nir);
/** Frees a graph; NULL is fine. Since 0.1. */
TRNNSF_API void trnnsf_nir_free(trnnsf_nir *nir);

/** Adds a node without members.
 * \param name 1 to 255 bytes of UTF-8 without slashes and control characters; no other node's.
 * \param type Input, Output, Affine, Linear, Conv1d, Conv2d, Scale, Flatten, SumPool2d, AvgPool2d,
 *        Threshold, I, LI, IF, LIF, CubaLI, CubaLIF or Delay.
 * TRNNSF_E_INVALID: a NULL argument; TRNNSF_E_UNSUPPORTED: another type; TRNNSF_E_FORMAT: such a
 * name cannot be, or is there already; TRNNSF_E_LIMIT: more than 4096 nodes; TRNNSF_E_NO_MEMORY.
 * Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_nir_add_node(trnnsf_context *context, trnnsf_nir *nir,
                                             const char *name, const char *type);
/** Sets a member to an array, in place of what it was.
 * \param node NULL: the graph itself, which has metadata only.
 * \param member a parameter of the node's type, or "metadata/" and any name.
 * \param element enum trnnsf_nir_element.
 * \param rank at most 8; 0: one number.
 * \param shape [rank]; NULL where rank is 0.
 * \param values [product of the shape, at most 2^28], copied.
 * TRNNSF_E_INVALID: a NULL argument, an element or rank out of range, a value that the element does
 * not hold; TRNNSF_E_NOT_FOUND: no such node; TRNNSF_E_FORMAT: the type has no such member;
 * TRNNSF_E_LIMIT; TRNNSF_E_NO_MEMORY. Whether values make sense is trnnsf_nir_check()'s. Since 0.1.
 */
TRNNSF_API trnnsf_status trnnsf_nir_set_values(trnnsf_context *context, trnnsf_nir *nir,
                                               const char *node, const char *member,
                                               uint32_t element, size_t rank, const size_t *shape,
                                               const double *values);
/** Sets a member to a text: paddings "same" and "valid", metadata. Otherwise as
 * trnnsf_nir_set_values(); TRNNSF_E_LIMIT: longer than 65536 bytes. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_nir_set_text(trnnsf_context *context, trnnsf_nir *nir,
                                             const char *node, const char *member,
                                             const char *text);
/** Adds an edge: what a node gets is the sum of what those with edges to it give.
 * TRNNSF_E_INVALID: a NULL argument; TRNNSF_E_NOT_FOUND: no such node; TRNNSF_E_FORMAT: the edge is
 * there already; TRNNSF_E_LIMIT: more than 16384 edges; TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_nir_add_edge(trnnsf_context *context, trnnsf_nir *nir,
                                             const char *from, const char *to);
/** Checks the graph and infers the shape of every node's input and output. Loading, saving and
 * conversion do it, too. The text names the node.
 * TRNNSF_E_INVALID: a NULL argument; TRNNSF_E_FORMAT: a member is missing, has a wrong shape or a
 * value that cannot be (not finite; a time constant of 0), no input or output, a node that no input
 * reaches or that reaches no output, shapes that do not meet; TRNNSF_E_UNSUPPORTED: a loop (the text
 * names the edge); TRNNSF_E_LIMIT: more than 2^28 signals; TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_nir_check(trnnsf_context *context, trnnsf_nir *nir);

/** The version of the `nir` package that a file says it was written by; NULL where it says none.
 * Belongs to the graph. Any thread. Since 0.1. */
TRNNSF_API const char *trnnsf_nir_version(const trnnsf_nir *nir);
/** Nodes; 0 for NULL. Any thread. Since 0.1. */
TRNNSF_API size_t trnnsf_nir_nodes(const trnnsf_nir *nir);
/** Name of a node; NULL for no such index. Belongs to the graph. Any thread. Since 0.1. */
TRNNSF_API const char *trnnsf_nir_node_name(const trnnsf_nir *nir, size_t index);
/** Type of a node; NULL for no such node. The string is constant. Any thread. Since 0.1. */
TRNNSF_API const char *trnnsf_nir_node_type(const trnnsf_nir *nir, const char *node);
/** Edges; 0 for NULL. Any thread. Since 0.1. */
TRNNSF_API size_t trnnsf_nir_edges(const trnnsf_nir *nir);
/** Name of the node that an edge begins at; NULL for no such index. Belongs to the graph. Any
 * thread. Since 0.1. */
TRNNSF_API const char *trnnsf_nir_edge_from(const trnnsf_nir *nir, size_t index);
/** Name of the node that an edge ends at; as above. Since 0.1. */
TRNNSF_API const char *trnnsf_nir_edge_to(const trnnsf_nir *nir, size_t index);
/** Members of a node (NULL: of the graph); 0 for no such node. Any thread. Since 0.1. */
TRNNSF_API size_t trnnsf_nir_members(const trnnsf_nir *nir, const char *node);
/** Name of a member, "metadata/…" among them; NULL for no such node or index. Belongs to the graph.
 * Any thread. Since 0.1. */
TRNNSF_API const char *trnnsf_nir_member_name(const trnnsf_nir *nir, const char *node,
                                              size_t index);
/** enum trnnsf_nir_element of an array; UINT32_MAX for none. Any thread. Since 0.1. */
TRNNSF_API uint32_t trnnsf_nir_element_of(const trnnsf_nir *nir, const char *node,
                                          const char *member);
/** Shape of an array, its rank in *out_rank (may be NULL); NULL for none, *out_rank then unchanged.
 * Belongs to the graph. Any thread. Since 0.1. */
TRNNSF_API const size_t *trnnsf_nir_shape(const trnnsf_nir *nir, const char *node,
                                          const char *member, size_t *out_rank);
/** Values of an array, row-major, their number in *out_count (may be NULL); as above. Since 0.1. */
TRNNSF_API const double *trnnsf_nir_values(const trnnsf_nir *nir, const char *node,
                                           const char *member, size_t *out_count);
/** A member's text; NULL where it has none. Belongs to the graph. Any thread. Since 0.1. */
TRNNSF_API const char *trnnsf_nir_text(const trnnsf_nir *nir, const char *node,
                                       const char *member);
/** Shape of what a node gets, once the graph was checked and unless it was changed since; as
 * trnnsf_nir_shape(). Since 0.1. */
TRNNSF_API const size_t *trnnsf_nir_input_shape(const trnnsf_nir *nir, const char *node,
                                                size_t *out_rank);
/** Shape of what a node gives; as above. Since 0.1. */
TRNNSF_API const size_t *trnnsf_nir_output_shape(const trnnsf_nir *nir, const char *node,
                                                 size_t *out_rank);

/** Reads a file and checks it; nested graphs are flattened, inner nodes named "outer.inner".
 * TRNNSF_E_INVALID: a NULL argument; TRNNSF_E_NOT_FOUND: no such file; TRNNSF_E_IO;
 * TRNNSF_E_FORMAT: not HDF5, or not a NIR graph (the text names the node); TRNNSF_E_UNSUPPORTED:
 * built without HDF5, a type or a layout of HDF5 that is not read, a loop; TRNNSF_E_LIMIT: absurd
 * sizes; TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_nir_load(trnnsf_context *context, const char *path,
                                         trnnsf_nir **out_nir);
/** Checks a graph and writes it; the file is the old one or the new one, never a part. Shapes of
 * all nodes are in it. Errors as for trnnsf_nir_check(); TRNNSF_E_NOT_FOUND: no such folder;
 * TRNNSF_E_IO; TRNNSF_E_UNSUPPORTED also: built without HDF5. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_nir_save(trnnsf_context *context, trnnsf_nir *nir,
                                         const char *path);
/** The same from the bytes of a file. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_nir_read(trnnsf_context *context, const uint8_t *bytes,
                                         size_t size, trnnsf_nir **out_nir);
/** The same into bytes.
 * \param capacity of out_bytes; 0: only the size is wanted.
 * \param out_bytes [capacity]; filled where the file fits. NULL where capacity is 0.
 * \param out_size of the file; on success at most capacity, or capacity was 0.
 * TRNNSF_E_INVALID: a NULL argument, capacity too small; others as above. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_nir_write(trnnsf_context *context, trnnsf_nir *nir,
                                          size_t capacity, uint8_t *out_bytes, size_t *out_size);

/** What files hold real numbers as. */
enum trnnsf_nir_precision {
    TRNNSF_NIR_PRECISION_EXACT = 0,   /**< float32 where that holds all numbers of an array */
    TRNNSF_NIR_PRECISION_FLOAT32 = 1, /**< float32 always; weights may be rounded */
    TRNNSF_NIR_PRECISION_FLOAT64 = 2
};

/** How a spiking network becomes a graph. */
struct trnnsf_nir_export_options {
    size_t struct_size;
    uint32_t precision; /**< enum trnnsf_nir_precision; default EXACT */
    uint32_t readout;   /**< enum trnnsf_readout: POTENTIAL: the last layer integrates (I, LI), the
                             default; SPIKES: it fires (IF, LIF) */
    double dt;          /**< seconds a step, [1e-12, 1e12]; default 1e-3 */
};
#define TRNNSF_NIR_EXPORT_OPTIONS_INIT                                                             \
    {                                                                                              \
        sizeof(struct trnnsf_nir_export_options), 0, 0, 1e-3                                       \
    }
/** Fills `options` with the defaults; NULL is fine. Any thread. Since 0.1. */
TRNNSF_API void trnnsf_nir_export_options_init(struct trnnsf_nir_export_options *options);

/** A spiking network as a graph: Input, for each layer Affine (or Linear) and IF, LIF or what a
 * graph gave, at the end I or LI, Output. Thresholds are 1, tau = dt / leak, r undoes dt, so that a
 * step of forward Euler is a step of the simulator. What NIR has no parameters for stands in
 * metadata: dt, initial potentials, reset by subtraction, that a neuron fires at its threshold, what
 * a rate of 1 stands for. With EXACT, trnnsf_nir_to_spiking() gives the same spikes again.
 * \param options NULL: the defaults.
 * \param out_nir checked; the caller owns it.
 * TRNNSF_E_INVALID: a NULL argument, an option out of range; TRNNSF_E_LIMIT: a layer of more than
 * 2^28 weights; TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_nir_of_spiking(trnnsf_context *context,
                                               const trnnsf_spiking *spiking,
                                               const struct trnnsf_nir_export_options *options,
                                               trnnsf_nir **out_nir);

/** How neurons are reset. */
enum trnnsf_nir_reset {
    TRNNSF_NIR_RESET_FILE = 0,     /**< as the node's metadata "reset" says, else to v_reset */
    TRNNSF_NIR_RESET_SUBTRACT = 1, /**< the threshold is subtracted */
    TRNNSF_NIR_RESET_VALUE = 2     /**< to v_reset */
};

/** How a graph becomes a spiking network. */
struct trnnsf_nir_import_options {
    size_t struct_size;
    uint32_t reset;    /**< enum trnnsf_nir_reset; default FILE */
    uint32_t reserved; /**< 0 */
    double dt;         /**< seconds a step, [1e-12, 1e12]; 0, the default: as the graph's metadata
                            "dt" says, or 1 where no node has a time constant or delay */
};
#define TRNNSF_NIR_IMPORT_OPTIONS_INIT                                                             \
    {                                                                                              \
        sizeof(struct trnnsf_nir_import_options), 0, 0, 0                                          \
    }
/** Fills `options` with the defaults; NULL is fine. Any thread. Since 0.1. */
TRNNSF_API void trnnsf_nir_import_options_init(struct trnnsf_nir_import_options *options);

/** A graph as a spiking network for the event-driven simulator: a chain of Affine, Linear, Scale,
 * Flatten, Conv1d, Conv2d, SumPool2d and AvgPool2d nodes (made one matrix), each such chain followed
 * by Threshold, IF, LIF or CubaLIF and perhaps Delay, at the end also by I, LI, CubaLI or nothing.
 * Neurons step by forward Euler; doc/nir.md has the equations. Weights, times what r, tau and
 * thresholds make of them, become whole units as those of trnnsf_spiking_convert() do: without
 * rounding where they are whole multiples of one that is not too fine.
 * \param nir checked and not changed since.
 * \param options NULL: the defaults.
 * \param out_spiking the caller owns it; no mapping and no chip can carry it.
 * TRNNSF_E_INVALID: a NULL argument, an option out of range, no word on how long a step is;
 * TRNNSF_E_STATE: not checked; TRNNSF_E_FORMAT: metadata of a wrong shape; TRNNSF_E_UNSUPPORTED: a
 * node that is not simulated there (the text names it and says why: branches, time constants below
 * a step, delays of currents, thresholds not above resets); TRNNSF_E_LIMIT: more than 2^24 signals,
 * 2^27 weights, or 65536 steps of delay; TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_nir_to_spiking(trnnsf_context *context, const trnnsf_nir *nir,
                                               const struct trnnsf_nir_import_options *options,
                                               trnnsf_spiking **out_spiking);

TRNNSF_END_DECLS

#endif
