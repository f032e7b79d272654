/* NIR graphs as HDF5 files, made and read in memory: as the Python package `nir` writes them
 * (github.com/neuromorphs/NIR, nir/serialization.py).
 *
 *     /version                     text
 *     /node/type                   "NIRGraph"
 *     /node/nodes/NAME/type        text; the node's parameters beside it
 *     /node/nodes/NAME/metadata/   anything
 *     /node/edges                  text [n, 2]
 *     /node/metadata/              anything
 *
 * Beside the parameters, the shapes of each node's signals are written: doc/nir.md. */
#ifndef TRN_IO_NIR_FILE_H
#define TRN_IO_NIR_FILE_H

#include "nir/nir.h"

/* Shapes of all nodes' signals stand there; they are made anew with each file. */
#define TRN_NIR_SAID_INPUT "metadata/input_type"
#define TRN_NIR_SAID_OUTPUT "metadata/output_type"

/* TRNNSF_E_UNSUPPORTED where built without HDF5. */
trnnsf_status trn_nir_file_parse(trnnsf_context *ctx, const uint8_t *bytes, size_t size,
                                 struct trnnsf_nir **out_nir);
/* `nir` is checked. The bytes are the caller's: trn_free(). */
trnnsf_status trn_nir_file_format(struct trnnsf_nir *nir, uint8_t **out_bytes, size_t *out_size);

#endif
