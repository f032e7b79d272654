/* Where the library was built without cairo. */
#include "base/context.h"
#include "io/figure.h"
#include "io/figure_plot.h"

trnnsf_status trn_figure_draw(trnnsf_context *ctx, const trnnsf_report *report, const char *path)
{
    (void)report;
    return trn_fail(ctx, TRNNSF_E_UNSUPPORTED, "figure %s: built without cairo", path);
}

trnnsf_status trn_figure_plot(trnnsf_context *ctx, const trnnsf_plot *plot, const char *path)
{
    (void)plot;
    return trn_fail(ctx, TRNNSF_E_UNSUPPORTED, "figure %s: built without cairo", path);
}
