/** \file tile.h
 * Spiking networks on tiles with bounded fan-in: the network as a graph, neurons decomposed into
 * units of bounded fan-in, units mapped onto tiles, tiles placed on a mesh.
 *
 * A graph's neurons are of three kinds. Inputs spike from outside. Neurons integrate and fire: at
 * each time step a neuron adds its bias and the weights of the synapses whose source spikes in this
 * step to its potential, which is 0 at first unless the graph says otherwise; a potential that
 * reaches the threshold makes it spike once and is lowered by the threshold. Sums add up likewise, but start at 0 at each step and pass on the sum itself:
 * digital partial sums. doc/tiles.md has the model, all formulas and measured figures.
 *
 * Source: A. Balaji et al., "Enabling resource-aware mapping of spiking neural networks via spatial
 * decomposition", IEEE Embedded Systems Letters 2020, arXiv:2009.09298; its mapper: A. Balaji et
 * al., "Mapping spiking neural networks to neuromorphic hardware", arXiv:1909.01843 (SpiNeMap), and
 * the authors' tool, github.com/drexel-DISCO/SpiNeMap.
 *
 * Every call returns TRNNSF_E_INVALID where a pointer that must be given is NULL or an option is
 * out of its range, and TRNNSF_E_NO_MEMORY where memory is short; outputs are then untouched. No
 * result depends on the number of threads; all calls run on the context's own one.
 */
#ifndef TRNNSF_TILE_H
#define TRNNSF_TILE_H

#include <trnnsf/network.h>

TRNNSF_BEGIN_DECLS

/** A spiking network: a directed acyclic graph of neurons with their traffic. Immutable but for
 * trnnsf_spike_graph_set_spikes() and trnnsf_spike_graph_set_initials(). */
typedef struct trnnsf_spike_graph trnnsf_spike_graph;
/** Neurons on tiles. Immutable; needs no graph once made. */
typedef struct trnnsf_tile_map trnnsf_tile_map;
/** Tiles on a mesh. Immutable; needs no map once made. */
typedef struct trnnsf_tile_placement trnnsf_tile_placement;

/** What a neuron of a graph does. */
enum trnnsf_spike_kind {
    TRNNSF_SPIKE_INPUT = 0,  /**< spikes from outside; has no synapses and is on no tile */
    TRNNSF_SPIKE_NEURON = 1, /**< integrates and fires, reset by subtraction */
    TRNNSF_SPIKE_SUM = 2     /**< passes on the sum of this step; who reads it has weight 1 */
};

/** For a tile's number: the neuron is on none. */
#define TRNNSF_NO_TILE UINT32_MAX

/** Makes a graph from arrays, which are copied. Neurons may stand in any order.
 * \param n_neurons 1 … 2^31 - 1
 * \param kinds [n_neurons] enum trnnsf_spike_kind
 * \param starts [n_neurons + 1] the incoming synapses of neuron i are starts[i] … starts[i + 1] -
 * 1; starts[0] = 0, ascending; inputs have none \param sources [starts[n_neurons]] where each comes
 * from: below n_neurons, no source twice for one neuron, no cycles \param weights
 * [starts[n_neurons]] finite, within ±1e6; 1 where the source is a sum \param spikes [n_neurons]
 * that each emits an inference (of a sum: steps in which it passes something on); 0 … 1e15 \param
 * thresholds [n_neurons] of neurons; 1e-6 … 1e6; NULL: all 1 \param biases [n_neurons] added to a
 * neuron's potential at each step; within ±1e6; NULL: all 0 \param out_graph the caller's; free
 * with trnnsf_spike_graph_free() TRNNSF_E_INVALID names neuron and synapse; TRNNSF_E_LIMIT: too
 * many neurons or synapses (2^32). Cost: the synapses. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_spike_graph_create(trnnsf_context *context, size_t n_neurons,
                                                   const uint32_t *kinds, const size_t *starts,
                                                   const uint32_t *sources, const float *weights,
                                                   const double *spikes, const double *thresholds,
                                                   const double *biases,
                                                   trnnsf_spike_graph **out_graph);
/** Makes a graph of a network: its inputs, then each layer's neurons in order; each kept synapse
 * (all, where a layer has no mask) is one of the graph, the layer's biases its biases.
 * \param spikes [neurons] as above, for the inputs and all layers in that order
 * \param thresholds [neurons] as above; NULL: all 1
 * \param out_graph the caller's
 * Statuses as above. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_spike_graph_of_network(trnnsf_context *context,
                                                       const trnnsf_network *network,
                                                       const double *spikes,
                                                       const double *thresholds,
                                                       trnnsf_spike_graph **out_graph);
/** Frees a graph; NULL is fine. Since 0.1. */
TRNNSF_API void trnnsf_spike_graph_free(trnnsf_spike_graph *graph);

/** Neurons of all kinds; 0 for NULL. Since 0.1. */
TRNNSF_API size_t trnnsf_spike_graph_neurons(const trnnsf_spike_graph *graph);
/** Neurons that are inputs; 0 for NULL. Since 0.1. */
TRNNSF_API size_t trnnsf_spike_graph_inputs(const trnnsf_spike_graph *graph);
/** Synapses; 0 for NULL. Since 0.1. */
TRNNSF_API size_t trnnsf_spike_graph_synapses(const trnnsf_spike_graph *graph);
/** The largest number of incoming synapses; 0 for NULL. Since 0.1. */
TRNNSF_API size_t trnnsf_spike_graph_fan_in(const trnnsf_spike_graph *graph);
/** Latency in units: the most neurons and sums, inputs apart, on one path; 0 for NULL. Since 0.1.
 */
TRNNSF_API size_t trnnsf_spike_graph_depth(const trnnsf_spike_graph *graph);
/** [neurons] enum trnnsf_spike_kind; belongs to the graph; NULL for NULL. Since 0.1. */
TRNNSF_API const uint32_t *trnnsf_spike_graph_kinds(const trnnsf_spike_graph *graph);
/** [neurons + 1] where each neuron's synapses begin; belongs to the graph. Since 0.1. */
TRNNSF_API const size_t *trnnsf_spike_graph_starts(const trnnsf_spike_graph *graph);
/** [synapses]; belongs to the graph; NULL for NULL. Since 0.1. */
TRNNSF_API const uint32_t *trnnsf_spike_graph_sources(const trnnsf_spike_graph *graph);
/** [synapses]; belongs to the graph; NULL for NULL. Since 0.1. */
TRNNSF_API const float *trnnsf_spike_graph_weights(const trnnsf_spike_graph *graph);
/** [neurons] spikes an inference; belongs to the graph; NULL for NULL. Since 0.1. */
TRNNSF_API const double *trnnsf_spike_graph_spikes(const trnnsf_spike_graph *graph);
/** [neurons]; belongs to the graph; NULL for NULL. Since 0.1. */
TRNNSF_API const double *trnnsf_spike_graph_thresholds(const trnnsf_spike_graph *graph);
/** [neurons]; belongs to the graph; NULL for NULL. Since 0.1. */
TRNNSF_API const double *trnnsf_spike_graph_biases(const trnnsf_spike_graph *graph);
/** [neurons] potentials before the first step; belongs to the graph; NULL for NULL. Since 0.1. */
TRNNSF_API const double *trnnsf_spike_graph_initials(const trnnsf_spike_graph *graph);
/** [neurons] of a decomposed graph: the neuron of the graph it was made from whose unit each is.
 * The last one of an origin is the neuron itself. Of other graphs: 0, 1, 2, … Belongs to the
 * graph; NULL for NULL. Since 0.1. */
TRNNSF_API const uint32_t *trnnsf_spike_graph_origins(const trnnsf_spike_graph *graph);
/** Replaces the traffic, say by what trnnsf_spike_graph_simulate() counted.
 * \param spikes [neurons], 0 … 1e15. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_spike_graph_set_spikes(trnnsf_context *context,
                                                       trnnsf_spike_graph *graph,
                                                       const double *spikes);

/** Replaces the potentials from which neurons start; of a new graph all are 0. Sums have none.
 * \param initials [neurons], within ±1e6. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_spike_graph_set_initials(trnnsf_context *context,
                                                         trnnsf_spike_graph *graph,
                                                         const double *initials);

/** Which synapses a neuron loses that has too many. */
enum trnnsf_spike_trim {
    TRNNSF_SPIKE_TRIM_LAST = 0, /**< those past the limit in the order given: the paper's tool */
    TRNNSF_SPIKE_TRIM_LEAST = 1 /**< those of least |weight| x spikes; of equal ones the later */
};
/** Drops synapses of each neuron that has more than `fan_in`: the baseline of the paper, which maps
 * without decomposition. The kept ones stay in their order.
 * \param fan_in 1 … 2^31 - 1
 * \param rule enum trnnsf_spike_trim
 * \param out_graph the caller's
 * \param out_synapses share of synapses dropped; NULL: not wanted
 * \param out_drive share of the sum of |weight| x spikes dropped; NULL: not wanted
 * Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_spike_graph_trim(trnnsf_context *context,
                                                 const trnnsf_spike_graph *graph, uint32_t fan_in,
                                                 uint32_t rule, trnnsf_spike_graph **out_graph,
                                                 double *out_synapses, double *out_drive);

/** How units are joined. */
enum trnnsf_decompose_form {
    TRNNSF_DECOMPOSE_CHAIN = 0, /**< each unit reads the one before; the paper's */
    TRNNSF_DECOMPOSE_TREE = 1   /**< fan_in-ary and balanced: the fewest units on a path */
};
/** What units are. */
enum trnnsf_decompose_rule {
    TRNNSF_DECOMPOSE_EXACT = 0,  /**< sums: the function stays the same */
    TRNNSF_DECOMPOSE_SPIKING = 1 /**< neurons with normalised weights: the paper's */
};
/** In which order a neuron's synapses are dealt to its units. */
enum trnnsf_decompose_order {
    TRNNSF_DECOMPOSE_GIVEN = 0, /**< as they stand */
    /** Positive weights first. Partial sums of a chain then rise before they fall, so a unit, which
     * cannot pass on a negative sum, loses none that the neuron would need (no bias assumed).
     * Source: chosen here. */
    TRNNSF_DECOMPOSE_SIGNED = 1
};

/** Where a neuron's synapses are cut. */
enum trnnsf_decompose_cut {
    TRNNSF_DECOMPOSE_OWN = 0, /**< every F of them, wherever they come from; the paper's */
    /** At the borders of groups of sources, the same for all neurons, so that units of different
     * neurons read the same rows. A neuron is cut as well that has few synapses, but in several
     * groups. Source: chosen here. */
    TRNNSF_DECOMPOSE_SHARED = 1,
    /** Likewise, but of groups of equally busy sources: a sum of quiet ones is seldom sent. Source:
     * chosen here. */
    TRNNSF_DECOMPOSE_BUSY = 2
};

/** Zero-filled means nothing here: use the initialiser. */
struct trnnsf_decompose_options {
    size_t struct_size;
    uint32_t fan_in; /**< F, synapses of a unit at most; 2 … 2^31 - 1; default 127, as the authors'
                          configurations have it for 128 rows */
    uint32_t form;   /**< enum trnnsf_decompose_form; default CHAIN */
    uint32_t rule;   /**< enum trnnsf_decompose_rule; default EXACT */
    uint32_t order;  /**< enum trnnsf_decompose_order; default GIVEN */
    uint32_t steps;  /**< time steps of an inference, 0 … 2^31 - 1; 0: not known, EXACT only;
                          default 0 */
    uint32_t cut;    /**< enum trnnsf_decompose_cut; default OWN */
    double k;        /**< of SPIKING: S = k x the largest activation; 1e-3 … 1e3, default 1 */
    uint32_t whole; /**< of the cuts SHARED and BUSY: a neuron of at most so many synapses, and of at
                         most F, is not cut, nor are groups made for it; default 0 */
    uint32_t reserved; /**< 0 */
};
#define TRNNSF_DECOMPOSE_OPTIONS_INIT                                                              \
    {                                                                                              \
        sizeof(struct trnnsf_decompose_options), 127, 0, 0, 0, 0, 0, 1.0, 0, 0                     \
    }
/** Fills `options` with the defaults; NULL is fine. Any thread. Since 0.1. */
TRNNSF_API void trnnsf_decompose_options_init(struct trnnsf_decompose_options *options);

/** Splits each neuron of m > F synapses into ceil((m - F) / (F - 1)) + 1 units of at most F; the
 * last unit is the neuron itself, with its threshold and bias. A neuron's units stand together,
 * each after those it reads.
 *
 * CHAIN: the first unit takes F synapses, the next ones F - 1 and the unit before, the neuron the
 * rest and the last unit. TREE: of a queue, first all synapses, F are taken and replaced by their
 * unit at its end, until F or fewer are left: the neuron's.
 *
 * That is the cut OWN. SHARED: sources are put into groups of at most F (F - 1 in a chain, whose
 * link is one more), one after the other, each grown from the first source left by the one that adds
 * fewest readers to the group's. A neuron's synapses from one group are a unit, those from its
 * largest group the neuron itself, which in a tree reads at most F sums beside them; in SPIKING
 * units follow each other by sum of weight x spikes, the highest first, and `order` is not looked
 * at. BUSY: the same with other groups: sources as far from the inputs as each other (most units on
 * a path), by their spikes, the most first, F after F;
 * the neuron itself reads those of its first group. With `whole` neurons of few synapses stay as they
 * are: of layers of different fan-in that alone is cut which must be.
 *
 * EXACT: units are sums, read with weight 1. A sum's spikes: steps T known, T (1 - prod over what
 * it reads of (1 - spikes / T)), the expected union of independent spikes; not known, their sum;
 * of samples the mean.
 * SPIKING: units are neurons of threshold 1. With a = max(0, sum of weight x spikes / T + sum of
 * the a of the units read), S = k max a over the samples; the unit's weights are divided by its S
 * and that of a unit it reads is multiplied by the S of that one. S is 1 where max a is 0. A unit's
 * spikes: T a / S for the graph's own spikes. It starts at its neuron's initial potential over that
 * neuron's threshold.
 *
 * \param options NULL: the defaults
 * \param n_samples, samples [n_samples x neurons] spikes an inference, at most T, from which max a
 *     is taken in SPIKING, and sums' spikes in EXACT; NULL and 0: the graph's own spikes
 * \param out_graph the caller's
 * TRNNSF_E_LIMIT: more than 2^31 - 1 units. Cost: the synapses (x samples). Source: Balaji et al.
 * 2020, sections 3 and 4, and their tool's unroll.cc for general F; TREE, EXACT: chosen here.
 * Since 0.1. */
TRNNSF_API trnnsf_status
trnnsf_spike_graph_decompose(trnnsf_context *context, const trnnsf_spike_graph *graph,
                             const struct trnnsf_decompose_options *options, size_t n_samples,
                             const double *samples, trnnsf_spike_graph **out_graph);

/** Runs a graph for some steps from its initial potentials: the judge of decompositions, plain
 * rather than fast. A spike reaches all that read it within its step. Weights, biases and thresholds are
 * rounded to multiples of 2^-24 and added as whole numbers, so that no sum depends on its order.
 * \param n_steps 1 … 2^20
 * \param input_spikes [n_steps x inputs] 1: the input spikes in this step; 0: it does not; inputs
 *     in ascending order
 * \param out_counts [neurons] spikes of each in all steps; of a sum the steps in which it is not 0
 * \param out_raster [n_steps x neurons] 1 where a neuron spikes (a sum is not 0); NULL: not wanted
 * TRNNSF_E_LIMIT: a potential could leave the range ±2^62 / 2^24; the text names the neuron.
 * TRNNSF_E_CANCELLED. Cost: n_steps x synapses. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_spike_graph_simulate(trnnsf_context *context,
                                                     const trnnsf_spike_graph *graph,
                                                     size_t n_steps, const uint8_t *input_spikes,
                                                     uint32_t *out_counts, uint8_t *out_raster);

/** How neurons are put on tiles. */
enum trnnsf_tile_rule {
    /** Neurons in order; each onto the first tile that has room, fullest (rows + outputs in use)
     * first, the lower number of equally full ones. Source: SpiNeMap's min-clusters. */
    TRNNSF_TILE_FIRST_FIT = 0,
    /** The same, neurons with most spikes first. Source: SpiNeMap's min-comm. */
    TRNNSF_TILE_MIN_COMMUNICATION = 1,
    /** Fewest packets between tiles at no more tiles than either of the two: a neuron's spikes are
     * a net over the tiles that read it; growth, exchange and annealing, doc/tiles.md. Source:
     * chosen here, on the model of Ronzani and Silvano, arXiv:2601.16118. */
    TRNNSF_TILE_HYPERGRAPH = 2,
    /** The same search, but fewest tiles first, then fewest packets; tiles are emptied one by one
     * as long as their neurons find room elsewhere. Source: chosen here. */
    TRNNSF_TILE_COMPACT = 3
};
/** Sizes of tiles and energies of published machines. */
enum trnnsf_tile_preset {
    TRNNSF_TILE_DYNAP_SE = 0, /**< 128 x 128, as Balaji et al. 2020 model that chip; energy of a
                                   cell as of RESPARC, none being published */
    TRNNSF_TILE_RESPARC = 1   /**< 64 x 64: github.com/Aayush-Ankit/RESPARC-plc */
};

/** Zero-filled means nothing here: use the initialiser. */
struct trnnsf_tile_map_options {
    size_t struct_size;
    uint32_t inputs;   /**< R, rows of a tile: distinct sources at most; 1 … 65535, default 128 */
    uint32_t outputs;  /**< C, neurons and sums of a tile at most; 1 … 65535, default 128 */
    uint32_t rule;     /**< enum trnnsf_tile_rule; default HYPERGRAPH */
    uint32_t sum_rows; /**< 1: a sum that is read takes a row and a cross-point like any source; 0:
                            it is added digitally and takes none; default 0 */
    uint32_t passes;   /**< of refinement by HYPERGRAPH and COMPACT at most; 0 … 1000, default 20 */
    uint32_t steps;    /**< time steps of an inference, for the energy; 1 … 2^31 - 1, default 1 */
    uint64_t seed;     /**< of HYPERGRAPH and COMPACT; default 1 */
    double cell_joule; /**< of one cross-point for one read; 0 … 1, default 1.843e-14: 3.02 mW x
                            100 ns / (4 x 64 x 64), RESPARC-plc:src/compute_energy_latency_mlp.py */
};
#define TRNNSF_TILE_MAP_OPTIONS_INIT                                                               \
    {                                                                                              \
        sizeof(struct trnnsf_tile_map_options), 128, 128, 2, 0, 20, 1, 1, 1.843e-14                \
    }
/** Fills `options` with the defaults; NULL is fine. Any thread. Since 0.1. */
TRNNSF_API void trnnsf_tile_map_options_init(struct trnnsf_tile_map_options *options);
/** Sets size and energy of a machine's tile in `options`, whose other members stay.
 * \param preset enum trnnsf_tile_preset
 * \param options a whole struct; its struct_size is not looked at. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_tile_map_preset(trnnsf_context *context, uint32_t preset,
                                                struct trnnsf_tile_map_options *options);

/** Puts each neuron and sum of a graph on a tile. All synapses of a neuron are on its tile; sources
 * that several neurons of a tile read share a row.
 * \param options NULL: the defaults
 * \param out_map the caller's; free with trnnsf_tile_map_free()
 * TRNNSF_E_LIMIT: a neuron needs more rows than a tile has; the text names it.
 * TRNNSF_E_CANCELLED; phase "tiles". Cost: the two rules of SpiNeMap: neurons x (fan-in x readers +
 * tiles); HYPERGRAPH: seconds for ten thousand neurons. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_tile_map_create(trnnsf_context *context,
                                                const trnnsf_spike_graph *graph,
                                                const struct trnnsf_tile_map_options *options,
                                                trnnsf_tile_map **out_map);
/** Decomposes a graph and maps it, fan-in and cut chosen by trial: of 14 fan-ins (2/48 … 48/48 of a
 * tile's rows, and all but one) with the cuts OWN and SHARED that with the fewest tiles, of those
 * that with the fewest packets (from outside and between tiles), the first of equal ones; with the
 * rule COMPACT, of SHARED with whole = F as well. With the rule HYPERGRAPH that with the fewest
 * packets, of BUSY with whole 0 and F besides, on no more tiles than the first two rules need, each
 * at its best: these, the baselines, keep to OWN and SHARED with whole 0.
 * Trials are mapped by the rule that `options` has, HYPERGRAPH and COMPACT without refinement; the
 * three best ones, for HYPERGRAPH the best of the first two rules, and the graph as it is where that
 * fits, are then mapped with an eighth of the passes, and the best of these is taken and mapped in
 * full. The result depends on the arguments alone.
 * \param decompose form, rule, order, steps and k; fan_in, cut and whole are not looked at. NULL:
 *     the defaults
 * \param n_samples, samples as for trnnsf_spike_graph_decompose()
 * \param options inputs at least 2; NULL: the defaults
 * \param out_decompose what was chosen; its struct_size is set by the caller; NULL: not wanted
 * \param out_graph, out_map the caller's
 * TRNNSF_E_LIMIT: no trial fits. Cost: at most 28 decompositions and maps
 * without refinement (COMPACT: 42; HYPERGRAPH: 70, and 56 by the first two rules), and one and
 * at most six eighths with. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_tile_fit(trnnsf_context *context, const trnnsf_spike_graph *graph,
                                         const struct trnnsf_decompose_options *decompose,
                                         size_t n_samples, const double *samples,
                                         const struct trnnsf_tile_map_options *options,
                                         struct trnnsf_decompose_options *out_decompose,
                                         trnnsf_spike_graph **out_graph, trnnsf_tile_map **out_map);
/** Frees a map; NULL is fine. Since 0.1. */
TRNNSF_API void trnnsf_tile_map_free(trnnsf_tile_map *map);

/** Tiles in use; 0 for NULL. Since 0.1. */
TRNNSF_API size_t trnnsf_tile_map_tiles(const trnnsf_tile_map *map);
/** [neurons of the graph] each one's tile; TRNNSF_NO_TILE for inputs. Belongs to the map; NULL for
 * NULL. Since 0.1. */
TRNNSF_API const uint32_t *trnnsf_tile_map_places(const trnnsf_tile_map *map);
/** Neurons and sums on a tile, ascending; belongs to the map; NULL for NULL or no such tile.
 * \param out_count how many. Since 0.1. */
TRNNSF_API const uint32_t *trnnsf_tile_map_neurons(const trnnsf_tile_map *map, size_t tile,
                                                   size_t *out_count);
/** Sources that have a row of a tile, ascending; otherwise as above. Since 0.1. */
TRNNSF_API const uint32_t *trnnsf_tile_map_rows(const trnnsf_tile_map *map, size_t tile,
                                                size_t *out_count);

/** Figures of a map. A packet is one spike (or one sum of one step) for one tile that reads it. */
struct trnnsf_tile_counts {
    size_t struct_size;
    uint64_t tiles;
    uint64_t neurons;           /**< neurons and sums on tiles */
    uint64_t rows;              /**< in use, over all tiles */
    uint64_t synapses;          /**< cross-points in use */
    uint64_t sums;              /**< reads of sums that are added digitally: on no cross-point */
    uint64_t fan_in;            /**< the largest number of rows that one neuron reads */
    uint64_t depth;             /**< as trnnsf_spike_graph_depth() */
    double neuron_utilisation;  /**< neurons / (C tiles) */
    double row_utilisation;     /**< rows / (R tiles) */
    double synapse_utilisation; /**< synapses / (R C tiles) */
    double packets_between;     /**< an inference, from tiles to others */
    double packets_in;          /**< an inference, from outside: inputs to tiles */
    double packets_local;       /**< an inference, read on the own tile: on no wire between tiles */
    double idle_joule;          /**< wasted, all cross-points of used tiles being read at each step:
                                     (R C tiles - synapses) x steps x cell_joule */
    double driven_joule; /**< wasted, a row being read when its source spikes: sum over rows of
                              spikes x (C - readers on the tile) x cell_joule */
};
/** Figures of a map, an inference. Cost: none, they are stored.
 * \param out_counts its struct_size is set by the caller; filled as far as that reaches.
 * Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_tile_map_counts(trnnsf_context *context, const trnnsf_tile_map *map,
                                                struct trnnsf_tile_counts *out_counts);
/** Checks a map against its graph: each neuron and sum on one tile, inputs on none, rows exactly
 * the sources read there, no tile above its limits, all figures as a plain recount gives them
 * (floating ones within 1e-9 relative).
 * TRNNSF_E_MISMATCH: another number of neurons; TRNNSF_E_CHECK: the text says what does not hold
 * and where. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_tile_map_check(trnnsf_context *context, const trnnsf_tile_map *map,
                                               const trnnsf_spike_graph *graph);

/** A mesh of routers with XY routing, one tile each. Energies of the Noxim tables that SpiNeMap
 * simulates with: github.com/drexel-DISCO/SpiNeMap:snnNoxim/bin/power.yaml. */
struct trnnsf_tile_placement_options {
    size_t struct_size;
    uint32_t width;  /**< 0: the least square or near-square that holds all; at most 65535 */
    uint32_t height; /**< 0 with width 0, and only then */
    uint32_t inputs; /**< 1: packets from outside enter at (0, 0), through its router; 0: they come
                          to their tiles by other ways and are not counted; default 1 */
    uint32_t moves;  /**< of annealing, a tile; 0 … 10^6, default 2000 */
    uint64_t seed;   /**< default 1 */
    uint32_t packet_bits; /**< a flit; 1 … 4096, default 32 (snnNoxim's flits) */
    uint32_t reserved;    /**< 0 */
    double router_joule;  /**< of one packet in one router; 0 … 1, default 1.627e-12: buffer push
                               0.762 + pop 0.534 (4 deep, 32 bit) + crossbar 0.221 + XY routing
                               0.06 + selection 0.05 pJ */
    double link_joule;    /**< of one bit over one link; 0 … 1, default 0.025e-12: 0.5 mm */
    double hop_second;    /**< from router to router, unloaded; 0 … 1, default 2e-9: two cycles at
                               1 GHz, chosen here */
};
#define TRNNSF_TILE_PLACEMENT_OPTIONS_INIT                                                         \
    {                                                                                              \
        sizeof(struct trnnsf_tile_placement_options), 0, 0, 1, 2000, 1, 32, 0, 1.627e-12,          \
            0.025e-12, 2e-9                                                                        \
    }
/** Fills `options` with the defaults; NULL is fine. Any thread. Since 0.1. */
TRNNSF_API void trnnsf_tile_placement_options_init(struct trnnsf_tile_placement_options *options);

/** Places the tiles of a map on a mesh so that the sum of packets x hops is small: the tile with
 * most traffic to those placed comes next, at its cheapest place; then annealed exchanges, then
 * exchanges while one helps. hops = |x - x'| + |y - y'|. Cost: moves x tiles x the
 * tiles that one exchanges packets with.
 * \param options NULL: the defaults
 * \param out_placement the caller's; free with trnnsf_tile_placement_free()
 * TRNNSF_E_LIMIT: the mesh is too small, or has more than 2^16 routers; TRNNSF_E_CANCELLED; phase
 * "placement". Source: chosen here (SpiNeMap: particle swarms). Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_tile_placement_create(
    trnnsf_context *context, const trnnsf_tile_map *map,
    const struct trnnsf_tile_placement_options *options, trnnsf_tile_placement **out_placement);
/** Frees a placement; NULL is fine. Since 0.1. */
TRNNSF_API void trnnsf_tile_placement_free(trnnsf_tile_placement *placement);
/** [tiles x 2] x and y of each tile; belongs to the placement; NULL for NULL. Since 0.1. */
TRNNSF_API const uint32_t *trnnsf_tile_placement_places(const trnnsf_tile_placement *placement);
/** [height x width] packets through each router, an inference; a packet passes one router more than
 * it has hops. Belongs to the placement; NULL for NULL. Since 0.1. */
TRNNSF_API const double *trnnsf_tile_placement_routers(const trnnsf_tile_placement *placement);
/** [height x width x 4] packets from each router to its neighbours: east (x + 1), west, south
 * (y + 1), north. Belongs to the placement; NULL for NULL. Since 0.1. */
TRNNSF_API const double *trnnsf_tile_placement_links(const trnnsf_tile_placement *placement);

/** Figures of a placement, an inference. */
struct trnnsf_tile_traffic {
    size_t struct_size;
    uint64_t width;
    uint64_t height;
    uint64_t most_hops;    /**< of a packet */
    double packets;        /**< on the mesh */
    double hops;           /**< sum of packets x hops */
    double first_hops;     /**< the same before any exchange */
    double busiest_link;   /**< packets over the link with most, by XY routing; each direction is a
                                link */
    double router_joule;   /**< sum of packets x (hops + 1) x router_joule */
    double link_joule;     /**< sum of packets x hops x packet_bits x link_joule */
    double latency_second; /**< most_hops x hop_second: a packet alone */
    double busy_second;    /**< busiest_link x hop_second: bound for all packets of an inference */
};
/** Figures of a placement.
 * \param out_traffic its struct_size is set by the caller; filled as far as that reaches.
 * Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_tile_placement_traffic(trnnsf_context *context,
                                                       const trnnsf_tile_placement *placement,
                                                       struct trnnsf_tile_traffic *out_traffic);

TRNNSF_END_DECLS

#endif
