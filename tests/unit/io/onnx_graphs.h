/* Random graphs for the tests of ONNX files. */
#ifndef TRN_TEST_IO_ONNX_GRAPHS_H
#define TRN_TEST_IO_ONNX_GRAPHS_H

#include <trnnsf/graph.h>

/* Of up to a dozen nodes of all kinds, with random windows, weights and norms; the same for a seed.
 */
trnnsf_network *random_graph(uint64_t seed);

#endif
