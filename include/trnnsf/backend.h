/** \file backend.h
 * Compute backends: the table of kernels, and how to plug in one's own.
 *
 * A kernel sees dimensions, leading dimensions and pointers, never the library's objects. All
 * matrices are row-major float unless stated; a leading dimension is the distance of two rows in
 * elements and at least the row's length. Kernels are called from several threads at once, on
 * disjoint outputs; each call must be single-threaded and give the same bits for the same
 * arguments, so that results do not depend on the thread count. Sizes may be 0. Kernels return
 * TRNNSF_OK, TRNNSF_E_UNSUPPORTED before anything is written, or another status, which fails the
 * public call. doc/backend.md has the contract of each kernel and a whole backend in a page.
 *
 * Backends belong to a context: each context has "reference" (plain C, the judge of the others),
 * "cblas" where the library is built with it, and what the caller registers.
 */
#ifndef TRNNSF_BACKEND_H
#define TRNNSF_BACKEND_H

#include <trnnsf/context.h>

TRNNSF_BEGIN_DECLS

/** Major version of the table's meaning. A backend of another major is refused. */
#define TRNNSF_BACKEND_API_VERSION 1u

/** Bits of trnnsf_backend_ops.flags. */
enum trnnsf_backend_flag {
    TRNNSF_BACKEND_DETERMINISTIC = 1, /**< same arguments, same bits, on whatever thread */
    TRNNSF_BACKEND_ONE_THREAD = 2     /**< kernels must not run on two threads at once: a context then
                                           calls them from its own thread alone */
};

/** A window that slides over the image of one channel, as a convolution's kernel does. The cell
 * (ky, kx) of the kernel at output place (oy, ox) lies on the pixel of row oy stride_height + ky
 * dilation_height - pad_top and column ox stride_width + kx dilation_width - pad_left, which may be
 * off the image. */
struct trnnsf_window {
    size_t struct_size;
    size_t height; /**< of the image, in pixels */
    size_t width;
    size_t kernel_height; /**< cells of the kernel */
    size_t kernel_width;
    size_t stride_height;
    size_t stride_width;
    size_t dilation_height;
    size_t dilation_width;
    size_t pad_top;
    size_t pad_left;
    size_t out_height; /**< places of the window */
    size_t out_width;
};

/** The table. Functions in the order in which they were added; new ones only at the end. A NULL
 * slot, or TRNNSF_E_UNSUPPORTED from a slot, passes the call to the reference kernel. */
struct trnnsf_backend_ops {
    size_t struct_size;   /**< sizeof of the caller's struct; slots past it count as NULL */
    uint32_t api_version; /**< TRNNSF_BACKEND_API_VERSION */
    uint32_t flags;       /**< of enum trnnsf_backend_flag; other bits are refused */
    const char *name;     /**< lower-case letters, digits and '-', 1 … 31 of them */
    void *self;           /**< handed to each kernel; NULL is fine; shared by all threads */

    /** C[m x n] = alpha op(A) op(B) + beta C, op(A) m x k, op(B) k x n; transpose flags 0 or 1.
     * C is not read where beta is 0. No aliasing. Since 0.1. */
    trnnsf_status (*gemm)(void *self, uint32_t transpose_a, uint32_t transpose_b, size_t m,
                          size_t n, size_t k, float alpha, const float *a, size_t lda,
                          const float *b, size_t ldb, float beta, float *c, size_t ldc);

    /** As gemm, but only the entries of C whose bit in `mask` is set are computed; the others are
     * set to 0. Bit j of row i is bit j % 64 of mask[i * mask_stride + j / 64]. Since 0.1. */
    trnnsf_status (*masked_gemm)(void *self, uint32_t transpose_a, uint32_t transpose_b, size_t m,
                                 size_t n, size_t k, float alpha, const float *a, size_t lda,
                                 const float *b, size_t ldb, float beta, float *c, size_t ldc,
                                 const uint64_t *mask, size_t mask_stride);

    /** One cluster's forward product: Y[rows[i], :] += sum_j V[i, j] X[columns[j], :] over `n`
     * panel columns, V[n_rows x n_columns] packed. `scratch` holds (n_rows + n_columns) * n floats.
     * Rows are distinct. Since 0.1. */
    trnnsf_status (*block_multiply)(void *self, size_t n_rows, size_t n_columns, size_t n,
                                    const float *v, const uint32_t *rows, const uint32_t *columns,
                                    const float *x, size_t ldx, float *y, size_t ldy,
                                    float *scratch);

    /** Its transpose: X[columns[j], :] += sum_i V[i, j] Y[rows[i], :]. Since 0.1. */
    trnnsf_status (*block_multiply_transposed)(void *self, size_t n_rows, size_t n_columns,
                                               size_t n, const float *v, const uint32_t *rows,
                                               const uint32_t *columns, const float *y, size_t ldy,
                                               float *x, size_t ldx, float *scratch);

    /** Its weight gradient: G[i, j] = alpha sum_p Y[rows[i], p] X[columns[j], p], G packed.
     * Since 0.1. */
    trnnsf_status (*block_gradient)(void *self, size_t n_rows, size_t n_columns, size_t n,
                                    float alpha, const uint32_t *rows, const uint32_t *columns,
                                    const float *y, size_t ldy, const float *x, size_t ldx,
                                    float *g, float *scratch);

    /** Sparse rows times a dense panel: Y[i, :] = beta Y[i, :] + sum_e value[e] X[column[e], :], e
     * in row_start[i] … row_start[i+1]-1, for `n_rows` rows and `n` panel columns. Since 0.1. */
    trnnsf_status (*sparse_multiply)(void *self, size_t n_rows, size_t n, const size_t *row_start,
                                     const uint32_t *column, const float *value, const float *x,
                                     size_t ldx, float beta, float *y, size_t ldy);

    /** Sparse gradient: g[e] = alpha sum_p Y[i, p] X[column[e], p]. Since 0.1. */
    trnnsf_status (*sparse_gradient)(void *self, size_t n_rows, size_t n, float alpha,
                                     const size_t *row_start, const uint32_t *column,
                                     const float *y, size_t ldy, const float *x, size_t ldx,
                                     float *g);

    /** Nearest centre of each point by squared Euclidean distance, the lowest index on ties:
     * points[n x dimension], centres[k x dimension] -> assignment[n], distance[n]. Since 0.1. */
    trnnsf_status (*kmeans_assign)(void *self, size_t n, size_t k, size_t dimension,
                                   const double *points, size_t ld_points, const double *centres,
                                   size_t ld_centres, uint32_t *assignment, double *distance);

    /** OUT[i, :] = IN[index[i], :], n columns. Since 0.1. */
    trnnsf_status (*gather_rows)(void *self, size_t n_rows, size_t n, const uint32_t *index,
                                 const float *in, size_t ld_in, float *out, size_t ld_out);

    /** OUT[index[i], :] += IN[i, :], n columns; indices distinct. Since 0.1. */
    trnnsf_status (*scatter_add_rows)(void *self, size_t n_rows, size_t n, const uint32_t *index,
                                      const float *in, size_t ld_in, float *out, size_t ld_out);

    /** OUT[i, j] = IN[i, index[j]]. Since 0.1. */
    trnnsf_status (*gather_columns)(void *self, size_t n_rows, size_t n, const uint32_t *index,
                                    const float *in, size_t ld_in, float *out, size_t ld_out);

    /** Lowers one channel's images for a convolution: OUT[ky kernel_width + kx, (oy - first) out_width
     * + ox, s] = IN[pixel of the cell, s], or 0 off the image, for the cells of the kernel, output
     * rows oy = first … first + n_rows - 1, columns ox and n samples s. IN [height x width x n]; OUT
     * [cells x ld_out], of which n_rows out_width n are written. Since 0.1. */
    trnnsf_status (*window_lower)(void *self, const struct trnnsf_window *window, size_t first,
                                  size_t n_rows, size_t n, const float *in, float *out,
                                  size_t ld_out);

    /** Its adjoint: IN[pixel of the cell, s] += OUT[the same], in ascending order of the cells and,
     * for each, of oy and ox; what lies off the image is left out. Since 0.1. */
    trnnsf_status (*window_raise)(void *self, const struct trnnsf_window *window, size_t first,
                                  size_t n_rows, size_t n, const float *out, size_t ld_out,
                                  float *in);

    /** Slides a kernel over one channel's images: OUT[oy, ox, s] = beta OUT[oy, ox, s] + the sum over cells on
     * the image, in ascending order, of kernel[ky kernel_width + kx] IN[pixel of the cell, s], for n samples s.
     * IN [height x width x n], OUT [out_height x out_width x n]; OUT is not read where beta is 0. Since 0.1. */
    trnnsf_status (*window_multiply)(void *self, const struct trnnsf_window *window, size_t n,
                                     const float *kernel, const float *in, float beta, float *out);

    /** Its adjoint: IN[pixel, s] += the sum over cells on it, in ascending order, of kernel[cell]
     * OUT[oy, ox, s]. Since 0.1. */
    trnnsf_status (*window_multiply_transposed)(void *self, const struct trnnsf_window *window,
                                                size_t n, const float *kernel, const float *out,
                                                float *in);

    /** Its kernel's gradient: g[cell] = beta g[cell] + alpha times the sum over places and samples of
     * OUT[oy, ox, s] IN[pixel of the cell, s]; g is not read where beta is 0. Since 0.1. */
    trnnsf_status (*window_gradient)(void *self, const struct trnnsf_window *window, size_t n,
                                     float alpha, const float *out, const float *in, float beta,
                                     float *g);

    /** As window_lower, but rows of OUT of cells that `wanted` [cells] has 0 for are left as they are.
     * Since 0.1. */
    trnnsf_status (*window_lower_cells)(void *self, const struct trnnsf_window *window,
                                        size_t first, size_t n_rows, size_t n,
                                        const uint8_t *wanted, const float *in, float *out,
                                        size_t ld_out);
};

/** Adds a backend to this context.
 *
 * The table and its name are copied, so both may go afterwards; the functions and `self` must
 * outlive the context. The backend in use stays the one that was: see trnnsf_backend_select().
 *
 * \param context not NULL
 * \param ops not NULL; struct_size is at least that of the members before `gemm` and a whole number
 *     of slots; a longer struct must hold NULL in slots that this library does not know
 * \returns TRNNSF_E_INVALID: a NULL argument, a struct_size that is none, a name that is NULL, has
 *     not 1 … 31 of a-z, 0-9 and '-', or is taken; TRNNSF_E_UNSUPPORTED: another api_version (the
 *     text names both), a flag or a set slot that this library does not know; TRNNSF_E_LIMIT: the
 *     context has 64 backends; TRNNSF_E_NO_MEMORY
 *
 * Threads: that of the context. Cost: constant. Source: chosen here, after cairo and GraphBLAS.
 * Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_backend_register(trnnsf_context *context,
                                                 const struct trnnsf_backend_ops *ops);

/** Makes later calls on this context use the named backend.
 *
 * A context starts with "cblas" where the library is built with it, else with "reference". Objects
 * keep no backend: a network trained with one may go on with another. Results of two backends
 * differ by rounding.
 *
 * \param context not NULL
 * \param name "reference", "cblas" or a registered one; not NULL
 * \returns TRNNSF_E_INVALID: a NULL argument; TRNNSF_E_NOT_FOUND: no such name;
 *     TRNNSF_E_NO_MEMORY. On failure the backend in use stays.
 *
 * Threads: that of the context. Since 0.1. */
TRNNSF_API trnnsf_status trnnsf_backend_select(trnnsf_context *context, const char *name);

/** How many backends this context knows, the built-in ones included; 0 for a NULL context or
 * without memory. Threads: that of the context. Since 0.1. */
TRNNSF_API size_t trnnsf_backend_count(trnnsf_context *context);

/** Name of backend `index`, in the order of registration after the built-in ones; NULL past the end
 * or for a NULL context. Belongs to the context. Threads: that of the context. Since 0.1. */
TRNNSF_API const char *trnnsf_backend_name(trnnsf_context *context, size_t index);

/** Name of the backend in use; NULL for a NULL context or without memory. Belongs to the context.
 * Threads: that of the context. Since 0.1. */
TRNNSF_API const char *trnnsf_backend_selected(trnnsf_context *context);

/** How many kernel calls of this context went to the reference kernel because the selected backend
 * has none or refused them; the first is also logged (message 101). 0 for a NULL context. The count
 * belongs to the cut of work into tasks, which may change from version to version; whether it is 0
 * does not. Threads: that of the context. Since 0.1. */
TRNNSF_API uint64_t trnnsf_backend_fallbacks(trnnsf_context *context);

TRNNSF_END_DECLS

#endif
