/* Copies of what callers hand in, checked on the way. */
#include <math.h>
#include <string.h>

#include "base/context.h"
#include "base/options.h"
#include "io/plot.h"

static const double largest = 1e300; /* sums and differences of two stay finite */

static void free_axis(trnnsf_context *ctx, struct trn_plot_axis *axis)
{
    trn_free(ctx, axis->label);
    trn_free(ctx, axis->unit);
}

void trn_plot_panel_free(trnnsf_context *ctx, struct trn_plot_panel *panel)
{
    if (!panel)
        return;
    for (size_t i = 0; panel->series && i < panel->n_series; i++) {
        struct trn_plot_series *series = &panel->series[i];

        trn_free(ctx, series->name);
        trn_free(ctx, series->x);
        trn_free(ctx, series->y);
        trn_free(ctx, series->low);
        trn_free(ctx, series->high);
    }
    trn_free(ctx, panel->series);
    trn_free(ctx, panel->title);
    free_axis(ctx, &panel->x);
    free_axis(ctx, &panel->y);
    free_axis(ctx, &panel->value);
    trn_free(ctx, panel->level_name);
    trn_free(ctx, panel->edges);
    trn_free(ctx, panel->cells);
    trn_free(ctx, panel);
}

/* Bytes of the UTF-8 character at `text`, which ends in a 0; 0 where there is none, or a control
 * character. Overlong forms, surrogates and what is above U+10FFFF are none (RFC 3629). */
static size_t character_at(const unsigned char *text)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t size = text[0] < 0x80 ? 1 : text[0] >> 5 == 6 ? 2 : text[0] >> 4 == 14 ? 3 : 4;
    uint32_t code = text[0] & (size == 1 ? 0x7Fu : 0x7Fu >> size);

    if (size == 4 && text[0] >> 3 != 30)
        return 0;
    for (size_t i = 1; i < size; i++) {
        if (text[i] >> 6 != 2)
            return 0;
        code = code << 6 | (text[i] & 63u);
    }
    if (code < 0x20 || (code >= 0x7F && code < 0xA0) || code < least[size] || code > 0x10FFFF ||
        (code >= 0xD800 && code < 0xE000))
        return 0;
    return size;
}

trnnsf_status trn_plot_text(trnnsf_context *ctx, const char *function, const char *what,
                            const char *text, char **out_text)
{
    if (!text)
        return TRNNSF_OK;
    if (!memchr(text, 0, TRN_PLOT_TEXT_MAX + 1))
        return trn_fail(ctx, TRNNSF_E_LIMIT, "%s: %s has more than %d bytes", function, what,
                        TRN_PLOT_TEXT_MAX);
    for (size_t at = 0; text[at] != '\0';) {
        size_t size = character_at((const unsigned char *)text + at);

        if (size == 0)
            return trn_fail(ctx, TRNNSF_E_INVALID,
                            "%s: %s is not UTF-8, or has a control character, at byte %zu",
                            function, what, at);
        at += size;
    }
    *out_text = trn_copy_text(ctx, text);
    return *out_text ? TRNNSF_OK : TRNNSF_E_NO_MEMORY;
}

trnnsf_status trn_plot_numbers(trnnsf_context *ctx, const char *function, const char *what,
                               size_t count, const double *numbers, double **out_numbers)
{
    if (!numbers)
        return TRNNSF_OK;
    for (size_t i = 0; i < count; i++) {
        if (isfinite(numbers[i]) && fabs(numbers[i]) > largest)
            return trn_fail(ctx, TRNNSF_E_INVALID, "%s: %s[%zu] %g is not in [%g, %g]", function,
                            what, i, numbers[i], -largest, largest);
    }
    *out_numbers = trn_copy(ctx, numbers, count, sizeof *numbers);
    return *out_numbers ? TRNNSF_OK : TRNNSF_E_NO_MEMORY;
}

trnnsf_status trn_plot_element(trnnsf_context *ctx, const char *function, const void *first,
                               size_t index, void *out, size_t size)
{
    size_t step, own;

    memcpy(&step, first, sizeof step);
    if (index == 0)
        return trn_options_read(ctx, function, first, out, size);
    memcpy(&own, (const char *)first + index * step, sizeof own);
    if (own != step)
        return trn_fail(ctx, TRNNSF_E_INVALID,
                        "%s: struct_size %zu of element %zu is not that of the first, %zu",
                        function, own, index, step);
    return trn_options_read(ctx, function, (const char *)first + index * step, out, size);
}
