/* Kernels on a CBLAS library: products there, the memory-bound kernels from the reference. */
#ifndef TRN_BACKEND_CBLAS_CBLAS_BACKEND_H
#define TRN_BACKEND_CBLAS_CBLAS_BACKEND_H

#include <trnnsf/backend.h>

extern const struct trnnsf_backend_ops trn_cblas_ops;

/* Sets a threaded OpenBLAS to one thread a call, for the whole process: kernels run in the worker
 * pool, and their bits must not depend on a thread count. */
void trn_cblas_prepare(void);

#endif
