#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/context.h"
#include "base/file.h"
#include "base/options.h"
#include "io/figure.h"
#include "io/report.h"

enum { REPORT_ENTRIES_MAX = 64 };

trnnsf_status trnnsf_report_create(trnnsf_context *context, trnnsf_report **out_report)
{
    if (!context || !out_report)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_report_create: %s is NULL",
                        context ? "out_report" : "context");
    trnnsf_report *report = TRN_NEW(context, trnnsf_report);
    if (!report)
        return TRNNSF_E_NO_MEMORY;
    report->ctx = trn_context_retain(context);
    *out_report = report;
    return TRNNSF_OK;
}

void trnnsf_report_free(trnnsf_report *report)
{
    if (!report)
        return;
    trnnsf_context *ctx = report->ctx;

    for (size_t i = 0; i < report->n_entries; i++)
        trn_report_entry_free(ctx, report->entries[i]);
    trn_free(ctx, report->entries);
    trn_free(ctx, report->text);
    trn_free(ctx, report);
    trn_context_release(ctx);
}

/* Methods become JSON keys and parts of paths, hence no dots. */
static bool good_method(const char *method)
{
    size_t length = strlen(method);

    return length > 0 && length <= TRN_REPORT_METHOD_MAX &&
           strspn(method, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") ==
               length;
}

static trnnsf_status check_entry(trnnsf_context *ctx, const trnnsf_report *report,
                                 const struct trnnsf_report_entry *entry)
{
    const char *const missing = !entry->method    ? "method"
                                : !entry->network ? "network"
                                : !entry->mapping ? "mapping"
                                : !entry->tech    ? "tech"
                                                  : NULL;

    if (missing)
        return trn_fail(ctx, TRNNSF_E_INVALID, "trnnsf_report_add: entry->%s is NULL", missing);
    if (!good_method(entry->method))
        return trn_fail(ctx, TRNNSF_E_INVALID,
                        "trnnsf_report_add: method \"%.80s\" is not 1 … %d letters, digits, - or _",
                        entry->method, TRN_REPORT_METHOD_MAX);
    if (!isfinite(entry->seconds))
        return trn_fail(ctx, TRNNSF_E_INVALID, "trnnsf_report_add: seconds %g is not finite",
                        entry->seconds);
    if (trn_report_find(report, entry->method))
        return trn_fail(ctx, TRNNSF_E_STATE, "trnnsf_report_add: method \"%s\" is in the report",
                        entry->method);
    if (report->n_entries >= REPORT_ENTRIES_MAX)
        return trn_fail(ctx, TRNNSF_E_LIMIT, "trnnsf_report_add: more than %d entries",
                        REPORT_ENTRIES_MAX);
    if (trnnsf_mapping_layers(entry->mapping) != trnnsf_network_layers(entry->network))
        return trn_fail(ctx, TRNNSF_E_MISMATCH,
                        "trnnsf_report_add: the mapping has %zu layers, the network %zu",
                        trnnsf_mapping_layers(entry->mapping),
                        trnnsf_network_layers(entry->network));
    return TRNNSF_OK;
}

trnnsf_status trnnsf_report_add(trnnsf_context *context, trnnsf_report *report,
                                const struct trnnsf_report_entry *entry)
{
    struct trnnsf_report_entry given = {.struct_size = sizeof given, .seconds = -1};
    struct trn_report_entry *collected = NULL;

    if (!context || !report || !entry)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_report_add: %s is NULL",
                        !context  ? "context"
                        : !report ? "report"
                                  : "entry");
    TRN_TRY(trn_options_read(context, "trnnsf_report_add", entry, &given, sizeof given));
    TRN_TRY(check_entry(context, report, &given));

    struct trn_report_entry **grown =
        trn_realloc(report->ctx, report->entries, report->n_entries + 1, sizeof *report->entries);
    if (!grown)
        return trn_fail(context, TRNNSF_E_NO_MEMORY, "trnnsf_report_add: no memory");
    report->entries = grown;
    trnnsf_status status = trn_report_collect(report->ctx, &given, &collected);
    if (status != TRNNSF_OK && context != report->ctx)
        return trn_fail(context, status, "%s", trnnsf_context_error(report->ctx));
    TRN_TRY(status);
    report->entries[report->n_entries++] = collected;
    trn_free(report->ctx, report->text);
    report->text = NULL;
    return TRNNSF_OK;
}

trnnsf_status trnnsf_report_number(trnnsf_context *context, const trnnsf_report *report,
                                   const char *path, double *out_value)
{
    double value;

    if (!context || !report || !path || !out_value)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_report_number: an argument is NULL");
    if (!trn_report_number_at(report, path, &value))
        return trn_fail(context, TRNNSF_E_NOT_FOUND,
                        "trnnsf_report_number: no number at \"%.120s\"", path);
    *out_value = value;
    return TRNNSF_OK;
}

trnnsf_status trnnsf_report_save(trnnsf_context *context, const trnnsf_report *report,
                                 const char *path)
{
    char *text;
    size_t size;

    if (!context || !report || !path)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_report_save: %s is NULL",
                        !context  ? "context"
                        : !report ? "report"
                                  : "path");
    TRN_TRY(trn_report_json(context, report, &text, &size));
    trnnsf_status status = trn_file_write(context, path, text, size);
    trn_free(context, text);
    return status == TRNNSF_OK ? status : trn_fail_in(context, status, "trnnsf_report_save");
}

const char *trnnsf_report_text(trnnsf_context *context, trnnsf_report *report)
{
    char *text;
    size_t size;

    if (!context || !report) {
        trn_fail(context, TRNNSF_E_INVALID, "trnnsf_report_text: an argument is NULL");
        return NULL;
    }
    if (!report->text) {
        /* The text lives as long as the report, so its own context's memory holds it. */
        trnnsf_status status = trn_report_json(report->ctx, report, &text, &size);

        if (status != TRNNSF_OK) {
            if (context != report->ctx)
                trn_fail(context, status, "%s", trnnsf_context_error(report->ctx));
            return NULL;
        }
        report->text = text;
    }
    return report->text;
}

trnnsf_status trnnsf_report_figure(trnnsf_context *context, const trnnsf_report *report,
                                   const char *path)
{
    if (!context || !report || !path)
        return trn_fail(context, TRNNSF_E_INVALID, "trnnsf_report_figure: %s is NULL",
                        !context  ? "context"
                        : !report ? "report"
                                  : "path");
    if (report->n_entries == 0)
        return trn_fail(context, TRNNSF_E_STATE, "trnnsf_report_figure: the report has no entry");
    return trn_figure_draw(context, report, path);
}
