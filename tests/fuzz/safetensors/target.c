#include <stdlib.h>

#include "../fuzz.h"
#include "io/mapping_file.h"
#include "io/network_file.h"

/* Every tensor's bytes, so that the sanitizers see them. */
static void touch(const struct trn_safetensors *file)
{
    unsigned sum = 0;

    for (size_t i = 0; i < trn_safetensors_count(file); i++) {
        const struct trn_tensor *tensor = trn_safetensors_at(file, i);
        const uint8_t *bytes = tensor->data;

        if (trn_safetensors_find(file, tensor->name) != tensor ||
            tensor->size != tensor->count * trn_tensor_type_size(tensor->type))
            abort();
        for (size_t j = 0; j < tensor->size; j++)
            sum += bytes[j];
    }
    (void)*(volatile unsigned *)&sum;
}

/* A file is at most one of network and mapping; the other reader must refuse it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    trnnsf_context *ctx = fuzz_begin(data, size);
    struct trn_safetensors *file = NULL;
    trnnsf_network *network = NULL;
    trnnsf_mapping *mapping = NULL;
    trnnsf_status status = trn_safetensors_parse(ctx, "fuzz", data, size, &file);

    if (status == TRNNSF_OK) {
        touch(file);
        status = trn_network_file_parse(ctx, file, &network);
        if (trn_mapping_file_parse(ctx, file, &mapping) == TRNNSF_OK && network)
            abort();
    }
    trnnsf_network_free(network);
    trnnsf_mapping_free(mapping);
    trn_safetensors_free(file);
    fuzz_end(ctx, status);
    return 0;
}
