/* Built without HDF5. */
#include "base/context.h"
#include "io/nir_file.h"

trnnsf_status trn_nir_file_parse(trnnsf_context *ctx, const uint8_t *bytes, size_t size,
                                 struct trnnsf_nir **out_nir)
{
    (void)bytes, (void)size, (void)out_nir;
    return trn_fail(ctx, TRNNSF_E_UNSUPPORTED, "built without HDF5");
}

trnnsf_status trn_nir_file_format(struct trnnsf_nir *nir, uint8_t **out_bytes, size_t *out_size)
{
    (void)out_bytes, (void)out_size;
    return trn_fail(nir->ctx, TRNNSF_E_UNSUPPORTED, "built without HDF5");
}
