#include "io/onnx_make.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { NAME_ROOM = 96, ATTRIBUTES_MAX = 8 };

/* ---- memory ---- */

/* Room for one more pointer in a list. */
static void **grow(struct trn_onnx_maker *m, void **list, size_t count, size_t *room)
{
    size_t more = *room ? 2 * *room : 64;

    if (count < *room)
        return list;
    list = trn_realloc(m->ctx, list, more, sizeof *list);
    if (list)
        *room = more;
    else
        m->status = TRN_NO_MEMORY;
    return list;
}

void *trn_onnx_make(struct trn_onnx_maker *m, size_t count, size_t size)
{
    void **blocks, *block;

    if (m->status != TRNNSF_OK)
        return NULL;
    blocks = grow(m, m->blocks, m->n_blocks, &m->blocks_room);
    if (!blocks)
        return NULL;
    m->blocks = blocks;
    block = trn_calloc(m->ctx, count, size);
    if (block)
        m->blocks[m->n_blocks++] = block;
    else
        m->status = TRN_NO_MEMORY;
    return block;
}

void trn_onnx_maker_clear(struct trn_onnx_maker *m)
{
    for (size_t i = 0; i < m->n_blocks; i++)
        trn_free(m->ctx, m->blocks[i]);
    trn_free(m->ctx, m->blocks);
    trn_free(m->ctx, m->nodes);
    trn_free(m->ctx, m->tensors);
}

char *trn_onnx_name(struct trn_onnx_maker *m, const char *format, ...)
{
    char *name = trn_onnx_make(m, NAME_ROOM, 1);
    va_list arguments;

    if (!name)
        return NULL;
    va_start(arguments, format);
    vsnprintf(name, NAME_ROOM, format, arguments);
    va_end(arguments);
    return name;
}

/* ---- nodes ---- */

Onnx__NodeProto *trn_onnx_make_node(struct trn_onnx_maker *m, const char *type, char *name,
                                    size_t n_inputs)
{
    Onnx__NodeProto *node = trn_onnx_make(m, 1, sizeof *node);
    char **inputs = trn_onnx_make(m, n_inputs, sizeof *inputs);
    char **output = trn_onnx_make(m, 1, sizeof *output);
    Onnx__AttributeProto **attributes = trn_onnx_make(m, ATTRIBUTES_MAX, sizeof(void *));
    void **nodes;

    if (!attributes || !name)
        return NULL;
    nodes = grow(m, (void **)m->nodes, m->n_nodes, &m->nodes_room);
    if (!nodes)
        return NULL;
    m->nodes = (Onnx__NodeProto **)nodes;
    onnx__node_proto__init(node);
    node->op_type = (char *)type;
    node->name = name;
    node->input = inputs;
    node->output = output;
    node->n_output = 1;
    output[0] = name;
    node->attribute = attributes;
    m->nodes[m->n_nodes++] = node;
    return node;
}

void trn_onnx_put_input(Onnx__NodeProto *node, char *name)
{
    if (node && name)
        node->input[node->n_input++] = name;
}

static Onnx__AttributeProto *put(struct trn_onnx_maker *m, Onnx__NodeProto *node, const char *name,
                                 Onnx__AttributeProto__AttributeType type)
{
    Onnx__AttributeProto *attribute = trn_onnx_make(m, 1, sizeof *attribute);

    if (!attribute || !node || node->n_attribute == ATTRIBUTES_MAX)
        return NULL;
    onnx__attribute_proto__init(attribute);
    attribute->name = (char *)name;
    attribute->has_type = 1;
    attribute->type = type;
    node->attribute[node->n_attribute++] = attribute;
    return attribute;
}

void trn_onnx_put_int(struct trn_onnx_maker *m, Onnx__NodeProto *node, const char *name,
                      int64_t value)
{
    Onnx__AttributeProto *attribute =
        put(m, node, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT);

    if (attribute) {
        attribute->has_i = 1;
        attribute->i = value;
    }
}

void trn_onnx_put_float(struct trn_onnx_maker *m, Onnx__NodeProto *node, const char *name,
                        float value)
{
    Onnx__AttributeProto *attribute =
        put(m, node, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT);

    if (attribute) {
        attribute->has_f = 1;
        attribute->f = value;
    }
}

void trn_onnx_put_ints(struct trn_onnx_maker *m, Onnx__NodeProto *node, const char *name,
                       size_t count, const int64_t *values)
{
    int64_t *copy = trn_onnx_make(m, count, sizeof *copy);
    Onnx__AttributeProto *attribute =
        put(m, node, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS);

    if (attribute) {
        memcpy(copy, values, count * sizeof *copy);
        attribute->n_ints = count;
        attribute->ints = copy;
    }
}

/* ---- tensors ---- */

static Onnx__TensorProto *make_tensor(struct trn_onnx_maker *m, char *name, size_t rank,
                                      const size_t *dims, int32_t type)
{
    Onnx__TensorProto *tensor = trn_onnx_make(m, 1, sizeof *tensor);
    int64_t *sides = trn_onnx_make(m, rank, sizeof *sides);
    void **tensors;

    if (!sides || !name)
        return NULL;
    tensors = grow(m, (void **)m->tensors, m->n_tensors, &m->tensors_room);
    if (!tensors)
        return NULL;
    m->tensors = (Onnx__TensorProto **)tensors;
    onnx__tensor_proto__init(tensor);
    for (size_t k = 0; k < rank; k++)
        sides[k] = (int64_t)dims[k];
    tensor->name = name;
    tensor->n_dims = rank;
    tensor->dims = sides;
    tensor->has_data_type = 1;
    tensor->data_type = type;
    m->tensors[m->n_tensors++] = tensor;
    return tensor;
}

char *trn_onnx_make_reals(struct trn_onnx_maker *m, char *name, size_t rank, const size_t *dims,
                          const float *values)
{
    Onnx__TensorProto *tensor =
        make_tensor(m, name, rank, dims, ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT);
    size_t count = 1;

    if (!tensor)
        return NULL;
    for (size_t k = 0; k < rank; k++)
        count *= dims[k];
    tensor->n_float_data = count;
    tensor->float_data = (float *)values; /* packing reads it alone */
    return name;
}

char *trn_onnx_make_wholes(struct trn_onnx_maker *m, char *name, size_t count,
                           const int64_t *values)
{
    int64_t *copy = trn_onnx_make(m, count, sizeof *copy);
    Onnx__TensorProto *tensor =
        make_tensor(m, name, 1, &count, ONNX__TENSOR_PROTO__DATA_TYPE__INT64);

    if (!tensor)
        return NULL;
    memcpy(copy, values, count * sizeof *copy);
    tensor->n_int64_data = count;
    tensor->int64_data = copy;
    return name;
}

/* ---- inputs and outputs ---- */

static Onnx__TensorShapeProto__Dimension *make_side(struct trn_onnx_maker *m, size_t k,
                                                    size_t length)
{
    Onnx__TensorShapeProto__Dimension *side = trn_onnx_make(m, 1, sizeof *side);

    if (!side)
        return NULL;
    onnx__tensor_shape_proto__dimension__init(side);
    side->value_case = k == 0 ? ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM
                              : ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
    if (k == 0)
        side->dim_param = (char *)"batch";
    else
        side->dim_value = (int64_t)length;
    return side;
}

Onnx__ValueInfoProto *trn_onnx_make_info(struct trn_onnx_maker *m, char *name, size_t rank,
                                         const size_t *dims)
{
    Onnx__ValueInfoProto *info = trn_onnx_make(m, 1, sizeof *info);
    Onnx__TypeProto *type = trn_onnx_make(m, 1, sizeof *type);
    Onnx__TypeProto__Tensor *tensor = trn_onnx_make(m, 1, sizeof *tensor);
    Onnx__TensorShapeProto *shape = trn_onnx_make(m, 1, sizeof *shape);
    Onnx__TensorShapeProto__Dimension **sides = trn_onnx_make(m, rank, sizeof(void *));

    if (!sides || !name)
        return NULL;
    onnx__value_info_proto__init(info);
    onnx__type_proto__init(type);
    onnx__type_proto__tensor__init(tensor);
    onnx__tensor_shape_proto__init(shape);
    for (size_t k = 0; k < rank; k++)
        sides[k] = make_side(m, k, dims[k]);
    info->name = name;
    info->type = type;
    type->value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    type->tensor_type = tensor;
    tensor->has_elem_type = 1;
    tensor->elem_type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
    tensor->shape = shape;
    shape->n_dim = rank;
    shape->dim = sides;
    return m->status == TRNNSF_OK ? info : NULL;
}
