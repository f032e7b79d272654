/* Where the library was built without cairo. */
#include "base/context.h"
#include "io/figure.h"

trnnsf_status trn_figure_draw(trnnsf_context *ctx, const trnnsf_report *report, const char *path)
{
    (void)report;
    return trn_fail(ctx, TRNNSF_E_UNSUPPORTED, "figure %s: built without cairo", path);
}
