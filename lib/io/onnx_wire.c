#include "io/onnx_wire.h"

#include <string.h>

#include "base/context.h"

enum {
    DEPTH_MAX = 32,         /* messages in one another: a tensor of a node's attribute is the 5th */
    FIELDS_MAX = 1 << 22,   /* ResNet-152 has some 20000; each costs protobuf-c tens of bytes */
    SINGLE_FIELDS_MAX = 32, /* of one message; onnx.proto's largest has 25 */
    VARINT_BYTES = 10
};

static const size_t message_max = (size_t)INT32_MAX;

/* ---- looking over ----
 *
 * protobuf-c recurses into messages without a limit and merges what comes twice, so that a few
 * megabytes could take the stack or hours. Its own descriptors say which fields are messages. */

struct level {
    const ProtobufCMessageDescriptor *message;
    size_t end;
    uint32_t seen; /* which of its fields that may come once have come; by their place there */
};

struct look {
    trnnsf_context *ctx;
    const uint8_t *bytes;
    size_t at;
    size_t fields;
    size_t depth;
    struct level levels[DEPTH_MAX];
};

static trnnsf_status cut_short(const struct look *look)
{
    return trn_fail(look->ctx, TRNNSF_E_FORMAT, "byte %zu: no ONNX, or cut short (%s)", look->at,
                    look->levels[look->depth].message->short_name);
}

static trnnsf_status varint(struct look *look, uint64_t *out)
{
    size_t end = look->levels[look->depth].end;
    uint64_t value = 0;

    for (unsigned k = 0; k < VARINT_BYTES && look->at < end; k++) {
        uint8_t byte = look->bytes[look->at++];

        value |= (uint64_t)(byte & 0x7f) << (7 * k);
        if (byte < 0x80) {
            *out = value;
            return TRNNSF_OK;
        }
    }
    return cut_short(look);
}

static trnnsf_status enter(struct look *look, const ProtobufCFieldDescriptor *field, size_t length)
{
    struct level *level = &look->levels[look->depth];
    size_t place = (size_t)(field - level->message->fields);

    if (field->label != PROTOBUF_C_LABEL_REPEATED && place < SINGLE_FIELDS_MAX) {
        if (level->seen >> place & 1)
            return trn_fail(look->ctx, TRNNSF_E_FORMAT, "byte %zu: %s.%s comes twice", look->at,
                            level->message->short_name, field->name);
        level->seen |= UINT32_C(1) << place;
    }
    if (look->depth + 1 == DEPTH_MAX)
        return trn_fail(look->ctx, TRNNSF_E_LIMIT, "byte %zu: %s.%s is nested more than %d deep",
                        look->at, level->message->short_name, field->name, DEPTH_MAX);
    look->levels[++look->depth] = (struct level){field->descriptor, look->at + length, 0};
    return TRNNSF_OK;
}

static trnnsf_status skip(struct look *look, size_t length)
{
    if (length > look->levels[look->depth].end - look->at)
        return cut_short(look);
    look->at += length;
    return TRNNSF_OK;
}

static trnnsf_status delimited(struct look *look, uint64_t number)
{
    const struct level *level = &look->levels[look->depth];
    const ProtobufCFieldDescriptor *field =
        number <= UINT32_MAX
            ? protobuf_c_message_descriptor_get_field(level->message, (unsigned)number)
            : NULL;
    uint64_t length = 0;

    TRN_TRY(varint(look, &length));
    if (length > level->end - look->at)
        return cut_short(look);
    if (field && field->type == PROTOBUF_C_TYPE_MESSAGE)
        return enter(look, field, (size_t)length);
    return skip(look, (size_t)length);
}

static trnnsf_status field(struct look *look)
{
    uint64_t key = 0, value;

    if (++look->fields > FIELDS_MAX)
        return trn_fail(look->ctx, TRNNSF_E_LIMIT, "byte %zu: more than %d fields", look->at,
                        FIELDS_MAX);
    TRN_TRY(varint(look, &key));
    switch (key & 7) {
    case 0:
        return varint(look, &value);
    case 1:
        return skip(look, 8);
    case 2:
        return delimited(look, key >> 3);
    case 5:
        return skip(look, 4);
    default:
        return cut_short(look);
    }
}

static trnnsf_status look_over(trnnsf_context *ctx, const uint8_t *bytes, size_t size)
{
    struct look look = {.ctx = ctx, .bytes = bytes};

    look.levels[0] = (struct level){&onnx__model_proto__descriptor, size, 0};
    for (;;) {
        if (look.at < look.levels[look.depth].end)
            TRN_TRY(field(&look));
        else if (look.depth > 0)
            look.depth--;
        else
            return TRNNSF_OK;
    }
}

/* ---- unpacking ---- */

struct memory {
    trnnsf_context *ctx;
    bool short_of;
};

static void *take(void *user, size_t size)
{
    struct memory *memory = user;
    void *pointer = trn_malloc(memory->ctx, size, 1);

    memory->short_of = memory->short_of || !pointer;
    return pointer;
}

static void give_back(void *user, void *pointer)
{
    trn_free(((struct memory *)user)->ctx, pointer);
}

static ProtobufCAllocator allocator_of(struct memory *memory)
{
    return (ProtobufCAllocator){take, give_back, memory};
}

trnnsf_status trn_onnx_unpack(trnnsf_context *ctx, const uint8_t *bytes, size_t size,
                              Onnx__ModelProto **out_model)
{
    struct memory memory = {ctx, false};
    ProtobufCAllocator allocator = allocator_of(&memory);

    TRN_TRY(look_over(ctx, bytes, size));

    Onnx__ModelProto *model = onnx__model_proto__unpack(&allocator, size, bytes);

    if (!model && memory.short_of)
        return trn_fail(ctx, TRNNSF_E_NO_MEMORY, "no memory for its messages");
    if (!model)
        return trn_fail(ctx, TRNNSF_E_FORMAT, "no ONNX: protobuf-c does not read it");
    *out_model = model;
    return TRNNSF_OK;
}

void trn_onnx_release(trnnsf_context *ctx, Onnx__ModelProto *model)
{
    struct memory memory = {ctx, false};
    ProtobufCAllocator allocator = allocator_of(&memory);

    if (model)
        onnx__model_proto__free_unpacked(model, &allocator);
}

/* ---- packing ---- */

trnnsf_status trn_onnx_pack(trnnsf_context *ctx, const Onnx__ModelProto *model, uint8_t **out_bytes,
                            size_t *out_size)
{
    size_t size = onnx__model_proto__get_packed_size(model);

    if (size > message_max)
        return trn_fail(ctx, TRNNSF_E_LIMIT, "%zu bytes are more than an ONNX file's %zu", size,
                        message_max);

    uint8_t *bytes = trn_malloc(ctx, size, 1);

    if (!bytes)
        return TRN_NO_MEMORY;
    *out_size = onnx__model_proto__pack(model, bytes);
    *out_bytes = bytes;
    return TRNNSF_OK;
}
