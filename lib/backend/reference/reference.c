#include "backend/reference/reference.h"

const struct trnnsf_backend_ops trn_reference_ops = {
    .struct_size = sizeof(struct trnnsf_backend_ops),
    .api_version = TRNNSF_BACKEND_API_VERSION,
    .flags = TRNNSF_BACKEND_DETERMINISTIC,
    .name = "reference",
    .gemm = trn_reference_gemm,
    .masked_gemm = trn_reference_masked_gemm,
    .block_multiply = trn_reference_block_multiply,
    .block_multiply_transposed = trn_reference_block_multiply_transposed,
    .block_gradient = trn_reference_block_gradient,
    .sparse_multiply = trn_reference_sparse_multiply,
    .sparse_gradient = trn_reference_sparse_gradient,
    .kmeans_assign = trn_reference_kmeans_assign,
    .gather_rows = trn_reference_gather_rows,
    .scatter_add_rows = trn_reference_scatter_add_rows,
    .gather_columns = trn_reference_gather_columns,
    .window_lower = trn_reference_window_lower,
    .window_raise = trn_reference_window_raise,
    .window_multiply = trn_reference_window_multiply,
    .window_multiply_transposed = trn_reference_window_multiply_transposed,
    .window_gradient = trn_reference_window_gradient,
};
