/* How far apart inputs are, told from data alone: shortest paths over neighbours, which on images find
 * back the grid of pixels. */
#ifndef TRN_CLUSTER_NEIGHBOURS_H
#define TRN_CLUSTER_NEIGHBOURS_H

#include <trnnsf/context.h>

/* distance[n x n], symmetric: lengths of shortest paths in the graph that joins each item with those
 * it correlates with most, either way; items that no path joins are as far apart as any others, and
 * once more. correlation[n x n] is symmetric, -1 … 1, and its sign plays no part: what can stand in
 * for an input up to a factor is near it. Source: geodesic distances of Isomap (Tenenbaum, de Silva
 * and Langford, "A global geometric framework for nonlinear dimensionality reduction", Science 290,
 * 2000), between inputs instead of samples. */
trnnsf_status trn_neighbour_distances(trnnsf_context *ctx, size_t n, const float *correlation,
                                      float *distance);

#endif
