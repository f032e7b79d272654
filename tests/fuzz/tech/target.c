/* Technology files: any bytes give a descriptor whose constants agree, or a status. */
#include <stdlib.h>

#include "../fuzz.h"
#include "io/tech_yaml.h"

static void check_descriptor(const struct trnnsf_tech *tech)
{
    if (tech->n_shapes < 1 || trn_tech_outputs(tech, tech->shapes[0].outputs) < 1)
        abort();
    if (!(trn_tech_conductance(tech, 0.5) >= trn_tech_conductance(tech, 0)))
        abort();
    for (size_t key = 0; key < TRN_TECH_KEYS; key++) {
        if (!tech->source[key][0])
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    trnnsf_context *ctx = fuzz_begin(data, size);
    struct trn_yaml *yaml;
    struct trnnsf_tech *tech;
    trnnsf_status status = trn_yaml_parse(ctx, "fuzz", data, size, &yaml);

    if (status == TRNNSF_OK) {
        status = trn_tech_read(yaml, &tech);
        if (status == TRNNSF_OK) {
            check_descriptor(tech);
            trn_tech_free(tech);
        }
        trn_yaml_free(yaml);
    }
    fuzz_end(ctx, status);
    return 0;
}
