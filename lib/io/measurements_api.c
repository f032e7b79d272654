#include <stdio.h>
#include <string.h>

#include "base/context.h"
#include "base/options.h"
#include "io/measurements_csv.h"

enum { FILE_LENGTH = 81 };

void trnnsf_tech_measurements_options_init(struct trnnsf_tech_measurements_options *options)
{
    if (options)
        *options = (struct trnnsf_tech_measurements_options)TRNNSF_TECH_MEASUREMENTS_OPTIONS_INIT;
}

static const char origin[] = "trnnsf_tech_from_measurements";

static trnnsf_status check_options(trnnsf_context *ctx,
                                   const struct trnnsf_tech_measurements_options *options)
{
    if (options->name && (!options->name[0] || strlen(options->name) > TRN_TECH_SOURCE_MAX))
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: name is not a text of 1 to %d bytes", origin,
                        TRN_TECH_SOURCE_MAX);
    TRN_TRY(trn_option_count(ctx, origin, "degree", options->degree, 0, 4));
    TRN_TRY(trn_option_count(ctx, origin, "bins", options->bins, 2, 1000));
    if (!(options->stuck_range > 0 && options->stuck_range < 0.5))
        return trn_fail(ctx, TRNNSF_E_INVALID, "%s: stuck_range %g is not in (0, 0.5)", origin,
                        options->stuck_range);
    return TRNNSF_OK;
}

/* The file's name without its folder, as it may stand in a source: plain characters. */
static void name_file(const char *path, char file[FILE_LENGTH])
{
    const char *slash = strrchr(path, '/');

    snprintf(file, FILE_LENGTH, "%s", slash ? slash + 1 : path);
    for (char *at = file; *at; at++) {
        if (*at < ' ' || *at > '~')
            *at = '?';
    }
}

trnnsf_status trnnsf_tech_from_measurements(trnnsf_context *context, const trnnsf_tech *base,
                                            const char *path,
                                            const struct trnnsf_tech_measurements_options *options,
                                            trnnsf_tech **out_tech)
{
    struct trnnsf_tech_measurements_options given = TRNNSF_TECH_MEASUREMENTS_OPTIONS_INIT;
    struct trn_stream *stream;
    struct trn_tech_read *reads = NULL;
    size_t count = 0;
    char file[FILE_LENGTH];

    if (!context)
        return TRNNSF_E_INVALID;
    if (!base || !path || !out_tech)
        return trn_fail(context, TRNNSF_E_INVALID, "%s: %s is NULL", origin,
                        !base   ? "base"
                        : !path ? "path"
                                : "out_tech");
    TRN_TRY(trn_options_read(context, origin, options, &given, sizeof given));
    TRN_TRY(check_options(context, &given));

    trnnsf_status status = trn_stream_open(context, path, &stream);
    if (status == TRNNSF_OK) {
        status = trn_measurements_read(stream, &reads, &count);
        trn_stream_free(stream);
    }
    if (status == TRNNSF_OK) {
        name_file(path, file);
        status = trn_tech_fit(context, base, file, count, reads, &given, out_tech);
        /* What no descriptor may be is the file's fault here. */
        status = status == TRNNSF_E_INVALID ? TRNNSF_E_FORMAT : status;
        trn_free(context, reads);
    }
    return status ? trn_fail_in(context, status, "%s", origin) : TRNNSF_OK;
}
