/* Shared by the cluster tests. */
#ifndef CLUSTER_SUITE_H
#define CLUSTER_SUITE_H

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <trnnsf/trnnsf.h>

#include "base/random.h"
#include "cluster/clusters.h"
#include "planted.h"

extern trnnsf_context *ctx;

TCase *sets_tests(void);
TCase *pack_tests(void);
TCase *packer_tests(void);
TCase *scic_tests(void);
TCase *spectral_tests(void);
TCase *bound_tests(void);
TCase *refine_tests(void);
TCase *reorder_tests(void);
TCase *patches_tests(void);
TCase *groups_tests(void);
/* Add their tests of thread counts to the case "threads", which the thread sanitizer runs alone. */
void packer_threads(TCase *tests);
void reorder_threads(TCase *tests);
void scic_threads(TCase *tests);

/* n_rows x n_columns cells live with probability `density`, values in (0, 1]. */
trnnsf_matrix *random_matrix(uint64_t seed, size_t n_rows, size_t n_columns, double density);
/* Rectangles with `rows` x `columns` drawn neurons each; they may overlap. */
trnnsf_clusters *random_clusters(uint64_t seed, size_t n_rows, size_t n_columns, size_t count,
                                 size_t rows, size_t columns);
trnnsf_matrix *planted_matrix(const struct planted *planted, unsigned char *cells);
/* The same sets in the same order. */
bool same_clusters(const trnnsf_clusters *a, const trnnsf_clusters *b);
/* Valid indices within the MCA; every connection owned at most once and owned + residue = all. */
void check_invariants(const trnnsf_clusters *clusters, const trnnsf_matrix *matrix, size_t inputs,
                      size_t outputs);

#endif
