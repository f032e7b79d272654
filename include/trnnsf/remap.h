/** \file remap.h
 * Faults of manufactured devices, and where a mapping's inputs and outputs go on their account: a
 * test tells which devices of a chip are stuck or off-nominal; the rows and columns of each
 * crossbar are then permuted so that these fall on weights that match, and what still errs is made
 * up for by the good devices of the same weight. doc/remap.md has formulas, sources and figures.
 *
 * A fault map is mutable and belongs to the context that made it; a remapping is immutable, and any
 * number of threads, each with its own context, may use it.
 */
#ifndef TRNNSF_REMAP_H
#define TRNNSF_REMAP_H

#include <trnnsf/analog.h>

TRNNSF_BEGIN_DECLS

/** What is known of the devices of one chip: of all rows and columns of its arrays, those that the
 * mapping leaves unused included. */
typedef struct trnnsf_fault_map trnnsf_fault_map;
/** For each crossbar of a mapping the physical row of each input and the place of each output. */
typedef struct trnnsf_remap trnnsf_remap;

/** State of a device. */
enum trnnsf_fault {
    TRNNSF_FAULT_NONE = 0,     /**< takes any conductance of its range */
    TRNNSF_FAULT_STUCK_ON = 1, /**< holds that of its on end, whatever is written */
    TRNNSF_FAULT_STUCK_OFF = 2 /**< holds that of its off end */
};

/** All devices good and nominal.
 *
 * An array has the rows of its crossbar's MCA shape. Its columns are columns_per_output for each
 * output that the shape has room for, used or not (trnnsf_analog_conductances() has their order),
 * then, where devices_per_sign is 1, those of the reference.
 *
 * \param mapping, tech as for trnnsf_analog_create().
 * \param out_map the map; the caller owns it.
 * TRNNSF_E_INVALID: a NULL argument; TRNNSF_E_MISMATCH: the mapping is not for the technology;
 * TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_fault_map_create(trnnsf_context *context,
                                                 const trnnsf_mapping *mapping,
                                                 const trnnsf_tech *tech,
                                                 trnnsf_fault_map **out_map);
/** What a test of a simulated chip would find: stuck devices and the ends of ranges, by the very
 * draws of trnnsf_analog_create() with the same options.
 * \param options seed, chip and effects (of STUCK and VARIATION) are looked at; NULL: the defaults.
 * Others and statuses as for trnnsf_fault_map_create(); TRNNSF_E_INVALID: an option out of range.
 * The same bits for any number of threads. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_fault_map_draw(trnnsf_context *context,
                                               const trnnsf_mapping *mapping,
                                               const trnnsf_tech *tech,
                                               const struct trnnsf_analog_options *options,
                                               trnnsf_fault_map **out_map);
/** Reads what trnnsf_fault_map_save() wrote, or measurements in the same form: CSV with the columns
 * crossbar, array, row, column, fault (none, on, off), on, off in any order; on and off may be
 * missing. A line a device; devices without a line are good and nominal.
 * TRNNSF_E_NOT_FOUND, TRNNSF_E_IO: the file cannot be read; TRNNSF_E_FORMAT: it is none (the text
 * names line and column); others as for trnnsf_fault_map_create(). Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_fault_map_load(trnnsf_context *context,
                                               const trnnsf_mapping *mapping,
                                               const trnnsf_tech *tech, const char *path,
                                               trnnsf_fault_map **out_map);
/** Writes the devices that are not good and nominal as CSV. \param path the file; written beside
 * and renamed. TRNNSF_E_INVALID: a NULL argument; TRNNSF_E_NOT_FOUND, TRNNSF_E_IO: it cannot be
 * written; TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_fault_map_save(trnnsf_context *context, const trnnsf_fault_map *map,
                                               const char *path);
/** Frees a fault map; NULL is fine. Since 0.1. */
TRNNSF_API void trnnsf_fault_map_free(trnnsf_fault_map *map);

/** Crossbars, as the mapping has them; 0 for NULL. Any thread. Since 0.1. */
TRNNSF_API size_t trnnsf_fault_map_crossbars(const trnnsf_fault_map *map);
/** Physical arrays of each crossbar; 0 for NULL. Any thread. Since 0.1. */
TRNNSF_API size_t trnnsf_fault_map_arrays(const trnnsf_fault_map *map);
/** Rows of a crossbar's arrays; 0 for no such crossbar. Any thread. Since 0.1. */
TRNNSF_API size_t trnnsf_fault_map_rows(const trnnsf_fault_map *map, size_t crossbar);
/** Columns of one array of a crossbar, references included; 0 for no such crossbar. Any thread.
 * Since 0.1. */
TRNNSF_API size_t trnnsf_fault_map_columns(const trnnsf_fault_map *map, size_t crossbar);
/** Stuck devices of a crossbar, or of TRNNSF_ALL_CROSSBARS; 0 for no such crossbar. Any thread.
 * Since 0.1. */
TRNNSF_API uint64_t trnnsf_fault_map_stuck(const trnnsf_fault_map *map, size_t crossbar);
/** All crossbars, where one is asked for. */
#define TRNNSF_ALL_CROSSBARS SIZE_MAX

/** Sets what is known of one array.
 * \param crossbar, array below trnnsf_fault_map_crossbars() and trnnsf_fault_map_arrays().
 * \param faults [rows x columns], row-major: enum trnnsf_fault.
 * \param on [rows x columns] each device's conductance at the on end of its range over
 *        1 / resistance_on_ohm, (0, 1000]; NULL: 1.
 * \param off likewise of the off end over 1 / resistance_off_ohm, [0, 1000]; NULL: 1.
 * TRNNSF_E_INVALID: a NULL argument, no such crossbar or array, a value out of range (the text
 * names row and column); TRNNSF_E_NO_MEMORY. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_fault_map_set(trnnsf_context *context, trnnsf_fault_map *map,
                                              size_t crossbar, size_t array, const uint8_t *faults,
                                              const float *on, const float *off);
/** What trnnsf_fault_map_set() set. \param out_faults, out_on, out_off [rows x columns] of the
 * caller; NULL: not wanted. TRNNSF_E_INVALID: map is NULL, no such crossbar or array. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_fault_map_get(trnnsf_context *context, const trnnsf_fault_map *map,
                                              size_t crossbar, size_t array, uint8_t *out_faults,
                                              float *out_on, float *out_off);

/** How a mapping is fitted to a chip. */
struct trnnsf_remap_options {
    size_t struct_size;
    uint64_t seed;  /**< of the starts beyond the first; default 1 */
    uint32_t means; /**< enum trnnsf_remap_means, or-ed; default ALL */
    uint32_t starts; /**< 1 … 1000 places from which lines are improved: as mapped, then drawn ones;
                          default 1 */
    uint32_t rounds; /**< 1 … 1000: at most so many times all rows and all columns in turn; default
                          20 */
    uint32_t spare;  /**< 1: rows and columns that the mapping leaves unused may be taken; default 1
                      */
};
#define TRNNSF_REMAP_OPTIONS_INIT                                                                  \
    {                                                                                              \
        sizeof(struct trnnsf_remap_options), 1, 3, 1, 20, 1                                        \
    }
/** Fills `options` with the defaults; NULL is fine. Any thread. Since 0.1. */
TRNNSF_API void trnnsf_remap_options_init(struct trnnsf_remap_options *options);

/** Fits a mapping to one chip: the rows of each crossbar for its inputs and the places for its
 * outputs that give the least sum over weights of s (decoded weight - wanted weight)^2, where the
 * decoded weight is that of faulty devices at their targets and s the mean square of the weight's
 * input. Rows for given columns, then columns for given rows, are each the best there are
 * (a linear assignment), in turn until nothing is gained; never worse than as mapped. All arrays of
 * a crossbar share its rows and its places of outputs; devices of an output stay side by side, and
 * references stay where they are.
 *
 * \param network, mapping, tech, options of the chip as for trnnsf_analog_create(): LEVELS and
 *        `uniform` decide what devices are set to; stuck devices count where the effects have
 *        STUCK, ranges where they have VARIATION.
 * \param faults made for the same mapping and technology.
 * \param remap_options NULL: the defaults.
 * \param n_calibration samples that tell s; 0: s is 1.
 * \param calibration_inputs [n_calibration x inputs of the first layer], row-major, finite; NULL
 *        only for none.
 * \param out_remap the remapping; the caller owns it.
 * TRNNSF_E_INVALID: a NULL argument, an option out of range; TRNNSF_E_MISMATCH: the mapping is not
 * the network's or not for the technology, the fault map is for other crossbars; TRNNSF_E_LIMIT: a
 * crossbar of more than 4096 rows or outputs; TRNNSF_E_NUMERIC: an input is not finite;
 * TRNNSF_E_CANCELLED; TRNNSF_E_NO_MEMORY. The same bits for any number of threads. Cost:
 * doc/remap.md. Source: doc/remap.md. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_remap_create(trnnsf_context *context, const trnnsf_network *network,
                                             const trnnsf_mapping *mapping, const trnnsf_tech *tech,
                                             const struct trnnsf_analog_options *options,
                                             const trnnsf_fault_map *faults,
                                             const struct trnnsf_remap_options *remap_options,
                                             size_t n_calibration, const float *calibration_inputs,
                                             trnnsf_remap **out_remap);
/** Frees a remapping; NULL is fine. Since 0.1. */
TRNNSF_API void trnnsf_remap_free(trnnsf_remap *remap);

/** Crossbars, as the mapping has them; 0 for NULL. Any thread. Since 0.1. */
TRNNSF_API size_t trnnsf_remap_crossbars(const trnnsf_remap *remap);
/** The physical row of each input of a crossbar, in the order of the mapping; their number in
 * *out_count (may be NULL). Belongs to the remapping; NULL for no such crossbar, *out_count then
 * unchanged. Any thread. Since 0.1. */
TRNNSF_API const uint32_t *trnnsf_remap_rows(const trnnsf_remap *remap, size_t crossbar,
                                             size_t *out_count);
/** The place of each output: its devices are in columns place x columns_per_output and on of each
 * array. As above. Since 0.1. */
TRNNSF_API const uint32_t *trnnsf_remap_outputs(const trnnsf_remap *remap, size_t crossbar,
                                                size_t *out_count);

/** What a remapping is expected to gain: sums over weights, s as above. */
struct trnnsf_remap_errors {
    size_t struct_size;
    double before;        /**< s (decoded - wanted)^2 as mapped */
    double after;         /**< likewise where the remapping puts the weights */
    double signal;        /**< s wanted^2 */
    uint64_t compensated; /**< weights with a stuck device that others make up for */
};
/** Tells it of a crossbar, or of TRNNSF_ALL_CROSSBARS.
 * \param out_errors its struct_size is set by the caller; filled as far as that reaches.
 * TRNNSF_E_INVALID: a NULL argument, no such crossbar, a struct_size that is none. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_remap_expect(trnnsf_context *context, const trnnsf_remap *remap,
                                             size_t crossbar,
                                             struct trnnsf_remap_errors *out_errors);

/** trnnsf_analog_create() for a chip of which something is known.
 *
 * \param faults instead of those that would be drawn: stuck devices where the options have STUCK,
 *        ranges where they have VARIATION and the map tells any; NULL: drawn ones.
 * \param remap where the weights go; NULL: as options->remap says.
 * Others and statuses as for trnnsf_analog_create(); TRNNSF_E_MISMATCH: `faults` or `remap` is for
 * other crossbars. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_analog_create_with_faults(
    trnnsf_context *context, const trnnsf_network *network, const trnnsf_mapping *mapping,
    const trnnsf_tech *tech, const struct trnnsf_analog_options *options,
    const trnnsf_fault_map *faults, const trnnsf_remap *remap, size_t n_calibration,
    const float *calibration_inputs, trnnsf_analog **out_analog);

TRNNSF_END_DECLS

#endif
