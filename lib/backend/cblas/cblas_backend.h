/* Kernels on a CBLAS library: products there, the memory-bound kernels from the reference. */
#ifndef TRN_BACKEND_CBLAS_CBLAS_BACKEND_H
#define TRN_BACKEND_CBLAS_CBLAS_BACKEND_H

#include <trnnsf/backend.h>

extern const struct trnnsf_backend_ops trn_cblas_ops;

/* Sets a threaded OpenBLAS to one thread a call, for the whole process: kernels run in the worker
 * pool, and their bits must not depend on a thread count. Returns the flags that go with the library
 * that is loaded. An OpenBLAS built without threads hands out its packing buffers without a lock
 * that holds: called from two threads at once, 0.3.21 spoils about one product in fifty. */
uint32_t trn_cblas_prepare(void);

#endif
