#include "network/layers_text.h"

#include <string.h>

#include "base/context.h"

static const uint32_t number_most = UINT32_C(1) << 24;

struct reader {
    trnnsf_context *ctx;
    const char *text;
    const char *place;       /* what is read next */
    const char *layer_place; /* where the layer begins */
    const struct trnnsf_network_options *defaults;
    struct trn_graph *graph;
};

/* One layer of the text, which becomes one node or several. */
struct layer {
    struct trnnsf_node_options node;
    bool norm;
    bool same;
    bool depthwise;
    bool activation_given;
    bool bias_given;
};

/* What comes from `place` on, up to the end of its layer. */
static trnnsf_status fail_at(const struct reader *r, const char *place, const char *what)
{
    size_t length = strcspn(place, "-");

    return trn_fail(r->ctx, TRNNSF_E_INVALID, "layers, at character %zu, \"%.*s\": %s",
                    (size_t)(place - r->text) + 1, (int)(length < 24 ? length : 24), place, what);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static trnnsf_status read_number(struct reader *r, uint32_t *out)
{
    const char *first = r->place;
    uint32_t value = 0;

    if (!is_digit(*first))
        return fail_at(r, first, "a number is missing");
    for (; is_digit(*r->place); r->place++) {
        value = 10 * value + (uint32_t)(*r->place - '0');
        if (value > number_most)
            return fail_at(r, first, "a number above 2^24");
    }
    *out = value;
    return TRNNSF_OK;
}

/* "5", or "5x3" for height and width. */
static trnnsf_status read_sides(struct reader *r, uint32_t *tall, uint32_t *wide)
{
    TRN_TRY(read_number(r, tall));
    *wide = *tall;
    if (*r->place != 'x')
        return TRNNSF_OK;
    r->place++;
    return read_number(r, wide);
}

/* "0.25". By hand: the C library's way depends on the locale. */
static trnnsf_status read_share(struct reader *r, double *out)
{
    uint32_t whole;
    double digit = 0.1;

    TRN_TRY(read_number(r, &whole));
    *out = whole;
    if (*r->place != '.')
        return TRNNSF_OK;
    for (r->place++; is_digit(*r->place); r->place++, digit *= 0.1)
        *out += digit * (*r->place - '0');
    return TRNNSF_OK;
}

enum { OF_DENSE = 1, OF_CONVOLUTIONS = 2, OF_POOLS = 4, OF_WINDOWS = 6, OF_WEIGHTS = 3, OF_ALL = 7 };

/* What an option's value is, and where it goes. */
enum option {
    SAME,
    PAD,
    STRIDE,
    DILATE,
    GROUPS,
    DEPTHWISE,
    NORM,
    BIAS,
    NO_BIAS,
    DROP,
    ACTIVATION
};

struct word {
    const char *text;
    enum option option;
    uint32_t activation;
    int layers; /* that may have it */
    bool value; /* a number follows */
};

static const struct word words[] = {
    {"same", SAME, 0, OF_WINDOWS, false},
    {"pad", PAD, 0, OF_WINDOWS, true},
    {"stride", STRIDE, 0, OF_WINDOWS, true},
    {"dilate", DILATE, 0, OF_WINDOWS, true},
    {"groups", GROUPS, 0, OF_CONVOLUTIONS, true},
    {"depthwise", DEPTHWISE, 0, OF_CONVOLUTIONS, false},
    {"norm", NORM, 0, OF_WEIGHTS, false},
    {"bias", BIAS, 0, OF_WEIGHTS, false},
    {"nobias", NO_BIAS, 0, OF_WEIGHTS, false},
    {"drop", DROP, 0, OF_ALL, true},
    {"linear", ACTIVATION, TRNNSF_ACTIVATION_LINEAR, OF_ALL, false},
    {"relu", ACTIVATION, TRNNSF_ACTIVATION_RELU, OF_ALL, false},
    {"relu6", ACTIVATION, TRNNSF_ACTIVATION_RELU6, OF_ALL, false},
    {"leaky", ACTIVATION, TRNNSF_ACTIVATION_LEAKY_RELU, OF_ALL, false},
    {"sigmoid", ACTIVATION, TRNNSF_ACTIVATION_SIGMOID, OF_ALL, false},
    {"tanh", ACTIVATION, TRNNSF_ACTIVATION_TANH, OF_ALL, false},
    {"swish", ACTIVATION, TRNNSF_ACTIVATION_HARD_SWISH, OF_ALL, false},
    {"softmax", ACTIVATION, TRNNSF_ACTIVATION_SOFTMAX, OF_ALL, false},
};

static int layers_like(const struct layer *layer)
{
    switch (layer->node.kind) {
    case TRNNSF_NODE_DENSE:
        return OF_DENSE;
    case TRNNSF_NODE_CONVOLUTION:
        return OF_CONVOLUTIONS;
    default:
        return OF_POOLS;
    }
}

static trnnsf_status take_option(struct reader *r, const struct word *word, struct layer *layer)
{
    struct trnnsf_node_options *o = &layer->node;

    switch (word->option) {
    case SAME:
        layer->same = true;
        return TRNNSF_OK;
    case PAD:
        TRN_TRY(read_sides(r, &o->pad_top, &o->pad_left));
        o->pad_bottom = o->pad_top;
        o->pad_right = o->pad_left;
        return TRNNSF_OK;
    case STRIDE:
        return read_sides(r, &o->stride_height, &o->stride_width);
    case DILATE:
        return read_sides(r, &o->dilation_height, &o->dilation_width);
    case GROUPS:
        return read_number(r, &o->groups);
    case DEPTHWISE:
        layer->depthwise = true;
        return TRNNSF_OK;
    case NORM:
        layer->norm = true;
        return TRNNSF_OK;
    case DROP:
        return read_share(r, &o->dropout);
    case ACTIVATION:
        o->activation = word->activation;
        layer->activation_given = true;
        return TRNNSF_OK;
    default:
        o->bias = word->option == BIAS;
        layer->bias_given = true;
        return TRNNSF_OK;
    }
}

/* The word that the text has here; NULL: none. */
static const struct word *find_word(const char *place)
{
    size_t length = strcspn(place, ":-");

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t size = strlen(words[i].text);

        if (strncmp(place, words[i].text, size) == 0 &&
            (words[i].value ? length > size && is_digit(place[size]) : length == size))
            return &words[i];
    }
    return NULL;
}

static trnnsf_status read_options(struct reader *r, struct layer *layer)
{
    while (*r->place == ':') {
        const char *first = ++r->place;
        const struct word *word = find_word(first);

        if (!word)
            return fail_at(r, first, "no option of layers");
        if (!(word->layers & layers_like(layer)))
            return fail_at(r, first, "no option of this kind of layer");
        r->place += strlen(word->text);
        TRN_TRY(take_option(r, word, layer));
    }
    if (*r->place != '-' && *r->place != '\0')
        return fail_at(r, r->place, "expected -, : or the end");
    return TRNNSF_OK;
}

/* "12c5", "2s", "2m", "s", "m" or "1200"; the rest is defaults. */
static trnnsf_status read_kind(struct reader *r, struct layer *layer)
{
    struct trnnsf_node_options *o = &layer->node;
    bool whole = *r->place == 's' || *r->place == 'm', pair;
    uint32_t tall = 0, wide = 0;

    if (!whole)
        TRN_TRY(read_sides(r, &tall, &wide));
    pair = memchr(r->layer_place, 'x', (size_t)(r->place - r->layer_place)) != NULL;
    if (*r->place == 's' || *r->place == 'm') {
        o->kind = *r->place++ == 's' ? TRNNSF_NODE_MEAN_POOL : TRNNSF_NODE_MAX_POOL;
        o->kernel_height = o->stride_height = tall;
        o->kernel_width = o->stride_width = wide;
        if (!whole && (tall == 0 || wide == 0))
            return fail_at(r, r->layer_place, "a window of 0");
        return TRNNSF_OK;
    }
    if (pair)
        return fail_at(r, r->layer_place, "a layer's size is one number");
    o->outputs = tall;
    if (*r->place != 'c')
        return TRNNSF_OK;
    r->place++;
    o->kind = TRNNSF_NODE_CONVOLUTION;
    return read_sides(r, &o->kernel_height, &o->kernel_width);
}

/* So many zeros on both sides together that there are ceil(pixels / stride) places. */
static void pad_axis(size_t pixels, uint32_t kernel, uint32_t stride, uint32_t dilation,
                     uint32_t *before, uint32_t *after)
{
    uint64_t reach = ((pixels + stride - 1) / stride - 1) * (uint64_t)stride +
                     (uint64_t)(kernel - 1) * dilation + 1;
    uint64_t zeros = reach > pixels ? reach - pixels : 0;

    /* More than the node's own limit is refused there. */
    zeros = zeros < number_most ? zeros : number_most;
    *before = (uint32_t)(zeros / 2);
    *after = (uint32_t)(zeros - zeros / 2);
}

static const struct trn_shape *last_shape(const struct reader *r)
{
    return &r->graph->nodes[r->graph->n_nodes - 1].shape;
}

static void settle_window(const struct reader *r, struct layer *layer)
{
    struct trnnsf_node_options *o = &layer->node;
    const struct trn_shape *image = last_shape(r);

    if (layer->same && o->kernel_height > 0 && o->kernel_width > 0 && o->stride_height > 0 &&
        o->stride_width > 0) {
        pad_axis(image->height, o->kernel_height, o->stride_height, o->dilation_height, &o->pad_top,
                 &o->pad_bottom);
        pad_axis(image->width, o->kernel_width, o->stride_width, o->dilation_width, &o->pad_left,
                 &o->pad_right);
    }
    if (layer->depthwise)
        o->groups = (uint32_t)image->channels;
}

static trnnsf_status add_node(const struct reader *r, const struct trnnsf_node_options *options)
{
    uint32_t last = (uint32_t)r->graph->n_nodes - 1;
    size_t length = strcspn(r->layer_place, "-");
    trnnsf_status status = trn_graph_add(r->ctx, r->graph, &last, 1, options);

    if (status == TRNNSF_OK)
        return status;
    return trn_fail_in(r->ctx, status, "layers, at character %zu, \"%.*s\"",
                       (size_t)(r->layer_place - r->text) + 1, (int)(length < 24 ? length : 24),
                       r->layer_place);
}

/* A node of its own, with what follows the layer's values. */
static trnnsf_status add_after(const struct reader *r, uint32_t kind, const struct layer *layer)
{
    struct trnnsf_node_options after = TRNNSF_NODE_OPTIONS_INIT;
    bool swish = layer->node.activation == TRNNSF_ACTIVATION_HARD_SWISH;

    after.kind = kind;
    if (!swish || kind == TRNNSF_NODE_ACTIVATION) {
        after.activation = layer->node.activation;
        after.dropout = layer->node.dropout;
    }
    return add_node(r, &after);
}

/* The layer, its batch norm, and a hard swish, which must stand alone. */
static trnnsf_status add_layer(const struct reader *r, const struct layer *layer)
{
    bool swish = layer->node.activation == TRNNSF_ACTIVATION_HARD_SWISH;
    struct trnnsf_node_options first = layer->node;

    if (layer->norm || swish) {
        first.activation = TRNNSF_ACTIVATION_LINEAR;
        first.dropout = 0;
    }
    TRN_TRY(add_node(r, &first));
    if (layer->norm)
        TRN_TRY(add_after(r, TRNNSF_NODE_BATCH_NORM, layer));
    return swish ? add_after(r, TRNNSF_NODE_ACTIVATION, layer) : TRNNSF_OK;
}

/* A batch norm's shift makes a bias before it idle. */
static void settle_defaults(const struct reader *r, struct layer *layer)
{
    bool last = *r->place == '\0', pool = layers_like(layer) == OF_POOLS;

    if (!layer->activation_given)
        layer->node.activation = last   ? r->defaults->output_activation
                                 : pool ? (uint32_t)TRNNSF_ACTIVATION_LINEAR
                                        : r->defaults->hidden_activation;
    if (!layer->bias_given)
        layer->node.bias = layer->norm ? 0 : r->defaults->bias;
}

static trnnsf_status read_layer(struct reader *r)
{
    struct layer layer = {.node = TRNNSF_NODE_OPTIONS_INIT};

    layer.node.kind = TRNNSF_NODE_DENSE;
    r->layer_place = r->place;
    if (*r->place == '-' || *r->place == '\0')
        return fail_at(r, r->place, "a layer is missing");
    TRN_TRY(read_kind(r, &layer));
    TRN_TRY(read_options(r, &layer));
    settle_defaults(r, &layer);
    settle_window(r, &layer);
    return add_layer(r, &layer);
}

trnnsf_status trn_layers_parse(trnnsf_context *ctx, const char *text,
                               const struct trnnsf_network_options *defaults,
                               struct trn_graph *graph)
{
    struct reader reader = {
        .ctx = ctx, .text = text, .place = text, .defaults = defaults, .graph = graph};

    for (;;) {
        TRN_TRY(read_layer(&reader));
        if (*reader.place == '\0')
            return TRNNSF_OK;
        reader.place++;
    }
}
