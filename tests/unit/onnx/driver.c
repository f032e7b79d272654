/* Drives the library for onnx_test.py:
 *     onnx-driver run FILE SAMPLES INPUTS OUTPUTS AGAIN [mask]   floats in files; AGAIN is the ONNX
 * file of the network; prints its layers, nodes, synapses onnx-driver check FILE      prints OK, or
 * the status and the text */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <trnnsf/trnnsf.h>

static trnnsf_context *context;

static int failed(trnnsf_status status)
{
    printf("%s: %s\n", trnnsf_status_name(status), trnnsf_context_error(context));
    return 1;
}

static float *read_floats(const char *path, size_t count)
{
    float *values = calloc(count, sizeof *values);
    FILE *file = fopen(path, "rb");

    if (!values || !file || fread(values, sizeof *values, count, file) != count) {
        printf("cannot read '%s'\n", path);
        exit(2);
    }
    fclose(file);
    return values;
}

static void write_floats(const char *path, const float *values, size_t count)
{
    FILE *file = fopen(path, "wb");

    if (!file || fwrite(values, sizeof *values, count, file) != count || fclose(file) != 0) {
        printf("cannot write '%s'\n", path);
        exit(2);
    }
}

/* Samples and outputs have as many features as the network says. */
static void sides(const trnnsf_network *network, const char *inputs, size_t n_samples, size_t *n_in,
                  size_t *n_out)
{
    FILE *file = fopen(inputs, "rb");
    size_t last = trnnsf_network_layers(network) - 1;
    long size;

    if (!file || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0)
        exit(2);
    fclose(file);
    *n_in = (size_t)size / sizeof(float) / n_samples;
    *n_out = trnnsf_network_outputs(network, last);
}

static int run(const char *path, char **arguments, int mask)
{
    struct trnnsf_onnx_options options = TRNNSF_ONNX_OPTIONS_INIT;
    trnnsf_network *network = NULL;
    size_t n_samples = (size_t)atoi(arguments[0]), n_in, n_out, synapses = 0;
    trnnsf_status status;

    options.mask_zeros = (uint32_t)mask;
    status = trnnsf_network_load_onnx(context, path, &options, &network);
    if (status != TRNNSF_OK)
        return failed(status);
    sides(network, arguments[1], n_samples, &n_in, &n_out);

    float *inputs = read_floats(arguments[1], n_samples * n_in);
    float *outputs = calloc(n_samples * n_out, sizeof *outputs);

    status = trnnsf_network_forward(context, network, n_samples, inputs, outputs);
    if (status == TRNNSF_OK)
        status = trnnsf_network_save_onnx(context, network, arguments[3]);
    if (status == TRNNSF_OK)
        write_floats(arguments[2], outputs, n_samples * n_out);
    for (size_t l = 0; l < trnnsf_network_layers(network); l++)
        synapses += trnnsf_network_synapses(network, l);
    free(inputs);
    free(outputs);
    if (status == TRNNSF_OK)
        printf("OK %zu %zu %zu\n", trnnsf_network_layers(network), trnnsf_network_nodes(network),
               synapses);
    trnnsf_network_free(network);
    return status == TRNNSF_OK ? 0 : failed(status);
}

static int check(const char *path)
{
    trnnsf_network *network = NULL;
    trnnsf_status status = trnnsf_network_load_onnx(context, path, NULL, &network);

    trnnsf_network_free(network);
    return status == TRNNSF_OK ? (void)printf("OK\n"), 0 : failed(status);
}

int main(int argc, char **argv)
{
    int code = 2;

    if (argc < 3 || trnnsf_context_create(NULL, &context) != TRNNSF_OK)
        return 2;
    if (strcmp(argv[1], "check") == 0)
        code = check(argv[2]);
    else if (argc >= 7 && strcmp(argv[1], "run") == 0)
        code = run(argv[2], argv + 3, argc > 7);
    trnnsf_context_free(context);
    return code;
}
