#include "io/faults_csv.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/context.h"
#include "base/file.h"
#include "io/csv.h"

enum { CROSSBAR, ARRAY, ROW, COLUMN, FAULT, ON, OFF, COLUMNS, LINE = 160 };

static const char *const names[COLUMNS] = {"crossbar", "array", "row", "column",
                                           "fault",    "on",    "off"};
static const char *const faults[] = {"none", "on", "off"};
/* As trnnsf_fault_map_set() takes them. */
static const double MOST = 1000;

static trnnsf_status read_index(const struct trn_csv *csv, int column, const char *field,
                                size_t count, size_t *out)
{
    double value;

    TRN_TRY(trn_csv_number(csv, names[column], field, &value));
    if (!(value >= 0 && value < (double)count && value == floor(value)))
        return trn_fail(csv->ctx, TRNNSF_E_FORMAT, "%s:%zu: %s %g is not a whole number below %zu",
                        csv->name, csv->number, names[column], value, count);
    *out = (size_t)value;
    return TRNNSF_OK;
}

static trnnsf_status read_range(const struct trn_csv *csv, int column, const char *field,
                                float *out)
{
    double value = 1;

    if (field)
        TRN_TRY(trn_csv_number(csv, names[column], field, &value));
    *out = (float)value;
    if (!(value <= MOST && (*out > 0 || (column == OFF && *out >= 0))))
        return trn_fail(csv->ctx, TRNNSF_E_FORMAT, "%s:%zu: %s %g is not in %s0, %g]", csv->name,
                        csv->number, names[column], value, column == OFF ? "[" : "(", MOST);
    return TRNNSF_OK;
}

static trnnsf_status add_device(void *user, const struct trn_csv *csv, char *const *fields)
{
    struct trnnsf_fault_map *map = user;
    size_t crossbar = 0, array = 0, row = 0, column = 0;
    uint8_t fault = 0;
    float on, off;

    TRN_TRY(read_index(csv, CROSSBAR, fields[CROSSBAR], map->n_crossbars, &crossbar));
    const struct trn_fault_arrays *arrays = &map->crossbars[crossbar];
    TRN_TRY(read_index(csv, ARRAY, fields[ARRAY], map->arrays, &array));
    TRN_TRY(read_index(csv, ROW, fields[ROW], arrays->rows, &row));
    TRN_TRY(read_index(csv, COLUMN, fields[COLUMN], arrays->columns, &column));
    while (fault < 3 && strcmp(fields[FAULT], faults[fault]) != 0)
        fault++;
    if (fault == 3)
        return trn_fail(csv->ctx, TRNNSF_E_FORMAT, "%s:%zu: fault '%.40s' is none of none, on, off",
                        csv->name, csv->number, fields[FAULT]);
    TRN_TRY(read_range(csv, ON, fields[ON], &on));
    TRN_TRY(read_range(csv, OFF, fields[OFF], &off));
    if (fields[ON] || fields[OFF])
        TRN_TRY(trn_fault_map_need_ranges(map));

    size_t at = arrays->start + (array * arrays->columns + column) * arrays->rows + row;
    map->fault[at] = fault;
    if (map->on) {
        map->on[at] = on;
        map->off[at] = off;
    }
    return TRNNSF_OK;
}

trnnsf_status trn_faults_read(struct trn_stream *stream, struct trnnsf_fault_map *map)
{
    struct trn_csv_rules rules = {names, COLUMNS, FAULT + 1, NULL, add_device, map};

    return trn_csv_read(stream, TRN_STREAM_TEXT_MAX, &rules);
}

static trnnsf_status write_device(struct trn_file_writer *writer,
                                  const struct trnnsf_fault_map *map, const size_t *place,
                                  size_t at)
{
    char line[LINE];
    int length = snprintf(line, sizeof line, "%zu,%zu,%zu,%zu,%s", place[CROSSBAR], place[ARRAY],
                          place[ROW], place[COLUMN], faults[map->fault[at]]);

    /* Nine digits read back as the same float. */
    if (map->on)
        length += snprintf(line + length, sizeof line - (size_t)length, ",%.9g,%.9g",
                           (double)map->on[at], (double)map->off[at]);
    line[length++] = '\n';
    return trn_file_append(writer, line, (size_t)length);
}

static trnnsf_status write_devices(trnnsf_context *ctx, struct trn_file_writer *writer,
                                   const struct trnnsf_fault_map *map)
{
    static const char head[] = "crossbar,array,row,column,fault", more[] = ",on,off";
    size_t at = 0;

    TRN_TRY(trn_file_append(writer, head, sizeof head - 1));
    if (map->on)
        TRN_TRY(trn_file_append(writer, more, sizeof more - 1));
    TRN_TRY(trn_file_append(writer, "\n", 1));
    for (size_t c = 0; c < map->n_crossbars; c++) {
        const struct trn_fault_arrays *arrays = &map->crossbars[c];

        TRN_TRY(trn_cancelled(ctx, "save"));
        for (size_t column = 0; column < map->arrays * arrays->columns; column++) {
            for (size_t row = 0; row < arrays->rows; row++, at++) {
                size_t place[] = {c, column / arrays->columns, row, column % arrays->columns};

                if (map->fault[at] != TRNNSF_FAULT_NONE ||
                    (map->on && (map->on[at] != 1 || map->off[at] != 1)))
                    TRN_TRY(write_device(writer, map, place, at));
            }
        }
    }
    return TRNNSF_OK;
}

trnnsf_status trn_faults_write(trnnsf_context *ctx, const struct trnnsf_fault_map *map,
                               const char *path)
{
    struct trn_file_writer *writer;
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0), old;

    if (plain == (locale_t)0)
        return trn_fail(ctx, TRNNSF_E_NO_MEMORY, "no memory for a locale");
    trnnsf_status status = trn_file_begin(ctx, path, &writer);
    if (status == TRNNSF_OK) {
        /* A point, whatever the program's locale. */
        old = uselocale(plain);
        status = trn_file_end(writer, write_devices(ctx, writer, map));
        uselocale(old);
    }
    freelocale(plain);
    return status;
}
