#include "map/mapping.h"

/* FNV-1a of 64 bits, word by word (G. Fowler, L. C. Noll, K.-P. Vo, the public domain hash). */
static uint64_t add(uint64_t hash, uint64_t word)
{
    return (hash ^ word) * UINT64_C(0x100000001B3);
}

uint64_t trn_mapping_fingerprint(const struct trnnsf_mapping *mapping)
{
    uint64_t hash = UINT64_C(0xCBF29CE484222325);

    for (size_t c = 0; c < mapping->n_crossbars; c++) {
        const struct trn_crossbar *crossbar = &mapping->crossbars[c];

        hash = add(add(add(hash, crossbar->layer), crossbar->n_inputs), crossbar->n_outputs);
    }
    for (size_t i = 0; i < mapping->n_index; i++)
        hash = add(hash, mapping->index[i]);
    return hash ? hash : 1;
}
