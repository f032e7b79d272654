/* The cases of windows. */
#ifndef WINDOWS_H
#define WINDOWS_H

#include "cases.h"

size_t lowered_size(const struct shape *shape);
size_t image_size(const struct shape *shape);
trnnsf_status run_window_lower(const struct trn_backend *backend, const struct shape *shape,
                               const struct inputs *inputs, float *out);
trnnsf_status run_window_raise(const struct trn_backend *backend, const struct shape *shape,
                               const struct inputs *inputs, float *out);
void true_window_lower(const struct shape *shape, const struct inputs *inputs, double *out);
void true_window_raise(const struct shape *shape, const struct inputs *inputs, double *out);
trnnsf_status run_window_lower_cells(const struct trn_backend *backend, const struct shape *shape,
                                     const struct inputs *inputs, float *out);
void true_window_lower_cells(const struct shape *shape, const struct inputs *inputs, double *out);
size_t places_size(const struct shape *shape);
size_t plane_size(const struct shape *shape);
size_t kernel_size(const struct shape *shape);
trnnsf_status run_window_multiply(const struct trn_backend *backend, const struct shape *shape,
                                  const struct inputs *inputs, float *out);
trnnsf_status run_window_transposed(const struct trn_backend *backend, const struct shape *shape,
                                    const struct inputs *inputs, float *out);
trnnsf_status run_window_gradient(const struct trn_backend *backend, const struct shape *shape,
                                  const struct inputs *inputs, float *out);
void true_window_multiply(const struct shape *shape, const struct inputs *inputs, double *out);
void true_window_transposed(const struct shape *shape, const struct inputs *inputs, double *out);
void true_window_gradient(const struct shape *shape, const struct inputs *inputs, double *out);
double gradient_tolerance(const struct shape *shape);
double window_tolerance(const struct shape *shape);

#endif
