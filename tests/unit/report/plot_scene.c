#include "plot_scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

trnnsf_context *plot_ctx;
trnnsf_plot *plot;
static char folder[] = "plots-XXXXXX";

void plot_setup(void)
{
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    ck_assert_int_eq(trnnsf_context_create(NULL, &plot_ctx), TRNNSF_OK);
    ck_assert_int_eq(trnnsf_plot_create(plot_ctx, NULL, &plot), TRNNSF_OK);
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

void plot_teardown(void)
{
    rmdir(folder);
    trnnsf_plot_free(plot);
    trnnsf_context_free(plot_ctx);
}

void plot_fresh(void)
{
    trnnsf_plot_free(plot);
    plot = NULL;
    ck_assert_int_eq(trnnsf_plot_create(plot_ctx, NULL, &plot), TRNNSF_OK);
}

const char *plot_path(const char *name)
{
    static char path[64];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

struct trnnsf_plot_series plot_series_of(size_t count, const double *x, const double *y)
{
    return (struct trnnsf_plot_series){
        .struct_size = sizeof(struct trnnsf_plot_series), .count = count, .x = x, .y = y};
}

double plot_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) / 9007199254740992.0;
}
