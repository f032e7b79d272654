/* Fault maps: any bytes give states and ranges within their limits, for two crossbars of one
 * array, or a status. */
#include <stdlib.h>

#include "../fuzz.h"
#include "base/alloc.h"
#include "io/faults_csv.h"

enum { ROWS = 8, COLUMNS = 6 };

static void check(const struct trnnsf_fault_map *map)
{
    for (size_t k = 0; k < map->n_devices; k++) {
        if (map->fault[k] > TRNNSF_FAULT_STUCK_OFF)
            abort();
        if (map->on && !(map->on[k] > 0 && map->on[k] <= 1000 && map->off[k] >= 0 &&
                         map->off[k] <= 1000))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    trnnsf_context *ctx = fuzz_begin(data, size);
    struct trn_analog_crossbar crossbars[2] = {{.rows = ROWS, .places = COLUMNS / 2},
                                               {.rows = ROWS, .places = COLUMNS / 2}};
    struct trn_analog_plan plan = {
        .devices = 2, .per_array = 2, .arrays = 1, .n_crossbars = 2, .crossbars = crossbars};
    struct trn_stream *stream;
    struct trnnsf_fault_map *map;
    trnnsf_status status = trn_fault_map_new(ctx, &plan, &map);

    if (status == TRNNSF_OK) {
        status = trn_stream_open_memory(ctx, "fuzz", data, size, &stream);
        if (status == TRNNSF_OK) {
            status = trn_faults_read(stream, map);
            trn_stream_free(stream);
        }
        check(map);
        trn_fault_map_free(map);
    }
    fuzz_end(ctx, status);
    return 0;
}
