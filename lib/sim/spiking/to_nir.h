/* Spiking networks as NIR graphs: what chains and graphs share. */
#ifndef TRN_SIM_SPIKING_TO_NIR_H
#define TRN_SIM_SPIKING_TO_NIR_H

#include "sim/spiking/from_nir.h"

struct trn_nir_writer {
    trnnsf_context *ctx;
    const struct trnnsf_spiking *spiking;
    const struct trnnsf_nir_export_options *options;
    struct trnnsf_nir *nir;
    size_t last;                  /* the node that the next one follows */
    struct trn_nir_shape signals; /* that it gives */
};

trnnsf_status trn_nir_put_node(struct trn_nir_writer *writer, const char *name, uint32_t type,
                               struct trn_nir_node **out_node);
/* Takes the values, on failure too. */
trnnsf_status trn_nir_put_values(struct trn_nir_writer *writer, struct trn_nir_node *node,
                                 const char *name, const struct trn_nir_shape *shape,
                                 double *values);

struct trn_nir_shape trn_nir_shape_of(const struct trn_shape *shape);
/* The nodes between the neurons before spiking layer l of a graph and its own.
 * TRNNSF_E_UNSUPPORTED: it does not read these alone, over one layer of weights. */
trnnsf_status trn_nir_put_links(struct trn_nir_writer *writer, size_t l);

#endif
