/* The report as JSON text, by jansson. */
#include "io/report.h"

#include <math.h>
#include <string.h>

#include "base/context.h"

#if TRN_HAVE_JANSSON

#include <jansson.h>

enum { DEPTH_MAX = 16 };

struct builder {
    json_t *open[DEPTH_MAX];
    size_t depth;
    bool failed;
};

/* Takes the reference; NULL (no memory) is remembered, and the walk goes on to its end. */
static void put(struct builder *builder, const char *key, json_t *value)
{
    json_t *parent = builder->open[builder->depth];
    int result = json_is_array(parent) ? json_array_append_new(parent, value)
                                       : json_object_set_new(parent, key, value);

    if (result != 0)
        builder->failed = true;
}

static void build_open(void *self, const char *key, bool array)
{
    struct builder *builder = self;
    json_t *value = array ? json_array() : json_object();

    /* A borrowed reference: the parent holds the value, and the stack only its branch. */
    put(builder, key, value);
    builder->depth++;
    builder->open[builder->depth] = builder->failed ? NULL : value;
}

static void build_close(void *self)
{
    struct builder *builder = self;

    builder->depth--;
}

static void build_number(void *self, const char *key, double value)
{
    put(self, key, isfinite(value) ? json_real(value) : json_null());
}

static void build_integer(void *self, const char *key, uint64_t value)
{
    put(self, key, value <= INT64_MAX ? json_integer((json_int_t)value) : json_real((double)value));
}

static void build_text(void *self, const char *key, const char *value)
{
    put(self, key, json_string(value));
}

struct buffer {
    trnnsf_context *ctx;
    char *text;
    size_t size;
    size_t room;
};

static int append(const char *text, size_t size, void *user)
{
    struct buffer *buffer = user;

    if (size >= buffer->room - buffer->size) {
        size_t room = 2 * (buffer->size + size) + 4096;
        char *moved = trn_realloc(buffer->ctx, buffer->text, room, 1);

        if (!moved)
            return -1;
        buffer->text = moved;
        buffer->room = room;
    }
    memcpy(buffer->text + buffer->size, text, size);
    buffer->size += size;
    buffer->text[buffer->size] = '\0';
    return 0;
}

trnnsf_status trn_report_json(trnnsf_context *ctx, const trnnsf_report *report, char **out_text,
                              size_t *out_size)
{
    struct builder builder = {.open = {json_object()}};
    const struct trn_report_visitor visitor = {.open = build_open,
                                               .close = build_close,
                                               .number = build_number,
                                               .integer = build_integer,
                                               .text = build_text,
                                               .self = &builder};
    struct buffer buffer = {.ctx = ctx};
    json_t *root = builder.open[0];

    trn_report_walk(report, &visitor);
    /* 17 digits bring every double back exactly. */
    if (builder.failed || !root ||
        json_dump_callback(root, append, &buffer, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) != 0 ||
        append("\n", 1, &buffer) != 0) {
        json_decref(root);
        trn_free(ctx, buffer.text);
        return trn_fail(ctx, TRNNSF_E_NO_MEMORY, "no memory for a JSON report");
    }
    json_decref(root);
    *out_text = buffer.text;
    *out_size = buffer.size;
    return TRNNSF_OK;
}

#else

trnnsf_status trn_report_json(trnnsf_context *ctx, const trnnsf_report *report, char **out_text,
                              size_t *out_size)
{
    (void)report;
    (void)out_text;
    (void)out_size;
    return trn_fail(ctx, TRNNSF_E_UNSUPPORTED, "JSON report: built without jansson");
}

#endif
