#include "io/measurements_csv.h"

#include <math.h>

#include "base/context.h"
#include "io/csv.h"

/* Chosen here: more than anybody measures. */
enum { COLUMNS = 4, TEXT_MAX = 64 << 20, READS_MAX = 2000000 };

static const char *const names[COLUMNS] = {"device", "target_siemens", "time_second",
                                           "conductance_siemens"};
/* Ranges are wide around what can be measured; a slip of units mostly leaves them. */
static const struct {
    double low, high;
} ranges[COLUMNS] = {{0, 4294967295.0}, {0, 10}, {1e-9, 1e9}, {0, 10}};

enum { DEVICE, TARGET, TIME, CONDUCTANCE };

struct reading {
    double value[COLUMNS]; /* of the line at hand */
    struct trn_tech_read *reads;
    size_t count;
    size_t room;
};

static trnnsf_status read_field(void *user, const struct trn_csv *csv, int column,
                                const char *field)
{
    struct reading *reading = user;
    double value;

    TRN_TRY(trn_csv_number(csv, names[column], field, &value));
    if (!(value >= ranges[column].low && value <= ranges[column].high))
        return trn_fail(csv->ctx, TRNNSF_E_FORMAT, "%s:%zu: %s %g is not in [%g, %.10g]", csv->name,
                        csv->number, names[column], value, ranges[column].low, ranges[column].high);
    if (column == DEVICE && value != floor(value))
        return trn_fail(csv->ctx, TRNNSF_E_FORMAT, "%s:%zu: device %g is not a whole number",
                        csv->name, csv->number, value);
    reading->value[column] = value;
    return TRNNSF_OK;
}

static trnnsf_status add_read(void *user, const struct trn_csv *csv, char *const *fields)
{
    struct reading *reading = user;
    const double *value = reading->value;

    (void)fields;
    if (reading->count == READS_MAX)
        return trn_fail(csv->ctx, TRNNSF_E_LIMIT, "%s:%zu: more than %d reads", csv->name,
                        csv->number, READS_MAX);
    if (reading->count == reading->room) {
        size_t room = 2 * reading->room + 64;
        struct trn_tech_read *more =
            trn_realloc(csv->ctx, reading->reads, room, sizeof *reading->reads);

        if (!more)
            return TRNNSF_E_NO_MEMORY;
        reading->reads = more;
        reading->room = room;
    }
    reading->reads[reading->count++] = (struct trn_tech_read){
        (uint32_t)value[DEVICE], value[TARGET], value[TIME], value[CONDUCTANCE]};
    return TRNNSF_OK;
}

trnnsf_status trn_measurements_read(struct trn_stream *stream, struct trn_tech_read **out_reads,
                                    size_t *out_count)
{
    struct reading reading = {.count = 0};
    struct trn_csv_rules rules = {names, COLUMNS, COLUMNS, read_field, add_read, &reading};
    trnnsf_status status = trn_csv_read(stream, TEXT_MAX, &rules);

    if (status != TRNNSF_OK) {
        trn_free(trn_stream_context(stream), reading.reads);
        return status;
    }
    *out_reads = reading.reads;
    *out_count = reading.count;
    return TRNNSF_OK;
}
