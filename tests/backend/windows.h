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
double window_tolerance(const struct shape *shape);

#endif
