#include <stdlib.h>

#include "../fuzz.h"
#include "io/mapping_file.h"
#include "io/network_file.h"

enum { INPUTS_MAX = 256 };

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

/* A network that was taken computes, whatever its levels and converters are. */
static void run(trnnsf_context *ctx, const trnnsf_network *network)
{
    float inputs[INPUTS_MAX], outputs[INPUTS_MAX];

    if (trnnsf_network_inputs(network, 0) > INPUTS_MAX ||
        trnnsf_network_outputs(network, trnnsf_network_layers(network) - 1) > INPUTS_MAX)
        return;
    for (int i = 0; i < INPUTS_MAX; i++)
        inputs[i] = (float)(i % 5) / 2 - 1;
    trnnsf_status status = trnnsf_network_forward(ctx, network, 1, inputs, outputs);
    if (status != TRNNSF_OK && status != TRNNSF_E_NO_MEMORY)
        abort();
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
        if (network)
            run(ctx, network);
        if (trn_mapping_file_parse(ctx, file, &mapping) == TRNNSF_OK && network)
            abort();
    }
    trnnsf_network_free(network);
    trnnsf_mapping_free(mapping);
    trn_safetensors_free(file);
    fuzz_end(ctx, status);
    return 0;
}
