/* What is known of graphs: NIR files, and the nodes of a network. */
#include <stdio.h>
#include <string.h>

#include "describe.h"

/* "[2, 3]" into text[size], cut where it does not fit. */
static void put_shape(char *text, size_t size, const size_t *shape, size_t rank)
{
    size_t length = (size_t)snprintf(text, size, "[");

    for (size_t i = 0; shape && i < rank && length + 24 < size; i++)
        length += (size_t)snprintf(text + length, size - length, "%s%zu", i ? ", " : "", shape[i]);
    snprintf(text + length, size - length, "]");
}

static void describe_nir_node(const trnnsf_nir *nir, const char *name, struct facts *facts)
{
    char key[64], inputs[128], outputs[128];
    size_t rank = 0;
    const size_t *shape = trnnsf_nir_input_shape(nir, name, &rank);

    put_shape(inputs, sizeof inputs, shape, rank);
    shape = trnnsf_nir_output_shape(nir, name, &rank);
    put_shape(outputs, sizeof outputs, shape, rank);
    snprintf(key, sizeof key, "node %.50s", name);
    fact_text(facts, key, "%s, %s -> %s", trnnsf_nir_node_type(nir, name), inputs, outputs);
}

trnnsf_status describe_nir(struct program *program, const char *path, struct facts *facts)
{
    trnnsf_nir *nir = NULL;
    trnnsf_status status = trnnsf_nir_load(program->context, path, &nir);

    if (status != TRNNSF_OK)
        return status;
    fact_text(facts, "kind", "NIR graph");
    fact_text(facts, "version", "%s", trnnsf_nir_version(nir));
    fact_number(facts, "nodes", (double)trnnsf_nir_nodes(nir));
    fact_number(facts, "edges", (double)trnnsf_nir_edges(nir));
    for (size_t i = 0; i < trnnsf_nir_nodes(nir); i++)
        describe_nir_node(nir, trnnsf_nir_node_name(nir, i), facts);
    trnnsf_nir_free(nir);
    return TRNNSF_OK;
}

/* The nodes that one reads, parted by blanks. */
static void put_inputs(char *text, size_t size, const trnnsf_network *network, uint32_t node)
{
    size_t count, length = 0;
    const uint32_t *inputs = trnnsf_network_node_inputs(network, node, &count);

    text[0] = '\0';
    for (size_t i = 0; i < count && length + 16 < size; i++)
        length += (size_t)snprintf(text + length, size - length, "%s%u", i ? " " : "", inputs[i]);
}

void describe_nodes(struct program *program, const trnnsf_network *network, struct facts *facts)
{
    static const char *const kinds[] = {"input",     "fully connected", "convolution", "max pool",
                                        "mean pool", "batch norm",      "sum",         "join",
                                        "reshape",   "activation"};
    static const char *const activations[] = {"linear",  "relu",  "sigmoid",    "tanh",
                                              "softmax", "relu6", "leaky relu", "hard swish"};

    for (uint32_t i = 0; i < trnnsf_network_nodes(network); i++) {
        struct trnnsf_node_options o = {.struct_size = sizeof o};
        char key[32], inputs[128], window[64] = "";

        if (trnnsf_network_node(program->context, network, i, &o) != TRNNSF_OK)
            return;
        put_inputs(inputs, sizeof inputs, network, i);
        if (o.kind >= TRNNSF_NODE_CONVOLUTION && o.kind <= TRNNSF_NODE_MEAN_POOL)
            snprintf(window, sizeof window, " %ux%u by %ux%u", o.kernel_height, o.kernel_width,
                     o.stride_height, o.stride_width);
        snprintf(key, sizeof key, "node %u", i);
        fact_text(facts, key, "%s%s%s%s, %s", kinds[o.kind], window, inputs[0] ? " of " : "",
                  inputs, activations[o.activation]);
    }
}
