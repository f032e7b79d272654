#include "network/graph_reference.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

static double *doubles(size_t count)
{
    double *values = calloc(count + 1, sizeof *values);

    ck_assert_ptr_nonnull(values);
    return values;
}

static double *doubles_of(const float *from, size_t count)
{
    double *values = doubles(count);

    for (size_t i = 0; from && i < count; i++)
        values[i] = (double)from[i];
    return values;
}

void graph_reference_init(struct graph_reference *r, const struct trnnsf_network *network, size_t n,
                          bool training)
{
    const struct trn_graph *graph = &network->graph;

    *r = (struct graph_reference){.network = network, .training = training, .n = n};
    r->values = calloc(graph->n_nodes, sizeof *r->values);
    r->scale = calloc(graph->n_nodes, sizeof *r->scale);
    r->shift = calloc(graph->n_nodes, sizeof *r->shift);
    r->weights = calloc(network->n_layers, sizeof *r->weights);
    r->biases = calloc(network->n_layers, sizeof *r->biases);
    ck_assert(r->values && r->scale && r->shift && r->weights && r->biases);
    for (size_t i = 0; i < graph->n_nodes; i++) {
        const struct trn_node *node = &graph->nodes[i];

        r->values[i] = doubles(n * trn_shape_size(&node->shape));
        r->scale[i] = doubles_of(node->norm[TRNNSF_NORM_SCALE], node->shape.channels);
        r->shift[i] = doubles_of(node->norm[TRNNSF_NORM_SHIFT], node->shape.channels);
    }
    for (size_t l = 0; l < network->n_layers; l++) {
        const struct trn_layer *layer = &network->layers[l];

        r->weights[l] = doubles_of(layer->weights, layer->n_in * layer->n_out);
        r->biases[l] = doubles_of(layer->biases, layer->n_out);
    }
}

void graph_reference_free(struct graph_reference *r)
{
    for (size_t i = 0; i < r->network->graph.n_nodes; i++) {
        free(r->values[i]);
        free(r->scale[i]);
        free(r->shift[i]);
    }
    for (size_t l = 0; l < r->network->n_layers; l++) {
        free(r->weights[l]);
        free(r->biases[l]);
    }
    free(r->values);
    free(r->scale);
    free(r->shift);
    free(r->weights);
    free(r->biases);
}

static const struct trn_shape *shape_of(const struct graph_reference *r, size_t node)
{
    return &r->network->graph.nodes[node].shape;
}

static size_t size_of(const struct graph_reference *r, size_t node)
{
    return trn_shape_size(shape_of(r, node));
}

/* Of one sample; 0 off the image, which *inside tells. */
static double pixel(const struct trn_shape *shape, const double *x, size_t c, long y, long p,
                    bool *inside)
{
    *inside = y >= 0 && p >= 0 && y < (long)shape->height && p < (long)shape->width;
    return *inside ? x[(c * shape->height + (size_t)y) * shape->width + (size_t)p] : 0.0;
}

/* What a window at output channel, row and column of one sample gives. */
static double window(const struct graph_reference *r, const struct trn_node *node, const double *x,
                     size_t channel, size_t oy, size_t ox)
{
    const struct trnnsf_node_options *o = &node->options;
    const struct trn_shape *in = shape_of(r, node->inputs[0]);
    bool is_convolution = o->kind == TRNNSF_NODE_CONVOLUTION, inside;
    size_t depth = is_convolution ? in->channels / o->groups : 1;
    size_t first = is_convolution ? channel / (o->outputs / o->groups) * depth : channel;
    double sum = 0.0, most = -INFINITY, count = 0.0;

    for (size_t i = 0; i < depth * o->kernel_height * o->kernel_width; i++) {
        size_t c = i / (o->kernel_height * o->kernel_width);
        size_t ky = i / o->kernel_width % o->kernel_height, kx = i % o->kernel_width;
        long y = (long)(oy * o->stride_height + ky * o->dilation_height) - (long)o->pad_top;
        long p = (long)(ox * o->stride_width + kx * o->dilation_width) - (long)o->pad_left;
        double value = pixel(in, x, first + c, y, p, &inside);

        if (is_convolution)
            value *=
                r->weights[node->layer][channel * depth * o->kernel_height * o->kernel_width + i];
        sum += value;
        count += inside || o->count_pad;
        most = inside && value > most ? value : most;
    }
    if (is_convolution)
        return sum + r->biases[node->layer][channel];
    return o->kind == TRNNSF_NODE_MAX_POOL ? most : sum / count;
}

static void windows(struct graph_reference *r, const struct trn_node *node, const double *x,
                    double *y)
{
    for (size_t c = 0; c < node->shape.channels; c++) {
        for (size_t oy = 0; oy < node->shape.height; oy++) {
            for (size_t ox = 0; ox < node->shape.width; ox++)
                *y++ = window(r, node, x, c, oy, ox);
        }
    }
}

static void dense(struct graph_reference *r, const struct trn_node *node, const double *x,
                  double *y)
{
    size_t n_in = size_of(r, node->inputs[0]);

    for (size_t i = 0; i < node->options.outputs; i++) {
        y[i] = r->biases[node->layer][i];
        for (size_t j = 0; j < n_in; j++)
            y[i] += r->weights[node->layer][i * n_in + j] * x[j];
    }
}

/* All samples at once. */
static void norm(struct graph_reference *r, size_t at)
{
    const struct trn_node *node = &r->network->graph.nodes[at];
    size_t pixels = trn_shape_pixels(&node->shape), size = size_of(r, at), count = r->n * pixels;
    const double *x = r->values[node->inputs[0]];

    for (size_t c = 0; c < node->shape.channels; c++) {
        double mean = 0.0, variance = 0.0;

        for (size_t i = 0; i < count; i++)
            mean += x[i / pixels * size + c * pixels + i % pixels] / (double)count;
        for (size_t i = 0; i < count; i++)
            variance +=
                pow(x[i / pixels * size + c * pixels + i % pixels] - mean, 2.0) / (double)count;
        if (!r->training) {
            mean = (double)node->norm[TRNNSF_NORM_MEAN][c];
            variance = (double)node->norm[TRNNSF_NORM_VARIANCE][c];
        }
        for (size_t i = 0; i < count; i++) {
            size_t k = i / pixels * size + c * pixels + i % pixels;

            r->values[at][k] =
                (x[k] - mean) / sqrt(variance + node->options.epsilon) * r->scale[at][c] +
                r->shift[at][c];
        }
    }
}

static void join(struct graph_reference *r, size_t at, size_t s)
{
    const struct trn_node *node = &r->network->graph.nodes[at];
    double *y = r->values[at] + s * size_of(r, at);

    for (size_t k = 0; k < node->n_inputs; k++) {
        size_t size = size_of(r, node->inputs[k]);
        const double *x = r->values[node->inputs[k]] + s * size;
        bool concat = node->options.kind == TRNNSF_NODE_CONCAT;

        for (size_t i = 0; i < size; i++)
            y[i] = (concat || k == 0 ? 0.0 : y[i]) + x[i];
        y += concat ? size : 0;
    }
}

static double activated(const struct trnnsf_node_options *o, double z)
{
    switch (o->activation) {
    case TRNNSF_ACTIVATION_RELU:
        return fmax(z, 0.0);
    case TRNNSF_ACTIVATION_RELU6:
        return fmin(fmax(z, 0.0), 6.0);
    case TRNNSF_ACTIVATION_LEAKY_RELU:
        return z < 0.0 ? o->slope * z : z;
    case TRNNSF_ACTIVATION_HARD_SWISH:
        return z * fmin(fmax(z + 3.0, 0.0), 6.0) / 6.0;
    case TRNNSF_ACTIVATION_SIGMOID:
        return 1.0 / (1.0 + exp(-z));
    case TRNNSF_ACTIVATION_TANH:
        return tanh(z);
    default:
        return z;
    }
}

static void softmax(double *y, size_t n)
{
    double sum = 0.0;

    for (size_t i = 0; i < n; i++)
        sum += exp(y[i]);
    for (size_t i = 0; i < n; i++)
        y[i] = exp(y[i]) / sum;
}

void graph_reference_node(struct graph_reference *r, size_t at)
{
    const struct trn_node *node = &r->network->graph.nodes[at];
    size_t size = size_of(r, at), n_in = size_of(r, node->inputs[0]);

    for (size_t s = 0; s < r->n; s++) {
        const double *x = r->values[node->inputs[0]] + s * n_in;
        double *y = r->values[at] + s * size;

        if (node->options.kind == TRNNSF_NODE_DENSE)
            dense(r, node, x, y);
        else if (node->options.kind <= TRNNSF_NODE_MEAN_POOL)
            windows(r, node, x, y);
        else if (node->options.kind != TRNNSF_NODE_BATCH_NORM)
            join(r, at, s);
    }
    if (node->options.kind == TRNNSF_NODE_BATCH_NORM)
        norm(r, at);
    for (size_t i = 0; i < r->n * size; i++)
        r->values[at][i] = activated(&node->options, r->values[at][i]);
    for (size_t s = 0; node->options.activation == TRNNSF_ACTIVATION_SOFTMAX && s < r->n; s++)
        softmax(r->values[at] + s * size, size);
}

double graph_reference_loss(struct graph_reference *r, const float *inputs, const uint32_t *labels)
{
    size_t last = r->network->graph.n_nodes - 1, size = size_of(r, last);
    double loss = 0.0;

    for (size_t i = 0; i < r->n * size_of(r, 0); i++)
        r->values[0][i] = (double)inputs[i];
    for (size_t i = 1; i <= last; i++)
        graph_reference_node(r, i);
    for (size_t s = 0; s < r->n; s++)
        loss -= log(r->values[last][s * size + labels[s]]);
    return loss / (double)r->n;
}
